//! What is odd about a document that could be read all the same.

use mdm_xml::{Code, Severity};

/// A deviation that was tolerated.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Oddity {
    /// An attribute that should be a number is none, and is taken as absent.
    NotNumber,
    /// An attribute that should be true or false is neither, and is taken as absent.
    NotBoolean,
    /// A part that should be there once is there again; the first one counts, lists are joined.
    Repeated,
    /// The identity has no revision number, and 0 is taken.
    NoRevision,
    /// A title or description without a language.
    NoLanguage,
    /// The type of the handler data has white space in its name.
    BlankInType,
    /// A clause without updates, which nothing fulfils. *Observed* in the style sheet by which WSUS
    /// makes documents of packages that are published locally: it writes one where it does not know
    /// the classification.
    EmptyClause,
    /// A text of the installer's has elements inside, and is left out.
    NotText,
}

impl Code for Oddity {
    fn id(self) -> &'static str {
        match self {
            Self::NotNumber => "update-not-number",
            Self::NotBoolean => "update-not-boolean",
            Self::Repeated => "update-repeated",
            Self::NoRevision => "update-no-revision",
            Self::NoLanguage => "update-no-language",
            Self::BlankInType => "update-blank-in-type",
            Self::EmptyClause => "update-empty-clause",
            Self::NotText => "update-not-text",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::BlankInType => Severity::Info,
            _ => Severity::Warning,
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::NotNumber => "the value is no number",
            Self::NotBoolean => "the value is neither true nor false",
            Self::Repeated => "the part occurs twice",
            Self::NoRevision => "the revision number is missing",
            Self::NoLanguage => "the language is missing",
            Self::BlankInType => "white space in the type's name",
            Self::EmptyClause => "a clause without updates, which nothing fulfils",
            Self::NotText => "elements in what should be a text, which is left out",
        }
    }

    fn reference(self) -> &'static str {
        match self {
            Self::NoLanguage => "MS-WUSP 2.2.5.2",
            Self::BlankInType => "observed in documents of Microsoft Update",
            Self::EmptyClause => "WSUS writes it for locally published packages",
            _ => "MS-WUSP 3.1.1.1",
        }
    }
}
