//! The elements in a message. Attributes that SyncML does not have are written where they were.

use mdm_xml::{Sink, Tag, Tags, Writer, tags};

use crate::model::{
    Attribute, Challenge, Command, Cred, Data, Format, Group, Item, Location, Map, Meta, Raw,
    Request, Results, Search, Status, Sync,
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

/// Writes an element around what `body` writes.
#[inline(always)]
pub(super) fn write_around<S: Sink>(
    tags: Tags,
    attributes: &[Attribute<'_>],
    w: &mut Writer<S>,
    body: impl FnOnce(&mut Writer<S>),
) {
    if attributes.is_empty() {
        w.raw(tags.open());
        body(w);
        w.raw(tags.close());
    } else {
        begin(w, tags.name(), "", 0, attributes).body(body);
    }
}

/// Writes an element that holds text, the first of its name.
#[inline(always)]
fn write_leaf<S: Sink>(tags: Tags, value: &str, attributes: &[Attribute<'_>], w: &mut Writer<S>) {
    if attributes.is_empty() {
        w.raw(tags.open());
        w.text(value);
        w.raw(tags.close());
    } else {
        let tag = begin(w, tags.name(), tags.name(), 0, attributes);
        tag.attr_opt("xmlns", tags.namespace()).text(value);
    }
}

#[inline(always)]
pub(super) fn write_text<S: Sink>(
    tags: Tags,
    value: Option<&str>,
    attributes: &[Attribute<'_>],
    w: &mut Writer<S>,
) {
    if let Some(value) = value {
        write_leaf(tags, value, attributes, w);
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

/// Writes children of one name.
#[inline(always)]
fn write_all<S: Sink>(
    tags: Tags,
    values: &[std::borrow::Cow<'_, str>],
    attributes: &[Attribute<'_>],
    w: &mut Writer<S>,
) {
    if attributes.is_empty() {
        return values.iter().for_each(|value| write_leaf(tags, value, attributes, w));
    }
    let attributes = by_index(tags.name(), attributes);
    let mut left = attributes.as_slice();
    for (value, index) in values.iter().zip(0..) {
        let mut tag = w.element(tags.name());
        for attribute in take(&mut left, index) {
            tag = tag.attr(&attribute.name, &attribute.value);
        }
        tag.attr_opt("xmlns", tags.namespace()).text(value);
    }
}

pub(super) fn write_extra<S: Sink>(extra: &[Raw<'_>], w: &mut Writer<S>) {
    for raw in extra {
        w.raw(raw.as_str());
    }
}

pub(super) fn write_command<S: Sink>(command: &Command<'_>, own: Option<&[u8]>, w: &mut Writer<S>) {
    match command {
        Command::Add(request) => write_request(tags!("Add"), request, w),
        Command::Copy(request) => write_request(tags!("Copy"), request, w),
        Command::Delete(request) => write_request(tags!("Delete"), request, w),
        Command::Exec(request) => write_request(tags!("Exec"), request, w),
        Command::Get(request) => write_request(tags!("Get"), request, w),
        Command::Move(request) => write_request(tags!("Move"), request, w),
        Command::Put(request) => write_request(tags!("Put"), request, w),
        Command::Replace(request) => write_request(tags!("Replace"), request, w),
        Command::Atomic(group) => write_group(tags!("Atomic"), group, own, w),
        Command::Sequence(group) => write_group(tags!("Sequence"), group, own, w),
        Command::Alert(alert) => write_around(tags!("Alert"), &alert.attributes, w, |w| {
            let attributes = &alert.attributes;
            write_text(tags!("CmdID"), alert.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
            write_flag("NoResp", alert.no_resp, attributes, w);
            write_cred(alert.cred.as_ref(), w);
            write_text(tags!("Data"), alert.data.as_deref(), attributes, w);
            write_text(tags!("Correlator"), alert.correlator.as_deref(), attributes, w);
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

/// The tags are constants of the places that call it, as far as the compiler is concerned: to write
/// what is known costs a third of writing a text.
#[inline(always)]
fn write_request<S: Sink>(tags: Tags, request: &Request<'_>, w: &mut Writer<S>) {
    write_around(tags, &request.attributes, w, |w| write_in_request(request, w));
}

fn write_in_request<S: Sink>(request: &Request<'_>, w: &mut Writer<S>) {
    let attributes = &request.attributes;
    write_text(tags!("CmdID"), request.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
    write_flag("NoResp", request.no_resp, attributes, w);
    write_cred(request.cred.as_ref(), w);
    write_meta(request.meta.as_deref(), w);
    write_text(tags!("Correlator"), request.correlator.as_deref(), attributes, w);
    // Before the items: after them a second CmdID would begin another command.
    write_extra(&request.extra, w);
    write_items(&request.items, w);
}

fn write_status<S: Sink>(status: &Status<'_>, w: &mut Writer<S>) {
    let attributes = &status.attributes;
    write_around(tags!("Status"), attributes, w, |w| {
        write_text(tags!("CmdID"), status.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
        write_text(tags!("MsgRef"), status.msg_ref.as_ref().map(|id| id.as_str()), attributes, w);
        write_text(tags!("CmdRef"), status.cmd_ref.as_ref().map(|id| id.as_str()), attributes, w);
        write_text(tags!("Cmd"), status.cmd.as_deref(), attributes, w);
        write_all(tags!("TargetRef"), &status.target_refs, attributes, w);
        write_all(tags!("SourceRef"), &status.source_refs, attributes, w);
        write_cred(status.cred.as_ref(), w);
        if let Some(challenge) = &status.challenge {
            write_challenge(challenge, w);
        }
        if let Some(data) = &status.data
            && status.data_attributes.is_empty()
        {
            write_text(tags!("Data"), Some(data), &[], w);
        } else if let Some(data) = &status.data {
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
    write_around(tags!("Chal"), &challenge.attributes, w, |w| {
        write_meta(Some(&challenge.meta), w);
        write_extra(&challenge.extra, w);
    });
}

fn write_results<S: Sink>(results: &Results<'_>, w: &mut Writer<S>) {
    let attributes = &results.attributes;
    write_around(tags!("Results"), attributes, w, |w| {
        write_text(tags!("CmdID"), results.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
        write_text(tags!("MsgRef"), results.msg_ref.as_ref().map(|id| id.as_str()), attributes, w);
        write_text(tags!("CmdRef"), results.cmd_ref.as_ref().map(|id| id.as_str()), attributes, w);
        write_text(tags!("Cmd"), results.cmd.as_deref(), attributes, w);
        write_meta(results.meta.as_deref(), w);
        write_all(tags!("TargetRef"), &results.target_refs, attributes, w);
        write_all(tags!("SourceRef"), &results.source_refs, attributes, w);
        write_items(&results.items, w);
        write_extra(&results.extra, w);
    });
}

fn write_group<S: Sink>(tags: Tags, group: &Group<'_>, own: Option<&[u8]>, w: &mut Writer<S>) {
    let attributes = &group.attributes;
    write_around(tags, attributes, w, |w| {
        write_text(tags!("CmdID"), group.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
        write_flag("NoResp", group.no_resp, attributes, w);
        write_meta(group.meta.as_deref(), w);
        for command in &group.commands {
            super::write_command(command, own, w);
        }
        write_extra(&group.extra, w);
    });
}

fn write_sync<S: Sink>(sync: &Sync<'_>, own: Option<&[u8]>, w: &mut Writer<S>) {
    let attributes = &sync.attributes;
    write_around(tags!("Sync"), attributes, w, |w| {
        write_text(tags!("CmdID"), sync.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
        write_flag("NoResp", sync.no_resp, attributes, w);
        write_cred(sync.cred.as_ref(), w);
        write_target(sync.target.as_ref(), w);
        write_source(sync.source.as_ref(), w);
        write_meta(sync.meta.as_ref(), w);
        write_text(tags!("NumberOfChanges"), sync.number_of_changes.as_deref(), attributes, w);
        for command in &sync.commands {
            super::write_command(command, own, w);
        }
        write_extra(&sync.extra, w);
    });
}

fn write_map<S: Sink>(map: &Map<'_>, w: &mut Writer<S>) {
    let attributes = &map.attributes;
    write_around(tags!("Map"), attributes, w, |w| {
        write_text(tags!("CmdID"), map.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
        write_target(map.target.as_ref(), w);
        write_source(map.source.as_ref(), w);
        write_cred(map.cred.as_ref(), w);
        write_meta(map.meta.as_ref(), w);
        for item in &map.items {
            write_around(tags!("MapItem"), &item.attributes, w, |w| {
                write_target(item.target.as_ref(), w);
                write_source(item.source.as_ref(), w);
                write_extra(&item.extra, w);
            });
        }
        write_extra(&map.extra, w);
    });
}

fn write_search<S: Sink>(search: &Search<'_>, w: &mut Writer<S>) {
    let attributes = &search.attributes;
    write_around(tags!("Search"), attributes, w, |w| {
        write_text(tags!("CmdID"), search.cmd_id.as_ref().map(|id| id.as_str()), attributes, w);
        write_flag("NoResp", search.no_resp, attributes, w);
        write_flag("NoResults", search.no_results, attributes, w);
        write_cred(search.cred.as_ref(), w);
        write_target(search.target.as_ref(), w);
        for source in &search.sources {
            write_source(Some(source), w);
        }
        write_text(tags!("Lang"), search.lang.as_deref(), attributes, w);
        write_meta(search.meta.as_ref(), w);
        if let Some(data) = &search.data {
            write_data(data, begin(w, "Data", "Data", 0, attributes));
        }
        write_extra(&search.extra, w);
    });
}

pub(super) fn write_items<S: Sink>(items: &[Item<'_>], w: &mut Writer<S>) {
    for item in items {
        write_around(tags!("Item"), &item.attributes, w, |w| {
            write_target(item.target.as_ref(), w);
            write_source(item.source.as_ref(), w);
            write_meta(item.meta.as_ref(), w);
            // Data comes last (MS-MDM 2.2.5.2); what repeats it has to follow it.
            let follows = |raw: &&Raw<'_>| matches!(raw.local_name(), "Data" | "MoreData");
            for raw in item.extra.iter().filter(|raw| !follows(raw)) {
                w.raw(raw.as_str());
            }
            if let Some(Data::Text(text)) = &item.data
                && item.data_attributes.is_empty()
            {
                write_text(tags!("Data"), Some(text), &[], w);
            } else if let Some(data) = &item.data {
                let mut tag = w.element("Data");
                for (name, value) in &item.data_attributes {
                    tag = tag.attr(name, value);
                }
                write_data(data, tag);
            }
            write_flag("MoreData", item.more_data, &item.attributes, w);
            for raw in item.extra.iter().filter(follows) {
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

/// The start tags of an address and of what it is in, and their end tags.
macro_rules! around_address {
    ($name:literal) => {
        (concat!("<", $name, "><LocURI>"), concat!("</LocURI></", $name, ">"))
    };
}

pub(super) fn write_target<S: Sink>(target: Option<&Location<'_>>, w: &mut Writer<S>) {
    if let Some(target) = target {
        write_location(tags!("Target"), around_address!("Target"), target, w);
    }
}

pub(super) fn write_source<S: Sink>(source: Option<&Location<'_>>, w: &mut Writer<S>) {
    if let Some(source) = source {
        write_location(tags!("Source"), around_address!("Source"), source, w);
    }
}

#[inline(always)]
fn write_location<S: Sink>(
    tags: Tags,
    (start, end): (&'static str, &'static str),
    location: &Location<'_>,
    w: &mut Writer<S>,
) {
    let attributes = &location.attributes;
    if attributes.is_empty() && location.loc_name.is_none() && location.extra.is_empty() {
        w.raw(start);
        w.text(&location.loc_uri);
        w.raw(end);
        return;
    }
    write_around(tags, attributes, w, |w| {
        write_text(tags!("LocURI"), Some(&*location.loc_uri), attributes, w);
        write_text(tags!("LocName"), location.loc_name.as_deref(), attributes, w);
        write_extra(&location.extra, w);
    });
}

pub(super) fn write_cred<S: Sink>(cred: Option<&Cred<'_>>, w: &mut Writer<S>) {
    let Some(cred) = cred else { return };
    write_around(tags!("Cred"), &cred.attributes, w, |w| {
        // Before another one that was kept, it would else be the first.
        let repeated = || cred.extra.iter().any(|raw| raw.local_name() == "Meta");
        if !cred.meta.is_empty() || repeated() {
            write_meta(Some(&cred.meta), w);
        }
        write_text(tags!("Data"), Some(&*cred.data), &cred.attributes, w);
        write_extra(&cred.extra, w);
    });
}

/// A format: that of OMA DM as one text, in which nothing has to be looked for.
fn write_format<S: Sink>(format: &Format<'_>, attributes: &[Attribute<'_>], w: &mut Writer<S>) {
    macro_rules! whole {
        ($name:literal) => {
            concat!("<Format xmlns=\"syncml:metinf\">", $name, "</Format>")
        };
    }
    let whole = match format {
        _ if !attributes.is_empty() => None,
        Format::B64 => Some(whole!("b64")),
        Format::Bin => Some(whole!("bin")),
        Format::Bool => Some(whole!("bool")),
        Format::Chr => Some(whole!("chr")),
        Format::Date => Some(whole!("date")),
        Format::Float => Some(whole!("float")),
        Format::Int => Some(whole!("int")),
        Format::Node => Some(whole!("node")),
        Format::Null => Some(whole!("null")),
        Format::Time => Some(whole!("time")),
        Format::Xml => Some(whole!("xml")),
        Format::Other(_) => None,
    };
    match whole {
        Some(whole) => w.raw(whole),
        None => {
            write_leaf(tags!("Format" in "syncml:metinf"), format.as_str(), attributes, w);
        }
    }
}

/// Meta; its children declare their namespace, as Windows writes it.
pub(super) fn write_meta<S: Sink>(meta: Option<&Meta<'_>>, w: &mut Writer<S>) {
    let Some(meta) = meta else { return };
    let attributes = &meta.attributes;
    write_around(tags!("Meta"), attributes, w, |w| {
        if let Some(format) = &meta.format {
            write_format(format, attributes, w);
        }
        write_text(tags!("Type" in "syncml:metinf"), meta.typ.as_deref(), attributes, w);
        write_text(
            tags!("FieldLevel" in "syncml:metinf"),
            meta.field_level.as_deref(),
            attributes,
            w,
        );
        write_text(tags!("Mark" in "syncml:metinf"), meta.mark.as_deref(), attributes, w);
        write_text(tags!("Size" in "syncml:metinf"), meta.size.as_deref(), attributes, w);
        if let Some(anchor) = &meta.anchor {
            let attributes = &anchor.attributes;
            begin(w, "Anchor", "", 0, attributes).attr("xmlns", METINF).body(|w| {
                write_text(tags!("Last"), anchor.last.as_deref(), attributes, w);
                write_text(tags!("Next"), anchor.next.as_deref(), attributes, w);
                write_extra(&anchor.extra, w);
            });
        }
        write_text(tags!("Version" in "syncml:metinf"), meta.version.as_deref(), attributes, w);
        write_text(
            tags!("NextNonce" in "syncml:metinf"),
            meta.next_nonce.as_deref(),
            attributes,
            w,
        );
        write_text(
            tags!("MaxMsgSize" in "syncml:metinf"),
            meta.max_msg_size.as_deref(),
            attributes,
            w,
        );
        write_text(
            tags!("MaxObjSize" in "syncml:metinf"),
            meta.max_obj_size.as_deref(),
            attributes,
            w,
        );
        write_all(tags!("EMI" in "syncml:metinf"), &meta.emi, attributes, w);
        if let Some(mem) = &meta.mem {
            let attributes = &mem.attributes;
            begin(w, "Mem", "", 0, attributes).attr("xmlns", METINF).body(|w| {
                write_flag("SharedMem", mem.shared, attributes, w);
                write_text(tags!("FreeMem"), mem.free_mem.as_deref(), attributes, w);
                write_text(tags!("FreeID"), mem.free_id.as_deref(), attributes, w);
                write_extra(&mem.extra, w);
            });
        }
        write_extra(&meta.extra, w);
    });
}
