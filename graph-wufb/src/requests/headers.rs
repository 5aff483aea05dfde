//! Header fields.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Header fields in their order; names are compared without case (RFC 9110 section 5.1).
///
/// The values of `Authorization`, `Cookie` and `Set-Cookie` do not show in `Debug`.
///
/// ```
/// use graph_wufb::requests::Headers;
///
/// let headers = Headers::from_iter([("Retry-After", "30")]);
/// assert_eq!(headers.get("retry-after"), Some("30"));
/// ```
#[derive(Clone, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// No field.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The first field of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|field| field.0.eq_ignore_ascii_case(name)).map(|field| field.1)
    }

    /// Sets a field: in its place if there is one of this name, otherwise at the end.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|field| field.0.eq_ignore_ascii_case(&name)) {
            Some(field) => field.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// The fields in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SECRET: [&str; 3] = ["authorization", "cookie", "set-cookie"];
        f.debug_map()
            .entries(self.iter().map(|(name, value)| {
                let secret = SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(name));
                (name, if secret { "(redacted)" } else { value })
            }))
            .finish()
    }
}
