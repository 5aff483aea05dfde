//! Addresses that an administrator may not touch.
//!
//! A vendor that lets administrators paste SyncML keeps some nodes for itself: disk encryption,
//! updates, the enrolment. [`ReservedPaths`] finds every use of such a node, however it is spelled.
//!
//! *Decision*: it looks at the XML itself, not at the model, so that nothing that is only kept,
//! repeated, misplaced or in another namespace is passed over; and where a spelling may or may not
//! be understood by a device, it counts. A finding too many is a question to the administrator, one
//! too few is a hole (Fleet's check compared the text of LocURI elements and was passed by comments
//! and CDATA sections: fleetdm/fleet PR 49715).

use std::fmt;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use mdm_xml::{Event, Options, Reader, Source, Tolerance};

use crate::error::{Error, Limits};
use crate::loc_uri::{LocUri, LocUriError, Scope, percent_decode_lossy};
use crate::model::Message;

/// How a message reaches a reserved node.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Reach {
    /// An address is the node or one below it.
    Within,
    /// An address is above it: deleting, replacing or listing that one reaches it too.
    Above,
    /// A value or an attribute names it; it may be a document that a device carries out, such as a
    /// declared configuration.
    Mention,
    /// An address is coded so deeply, or so long, that what it means cannot be told.
    Unclear,
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Within => "within",
            Self::Above => "above",
            Self::Mention => "mentions",
            Self::Unclear => "unclear, perhaps within",
        })
    }
}

/// One use of a reserved node.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ReservedUse {
    /// How it is reached.
    pub reach: Reach,
    /// The reserved path, as it was given.
    pub reserved: String,
    /// The address as it stands, at most 256 characters of it; nothing for a mention, whose text
    /// may be a secret.
    pub address: String,
    /// The command around it (`Replace`), empty where there is none.
    pub command: String,
    /// The command's CmdID, if it stands before the address.
    pub cmd_id: Option<String>,
    /// Bytes before the element that names it, in the text that was looked at.
    pub offset: usize,
}

impl fmt::Display for ReservedUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.command.is_empty() {
            write!(f, "{}: ", self.command)?;
        }
        write!(f, "{} {} {}", self.address, self.reach, self.reserved)
    }
}

/// Paths that are reserved, each with everything below it.
///
/// A path without a scope is reserved for the device and for every user; one with `./Device` or
/// `./User` in that scope only. `./Device` and no scope are the same.
///
/// ```
/// use syncml::reserved::{Reach, ReservedPaths};
///
/// let reserved = ReservedPaths::new(["./Vendor/MSFT/BitLocker"])?;
/// let pasted = b"<Replace><CmdID>7</CmdID><Item><Target><LocURI>./device/vendor/<!-- -->msft\
///     /Bit%4cocker/RequireDeviceEncryption</LocURI></Target><Data>0</Data></Item></Replace>";
/// let uses = reserved.check_bytes(pasted, &syncml::Limits::default())?;
/// assert_eq!(uses[0].reach, Reach::Within);
/// assert_eq!((&*uses[0].command, uses[0].cmd_id.as_deref()), ("Replace", Some("7")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ReservedPaths {
    paths: Vec<Path>,
}

#[derive(Clone, Debug)]
struct Path {
    given: String,
    scope: Scope,
    segments: Vec<String>,
}

/// Uses that are listed; a message with more is refused for these already.
const LISTED: usize = 256;
/// Bytes of an address that are looked at; device management allows far fewer.
const LONGEST: usize = 8192;
/// How often an address may be coded on top of itself.
const CODED: usize = 8;

/// Base64 as any device may read it: with or without padding, and whatever its last bits are.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

impl ReservedPaths {
    /// These paths.
    ///
    /// # Errors
    /// [`LocUriError`] for what is no address.
    pub fn new<P: AsRef<str>>(paths: impl IntoIterator<Item = P>) -> Result<Self, LocUriError> {
        let mut found = Vec::new();
        for path in paths {
            let uri: LocUri = path.as_ref().parse()?;
            let segments = uri.segments().map(|segment| fold(&segment)).collect();
            found.push(Path { given: uri.as_str().to_owned(), scope: uri.scope(), segments });
        }
        Ok(Self { paths: found })
    }

    /// How an address alone reaches a reserved node: the path, and how.
    ///
    /// ```
    /// use syncml::reserved::{Reach, ReservedPaths};
    ///
    /// let reserved = ReservedPaths::new(["./Device/Vendor/MSFT/Policy/Config/Update"])?;
    /// let reach = |uri| reserved.reach(uri).map(|(_, reach)| reach);
    /// assert_eq!(reach("./Vendor/MSFT/policy/config/update/X"), Some(Reach::Within));
    /// assert_eq!(reach("./Vendor/MSFT/Policy"), Some(Reach::Above));
    /// assert_eq!(reach("./Vendor/MSFT/Policy/Config/Updates"), None);
    /// assert_eq!(reach("./User/Vendor/MSFT/Policy/Config/Update"), None);
    /// # Ok::<(), syncml::LocUriError>(())
    /// ```
    #[must_use]
    pub fn reach(&self, address: &str) -> Option<(&str, Reach)> {
        let Some(meant) = Meant::of(address) else {
            return self.paths.first().map(|path| (&*path.given, Reach::Unclear));
        };
        let mut above = None;
        for path in &self.paths {
            match meant.reach(path) {
                Some(Reach::Within) => return Some((&path.given, Reach::Within)),
                Some(reach) => above = above.or(Some((&*path.given, reach))),
                None => {}
            }
        }
        above
    }

    /// Every use in a message, as [`encode`](crate::encode) writes it.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable), and those of reading markup that is
    /// in it.
    pub fn check(&self, message: &Message<'_>) -> Result<Vec<ReservedUse>, Error> {
        let mut bytes = Vec::new();
        crate::encode::encode(message, &mut bytes)?;
        let limits = mdm_xml::Limits::DEFAULT
            .with_bytes(usize::MAX)
            .with_depth(4096)
            .with_elements(usize::MAX)
            .with_attributes(usize::MAX)
            .with_text(usize::MAX)
            .with_namespaces(4096);
        self.check_bytes(&bytes, &Limits::default().with_xml(limits))
    }

    /// Every use in a message or a part of one as it was pasted, in XML or WBXML. What cannot be
    /// read is an error and has to be refused, not sent.
    ///
    /// # Errors
    /// Those of [`decode`](crate::decode), but for what is no SyncML: any XML is looked at.
    pub fn check_bytes(&self, bytes: &[u8], limits: &Limits) -> Result<Vec<ReservedUse>, Error> {
        if crate::wbxml::looks_like(bytes) {
            let xml = crate::wbxml::to_xml(bytes, limits)?;
            return self.walk(&xml, limits);
        }
        let source = Source::new(bytes, &limits.xml)?;
        self.walk(&source.into_text(), limits)
    }

    fn walk(&self, text: &str, limits: &Limits) -> Result<Vec<ReservedUse>, Error> {
        let options = Options::default()
            .with_limits(limits.xml)
            .with_undeclared_prefixes(Tolerance::Keep)
            .with_fragment(true);
        let mut reader = Reader::new(text, &options)?;
        let mut uses = Uses { paths: self, found: Vec::new(), commands: Vec::new() };
        let mut open: Vec<Frame<'_>> = Vec::new();
        loop {
            match reader.next()? {
                Event::Start(element) => {
                    let offset = element.offset();
                    for attribute in reader.attributes(&element) {
                        uses.mention(&attribute.value(), offset);
                    }
                    let name = element.local();
                    if is_command(name) {
                        uses.commands.push((name.to_owned(), None));
                    }
                    let inside = open.last().is_some_and(|parent: &Frame<'_>| parent.address);
                    let address = inside || is_address(name);
                    open.push(Frame { name, offset, address, inside, text: String::new() });
                }
                Event::Text(text) => {
                    if let Some(frame) = open.last_mut() {
                        frame.text.push_str(&text.value());
                    } else if !text.is_blank() {
                        uses.mention(&text.value(), text.offset());
                    }
                }
                Event::End => {
                    let Some(frame) = open.pop() else { continue };
                    if frame.inside {
                        // An element in an address: a reader may put its text together.
                        if let Some(parent) = open.last_mut() {
                            parent.text.push_str(&frame.text);
                        }
                    }
                    uses.element(&frame);
                }
                _ => break,
            }
        }
        let mut found = uses.found;
        found.sort_by_key(|one| one.offset);
        Ok(found)
    }
}

struct Frame<'x> {
    name: &'x str,
    offset: usize,
    address: bool,
    /// It is inside an address.
    inside: bool,
    text: String,
}

fn is_command(name: &str) -> bool {
    ["Add", "Alert", "Copy", "Delete", "Exec", "Get", "Move", "Put", "Replace", "Results", "Status"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

/// Elements whose text is an address, or stands in for one.
fn is_address(name: &str) -> bool {
    ["LocURI", "Target", "Source", "TargetParent", "SourceParent"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

struct Uses<'p> {
    paths: &'p ReservedPaths,
    found: Vec<ReservedUse>,
    /// The commands that are open, with their CmdIDs.
    commands: Vec<(String, Option<String>)>,
}

impl Uses<'_> {
    fn element(&mut self, frame: &Frame<'_>) {
        if frame.name.eq_ignore_ascii_case("CmdID") {
            if let Some((_, id)) = self.commands.last_mut() {
                *id = Some(frame.text.trim().chars().take(256).collect());
            }
        } else if frame.address && !frame.text.trim().is_empty() {
            // What a header says is above or below nothing: it names the two sides.
            let reached = self.paths.reach(&frame.text);
            let reached =
                reached.filter(|(_, reach)| !self.commands.is_empty() || *reach != Reach::Above);
            if let Some((path, reach)) = reached {
                let path = path.to_owned();
                self.note(reach, path, frame.text.trim(), frame.offset);
            }
        } else if !frame.address {
            self.mention(&frame.text, frame.offset);
        }
        if is_command(frame.name) {
            self.commands.pop();
        }
    }

    fn note(&mut self, reach: Reach, reserved: String, address: &str, offset: usize) {
        // A Target says again what its LocURI said.
        let said = |one: &ReservedUse| {
            one.reserved == reserved && one.reach == reach && one.address == address
        };
        let again = self.found.last().is_some_and(|last| said(last) && last.offset >= offset);
        if self.found.len() >= LISTED || again {
            return;
        }
        let (command, cmd_id) = self.commands.last().cloned().unwrap_or_default();
        self.found.push(ReservedUse {
            reach,
            reserved,
            address: address.chars().take(256).collect(),
            command,
            cmd_id,
            offset,
        });
    }

    /// Looks for reserved paths in a value.
    fn mention(&mut self, value: &str, offset: usize) {
        if value.len() < 3 {
            return;
        }
        let mut texts = vec![value.to_owned()];
        // A document in a value, escaped once or twice, or in base64.
        let plain: String = value.chars().filter(|c| !c.is_whitespace()).collect();
        if plain.len() > 8
            && let Ok(bytes) = BASE64.decode(&plain)
            && let Some(text) = text_of(&bytes)
        {
            texts.push(text);
        }
        for text in texts {
            if !text.contains(['/', '\\', '%', '&']) {
                continue;
            }
            let text = unescaped(&text);
            let bare = without_markup(&text);
            let both = [text.as_str(), bare.as_str()];
            let path =
                self.paths.paths.iter().find(|path| both.iter().any(|text| mentions(text, path)));
            if let Some(path) = path {
                return self.note(Reach::Mention, path.given.clone(), "", offset);
            }
        }
    }
}

/// An address as a device may understand it.
struct Meant {
    user: bool,
    device: bool,
    segments: Vec<String>,
}

impl Meant {
    /// None where it cannot be told.
    fn of(address: &str) -> Option<Self> {
        if address.len() > LONGEST {
            return None;
        }
        let mut text = without_markup(address);
        for round in 0.. {
            let decoded = percent_decode_lossy(&unescaped(&text));
            if decoded == text {
                break;
            }
            if round == CODED {
                return None;
            }
            text = decoded;
        }
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let mut segments: Vec<String> = Vec::new();
        for segment in path.split(['/', '\\']) {
            let segment = fold(segment);
            match segment.as_str() {
                "" | "." => {}
                ".." => {
                    segments.pop();
                }
                _ => segments.push(segment),
            }
        }
        let scopes = segments.iter().take_while(|one| matches!(one.as_str(), "user" | "device"));
        let scopes: Vec<bool> = scopes.map(|one| one == "user").collect();
        let user = scopes.contains(&true);
        let device = !user || scopes.contains(&false);
        segments.drain(..scopes.len());
        Some(Self { user, device, segments })
    }

    fn reach(&self, path: &Path) -> Option<Reach> {
        let scope = match path.scope {
            Scope::User => self.user,
            Scope::Device => self.device,
            _ => true,
        };
        let same = |one: &String, other: &String| one == other || one == "*";
        let together = self.segments.iter().zip(&path.segments).all(|(a, b)| same(a, b));
        if !scope || !together {
            None
        } else if self.segments.len() >= path.segments.len() {
            Some(Reach::Within)
        } else {
            Some(Reach::Above)
        }
    }
}

/// A segment without what letter case, blanks and invisible characters make of it.
fn fold(segment: &str) -> String {
    let seen: String = segment.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect();
    let trimmed = seen.trim();
    if trimmed == ".." || trimmed == "." {
        return trimmed.to_owned();
    }
    // Up and down again, so that letters with two lower cases fall together.
    trimmed.trim_end_matches('.').to_uppercase().to_lowercase()
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Text with its references resolved, also those that are escaped again.
fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..3 {
        if !text.contains('&') {
            break;
        }
        match mdm_xml::unescape(&text) {
            Ok(resolved) if resolved != text => text = resolved.into_owned(),
            _ => break,
        }
    }
    text
}

/// Text without tags and comments; what is in CDATA sections stays.
fn without_markup(text: &str) -> String {
    if !text.contains('<') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        if let Some(section) = after.strip_prefix("![CDATA[") {
            let (inside, next) = section.split_once("]]>").unwrap_or((section, ""));
            out.push_str(inside);
            rest = next;
        } else if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, next)| next);
        } else {
            rest = after.split_once('>').map_or("", |(_, next)| next);
        }
    }
    out.push_str(rest);
    out
}

/// Whether a text names a path anywhere.
fn mentions(text: &str, path: &Path) -> bool {
    // `Vendor/MSFT/` may be left out where a document has another way to say it, if what is left
    // still tells a node.
    let known = path.segments.iter().take_while(|one| matches!(one.as_str(), "vendor" | "msft"));
    let tail = path.segments.get(known.count()..).filter(|tail| tail.len() > 1);
    let tail = tail.unwrap_or(&path.segments);
    if tail.is_empty() {
        return false;
    }
    let decoded = percent_decode_lossy(text);
    decoded
        .split(|c: char| {
            c.is_whitespace()
                || matches!(c, '"' | '\'' | '<' | '>' | ',' | ';' | '(' | ')' | '|' | '=')
        })
        .filter(|word| word.contains(['/', '\\']) && word.len() <= LONGEST)
        .any(|word| {
            let segments: Vec<String> = word
                .split(['/', '\\', '?'])
                .map(fold)
                .filter(|one| !one.is_empty() && one != ".")
                .collect();
            segments.windows(tail.len()).any(|window| window == tail)
        })
}

/// Bytes as text, if they are text.
fn text_of(bytes: &[u8]) -> Option<String> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains('\0')
    {
        return Some(text.to_owned());
    }
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    let units = bytes.chunks_exact(2).map(|pair| match pair {
        [low, high] => u16::from_le_bytes([*low, *high]),
        _ => 0,
    });
    let text: Option<String> = char::decode_utf16(units).map(Result::ok).collect();
    text.filter(|text| !text.contains('\0'))
}
