//! From a message to bytes: OMA's order of elements, namespaces as Windows writes them, no CDATA.

use std::borrow::Cow;

use mdm_xml::{Counter, Sink, Writer};

use crate::error::{Error, ErrorKind};
use crate::id::CmdId;
use crate::model::{
    Body, Challenge, Command, Cred, Data, Group, Header, Item, Location, Message, Meta, Namespace,
    Raw, Request,
};

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
    let before = out.len();
    let mut writer = Writer::new(&mut *out);
    write(message, &mut writer);
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
    write(message, &mut writer);
    writer.into_sink().bytes()
}

/// How many bytes one command takes in a message.
pub(crate) fn command_len(command: &Command<'_>) -> usize {
    let mut writer = Writer::new(Counter::default());
    write_command(command, &mut writer);
    writer.into_sink().bytes()
}

/// How many bytes one item takes in a command.
pub(crate) fn item_len(item: &Item<'_>) -> usize {
    let mut writer = Writer::new(Counter::default());
    write_items(std::slice::from_ref(item), &mut writer);
    writer.into_sink().bytes()
}

fn write<S: Sink>(message: &Message<'_>, w: &mut Writer<S>) {
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
        write_body(&message.body, w);
    });
}

fn write_header<S: Sink>(header: &Header<'_>, w: &mut Writer<S>) {
    w.element("SyncHdr").body(|w| {
        w.element("VerDTD").text(&header.ver_dtd);
        w.element("VerProto").text(&header.ver_proto);
        w.element("SessionID").text(header.session_id.as_str());
        w.element("MsgID").text(header.msg_id.as_str());
        write_location("Target", &header.target, w);
        write_location("Source", &header.source, w);
        write_opt("RespURI", header.resp_uri.as_ref(), w);
        write_flag("NoResp", header.no_resp, w);
        write_cred(header.cred.as_ref(), w);
        write_meta(header.meta.as_ref(), w);
        write_extra(&header.extra, w);
    });
}

fn write_body<S: Sink>(body: &Body<'_>, w: &mut Writer<S>) {
    w.element("SyncBody").body(|w| {
        for command in &body.commands {
            write_command(command, w);
        }
        write_flag("Final", body.is_final, w);
    });
}

fn write_command<S: Sink>(command: &Command<'_>, w: &mut Writer<S>) {
    let name = command.name();
    match command {
        Command::Add(request)
        | Command::Copy(request)
        | Command::Delete(request)
        | Command::Exec(request)
        | Command::Get(request)
        | Command::Put(request)
        | Command::Replace(request) => write_request(name, request, w),
        Command::Atomic(group) | Command::Sequence(group) => write_group(name, group, w),
        Command::Alert(alert) => w.element(name).body(|w| {
            write_id(alert.cmd_id.as_ref(), w);
            write_flag("NoResp", alert.no_resp, w);
            write_cred(alert.cred.as_ref(), w);
            write_opt("Data", alert.data.as_ref(), w);
            write_opt("Correlator", alert.correlator.as_ref(), w);
            write_items(&alert.items, w);
            write_extra(&alert.extra, w);
        }),
        Command::Status(status) => w.element(name).body(|w| {
            write_id(status.cmd_id.as_ref(), w);
            if let Some(id) = &status.msg_ref {
                w.element("MsgRef").text(id.as_str());
            }
            if let Some(id) = &status.cmd_ref {
                w.element("CmdRef").text(id.as_str());
            }
            write_opt("Cmd", status.cmd.as_ref(), w);
            write_all("TargetRef", &status.target_refs, w);
            write_all("SourceRef", &status.source_refs, w);
            write_cred(status.cred.as_ref(), w);
            if let Some(Challenge { meta }) = &status.challenge {
                w.element("Chal").body(|w| write_meta(Some(meta), w));
            }
            if let Some(data) = &status.data {
                let mut tag = w.element("Data");
                for (name, value) in &status.data_attributes {
                    tag = tag.attr(name, value);
                }
                tag.text(data);
            }
            write_items(&status.items, w);
            write_extra(&status.extra, w);
        }),
        Command::Results(results) => w.element(name).body(|w| {
            write_id(results.cmd_id.as_ref(), w);
            if let Some(id) = &results.msg_ref {
                w.element("MsgRef").text(id.as_str());
            }
            if let Some(id) = &results.cmd_ref {
                w.element("CmdRef").text(id.as_str());
            }
            write_opt("Cmd", results.cmd.as_ref(), w);
            write_meta(results.meta.as_ref(), w);
            write_all("TargetRef", &results.target_refs, w);
            write_all("SourceRef", &results.source_refs, w);
            write_items(&results.items, w);
            write_extra(&results.extra, w);
        }),
        Command::Unknown(raw) => w.raw(raw.as_str()),
    }
}

fn write_request<S: Sink>(name: &str, request: &Request<'_>, w: &mut Writer<S>) {
    w.element(name).body(|w| {
        write_id(request.cmd_id.as_ref(), w);
        write_flag("NoResp", request.no_resp, w);
        write_cred(request.cred.as_ref(), w);
        write_meta(request.meta.as_ref(), w);
        write_opt("Correlator", request.correlator.as_ref(), w);
        write_items(&request.items, w);
        write_extra(&request.extra, w);
    });
}

fn write_group<S: Sink>(name: &str, group: &Group<'_>, w: &mut Writer<S>) {
    w.element(name).body(|w| {
        write_id(group.cmd_id.as_ref(), w);
        write_flag("NoResp", group.no_resp, w);
        write_meta(group.meta.as_ref(), w);
        for command in &group.commands {
            write_command(command, w);
        }
        write_extra(&group.extra, w);
    });
}

fn write_items<S: Sink>(items: &[Item<'_>], w: &mut Writer<S>) {
    for item in items {
        w.element("Item").body(|w| {
            if let Some(target) = &item.target {
                write_location("Target", target, w);
            }
            if let Some(source) = &item.source {
                write_location("Source", source, w);
            }
            write_meta(item.meta.as_ref(), w);
            write_extra(&item.extra, w);
            if let Some(data) = &item.data {
                let mut tag = w.element("Data");
                for (name, value) in &item.data_attributes {
                    tag = tag.attr(name, value);
                }
                match data {
                    Data::Text(text) => tag.text(text),
                    Data::Markup(markup) => tag.raw(markup),
                }
            }
            write_flag("MoreData", item.more_data, w);
        });
    }
}

fn write_location<S: Sink>(name: &str, location: &Location<'_>, w: &mut Writer<S>) {
    w.element(name).body(|w| {
        w.element("LocURI").text(&location.loc_uri);
        write_opt("LocName", location.loc_name.as_ref(), w);
    });
}

fn write_cred<S: Sink>(cred: Option<&Cred<'_>>, w: &mut Writer<S>) {
    if let Some(cred) = cred {
        w.element("Cred").body(|w| {
            if !cred.meta.is_empty() {
                write_meta(Some(&cred.meta), w);
            }
            w.element("Data").text(&cred.data);
        });
    }
}

/// Meta; its children declare their namespace, as Windows writes it.
fn write_meta<S: Sink>(meta: Option<&Meta<'_>>, w: &mut Writer<S>) {
    const METINF: &str = "syncml:metinf";
    fn part<S: Sink>(w: &mut Writer<S>, name: &str, value: Option<&Cow<'_, str>>) {
        if let Some(value) = value {
            w.element(name).attr("xmlns", METINF).text(value);
        }
    }
    let Some(meta) = meta else { return };
    w.element("Meta").body(|w| {
        if let Some(format) = &meta.format {
            w.element("Format").attr("xmlns", METINF).text(format.as_str());
        }
        part(w, "Type", meta.typ.as_ref());
        part(w, "Mark", meta.mark.as_ref());
        part(w, "Size", meta.size.as_ref());
        if let Some(anchor) = &meta.anchor {
            w.element("Anchor").attr("xmlns", METINF).body(|w| {
                write_opt("Last", anchor.last.as_ref(), w);
                write_opt("Next", anchor.next.as_ref(), w);
            });
        }
        part(w, "Version", meta.version.as_ref());
        part(w, "NextNonce", meta.next_nonce.as_ref());
        part(w, "MaxMsgSize", meta.max_msg_size.as_ref());
        part(w, "MaxObjSize", meta.max_obj_size.as_ref());
        write_extra(&meta.extra, w);
    });
}

fn write_id<S: Sink>(id: Option<&CmdId<'_>>, w: &mut Writer<S>) {
    if let Some(id) = id {
        w.element("CmdID").text(id.as_str());
    }
}

fn write_opt<S: Sink>(name: &str, value: Option<&Cow<'_, str>>, w: &mut Writer<S>) {
    if let Some(value) = value {
        w.element(name).text(value);
    }
}

fn write_all<S: Sink>(name: &str, values: &[Cow<'_, str>], w: &mut Writer<S>) {
    for value in values {
        w.element(name).text(value);
    }
}

fn write_flag<S: Sink>(name: &str, flag: bool, w: &mut Writer<S>) {
    if flag {
        w.element(name).empty();
    }
}

fn write_extra<S: Sink>(extra: &[Raw<'_>], w: &mut Writer<S>) {
    for raw in extra {
        w.raw(raw.as_str());
    }
}
