//! Queries: `$filter`, `$select`, `$expand`, `$orderby`, `$top`, `$skip`, `$search`, `$count`.

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
    skip: Option<u32>,
    search: Option<String>,
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
    pub fn order_by_descending(mut self, member: impl Into<String>) -> Self {
        self.order.push(format!("{} desc", member.into()));
        self
    }

    /// At most so many.
    #[must_use]
    pub fn top(mut self, count: u32) -> Self {
        self.top = Some(count);
        self
    }

    /// With what this navigation property leads to, itself asked for like this: OData has its options
    /// in brackets, `members($select=id;$top=5)`.
    ///
    /// ```
    /// use graph_wufb::requests::Query;
    ///
    /// let query = Query::new().expand_with("audience", &Query::new().select("id").expand("members"));
    /// assert_eq!(query.to_string(), "$expand=audience($select=id;$expand=members)");
    /// ```
    #[must_use]
    pub fn expand_with(self, member: &str, inner: &Self) -> Self {
        let options: Vec<String> =
            inner.options().map(|(name, value)| format!("{name}={value}")).collect();
        if options.is_empty() {
            return self.expand(member);
        }
        self.expand(format!("{member}({})", options.join(";")))
    }

    /// Without the first so many.
    #[must_use]
    pub fn skip(mut self, count: u32) -> Self {
        self.skip = Some(count);
        self
    }

    /// Only what this text is found in.
    #[must_use]
    pub fn search(mut self, text: impl Into<String>) -> Self {
        self.search = Some(text.into());
        self
    }

    /// Whether it asks for nothing in particular.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
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
            self.skip.map(|skip| ("$skip", skip.to_string())),
            self.search.as_ref().map(|text| ("$search", format!("\"{}\"", escaped(text)))),
            self.count.then(|| ("$count", "true".to_owned())),
        ]
        .into_iter()
        .flatten()
    }

    /// The path with the query, percent-encoded. An option that the path has already is not said
    /// twice, which OData forbids: conditions are joined with `and`, lists become one list, and a
    /// number replaces the number.
    #[must_use]
    pub fn append_to(&self, path: String) -> String {
        if self.is_empty() {
            return path;
        }
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        let mut options: Vec<(String, String)> = query
            .split('&')
            .filter(|option| !option.is_empty())
            .map(|option| option.split_once('=').unwrap_or((option, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for (name, value) in self.options() {
            let value = encoded(&value);
            let known = options.iter_mut().find(|known| known.0.eq_ignore_ascii_case(name));
            match (known, name) {
                (None, _) => options.push((name.to_owned(), value)),
                (Some((_, known)), "$filter") => {
                    *known = format!("({known})%20and%20({value})");
                }
                (Some((_, known)), "$select" | "$expand" | "$orderby") => {
                    known.push(',');
                    known.push_str(&value);
                }
                (Some((_, known)), _) => *known = value,
            }
        }
        let mut out = path.to_owned();
        for (index, (name, value)) in options.iter().enumerate() {
            out.push(if index == 0 { '?' } else { '&' });
            out.push_str(name);
            out.push('=');
            out.push_str(value);
        }
        out
    }
}

/// Percent-encoded, but for what a query may hold and no option begins or ends with (RFC 3986
/// section 3.4).
fn encoded(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/,:;()$*@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A text in the double quotes of `$search` (OData URL conventions 5.1.8).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
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

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(self) -> Filter {
        Filter::atom(format!("{} eq null", self.0))
    }

    /// Whether it is one of these.
    #[must_use]
    pub fn is_in<L: Into<Literal>>(self, values: impl IntoIterator<Item = L>) -> Filter {
        let values: Vec<String> = values.into_iter().map(|value| value.into().0).collect();
        Filter::atom(format!("{} in ({})", self.0, values.join(",")))
    }

    /// Whether the text holds this one.
    #[must_use]
    pub fn contains(self, text: &str) -> Filter {
        Filter::atom(format!("contains({},{})", self.0, literal(text)))
    }

    /// Whether the text begins with this one.
    #[must_use]
    pub fn starts_with(self, text: &str) -> Filter {
        Filter::atom(format!("startswith({},{})", self.0, literal(text)))
    }

    /// The path, for `$select` and `$orderby`.
    #[must_use]
    pub const fn path(self) -> &'static str {
        self.0
    }
}

impl From<Field> for String {
    fn from(field: Field) -> Self {
        field.0.to_owned()
    }
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
    use crate::requests::{entry, list_updatable_assets, list_update_policies};

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

    #[test]
    fn no_option_is_said_twice() {
        let cast = "isof(%27microsoft.graph.windowsUpdates.azureADDevice%27)";
        let query = Query::new().filter(Field::new("id").eq("a")).top(5);
        let request = list_updatable_assets().with_query(&query);
        assert!(
            request.target.ends_with(&format!(
                "/updatableAssets?$filter=({cast})%20and%20(id%20eq%20%27a%27)&$top=5"
            )),
            "{}",
            request.target
        );
        // A number replaces the number; a list grows.
        let again = request.with_query(&Query::new().top(6));
        assert!(again.target.ends_with("&$top=6") && !again.target.contains("$top=5"));
        let request = list_update_policies().with_query(&Query::new().expand("x").skip(2));
        assert!(request.target.ends_with("?$expand=audience,x&$skip=2"), "{}", request.target);
        let path = "/x?$filter=a%20eq%20%27%26%27&skiptoken=b".to_owned();
        assert_eq!(Query::new().append_to(path.clone()), path);
    }

    #[test]
    fn conditions_about_texts_and_lists() {
        let name = Field::new("displayName");
        assert_eq!(name.contains("a'b").to_string(), "contains(displayName,'a''b')");
        assert_eq!(name.starts_with("a").to_string(), "startswith(displayName,'a')");
        assert_eq!((!name.is_null()).to_string(), "not (displayName eq null)");
        assert_eq!(name.is_in(["a", "b"]).to_string(), "displayName in ('a','b')");
        let query = Query::new().search("a \"b\" \\").select(name).order_by_descending(name);
        assert_eq!(
            query.to_string(),
            "$select=displayName&$orderby=displayName desc&$search=\"a \\\"b\\\" \\\\\""
        );
    }
}
