//! Texts and pages of lists.

use std::borrow::Cow;

use super::field::FieldView;
use super::scan::{Node, scan};
use super::value::{Elements, ObjectView, ValueView};
use crate::error::{Error, ErrorKind, Position};
use crate::json::{self, Limits, Options};

/// A text that was read, with the place of every value in it.
#[derive(Clone)]
pub struct DocumentView<'a> {
    text: &'a str,
    nodes: Vec<Node>,
}

/// Reads one JSON text, strictly.
///
/// ```
/// use graph_wufb::json::Limits;
/// use graph_wufb::views::read;
///
/// let document = read(br#"{"id": "d1", "state": {"effectiveValue": "offering"}}"#, &Limits::new())?;
/// let object = document.root().and_then(|root| root.as_object()).unwrap();
/// assert_eq!(object.text("id").as_deref(), Some("d1"));
/// let error = read(br#"{"id": 01}"#, &Limits::new()).unwrap_err();
/// assert_eq!(error.to_string(), "expected a digit, found `01`, at line 1, column 8 (in /id)");
/// # Ok::<(), graph_wufb::Error>(())
/// ```
///
/// # Errors
/// Those of [`json::read`] in strict mode, for the same texts.
pub fn read<'a>(bytes: &'a [u8], limits: &Limits) -> Result<DocumentView<'a>, Error> {
    let text = Some(bytes).filter(|bytes| bytes.len() <= limits.bytes);
    let text = text.and_then(|bytes| std::str::from_utf8(bytes).ok());
    match text.and_then(|text| Some((text, scan(text, limits)?))) {
        Some((text, nodes)) => Ok(DocumentView { text, nodes }),
        None => Err(refused(bytes, limits)),
    }
}

/// Why the strict reader refuses a text.
#[cold]
fn refused(bytes: &[u8], limits: &Limits) -> Error {
    match json::read(bytes, &Options::strict().with_limits(*limits)) {
        Err(error) => error,
        // A text of more than 4 GiB: places have 32 bits here.
        Ok(_) => {
            let limit = usize::try_from(u32::MAX).unwrap_or(usize::MAX);
            ErrorKind::Limit { what: crate::LimitKind::Bytes, limit }.into()
        }
    }
}

/// Reads a page of a list, strictly.
///
/// # Errors
/// Those of [`read`]; [`ErrorKind::Shape`] if there is no array `value`, or if one of its elements
/// is no object, with its place.
pub fn page<'a>(bytes: &'a [u8], limits: &Limits) -> Result<PageView<'a>, Error> {
    let document = read(bytes, limits)?;
    let shape = |expected, found: &str, position: Option<Position>, path| {
        let kind = ErrorKind::Shape { expected, found: found.to_owned() };
        Error::at(kind, position, path)
    };
    let root = document.root();
    let object = root.and_then(|root| root.as_object());
    let value = object.and_then(|object| object.get_loose("value"));
    let Some(items) = value.and_then(|value| value.as_array()) else {
        let found = value.or(root);
        let (name, position) =
            (found.map_or("null", |found| found.name()), found.map(|found| found.position()));
        return Err(shape("an array `value`", name, position, "/value".to_owned()));
    };
    let other = items.clone().enumerate().find(|(_, item)| item.as_object().is_none());
    if let Some((index, item)) = other {
        let path = format!("/value/{index}");
        return Err(shape("an object", item.name(), Some(item.position()), path));
    }
    let (first, end) = items.range();
    Ok(PageView { document, first, end })
}

impl<'a> DocumentView<'a> {
    /// The text.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// What the text says; there always is one.
    #[must_use]
    pub fn root(&self) -> Option<ValueView<'_>> {
        ValueView::new(self.text, &self.nodes, 0)
    }
}

impl std::fmt::Debug for DocumentView<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text)
    }
}

/// A page of a list. It may be empty and still have a next one (Graph, "Paging").
#[derive(Clone, Debug)]
pub struct PageView<'a> {
    document: DocumentView<'a>,
    /// Where the first object is, and what is behind the last.
    first: usize,
    end: usize,
}

impl<'a> PageView<'a> {
    /// The objects.
    pub fn objects(&self) -> impl Iterator<Item = ObjectView<'_>> {
        self.elements().filter_map(|item| item.as_object())
    }

    /// The objects as views of one type.
    pub fn items<'d, T: FieldView<'d>>(&'d self) -> impl Iterator<Item = T> {
        self.elements().filter_map(T::read)
    }

    fn elements(&self) -> Elements<'_> {
        Elements::new(self.document.text, &self.document.nodes, self.first, self.end)
    }

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.elements().count()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first >= self.end
    }

    /// Where the next page is: see [`Pager::feed_view`](crate::Pager::feed_view).
    #[must_use]
    pub fn next_link(&self) -> Option<Cow<'_, str>> {
        self.annotation("@odata.nextLink")?.as_str()
    }

    /// That it is known whether another page comes, and which.
    pub(crate) fn whole(&self) -> Result<(), Error> {
        match self.annotation("@odata.nextLink") {
            Some(link) if link.as_str().is_none() && !link.is_null() => {
                let kind = ErrorKind::Shape {
                    expected: "a link to the next page",
                    found: link.name().to_owned(),
                };
                Err(Error::at(kind, Some(link.position()), "/@odata.nextLink".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// How many objects the whole list has, where the service says.
    #[must_use]
    pub fn count(&self) -> Option<i64> {
        self.annotation("@odata.count")?.as_i64()
    }

    fn annotation(&self, name: &str) -> Option<ValueView<'_>> {
        self.document.root()?.as_object()?.get_loose(name)
    }

    /// The whole document.
    #[must_use]
    pub const fn document(&self) -> &DocumentView<'a> {
        &self.document
    }
}
