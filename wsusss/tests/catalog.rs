//! The catalog answers from what it has, whatever the order in which it came.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use wsusss::catalog::{Catalog, CatalogState, Inserted, Member, ResumeError, Terms};
use wsusss::metadata::{CategoryType, EulaId, Select, Update, UpdateType};
use wsusss::{ErrorKind, Limits, UpdateId};

fn id(number: u32) -> UpdateId {
    UpdateId::from_u128(u128::from(number))
}

/// A document written part by part.
#[derive(Clone, Debug, Default)]
struct Document {
    id: u32,
    revision: u32,
    properties: String,
    elements: String,
    localized: String,
    prerequisites: String,
    superseded: Vec<u32>,
    bundled: Vec<u32>,
    rest: String,
}

impl Document {
    fn new(id: u32, revision: u32) -> Self {
        Self { id, revision, ..Self::default() }
    }

    fn text(&self) -> String {
        let identity = |number: &u32| format!("<UpdateIdentity UpdateID='{}'/>", id(*number));
        let part = |number: &u32| {
            format!("<UpdateIdentity UpdateID='{}' RevisionNumber='7'/>", id(*number))
        };
        format!(
            "<Update><UpdateIdentity UpdateID='{}' RevisionNumber='{}'/>\
             <Properties UpdateType='Software' {}>{}</Properties>\
             <LocalizedPropertiesCollection>{}</LocalizedPropertiesCollection><Relationships>\
             <Prerequisites>{}</Prerequisites><SupersededUpdates>{}</SupersededUpdates>\
             <BundledUpdates>{}</BundledUpdates></Relationships>{}</Update>",
            id(self.id),
            self.revision,
            self.properties,
            self.elements,
            self.localized,
            self.prerequisites,
            self.superseded.iter().map(identity).collect::<String>(),
            self.bundled.iter().map(part).collect::<String>(),
            self.rest,
        )
    }

    fn insert(&self, catalog: &mut Catalog) -> Inserted {
        catalog.insert_document(&self.text(), &Limits::default()).unwrap()
    }
}

fn title(language: &str, title: &str) -> String {
    format!(
        "<LocalizedProperties><Language>{language}</Language><Title>{title}</Title>\
         <Description>About {title}</Description></LocalizedProperties>"
    )
}

fn any_of(category: bool, ids: &[UpdateId]) -> String {
    let ids: String = ids.iter().map(|id| format!("<UpdateIdentity UpdateID='{id}'/>")).collect();
    format!("<AtLeastOne IsCategory='{category}'>{ids}</AtLeastOne>")
}

fn category(number: u32, kind: &str) -> Document {
    Document {
        localized: title("en", &format!("Category {number}")),
        rest: format!(
            "<HandlerSpecificData><CategoryInformation CategoryType='{kind}'/></HandlerSpecificData>"
        ),
        ..Document::new(number, 1)
    }
}

fn insert_category(catalog: &mut Catalog, document: &Document) {
    let text = document.text().replace("UpdateType='Software'", "UpdateType='Category'");
    catalog.insert_document(&text, &Limits::default()).unwrap();
}

#[test]
fn the_newest_revision_counts_in_whatever_order_they_come() {
    let mut catalog = Catalog::new(["en"]);
    let with = |revision: u32| Document {
        elements: format!("<KBArticleID>{revision}</KBArticleID>"),
        localized: title("en", &format!("Revision {revision}")),
        superseded: vec![revision],
        ..Document::new(1, revision)
    };
    assert_eq!(with(200).insert(&mut catalog), Inserted::New);
    assert_eq!(with(100).insert(&mut catalog), Inserted::Older(200));
    assert_eq!(with(201).insert(&mut catalog), Inserted::Replaced(200));
    assert_eq!(with(201).insert(&mut catalog), Inserted::Replaced(201));
    assert_eq!((catalog.len(), catalog.latest_revision(id(1))), (1, Some(201)));
    assert_eq!(catalog.title(id(1), "en"), Some("Revision 201"));
    // Nothing is left of the revisions before.
    assert_eq!(catalog.by_kb("200").count(), 0);
    assert_eq!(catalog.by_kb("KB201").collect::<Vec<_>>(), [id(1)]);
    assert!(!catalog.is_superseded(id(200)) && catalog.is_superseded(id(201)));
    assert!(catalog.remove(id(1)) && !catalog.remove(id(1)) && !catalog.remove(id(99)));
    assert_eq!((catalog.len(), catalog.by_kb("201").count()), (0, 0));
    assert!(!catalog.is_superseded(id(201)) && catalog.is_empty());
}

#[test]
fn titles_are_kept_in_the_languages_that_were_asked_for() {
    let mut catalog = Catalog::new(["de", "pt-br"]).with_descriptions();
    let document = Document {
        properties: "DefaultPropertiesLanguage='fr'".to_owned(),
        localized: ["en", "fr", "de", "pt-br", "ja"].map(|tag| title(tag, tag)).concat(),
        ..Document::new(1, 1)
    };
    document.insert(&mut catalog);
    let get = |language| catalog.title(id(1), language).unwrap();
    assert_eq!(["de", "de-at", "pt-br", "fr", "en"].map(get), ["de", "de", "pt-br", "fr", "en"]);
    assert_eq!(get("ja"), "fr", "the default language stands in for what is not kept");
    assert_eq!(catalog.get(id(1)).unwrap().description("de"), Some("About de"));
    // What stands in for a language is kept too: its other regions, whichever was asked for.
    let mut near = Catalog::new(["pt", "zh-sg"]);
    Document {
        localized: ["en", "pt-br", "zh-cn", "ja"].map(|tag| title(tag, tag)).concat(),
        ..Document::new(1, 1)
    }
    .insert(&mut near);
    let get = |language| near.title(id(1), language).unwrap();
    assert_eq!(["pt", "pt-pt", "zh-sg", "ja"].map(get), ["pt-br", "pt-br", "zh-cn", "en"]);
    let mut bare = Catalog::new(["de"]);
    document.insert(&mut bare);
    assert_eq!(bare.get(id(1)).unwrap().description("de"), None);
}

#[test]
fn kb_articles_are_found_with_and_without_letters() {
    let mut catalog = Catalog::new(["en"]);
    for number in [3, 1, 2] {
        let elements = "<KBArticleID>5031234</KBArticleID><KBArticleID>KB77</KBArticleID>".into();
        Document { elements, ..Document::new(number, 1) }.insert(&mut catalog);
    }
    for article in ["5031234", "KB5031234", "kb5031234", " KB 5031234 ", "77", "kb77"] {
        assert_eq!(catalog.by_kb(article).collect::<Vec<_>>(), [id(1), id(2), id(3)], "{article}");
    }
    assert_eq!(catalog.by_kb("503123").count(), 0);
    assert_eq!(catalog.get(id(1)).unwrap().kb_articles().collect::<Vec<_>>(), ["5031234", "KB77"]);
}

#[test]
fn superseding_updates_are_followed_to_the_end_and_circles_end() {
    let mut catalog = Catalog::new(["en"]);
    let superseding = |number: u32, others: &[u32]| Document {
        superseded: others.to_vec(),
        ..Document::new(number, 1)
    };
    // 4 and 5 supersede 3, 3 supersedes 2, and each of them the older ones as well.
    superseding(3, &[2, 1]).insert(&mut catalog);
    superseding(2, &[1]).insert(&mut catalog);
    superseding(5, &[3]).insert(&mut catalog);
    superseding(4, &[3, 2, 1]).insert(&mut catalog);
    assert_eq!(catalog.superseded_by(id(3)).collect::<Vec<_>>(), [id(4), id(5)]);
    assert_eq!(catalog.superseded_by_chain(id(1)), [2, 3, 4, 5].map(id));
    assert_eq!(catalog.superseded_by_chain(id(2)), [3, 4, 5].map(id));
    assert_eq!(catalog.replacements(id(1)), [4, 5].map(id));
    assert_eq!(catalog.replacements(id(4)), []);
    // One that is withdrawn is no replacement.
    let withdrawn =
        Document { properties: "PublicationState='Expired'".to_owned(), ..superseding(5, &[3]) };
    Document { revision: 2, ..withdrawn }.insert(&mut catalog);
    assert_eq!(catalog.replacements(id(1)), [id(4)]);
    assert!(catalog.get(id(5)).unwrap().is_expired());
    // A circle, and one that supersedes itself.
    superseding(8, &[9, 8]).insert(&mut catalog);
    superseding(9, &[8]).insert(&mut catalog);
    assert_eq!(catalog.superseded_by_chain(id(8)), [id(9)]);
    assert_eq!(catalog.superseded_by_chain(id(9)), [id(8)]);
    assert_eq!(catalog.replacements(id(9)), []);
}

#[test]
fn what_is_withdrawn_takes_the_place_of_nothing() {
    let mut catalog = Catalog::new(["en"]);
    let superseding = |number: u32, revision: u32, others: &[u32]| Document {
        superseded: others.to_vec(),
        ..Document::new(number, revision)
    };
    let withdrawn = |number: u32, revision: u32, others: &[u32]| Document {
        properties: "PublicationState='Expired'".to_owned(),
        ..superseding(number, revision, others)
    };
    superseding(2, 1, &[1]).insert(&mut catalog);
    superseding(3, 1, &[2]).insert(&mut catalog);
    assert_eq!(catalog.replacements(id(1)), [id(3)]);
    // The newest is withdrawn: the one before counts again.
    withdrawn(3, 2, &[2]).insert(&mut catalog);
    assert_eq!(catalog.replacements(id(1)), [id(2)]);
    assert_eq!(catalog.replacements(id(2)), []);
    assert!(catalog.is_superseded(id(2)));
    // One that supersedes the withdrawn one supersedes what that did.
    superseding(4, 1, &[3]).insert(&mut catalog);
    assert_eq!(catalog.replacements(id(1)), [id(4)]);
    assert_eq!(catalog.replacements(id(2)), [id(4)]);
    // All are.
    for (number, others) in [(2, &[1]), (4, &[3])] {
        withdrawn(number, 9, others).insert(&mut catalog);
    }
    assert_eq!(catalog.replacements(id(1)), []);
}

#[test]
fn hidden_parts_are_not_offered() {
    let mut catalog = Catalog::new(["en"]);
    for (number, properties, offered) in [
        (1, "ExplicitlyDeployable='true'", true),
        (2, "ExplicitlyDeployable='1'", true),
        (3, "ExplicitlyDeployable='false'", false),
        (4, "ExplicitlyDeployable='0'", false),
        (5, "", false),
    ] {
        Document { properties: properties.to_owned(), ..Document::new(number, 1) }
            .insert(&mut catalog);
        assert_eq!(catalog.get(id(number)).unwrap().is_deployable(), offered, "{properties}");
    }
    let detectoid =
        Document { properties: "ExplicitlyDeployable='true'".to_owned(), ..Document::new(6, 1) };
    insert_category(&mut catalog, &detectoid);
    assert!(!catalog.get(id(6)).unwrap().is_deployable());
}

#[test]
fn bundles_are_followed_and_say_what_is_missing() {
    let mut catalog = Catalog::new(["en"]);
    let bundle = |number: u32, parts: &[u32]| Document {
        bundled: parts.to_vec(),
        ..Document::new(number, 1)
    };
    bundle(1, &[3, 2]).insert(&mut catalog);
    bundle(2, &[4, 1]).insert(&mut catalog);
    let found: Vec<(UpdateId, Option<u32>, bool)> = catalog
        .bundle_members(id(1))
        .iter()
        .map(|Member { id, revision, known, .. }| (*id, *revision, *known))
        .collect();
    assert_eq!(found, [(id(2), Some(7), true), (id(3), Some(7), false), (id(4), Some(7), false)]);
    assert_eq!(catalog.bundles_with(id(4)), [id(2), id(1)]);
    let missing = |catalog: &Catalog| catalog.missing_members().collect::<Vec<_>>();
    assert_eq!(missing(&catalog), [(id(3), Some(7)), (id(4), Some(7))]);
    bundle(3, &[]).insert(&mut catalog);
    assert_eq!(missing(&catalog), [(id(4), Some(7))]);
    catalog.remove(id(2));
    assert_eq!(missing(&catalog), [(id(2), Some(7))], "nobody names 4 any more");
}

#[test]
fn licence_terms_of_parts_count() {
    let mut catalog = Catalog::new(["en"]);
    let eula: EulaId = "aaaaaaaa-0000-4000-8000-000000000001".parse().unwrap();
    let terms = |catalog: &Catalog, number| catalog.terms(id(number));
    assert_eq!((terms(&catalog, 1), catalog.needs_eula(id(1))), (Terms::Unknown, None));
    Document { bundled: vec![2, 3], ..Document::new(1, 1) }.insert(&mut catalog);
    assert!(
        matches!(terms(&catalog, 1), Terms::Known { complete: false, eulas, .. } if eulas.is_empty())
    );
    assert_eq!(catalog.needs_eula(id(1)), None, "a part that is not there may have some");
    let with_eula = |number| Document {
        properties: "EulaID='{AAAAAAAA-0000-4000-8000-000000000001}'".to_owned(),
        ..Document::new(number, 1)
    };
    with_eula(2).insert(&mut catalog);
    assert_eq!(catalog.needs_eula(id(1)), Some(true));
    with_eula(3).insert(&mut catalog);
    let known = |eulas: &[&EulaId], without_id, complete| {
        let eulas = eulas.iter().map(|eula| (*eula).clone()).collect();
        Terms::Known { eulas, without_id, complete }
    };
    assert_eq!(terms(&catalog, 1), known(&[&eula], false, true), "shared terms are named once");
    Document::new(4, 1).insert(&mut catalog);
    assert_eq!(catalog.needs_eula(id(4)), Some(false));
    assert!(terms(&catalog, 4).is_none() && !terms(&catalog, 1).is_none());
    let files =
        Document { localized: "<EulaFile Language='en'/>".to_owned(), ..Document::new(5, 1) };
    files.insert(&mut catalog);
    assert_eq!(terms(&catalog, 5), known(&[], true, true));
    assert_eq!((terms(&catalog, 5).is_none(), catalog.needs_eula(id(5))), (false, Some(true)));
    assert_eq!(catalog.get(id(2)).unwrap().eula(), Some(&eula));
    // A part has terms without an identifier besides: nothing is missing, and it is said.
    Document { bundled: vec![2, 5], ..Document::new(6, 1) }.insert(&mut catalog);
    assert_eq!(terms(&catalog, 6), known(&[&eula], true, true));
    assert_eq!(catalog.needs_eula(id(6)), Some(true));
    // Of a bundle with such terms, a part is missing: both are said.
    Document { bundled: vec![5, 9], ..Document::new(7, 1) }.insert(&mut catalog);
    assert_eq!(terms(&catalog, 7), known(&[], true, false));
    assert!(!terms(&catalog, 7).is_none());
    // Two terms in one bundle are two.
    let other: EulaId = "not a GUID".parse().unwrap();
    let properties = format!("EulaID='{other}'");
    Document { properties, ..Document::new(8, 1) }.insert(&mut catalog);
    Document { bundled: vec![2, 8], ..Document::new(10, 1) }.insert(&mut catalog);
    assert_eq!(terms(&catalog, 10), known(&[&eula, &other], false, true));
}

#[test]
fn stored_licence_terms_of_before_are_read() {
    let read = |json: &str| serde_json::from_str::<Terms>(json).unwrap();
    let without = |without_id, complete| Terms::Known { eulas: Vec::new(), without_id, complete };
    assert_eq!(read("\"WithoutId\""), without(true, false));
    assert_eq!(read(r#"{"Known":{"eulas":[],"complete":true}}"#), without(false, true));
    for terms in [Terms::Unknown, without(true, true)] {
        assert_eq!(read(&serde_json::to_string(&terms).unwrap()), terms);
    }
}

#[test]
fn classification_and_product_come_from_category_documents_or_are_well_known() {
    let mut catalog = Catalog::new(["en"]);
    let prerequisites = [
        format!("<UpdateIdentity UpdateID='{}'/>", id(50)),
        any_of(true, &[UpdateId::SECURITY_UPDATES]),
        any_of(true, &[id(60), id(61)]),
        any_of(false, &[id(62)]),
    ]
    .concat();
    Document { prerequisites, ..Document::new(1, 1) }.insert(&mut catalog);
    assert_eq!(catalog.classification(id(1)), Some(UpdateId::SECURITY_UPDATES));
    assert_eq!(catalog.products(id(1)), [id(60), id(61)]);
    // What the documents say that come later.
    insert_category(&mut catalog, &category(60, "Product"));
    insert_category(&mut catalog, &category(61, "Company"));
    insert_category(&mut catalog, &category(62, "ProductFamily"));
    assert_eq!(catalog.products(id(1)), [id(60), id(62)]);
    let entry = catalog.get(id(60)).unwrap();
    assert_eq!(entry.category_type(), Some(&CategoryType::Product));
    assert_eq!(entry.update_type(), &UpdateType::Category);
    // A classification of this server's own, in a clause without a mark.
    Document { prerequisites: any_of(false, &[id(70)]), ..Document::new(2, 1) }
        .insert(&mut catalog);
    assert_eq!(catalog.classification(id(2)), None);
    insert_category(&mut catalog, &category(70, "UpdateClassification"));
    assert_eq!(catalog.classification(id(2)), Some(id(70)));
    let definition = any_of(false, &[UpdateId::DEFINITION_UPDATES]);
    Document { prerequisites: definition, ..Document::new(3, 1) }.insert(&mut catalog);
    assert_eq!(catalog.is_definition_update(id(3)), Some(true));
    assert_eq!(catalog.is_definition_update(id(2)), Some(false));
    assert_eq!(catalog.is_definition_update(id(99)), None);
}

#[test]
fn the_limit_counts_what_is_named_and_a_refusal_changes_nothing() {
    let mut catalog = Catalog::new(["en"]).with_max(4);
    Document { superseded: vec![10, 11, 10], ..Document::new(1, 1) }.insert(&mut catalog);
    Document { superseded: vec![10], ..Document::new(2, 1) }.insert(&mut catalog);
    let before = catalog.clone();
    let more = Document { superseded: vec![12], ..Document::new(2, 2) };
    let error = catalog.insert_document(&more.text(), &Limits::default()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Limit { max: 4, .. }));
    assert_eq!(catalog, before);
    assert_eq!(Document::new(2, 2).insert(&mut catalog), Inserted::Replaced(1));
}

#[test]
fn a_stored_catalog_goes_on_where_it_was() {
    let mut catalog = Catalog::new(["en", "de"]).with_descriptions().with_max(50);
    Document {
        properties: "EulaID='x y' MsrcSeverity='Critical' CreationDate='2026' MaxDownloadSize='9'"
            .to_owned(),
        elements:
            "<KBArticleID>1</KBArticleID><MoreInfoUrl>m</MoreInfoUrl><SupportUrl>s</SupportUrl>"
                .to_owned(),
        localized: title("en", "One") + &title("de", "Eins"),
        prerequisites: any_of(true, &[id(30)]) + &any_of(false, &[id(31)]),
        superseded: vec![2],
        bundled: vec![3],
        ..Document::new(1, 1)
    }
    .insert(&mut catalog);
    insert_category(&mut catalog, &category(30, "Product"));
    let json = serde_json::to_string(&catalog.state()).unwrap();
    let state: CatalogState = serde_json::from_str(&json).unwrap();
    let again = Catalog::resume(state).unwrap();
    assert_eq!(again.state(), catalog.state());
    assert_eq!(again.title(id(1), "de"), Some("Eins"));
    let entry = again.get(id(1)).unwrap();
    assert_eq!((entry.severity(), entry.created()), (Some("Critical"), Some("2026")));
    assert_eq!((entry.more_info_url(), entry.support_url()), (Some("m"), Some("s")));
    assert_eq!(entry.max_download_size(), Some(9));
    assert_eq!(again.products(id(1)), [id(30)]);
    assert_eq!(again.superseded_by_chain(id(2)), [id(1)]);
    let newer = json.replacen("\"version\":1", "\"version\":2", 1);
    let state: CatalogState = serde_json::from_str(&newer).unwrap();
    assert_eq!(Catalog::resume(state), Err(ResumeError::Version { found: 2 }));
    let small = json.replacen("\"max\":50", "\"max\":2", 1);
    let state: CatalogState = serde_json::from_str(&small).unwrap();
    assert_eq!(Catalog::resume(state), Err(ResumeError::Limit { max: 2 }));
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u32, u32, Vec<u32>, Vec<u32>),
    Remove(u32),
    Store,
}

fn step() -> impl Strategy<Value = Step> {
    let few = || prop::collection::vec(0u32..8, 0..4);
    prop_oneof![
        6 => (0u32..8, 0u32..4, few(), few())
            .prop_map(|(id, revision, superseded, bundled)| Step::Insert(id, revision, superseded, bundled)),
        2 => (0u32..8).prop_map(Step::Remove),
        1 => Just(Step::Store),
    ]
}

/// Everything that leads to `start`, worked out without an index.
fn reached(edges: &BTreeMap<u32, Vec<u32>>, start: u32) -> BTreeSet<UpdateId> {
    let mut seen = BTreeSet::from([start]);
    loop {
        let more: Vec<u32> = edges
            .iter()
            .filter(|(_, targets)| targets.iter().any(|target| seen.contains(target)))
            .map(|(source, _)| *source)
            .filter(|source| !seen.contains(source))
            .collect();
        if more.is_empty() {
            seen.remove(&start);
            return seen.into_iter().map(id).collect();
        }
        seen.extend(more);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_indexes_are_right_after_any_steps(steps in prop::collection::vec(step(), 0..40)) {
        let mut catalog = Catalog::new(["en"]);
        let mut model: BTreeMap<u32, (u32, Vec<u32>, Vec<u32>)> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Insert(number, revision, superseded, bundled) => {
                    let elements = format!("<KBArticleID>{}</KBArticleID>", revision);
                    let document = Document {
                        elements,
                        superseded: superseded.clone(),
                        bundled: bundled.clone(),
                        ..Document::new(number, revision)
                    };
                    let text = document.text();
                    let update = Update::read(&text, Select::CATALOG, &Limits::default()).unwrap();
                    let inserted = catalog.insert(&update).unwrap();
                    match model.get(&number).map(|known| known.0) {
                        Some(known) if known > revision => {
                            prop_assert_eq!(inserted, Inserted::Older(known));
                        }
                        known => {
                            let expected = known.map_or(Inserted::New, Inserted::Replaced);
                            prop_assert_eq!(inserted, expected);
                            model.insert(number, (revision, superseded, bundled));
                        }
                    }
                }
                Step::Remove(number) => {
                    prop_assert_eq!(catalog.remove(id(number)), model.remove(&number).is_some());
                }
                Step::Store => catalog = Catalog::resume(catalog.state()).unwrap(),
            }
            prop_assert_eq!(catalog.len(), model.len());
            let superseding: BTreeMap<u32, Vec<u32>> =
                model.iter().map(|(id, known)| (*id, known.1.clone())).collect();
            let bundling: BTreeMap<u32, Vec<u32>> =
                model.iter().map(|(id, known)| (*id, known.2.clone())).collect();
            for number in 0..8 {
                prop_assert_eq!(
                    catalog.latest_revision(id(number)),
                    model.get(&number).map(|known| known.0)
                );
                let chain = catalog.superseded_by_chain(id(number));
                let found: BTreeSet<UpdateId> = chain.iter().copied().collect();
                prop_assert_eq!(found.len(), chain.len());
                prop_assert_eq!(found, reached(&superseding, number));
                let bundles: BTreeSet<UpdateId> =
                    catalog.bundles_with(id(number)).into_iter().collect();
                prop_assert_eq!(bundles, reached(&bundling, number));
                let articles: Vec<UpdateId> = catalog.by_kb(&number.to_string()).collect();
                let expected: Vec<UpdateId> = model
                    .iter()
                    .filter(|(_, known)| known.0 == number)
                    .map(|(number, _)| id(*number))
                    .collect();
                prop_assert_eq!(articles, expected);
            }
        }
    }
}
