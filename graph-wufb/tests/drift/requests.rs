//! What requests are made of, compared with the navigation properties and operations of a schema.

use std::collections::BTreeSet;

use graph_wufb::json::Value;
use graph_wufb::requests::{Expect, Method, ROOT, Request};

use super::csdl::{Csdl, Operation, item};

/// Where a path leads.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    /// The type, perhaps of a list.
    pub(crate) kind: String,
    /// The navigation property that it ends with, and the type that has it.
    pub(crate) navigation: Option<(String, String)>,
    /// The operation that it ends with, by its place in [`Csdl::operations`].
    pub(crate) operation: Option<usize>,
}

/// Follows a request's path from `root`, the type of the service's entry.
pub(crate) fn resolve(csdl: &Csdl, root: &str, request: &Request) -> Result<Place, String> {
    let path = request.target.split('?').next().unwrap();
    let rest = path.strip_prefix(ROOT).ok_or_else(|| format!("{path} is elsewhere"))?;
    let mut place = Place { kind: root.to_owned(), navigation: None, operation: None };
    for segment in rest.split('/').filter(|segment| !segment.is_empty()) {
        if place.operation.is_some() {
            return Err(format!("{path}: {segment} after an operation"));
        }
        let name = segment.split('(').next().unwrap();
        let single = item(&place.kind).unwrap_or(&place.kind).to_owned();
        let bound: Vec<String> = csdl
            .ancestors(&single)
            .into_iter()
            .map(|name| match item(&place.kind) {
                Some(_) => format!("Collection({name})"),
                None => name,
            })
            .collect();
        let operation = csdl
            .operations
            .iter()
            .position(|known| known.name == name && bound.contains(&known.binding));
        if let Some(index) = operation {
            place.operation = Some(index);
        } else if segment.contains('.') {
            if !csdl.ancestors(segment).contains(&single) {
                return Err(format!("{path}: {segment} is no {single}"));
            }
            place.kind = place.kind.replace(&single, segment);
        } else if item(&place.kind).is_some() && name == segment {
            // A key.
            place.kind = single;
            place.navigation = None;
        } else {
            let members = csdl.members(&single);
            let Some((owner, member)) = members.get(segment).filter(|it| it.1.is_navigation) else {
                return Err(format!("{path}: {single} leads to no {segment}"));
            };
            place.kind.clone_from(&member.kind);
            place.navigation = Some((owner.clone(), segment.to_owned()));
        }
    }
    Ok(place)
}

/// What requests are not as the schema has it, and what of it has no request: of each action and
/// function one with everything in it and one with as little as can be.
pub(crate) fn all_differences(
    csdl: &Csdl,
    root: &str,
    requests: impl IntoIterator<Item = (Request, bool)>,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for (request, is_full) in requests {
        match resolve(csdl, root, &request) {
            Ok(place) => {
                found.extend(differences(csdl, &place, &request, is_full));
                used.extend(place.operation.map(|index| (index, is_full)));
            }
            Err(error) => found.push(error),
        }
    }
    for (index, operation) in csdl.operations.iter().enumerate() {
        if !used.contains(&(index, true)) || !used.contains(&(index, false)) {
            found.push(format!("no request for {} of {}", operation.name, operation.binding));
        }
    }
    found
}

/// What a request is not as the schema has it.
fn differences(csdl: &Csdl, place: &Place, request: &Request, is_full: bool) -> Vec<String> {
    let mut found = Vec::new();
    let target = format!("{} {}", request.method, request.target);
    let Some(operation) = place.operation.map(|index| &csdl.operations[index]) else {
        let list = item(&place.kind).is_some();
        let right = match (request.method, list) {
            (Method::Get, true) => request.expect == Expect::Page,
            (Method::Get, false) | (Method::Post, true) => request.expect == Expect::Entity,
            (Method::Patch, false) => request.expect != Expect::Page,
            (Method::Delete, false) => request.expect == Expect::Nothing,
            _ => false,
        };
        if !right {
            found.push(format!("{target}: {:?} from {}", request.expect, place.kind));
        }
        return found;
    };
    let method = if operation.is_action { Method::Post } else { Method::Get };
    if request.method != method {
        found.push(format!("{target}: {method} is meant"));
    }
    let returns = match operation.returns.as_deref() {
        None => Expect::Nothing,
        Some(kind) if item(kind).is_some() => Expect::Page,
        Some(_) => Expect::Entity,
    };
    if request.expect != returns {
        found.push(format!("{target}: {returns:?} is returned, not {:?}", request.expect));
    }
    let sent = sent(operation, request);
    for parameter in &operation.parameters {
        let name = &parameter.name;
        match sent.iter().find(|(known, _)| known == name).map(|(_, value)| value) {
            None if is_full => found.push(format!("{target}: {name} is missing")),
            None if parameter.optional || (operation.is_action && parameter.nullable) => {}
            None => found.push(format!("{target}: {name} has to be there")),
            Some(Value::Null) if !parameter.nullable => {
                found.push(format!("{target}: {name} cannot be null"));
            }
            Some(value) => {
                if let Some(wrong) = misfit(csdl, &parameter.kind, value, is_full) {
                    found.push(format!("{target}: {name} is {}: {wrong}", parameter.kind));
                }
            }
        }
    }
    for (name, _) in &sent {
        if !operation.parameters.iter().any(|known| known.name == *name) {
            found.push(format!("{target}: {name} is invented"));
        }
    }
    found
}

/// The parameters that a request sends: of an action in the body, of a function in the path.
fn sent(operation: &Operation, request: &Request) -> Vec<(String, Value)> {
    if operation.is_action {
        let body = request.body_value();
        let members = body.as_ref().and_then(Value::as_object).into_iter().flat_map(|it| it.iter());
        return members.map(|(name, value)| (name.to_owned(), value.clone())).collect();
    }
    let path = request.target.split('?').next().unwrap();
    let inside = path.rsplit_once('(').unwrap().1.strip_suffix(')').unwrap();
    let literals = inside.split(',').filter(|it| !it.is_empty());
    literals
        .map(|literal| {
            let (name, value) = literal.split_once('=').unwrap();
            let text = value.replace("%27", "'");
            let value = match text.strip_prefix('\'').and_then(|it| it.strip_suffix('\'')) {
                Some(text) => Value::from(text),
                None => match text.parse::<i32>() {
                    Ok(number) => Value::from(number),
                    Err(_) => Value::from(text.parse::<bool>().expect("a literal")),
                },
            };
            (name.to_owned(), value)
        })
        .collect()
}

/// Why a value is not of a type.
fn misfit(csdl: &Csdl, kind: &str, value: &Value, is_full: bool) -> Option<String> {
    if let Some(kind) = item(kind) {
        let Some(items) = value.as_array() else { return Some("no list".to_owned()) };
        if items.is_empty() && is_full {
            return Some("nothing in it".to_owned());
        }
        return items.iter().find_map(|item| misfit(csdl, kind, item, is_full));
    }
    let right = match kind {
        "Edm.String" => value.as_str().is_some(),
        "Edm.Int32" => value.as_i64().is_some(),
        "Edm.Boolean" => matches!(value, Value::Bool(_)),
        _ => match (csdl.enums.get(kind), value) {
            (Some(words), Value::String(text)) => words.iter().any(|(word, _)| word == text),
            (None, Value::Object(object)) => {
                let name = object.odata_type().unwrap_or_default();
                let members: BTreeSet<String> = csdl.members(name).into_keys().collect();
                let stranger =
                    object.iter().find(|(name, _)| !name.contains('@') && !members.contains(*name));
                csdl.ancestors(name).iter().any(|it| it == kind)
                    && csdl.objects.get(name).is_some_and(|object| !object.is_abstract)
                    && stranger.is_none()
            }
            _ => false,
        },
    };
    (!right).then(|| value.to_json())
}
