//! Several documents as one management tree.

use std::collections::BTreeMap;

use syncml::{LocUri, Scope};

use super::Document;
use super::model::{Applicability, Node};

/// The nodes of several CSPs, to look up and to check commands against.
///
/// A document describes its subtrees wholly: what it does not have is not there. About addresses
/// outside of all documents nothing is said.
///
/// A document that is added later replaces nodes that an earlier one describes as well, so that a
/// newer release can be laid over an older one. Where a CSP describes a place as "any name" and
/// another document describes nodes there by name (Policy and its areas), the names win: below
/// `Policy/Config/Update` nothing is any name.
///
/// ```
/// use update_csp::ddf::{Document, Limits, Lookup, Tree};
///
/// let text = b"<MgmtTree><Node><NodeName>Update</NodeName><Path>./Vendor/MSFT</Path><DFProperties/>
///     <Node><NodeName>DeferUpgrade</NodeName><DFProperties/></Node></Node></MgmtTree>";
/// let mut tree = Tree::default();
/// tree.add(&Document::read(text, &Limits::default())?);
/// assert!(matches!(tree.lookup(&"./device/vendor/msft/update".parse()?), Lookup::Found(_)));
/// let Lookup::Missing { suggestion, .. } =
///     tree.lookup(&"./Vendor/MSFT/Update/DeferUpgrades".parse()?) else { unreachable!() };
/// assert_eq!(suggestion.as_deref(), Some("DeferUpgrade"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<(Node, Applicability)>,
    places: Vec<Place>,
    roots: [Option<usize>; 2],
}

/// A place in the tree: its children's places, and its node if a document describes it.
#[derive(Clone, Debug, Default)]
struct Place {
    named: BTreeMap<String, usize>,
    any: Option<usize>,
    node: Option<usize>,
    /// Not everything below it is described.
    partial: bool,
}

/// What is at an address.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Lookup<'t> {
    /// A node.
    Found(Found<'t>),
    /// Nothing that any document describes, in a part of the tree that none describes wholly.
    Undescribed,
    /// Nothing.
    Missing {
        /// The nearest node above that is there.
        above: Option<&'t Node>,
        /// The segment that is not there.
        segment: String,
        /// A name that is there and looks like it.
        suggestion: Option<String>,
    },
}

/// A node that was looked up.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Found<'t> {
    /// The node.
    pub node: &'t Node,
    /// Which devices have it, with what it takes over from the nodes above it.
    pub applicability: &'t Applicability,
    /// The node above it, if a document describes it.
    pub parent: Option<&'t Node>,
    /// Whether it or a node above it has to be sent in an Atomic.
    pub atomic_required: bool,
}

impl Tree {
    /// Adds a document whose addresses are whole.
    pub fn add(&mut self, document: &Document) {
        self.add_below("", document);
    }

    /// Adds a part of a document, whose addresses start below `base`.
    pub fn add_at(&mut self, base: &LocUri, document: &Document) {
        self.add_below(base.path(), document);
    }

    fn add_below(&mut self, base: &str, document: &Document) {
        for node in &document.nodes {
            let mut node_here = node.clone();
            if !base.is_empty() {
                node_here.path = format!("{base}/{}", node.path);
            }
            let applicability = document.applicability(node);
            if node.parent.is_none() {
                // A document describes its subtrees wholly.
                self.set_partial(&node_here.path, false);
            }
            self.add_node(node_here, applicability);
        }
    }

    /// Adds one node. Its parent need not be there.
    pub(crate) fn add_node(&mut self, node: Node, applicability: Applicability) {
        let at = self.place_at(&node.path);
        let index = self.nodes.len();
        if let Some(place) = self.places.get_mut(at) {
            match place.node.and_then(|old| self.nodes.get_mut(old)) {
                Some(old) => *old = (node, applicability),
                None => {
                    place.node = Some(index);
                    self.nodes.push((node, applicability));
                }
            }
        }
    }

    /// Notes whether everything below an address is described.
    pub(crate) fn set_partial(&mut self, path: &str, partial: bool) {
        let at = self.place_at(path);
        if let Some(place) = self.places.get_mut(at) {
            place.partial = partial;
        }
    }

    /// The place of an address; it is made if it is not there.
    fn place_at(&mut self, path: &str) -> usize {
        let segments: Vec<&str> = path.split('/').filter(|part| *part != ".").collect();
        let (user, segments) = match segments.split_first() {
            Some((first, rest)) if first.eq_ignore_ascii_case("user") => (true, rest),
            Some((first, rest)) if first.eq_ignore_ascii_case("device") => (false, rest),
            _ => (false, segments.as_slice()),
        };
        let root = self.roots.get(usize::from(user)).copied().flatten();
        let mut at = match root {
            Some(root) => root,
            None => {
                let root = self.new_place();
                if let Some(slot) = self.roots.get_mut(usize::from(user)) {
                    *slot = Some(root);
                }
                root
            }
        };
        for segment in segments {
            let any = *segment == "*";
            let key = segment.to_lowercase();
            let known = self
                .places
                .get(at)
                .and_then(|place| if any { place.any } else { place.named.get(&key).copied() });
            let next = match known {
                Some(next) => next,
                None => {
                    let next = self.new_place();
                    if let Some(place) = self.places.get_mut(at) {
                        if any {
                            place.any = Some(next);
                        } else {
                            place.named.insert(key, next);
                        }
                    }
                    next
                }
            };
            at = next;
        }
        at
    }

    fn new_place(&mut self) -> usize {
        self.places.push(Place::default());
        self.places.len().saturating_sub(1)
    }

    /// How many nodes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Its nodes, in the order they were added.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().map(|(node, _)| node)
    }

    fn node_at(&self, place: usize) -> Option<(&Node, &Applicability)> {
        let (node, applicability) = self.nodes.get(self.places.get(place)?.node?)?;
        Some((node, applicability))
    }

    /// What is at an address, in the sense of [`LocUri::is_same`].
    #[must_use]
    pub fn lookup(&self, uri: &LocUri) -> Lookup<'_> {
        let user = uri.scope() == Scope::User;
        let mut at = self.roots.get(usize::from(user)).copied().flatten();
        let mut above = None;
        let (mut parent, mut atomic) = (None, false);
        let mut previous = at;
        let mut partial = false;
        for segment in uri.segments() {
            let place = at.and_then(|at| self.places.get(at));
            partial |= place.is_some_and(|place| place.partial);
            let next = place
                .and_then(|place| place.named.get(&segment.to_lowercase()).copied().or(place.any));
            let Some(next) = next else {
                return if partial || above.is_none() {
                    Lookup::Undescribed
                } else {
                    self.missing(above, segment, at)
                };
            };
            previous = at;
            at = Some(next);
            if let Some((node, _)) = self.node_at(next) {
                above = Some(node);
                atomic |= node.atomic_required;
            }
        }
        if let Some(previous) = previous {
            parent = self.node_at(previous).map(|(node, _)| node);
        }
        match at.and_then(|at| self.node_at(at)) {
            Some((node, applicability)) => {
                Lookup::Found(Found { node, applicability, parent, atomic_required: atomic })
            }
            None if partial || above.is_none() => Lookup::Undescribed,
            None => self.missing(above, uri.last_segment(), at),
        }
    }

    fn missing<'t>(
        &'t self,
        above: Option<&'t Node>,
        segment: String,
        at: Option<usize>,
    ) -> Lookup<'t> {
        let names = at.and_then(|at| self.places.get(at)).into_iter();
        let names = names.flat_map(|place| place.named.values()).filter_map(|place| {
            let (node, _) = self.node_at(*place)?;
            Some(node.name.as_str())
        });
        let suggestion = nearest(&segment, names);
        Lookup::Missing { above, segment, suggestion }
    }
}

/// The name that takes the fewest changes to become `wanted`, if they are few enough for a slip of
/// the pen.
fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    // Longer names are no slips, and comparing them costs.
    if wanted.len() > 80 {
        return None;
    }
    let wanted = wanted.to_lowercase();
    let most = (wanted.chars().count() / 4).max(1);
    let letters = wanted.chars().count();
    let near = |name: &&str| name.len() <= 96 && name.chars().count().abs_diff(letters) <= most;
    names
        .take(SIBLINGS)
        .filter(near)
        .filter_map(|name| Some((distance(&wanted, &name.to_lowercase(), most)?, name)))
        .min()
        .map(|(_, name)| name.to_owned())
}

/// Names that are compared; Microsoft's largest node has some hundred children.
const SIBLINGS: usize = 512;

/// Levenshtein's distance, if it is `most` at the most. It is given up as soon as it cannot be.
fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, left) in a.chars().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (right, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = *cell;
            *cell = replaced.min(before + 1).min(diagonal + 1);
            before = *cell;
        }
        if row.iter().all(|changes| *changes > most) {
            return None;
        }
    }
    row.last().copied().filter(|changes| *changes <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_the_fewest_changes() {
        for (a, b, changes) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("ab", "ba", 2),
        ] {
            for (a, b) in [(a, b), (b, a)] {
                assert_eq!(distance(a, b, changes), Some(changes), "{a} {b}");
                assert_eq!(changes.checked_sub(1).and_then(|less| distance(a, b, less)), None);
            }
        }
    }

    fn node(path: &str) -> Node {
        let name = path.rsplit('/').next().unwrap_or_default();
        let name = if name == "*" { "" } else { name };
        Node { path: path.to_owned(), name: name.to_owned(), ..Node::default() }
    }

    fn tree(paths: &[&str]) -> Tree {
        let mut tree = Tree::default();
        for path in paths {
            tree.add_node(node(path), Applicability::default());
        }
        tree
    }

    fn found(tree: &Tree, uri: &str) -> Option<String> {
        match tree.lookup(&uri.parse().unwrap()) {
            Lookup::Found(found) => Some(found.node.path.clone()),
            _ => None,
        }
    }

    #[test]
    fn names_win_over_any_name_and_scopes_are_apart() {
        let tree = tree(&[
            "./Device/Vendor/MSFT/Policy/Config/*",
            "./Device/Vendor/MSFT/Policy/Config/*/*",
            "./Device/Vendor/MSFT/Policy/Config/Update",
            "./Device/Vendor/MSFT/Policy/Config/Update/AllowAutoUpdate",
            "./User/Vendor/MSFT/Only",
        ]);
        assert!(
            found(&tree, "./Vendor/MSFT/Policy/Config/UPDATE/allowautoupdate?list=x").is_some()
        );
        assert_eq!(found(&tree, "./Vendor/MSFT/Policy/Config/Update/Other"), None);
        assert!(found(&tree, "./Vendor/MSFT/Policy/Config/Area/Other").is_some());
        assert!(found(&tree, "./User/Vendor/MSFT/Only").is_some());
        assert_eq!(found(&tree, "./Vendor/MSFT/Only"), None);
        assert_eq!(found(&tree, "./Vendor/MSFT"), None, "nobody describes it");
        let undescribed =
            |uri: &str| matches!(tree.lookup(&uri.parse().unwrap()), Lookup::Undescribed);
        assert!(undescribed("./Vendor/MSFT/Other") && undescribed("./Vendor/MSFT"));
        assert!(!undescribed("./Vendor/MSFT/Policy/Config/Update/Other"));
        assert_eq!(found(&Tree::default(), "./Vendor"), None);
    }

    #[test]
    fn later_documents_replace_nodes() {
        let mut tree = tree(&["./A", "./A/B"]);
        let mut newer = node("./a/b");
        newer.title = Some("newer".to_owned());
        tree.add_node(newer, Applicability::default());
        assert_eq!(tree.len(), 2);
        assert!(tree.nodes().any(|node| node.title.is_some()));
    }
}
