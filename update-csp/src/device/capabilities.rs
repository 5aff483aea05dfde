//! Which CSPs a device has, and in which version (DeviceManageability CSP).

use std::collections::BTreeMap;

use mdm_xml::{NsId, Options, Reader, Source, Tolerance};
use syncml::{Command, LocUri};

/// Why capabilities were not read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CapabilitiesError {
    /// Not a readable XML document.
    #[error(transparent)]
    Xml(#[from] mdm_xml::Error),
    /// A document of another kind.
    #[error("<{0}> is no DeviceManageability")]
    Root(Box<str>),
}

/// The versions of a device's CSPs, as `./Vendor/MSFT/DeviceManageability/Capabilities/CSPVersions`
/// returns them.
///
/// ```
/// use update_csp::device::CspVersions;
///
/// let text = r#"<DeviceManageability><Capabilities><CSPVersions>
///     <CSP Node="./Vendor/MSFT/Update" Version="1.1"/></CSPVersions></Capabilities>
///     </DeviceManageability>"#;
/// let versions = CspVersions::read(text.as_bytes())?;
/// assert_eq!(versions.version(&"./Device/Vendor/MSFT/Update".parse()?), Some("1.1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct CspVersions(BTreeMap<String, String>);

impl CspVersions {
    /// The Get.
    #[must_use]
    pub fn command() -> Command<'static> {
        Command::get("./Vendor/MSFT/DeviceManageability/Capabilities/CSPVersions")
    }

    /// What [`Self::read`] takes at most: 1 MiB, 10,000 elements. Windows 11 lists some 150 CSPs in
    /// 10 KiB.
    pub const LIMITS: mdm_xml::Limits =
        mdm_xml::Limits::DEFAULT.with_bytes(1 << 20).with_elements(10_000);

    /// Reads the value of the node: an XML document, which devices put into Data as text.
    ///
    /// # Errors
    /// Every [`CapabilitiesError`], that of [`Self::LIMITS`] included.
    pub fn read(bytes: &[u8]) -> Result<Self, CapabilitiesError> {
        Self::read_within(bytes, &Self::LIMITS)
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// Every [`CapabilitiesError`].
    pub fn read_within(bytes: &[u8], limits: &mdm_xml::Limits) -> Result<Self, CapabilitiesError> {
        let source = Source::new(bytes, limits)?;
        let options =
            Options::new(&[]).with_limits(*limits).with_undeclared_prefixes(Tolerance::Keep);
        let mut reader = Reader::new(source.text(), &options)?;
        let root = reader.root()?;
        if root.local() != "DeviceManageability" {
            return Err(CapabilitiesError::Root(root.name().chars().take(64).collect()));
        }
        let mut versions = BTreeMap::new();
        let mut depth = 1usize;
        while depth > 0 {
            match reader.child()? {
                None => depth -= 1,
                Some(element) => {
                    depth += 1;
                    if element.local() == "CSP" {
                        let of = |name| reader.attribute(&element, NsId::NONE, name);
                        if let (Some(node), Some(version)) = (of("Node"), of("Version")) {
                            versions.insert(node.into_owned(), version.into_owned());
                        }
                    }
                }
            }
        }
        reader.finish()?;
        Ok(Self(versions))
    }

    /// The version of the CSP whose root is at an address.
    #[must_use]
    pub fn version(&self, root: &LocUri) -> Option<&str> {
        self.0.iter().find_map(|(node, version)| {
            let node: LocUri = node.parse().ok()?;
            node.is_same(root).then_some(version.as_str())
        })
    }

    /// Every CSP and its version.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(node, version)| (node.as_str(), version.as_str()))
    }

    /// How many CSPs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(csps: usize) -> String {
        let csp = r#"<CSP Node="./Vendor/MSFT/Update" Version="1.1"></CSP>"#;
        format!(
            "<DeviceManageability><Capabilities><CSPVersions>{}</CSPVersions></Capabilities>\
             </DeviceManageability>",
            csp.repeat(csps)
        )
    }

    #[test]
    fn limits_take_n_and_refuse_one_more() {
        let three = mdm_xml::Limits::DEFAULT.with_elements(3 + 2);
        assert!(CspVersions::read_within(list(2).as_bytes(), &three).is_ok());
        assert!(CspVersions::read_within(list(3).as_bytes(), &three).is_err());
        let text = list(1);
        let bytes = mdm_xml::Limits::DEFAULT.with_bytes(text.len());
        assert_eq!(CspVersions::read_within(text.as_bytes(), &bytes).unwrap().len(), 1);
        assert!(CspVersions::read_within(format!("{text} ").as_bytes(), &bytes).is_err());
    }

    #[test]
    fn other_documents_are_refused() {
        assert_eq!(CspVersions::read(b"<SyncML/>"), Err(CapabilitiesError::Root("SyncML".into())));
        assert!(matches!(CspVersions::read(b"<a>"), Err(CapabilitiesError::Root(_))));
        assert!(matches!(
            CspVersions::read(b"<DeviceManageability>"),
            Err(CapabilitiesError::Xml(_))
        ));
        assert!(CspVersions::read(b"<DeviceManageability/>").unwrap().is_empty());
    }
}
