//! Microsoft Graph: a page of drivers.

use std::borrow::Cow;
use std::hint::black_box;

use graph_wufb::models::{ApplicableContent, Member};
use graph_wufb::requests::Headers;
use graph_wufb::views::{self, ApplicableContentView, CatalogEntryView, TimeView};
use graph_wufb::{Response, json};

use super::Scale;
use crate::claims::Claim;
use crate::inputs;
use crate::measure::Group;
use crate::report::Report;

/// Measures it.
pub fn measure(scale: &Scale, report: &mut Report) {
    let drivers = if scale.quick { 10 } else { 200 };
    let bytes = inputs::driver_page(drivers);
    let group = Group::new("Graph page", bytes.len())
        .with("serde_json, owned", || serde_model::owned(black_box(&bytes)))
        .with("serde_json, borrowed", || serde_model::borrowed(black_box(&bytes)))
        .with("serde_json, IgnoredAny", || {
            serde_json::from_slice::<serde::de::IgnoredAny>(black_box(&bytes)).is_ok().into()
        })
        .with("serde_json, Value", || {
            serde_json::from_slice::<serde_json::Value>(black_box(&bytes)).is_ok().into()
        })
        .with("ours, scan", || views::read(black_box(&bytes), &json::Limits::new()).is_ok().into())
        .with("ours, views", || typed(&bytes))
        .with("ours, Value", || {
            json::read(black_box(&bytes), &json::Options::strict()).is_ok().into()
        })
        .with("ours, models", || models(&bytes));
    let table = report.table(group.measure(scale.rounds)).clone();
    let to = |rival: &str| table.ratio("ours, views", rival);
    let allocations = table.row("ours, views").memory.allocations as f64;
    let claims = [
        Claim::at_least("Graph page, views vs serde_json owned", to("serde_json, owned"), 1.5, 1.9),
        Claim::at_least("Graph page, views vs IgnoredAny", to("serde_json, IgnoredAny"), 0.3, 0.36),
        Claim::counted(
            "Graph page, views: allocations of an entry",
            allocations / drivers as f64,
            6.0,
            5.0,
        ),
    ];
    claims.into_iter().for_each(|claim| report.claim(claim));
    growth(scale, report);
}

/// Time for each byte, from 10 drivers to 10,000.
fn growth(scale: &Scale, report: &mut Report) {
    let most = if scale.quick { 100 } else { 10_000 };
    let (few, many) = (inputs::driver_page(10), inputs::driver_page(most));
    let group = Group::new(format!("Graph pages of 10 and {most} drivers"), many.len())
        .with("10", || typed(&few))
        .with("many", || typed(&many));
    let table = report.table(group.measure(scale.rounds.min(7))).clone();
    let per_byte = |name: &str, bytes: usize| table.row(name).seconds / bytes as f64;
    report.claim(Claim::at_most(
        format!("Graph page: cost of a byte with {most} drivers vs 10"),
        per_byte("many", many.len()) / per_byte("10", few.len()),
        2.0,
        1.5,
    ));
}

/// A page as models that own what they hold.
#[must_use]
pub fn models(bytes: &[u8]) -> usize {
    let answer = Response::parse(200, &Headers::new(), black_box(bytes)).expect("a page");
    answer.page::<ApplicableContent>().expect("a page").items.len()
}

/// Every member of every update of a page, as a program would read it.
#[must_use]
pub fn typed(bytes: &[u8]) -> usize {
    let page = views::page(black_box(bytes), &json::Limits::new()).expect("a page");
    page.items::<ApplicableContentView<'_>>().map(|content| members(&content)).sum()
}

fn members(content: &ApplicableContentView<'_>) -> usize {
    let id = content.catalog_entry_id().get().map_or(0, |id| id.as_str().len());
    let devices = content.matched_devices().get().map_or(0, |devices| {
        let each = devices.iter().map(|device| {
            let id = device.device_id().get().map_or(0, |id| id.as_str().len());
            let by = device.recommended_by();
            id + by.get().map_or(0, |by| by.iter().map(|by| by.len()).sum())
        });
        each.sum()
    });
    let entry = match content.catalog_entry().get() {
        Some(CatalogEntryView::Driver(driver)) => {
            let text = |member: Member<Cow<'_, str>>| member.get().map_or(0, |text| text.len());
            let time = |member: Member<TimeView<'_>>| {
                member.get().map_or(usize::from(member.is_null()), |time| time.as_str().len())
            };
            driver.id().get().map_or(0, |id| id.as_str().len())
                + text(driver.display_name())
                + time(driver.deployable_until_date_time())
                + time(driver.release_date_time())
                + text(driver.description())
                + text(driver.driver_class())
                + text(driver.provider())
                + text(driver.setup_information_file())
                + text(driver.manufacturer())
                + text(driver.version())
                + time(driver.version_date_time())
        }
        _ => 0,
    };
    id + devices + entry
}

/// As somebody would write it with serde.
pub mod serde_model {
    use std::borrow::Cow;

    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Page<T> {
        value: Vec<T>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "read to be measured")]
    struct Content {
        catalog_entry_id: Option<String>,
        catalog_entry: Entry,
        matched_devices: Vec<Device>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "read to be measured")]
    struct Entry {
        #[serde(rename = "@odata.type")]
        kind: String,
        id: String,
        display_name: Option<String>,
        deployable_until_date_time: Option<String>,
        release_date_time: Option<String>,
        description: Option<String>,
        driver_class: Option<String>,
        provider: Option<String>,
        setup_information_file: Option<String>,
        manufacturer: Option<String>,
        version: Option<String>,
        version_date_time: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "read to be measured")]
    struct Device {
        device_id: String,
        recommended_by: Vec<String>,
    }

    /// Reads a page into owned structs.
    #[must_use]
    pub fn owned(bytes: &[u8]) -> usize {
        serde_json::from_slice::<Page<Content>>(bytes).expect("a page").value.len()
    }

    /// A text that borrows wherever it is nested: serde's own `Cow` does not in a `Vec` or `Option`.
    #[derive(Deserialize)]
    struct Text<'x>(
        #[serde(borrow)]
        #[allow(dead_code, reason = "read to be measured")]
        Cow<'x, str>,
    );

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "read to be measured")]
    struct BorrowedContent<'x> {
        #[serde(borrow)]
        catalog_entry_id: Option<Text<'x>>,
        catalog_entry: BorrowedEntry<'x>,
        matched_devices: Vec<BorrowedDevice<'x>>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "read to be measured")]
    struct BorrowedEntry<'x> {
        #[serde(rename = "@odata.type", borrow)]
        kind: Text<'x>,
        id: Text<'x>,
        display_name: Option<Text<'x>>,
        deployable_until_date_time: Option<Text<'x>>,
        release_date_time: Option<Text<'x>>,
        description: Option<Text<'x>>,
        driver_class: Option<Text<'x>>,
        provider: Option<Text<'x>>,
        setup_information_file: Option<Text<'x>>,
        manufacturer: Option<Text<'x>>,
        version: Option<Text<'x>>,
        version_date_time: Option<Text<'x>>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "read to be measured")]
    struct BorrowedDevice<'x> {
        #[serde(borrow)]
        device_id: Text<'x>,
        recommended_by: Vec<Text<'x>>,
    }

    /// Reads a page into borrowed structs.
    #[must_use]
    pub fn borrowed(bytes: &[u8]) -> usize {
        let text = std::str::from_utf8(bytes).expect("UTF-8");
        serde_json::from_str::<Page<BorrowedContent<'_>>>(text).expect("a page").value.len()
    }
}
