//! The patterns that a node's values match.
//!
//! Matching takes time in proportion to what a pattern is compiled to times the value, and memory in
//! proportion to that times the pattern's groups: both are bounded before anything is matched.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

use regex_lite::{Regex, RegexBuilder};

use super::Allowed;

/// Values of more bytes are not matched.
const LONGEST_MATCHED: usize = 64 << 10;

/// Bytes of a value that patterns of any size are matched with.
const SHORT_VALUE: usize = 4 << 10;

/// Bytes of a pattern, and patterns of one node.
const LONGEST: usize = 16 << 10;
const MOST: usize = 16;

/// Bytes that the patterns of one node are compiled to together. The largest of Microsoft's DDF files
/// needs 48,232 (EnterpriseModernAppManagement).
const ROOM: usize = 256 << 10;

/// What a pattern may be compiled to for each of its bytes, even if that is more; a character takes
/// 32, and so long lists of plain text are decided.
const ROOM_PER_BYTE: usize = 40;

/// The same as [`ROOM`] for values that are not short.
const ROOM_FOR_LONG: usize = 64 << 10;

/// The compiled patterns of a node, for values of a certain length.
pub(super) struct Patterns {
    compiled: Vec<Regex>,
    /// Whether one of them is not among these.
    incomplete: bool,
}

impl Patterns {
    /// Patterns for a value of so many bytes.
    pub(super) fn new<'a>(texts: impl ExactSizeIterator<Item = &'a str>, length: usize) -> Self {
        let (all, mut compiled) = (texts.len(), Vec::new());
        if length <= LONGEST_MATCHED {
            let room = ROOM / all.clamp(1, MOST);
            let room = if length > SHORT_VALUE { room.min(ROOM_FOR_LONG) } else { room };
            compiled.extend(texts.take(MOST).map(str::trim).filter_map(|text| {
                let longer = if length > SHORT_VALUE { 0 } else { text.len() * ROOM_PER_BYTE };
                compile(text, room.max(longer))
            }));
        }
        Self { incomplete: compiled.len() < all || all == 0, compiled }
    }

    /// Whether a value of at most that length matches one of them.
    pub(super) fn check(&self, value: &str) -> Allowed {
        if value.len() > LONGEST_MATCHED {
            return Allowed::Undecided("the value is too long to be matched");
        }
        if self.compiled.iter().any(|pattern| pattern.is_match(value)) {
            Allowed::Yes
        } else if self.incomplete {
            Allowed::Undecided("the pattern uses what linear-time matching does not have")
        } else {
            Allowed::No("it does not match the pattern".to_owned())
        }
    }
}

/// The pattern, unless it takes more room. While it matches it keeps two places for each group at
/// each of its states, so groups that need not be remembered are made such.
fn compile(text: &str, room: usize) -> Option<Regex> {
    if text.len() > LONGEST {
        return None;
    }
    let (text, groups) = without_groups(text);
    let builder = RegexBuilder::new(&text).size_limit(room / (groups + 1)).nest_limit(64).build();
    // The whole match is a group as well.
    builder.ok().filter(|pattern| pattern.captures_len() <= groups + 1)
}

/// The pattern with `(?:` for each `(`, and how many groups may be left: those with names, and all
/// where white space and comments are ignored.
fn without_groups(text: &str) -> (Cow<'_, str>, usize) {
    if ignores_space(text) {
        return (Cow::Borrowed(text), text.matches('(').count());
    }
    let (mut changed, mut groups) = (String::with_capacity(text.len() + 64), 0);
    let mut rest = text.chars().peekable();
    while let Some(char) = rest.next() {
        changed.push(char);
        match char {
            '\\' => changed.extend(rest.next()),
            '[' => class(&mut rest, &mut changed),
            '(' => match rest.next_if_eq(&'?') {
                // `(?<name>` and `(?P<name>`; all else behind `(?` remembers nothing.
                Some(mark) => {
                    changed.push(mark);
                    groups += usize::from(matches!(rest.peek(), Some('<' | 'P')));
                }
                None => changed.push_str("?:"),
            },
            _ => {}
        }
    }
    (Cow::Owned(changed), groups)
}

/// Whether the flag `x` is named somewhere.
fn ignores_space(text: &str) -> bool {
    text.split("(?").skip(1).any(|flags| {
        let end = flags.find(|char: char| !char.is_ascii_alphabetic() && char != '-');
        flags.get(..end.unwrap_or(flags.len())).is_some_and(|flags| flags.contains('x'))
    })
}

/// The rest of a class as it is.
fn class(rest: &mut Peekable<Chars<'_>>, changed: &mut String) {
    changed.extend(rest.next_if_eq(&'^'));
    // A bracket that comes first is one of the class.
    changed.extend(rest.next_if_eq(&']'));
    while let Some(char) = rest.next() {
        changed.push(char);
        match char {
            '\\' => changed.extend(rest.next()),
            // `[:alpha:]`: nothing else may begin so in a class.
            '[' => {
                while let Some(char) = rest.next_if(|char| *char != ']') {
                    changed.push(char);
                }
                changed.extend(rest.next());
            }
            ']' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], value: &str) -> Allowed {
        Patterns::new(texts.iter().copied(), value.len()).check(value)
    }

    #[test]
    fn a_pattern_means_the_same_without_its_groups() {
        let alphabet = ['(', ')', '[', ']', '^', ':', '\\', '?', 'a', '|'];
        let values = ["", "a", "(", ")", "[", "]", "^", ":", "?", "\\", "a(", ":]", "a]", "|"];
        let (mut patterns, mut read) = (vec![String::new()], 0);
        for _ in 0..4 {
            let longer = |text: &String| alphabet.map(|char| format!("{text}{char}"));
            patterns = patterns.iter().flat_map(longer).collect();
            for text in &patterns {
                let (changed, _) = without_groups(text);
                let (one, other) = (Regex::new(&format!("^(?:{text})$")), compile(text, ROOM));
                let whole = Regex::new(&format!("^(?:{changed})$"));
                assert_eq!(Regex::new(text).is_ok(), other.is_some(), "{text} {changed}");
                assert_eq!(one.is_ok(), whole.is_ok(), "{text} {changed}");
                if let (Ok(one), Ok(whole)) = (one, whole) {
                    read += 1;
                    for value in values {
                        assert_eq!(one.is_match(value), whole.is_match(value), "{text}: {value}");
                    }
                }
            }
        }
        assert!(read > 1_000, "{read}");
        for text in ["[[:alpha:](](a)", "[^^](a)", "[-](a)", "[]-](a)", r"\((a)[\](](a)", "(?i)(a)"]
        {
            let (changed, groups) = without_groups(text);
            assert_eq!(groups, 0, "{changed}");
            assert_eq!(Regex::new(&changed).unwrap().captures_len(), 1, "{changed}");
        }
        let most = compile(&"(a)".repeat(LONGEST / 3), ROOM * 2).unwrap();
        assert_eq!(most.captures_len(), 1);
        assert_eq!(without_groups("(?i-x) ( ?:a)(b)").1, 3);
        assert_eq!(without_groups("(?<x>a)(b)"), ("(?<x>a)(?:b)".into(), 1));
        assert_eq!(without_groups("(?P<x>a)(?:b)(?i)").1, 1);
    }

    #[test]
    fn groups_and_patterns_share_the_room() {
        // 32 bytes a state, and one state more.
        let most = |states: usize| format!("^a{{{states}}}$");
        let all = (1..20_000).rev().find(|states| compile(&most(*states), ROOM).is_some()).unwrap();
        assert!((4_000..=8_192).contains(&all), "{all}");
        let value = "a".repeat(SHORT_VALUE);
        assert!(matches!(check(&[&most(all)], &value), Allowed::No(_)));
        assert!(matches!(check(&[&most(all + 1)], &value), Allowed::Undecided(_)));
        // Two have half of it each, and one with a group that is remembered as well.
        assert!(matches!(check(&[&most(all / 2 - 64), "^b$"], &value), Allowed::No(_)));
        assert!(matches!(check(&[&most(all / 2 + 64), "^b$"], &value), Allowed::Undecided(_)));
        let named = |states: usize| format!("(?<n>b|{})", most(states));
        assert!(matches!(check(&[&named(all / 2 - 64)], &value), Allowed::No(_)));
        assert!(matches!(check(&[&named(all / 2 + 64)], &value), Allowed::Undecided(_)));
        let long = "a".repeat(SHORT_VALUE + 1);
        assert!(matches!(check(&[&most(all / 4 - 64)], &long), Allowed::No(_)));
        assert!(matches!(check(&[&most(all / 4 + 64)], &long), Allowed::Undecided(_)));
    }

    #[test]
    fn numbers_and_lengths_have_limits() {
        let any = |length: usize| check(&["^x*$"], &"x".repeat(length));
        assert_eq!(any(LONGEST_MATCHED), Allowed::Yes);
        assert!(matches!(any(LONGEST_MATCHED + 1), Allowed::Undecided(_)));
        // As much as there are characters, and a repetition that needs more than its bytes give.
        assert!(matches!(check(&[&"b".repeat(LONGEST)], "a"), Allowed::No(_)));
        assert!(matches!(check(&[&"b".repeat(LONGEST + 1)], "a"), Allowed::Undecided(_)));
        let repeated = |more: &str| check(&[&("b".repeat(LONGEST - 16) + more)], "a");
        assert!(matches!(repeated("b{100}"), Allowed::No(_)));
        assert!(matches!(repeated("b{9999}"), Allowed::Undecided(_)));
        let many = |count: usize| check(&vec!["^b$"; count], "a");
        assert!(matches!(many(MOST), Allowed::No(_)));
        assert!(matches!(many(MOST + 1), Allowed::Undecided(_)));
        assert!(matches!(many(0), Allowed::Undecided(_)));
        assert!(matches!(check(&["^(?=a)b$"], "b"), Allowed::Undecided(_)));
    }
}
