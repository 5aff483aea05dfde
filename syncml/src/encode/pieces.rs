//! A message that is written command by command, by who fills it to a size: what does not fit is
//! taken back, and nothing is measured first and written then.

use mdm_xml::Writer;

use super::{write, write_command};
use crate::error::{Error, ErrorKind};
use crate::model::{Command, Header, Message, Namespace};

const FINAL: &str = "<Final/>";
const END: &str = "</SyncBody></SyncML>";

/// A place in a message that is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    bytes: usize,
    replaced: usize,
}

impl Mark {
    /// Bytes from there to another place.
    pub(crate) fn bytes_to(self, later: Self) -> usize {
        later.bytes.saturating_sub(self.bytes)
    }
}

/// A message as far as it is, in XML.
#[derive(Debug)]
pub(crate) struct Pieces {
    text: Vec<u8>,
    /// Characters that XML cannot carry.
    replaced: usize,
}

impl Pieces {
    /// The message without a command.
    pub(crate) fn new(header: Header<'_>, namespace: Namespace<'_>) -> Self {
        let mut text = Vec::with_capacity(2048);
        let mut writer = Writer::new(&mut text);
        let message = Message { namespace, header: Some(header), ..Message::default() };
        write(&message, None, &mut writer);
        let replaced = writer.replaced();
        text.truncate(text.len().saturating_sub(END.len()));
        Self { text, replaced }
    }

    /// Its bytes, Final and the end included.
    pub(crate) fn len(&self) -> usize {
        self.text.len() + FINAL.len() + END.len()
    }

    /// Writes a command.
    pub(crate) fn push(&mut self, command: &Command<'_>) {
        let mut writer = Writer::new(&mut self.text);
        write_command(command, None, &mut writer);
        self.replaced += writer.replaced();
    }

    /// Where it ends now.
    pub(crate) fn mark(&self) -> Mark {
        Mark { bytes: self.text.len(), replaced: self.replaced }
    }

    /// Takes back what was written since.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.text.truncate(mark.bytes);
        self.replaced = mark.replaced;
    }

    /// The whole message.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`].
    pub(crate) fn finish(mut self, is_final: bool) -> Result<Vec<u8>, Error> {
        if self.replaced > 0 {
            return Err(ErrorKind::Unwritable.into());
        }
        if is_final {
            self.text.extend_from_slice(FINAL.as_bytes());
        }
        self.text.extend_from_slice(END.as_bytes());
        Ok(self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::encode;
    use crate::id::{MsgId, SessionId};
    use crate::model::{Body, Location};

    fn header() -> Header<'static> {
        let (target, source) = (Location::new("d"), Location::new("s"));
        Header::new(SessionId::new("1"), MsgId::new("2"), target, source)
    }

    #[test]
    fn says_what_encode_says() {
        let commands = ["./A", "./B"].map(Command::get);
        for (count, is_final) in [(0, true), (0, false), (1, true), (2, false), (2, true)] {
            let mut pieces = Pieces::new(header(), Namespace::V11);
            commands.iter().take(count).for_each(|command| pieces.push(command));
            let (len, mark) = (pieces.len(), pieces.mark());
            pieces.push(&Command::get("./not/this\0"));
            assert_eq!(pieces.len() - len, mark.bytes_to(pieces.mark()));
            pieces.back_to(mark);
            assert_eq!(pieces.len(), len);
            let commands = commands.iter().take(count).cloned().collect();
            let mut message = Message::new(header(), Body { commands, is_final });
            message.namespace = Namespace::V11;
            let mut whole = Vec::new();
            encode(&message, &mut whole).unwrap();
            assert_eq!(whole.len() + usize::from(!is_final) * FINAL.len(), len);
            assert_eq!(pieces.finish(is_final).unwrap(), whole);
        }
    }

    #[test]
    fn what_cannot_be_written_is_an_error() {
        let mut pieces = Pieces::new(header(), Namespace::V12);
        pieces.push(&Command::get("./\0"));
        assert!(matches!(pieces.finish(true).unwrap_err().kind(), ErrorKind::Unwritable));
    }
}
