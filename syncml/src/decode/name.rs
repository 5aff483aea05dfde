//! The names of SyncML's elements, as numbers: a name is looked up once for an element, and
//! everything after that compares numbers.

macro_rules! names {
    ($($name:ident $text:literal),* $(,)?) => {
        /// A name that is known here.
        #[expect(clippy::enum_variant_names, reason = "they are the elements' names")]
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        #[repr(u8)]
        pub(super) enum Name {
            $(#[doc = $text] $name,)*
            /// Any other.
            Other,
        }

        /// Every known name.
        const ALL: &[(&str, Name)] = &[$(($text, Name::$name)),*];
    };
}

names! {
    Add "Add", Alert "Alert", Anchor "Anchor", Archive "Archive", Atomic "Atomic", Chal "Chal",
    Cmd "Cmd", CmdId "CmdID", CmdRef "CmdRef", Copy "Copy", Correlator "Correlator", Cred "Cred",
    Data "Data", Delete "Delete", Emi "EMI", Exec "Exec", FieldLevel "FieldLevel", Filter "Filter",
    Final "Final", Format "Format", FreeId "FreeID", FreeMem "FreeMem", Get "Get", Item "Item",
    Lang "Lang", Last "Last", LocName "LocName", LocUri "LocURI", Map "Map", MapItem "MapItem",
    Mark "Mark", MaxMsgSize "MaxMsgSize", MaxObjSize "MaxObjSize", Mem "Mem", Meta "Meta",
    MetInf "MetInf", MoreData "MoreData", Move "Move", MsgId "MsgID", MsgRef "MsgRef",
    Next "Next", NextNonce "NextNonce", NoResp "NoResp", NoResults "NoResults",
    NumberOfChanges "NumberOfChanges", Put "Put", Replace "Replace", RespUri "RespURI",
    Results "Results", Search "Search", Sequence "Sequence", SessionId "SessionID",
    SftDel "SftDel", SharedMem "SharedMem", Size "Size", Source "Source",
    SourceParent "SourceParent", SourceRef "SourceRef", Status "Status", Sync "Sync",
    SyncBody "SyncBody", SyncHdr "SyncHdr", Target "Target", TargetParent "TargetParent",
    TargetRef "TargetRef", Type "Type", VerDtd "VerDTD", VerProto "VerProto", Version "Version",
}

/// How many names there are, with the one for all others.
const COUNT: usize = Name::Other as usize + 1;
/// Slots of the table: with these, no two of the names have the same.
const SLOTS: usize = 256;

const TABLE: [(&str, Name); SLOTS] = table();

/// A name's slot, from its length and three of its bytes.
const fn slot(name: &[u8]) -> usize {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return 0 };
    let (_, from_middle) = name.split_at(name.len() / 2);
    let middle = match from_middle.first() {
        Some(byte) => *byte,
        None => 0,
    };
    name.len()
        .wrapping_add(*first as usize * 7)
        .wrapping_add(*last as usize * 11)
        .wrapping_add(middle as usize * 2)
        & (SLOTS - 1)
}

#[expect(clippy::indexing_slicing, reason = "a constant: an error ends the build")]
const fn table() -> [(&'static str, Name); SLOTS] {
    let mut table = [("", Name::Other); SLOTS];
    let mut at = 0;
    while at < ALL.len() {
        let slot = slot(ALL[at].0.as_bytes());
        assert!(matches!(table[slot].1, Name::Other), "two names have one slot");
        table[slot] = ALL[at];
        at += 1;
    }
    table
}

impl Name {
    /// Looks a name up.
    #[inline]
    pub(super) fn of(local: &str) -> Self {
        match TABLE.get(slot(local.as_bytes())) {
            Some((text, name)) if *text == local => *name,
            _ => Self::Other,
        }
    }

    /// Whether it is a command's.
    #[inline]
    pub(super) fn is_command(self) -> bool {
        matches!(
            self,
            Self::Add
                | Self::Alert
                | Self::Atomic
                | Self::Copy
                | Self::Delete
                | Self::Exec
                | Self::Get
                | Self::Map
                | Self::Move
                | Self::Put
                | Self::Replace
                | Self::Results
                | Self::Search
                | Self::Sequence
                | Self::Status
                | Self::Sync
        )
    }

    /// Whether it is one of MetInf's that are read here (OMA-SyncML-MetInf 1.2).
    #[inline]
    pub(super) fn is_metinf(self) -> bool {
        matches!(
            self,
            Self::Format
                | Self::Type
                | Self::Mark
                | Self::Size
                | Self::Version
                | Self::NextNonce
                | Self::MaxMsgSize
                | Self::MaxObjSize
                | Self::Anchor
                | Self::Emi
                | Self::Mem
                | Self::FieldLevel
        )
    }
}

/// The order in which an element's children stand: each name's place.
pub(super) struct Ranks([u8; COUNT]);

/// The place of a name that has none.
const NOWHERE: u8 = u8::MAX;

impl Ranks {
    /// The places of these names.
    #[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "a constant")]
    pub(super) const fn of(names: &[Name]) -> Self {
        let mut ranks = [NOWHERE; COUNT];
        let mut at = 0;
        while at < names.len() {
            ranks[names[at] as usize] = at as u8;
            at += 1;
        }
        Self(ranks)
    }

    /// The place of a name, if it has one.
    #[inline]
    pub(super) fn place(&self, name: Name) -> Option<u8> {
        self.0.get(name as usize).copied().filter(|place| *place != NOWHERE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_no_other() {
        for (text, name) in ALL {
            assert_eq!(Name::of(text), *name);
            for other in [format!("{text}s"), text.to_lowercase(), text.get(1..).unwrap().into()] {
                let known = ALL.iter().find(|known| known.0 == other);
                assert_eq!(Name::of(&other), known.map_or(Name::Other, |known| known.1), "{other}");
            }
        }
        assert_eq!(Name::of(""), Name::Other);
    }
}
