//! `update-day`: a virtual day of an MDM vendor, on loopback.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use mdm_examples::day::{Day, DayError, Options};

const USAGE: &str = "\
usage: update-day [--devices N] [--serve] [--port N] [--db FILE] [--pace MS] [--dump DIR] [--catalog DIR]

Runs a virtual day: an MDM server with a database, Microsoft Update, Windows PCs, an iPhone and a
Graph endpoint, over HTTP on 127.0.0.1. Exit code 0 only if the day ended as it must.

  --devices N    how many PCs (default 3)
  --serve        keep the server up afterwards, with a status page at its root
  --port N       the server's port (default any free one; 8080 with --serve)
  --db FILE      the database (default in memory; update-day.sqlite with --serve); a day that was
                 cut off goes on where it was
  --pace MS      how long ten virtual minutes take (default 0)
  --dump DIR     write every message to a file there
  --catalog DIR  serve the update documents found there instead of the built-in ones
";

struct Arguments {
    options: Options,
    serve: bool,
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text:?} is no number"))
}

fn arguments() -> Result<Option<Arguments>, String> {
    let mut options = Options { devices: 3, ..Options::default() };
    let (mut serve, mut port) = (false, None);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--devices" => options.devices = number(&value()?)?,
            "--port" => port = Some(number(&value()?)?),
            "--pace" => options.pace = Duration::from_millis(number(&value()?)?),
            "--db" => options.database = Some(PathBuf::from(value()?)),
            "--dump" => options.dump = Some(PathBuf::from(value()?)),
            "--catalog" => options.catalog = Some(PathBuf::from(value()?)),
            "--serve" => serve = true,
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("unknown argument {other}")),
        }
    }
    if serve {
        options.database.get_or_insert_with(|| PathBuf::from("update-day.sqlite"));
    }
    options.port = port.unwrap_or(if serve { 8080 } else { 0 });
    Ok(Some(Arguments { options, serve }))
}

async fn run(arguments: &Arguments) -> Result<bool, DayError> {
    let day = Day::new(&arguments.options).await?;
    let good = day.run().await?;
    if arguments.serve {
        println!("the server stays up: {} (Ctrl-C ends it)", day.address());
        tokio::signal::ctrl_c().await?;
    }
    Ok(good)
}

fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprint!("update-day: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(run(&arguments)),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("update-day: {error}");
            ExitCode::FAILURE
        }
    }
}
