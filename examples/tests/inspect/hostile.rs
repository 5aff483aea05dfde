//! What `mdm-inspect` does with what nobody should send: it ends, and what it prints is bounded.

use std::process::{Command, Stdio};

use mdm_examples::inspect::{MAX_LINE, MAX_LINES, MAX_ODDITIES, View, inspect};

fn bounded(view: &View) {
    assert!(view.lines.len() <= MAX_LINES + 1 && view.diagnostics.len() <= MAX_ODDITIES + 1);
    for line in &view.lines {
        assert!(line.chars().count() <= MAX_LINE + 1, "{}", line.len());
        assert!(!line.contains(char::is_control), "{line:?}");
    }
    for odd in &view.diagnostics {
        assert!(odd.message.len() < 4_000 && odd.path.len() < 4 * MAX_LINE + 100);
        assert!(!odd.message.contains(char::is_control) && !odd.path.contains(char::is_control));
    }
    if let Some(error) = &view.error {
        assert!(error.chars().count() <= MAX_LINE + 1 && !error.contains(char::is_control));
    }
}

#[test]
fn lines_are_kept_up_to_the_limit_and_the_rest_is_counted() {
    let array = |count: usize| format!("[{}]", vec!["1"; count].join(","));
    // A line for the array itself.
    let all = inspect("a", array(MAX_LINES - 1).as_bytes());
    assert_eq!(all.lines.len(), MAX_LINES);
    assert!(!all.lines.last().unwrap().contains("more"));
    let more = inspect("a", array(MAX_LINES).as_bytes());
    assert_eq!(
        (more.lines.len(), more.lines.last().unwrap().as_str()),
        (MAX_LINES + 1, "… 1 more lines")
    );
    let items = "<Item/>".repeat(MAX_LINES + 10);
    let many = inspect("a", format!("<Get><CmdID>1</CmdID>{items}</Get>").as_bytes());
    bounded(&many);
    assert!(many.lines.last().unwrap().ends_with("more lines"));
}

#[test]
fn lines_and_oddities_have_a_longest() {
    let name = "a".repeat(100_000);
    for text in [
        format!("{{\"{name}\": \"{name}\"}}"),
        format!("<{name}/>"),
        format!("<{name}"),
        format!(
            "<Get><CmdID>{name}</CmdID><Item><Target><LocURI>{name}</LocURI></Target></Item></Get>"
        ),
        format!("<plist><dict><key>{name}</key><string>{name}</string></dict></plist>"),
        format!("<plist><dict><key>MessageType</key><string>{name}</string></dict></plist>"),
        format!("{{\"Type\": \"com.apple.{name}\", \"Identifier\": \"a\", \"Payload\": {{}}}}"),
        format!("{{\"StatusItems\": {{\"{name}\": 1}}}}"),
        format!("{{\"error\": {{\"code\": \"{name}\", \"message\": \"{name}\"}}}}"),
    ] {
        bounded(&inspect("a", text.as_bytes()));
    }
}

#[test]
fn findings_are_kept_up_to_the_limit() {
    let report = |count: usize| {
        let items: Vec<String> = (0..count).map(|it| format!("\"k{it}\": 1")).collect();
        inspect("a", format!("{{\"StatusItems\": {{{}}}}}", items.join(",")).as_bytes())
    };
    assert_eq!(report(256).diagnostics.len(), 256);
    let more = report(257);
    assert_eq!(more.diagnostics.len(), 257);
    assert_eq!(more.diagnostics.last().unwrap().code, "inspect-more");
    // One finding a document, in documents without end.
    let document = "&lt;Update>&lt;UpdateIdentity UpdateID='5f3e4c1a-0c55-4a44-9f33-6a5f2f7a1b01'/>&lt;/Update>";
    let one = format!(
        "<ServerSyncUpdateData><XmlUpdateBlob>{document}</XmlUpdateBlob></ServerSyncUpdateData>"
    );
    let many = format!(
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><GetUpdateDataResponse \
         xmlns='http://www.microsoft.com/SoftwareDistribution'><GetUpdateDataResult><updates>{}</updates>\
         </GetUpdateDataResult></GetUpdateDataResponse></s:Body></s:Envelope>",
        one.repeat(MAX_ODDITIES + 5)
    );
    let view = inspect("a", many.as_bytes());
    assert_eq!(view.error, None);
    assert_eq!(view.diagnostics.len(), MAX_ODDITIES + 1);
    bounded(&view);
}

#[test]
fn nothing_steers_the_terminal() {
    for text in [
        "{\"a\u{7f}\\u001b[2J\": \"\\u001b[2J\\u202e\"}",
        "<Get><CmdID>1&#x9b;</CmdID><Item><Target><LocURI>./A&#x85;\u{202e}</LocURI></Target></Item></Get>",
        "<plist><dict><key>MessageType</key><string>a\u{9b}b</string></dict></plist>",
    ] {
        bounded(&inspect("a", text.as_bytes()));
    }
}

#[test]
fn no_bytes_make_it_panic() {
    let seeds: [&[u8]; 9] = [
        b"\n<?xml version='1.0'?><SyncML xmlns='SYNCML:SYNCML1.2'><SyncBody><Item><Data>1</Data></Item><Status>\
          <CmdID>1</CmdID><Data a='b'>200</Data></Status></SyncBody></SyncML>",
        b"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><s:Fault><faultcode>a\
          </faultcode><detail><X/></detail></s:Fault></s:Body></s:Envelope>",
        b"<Update><UpdateIdentity UpdateID='5f3e4c1a-0c55-4a44-9f33-6a5f2f7a1b01'/><Files><File/></Files></Update>",
        b"<plist><dict><key>Status</key><string>Error</string><key>ErrorChain</key><array><dict/></array></dict></plist>",
        b"{\"StatusItems\":{\"softwareupdate\":{\"install-state\":\"none\"}},\"Errors\":[]}",
        b"{\"responses\":[{\"id\":\"1\",\"status\":200,\"body\":{\"content\":{},\"state\":[]}}]}",
        b"{\"error\":{\"code\":\"a\",\"message\":\"{\\\"Message\\\":\\\"b\\\"}\"}}",
        b"\x03\x01\x6a\x00\x45\xc6\x00\x01",
        b"bplist00\xd1\x01\x02\x51a\x10\x01",
    ];
    for seed in seeds {
        for at in 0..=seed.len() {
            bounded(&inspect("cut", &seed[..at]));
            for byte in [0, b'<', b'>', b'"', b'{', b'&', 0xff] {
                let mut bytes = seed.to_vec();
                match bytes.get_mut(at) {
                    Some(there) => *there = byte,
                    None => bytes.push(byte),
                }
                bounded(&inspect("changed", &bytes));
            }
        }
    }
}

#[test]
fn the_program_says_the_same_in_json() {
    let text = "<SyncML><SyncBody><Get><Item><Target><LocURI>./A</LocURI></Target></Item></Get></SyncBody></SyncML>";
    let folder = std::env::temp_dir().join(format!("mdm-inspect-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("a.xml");
    std::fs::write(&file, text).unwrap();
    let run = |arguments: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_mdm-inspect"));
        let output = program.args(arguments).stdin(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let name = file.to_str().unwrap();
    let (code, plain) = run(&[name]);
    assert_eq!(code, Some(0));
    let (_, json) = run(&["--json", name]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["diagnostics", "error", "file", "kind", "lines"]);
    for line in json["lines"].as_array().unwrap() {
        assert!(plain.contains(line.as_str().unwrap()));
    }
    for odd in json["diagnostics"].as_array().unwrap() {
        let place = format!("{name}:{}:{}: ", odd["line"], odd["column"]);
        assert!(plain.contains(&place) && plain.contains(odd["message"].as_str().unwrap()));
    }
    std::fs::write(&file, "<SyncML><SyncBody></SyncML>").unwrap();
    assert_eq!(run(&[name]).0, Some(1));
    assert_eq!(run(&["no such file"]).0, Some(1));
    std::fs::remove_dir_all(&folder).unwrap();
}
