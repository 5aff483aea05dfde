//! The management tree of a simulated device.

use std::collections::BTreeMap;

use crate::codes::StatusCode;
use crate::loc_uri::LocUri;

/// A value and its format.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Leaf {
    /// The format's name.
    pub format: String,
    /// The value.
    pub data: String,
}

impl Leaf {
    /// A value with this format.
    #[must_use]
    pub fn new(format: impl Into<String>, data: impl Into<String>) -> Self {
        Self { format: format.into(), data: data.into() }
    }
}

/// What a node is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NodeValue {
    /// A value.
    Leaf(Leaf),
    /// The names of the children.
    Interior(Vec<String>),
}

/// A management tree. The addresses carry no query.
pub trait Tree {
    /// Reads a node.
    ///
    /// # Errors
    /// 404 where there is none.
    fn get(&self, uri: &LocUri) -> Result<NodeValue, StatusCode>;
    /// Makes a node; without a value, an interior one.
    fn add(&mut self, uri: &LocUri, value: Option<Leaf>) -> StatusCode;
    /// Changes a node.
    fn replace(&mut self, uri: &LocUri, value: Leaf) -> StatusCode;
    /// Removes a node and everything below it.
    fn delete(&mut self, uri: &LocUri) -> StatusCode;
    /// Executes a node.
    fn exec(&mut self, uri: &LocUri) -> StatusCode;

    /// Every leaf below a node with its address, as `?list=StructData` returns them.
    ///
    /// # Errors
    /// 404 where there is no such node.
    fn leaves(&self, uri: &LocUri) -> Result<Vec<(LocUri, Leaf)>, StatusCode> {
        let mut leaves = Vec::new();
        let mut open = vec![uri.without_query()];
        while let Some(uri) = open.pop() {
            match self.get(&uri)? {
                NodeValue::Leaf(leaf) => leaves.push((uri, leaf)),
                NodeValue::Interior(children) => {
                    open.extend(children.iter().rev().filter_map(|child| uri.join(child).ok()));
                }
            }
        }
        Ok(leaves)
    }
}

/// A tree in memory, for tests: anything may be added, replaced and deleted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct MemoryTree {
    /// Nodes by their path in lower case: the path as it was made, and the value of a leaf.
    nodes: BTreeMap<String, (String, Option<Leaf>)>,
}

impl MemoryTree {
    /// The same tree with a value.
    #[must_use]
    pub fn with(mut self, uri: &str, format: &str, data: &str) -> Self {
        if let Ok(uri) = uri.parse() {
            self.put(&uri, Some(&Leaf::new(format, data)));
        }
        self
    }

    fn put(&mut self, uri: &LocUri, value: Option<&Leaf>) {
        let segments: Vec<String> = uri.segments().collect();
        for depth in 1..=segments.len() {
            let path = segments.get(..depth).unwrap_or_default().join("\u{0}");
            let entry = self.nodes.entry(path.to_lowercase());
            let (_, leaf) = entry.or_insert((path, None));
            if depth == segments.len() && value.is_some() {
                *leaf = value.cloned();
            }
        }
    }

    fn key(uri: &LocUri) -> String {
        uri.segments().collect::<Vec<_>>().join("\u{0}").to_lowercase()
    }
}

impl Tree for MemoryTree {
    fn get(&self, uri: &LocUri) -> Result<NodeValue, StatusCode> {
        let key = Self::key(uri);
        let (_, leaf) = self.nodes.get(&key).ok_or(StatusCode::NOT_FOUND)?;
        if let Some(leaf) = leaf {
            return Ok(NodeValue::Leaf(leaf.clone()));
        }
        let below = format!("{key}\u{0}");
        let children =
            self.nodes.range(below.clone()..).take_while(|(path, _)| path.starts_with(&below));
        let names = children.filter_map(|(path, (made, _))| {
            let direct = !path.get(below.len()..)?.contains('\u{0}');
            direct.then(|| made.rsplit('\u{0}').next().unwrap_or_default().to_owned())
        });
        Ok(NodeValue::Interior(names.collect()))
    }

    fn add(&mut self, uri: &LocUri, value: Option<Leaf>) -> StatusCode {
        if self.nodes.contains_key(&Self::key(uri)) {
            return StatusCode::ALREADY_EXISTS;
        }
        self.put(uri, value.as_ref());
        StatusCode::OK
    }

    fn replace(&mut self, uri: &LocUri, value: Leaf) -> StatusCode {
        if !self.nodes.contains_key(&Self::key(uri)) {
            return StatusCode::NOT_FOUND;
        }
        self.put(uri, Some(&value));
        StatusCode::OK
    }

    fn delete(&mut self, uri: &LocUri) -> StatusCode {
        let key = Self::key(uri);
        if self.nodes.remove(&key).is_none() {
            return StatusCode::NOT_FOUND;
        }
        let below = format!("{key}\u{0}");
        self.nodes.retain(|path, _| !path.starts_with(&below));
        StatusCode::OK
    }

    fn exec(&mut self, uri: &LocUri) -> StatusCode {
        if self.nodes.contains_key(&Self::key(uri)) {
            StatusCode::OK
        } else {
            StatusCode::NOT_FOUND
        }
    }
}
