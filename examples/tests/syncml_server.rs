//! The program of syncml's README, as it stands there, with a device that checks in over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use syncml::LocUri;
use syncml::simulator::{DeviceSession, MemoryTree, NodeValue, Step, Tree};

/// Ends the program whatever becomes of the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program on a free port and says, line by line, what it prints.
fn start() -> (Server, String, mpsc::Receiver<String>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_syncml-server"))
        .arg("127.0.0.1:0")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let server = Server(child);
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || lines.map_while(Result::ok).all(|line| send.send(line).is_ok()));
    let first = receive.recv_timeout(Duration::from_secs(30)).unwrap();
    let address = first.strip_prefix("listening on ").unwrap().to_owned();
    (server, address, receive)
}

/// One HTTP exchange: the status, and the body.
fn post(address: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST /ManagementServer/MDM.svc HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: {}\r\nContent-Length: {length}\r\n\r\n",
        syncml::CONTENT_TYPE_XML
    )
    .unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&answer[..end]).unwrap().to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    if status == 200 {
        assert!(head.contains("content-type: application/vnd.syncml.dm+xml"), "{head}");
    }
    (status, answer.split_off(end + 4))
}

/// A whole session; each message is sent twice, as after a lost answer.
fn check_in(address: &str, device: &mut DeviceSession<MemoryTree>) {
    let mut request = device.start(&[]).unwrap();
    for _ in 0..20 {
        let (status, answer) = post(address, &request);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
        assert_eq!(post(address, &request), (200, answer.clone()), "the same bytes again");
        match device.handle_message(&answer).unwrap() {
            Step::Send(next) => request = next,
            Step::Done => return,
        }
    }
    panic!("the session does not end");
}

#[test]
fn a_device_is_managed_by_the_program_of_the_readme() {
    let (_server, address, lines) = start();
    let tree = MemoryTree::default().with("./DevDetail/SwV", "chr", "10.0.26100.4652");
    let mut device =
        DeviceSession::new("urn:uuid:7", "https://mdm.example/ManagementServer/MDM.svc", tree);
    assert_eq!(post(&address, b"no message").0, 400);
    for session in 1..=2 {
        check_in(&address, &mut device);
        let mut said: Vec<String> =
            (0..2).map(|_| lines.recv_timeout(Duration::from_secs(30)).unwrap()).collect();
        said.sort();
        assert_eq!(
            said,
            ["urn:uuid:7: active hours Applied ", "urn:uuid:7: version Applied 10.0.26100.4652"],
            "session {session}"
        );
    }
    let node: LocUri = "./Vendor/MSFT/Policy/Config/Update/ActiveHoursStart".parse().unwrap();
    let Ok(NodeValue::Leaf(leaf)) = device.tree.get(&node) else { panic!("it was set") };
    assert_eq!((leaf.format.as_str(), leaf.data.as_str()), ("int", "8"));
    // The first session needed the second verb, the next one did not; a Get each time.
    let verbs: Vec<&str> = device.journal().iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(verbs, ["Get", "Replace", "Add", "Get", "Replace"]);
    // The program has nothing else to say.
    assert!(lines.recv_timeout(Duration::from_millis(200)).is_err());
}

/// A device whose MaxMsgSize no command fits into: that turns out while its answer is made.
#[test]
fn an_outcome_that_comes_with_the_answer_is_printed_in_the_same_exchange() {
    let (_server, address, lines) = start();
    let package_1 = "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD>\
        <VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID><Target>\
        <LocURI>https://mdm.example/ManagementServer/MDM.svc</LocURI></Target><Source>\
        <LocURI>urn:uuid:8</LocURI></Source><Meta><MaxMsgSize xmlns='syncml:metinf'>300\
        </MaxMsgSize></Meta></SyncHdr><SyncBody><Final/></SyncBody></SyncML>";
    assert_eq!(post(&address, package_1.as_bytes()).0, 200);
    for key in ["version", "active hours"] {
        let said = lines.recv_timeout(Duration::from_secs(30)).unwrap();
        assert_eq!(said, format!("urn:uuid:8: {key} NotSent "));
    }
}

/// What the README shows is this program, word for word.
#[test]
fn the_readme_shows_the_program_as_it_is() {
    let program = include_str!("../src/bin/syncml-server.rs");
    let readme = include_str!("../../syncml/README.md");
    let mark = "<!-- examples/src/bin/syncml-server.rs -->\n```rust,ignore\n";
    let (_, block) = readme.split_once(mark).expect("the README has the block");
    let (block, _) = block.split_once("```\n").unwrap();
    assert_eq!(block, program);
    assert!(program.lines().count() < 60);
}
