//! Targets of `syncml` and `update-csp` that are made of operations and values instead of bytes, and
//! the budgets of their decoders.

use arbitrary::{Result, Unstructured};
use chrono::DateTime;
use syncml::session::{Config, Event, ServerSession, SessionState};
use syncml::upsert::Upsert;
use syncml::{Command, Data, Format, Item, Limits, Message, StatusCode};

use crate::budget::memory;

const NOW: DateTime<chrono::Utc> = DateTime::UNIX_EPOCH;

/// A text of a few letters that matter somewhere, now and then a longer one.
fn text(u: &mut Unstructured<'_>) -> Result<String> {
    const PIECES: [&str; 24] = [
        "",
        "a",
        "1",
        "0",
        " ",
        "\n",
        "\r",
        "&",
        "<",
        "]]>",
        "\u{fc}",
        "\u{1F600}",
        "%",
        "%2F",
        "%00",
        "/",
        ".",
        "..",
        "true",
        "-1",
        "4294967296",
        "base64:",
        "QUJD",
        "bin",
    ];
    let mut text = String::new();
    for _ in 0..u.int_in_range(0..=4)? {
        text.push_str(u.choose(&PIECES)?);
    }
    if u.ratio(1, 32)? {
        text = text.repeat(u.int_in_range(2..=400)?);
    }
    Ok(text)
}

fn node(u: &mut Unstructured<'_>) -> Result<String> {
    const NODES: [&str; 10] = [
        "./A",
        "./A/B",
        "./a/b",
        "./User/A",
        "./Device/A",
        "./DevInfo/DevId",
        "./DevInfo/Ext/FwV",
        "./DevInfo/Lang",
        "./DevDetail/SwV?prop=Type",
        "./Vendor/MSFT/Update?list=StructData",
    ];
    let plain = u.choose(&NODES)?;
    Ok(if u.ratio(1, 6)? { format!("{plain}/{}", text(u)?) } else { (*plain).to_owned() })
}

fn format(u: &mut Unstructured<'_>) -> Result<Format<'static>> {
    const FORMATS: [&str; 9] = ["chr", "int", "bool", "b64", "bin", "xml", "null", "node", "Other"];
    Ok(Format::from_text(*u.choose(&FORMATS)?))
}

/// A command that a server may want to send.
fn command(u: &mut Unstructured<'_>) -> Result<Command<'static>> {
    Ok(match u.int_in_range(0..=6)? {
        0 | 1 => Command::get(node(u)?),
        2 => Command::replace(node(u)?, format(u)?, Data::text(text(u)?)),
        3 => Command::add(node(u)?, format(u)?, Data::text(text(u)?)),
        4 => Command::delete(node(u)?),
        5 => Command::exec(node(u)?),
        _ => {
            let mut list = Vec::new();
            for _ in 0..u.int_in_range(0..=3)? {
                list.push(Command::replace(node(u)?, format(u)?, Data::text(text(u)?)));
            }
            Command::atomic(list)
        }
    })
}

/// A setting as Intune's catalog has it: a choice if it is a number of one digit.
pub(crate) fn catalog_setting(name: &str, value: &str) -> update_csp::graph_ring::GraphValue {
    use update_csp::graph_ring::GraphValue;
    let object = |members: Vec<(&str, GraphValue)>| {
        let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
        GraphValue::Object(members.collect())
    };
    let id = format!("device_vendor_msft_policy_config_update_{}", name.to_ascii_lowercase());
    let (kind, value) = match value.parse::<i64>() {
        Ok(number @ 0..=9) => ("choiceSettingValue", format!("{id}_{number}").as_str().into()),
        Ok(number) => ("simpleSettingValue", number.into()),
        Err(_) => ("simpleSettingValue", value.into()),
    };
    let instance =
        vec![("settingDefinitionId", id.as_str().into()), (kind, object(vec![("value", value)]))];
    object(vec![("settingInstance", object(instance))])
}

/// Two forms of one message say the same, and each comes back as it was.
pub fn wbxml_model(data: &[u8]) {
    crate::objects::joined(data);
    let mut u = Unstructured::new(data);
    let Ok(message) = model(&mut u) else { return };
    let limits = Limits::default();
    let (mut xml, mut binary) = (Vec::new(), Vec::new());
    if syncml::encode(&message, &mut xml).is_err() {
        assert!(syncml::wbxml::encode(&message, &mut binary).is_err() && binary.is_empty());
        return;
    }
    syncml::wbxml::encode(&message, &mut binary).expect("XML can carry it");
    let from_xml = syncml::decode(&xml, &limits).expect("what was written can be read");
    let from_binary =
        syncml::wbxml::decode(&binary, &limits).expect("what was written can be read");
    assert_eq!(from_xml, message);
    assert_eq!(from_binary, message);
}

fn model(u: &mut Unstructured<'_>) -> Result<Message<'static>> {
    let mut message = Message::default();
    for id in 0..u.int_in_range(1..=8)? {
        let mut one = command(u)?;
        one.set_cmd_id((id + 1).into());
        message.body.commands.push(one);
    }
    message.body.is_final = u.arbitrary()?;
    Ok(message)
}

/// What a device may say, in a message with this number: mostly sense, and about what was sent.
fn device_message(u: &mut Unstructured<'_>, id: u32, sent: u32) -> Result<Vec<u8>> {
    let escape = |text: String| mdm_xml::escape_text(&text).into_owned();
    let mut body = String::new();
    let mut head = String::new();
    if u.ratio(1, 4)? {
        let size = u.choose(&["0", "1", "700", "900", "100000", "-1", "99999999999999999999"])?;
        head = format!(
            "<Meta><MaxMsgSize xmlns='syncml:metinf'>{size}</MaxMsgSize>\
             <MaxObjSize xmlns='syncml:metinf'>{size}</MaxObjSize></Meta>"
        );
    }
    for number in 2..2 + u.int_in_range(0_u32..=8)? {
        let (msg, cmd) = (u.int_in_range(0..=sent)?, u.int_in_range(0..=9)?);
        match u.int_in_range(0..=7)? {
            0..=2 => {
                let code = u.choose(&[
                    "200", "200", "213", "214", "101", "401", "404", "405", "407", "418", "424",
                    "500", "507", "516", "x", "70000",
                ])?;
                let target = match u.arbitrary()? {
                    true => format!("<TargetRef>{}</TargetRef>", escape(node(u)?)),
                    false => String::new(),
                };
                let said = match u.ratio(1, 4)? {
                    true => format!("<Item><Data>{}</Data></Item>", escape(text(u)?)),
                    false => String::new(),
                };
                let cmd = if u.ratio(1, 16)? { String::new() } else { cmd.to_string() };
                body += &format!(
                    "<Status><CmdID>{number}</CmdID><MsgRef>{msg}</MsgRef><CmdRef>{cmd}</CmdRef>\
                     <Cmd>Get</Cmd>{target}<Data>{code}</Data>{said}</Status>"
                );
            }
            3 | 4 => {
                let meta = match u.ratio(1, 4)? {
                    true => format!(
                        "<Meta><Type xmlns='syncml:metinf'>{}</Type></Meta>",
                        escape(text(u)?)
                    ),
                    false => String::new(),
                };
                body += &format!(
                    "<Results><CmdID>{number}</CmdID><MsgRef>{msg}</MsgRef><CmdRef>{cmd}</CmdRef>{meta}"
                );
                for _ in 0..u.int_in_range(0..=3)? {
                    body += &item(u, "Source")?;
                }
                body += "</Results>";
            }
            5 => {
                let code = u.choose(&[
                    "1200", "1201", "1222", "1223", "1224", "1225", "1226", "1101", "9", "",
                ])?;
                let item = if u.arbitrary()? { item(u, "Source")? } else { String::new() };
                body += &format!("<Alert><CmdID>{number}</CmdID><Data>{code}</Data>{item}</Alert>");
            }
            6 => {
                let item = item(u, "Source")?;
                body += &format!("<Replace><CmdID>{number}</CmdID>{item}</Replace>");
            }
            _ => {
                let noise = u.bytes(u.len().min(12))?;
                body += &String::from_utf8_lossy(noise);
            }
        }
    }
    if u.ratio(3, 4)? {
        body += "<Final/>";
    }
    let version =
        if u.ratio(1, 16)? { *u.choose(&["1.1", "1.0", "1.3", "2.0", ""])? } else { "1.2" };
    let session = if u.ratio(1, 24)? { "2" } else { "1" };
    let source = if u.ratio(1, 24)? { "urn:uuid:5" } else { "urn:uuid:4" };
    Ok(format!(
        "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/{version}</VerProto>\
         <SessionID>{session}</SessionID><MsgID>{id}</MsgID>\
         <Target><LocURI>https://mdm.example/</LocURI></Target>\
         <Source><LocURI>{source}</LocURI></Source>{head}</SyncHdr><SyncBody>{body}</SyncBody></SyncML>"
    )
    .into_bytes())
}

/// An item, perhaps a part of a large object.
fn item(u: &mut Unstructured<'_>, place: &str) -> Result<String> {
    let escape = |text: String| mdm_xml::escape_text(&text).into_owned();
    let uri = escape(node(u)?);
    let data = match u.ratio(1, 12)? {
        true => (*u.choose(&["user", "device", "mixed"])?).to_owned(),
        false => escape(text(u)?),
    };
    let (meta, more) = match u.int_in_range(0..=5)? {
        0 => {
            let size = u.choose(&["1", "4", "512", "513", "x", "99999999999999999999"])?;
            (format!("<Meta><Size xmlns='syncml:metinf'>{size}</Size></Meta>"), "<MoreData/>")
        }
        1 => (String::new(), "<MoreData/>"),
        2 => {
            let typ = u.choose(&[
                "com.microsoft/MDM/LoginStatus",
                "com.microsoft/MDM/AADUserToken",
                "com.microsoft:mdm.unenrollment.userrequest",
                " Reversed-Domain-Name:x",
                "com.microsoft.mdm.synctype",
            ])?;
            (format!("<Meta><Type xmlns='syncml:metinf'>{typ}</Type></Meta>"), "")
        }
        _ => (String::new(), ""),
    };
    Ok(format!(
        "<Item><{place}><LocURI>{uri}</LocURI></{place}>{meta}<Data>{data}</Data>{more}</Item>"
    ))
}

/// A session under any operations, its state saved and restored in between: each command has one
/// outcome at most, the same question gives the same bytes, what is refused changes nothing, and the
/// state stays small.
pub fn session_ops(data: &[u8]) {
    let mut u = Unstructured::new(data);
    // The end of the data is the end of the operations.
    let _ = session_run(&mut u);
}

/// The bytes of a state that somebody forged: an error, or a state that is written as it was read and a
/// session that goes on.
pub fn session_bytes(data: &[u8]) {
    let mut forged = data.to_vec();
    syncml::simulator::seal(&mut forged);
    let Ok(state) = SessionState::<u32>::from_bytes(&forged) else { return };
    let written = state.to_bytes();
    let again = SessionState::<u32>::from_bytes(&written).expect("what was written is read");
    assert!(again.to_bytes() == written, "the same bytes");
    let config = Config::new("https://mdm.example/");
    let Ok(mut session) = ServerSession::resume(state, &config) else { return };
    // Events that were stored are nobody's commands here.
    while session.poll_event().is_some() {}
    let (queued, unanswered) = (session.queued().count(), session.unanswered().count());
    // What is owed, two answers that may be about anything, and the end.
    let mut outcomes = 0;
    for id in 1..=3 {
        let _ = session.poll_transmit(NOW);
        while let Some(event) = session.poll_event() {
            outcomes += usize::from(matches!(event, Event::Outcome(_)));
        }
        let status = |number| {
            format!(
                "<Status><CmdID>{number}</CmdID><MsgRef>1</MsgRef><CmdRef>{number}</CmdRef>\
                 <Cmd>Get</Cmd><Data>200</Data></Status>"
            )
        };
        let message = format!(
            "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2\
             </VerProto><SessionID>1</SessionID><MsgID>{id}</MsgID><Target><LocURI>\
             https://mdm.example/</LocURI></Target><Source><LocURI>urn:uuid:1</LocURI></Source>\
             </SyncHdr><SyncBody>{}{}{}<Final/></SyncBody></SyncML>",
            status(1),
            status(2),
            status(3)
        );
        let _ = session.handle_message(NOW, message.as_bytes());
    }
    session.give_up();
    while let Some(event) = session.poll_event() {
        outcomes += usize::from(matches!(event, Event::Outcome(_)));
    }
    let state = session.into_next_session().into_state();
    assert!(SessionState::<u32>::from_bytes(&state.to_bytes()).is_ok());
    assert!(outcomes <= queued + unanswered, "{outcomes} of {queued} and {unanswered}");
}

fn session_run(u: &mut Unstructured<'_>) -> Result<()> {
    let mut config = Config::new("https://mdm.example/");
    config.limits = Limits::default().with_commands(64).with_copies(4096).with_identifier(8);
    config.max_queue = 16;
    config.max_commands = u.int_in_range(1..=4)?;
    config.max_result_bytes = 2048;
    config.max_object_bytes = 512;
    config.hand_over_results = u.arbitrary()?;
    config.holds_user_scope = u.arbitrary()?;
    config.holds_other_scope = u.arbitrary()?;
    config.max_device_info_bytes = 2048;
    config.max_message_bytes = u.int_in_range(500..=4000)?;
    config.announced_message_bytes = u.arbitrary::<bool>()?.then_some(2000);
    let mut session: ServerSession<usize> = ServerSession::new(&config);
    if u.ratio(1, 4)? {
        let account = syncml::auth::Account::basic("user", "password");
        session.authenticate_server(account);
    }
    let (mut id, mut sent, mut keys, mut largest) = (0, 0, 0, 0);
    let mut outcomes: Vec<u32> = Vec::new();
    let mut last: Option<Vec<u8>> = None;
    for _ in 0..96 {
        if u.is_empty() {
            break;
        }
        match u.int_in_range(0..=11)? {
            0..=4 => {
                id += u32::from(!u.ratio(1, 16)?);
                let mut bytes = device_message(u, id, sent)?;
                if u.ratio(1, 4)?
                    && let Ok(message) = syncml::decode(&bytes, &Limits::default())
                {
                    let mut binary = Vec::new();
                    syncml::wbxml::encode(&message, &mut binary).expect("it was XML");
                    bytes = binary;
                }
                largest = largest.max(bytes.len());
                let before = saved(&session_state(&mut session, &config));
                match session.handle_message(NOW, &bytes) {
                    Ok(()) => last = Some(bytes),
                    Err(_) => {
                        assert!(session.poll_event().is_none());
                        assert_eq!(saved(&session_state(&mut session, &config)), before);
                    }
                }
            }
            5 => {
                let Some(bytes) = &last else { continue };
                let answer = session.poll_transmit(NOW);
                drain(&mut session, &mut outcomes);
                if session.handle_message(NOW, bytes).is_ok() && answer.is_ok() {
                    assert!(session.poll_transmit(NOW) == answer, "the same bytes");
                }
            }
            6 | 7 => {
                if session.submit(keys, command(u)?).is_ok() {
                    keys += 1;
                    outcomes.push(0);
                }
            }
            8 => {
                let upsert = Upsert::new(node(u)?, format(u)?, Data::text(text(u)?));
                if session.submit_upsert(keys, upsert).is_ok() {
                    keys += 1;
                    outcomes.push(0);
                }
            }
            9 => {
                if let Ok(answer) = session.poll_transmit(NOW) {
                    sent += 1;
                    assert!(session.poll_transmit(NOW) == Ok(answer.clone()));
                    let read = match answer.content_type {
                        syncml::CONTENT_TYPE_XML => {
                            syncml::decode(&answer.body, &Limits::default())
                        }
                        _ => syncml::wbxml::decode(&answer.body, &Limits::default()),
                    };
                    let read = read.expect("what a server says can be read");
                    assert!(read.header.is_some() && !read.body.commands.is_empty());
                }
            }
            10 => {
                drain(&mut session, &mut outcomes);
                if u.arbitrary()? {
                    session = session.into_next_session();
                    (id, last) = (0, None);
                } else if u.arbitrary()? {
                    session.give_up();
                } else {
                    session.abort();
                }
            }
            _ => {
                let json = saved(&session_state(&mut session, &config));
                let state = serde_json::from_str(&json).expect("what was saved is read");
                session = ServerSession::resume(state, &config).expect("of this version");
                assert_eq!(saved(&session_state(&mut session, &config)), json);
                let bytes = session_state(&mut session, &config).to_bytes();
                let state = SessionState::from_bytes(&bytes).expect("what was stored is read");
                assert_eq!(saved(&state), json);
                session = ServerSession::resume(state, &config).expect("of this version");
            }
        }
        drain(&mut session, &mut outcomes);
        let bytes = saved(&session_state(&mut session, &config)).len();
        // Statuses that are owed, commands that wait, and what a message may leave behind.
        assert!(bytes <= 200_000 + 12 * largest + 4_000 * keys, "{bytes} of {largest}");
    }
    Ok(())
}

/// The state, without letting go of the session. Its events were taken.
fn session_state(session: &mut ServerSession<usize>, config: &Config) -> SessionState<usize> {
    let state = std::mem::replace(session, ServerSession::new(config)).into_state();
    *session = ServerSession::resume(state.clone(), config).expect("of this version");
    state
}

fn saved(state: &SessionState<usize>) -> String {
    serde_json::to_string(state).expect("it can be saved")
}

fn drain(session: &mut ServerSession<usize>, outcomes: &mut [u32]) {
    while let Some(event) = session.poll_event() {
        if let Event::Outcome(outcome) = event {
            outcomes[outcome.key] += 1;
            assert_eq!(outcomes[outcome.key], 1, "one outcome for each command");
        }
    }
}

/// What is known of a device and what IT decided, under any answers, saved and restored in between:
/// limits hold, the same answer again changes nothing, and a plan that was carried out is empty.
pub fn update_ops(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let _ = update_run(&mut u);
}

fn update_item(u: &mut Unstructured<'_>) -> Result<Item<'static>> {
    const LISTS: [&str; 7] = [
        "InstallableUpdates",
        "InstalledUpdates",
        "FailedUpdates",
        "PendingRebootUpdates",
        "ApprovedUpdates",
        "Rollback",
        "Other",
    ];
    const LEAVES: [&str; 7] =
        ["Type", "RevisionNumber", "HResult", "State", "InstalledTime", "ApprovedTime", "New/x"];
    const VALUES: [&str; 10] = [
        "0",
        "1",
        "-2145124329",
        "256",
        "4294967296",
        "2026-11-21T07:00:00Z",
        "+262142-12-31T23:59:59",
        "true",
        "",
        "0000-00-00T00:00:00Z",
    ];
    let id = update_csp::UpdateGuid::from_u128(u.int_in_range(0..=5)?);
    let list = u.choose(&LISTS)?;
    let value = if u.ratio(1, 8)? { text(u)? } else { (*u.choose(&VALUES)?).to_owned() };
    let uri = match u.int_in_range(0..=8)? {
        0 => (*list).to_owned(),
        1 => "LastSuccessfulScanTime".to_owned(),
        2 => format!("{list}/{}", text(u)?),
        _ => format!("{list}/{id}/{}", u.choose(&LEAVES)?),
    };
    let data = match u.ratio(1, 8)? {
        true => format!("{id}/{}", text(u)?),
        false => value,
    };
    Ok(Item::source(format!("{}/{uri}", update_csp::UPDATE_CSP)).with_data(Data::text(data)))
}

fn update_run(u: &mut Unstructured<'_>) -> Result<()> {
    use update_csp::approvals::{ApprovalLedger, Decision, NoMetadata, NodeForm, Terms};
    use update_csp::inventory::{ReadLimits, Reading};
    use update_csp::plan::{Intent, Managed, PolicyQuery, Reported, diff};
    use update_csp::{Inventory, PolicyId, PolicySet, Query, UpdateGuid};
    let limits =
        ReadLimits::default().with_updates(4).with_unknown(3).with_findings(8).with_text(16);
    let (mut inventory, mut reported) = (Inventory::default(), Reported::default());
    let mut ledger = ApprovalLedger::default();
    let mut set = PolicySet::new();
    for _ in 0..64 {
        if u.is_empty() {
            break;
        }
        match u.int_in_range(0..=7)? {
            0..=2 => {
                let query = *u.choose(&[
                    Query::Installable,
                    Query::Installed,
                    Query::Failed,
                    Query::PendingReboot,
                    Query::Approved,
                    Query::LastScan,
                    Query::DeferUpgrade,
                    Query::Everything,
                ])?;
                let mut items = Vec::new();
                for _ in 0..u.int_in_range(0..=6)? {
                    items.push(update_item(u)?);
                }
                let code = *u.choose(&[200, 200, 200, 404, 500])?;
                let before = inventory.clone();
                let asked = UpdateGuid::from_u128(2);
                let one = query.is_list() && u.ratio(1, 4)?;
                let reading = |items: &[Item<'_>]| {
                    let reading =
                        if one { Reading::one(query, asked) } else { Reading::new(query) };
                    let mut reading = reading.with_limits(limits);
                    items.chunks(2).for_each(|page| reading.take(page));
                    reading
                };
                let findings = inventory.complete(reading(&items), StatusCode::new(code));
                assert!(findings.len() <= 9, "findings have a limit");
                assert!(inventory.other.len() <= 3.max(before.other.len()));
                if code == 500 {
                    assert_eq!(inventory, before);
                }
                if one {
                    let others = |inventory: &Inventory| {
                        let list = inventory.list(query).cloned().unwrap_or_default();
                        list.into_iter().filter(|(id, _)| *id != asked).collect::<Vec<_>>()
                    };
                    assert_eq!(others(&inventory), others(&before), "others stay");
                }
                let once = inventory.clone();
                inventory.complete(reading(&items), StatusCode::new(code));
                assert_eq!(inventory, once, "the same answer says nothing new");
                assert!(inventory.changes_since(&once).is_empty());
            }
            3 => {
                let mut items = Vec::new();
                for _ in 0..u.int_in_range(0..=4)? {
                    let policy = *u.choose(&PolicyId::ALL)?;
                    let name = if u.ratio(1, 4)? { text(u)? } else { policy.to_string() };
                    let uri = format!("{}/{name}", update_csp::policy::CONFIG);
                    items.push(Item::source(uri).with_data(Data::text(text(u)?)));
                }
                let code = StatusCode::new(*u.choose(&[200, 200, 404, 500])?);
                reported.apply(&PolicyQuery::All, Some(code), &items);
            }
            4 => {
                let policy = *u.choose(&PolicyId::ALL)?;
                if let Ok(setting) = update_csp::policy::Setting::parse(policy, &text(u)?) {
                    set = set.with_setting(setting);
                }
            }
            5 => {
                // Whatever the device answers, the plan comes to an end once it says yes.
                let intent = Intent::from(set.clone());
                for step in diff(&intent, &reported, &Managed::All) {
                    let code = StatusCode::new(*u.choose(&[200, 404, 418, 405, 500])?);
                    let _ = reported.record(&step, code);
                }
                for step in diff(&intent, &reported, &Managed::All) {
                    let _ = reported.record(&step, StatusCode::OK);
                }
                assert!(diff(&intent, &reported, &Managed::All).is_empty());
            }
            6 => {
                let id = UpdateGuid::from_u128(u.int_in_range(0..=5)?);
                let decision = Decision::new("fuzz", NOW);
                if u.arbitrary()? {
                    let approvable = ledger.approvable(id, &Terms::None).expect("no terms");
                    ledger.approve(approvable, decision);
                } else {
                    ledger.revoke(id);
                }
                let plan = ledger.plan(&inventory, &NoMetadata, NodeForm::Bare);
                for (id, _) in &plan.steps {
                    inventory.note_approved(*id);
                }
                let again = ledger.plan(&inventory, &NoMetadata, NodeForm::Braced);
                assert!(again.steps.is_empty(), "what was approved is not approved again");
            }
            _ => {
                let json = serde_json::to_string(&(&inventory, &reported, &ledger)).expect("saved");
                let read: (Inventory, Reported, ApprovalLedger) =
                    serde_json::from_str(&json).expect("what was saved is read");
                assert!(read == (inventory.clone(), reported.clone(), ledger.clone()));
                (inventory, reported, ledger) = read;
            }
        }
        let judge = update_csp::compliance::Judge::new(&NoMetadata).with_approvals(&ledger);
        let _ = judge.judge(&inventory, NOW).compliance.to_string();
    }
    Ok(())
}

/// What decoders may hold: never more than a multiple of what they were given.
pub fn windows_budget(data: &[u8]) {
    let limits = Limits::default().with_copies(64 << 10);
    // A command that takes four bytes is some hundred in memory, in a list that doubles.
    let read = memory(data.len(), 1 << 20, 600, || syncml::decode(data, &limits));
    if let Ok(message) = read {
        let mut out = Vec::new();
        let cost = memory(data.len(), 1 << 20, 600, || {
            syncml::encode(&message, &mut out).map(|()| out.len())
        });
        // Each Meta child declares its namespace.
        assert!(cost.expect("it was read") <= 512 + (64 << 10) + 64 * data.len());
    }
    let small = mdm_xml::Limits::DEFAULT.with_bytes(1 << 20);
    let binary = limits.with_xml(small);
    let _ = memory(data.len(), 16 << 20, 600, || syncml::wbxml::to_xml(data, &binary));
    let options = syncml::repair::RepairOptions::default().with_limits(limits);
    let _ = memory(data.len(), 4 << 20, 4_000, || syncml::repair::repair_bytes(data, &options));
    let ddf = update_csp::ddf::Limits::default().with_inherited(64 << 10).with_paths(1 << 20);
    let _ = memory(data.len(), 4 << 20, 600, || {
        let document = update_csp::ddf::Document::read(data, &ddf).ok()?;
        let mut tree = update_csp::ddf::Tree::default();
        tree.add(&document);
        Some(tree.len())
    });
    if let Ok(text) = std::str::from_utf8(data) {
        let (one, two) = text.split_once('\0').unwrap_or((text, text));
        let value =
            |text: &str| syncml::compare::Value::new(Format::Xml, Data::text(text.to_owned()));
        let _ = memory(data.len(), 64 << 10, 200, || {
            syncml::compare::compare(&value(one), &value(two)).verdict
        });
        let _ = memory(data.len(), 64 << 10, 64, || text.parse::<syncml::LocUri>());
        let _ = memory(data.len(), 64 << 10, 64, || text.parse::<syncml::auth::HmacHeader>());
    }
}
