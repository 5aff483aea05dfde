//! The values that a node takes.

use mdm_xml::{Options, Reader, Tolerance};
use syncml::Format;

use super::pattern::Patterns;

/// How values are constrained (`ValueType` of Microsoft's `AllowedValues`).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum ValueKind {
    /// Not by anything that a program can read.
    #[default]
    None,
    /// One of a list.
    Enum,
    /// Bits of a list.
    Flag,
    /// Numbers from and to.
    Range,
    /// A regular expression.
    RegEx,
    /// XML after an ADMX file.
    Admx,
    /// XML after a schema.
    Xsd,
    /// JSON after a schema.
    Json,
    /// A security descriptor.
    Sddl,
    /// Something else.
    Other(Box<str>),
}

impl ValueKind {
    /// From the attribute's text.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "None" => Self::None,
            "ENUM" => Self::Enum,
            "Flag" => Self::Flag,
            "Range" => Self::Range,
            "RegEx" => Self::RegEx,
            "ADMX" => Self::Admx,
            "XSD" => Self::Xsd,
            "JSON" => Self::Json,
            "SDDL" => Self::Sddl,
            other => Self::Other(other.into()),
        }
    }

    /// The attribute's text.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::None => "None",
            Self::Enum => "ENUM",
            Self::Flag => "Flag",
            Self::Range => "Range",
            Self::RegEx => "RegEx",
            Self::Admx => "ADMX",
            Self::Xsd => "XSD",
            Self::Json => "JSON",
            Self::Sddl => "SDDL",
            Self::Other(name) => name,
        }
    }
}

/// A value and what it means.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct AllowedValue {
    /// The value, the range, the pattern or the schema.
    pub value: String,
    /// What it means.
    pub description: Option<String>,
}

impl AllowedValue {
    /// A value that nothing is said about.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), description: None }
    }
}

/// The ADMX policy that says what a node takes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct AdmxBacked {
    /// Where the policy stands.
    pub area: String,
    /// Its name.
    pub name: String,
    /// The ADMX file.
    pub file: String,
}

/// The values that a node takes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct AllowedValues {
    /// How they are constrained.
    pub kind: ValueKind,
    /// The values of a list, or the one range, pattern or schema.
    pub values: Vec<AllowedValue>,
    /// What separates several values in one.
    pub delimiter: Option<String>,
    /// The ADMX policy.
    pub admx: Option<AdmxBacked>,
}

/// Parts of a value that are checked; lists of more are not decided.
const MOST_PARTS: usize = 1_024;

/// Bytes of all values of a node, and of those that are compared with the parts of one list.
const MOST_BYTES: usize = 256 << 10;
const MOST_COMPARED: usize = 4 << 20;

/// Whether a value is one that a node takes.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Allowed {
    /// It is.
    Yes,
    /// It is not; why.
    No(String),
    /// That cannot be said from here; why.
    Undecided(&'static str),
}

impl AllowedValues {
    /// Numbers from `low` to `high`.
    #[must_use]
    pub fn range(low: i64, high: i64) -> Self {
        let values = vec![AllowedValue::new(format!("[{low}-{high}]"))];
        Self { kind: ValueKind::Range, values, ..Self::default() }
    }

    /// The ranges, if it is a [`ValueKind::Range`] that can be read: `[0-23]`, `[1-3],[7]`.
    #[must_use]
    pub fn ranges(&self) -> Option<Vec<(i64, i64)>> {
        if self.kind != ValueKind::Range {
            return None;
        }
        let mut ranges = Vec::new();
        for value in &self.values {
            ranges.extend(read_ranges(&value.value)?);
        }
        (!ranges.is_empty()).then_some(ranges)
    }

    /// Whether a node of this format takes `value`, which has no white space around it.
    ///
    /// ```
    /// use syncml::Format;
    /// use update_csp::ddf::{Allowed, AllowedValues};
    ///
    /// let hours = AllowedValues::range(0, 23);
    /// assert_eq!(hours.check("17", Some(&Format::Int)), Allowed::Yes);
    /// assert!(matches!(hours.check("24", Some(&Format::Int)), Allowed::No(_)));
    /// ```
    #[must_use]
    pub fn check(&self, value: &str, format: Option<&Format<'_>>) -> Allowed {
        // Each value is looked at for each item of each command.
        let bytes: usize = self.values.iter().map(|known| known.value.len()).sum();
        if bytes > MOST_BYTES && !matches!(self.kind, ValueKind::Xsd | ValueKind::Json) {
            return Allowed::Undecided("the list of values is too long to be checked");
        }
        let texts: &[_] = if self.kind == ValueKind::RegEx { &self.values } else { &[] };
        let texts = texts.iter().map(|known| known.value.as_str());
        let patterns = Patterns::new(texts, value.len());
        let whole = self.check_one(value, format, &patterns);
        let Some(delimiter) = self.delimiter.as_deref().filter(|text| !text.is_empty()) else {
            return whole;
        };
        // A pattern may be written for the whole list as well as for one part of it.
        if whole == Allowed::Yes {
            return whole;
        }
        // Each part is compared with every value.
        let parts = value.split(delimiter).take(MOST_PARTS + 1).count();
        let long = parts.saturating_mul(bytes.saturating_add(self.values.len())) > MOST_COMPARED;
        if parts > MOST_PARTS || long {
            return Allowed::Undecided("the list has too many parts to be checked");
        }
        let mut parts = value.split(delimiter).map(str::trim).filter(|part| !part.is_empty());
        parts
            .find_map(|part| match self.check_one(part, format, &patterns) {
                Allowed::Yes => None,
                other => Some(other),
            })
            .unwrap_or(Allowed::Yes)
    }

    fn check_one(&self, value: &str, format: Option<&Format<'_>>, patterns: &Patterns) -> Allowed {
        match &self.kind {
            ValueKind::None => Allowed::Yes,
            ValueKind::Enum => self.check_enum(value, format),
            ValueKind::Flag => self.check_flag(value),
            ValueKind::Range => match (self.ranges(), value.parse::<i64>()) {
                (None, _) => Allowed::Undecided("the range is not written as [low-high]"),
                (Some(_), Err(_)) => Allowed::No("a range takes a number".to_owned()),
                (Some(ranges), Ok(number)) => {
                    if ranges.iter().any(|(low, high)| (*low..=*high).contains(&number)) {
                        Allowed::Yes
                    } else {
                        let ranges: Vec<String> =
                            ranges.iter().map(|(low, high)| format!("{low} to {high}")).collect();
                        Allowed::No(format!("it takes {}", ranges.join(", ")))
                    }
                }
            },
            ValueKind::RegEx => patterns.check(value),
            ValueKind::Admx => check_markup(value, &["enabled", "disabled", "data"]),
            ValueKind::Xsd => check_markup(value, &[]),
            ValueKind::Json => Allowed::Undecided("JSON schemas are not evaluated"),
            ValueKind::Sddl => check_sddl(value),
            ValueKind::Other(_) => Allowed::Undecided("values of an unknown kind"),
        }
    }

    fn check_enum(&self, value: &str, format: Option<&Format<'_>>) -> Allowed {
        let equal = |known: &str| match format {
            Some(Format::Int) => {
                known == value || known.parse::<i64>().is_ok_and(|known| value.parse() == Ok(known))
            }
            // DDF files write True and False, OMA DM true and false.
            Some(Format::Bool) => truth(known).is_some_and(|known| truth(value) == Some(known)),
            _ => known == value,
        };
        if self.values.iter().any(|known| equal(known.value.trim())) {
            return Allowed::Yes;
        }
        if self.values.is_empty() {
            return Allowed::Undecided("the list of values is empty");
        }
        let known = self.values.iter().map(|known| known.value.trim()).take(24);
        Allowed::No(format!("it takes {}", known.collect::<Vec<_>>().join(", ")))
    }

    fn check_flag(&self, value: &str) -> Allowed {
        let bits: Option<Vec<u64>> =
            self.values.iter().map(|known| number(known.value.trim())).collect();
        match (bits, number(value)) {
            (None, _) => Allowed::Undecided("a flag is not written as a number"),
            (_, None) => Allowed::No("flags take a number".to_owned()),
            (Some(bits), Some(value)) => {
                let all = bits.iter().fold(0, |all, bit| all | bit);
                match value & !all {
                    0 => Allowed::Yes,
                    other => Allowed::No(format!("nothing has the bits {other:#x}")),
                }
            }
        }
    }
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// `[0-23]`, `[-1-5]`, `[7]`, several with commas or nothing between them.
fn read_ranges(text: &str) -> Option<Vec<(i64, i64)>> {
    let mut ranges = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
        let inside = inside.trim();
        // A minus at the beginning is a sign.
        let sign = usize::from(inside.starts_with('-'));
        let dash = inside.get(sign..)?.find('-').map(|at| at + sign);
        let (low, high) = match dash {
            Some(at) => (inside.get(..at)?, inside.get(at + 1..)?),
            None => (inside, inside),
        };
        let range = (low.trim().parse().ok()?, high.trim().parse().ok()?);
        if range.0 > range.1 {
            return None;
        }
        ranges.push(range);
        rest = after.trim_start().trim_start_matches([',', ';']).trim_start();
    }
    Some(ranges)
}

/// Well-formed XML, with one of these elements at its top where it matters.
fn check_markup(value: &str, names: &[&str]) -> Allowed {
    let options = Options::new(&[])
        .with_undeclared_prefixes(Tolerance::Keep)
        .with_fragment(names.is_empty() || !value.is_empty());
    let read = |names: &[&str]| -> Result<Option<String>, mdm_xml::Error> {
        let mut reader = Reader::new(value, &options)?;
        let (mut depth, mut top) = (0usize, None);
        loop {
            match reader.next()? {
                mdm_xml::Event::Start(element) => {
                    let known = names.is_empty()
                        || names.iter().any(|name| element.local().eq_ignore_ascii_case(name));
                    if depth == 0 && !known {
                        top = Some(element.local().chars().take(64).collect());
                    }
                    depth += 1;
                }
                mdm_xml::Event::End => depth = depth.saturating_sub(1),
                mdm_xml::Event::Text(_) => {}
                _ => return Ok(top),
            }
        }
    };
    match read(names) {
        Err(error) => Allowed::No(format!("it is not well-formed: {error}")),
        Ok(Some(top)) => Allowed::No(format!("it takes {}, not {top}", names.join(", "))),
        Ok(None) if names.is_empty() => Allowed::Undecided("XML schemas are not evaluated"),
        Ok(None) => Allowed::Yes,
    }
}

/// The shape of a security descriptor (MS-DTYP 2.5.1.1): parts `O:`, `G:`, `D:` and `S:` in this
/// order, access control entries in parentheses.
fn check_sddl(value: &str) -> Allowed {
    let mut last = 0;
    let mut parts = 0;
    let mut parentheses = 0i32;
    let bytes = value.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' => parentheses += 1,
            b')' => parentheses -= 1,
            b':' if parentheses == 0 => {
                let letter = at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
                let order = match letter {
                    Some(b'O') => 1,
                    Some(b'G') => 2,
                    Some(b'D') => 3,
                    Some(b'S') => 4,
                    _ => return Allowed::No("a part that no security descriptor has".to_owned()),
                };
                if order <= last {
                    return Allowed::No("parts in an order that SDDL does not have".to_owned());
                }
                last = order;
                parts += 1;
            }
            _ => {}
        }
        if !(0..=1).contains(&parentheses) {
            return Allowed::No("its parentheses do not fit".to_owned());
        }
    }
    if parts == 0 || parentheses != 0 {
        return Allowed::No("it is no security descriptor".to_owned());
    }
    Allowed::Yes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: ValueKind, values: &[&str]) -> AllowedValues {
        let values = values.iter().map(|value| AllowedValue::new(*value)).collect();
        AllowedValues { kind, values, ..AllowedValues::default() }
    }

    #[allow(clippy::needless_pass_by_value)]
    fn no(allowed: Allowed) -> bool {
        matches!(allowed, Allowed::No(_))
    }

    #[test]
    fn ranges_take_their_ends_and_nothing_beyond() {
        let two = of(ValueKind::Range, &["[-1-5],[7]"]);
        assert_eq!(two.ranges(), Some(vec![(-1, 5), (7, 7)]));
        for (value, taken) in [("-1", true), ("5", true), ("7", true), ("6", false), ("-2", false)]
        {
            assert_eq!(two.check(value, Some(&Format::Int)) == Allowed::Yes, taken, "{value}");
        }
        assert!(no(two.check("x", Some(&Format::Int))));
        for odd in ["0-5", "[5-0]", "[a-b]", "", "[1"] {
            let odd = of(ValueKind::Range, &[odd]);
            assert!(matches!(odd.check("1", None), Allowed::Undecided(_)), "{odd:?}");
        }
        assert_eq!(
            of(ValueKind::Range, &["[-5--3]"]).ranges(),
            Some(vec![(-5, -3)]),
            "both ends below zero"
        );
    }

    #[test]
    fn lists_compare_as_the_format_does() {
        let list = of(ValueKind::Enum, &["0", "1", " 4 "]);
        assert_eq!(list.check("4", Some(&Format::Int)), Allowed::Yes);
        assert_eq!(list.check("04", Some(&Format::Int)), Allowed::Yes);
        assert!(no(list.check("04", Some(&Format::Chr))));
        assert!(no(list.check("2", Some(&Format::Int))));
        let truth = of(ValueKind::Enum, &["True", "False"]);
        assert_eq!(truth.check("true", Some(&Format::Bool)), Allowed::Yes);
        assert!(no(truth.check("maybe", Some(&Format::Bool))));
        let empty = of(ValueKind::Enum, &[]);
        assert!(matches!(empty.check("1", None), Allowed::Undecided(_)));
    }

    #[test]
    fn flags_are_any_of_their_bits() {
        let flags = of(ValueKind::Flag, &["0x1", "2", "8"]);
        for (value, taken) in [("0", true), ("11", true), ("4", false), ("x", false)] {
            assert_eq!(flags.check(value, None) == Allowed::Yes, taken, "{value}");
        }
    }

    #[test]
    fn patterns_match_a_list_or_each_of_its_parts() {
        let mut files = of(ValueKind::RegEx, &[r"^[^;]+(?i)\.appinstaller$"]);
        files.delimiter = Some(";".to_owned());
        assert_eq!(files.check("a.appinstaller;B.APPINSTALLER", None), Allowed::Yes);
        assert!(no(files.check("a.appinstaller;b.exe", None)));
    }

    #[test]
    fn markup_json_and_descriptors() {
        let admx = of(ValueKind::Admx, &[]);
        assert_eq!(admx.check("<enabled/><data id=\"a\" value=\"1\"/>", None), Allowed::Yes);
        assert!(no(admx.check("<on/>", None)));
        assert!(no(admx.check("<enabled>", None)));
        let xsd = of(ValueKind::Xsd, &["<schema/>"]);
        assert!(matches!(xsd.check("<a><b/></a>", None), Allowed::Undecided(_)));
        assert!(no(xsd.check("<a>", None)));
        let json = of(ValueKind::Json, &["{}"]);
        assert!(matches!(json.check("{}", None), Allowed::Undecided(_)));
        let sddl = of(ValueKind::Sddl, &[]);
        assert_eq!(sddl.check("O:BAG:BAD:(A;;GA;;;SY)", None), Allowed::Yes);
        for bad in ["", "x", "D:(A", "D:O:BA", "Q:1", "D:((A))"] {
            assert!(no(sddl.check(bad, None)), "{bad}");
        }
        let other = of(ValueKind::Other("New".into()), &[]);
        assert!(matches!(other.check("1", None), Allowed::Undecided(_)));
    }
}
