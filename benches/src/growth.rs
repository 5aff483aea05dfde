//! Inputs that make work of the square of their size for whoever looks twice: `.ci/instructions`
//! counts what each costs at a size and at eight times that size.

use std::hint::black_box;

use chrono::DateTime;

/// A shape: its name, and what works through it at a size. What it returns differs from 0.
pub type Shape = (&'static str, fn(usize) -> usize);

/// All of them.
pub const ALL: &[Shape] = &[
    ("xml-references", |size| xml(&format!("<a>{}</a>", "&amp;x".repeat(size)))),
    ("xml-sections", |size| xml(&format!("<a>{}</a>", "<![CDATA[x]]>y<!--z-->".repeat(size)))),
    ("xml-declarations", |size| {
        xml(&format!("<a>{}</a>", "<p:b xmlns:p='u' p:c='1'/>".repeat(size)))
    }),
    ("syncml-unknown-elements", |size| syncml(&"<Odd><CmdID>1</CmdID></Odd>".repeat(size))),
    ("syncml-metas", |size| {
        let item = "<Item><Meta><Format xmlns='syncml:metinf'>chr</Format></Meta></Item>";
        syncml(&format!("<Get><CmdID>1</CmdID>{}</Get>", item.repeat(size)))
    }),
    ("syncml-stray-text", |size| syncml(&"x<Get><CmdID>1</CmdID>y</Get>".repeat(size))),
    ("session-statuses", session_statuses),
    ("session-alerts", |size| {
        session(&"<Alert><CmdID>2</CmdID><Data>1100</Data></Alert>".repeat(size))
    }),
    ("repair-loose-commands", |size| {
        let text = "<Get><Item><Target><LocURI>./a</LocURI></Target></Item></Get>".repeat(size);
        let options = syncml::repair::RepairOptions::default();
        syncml::repair::repair_bytes(text.as_bytes(), &options)
            .map_or(1, |mended| mended.message.body.commands.len())
    }),
    ("inventory-leaves", inventory),
    ("ddf-nodes", ddf),
    ("soap-byte-by-byte", |size| {
        let bytes = crate::inputs::revision_list(size / 8);
        let mut decoder = wsusss::stream::Decoder::new(&wsusss::Limits::default());
        let mut events = 0;
        for byte in bytes.chunks(1) {
            decoder.handle_bytes(byte);
            while decoder.poll_event().expect("an answer").is_some() {
                events += 1;
            }
        }
        events
    }),
    ("metadata-prerequisites", |size| {
        let one = "<p:AtLeastOne><p:UpdateIdentity UpdateID='00000000-0000-4000-8000-000000000001'/>\
                   </p:AtLeastOne>";
        metadata(&format!("<p:Prerequisites>{}</p:Prerequisites>", one.repeat(size)))
    }),
    ("catalog-chain", catalog_chain),
    ("plist-keys", |size| {
        let keys: String =
            (0..size).map(|n| format!("<key>k{n}</key><integer>1</integer>")).collect();
        plist(format!("<plist><dict>{keys}</dict></plist>").as_bytes())
    }),
    ("plist-same-keys", |size| {
        plist(
            format!("<plist><dict>{}</dict></plist>", "<key>k</key><true/>".repeat(size))
                .as_bytes(),
        )
    }),
    ("plist-binary-keys", |size| {
        let keys = (0..size).map(|n| (format!("k{n}"), plist::Value::from(1)));
        let mut bytes = Vec::new();
        let dictionary: plist::Dictionary = keys.collect();
        plist::to_writer_binary(&mut bytes, &dictionary).expect("it can be written");
        plist(&bytes)
    }),
    ("json-members", |size| {
        let members: Vec<_> = (0..size).map(|n| format!("\"m{n}\":1")).collect();
        json(&format!("{{{}}}", members.join(",")))
    }),
    ("json-same-members", |size| json(&format!("{{{}\"a\":1}}", "\"a\":1,".repeat(size)))),
    ("json-same-typed-members", |size| {
        let text = format!("{{{}\"id\":\"x\"}}", "\"id\":\"\",".repeat(size));
        let read: graph_wufb::models::Deployment =
            serde_json::from_str(black_box(&text)).expect("a deployment");
        read.to_json().len()
    }),
    ("json-escapes", |size| json(&format!("\"{}\"", "\\u00e9\\n".repeat(size)))),
    ("json-broken", |size| json(&format!("{{\"a\":[{}]}}", "{\"b\":1,},".repeat(size)))),
];

fn xml(text: &str) -> usize {
    let options = mdm_xml::Options::default();
    let mut reader = mdm_xml::Reader::new(black_box(text), &options).expect("a text");
    let mut seen = 0;
    loop {
        match reader.next().expect("well-formed") {
            mdm_xml::Event::Eof => return seen,
            mdm_xml::Event::Text(text) => seen += text.value().len(),
            _ => seen += 1,
        }
    }
}

fn message(id: usize, body: &str) -> String {
    format!(
        "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>\
         <SessionID>1</SessionID><MsgID>{id}</MsgID><Target><LocURI>https://mdm.example</LocURI>\
         </Target><Source><LocURI>urn:1</LocURI></Source></SyncHdr><SyncBody>{body}<Final/>\
         </SyncBody></SyncML>"
    )
}

fn syncml(body: &str) -> usize {
    let text = message(1, body);
    let limits = syncml::Limits::default();
    let message = syncml::decode(black_box(text.as_bytes()), &limits).expect("a message");
    1 + message.body.commands.len() + message.diagnostics.len()
}

fn session(body: &str) -> usize {
    use syncml::session::{Config, ServerSession};
    let mut session = ServerSession::<u32>::new(&Config::new("https://mdm.example"));
    let now = DateTime::UNIX_EPOCH;
    session.handle_message(now, message(1, body).as_bytes()).expect("a message");
    let answer = session.poll_transmit(now).expect("an answer").body.len();
    while session.poll_event().is_some() {}
    answer + session.into_state().to_bytes().len()
}

/// A Get for each, a status for each, and as many that answer nothing.
fn session_statuses(size: usize) -> usize {
    use syncml::session::{Config, ServerSession};
    let mut config = Config::new("https://mdm.example");
    config.max_commands = size;
    let mut session = ServerSession::new(&config);
    let now = DateTime::UNIX_EPOCH;
    for key in 0..size {
        session.submit(key, syncml::Command::get("./a")).expect("room");
    }
    session.handle_message(now, message(1, "").as_bytes()).expect("a message");
    session.poll_transmit(now).expect("an answer");
    let status = |cmd: usize| {
        format!(
            "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>{cmd}</CmdRef><Cmd>Get</Cmd>\
             <Data>404</Data></Status>"
        )
    };
    let statuses: String = (2..2 * size).map(status).collect();
    session.handle_message(now, message(2, &statuses).as_bytes()).expect("a message");
    let mut outcomes = 0;
    while let Some(event) = session.poll_event() {
        outcomes += usize::from(matches!(event, syncml::session::Event::Outcome(_)));
    }
    outcomes
}

fn inventory(size: usize) -> usize {
    use update_csp::{Inventory, Query};
    let item = |n: usize| {
        let id = format!("{n:08x}-0000-4000-8000-000000000001");
        let node = format!("./Vendor/MSFT/Update/InstallableUpdates/{id}/RevisionNumber");
        syncml::Item::source(node).with_data(syncml::Data::text("200"))
    };
    let items: Vec<_> = (0..size).map(item).collect();
    let mut inventory = Inventory::default();
    let findings = inventory.apply(Query::Installable, Some(syncml::StatusCode::OK), &items);
    findings.len() + inventory.installable.map_or(0, |list| list.len())
}

fn ddf(size: usize) -> usize {
    let node = |n: usize| {
        format!(
            "<Node><NodeName>n{n}</NodeName><DFProperties><AccessType><Get/></AccessType><DFFormat>\
             <int/></DFFormat></DFProperties></Node>"
        )
    };
    let nodes: String = (0..size).map(node).collect();
    let text = format!(
        "<MgmtTree xmlns:MSFT='http://schemas.microsoft.com/MobileDevice/DM'><VerDTD>1.2</VerDTD>\
         <Node><NodeName>a</NodeName><Path>./Device/Vendor/MSFT</Path><DFProperties><AccessType>\
         <Get/></AccessType><DFFormat><node/></DFFormat></DFProperties>{nodes}</Node></MgmtTree>"
    );
    let limits = update_csp::ddf::Limits::default();
    let read = update_csp::ddf::Document::read(black_box(text.as_bytes()), &limits);
    usize::from(read.is_ok())
}

fn metadata(relationships: &str) -> usize {
    use wsusss::metadata::{Select, Update};
    let text = document(1, relationships);
    let update = Update::read(black_box(&text), Select::ALL, &wsusss::Limits::default());
    usize::from(update.is_ok())
}

fn document(number: usize, relationships: &str) -> String {
    format!(
        "<p:Update xmlns:p='http://schemas.microsoft.com/msus/2002/12/Update'><p:UpdateIdentity \
         UpdateID='{number:08x}-0000-4000-8000-000000000001' RevisionNumber='1'/><p:Properties \
         UpdateType='Software'/><p:Relationships>{relationships}</p:Relationships></p:Update>"
    )
}

/// Each supersedes the one before it.
fn catalog_chain(size: usize) -> usize {
    let mut catalog = wsusss::catalog::Catalog::new(["en"]);
    let limits = wsusss::Limits::default();
    for number in 1..=size {
        let before = format!(
            "<p:SupersededUpdates><p:UpdateIdentity UpdateID='{:08x}-0000-4000-8000-000000000001'/>\
             </p:SupersededUpdates>",
            number - 1
        );
        catalog.insert_document(&document(number, &before), &limits).expect("a document");
    }
    let first = "00000001-0000-4000-8000-000000000001".parse().expect("an ID");
    catalog.superseded_by_chain(first).len()
}

fn plist(bytes: &[u8]) -> usize {
    let limits = apple_mdm::plist::Limits::default();
    usize::from(apple_mdm::plist::decode(black_box(bytes), &limits).is_ok())
}

fn json(text: &str) -> usize {
    use graph_wufb::json;
    let tolerant = json::Options::tolerant().with_limits(json::Limits::new().with_repairs(100_000));
    usize::from(json::read(black_box(text.as_bytes()), &tolerant).is_ok())
}
