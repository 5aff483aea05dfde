//! What `mdm-inspect` shows of SyncML: everything that is said, what can be read of what is broken,
//! and no secrets.

use mdm_examples::inspect::{View, inspect};

use super::shown::has;

fn view(text: &str) -> View {
    inspect("message", text.as_bytes())
}

fn message(header: &str, body: &str) -> String {
    format!(
        "<SyncML xmlns='SYNCML:SYNCML1.2' xmlns:msft='http://schemas.microsoft.com/MobileDevice/MDM'>\
         <SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>7A</SessionID>\
         <MsgID>3</MsgID>{header}</SyncHdr><SyncBody>{body}</SyncBody></SyncML>"
    )
}

const BETWEEN: &str = "<Target><LocURI>https://mdm.example/sync</LocURI></Target>\
    <Source><LocURI>urn:uuid:42</LocURI><LocName>j.doe</LocName></Source>";

#[test]
fn a_header_says_all_that_it_says() {
    let header = format!(
        "{BETWEEN}<RespURI>https://mdm.example/next</RespURI>\
         <Cred><Meta><Format xmlns='syncml:metinf'>b64</Format>\
         <Type xmlns='syncml:metinf'>syncml:auth-md5</Type></Meta><Data>c2VjcmV0</Data></Cred>\
         <Meta><MaxMsgSize xmlns='syncml:metinf'>5000</MaxMsgSize>\
         <MaxObjSize xmlns='syncml:metinf'>1048576</MaxObjSize></Meta>"
    );
    let view = view(&message(&header, "<Final/>"));
    has(
        &view,
        &[
            "session 7A, message 3",
            "from urn:uuid:42 (j.doe)",
            "to   https://mdm.example/sync",
            "answers go to https://mdm.example/next",
            "with credentials: syncml:auth-md5 (not shown)",
            "meta: MaxMsgSize 5000, MaxObjSize 1048576",
            "Final",
        ],
    );
    assert!(!format!("{view:?}").contains("c2VjcmV0"));
}

#[test]
fn a_status_has_its_references_its_challenge_and_the_error_behind_it() {
    let body = "<Status><CmdID>1</CmdID><MsgRef>2</MsgRef><CmdRef>5</CmdRef><Cmd>Replace</Cmd>\
        <TargetRef>./A</TargetRef><SourceRef>./B</SourceRef>\
        <Chal><Meta><Format xmlns='syncml:metinf'>b64</Format>\
        <Type xmlns='syncml:metinf'>syncml:auth-md5</Type>\
        <NextNonce xmlns='syncml:metinf'>bm9uY2U=</NextNonce></Meta></Chal>\
        <Data msft:originalerror='0x80240017'>500</Data></Status><Final/>";
    let view = view(&message(BETWEEN, body));
    has(
        &view,
        &[
            "Status 1: Replace 5 of message 2 -> 500 command failed",
            "for ./A",
            "for the source ./B",
            "challenge: b64, syncml:auth-md5, with a NextNonce (not shown)",
        ],
    );
    let error = view.lines.iter().find(|line| line.contains("original error")).unwrap();
    assert!(error.contains("0x80240017 WU_E_NOT_APPLICABLE") && error.contains("not applicable"));
    assert!(!format!("{view:?}").contains("bm9uY2U"));
}

#[test]
fn commands_and_items_have_their_meta_their_names_and_both_ends() {
    let body = "<Replace><CmdID>4</CmdID><NoResp/>\
        <Meta><Format xmlns='syncml:metinf'>int</Format><Mark xmlns='syncml:metinf'>draft</Mark></Meta>\
        <Item><Target><LocURI>./T</LocURI><LocName>tea</LocName></Target><Source><LocURI>./S</LocURI></Source>\
        <Meta><Type xmlns='syncml:metinf'>text/plain</Type><Size xmlns='syncml:metinf'>12</Size></Meta>\
        <Data>abc</Data><MoreData/></Item></Replace>\
        <Alert><CmdID>5</CmdID><Data>1224</Data><Correlator>c9</Correlator><Item>\
        <Meta><Type xmlns='syncml:metinf'>com.microsoft/MDM/LoginStatus</Type></Meta>\
        <Data msft:originalerror='5'>user</Data></Item></Alert>\
        <Results><CmdID>6</CmdID><MsgRef>2</MsgRef><CmdRef>3</CmdRef><Cmd>Get</Cmd>\
        <Item><Source><LocURI>./R</LocURI></Source><Data>1</Data></Item></Results><Final/>";
    let view = view(&message(BETWEEN, body));
    has(
        &view,
        &[
            "Replace 4",
            "no status is wanted",
            "meta: int, mark draft",
            "./T (tea) from ./S (text/plain, size 12) = abc (more data follows)",
            "Alert 5: 1224 client event, com.microsoft/MDM/LoginStatus",
            "correlator c9",
            "(com.microsoft/MDM/LoginStatus) = user",
            "original error 0x00000005 (success)",
            "Results 6: to Get 3 of message 2",
            "./R = 1",
        ],
    );
}

#[test]
fn a_message_that_is_cut_is_shown_up_to_there() {
    let whole = message(
        BETWEEN,
        "<Get><CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target></Item></Get>\
         <Get><CmdID>2</CmdID><Item><Target><LocURI>./B</LocURI></Target></Item></Get><Final/>",
    );
    let end = whole.find("./B").unwrap();
    let view = inspect("cut", &whole.as_bytes()[..end]);
    assert_eq!(view.kind, "SyncML");
    has(&view, &["session 7A, message 3", "Get 1", "./A", "Get 2", "(an empty item)"]);
    let last = view.lines.last().unwrap();
    assert!(
        last.starts_with("it can be read up to line 1, column ")
            && last.contains("repair refuses it")
    );
    assert!(view.error.is_some());
    let broken =
        "<Replace><CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target></Item></Add>";
    let broken = inspect("broken", broken.as_bytes());
    has(
        &broken,
        &["Replace 1", "./A", "(what is open where it ends is shown as if it were closed)"],
    );
    // From the name of the root on, it is SyncML.
    for end in [8, 40, 90, 200] {
        let view = inspect("cut", &whole.as_bytes()[..end]);
        assert_eq!(view.kind, "SyncML", "{end}");
        assert!(view.error.is_some(), "{end}");
    }
}

#[test]
fn bytes_that_are_no_text_end_a_message_where_they_stand() {
    let whole = message(
        BETWEEN,
        "<Get><CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target><Data>caf~</Data></Item></Get>",
    );
    for (bytes, error) in [
        (whole.replace('~', "\u{1}").into_bytes(), "U+0001"),
        (whole.bytes().map(|byte| if byte == b'~' { 0xe9 } else { byte }).collect(), "UTF-8"),
    ] {
        let view = inspect("a.xml", &bytes);
        assert_eq!(view.kind, "SyncML");
        assert!(view.error.as_deref().is_some_and(|it| it.contains(error)), "{view:#?}");
        has(&view, &["session 7A, message 3", "Get 1", "./A = caf"]);
    }
    let trailing = format!("{whole}\0");
    has(&view(&trailing), &["Get 1", "./A = caf~"]);
    assert!(!view(&trailing).lines.iter().any(|line| line.contains("as if it were closed")));
}

#[test]
fn what_repair_reads_is_shown_as_it_mends_it() {
    let pasted = "<Replace>\n<CmdID>1</CmdID>\n<Item><Target><LocURI>./A?x=1&y=2</LocURI></Target>\
        <Data>a & b</Data></Item></Replace>";
    let view = view(pasted);
    assert_eq!(view.kind, "SyncML");
    assert!(view.error.as_deref().is_some_and(|error| error.contains("line 3")), "{view:#?}");
    assert!(view.lines[0].starts_with("as it stands it can be read up to line 3"));
    assert!(view.lines[1].contains("this is no XML: rewritten, at line 3"));
    has(&view, &["repaired, it says:", "Replace 1"]);
    assert!(view.lines.iter().any(|line| line.trim().ends_with("= a & b")));
    assert!(
        !view.lines.iter().any(|line| line.starts_with("session")),
        "a header that nobody sent"
    );
}

#[test]
fn blanks_before_the_declaration_are_an_oddity_with_its_place() {
    let text = format!("\n  <?xml version='1.0'?>{}", message(BETWEEN, "<Final/>"));
    let view = view(&text);
    assert_eq!((view.kind.as_str(), &view.error), ("SyncML", &None));
    let first = &view.diagnostics[0];
    assert_eq!((first.code.as_str(), first.severity.as_str()), ("syncml-stray-text", "error"));
    assert_eq!((first.line, first.column), (2, 3));
    has(&view, &["session 7A, message 3", "Final"]);
    // Other places stay as they are.
    let text = "\n<?xml version='1.0'?>\n<SyncML><SyncBody><Final/></SyncBody></SyncML>";
    let odd = inspect("a", text.as_bytes()).diagnostics;
    assert!(
        odd.iter().any(|odd| odd.code == "syncml-no-header" && (odd.line, odd.column) == (3, 1))
    );
    // The readers of other formats refuse such a document; the program shows it.
    let plist = inspect("a", b"\n <?xml version='1.0'?><plist><dict/></plist>");
    let first = &plist.diagnostics[0];
    assert_eq!((first.code.as_str(), first.line, first.column), ("inspect-late-declaration", 2, 2));
    assert_eq!(plist.error, None);
}

#[test]
fn lone_items_and_their_parts_say_what_they_say() {
    let item = "<Item><Target><LOCURI/><LocURI>./Vendor/MSFT/Policy/Config/Update/ActiveHoursEnd</LocURI>\
        </Target><Meta><Format xmlns='syncml:metinf'>int</Format></Meta><Data>17</Data></Item>";
    let view_of_item = view(item);
    has(
        &view_of_item,
        &[
            "<Item> without a command",
            "./Vendor/MSFT/Policy/Config/Update/ActiveHoursEnd (int) = 17",
        ],
    );
    assert!(view_of_item.lines.last().unwrap().trim().starts_with("policy: "));
    let parts = "<SyncML><Target><LocURI>./A</LocURI></Target><Data>5</Data></SyncML>";
    has(&view(parts), &["<Target> without a command", "./A = 5"]);
    let prefixed = "<s:SyncML xmlns:s='SYNCML:SYNCML1.2'><s:Item><s:Target><s:LocURI>./A</s:LocURI>\
        </s:Target></s:Item><s:Odd>hidden</s:Odd></s:SyncML>";
    has(&view(prefixed), &["<Item> without a command", "./A", "unknown <s:Odd> (not shown)"]);
}

#[test]
fn addresses_and_codes_of_windows_are_explained_once() {
    let item = |name: &str, value: &str| {
        format!(
            "<Item><Source><LocURI>./Vendor/MSFT/Update/FailedUpdates/{name}/HResult</LocURI></Source>\
             <Data>{value}</Data></Item>"
        )
    };
    let body = format!(
        "<Results><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef>{}{}</Results>\
         <Get><CmdID>2</CmdID><Item><Target><LocURI>./Vendor/MSFT/Policy/Config/Update/AllowAutoUpdates\
         </LocURI></Target></Item></Get>",
        item("44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a", "-2145124329"),
        item("44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22b", "-2147023838"),
    );
    let view = view(&message(BETWEEN, &body));
    let lines: Vec<&str> = view.lines.iter().map(|line| line.trim()).collect();
    assert!(
        lines.iter().any(|line| line.starts_with("0x80240017 WU_E_NOT_APPLICABLE")),
        "{lines:#?}"
    );
    assert!(lines.iter().any(|line| line.starts_with("0x80070422")), "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("node: ")).count(), 1);
    assert!(lines.iter().any(|line| line.contains("did you mean AllowAutoUpdate?")));
}

#[test]
fn secrets_of_accounts_and_users_are_not_shown() {
    let body = "<Replace><CmdID>1</CmdID><Item><Target><LocURI>./DMAcc/A/AppAuth/1/AAuthSecret</LocURI>\
        </Target><Data>hush</Data></Item></Replace>\
        <Alert><CmdID>2</CmdID><Data>1224</Data><Item><Meta><Type xmlns='syncml:metinf'>\
        com.microsoft/MDM/AADUserToken</Type></Meta><Data>hush</Data></Item></Alert>";
    let view = view(&message(BETWEEN, body));
    assert!(!format!("{view:?}").contains("hush"));
    has(&view, &["./DMAcc/A/AppAuth/1/AAuthSecret = (4 bytes, not shown)"]);
}

#[test]
fn wbxml_is_shown_as_what_it_stands_for() {
    let text = message(
        BETWEEN,
        "<Get><CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target></Item></Get>",
    );
    let read = syncml::decode(text.as_bytes(), &syncml::Limits::default()).unwrap();
    let mut bytes = Vec::new();
    syncml::wbxml::encode(&read, &mut bytes).unwrap();
    let view = inspect("a.wbxml", &bytes);
    assert_eq!((view.kind.as_str(), &view.error), ("WBXML", &None));
    has(&view, &["session 7A, message 3", "Get 1", "./A"]);
    let cut = inspect("a.wbxml", &bytes[..bytes.len() - 4]);
    assert!(cut.kind == "WBXML" && cut.error.is_some());
}

#[test]
fn what_is_no_syncml_is_not_called_so() {
    for text in [
        "name\tvalue\n",
        "plain words",
        "<a><b/></a>",
        "<a><b></a>",
        "Windows Registry Editor\n[HKEY]",
    ] {
        let view = view(text);
        assert!(view.kind == "unknown" || view.kind == "XML", "{text}: {}", view.kind);
    }
}
