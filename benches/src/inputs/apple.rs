//! Answers of Apple devices.

/// An answer to AvailableOSUpdates with `updates` updates.
#[must_use]
pub fn available_updates(updates: usize) -> Vec<u8> {
    use apple_mdm::plist::{Dictionary, Value, write_xml};
    let items = (0..updates).map(|number| {
        Dictionary::new()
            .with("AllowsInstallLater", true)
            .with("Build", format!("22H{number}"))
            .with("DownloadSize", 225_236_247)
            .with("HumanReadableName", format!("iOS 18.7.{number}"))
            .with("InstallSize", 537_000_000)
            .with("IsCritical", false)
            .with("ProductKey", format!("iOSUpdate22H{number}"))
            .with("RestartRequired", true)
            .with("Version", format!("18.7.{number}"))
            .into()
    });
    let report = Dictionary::new()
        .with("AvailableOSUpdates", Value::Array(items.collect()))
        .with("CommandUUID", "0001_AvailableOSUpdates")
        .with("Status", "Acknowledged")
        .with("UDID", "00008020-000915083C80012E");
    let mut out = Vec::new();
    write_xml(&report.into(), &mut out);
    out
}
