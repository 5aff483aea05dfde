//! Lists that are written as they are told: into XML at once, or into a value.

use super::{Dictionary, Value};

/// A key of a message, with what it is in XML, so that writing it is one copy.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    pub(crate) name: &'static str,
    /// The element.
    pub(crate) xml: &'static str,
    /// The element, and the start tag of the text behind it.
    pub(crate) xml_text: &'static str,
}

/// The [`Known`] key of this name, which needs no escapes.
macro_rules! known {
    ($name:literal) => {
        $crate::plist::Known {
            name: $name,
            xml: concat!("<key>", $name, "</key>"),
            xml_text: concat!("<key>", $name, "</key><string>"),
        }
    };
}

pub(crate) use known;

/// Takes a list. In a dictionary each value follows its key.
pub(crate) trait Out {
    /// A dictionary, with what `entries` put into it.
    fn dictionary(&mut self, entries: impl FnOnce(&mut Self));

    /// An array, with what `values` put into it.
    fn array(&mut self, values: impl FnOnce(&mut Self));

    fn key(&mut self, key: Known);

    fn text(&mut self, text: &str);

    fn integer(&mut self, number: i64);

    fn boolean(&mut self, value: bool);

    fn data(&mut self, bytes: &[u8]);

    /// Further keys and values, as they are.
    fn entries(&mut self, entries: &Dictionary<'_>);

    /// A key and its text.
    fn text_of(&mut self, key: Known, text: &str) {
        self.key(key);
        self.text(text);
    }
}

/// Makes a dictionary of what is told of its entries.
pub(crate) fn dictionary(entries: impl FnOnce(&mut Tree)) -> Dictionary<'static> {
    let mut tree = Tree::default();
    entries(&mut tree);
    tree.dictionary
}

/// Values in the making. Only what was told within the innermost dictionary or array is in it.
#[derive(Default)]
pub(crate) struct Tree {
    dictionary: Dictionary<'static>,
    key: Option<&'static str>,
    /// The values of the array that is open.
    array: Option<Vec<Value<'static>>>,
}

impl Tree {
    fn put(&mut self, value: impl Into<Value<'static>>) {
        match (&mut self.array, self.key.take()) {
            (Some(values), _) => values.push(value.into()),
            (None, key) => self.dictionary.push(key.unwrap_or_default(), value),
        }
    }
}

impl Out for Tree {
    fn dictionary(&mut self, entries: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        entries(&mut inner);
        self.put(inner.dictionary);
    }

    fn array(&mut self, values: impl FnOnce(&mut Self)) {
        let mut inner = Self { array: Some(Vec::new()), ..Self::default() };
        values(&mut inner);
        self.put(inner.array.unwrap_or_default());
    }

    fn key(&mut self, key: Known) {
        self.key = Some(key.name);
    }

    fn text(&mut self, text: &str) {
        self.put(text.to_owned());
    }

    fn integer(&mut self, number: i64) {
        self.put(number);
    }

    fn boolean(&mut self, value: bool) {
        self.put(value);
    }

    fn data(&mut self, bytes: &[u8]) {
        self.put(bytes.to_vec());
    }

    fn entries(&mut self, entries: &Dictionary<'_>) {
        for (key, value) in entries.iter() {
            self.dictionary.push(key.to_owned(), value.clone().into_owned());
        }
    }
}
