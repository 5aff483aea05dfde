//! The oracle: quick-xml's tokenizer beside ours. The fuzz target `xml_oracle` includes this file.

use mdm_xml::{Doctype, Event, Options, Reader, Tolerance};
use quick_xml::events::Event as Quick;

/// Start tags as they stand, end tags, and runs of character data as they stand.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Line {
    Start(String),
    Text(String),
    End,
}

/// The document by quick-xml; `None` where it refuses it.
fn theirs(text: &str) -> Option<Vec<Line>> {
    let mut reader = quick_xml::Reader::from_str(text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    let mut lines = Vec::new();
    let mut depth = 0usize;
    let mut run = false;
    loop {
        let from = usize::try_from(reader.buffer_position()).unwrap();
        let event = reader.read_event().ok()?;
        let to = usize::try_from(reader.buffer_position()).unwrap();
        // What stands between tags is one run, whatever quick-xml makes of it.
        let piece = &text[from..to];
        match event {
            Quick::Start(start) => {
                lines.push(Line::Start(start.as_ref().to_owned()));
                depth += 1;
                run = false;
            }
            Quick::End(_) => {
                lines.push(Line::End);
                depth = depth.checked_sub(1)?;
                run = false;
            }
            Quick::Eof => return (depth == 0).then_some(lines),
            Quick::Empty(_) => unreachable!("empty elements are expanded"),
            // Before and after the root is nothing to compare but the root itself.
            _ if depth == 0 => {}
            _ if run => match lines.last_mut() {
                Some(Line::Text(run)) => run.push_str(piece),
                _ => unreachable!("a run goes on"),
            },
            _ => {
                lines.push(Line::Text(piece.to_owned()));
                run = true;
            }
        }
    }
}

/// The same by our reader.
fn ours(text: &str) -> Result<Vec<Line>, mdm_xml::Error> {
    let options = Options::default()
        .with_fragment(true)
        .with_doctype(Doctype::IgnoreSubset)
        .with_undeclared_prefixes(Tolerance::Keep)
        .with_forbidden_chars(Tolerance::Keep);
    let mut reader = Reader::new(text, &options)?;
    let mut lines = Vec::new();
    loop {
        match reader.next()? {
            Event::Start(element) => {
                let end = reader.offset() - 1 - usize::from(element.is_empty_tag());
                lines.push(Line::Start(text[element.offset() + 1..end].to_owned()));
            }
            Event::Text(_) if reader.depth() == 0 => {}
            Event::Text(run) => lines.push(Line::Text(run.raw().to_owned())),
            Event::End => lines.push(Line::End),
            _ => return Ok(lines),
        }
    }
}

/// What is wrong, if the two do not agree.
pub(crate) fn agree(text: &str) -> Result<(), String> {
    // quick-xml takes one mark away, and says where it is without it.
    let text = text.trim_start_matches('\u{feff}');
    let (theirs, ours) = (theirs(text), ours(text));
    match ours {
        Ok(ours) => {
            let Some(theirs) = theirs else {
                return Err(format!("only we read {text:?}: {ours:?}"));
            };
            if ours != theirs {
                return Err(format!("{text:?}: {ours:?}, but they read {theirs:?}"));
            }
        }
        Err(error) => {
            use mdm_xml::{ErrorKind as Kind, Malformed};
            // quick-xml looks for the ends of markup, not at what stands inside, and lets quotes
            // stand open where a document type has them outside its declarations.
            let ours_alone = matches!(
                error.kind(),
                Kind::Malformed(
                    Malformed::Name
                        | Malformed::Attribute
                        | Malformed::Reference
                        | Malformed::Namespace
                        | Malformed::Declaration
                        | Malformed::Doctype
                        | Malformed::OpenDoctype
                ) | Kind::UnknownEntity(_)
                    | Kind::CharReference(_)
                    | Kind::DuplicateAttribute(_)
            );
            // A document type needs a name, an instruction as well.
            let at = error.position().map_or(0, |place| place.offset);
            let unnamed = matches!(error.kind(), Kind::Malformed(Malformed::Markup))
                && text.get(at..).is_some_and(|rest| {
                    let start: String = rest.chars().take(9).collect();
                    rest.starts_with("<?") || start.eq_ignore_ascii_case("<!DOCTYPE")
                });
            if theirs.is_some() && !(ours_alone || unnamed) {
                return Err(format!("only we refuse {text:?}: {error}"));
            }
        }
    }
    Ok(())
}
