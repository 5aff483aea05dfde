//! Any other XML: its elements, as far as they fit on a screen.

use crate::inspect::{View, short};

/// Elements that are shown.
const ELEMENTS: usize = 60;

pub(in crate::inspect) fn outline(text: &str) -> View {
    let mut view = View::of("XML");
    match write(&mut view, 0, text, ELEMENTS) {
        Ok(()) => view,
        Err(error) => view.failed(&error),
    }
}

/// The names of the elements, and not what is in them: nobody knows what is a secret there.
pub(super) fn write(
    view: &mut View,
    depth: usize,
    text: &str,
    longest: usize,
) -> Result<(), mdm_xml::Error> {
    let options = mdm_xml::Options::default()
        .with_limits(wsusss::Limits::default().xml)
        .with_doctype(mdm_xml::Doctype::IgnoreSubset)
        .with_undeclared_prefixes(mdm_xml::Tolerance::Keep);
    let mut reader = mdm_xml::Reader::new(text, &options)?;
    let mut elements = 0usize;
    loop {
        match reader.next()? {
            mdm_xml::Event::Start(element) => {
                elements += 1;
                if elements <= longest {
                    view.line(depth + reader.depth() - 1, short(element.name()));
                }
            }
            mdm_xml::Event::Eof => {
                if elements > longest {
                    view.line(depth, format_args!("… {elements} elements"));
                }
                return Ok(());
            }
            _ => {}
        }
    }
}
