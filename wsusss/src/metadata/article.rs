//! KB articles by their names.

use std::fmt;

use super::Update;

/// What an update's KB article is called (KBArticleID). Displays as people write it: with `KB` where
/// it is a number, and as it stands where it is none.
///
/// *Observed*: Microsoft's documents have the number alone. It is a text all the same: WSUS copies
/// it from packages that are published locally, and vendors of hardware put numbers of their own
/// there, HP that of a SoftPaq (`sp94728`), Dell that of a release (`99DDD`).
///
/// ```
/// use wsusss::metadata::KbArticle;
///
/// assert_eq!(KbArticle::new("5000802").to_string(), "KB5000802");
/// assert_eq!(KbArticle::new("KB5000802").number(), Some("5000802"));
/// assert_eq!(KbArticle::new("sp94728").to_string(), "sp94728");
/// assert_eq!(KbArticle::new("sp94728").number(), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct KbArticle<'a>(&'a str);

impl<'a> KbArticle<'a> {
    /// The article of this name, with or without `KB`. Blanks around it do not count.
    #[must_use]
    pub fn new(name: &'a str) -> Self {
        Self(name.trim())
    }

    /// Its name, as it stands.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// Its number, without `KB`; `None` for what is no article of Microsoft's.
    #[must_use]
    pub fn number(self) -> Option<&'a str> {
        let prefix = self.0.get(..2).filter(|prefix| prefix.eq_ignore_ascii_case("kb"));
        let rest = prefix.and_then(|prefix| self.0.get(prefix.len()..));
        let number = rest.unwrap_or(self.0).trim_start();
        let digits = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
        digits.then_some(number)
    }
}

impl fmt::Display for KbArticle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number() {
            Some(number) => write!(f, "KB{number}"),
            None => f.write_str(self.0),
        }
    }
}

impl Update<'_> {
    /// Its KB articles, to be printed.
    pub fn articles(&self) -> impl Iterator<Item = KbArticle<'_>> {
        self.kb_articles.iter().map(|name| KbArticle::new(name))
    }
}
