//! Update documents, their files and keys: GetUpdateData, GetUpdateDecryptionData, DownloadFiles
//! (MS-WSUSSS 3.1.4.6, 3.1.4.11 and 3.1.4.18).

use std::borrow::Cow;

use mdm_xml::{Content, Element};

use super::authorization::Cookie;
use super::diagnostic::DiagnosticCode;
use super::markup;
use super::presence::{List, Presence};
use super::records::{item, records};
use super::schema::{Field, Kind, Record};
use super::values::{Base64, Secret};
use super::wire::{self, Body, Decoder, Own, Read, Seen, Shaped, Write};
use crate::error::{Error, ErrorKind};
use crate::id::UpdateKey;

records! {
    /// Asks for update documents (GetUpdateData), or for the keys of their files
    /// (GetUpdateDecryptionData).
    UpdateDataRequest {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// The revisions. *Observed*: one that the server does not know fails them all.
        update_ids: List<UpdateKey> = "updateIds",
    }

    /// Where a file can be had (ServerSyncUrlData).
    FileUrl {
        /// Its SHA-1 digest.
        digest: Presence<Base64> = "FileDigest",
        /// At Microsoft Update.
        mu_url: Presence<String> = "MUUrl",
        /// Unused.
        uss_url: Presence<String> = "UssUrl",
        /// The key it is encrypted with.
        decryption_key: Presence<Secret> = "DecryptionKey",
    }

    /// Keys of files (ServerDecryptionData).
    DecryptionData {
        /// By update.
        updates: List<UpdateDecryption> = "UpdateFileDecryptionData",
    }

    /// Keys of an update's files (ServerSyncUpdateFileDecryption).
    UpdateDecryption {
        /// The update.
        key: Presence<UpdateKey> = "UpdateId",
        /// By file.
        files: List<FileDecryption> = "FileDecryptionData",
    }

    /// The key of a file (ServerSyncFileDecryption).
    FileDecryption {
        /// The file's digest.
        digest: Presence<Base64> = "FileDigest",
        /// The key.
        decryption_key: Presence<Secret> = "DecryptionKey",
    }

    /// Asks the server to fetch files (DownloadFiles).
    DownloadRequest {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// Digests of the files, 100 at most.
        file_digests: List<Base64> = "fileDigestList",
    }
}

item! {
    FileUrl = "ServerSyncUrlData",
    UpdateDecryption = "ServerSyncUpdateFileDecryption",
    FileDecryption = "ServerSyncFileDecryption",
}

impl UpdateDataRequest {
    /// A request for these revisions.
    #[must_use]
    pub fn new(
        cookie: impl Into<Presence<Cookie>>,
        update_ids: impl Into<List<UpdateKey>>,
    ) -> Self {
        Self { cookie: cookie.into(), update_ids: update_ids.into() }
    }
}

/// Update documents (ServerUpdateData).
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct UpdateData<'a> {
    /// The documents.
    pub updates: List<UpdateDocument<'a>>,
    /// Where their files can be had.
    pub file_urls: List<FileUrl>,
}

/// Nothing is there.
impl Default for UpdateData<'_> {
    fn default() -> Self {
        Self { updates: List::absent(), file_urls: List::absent() }
    }
}

impl Shaped for UpdateData<'_> {
    const KIND: Kind = Kind::Record(&DATA);
}

const DATA: Record = Record::new(
    &[],
    &[
        Field::new("updates", false, <List<UpdateDocument<'static>> as Shaped>::KIND),
        Field::new("fileUrls", false, <List<FileUrl> as Shaped>::KIND),
    ],
);

impl<'x> Read<'x> for UpdateData<'x> {
    fn read(d: &mut Decoder<'x>, element: &Element<'x>) -> Result<Self, Error> {
        let mut data = Self::default();
        let mut seen = Seen::default();
        while let Some(child) = d.r.child()? {
            match child.local() {
                "updates" => {
                    d.came(&mut seen, &child, 0, &DATA);
                    data.updates = List::read(d, &child)?;
                }
                "fileUrls" => {
                    d.came(&mut seen, &child, 1, &DATA);
                    data.file_urls = List::read(d, &child)?;
                }
                _ => d.unknown(&child)?,
            }
        }
        d.ended(seen, element, &DATA);
        Ok(data)
    }
}

impl Body for UpdateData<'_> {
    fn write_children(&self, w: &mut wire::W<'_>) {
        self.updates.write(w, "updates");
        self.file_urls.write(w, "fileUrls");
    }
}

impl Write for UpdateData<'_> {
    fn write(&self, w: &mut wire::W<'_>, name: &str) {
        w.element(name).body(|w| self.write_children(w));
    }
}

impl Own for UpdateData<'_> {
    type Owned = UpdateData<'static>;

    fn own(self) -> UpdateData<'static> {
        UpdateData { updates: self.updates.own(), file_urls: self.file_urls }
    }
}

/// An update document in an answer (ServerSyncUpdateData).
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct UpdateDocument<'a> {
    /// Which revision it is.
    pub key: Presence<UpdateKey>,
    /// The document as text. Servers escape it, the specification's sample does not; here it is
    /// the same either way.
    pub text: Presence<Cow<'a, str>>,
    /// Digests of its files.
    pub file_digests: List<Base64>,
    /// The document as a cabinet in base64. *Observed*: for more than 5,120 bytes of UTF-16.
    pub compressed: Presence<Cow<'a, str>>,
}

/// Nothing is there.
impl Default for UpdateDocument<'_> {
    fn default() -> Self {
        Self {
            key: Presence::Absent,
            text: Presence::Absent,
            file_digests: List::absent(),
            compressed: Presence::Absent,
        }
    }
}

impl wire::Item for UpdateDocument<'_> {
    const ITEM: &'static str = "ServerSyncUpdateData";
}

impl Shaped for UpdateDocument<'_> {
    const KIND: Kind = Kind::Record(&DOCUMENT);
}

const DOCUMENT: Record = Record::new(
    &[],
    &[
        Field::new("Id", false, <UpdateKey as Shaped>::KIND),
        Field::new("XmlUpdateBlob", false, Kind::Text),
        Field::new("FileDigestList", false, <List<Base64> as Shaped>::KIND),
        Field::new("XmlUpdateBlobCompressed", false, Kind::Binary),
    ],
);

impl<'a> UpdateDocument<'a> {
    /// A document as text.
    #[must_use]
    pub fn text(key: UpdateKey, text: impl Into<Cow<'a, str>>) -> Self {
        Self { key: key.into(), text: Presence::Value(text.into()), ..Self::default() }
    }

    /// A compressed document: a cabinet, in base64.
    #[must_use]
    pub fn compressed(key: UpdateKey, cabinet: impl Into<Cow<'a, str>>) -> Self {
        Self { key: key.into(), compressed: Presence::Value(cabinet.into()), ..Self::default() }
    }

    /// The same, independent of the text that it was read from.
    #[must_use]
    pub fn into_owned(self) -> UpdateDocument<'static> {
        self.own()
    }

    /// The document, in whichever of its two forms it came.
    #[must_use]
    pub fn blob(&self) -> Blob<'_> {
        let there = |text: &&str| !text.trim().is_empty();
        if let Some(text) = self.text.as_str().filter(there) {
            Blob::Text(Cow::Borrowed(text))
        } else if let Some(text) = self.compressed.as_str().filter(there) {
            Blob::Compressed(Cow::Borrowed(text))
        } else {
            Blob::None
        }
    }

    fn read_text(
        &mut self,
        d: &mut Decoder<'a>,
        element: &Element<'a>,
    ) -> Result<Presence<Cow<'a, str>>, Error> {
        if d.is_nil(element) {
            d.r.skip()?;
            return Ok(Presence::Nil);
        }
        Ok(Presence::Value(match d.r.content()? {
            Content::Text(text) => text.value(),
            Content::Markup(raw) => {
                d.note(DiagnosticCode::MarkupDocument, element, String::new);
                markup::standalone(&d.r, raw.outer(), raw.inner(), &d.limits)?
            }
        }))
    }
}

impl<'x> Read<'x> for UpdateDocument<'x> {
    fn read(d: &mut Decoder<'x>, element: &Element<'x>) -> Result<Self, Error> {
        let mut document = Self::default();
        let mut seen = Seen::default();
        while let Some(child) = d.r.child()? {
            match child.local() {
                "Id" => {
                    d.came(&mut seen, &child, 0, &DOCUMENT);
                    document.key = Presence::read(d, &child)?;
                }
                "XmlUpdateBlob" => {
                    d.came(&mut seen, &child, 1, &DOCUMENT);
                    document.text = document.read_text(d, &child)?;
                }
                "FileDigestList" => {
                    d.came(&mut seen, &child, 2, &DOCUMENT);
                    document.file_digests = List::read(d, &child)?;
                }
                "XmlUpdateBlobCompressed" => {
                    d.came(&mut seen, &child, 3, &DOCUMENT);
                    document.compressed = if d.is_nil(&child) {
                        d.r.skip()?;
                        Presence::Nil
                    } else {
                        Presence::Value(d.r.text()?.value())
                    };
                }
                _ => d.unknown(&child)?,
            }
        }
        d.ended(seen, element, &DOCUMENT);
        Ok(document)
    }
}

impl Write for UpdateDocument<'_> {
    fn write(&self, w: &mut wire::W<'_>, name: &str) {
        w.element(name).body(|w| {
            self.key.write(w, "Id");
            write_large(w, "XmlUpdateBlob", &self.text);
            self.file_digests.write(w, "FileDigestList");
            write_large(w, "XmlUpdateBlobCompressed", &self.compressed);
        });
    }
}

/// Text of some size is escaped in one go.
fn write_large(w: &mut wire::W<'_>, name: &str, text: &Presence<Cow<'_, str>>) {
    match text {
        Presence::Value(text) => w.element(name).text(text),
        Presence::Nil => Presence::<bool>::Nil.write(w, name),
        Presence::Absent => {}
    }
}

impl Own for UpdateDocument<'_> {
    type Owned = UpdateDocument<'static>;

    fn own(self) -> UpdateDocument<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        UpdateDocument {
            key: self.key,
            text: self.text.map(own),
            file_digests: self.file_digests,
            compressed: self.compressed.map(own),
        }
    }
}

/// An update document as it travels.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Blob<'a> {
    /// As text.
    Text(Cow<'a, str>),
    /// As a cabinet in base64; see [`cab`](crate::cab).
    Compressed(Cow<'a, str>),
    /// Not there.
    None,
}

impl<'a> Blob<'a> {
    /// The document's text.
    ///
    /// # Errors
    /// [`ErrorKind::Missing`] where there is none, [`ErrorKind::Value`] for what is no base64, and
    /// those of [`cab::document`](crate::cab::document).
    #[cfg(feature = "cab")]
    pub fn document(&self, limits: &crate::Limits) -> Result<Cow<'_, str>, Error> {
        match self {
            Self::Text(text) => Ok(Cow::Borrowed(text)),
            Self::Compressed(text) => {
                let cab = super::values::decode_base64(text)?;
                crate::cab::document(&cab, limits).map(Cow::Owned)
            }
            Self::None => Err(ErrorKind::Missing("XmlUpdateBlob").into()),
        }
    }

    /// The document, as far as it is wanted. What is not is never held, not even while it is
    /// decompressed.
    ///
    /// # Errors
    /// As [`document`](Self::document) and [`Update::read`](crate::Update::read).
    #[cfg(feature = "cab")]
    pub fn update(
        &self,
        select: crate::metadata::Select<'_>,
        limits: &crate::Limits,
    ) -> Result<crate::Update<'_>, Error> {
        match self {
            Self::Text(text) => crate::Update::read(text, select, limits),
            Self::Compressed(text) => {
                crate::cab::read_update(&super::values::decode_base64(text)?, select, limits)
            }
            Self::None => Err(ErrorKind::Missing("XmlUpdateBlob").into()),
        }
    }

    /// The document's text, decompressed if need be; borrowed if not.
    ///
    /// # Errors
    /// [`ErrorKind::Missing`] where there is none, or none that can be read without the feature
    /// `cab`; else those of `document`.
    pub fn into_document(self, limits: &crate::Limits) -> Result<Cow<'a, str>, Error> {
        match self {
            Self::Text(text) => Ok(text),
            #[cfg(feature = "cab")]
            blob => blob.document(limits).map(|text| Cow::Owned(text.into_owned())),
            #[cfg(not(feature = "cab"))]
            _ => {
                let _ = limits;
                Err(ErrorKind::Missing("XmlUpdateBlob").into())
            }
        }
    }
}
