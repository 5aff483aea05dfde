//! Why a value was refused.

use super::PolicyId;

/// Why a policy's value was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A number outside the policy's range.
    #[error("{policy} takes {min} to {max}, not {value}")]
    Range {
        /// The policy.
        policy: PolicyId,
        /// The smallest value.
        min: i64,
        /// The largest value.
        max: i64,
        /// The value.
        value: i64,
    },
    /// A number that is none of the policy's.
    #[error("{policy} takes {}, not {value}", list(allowed))]
    NotAllowed {
        /// The policy.
        policy: PolicyId,
        /// The values it takes.
        allowed: Vec<i64>,
        /// The value.
        value: i64,
    },
    /// A text for a policy that takes a number.
    #[error("{policy} takes a number, not {text:?}")]
    NotANumber {
        /// The policy.
        policy: PolicyId,
        /// The text's beginning.
        text: String,
    },
    /// A number for a policy that takes a text, or a day for one that takes none.
    #[error("{0} takes a value of another kind")]
    Kind(PolicyId),
    /// No day of the calendar written `yyyy-mm-dd`.
    #[error("{policy} takes a day written yyyy-mm-dd, not {text:?}")]
    Date {
        /// The policy.
        policy: PolicyId,
        /// The text's beginning.
        text: String,
    },
    /// No `http://` or `https://` address of a server.
    #[error("{policy} takes an http or https address such as http://wsus:8530, not {text:?}")]
    Url {
        /// The policy.
        policy: PolicyId,
        /// The text's beginning.
        text: String,
    },
    /// An empty text, one of more than 256 bytes or with control characters.
    #[error("{0} takes a text of 1 to 256 bytes without control characters or blanks around it")]
    Text(PolicyId),
    /// A raw policy's name that is no name of a node.
    #[error("{0:?} cannot be a policy's name")]
    Name(String),
    /// A raw policy's value that is too long or has characters that XML cannot carry.
    #[error("the value of {0} has more than {max} bytes or characters that XML cannot carry", max = super::raw::MAX_DATA)]
    Data(String),
}

/// `0, 1 or 2`.
fn list(values: &[i64]) -> String {
    let mut words: Vec<String> = values.iter().map(ToString::to_string).collect();
    let last = words.pop().unwrap_or_default();
    if words.is_empty() { last } else { format!("{} or {last}", words.join(", ")) }
}

/// The beginning of a text, for an error.
pub(super) fn beginning(text: &str) -> String {
    text.chars().take(64).collect()
}
