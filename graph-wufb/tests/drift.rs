//! The crate has exactly what the schema files of the corpus have: types, members and their types,
//! words, subtypes, paths, actions and functions with their parameters.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "shared/requests.rs"]
mod all_requests;
#[path = "drift/compare.rs"]
mod compare;
#[path = "drift/csdl.rs"]
mod csdl;
#[path = "drift/doctored.rs"]
mod doctored;
#[path = "drift/earlier.rs"]
mod earlier;
#[path = "drift/intune.rs"]
mod intune;
#[path = "drift/requests.rs"]
mod requests;

use std::collections::BTreeSet;

use compare::{Ours, is_of, types};
use csdl::{Csdl, item};
use graph_wufb::models::schema;
use graph_wufb::requests::{Method, Request, fields};
use mdm_test_support::{CorpusFile, corpus};
use requests::{all_differences, resolve};

const NAMESPACE: &str = "microsoft.graph.windowsUpdates";

/// The type of `/admin/windows/updates`.
const ROOT: &str = "microsoft.graph.adminWindowsUpdates";

fn is_csdl(file: &CorpusFile) -> bool {
    file.name.ends_with(".csdl.xml")
}

fn read(file: &CorpusFile) -> Csdl {
    Csdl::read(std::str::from_utf8(&file.bytes).unwrap())
}

/// The CSDL of the corpus that has most of the namespace: the newest.
fn newest() -> Option<Csdl> {
    let files = corpus("graph-wufb")?.files();
    let ours = |csdl: &Csdl| {
        csdl.objects.keys().filter(|name| name.starts_with(&format!("{NAMESPACE}."))).count()
    };
    let all = files.iter().filter(|file| is_csdl(file)).map(read);
    all.filter(|csdl| ours(csdl) > 0).max_by_key(ours)
}

#[test]
fn types_members_words_and_subtypes_are_those_of_the_schema() {
    let Some(csdl) = newest() else { return };
    let prefix = format!("{NAMESPACE}.");
    let ours = Ours::of(&schema(), |name| name.starts_with(&prefix));
    let is_group = |kind: &str| is_of(kind, &["microsoft.graph.group"]);
    let found = types(&csdl, &ours, NAMESPACE, is_group);
    // What every answer has and no CSDL yet, as the model says.
    assert_eq!(
        found,
        [format!("{NAMESPACE}.updatePolicy.autoEnrollmentUpdateCategories is invented")]
    );
    assert!(ours.objects.len() > 50 && ours.enums.len() > 15 && ours.cases.len() > 10);
}

/// The paths that are in the permissions of 2026-08 and in no CSDL yet, as `requests` says of each.
fn is_in_no_csdl(request: &Request) -> bool {
    let tail = request.target.strip_prefix("/beta/admin/windows/updates/").unwrap();
    ["knownIssues", "tenantSettings", "products/findByEndOfService("]
        .iter()
        .any(|head| tail.starts_with(head))
}

#[test]
fn requests_lead_where_the_schema_leads_and_send_what_it_takes() {
    let Some(csdl) = newest() else { return };
    let full = all_requests::all().into_iter().map(|it| (it, true));
    let smallest = all_requests::smallest().into_iter().map(|it| (it, false));
    let (strangers, known): (Vec<_>, Vec<_>) =
        full.chain(smallest).partition(|(request, _)| is_in_no_csdl(request));
    assert_eq!(all_differences(&csdl, ROOT, known), [] as [String; 0]);
    for (request, _) in strangers {
        assert!(resolve(&csdl, ROOT, &request).is_err(), "{} is there now", request.target);
    }
    assert!(csdl.operations.len() > 10);
}

/// Navigation properties without a request of their own: they are read with `$expand` of the
/// object that has them, as the documentation does.
const EXPANDED: &[(&str, &str)] = &[
    ("applicableContent", "catalogEntry"),
    ("complianceChange", "updatePolicy"),
    ("deployment", "audience"),
    ("knownIssue", "originatingKnowledgeBaseArticle"),
    ("knownIssue", "resolvingKnowledgeBaseArticle"),
    ("policyApproval", "catalogEntry"),
    ("productRevision", "catalogEntry"),
    ("productRevision", "knowledgeBaseArticle"),
    ("qualityUpdateCatalogEntry", "productRevisions"),
    ("recoveryUpdateCatalogEntry", "productRevisions"),
    ("updatePolicy", "audience"),
    // Has nothing but its entries, which have a request.
    ("adminWindowsUpdates", "catalog"),
    // Navigation properties of complex types have no path.
    ("assignedGroup", "group"),
    ("catalogContent", "catalogEntry"),
    ("qualityUpdateCveSeverityInformation", "exploitedCves"),
];

#[test]
fn every_navigation_property_has_a_request_or_is_expanded() {
    let Some(csdl) = newest() else { return };
    let short = |name: &str| name.rsplit('.').next().unwrap().to_owned();
    let mut read: BTreeSet<(String, String)> = all_requests::all()
        .iter()
        .filter(|request| request.method == Method::Get)
        .filter_map(|request| resolve(&csdl, ROOT, request).ok()?.navigation)
        .map(|(owner, name)| (short(&owner), name))
        .collect();
    for (owner, name) in EXPANDED {
        assert!(
            read.insert(((*owner).to_owned(), (*name).to_owned())),
            "{owner}/{name} has a request and need not be listed"
        );
    }
    let mut theirs = BTreeSet::new();
    let wanted = |name: &&String| name.starts_with(NAMESPACE) || *name == ROOT;
    for (owner, object) in csdl.objects.iter().filter(|(name, _)| wanted(name)) {
        for (name, _) in object.members.iter().filter(|(_, member)| member.is_navigation) {
            theirs.insert((short(owner), name.clone()));
        }
    }
    assert_eq!(read, theirs);
}

#[test]
fn the_fields_of_queries_are_members_of_their_lists() {
    let Some(csdl) = newest() else { return };
    let mut checked = 0;
    for (list, fields) in fields::ALL {
        for field in *fields {
            let mut kind = format!("{NAMESPACE}.{list}");
            for segment in field.path().split('/') {
                if segment.contains('.') {
                    assert!(csdl.ancestors(segment).contains(&kind), "{segment} is no {kind}");
                    segment.clone_into(&mut kind);
                    continue;
                }
                let members = csdl.members(&kind);
                let Some((_, member)) = members.get(segment) else {
                    panic!("{list}: {kind} has no {segment}");
                };
                assert!(item(&member.kind).is_none(), "{list}: {segment} is a list");
                kind.clone_from(&member.kind);
            }
            assert!(!csdl.objects.contains_key(&kind), "{list}: {} is an object", field.path());
            checked += 1;
        }
    }
    assert!(checked > 30);
}
