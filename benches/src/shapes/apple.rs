//! Apple's property lists: answers read, commands written.

use std::hint::black_box;

use apple_mdm::messages::{
    AvailableOsUpdatesItem, Command, CommandUuid, InstallAction, Report as DeviceReport, Request,
    ScheduleOsUpdate, ScheduledUpdate,
};
use apple_mdm::plist::{self as ours, Format};

use super::{Scale, rivals};
use crate::claims::Claim;
use crate::inputs;
use crate::measure::Group;
use crate::report::Report;

/// Measures it.
pub fn measure(scale: &Scale, report: &mut Report) {
    let updates = if scale.quick { 10 } else { 40 };
    let xml = inputs::available_updates(updates);
    let binary = inputs::to_binary(&xml);
    decode_xml(scale, report, &xml);
    decode_binary(scale, report, &binary);
    schedule(scale, report);
    growth(scale, report);
}

/// Every member of every update, as a program would read it.
#[must_use]
pub fn typed(bytes: &[u8]) -> usize {
    let limits = ours::Limits::default();
    let report = DeviceReport::decode(black_box(bytes), &limits).expect("an answer");
    let updates = report.available_updates().expect("updates");
    updates.iter().map(members).sum()
}

fn members(update: &AvailableOsUpdatesItem<'_>) -> usize {
    let text = |text: Option<&str>| text.map_or(0, str::len);
    let size = |size: Option<i64>| size.map_or(0, |size| usize::try_from(size % 7).unwrap_or(0));
    let truth = |truth: Option<bool>| usize::from(truth == Some(true));
    text(update.product_key())
        + text(update.human_readable_name())
        + text(update.human_readable_name_locale())
        + text(update.metadata_url())
        + text(update.product_name())
        + text(update.version())
        + text(update.build())
        + size(update.download_size())
        + size(update.install_size())
        + update.app_identifiers_to_close().map_or(0, |apps| apps.len())
        + truth(update.is_critical())
        + truth(update.is_config_data_update())
        + truth(update.is_firmware_update())
        + truth(update.is_major_os_update())
        + truth(update.restart_required())
        + truth(update.allows_install_later())
        + usize::from(update.deferred_until().is_some())
        + truth(update.requires_bootstrap_token())
        + truth(update.is_security_response())
        + text(update.supplemental_build_version())
        + text(update.supplemental_os_version_extra())
}

fn decode_xml(scale: &Scale, report: &mut Report, bytes: &[u8]) {
    let limits = ours::Limits::default();
    let options = mdm_xml::Options::default();
    let group = Group::new("AvailableOSUpdates, XML", bytes.len())
        .with("plist, typed", || serde_model::xml(black_box(bytes)))
        .with("plist::Value", || {
            plist::Value::from_reader_xml(black_box(bytes))
                .expect("a list")
                .as_dictionary()
                .map_or(0, plist::Dictionary::len)
        })
        .with("quick-xml raw", || rivals::quick_xml_raw(black_box(bytes)))
        .with("memchr", || rivals::scan(black_box(bytes)))
        .with("mdm-xml", || rivals::mdm_xml(black_box(bytes), &options))
        .with("ours, Value", || {
            ours::decode(black_box(bytes), &limits)
                .expect("a list")
                .as_dictionary()
                .map_or(0, ours::Dictionary::len)
        })
        .with("ours, typed", || typed(bytes));
    let table = report.table(group.measure(scale.rounds)).clone();
    let ratio = table.ratio("ours, typed", "plist, typed");
    report.claim(Claim::at_least("plist XML, typed decode vs plist", ratio, 2.0, 6.0));
}

fn decode_binary(scale: &Scale, report: &mut Report, bytes: &[u8]) {
    let limits = ours::Limits::default();
    let group = Group::new("AvailableOSUpdates, binary", bytes.len())
        .with("plist, typed", || serde_model::binary(black_box(bytes)))
        .with("plist::Value", || {
            let reader = std::io::Cursor::new(black_box(bytes));
            plist::Value::from_reader(reader)
                .expect("a list")
                .as_dictionary()
                .map_or(0, plist::Dictionary::len)
        })
        .with("ours, Value", || {
            ours::decode(black_box(bytes), &limits)
                .expect("a list")
                .as_dictionary()
                .map_or(0, ours::Dictionary::len)
        })
        .with("ours, typed", || typed(bytes));
    let table = report.table(group.measure(scale.rounds)).clone();
    let ratio = table.ratio("ours, typed", "plist, typed");
    report.claim(Claim::at_least("plist binary, typed decode vs plist", ratio, 3.2, 4.0));
}

/// The command that [`inputs::schedule`] is.
#[must_use]
pub fn schedule_request() -> Request {
    let update = ScheduledUpdate::by_key("iOSUpdate22H124", InstallAction::InstallAsap)
        .and_then(|update| update.with_product_version("18.7.2"))
        .expect("an update");
    let command = Command::ScheduleOsUpdate(ScheduleOsUpdate::new(vec![update]));
    Request::new(CommandUuid::new("0001_ScheduleOSUpdate"), command)
}

fn schedule(scale: &Scale, report: &mut Report) {
    let limits = ours::Limits::default();
    let bytes = inputs::schedule();
    let request = schedule_request();
    assert_eq!(Request::decode(&bytes, &limits).expect("a command"), request);
    let group = Group::new("ScheduleOSUpdate read, XML", bytes.len())
        .with("plist, typed", || serde_model::schedule_xml(black_box(&bytes)))
        .with("ours, typed", || {
            let request = Request::decode(black_box(&bytes), &limits).expect("a command");
            request.command_uuid.as_str().len()
        });
    let _ = report.table(group.measure(scale.rounds));
    let theirs = serde_model::schedule();
    let (mut out, mut other) = (Vec::new(), Vec::new());
    let group = Group::new("ScheduleOSUpdate write, XML", bytes.len())
        .with("plist, typed", || {
            other.clear();
            plist::to_writer_xml(&mut other, black_box(&theirs)).expect("it can be written");
            other.len()
        })
        .with("ours", || {
            out.clear();
            black_box(&request).encode(&mut out).expect("it can be written");
            out.len()
        });
    let table = report.table(group.measure(scale.rounds)).clone();
    let ratio = table.ratio("ours", "plist, typed");
    report.claim(Claim::at_least("ScheduleOSUpdate write vs plist", ratio, 5.0, 10.0));
    let allocations = table.row("ours").memory.allocations as f64;
    report.claim(Claim::counted("ScheduleOSUpdate write, allocations", allocations, 0.0, 0.0));
    let group = Group::new("ScheduleOSUpdate write, binary", bytes.len())
        .with("plist, typed", || {
            other.clear();
            plist::to_writer_binary(&mut other, black_box(&theirs)).expect("it can be written");
            other.len()
        })
        .with("ours", || {
            out.clear();
            request.encode_as(Format::Binary, &mut out).expect("it can be written");
            out.len()
        });
    let _ = report.table(group.measure(scale.rounds));
}

/// Time for each byte, from 10 updates to 10,000.
fn growth(scale: &Scale, report: &mut Report) {
    let most = if scale.quick { 100 } else { 10_000 };
    for (name, form) in [("XML", Format::Xml), ("binary", Format::Binary)] {
        let [few, many] = [10, most].map(|updates| {
            let xml = inputs::available_updates(updates);
            if form == Format::Xml { xml } else { inputs::to_binary(&xml) }
        });
        let group =
            Group::new(format!("AvailableOSUpdates of 10 and {most} updates, {name}"), many.len())
                .with("10", || typed(&few))
                .with("many", || typed(&many));
        let table = report.table(group.measure(scale.rounds.min(7))).clone();
        let per_byte = |name: &str, bytes: usize| table.row(name).seconds / bytes as f64;
        report.claim(Claim::at_most(
            format!("plist {name}: cost of a byte with {most} updates vs 10"),
            per_byte("many", many.len()) / per_byte("10", few.len()),
            2.0,
            1.5,
        ));
    }
}

/// As somebody would write it with serde.
pub mod serde_model {
    use serde::{Deserialize, Serialize};

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        #[serde(rename = "AvailableOSUpdates")]
        updates: Vec<Update>,
        #[serde(rename = "CommandUUID")]
        command: String,
        status: String,
        #[serde(rename = "UDID")]
        udid: String,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    #[allow(dead_code, reason = "read to be measured")]
    struct Update {
        product_key: String,
        human_readable_name: Option<String>,
        human_readable_name_locale: Option<String>,
        #[serde(rename = "MetadataURL")]
        metadata_url: Option<String>,
        product_name: Option<String>,
        version: Option<String>,
        build: Option<String>,
        download_size: Option<i64>,
        install_size: Option<i64>,
        app_identifiers_to_close: Option<Vec<String>>,
        is_critical: Option<bool>,
        is_config_data_update: Option<bool>,
        is_firmware_update: Option<bool>,
        #[serde(rename = "IsMajorOSUpdate")]
        is_major_os_update: Option<bool>,
        restart_required: Option<bool>,
        allows_install_later: Option<bool>,
        deferred_until: Option<plist::Date>,
        requires_bootstrap_token: Option<bool>,
        is_security_response: Option<bool>,
        supplemental_build_version: Option<String>,
        #[serde(rename = "SupplementalOSVersionExtra")]
        supplemental_os_version_extra: Option<String>,
    }

    fn size(answer: &Answer) -> usize {
        answer.command.len() + answer.status.len() + answer.udid.len() + answer.updates.len()
    }

    /// Reads an answer.
    #[must_use]
    pub fn xml(bytes: &[u8]) -> usize {
        size(&plist::from_reader_xml(bytes).expect("an answer"))
    }

    /// Reads an answer.
    #[must_use]
    pub fn binary(bytes: &[u8]) -> usize {
        size(&plist::from_bytes(bytes).expect("an answer"))
    }

    /// A command.
    #[derive(Deserialize, Serialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct Envelope {
        command: Schedule,
        #[serde(rename = "CommandUUID")]
        command_uuid: String,
    }

    #[derive(Deserialize, Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Schedule {
        request_type: String,
        updates: Vec<Scheduled>,
    }

    #[derive(Deserialize, Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Scheduled {
        install_action: String,
        product_key: String,
        product_version: String,
    }

    /// The command that the other side writes.
    #[must_use]
    pub fn schedule() -> Envelope {
        Envelope {
            command: Schedule {
                request_type: "ScheduleOSUpdate".to_owned(),
                updates: vec![Scheduled {
                    install_action: "InstallASAP".to_owned(),
                    product_key: "iOSUpdate22H124".to_owned(),
                    product_version: "18.7.2".to_owned(),
                }],
            },
            command_uuid: "0001_ScheduleOSUpdate".to_owned(),
        }
    }

    /// Reads a command.
    #[must_use]
    pub fn schedule_xml(bytes: &[u8]) -> usize {
        let envelope: Envelope = plist::from_reader_xml(bytes).expect("a command");
        envelope.command_uuid.len() + envelope.command.updates.len()
    }
}
