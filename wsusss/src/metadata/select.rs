//! What the caller wants of a document.

/// Which parts of a document are read. The rest is passed over: its markup is checked, and nothing
/// is allocated for it.
///
/// ```
/// use wsusss::metadata::Select;
///
/// // What a list for people shows, in two languages, and no byte of what follows it.
/// let list = Select::PROPERTIES.and(Select::LOCALIZED).languages(&["de", "en"]).stop_early();
/// # let _ = list;
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Select<'l> {
    parts: u16,
    languages: Option<&'l [&'l str]>,
    stop_early: bool,
}

const fn parts(parts: u16) -> Select<'static> {
    Select { parts, languages: None, stop_early: false }
}

impl Select<'static> {
    /// Identity and the attributes of Properties, which are always read.
    pub const IDENTITY: Self = parts(0);
    /// The elements of Properties: KB, bulletins, CVEs, addresses, behaviour, languages.
    pub const PROPERTIES: Self = parts(1);
    /// Titles, descriptions and licence files.
    pub const LOCALIZED: Self = parts(2);
    /// Prerequisites, bundles and superseded updates.
    pub const RELATIONSHIPS: Self = parts(4);
    /// Files.
    pub const FILES: Self = parts(8);
    /// Applicability rules, as they stand.
    pub const RULES: Self = parts(16);
    /// Drivers, which are described inside the applicability rules.
    pub const DRIVERS: Self = parts(32);
    /// What the installer is told, typed and as it stands.
    pub const HANDLER: Self = parts(64);
    /// Elements that nobody knows in the parts that are read, as they stand.
    pub const EXTENSIONS: Self = parts(128);
    /// What a person wants to know: without files, rules, drivers and handler.
    pub const SUMMARY: Self = parts(1 | 2 | 4);
    /// What a [`Catalog`](crate::catalog::Catalog) keeps.
    pub const CATALOG: Self = parts(1 | 2 | 4 | 64);
    /// Everything.
    pub const ALL: Self = parts(255);
}

impl<'l> Select<'l> {
    /// These parts and those; the other settings stay.
    #[must_use]
    pub const fn and(mut self, other: Select<'static>) -> Self {
        self.parts |= other.parts;
        self
    }

    /// Titles and descriptions in these languages only, and what stands in for them: their
    /// language without region or with another one, the document's default language, `all` and
    /// English.
    #[must_use]
    pub const fn languages<'m>(self, languages: &'m [&'m str]) -> Select<'m> {
        Select { parts: self.parts, languages: Some(languages), stop_early: self.stop_early }
    }

    /// Reading ends after the last part that was asked for. What follows is not even checked, so
    /// a document that is broken there is read. A part that the document does not have is looked
    /// for up to the end.
    #[must_use]
    pub const fn stop_early(mut self) -> Self {
        self.stop_early = true;
        self
    }

    /// Whether all of these parts are wanted.
    #[must_use]
    pub const fn has(self, part: Select<'static>) -> bool {
        self.parts & part.parts == part.parts
    }

    /// Whether a child of the root has anything that is wanted.
    pub(super) fn keeps(self, local: &str) -> bool {
        match local {
            "UpdateIdentity" | "Properties" => true,
            "LocalizedPropertiesCollection" => self.has(Select::LOCALIZED),
            "Relationships" => self.has(Select::RELATIONSHIPS),
            "Files" => self.has(Select::FILES),
            "ApplicabilityRules" => self.has(Select::RULES) || self.has(Select::DRIVERS),
            "HandlerSpecificData" => self.has(Select::HANDLER),
            _ => self.has(Select::EXTENSIONS),
        }
    }

    /// Whether nothing is wanted that comes behind the relationships.
    pub(super) const fn only_until_relationships(self) -> bool {
        self.parts & !Select::SUMMARY.parts == 0
    }

    pub(super) const fn stops_early(self) -> bool {
        self.stop_early
    }

    /// Whether a text in `language` is wanted, in a document with this default language.
    pub(crate) fn wants_language(self, language: &str, default: &str) -> bool {
        let Some(wanted) = self.languages else { return true };
        let same = |other: &str| language.eq_ignore_ascii_case(other);
        let stands_in = same(default) || super::is_neutral(language) || same("en");
        let base = super::base_language(language);
        let near = |wanted: &str| base.eq_ignore_ascii_case(super::base_language(wanted));
        stands_in || wanted.iter().any(|wanted| near(wanted))
    }
}
