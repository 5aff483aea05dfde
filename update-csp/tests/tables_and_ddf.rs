//! The corpus: every policy of every Update-area DDF is as the tables say for a release, what the
//! rules accept no DDF refuses, and registry values are those of the administrative templates.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use mdm_test_support::corpus;
use proptest::prelude::*;
use syncml::Command;
use update_csp::ddf::{CheckCode, Context, Document, Generation, Limits, Node, Tree, Verb};
use update_csp::policy::{self, PolicyId, PolicyMeta, PolicySet, Release};
use update_csp::rules::{Rule, Target};
use update_csp::{Build, Edition};

/// What one DDF says of the policies: where they are set, and, in version 1, where they are read.
struct Area {
    name: String,
    document: Document,
    set: BTreeMap<String, usize>,
    read: BTreeMap<String, usize>,
}

/// The last segments of the address of a node's parent, without scope: `Policy/Config/Update`.
fn parent(path: &str) -> Option<(&str, &str)> {
    path.rsplit_once('/')
}

/// The Update area in a document, if it has it. Parts of a document can begin with the area itself,
/// as often as it is there: once where policies are set, once where they are read.
fn area(name: &str, document: Document) -> Option<Area> {
    let mut area =
        Area { name: name.to_owned(), document, set: BTreeMap::new(), read: BTreeMap::new() };
    for (index, node) in area.document.nodes.iter().enumerate() {
        let Some((above, policy)) = parent(&node.path) else { continue };
        let here = above == "Update"
            || above.ends_with("/Policy/Config/Update")
            || above.ends_with("/Policy/Result/Update");
        let leaf = node.format.as_ref().is_some_and(|format| format.as_str() != "node");
        if !here || !leaf {
            continue;
        }
        let place = if node.access.has(Verb::Replace) { &mut area.set } else { &mut area.read };
        assert!(place.insert(policy.to_owned(), index).is_none(), "{name}: {policy} twice");
    }
    (!area.set.is_empty()).then_some(area)
}

fn areas() -> Vec<Area> {
    let Some(corpus) = corpus("update-csp") else { return Vec::new() };
    corpus
        .files()
        .into_iter()
        .filter_map(|file| {
            let document = Document::read(&file.bytes, &Limits::default()).ok()?;
            area(&file.name, document)
        })
        .collect()
}

impl Area {
    fn node(&self, index: usize) -> &Node {
        &self.document.nodes[index]
    }

    /// What is otherwise than the tables have it for a release.
    fn differences(&self, release: Release) -> Vec<String> {
        let mut found = Vec::new();
        let ours: BTreeSet<&str> = PolicyId::ALL
            .into_iter()
            .filter(|id| id.meta().at(release).is_some())
            .map(PolicyId::name)
            .collect();
        let theirs: BTreeSet<&str> = self.set.keys().map(String::as_str).collect();
        if ours != theirs {
            found.push(format!("policies: {:?}", ours.symmetric_difference(&theirs)));
            return found;
        }
        for (name, index) in &self.set {
            let meta = name.parse::<PolicyId>().unwrap().meta();
            let mut note = |field: &str, theirs: String, ours: String| {
                if theirs != ours {
                    found.push(format!("{name}: {field}: {theirs}, not {ours}"));
                }
            };
            compare(meta, release, self.node(*index), self.document.generation(), &mut note);
            // Version 1 has defaults where policies are read only.
            if let Some(result) = self.read.get(name).map(|index| self.node(*index)) {
                let entry = meta.at(release).unwrap();
                note("default", said(&result.default), said(&entry.default));
                let verbs: Vec<&str> = result.access.verbs().map(Verb::name).collect();
                note("result access", verbs.join(","), meta.result_access().join(","));
            }
        }
        found
    }
}

fn said<T: AsRef<str>>(value: &Option<T>) -> String {
    value.as_ref().map_or("none".to_owned(), |value| value.as_ref().to_owned())
}

fn compare(
    meta: &PolicyMeta,
    release: Release,
    node: &Node,
    generation: Generation,
    note: &mut dyn FnMut(&str, String, String),
) {
    let entry = meta.at(release).unwrap();
    let format = node.format.as_ref().map(|format| format.as_str().to_owned());
    note("format", said(&format), entry.format.name().to_owned());
    let mut verbs: Vec<&str> = node.access.verbs().map(Verb::name).collect();
    verbs.sort_unstable();
    note("access", verbs.join(","), meta.access().join(","));
    let occurrence = node.occurrence.as_ref().map(|occurrence| occurrence.name().to_owned());
    note("occurrence", said(&occurrence), meta.occurrence().to_owned());
    let scope = node.scope.as_ref().map(|scope| scope.name().to_owned());
    note("scope", said(&scope), meta.node_scope().to_owned());
    if generation == Generation::V1 {
        return;
    }
    note("default", said(&node.default), said(&entry.default));
    let allowed = node.allowed.as_ref().map(|allowed| {
        allowed.values.iter().map(|value| &*value.value).collect::<Vec<_>>().join(",")
    });
    let allowed = allowed.filter(|values| !values.is_empty());
    note("allowed", said(&allowed), said(&entry.allowed));
    let applicability = &node.applicability;
    let builds = applicability.builds.as_ref().map(|builds| builds.as_str().to_owned());
    note("builds", said(&builds), said(&entry.builds));
    let unreleased = applicability
        .builds
        .as_ref()
        .is_some_and(|builds| builds.builds().iter().all(|build| build.is_unreleased()));
    // What the tables have for this release. Nobody collected the lists of the two releases between
    // those that are recorded, so either is right there.
    let between = matches!(release, Release::Sept2023 | Release::Sept2024);
    let old = meta.dec_2022.filter(|_| release == Release::Dec2022 || between);
    let newest = release != Release::Dec2022 || old.is_none();
    let mut pick = |field: &str, theirs: String, old: Option<String>, new: String| {
        let is_old = old.as_ref() == Some(&theirs);
        let ours = if is_old || !newest { old.unwrap_or(new) } else { new };
        note(field, theirs, ours);
    };
    let version = meta.csp_version_unreleased.filter(|_| unreleased).unwrap_or(meta.csp_version);
    let old_version = old.map(|old| old.csp_version.unwrap_or(version).to_owned());
    pick("CSP version", said(&applicability.csp_version), old_version, version.to_owned());
    let editions = applicability.editions.as_ref().map(|editions| {
        editions.as_str().split(';').filter(|code| !code.is_empty()).collect::<Vec<_>>().join(";")
    });
    let codes: Vec<String> =
        meta.editions.iter().map(|edition| format!("{:#X}", edition.product_type())).collect();
    let old_editions = old.map(|old| old.editions.join(";"));
    pick("editions", said(&editions), old_editions, codes.join(";"));
    note("conflict", said(&node.conflict), meta.conflict.name().to_owned());
    let gp = node.gp.as_ref().map(|gp| (&*gp.name, &*gp.area, gp.element.as_deref()));
    let ours =
        meta.group_policy.and_then(|gp| gp.ddf).map(|ddf| (ddf.policy, ddf.area, ddf.element));
    note("Group Policy", format!("{gp:?}"), format!("{ours:?}"));
}

#[test]
fn every_policy_of_every_update_area_is_as_the_tables_say() {
    let areas = areas();
    for area in &areas {
        // The release is what the document says, not what its file is called.
        let fits = |release: &Release| area.differences(*release).is_empty();
        if Release::ALL.iter().any(fits) {
            continue;
        }
        let closest = Release::ALL
            .into_iter()
            .map(|release| (area.differences(release), release))
            .min_by_key(|(differences, _)| differences.len())
            .unwrap();
        panic!("{} is of no release; closest is {closest:?}", area.name);
    }
    if let Some(corpus) = corpus("update-csp") {
        // Something was compared, if there was something.
        let names = |file: &mdm_test_support::CorpusFile| {
            let name = b"<NodeName>AllowAutoUpdate<";
            file.bytes.windows(name.len()).any(|window| window == name)
        };
        let expected = corpus.files().iter().filter(|file| names(file)).count();
        assert_eq!(areas.len(), expected);
    }
}

/// The newest release, as a tree; the rules go by the newest. Without a corpus, or where it has
/// another release, the crate's own document, which the next test compares.
fn newest() -> Tree {
    let mut tree = Tree::default();
    let fits = |area: &Area| area.differences(Release::Feb2025).is_empty();
    match areas().into_iter().find(fits) {
        Some(area) => tree.add(&area.document),
        None => tree.add(&policy::document()),
    }
    tree
}

/// What the tables say, put into a document, is what the newest release says.
#[test]
fn the_crates_own_document_is_as_the_newest_release() {
    let own = area_of(policy::document());
    assert_eq!((own.set.len(), own.read.len()), (76, 76));
    let differences = own.differences(Release::Feb2025);
    assert!(differences.is_empty(), "{differences:?}");
    // Descriptions are not compared: ours are our own.
    for index in own.set.values() {
        assert!(own.node(*index).description.is_some());
    }
}

fn area_of(document: Document) -> Area {
    area("the crate's own", document).unwrap()
}

/// Whether the tree takes every command of a set, or refuses only what contradiction C32 is about:
/// policies of Windows 10 1511, for which the DDF gives a build that is too late.
fn refused(tree: &Tree, set: &PolicySet, build: Build, edition: Edition) -> Vec<String> {
    let of_1511 = build.number() == 10586;
    let known = set.commands().into_iter().map(|(_, command)| command);
    let commands: Vec<Command<'static>> =
        known.chain(set.raw_commands().into_iter().map(|(_, command)| command)).collect();
    let context = Context::default().with_build(build).with_edition(edition.product_type());
    let findings = tree.check_all(&commands, &context);
    findings
        .iter()
        .filter(|finding| finding.is_error())
        .filter(|finding| {
            let legacy = finding.address.parse::<PolicyId>().is_ok_and(|id| {
                matches!(
                    id,
                    PolicyId::DeferUpdatePeriod
                        | PolicyId::DeferUpgradePeriod
                        | PolicyId::PauseDeferrals
                        | PolicyId::RequireDeferUpgrade
                )
            });
            !(of_1511 && legacy && finding.code == CheckCode::Build)
        })
        .map(ToString::to_string)
        .collect()
}

/// Single policies, exhaustively: rules and DDF agree about builds and editions, both ways.
#[test]
fn single_policies_are_refused_by_the_rules_where_the_ddf_refuses_them() {
    let tree = newest();
    let (mut accepted, mut both_refuse) = (0, 0);
    for build in support::BUILDS {
        let build: Build = build.parse().unwrap();
        for edition in [Edition::PROFESSIONAL, Edition::HOME, Edition::new(0xAF)] {
            let target = Target::new(build, edition);
            for policy in PolicyId::ALL {
                for setting in support::samples(policy) {
                    let set = PolicySet::new().with_setting(setting);
                    let refused = refused(&tree, &set, build, edition);
                    let report = set.validate(&target);
                    let ours = report.has(Rule::Build) || report.has(Rule::Edition);
                    // A revision that is not known is that of the release for the rules; the DDF
                    // says perhaps where a later one has it.
                    let same = ours != refused.is_empty() || (ours && build.revision().is_none());
                    assert!(same, "{set} on {build} {edition}: {refused:?}");
                    accepted += usize::from(report.is_accepted());
                    both_refuse += usize::from(ours);
                }
            }
        }
    }
    assert!(accepted > 1000 && both_refuse > 1000, "{accepted} accepted, {both_refuse} refused");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn validate_never_lets_through_what_the_ddf_refuses(
        sets in proptest::collection::vec(support::set_with_raw(4), 20),
        build in support::build(),
        edition in support::edition(),
    ) {
        // The tree is made once a case, so a case has many sets.
        thread_local!(static TREE: Tree = newest());
        TREE.with(|tree| {
            for set in &sets {
                let report = set.validate(&Target::new(build, edition));
                if report.is_accepted() {
                    let refused = refused(tree, set, build, edition);
                    prop_assert!(refused.is_empty(), "{set} on {build} {edition}: {refused:?}");
                }
            }
            Ok(())
        })?;
    }
}

/// Every administrative template of the corpus has the registry values that the tables have, for
/// each policy and element that it has.
#[test]
fn registry_values_are_those_of_the_templates() {
    let Some(corpus) = corpus("update-csp") else { return };
    let (mut templates, mut compared) = (0, BTreeSet::new());
    for file in corpus.files().iter().filter(|file| file.extension() == "admx") {
        let Ok(text) = std::str::from_utf8(&file.bytes) else { continue };
        let document = roxmltree::Document::parse(text.trim_start_matches('\u{feff}')).unwrap();
        templates += 1;
        for policy in PolicyId::ALL {
            let Some(admx) = policy.meta().group_policy.and_then(|gp| gp.admx) else { continue };
            let find = |tag: &str, attribute: &str, value: &str| {
                document.descendants().find(|node| {
                    node.has_tag_name((
                        "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions",
                        tag,
                    )) && node.attribute(attribute) == Some(value)
                })
            };
            let Some(template) = find("policy", "name", admx.policy) else { continue };
            let here = format!("{}: {policy}", file.name);
            let key = template.attribute("key").unwrap();
            let named = template.attribute("valueName");
            let value_of = |name: &str| {
                let node = template.children().find(|node| node.tag_name().name() == name)?;
                node.descendants().find_map(|node| node.attribute("value"))
            };
            match admx.element {
                Some(id) => {
                    let element =
                        template.descendants().find(|node| node.attribute("id") == Some(id));
                    // Elements came and went with releases.
                    let Some(element) = element else { continue };
                    assert_eq!(element.attribute("valueName"), admx.value, "{here}");
                    assert_eq!(element.attribute("key").unwrap_or(key), admx.key, "{here}");
                    let kind = admx.kind.map(|kind| format!("{kind:?}").to_lowercase());
                    assert_eq!(Some(element.tag_name().name()), kind.as_deref(), "{here}");
                }
                None if admx.value.is_some() && named.is_some() => {
                    // A setting that is a switch itself; in 2019 ManagePreviewBuilds was another.
                    if policy != PolicyId::ManagePreviewBuilds {
                        assert_eq!(named, admx.value, "{here}");
                        assert_eq!(value_of("enabledValue"), Some("1"), "{here}");
                    }
                    assert_eq!(key, admx.key, "{here}");
                }
                None => continue,
            }
            compared.insert(policy);
            if let Some(switch) = admx.switch.filter(|_| policy != PolicyId::BranchReadinessLevel) {
                // Its own value when it is enabled, or a list of values.
                let own = named.is_some_and(|named| named == switch.value);
                let listed = template.descendants().find(|node| {
                    node.attribute("valueName") == Some(switch.value)
                        && node.tag_name().name() == "item"
                });
                let data = switch.data.to_string();
                if own {
                    assert_eq!(value_of("enabledValue"), Some(&*data), "{here}");
                    assert_eq!(key, switch.key, "{here}");
                } else if let Some(listed) = listed {
                    assert_eq!(listed.attribute("key"), Some(switch.key), "{here}");
                } else {
                    // The deadline policies had one switch until templates split them by kind.
                    assert!(switch.value.starts_with("SetComplianceDeadline"), "{here}: {named:?}");
                }
            }
        }
    }
    assert!(templates == 0 || compared.len() > 1, "{compared:?}");
}
