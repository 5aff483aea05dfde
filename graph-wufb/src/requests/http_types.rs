//! Conversion to the types of the crate `http` (feature `http`).

use super::{Headers, Method, Request};
use crate::error::Error;

impl From<Method> for http::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Post => Self::POST,
            Method::Patch => Self::PATCH,
            Method::Delete => Self::DELETE,
        }
    }
}

impl Request {
    /// The request for any client that takes `http::Request`. A POST or PATCH without a body gets
    /// `Content-Length: 0`: the service answers 411 otherwise (*Observed* by others).
    ///
    /// ```
    /// use graph_wufb::requests::list_deployments;
    ///
    /// let request = list_deployments().into_http("https://graph.microsoft.com")?;
    /// assert_eq!(request.method(), http::Method::GET);
    /// assert_eq!(request.uri().host(), Some("graph.microsoft.com"));
    /// # Ok::<(), graph_wufb::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Value`](crate::ErrorKind::Value) if the origin, the target or a header is none that HTTP has.
    pub fn into_http(self, origin: &str) -> Result<http::Request<Vec<u8>>, Error> {
        let url = self.url(origin);
        let mut request =
            http::Request::builder().method(http::Method::from(self.method)).uri(&url);
        for (name, value) in self.headers.iter() {
            request = request.header(name, value);
        }
        let body = self.body.unwrap_or_default();
        if body.is_empty() && matches!(self.method, Method::Post | Method::Patch) {
            request = request.header(http::header::CONTENT_LENGTH, "0");
        }
        request.body(body).map_err(|_| Error::value("a request of HTTP", &url))
    }
}

/// Fields whose value is no text are left out.
impl From<&http::HeaderMap> for Headers {
    fn from(map: &http::HeaderMap) -> Self {
        map.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect()
    }
}

impl crate::Response {
    /// Reads an answer with the default options: tolerant.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn from_http(answer: &http::Response<impl AsRef<[u8]>>) -> Result<Self, Error> {
        let headers = Headers::from(answer.headers());
        Self::parse(answer.status().as_u16(), &headers, answer.body().as_ref())
    }
}
