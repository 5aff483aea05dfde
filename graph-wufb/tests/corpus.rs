//! The corpus: messages that others published. Files are told apart by folder, extension and what
//! stands beside them (`*.meta.json`), never by name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "shared/reference.rs"]
mod reference;
#[path = "shared/repairs.rs"]
mod repairs;
#[path = "shared/shape.rs"]
mod shape;

use std::collections::BTreeMap;

use graph_wufb::json::{self, Code, Diagnostic, Options};
use graph_wufb::models::{
    self, ApplicableContent, CatalogEntry, ComplianceChange, Deployment, DeploymentAudience, Model,
    UpdatableAsset, UpdatePolicy, Wire, intune,
};
use graph_wufb::requests::{self, AudienceUpdate, Headers, Request};
use graph_wufb::{ErrorKind, Response};
use mdm_test_support::CorpusFile;
use serde_json::Value;

/// A body and what was written down of it.
struct Message {
    file: CorpusFile,
    meta: Value,
}

impl Message {
    fn text(&self, name: &str) -> &str {
        self.meta[name].as_str().unwrap_or_default()
    }

    fn is(&self, name: &str) -> bool {
        self.meta[name].as_bool().unwrap_or_default()
    }

    fn is_request(&self) -> bool {
        self.text("kind") == "request"
    }

    /// Method and target of the request, or of the one that this answers.
    fn target(&self) -> (String, String) {
        let (method, url) = if self.is_request() {
            (self.text("method"), self.text("url"))
        } else {
            self.text("forRequest").split_once(' ').unwrap_or_default()
        };
        let target = url.splitn(4, '/').nth(3).map(|rest| format!("/{rest}")).unwrap_or_default();
        (method.to_owned(), target)
    }

    fn headers(&self) -> Headers {
        self.meta["headers"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect()
    }
}

fn messages() -> Option<Vec<Message>> {
    let corpus = mdm_test_support::corpus("graph-wufb")?;
    let (metas, bodies): (Vec<_>, Vec<_>) =
        corpus.files().into_iter().partition(|file| file.name.ends_with(".meta.json"));
    let mut metas: BTreeMap<String, Value> = metas
        .into_iter()
        .map(|file| {
            let name = file.name.trim_end_matches(".meta.json").to_owned();
            (name, serde_json::from_slice(&file.bytes).expect("metadata is JSON"))
        })
        .collect();
    let messages = bodies.into_iter().filter(|file| file.extension() == "json").map(|file| {
        let meta = metas.remove(file.name.trim_end_matches(".json")).unwrap_or_default();
        Message { file, meta }
    });
    Some(messages.collect())
}

#[test]
fn well_formed_texts_are_read_strictly_and_lose_nothing() {
    let Some(messages) = messages() else { return };
    let mut read = 0;
    for message in &messages {
        let name = &message.file.name;
        let Ok(reference) = serde_json::from_slice::<Value>(&message.file.bytes) else { continue };
        assert_ne!(message.meta["wellFormed"], Value::Bool(false), "{name}: said to be malformed");
        let document = match json::read(&message.file.bytes, &Options::strict()) {
            Ok(document) => document,
            // The one thing that others accept and we do not.
            Err(error) if matches!(error.kind(), ErrorKind::DuplicateName { .. }) => continue,
            Err(error) => panic!("{name}: {error}"),
        };
        let again = document.value.to_json();
        assert_eq!(serde_json::from_str::<Value>(&again).unwrap(), reference, "{name}");
        assert_eq!(squeezed(&message.file.bytes), again, "{name}: spelling changed");
        let tolerant = json::read(&message.file.bytes, &Options::tolerant()).unwrap();
        assert_eq!(tolerant, document, "{name}");
        read += 1;
    }
    assert!(read > 0, "no message is well-formed");
    eprintln!("{read} well-formed texts");
}

/// The text without blanks between tokens, and with escapes as we write them.
fn squeezed(bytes: &[u8]) -> String {
    let mut out = String::new();
    let (mut inside, mut escaped) = (false, false);
    let text = std::str::from_utf8(bytes).unwrap();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if inside && escaped {
            escaped = false;
            match c {
                '/' => out.push('/'),
                'u' => {
                    let digits: String = rest.by_ref().take(4).collect();
                    match u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32) {
                        Some(c) if c >= ' ' && c != '"' && c != '\\' => out.push(c),
                        _ => out.push_str(&format!("\\u{digits}")),
                    }
                }
                c => out.extend(['\\', c]),
            }
        } else if inside && c == '\\' {
            escaped = true;
        } else if c == '"' || inside || !c.is_whitespace() {
            inside ^= c == '"';
            out.push(c);
        }
    }
    out
}

/// Strict: the precise error, as a second reader finds it. Tolerant: every repair, its kind and its
/// place, shown by making it in the text; none missing, none more (see `repairs::check`).
#[test]
fn malformed_texts_are_refused_with_a_place_and_repaired_with_a_report() {
    let Some(messages) = messages() else { return };
    let mut repaired = 0;
    for message in &messages {
        let (name, bytes) = (&message.file.name, &message.file.bytes);
        let Ok(text) = std::str::from_utf8(bytes) else { panic!("{name}: not UTF-8") };
        if text.trim().is_empty() {
            continue;
        }
        let fault = repairs::strict(name, text);
        let duplicate = fault.as_ref().is_some_and(|fault| fault.first.is_some());
        if !message.meta["wellFormed"].is_null() {
            // The sidecar's reader takes a name twice.
            assert_eq!(fault.is_none() || duplicate, message.is("wellFormed"), "{name}");
        }
        let Some(fault) = fault else { continue };
        if let Some(expected) = expected_place(message.text("jsonCheck")) {
            assert_eq!(reference::place(text, fault.offset), expected, "{name}");
        }
        match repairs::check(name, text) {
            Some((codes, _)) => {
                assert!(!codes.is_empty(), "{name}: repaired without a word");
                let document = json::read(bytes, &Options::tolerant()).unwrap();
                assert_nothing_lost(name, bytes, &document.value);
                repaired += 1;
            }
            // Only what is no JSON token is beyond repair: comments, ellipses, prose.
            None => {
                let error = json::read(bytes, &Options::tolerant()).unwrap_err();
                let found = text.get(error.position().unwrap().offset..).unwrap().chars().next();
                let token = found.is_some_and(|c| "{}[]:,\"-0123456789".contains(c));
                assert!(!token, "{name}: refused without a reason: {error}");
            }
        }
    }
    let malformed =
        messages.iter().filter(|it| it.meta["wellFormed"] == Value::Bool(false)).count();
    assert!(repaired > 0 || malformed == 0, "none of {malformed} malformed messages was repaired");
    eprintln!("{repaired} malformed texts repaired");
}

/// Every string of the text is a name or a value of what was read, but names that occur twice.
fn assert_nothing_lost(name: &str, bytes: &[u8], value: &json::Value) {
    let written = value.to_json();
    let text = std::str::from_utf8(bytes).unwrap();
    for (index, piece) in text.split('"').enumerate() {
        if index % 2 == 1 {
            assert!(written.contains(piece), "{name}: {piece:?} was lost");
        }
    }
}

/// Where an independent reader found the first fault. Only for faults that have one place: some
/// readers name the start of an unterminated string, we name its end.
fn expected_place(check: &str) -> Option<(u32, u32)> {
    if !check.contains("Expecting") && !check.contains("Extra data") {
        return None;
    }
    let (_, place) = check.rsplit_once(" line ")?;
    let (line, column) = place.split_once(" col ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

#[test]
fn models_read_the_messages_of_their_kind_and_lose_nothing() {
    let Some(messages) = messages() else { return };
    let mut typed = 0;
    let (mut placeholders, mut refused) = (0, 0);
    for message in &messages {
        let bytes = &message.file.bytes;
        let Ok(document) = json::read(bytes, &Options::tolerant()) else { continue };
        if !message.meta["kind"].is_string() || message.meta["status"].as_u64() >= Some(400) {
            continue;
        }
        let (_, target) = message.target();
        let path = target.split('?').next().unwrap();
        // Casts are part of the path, function parameters of their segment.
        let rest: Vec<String> = path
            .split('/')
            .filter(|segment| !segment.is_empty() && !segment.starts_with("microsoft.graph."))
            .map(|segment| segment.split('(').next().unwrap().to_owned())
            .collect();
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        let intune = rest.contains(&"deviceManagement");
        if !intune && !rest.contains(&"updates") {
            continue;
        }
        // The innermost list of the path says what is in the body.
        let list = rest.iter().rev().find(|segment| LISTS.contains(*segment)).copied();
        let action = rest.last().is_some_and(|last| ACTIONS.contains(last));
        let deviations = match list {
            _ if action && intune => continue,
            _ if action => assets(message, &document.value),
            Some("deployments") => check::<Deployment>(message),
            Some("deploymentAudiences") => check::<DeploymentAudience>(message),
            Some("updatePolicies") => check::<UpdatePolicy>(message),
            Some("complianceChanges") => check::<ComplianceChange>(message),
            Some("applicableContent") => check::<ApplicableContent>(message),
            Some("entries") => check::<CatalogEntry>(message),
            Some("updatableAssets" | "members" | "exclusions") => check::<UpdatableAsset>(message),
            Some("policies") => check::<models::Policy>(message),
            Some("rings") => check::<models::Ring>(message),
            Some("approvals") => check::<models::PolicyApproval>(message),
            Some(
                "products" | "FindByKbNumber" | "findByKbNumber" | "FindByCatalogId"
                | "findByCatalogId",
            ) => check::<models::Product>(message),
            Some("revisions") => check::<models::ProductRevision>(message),
            Some("editions") => check::<models::Edition>(message),
            Some("knownIssues" | "getKnownIssuesByTimeRange" | "GetKnownIssuesByTimeRange") => {
                check::<models::KnownIssue>(message)
            }
            Some("resourceConnections") => check::<models::ResourceConnection>(message),
            Some("deviceConfigurations") if is_ring(&document.value) => {
                check::<intune::UpdateForBusinessConfiguration>(message)
            }
            Some("windowsFeatureUpdateProfiles") => check::<intune::FeatureUpdateProfile>(message),
            Some("windowsQualityUpdateProfiles") => check::<intune::QualityUpdateProfile>(message),
            Some("windowsQualityUpdatePolicies") => check::<intune::QualityUpdatePolicy>(message),
            Some("windowsDriverUpdateProfiles") => check::<intune::DriverUpdateProfile>(message),
            Some("driverInventories") => check::<intune::DriverUpdateInventory>(message),
            Some("windowsUpdateCatalogItems") => check::<intune::CatalogItem>(message),
            Some("deviceUpdateStates") => check::<intune::WindowsUpdateState>(message),
            Some("softwareUpdateStatusSummary") => {
                check::<intune::SoftwareUpdateStatusSummary>(message)
            }
            _ => {
                eprintln!("{}: no model for {path}", message.file.name);
                continue;
            }
        };
        if message.is("placeholderValues") {
            placeholders += 1;
            refused += usize::from(deviations > 0);
        }
        typed += 1;
    }
    assert!(typed > 0, "no message has a model");
    // Not every placeholder is one that the schema refuses: "String (identifier)" is an ID.
    assert!(refused > 0 || placeholders == 0, "none of {placeholders} is refused");
    eprintln!("{refused} of {placeholders} with placeholders are refused in strict mode");
    eprintln!("{typed} messages read as models");
}

/// Whether the configuration is an update ring, or a list with one.
fn is_ring(value: &json::Value) -> bool {
    value.to_json().contains("windowsUpdateForBusinessConfiguration")
}

const LISTS: &[&str] = &[
    "deployments",
    "deploymentAudiences",
    "updatePolicies",
    "complianceChanges",
    "applicableContent",
    "entries",
    "updatableAssets",
    "members",
    "exclusions",
    "policies",
    "rings",
    "approvals",
    "products",
    "FindByKbNumber",
    "findByKbNumber",
    "FindByCatalogId",
    "findByCatalogId",
    "revisions",
    "editions",
    "knownIssues",
    "getKnownIssuesByTimeRange",
    "GetKnownIssuesByTimeRange",
    "resourceConnections",
    "deviceConfigurations",
    "windowsFeatureUpdateProfiles",
    "windowsQualityUpdateProfiles",
    "windowsQualityUpdatePolicies",
    "windowsDriverUpdateProfiles",
    "driverInventories",
    "windowsUpdateCatalogItems",
    "deviceUpdateStates",
    "softwareUpdateStatusSummary",
];

const ACTIONS: &[&str] = &[
    "assign",
    "executeAction",
    "syncInventory",
    "bulkAction",
    "retrieveWindowsQualityUpdateCatalogItemDetails",
    "updateAudienceById",
    "enrollAssets",
    "unenrollAssets",
    "enrollAssetsById",
    "unenrollAssetsById",
    "updateAudience",
    "addMembers",
    "addMembersById",
    "removeMembers",
    "removeMembersById",
];

/// The assets that an action names.
fn assets(message: &Message, body: &json::Value) -> usize {
    for (name, list) in body.as_object().expect("an action's body is an object").iter() {
        for item in list.as_array().unwrap_or_default() {
            let Some(object) = item.as_object() else { continue };
            let asset = UpdatableAsset::from_object(object.clone());
            assert_eq!(asset.id(), object.text("id"), "{}: {name}", message.file.name);
            assert_eq!(asset.to_object(), *object, "{}: {name}", message.file.name);
        }
    }
    0
}

/// The body as text; a malformed one with its repairs made.
fn repaired(message: &Message) -> String {
    let text = std::str::from_utf8(&message.file.bytes).unwrap();
    repairs::check(&message.file.name, text).expect("only what can be repaired is read typed").1
}

/// Reads a body as a page or an object: what was read, and the diagnostics.
fn read_as<T: Model>(
    response: &Response,
) -> Result<(json::Value, Vec<Diagnostic>), graph_wufb::Error> {
    let body = response.body.as_ref().expect("a body");
    if let Some(json::Value::Array(_)) = body.pointer("/value") {
        let page = response.page::<T>()?;
        return Ok((page.items.write(), page.diagnostics));
    }
    let entity = response.entity::<T>()?.expect("a body");
    Ok((entity.value.write(), entity.diagnostics))
}

/// Strict: the first deviation from the schema, as a second check finds it, with pointer, line,
/// column and what was expected. Tolerant: all of them and no other. And the same in any dialect:
/// places are those of the text.
fn check_deviations<T: Model>(message: &Message) -> usize {
    let (name, text) = (&message.file.name, repaired(message));
    let tree = reference::parse(&text).unwrap();
    let (base, list) = match tree.at("/value").map(|node| &node.value) {
        Some(reference::Json::Array(_)) => ("/value", true),
        Some(reference::Json::Object(_)) if tree.at("/id").is_none() => ("/value", false),
        _ => ("", false),
    };
    let kind = if list { Vec::<T>::schema_type() } else { T::schema_type() };
    let expected = shape::deviations(tree.at(base).unwrap(), &kind, base);
    let status = message.meta["status"].as_u64().unwrap_or(200).try_into().unwrap();
    let parse = |options: &Options| {
        Response::parse_with(status, &message.headers(), text.as_bytes(), options).unwrap()
    };
    let (_, diagnostics) = read_as::<T>(&parse(&Options::tolerant())).unwrap();
    let found: Vec<_> =
        diagnostics.iter().map(|it| (it.code, it.pointer.clone(), it.position.offset)).collect();
    let wanted: Vec<_> =
        expected.iter().map(|it| (it.code, it.pointer.clone(), it.offset)).collect();
    assert_eq!(found, wanted, "{name}");
    for (diagnostic, deviation) in diagnostics.iter().zip(&expected) {
        let place = (diagnostic.position.line, diagnostic.position.column);
        assert_eq!(place, reference::place(&text, deviation.offset), "{name}: {diagnostic}");
    }
    match (read_as::<T>(&parse(&Options::strict())), expected.first()) {
        (Ok((_, diagnostics)), None) => assert!(diagnostics.is_empty(), "{name}"),
        (Err(error), Some(first)) => {
            let position = error.position().unwrap_or_else(|| panic!("{name}: {error}"));
            assert_eq!(position.offset, first.offset, "{name}: {error}");
            let place = (position.line, position.column);
            assert_eq!(place, reference::place(&text, first.offset), "{name}: {error}");
            assert_eq!(error.path(), Some(first.pointer.as_str()), "{name}: {error}");
            let ErrorKind::Shape { expected, found, .. } = error.kind() else {
                panic!("{name}: {error}")
            };
            assert!(expected.contains(&first.expected), "{name}: {error}: {first:?}");
            // What was found is quoted, or named.
            let node = tree.at(&first.pointer).unwrap();
            let quoted = match (&node.value, first.code) {
                (_, Code::NameCase | Code::MisspelledName) => {
                    format!("the name {:?}", first.pointer.rsplit('/').next().unwrap())
                }
                (reference::Json::String(text), Code::UnreadableTime | Code::StringInteger) => {
                    format!("the text {text:?}")
                }
                (value, _) => value.name().to_owned(),
            };
            assert_eq!(*found, quoted, "{name}: {error}");
        }
        (read, first) => panic!("{name}: {:?}, {first:?}", read.map(|read| read.1)),
    }
    let (_, diagnostics) = read_as::<T>(&parse(&Options::tolerant().any_dialect())).unwrap();
    for diagnostic in &diagnostics {
        let node = tree.at(&diagnostic.pointer);
        let node = node.unwrap_or_else(|| panic!("{name}: {diagnostic} is nowhere in the text"));
        assert_eq!(diagnostic.position.offset, node.start, "{name}: {diagnostic}");
    }
    expected.len()
}

/// Reads a message by its model; how often it is not as the schema has it.
fn check<T: Model>(message: &Message) -> usize {
    let deviations = check_deviations::<T>(message);
    let name = &message.file.name;
    let status = message.meta["status"].as_u64().unwrap_or(200).try_into().unwrap();
    let response = Response::parse(status, &message.headers(), &message.file.bytes).unwrap();
    let body = response.body.as_ref().expect("a body");
    let (original, base) = match body.pointer("/value") {
        Some(list @ json::Value::Array(_)) => (list, "/value"),
        Some(value) => (value, "/value"),
        None => (body, ""),
    };
    let (read, diagnostics) =
        read_as::<T>(&response).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut expected: Value = serde_json::from_str(&original.to_json()).unwrap();
    for diagnostic in &diagnostics {
        mend(&mut expected, base, diagnostic);
        assert!(
            diagnostic.code != Code::UnexpectedType || message.is("placeholderValues"),
            "{name}: {diagnostic}"
        );
        if diagnostic.code == Code::UnreadableTime {
            let text = body.pointer(&diagnostic.pointer).and_then(json::Value::as_str).unwrap();
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            assert!(digits < 8, "{name}: {text:?} is a date: {diagnostic}");
        }
        if diagnostic.pointer.starts_with(base) && !diagnostic.pointer.is_empty() {
            assert!(diagnostic.position.offset > 0, "{name}: {diagnostic}");
        }
    }
    let read: Value = serde_json::from_str(&read.to_json()).unwrap();
    assert_eq!(read, expected, "{name}");
    deviations
}

/// What a reported deviation changes on purpose.
fn mend(value: &mut Value, base: &str, diagnostic: &Diagnostic) {
    let Some(pointer) = diagnostic.pointer.strip_prefix(base) else { return };
    match diagnostic.code {
        Code::StringInteger => {
            // A misspelt name was mended before: look under the right one too.
            for name in [pointer.to_owned(), pointer.replace("devicePerOffer", "devicesPerOffer")] {
                if let Some(value) = value.pointer_mut(&name) {
                    *value = value.as_str().unwrap().parse::<i64>().unwrap().into();
                    return;
                }
            }
        }
        Code::MisspelledName => {
            let (outer, name) = pointer.rsplit_once('/').unwrap();
            let object = value.pointer_mut(outer).and_then(Value::as_object_mut).unwrap();
            let moved = object.remove(name).unwrap();
            object.insert("devicesPerOffer".to_owned(), moved);
        }
        _ => {}
    }
}

#[test]
fn requests_are_those_of_the_seed() {
    let Some(messages) = corpus_requests() else { return };
    let mut built = 0;
    let is_seeds = |meta: &Value| meta["dialect"].as_str().is_some_and(|it| it.ends_with("seed"));
    let seeds = messages.iter().filter(|(_, meta, _)| is_seeds(meta)).count();
    for (name, meta, body) in messages {
        if !is_seeds(&meta) {
            continue;
        }
        let message = Message {
            file: CorpusFile { name, bytes: Vec::new(), what: String::new(), expect: None },
            meta,
        };
        let (method, target) = message.target();
        let Some(request) = build(&method, &target, &body) else {
            panic!("{}: no builder for {method} {target}", message.file.name)
        };
        assert_eq!(request.method.as_str(), method, "{}", message.file.name);
        assert_eq!(request.target, target, "{}", message.file.name);
        let sent = request.body.as_deref().map(|body| serde_json::from_slice(body).unwrap());
        assert_eq!(sent.unwrap_or(Value::Null), body, "{}", message.file.name);
        built += 1;
    }
    assert_eq!(built, seeds);
    assert!(built > 0, "the corpus has no request of a seed");
    eprintln!("{built} requests of the seed");
}

/// Every request: name, metadata and body, `null` where there is none.
fn corpus_requests() -> Option<Vec<(String, Value, Value)>> {
    let files = mdm_test_support::corpus("graph-wufb")?.files();
    let bodies: BTreeMap<_, _> =
        files.iter().map(|file| (file.name.clone(), file.bytes.clone())).collect();
    let requests =
        files.iter().filter(|file| file.name.ends_with(".meta.json")).filter_map(|file| {
            let meta: Value = serde_json::from_slice(&file.bytes).unwrap();
            let body = bodies.get(&file.name.replace(".meta.json", ".json"));
            let body = body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
            (meta["kind"] == "request").then(|| (file.name.clone(), meta, body))
        });
    Some(requests.collect())
}

/// Builds the request anew from what identifies its parts.
fn build(method: &str, target: &str, body: &Value) -> Option<Request> {
    let path = target.strip_prefix(requests::ROOT)?;
    let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let ids = |name: &str| -> Vec<models::DeviceId> {
        let list = body[name].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().map(|item| item["id"].as_str().unwrap().parse().unwrap()).collect()
    };
    let category = || {
        let word = models::Open::<models::UpdateCategory>::from(body["updateCategory"].as_str()?);
        word.known()
    };
    Some(match (method, segments.as_slice()) {
        ("POST", ["updatableAssets", "enrollAssets"]) => {
            requests::enroll_assets(category()?, &ids("assets"))
        }
        ("POST", ["updatableAssets", "unenrollAssets"]) => {
            requests::unenroll_assets(category()?, &ids("assets"))
        }
        ("POST", ["deploymentAudiences"]) => requests::create_deployment_audience(),
        ("POST", ["deploymentAudiences", id, "updateAudience"]) => {
            let update = AudienceUpdate::new()
                .add_members(&ids("addMembers"))
                .remove_members(&ids("removeMembers"))
                .add_exclusions(&ids("addExclusions"))
                .remove_exclusions(&ids("removeExclusions"));
            requests::update_audience(&id.parse().unwrap(), &update)
        }
        ("GET", ["deploymentAudiences", id, "applicableContent"]) => {
            requests::list_applicable_content(&id.parse().unwrap())
        }
        ("POST", ["updatePolicies"]) => {
            let audience = body["audience"]["@odata.id"].as_str()?.parse().unwrap();
            requests::create_update_policy(&audience, None)
        }
        ("POST", ["updatePolicies", id, "complianceChanges"]) => {
            let entry = body["content"]["catalogEntry"]["id"].as_str()?.parse().unwrap();
            let start = body["deploymentSettings"]["schedule"]["startDateTime"].as_str();
            let start = start.map(|text| models::GraphDateTime::from(text).date().unwrap());
            let settings = start.map(models::DeploymentSettings::starting);
            requests::create_content_approval(&id.parse().unwrap(), &entry, settings.as_ref())
        }
        ("PATCH", ["updatePolicies", policy, "complianceChanges", id])
            if body["isRevoked"] == true =>
        {
            requests::revoke_content_approval(&policy.parse().unwrap(), &id.parse().unwrap())
        }
        _ => return None,
    })
}

/// Every answer of the seed is read, and what it says is what the flow needs: the IDs that the next
/// request names, in the answers that are broken too.
#[test]
fn answers_of_the_seed_are_read_the_broken_ones_with_their_repairs() {
    let Some(messages) = messages() else { return };
    let (mut read, mut broken) = (0, 0);
    for message in messages.iter().filter(|it| it.text("dialect").ends_with("seed")) {
        if message.is_request() {
            continue;
        }
        let name = &message.file.name;
        let status = message.meta["status"].as_u64().unwrap().try_into().unwrap();
        let response = Response::parse(status, &message.headers(), &message.file.bytes).unwrap();
        let response = response.ok().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(response.body.is_none(), message.text("jsonCheck") == "empty", "{name}");
        read += 1;
        let text = std::str::from_utf8(&message.file.bytes).unwrap();
        if response.body.is_none() {
            continue;
        }
        let codes: Vec<Code> = response.diagnostics.iter().map(|it| it.code).collect();
        let (expected, whole) = repairs::check(name, text).unwrap();
        assert_eq!(codes, expected, "{name}");
        assert_eq!(codes.is_empty(), message.is("wellFormed"), "{name}");
        broken += usize::from(!codes.is_empty());
        // What the flow takes from it is there, wherever the fault was.
        let reference: Value = serde_json::from_str(&whole).unwrap();
        let (_, target) = message.target();
        match target.rsplit('/').next().unwrap() {
            "deploymentAudiences" => {
                let audience = response.entity::<DeploymentAudience>().unwrap().unwrap().value;
                let id = audience.id.get().map(models::AudienceId::as_str);
                assert_eq!(id, reference["id"].as_str(), "{name}");
                assert!(id.is_some(), "{name}");
            }
            "updatePolicies" => {
                let policy = response.entity::<UpdatePolicy>().unwrap().unwrap().value;
                let id = policy.id.get().map(models::PolicyId::as_str);
                assert_eq!(id, reference["id"].as_str(), "{name}");
                assert!(id.is_some(), "{name}");
            }
            "applicableContent" => {
                let page = response.page::<ApplicableContent>().unwrap();
                let list = reference["value"].as_array().unwrap();
                assert_eq!(page.items.len(), list.len(), "{name}");
                for (content, reference) in page.items.iter().zip(list) {
                    let id = content.entry_id().unwrap_or_else(|| panic!("{name}: no ID"));
                    assert_eq!(Some(id.as_str()), reference["catalogEntry"]["id"].as_str());
                    let devices = content.matched_devices.items();
                    let devices: Vec<_> =
                        devices.iter().map(|it| it.device_id.get().unwrap().as_str()).collect();
                    let reference = reference["matchedDevices"].as_array().unwrap();
                    let reference: Vec<_> =
                        reference.iter().map(|it| it["deviceId"].as_str().unwrap()).collect();
                    assert_eq!(devices, reference, "{name}");
                }
            }
            "complianceChanges" => {
                let change = response.entity::<ComplianceChange>().unwrap().unwrap().value;
                let ComplianceChange::Approval(approval) = change else {
                    panic!("{name}: no approval")
                };
                let id = approval.id.get().map(models::ApprovalId::as_str);
                assert_eq!(id, reference["id"].as_str(), "{name}");
                assert!(approval.stands(), "{name}");
                // Of the content only the entry's members are left where its line was lost.
                let content = &reference["content"];
                let entry = content["catalogEntry"]["id"].as_str().or(content["id"].as_str());
                let found = approval.catalog_entry_id();
                assert_eq!(found.as_ref().map(models::CatalogEntryId::as_str), entry, "{name}");
                let settings = approval.deployment_settings.get().unwrap();
                let start = settings.schedule.get().and_then(|it| it.start_date_time.get());
                assert_eq!(
                    start.map(models::GraphDateTime::as_str),
                    reference["deploymentSettings"]["schedule"]["startDateTime"].as_str(),
                    "{name}"
                );
            }
            other => panic!("{name}: {other} is not of the flow"),
        }
    }
    // Those without a body: accepted, and nothing in them.
    let corpus = mdm_test_support::corpus("graph-wufb").unwrap().files();
    for file in corpus.iter().filter(|file| file.name.ends_with(".meta.json")) {
        let meta: Value = serde_json::from_slice(&file.bytes).unwrap();
        let is_seeds = meta["dialect"].as_str().is_some_and(|it| it.ends_with("seed"));
        let body = file.name.replace(".meta.json", ".json");
        if !is_seeds || meta["kind"] != "response" || corpus.iter().any(|it| it.name == body) {
            continue;
        }
        let status = meta["status"].as_u64().unwrap().try_into().unwrap();
        let response = Response::parse(status, &Headers::new(), b"").unwrap().ok().unwrap();
        assert!(response.entity::<UpdatePolicy>().unwrap().is_none(), "{}", file.name);
        read += 1;
    }
    assert!(read > 0, "the corpus has no answer of a seed");
    eprintln!("{read} answers of the seed, {broken} of them broken");
}

#[test]
fn failures_are_read_with_their_codes() {
    let Some(messages) = messages() else { return };
    let mut failures = 0;
    for message in &messages {
        let Some(status @ 400..) = message.meta["status"].as_u64() else { continue };
        let name = &message.file.name;
        let status = u16::try_from(status).unwrap();
        let response = Response::parse(status, &message.headers(), &message.file.bytes).unwrap();
        let error = response.error.unwrap_or_else(|| panic!("{name}: no error"));
        let Ok(body) = serde_json::from_slice::<Value>(&message.file.bytes) else { continue };
        let body = &body["error"];
        failures += 1;
        assert_eq!(error.code, body["code"].as_str().unwrap_or_default(), "{name}");
        assert_eq!(error.message, body["message"].as_str().unwrap_or_default(), "{name}");
        let inner = ["innerError", "innererror"].iter().find_map(|name| body.get(*name));
        if let Some(inner) = inner {
            assert_eq!(error.request_id.as_deref(), inner["request-id"].as_str(), "{name}");
            if let Some(code) = inner["code"].as_str() {
                assert_eq!(error.inner_codes.first().map(String::as_str), Some(code), "{name}");
            }
        }
    }
    let all = messages.iter().filter(|it| it.meta["status"].as_u64() >= Some(400)).count();
    assert!(failures > 0 || all == 0, "none of {all} failures has a body that is JSON");
}
