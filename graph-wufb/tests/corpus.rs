//! The corpus: messages that others published. Files are told apart by folder, extension and what
//! stands beside them (`*.meta.json`), never by name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use graph_wufb::json::{self, Code, Diagnostic, Options};
use graph_wufb::models::{
    self, ApplicableContent, CatalogEntry, ComplianceChange, Deployment, DeploymentAudience, Model,
    UpdatableAsset, UpdatePolicy, Vocabulary, Wire, intune,
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

#[test]
fn malformed_texts_are_refused_with_a_place_and_repaired_with_a_report() {
    let Some(messages) = messages() else { return };
    for message in &messages {
        let (name, bytes) = (&message.file.name, &message.file.bytes);
        if serde_json::from_slice::<Value>(bytes).is_ok() {
            continue;
        }
        let error = json::read(bytes, &Options::strict()).expect_err(name);
        let place = error.position().unwrap_or_else(|| panic!("{name}: no place in {error}"));
        if let Some((line, column)) = expected_place(message.text("jsonCheck")) {
            assert_eq!((place.line, place.column), (line, column), "{name}: {error}");
        }
        match json::read(bytes, &Options::tolerant()) {
            Ok(document) => {
                assert!(!document.diagnostics.is_empty(), "{name}: repaired without a word");
                for diagnostic in &document.diagnostics {
                    assert!(diagnostic.position.offset <= bytes.len(), "{name}: {diagnostic}");
                    eprintln!("{name}: {diagnostic}");
                }
                let again = json::read(document.value.to_json().as_bytes(), &Options::strict());
                assert_eq!(again.unwrap().value, document.value, "{name}");
                assert_nothing_lost(name, bytes, &document.value);
            }
            // Only what is no JSON token is beyond repair: comments, ellipses, prose.
            Err(error) => {
                let text = std::str::from_utf8(bytes).expect("UTF-8");
                let offset = error.position().expect(name).offset;
                let found = text.get(offset..).and_then(|rest| rest.chars().next());
                let token = found.is_some_and(|c| "{}[]:,\"-0123456789".contains(c));
                assert!(!token, "{name}: refused without a reason: {error}");
                eprintln!("{name}: refused: {error}");
            }
        }
    }
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
        match list {
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
            ) => {
                check::<models::Product>(message);
            }
            Some("revisions") => check::<models::ProductRevision>(message),
            Some("editions") => check::<models::Edition>(message),
            Some("knownIssues" | "getKnownIssuesByTimeRange" | "GetKnownIssuesByTimeRange") => {
                check::<models::KnownIssue>(message);
            }
            Some("resourceConnections") => check::<models::ResourceConnection>(message),
            Some("deviceConfigurations") if is_ring(&document.value) => {
                check::<intune::UpdateForBusinessConfiguration>(message);
            }
            Some("windowsFeatureUpdateProfiles") => check::<intune::FeatureUpdateProfile>(message),
            Some("windowsQualityUpdateProfiles") => check::<intune::QualityUpdateProfile>(message),
            Some("windowsQualityUpdatePolicies") => check::<intune::QualityUpdatePolicy>(message),
            Some("windowsDriverUpdateProfiles") => check::<intune::DriverUpdateProfile>(message),
            Some("driverInventories") => check::<intune::DriverUpdateInventory>(message),
            Some("windowsUpdateCatalogItems") => check::<intune::CatalogItem>(message),
            Some("deviceUpdateStates") => check::<intune::WindowsUpdateState>(message),
            Some("softwareUpdateStatusSummary") => {
                check::<intune::SoftwareUpdateStatusSummary>(message);
            }
            _ => {
                eprintln!("{}: no model for {path}", message.file.name);
                continue;
            }
        }
        typed += 1;
    }
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
fn assets(message: &Message, body: &json::Value) {
    for (name, list) in body.as_object().expect("an action's body is an object").iter() {
        for item in list.as_array().unwrap_or_default() {
            let Some(object) = item.as_object() else { continue };
            let asset = UpdatableAsset::from_object(object.clone());
            assert_eq!(asset.id(), object.text("id"), "{}: {name}", message.file.name);
            assert_eq!(asset.to_object(), *object, "{}: {name}", message.file.name);
        }
    }
}

fn check<T: Model>(message: &Message) {
    let name = &message.file.name;
    let status = message.meta["status"].as_u64().unwrap_or(200).try_into().unwrap();
    let response = Response::parse(status, &message.headers(), &message.file.bytes).unwrap();
    let body = response.body.as_ref().expect("a body");
    let (read, original, base, diagnostics) = match body.pointer("/value") {
        Some(list @ json::Value::Array(_)) => {
            let page = response.page::<T>().unwrap_or_else(|error| panic!("{name}: {error}"));
            (page.items.write(), list, "/value", page.diagnostics)
        }
        value => {
            let entity = response.entity::<T>().unwrap_or_else(|error| panic!("{name}: {error}"));
            let entity = entity.expect("a body");
            let base = if value.is_some() { "/value" } else { "" };
            (entity.value.write(), value.unwrap_or(body), base, entity.diagnostics)
        }
    };
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
    for (name, meta, body) in messages {
        if !meta["dialect"].as_str().unwrap_or_default().ends_with("seed") {
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

#[test]
fn failures_are_read_with_their_codes() {
    let Some(messages) = messages() else { return };
    for message in &messages {
        let Some(status @ 400..) = message.meta["status"].as_u64() else { continue };
        let name = &message.file.name;
        let status = u16::try_from(status).unwrap();
        let response = Response::parse(status, &message.headers(), &message.file.bytes).unwrap();
        let error = response.error.unwrap_or_else(|| panic!("{name}: no error"));
        let Ok(body) = serde_json::from_slice::<Value>(&message.file.bytes) else { continue };
        let body = &body["error"];
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
}

/// The schema, where the corpus has it as JSON: our words and members are those of the schema.
#[test]
fn words_and_members_are_those_of_the_schema() {
    let Some(corpus) = mdm_test_support::corpus("graph-wufb") else { return };
    for file in corpus.files().iter().filter(|file| file.extension() == "json") {
        let Ok(schema) = serde_json::from_slice::<Value>(&file.bytes) else { continue };
        let namespace = schema["namespace"].as_str();
        if !schema["enums"].is_object() || namespace != Some("microsoft.graph.windowsUpdates") {
            continue;
        }
        words::<models::UpdateCategory>(&schema, "updateCategory");
        words::<models::EnrollmentState>(&schema, "enrollmentState");
        words::<models::RegistrationErrorReason>(&schema, "azureADDeviceRegistrationErrorReason");
        words::<models::DeploymentStateValue>(&schema, "deploymentStateValue");
        words::<models::RequestedDeploymentStateValue>(&schema, "requestedDeploymentStateValue");
        words::<models::DeploymentStateReasonValue>(&schema, "deploymentStateReasonValue");
        words::<models::MonitoringAction>(&schema, "monitoringAction");
        words::<models::MonitoringSignal>(&schema, "monitoringSignal");
        words::<models::SafeguardCategory>(&schema, "safeguardCategory");
        words::<models::QualityUpdateClassification>(&schema, "qualityUpdateClassification");
        words::<models::QualityUpdateCadence>(&schema, "qualityUpdateCadence");
        macro_rules! members {
            ($($model:ident)*) => {$(
                members(&schema, models::$model::TYPE, models::$model::MEMBERS);
            )*};
        }
        members!(AzureAdDevice UpdatableAssetGroup UpdateManagementEnrollment
            UpdateCategoryEnrollmentInformation AzureAdDeviceRegistrationError DeploymentAudience
            UpdatePolicy DeploymentSettings ScheduleSettings GradualRolloutSettings
            RateDrivenRolloutSettings DateDrivenRolloutSettings DurationDrivenRolloutSettings
            MonitoringSettings MonitoringRule ContentApplicabilitySettings SafeguardSettings
            SafeguardProfile UserExperienceSettings ExpediteSettings CatalogEntryBase
            DriverUpdateCatalogEntry FeatureUpdateCatalogEntry QualityUpdateCatalogEntry
            RecoveryUpdateCatalogEntry CatalogContent ApplicableContent
            ApplicableContentDeviceMatch ContentApproval Deployment DeploymentState
            DeploymentStateReason);
    }
}

fn words<T: Vocabulary>(schema: &Value, name: &str) {
    let members = schema["enums"][name]["members"].as_object().expect(name);
    let expected: BTreeMap<_, _> =
        members.iter().map(|(word, number)| (word.as_str(), number.as_i64().unwrap())).collect();
    let ours: BTreeSet<_> = T::WORDS.iter().map(|(word, _)| *word).collect();
    assert_eq!(ours, expected.keys().copied().collect(), "{name}");
    let sentinel = expected["unknownFutureValue"];
    let hidden: BTreeSet<_> =
        expected.iter().filter(|(_, number)| **number > sentinel).map(|(word, _)| *word).collect();
    assert_eq!(T::HIDDEN.iter().copied().collect::<BTreeSet<_>>(), hidden, "{name}");
}

/// Nothing misspelt or invented; what is missing stays in `extra` and is named here.
fn members(schema: &Value, name: &str, ours: &[&str]) {
    const UNTYPED: [&str; 3] = ["cveSeverityInformation", "productRevisions", "updatePolicy"];
    let mut expected = BTreeSet::from(["id".to_owned()]);
    let mut keyed = false;
    let mut next = Some(name.rsplit('.').next().unwrap().to_owned());
    while let Some(name) = next {
        let class = &schema["entityTypes"][&name];
        keyed |= class.is_object();
        let class = if class.is_object() { class } else { &schema["complexTypes"][&name] };
        let Some(properties) = class["properties"].as_object() else { break };
        let navigation = class["navigationProperties"].as_object().into_iter().flatten();
        expected.extend(properties.iter().chain(navigation).map(|(name, _)| name.clone()));
        next = class["baseType"].as_str().map(|base| base.rsplit('.').next().unwrap().to_owned());
    }
    if !keyed
        || ["applicableContent", "applicableContentDeviceMatch"].iter().any(|t| name.ends_with(t))
    {
        expected.remove("id");
    }
    let ours: BTreeSet<_> = ours.iter().map(|name| (*name).to_owned()).collect();
    let missing: Vec<_> =
        expected.difference(&ours).filter(|name| !UNTYPED.contains(&name.as_str())).collect();
    let invented: Vec<_> = ours.difference(&expected).collect();
    assert!(missing.is_empty() && invented.is_empty(), "{name}: {missing:?} {invented:?}");
}
