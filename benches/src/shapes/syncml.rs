//! OMA DM: packages read and written.

use std::hint::black_box;

use super::{Scale, rivals};
use crate::claims::Claim;
use crate::inputs;
use crate::measure::{Group, Table};
use crate::report::Report;

/// Measures it.
pub fn measure(scale: &Scale, report: &mut Report) {
    let sizes: &[usize] = if scale.quick { &[10] } else { &[10, 200, 2_000] };
    for items in sizes {
        let bytes = inputs::device_package(*items);
        let name = format!("device package, {items} items");
        decode(scale, report, &name, &bytes, [1.8, 6.8, 4.8]);
        encode(scale, report, &name, &bytes);
    }
    let commands = if scale.quick { 10 } else { 100 };
    let bytes = inputs::policy_package(commands);
    let name = format!("server package, {commands} commands");
    decode(scale, report, &name, &bytes, [1.4, 5.5, 3.7]);
    encode(scale, report, &name, &bytes);
    growth(scale, report);
}

/// `least`: what must hold against quick-xml's raw loop, its serde layer and instant-xml.
fn decode(scale: &Scale, report: &mut Report, name: &str, bytes: &[u8], least: [f64; 3]) {
    let limits = syncml::Limits::default();
    let options = mdm_xml::Options::new(&["SYNCML:SYNCML1.2", "syncml:metinf"]);
    let group = Group::new(format!("SyncML decode, {name}"), bytes.len())
        .with("quick-xml raw", || rivals::quick_xml_raw(black_box(bytes)))
        .with("memchr", || rivals::scan(black_box(bytes)))
        .with("quick-xml namespaces", || rivals::quick_xml_namespaces(black_box(bytes)))
        .with("roxmltree", || rivals::roxmltree(black_box(bytes)))
        .with("quick-xml serde", || serde_model::commands(black_box(bytes)))
        .with("instant-xml", || instant_model::commands(black_box(bytes)))
        .with("mdm-xml", || rivals::mdm_xml(black_box(bytes), &options))
        .with("syncml", || {
            let message = syncml::decode(black_box(bytes), &limits).expect("a message");
            message.body.commands.len()
        });
    let table = report.table(group.measure(scale.rounds)).clone();
    let escaped = rivals::texts_with_references(bytes);
    claim_decode(report, name, &table, escaped, least);
}

fn claim_decode(
    report: &mut Report,
    name: &str,
    table: &Table,
    escaped: usize,
    [raw, serde, instant]: [f64; 3],
) {
    let to = |rival: &str| table.ratio("syncml", rival);
    let claims = [
        Claim::at_least(format!("{name}: decode vs quick-xml raw"), to("quick-xml raw"), raw, 1.5),
        Claim::at_least(format!("{name}: vs quick-xml serde"), to("quick-xml serde"), serde, 8.0),
        Claim::at_least(format!("{name}: vs instant-xml"), to("instant-xml"), instant, 4.0),
        // A text with references is a new text.
        Claim::counted(
            format!("{name}: allocations to decode, texts with references aside"),
            (table.row("syncml").memory.allocations - escaped) as f64,
            12.0,
            8.0,
        ),
    ];
    claims.into_iter().for_each(|claim| report.claim(claim));
}

fn encode(scale: &Scale, report: &mut Report, name: &str, bytes: &[u8]) {
    let message = syncml::decode(bytes, &syncml::Limits::default()).expect("a message");
    let mut out = Vec::new();
    let mut theirs = Vec::new();
    let parts = rivals::parts(bytes);
    let group = Group::new(format!("SyncML encode, {name}"), bytes.len())
        .with("quick-xml writer", || rivals::write(black_box(&parts), &mut theirs))
        .with("syncml", || {
            out.clear();
            syncml::encode(black_box(&message), &mut out).expect("it can be written");
            out.len()
        });
    let table = report.table(group.measure(scale.rounds)).clone();
    let ratio = table.ratio("syncml", "quick-xml writer");
    report.claim(Claim::at_least(format!("{name}: encode vs quick-xml writer"), ratio, 4.0, 6.0));
    report.claim(Claim::counted(
        format!("{name}: allocations to encode"),
        table.row("syncml").memory.allocations as f64,
        0.0,
        0.0,
    ));
}

/// Time for each item, from 10 items to 10,000.
fn growth(scale: &Scale, report: &mut Report) {
    let most = if scale.quick { 100 } else { 10_000 };
    let limits = syncml::Limits::default().with_commands(100_000);
    let (few, many) = (inputs::device_package(10), inputs::device_package(most));
    let one = |bytes: &[u8]| {
        syncml::decode(black_box(bytes), &limits).expect("a message").body.commands.len()
    };
    let group = Group::new(format!("SyncML decode of 10 and {most} items"), many.len())
        .with("10", || one(&few))
        .with("many", || one(&many));
    let table = report.table(group.measure(scale.rounds.min(7))).clone();
    let per_byte = |name: &str, bytes: usize| table.row(name).seconds / bytes as f64;
    report.claim(Claim::at_most(
        format!("SyncML decode: cost of a byte with {most} items vs 10"),
        per_byte("many", many.len()) / per_byte("10", few.len()),
        2.0,
        1.2,
    ));
}

/// As somebody would write it with serde.
mod serde_model {
    use std::borrow::Cow;

    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub(super) struct SyncMl<'x> {
        #[serde(borrow)]
        sync_hdr: Header<'x>,
        #[serde(borrow)]
        sync_body: Body<'x>,
    }

    #[derive(Deserialize)]
    struct Header<'x> {
        #[serde(rename = "SessionID", borrow)]
        session_id: Cow<'x, str>,
        #[serde(rename = "MsgID", borrow)]
        msg_id: Cow<'x, str>,
        #[serde(rename = "Target", borrow)]
        target: Location<'x>,
        #[serde(rename = "Source", borrow)]
        source: Location<'x>,
    }

    #[derive(Deserialize)]
    struct Location<'x> {
        #[serde(rename = "LocURI", borrow)]
        loc_uri: Cow<'x, str>,
    }

    #[derive(Deserialize)]
    struct Body<'x> {
        #[serde(rename = "$value", borrow)]
        commands: Vec<Command<'x>>,
    }

    #[derive(Deserialize)]
    enum Command<'x> {
        #[serde(borrow)]
        Status(Any<'x>),
        #[serde(borrow)]
        Results(Any<'x>),
        #[serde(borrow)]
        Replace(Any<'x>),
        #[serde(borrow)]
        Add(Any<'x>),
        Final,
    }

    #[derive(Deserialize)]
    #[serde(default)]
    #[derive(Default)]
    struct Any<'x> {
        #[serde(rename = "CmdID", borrow)]
        cmd_id: Cow<'x, str>,
        #[serde(rename = "MsgRef", borrow)]
        msg_ref: Option<Cow<'x, str>>,
        #[serde(rename = "CmdRef", borrow)]
        cmd_ref: Option<Cow<'x, str>>,
        #[serde(rename = "Cmd", borrow)]
        cmd: Option<Cow<'x, str>>,
        #[serde(rename = "TargetRef", borrow)]
        target_ref: Vec<Cow<'x, str>>,
        #[serde(rename = "Data", borrow)]
        data: Option<Cow<'x, str>>,
        #[serde(rename = "Item", borrow)]
        item: Vec<Item<'x>>,
    }

    #[derive(Deserialize)]
    struct Item<'x> {
        #[serde(rename = "Target", borrow, default)]
        target: Option<Location<'x>>,
        #[serde(rename = "Source", borrow, default)]
        source: Option<Location<'x>>,
        #[serde(rename = "Meta", borrow, default)]
        meta: Option<Meta<'x>>,
        #[serde(rename = "Data", borrow, default)]
        data: Option<Cow<'x, str>>,
    }

    #[derive(Deserialize)]
    struct Meta<'x> {
        #[serde(rename = "Format", borrow, default)]
        format: Option<Cow<'x, str>>,
        #[serde(rename = "Type", borrow, default)]
        kind: Option<Cow<'x, str>>,
    }

    pub(super) fn commands(bytes: &[u8]) -> usize {
        let text = std::str::from_utf8(bytes).expect("UTF-8");
        let message: SyncMl<'_> = quick_xml::de::from_str(text).expect("a message");
        let header = &message.sync_hdr;
        let mut seen = header.session_id.len() + header.msg_id.len();
        seen += header.target.loc_uri.len() + header.source.loc_uri.len();
        for command in &message.sync_body.commands {
            let (Command::Status(any)
            | Command::Results(any)
            | Command::Replace(any)
            | Command::Add(any)) = command
            else {
                continue;
            };
            let texts = [&any.msg_ref, &any.cmd_ref, &any.cmd, &any.data];
            seen += any.cmd_id.len() + any.target_ref.len();
            seen += texts.iter().filter(|text| text.is_some()).count();
            for item in &any.item {
                seen += usize::from(item.target.is_some()) + usize::from(item.source.is_some());
                seen += item.data.as_ref().map_or(0, |data| data.len());
                let meta = item.meta.as_ref();
                seen += meta.map_or(0, |meta| {
                    usize::from(meta.format.is_some()) + usize::from(meta.kind.is_some())
                });
            }
        }
        seen
    }
}

/// As somebody would write it with instant-xml.
mod instant_model {
    use std::borrow::Cow;

    use instant_xml::FromXml;

    const NS: &str = "SYNCML:SYNCML1.2";
    const METINF: &str = "syncml:metinf";

    #[derive(FromXml)]
    #[xml(rename = "SyncML", ns(NS))]
    struct SyncMl<'x> {
        header: Header<'x>,
        body: Body<'x>,
    }

    #[derive(FromXml)]
    #[xml(rename = "SyncHdr", ns(NS))]
    struct Header<'x> {
        #[xml(rename = "VerDTD")]
        ver_dtd: Cow<'x, str>,
        #[xml(rename = "VerProto")]
        ver_proto: Cow<'x, str>,
        #[xml(rename = "SessionID")]
        session_id: Cow<'x, str>,
        #[xml(rename = "MsgID")]
        msg_id: Cow<'x, str>,
        target: Target<'x>,
        source: Source<'x>,
    }

    #[derive(FromXml)]
    #[xml(ns(NS))]
    struct Target<'x> {
        #[xml(rename = "LocURI")]
        loc_uri: Cow<'x, str>,
    }

    #[derive(FromXml)]
    #[xml(ns(NS))]
    struct Source<'x> {
        #[xml(rename = "LocURI")]
        loc_uri: Cow<'x, str>,
    }

    #[derive(FromXml)]
    #[xml(rename = "SyncBody", ns(NS))]
    struct Body<'x> {
        status: Vec<Status<'x>>,
        results: Vec<Results<'x>>,
        replace: Vec<Replace<'x>>,
        add: Vec<Add<'x>>,
        is_final: Option<Final>,
    }

    #[derive(FromXml)]
    #[xml(ns(NS))]
    struct Final;

    #[derive(FromXml)]
    #[xml(ns(NS))]
    struct TargetRef<'x> {
        #[xml(direct)]
        text: Cow<'x, str>,
    }

    #[derive(FromXml)]
    #[xml(ns(NS))]
    struct Status<'x> {
        #[xml(rename = "CmdID")]
        cmd_id: Cow<'x, str>,
        #[xml(rename = "MsgRef")]
        msg_ref: Cow<'x, str>,
        #[xml(rename = "CmdRef")]
        cmd_ref: Cow<'x, str>,
        #[xml(rename = "Cmd")]
        cmd: Cow<'x, str>,
        target_refs: Vec<TargetRef<'x>>,
        #[xml(rename = "Data")]
        data: Cow<'x, str>,
    }

    macro_rules! request {
        ($($name:ident),*) => {$(
            #[derive(FromXml)]
            #[xml(ns(NS))]
            struct $name<'x> {
                #[xml(rename = "CmdID")]
                cmd_id: Cow<'x, str>,
                #[xml(rename = "MsgRef")]
                msg_ref: Option<Cow<'x, str>>,
                #[xml(rename = "CmdRef")]
                cmd_ref: Option<Cow<'x, str>>,
                items: Vec<Item<'x>>,
            }

            impl $name<'_> {
                fn seen(&self) -> usize {
                    let refs = [&self.msg_ref, &self.cmd_ref];
                    let items: usize = self.items.iter().map(Item::seen).sum();
                    self.cmd_id.len() + refs.iter().filter(|text| text.is_some()).count() + items
                }
            }
        )*};
    }
    request!(Results, Replace, Add);

    #[derive(FromXml)]
    #[xml(ns(NS))]
    struct Item<'x> {
        target: Option<Target<'x>>,
        source: Option<Source<'x>>,
        meta: Option<Meta<'x>>,
        #[xml(rename = "Data")]
        data: Option<Cow<'x, str>>,
    }

    impl Item<'_> {
        fn seen(&self) -> usize {
            let target = self.target.as_ref().map_or(0, |target| target.loc_uri.len());
            let source = self.source.as_ref().map_or(0, |source| source.loc_uri.len());
            let meta = self.meta.as_ref().map_or(0, |meta| {
                usize::from(meta.format.is_some()) + usize::from(meta.kind.is_some())
            });
            target + source + meta + self.data.as_ref().map_or(0, |data| data.len())
        }
    }

    #[derive(FromXml)]
    #[xml(ns(NS))]
    struct Meta<'x> {
        format: Option<Format<'x>>,
        kind: Option<Type<'x>>,
    }

    #[derive(FromXml)]
    #[xml(ns(METINF))]
    struct Format<'x> {
        #[xml(direct)]
        text: Cow<'x, str>,
    }

    #[derive(FromXml)]
    #[xml(ns(METINF))]
    struct Type<'x> {
        #[xml(direct)]
        text: Cow<'x, str>,
    }

    pub(super) fn commands(bytes: &[u8]) -> usize {
        let text = std::str::from_utf8(bytes).expect("UTF-8");
        let message: SyncMl<'_> = instant_xml::from_str(text).expect("a message");
        let header = &message.header;
        let mut seen = header.ver_dtd.len() + header.ver_proto.len();
        seen += header.session_id.len() + header.msg_id.len();
        seen += header.target.loc_uri.len() + header.source.loc_uri.len();
        let body = &message.body;
        seen += usize::from(body.is_final.is_some());
        for status in &body.status {
            let texts =
                [&status.cmd_id, &status.msg_ref, &status.cmd_ref, &status.cmd, &status.data];
            seen += texts.iter().map(|text| text.len()).sum::<usize>();
            seen += status.target_refs.iter().map(|one| one.text.len()).sum::<usize>();
        }
        seen += body.results.iter().map(Results::seen).sum::<usize>();
        seen += body.replace.iter().map(Replace::seen).sum::<usize>();
        seen += body.add.iter().map(Add::seen).sum::<usize>();
        for meta in
            body.results.iter().flat_map(|one| &one.items).filter_map(|item| item.meta.as_ref())
        {
            seen += meta.format.as_ref().map_or(0, |format| format.text.len());
            seen += meta.kind.as_ref().map_or(0, |kind| kind.text.len());
        }
        seen
    }
}
