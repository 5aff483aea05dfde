//! A state as bytes: what a vendor stores between two messages.

use std::collections::BTreeMap;

use super::event::{DeviceInfo, LoginStatus, PackageOne, SyncType};
use super::key::StateKey;
use super::outcome::{Cause, ItemStatus};
use super::state::{Reply, SessionState};
use super::{SessionError, digest, mix, session};
use crate::error::Error;
use crate::pack::{Broken, Input, Pack, packed, packed_enum, write_bytes, write_number};

/// What every state begins with, before the version of what follows.
const MAGIC: [u8; 3] = *b"DMs";
/// The version that is written. Fields that version 1 did not have are at the end of their structs,
/// and events at the end of theirs: it is read as what says nothing of them. A program of version 1
/// refuses these bytes for their version.
const VERSION: u8 = 2;
const OLDEST: u8 = 1;

impl<K: StateKey> SessionState<K> {
    /// The state as bytes, to be stored: a few hundred for a usual session, and the answer that may
    /// have to be repeated. They hold what the commands and results hold: keep them as you keep
    /// those.
    ///
    /// ```
    /// use syncml::session::{Config, ServerSession, SessionState};
    /// use syncml::Command;
    ///
    /// let config = Config::new("https://mdm.example/");
    /// let mut session = ServerSession::new(&config);
    /// session.submit(7_u32, Command::get("./DevDetail/SwV"))?;
    /// let stored = session.into_state().to_bytes();
    ///
    /// let session = ServerSession::resume(SessionState::<u32>::from_bytes(&stored)?, &config)?;
    /// assert!(session.queued().eq(&[7]));
    /// # Ok::<(), syncml::Error>(())
    /// ```
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024 + self.last_reply.as_ref().map_or(0, Reply::len));
        out.extend_from_slice(&MAGIC);
        out.push(VERSION);
        let start = out.len();
        out.extend_from_slice(&[0; size_of::<u64>()]);
        self.pack(&mut out);
        if let Some((place, packed)) =
            out.get_mut(start..).and_then(|rest| rest.split_first_chunk_mut())
        {
            *place = checksum(packed).to_le_bytes();
        }
        out
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// [`SessionError::StateBytes`] for bytes that are no state, or not all of one, or changed;
    /// [`SessionError::StateVersion`] for a state of a newer version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let broken = |position| session(SessionError::StateBytes { position });
        let (start, rest) = bytes.split_first_chunk::<4>().ok_or_else(|| broken(0))?;
        let [magic @ .., version] = start;
        if *magic != MAGIC {
            return Err(broken(0));
        }
        if !(OLDEST..=VERSION).contains(version) {
            return Err(session(SessionError::StateVersion(u32::from(*version))));
        }
        let (expected, packed) = rest.split_first_chunk().ok_or_else(|| broken(4))?;
        if u64::from_le_bytes(*expected) != checksum(packed) {
            return Err(broken(4));
        }
        let mut input = Input::new(packed);
        match Self::unpack(&mut input) {
            Ok(state) if input.left() == 0 => Ok(state),
            _ => Err(broken(bytes.len() - input.left())),
        }
    }
}

/// Puts the sum right in the bytes of a state that were changed, as somebody does who forges one: for
/// tests and fuzzing.
///
/// ```
/// use syncml::session::{Config, ServerSession, SessionState};
///
/// let session = ServerSession::<u32>::new(&Config::new("https://mdm.example/"));
/// let mut stored = session.into_state().to_bytes();
/// if let Some(last) = stored.last_mut() {
///     *last ^= 1;
/// }
/// assert!(SessionState::<u32>::from_bytes(&stored).is_err());
/// syncml::simulator::seal(&mut stored);
/// # let _ = SessionState::<u32>::from_bytes(&stored);
/// ```
#[cfg(any(test, feature = "simulator"))]
pub fn seal(bytes: &mut [u8]) {
    let Some((_, rest)) = bytes.split_at_mut_checked(MAGIC.len() + 1) else { return };
    if let Some((sum, packed)) = rest.split_first_chunk_mut() {
        *sum = checksum(packed).to_le_bytes();
    }
}

/// Tells bytes that were damaged: [`digest`] in four lanes, which a processor follows at the same
/// time.
fn checksum(bytes: &[u8]) -> u64 {
    let (blocks, rest) = bytes.as_chunks::<32>();
    let mut lanes = [1, 2, 3, digest(rest)];
    for block in blocks {
        let (eights, _) = block.as_chunks::<8>();
        for (lane, eight) in lanes.iter_mut().zip(eights) {
            *lane = mix(*lane, u64::from_le_bytes(*eight));
        }
    }
    lanes.into_iter().fold(bytes.len() as u64, mix)
}

packed! {
    SessionState<K> where [K: StateKey] {
        version, session_id, device, first_message, last_message, last_reply, in_wbxml,
        next_message, owed, device_final, server_open, asked_next, prompted, package_one,
        without_user, began, queue, open, pending, joiner, max_msg_size, max_obj_size, cautious,
        login, refused, abort, ended, done, events, speaks_1_1, sync_type,
    }
    Reply { body, in_wbxml, hmac }
    PackageOne { initiated, device, login, sync_type }
    DeviceInfo { dev_id, man, model, dm_v, lang, other, truncated }
    ItemStatus { target, code, original_error, data }
}

packed_enum! {
    LoginStatus { 0 = User, 1 = Others, 2 = Nobody, 3 = Other(word) }
    SyncType { 0 = User, 1 = Device, 2 = Mixed, 3 = Other(word) }
}

/// Nodes and their values.
impl Pack for BTreeMap<String, String> {
    fn pack(&self, out: &mut Vec<u8>) {
        write_number(self.len() as u64, out);
        for (address, value) in self {
            address.pack(out);
            value.pack(out);
        }
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        let mut map = Self::new();
        for _ in 0..input.length()? {
            let (address, value) = Pack::unpack(input)?;
            map.insert(address, value);
        }
        Ok(map)
    }

    fn is_blank(&self) -> bool {
        self.is_empty()
    }

    fn blank() -> Result<Self, Broken> {
        Ok(Self::new())
    }
}

impl Pack for Cause {
    fn pack(&self, out: &mut Vec<u8>) {
        match self {
            Self::TooLarge { bytes, max } => {
                out.push(0);
                (*bytes, *max).pack(out);
            }
            Self::NoEndOfData => out.push(1),
            Self::Aborted => out.push(2),
            Self::HeaderRefused(code) => {
                out.push(3);
                code.pack(out);
            }
            Self::Unreadable => out.push(4),
        }
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        match input.byte()? {
            0 => {
                let (bytes, max) = Pack::unpack(input)?;
                Ok(Self::TooLarge { bytes, max })
            }
            1 => Ok(Self::NoEndOfData),
            2 => Ok(Self::Aborted),
            3 => Pack::unpack(input).map(Self::HeaderRefused),
            4 => Ok(Self::Unreadable),
            _ => Err(Broken),
        }
    }
}

impl Pack for super::stored::Stored {
    fn pack(&self, out: &mut Vec<u8>) {
        write_bytes(self.as_bytes(), out);
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        Ok(input.bytes()?.to_vec().into())
    }
}

/// Writes a vendor's key behind its length.
pub(super) fn write_key<K: StateKey>(key: &K, out: &mut Vec<u8>) {
    let start = out.len();
    out.push(0);
    key.write(out);
    let length = (out.len() - start).saturating_sub(1);
    match (u8::try_from(length), out.get_mut(start)) {
        (Ok(short @ ..0x80), Some(place)) => *place = short,
        _ => {
            let key = out.split_off(start + 1);
            out.truncate(start);
            write_bytes(&key, out);
        }
    }
}

pub(super) fn read_key<K: StateKey>(input: &mut Input<'_>) -> Result<K, Broken> {
    K::read(input.bytes()?).ok_or(Broken)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Command, Data, Format};
    use crate::session::{Config, Event, ServerSession};
    use crate::upsert::Upsert;

    fn message(id: u32, body: &str) -> Vec<u8> {
        format!(
            "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2\
             </VerProto><SessionID>1</SessionID><MsgID>{id}</MsgID><Target><LocURI>s</LocURI>\
             </Target><Source><LocURI>d</LocURI></Source></SyncHdr><SyncBody>{body}<Final/>\
             </SyncBody></SyncML>"
        )
        .into_bytes()
    }

    fn stored(config: &Config) -> Vec<u8> {
        let mut session = ServerSession::new(config);
        let set = |uri| Command::replace(uri, Format::Int, Data::text("1"));
        let commands = [Command::get("./A"), Command::atomic(vec![set("./B"), set("./C")])];
        for (key, command) in (0..).zip(commands) {
            session.submit(key, command).unwrap();
        }
        session.submit_upsert(9, Upsert::new("./D", Format::Chr, Data::text("x"))).unwrap();
        session.submit(10, set("./E")).unwrap();
        session.handle_message(DateTime::UNIX_EPOCH, &message(1, "")).unwrap();
        session.poll_transmit(DateTime::UNIX_EPOCH).unwrap();
        session.into_state().to_bytes()
    }

    const START: usize = MAGIC.len() + 1 + size_of::<u64>();

    #[test]
    fn a_command_that_was_made_unreadable_ends_alone() {
        let config = Config::new("s");
        let mut session = ServerSession::new(&config);
        for (key, uri) in [(1, "./A"), (2, "./B"), (3, "./C")] {
            session.submit(key, Command::get(uri)).unwrap();
        }
        let mut bytes = session.into_state().to_bytes();
        let at = bytes.windows(3).position(|part| part == b"./B").unwrap();
        bytes[at - 1] = 0x7f;
        assert!(SessionState::<u32>::from_bytes(&bytes).is_err(), "damage is found");
        seal(&mut bytes);
        let state = SessionState::<u32>::from_bytes(&bytes).unwrap();
        let mut session = ServerSession::resume(state, &config).unwrap();
        assert!(session.queued().eq(&[1, 2, 3]));
        session.handle_message(DateTime::UNIX_EPOCH, &message(1, "")).unwrap();
        while session.poll_event().is_some() {}
        session.poll_transmit(DateTime::UNIX_EPOCH).unwrap();
        let Some(Event::Outcome(outcome)) = session.poll_event() else { panic!() };
        assert_eq!((outcome.key, outcome.cause), (2, Some(Cause::Unreadable)));
        assert!(session.unanswered().eq(&[1, 3]), "the others are sent");
    }

    /// What waits for another session is not read: here, that it cannot be goes unnoticed.
    #[test]
    fn commands_that_wait_for_their_scope_stay_bytes() {
        let config = Config::new("s");
        let mut session = ServerSession::new(&config);
        for (key, uri) in [(1, "./User/B"), (2, "./A"), (3, "./User/C"), (4, "./Device/D")] {
            session.submit(key, Command::get(uri)).unwrap();
        }
        let mut bytes = session.into_state().to_bytes();
        for uri in [b"./User/B", b"./User/C"] {
            let at = bytes.windows(uri.len()).position(|part| part == uri).unwrap();
            bytes[at - 1] = 0x7f;
        }
        seal(&mut bytes);
        let state = SessionState::<u32>::from_bytes(&bytes).unwrap();
        let mut session = ServerSession::resume(state, &config).unwrap();
        let alert = "<Alert><CmdID>2</CmdID><Data>1224</Data><Item><Meta><Type xmlns='syncml:metinf'>\
                     com.microsoft.mdm.synctype</Type></Meta><Data>device</Data></Item></Alert>";
        session.handle_message(DateTime::UNIX_EPOCH, &message(1, alert)).unwrap();
        session.poll_transmit(DateTime::UNIX_EPOCH).unwrap();
        while let Some(event) = session.poll_event() {
            assert!(!matches!(event, Event::Outcome(_)), "{event:?}");
        }
        assert!(session.unanswered().eq(&[2, 4]) && session.queued().eq(&[1, 3]));
        let old = SessionState::<u32>::from_bytes(&session.into_state().to_bytes()).unwrap();
        let mut session = ServerSession::resume(old, &config).unwrap().into_next_session();
        session.handle_message(DateTime::UNIX_EPOCH, &message(1, "")).unwrap();
        session.poll_transmit(DateTime::UNIX_EPOCH).unwrap();
        let unreadable = std::iter::from_fn(|| session.poll_event()).filter(
            |event| matches!(event, Event::Outcome(one) if one.cause == Some(Cause::Unreadable)),
        );
        assert_eq!(unreadable.count(), 2, "in their session it is told");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::with_cases(500)
        })]

        /// The sum finds what was damaged; whoever forges it gets no further than an error.
        #[test]
        fn forged_states_are_refused_or_harmless(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let config = Config::new("s");
            let mut bytes = stored(&config);
            for (at, byte) in changes {
                let at = START + at.index(bytes.len() - START);
                bytes[at] = byte;
            }
            seal(&mut bytes);
            let Ok(state) = SessionState::<u32>::from_bytes(&bytes) else { return Ok(()) };
            let again = state.to_bytes();
            prop_assert!(SessionState::<u32>::from_bytes(&again).is_ok());
            let Ok(mut session) = ServerSession::resume(state, &config) else { return Ok(()) };
            let answers = "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef>\
                           <Cmd>Get</Cmd><Data>404</Data></Status>";
            let _ = session.handle_message(DateTime::UNIX_EPOCH, &message(2, answers));
            let _ = session.poll_transmit(DateTime::UNIX_EPOCH);
            while session.poll_event().is_some() {}
            let _ = session.into_next_session().into_state().to_bytes();
        }
    }
}
