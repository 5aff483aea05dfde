//! What a property list may cost, and what becomes of a key that occurs twice.

/// What becomes of a key that occurs twice in one dictionary. It is a finding in any case.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Duplicates {
    /// All are kept in their order, and [`Dictionary::get`](super::Dictionary::get) finds the
    /// last: nothing is lost, and the meaning is that of [`Last`](Self::Last). The default.
    #[default]
    Keep,
    /// The first value counts, the others are left out.
    First,
    /// The last value counts, at the place of the first, as in Python's plistlib.
    Last,
    /// It is an error.
    Refuse,
}

/// Bounds on one property list. Each is a count that is still accepted.
///
/// The defaults are meant for bodies from the public internet: the largest real message known to us
/// has 22 kB, 700 values and 4 levels. A list that uses all of them up costs some 120 MB, and none
/// costs more than some 3 kB for each of its bytes.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// What the XML may cost; its bytes bound binary ones too. Default 16 MiB.
    pub xml: mdm_xml::Limits,
    /// Values in a property list; in a binary one, each use of a shared value counts. Default
    /// 500,000.
    pub nodes: usize,
    /// Values in a binary property list for each of its bytes, so that a few bytes do not become
    /// half a million values. Default 16; a list that shares no arrays and dictionaries, as Apple's
    /// writers share none, has fewer than 1.
    pub values_per_byte: usize,
    /// How deep arrays and dictionaries nest. Default 64, and 256 whatever is set.
    pub depth: usize,
    /// Bytes of text, keys and data in all values together; in a binary list, each use of a shared
    /// one counts. Default 16 MiB.
    pub expansion: usize,
    /// What becomes of a key that occurs twice. Default: all are kept.
    pub duplicates: Duplicates,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            xml: mdm_xml::Limits::DEFAULT.with_depth(300),
            nodes: 500_000,
            values_per_byte: 16,
            depth: 64,
            expansion: 16 << 20,
            duplicates: Duplicates::Keep,
        }
    }
}

impl Limits {
    /// These limits with another number of bytes of the document.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: usize) -> Self {
        self.xml = self.xml.with_bytes(bytes);
        self
    }

    /// These limits with another [`nodes`](Self::nodes).
    #[must_use]
    pub const fn with_nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes;
        self
    }

    /// These limits with another [`values_per_byte`](Self::values_per_byte).
    #[must_use]
    pub const fn with_values_per_byte(mut self, values: usize) -> Self {
        self.values_per_byte = values;
        self
    }

    /// These limits with another [`depth`](Self::depth).
    #[must_use]
    pub const fn with_depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// These limits with another [`expansion`](Self::expansion).
    #[must_use]
    pub const fn with_expansion(mut self, bytes: usize) -> Self {
        self.expansion = bytes;
        self
    }

    /// These limits with another [`duplicates`](Self::duplicates).
    #[must_use]
    pub const fn with_duplicates(mut self, duplicates: Duplicates) -> Self {
        self.duplicates = duplicates;
        self
    }

    /// The limits for a binary list of so many bytes.
    pub(super) fn of_binary(mut self, bytes: usize) -> Self {
        self.nodes = self.nodes.min(bytes.saturating_mul(self.values_per_byte));
        self
    }

    pub(super) fn deepest(&self) -> usize {
        self.depth.min(256)
    }
}
