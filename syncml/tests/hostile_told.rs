//! What a device may tell a session at length: nodes of DevInfo, and statuses of nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{NOW, config, events, handle, message, status};
use syncml::session::{Event, ServerSession};

/// What a maker adds to DevInfo is kept up to a limit, however often it is said.
#[test]
fn what_a_device_adds_to_its_description_is_kept_up_to_a_limit() {
    let replace = |nodes: &[(usize, usize)]| {
        let items: String = nodes
            .iter()
            .map(|(node, bytes)| {
                let value = "v".repeat(*bytes);
                let uri = format!("./DevInfo/Ext/{node}");
                format!("<Item><Source><LocURI>{uri}</LocURI></Source><Data>{value}</Data></Item>")
            })
            .collect();
        format!("<Replace><CmdID>2</CmdID>{items}</Replace>")
    };
    let described = |max: usize, body: &str| {
        let mut config = config();
        config.max_device_info_bytes = max;
        let (found, _) = handle(
            &mut ServerSession::<u32>::new(&config),
            &message(1, "", &format!("{body}<Final/>")),
        );
        let package = found.into_iter().find_map(|event| match event {
            Event::PackageOne(package) => Some(package.device),
            _ => None,
        });
        package.unwrap()
    };
    // Two nodes of ten bytes, with what each costs.
    let two = 2 * ("./DevInfo/Ext/1".len() + 10 + 64);
    for body in [
        replace(&[(1, 10), (2, 10)]),
        replace(&[(1, 10)]) + &replace(&[(2, 10)]),
        // What is said again takes the place of what was said.
        replace(&[(1, 30), (1, 3), (2, 4), (1, 10), (2, 10)]),
        replace(&[(1, 10)]).repeat(50) + &replace(&[(2, 10)]),
    ] {
        let device = described(two, &body);
        assert_eq!((device.other.len(), device.truncated), (2, false), "{body}");
        let device = described(two - 1, &body);
        assert!(device.truncated, "{body}");
        assert!(device.other.values().map(String::len).sum::<usize>() < 20, "{body}");
    }
    // A value that has no room takes along what was said before, and others have its room.
    let said = replace(&[(1, 10), (2, 10)]) + &replace(&[(1, 11), (2, 11)]);
    let device = described(two, &said);
    let kept: Vec<_> = device.other.iter().map(|(uri, value)| (&**uri, value.len())).collect();
    assert_eq!((kept, device.truncated), (vec![("./DevInfo/Ext/2", 11)], true));
    // Thousands of commands with nodes that are there already.
    let many: Vec<_> = (0..700).map(|node| (node, 1)).collect();
    let body = replace(&many) + &(0..9_000).map(|n| replace(&[(n % 700, 1)])).collect::<String>();
    let device = described(config().max_device_info_bytes, &body);
    assert_eq!((device.other.len(), device.truncated), (700, false));
    // A hundred thousand nodes, and as many that are replaced.
    let many: Vec<_> = (0..90_000).map(|node| (node, 1)).collect();
    let device = described(config().max_device_info_bytes, &replace(&many));
    assert!(device.truncated && device.other.len() < 1_000);
    let same: Vec<_> = (0..90_000).map(|node| (node % 500, 1)).collect();
    let device = described(config().max_device_info_bytes, &replace(&same));
    assert!(!device.truncated && device.other.len() == 500);
}

/// Statuses of nothing are told in a few words each.
#[test]
fn statuses_of_nothing_are_told_in_short() {
    for (length, kept) in [(64, 64), (65, 64), (1 << 20, 64)] {
        let long = "\u{e4}".repeat(length);
        let body = status(7, 7, "Get", "", 404)
            .replace("<MsgRef>7<", &format!("<MsgRef>{long}<"))
            .replace("<CmdRef>7<", &format!("<CmdRef>{long}<"))
            .replace("<Cmd>Get<", &format!("<Cmd>{long}<"));
        let mut session = ServerSession::<u32>::new(&config());
        session.handle_message(NOW, &message(1, "", &body)).unwrap();
        let told = events(&mut session).into_iter().find_map(|event| match event {
            Event::UnmatchedStatus { msg_ref, cmd_ref, command, .. } => {
                Some([msg_ref, cmd_ref, command.unwrap()])
            }
            _ => None,
        });
        assert!(told.unwrap().iter().all(|text| text.chars().count() == kept), "{length}");
    }
    // All that a message may have, and no more than once each.
    let body = status(7, 7, "Get", "", 404).repeat(9_999);
    let mut session = ServerSession::<u32>::new(&config());
    session.handle_message(NOW, &message(1, "", &body)).unwrap();
    let bytes = serde_json::to_string(&session.into_state()).unwrap().len();
    assert!(bytes < body.len() + 10_000, "{bytes} of {}", body.len());
}
