//! Property lists, laid out as Apple's writers lay them out.

use std::fmt::Write as _;

use super::Random;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
    \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n<dict>\n";

/// An answer to AvailableOSUpdates with `updates` updates.
#[must_use]
pub fn available_updates(updates: usize) -> Vec<u8> {
    let mut random = Random::new(40);
    let mut text = HEAD.to_owned();
    text.push_str("\t<key>AvailableOSUpdates</key>\n\t<array>\n");
    for number in 0..updates {
        let build = format!("22H{}", 100 + number);
        let version = format!("18.{}.{}", random.below(9), random.below(4));
        let critical = if random.below(5) == 0 { "<true/>" } else { "<false/>" };
        let _ = write!(
            text,
            "\t\t<dict>\n\
             \t\t\t<key>AllowsInstallLater</key>\n\t\t\t<true/>\n\
             \t\t\t<key>AppIdentifiersToClose</key>\n\t\t\t<array>\n\
             \t\t\t\t<string>com.example.{number}</string>\n\t\t\t</array>\n\
             \t\t\t<key>Build</key>\n\t\t\t<string>{build}</string>\n\
             \t\t\t<key>DownloadSize</key>\n\t\t\t<integer>{}</integer>\n\
             \t\t\t<key>HumanReadableName</key>\n\t\t\t<string>macOS Sequoia &amp; {version}</string>\n\
             \t\t\t<key>HumanReadableNameLocale</key>\n\t\t\t<string>en-US</string>\n\
             \t\t\t<key>InstallSize</key>\n\t\t\t<integer>{}</integer>\n\
             \t\t\t<key>IsConfigDataUpdate</key>\n\t\t\t<false/>\n\
             \t\t\t<key>IsCritical</key>\n\t\t\t{critical}\n\
             \t\t\t<key>IsFirmwareUpdate</key>\n\t\t\t<false/>\n\
             \t\t\t<key>MetadataURL</key>\n\t\t\t<string>https://swdist.example/content/downloads/{number}/{build}.smd</string>\n\
             \t\t\t<key>ProductKey</key>\n\t\t\t<string>_MACOS_{version}_{build}</string>\n\
             \t\t\t<key>RestartRequired</key>\n\t\t\t<true/>\n\
             \t\t\t<key>Version</key>\n\t\t\t<string>{version}</string>\n\
             \t\t</dict>\n",
            100_000_000 + random.below(3_900_000_000),
            100_000_000 + random.below(8_900_000_000),
        );
    }
    text.push_str(
        "\t</array>\n\
         \t<key>CommandUUID</key>\n\t<string>0001_AvailableOSUpdates</string>\n\
         \t<key>Status</key>\n\t<string>Acknowledged</string>\n\
         \t<key>UDID</key>\n\t<string>00008020-000915083C80012E</string>\n\
         </dict>\n</plist>\n",
    );
    text.into_bytes()
}

/// The same list in the binary form, as another writer writes it.
///
/// # Panics
/// If the bytes are no property list.
#[must_use]
pub fn to_binary(xml: &[u8]) -> Vec<u8> {
    let value = plist::Value::from_reader_xml(xml).expect("a property list");
    let mut out = Vec::new();
    value.to_writer_binary(&mut out).expect("a Vec takes it");
    out
}

/// A ScheduleOSUpdate of one update.
#[must_use]
pub fn schedule() -> Vec<u8> {
    let mut text = HEAD.to_owned();
    text.push_str(
        "\t<key>Command</key>\n\t<dict>\n\
         \t\t<key>RequestType</key>\n\t\t<string>ScheduleOSUpdate</string>\n\
         \t\t<key>Updates</key>\n\t\t<array>\n\t\t\t<dict>\n\
         \t\t\t\t<key>InstallAction</key>\n\t\t\t\t<string>InstallASAP</string>\n\
         \t\t\t\t<key>ProductKey</key>\n\t\t\t\t<string>iOSUpdate22H124</string>\n\
         \t\t\t\t<key>ProductVersion</key>\n\t\t\t\t<string>18.7.2</string>\n\
         \t\t\t</dict>\n\t\t</array>\n\t</dict>\n\
         \t<key>CommandUUID</key>\n\t<string>0001_ScheduleOSUpdate</string>\n\
         </dict>\n</plist>\n",
    );
    text.into_bytes()
}
