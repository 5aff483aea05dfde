//! Answers of the service: any 2xx with or without a body, or an error.

mod graph_error;
mod retry_after;

use crate::error::{Error, ErrorKind, excerpt};
use crate::json::{self, Code, Diagnostic, Mode, Options, RawObject, Value};
use crate::models::dialect::{Change, Dialect};
use crate::models::{Decoded, Model, from_value, shape};
use crate::requests::Headers;

pub use graph_error::GraphError;
pub use retry_after::RetryAfter;

/// An answer.
///
/// ```
/// use graph_wufb::models::UpdatePolicy;
/// use graph_wufb::requests::Headers;
/// use graph_wufb::Response;
///
/// let answer = Response::parse(202, &Headers::new(), br#"{"id": "p1"}"#)?;
/// let policy = answer.entity::<UpdatePolicy>()?.unwrap().value;
/// assert_eq!(policy.id.get().unwrap().as_str(), "p1");
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The header `request-id`, which Microsoft's support asks for.
    pub request_id: Option<String>,
    /// What the service says of failure; `None` for any 2xx.
    pub error: Option<GraphError>,
    /// What the body says, if it is JSON.
    pub body: Option<Value>,
    /// What was repaired to read the body.
    pub diagnostics: Vec<Diagnostic>,
    bytes: Vec<u8>,
    options: Options,
}

impl Response {
    /// Reads an answer with the default options: tolerant.
    ///
    /// # Errors
    /// As [`Self::parse_with`].
    pub fn parse(status: u16, headers: &Headers, body: &[u8]) -> Result<Self, Error> {
        Self::parse_with(status, headers, body, &Options::tolerant())
    }

    /// Reads an answer. The body of a failure need not be JSON: gateways answer with HTML.
    ///
    /// With [`Options::any_dialect`] objects in the shapes of 2021 and 2023 are read as today's, by
    /// [`Self::entity`], [`Self::page`] and a [`Pager`](crate::Pager) that is fed with it: for what
    /// a vendor stored, or has from a proxy.
    ///
    /// ```
    /// use graph_wufb::json::Options;
    /// use graph_wufb::models::{Deployment, DeploymentStateValue, dialect::Dialect};
    /// use graph_wufb::requests::Headers;
    /// use graph_wufb::Response;
    ///
    /// let body = br#"{"value": [{"id": "d1", "state": {"value": "paused", "requestedValue": "none"}}]}"#;
    /// let options = Options::tolerant().any_dialect();
    /// let page = Response::parse_with(200, &Headers::new(), body, &options)?.page::<Deployment>()?;
    /// assert_eq!(page.dialect, Dialect::Y2021);
    /// assert_eq!(page.changes[0].pointer, "/value/0/state");
    /// let state = page.items[0].state.get().unwrap();
    /// assert_eq!(state.effective(), Some(DeploymentStateValue::Paused));
    /// # Ok::<(), graph_wufb::Error>(())
    /// ```
    ///
    /// # Errors
    /// What [`json::read`] gives for the body of a 2xx.
    pub fn parse_with(
        status: u16,
        headers: &Headers,
        body: &[u8],
        options: &Options,
    ) -> Result<Self, Error> {
        let good = (200..300).contains(&status);
        let read = if body.iter().all(u8::is_ascii_whitespace) {
            None
        } else {
            match json::read(body, options) {
                Ok(document) => Some(document),
                Err(error) if good => return Err(error),
                Err(_) => None,
            }
        };
        let readable = read.is_some();
        let (body_value, diagnostics) = match read {
            Some(document) => (Some(document.value), document.diagnostics),
            None => (None, Vec::new()),
        };
        let request_id = headers.get("request-id").map(excerpt);
        let error = (!good)
            .then(|| GraphError::new(status, headers, body_value.as_ref(), request_id.as_deref()));
        Ok(Self {
            status,
            request_id,
            error,
            body: body_value,
            diagnostics,
            // Places are looked up in it; what could not be read has none.
            bytes: if readable { body.to_vec() } else { Vec::new() },
            options: *options,
        })
    }

    /// Whether the body ends before it is whole. What was read of it is there all the same, but a
    /// list lacks its rest, and the link to it.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.code == Code::UnclosedTail)
    }

    /// How it was read; what is inside of it is read alike.
    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// The answer, or the error that it reports.
    ///
    /// # Errors
    /// The service's error, for anything but a 2xx.
    pub fn ok(self) -> Result<Self, Box<GraphError>> {
        match self.error {
            Some(error) => Err(error.into()),
            None => Ok(self),
        }
    }

    /// The object in the body, or `None` if there is no body. The documentation wraps some single
    /// objects in `{"value": {…}}`: those are unwrapped.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) with pointer, line and column if the body is not an object, or, in
    /// strict mode, not as the schema has it.
    pub fn entity<T: Model>(&self) -> Result<Option<Decoded<T>>, Error> {
        let Some(body) = &self.body else { return Ok(None) };
        let inner = body.as_object().filter(|object| !object.iter().any(|(name, _)| name == "id"));
        let (value, base) = match inner.and_then(|object| object.get("value")) {
            Some(value @ Value::Object(_)) => (value, "/value"),
            _ => (body, ""),
        };
        from_value(value.clone(), self.diagnostics.clone(), &self.bytes, base, &self.options)
            .map(Some)
    }

    /// The page of a list in the body. No body is an empty page.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) with pointer, line and column if the body has no array `value` or an
    /// element of it is no object, or, in strict mode, something is not as the schema has it.
    pub fn page<T: Model>(&self) -> Result<Page<T>, Error> {
        let Some(body) = &self.body else { return Ok(Page::default()) };
        let mut diagnostics = self.diagnostics.clone();
        let fault = |expected, found: &str, pointer: &str| {
            Err(shape(expected, found, &self.bytes, pointer, &self.options))
        };
        let Some(object) = body.as_object() else {
            return fault("an object with an array `value`", body.name(), "");
        };
        let list = match self.member(object, "value", &mut diagnostics)? {
            Some((name, value @ Value::Array(_))) => (name, value),
            Some((name, other)) => {
                let pointer = format!("/{}", json::segment(name));
                return fault("an array `value`", other.name(), &pointer);
            }
            None => return fault("an array `value`", "an object without one", ""),
        };
        let link = self.member(object, "@odata.nextLink", &mut diagnostics)?;
        let next_link = match link {
            Some((_, Value::String(link))) => Some(link.clone()),
            // The list goes on, but nobody can say where: that is no last page.
            Some((name, other)) => {
                self.deviates(Code::UnexpectedType, name, "a link", other, &mut diagnostics)?;
                None
            }
            None => None,
        };
        // `null` is no link; but where a value was missing, `null` is only what was made of it.
        let unreadable_link = next_link.is_none()
            && link.is_some_and(|(name, link)| {
                let missing =
                    |it: &Diagnostic| it.code == Code::MissingValue && it.pointer.ends_with(name);
                !link.is_null() || self.diagnostics.iter().any(missing)
            });
        let count = match self.member(object, "@odata.count", &mut diagnostics)? {
            // OData writes 64-bit integers as texts where a client asks for `IEEE754Compatible`.
            Some((name, text @ Value::String(digits))) => {
                self.deviates(Code::StringInteger, name, "an integer", text, &mut diagnostics)?;
                digits.parse().ok()
            }
            Some((_, number @ Value::Number(_))) if number.as_i64().is_some() => number.as_i64(),
            Some((name, other)) => {
                self.deviates(Code::UnexpectedType, name, "an integer", other, &mut diagnostics)?;
                None
            }
            None => None,
        };
        let (name, value) = list;
        let base = format!("/{}", json::segment(name));
        let read =
            from_value::<Vec<T>>(value.clone(), diagnostics, &self.bytes, &base, &self.options)?;
        Ok(Page {
            items: read.value,
            next_link,
            unreadable_link,
            count,
            diagnostics: read.diagnostics,
            dialect: read.dialect,
            changes: read.changes,
        })
    }

    /// A member by its name, or, with a diagnostic, by its name in another case.
    fn member<'a>(
        &self,
        object: &'a RawObject,
        name: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Option<(&'a str, &'a Value)>, Error> {
        let mut members = object.iter();
        if let Some(member) = members.find(|member| member.0 == name) {
            return Ok(Some(member));
        }
        let mut members = object.iter();
        let Some(member) = members.find(|member| member.0.eq_ignore_ascii_case(name)) else {
            return Ok(None);
        };
        self.note(
            Code::NameCase,
            member.0,
            name,
            || format!("the name {:?}", member.0),
            diagnostics,
        )?;
        Ok(Some(member))
    }

    fn deviates(
        &self,
        code: Code,
        name: &str,
        expected: &'static str,
        found: &Value,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<(), Error> {
        self.note(code, name, expected, || found.name().to_owned(), diagnostics)
    }

    /// Notes a deviation of a member of the page itself; an error in strict mode.
    fn note(
        &self,
        code: Code,
        name: &str,
        expected: &'static str,
        found: impl FnOnce() -> String,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<(), Error> {
        let pointer = format!("/{}", json::segment(name));
        let error = shape(expected, &found(), &self.bytes, &pointer, &self.options);
        if self.options.mode == Mode::Strict {
            return Err(error);
        }
        if diagnostics.len() < self.options.limits.repairs {
            diagnostics.push(Diagnostic {
                code,
                position: error.position().unwrap_or_default(),
                pointer,
                message: error.kind().to_string(),
            });
        }
        Ok(())
    }
}

/// A page of a list. It may be empty and still have a next one (Graph, "Paging").
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The objects.
    pub items: Vec<T>,
    /// Where the next page is: see [`requests::next_page`](crate::requests::next_page).
    pub next_link: Option<String>,
    /// There is a next link, but it is no text: this is not the last page, and nobody can say where
    /// the next one is.
    pub unreadable_link: bool,
    /// How many objects the whole list has, where the service says.
    pub count: Option<i64>,
    /// What was repaired or is not as the schema has it.
    pub diagnostics: Vec<Diagnostic>,
    /// The oldest dialect of which an object had something ([`Options::any_dialect`]).
    pub dialect: Dialect,
    /// What was turned into today's shape.
    pub changes: Vec<Change>,
}

impl<T> Page<T> {
    /// That it is known whether another page comes, and which.
    pub(crate) fn whole(&self) -> Result<(), Error> {
        if self.unreadable_link {
            let found = "something else".to_owned();
            let kind = ErrorKind::Shape { expected: "a link to the next page", found };
            return Err(Error::at(kind, None, "/@odata.nextLink".to_owned()));
        }
        Ok(())
    }
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            next_link: None,
            unreadable_link: false,
            count: None,
            diagnostics: Vec::new(),
            dialect: Dialect::Current,
            changes: Vec::new(),
        }
    }
}
