//! For `.ci/plistlib_peer`: reads every file of a folder, says on one line of JSON each what it
//! holds or why not, and writes it again in both forms beside it.

use std::error::Error;
use std::path::PathBuf;

use apple_mdm::plist::{Duplicates, Limits, decode, write_binary, write_xml};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("a folder is needed")?);
    let limits = Limits::default().with_duplicates(Duplicates::Last);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    files.sort();
    for file in files {
        let bytes = std::fs::read(&file)?;
        let name = file.file_name().ok_or("a name")?.to_string_lossy().into_owned();
        let line = match decode(&bytes, &limits) {
            Err(error) => serde_json::json!({ "file": name, "error": error.to_string() }),
            Ok(value) => {
                let (mut xml, mut binary) = (Vec::new(), Vec::new());
                let replaced = write_xml(&value, &mut xml);
                write_binary(&value, &mut binary);
                std::fs::write(file.with_file_name(format!("{name}.xml.again")), xml)?;
                std::fs::write(file.with_file_name(format!("{name}.binary.again")), binary)?;
                serde_json::json!({ "file": name, "value": value, "replaced": replaced })
            }
        };
        println!("{line}");
    }
    Ok(())
}
