//! Values of each format.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Reason, Value, xml};
use crate::model::{Data, Format};

/// Base64 as devices write it: with or without padding.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn compare(
    format: &Format<'_>,
    desired: &Value<'_>,
    returned: &Value<'_>,
    reasons: &mut Vec<Reason>,
) {
    let (wanted, found) = (desired.as_str(), returned.as_str());
    match format {
        Format::Node => {
            // A Get of an interior node gives the names of its children (Microsoft Learn, "OMA DM
            // protocol support"); what it is to have is nothing.
            if !found.trim().is_empty() && wanted.trim() != found.trim() {
                reasons.push(Reason::Children);
            }
            return;
        }
        Format::Null => {
            if found.trim().is_empty() != wanted.trim().is_empty() {
                reasons.push(Reason::Presence);
            } else if returned.data.is_some() != desired.data.is_some() {
                reasons.push(Reason::EmptyAndNone);
            }
            return;
        }
        _ => {}
    }
    let (empty, nothing) = (wanted.trim().is_empty(), found.trim().is_empty());
    if empty && nothing {
        if desired.data.is_some() != returned.data.is_some() {
            reasons.push(Reason::EmptyAndNone);
        } else if wanted != found {
            reasons.push(Reason::OuterSpace);
        }
        return;
    }
    // A text of blanks only is a text; nothing at all is none.
    if empty || nothing {
        reasons.push(Reason::Presence);
        return;
    }
    match format {
        Format::Int => number(wanted, found, reasons, integer),
        Format::Float => number(wanted, found, reasons, float),
        Format::Bool => truth(&desired.data, &returned.data, reasons),
        Format::B64 | Format::Bin => bytes(wanted, found, reasons),
        Format::Date | Format::Time => moment(wanted, found, reasons),
        _ => text(desired, returned, reasons),
    }
}

/// A number without the ways of writing it: sign and digits.
fn integer(text: &str) -> Option<(bool, String)> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0').to_owned();
    Some((negative && !digits.is_empty(), digits))
}

fn float(text: &str) -> Option<(bool, String)> {
    if let Some(whole) = integer(text) {
        return Some(whole);
    }
    let number: f64 = text.trim().parse().ok().filter(|number: &f64| number.is_finite())?;
    let text = (if number == 0.0 { 0.0 } else { number.abs() }).to_string();
    let text = text.trim_start_matches('0').to_owned();
    Some((number < 0.0, text))
}

fn number(
    wanted: &str,
    found: &str,
    reasons: &mut Vec<Reason>,
    read: fn(&str) -> Option<(bool, String)>,
) {
    if wanted == found {
        return;
    }
    match (read(wanted), read(found)) {
        (Some(wanted_number), Some(number)) if wanted_number == number => {
            if wanted.trim() == found.trim() {
                reasons.push(Reason::OuterSpace);
            } else {
                reasons.push(Reason::Spelling);
            }
        }
        // What is no number on either side can only be the same text.
        (None, None) if wanted.trim() == found.trim() => reasons.push(Reason::OuterSpace),
        _ => reasons.push(Reason::Number),
    }
}

fn truth(wanted: &Option<Data<'_>>, found: &Option<Data<'_>>, reasons: &mut Vec<Reason>) {
    let (wanted, found) = (wanted.as_ref(), found.as_ref());
    let text = |data: Option<&Data<'_>>| data.map_or("", Data::as_str).to_owned();
    if text(wanted) == text(found) {
        return;
    }
    match (wanted.and_then(Data::as_bool), found.and_then(Data::as_bool)) {
        (Some(wanted_truth), Some(truth)) if wanted_truth == truth => {
            let same = text(wanted).trim() == text(found).trim();
            reasons.push(if same { Reason::OuterSpace } else { Reason::TruthSpelling });
        }
        (None, None) if text(wanted).trim() == text(found).trim() => {
            reasons.push(Reason::OuterSpace);
        }
        _ => reasons.push(Reason::Truth),
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    ENGINE.decode(plain).ok()
}

fn bytes(wanted: &str, found: &str, reasons: &mut Vec<Reason>) {
    if wanted == found {
        return;
    }
    let Some(expected) = decoded(wanted) else {
        return plain(wanted, found, reasons);
    };
    if let Some(bytes) = decoded(found)
        && bytes == expected
    {
        let same = wanted.trim() == found.trim();
        return reasons.push(if same { Reason::OuterSpace } else { Reason::Base64Spelling });
    }
    // A device that keeps text gives it back as text.
    let text = text_of(&expected);
    if text.is_some_and(|text| text.trim_matches(['\0', '\u{feff}']) == found.trim()) {
        return reasons.push(Reason::Decoded);
    }
    let bytes = decoded(found).unwrap_or_else(|| found.as_bytes().to_vec());
    let at = expected.iter().zip(&bytes).take_while(|(a, b)| a == b).count();
    reasons.push(Reason::Bytes { at });
}

/// Bytes as text, in UTF-8 or UTF-16.
fn text_of(bytes: &[u8]) -> Option<String> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.trim_end_matches('\0').contains('\0')
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
    char::decode_utf16(units).map(Result::ok).collect()
}

/// A date or a time of day: ISO 8601, in the basic or the extended form.
fn moment(wanted: &str, found: &str, reasons: &mut Vec<Reason>) {
    let plain = |text: &str| -> String {
        text.trim().chars().filter(|c| !matches!(c, '-' | ':')).collect()
    };
    if wanted == found {
        return;
    }
    if wanted.trim() == found.trim() {
        reasons.push(Reason::OuterSpace);
    } else if plain(wanted).eq_ignore_ascii_case(&plain(found)) {
        reasons.push(Reason::Spelling);
    } else {
        self::plain(wanted, found, reasons);
    }
}

fn text(desired: &Value<'_>, returned: &Value<'_>, reasons: &mut Vec<Reason>) {
    let (wanted, found) = (desired.as_str(), returned.as_str());
    let kinds = (&desired.data, &returned.data);
    let other_form = matches!(
        kinds,
        (Some(Data::Text(_)), Some(Data::Markup(_))) | (Some(Data::Markup(_)), Some(Data::Text(_)))
    );
    if other_form {
        reasons.push(Reason::Escaping);
    }
    if wanted == found {
        return;
    }
    // XML on both sides is compared as XML; on one side only it is text like any other.
    let looks =
        |text: &str| text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with('<');
    if looks(wanted)
        && looks(found)
        && let Some(difference) = xml::compare(wanted, found)
    {
        reasons.extend(difference);
        return;
    }
    // Escaped once more than the other: a document in a document.
    if looks(wanted) != looks(found) {
        let once = |text: &str| mdm_xml::unescape(text).ok().map(std::borrow::Cow::into_owned);
        let (wanted_plain, found_plain) = if looks(wanted) {
            (Some(wanted.to_owned()), once(found))
        } else {
            (once(wanted), Some(found.to_owned()))
        };
        if let (Some(wanted), Some(found)) = (wanted_plain, found_plain)
            && looks(&wanted)
            && looks(&found)
            && let Some(difference) = xml::compare(&wanted, &found)
        {
            if !reasons.contains(&Reason::Escaping) {
                reasons.push(Reason::Escaping);
            }
            reasons.extend(difference);
            return;
        }
    }
    plain(wanted, found, reasons);
}

/// Text as such.
fn plain(wanted: &str, found: &str, reasons: &mut Vec<Reason>) {
    if wanted == found {
        return;
    }
    let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    let (wanted_lines, found_lines) = (lines(wanted), lines(found));
    let ends = wanted.contains('\r') != found.contains('\r');
    if wanted_lines == found_lines {
        return reasons.push(Reason::LineEnds);
    }
    // A text that ends with NUL comes from a program that counts it in.
    let bare = |text: &str| text.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned();
    if bare(&wanted_lines) == bare(&found_lines) {
        reasons.push(Reason::OuterSpace);
        if ends && wanted.trim() != found.trim() {
            reasons.push(Reason::LineEnds);
        }
        return;
    }
    let same = wanted.char_indices().zip(found.chars()).find(|((_, a), b)| a != b);
    let at = same.map_or(wanted.len().min(found.len()), |((at, _), _)| at);
    reasons.push(Reason::Text { at });
}
