//! Lints of methods, paths, queries and headers.

use super::{LintCode, Linter, segments};
use crate::models::{DeploymentStateReasonValue, UpdateCategory, Vocabulary};
use crate::requests::{Expect, Method, PREFER, Request};

/// The query options of OData 4.01 (URL conventions 5.1), and whether they are of lists only.
const OPTIONS: &[(&str, bool)] = &[
    ("filter", true),
    ("orderby", true),
    ("top", true),
    ("skip", true),
    ("count", true),
    ("search", true),
    ("select", false),
    ("expand", false),
    ("skiptoken", true),
    ("deltatoken", true),
    ("apply", true),
    ("compute", false),
    ("format", false),
    ("levels", false),
    ("schemaversion", false),
];

impl Linter {
    pub(super) fn request(&mut self, request: &Request, path: &str, query: &str) {
        let preferred = request
            .headers
            .get("prefer")
            .is_some_and(|value| value.to_ascii_lowercase().contains(PREFER));
        if !preferred {
            self.say(LintCode::NoPreference, "", "the header Prefer is missing");
        }
        let mut seen: Vec<String> = Vec::new();
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let name = decoded(name).to_ascii_lowercase();
            let bare = name.strip_prefix('$').unwrap_or(&name);
            let known = OPTIONS.iter().find(|(known, _)| *known == bare);
            match known {
                // What others add for themselves has no `$` (OData URL conventions 5.2).
                None if name.starts_with('$') => {
                    self.say(LintCode::UnknownOption, "", name.clone());
                }
                None => continue,
                Some(_) if !name.starts_with('$') => {
                    self.say(LintCode::BareOption, "", format!("{bare} without $"));
                }
                Some((_, of_lists)) => {
                    let lists = request.method == Method::Get && request.expect == Expect::Page;
                    if *of_lists && !lists {
                        self.say(LintCode::ListOption, "", format!("{name} where no list is"));
                    }
                    self.value(bare, &decoded(value), preferred);
                }
            }
            if seen.contains(&name) {
                self.say(LintCode::RepeatedOption, "", name.clone());
            }
            seen.push(name);
        }
        let segments = segments(path);
        let cast = |segment: &str| segment.contains("microsoft.graph.");
        match segments.as_slice() {
            [.., "policies", _, "approvals", _] if request.method == Method::Delete => {
                self.say(LintCode::UndeletableApproval, "", "suspend it instead");
            }
            [.., "updatableAssets", id] if !cast(id) && expands_members(query) => {
                self.say(LintCode::ExpandedMembers, "", "ask for the group's members");
            }
            [.., "updatableAssets", id, last]
                if request.method == Method::Get && !cast(id) && cast(last) =>
            {
                self.say(LintCode::CastItem, "", "ask for the asset without the type");
            }
            _ => {}
        }
    }

    /// The value of an option, percent-decoded.
    fn value(&mut self, option: &str, value: &str, preferred: bool) {
        let bad = match option {
            "top" | "skip" => value.parse::<u32>().is_err(),
            "count" => !matches!(value, "true" | "false"),
            "filter" | "expand" | "search" => value.trim().is_empty() || !is_balanced(value),
            "select" | "orderby" => {
                value.split(',').any(|member| member.trim().is_empty()) || !is_balanced(value)
            }
            _ => false,
        };
        if bad {
            self.say(LintCode::BadOption, "", format!("${option}={value}"));
        }
        if option == "filter" && !preferred {
            let hidden = UpdateCategory::HIDDEN.iter().chain(DeploymentStateReasonValue::HIDDEN);
            for word in hidden {
                if value.contains(&format!("'{word}'")) {
                    self.say(LintCode::HiddenWord, "", format!("{word} without the header"));
                }
            }
        }
    }
}

fn expands_members(query: &str) -> bool {
    let options = query.split('&').filter_map(|option| option.split_once('='));
    options.filter(|(name, _)| name.trim_start_matches('$').eq_ignore_ascii_case("expand")).any(
        |(_, value)| {
            let value = decoded(value).to_ascii_lowercase();
            value.split([',', '(', ';']).any(|member| member.trim() == "members")
        },
    )
}

/// Whether every bracket and every quote has its other one. A quote in a text is doubled, which
/// ends one text and begins the next.
fn is_balanced(value: &str) -> bool {
    let (mut open, mut quoted) = (0_usize, false);
    for byte in value.bytes() {
        match byte {
            b'\'' => quoted = !quoted,
            b'(' if !quoted => open += 1,
            b')' if !quoted => match open.checked_sub(1) {
                Some(rest) => open = rest,
                None => return false,
            },
            _ => {}
        }
    }
    open == 0 && !quoted
}

/// Percent-decoded; what is no escape stays as it is.
fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escape = tail.get(..2).filter(|_| *first == b'%');
        let byte = escape
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, first) {
            (Some(byte), _) => {
                out.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            (None, b'+') => {
                out.push(b' ');
                rest = tail;
            }
            (None, byte) => {
                out.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
