//! Commands, in document order and without recursion.

use mdm_xml::Element;

use super::Decoder;
use super::item::is_metinf;
use crate::diagnostic::DiagnosticCode;
use crate::error::{Error, ErrorKind};
use crate::id::{CmdId, MsgId};
use crate::model::{Alert, Body, Command, Group, Request, Results, Status};

/// Nesting that no limit can raise.
const DEEPEST: usize = 16;

pub(super) fn is_command(local: &str) -> bool {
    matches!(
        local,
        "Add"
            | "Alert"
            | "Atomic"
            | "Copy"
            | "Delete"
            | "Exec"
            | "Get"
            | "Put"
            | "Replace"
            | "Results"
            | "Sequence"
            | "Status"
    )
}

/// An Atomic or Sequence that is open.
pub(super) struct Open<'x> {
    atomic: bool,
    group: Group<'x>,
}

impl<'x> Decoder<'x> {
    /// The children of a SyncBody.
    pub(super) fn body(&mut self, body: &mut Body<'x>) -> Result<(), Error> {
        while let Some(child) = self.reader.child()? {
            self.command(child, &mut Vec::new(), body)?;
            self.stray();
        }
        self.stray();
        Ok(())
    }

    /// One command that was just opened, with everything in it.
    pub(super) fn command(
        &mut self,
        element: Element<'x>,
        open: &mut Vec<Open<'x>>,
        body: &mut Body<'x>,
    ) -> Result<(), Error> {
        let mut next = Some(element);
        loop {
            if let Some(element) = next {
                self.one(&element, open, body)?;
            } else {
                let Some(Open { atomic, group }) = open.pop() else { return Ok(()) };
                if group.cmd_id.is_none() {
                    self.no_cmd_id(if atomic { "Atomic" } else { "Sequence" });
                }
                let wrap = if atomic { Command::Atomic } else { Command::Sequence };
                into(open, body).push(wrap(group));
            }
            if open.is_empty() {
                return Ok(());
            }
            next = self.reader.child()?;
            self.stray();
        }
    }

    fn one(
        &mut self,
        element: &Element<'x>,
        open: &mut Vec<Open<'x>>,
        body: &mut Body<'x>,
    ) -> Result<(), Error> {
        let local = element.local();
        if !self.ours(element) {
            let raw = self.unknown(element)?;
            into(open, body).push(Command::Unknown(raw));
            return Ok(());
        }
        if is_command(local) {
            self.commands += 1;
            if self.commands > self.limits.commands {
                let max = self.limits.commands;
                return Err(self.fail(ErrorKind::Commands { max }, element.offset()));
            }
        }
        match local {
            "Atomic" | "Sequence" => {
                let max = self.limits.nesting.min(DEEPEST);
                if open.len() >= max {
                    return Err(self.fail(ErrorKind::Nesting { max }, element.offset()));
                }
                open.push(Open { atomic: local == "Atomic", group: Group::default() });
            }
            "Add" => self.request(Command::Add, local, into(open, body))?,
            "Copy" => self.request(Command::Copy, local, into(open, body))?,
            "Delete" => self.request(Command::Delete, local, into(open, body))?,
            "Exec" => self.request(Command::Exec, local, into(open, body))?,
            "Get" => self.request(Command::Get, local, into(open, body))?,
            "Put" => self.request(Command::Put, local, into(open, body))?,
            "Replace" => self.request(Command::Replace, local, into(open, body))?,
            "Alert" => {
                let alert = self.alert()?;
                into(open, body).push(Command::Alert(alert));
            }
            "Status" => {
                let status = self.status()?;
                into(open, body).push(Command::Status(status));
            }
            "Results" => {
                let results = self.results()?;
                into(open, body).push(Command::Results(results));
            }
            "Final" => {
                self.reader.skip()?;
                body.is_final = true;
            }
            _ => {
                if let Some(Open { group, .. }) = open.last_mut() {
                    match local {
                        "CmdID" => {
                            if group.cmd_id.replace(CmdId::new(self.value()?)).is_some() {
                                self.note_element(DiagnosticCode::Repeated, element);
                            }
                            return Ok(());
                        }
                        "NoResp" => {
                            self.reader.skip()?;
                            group.no_resp = true;
                            return Ok(());
                        }
                        "Meta" => {
                            group.meta = Some(self.meta(element)?);
                            return Ok(());
                        }
                        _ => {}
                    }
                }
                let raw = self.unknown(element)?;
                into(open, body).push(Command::Unknown(raw));
            }
        }
        Ok(())
    }

    fn no_cmd_id(&mut self, name: &str) {
        let offset = self.reader.offset();
        self.note(DiagnosticCode::NoCmdId, offset.saturating_sub(1)..offset, || name.to_owned());
    }

    /// A request; several, where it holds several pairs of CmdID and items (seeds 000 and 001).
    fn request(
        &mut self,
        command: fn(Request<'x>) -> Command<'x>,
        name: &str,
        out: &mut Vec<Command<'x>>,
    ) -> Result<(), Error> {
        let mut request = Request::default();
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                request.extra.push(self.unknown(&child)?);
                continue;
            }
            match child.local() {
                "CmdID" => {
                    let id = CmdId::new(self.value()?);
                    if request.cmd_id.is_some() {
                        if request.items.is_empty() {
                            self.note_element(DiagnosticCode::Repeated, &child);
                        } else {
                            self.note_element(DiagnosticCode::SeveralCommands, &child);
                            let next = Request {
                                no_resp: request.no_resp,
                                meta: request.meta.clone(),
                                ..Request::default()
                            };
                            out.push(command(std::mem::replace(&mut request, next)));
                        }
                    }
                    request.cmd_id = Some(id);
                }
                "NoResp" => {
                    self.reader.skip()?;
                    request.no_resp = true;
                }
                "Cred" => request.cred = Some(self.cred()?),
                "Meta" => request.meta = Some(self.meta(&child)?),
                "Correlator" => request.correlator = Some(self.value()?),
                "Item" => request.items.push(self.item(&child)?),
                local if is_metinf(local) => {
                    let meta = request.meta.get_or_insert_default();
                    self.metinf(&child, meta)?;
                    self.note_element(DiagnosticCode::OutsideMeta, &child);
                }
                _ => request.extra.push(self.unknown(&child)?),
            }
        }
        self.stray();
        if request.cmd_id.is_none() {
            self.no_cmd_id(name);
        }
        out.push(command(request));
        Ok(())
    }

    fn alert(&mut self) -> Result<Alert<'x>, Error> {
        let mut alert = Alert::default();
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                alert.extra.push(self.unknown(&child)?);
                continue;
            }
            match child.local() {
                "CmdID" => alert.cmd_id = Some(CmdId::new(self.value()?)),
                "NoResp" => {
                    self.reader.skip()?;
                    alert.no_resp = true;
                }
                "Cred" => alert.cred = Some(self.cred()?),
                "Data" => alert.data = Some(self.value()?),
                "Correlator" => alert.correlator = Some(self.value()?),
                "Item" => alert.items.push(self.item(&child)?),
                _ => alert.extra.push(self.unknown(&child)?),
            }
        }
        self.stray();
        if alert.cmd_id.is_none() {
            self.no_cmd_id("Alert");
        }
        Ok(alert)
    }

    fn status(&mut self) -> Result<Status<'x>, Error> {
        let mut status = Status::default();
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                status.extra.push(self.unknown(&child)?);
                continue;
            }
            match child.local() {
                "CmdID" => status.cmd_id = Some(CmdId::new(self.value()?)),
                "MsgRef" => status.msg_ref = Some(MsgId::new(self.value()?)),
                "CmdRef" => status.cmd_ref = Some(CmdId::new(self.value()?)),
                "Cmd" => status.cmd = Some(self.value()?),
                "TargetRef" => status.target_refs.push(self.reference(&child)?),
                "SourceRef" => status.source_refs.push(self.reference(&child)?),
                "Cred" => status.cred = Some(self.cred()?),
                "Chal" => status.challenge = Some(self.challenge()?),
                "Data" => {
                    status.data_attributes = self
                        .reader
                        .attributes(&child)
                        .map(|attribute| (attribute.name().into(), attribute.value()))
                        .collect();
                    status.data = Some(self.value()?);
                }
                "Item" => status.items.push(self.item(&child)?),
                _ => status.extra.push(self.unknown(&child)?),
            }
        }
        self.stray();
        if status.cmd_id.is_none() {
            self.no_cmd_id("Status");
        }
        Ok(status)
    }

    fn results(&mut self) -> Result<Results<'x>, Error> {
        let mut results = Results::default();
        while let Some(child) = self.reader.child()? {
            if !self.ours(&child) {
                results.extra.push(self.unknown(&child)?);
                continue;
            }
            match child.local() {
                "CmdID" => results.cmd_id = Some(CmdId::new(self.value()?)),
                "MsgRef" => results.msg_ref = Some(MsgId::new(self.value()?)),
                "CmdRef" => results.cmd_ref = Some(CmdId::new(self.value()?)),
                "Cmd" => results.cmd = Some(self.value()?),
                "Meta" => results.meta = Some(self.meta(&child)?),
                "TargetRef" => results.target_refs.push(self.reference(&child)?),
                "SourceRef" => results.source_refs.push(self.reference(&child)?),
                "Item" => results.items.push(self.item(&child)?),
                local if is_metinf(local) => {
                    let meta = results.meta.get_or_insert_default();
                    self.metinf(&child, meta)?;
                    self.note_element(DiagnosticCode::OutsideMeta, &child);
                }
                _ => results.extra.push(self.unknown(&child)?),
            }
        }
        self.stray();
        if results.cmd_id.is_none() {
            self.no_cmd_id("Results");
        }
        Ok(results)
    }
}

/// Where the next command goes: the innermost open group, or the body.
fn into<'b, 'x>(open: &'b mut [Open<'x>], body: &'b mut Body<'x>) -> &'b mut Vec<Command<'x>> {
    match open.last_mut() {
        Some(open) => &mut open.group.commands,
        None => &mut body.commands,
    }
}
