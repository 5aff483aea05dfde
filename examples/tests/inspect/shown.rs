//! What the tests ask of a view.

use mdm_examples::inspect::{Oddity, View, inspect};

pub(crate) fn json(text: &str) -> View {
    inspect("a.json", text.as_bytes())
}

/// That all of these lines are there, in this order.
pub(crate) fn has(view: &View, wanted: &[&str]) {
    let mut rest = view.lines.iter().map(|line| line.trim());
    for wanted in wanted {
        assert!(rest.any(|line| line == *wanted), "no {wanted:?} in {:#?}", view.lines);
    }
}

/// The oddity with this code.
pub(crate) fn odd<'v>(view: &'v View, code: &str) -> &'v Oddity {
    let found = view.diagnostics.iter().find(|odd| odd.code == code);
    found.unwrap_or_else(|| panic!("no {code} in {view:#?}"))
}
