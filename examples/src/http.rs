//! The vendor's HTTP: one client for everything, and a copy of each message on request.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A request could not be sent or its answer not be read.
#[derive(Debug, thiserror::Error)]
#[error("{url}: {source}")]
pub struct HttpError {
    url: String,
    source: reqwest::Error,
}

/// An HTTP client. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    dump: Option<Arc<Dump>>,
}

#[derive(Debug)]
struct Dump {
    folder: PathBuf,
    count: AtomicUsize,
}

impl Http {
    /// A client; with a folder, each message that has a body is written to a file there.
    ///
    /// # Errors
    /// Where the folder cannot be made.
    pub fn new(dump: Option<PathBuf>) -> std::io::Result<Self> {
        let dump = match dump {
            Some(folder) => {
                std::fs::create_dir_all(&folder)?;
                Some(Arc::new(Dump { folder, count: AtomicUsize::new(0) }))
            }
            None => None,
        };
        Ok(Self { client: reqwest::Client::new(), dump })
    }

    /// Sends a request and reads the whole answer. `what` names the exchange in the dump.
    ///
    /// # Errors
    /// [`HttpError`], whatever went wrong on the way.
    pub async fn send(
        &self,
        what: &str,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> Result<Answer, HttpError> {
        let failed = |source| HttpError { url: url.to_owned(), source };
        let number = self.dump.as_ref().map(|dump| dump.count.fetch_add(1, Ordering::SeqCst) + 1);
        self.keep(number, what, "request", &body);
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap_or_default();
        let mut request = self.client.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let body = response.bytes().await.map_err(failed)?.to_vec();
        self.keep(number, what, &format!("answer-{status}"), &body);
        Ok(Answer { status, headers, body })
    }

    fn keep(&self, number: Option<usize>, what: &str, part: &str, body: &[u8]) {
        let (Some(dump), Some(number)) = (&self.dump, number) else { return };
        if body.is_empty() {
            return;
        }
        let kind = match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'<') => "xml",
            Some(b'{' | b'[') => "json",
            _ => "bin",
        };
        let path = dump.folder.join(format!("{number:05}-{what}-{part}.{kind}"));
        if let Err(error) = std::fs::write(&path, body) {
            eprintln!("{}: {error}", path.display());
        }
    }
}
