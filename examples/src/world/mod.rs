//! Everything that is not the vendor's: Microsoft Update, Windows PCs, an iPhone, a Graph endpoint.
//!
//! Each peer is one of the crates' simulators behind real HTTP on loopback. What a peer remembers
//! is kept in the table `peer`, as if it were its own disk: a PC that loses power in the middle of
//! a session sends the same message again afterwards and executes nothing twice.

mod apple;
mod bundle;
mod cloud;
mod windows;

use std::path::Path;

use apple_mdm::simulator::AppleDevice;
use update_csp::Classification;
use update_csp::simulator::Offer;
use wsusss::Limits;
use wsusss::metadata::{Select, Update, UpdateType};
use wsusss::simulator::Upstream;

pub use apple::Phone;
pub use cloud::{Cloud, PeerError};
pub use windows::Pc;

/// The update that devices report and Microsoft Update does not have.
pub const UNKNOWN_UPDATE: u128 = 0x0badcafe_0000_4000_8000_00000000ffff;

/// The documents of a folder: update documents as XML in any encoding, and cabinets. What is
/// neither is passed over.
///
/// # Errors
/// Where the folder cannot be read.
pub fn catalog(folder: &Path) -> std::io::Result<Upstream> {
    let mut names: Vec<_> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    names.sort();
    let mut upstream = Upstream::default();
    for path in names.iter().filter(|path| path.is_file()) {
        let bytes = std::fs::read(path)?;
        if wsusss::cab::looks_like(&bytes) {
            let _ = upstream.add_cabinet(&bytes);
        } else if let Ok(source) = mdm_xml::Source::new(&bytes, &Limits::default().xml) {
            let _ = upstream.add(source.text());
        }
    }
    Ok(upstream)
}

/// The built-in documents.
#[must_use]
pub fn built_in_catalog() -> Upstream {
    let mut upstream = Upstream::default();
    for document in wsusss::simulator::documents().into_iter().chain(bundle::documents()) {
        let _ = upstream.add(document);
    }
    upstream
}

/// What Windows Update offers a PC: every update of the catalogue that is installed by itself and
/// not superseded, and one that the catalogue does not have.
#[must_use]
pub fn offers(upstream: &Upstream, with_drivers: bool) -> Vec<Offer> {
    let documents = upstream.newest();
    let limits = Limits::default();
    let updates: Vec<Update<'_>> = documents
        .iter()
        .filter_map(|text| Update::read(text, Select::SUMMARY, &limits).ok())
        .collect();
    let superseded: Vec<_> = updates.iter().flat_map(|update| update.superseded.clone()).collect();
    let known: Vec<wsusss::UpdateId> = Classification::all()
        .iter()
        .map(|class| wsusss::UpdateId::from_u128(class.id().as_u128()))
        .collect();
    let mut offers: Vec<Offer> = updates
        .iter()
        .filter(|update| update.is_deployable() && !superseded.contains(&update.key.id))
        .filter(|update| with_drivers || update.update_type != UpdateType::Driver)
        .filter_map(|update| {
            let id = update.key.id.to_string().parse().ok()?;
            let class = update.classification(&known).and_then(|id| id.to_string().parse().ok());
            let offer =
                Offer::new(id, update.key.revision, class.unwrap_or(Classification::UPDATES));
            let restart = update.severity() == Some("Critical");
            Some(if restart { offer.with_reboot() } else { offer })
        })
        .collect();
    let unknown = update_csp::UpdateGuid::from_u128(UNKNOWN_UPDATE);
    offers.push(Offer::new(unknown, 7, Classification::UPDATES));
    offers
}

/// The iPhone of the day.
#[must_use]
pub fn iphone() -> AppleDevice {
    AppleDevice::new("00008120-001A2B3C4D5E601E", "18.7.1", "18.7.2", "iOSUpdate22H124")
        .with_busy(1)
}
