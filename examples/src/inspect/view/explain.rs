//! What update policies, nodes of the Update CSP and result codes mean, by what `update-csp` knows.

use std::collections::HashSet;

use syncml::LocUri;
use update_csp::hresult::HResult;
use update_csp::nodes::Csp;
use update_csp::policy::{Observed, PolicyId};

use crate::inspect::short;

/// Addresses that are explained in a view. A message can have a hundred thousand, and to look for
/// the name that was meant takes time.
const EXPLAINED: usize = 200;
/// Bytes of an address that is looked at; those of policies have less than a hundred.
const LONGEST_ADDRESS: usize = 256;

/// Says each thing once.
#[derive(Default)]
pub(super) struct Explainer {
    looked_at: usize,
    told: HashSet<String>,
}

/// A result code in words.
pub(super) fn result(text: &str) -> Option<String> {
    let code: HResult = text.trim().parse().ok()?;
    let class = code.class().name();
    let told = code.describe();
    Some(if told.contains(class) { told } else { format!("{told} ({class})") })
}

impl Explainer {
    /// What the node is, and what its value says if that is a code.
    pub(super) fn explain(&mut self, uri: &str, value: Option<&str>) -> Vec<String> {
        let mut told = Vec::new();
        let uri = uri.trim();
        if uri.len() > LONGEST_ADDRESS {
            return told;
        }
        let last = uri.rsplit('/').next().unwrap_or_default();
        if last.eq_ignore_ascii_case("HResult") {
            told.extend(value.and_then(result));
        }
        if self.looked_at < EXPLAINED {
            self.looked_at += 1;
            told.extend(node(uri).filter(|text| self.told.insert(text.clone())));
        }
        told
    }
}

fn node(uri: &str) -> Option<String> {
    let lower = uri.to_ascii_lowercase();
    if lower.contains("/policy/config/update/") || lower.contains("/policy/result/update/") {
        return match uri.parse::<PolicyId>() {
            Ok(policy) => Some(format!("policy: {}", policy.meta().summary)),
            Err(error) => {
                let name = uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
                let seen = Observed::of(name).map(|it| match it.name_only {
                    true => format!("a name in {}: {}", it.seen, it.open),
                    false => format!("a name that devices know: {}", it.open),
                });
                Some(seen.unwrap_or_else(|| short(&error.to_string())))
            }
        };
    }
    let address: LocUri = uri.parse().ok()?;
    let node = update_csp::nodes::find(&address).filter(|node| node.csp == Csp::Update)?;
    Some(format!("node: {}", node.meaning))
}
