//! Events that nobody asked for, in the bytes of a state. The numbers and the order of fields are part
//! of what is stored: they stay as they are.

use std::sync::Arc;

use mdm_xml::{Code as _, Diagnostic, Position};

use super::bytes::{read_key, write_key};
use super::event::{Event, GenericAlert, Mark, UserToken};
use super::key::StateKey;
use super::outcome::{Outcome, Verdict};
use crate::diagnostic::DiagnosticCode;
use crate::pack::{Broken, Input, Pack, packed, packed_enum, write_bytes};

packed! {
    GenericAlert { code, typ, mark, format, source, target, data, correlator, original_error }
    Outcome<K> where [K: StateKey] => key by write_key, read_key {
        command, verdict, cause, statuses, results, children, truncated,
    }
}

packed_enum! {
    Mark {
        0 = Fatal, 1 = Critical, 2 = Minor, 3 = Warning, 4 = Informational, 5 = Harmless,
        6 = Indeterminate, 7 = Other(word),
    }
    Verdict {
        0 = Applied, 1 = Partial, 2 = RolledBack, 3 = Failed, 4 = Unanswered, 5 = NotSent,
    }
}

impl<K: StateKey> Pack for Event<K> {
    fn pack(&self, out: &mut Vec<u8>) {
        match self {
            Self::Began { device, user } => {
                out.push(0);
                device.pack(out);
                write_option(user, out);
            }
            Self::PackageOne(package) => one(1, package, out),
            Self::DeviceInfo(info) => one(2, info, out),
            Self::Login(login) => one(3, login, out),
            Self::UserToken(token) => one(4, &token.0, out),
            Self::Unenrolled(alert) => one(5, alert, out),
            Self::Generic(alert) => one(6, alert, out),
            Self::Alert(alert) => one(7, alert, out),
            Self::Results { key, items } => {
                out.push(8);
                write_key(key, out);
                items.pack(out);
            }
            Self::Outcome(outcome) => one(9, outcome, out),
            Self::ObjectComplete { address, bytes } => {
                out.push(10);
                write_option(address, out);
                bytes.pack(out);
            }
            Self::Authenticated { user } => one(11, user, out),
            Self::Challenged(code) => one(12, code, out),
            Self::AuthenticationFailed => out.push(13),
            Self::NonceChanged => out.push(14),
            Self::ChallengedByDevice(code) => one(15, code, out),
            Self::HeaderRefused(code) => one(16, code, out),
            Self::Aborted => out.push(17),
            Self::Violation { command, answered } => {
                out.push(18);
                command.pack(out);
                answered.pack(out);
            }
            Self::Diagnostic(found) => one(19, found, out),
            Self::Ended => out.push(20),
            Self::SyncType(sync_type) => one(21, sync_type, out),
            Self::UnmatchedStatus { msg_ref, cmd_ref, command, code } => {
                out.push(22);
                msg_ref.pack(out);
                cmd_ref.pack(out);
                write_option(command, out);
                code.pack(out);
            }
        }
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        Ok(match input.byte()? {
            0 => Self::Began { device: Pack::unpack(input)?, user: read_option(input)? },
            1 => Self::PackageOne(Pack::unpack(input)?),
            2 => Self::DeviceInfo(Pack::unpack(input)?),
            3 => Self::Login(Pack::unpack(input)?),
            4 => Self::UserToken(UserToken(Pack::unpack(input)?)),
            5 => Self::Unenrolled(Pack::unpack(input)?),
            6 => Self::Generic(Pack::unpack(input)?),
            7 => Self::Alert(Pack::unpack(input)?),
            8 => Self::Results { key: read_key(input)?, items: Pack::unpack(input)? },
            9 => Self::Outcome(Pack::unpack(input)?),
            10 => {
                Self::ObjectComplete { address: read_option(input)?, bytes: Pack::unpack(input)? }
            }
            11 => Self::Authenticated { user: Pack::unpack(input)? },
            12 => Self::Challenged(Pack::unpack(input)?),
            13 => Self::AuthenticationFailed,
            14 => Self::NonceChanged,
            15 => Self::ChallengedByDevice(Pack::unpack(input)?),
            16 => Self::HeaderRefused(Pack::unpack(input)?),
            17 => Self::Aborted,
            18 => Self::Violation { command: Pack::unpack(input)?, answered: Pack::unpack(input)? },
            19 => Self::Diagnostic(Pack::unpack(input)?),
            20 => Self::Ended,
            21 => Self::SyncType(Pack::unpack(input)?),
            22 => Self::UnmatchedStatus {
                msg_ref: Pack::unpack(input)?,
                cmd_ref: Pack::unpack(input)?,
                command: read_option(input)?,
                code: Pack::unpack(input)?,
            },
            _ => return Err(Broken),
        })
    }
}

fn one(number: u8, held: &impl Pack, out: &mut Vec<u8>) {
    out.push(number);
    held.pack(out);
}

fn write_option<T: Pack>(value: &Option<T>, out: &mut Vec<u8>) {
    out.push(u8::from(value.is_some()));
    value.pack(out);
}

fn read_option<T: Pack>(input: &mut Input<'_>) -> Result<Option<T>, Broken> {
    match input.byte()? {
        0 => Ok(None),
        1 => Pack::unpack(input),
        _ => Err(Broken),
    }
}

/// Its code by its name, which is stable.
impl Pack for Diagnostic<DiagnosticCode> {
    fn pack(&self, out: &mut Vec<u8>) {
        write_bytes(self.code.id().as_bytes(), out);
        let Position { offset, line, column } = self.position;
        (offset, line).pack(out);
        (column, self.end).pack(out);
        self.path.pack(out);
        self.detail.pack(out);
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        let id = input.bytes()?;
        let code = DiagnosticCode::ALL.iter().find(|code| code.id().as_bytes() == id);
        let (offset, line) = Pack::unpack(input)?;
        let (column, end) = Pack::unpack(input)?;
        let position = Position { offset, line, column };
        let (path, detail) = Pack::unpack(input)?;
        Ok(Self::new(*code.ok_or(Broken)?, position, end, path, detail))
    }
}

impl Pack for Arc<str> {
    fn pack(&self, out: &mut Vec<u8>) {
        write_bytes(self.as_bytes(), out);
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        String::unpack(input).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::{AlertCode, StatusCode};
    use crate::model::{Command, Data, Item};
    use crate::session::{Cause, DeviceInfo, ItemStatus, LoginStatus, PackageOne, SyncType};

    /// One of each kind, in the order of their numbers, with what they can hold.
    fn all() -> Vec<Event<u32>> {
        let generic = Box::new(GenericAlert {
            code: AlertCode::GENERIC,
            typ: Some("com.example:thing".to_owned()),
            mark: Mark::Other("odd".to_owned()),
            format: Some("chr".to_owned()),
            source: Some("./a".to_owned()),
            target: None,
            data: Some(Data::Markup("<b/>".into())),
            correlator: Some("one".into()),
            original_error: Some("0x86000002".to_owned()),
        });
        let Command::Alert(alert) = Command::alert(AlertCode::CLIENT_EVENT) else { unreachable!() };
        let other = [("./DevInfo/Ext/FwV".to_owned(), "1.0".to_owned())].into();
        let lang = Some("de".to_owned());
        let info = DeviceInfo { lang, other, truncated: true, ..DeviceInfo::default() };
        let outcome = Outcome {
            verdict: Verdict::Partial,
            cause: Some(Cause::TooLarge { bytes: 300, max: 200 }),
            statuses: vec![ItemStatus {
                target: Some("./a".to_owned()),
                code: StatusCode::NOT_FOUND,
                original_error: Some("0x86000011".to_owned()),
                data: vec!["x".to_owned()],
            }],
            results: vec![Item::target("./a")],
            children: vec![Vec::new(), Vec::new()],
            truncated: true,
            command: "Get".into(),
            ..Outcome::unreadable(7)
        };
        let found = Diagnostic::new(
            DiagnosticCode::Namespace,
            Position { offset: 200, line: 3, column: 7 },
            230,
            "SyncML/SyncBody".to_owned(),
            "x".to_owned(),
        );
        vec![
            Event::Began { device: "d".to_owned(), user: Some(String::new()) },
            Event::PackageOne(Box::new(PackageOne {
                device: info.clone(),
                sync_type: Some(SyncType::User),
                ..Default::default()
            })),
            Event::DeviceInfo(info),
            Event::Login(LoginStatus::Others),
            Event::UserToken(UserToken("token".to_owned())),
            Event::Unenrolled(generic.clone()),
            Event::Generic(generic),
            Event::Alert(Box::new(alert)),
            Event::Results { key: 9, items: vec![Item::target("./b")] },
            Event::Outcome(outcome),
            Event::ObjectComplete { address: None, bytes: 4096 },
            Event::Authenticated { user: "u".to_owned() },
            Event::Challenged(StatusCode::UNAUTHORIZED),
            Event::AuthenticationFailed,
            Event::NonceChanged,
            Event::ChallengedByDevice(StatusCode::UNAUTHORIZED),
            Event::HeaderRefused(StatusCode::NOT_FOUND),
            Event::Aborted,
            Event::Violation { command: "Put".to_owned(), answered: StatusCode::NOT_FOUND },
            Event::Diagnostic(found),
            Event::Ended,
            Event::SyncType(SyncType::Other("kiosk".to_owned())),
            Event::UnmatchedStatus {
                msg_ref: "1".to_owned(),
                cmd_ref: String::new(),
                command: Some("Replace".to_owned()),
                code: StatusCode::BAD_REQUEST,
            },
        ]
    }

    #[test]
    fn every_kind_of_event_survives_being_stored() {
        for (number, event) in (0..).zip(all()) {
            let mut bytes = Vec::new();
            event.pack(&mut bytes);
            assert_eq!(bytes.first(), Some(&number), "{event:?}");
            let mut input = Input::new(&bytes);
            assert_eq!(Event::unpack(&mut input), Ok(event));
            assert_eq!(input.left(), 0);
            for end in 0..bytes.len() {
                assert!(Event::<u32>::unpack(&mut Input::new(&bytes[..end])).is_err());
            }
        }
        let next = u8::try_from(all().len()).unwrap();
        assert_eq!(Event::<u32>::unpack(&mut Input::new(&[next])), Err(Broken));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn every_kind_of_event_survives_serde() {
        let json = serde_json::to_string(&all()).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Event<u32>>>(&json).unwrap(), all());
    }
}
