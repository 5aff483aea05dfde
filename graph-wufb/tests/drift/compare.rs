//! What this crate has and a schema has not, and the other way round.

use std::collections::{BTreeMap, BTreeSet};

use graph_wufb::models::schema::Schema;

use super::csdl::{Csdl, item};

/// What this crate has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ours {
    /// Full name: members and their types.
    pub(crate) objects: BTreeMap<String, BTreeMap<String, String>>,
    /// Full name: words, and those that are hidden without the header `Prefer`.
    pub(crate) enums: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>,
    /// Full name of a base: for each short name that leads to a model, the model's full name.
    pub(crate) cases: BTreeMap<String, BTreeMap<String, String>>,
}

impl Ours {
    /// Of the types whose full name holds `is_wanted`.
    pub(crate) fn of(schema: &Schema, is_wanted: impl Fn(&str) -> bool) -> Self {
        let text = |word: &&str| (*word).to_owned();
        let objects = schema.objects.iter().filter(|it| is_wanted(it.name)).map(|object| {
            let members = object.members.iter();
            let members = members.map(|(name, kind)| ((*name).to_owned(), kind.clone())).collect();
            (object.name.to_owned(), members)
        });
        let enums = schema.enums.iter().filter(|it| is_wanted(it.name)).map(|words| {
            let hidden = words.hidden.iter().map(text).collect();
            (words.name.to_owned(), (words.words.iter().map(text).collect(), hidden))
        });
        let cases = schema.polymorphic.iter().filter(|it| is_wanted(&it.name)).map(|base| {
            let names = base.types.iter().flat_map(|(names, model)| {
                names.iter().map(|name| ((*name).to_owned(), (*model).to_owned()))
            });
            (base.name.clone(), names.collect())
        });
        Self { objects: objects.collect(), enums: enums.collect(), cases: cases.collect() }
    }
}

fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap()
}

/// The differences of types, members, words and subtypes in a namespace; none if there is none.
/// Types for which `is_foreign` are of another part of Graph, which this crate has as plain objects.
pub(crate) fn types(
    csdl: &Csdl,
    ours: &Ours,
    namespace: &str,
    is_foreign: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut found = Vec::new();
    let within = |name: &&String| name.rsplit_once('.').is_some_and(|(of, _)| of == namespace);
    for (name, object) in csdl.objects.iter().filter(|(name, _)| within(name)) {
        let Some(known) = ours.objects.get(name) else {
            if let Some(difference) = without_model(csdl, ours, name, object.is_abstract) {
                found.push(difference);
            }
            continue;
        };
        let theirs = csdl.members(name);
        for (member, (_, described)) in &theirs {
            let kind = if is_foreign(&described.kind) { "object" } else { &described.kind };
            match known.get(member) {
                None => found.push(format!("{name}.{member} is missing")),
                Some(ours) if ours != kind => {
                    found.push(format!("{name}.{member} is {kind}, not {ours}"));
                }
                Some(_) => {}
            }
        }
        for member in known.keys().filter(|member| !theirs.contains_key(*member)) {
            found.push(format!("{name}.{member} is invented"));
        }
    }
    for name in ours.objects.keys().filter(within) {
        if !csdl.objects.contains_key(name) {
            found.push(format!("{name} is invented"));
        }
    }
    for (name, words) in csdl.enums.iter().filter(|(name, _)| within(name)) {
        match ours.enums.get(name) {
            None => found.push(format!("{name} is missing")),
            Some((known, hidden)) => enumeration(name, words, known, hidden, &mut found),
        }
    }
    for name in ours.enums.keys().filter(within) {
        if !csdl.enums.contains_key(name) {
            found.push(format!("{name} is invented"));
        }
    }
    for (base, cases) in ours.cases.iter().filter(|(name, _)| within(name)) {
        subtypes(csdl, base, cases, &mut found);
    }
    found
}

/// An abstract type without a model of its own is one of the cases of its base, or is what that is
/// called; or nothing in the schema is of it.
fn without_model(csdl: &Csdl, ours: &Ours, name: &str, is_abstract: bool) -> Option<String> {
    if !is_abstract {
        return Some(format!("{name} has no model"));
    }
    let list = format!("Collection({name})");
    let used = csdl.objects.keys().any(|other| {
        csdl.members(other).values().any(|(_, it)| it.kind == name || it.kind == list)
    });
    let known = ours.cases.contains_key(name)
        || ours.cases.values().any(|cases| cases.contains_key(short(name)));
    (used && !known).then(|| format!("{name} is used and has no model"))
}

fn enumeration(
    name: &str,
    words: &[(String, i64)],
    known: &BTreeSet<String>,
    hidden: &BTreeSet<String>,
    found: &mut Vec<String>,
) {
    for (word, _) in words.iter().filter(|(word, _)| !known.contains(word)) {
        found.push(format!("{name}: {word} is missing"));
    }
    for word in known.iter().filter(|word| !words.iter().any(|(it, _)| it == *word)) {
        found.push(format!("{name}: {word} is invented"));
    }
    // The words above the sentinel are those that are hidden without the Prefer header.
    let sentinel = words.iter().find(|(word, _)| word == "unknownFutureValue");
    let above = words.iter().filter(|(_, number)| sentinel.is_some_and(|it| *number > it.1));
    let above: BTreeSet<String> = above.map(|(word, _)| word.clone()).collect();
    if above != *hidden {
        found.push(format!("{name}: hidden are {above:?}, not {hidden:?}"));
    }
}

fn subtypes(csdl: &Csdl, base: &str, cases: &BTreeMap<String, String>, found: &mut Vec<String>) {
    let below: BTreeSet<&String> = csdl
        .objects
        .keys()
        .filter(|name| csdl.ancestors(name).iter().any(|it| it == base))
        .collect();
    for name in &below {
        match cases.get(short(name)) {
            None if csdl.objects[*name].is_abstract => {}
            None => found.push(format!("{base}: no case for {name}")),
            Some(model) if model != *name && !csdl.objects[*name].is_abstract => {
                found.push(format!("{base}: {name} is read as {model}"));
            }
            Some(_) => {}
        }
    }
    for name in cases.keys().filter(|name| !below.iter().any(|it| short(it) == name.as_str())) {
        found.push(format!("{base}: the case {name} is invented"));
    }
}

/// Whether a type, or what a list is of, is one of these.
pub(crate) fn is_of(kind: &str, names: &[&str]) -> bool {
    names.contains(&item(kind).unwrap_or(kind))
}
