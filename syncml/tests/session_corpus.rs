//! Every message of the corpus that could be a device's, handed to a session: what real devices and
//! published samples send never stops one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{NOW, config, events};
use mdm_test_support::{corpus, is_named};
use syncml::session::{Event, ServerSession, SessionError};
use syncml::{CmdId, Command, DiagnosticCode as Code, ErrorKind, Limits, Message, decode, wbxml};

fn is_blank(id: &CmdId<'_>) -> bool {
    id.as_str().trim().is_empty()
}

#[test]
fn messages_of_real_devices_are_answered_as_they_must() {
    let Some(corpus) = corpus("syncml") else { return };
    let limits = Limits::default();
    let (mut answered, mut packages) = (0, 0);
    for file in corpus.files() {
        let name = &file.name;
        let in_wbxml = wbxml::looks_like(&file.bytes);
        let message = if in_wbxml {
            wbxml::decode(&file.bytes, &limits)
        } else {
            decode(&file.bytes, &limits)
        };
        let mut session = ServerSession::new(&config());
        session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
        let before =
            serde_json::to_string(&ServerSession::<u32>::new(&config()).into_state()).unwrap();
        let Ok(message) = message else {
            // What cannot be read changes nothing.
            let mut other = ServerSession::<u32>::new(&config());
            assert!(other.handle_message(NOW, &file.bytes).is_err(), "{name}");
            assert_eq!(serde_json::to_string(&other.into_state()).unwrap(), before, "{name}");
            continue;
        };
        let header = message.header.as_ref();
        let usable = header.is_some_and(|header| {
            !header.session_id.as_str().is_empty() && !header.msg_id.as_str().is_empty()
        });
        let handled = session.handle_message(NOW, &file.bytes);
        if !usable {
            let error = handled.unwrap_err();
            let no_header = matches!(error.kind(), ErrorKind::Session(SessionError::NoHeader));
            assert!(no_header, "{name}: {error}");
            continue;
        }
        handled.unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = events(&mut session);
        assert!(matches!(found.first(), Some(Event::Began { .. })), "{name}");
        let answer = session.poll_transmit(NOW).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(wbxml::looks_like(&answer.body), in_wbxml, "{name}");
        session.handle_message(NOW, &file.bytes).unwrap();
        assert_eq!(session.poll_transmit(NOW).unwrap(), answer, "{name}: the same bytes again");
        assert!(events(&mut session).iter().all(|event| matches!(event, Event::Ended)), "{name}");

        // What goes out is beyond reproach, whatever came in, but for what follows from it: the
        // version that the device speaks, and that a command without a CmdID can be told by none.
        let reply = if in_wbxml {
            wbxml::decode(&answer.body, &limits)
        } else {
            decode(&answer.body, &limits)
        };
        let text = || String::from_utf8_lossy(&answer.body).into_owned();
        let reply = reply.unwrap_or_else(|error| panic!("{name}: {error}: {}", text()));
        let commands = &message.body.commands;
        let nameless = commands.iter().any(|command| command.cmd_id().is_none_or(is_blank));
        let version =
            |message: &Message<'_>| message.header.as_ref().unwrap().ver_proto.to_string();
        let speaks_1_1 = version(&message).trim() == "DM/1.1";
        assert_eq!(version(&reply), if speaks_1_1 { "DM/1.1" } else { "DM/1.2" }, "{name}");
        for found in &reply.diagnostics {
            let follows = match found.code {
                Code::Version | Code::Namespace => speaks_1_1,
                Code::Missing => nameless && found.detail == "CmdRef",
                _ => false,
            };
            assert!(follows, "{name}: {found}: {}", text());
        }
        assert!(reply.diagnostics.len() < limits.diagnostics, "{name}");
        let statuses: Vec<_> = reply
            .body
            .commands
            .iter()
            .filter_map(|command| match command {
                Command::Status(status) => Some(status),
                _ => None,
            })
            .collect();
        // One for the header, and one for each command that is owed one.
        let owed = message.body.commands.iter().filter(|command| match command {
            Command::Status(_) => false,
            // Only a chunk of a large object has one.
            Command::Results(results) => results.items.iter().any(|item| item.more_data),
            Command::Alert(alert) => !alert.no_resp,
            Command::Atomic(group) | Command::Sequence(group) => !group.no_resp,
            other => other.request().is_none_or(|request| !request.no_resp),
        });
        let header_status = usize::from(!header.unwrap().no_resp);
        assert_eq!(statuses.len(), owed.count() + header_status, "{name}: {}", text());
        // No commands before the device has said everything.
        let asks = session.unanswered().count() == 1;
        let aborted = found.contains(&Event::Aborted);
        assert!(!asks || message.body.is_final, "{name}");
        assert!(asks || !message.body.is_final || aborted, "{name}");
        packages += usize::from(found.iter().any(|event| matches!(event, Event::PackageOne(_))));
        answered += 1;
    }
    assert!(!is_named() || (answered > 0 && packages > 0), "the corpus has sessions");
}
