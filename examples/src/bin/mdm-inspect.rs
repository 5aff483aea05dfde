//! `mdm-inspect`: what is this file, what does it say, what is odd about it?

use std::io::{Read, Write};
use std::process::ExitCode;

use mdm_examples::inspect::{View, inspect};

const USAGE: &str = "\
usage: mdm-inspect [--json] [FILE…]

Recognises SyncML and WBXML, whole or cut; SOAP and update metadata of WSUS, in cabinets as well; DDF;
what Apple's devices and servers say in property lists and JSON; and what Graph and Intune answer. It
prints a readable view with every oddity at its line and column, without secrets. Without a file it
reads the standard input. With --json it prints a JSON object a line. Exit code 1 when something
cannot be read as it stands.
";

fn print(view: &View, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{}: {}", view.file, view.kind)?;
    for line in &view.lines {
        writeln!(out, "    {line}")?;
    }
    for found in &view.diagnostics {
        write!(out, "{}:{}:{}: {} ", view.file, found.line, found.column, found.severity)?;
        write!(out, "{}: {}", found.code, found.message)?;
        if !found.path.is_empty() {
            write!(out, " (in {})", found.path)?;
        }
        writeln!(out)?;
    }
    if let Some(error) = &view.error {
        writeln!(out, "{}: cannot be read: {error}", view.file)?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let mut json = false;
    let mut files = Vec::new();
    for word in std::env::args().skip(1) {
        match word.as_str() {
            "--json" => json = true,
            "--help" | "-h" => {
                print!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            other if other.starts_with("--") => {
                eprint!("mdm-inspect: unknown argument {other}\n\n{USAGE}");
                return ExitCode::from(2);
            }
            file => files.push(file.to_owned()),
        }
    }
    if files.is_empty() {
        files.push("-".to_owned());
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut failed = false;
    for file in &files {
        let read = if file == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            std::fs::read(file)
        };
        let view = match read {
            Ok(bytes) => inspect(file, &bytes),
            Err(error) => View::unreadable(file, &error),
        };
        failed |= view.error.is_some();
        let printed = if json {
            let line = serde_json::to_string(&view).unwrap_or_default();
            writeln!(out, "{line}")
        } else {
            print(&view, &mut out)
        };
        // Nobody reads any more.
        if printed.is_err() {
            break;
        }
    }
    let _ = out.flush();
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
