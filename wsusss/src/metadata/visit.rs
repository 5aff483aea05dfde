//! Reading documents without keeping them: part by part, in memory that is used again.

use std::borrow::Cow;
use std::fmt;

use mdm_xml::{Memory, Unescaped};
use memchr::memmem;

#[cfg(feature = "cab")]
use super::Skimmer;
use super::read::Document;
use super::{
    Behavior, Driver, EulaFile, Extension, File, HandlerData, Localized, Readiness, Rules, Select,
};
use crate::error::{Error, Limits};
use crate::id::{UpdateId, UpdateKey};

/// A part of an update document, as [`visit`] gives it. [`Update`](super::Update) says what each
/// means; it is what comes of all of them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Part<'x> {
    /// A prefix that the root declares, with rules, handler data and extensions.
    Namespace {
        /// The prefix; empty for the default namespace.
        prefix: &'x str,
        /// The namespace.
        uri: String,
    },
    /// Which revision of which update it is.
    Identity(UpdateKey),
    /// Properties begin. Should they come twice, the first ones count.
    Properties,
    /// An attribute of Properties: `UpdateType`, `CreationDate`, `EulaID`, …
    Property {
        /// Its name, as it stands.
        name: &'x str,
        /// Its value.
        value: Cow<'x, str>,
    },
    /// A KB article, as it stands; [`KbArticle`](super::KbArticle) prints it.
    KbArticle(Cow<'x, str>),
    /// A security bulletin.
    Bulletin(Cow<'x, str>),
    /// A CVE.
    Cve(Cow<'x, str>),
    /// A language that it can be installed in.
    Language(Cow<'x, str>),
    /// Where there is help. The first one counts.
    SupportUrl(Cow<'x, str>),
    /// Where there is more. The first one counts.
    MoreInfoUrl(Cow<'x, str>),
    /// What installing does.
    Installation(Behavior<'x>),
    /// What uninstalling does.
    Uninstallation(Behavior<'x>),
    /// How far it has got on its way to everybody.
    Readiness(Readiness<'x>),
    /// What has to be fetched separately: `FileUrl`, `FileDecryption`, …
    SecuredFragment(Cow<'x, str>),
    /// Title and description in one language.
    Localized(Localized<'x>),
    /// A file with licence terms.
    EulaFile(EulaFile<'x>),
    /// A clause begins.
    Clause {
        /// What it is a clause of.
        relation: Relation,
        /// Its updates are categories.
        is_category: bool,
    },
    /// An update of the last clause.
    Member {
        /// What it is a clause of.
        relation: Relation,
        /// The update.
        id: UpdateId,
        /// Its revision, in a bundle.
        revision: Option<u32>,
    },
    /// An update that it supersedes.
    Superseded(UpdateId),
    /// A file.
    File(File<'x>),
    /// A driver.
    Driver(Driver<'x>),
    /// The applicability rules.
    Rules(Rules<'x>),
    /// What the installer is told.
    Handler(HandlerData<'x>),
    /// An element that nobody knows.
    Extension(Extension<'x>),
}

/// What a clause is of.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Relation {
    /// What has to be installed or true before.
    Prerequisites,
    /// What is installed with it.
    Bundled,
}

impl Relation {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Prerequisites => "Prerequisites",
            Self::Bundled => "BundledUpdates",
        }
    }
}

/// How reading ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ended {
    /// At the end of the document.
    AtEnd,
    /// Behind the last part that was wanted.
    Early,
}

/// Memory for reading documents one after the other. With it nothing is allocated for a document
/// beyond what its parts are made of; what it holds is as large as the largest document was.
pub struct Scratch {
    /// The beginning of a document, as far as it was needed; and a whole one.
    pub(crate) prefix: String,
    pub(crate) text: String,
    /// The same of a document that stood escaped.
    resolved_prefix: Unescaped,
    resolved: Unescaped,
    pub(crate) xml: Memory,
    /// A cabinet, from its base64.
    pub(crate) bytes: Vec<u8>,
    ends: Ends,
}

impl Default for Scratch {
    fn default() -> Self {
        let ends = Ends {
            localized: memmem::Finder::new("LocalizedPropertiesCollection"),
            relationships: memmem::Finder::new("Relationships"),
        };
        let (prefix, text, bytes) = (String::new(), String::new(), Vec::new());
        let (resolved_prefix, resolved) = (Unescaped::default(), Unescaped::default());
        Self { prefix, text, resolved_prefix, resolved, xml: Memory::default(), bytes, ends }
    }
}

/// What looks for the names of parts behind which reading may stop.
struct Ends {
    localized: memmem::Finder<'static>,
    relationships: memmem::Finder<'static>,
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.prefix.capacity()
            + self.text.capacity()
            + self.resolved_prefix.capacity()
            + self.resolved.capacity()
            + self.bytes.capacity();
        f.debug_struct("Scratch").field("bytes", &bytes).finish_non_exhaustive()
    }
}

/// A whole text of at least this capacity is not kept from one document to the next.
const LARGE: usize = 1 << 20;

/// Gives the parts of a document that are wanted to `each`, in the document's order, and keeps
/// nothing. Where [`Update::read`](super::Update::read) makes lists, this allocates nothing for
/// identity, properties, texts and relationships.
///
/// # Errors
/// As [`Update::read`](super::Update::read), after the parts before the error.
///
/// ```
/// use wsusss::metadata::{self, Part, Scratch, Select};
///
/// # let text = r#"<Update><UpdateIdentity UpdateID="6964aab4-c5b5-43bd-a17d-ffb4346a8e1d" RevisionNumber="1"/><Properties><KBArticleID>5013943</KBArticleID></Properties></Update>"#;
/// let mut scratch = Scratch::default();
/// let limits = wsusss::Limits::default();
/// metadata::visit(text, Select::PROPERTIES, &limits, &mut scratch, |part| match part {
///     Part::Identity(key) => assert_eq!(key.revision, 1),
///     Part::KbArticle(number) => assert_eq!(number, "5013943"),
///     _ => {}
/// })?;
/// # Ok::<(), wsusss::Error>(())
/// ```
pub fn visit<'x>(
    text: &'x str,
    select: Select<'_>,
    limits: &Limits,
    scratch: &mut Scratch,
    mut each: impl FnMut(Part<'x>),
) -> Result<(), Error> {
    visit_text(text, select, limits, &mut scratch.xml, &mut each).map(drop)
}

fn visit_text<'x>(
    text: &'x str,
    select: Select<'_>,
    limits: &Limits,
    memory: &mut Memory,
    each: &mut impl FnMut(Part<'x>),
) -> Result<Ended, Error> {
    let mut document = Document::new(text, select, limits, 0, std::mem::take(memory))?;
    let ended = document.visit(each);
    *memory = document.into_memory();
    ended
}

/// As [`visit`], of a document that stands escaped in another one, which was checked when that was
/// read. Where reading stops early, what is behind is not even resolved.
pub(crate) fn visit_escaped<'s>(
    raw: &str,
    select: Select<'_>,
    limits: &Limits,
    scratch: &'s mut Scratch,
    mut each: impl FnMut(Part<'s>),
) -> Result<(), Error> {
    let Scratch { resolved_prefix, resolved, xml, ends, .. } = scratch;
    // Parts that were given. Reading goes forward only, so a longer text gives the same first.
    let mut given = 0usize;
    if let Some(beginning) = ends.beginning(select, raw).and_then(|end| raw.get(..end))
        && let Ok(prefix) = resolved_prefix.unescape(beginning)
    {
        let mut counted = |part| {
            given += 1;
            each(part);
        };
        if matches!(visit_text(prefix, select, limits, xml, &mut counted), Ok(Ended::Early)) {
            return Ok(());
        }
    }
    if resolved.capacity() > LARGE {
        *resolved = Unescaped::default();
    }
    let text = match resolved.unescape(raw) {
        Ok(text) => text,
        Err((_, kind)) => return Err(crate::ErrorKind::from(kind).into()),
    };
    let mut rest = |part| match given.checked_sub(1) {
        Some(less) => given = less,
        None => each(part),
    };
    visit_text(text, select, limits, xml, &mut rest).map(drop)
}

/// As [`visit`], of the document in the cabinet that `scratch` holds. Where reading stops early,
/// what is behind is not even decompressed; else parts that nobody asked for are never held.
#[cfg(feature = "cab")]
pub(crate) fn visit_cabinet<'s>(
    select: Select<'_>,
    limits: &Limits,
    scratch: &'s mut Scratch,
    mut each: impl FnMut(Part<'s>),
) -> Result<(), Error> {
    use std::ops::ControlFlow;

    use crate::cab::{CabError, Cabinet};
    use crate::stream::input::Input;

    /// No more text than this is held to see whether reading may stop.
    const BEGINNING: usize = 1 << 18;
    let Scratch { prefix, text, xml, bytes, ends, .. } = scratch;
    let kind = crate::ErrorKind::from;
    let cabinet = Cabinet::read(bytes).map_err(kind)?;
    let [file] = cabinet.files() else { return Err(kind(CabError::Shape).into()) };
    let mut given = 0usize;
    if select.stops_early() && select.only_until_relationships() {
        prefix.clear();
        let mut input = Input::new(&limits.xml);
        let mut end = None;
        // What is wrong with it is found when all of it is read.
        let _ = cabinet.extract_in_blocks(file, limits.xml.bytes, |block| {
            input.take(block, prefix);
            end = ends.beginning(select, prefix);
            if end.is_some() || prefix.len() > BEGINNING {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if let Some(beginning) = end.and_then(|end| prefix.get(..end)) {
            let mut counted = |part| {
                given += 1;
                each(part);
            };
            if matches!(visit_text(beginning, select, limits, xml, &mut counted), Ok(Ended::Early))
            {
                return Ok(());
            }
        }
    }
    let mut skimmer = Skimmer::new(select, limits);
    let mut failed = None;
    let extracted = cabinet.extract_in_blocks(file, limits.xml.bytes, |block| {
        match skimmer.handle_bytes(block) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    extracted.map_err(kind)?;
    *text = skimmer.kept()?;
    let mut rest = |part| match given.checked_sub(1) {
        Some(less) => given = less,
        None => each(part),
    };
    visit_text(text, select, limits, xml, &mut rest)
        .map(drop)
        .map_err(|error| skimmer.placed(error, text))
}

impl Ends {
    /// Where in a document, escaped or not, everything that is wanted has probably ended, if
    /// reading may stop there. Whether that is so is seen when the text up to there is read.
    fn beginning(&self, select: Select<'_>, raw: &str) -> Option<usize> {
        if !select.stops_early() || !select.only_until_relationships() {
            return None;
        }
        let bytes = raw.as_bytes();
        let find = |word: &memmem::Finder<'_>, from: usize| {
            Some(from + word.find(bytes.get(from..)?)? + word.needle().len())
        };
        // The second time a name is seen it is in the end tag.
        let twice = |word: &memmem::Finder<'_>| find(word, find(word, 0)?);
        let end = if select.has(Select::RELATIONSHIPS) {
            twice(&self.relationships)?
        } else if select.has(Select::LOCALIZED) {
            twice(&self.localized)?
        } else {
            // Behind Properties; the tag that is cut off is not looked at.
            return find(&self.localized, 0);
        };
        let rest = bytes.get(end..)?;
        if rest.starts_with(b"&gt;") {
            Some(end + 4)
        } else {
            rest.starts_with(b">").then_some(end + 1)
        }
    }
}
