//! The README's program updates a simulated iPhone over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration as Wait;

use apple_mdm::simulator::AppleDevice;
use chrono::{DateTime, Duration, Utc};
use mdm_examples::http::{Answer, Http};

const UDID: &str = "00008120-001A2B3C4D5E601E";

struct Program {
    child: Child,
    lines: mpsc::Receiver<String>,
    url: String,
    http: Http,
}

impl Program {
    fn start(udid: &str, from: &str, to: &str, deadline: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_apple-update"))
            .args([udid, from, to, deadline])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let url = lines.recv_timeout(Wait::from_secs(60)).unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        Self { child, lines, url, http: Http::new(None).unwrap() }
    }

    async fn send(&self, message: Vec<u8>) -> Answer {
        self.http.send("iphone", "PUT", &self.url, &[], message).await.unwrap()
    }

    fn said(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lets the phone live until it has nothing from the server any more; its clock is its own.
async fn live(program: &Program, phone: &mut AppleDevice, deadline: DateTime<Utc>) {
    let mut now = deadline - Duration::days(2);
    while now < deadline + Duration::days(1) {
        now += Duration::minutes(20);
        if !phone.is_reachable(now) {
            continue;
        }
        let mut said = Some(phone.check_in());
        while let Some(message) = said.take() {
            let answer = program.send(message).await;
            assert_eq!(answer.status, 200);
            if !answer.body.is_empty() {
                said = phone.handle_command(&answer.body, now).unwrap();
            }
        }
        while let Some(message) = phone.poll_check_in(now) {
            let answer = program.send(message).await;
            phone.handle_check_in(now, answer.status, &answer.body);
        }
    }
}

#[tokio::test]
async fn the_program_of_the_readme_updates_an_iphone() {
    let deadline = "2030-01-20T18:00:00";
    let program = Program::start(UDID, "26.0", "26.1", deadline);
    let mut phone = AppleDevice::new(UDID, "26.0", "26.1", "iOSUpdate");
    live(&program, &mut phone, format!("{deadline}Z").parse().unwrap()).await;
    assert_eq!(phone.version(), "26.1");
    assert!(phone.refused().is_empty());
    assert_eq!(phone.declaration_count(), 0, "the declaration was taken back");
    let said = program.said();
    for wanted in ["Chosen(Declarations)", "Declared", "State(Installing)", "Over(Updated"] {
        assert!(said.iter().any(|line| line.starts_with(wanted)), "{wanted}: {said:?}");
    }
    // Nonsense is refused, and the program goes on.
    assert_eq!(program.send(b"nonsense".to_vec()).await.status, 400);
    assert_eq!(program.send(phone.check_in()).await.status, 200);
}

fn plist(keys: &[(&str, &str)]) -> Vec<u8> {
    let keys: Vec<String> = keys
        .iter()
        .map(|(key, value)| format!("<key>{key}</key><string>{value}</string>"))
        .collect();
    format!("<plist><dict>{}</dict></plist>", keys.concat()).into_bytes()
}

fn content_type(answer: &Answer) -> Option<&str> {
    let found = answer.headers.iter().find(|(name, _)| name == "content-type");
    found.map(|(_, value)| value.as_str())
}

/// A device enrols and talks about more than updates, and it is not alone.
#[tokio::test]
async fn the_program_answers_what_real_devices_send_besides() {
    let program = Program::start(UDID, "26.0", "26.1", "2030-01-20T18:00:00");
    for message in ["Authenticate", "TokenUpdate", "SetBootstrapToken", "CheckOut", "New"] {
        let message = plist(&[("MessageType", message), ("UDID", UDID), ("Topic", "t")]);
        let answer = program.send(message).await;
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b""[..]));
    }
    // Another device, and a user's channel: the plan is not theirs.
    let other = plist(&[("Status", "Idle"), ("UDID", "00008120-000000000000001E")]);
    let user = plist(&[("Status", "Idle"), ("UDID", UDID), ("UserID", "ann")]);
    let tokens = [("MessageType", "DeclarativeManagement"), ("Endpoint", "tokens")];
    let asks = plist(&[&tokens[..], &[("UDID", "00008120-000000000000001E")]].concat());
    for message in [other, user, asks] {
        let answer = program.send(message).await;
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b""[..]));
    }
    assert!(program.said().is_empty(), "nothing of it was about the plan");
    // The device itself, in the types that are specified.
    let answer = program.send(plist(&[("Status", "Idle"), ("UDID", UDID)])).await;
    assert!(!answer.body.is_empty());
    assert_eq!(content_type(&answer), Some("application/xml; charset=utf-8"));
    let asks = plist(&[&tokens[..], &[("UDID", UDID)]].concat());
    let answer = program.send(asks).await;
    assert_eq!((answer.status, content_type(&answer)), (200, Some("application/json")));
}

/// The README shows the program word for word, and it is short.
#[test]
fn the_readme_shows_the_program() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let program = std::fs::read_to_string(root.join("examples/src/bin/apple-update.rs")).unwrap();
    let readme = std::fs::read_to_string(root.join("apple-mdm/README.md")).unwrap();
    let mark = "<!-- examples/src/bin/apple-update.rs -->\n```rust,ignore\n";
    let (_, shown) = readme.split_once(mark).expect("the mark");
    let (shown, _) = shown.split_once("```\n").expect("the end of the block");
    assert_eq!(shown, program);
    assert!(program.lines().count() < 60);
}
