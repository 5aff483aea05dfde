//! Reading the names of policies.

use std::fmt;
use std::str::FromStr;

use syncml::LocUri;

use super::{PolicyId, error};

/// A text that names no policy.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub struct ParsePolicyError {
    name: String,
    meant: Option<PolicyId>,
    seen_in: Option<&'static str>,
}

impl ParsePolicyError {
    /// The policy that was probably meant.
    #[must_use]
    pub const fn did_you_mean(&self) -> Option<PolicyId> {
        self.meant
    }

    /// Where documentation has this name by mistake, if it does (contradictions C02 and C03).
    #[must_use]
    pub const fn seen_in(&self) -> Option<&'static str> {
        self.seen_in
    }
}

impl fmt::Display for ParsePolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no policy of the Update area", self.name)?;
        if let Some(meant) = self.meant {
            write!(f, "; did you mean {meant}?")?;
        }
        if let Some(seen_in) = self.seen_in {
            write!(f, " (misspelt in {seen_in})")?;
        }
        Ok(())
    }
}

impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for PolicyId {
    type Err = ParsePolicyError;

    /// Reads a name or an address below `Policy/Config/Update` or `Policy/Result/Update`, without
    /// regard to case, blanks around it, a query, or `./Device`.
    ///
    /// *Decision* (C02, C03): names that documentation misspelt are refused, with the right one;
    /// no DDF has them and devices answer 404 to them. Case alone makes no other name. (C33): the
    /// guides' own example has blanks inside LocURI; they are no part of a name.
    fn from_str(text: &str) -> Result<Self, ParsePolicyError> {
        let text = text.trim();
        let address = text.contains('/').then(|| text.parse::<LocUri>().ok());
        let below = address.map(|uri| uri.and_then(|uri| name_below(&uri)));
        let name = match &below {
            None => text,
            Some(Some(name)) => name,
            Some(None) => {
                return Err(ParsePolicyError {
                    name: error::beginning(text),
                    meant: None,
                    seen_in: None,
                });
            }
        };
        if let Some(id) = known(name) {
            return Ok(id);
        }
        let documented = Self::ALL.into_iter().find_map(|id| {
            let same = |known: &&super::Misspelling| known.name.eq_ignore_ascii_case(name);
            id.meta().misspellings.iter().find(same).map(|known| (id, known.seen_in))
        });
        Err(ParsePolicyError {
            name: error::beginning(name),
            meant: documented.map(|(id, _)| id).or_else(|| nearest(name)),
            seen_in: documented.map(|(_, seen_in)| seen_in),
        })
    }
}

/// The policy of this name, if there is one.
pub(crate) fn known(name: &str) -> Option<PolicyId> {
    PolicyId::ALL.into_iter().find(|id| id.name().eq_ignore_ascii_case(name))
}

/// The last segment of an address just below the Update area, set or in force.
pub(crate) fn name_below(uri: &LocUri) -> Option<String> {
    [super::CONFIG, super::RESULT].iter().find_map(|root| {
        let below = uri.relative_to(&root.parse().ok()?)?;
        match below.as_slice() {
            [name] => Some(name.clone()),
            _ => None,
        }
    })
}

/// The most similar name, if it differs by at most a fifth of its letters.
fn nearest(name: &str) -> Option<PolicyId> {
    // Nothing longer is a misspelling of a name; this also bounds the work.
    if name.len() > 96 {
        return None;
    }
    let name = name.to_ascii_lowercase();
    PolicyId::ALL
        .into_iter()
        .map(|id| (distance(&name, &id.name().to_ascii_lowercase()), id))
        .min()
        .filter(|(distance, id)| *distance <= (id.name().len() / 5).min(6))
        .map(|(_, id)| id)
}

/// How many letters have to be changed, added or left out.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, x) in a.bytes().enumerate() {
        let mut left = index + 1;
        let mut diagonal = index;
        for (y, cell) in b.bytes().zip(row.iter_mut().skip(1)) {
            let here = (diagonal + usize::from(x != y)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_right() {
        for (a, b, wanted) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(distance(a, b), wanted, "{a} {b}");
        }
    }

    #[test]
    fn every_name_is_read_in_each_form() {
        for id in PolicyId::ALL {
            for text in [
                id.name().to_owned(),
                id.name().to_lowercase(),
                format!(" {} ", id.name().to_uppercase()),
                id.meta().config_uri(),
                id.meta().result_uri(),
                format!("./Vendor/MSFT/Policy/Config/Update/{id} "),
                format!("./vendor/msft/policy/result/update/{id}?list=StructData"),
            ] {
                assert_eq!(text.parse(), Ok(id), "{text}");
            }
        }
    }

    #[test]
    fn misspellings_are_told() {
        for id in PolicyId::ALL {
            for known in id.meta().misspellings {
                // Two differ in case only, and are the name itself.
                match known.name.parse::<PolicyId>() {
                    Ok(read) => assert!(read == id && id.name().eq_ignore_ascii_case(known.name)),
                    Err(error) => {
                        assert_eq!(error.did_you_mean(), Some(id));
                        assert!(error.to_string().contains(known.seen_in), "{error}");
                    }
                }
            }
        }
        let error = "AllowAutoUpdates".parse::<PolicyId>().unwrap_err();
        assert_eq!(
            (error.did_you_mean(), error.seen_in()),
            (Some(PolicyId::AllowAutoUpdate), None)
        );
        assert_eq!(error.to_string().matches("did you mean AllowAutoUpdate?").count(), 1);
        for other in [
            "",
            "x",
            "AllowTelemetry",
            "./Vendor/MSFT/Policy/Config/System/AllowAutoUpdate",
            "./Vendor/MSFT/Policy/Config/Update",
            "./User/Vendor/MSFT/Policy/Config/Update/AllowAutoUpdate",
            &"A".repeat(1000),
        ] {
            let error = other.parse::<PolicyId>().unwrap_err();
            assert_eq!(error.did_you_mean(), None, "{other}");
        }
    }
}
