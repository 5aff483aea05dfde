//! Commands, in document order and without recursion.

use mdm_xml::{Element, tags};

use super::Decoder;
use super::check::{self, Addressed, Order};
use super::name::{Name, Ranks};
use crate::diagnostic::DiagnosticCode;
use crate::error::{Error, ErrorKind};
use crate::id::{CmdId, MsgId};
use crate::model::{
    Alert, Command, Few, Group, Item, Map, Message, Meta, Rare, Request, Results, Search, Status,
    Sync,
};

/// Nesting that no limit can raise.
const DEEPEST: usize = 16;

/// An Atomic, Sequence or Sync that is open.
struct Open<'x> {
    element: Element<'x>,
    command: Command<'x>,
    order: Order,
}

/// Where commands go to: the innermost open group, or the body.
struct Places<'x, 'm> {
    open: Vec<Open<'x>>,
    message: &'m mut Message<'x>,
}

impl<'x> Places<'x, '_> {
    fn list(&mut self) -> &mut Vec<Command<'x>> {
        match self.open.last_mut().and_then(|open| open.command.children_mut()) {
            Some(children) => children,
            None => &mut self.message.body.commands,
        }
    }

    fn push(&mut self, command: Command<'x>) {
        self.list().push(command);
    }

    /// Appends a command that is then read where it is: it is too large to be moved about.
    fn begin(&mut self, name: Name) -> Option<&mut Command<'x>> {
        let list = self.list();
        list.push(match name {
            Name::Add => Command::Add(Request::default()),
            Name::Copy => Command::Copy(Request::default()),
            Name::Delete => Command::Delete(Request::default()),
            Name::Exec => Command::Exec(Request::default()),
            Name::Get => Command::Get(Request::default()),
            Name::Move => Command::Move(Request::default()),
            Name::Put => Command::Put(Request::default()),
            Name::Replace => Command::Replace(Request::default()),
            Name::Alert => Command::Alert(Alert::default()),
            Name::Status => Command::Status(Status::default()),
            Name::Results => Command::Results(Results::default()),
            Name::Map => Command::Map(Map::default()),
            _ => Command::Search(Search::default()),
        });
        list.last_mut()
    }

    /// The same for a request.
    fn begin_request(&mut self, name: Name) -> Option<&mut Request<'x>> {
        self.begin(name)?.request_mut()
    }

    fn in_atomic(&self) -> bool {
        self.open.iter().any(|open| matches!(open.command, Command::Atomic(_)))
    }
}

/// Reads a child that may occur once into its field; a second one is kept as it stands.
macro_rules! once {
    ($decoder:ident, $owner:ident.$field:ident, $child:ident, $name:literal, $read:expr) => {
        if $owner.$field.is_some() {
            $owner.extra.push($decoder.repeated(&$child)?);
        } else {
            $decoder.attributes(&$child, $name, 0, &mut $owner.attributes);
            $owner.$field = Some($read);
        }
    };
    ($decoder:ident, $owner:ident.$field:ident, $child:ident, $read:expr) => {
        if $owner.$field.is_some() {
            $owner.extra.push($decoder.repeated(&$child)?);
        } else {
            $owner.$field = Some($read);
        }
    };
}

/// Reads an empty child that may occur once.
macro_rules! flag {
    ($decoder:ident, $owner:ident.$field:ident, $child:ident, $name:literal) => {
        if $owner.$field {
            $owner.extra.push($decoder.repeated(&$child)?);
        } else {
            $decoder.attributes(&$child, $name, 0, &mut $owner.attributes);
            $decoder.reader.skip()?;
            $owner.$field = true;
        }
    };
}

pub(super) use {flag, once};

impl<'x> Decoder<'x> {
    /// The children of a SyncBody.
    pub(super) fn body(&mut self, message: &mut Message<'x>) -> Result<(), Error> {
        let expected = self.expected(STATUS_BYTES).min(self.limits.commands);
        message.body.commands.reserve(expected);
        self.ids.reserve(expected);
        while let Some(child) = self.next_command()? {
            self.command(child, message)?;
            self.stray();
        }
        self.stray();
        Ok(())
    }

    /// The next child of a body or a group. Nearly all are one of these.
    fn next_command(&mut self) -> Result<Option<Element<'x>>, Error> {
        let expected = self.enter(tags!("Status"));
        let expected = expected.or_else(|| self.enter(tags!("Replace")));
        let expected = expected.or_else(|| self.enter(tags!("Add")));
        match expected.or_else(|| self.enter(tags!("Get"))) {
            None => Ok(self.reader.child()?),
            expected => Ok(expected),
        }
    }

    /// One command that was just opened, with everything in it.
    pub(super) fn command(
        &mut self,
        element: Element<'x>,
        message: &mut Message<'x>,
    ) -> Result<(), Error> {
        if message.body.is_final && element.local() != "Final" {
            self.note_tag(DiagnosticCode::AfterFinal, &element, || element.name().to_owned());
        }
        let mut places = Places { open: Vec::new(), message };
        let mut next = Some(element);
        loop {
            if let Some(element) = next {
                self.one(&element, &mut places)?;
            } else {
                let Some(open) = places.open.pop() else { return Ok(()) };
                let command = self.close(open);
                places.push(command);
            }
            if places.open.is_empty() {
                return Ok(());
            }
            next = self.next_command()?;
            self.stray();
        }
    }

    fn close(&mut self, open: Open<'x>) -> Command<'x> {
        let Open { element, mut command, .. } = open;
        self.check_id(command.cmd_id(), &element);
        if command.children().is_empty() && !matches!(command, Command::Sync(_)) {
            self.missing(&element, "a command");
        }
        if self.own_bytes {
            command.set_own_bytes(self.bytes_of(element.offset(), element.name()));
        }
        command
    }

    fn one(&mut self, element: &Element<'x>, places: &mut Places<'x, '_>) -> Result<(), Error> {
        let local = element.local();
        let name = Name::of(local);
        if !self.ours(element) {
            self.count_command(element.offset())?;
            let raw = self.unknown(element)?;
            places.push(Command::Unknown(raw));
            return Ok(());
        }
        if !name.is_command() {
            return self.beside_commands(element, places);
        }
        self.count_command(element.offset())?;
        if matches!(name, Name::Atomic | Name::Get | Name::Status | Name::Results)
            && places.in_atomic()
        {
            self.note_tag(DiagnosticCode::InAtomic, element, || local.to_owned());
        }
        if matches!(name, Name::Map | Name::Move | Name::Put | Name::Search | Name::Sync) {
            self.note_tag(DiagnosticCode::NotInDm, element, || local.to_owned());
        }
        if let Some(open) = places.open.last_mut() {
            open.order.past_end();
        }
        if matches!(name, Name::Atomic | Name::Sequence | Name::Sync) {
            let max = self.limits.nesting.min(DEEPEST);
            if places.open.len() >= max {
                return Err(self.fail(ErrorKind::Nesting { max }, element.offset()));
            }
            places.open.push(self.open(element));
            return Ok(());
        }
        let read = match name {
            Name::Alert | Name::Status | Name::Results | Name::Map | Name::Search => {
                self.other(name, element, places)
            }
            _ => self.request(name, element, places),
        };
        if read.is_err() {
            // What is not whole is not in the message.
            places.list().pop();
        }
        read
    }

    /// A command that is no request.
    fn other(
        &mut self,
        name: Name,
        element: &Element<'x>,
        places: &mut Places<'x, '_>,
    ) -> Result<(), Error> {
        let Some(command) = places.begin(name) else { return Ok(()) };
        match command {
            Command::Alert(alert) => self.alert(element, alert)?,
            Command::Status(status) => self.status(element, status)?,
            Command::Results(results) => self.results(element, results)?,
            Command::Map(map) => self.map(element, map)?,
            Command::Search(search) => self.search(element, search)?,
            _ => {}
        }
        self.stray();
        self.check_id(command.cmd_id(), element);
        if self.own_bytes {
            command.set_own_bytes(self.bytes_of(element.offset(), element.name()));
        }
        Ok(())
    }

    /// A group's own children, Final, and what is not known.
    fn beside_commands(
        &mut self,
        element: &Element<'x>,
        places: &mut Places<'x, '_>,
    ) -> Result<(), Error> {
        if element.local() == "Final" {
            if places.message.body.is_final {
                self.note_tag(DiagnosticCode::Repeated, element, || element.name().to_owned());
            } else if places.open.is_empty() {
                self.attributes(element, "Final", 0, &mut places.message.body_attributes);
            } else {
                self.note_tag(DiagnosticCode::Order, element, || element.name().to_owned());
            }
            self.reader.skip()?;
            places.message.body.is_final = true;
            return Ok(());
        }
        let child = *element;
        if let Some(open) = places.open.last_mut() {
            let name = Name::of(child.local());
            self.order(&mut open.order, name, element);
            match &mut open.command {
                Command::Atomic(group) | Command::Sequence(group) => match name {
                    Name::CmdId => {
                        once!(self, group.cmd_id, child, "CmdID", CmdId::new(self.token(&child)?));
                        return Ok(());
                    }
                    Name::NoResp => {
                        self.note_tag(DiagnosticCode::NotInDm, &child, || "NoResp".to_owned());
                        flag!(self, group.no_resp, child, "NoResp");
                        return Ok(());
                    }
                    Name::Meta => {
                        once!(self, group.meta, child, Box::new(self.meta(&child)?));
                        return Ok(());
                    }
                    _ => {}
                },
                Command::Sync(sync) => {
                    let taken = self.in_sync(sync, &child)?;
                    if taken {
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        self.count_command(element.offset())?;
        let raw = self.unknown(element)?;
        places.push(Command::Unknown(raw));
        Ok(())
    }

    fn open(&mut self, element: &Element<'x>) -> Open<'x> {
        let mut attributes = Rare::new();
        self.attributes(element, "", 0, &mut attributes);
        let (command, table): (_, &'static Ranks) = match Name::of(element.local()) {
            Name::Atomic => {
                (Command::Atomic(Group { attributes, ..Group::default() }), &check::GROUP)
            }
            Name::Sequence => {
                (Command::Sequence(Group { attributes, ..Group::default() }), &check::GROUP)
            }
            _ => (Command::Sync(Sync { attributes, ..Sync::default() }), &check::SYNC),
        };
        Open { element: *element, command, order: Order::new(table) }
    }

    /// A request; several, where it holds several pairs of CmdID and items (seeds 000 and 001).
    fn request(
        &mut self,
        command: Name,
        element: &Element<'x>,
        places: &mut Places<'x, '_>,
    ) -> Result<(), Error> {
        let addressed = match command {
            Name::Copy | Name::Move => Addressed::Both,
            Name::Put => Addressed::Any,
            _ => Addressed::Node,
        };
        // Those of a device's answers are as they are.
        self.escaped.clear();
        let Some(mut request) = places.begin_request(command) else { return Ok(()) };
        self.attributes(element, "", 0, &mut request.attributes);
        let mut order = Order::new(&check::REQUEST);
        let (mut several, mut inherited) = (false, false);
        if let Some(text) = self.token_leaf(tags!("CmdID")) {
            request.cmd_id = Some(CmdId::new(text));
        }
        while let Some(child) = self.enter(tags!("Item")) {
            order.step(Name::Item);
            self.add_item(&child, addressed, &mut request.items)?;
        }
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                request.extra.push(self.unknown(&child)?);
                continue;
            }
            let name = Name::of(child.local());
            if name == Name::CmdId && request.cmd_id.is_some() && !request.items.is_empty() {
                self.note_element(DiagnosticCode::SeveralCommands, &child);
                self.count_command(child.offset())?;
                let (no_resp, meta) = (request.no_resp, self.shared(request, child.offset()));
                order.again();
                several = true;
                inherited = true;
                self.finish_request(request, element);
                let Some(next) = places.begin_request(command) else { return Ok(()) };
                request = next;
                (request.no_resp, request.meta) = (no_resp, meta);
            }
            self.order(&mut order, name, &child);
            match name {
                Name::CmdId => {
                    once!(self, request.cmd_id, child, "CmdID", CmdId::new(self.token(&child)?));
                }
                Name::NoResp => {
                    self.note_tag(DiagnosticCode::NotInDm, &child, || "NoResp".to_owned());
                    flag!(self, request.no_resp, child, "NoResp");
                }
                Name::Cred => {
                    self.note_tag(DiagnosticCode::NotInDm, &child, || "Cred".to_owned());
                    once!(self, request.cred, child, self.cred(&child)?);
                }
                // The Meta of the next of several commands is its own.
                Name::Meta if inherited => {
                    request.meta = Some(Box::new(self.meta(&child)?));
                    inherited = false;
                }
                Name::Meta => once!(self, request.meta, child, Box::new(self.meta(&child)?)),
                Name::Correlator => {
                    once!(self, request.correlator, child, "Correlator", self.value()?);
                }
                Name::Item => self.add_item(&child, addressed, &mut request.items)?,
                name if name.is_metinf() => {
                    self.note_tag(DiagnosticCode::OutsideMeta, &child, || child.name().to_owned());
                    let meta = request.meta.get_or_insert_default();
                    self.metinf(&child, name, meta)?;
                }
                _ => request.extra.push(self.unknown(&child)?),
            }
        }
        self.stray();
        self.finish_request(request, element);
        if command == Name::Exec && request.items.len() > 1 {
            self.note_tag(DiagnosticCode::SeveralItems, element, || "Exec".to_owned());
        }
        if !several {
            request.own_bytes = self.bytes_of(element.offset(), element.name());
        }
        Ok(())
    }

    /// The Meta that the next of several commands has as well.
    fn shared(&mut self, request: &Request<'x>, offset: usize) -> Option<Box<Meta<'x>>> {
        let meta = request.meta.as_ref().filter(|_| self.overdrawn.is_none())?;
        self.may_copy(crate::encode::meta_len(meta), offset).then(|| meta.clone())
    }

    fn finish_request(&mut self, request: &Request<'x>, element: &Element<'x>) {
        self.check_id(request.cmd_id.as_ref(), element);
        if request.items.is_empty() {
            self.missing(element, "Item");
        }
        if !self.escaped.is_empty() {
            self.note_escaped(element.local(), request.meta.as_deref());
        }
    }

    fn alert(&mut self, element: &Element<'x>, alert: &mut Alert<'x>) -> Result<(), Error> {
        self.attributes(element, "", 0, &mut alert.attributes);
        let mut order = Order::new(&check::ALERT);
        if let Some(text) = self.token_leaf(tags!("CmdID")) {
            alert.cmd_id = Some(CmdId::new(text));
        }
        if let Some(text) = self.token_leaf(tags!("Data")) {
            alert.data = Some(text);
            order.step(Name::Data);
        }
        while let Some(child) = self.enter(tags!("Item")) {
            order.step(Name::Item);
            self.add_item(&child, Addressed::Free, &mut alert.items)?;
        }
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                alert.extra.push(self.unknown(&child)?);
                continue;
            }
            let name = Name::of(child.local());
            self.order(&mut order, name, &child);
            match name {
                Name::CmdId => {
                    once!(self, alert.cmd_id, child, "CmdID", CmdId::new(self.token(&child)?));
                }
                Name::NoResp => {
                    self.note_tag(DiagnosticCode::NotInDm, &child, || "NoResp".to_owned());
                    flag!(self, alert.no_resp, child, "NoResp");
                }
                Name::Cred => {
                    self.note_tag(DiagnosticCode::NotInDm, &child, || "Cred".to_owned());
                    once!(self, alert.cred, child, self.cred(&child)?);
                }
                Name::Data => once!(self, alert.data, child, "Data", self.token(&child)?),
                Name::Correlator => {
                    once!(self, alert.correlator, child, "Correlator", self.value()?);
                }
                Name::Item => self.add_item(&child, Addressed::Free, &mut alert.items)?,
                _ => alert.extra.push(self.unknown(&child)?),
            }
        }
        self.check_code(alert.data.as_deref(), element);
        Ok(())
    }

    fn status(&mut self, element: &Element<'x>, status: &mut Status<'x>) -> Result<(), Error> {
        self.attributes(element, "", 0, &mut status.attributes);
        // The two specifications differ; either will do.
        let mut order = Order::new(&check::STATUS);
        let mut other = Order::new(&check::STATUS_OF_MDM);
        // What peers send, in the order of the DTD.
        if let Some(text) = self.token_leaf(tags!("CmdID")) {
            status.cmd_id = Some(CmdId::new(text));
        }
        if let Some(text) = self.token_leaf(tags!("MsgRef")) {
            status.msg_ref = Some(MsgId::new(text));
            order.step(Name::MsgRef);
            other.step(Name::MsgRef);
        }
        if let Some(text) = self.token_leaf(tags!("CmdRef")) {
            status.cmd_ref = Some(CmdId::new(text));
            order.step(Name::CmdRef);
            other.step(Name::CmdRef);
        }
        if let Some(text) = self.token_leaf(tags!("Cmd")) {
            status.cmd = Some(text);
            order.step(Name::Cmd);
            other.step(Name::Cmd);
        }
        while let Some(text) = self.token_leaf(tags!("TargetRef")) {
            status.target_refs.push(text);
            order.step(Name::TargetRef);
            other.step(Name::TargetRef);
        }
        while let Some(text) = self.token_leaf(tags!("SourceRef")) {
            status.source_refs.push(text);
            order.step(Name::SourceRef);
            other.step(Name::SourceRef);
        }
        if let Some(text) = self.token_leaf(tags!("Data")) {
            status.data = Some(text);
            order.step(Name::Data);
            other.step(Name::Data);
        }
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                status.extra.push(self.unknown(&child)?);
                continue;
            }
            let name = Name::of(child.local());
            let late = other.step(name);
            if (order.step(name) && other.broken) || (late && order.broken) {
                self.note_tag(DiagnosticCode::Order, &child, || child.name().to_owned());
            }
            match name {
                Name::CmdId => {
                    once!(self, status.cmd_id, child, "CmdID", CmdId::new(self.token(&child)?));
                }
                Name::MsgRef => {
                    once!(self, status.msg_ref, child, "MsgRef", MsgId::new(self.token(&child)?));
                }
                Name::CmdRef => {
                    once!(self, status.cmd_ref, child, "CmdRef", CmdId::new(self.token(&child)?));
                }
                Name::Cmd => once!(self, status.cmd, child, "Cmd", self.token(&child)?),
                Name::TargetRef => {
                    let index = status.target_refs.len();
                    self.attributes(&child, "TargetRef", index, &mut status.attributes);
                    status.target_refs.push(self.reference(&child)?);
                }
                Name::SourceRef => {
                    let index = status.source_refs.len();
                    self.attributes(&child, "SourceRef", index, &mut status.attributes);
                    status.source_refs.push(self.reference(&child)?);
                }
                Name::Cred => {
                    self.note_tag(DiagnosticCode::NotInDm, &child, || "Cred".to_owned());
                    once!(self, status.cred, child, self.cred(&child)?);
                }
                Name::Chal => once!(self, status.challenge, child, self.challenge(&child)?),
                Name::Data if status.data.is_none() => {
                    status.data_attributes = self.pairs(&child);
                    status.data = Some(self.token(&child)?);
                }
                Name::Data => status.extra.push(self.repeated(&child)?),
                Name::Item => {
                    let mut item = Item::default();
                    self.item(&child, Addressed::Free, &mut item)?;
                    status.items.push(item);
                }
                _ => status.extra.push(self.unknown(&child)?),
            }
        }
        for (name, text) in [
            ("MsgRef", status.msg_ref.as_ref().map(MsgId::as_str)),
            // Windows leaves it empty where it finds no CmdID (Microsoft Learn, "OMA DM protocol
            // support").
            ("CmdRef", status.cmd_ref.as_ref().map(CmdId::as_str)),
            ("Cmd", status.cmd.as_deref()),
        ] {
            if check::is_blank(text) {
                self.missing(element, name);
            }
        }
        self.check_code(status.data.as_deref(), element);
        Ok(())
    }

    fn results(&mut self, element: &Element<'x>, results: &mut Results<'x>) -> Result<(), Error> {
        self.attributes(element, "", 0, &mut results.attributes);
        let mut order = Order::new(&check::RESULTS);
        if let Some(text) = self.token_leaf(tags!("CmdID")) {
            results.cmd_id = Some(CmdId::new(text));
        }
        if let Some(text) = self.token_leaf(tags!("MsgRef")) {
            results.msg_ref = Some(MsgId::new(text));
            order.step(Name::MsgRef);
        }
        if let Some(text) = self.token_leaf(tags!("CmdRef")) {
            results.cmd_ref = Some(CmdId::new(text));
            order.step(Name::CmdRef);
        }
        if let Some(text) = self.token_leaf(tags!("Cmd")) {
            results.cmd = Some(text);
            order.step(Name::Cmd);
        }
        while let Some(child) = self.enter(tags!("Item")) {
            order.step(Name::Item);
            self.add_item(&child, Addressed::Any, &mut results.items)?;
        }
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                results.extra.push(self.unknown(&child)?);
                continue;
            }
            let name = Name::of(child.local());
            self.order(&mut order, name, &child);
            match name {
                Name::CmdId => {
                    once!(self, results.cmd_id, child, "CmdID", CmdId::new(self.token(&child)?));
                }
                Name::MsgRef => {
                    once!(self, results.msg_ref, child, "MsgRef", MsgId::new(self.token(&child)?));
                }
                Name::CmdRef => {
                    once!(self, results.cmd_ref, child, "CmdRef", CmdId::new(self.token(&child)?));
                }
                Name::Cmd => once!(self, results.cmd, child, "Cmd", self.token(&child)?),
                Name::Meta => once!(self, results.meta, child, Box::new(self.meta(&child)?)),
                Name::TargetRef => {
                    let index = results.target_refs.len();
                    self.attributes(&child, "TargetRef", index, &mut results.attributes);
                    results.target_refs.push(self.reference(&child)?);
                }
                Name::SourceRef => {
                    let index = results.source_refs.len();
                    self.attributes(&child, "SourceRef", index, &mut results.attributes);
                    results.source_refs.push(self.reference(&child)?);
                }
                Name::Item => self.add_item(&child, Addressed::Any, &mut results.items)?,
                name if name.is_metinf() => {
                    self.note_tag(DiagnosticCode::OutsideMeta, &child, || child.name().to_owned());
                    let meta = results.meta.get_or_insert_default();
                    self.metinf(&child, name, meta)?;
                }
                _ => results.extra.push(self.unknown(&child)?),
            }
        }
        // Either may be left out, but not be empty (MS-MDM 2.2.7.8).
        for (name, text) in [
            ("MsgRef", results.msg_ref.as_ref().map(MsgId::as_str)),
            ("CmdRef", results.cmd_ref.as_ref().map(CmdId::as_str)),
        ] {
            if text.is_some() && check::is_blank(text) {
                self.missing(element, name);
            }
        }
        if results.items.is_empty() {
            self.missing(element, "Item");
        }
        Ok(())
    }
}

/// About what a command takes at least: a Status as devices send it.
const STATUS_BYTES: usize = 192;
/// About what an item takes at least.
const ITEM_BYTES: usize = 128;

impl<'x> Decoder<'x> {
    /// How many elements of this size can still come.
    fn expected(&self, bytes: usize) -> usize {
        self.reader.source().len().saturating_sub(self.reader.offset()) / bytes
    }

    /// Reads an item into a list, where it is made: it is too large to be moved about. Most commands
    /// have one; where a second comes there may be thousands. After an error the list is of no use.
    fn add_item(
        &mut self,
        element: &Element<'x>,
        addressed: Addressed,
        items: &mut Few<Item<'x>>,
    ) -> Result<(), Error> {
        if items.len() == 1 {
            items.reserve(self.expected(ITEM_BYTES).min(self.limits.items));
        }
        items.push(Item::default());
        match items.last_mut() {
            Some(item) => self.item(element, addressed, item),
            None => Ok(()),
        }
    }
}
