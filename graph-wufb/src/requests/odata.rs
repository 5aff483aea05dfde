//! Queries: `$filter`, `$select`, `$expand`, `$orderby`, `$top`, `$count`.

use std::fmt;
use std::ops::{BitAnd, BitOr, Not};

use chrono::{DateTime, SecondsFormat, Utc};

use crate::models::{Open, Vocabulary};

/// What a list or an object is asked for.
///
/// ```
/// use graph_wufb::requests::{Query, entry, isof};
///
/// let query = Query::new()
///     .filter(isof("qualityUpdateCatalogEntry") & entry::IS_EXPEDITABLE.eq(true))
///     .order_by_descending("releaseDateTime")
///     .top(3);
/// assert_eq!(
///     query.to_string(),
///     "$filter=isof('microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry') and \
///      microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry/isExpeditable eq true\
///      &$orderby=releaseDateTime desc&$top=3"
/// );
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Query {
    filter: Option<Filter>,
    select: Vec<String>,
    expand: Vec<String>,
    order: Vec<String>,
    top: Option<u32>,
    count: bool,
}

impl Query {
    /// Everything, as the service gives it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only what the condition holds for; with an earlier one, both.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(match self.filter.take() {
            Some(earlier) => earlier & filter,
            None => filter,
        });
        self
    }

    /// Only these members.
    #[must_use]
    pub fn select(mut self, member: impl Into<String>) -> Self {
        self.select.push(member.into());
        self
    }

    /// With what this navigation property leads to.
    #[must_use]
    pub fn expand(mut self, member: impl Into<String>) -> Self {
        self.expand.push(member.into());
        self
    }

    /// With what a navigation property of a subtype leads to, such as `productRevisions` of
    /// `qualityUpdateCatalogEntry`.
    #[must_use]
    pub fn expand_of(self, subtype: &str, member: &str) -> Self {
        self.expand(format!("{}/{member}", full_name(subtype)))
    }

    /// Smallest first.
    #[must_use]
    pub fn order_by(mut self, member: impl Into<String>) -> Self {
        self.order.push(member.into());
        self
    }

    /// Greatest first.
    #[must_use]
    pub fn order_by_descending(mut self, member: &str) -> Self {
        self.order.push(format!("{member} desc"));
        self
    }

    /// At most so many.
    #[must_use]
    pub fn top(mut self, count: u32) -> Self {
        self.top = Some(count);
        self
    }

    /// With how many there are, on the first page.
    #[must_use]
    pub fn count(mut self) -> Self {
        self.count = true;
        self
    }

    fn options(&self) -> impl Iterator<Item = (&'static str, String)> {
        let list =
            |name, members: &[String]| (!members.is_empty()).then(|| (name, members.join(",")));
        [
            self.filter.as_ref().map(|filter| ("$filter", filter.to_string())),
            list("$select", &self.select),
            list("$expand", &self.expand),
            list("$orderby", &self.order),
            self.top.map(|top| ("$top", top.to_string())),
            self.count.then(|| ("$count", "true".to_owned())),
        ]
        .into_iter()
        .flatten()
    }

    /// The path with the query, percent-encoded.
    #[must_use]
    pub fn append_to(&self, mut path: String) -> String {
        for (index, (name, value)) in self.options().enumerate() {
            path.push(if index == 0 && !path.contains('?') { '?' } else { '&' });
            path.push_str(name);
            path.push('=');
            for byte in value.bytes() {
                // What a query may hold and no option begins or ends with (RFC 3986 section 3.4).
                if byte.is_ascii_alphanumeric() || b"-._~/,:()$*@".contains(&byte) {
                    path.push(char::from(byte));
                } else {
                    path.push_str(&format!("%{byte:02X}"));
                }
            }
        }
        path
    }
}

/// The query as OData writes it, not percent-encoded.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.options().enumerate() {
            write!(f, "{}{name}={value}", if index == 0 { "" } else { "&" })?;
        }
        Ok(())
    }
}

fn full_name(short: &str) -> String {
    if short.contains('.') {
        short.to_owned()
    } else {
        format!("microsoft.graph.windowsUpdates.{short}")
    }
}

/// A condition. Combined with `&`, `|` and `!`; brackets are set where they are needed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Filter {
    text: String,
    /// How tightly it binds: `or` 0, `and` 1, anything else 2.
    binds: u8,
}

impl Filter {
    /// A condition as OData writes it, for what has no builder.
    #[must_use]
    pub fn raw(text: impl Into<String>) -> Self {
        Self { text: text.into(), binds: 0 }
    }

    fn atom(text: String) -> Self {
        Self { text, binds: 2 }
    }

    fn join(self, word: &str, other: &Self, binds: u8) -> Self {
        let text = format!("{} {word} {}", self.bracketed(binds), other.bracketed(binds));
        Self { text, binds }
    }

    fn bracketed(&self, binds: u8) -> String {
        if self.binds < binds { format!("({})", self.text) } else { self.text.clone() }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl BitAnd for Filter {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.join("and", &other, 1)
    }
}

impl BitOr for Filter {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.join("or", &other, 0)
    }
}

impl Not for Filter {
    type Output = Self;

    fn not(self) -> Self {
        Self::atom(format!("not ({})", self.text))
    }
}

/// Whether an object is of a type, by its short or full name.
#[must_use]
pub fn isof(type_name: &str) -> Filter {
    Filter::atom(format!("isof({})", literal(&full_name(type_name))))
}

/// A member in a condition, by its path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Field(&'static str);

impl Field {
    /// A member by its path, such as `audience/id`; of a subtype with the subtype's full name
    /// before it.
    #[must_use]
    pub const fn new(path: &'static str) -> Self {
        Self(path)
    }

    fn compare(self, word: &str, value: impl Into<Literal>) -> Filter {
        Filter::atom(format!("{} {word} {}", self.0, value.into().0))
    }

    /// Whether it is equal.
    #[must_use]
    pub fn eq(self, value: impl Into<Literal>) -> Filter {
        self.compare("eq", value)
    }

    /// Whether it is not equal.
    #[must_use]
    pub fn ne(self, value: impl Into<Literal>) -> Filter {
        self.compare("ne", value)
    }

    /// Whether it is greater.
    #[must_use]
    pub fn gt(self, value: impl Into<Literal>) -> Filter {
        self.compare("gt", value)
    }

    /// Whether it is greater or equal.
    #[must_use]
    pub fn ge(self, value: impl Into<Literal>) -> Filter {
        self.compare("ge", value)
    }

    /// Whether it is less.
    #[must_use]
    pub fn lt(self, value: impl Into<Literal>) -> Filter {
        self.compare("lt", value)
    }

    /// Whether it is less or equal.
    #[must_use]
    pub fn le(self, value: impl Into<Literal>) -> Filter {
        self.compare("le", value)
    }
}

/// Members that conditions are often about.
pub mod entry {
    use super::Field;

    macro_rules! of {
        ($subtype:literal, $member:literal) => {
            Field::new(concat!("microsoft.graph.windowsUpdates.", $subtype, "/", $member))
        };
    }

    /// `qualityUpdateCatalogEntry/isExpeditable`.
    pub const IS_EXPEDITABLE: Field = of!("qualityUpdateCatalogEntry", "isExpeditable");
    /// `qualityUpdateCatalogEntry/qualityUpdateClassification`.
    pub const CLASSIFICATION: Field =
        of!("qualityUpdateCatalogEntry", "qualityUpdateClassification");
    /// `qualityUpdateCatalogEntry/qualityUpdateCadence`.
    pub const CADENCE: Field = of!("qualityUpdateCatalogEntry", "qualityUpdateCadence");
    /// `featureUpdateCatalogEntry/version`.
    pub const FEATURE_VERSION: Field = of!("featureUpdateCatalogEntry", "version");
    /// `releaseDateTime` of any entry.
    pub const RELEASED: Field = Field::new("releaseDateTime");
    /// `displayName` of any entry.
    pub const DISPLAY_NAME: Field = Field::new("displayName");
}

/// A value in a condition, as OData writes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Literal(String);

/// A quote in a text is doubled (OData URL conventions 5.1.1.14.1).
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl From<bool> for Literal {
    fn from(truth: bool) -> Self {
        Self(truth.to_string())
    }
}

impl From<i32> for Literal {
    fn from(number: i32) -> Self {
        Self(number.to_string())
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self(literal(text))
    }
}

impl From<DateTime<Utc>> for Literal {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// A word of an enum, in quotes and without the type's name. Words above the sentinel are taken
/// only with the header `Prefer`, which every request here has.
impl<T: Vocabulary> From<Open<T>> for Literal {
    fn from(word: Open<T>) -> Self {
        Self(literal(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::QualityUpdateClassification;

    #[test]
    fn conditions_are_bracketed_where_they_need_it() {
        let (a, b, c) = (Field::new("a").eq(1), Field::new("b").gt(2), Field::new("c").ne("x'y"));
        let filter = (a.clone() | b.clone()) & c.clone();
        assert_eq!(filter.to_string(), "(a eq 1 or b gt 2) and c ne 'x''y'");
        let filter = a.clone() | b.clone() & c;
        assert_eq!(filter.to_string(), "a eq 1 or b gt 2 and c ne 'x''y'");
        assert_eq!((!(a.clone() & b)).to_string(), "not (a eq 1 and b gt 2)");
        assert_eq!((Filter::raw("x or y") & a).to_string(), "(x or y) and a eq 1");
    }

    #[test]
    fn a_query_is_percent_encoded_and_holds_no_other_option() {
        let word = Open::from(QualityUpdateClassification::Security);
        let query = Query::new()
            .filter(entry::CLASSIFICATION.eq(word))
            .filter(entry::DISPLAY_NAME.eq("a&$top=9#ü+%"))
            .expand_of("qualityUpdateCatalogEntry", "productRevisions")
            .count();
        assert_eq!(
            query.append_to("/x".to_owned()),
            "/x?$filter=microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry/\
             qualityUpdateClassification%20eq%20%27security%27%20and%20displayName%20eq%20\
             %27a%26$top%3D9%23%C3%BC%2B%25%27&$expand=microsoft.graph.windowsUpdates.\
             qualityUpdateCatalogEntry/productRevisions&$count=true"
        );
        assert_eq!(Query::new().append_to("/x".to_owned()), "/x");
    }
}
