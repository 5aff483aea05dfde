//! The policies as a DDF document, for checks of commands without any file at hand.

use syncml::Format;

use super::{Allowed, CONFIG, PolicyMeta, RESULT};
use crate::ddf::{
    Access, AllowedValue, AllowedValues, Applicability, BuildFloors, Document, Editions, GpMapping,
    Node, NodeScope, Occurrence, ValueKind, Verb,
};

/// The Update area of the Policy CSP as Microsoft's newest DDF describes it, made of the tables:
/// where policies are set and where they are read, with our own words for what they do.
///
/// ```
/// use syncml::{Command, Data, Format};
/// use update_csp::ddf::{CheckCode, Context, Tree};
/// use update_csp::{Build, policy};
///
/// let mut tree = Tree::default();
/// tree.add(&policy::document());
/// let uri = "./Vendor/MSFT/Policy/Config/Update/DeferQualityUpdatesPeriodInDays";
/// let context = Context::default().with_build(Build::WINDOWS_11_24H2);
/// let replace = |days| Command::replace(uri, Format::Int, Data::text(days));
/// assert!(tree.check(&replace("7"), &context).is_empty());
/// assert_eq!(tree.check(&replace("31"), &context)[0].code, CheckCode::NotAllowed);
/// ```
#[must_use]
pub fn document() -> Document {
    let mut document = Document::default();
    for (root, verbs) in [
        (CONFIG, &[Verb::Add, Verb::Delete, Verb::Get, Verb::Replace][..]),
        (RESULT, &[Verb::Get][..]),
    ] {
        let parent = document.nodes.len();
        document.nodes.push(Node {
            path: root.to_owned(),
            name: "Update".to_owned(),
            access: Access::of(&[Verb::Get]),
            format: Some(Format::Node),
            occurrence: Some(Occurrence::One),
            scope: Some(NodeScope::Permanent),
            ..Node::default()
        });
        for meta in PolicyMeta::all() {
            let access = Access::of(verbs);
            document.nodes.push(Node { access, parent: Some(parent), ..node(meta, root) });
        }
    }
    document
}

fn node(meta: &PolicyMeta, root: &str) -> Node {
    let floors: Vec<String> = meta.floors.iter().map(|floor| floor.build.to_string()).collect();
    let editions: Vec<String> =
        meta.editions.iter().map(|it| format!("{:#X};", it.product_type())).collect();
    let gp = meta.group_policy.and_then(|gp| gp.ddf).map(|ddf| {
        let mut gp = GpMapping::default();
        ddf.policy.clone_into(&mut gp.name);
        ddf.area.clone_into(&mut gp.area);
        gp.element = ddf.element.map(str::to_owned);
        gp
    });
    Node {
        path: format!("{root}/{}", meta.id),
        name: meta.id.to_string(),
        depth: 1,
        format: Some(Format::from_text(meta.format.name())),
        occurrence: Some(Occurrence::ZeroOrOne),
        scope: Some(NodeScope::Dynamic),
        default: meta.default.map(str::to_owned),
        description: Some(meta.summary.to_owned()),
        applicability: Applicability {
            builds: Some(BuildFloors::read(&floors.join(", "))),
            csp_version: Some(meta.csp_version.to_owned()),
            editions: Some(Editions::new(&editions.concat())),
            ..Applicability::default()
        },
        allowed: allowed(meta),
        gp,
        conflict: Some(meta.conflict.name().to_owned()),
        ..Node::default()
    }
}

fn allowed(meta: &PolicyMeta) -> Option<AllowedValues> {
    match meta.allowed {
        Allowed::Range { min, max } => Some(AllowedValues::range(min, max)),
        Allowed::Enum(values) => {
            let mut allowed = AllowedValues { kind: ValueKind::Enum, ..AllowedValues::default() };
            for known in values {
                let mut value = AllowedValue::new(known.value.to_string());
                value.description = Some(known.meaning.to_owned());
                allowed.values.push(value);
            }
            Some(allowed)
        }
        // DDF documents say nothing about texts; what is known of them is in `Setting`.
        Allowed::Date | Allowed::Url | Allowed::Text => None,
    }
}
