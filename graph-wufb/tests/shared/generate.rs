//! JSON texts for every type of the schema, steered by bytes: from proptest or from a fuzzer. What
//! they hold is mostly as the schema has it, and sometimes anything else.

use graph_wufb::models::schema::Schema;

/// Bytes to choose by; zeros when they are used up, so that everything ends.
pub(crate) struct Choices<'a>(pub(crate) &'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first)
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.byte() % all.len()].clone()
    }

    /// Once in so many; never when the bytes are used up.
    fn once_in(&mut self, times: usize) -> bool {
        self.byte() % times == times - 1
    }
}

const ANYTHING: &[&str] = &[
    "null",
    "true",
    "7",
    "-1.50",
    "1e2",
    "\"7\"",
    "\"\"",
    "\"x\"",
    "[]",
    "{}",
    "[null]",
    "{\"a\":[1]}",
    "\"2026-01-02T03:04:05.1234567Z\"",
    "\"P1W\"",
    "12345678901234567890",
];
const TEXTS: &[&str] = &["\"x\"", "\"\"", "\"a/b~c\"", "\"é\\n\\\"\"", "\"driver\""];
const TIMES: &[&str] = &[
    "\"2026-01-02T03:04:05Z\"",
    "\"2023-01-19T07:58:01.9721459Z\"",
    "\"0001-01-01T00:00:00Z\"",
    "\"2023-09-07T16:14:07.18-07:00\"",
    "\"String (timestamp)\"",
    "\"\"",
];
const DURATIONS: &[&str] = &["\"P1D\"", "\"P1W\"", "\"PT36H\"", "\"P1DT2H3M4.5S\"", "\"7 days\""];

/// A text of the type; `depth` bounds what is inside.
pub(crate) fn text(schema: &Schema, kind: &str, depth: usize, choices: &mut Choices<'_>) -> String {
    if choices.once_in(24) {
        return choices.of(ANYTHING).to_owned();
    }
    if let Some(item) = kind.strip_prefix("Collection(").and_then(|it| it.strip_suffix(')')) {
        let count = if depth == 0 { 0 } else { choices.byte() % 3 };
        let items: Vec<_> = (0..count).map(|_| text(schema, item, depth - 1, choices)).collect();
        return format!("[{}]", items.join(","));
    }
    let text = match kind {
        "Edm.String" => choices.of(TEXTS),
        "Edm.Boolean" => choices.of(&["true", "false"]),
        "Edm.Int32" => choices.of(&["0", "100", "-5", "\"100\"", "2147483648"]),
        "Edm.Double" => choices.of(&["7.50", "0", "1e1", "-0.0"]),
        "Edm.DateTimeOffset" => choices.of(TIMES),
        "Edm.Duration" => choices.of(DURATIONS),
        "Edm.Date" => choices.of(&["\"2026-11-10\"", "\"soon\""]),
        "Edm.TimeOfDay" => choices.of(&["\"08:00:00.0000000\"", "\"noon\""]),
        _ => return of_schema(schema, kind, depth, choices),
    };
    text.to_owned()
}

fn of_schema(schema: &Schema, kind: &str, depth: usize, choices: &mut Choices<'_>) -> String {
    if let Some(words) = schema.enums.iter().find(|it| it.name == kind) {
        let word = choices.of(&words.words);
        return match choices.byte() % 4 {
            2 => format!("\"{}\"", word.to_uppercase()),
            3 => "\"somethingNew\"".to_owned(),
            _ => format!("\"{word}\""),
        };
    }
    let (kind, tag) = match schema.polymorphic.iter().find(|it| it.name == kind) {
        Some(base) => {
            let (names, model) = choices.of(&base.types);
            let namespace = kind.rsplit_once('.').map_or("", |(namespace, _)| namespace);
            let tag = match choices.byte() % 5 {
                3 => format!("{namespace}.{}", names[0]),
                4 => format!("#{namespace}.somethingNew"),
                _ => format!("#{namespace}.{}", names[choices.byte() % names.len()]),
            };
            (model, Some(tag))
        }
        None => (kind, None),
    };
    let mut members: Vec<String> = Vec::new();
    members.extend(tag.map(|tag| format!("\"@odata.type\":\"{tag}\"")));
    let known = schema.objects.iter().find(|it| it.name == kind);
    for (name, kind) in known.into_iter().flat_map(|it| &it.members) {
        if depth == 0 || choices.byte().is_multiple_of(2) {
            continue;
        }
        // Now and then in another case, by a known misspelling, or with an annotation before it.
        let spelt = match choices.byte() % 16 {
            14 => name.to_uppercase(),
            15 => name.replace("devicesPer", "devicePer"),
            _ => (*name).to_owned(),
        };
        if choices.once_in(12) {
            members.push(format!("\"{spelt}@odata.context\":\"x\""));
        }
        let value = match choices.once_in(8) {
            true => "null".to_owned(),
            false => text(schema, kind, depth - 1, choices),
        };
        members.push(format!("\"{spelt}\":{value}"));
    }
    if choices.once_in(3) {
        let value = choices.of(ANYTHING);
        members.insert(choices.byte() % (members.len() + 1), format!("\"news\":{value}"));
    }
    format!("{{{}}}", members.join(","))
}
