//! Rules that a message may break without becoming unreadable.

use std::borrow::Cow;

use mdm_xml::Element;

use super::name::{Name, Ranks};
use super::{Decoder, has_blanks_around};
use crate::diagnostic::DiagnosticCode;
use crate::id::CmdId;
use crate::loc_uri::LocUri;
use crate::model::{Header, Item, Location, Meta};

// The order of children in the DTD (OMA-SyncML-RepPro 1.2 DTD).
pub(super) static HEADER: Ranks = Ranks::of(&[
    Name::VerDtd,
    Name::VerProto,
    Name::SessionId,
    Name::MsgId,
    Name::Target,
    Name::Source,
    Name::RespUri,
    Name::NoResp,
    Name::Cred,
    Name::Meta,
]);
pub(super) static REQUEST: Ranks = Ranks::of(&[
    Name::CmdId,
    Name::NoResp,
    Name::Lang,
    Name::Archive,
    Name::SftDel,
    Name::Cred,
    Name::Meta,
    Name::Correlator,
    Name::Item,
]);
pub(super) static ALERT: Ranks =
    Ranks::of(&[Name::CmdId, Name::NoResp, Name::Cred, Name::Data, Name::Correlator, Name::Item]);
pub(super) static STATUS: Ranks = Ranks::of(&[
    Name::CmdId,
    Name::MsgRef,
    Name::CmdRef,
    Name::Cmd,
    Name::TargetRef,
    Name::SourceRef,
    Name::Cred,
    Name::Chal,
    Name::Data,
    Name::Item,
]);
/// As MS-MDM 2.2.6.1 has it.
pub(super) static STATUS_OF_MDM: Ranks = Ranks::of(&[
    Name::CmdId,
    Name::MsgRef,
    Name::CmdRef,
    Name::Cmd,
    Name::Cred,
    Name::Chal,
    Name::Data,
    Name::Item,
    Name::SourceRef,
    Name::TargetRef,
]);
pub(super) static RESULTS: Ranks = Ranks::of(&[
    Name::CmdId,
    Name::MsgRef,
    Name::CmdRef,
    Name::Cmd,
    Name::Meta,
    Name::TargetRef,
    Name::SourceRef,
    Name::Item,
]);
pub(super) static GROUP: Ranks = Ranks::of(&[Name::CmdId, Name::NoResp, Name::Meta]);
pub(super) static SYNC: Ranks = Ranks::of(&[
    Name::CmdId,
    Name::NoResp,
    Name::Cred,
    Name::Target,
    Name::Source,
    Name::Meta,
    Name::NumberOfChanges,
]);
pub(super) static ITEM: Ranks = Ranks::of(&[
    Name::Target,
    Name::Source,
    Name::SourceParent,
    Name::TargetParent,
    Name::Meta,
    Name::Data,
    Name::MoreData,
]);
pub(super) static LOCATION: Ranks = Ranks::of(&[Name::LocUri, Name::LocName, Name::Filter]);
pub(super) static CRED: Ranks = Ranks::of(&[Name::Meta, Name::Data]);

/// Follows an element's children and tells when one stands too late.
pub(super) struct Order {
    table: &'static Ranks,
    last: u8,
    pub(super) broken: bool,
}

impl Order {
    pub(super) fn new(table: &'static Ranks) -> Self {
        Self { table, last: 0, broken: false }
    }

    /// Takes the next child; whether it is the first that stands too late.
    #[inline]
    pub(super) fn step(&mut self, name: Name) -> bool {
        let Some(rank) = self.table.place(name) else { return false };
        if rank >= self.last {
            self.last = rank;
            return false;
        }
        !std::mem::replace(&mut self.broken, true)
    }

    /// Another round: several commands in one element.
    pub(super) fn again(&mut self) {
        self.last = 0;
    }

    /// Whatever is not in the table comes after it.
    pub(super) fn past_end(&mut self) {
        self.last = u8::MAX;
    }
}

/// What a command is, for the rules about its items.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Addressed {
    /// Each item is for a node: Add, Delete, Exec, Get, Replace.
    Node,
    /// Each item is for a node and from another: Copy, Move.
    Both,
    /// Each item has an address of whatever kind: Put, Results.
    Any,
    /// Items need no address: Alert, Status.
    Free,
}

/// A text without the blanks around it.
#[inline]
fn trimmed(text: &str) -> &str {
    if has_blanks_around(text) { text.trim() } else { text }
}

/// Whether a text is not there, or says nothing.
#[inline]
pub(super) fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| trimmed(text).is_empty())
}

/// A number without leading zeros and signs.
#[inline]
fn number(text: &str) -> Option<u64> {
    if let [b'1'..=b'9', rest @ ..] = text.as_bytes()
        && rest.len() < 8
        && rest.iter().all(u8::is_ascii_digit)
    {
        let digits = text.bytes().map(|digit| u64::from(digit - b'0'));
        return Some(digits.fold(0, |number, digit| number * 10 + digit));
    }
    text.parse().ok().filter(|_| !text.starts_with(['0', '+']))
}

impl<'x> Decoder<'x> {
    /// A child that stands too late.
    #[inline]
    pub(super) fn order(&mut self, order: &mut Order, name: Name, child: &Element<'x>) {
        if order.step(name) {
            self.note_tag(DiagnosticCode::Order, child, || child.name().to_owned());
        }
    }

    pub(super) fn missing(&mut self, element: &Element<'x>, what: &str) {
        self.note_tag(DiagnosticCode::Missing, element, || what.to_owned());
    }

    /// The CmdID of a command.
    pub(super) fn check_id(&mut self, id: Option<&CmdId<'x>>, element: &Element<'x>) {
        let Some(id) = id else {
            return self.note_tag(DiagnosticCode::NoCmdId, element, || element.name().to_owned());
        };
        let text = trimmed(id.as_str());
        if matches!(text, "" | "0") {
            return self.note_tag(DiagnosticCode::BadCmdId, element, || text.to_owned());
        }
        // Ids are compared without the blanks around them, once all are known.
        let id = id.clone().into_text();
        let id = if id.len() == text.len() { id } else { text.to_owned().into() };
        match number(&id).filter(|number| *number > self.highest_id) {
            // Most messages count: what is higher than all before is new.
            Some(number) => self.highest_id = number,
            None => self.ids_ascend = false,
        }
        self.ids.push((id, element.offset()));
    }

    /// Notes the CmdIDs that an earlier command has.
    pub(super) fn check_ids(&mut self) {
        let mut ids = std::mem::take(&mut self.ids);
        if self.ids_ascend {
            return;
        }
        ids.sort();
        let mut before: Option<&str> = None;
        for (id, offset) in &ids {
            if before == Some(id) {
                self.findings
                    .note(DiagnosticCode::RepeatedCmdId, *offset..*offset + 1, || id.to_string());
            }
            before = Some(id);
        }
    }

    pub(super) fn check_header(
        &mut self,
        header: &Header<'x>,
        element: &Element<'x>,
        seen: (bool, bool),
    ) {
        let blank = |text: &str| trimmed(text).is_empty();
        let missing: Vec<&str> = [
            ("VerDTD", blank(&header.ver_dtd)),
            ("VerProto", blank(&header.ver_proto)),
            ("SessionID", blank(header.session_id.as_str())),
            ("MsgID", blank(header.msg_id.as_str())),
            ("Target", !seen.0 || blank(&header.target.loc_uri)),
            ("Source", !seen.1 || blank(&header.source.loc_uri)),
        ]
        .into_iter()
        .filter_map(|(name, missing)| missing.then_some(name))
        .collect();
        if !missing.is_empty() {
            self.missing(element, &missing.join(", "));
        }
        for (found, expected) in [(&header.ver_dtd, "1.2"), (&header.ver_proto, "DM/1.2")] {
            if !blank(found) && trimmed(found) != expected {
                self.note_tag(DiagnosticCode::Version, element, || found.to_string());
            }
        }
    }

    /// A Status' or an Alert's code.
    pub(super) fn check_code(&mut self, data: Option<&str>, element: &Element<'x>) {
        match data {
            None => self.missing(element, "Data"),
            // Three digits, as codes have them.
            Some(data) if matches!(data.as_bytes(), [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9']) => {}
            Some(data) if data.trim().parse::<u16>().is_err() => {
                self.note_tag(DiagnosticCode::BadCode, element, || data.to_owned());
            }
            Some(_) => {}
        }
    }

    pub(super) fn check_meta(&mut self, meta: &Meta<'x>, element: &Element<'x>) {
        if let Some(crate::model::Format::Other(format)) = &meta.format {
            self.note_tag(DiagnosticCode::BadFormat, element, || format.to_string());
        }
        for size in [&meta.size, &meta.max_msg_size, &meta.max_obj_size].into_iter().flatten() {
            if size.trim().parse::<u64>().is_err() {
                self.note_tag(DiagnosticCode::BadNumber, element, || size.to_string());
            }
        }
    }

    /// The addresses of an item.
    pub(super) fn check_item(
        &mut self,
        item: &Item<'x>,
        addressed: Addressed,
        element: &Element<'x>,
    ) {
        fn given<'p>(place: Option<&'p Location<'_>>) -> Option<&'p str> {
            place.map(|place| trimmed(&place.loc_uri)).filter(|text| !text.is_empty())
        }
        let target = given(item.target.as_ref());
        let source = given(item.source.as_ref());
        let missing = match addressed {
            Addressed::Free => None,
            Addressed::Both if target.is_some() && source.is_none() => Some("Source"),
            Addressed::Both if target.is_none() => Some("Target"),
            // *Observed*: a device's Replace of DevInfo has sources.
            _ if target.or(source).is_none() => Some("Target"),
            _ => None,
        };
        if let Some(missing) = missing {
            self.missing(element, missing);
        }
        if matches!(addressed, Addressed::Free | Addressed::Any) {
            return;
        }
        for place in [&item.target, &item.source].into_iter().flatten() {
            let checked = match &place.loc_uri {
                Cow::Borrowed(text) if !trimmed(text).is_empty() => {
                    self.siblings.check(trimmed(text))
                }
                Cow::Owned(text) if !trimmed(text).is_empty() => LocUri::check(text),
                _ => continue,
            };
            if let Err(error) = checked {
                let text = trimmed(&place.loc_uri);
                self.note_tag(DiagnosticCode::BadAddress, element, || format!("{text}: {error}"));
            }
        }
    }
}
