//! What a CSDL file says (OData CSDL XML 4.01): types, their members, enums, operations.

use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub(crate) struct Csdl {
    pub(crate) objects: BTreeMap<String, Object>,
    /// Full name: words and their numbers.
    pub(crate) enums: BTreeMap<String, Vec<(String, i64)>>,
    pub(crate) operations: Vec<Operation>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Object {
    pub(crate) base: Option<String>,
    pub(crate) is_abstract: bool,
    /// Its own members.
    pub(crate) members: BTreeMap<String, Member>,
}

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) kind: String,
    pub(crate) is_navigation: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) is_action: bool,
    /// The type of the first parameter, which the operation is bound to.
    pub(crate) binding: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) returns: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) nullable: bool,
    pub(crate) optional: bool,
}

type Node<'a, 'i> = roxmltree::Node<'a, 'i>;

impl Csdl {
    pub(crate) fn read(text: &str) -> Self {
        let document = roxmltree::Document::parse(text.trim_start_matches('\u{feff}')).unwrap();
        let mut new = Self::default();
        let schemas = document.descendants().filter(|node| node.tag_name().name() == "Schema");
        for schema in schemas {
            let namespace = schema.attribute("Namespace").unwrap();
            for node in schema.children().filter(Node::is_element) {
                let Some(name) = node.attribute("Name") else { continue };
                let full_name = format!("{namespace}.{name}");
                match node.tag_name().name() {
                    "EnumType" => {
                        new.enums.insert(full_name, words(node));
                    }
                    "ComplexType" | "EntityType" => {
                        let object = Object {
                            base: node.attribute("BaseType").map(full),
                            is_abstract: node.attribute("Abstract") == Some("true"),
                            members: members(node),
                        };
                        new.objects.insert(full_name, object);
                    }
                    kind @ ("Action" | "Function") => {
                        new.operations.push(operation(node, name, kind == "Action"));
                    }
                    _ => {}
                }
            }
        }
        new
    }

    /// The type and its bases, itself first.
    pub(crate) fn ancestors(&self, name: &str) -> Vec<String> {
        let mut all = vec![name.to_owned()];
        while let Some(base) =
            all.last().and_then(|name| self.objects.get(name)).and_then(|it| it.base.clone())
        {
            assert!(!all.contains(&base), "{name} is its own base");
            all.push(base);
        }
        all
    }

    /// The members of a type and of its bases, with the type that has each.
    pub(crate) fn members(&self, name: &str) -> BTreeMap<String, (String, Member)> {
        let mut all = BTreeMap::new();
        for ancestor in self.ancestors(name).into_iter().rev() {
            let Some(object) = self.objects.get(&ancestor) else { continue };
            for (member, described) in &object.members {
                all.insert(member.clone(), (ancestor.clone(), described.clone()));
            }
        }
        all
    }
}

pub(crate) fn full(name: &str) -> String {
    name.replace("graph.", "microsoft.graph.").replace("microsoft.microsoft.", "microsoft.")
}

/// The type inside `Collection(…)`.
pub(crate) fn item(kind: &str) -> Option<&str> {
    kind.strip_prefix("Collection(").and_then(|rest| rest.strip_suffix(')'))
}

fn words(node: Node<'_, '_>) -> Vec<(String, i64)> {
    let members = node.children().filter(|node| node.tag_name().name() == "Member");
    members
        .zip(0_i64..)
        .map(|(word, index)| {
            // Without a value they are numbered (CSDL XML 4.01, 10.3).
            let number = word.attribute("Value").map_or(index, |it| it.parse().unwrap());
            (word.attribute("Name").unwrap().to_owned(), number)
        })
        .collect()
}

fn members(node: Node<'_, '_>) -> BTreeMap<String, Member> {
    let all = node
        .children()
        .filter(|node| matches!(node.tag_name().name(), "Property" | "NavigationProperty"));
    all.map(|member| {
        let described = Member {
            kind: full(member.attribute("Type").unwrap()),
            is_navigation: member.tag_name().name() == "NavigationProperty",
        };
        (member.attribute("Name").unwrap().to_owned(), described)
    })
    .collect()
}

fn operation(node: Node<'_, '_>, name: &str, is_action: bool) -> Operation {
    let mut parameters: Vec<Parameter> = node
        .children()
        .filter(|node| node.tag_name().name() == "Parameter")
        .map(|parameter| Parameter {
            name: parameter.attribute("Name").unwrap().to_owned(),
            kind: full(parameter.attribute("Type").unwrap()),
            nullable: parameter.attribute("Nullable") != Some("false"),
            optional: parameter.descendants().any(|node| {
                node.attribute("Term").is_some_and(|term| term.ends_with("OptionalParameter"))
            }),
        })
        .collect();
    assert_eq!(node.attribute("IsBound"), Some("true"), "{name}: nothing here is unbound");
    let binding = parameters.remove(0).kind;
    let returns = node.children().find(|node| node.tag_name().name() == "ReturnType");
    let returns = returns.map(|node| full(node.attribute("Type").unwrap()));
    Operation { name: name.to_owned(), is_action, binding, parameters, returns }
}
