//! The policies of the Update area as nodes of the tree.

use syncml::Format;

use crate::Edition;
use crate::ddf::{
    Access, AllowedValue, AllowedValues, Applicability, BuildFloors, Editions, Node, NodeScope,
    Occurrence, Tree, ValueKind, Verb,
};
use crate::policy::{Allowed, CONFIG, PolicyMeta, RESULT, ValueFormat};

/// Adds `Policy/Config/Update` and `Policy/Result/Update` with every policy.
pub(super) fn add(tree: &mut Tree) {
    for (root, access) in [
        (CONFIG, Access::of(&[Verb::Add, Verb::Delete, Verb::Get, Verb::Replace])),
        (RESULT, Access::of(&[Verb::Get])),
    ] {
        let area = Node {
            path: root.to_owned(),
            name: "Update".to_owned(),
            access: Access::of(&[Verb::Get]),
            format: Some(Format::Node),
            ..Node::default()
        };
        tree.add_node(area, Applicability::default());
        for meta in PolicyMeta::all() {
            let (node, applicability) = node(root, access, meta);
            tree.add_node(node, applicability);
        }
    }
}

fn node(root: &str, access: Access, meta: &PolicyMeta) -> (Node, Applicability) {
    let builds: Vec<String> = meta.floors.iter().map(|floor| floor.build.to_string()).collect();
    let editions: Vec<String> = meta
        .editions
        .iter()
        .map(|edition: &Edition| format!("{:#X};", edition.product_type()).replace("0X", "0x"))
        .collect();
    let applicability = Applicability {
        builds: (!builds.is_empty()).then(|| BuildFloors::read(&builds.join(", "))),
        csp_version: Some(meta.csp_version.to_owned()),
        editions: (!editions.is_empty()).then(|| Editions::new(&editions.concat())),
        requires_azure_ad: false,
    };
    let node = Node {
        path: format!("{root}/{}", meta.id.name()),
        name: meta.id.name().to_owned(),
        access,
        format: Some(match meta.format {
            ValueFormat::Int => Format::Int,
            ValueFormat::Chr => Format::Chr,
            ValueFormat::Bool => Format::Bool,
            ValueFormat::B64 => Format::B64,
            ValueFormat::Xml => Format::Xml,
        }),
        occurrence: Some(Occurrence::ZeroOrOne),
        scope: Some(NodeScope::Dynamic),
        default: meta.default.map(str::to_owned),
        description: Some(meta.summary.to_owned()),
        allowed: allowed(meta),
        conflict: Some(meta.conflict.name().to_owned()),
        applicability: applicability.clone(),
        ..Node::default()
    };
    (node, applicability)
}

/// What DDF documents say as well: days and addresses have no constraint there.
fn allowed(meta: &PolicyMeta) -> Option<AllowedValues> {
    match meta.allowed {
        Allowed::Range { min, max } => Some(AllowedValues::range(min, max)),
        Allowed::Enum(values) => {
            let values = values.iter().map(|value| AllowedValue {
                value: value.value.to_string(),
                description: Some(value.meaning.to_owned()),
            });
            Some(AllowedValues {
                kind: ValueKind::Enum,
                values: values.collect(),
                ..AllowedValues::default()
            })
        }
        _ => None,
    }
}
