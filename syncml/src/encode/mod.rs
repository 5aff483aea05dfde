//! From a message to bytes: OMA's order of elements, namespaces as Windows writes them, no CDATA.

mod parts;
mod pieces;

use mdm_xml::{Counter, Sink, Writer, tags};

use crate::decode::{frame_of, reads_as};
use crate::error::{Error, ErrorKind};
use crate::model::{Body, Command, Header, Item, Message, Meta, Namespace};
use parts::{
    begin, write_around, write_cred, write_extra, write_flag, write_meta, write_source,
    write_target, write_text,
};
pub(crate) use pieces::{Mark, Pieces};

/// Appends the message to `out`. The same message gives the same bytes.
///
/// # Errors
/// [`ErrorKind::Unwritable`]; `out` is then as it was.
///
/// ```
/// use syncml::{Command, Message};
/// use syncml::model::Body;
///
/// let mut message = Message::default();
/// message.body.commands.push(Command::get("./DevDetail/SwV"));
/// let mut out = Vec::new();
/// syncml::encode(&message, &mut out)?;
/// assert_eq!(
///     String::from_utf8_lossy(&out),
///     "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncBody><Get><Item><Target><LocURI>\
///      ./DevDetail/SwV</LocURI></Target></Item></Get></SyncBody></SyncML>"
/// );
/// # Ok::<(), syncml::Error>(())
/// ```
pub fn encode(message: &Message<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    write_to(message, false, out)
}

/// Appends the message to `out`; each command that still says what its own bytes say is written
/// with these bytes, down to the blanks in them. What was touched is written as [`encode`] does.
///
/// The bytes are there if the message was read with
/// [`DecodeOptions::with_own_bytes`](crate::DecodeOptions::with_own_bytes). Whether a command was
/// touched is found by reading them again, so this costs about as much as decoding.
///
/// # Errors
/// [`ErrorKind::Unwritable`]; `out` is then as it was.
///
/// ```
/// use syncml::{DecodeOptions, decode_with, encode_own_bytes};
///
/// let text = "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncBody>\
///     <Get ><Item/><CmdID>1</CmdID><!-- kept --></Get>\
///     <Get ><CmdID>2</CmdID></Get></SyncBody></SyncML>";
/// let options = DecodeOptions::default().with_own_bytes(true);
/// let mut message = decode_with(text.as_bytes(), &options)?;
/// message.body.commands[1].set_cmd_id(3.into());
/// let mut out = Vec::new();
/// encode_own_bytes(&message, &mut out)?;
/// assert_eq!(
///     String::from_utf8_lossy(&out),
///     "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncBody>\
///      <Get ><Item/><CmdID>1</CmdID><!-- kept --></Get>\
///      <Get><CmdID>3</CmdID></Get></SyncBody></SyncML>"
/// );
/// # Ok::<(), syncml::Error>(())
/// ```
pub fn encode_own_bytes(message: &Message<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    write_to(message, true, out)
}

fn write_to(message: &Message<'_>, own_bytes: bool, out: &mut Vec<u8>) -> Result<(), Error> {
    let before = out.len();
    let mut writer = Writer::new(&mut *out);
    let frame = own_bytes.then(|| frame_of(message)).flatten();
    write(message, frame.as_deref(), &mut writer);
    if writer.replaced() > 0 {
        out.truncate(before);
        return Err(ErrorKind::Unwritable.into());
    }
    Ok(())
}

/// How many bytes [`encode`] appends, without writing them.
#[must_use]
pub fn encoded_len(message: &Message<'_>) -> usize {
    let mut writer = Writer::new(Counter::default());
    write(message, None, &mut writer);
    writer.into_sink().bytes()
}

/// How many bytes one command takes in a message.
pub(crate) fn command_len(command: &Command<'_>) -> usize {
    let mut writer = Writer::new(Counter::default());
    write_command(command, None, &mut writer);
    writer.into_sink().bytes()
}

/// How many bytes one item takes in a command.
pub(crate) fn item_len(item: &Item<'_>) -> usize {
    let mut writer = Writer::new(Counter::default());
    parts::write_items(std::slice::from_ref(item), &mut writer);
    writer.into_sink().bytes()
}

/// How many bytes a Meta takes.
pub(crate) fn meta_len(meta: &Meta<'_>) -> usize {
    let mut writer = Writer::new(Counter::default());
    write_meta(Some(meta), &mut writer);
    writer.into_sink().bytes()
}

fn write<S: Sink>(message: &Message<'_>, frame: Option<&[u8]>, w: &mut Writer<S>) {
    let mut root = w.element("SyncML");
    if message.namespace != Namespace::None {
        root = root.attr("xmlns", message.namespace.uri());
    }
    for (name, value) in &message.attributes {
        root = root.attr(name, value);
    }
    root.body(|w| {
        if let Some(header) = &message.header {
            write_header(header, w);
        }
        begin(w, "SyncBody", "SyncBody", 0, &message.body_attributes).body(|w| {
            write_body(&message.body, frame, w);
            if message.body.is_final {
                begin(w, "Final", "Final", 0, &message.body_attributes).empty();
            }
        });
    });
}

fn write_header<S: Sink>(header: &Header<'_>, w: &mut Writer<S>) {
    let attributes = &header.attributes;
    write_around(tags!("SyncHdr"), attributes, w, |w| {
        write_text(tags!("VerDTD"), Some(&*header.ver_dtd), attributes, w);
        write_text(tags!("VerProto"), Some(&*header.ver_proto), attributes, w);
        write_text(tags!("SessionID"), Some(header.session_id.as_str()), attributes, w);
        write_text(tags!("MsgID"), Some(header.msg_id.as_str()), attributes, w);
        write_target(Some(&header.target), w);
        write_source(Some(&header.source), w);
        write_text(tags!("RespURI"), header.resp_uri.as_deref(), attributes, w);
        write_flag("NoResp", header.no_resp, attributes, w);
        write_cred(header.cred.as_ref(), w);
        write_meta(header.meta.as_ref(), w);
        write_extra(&header.extra, w);
    });
}

/// The commands; `own` is the message's frame if their own bytes are wanted.
fn write_body<S: Sink>(body: &Body<'_>, own: Option<&[u8]>, w: &mut Writer<S>) {
    for command in &body.commands {
        write_command(command, own, w);
    }
}

pub(super) fn write_command<S: Sink>(command: &Command<'_>, own: Option<&[u8]>, w: &mut Writer<S>) {
    if let Some(frame) = own
        && let Some(bytes) = command.own_bytes()
        && reads_as(bytes, frame, command)
    {
        return w.raw(bytes);
    }
    parts::write_command(command, own, w);
}
