//! Sizes: messages filled to the byte, large objects cut and joined, and aborts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{
    NOW, announce, asked, chunk, config, device, events, handle, message, outcomes, run, said,
    status,
};
use syncml::model::{Format, Request};
use syncml::session::{Cause, Event, Outcome, ServerSession, SessionState, Verdict};
use syncml::simulator::{DeviceSession, MemoryTree, NodeValue, OverLimit, Profile, Tree};
use syncml::{AlertCode, Command, Data, Item, Limits, LocUri, StatusCode, decode, wbxml};

fn replace(uri: &str, value: String) -> Command<'static> {
    Command::replace(uri.to_owned(), Format::Chr, Data::text(value))
}

fn get(uris: Vec<String>) -> Command<'static> {
    let mut request = Request::default();
    request.items = uris.into_iter().map(Item::target).collect();
    Command::Get(request)
}

fn value(device: &DeviceSession<MemoryTree>, uri: &str) -> String {
    match device.tree.get(&uri.parse::<LocUri>().unwrap()) {
        Ok(NodeValue::Leaf(leaf)) => leaf.data,
        other => panic!("{other:?}"),
    }
}

/// A device of a kind that tells the server this MaxMsgSize.
fn sized(tree: MemoryTree, max: usize) -> DeviceSession<MemoryTree> {
    let mut profile = Profile::CONFORMING;
    profile.max_msg_size = Some(max);
    device(tree).with_profile(profile)
}

/// The answer's bytes, and how many commands are in it and left.
fn fill(max: Option<usize>, commands: &[Command<'static>]) -> (usize, usize, usize) {
    let mut session = ServerSession::new(&config());
    for (key, command) in commands.iter().enumerate() {
        session.submit(key, command.clone()).unwrap();
    }
    let header = max.map(announce).unwrap_or_default();
    session.handle_message(NOW, &message(1, &header, "<Final/>")).unwrap();
    let answer = session.poll_transmit(NOW).unwrap();
    (answer.body.len(), session.unanswered().count(), session.queued().count())
}

#[test]
fn a_message_takes_commands_up_to_exactly_the_devices_size() {
    let commands: Vec<Command<'static>> =
        (0..12).map(|n| replace(&format!("./a{n}"), "<&>\r\n\u{1F600}".repeat(n))).collect();
    let (all, sent, left) = fill(None, &commands);
    assert_eq!((sent, left), (12, 0));
    let (bytes, sent, left) = fill(Some(all), &commands);
    assert_eq!((bytes, sent, left), (all, 12, 0), "n bytes");
    let (bytes, sent, left) = fill(Some(all - 1), &commands);
    assert_eq!((sent, left), (11, 1), "n - 1 bytes");
    assert!(bytes < all);
    for count in 1..12 {
        let (size, ..) = fill(None, &commands[..count]);
        assert_eq!(fill(Some(size), &commands), (size, count, 12 - count));
    }
}

#[test]
fn an_atomic_is_never_cut() {
    let atomic =
        Command::atomic(vec![replace("./a", "x".repeat(300)), replace("./b", "y".repeat(300))]);
    let (all, ..) = fill(None, std::slice::from_ref(&atomic));
    assert_eq!(fill(Some(all), std::slice::from_ref(&atomic)), (all, 1, 0));
    // One byte less: it fits in no message, says so, and does not stop the others.
    let mut session = ServerSession::new(&config());
    session.submit("atomic", atomic).unwrap();
    session.submit("after", Command::get("./a")).unwrap();
    let (found, answer) = handle(&mut session, &message(1, &announce(all - 1), "<Final/>"));
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!((outcome.key, outcome.verdict), ("atomic", Verdict::NotSent));
    let Some(Cause::TooLarge { bytes, max }) = outcome.cause else { panic!("{outcome:?}") };
    assert_eq!(bytes, max + 1);
    assert_eq!(answer.body.commands.len(), 2);
    assert_eq!(session.unanswered().copied().collect::<Vec<_>>(), ["after"]);
}

#[test]
fn statuses_that_do_not_fit_wait_and_final_with_them() {
    // 40 alerts have 40 statuses: more than one message of the device's size.
    let alerts: String =
        (2..42).map(|id| format!("<Alert><CmdID>{id}</CmdID><Data>1100</Data></Alert>")).collect();
    let mut session = ServerSession::new(&config());
    session.submit(1, Command::get("./a")).unwrap();
    let (_, answer) =
        handle(&mut session, &message(1, &announce(1500), &format!("{alerts}<Final/>")));
    let alerts = |answer: &syncml::Message<'_>| {
        let about = |command: &&Command<'_>| {
            matches!(command, Command::Status(status)
                if status.msg_ref == Some(1.into()) && status.cmd.as_deref() == Some("Alert"))
        };
        answer.body.commands.iter().filter(about).count()
    };
    let mut statuses = alerts(&answer);
    assert!(!answer.body.is_final && statuses < 40);
    for id in 2..10 {
        let next = "<Alert><CmdID>1</CmdID><Data>1222</Data></Alert>";
        let body = format!("{}{next}", status(id - 1, 0, "SyncHdr", "", 200));
        let (_, answer) = handle(&mut session, &message(id, "", &body));
        let first = &answer.body.commands[0];
        assert!(matches!(first, Command::Status(status) if status.cmd_ref == Some(0.into())));
        statuses += alerts(&answer);
        if answer.body.is_final {
            let gets = answer.body.commands.iter().filter(|command| command.name() == "Get");
            assert_eq!(gets.count(), 1);
            break;
        }
        assert!(id < 9, "it does not end");
    }
    assert_eq!(statuses, 40);
}

#[test]
fn a_command_with_many_items_is_sent_in_parts_under_one_key() {
    let uris: Vec<String> = (0..60).map(|n| format!("./Vendor/Node{n}")).collect();
    let tree =
        uris.iter().step_by(2).fold(MemoryTree::default(), |tree, uri| tree.with(uri, "chr", uri));
    let mut session = ServerSession::new(&config());
    session.submit("all", get(uris)).unwrap();
    let mut device = sized(tree, 1400);
    let (found, count) = run(&mut session, &mut device, 1400);
    let [outcome] = outcomes(found).try_into().unwrap();
    assert!(count > 3);
    assert_eq!(
        (outcome.verdict, outcome.statuses.len(), outcome.results.len()),
        (Verdict::Partial, 60, 30)
    );
    assert_eq!(outcome.status_of("./Vendor/Node7").unwrap().code, StatusCode::NOT_FOUND);
    assert_eq!(device.journal().len(), 60);
}

#[test]
fn a_large_value_is_sent_in_chunks_and_executed_once() {
    let large = "<a>&\u{1F600}\r\n'ü'</a>".repeat(500);
    let mut session = ServerSession::new(&config());
    session.submit("before", Command::get("./b")).unwrap();
    session.submit("large", replace("./a", large.clone())).unwrap();
    session.submit("after", Command::get("./a")).unwrap();
    let tree = MemoryTree::default().with("./a", "chr", "old").with("./b", "chr", "b");
    let mut device = sized(tree, 2000);
    let (found, count) = run(&mut session, &mut device, 2000);
    assert!(count > 8);
    assert_eq!(value(&device, "./a"), large);
    let found = outcomes(found);
    assert_eq!(
        found.iter().map(|outcome| outcome.key).collect::<Vec<_>>(),
        ["before", "large", "after"]
    );
    assert!(found.iter().all(Outcome::is_success));
    // 213 is no outcome: one status, that of the whole.
    assert_eq!(found[1].statuses.len(), 1);
    assert_eq!(found[2].results[0].data.as_ref().unwrap().as_str(), large);
    let replaced = device.journal().iter().filter(|entry| entry.name == "Replace");
    assert_eq!(replaced.count(), 1);
}

#[test]
fn markup_is_cut_as_text() {
    let markup = format!("<a xmlns='x'>{}</a>", "<b/>".repeat(600));
    let mut session = ServerSession::new(&config());
    let command = Command::replace("./a", Format::Xml, Data::Markup(markup.clone().into()));
    session.submit(1, command).unwrap();
    let mut device = sized(MemoryTree::default().with("./a", "xml", ""), 1500);
    let (found, _) = run(&mut session, &mut device, 1500);
    assert!(outcomes(found)[0].is_success());
    assert_eq!(value(&device, "./a"), markup);
}

#[test]
fn a_device_without_large_objects_ends_the_object_with_its_first_chunk() {
    let mut profile = Profile::WINDOWS_11;
    profile.max_msg_size = Some(1500);
    let mut session = ServerSession::new(&config());
    session.submit(1, replace("./a", "x".repeat(9000))).unwrap();
    session.submit(2, Command::get("./a")).unwrap();
    let tree = MemoryTree::default().with("./a", "chr", "old");
    let mut device = device(tree).with_profile(profile);
    let (found, count) = run(&mut session, &mut device, 1500);
    let found = outcomes(found);
    assert_eq!(
        (found[0].verdict, found[0].code()),
        (Verdict::Failed, Some(StatusCode::NOT_SUPPORTED))
    );
    assert!(found[1].is_success());
    assert_eq!(value(&device, "./a"), "old");
    assert!(count < 6, "{count}: no second chunk was sent");
}

#[test]
fn a_value_over_the_devices_max_obj_size_is_not_sent() {
    for (size, verdict) in [(500, Verdict::Applied), (501, Verdict::NotSent)] {
        let mut profile = Profile::CONFORMING;
        profile.max_obj_size = Some(500);
        let mut session = ServerSession::new(&config());
        session.submit(1, replace("./a", "x".repeat(size))).unwrap();
        let tree = MemoryTree::default().with("./a", "chr", "old");
        let (found, _) = run(&mut session, &mut device(tree).with_profile(profile), usize::MAX);
        assert_eq!(outcomes(found)[0].verdict, verdict);
    }
}

#[test]
fn a_device_that_misses_the_end_says_so_and_the_command_fails() {
    let mut session = ServerSession::new(&config());
    session.submit(1, replace("./a", "x".repeat(4000))).unwrap();
    let (_, answer) = handle(&mut session, &message(1, &announce(1500), "<Final/>"));
    assert!(!answer.body.is_final);
    let item = &answer.body.commands[1].items()[0];
    assert!(item.more_data);
    assert_eq!(item.meta.as_ref().unwrap().size.as_deref(), Some("4000"));
    let alert = "<Alert><CmdID>1</CmdID><Data>1225</Data><Item><Target><LocURI>./a</LocURI></Target>\
        </Item></Alert>";
    let body = format!("{}{alert}<Final/>", status(1, 2, "Replace", "", 213));
    let (found, _) = handle(&mut session, &message(2, "", &body));
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!((outcome.verdict, outcome.cause), (Verdict::Failed, Some(Cause::NoEndOfData)));
}

#[test]
fn chunks_of_a_device_are_joined_and_answered() {
    let mut session = asked();
    let pair = |name: &str, code| (name.to_owned(), code);
    let body = format!("{}{}", status(1, 2, "Get", "", 200), chunk(1, true, Some(6), "abc"));
    let (found, answer) = handle(&mut session, &message(2, "", &body));
    assert_eq!(said(&answer), [pair("SyncHdr", 200), pair("Results", 213), pair("!", 1222)]);
    assert!(!answer.body.is_final && found.is_empty());
    let body = format!("{}<Final/>", chunk(2, false, None, "def"));
    let (found, answer) = handle(&mut session, &message(3, "", &body));
    let complete = Event::ObjectComplete { address: Some("./a".to_owned()), bytes: 6 };
    assert_eq!(found[0], complete);
    let outcome = outcomes(found).remove(0);
    assert_eq!(outcome.results[0].data.as_ref().unwrap().as_str(), "abcdef");
    assert_eq!(said(&answer), [pair("SyncHdr", 200)], "no status for Results that are taken");
}

/// OMA-TS-DM_Protocol 1.2.1, 7: what an item says of itself SHOULD be repeated, and need not be.
#[test]
fn a_chunk_without_an_address_goes_on_with_the_object() {
    let mut session = asked();
    let _ = handle(&mut session, &message(2, "", &chunk(1, true, Some(6), "abc")));
    let last = chunk(2, false, None, "def").replace("<Source><LocURI>./a</LocURI></Source>", "");
    assert!(!last.contains("Source"));
    let (found, answer) = handle(&mut session, &message(3, "", &format!("{last}<Final/>")));
    assert_eq!(said(&answer), [("SyncHdr".to_owned(), 200)]);
    let outcome = outcomes(found).remove(0);
    assert_eq!(outcome.result_of("./a").unwrap().data.as_ref().unwrap().as_str(), "abcdef");
}

#[test]
fn objects_that_are_too_large_or_wrong_are_refused() {
    for (size, data, first, last) in [
        (Some(7), ["abcd", "efg"], 413, 413),
        (Some(6), ["abc", "de"], 213, 424),
        (Some(5), ["abc", "def"], 213, 424),
        (None, ["abc", "def"], 411, 411),
    ] {
        let mut session = asked();
        let (_, answer) = handle(&mut session, &message(2, "", &chunk(1, true, size, data[0])));
        assert_eq!(said(&answer)[1], ("Results".to_owned(), first));
        let body = format!("{}<Final/>", chunk(2, false, None, data[1]));
        let (found, answer) = handle(&mut session, &message(3, "", &body));
        assert_eq!(said(&answer)[1], ("Results".to_owned(), last));
        assert!(outcomes(found)[0].results.is_empty(), "nothing is committed");
    }
}

#[test]
fn a_refused_object_is_missed_also_where_the_same_results_begin_the_next() {
    let mut session = ServerSession::new(&config());
    session.submit(1, get(vec!["./a".to_owned(), "./b".to_owned()])).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    let body = format!("{}{}", status(1, 2, "Get", "", 200), chunk(1, true, Some(6), "abc"));
    let _ = handle(&mut session, &message(2, "", &body));
    // One byte too few, and the next object in the same Results.
    let next = chunk(2, true, Some(4), "xy").replace("./a", "./b");
    let next = next.split_once("</CmdRef>").unwrap().1;
    let both = chunk(2, false, None, "de").replace("</Item></Results>", &format!("</Item>{next}"));
    let (_, answer) = handle(&mut session, &message(3, "", &both));
    assert_eq!(said(&answer)[1], ("Results".to_owned(), 213));
    let last = chunk(3, false, None, "zw").replace("./a", "./b");
    let (found, _) = handle(&mut session, &message(4, "", &format!("{last}<Final/>")));
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!(outcome.result_of("./b").unwrap().data.as_ref().unwrap().as_str(), "xyzw");
    assert_eq!((outcome.verdict, outcome.results.len()), (Verdict::Partial, 1));
    assert!(outcome.truncated);
}

/// What an alert is called by a device is no number of ours.
#[test]
fn an_object_that_is_no_result_makes_no_outcome_partial() {
    let mut session = asked();
    let alert = "<Alert><CmdID>4</CmdID><Data>1/2</Data><Item><Meta><Size xmlns='syncml:metinf'>6\
        </Size></Meta><Data>abc</Data><MoreData/></Item></Alert>";
    let _ = handle(&mut session, &message(2, "", alert));
    let body = format!("{}{}<Final/>", status(1, 2, "Get", "", 200), chunk(1, false, None, "x"));
    let (found, answer) = handle(&mut session, &message(3, "", &body));
    assert!(said(&answer).contains(&("!".to_owned(), 1225)));
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!((outcome.verdict, outcome.truncated), (Verdict::Applied, false));
}

#[test]
fn an_object_that_is_interrupted_is_answered_with_1225() {
    let mut session = asked();
    let _ = handle(&mut session, &message(2, "", &chunk(1, true, Some(6), "abc")));
    let other = "<Results><CmdID>7</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef><Item><Source>\
        <LocURI>./b</LocURI></Source><Data>x</Data></Item></Results><Final/>";
    let (_, answer) = handle(&mut session, &message(3, "", other));
    let alert = answer.body.commands.iter().find_map(|command| match command {
        Command::Alert(alert) => Some(alert),
        _ => None,
    });
    let alert = alert.unwrap();
    assert_eq!(alert.code(), Some(AlertCode::NO_END_OF_DATA));
    assert_eq!(alert.items[0].source.as_ref().unwrap().loc_uri, "./a");
}

#[test]
fn a_chunked_alert_and_dev_info_are_whole_events() {
    let mut session = ServerSession::<u32>::new(&config());
    let part = |id: u32, more: bool, data: &str| {
        let size = if more { "<Size xmlns='syncml:metinf'>4</Size>" } else { "" };
        let more = if more { "<MoreData/>" } else { "" };
        format!(
            "<Alert><CmdID>{id}</CmdID><Data>1226</Data><Item><Meta><Type xmlns='syncml:metinf'>t\
             </Type>{size}</Meta><Data>{data}</Data>{more}</Item></Alert>"
        )
    };
    let (found, answer) = handle(&mut session, &message(1, "", &part(2, true, "ab")));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(said(&answer)[1], ("Alert".to_owned(), 213));
    let (found, _) =
        handle(&mut session, &message(2, "", &format!("{}<Final/>", part(3, false, "cd"))));
    let Some(Event::Generic(alert)) = found.iter().find(|event| matches!(event, Event::Generic(_)))
    else {
        panic!("{found:?}")
    };
    assert_eq!(alert.data.as_ref().unwrap().as_str(), "abcd");
}

/// *Observed* with Windows 11: a MaxMsgSize of the server's makes it abort.
#[test]
fn after_an_abort_the_next_session_is_more_careful_and_gets_everything() {
    let tree = (0..6).fold(MemoryTree::default(), |tree, n| {
        tree.with(&format!("./v{n}"), "chr", &"x".repeat(300 * n))
    });
    let mut config = config();
    config.announced_message_bytes = Some(1400);
    let mut session = ServerSession::new(&config);
    session.submit("set", replace("./v0", "new".to_owned())).unwrap();
    session.submit("all", get((1..6).map(|n| format!("./v{n}")).collect())).unwrap();
    let mut device = device(tree).with_profile(Profile::WINDOWS_11);
    let (found, _) = run(&mut session, &mut device, usize::MAX);
    assert!(found.contains(&Event::Aborted) && session.is_ended());
    let first = outcomes(found);
    assert_eq!(first.iter().map(|outcome| outcome.key).collect::<Vec<_>>(), ["set"]);

    let mut session = session.into_next_session();
    let (found, count) = run(&mut session, &mut device, usize::MAX);
    let [outcome] = outcomes(found).try_into().unwrap();
    assert_eq!((outcome.key, outcome.verdict, outcome.results.len()), ("all", Verdict::Applied, 5));
    assert_eq!(count, 6, "package 1, and each node by itself");
    let sets = device.journal().iter().filter(|entry| entry.name == "Replace");
    assert_eq!(sets.count(), 1);
}

#[test]
fn a_get_that_is_aborted_again_has_its_outcome() {
    let mut session = ServerSession::new(&config());
    session.submit(1, Command::get("./a")).unwrap();
    for round in 0..2 {
        let _ = handle(&mut session, &message(1, "", "<Final/>"));
        let abort = "<Alert><CmdID>8</CmdID><Data>1223</Data></Alert><Final/>";
        let body = format!("{}{abort}", status(1, 2, "Get", "", 200));
        let (found, answer) = handle(&mut session, &message(2, "", &body));
        assert!(found.contains(&Event::Aborted));
        assert_eq!(said(&answer).len(), 2, "statuses for header and alert");
        assert!(answer.body.is_final);
        let found = outcomes(found);
        if round == 1 {
            assert_eq!((found[0].verdict, found[0].cause), (Verdict::Failed, Some(Cause::Aborted)));
        } else {
            assert_eq!(found.len(), 0);
            session = session.into_next_session();
        }
    }
    assert!(events(&mut session).is_empty());
}

#[test]
fn each_profile_gets_through_a_session_with_an_announced_size() {
    for (profile, over) in
        [(Profile::WINDOWS_10, OverLimit::Ignore), (Profile::CONFORMING, OverLimit::Split)]
    {
        assert_eq!(profile.over_limit, over);
        let tree = MemoryTree::default().with("./a", "chr", &"x".repeat(9000));
        let mut config = config();
        config.announced_message_bytes = Some(1000);
        let mut session = ServerSession::new(&config);
        session.submit(1, Command::get("./a")).unwrap();
        let mut device = device(tree).with_profile(profile);
        let (found, count) = run(&mut session, &mut device, usize::MAX);
        assert_eq!(count > 5, over == OverLimit::Split);
        let outcome = outcomes(found).remove(0);
        assert_eq!(outcome.results[0].data.as_ref().unwrap().as_str().len(), 9000);
    }
}

#[test]
fn a_device_that_speaks_wbxml_is_answered_in_it() {
    let large = "<a>&\u{1F600}\r\n\t'ü'</a>".repeat(300);
    let markup = "<a xmlns='x' b='c'>d<!-- e -->&lt;</a>";
    let mut session = ServerSession::new(&config());
    session.submit(1, replace("./a", large.clone())).unwrap();
    session.submit(2, Command::replace("./m", Format::Xml, Data::Markup(markup.into()))).unwrap();
    session.submit(3, get(vec!["./a".to_owned(), "./m".to_owned()])).unwrap();
    let mut profile = Profile::CONFORMING;
    profile.wbxml = true;
    profile.max_msg_size = Some(2000);
    let tree = MemoryTree::default().with("./a", "chr", "").with("./m", "xml", "");
    let mut device = device(tree).with_profile(profile);
    let request = device.start(&[]).unwrap();
    assert!(wbxml::looks_like(&request));
    let mut probe = ServerSession::<u32>::new(&config());
    probe.handle_message(NOW, &request).unwrap();
    let answer = probe.poll_transmit(NOW).unwrap();
    assert_eq!(answer.content_type, syncml::CONTENT_TYPE_WBXML);
    assert!(wbxml::looks_like(&answer.body));
    assert_eq!(syncml::session::peek(&request, &Default::default()).unwrap().msg_id, "1");
    let (found, count) = run(&mut session, &mut device, 2000);
    assert!(count > 5);
    let found = outcomes(found);
    assert!(found.iter().all(Outcome::is_success));
    assert_eq!(value(&device, "./a"), large);
    assert_eq!(found[2].results[0].data.as_ref().unwrap().as_str(), large);
    assert!(found[2].results[1].data.as_ref().unwrap().as_str().contains("&lt;"));
}

/// Bytes of every value.
fn bytes(count: usize) -> Vec<u8> {
    (0..=255_u8).cycle().take(count).collect()
}

/// A device's message in WBXML.
fn binary(id: u32, header: &str, body: &str) -> Vec<u8> {
    let xml = message(id, header, body);
    let mut out = Vec::new();
    wbxml::encode(&decode(&xml, &Limits::default()).unwrap(), &mut out).unwrap();
    out
}

/// In WBXML bytes travel raw, and Size counts those; `bin` is base64 for us.
#[test]
fn bytes_that_a_device_sends_in_wbxml_are_joined_as_bytes() {
    for (size, whole) in [(1000, true), (1001, false), (999, false)] {
        let mut config = config();
        config.max_object_bytes = 1000.max(size);
        let mut session = ServerSession::new(&config);
        session.submit(1, Command::get("./a")).unwrap();
        session.handle_message(NOW, &binary(1, "", "<Final/>")).unwrap();
        session.poll_transmit(NOW).unwrap();
        let value = bytes(1000);
        let mut code = 0;
        // In pieces that are no multiple of three, and in more than one message.
        for (id, part) in (2..).zip([0..700, 700..701, 701..1000]) {
            let size = if id == 2 { Some(size) } else { None };
            let part = chunk(id, id < 4, size, &STANDARD.encode(&value[part]));
            let part = if id == 2 {
                part.replace("<Meta>", "<Meta><Format xmlns='syncml:metinf'>bin</Format>")
            } else {
                let meta = "<Meta><Format xmlns='syncml:metinf'>bin</Format></Meta><Data>";
                part.replace("<Data>", meta)
            };
            let end = if id == 4 { "<Final/>" } else { "" };
            let message = binary(id, "", &format!("{part}{end}"));
            session.handle_message(NOW, &message).unwrap();
            let state = session.into_state().to_bytes();
            let state = SessionState::from_bytes(&state).unwrap();
            session = ServerSession::resume(state, &config).unwrap();
            let answer = session.poll_transmit(NOW).unwrap().body;
            let answer = wbxml::decode(&answer, &Limits::default()).unwrap();
            let results = said(&answer).into_iter().find(|(name, _)| name == "Results");
            code = results.map_or(0, |(_, code)| code);
        }
        assert_eq!(code, if whole { 0 } else { 424 }, "{size}");
        let [outcome] = outcomes(events(&mut session)).try_into().unwrap();
        let joined: Vec<_> = outcome.results.iter().map(|item| item.data.clone()).collect();
        let expected = whole.then(|| Some(Data::text(STANDARD.encode(&value))));
        assert_eq!(joined, Vec::from_iter(expected), "{size}");
    }
}

#[test]
fn bytes_go_to_a_device_in_wbxml_raw_and_size_counts_them() {
    for count in [2998, 2999, 3000] {
        let value = bytes(count);
        let mut session = ServerSession::new(&config());
        let data = Data::text(STANDARD.encode(&value));
        session.submit(1, Command::replace("./a", Format::Bin, data)).unwrap();
        let mut joined = Vec::new();
        for id in 1.. {
            let (header, body) = match id {
                1 => (announce(1500), "<Final/>".to_owned()),
                id => {
                    let next = "<Alert><CmdID>9</CmdID><Data>1222</Data></Alert>";
                    (String::new(), status(id - 1, 2, "Replace", "", 213) + next)
                }
            };
            session.handle_message(NOW, &binary(id, &header, &body)).unwrap();
            let answer = session.poll_transmit(NOW).unwrap().body;
            let message = wbxml::decode(&answer, &Limits::default()).unwrap();
            let mut sent = message.body.commands.iter().filter(|one| one.name() == "Replace");
            let item = &sent.next().unwrap().items()[0];
            let size = item.meta.as_ref().unwrap().size.as_deref().map(str::to_owned);
            assert_eq!(size, (id == 1).then(|| count.to_string()));
            let part = STANDARD.decode(item.data.as_ref().unwrap().as_str()).unwrap();
            assert!(answer.windows(part.len()).any(|window| window == part), "raw");
            joined.extend(part);
            if !item.more_data {
                break;
            }
        }
        assert_eq!(joined, value);
    }
}

#[test]
fn large_bytes_go_both_ways_in_wbxml_and_in_xml() {
    for wbxml in [true, false] {
        let value = STANDARD.encode(bytes(5000));
        let mut config = config();
        config.announced_message_bytes = Some(2000);
        let mut session = ServerSession::new(&config);
        let command = Command::replace("./a", Format::Bin, Data::text(value.clone()));
        session.submit(1, command).unwrap();
        session.submit(2, Command::get("./a")).unwrap();
        let mut profile = Profile::CONFORMING;
        profile.wbxml = wbxml;
        profile.max_msg_size = Some(2000);
        let tree = MemoryTree::default().with("./a", "bin", "");
        let mut device = device(tree).with_profile(profile);
        let (found, count) = run(&mut session, &mut device, 2000);
        assert!(count > 5);
        let found = outcomes(found);
        assert!(found.iter().all(Outcome::is_success), "{wbxml} {found:?}");
        assert_eq!(found[1].results[0].data.as_ref().unwrap().as_str(), value);
    }
}

#[test]
fn the_devices_max_obj_size_counts_bytes_as_they_travel() {
    for (wbxml, size, verdict) in [
        (true, 501, Verdict::Applied),
        (true, 502, Verdict::NotSent),
        (false, 375, Verdict::Applied),
        (false, 376, Verdict::NotSent),
    ] {
        let mut profile = Profile::CONFORMING;
        profile.wbxml = wbxml;
        profile.max_obj_size = Some(if wbxml { 501 } else { 500 });
        let mut session = ServerSession::new(&config());
        let data = Data::text(STANDARD.encode(bytes(size)));
        session.submit(1, Command::replace("./a", Format::Bin, data)).unwrap();
        let tree = MemoryTree::default().with("./a", "bin", "");
        let (found, _) = run(&mut session, &mut device(tree).with_profile(profile), usize::MAX);
        assert_eq!(outcomes(found)[0].verdict, verdict, "{wbxml} {size}");
    }
}

#[test]
fn the_vendors_own_limit_is_soft_for_a_single_command() {
    let commands = ["./a", "./b"].map(|uri| replace(uri, "x".repeat(500)));
    for (limit, sent) in [(0, 2), (1, 1)] {
        let (all, ..) = fill(None, &commands);
        let mut config = config();
        config.max_message_bytes = all - limit;
        let mut session = ServerSession::new(&config);
        for command in &commands {
            session.submit(1, command.clone()).unwrap();
        }
        session.handle_message(NOW, &message(1, "", "<Final/>")).unwrap();
        assert!(session.poll_transmit(NOW).unwrap().body.len() <= all - limit);
        assert_eq!(session.unanswered().count(), sent);
    }
    let mut config = config();
    config.max_message_bytes = 10;
    let mut session = ServerSession::new(&config);
    session.submit(1, commands[0].clone()).unwrap();
    let (_, answer) = handle(&mut session, &message(1, "", "<Final/>"));
    assert!(!answer.body.commands[1].items()[0].more_data, "whole: the device set no limit");
}

#[test]
fn statuses_for_a_device_without_room_are_bounded() {
    let mut config = config();
    config.limits.commands = 5;
    let mut session = ServerSession::<u32>::new(&config);
    let alerts: String =
        (2..7).map(|id| format!("<Alert><CmdID>{id}</CmdID><Data>1100</Data></Alert>")).collect();
    for id in 1..20 {
        let (_, answer) = handle(&mut session, &message(id, &announce(1), &alerts));
        assert_eq!(answer.body.commands.len(), 1);
    }
    let state = serde_json::to_string(&session.into_state()).unwrap();
    // Five that were left, and five of the last message.
    assert_eq!(state.matches("\"Status\"").count(), 10);
}

/// *Observed*: Windows may repeat Results in the next message.
#[test]
fn results_that_come_again_count_once() {
    let mut profile = Profile::WINDOWS_11;
    profile.repeats_results = true;
    let tree = MemoryTree::default().with("./a", "chr", "1").with("./b", "chr", "2");
    let mut config = config();
    config.max_commands = 1;
    let mut session = ServerSession::new(&config);
    session.submit(1, Command::get("./a")).unwrap();
    session.submit(2, Command::get("./b")).unwrap();
    let mut device = device(tree).with_profile(profile);
    let (found, _) = run(&mut session, &mut device, usize::MAX);
    let found = outcomes(found);
    assert_eq!(found.iter().map(|outcome| outcome.results.len()).collect::<Vec<_>>(), [1, 1]);
}
