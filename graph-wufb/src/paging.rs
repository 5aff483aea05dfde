//! Lists that come in pages.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, LimitKind};
use crate::json::Diagnostic;
use crate::models::Model;
use crate::models::dialect::Change;
use crate::requests::{Headers, Origin, Request, is_path, next_page};
use crate::response::Response;
use crate::views::PageView;

/// What a [`Pager`] wants next.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Turn<T> {
    /// What was on the page, and the request for the next one.
    More(Vec<T>, Request),
    /// What was on the last page.
    Last(Vec<T>),
}

/// Follows the next links of a list: as they are, to the same origin only, no link twice, with the
/// headers of the first request, which the service does not carry over (Graph, "Paging"). Pages may
/// be empty. Its state is plain serde data, eight bytes for each page that was read.
///
/// ```
/// use graph_wufb::models::CatalogEntry;
/// use graph_wufb::requests::{Headers, Origin, Query, list_catalog_entries};
/// use graph_wufb::{Pager, Response, Turn};
///
/// let mut pager = Pager::new(Origin::global(), list_catalog_entries(&Query::new()));
/// let mut request = Some(pager.request().clone());
/// let mut entries: Vec<CatalogEntry> = Vec::new();
/// while let Some(_send_this) = request.take() {
///     let body = br#"{"value": [{"id": "e1"}]}"#; // the answer
///     let answer = Response::parse(200, &Headers::new(), body)?;
///     match pager.feed::<CatalogEntry>(&answer)? {
///         Turn::More(items, next) => {
///             entries.extend(items);
///             request = Some(next);
///         }
///         Turn::Last(items) => entries.extend(items),
///         _ => unreachable!(),
///     }
/// }
/// assert_eq!(entries.len(), 1);
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Saved")]
pub struct Pager {
    version: u32,
    origin: Origin,
    headers: Headers,
    request: Request,
    seen: BTreeSet<u64>,
    pages: usize,
    max_pages: usize,
    count: Option<i64>,
    done: bool,
    #[serde(skip)]
    diagnostics: Vec<Diagnostic>,
    #[serde(skip)]
    changes: Vec<Change>,
}

/// The version of the saved state that a [`Pager`] writes and reads.
const VERSION: u32 = 1;

/// A saved pager before it is checked.
#[derive(Deserialize)]
// The version is read whatever else there is, so that an old state is refused with a reason.
#[serde(default)]
struct Saved {
    version: u32,
    origin: Origin,
    headers: Headers,
    request: Option<Request>,
    seen: BTreeSet<u64>,
    pages: usize,
    max_pages: usize,
    count: Option<i64>,
    done: bool,
}

impl Default for Saved {
    fn default() -> Self {
        Self {
            version: 0,
            origin: Origin::global(),
            headers: Headers::new(),
            request: None,
            seen: BTreeSet::new(),
            pages: 0,
            max_pages: 0,
            count: None,
            done: false,
        }
    }
}

impl TryFrom<Saved> for Pager {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let Saved { version, origin, headers, request, seen, pages, max_pages, count, done } =
            saved;
        if version != VERSION {
            return Err(ErrorKind::StateVersion { found: version, known: VERSION }.into());
        }
        // What is sent next was seen, and every page but the first had a link.
        let request = request.filter(|request| {
            // The first one is the vendor's own, so it need not look like a link, but it has to stay
            // with the origin that it is put behind.
            let target = request.target.as_str();
            let sound = is_path(target) && !target.contains(char::is_control);
            sound && seen.contains(&fingerprint(target))
        });
        let Some(request) = request else {
            return Err(Error::command("resume", "the state contradicts itself"));
        };
        let (diagnostics, changes) = (Vec::new(), Vec::new());
        Ok(Self {
            version,
            origin,
            headers,
            request,
            seen,
            pages,
            max_pages,
            count,
            done,
            diagnostics,
            changes,
        })
    }
}

impl Pager {
    /// How many pages a list may have unless [`with_max_pages`](Self::with_max_pages) says
    /// otherwise.
    pub const MAX_PAGES: usize = 100_000;

    /// Begins with the request for the first page.
    #[must_use]
    pub fn new(origin: Origin, first: Request) -> Self {
        Self {
            version: VERSION,
            origin,
            headers: first.headers.clone(),
            seen: BTreeSet::from([fingerprint(&first.target)]),
            request: first,
            pages: 0,
            max_pages: Self::MAX_PAGES,
            count: None,
            done: false,
            diagnostics: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// With another bound on the number of pages.
    #[must_use]
    pub fn with_max_pages(mut self, pages: usize) -> Self {
        self.max_pages = pages;
        self
    }

    /// The request to send now; the same one again after a failure.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Whether the last page was taken.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// How many objects the service said there are, on the first page.
    #[must_use]
    pub fn count(&self) -> Option<i64> {
        self.count
    }

    /// What was repaired or is not as the schema has it, of the page taken last.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// What was turned into today's shape, of the page taken last, if the answer was read with
    /// [`Options::any_dialect`](crate::json::Options::any_dialect).
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Takes the answer to [`request`](Self::request). After an error nothing has changed: the same
    /// request can be sent again.
    ///
    /// # Errors
    /// [`ErrorKind::Failed`] for an answer that is no 2xx, [`ErrorKind::Shape`] for one that is no
    /// page or is cut off, [`ErrorKind::ForeignLink`] for a link to another origin, [`ErrorKind::LinkLoop`] for
    /// one that was followed before, [`ErrorKind::Limit`] for too many pages,
    /// [`ErrorKind::Command`] after the last page.
    pub fn feed<T: Model>(&mut self, answer: &Response) -> Result<Turn<T>, Error> {
        if let Some(error) = &answer.error {
            return Err(ErrorKind::Failed(Box::new(error.clone())).into());
        }
        if self.done {
            return Err(Error::command("feed", "the last page was taken"));
        }
        if answer.is_cut_off() {
            let found = "one that is cut off".to_owned();
            return Err(ErrorKind::Shape { expected: "a whole page", found }.into());
        }
        let page = answer.page::<T>()?;
        page.whole()?;
        let next = self.advance(page.next_link.as_deref(), page.count)?;
        (self.diagnostics, self.changes) = (page.diagnostics, page.changes);
        Ok(match next {
            Some(next) => Turn::More(page.items, next),
            None => Turn::Last(page.items),
        })
    }

    /// The same for a page that was read as a [view](crate::views) from the answer, a 2xx, to
    /// [`request`](Self::request): the request for the next page, or `None` after the last.
    ///
    /// ```
    /// use graph_wufb::json::Limits;
    /// use graph_wufb::requests::{Origin, Query, list_catalog_entries};
    /// use graph_wufb::{Pager, views};
    ///
    /// let mut pager = Pager::new(Origin::global(), list_catalog_entries(&Query::new()));
    /// let body = br#"{"value": [{"id": "e1"}]}"#; // the answer
    /// let page = views::page(body, &Limits::new())?;
    /// assert_eq!(pager.feed_view(&page)?, None);
    /// assert!(pager.is_done());
    /// # Ok::<(), graph_wufb::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`feed`](Self::feed) that concern links, pages, and the end of the list.
    pub fn feed_view(&mut self, page: &PageView<'_>) -> Result<Option<Request>, Error> {
        if self.done {
            return Err(Error::command("feed", "the last page was taken"));
        }
        page.whole()?;
        let next = self.advance(page.next_link().as_deref(), page.count())?;
        (self.diagnostics, self.changes) = (Vec::new(), Vec::new());
        Ok(next)
    }

    /// Goes on to the next page. After an error nothing has changed.
    fn advance(
        &mut self,
        link: Option<&str>,
        count: Option<i64>,
    ) -> Result<Option<Request>, Error> {
        let next = match link {
            None => None,
            Some(link) => {
                let mut next = next_page(&self.origin, link)?;
                next.headers = self.headers.clone();
                next.permission = self.request.permission;
                if self.seen.contains(&fingerprint(&next.target)) {
                    return Err(ErrorKind::LinkLoop.into());
                }
                if self.pages.saturating_add(1) >= self.max_pages {
                    let (what, limit) = (LimitKind::List, self.max_pages);
                    return Err(ErrorKind::Limit { what, limit }.into());
                }
                Some(next)
            }
        };
        self.pages = self.pages.saturating_add(1);
        self.count = self.count.or(count);
        match &next {
            Some(next) => {
                self.seen.insert(fingerprint(&next.target));
                self.request = next.clone();
            }
            None => self.done = true,
        }
        Ok(next)
    }
}

/// A link by its FNV-1a hash, which is stable across versions and processes: links are long, and a
/// list may have many.
fn fingerprint(link: &str) -> u64 {
    link.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
