//! Update documents, their files and keys: GetUpdateData, GetUpdateDecryptionData, DownloadFiles
//! (MS-WSUSSS 3.1.4.6, 3.1.4.11 and 3.1.4.18).

use std::borrow::Cow;

use mdm_xml::{Content, Element};

use super::authorization::Cookie;
use super::blob::{Blob, DocumentText};
use super::diagnostic::DiagnosticCode;
use super::markup;
use super::presence::{List, Presence};
use super::records::{item, records};
use super::schema::{Field, Kind, Record};
use super::values::{Base64, Secret};
use super::wire::{self, Body, Decoder, Own, Read, Seen, Shaped, Write};
use crate::error::{Error, ErrorKind};
use crate::id::UpdateKey;
use crate::metadata::{Part, Scratch, Select, Update};

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
                    if d.came(&mut seen, &child, 0, &DATA)? {
                        data.updates = List::read(d, &child)?;
                    }
                }
                "fileUrls" => {
                    if d.came(&mut seen, &child, 1, &DATA)? {
                        data.file_urls = List::read(d, &child)?;
                    }
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
    pub text: Presence<DocumentText<'a>>,
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
        let text = Presence::Value(DocumentText::from(text.into()));
        Self { key: key.into(), text, ..Self::default() }
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

    /// The document, in whichever of its two forms it came, with its references resolved if it
    /// came escaped.
    #[must_use]
    pub fn blob(&self) -> Blob<'_> {
        match self.form() {
            Some(Form::Text(text)) => Blob::Text(text.to_text()),
            Some(Form::Compressed(text)) => Blob::Compressed(Cow::Borrowed(text)),
            None => Blob::None,
        }
    }

    fn form(&self) -> Option<Form<'_>> {
        if let Some(text) = self.text.value().filter(|text| !text.is_blank()) {
            return Some(Form::Text(text));
        }
        let compressed = self.compressed.as_str().filter(|text| !text.trim().is_empty());
        compressed.map(Form::Compressed)
    }

    /// The document's metadata, as far as it is wanted. An escaped document is resolved in
    /// `scratch`, and no further than it is read: ask for [`Select::stop_early`], and applicability
    /// rules behind the last part that is wanted cost nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Missing`] where there is no document, or none that can be read without the
    /// feature `cab`; else those of [`Update::read`] and [`cab::read_update`](crate::cab::read_update).
    pub fn update<'s>(
        &'s self,
        select: Select<'_>,
        limits: &crate::Limits,
        scratch: &'s mut Scratch,
    ) -> Result<Update<'s>, Error> {
        let mut update = Update::empty();
        self.visit(select, limits, scratch, |part| update.take(part))?;
        Ok(update)
    }

    /// As [`update`](Self::update), part by part: see [`metadata::visit`](crate::metadata::visit).
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub fn visit<'s>(
        &'s self,
        select: Select<'_>,
        limits: &crate::Limits,
        scratch: &'s mut Scratch,
        each: impl FnMut(Part<'s>),
    ) -> Result<(), Error> {
        match self.form() {
            Some(Form::Text(text)) => text.visit(select, limits, scratch, each),
            #[cfg(feature = "cab")]
            Some(Form::Compressed(text)) => {
                scratch.bytes.clear();
                super::values::decode_base64_into(text, &mut scratch.bytes)?;
                crate::metadata::visit_cabinet(select, limits, scratch, each)
            }
            _ => Err(ErrorKind::Missing("XmlUpdateBlob").into()),
        }
    }

    fn read_text(
        &mut self,
        d: &mut Decoder<'a>,
        element: &Element<'a>,
    ) -> Result<Presence<DocumentText<'a>>, Error> {
        if d.is_nil(element) {
            d.r.skip()?;
            return Ok(Presence::Nil);
        }
        Ok(Presence::Value(match d.r.content()? {
            Content::Text(text) => DocumentText::of(&text),
            Content::Markup(raw) => {
                d.note(DiagnosticCode::MarkupDocument, element, String::new);
                markup::standalone(d, raw.outer(), raw.inner())?.into()
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
                    if d.came(&mut seen, &child, 0, &DOCUMENT)? {
                        document.key = Presence::read(d, &child)?;
                    }
                }
                "XmlUpdateBlob" => {
                    if d.came(&mut seen, &child, 1, &DOCUMENT)? {
                        document.text = document.read_text(d, &child)?;
                    }
                }
                "FileDigestList" => {
                    if d.came(&mut seen, &child, 2, &DOCUMENT)? {
                        document.file_digests = List::read(d, &child)?;
                    }
                }
                "XmlUpdateBlobCompressed" => {
                    if !d.came(&mut seen, &child, 3, &DOCUMENT)? {
                        continue;
                    }
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
            write_large(w, "XmlUpdateBlob", &self.text, DocumentText::to_text);
            self.file_digests.write(w, "FileDigestList");
            write_large(w, "XmlUpdateBlobCompressed", &self.compressed, |text| Cow::Borrowed(text));
        });
    }
}

/// Text of some size is escaped in one go.
fn write_large<T>(
    w: &mut wire::W<'_>,
    name: &str,
    text: &Presence<T>,
    shown: impl for<'t> Fn(&'t T) -> Cow<'t, str>,
) {
    match text {
        Presence::Value(text) => w.element(name).text(&shown(text)),
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
            text: self.text.map(DocumentText::into_owned),
            file_digests: self.file_digests,
            compressed: self.compressed.map(own),
        }
    }
}

/// Which of its two forms a document came in.
enum Form<'d> {
    Text(&'d DocumentText<'d>),
    Compressed(&'d str),
}
