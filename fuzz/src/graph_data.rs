//! Graph JSON by the crate's own second readers: what its tests hold for a few thousand texts, for
//! as many as there is time for.

#[macro_use]
#[path = "../../graph-wufb/tests/shared/every_type.rs"]
mod every_type;
#[path = "../../graph-wufb/tests/shared/generate.rs"]
mod generate;
#[path = "../../graph-wufb/tests/shared/reference.rs"]
mod reference;
#[path = "../../graph-wufb/tests/shared/repairs.rs"]
mod repairs;
#[path = "../../graph-wufb/tests/shared/shape.rs"]
mod shape;

use std::sync::OnceLock;

use generate::Choices;
use graph_wufb::json::{self, Code, Options};
use graph_wufb::models::dialect::decode_any;
use graph_wufb::models::schema::{Schema, schema};
use graph_wufb::models::{self, Model, decode, intune};
use graph_wufb::requests::Patch;

/// Strict errors are those of a second reader; every repair is one edit, and no edit is missing.
pub fn graph_repair(data: &[u8]) {
    // Each edit is looked for in the whole text.
    const LONGEST: usize = 2_048;
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.len() <= LONGEST {
        repairs::check("fuzzed", text);
    }
}

/// A text of one of the types, made by what follows the first byte: what is written is what was
/// read, and what is not as the schema has it is found as a second check finds it. The bytes as
/// they are, too, in today's dialect and in any.
pub fn graph_models(data: &[u8]) {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    let schema = SCHEMA.get_or_init(schema);
    let Some((which, choices)) = data.split_first() else { return };
    let mut number = 0_u8;
    macro_rules! run {
        ($model:ty) => {
            if number == *which {
                let kind = <$model as models::Wire>::schema_type();
                let text = generate::text(schema, &kind, 5, &mut Choices(choices));
                round_trip::<$model>(&text);
                round_trip::<$model>(&String::from_utf8_lossy(choices));
            }
            number = number.wrapping_add(1);
        };
    }
    every_type!(run);
    let _ = number;
}

fn round_trip<T: Model + PartialEq + std::fmt::Debug>(text: &str) {
    let Ok(read) = decode::<T>(text.as_bytes(), &Options::tolerant()) else {
        assert!(decode::<T>(text.as_bytes(), &Options::strict()).is_err());
        return;
    };
    let written = read.value.write().to_json();
    let is_mended = |code| matches!(code, Code::StringInteger | Code::MisspelledName);
    let whole = json::read(text.as_bytes(), &Options::tolerant()).expect("it was read").value;
    if !read.diagnostics.iter().any(|it| is_mended(it.code)) {
        assert_eq!(written, whole.to_json());
    }
    let again = decode::<T>(written.as_bytes(), &Options::tolerant()).expect("it was written");
    assert_eq!(again.value, read.value);
    assert!(Patch::between(&read.value, &read.value).is_empty());
    for diagnostic in &read.diagnostics {
        assert!(diagnostic.position.offset <= text.len());
    }
    // In any dialect: what was modernised needs no modernising again.
    let any = decode_any::<T>(text.as_bytes(), &Options::tolerant()).expect("it was read");
    let modern = any.value.write().to_json();
    let twice = decode_any::<T>(modern.as_bytes(), &Options::tolerant()).expect("it was written");
    if any.changes.is_empty() {
        assert_eq!(any.value, read.value);
        assert!(twice.changes.is_empty());
    }
    // A well-formed text, by the second check.
    if let Ok(tree) = reference::parse(text) {
        let kind = T::schema_type();
        let expected = match T::EXPECTED.starts_with("an object (") {
            true => shape::deviations_of_object(&tree, &kind),
            false => shape::deviations(&tree, &kind, ""),
        };
        // Names in pointers are cut, and dates of no calendar are not the second check's business.
        let found: Vec<_> = read
            .diagnostics
            .iter()
            .filter(|it| it.code != Code::UnreadableTime)
            .map(|it| (it.code, it.position.offset))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .filter(|it| it.code != Code::UnreadableTime)
            .map(|it| (it.code, it.offset))
            .collect();
        if expected.len() < 900 && text.len() < 65_536 {
            assert_eq!(found, expected, "{kind}: {text}");
        }
        let strict = decode::<T>(text.as_bytes(), &Options::strict());
        assert_eq!(strict.is_ok(), read.diagnostics.is_empty());
    }
}
