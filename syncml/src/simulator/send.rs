//! What the device sends: answers, filled to the server's MaxMsgSize.

use super::device::{DeviceSession, Outgoing};
use super::profile::OverLimit;
use super::tree::Tree;
use crate::codes::AlertCode;
use crate::encode::{command_len, encode, encoded_len};
use crate::error::Error;
use crate::id::{CmdId, MsgId, SessionId};
use crate::model::{Body, Command, Header, Location, Message, Meta};
use crate::objects::{Cursor, Cut, cut};
use crate::wbxml;

impl<T: Tree + Clone> DeviceSession<T> {
    fn header(&self) -> Header<'static> {
        let mut header = Header::new(
            SessionId::from(self.session),
            MsgId::from(self.message.saturating_add(1)),
            Location::new(self.server.clone()),
            Location::new(self.id.clone()),
        );
        header.cred = self.login.credentials();
        if header.cred.is_some() {
            header.source.loc_name = self.login.user().map(|user| user.to_owned().into());
        }
        let size = |size: Option<usize>| size.map(|size| size.to_string().into());
        let meta = Meta {
            max_msg_size: size(self.profile.max_msg_size),
            max_obj_size: size(self.profile.max_obj_size),
            ..Meta::default()
        };
        header.meta = Some(meta).filter(|meta| !meta.is_empty());
        header
    }

    /// Sends these commands.
    pub(super) fn send(
        &mut self,
        mut commands: Vec<Command<'static>>,
        first_id: u32,
        is_final: bool,
    ) -> Result<Vec<u8>, Error> {
        for (index, command) in commands.iter_mut().enumerate() {
            let id = first_id.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
            command.set_cmd_id(CmdId::from(id));
        }
        let header = self.header();
        self.sent.clone_from(&commands);
        let message = Message::new(header, Body { commands, is_final });
        let mut out = Vec::with_capacity(1024);
        if self.profile.wbxml {
            wbxml::encode(&message, &mut out)?;
        } else {
            encode(&message, &mut out)?;
        }
        self.message = self.message.saturating_add(1);
        let hmac = self.login.hmac(&out);
        self.outgoing = Some(Outgoing { body: out.clone().into(), hmac });
        Ok(out)
    }

    /// Sends as many of the waiting answers as fit behind the header's status and what is with it.
    pub(super) fn answer(
        &mut self,
        mut commands: Vec<Command<'static>>,
        server_final: bool,
    ) -> Result<Vec<u8>, Error> {
        let frame = encoded_len(&Message::new(self.header(), Body::last(Vec::new())));
        let max = match self.profile.over_limit {
            OverLimit::Ignore => usize::MAX,
            OverLimit::Abort | OverLimit::Split => self.server_max.unwrap_or(usize::MAX),
        };
        // Identifiers are given last; no message has as many as this one has room for.
        let id = CmdId::from(99_999);
        let mut used = frame + alert_len();
        for command in &mut commands {
            command.set_cmd_id(id.clone());
            used += command_len(command);
        }
        let heads = commands.len();
        let mut aborts = false;
        while let Some(answer) = self.backlog.front_mut() {
            answer.set_cmd_id(id.clone());
            let room = max.saturating_sub(used);
            let bytes = command_len(answer);
            let progress = commands.len() > heads;
            if self.cursor == Cursor::default() && bytes <= room {
                used += bytes;
                commands.extend(self.backlog.pop_front());
                continue;
            }
            match answer {
                Command::Results(_) if self.profile.over_limit == OverLimit::Abort => {
                    aborts = true;
                    break;
                }
                Command::Results(_) => {
                    if let Some(Cut { command, next, is_chunk }) =
                        cut(answer, self.cursor, room, false, self.profile.wbxml)
                    {
                        used += command_len(&command);
                        commands.push(command);
                        self.cursor = next;
                        if next.item >= answer.items().len() {
                            self.backlog.pop_front();
                            self.cursor = Cursor::default();
                        }
                        // Nothing comes between two chunks.
                        if is_chunk {
                            break;
                        }
                        continue;
                    }
                }
                _ => {}
            }
            if progress {
                break;
            }
            // Not even alone: it goes out too large, or the session would never end.
            commands.extend(self.backlog.pop_front());
            self.cursor = Cursor::default();
        }
        if aborts {
            // What was executed is said, as far as there is room; results are not given.
            for mut answer in std::mem::take(&mut self.backlog) {
                answer.set_cmd_id(id.clone());
                used += command_len(&answer);
                if matches!(answer, Command::Status(_)) && used <= max {
                    commands.push(answer);
                }
            }
            self.aborted = true;
            commands.push(Command::alert(AlertCode::SESSION_ABORT));
            return self.send(commands, 1, true);
        }
        if self.profile.repeats_results {
            let results = commands.iter().filter(|command| matches!(command, Command::Results(_)));
            self.repeat = results.cloned().collect();
        }
        let is_final = server_final && self.backlog.is_empty();
        if !server_final && self.backlog.is_empty() {
            commands.push(Command::alert(AlertCode::NEXT_MESSAGE));
        }
        self.send(commands, 1, is_final)
    }
}

/// Room for the alert behind the answers.
fn alert_len() -> usize {
    let mut alert = Command::alert(AlertCode::NEXT_MESSAGE);
    alert.set_cmd_id(CmdId::from(99_999));
    command_len(&alert)
}
