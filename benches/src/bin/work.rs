//! Does a piece of work so many times: `work NAME TIMES`, for valgrind to count; `work list` names
//! them all. `work growth NAME SIZE` works through a shape of that size; `work growth` names those.

use std::process::ExitCode;

use mdm_benches::growth;
use mdm_benches::workloads::ALL;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (name, times) = match arguments.as_slice() {
        [list] if list == "list" => {
            ALL.iter().for_each(|work| println!("{}", work.0));
            return ExitCode::SUCCESS;
        }
        [word] if word == "growth" => {
            growth::ALL.iter().for_each(|shape| println!("{}", shape.0));
            return ExitCode::SUCCESS;
        }
        [word, name, size] if word == "growth" => {
            let shape = growth::ALL.iter().find(|shape| shape.0 == name.as_str());
            let (Some((_, work)), Ok(size)) = (shape, size.parse()) else {
                eprintln!("error: work growth NAME SIZE");
                return ExitCode::from(2);
            };
            assert_ne!(work(size), 0, "{name} failed");
            return ExitCode::SUCCESS;
        }
        [name, times] => (name, times.parse().ok()),
        _ => (&String::new(), None),
    };
    let work = ALL.iter().find(|work| work.0 == name.as_str());
    let (Some((_, work)), Some(times)) = (work, times) else {
        eprintln!("error: work NAME TIMES, or work list");
        return ExitCode::from(2);
    };
    assert!(times == 0 || work(times) != 0, "{name} failed");
    ExitCode::SUCCESS
}
