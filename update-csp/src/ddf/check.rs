//! Whether a command suits the tree: right node, verb, format, value, build.

use mdm_xml::{Options, Reader, Tolerance};
use syncml::model::Request;
use syncml::{Command, Data, Format, Item, LocUri};

use super::allowed::{Allowed, AllowedValues};
use super::finding::{CheckCode, Finding};
use super::floors::Support;
use super::model::{DynamicNaming, Node, NodeScope, Verb};
use super::tree::{Found, Lookup, Tree};
use crate::Build;

/// What is known about the device that a command is for, and about where the command stands.
/// Nothing by default; what is not known is not checked.
///
/// ```
/// use update_csp::Build;
/// use update_csp::ddf::Context;
///
/// let context = Context::default().with_build(Build::new(10, 0, 19045, None)).with_edition(0x30);
/// # let _ = context;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Context<'c> {
    build: Option<Build>,
    edition: Option<u32>,
    in_atomic: bool,
    values: Vec<(&'c LocUri, &'c str)>,
}

impl<'c> Context<'c> {
    /// The device's build.
    #[must_use]
    pub fn with_build(mut self, build: Build) -> Self {
        self.build = Some(build);
        self
    }

    /// The device's edition, as `GetProductInfo` numbers it: 0x30 Pro, 0x4 Enterprise.
    #[must_use]
    pub fn with_edition(mut self, edition: u32) -> Self {
        self.edition = Some(edition);
        self
    }

    /// The commands stand in an Atomic already.
    #[must_use]
    pub fn in_atomic(mut self) -> Self {
        self.in_atomic = true;
        self
    }

    /// The device has this value, which others may depend on.
    #[must_use]
    pub fn with_value(mut self, uri: &'c LocUri, value: &'c str) -> Self {
        self.values.push((uri, value));
        self
    }

    fn value(&self, uri: &LocUri) -> Option<&'c str> {
        self.values.iter().rev().find(|(known, _)| known.is_same(uri)).map(|(_, value)| *value)
    }
}

/// One item of one command.
struct Place<'p> {
    findings: &'p mut Vec<Finding>,
    command: usize,
    item: usize,
    address: String,
}

impl Place<'_> {
    fn note(&mut self, code: CheckCode, detail: impl Into<String>) {
        self.findings.push(Finding {
            code,
            command: self.command,
            item: self.item,
            address: self.address.clone(),
            detail: detail.into(),
        });
    }
}

impl Tree {
    /// Checks a command, with those in it if it is an Atomic or a Sequence. Results are checked as
    /// what a device says: the nodes have to be there, and the values have to suit them. Statuses
    /// and alerts have nothing to be checked.
    ///
    /// ```
    /// use syncml::{Command, Data, Format};
    /// use update_csp::ddf::{CheckCode, Context};
    ///
    /// // The tree that comes with the crate: Update, DeviceStatus, DevDetail, DevInfo, Reboot.
    /// let tree = update_csp::nodes::tree();
    /// let get = Command::get("./Vendor/MSFT/Update/InstallableUpdates?list=StructData");
    /// assert!(tree.check(&get, &Context::default()).is_empty());
    /// let wrong = Command::replace("./Vendor/MSFT/Update/DeferUpgrade", Format::Bool, Data::text("true"));
    /// assert_eq!(tree.check(&wrong, &Context::default())[0].code, CheckCode::Verb);
    /// ```
    #[must_use]
    pub fn check(&self, command: &Command<'_>, context: &Context<'_>) -> Vec<Finding> {
        self.check_all(std::slice::from_ref(command), context)
    }

    /// Checks several commands.
    #[must_use]
    pub fn check_all(&self, commands: &[Command<'_>], context: &Context<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut number = 0;
        let mut open: Vec<(&Command<'_>, bool)> =
            commands.iter().rev().map(|command| (command, context.in_atomic)).collect();
        while let Some((command, in_atomic)) = open.pop() {
            match command {
                Command::Atomic(group) => {
                    open.extend(group.commands.iter().rev().map(|command| (command, true)));
                    continue;
                }
                Command::Sequence(group) => {
                    open.extend(group.commands.iter().rev().map(|command| (command, in_atomic)));
                    continue;
                }
                Command::Results(results) => {
                    for (item, content) in results.items.iter().enumerate() {
                        let meta = content.meta.as_ref().or(results.meta.as_deref());
                        let format = meta.and_then(|meta| meta.format.as_ref());
                        self.answer(&mut findings, (number, item), content, format);
                    }
                }
                _ => {
                    if let (Some(verb), Some(request)) =
                        (Verb::from_name(command.name()), command.request())
                    {
                        self.request(&mut findings, number, verb, request, in_atomic, context);
                    }
                }
            }
            number += 1;
        }
        findings
    }

    fn request(
        &self,
        findings: &mut Vec<Finding>,
        command: usize,
        verb: Verb,
        request: &Request<'_>,
        in_atomic: bool,
        context: &Context<'_>,
    ) {
        if request.items.is_empty() {
            Place { findings, command, item: 0, address: String::new() }
                .note(CheckCode::Address, "the command has no item");
        }
        for (item, content) in request.items.iter().enumerate() {
            let text = content.target.as_ref().map_or("", |target| &*target.loc_uri);
            let address = text.chars().take(1024).collect();
            let mut place = Place { findings, command, item, address };
            let Some((uri, found)) = self.node(&mut place, text) else { continue };
            verb_suits(&mut place, verb, &found);
            name_suits(&mut place, verb, &uri, found.node);
            device_suits(&mut place, &found, context);
            if found.atomic_required
                && !in_atomic
                && !matches!(verb, Verb::Get | Verb::Exec | Verb::Copy)
            {
                place.note(CheckCode::AtomicRequired, "");
            }
            if matches!(verb, Verb::Add | Verb::Replace | Verb::Exec) {
                let meta = |pick: fn(&syncml::Meta<'_>) -> bool| {
                    content.meta.as_ref().filter(|meta| pick(meta)).or(request.meta.as_deref())
                };
                let format =
                    meta(|meta| meta.format.is_some()).and_then(|meta| meta.format.as_ref());
                let allowed = depends(&mut place, found.node, context);
                let data = content.data.as_ref();
                data_suits(&mut place, verb, found.node, (format, data), allowed);
            }
        }
    }

    /// Something that a device returned.
    fn answer(
        &self,
        findings: &mut Vec<Finding>,
        (command, item): (usize, usize),
        content: &Item<'_>,
        format: Option<&Format<'_>>,
    ) {
        let text = content.loc_uri().unwrap_or_default();
        let address = text.chars().take(1024).collect();
        let mut place = Place { findings, command, item, address };
        let Some((uri, found)) = self.node(&mut place, text) else { return };
        let interior = found.node.format == Some(Format::Node);
        // A property, or the names of an interior node's children.
        if uri.query_value("prop").is_some() || interior {
            return;
        }
        if let (Some(said), Some(known)) = (format, &found.node.format)
            && said != known
        {
            place.note(
                CheckCode::Format,
                format!("{} instead of {}", said.as_str(), known.as_str()),
            );
        }
        if let (Some(data), Some(known)) = (&content.data, &found.node.format) {
            value_suits(&mut place, known, data);
        }
    }

    fn node<'t>(&'t self, place: &mut Place<'_>, text: &str) -> Option<(LocUri, Found<'t>)> {
        let uri: LocUri = match text.parse() {
            Ok(uri) => uri,
            Err(error) => {
                let error: syncml::LocUriError = error;
                place.note(CheckCode::Address, error.to_string());
                return None;
            }
        };
        if text.trim() != text {
            place.note(CheckCode::BlankAddress, "");
        }
        match self.lookup(&uri) {
            Lookup::Found(found) => Some((uri, found)),
            Lookup::Undescribed => {
                place.note(CheckCode::Undescribed, "");
                None
            }
            Lookup::Missing { above, segment, suggestion } => {
                let below = above.map_or(String::new(), |node| format!(" below {}", node.path));
                let segment: String = segment.chars().take(64).collect();
                let hint =
                    suggestion.map_or(String::new(), |name| format!("; did you mean {name}?"));
                place.note(CheckCode::NoNode, format!("{segment}{below}{hint}"));
                None
            }
        }
    }
}

fn verb_suits(place: &mut Place<'_>, verb: Verb, found: &Found<'_>) {
    let node = found.node;
    if node.access.has(verb) {
        return;
    }
    // The right to add belongs to the interior node that is added to (OMA-TS-DM_TND 1.2.1, 7.7.1),
    // and ApprovedUpdates is described that way (contradiction C17).
    let comes_and_goes = node.scope != Some(NodeScope::Permanent);
    if verb == Verb::Add && comes_and_goes && found.parent.is_some_and(|up| up.access.has(verb)) {
        place.note(CheckCode::AddByParent, "");
        return;
    }
    place.note(CheckCode::Verb, format!("{verb}; it takes {}", node.access));
}

fn name_suits(place: &mut Place<'_>, verb: Verb, uri: &LocUri, node: &Node) {
    match &node.naming {
        Some(DynamicNaming::ClientInventory) if verb == Verb::Add && !node.access.has(verb) => {
            place.note(CheckCode::Name, "only the device makes these nodes");
        }
        // Most files have a sentence here; only what is anchored is a pattern.
        Some(DynamicNaming::UniqueName(rule)) if rule.starts_with('^') => {
            let rules = AllowedValues {
                kind: super::ValueKind::RegEx,
                values: vec![super::AllowedValue::new(rule.to_string())],
                ..AllowedValues::default()
            };
            match rules.check(&uri.last_segment(), None) {
                Allowed::No(why) => place.note(CheckCode::Name, why),
                Allowed::Undecided(why) => place.note(CheckCode::Undecided, why),
                Allowed::Yes => {}
            }
        }
        _ => {}
    }
}

fn device_suits(place: &mut Place<'_>, found: &Found<'_>, context: &Context<'_>) {
    let applicability = found.applicability;
    if let (Some(build), Some(floors)) = (context.build, &applicability.builds) {
        match floors.support(build) {
            Support::No => place.note(CheckCode::Build, format!("{build}; it takes {floors}")),
            Support::Unreleased => place.note(CheckCode::Unreleased, floors.as_str()),
            Support::Yes | Support::Perhaps => {}
        }
    }
    if let (Some(edition), Some(editions)) = (context.edition, &applicability.editions)
        && !editions.allows(edition)
    {
        place.note(CheckCode::Edition, format!("{edition:#x}"));
    }
    if let Some(since) = &found.node.deprecated {
        let since_build: Option<Build> = since.as_deref().and_then(|text| text.parse().ok());
        let still_fine = context.build.zip(since_build).is_some_and(|(build, since)| build < since);
        if !still_fine {
            place.note(CheckCode::Deprecated, since.clone().unwrap_or_default());
        }
    }
}

fn data_suits(
    place: &mut Place<'_>,
    verb: Verb,
    node: &Node,
    (format, data): (Option<&Format<'_>>, Option<&Data<'_>>),
    allowed: Option<&AllowedValues>,
) {
    let Some(known) = &node.format else { return };
    let empty = data.is_none_or(|data| data.as_str().is_empty());
    match format {
        Some(format) if format != known => {
            let (said, known) = (format.as_str(), known.as_str());
            place.note(CheckCode::Format, format!("{said} instead of {known}"));
            return;
        }
        // Without a format, data is text (OMA-SyncML-MetInf 1.2).
        None if !empty && !matches!(known, Format::Chr | Format::Null | Format::Node) => {
            place.note(CheckCode::NoFormat, known.as_str());
        }
        _ => {}
    }
    match (known, data) {
        (Format::Null | Format::Node, _) if empty => {}
        // What is executed may be given something that its format says nothing about.
        (Format::Null | Format::Node, _) if verb == Verb::Exec => {}
        (Format::Null | Format::Node, _) => place.note(CheckCode::Data, known.as_str()),
        (_, None) if verb == Verb::Exec => {}
        // No text is a text.
        (Format::Chr, None) => {}
        (_, None) => place.note(CheckCode::NoData, known.as_str()),
        (_, Some(data)) => {
            if value_suits(place, known, data)
                && let Some(allowed) = allowed
            {
                allowed_suits(place, allowed.check(trimmed(known, data), Some(known)));
            }
        }
    }
}

/// White space around a value belongs to texts only.
fn trimmed<'d>(format: &Format<'_>, data: &'d Data<'_>) -> &'d str {
    match format {
        Format::Chr | Format::Xml => data.as_str(),
        _ => data.as_str().trim(),
    }
}

fn allowed_suits(place: &mut Place<'_>, allowed: Allowed) {
    match allowed {
        Allowed::Yes => {}
        Allowed::No(why) => place.note(CheckCode::NotAllowed, why),
        Allowed::Undecided(why) => place.note(CheckCode::Undecided, why),
    }
}

/// Whether the data is a value of the format; what is not is noted.
fn value_suits(place: &mut Place<'_>, format: &Format<'_>, data: &Data<'_>) -> bool {
    let text = trimmed(format, data);
    if text.len() != data.as_str().len() {
        place.note(CheckCode::Spelling, "white space around the value");
    }
    let suits = match format {
        Format::Int => {
            // 32 bits, signed or not: HRESULTs are written both ways.
            text.parse::<i64>()
                .is_ok_and(|number| (i64::from(i32::MIN)..=i64::from(u32::MAX)).contains(&number))
        }
        Format::Bool => {
            if matches!(text, "0" | "1") || matches!(text, "True" | "False" | "TRUE" | "FALSE") {
                place.note(CheckCode::Spelling, "true or false is meant");
            }
            data.as_bool().is_some()
        }
        Format::Float => text.parse::<f64>().is_ok_and(f64::is_finite),
        Format::B64 => data.as_bytes().is_some(),
        Format::Date => is_date(text),
        Format::Time => is_time(text),
        Format::Xml => is_xml(text),
        _ => true,
    };
    if !suits {
        place.note(CheckCode::Value, format!("it is no {}", format.as_str()));
    }
    suits
}

/// `2026-11-21` or `20261121` (ISO 8601, as OMA-SyncML-MetInf 1.2 has it).
fn is_date(text: &str) -> bool {
    let format = if text.contains('-') { "%Y-%m-%d" } else { "%Y%m%d" };
    chrono::NaiveDate::parse_from_str(text, format).is_ok()
}

/// A time of day, or with a date before it, which is what Windows means by `time`; `0` where it
/// has none.
fn is_time(text: &str) -> bool {
    text == "0"
        || chrono::DateTime::parse_from_rfc3339(text).is_ok()
        || ["%Y-%m-%dT%H:%M:%S%.f", "%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S"]
            .iter()
            .any(|format| chrono::NaiveDateTime::parse_from_str(text, format).is_ok())
        || ["%H:%M:%S", "%H%M%S", "%H%M%SZ", "%H:%M"]
            .iter()
            .any(|format| chrono::NaiveTime::parse_from_str(text, format).is_ok())
}

fn is_xml(text: &str) -> bool {
    let options = Options::new(&[]).with_undeclared_prefixes(Tolerance::Keep).with_fragment(true);
    let Ok(mut reader) = Reader::new(text, &options) else { return false };
    loop {
        match reader.next() {
            Ok(mdm_xml::Event::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

/// Notes what the node depends on and the device is not known to have. Returns the values that the
/// node takes in this situation.
fn depends<'n>(
    place: &mut Place<'_>,
    node: &'n Node,
    context: &Context<'_>,
) -> Option<&'n AllowedValues> {
    let mut allowed = node.allowed.as_ref();
    for group in &node.dependencies {
        let mut holds = true;
        for dependency in &group.dependencies {
            let uri = dependency.uri.parse::<LocUri>().ok();
            let value = uri.as_ref().and_then(|uri| context.value(uri));
            let there = value
                .is_some_and(|value| dependency.allowed.check(value.trim(), None) == Allowed::Yes);
            if there == dependency.negative {
                holds = false;
                if group.changed.is_none() {
                    let uri: String = dependency.uri.chars().take(256).collect();
                    let must = if dependency.negative { "must not have" } else { "has to have" };
                    place.note(CheckCode::Dependency, format!("{uri} {must} one of its values"));
                }
            }
        }
        if holds && group.changed.is_some() {
            allowed = group.changed.as_ref();
        }
    }
    allowed
}
