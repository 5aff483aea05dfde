//! The elements in a message. Attributes that SyncML does not have are written where they were.

use mdm_xml::{Sink, Tag, Writer};

use crate::model::{
    Attribute, Challenge, Command, Cred, Data, Group, Item, Location, Map, Meta, Raw, Request,
    Results, Search, Status, Sync,
};

const METINF: &str = "syncml:metinf";

/// Begins an element with those attributes of its parent's list that belong to the child `of`, or
/// to the element itself where `of` is empty.
pub(super) fn begin<'w, S: Sink>(
    w: &'w mut Writer<S>,
    name: &'w str,
    of: &str,
    index: u32,
    attributes: &[Attribute<'_>],
) -> Tag<'w, S> {
    let mut tag = w.element(name);
    for attribute in attributes {
        if attribute.element == of && attribute.index == index {
            tag = tag.attr(&attribute.name, &attribute.value);
        }
    }
    tag
}

pub(super) fn write_text<S: Sink>(
    name: &str,
    value: Option<&str>,
    attributes: &[Attribute<'_>],
    w: &mut Writer<S>,
) {
    if let Some(value) = value {
        begin(w, name, name, 0, attributes).text(value);
    }
}

pub(super) fn write_flag<S: Sink>(
    name: &str,
    flag: bool,
    attributes: &[Attribute<'_>],
    w: &mut Writer<S>,
) {
    if flag {
        begin(w, name, name, 0, attributes).empty();
    }
}

/// The attributes of the children of one name, by which of the children they belong to. To look
/// through all of them for each child would take the time of both together.
fn by_index<'a, 'm>(of: &str, attributes: &'a [Attribute<'m>]) -> Vec<&'a Attribute<'m>> {
    let mut found: Vec<_> = attributes.iter().filter(|attribute| attribute.element == of).collect();
    found.sort_by_key(|attribute| attribute.index);
    found
}

/// Takes those of the child `index` from what [`by_index`] gave; children are asked for in order.
fn take<'a, 'm>(left: &mut &'a [&'a Attribute<'m>], index: u32) -> &'a [&'a Attribute<'m>] {
    let start = left.partition_point(|attribute| attribute.index < index);
    let rest = left.get(start..).unwrap_or_default();
    let (own, after) = rest.split_at(rest.partition_point(|attribute| attribute.index == index));
    *left = after;
    own
}

fn write_all<S: Sink>(
    name: &str,
    values: &[std::borrow::Cow<'_, str>],
    attributes: &[Attribute<'_>],
    w: &mut Writer<S>,
) {
    let attributes = by_index(name, attributes);
    let mut left = attributes.as_slice();
    for (value, index) in values.iter().zip(0..) {
        let mut tag = w.element(name);
        for attribute in take(&mut left, index) {
            tag = tag.attr(&attribute.name, &attribute.value);
        }
        tag.text(value);
    }
}

pub(super) fn write_extra<S: Sink>(extra: &[Raw<'_>], w: &mut Writer<S>) {
    for raw in extra {
        w.raw(raw.as_str());
    }
}

pub(super) fn write_command<S: Sink>(command: &Command<'_>, own: Option<&[u8]>, w: &mut Writer<S>) {
    let name = command.name();
    match command {
        Command::Add(request)
        | Command::Copy(request)
        | Command::Delete(request)
        | Command::Exec(request)
        | Command::Get(request)
        | Command::Move(request)
        | Command::Put(request)
        | Command::Replace(request) => write_request(name, request, w),
        Command::Atomic(group) | Command::Sequence(group) => write_group(name, group, own, w),
        Command::Alert(alert) => begin(w, name, "", 0, &alert.attributes).body(|w| {
            let attributes = &alert.attributes;
            write_text("CmdID", alert.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
            write_flag("NoResp", alert.no_resp, attributes, w);
            write_cred(alert.cred.as_ref(), w);
            write_text("Data", alert.data.as_deref(), attributes, w);
            write_text("Correlator", alert.correlator.as_deref(), attributes, w);
            write_items(&alert.items, w);
            write_extra(&alert.extra, w);
        }),
        Command::Status(status) => write_status(status, w),
        Command::Results(results) => write_results(results, w),
        Command::Sync(sync) => write_sync(sync, own, w),
        Command::Map(map) => write_map(map, w),
        Command::Search(search) => write_search(search, w),
        Command::Unknown(raw) => w.raw(raw.as_str()),
    }
}

fn write_request<S: Sink>(name: &str, request: &Request<'_>, w: &mut Writer<S>) {
    let attributes = &request.attributes;
    begin(w, name, "", 0, attributes).body(|w| {
        write_text("CmdID", request.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
        write_flag("NoResp", request.no_resp, attributes, w);
        write_cred(request.cred.as_ref(), w);
        write_meta(request.meta.as_ref(), w);
        write_text("Correlator", request.correlator.as_deref(), attributes, w);
        // Before the items: after them a second CmdID would begin another command.
        write_extra(&request.extra, w);
        write_items(&request.items, w);
    });
}

fn write_status<S: Sink>(status: &Status<'_>, w: &mut Writer<S>) {
    let attributes = &status.attributes;
    begin(w, "Status", "", 0, attributes).body(|w| {
        write_text("CmdID", status.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
        write_text("MsgRef", status.msg_ref.as_ref().map(|id| id.as_str()), attributes, w);
        write_text("CmdRef", status.cmd_ref.as_ref().map(|id| id.as_str()), attributes, w);
        write_text("Cmd", status.cmd.as_deref(), attributes, w);
        write_all("TargetRef", &status.target_refs, attributes, w);
        write_all("SourceRef", &status.source_refs, attributes, w);
        write_cred(status.cred.as_ref(), w);
        if let Some(challenge) = &status.challenge {
            write_challenge(challenge, w);
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
    });
}

fn write_challenge<S: Sink>(challenge: &Challenge<'_>, w: &mut Writer<S>) {
    begin(w, "Chal", "", 0, &challenge.attributes).body(|w| {
        write_meta(Some(&challenge.meta), w);
        write_extra(&challenge.extra, w);
    });
}

fn write_results<S: Sink>(results: &Results<'_>, w: &mut Writer<S>) {
    let attributes = &results.attributes;
    begin(w, "Results", "", 0, attributes).body(|w| {
        write_text("CmdID", results.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
        write_text("MsgRef", results.msg_ref.as_ref().map(|id| id.as_str()), attributes, w);
        write_text("CmdRef", results.cmd_ref.as_ref().map(|id| id.as_str()), attributes, w);
        write_text("Cmd", results.cmd.as_deref(), attributes, w);
        write_meta(results.meta.as_ref(), w);
        write_all("TargetRef", &results.target_refs, attributes, w);
        write_all("SourceRef", &results.source_refs, attributes, w);
        write_items(&results.items, w);
        write_extra(&results.extra, w);
    });
}

fn write_group<S: Sink>(name: &str, group: &Group<'_>, own: Option<&[u8]>, w: &mut Writer<S>) {
    let attributes = &group.attributes;
    begin(w, name, "", 0, attributes).body(|w| {
        write_text("CmdID", group.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
        write_flag("NoResp", group.no_resp, attributes, w);
        write_meta(group.meta.as_ref(), w);
        for command in &group.commands {
            super::write_command(command, own, w);
        }
        write_extra(&group.extra, w);
    });
}

fn write_sync<S: Sink>(sync: &Sync<'_>, own: Option<&[u8]>, w: &mut Writer<S>) {
    let attributes = &sync.attributes;
    begin(w, "Sync", "", 0, attributes).body(|w| {
        write_text("CmdID", sync.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
        write_flag("NoResp", sync.no_resp, attributes, w);
        write_cred(sync.cred.as_ref(), w);
        write_location("Target", sync.target.as_ref(), w);
        write_location("Source", sync.source.as_ref(), w);
        write_meta(sync.meta.as_ref(), w);
        write_text("NumberOfChanges", sync.number_of_changes.as_deref(), attributes, w);
        for command in &sync.commands {
            super::write_command(command, own, w);
        }
        write_extra(&sync.extra, w);
    });
}

fn write_map<S: Sink>(map: &Map<'_>, w: &mut Writer<S>) {
    let attributes = &map.attributes;
    begin(w, "Map", "", 0, attributes).body(|w| {
        write_text("CmdID", map.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
        write_location("Target", map.target.as_ref(), w);
        write_location("Source", map.source.as_ref(), w);
        write_cred(map.cred.as_ref(), w);
        write_meta(map.meta.as_ref(), w);
        for item in &map.items {
            begin(w, "MapItem", "", 0, &item.attributes).body(|w| {
                write_location("Target", item.target.as_ref(), w);
                write_location("Source", item.source.as_ref(), w);
                write_extra(&item.extra, w);
            });
        }
        write_extra(&map.extra, w);
    });
}

fn write_search<S: Sink>(search: &Search<'_>, w: &mut Writer<S>) {
    let attributes = &search.attributes;
    begin(w, "Search", "", 0, attributes).body(|w| {
        write_text("CmdID", search.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
        write_flag("NoResp", search.no_resp, attributes, w);
        write_flag("NoResults", search.no_results, attributes, w);
        write_cred(search.cred.as_ref(), w);
        write_location("Target", search.target.as_ref(), w);
        for source in &search.sources {
            write_location("Source", Some(source), w);
        }
        write_text("Lang", search.lang.as_deref(), attributes, w);
        write_meta(search.meta.as_ref(), w);
        if let Some(data) = &search.data {
            write_data(data, begin(w, "Data", "Data", 0, attributes));
        }
        write_extra(&search.extra, w);
    });
}

pub(super) fn write_items<S: Sink>(items: &[Item<'_>], w: &mut Writer<S>) {
    for item in items {
        begin(w, "Item", "", 0, &item.attributes).body(|w| {
            write_location("Target", item.target.as_ref(), w);
            write_location("Source", item.source.as_ref(), w);
            write_meta(item.meta.as_ref(), w);
            // Data comes last (MS-MDM 2.2.5.2); what repeats it has to follow it.
            let (after, before): (Vec<&Raw<'_>>, Vec<&Raw<'_>>) =
                item.extra.iter().partition(|raw| matches!(raw.local_name(), "Data" | "MoreData"));
            for raw in before {
                w.raw(raw.as_str());
            }
            if let Some(data) = &item.data {
                let mut tag = w.element("Data");
                for (name, value) in &item.data_attributes {
                    tag = tag.attr(name, value);
                }
                write_data(data, tag);
            }
            write_flag("MoreData", item.more_data, &item.attributes, w);
            for raw in after {
                w.raw(raw.as_str());
            }
        });
    }
}

fn write_data<S: Sink>(data: &Data<'_>, tag: Tag<'_, S>) {
    match data {
        Data::Text(text) => tag.text(text),
        Data::Markup(markup) => tag.raw(markup),
    }
}

pub(super) fn write_location<S: Sink>(
    name: &str,
    location: Option<&Location<'_>>,
    w: &mut Writer<S>,
) {
    let Some(location) = location else { return };
    begin(w, name, "", 0, &location.attributes).body(|w| {
        write_text("LocURI", Some(&*location.loc_uri), &location.attributes, w);
        write_text("LocName", location.loc_name.as_deref(), &location.attributes, w);
        write_extra(&location.extra, w);
    });
}

pub(super) fn write_cred<S: Sink>(cred: Option<&Cred<'_>>, w: &mut Writer<S>) {
    let Some(cred) = cred else { return };
    begin(w, "Cred", "", 0, &cred.attributes).body(|w| {
        if !cred.meta.is_empty() {
            write_meta(Some(&cred.meta), w);
        }
        write_text("Data", Some(&*cred.data), &cred.attributes, w);
        write_extra(&cred.extra, w);
    });
}

/// Meta; its children declare their namespace, as Windows writes it.
pub(super) fn write_meta<S: Sink>(meta: Option<&Meta<'_>>, w: &mut Writer<S>) {
    let Some(meta) = meta else { return };
    let attributes = &meta.attributes;
    let part = |w: &mut Writer<S>, name: &str, value: Option<&str>| {
        if let Some(value) = value {
            begin(w, name, name, 0, attributes).attr("xmlns", METINF).text(value);
        }
    };
    begin(w, "Meta", "", 0, attributes).body(|w| {
        part(w, "Format", meta.format.as_ref().map(|format| format.as_str()));
        part(w, "Type", meta.typ.as_deref());
        part(w, "FieldLevel", meta.field_level.as_deref());
        part(w, "Mark", meta.mark.as_deref());
        part(w, "Size", meta.size.as_deref());
        if let Some(anchor) = &meta.anchor {
            let attributes = &anchor.attributes;
            begin(w, "Anchor", "", 0, attributes).attr("xmlns", METINF).body(|w| {
                write_text("Last", anchor.last.as_deref(), attributes, w);
                write_text("Next", anchor.next.as_deref(), attributes, w);
                write_extra(&anchor.extra, w);
            });
        }
        part(w, "Version", meta.version.as_deref());
        part(w, "NextNonce", meta.next_nonce.as_deref());
        part(w, "MaxMsgSize", meta.max_msg_size.as_deref());
        part(w, "MaxObjSize", meta.max_obj_size.as_deref());
        let own = by_index("EMI", attributes);
        let mut left = own.as_slice();
        for (emi, index) in meta.emi.iter().zip(0..) {
            let mut tag = w.element("EMI");
            for attribute in take(&mut left, index) {
                tag = tag.attr(&attribute.name, &attribute.value);
            }
            tag.attr("xmlns", METINF).text(emi);
        }
        if let Some(mem) = &meta.mem {
            let attributes = &mem.attributes;
            begin(w, "Mem", "", 0, attributes).attr("xmlns", METINF).body(|w| {
                write_flag("SharedMem", mem.shared, attributes, w);
                write_text("FreeMem", mem.free_mem.as_deref(), attributes, w);
                write_text("FreeID", mem.free_id.as_deref(), attributes, w);
                write_extra(&mem.extra, w);
            });
        }
        write_extra(&meta.extra, w);
    });
}
