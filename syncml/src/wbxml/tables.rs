//! The code pages: what the tokens of element names mean. Tags begin at token 5.

/// SyncML, page 0.
const SYNCML: &[&str] = &[
    "Add",
    "Alert",
    "Archive",
    "Atomic",
    "Chal",
    "Cmd",
    "CmdID",
    "CmdRef",
    "Copy",
    "Cred",
    "Data",
    "Delete",
    "Exec",
    "Final",
    "Get",
    "Item",
    "Lang",
    "LocName",
    "LocURI",
    "Map",
    "MapItem",
    "Meta",
    "MsgID",
    "MsgRef",
    "NoResp",
    "NoResults",
    "Put",
    "Replace",
    "RespURI",
    "Results",
    "Search",
    "Sequence",
    "SessionID",
    "SftDel",
    "Source",
    "SourceRef",
    "Status",
    "Sync",
    "SyncBody",
    "SyncHdr",
    "SyncML",
    "Target",
    "TargetRef",
    "",
    "VerDTD",
    "VerProto",
    "NumberOfChanges",
    "MoreData",
    "Field",
    "Filter",
    "Record",
    "FilterType",
    "SourceParent",
    "TargetParent",
    "Move",
    "Correlator",
];

/// MetInf, page 1.
const METINF: &[&str] = &[
    "Anchor",
    "EMI",
    "Format",
    "FreeID",
    "FreeMem",
    "Last",
    "Mark",
    "MaxMsgSize",
    "Mem",
    "MetInf",
    "Next",
    "NextNonce",
    "SharedMem",
    "Size",
    "Type",
    "Version",
    "MaxObjSize",
    "FieldLevel",
];

/// The device management tree's DDF, page 2.
const DDF: &[&str] = &[
    "AccessType",
    "ACL",
    "Add",
    "b64",
    "bin",
    "bool",
    "chr",
    "CaseSense",
    "CIS",
    "Copy",
    "CS",
    "date",
    "DDFName",
    "DefaultValue",
    "Delete",
    "Description",
    "DFFormat",
    "DFProperties",
    "DFTitle",
    "DFType",
    "Dynamic",
    "Exec",
    "float",
    "Format",
    "Get",
    "int",
    "Man",
    "MgmtTree",
    "MIME",
    "Mod",
    "Name",
    "Node",
    "node",
    "NodeName",
    "null",
    "Occurrence",
    "One",
    "OneOrMore",
    "OneOrN",
    "Path",
    "Permanent",
    "Replace",
    "RTProperties",
    "Scope",
    "Size",
    "time",
    "Title",
    "TStamp",
    "Type",
    "Value",
    "VerDTD",
    "VerNo",
    "xml",
    "ZeroOrMore",
    "ZeroOrN",
    "ZeroOrOne",
];

/// DevInf, page 0 of documents of its own; SyncML DS puts them into Data.
const DEVINF: &[&str] = &[
    "CTCap",
    "CTType",
    "DataStore",
    "DataType",
    "DevID",
    "DevInf",
    "DevTyp",
    "DisplayName",
    "DSMem",
    "Ext",
    "FwV",
    "HwV",
    "Man",
    "MaxGUIDSize",
    "MaxID",
    "MaxMem",
    "Mod",
    "OEM",
    "ParamName",
    "PropName",
    "Rx",
    "Rx-Pref",
    "SharedMem",
    "Size",
    "SourceRef",
    "SwV",
    "SyncCap",
    "SyncType",
    "Tx",
    "Tx-Pref",
    "ValEnum",
    "VerCT",
    "VerDTD",
    "XNam",
    "XVal",
    "UTC",
    "SupportNumberOfChanges",
    "SupportLargeObjs",
    "Property",
    "PropParam",
    "MaxOccur",
    "NoTruncate",
    "",
    "Filter-Rx",
    "FilterCap",
    "FilterKeyword",
    "FieldLevel",
    "SupportHierarchicalSync",
];

/// What a document is, as its public identifier says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// A SyncML message in this namespace.
    Syncml(&'static str),
    /// A device's information.
    DevInf,
    /// A description of the management tree.
    Ddf,
}

impl Kind {
    /// The kind of this numeric public identifier (WAP's registry; OMA-SyncML-RepPro 1.2, 8.1).
    pub(super) fn by_number(id: u32) -> Option<Self> {
        match id {
            // Unknown: what peers that leave it out write.
            0x01 | 0x1201 | 0x1202 => Some(Self::Syncml(V12)),
            0x0FD1 => Some(Self::Syncml(V10)),
            0x0FD3 => Some(Self::Syncml(V11)),
            0x0FD2 | 0x0FD4 | 0x1203 => Some(Self::DevInf),
            _ => None,
        }
    }

    /// The kind of a public identifier as text, in any case.
    pub(super) fn by_name(id: &str) -> Option<Self> {
        let id = id.to_ascii_lowercase();
        if id.contains("dm-ddf") {
            return Some(Self::Ddf);
        }
        if !id.contains("syncml") {
            return None;
        }
        if id.contains("devinf") {
            return Some(Self::DevInf);
        }
        Some(Self::Syncml(if id.contains("1.0") {
            V10
        } else if id.contains("1.1") {
            V11
        } else {
            V12
        }))
    }

    /// The name of a tag.
    pub(super) fn tag(self, page: u8, token: u8) -> Option<&'static str> {
        let names = match (self, page) {
            (Self::DevInf, 0) => DEVINF,
            (_, 0) => SYNCML,
            (_, 1) => METINF,
            (_, 2) => DDF,
            _ => return None,
        };
        let name = names.get(usize::from(token).checked_sub(5)?).copied()?;
        (!name.is_empty()).then_some(name)
    }

    /// The namespace of a page.
    pub(super) fn namespace(self, page: u8) -> &'static str {
        match (self, page) {
            (Self::DevInf, 0) => "syncml:devinf",
            (Self::Syncml(version), 0) => version,
            (Self::Ddf, 0) => V12,
            (_, 1) => METINF_NS,
            _ => DDF_NS,
        }
    }
}

pub(super) const V12: &str = "SYNCML:SYNCML1.2";
pub(super) const V11: &str = "SYNCML:SYNCML1.1";
pub(super) const V10: &str = "SYNCML:SYNCML1.0";
const METINF_NS: &str = "syncml:metinf";
const DDF_NS: &str = "syncml:dmddf1.2";

/// The page and the token of an element in a message of this namespace; none where it has none.
pub(super) fn token(message: &str, namespace: &str, local: &str) -> Option<(u8, u8)> {
    let (page, names) = match namespace {
        METINF_NS => (1, METINF),
        DDF_NS => (2, DDF),
        _ if namespace == message => (0, SYNCML),
        _ => return None,
    };
    let at = names.iter().position(|name| *name == local)?;
    u8::try_from(at).ok().map(|at| (page, at + 5))
}

/// The public identifier of a message in this namespace: as number and as text.
pub(super) fn public_id(namespace: &str) -> (u32, &'static str) {
    match namespace {
        V10 => (0x0FD1, "-//SYNCML//DTD SyncML 1.0//EN"),
        V11 => (0x0FD3, "-//SYNCML//DTD SyncML 1.1//EN"),
        _ => (0x1201, "-//SYNCML//DTD SyncML 1.2//EN"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stand_where_the_specifications_have_them() {
        for (page, token, name) in [
            (0, 0x05, "Add"),
            (0, 0x2D, "SyncML"),
            (0, 0x34, "MoreData"),
            (0, 0x3B, "Move"),
            (0, 0x3C, "Correlator"),
            (1, 0x05, "Anchor"),
            (1, 0x10, "NextNonce"),
            (1, 0x16, "FieldLevel"),
            (2, 0x05, "AccessType"),
            (2, 0x3C, "ZeroOrOne"),
        ] {
            assert_eq!(Kind::Syncml(V12).tag(page, token), Some(name));
        }
        assert_eq!(Kind::Syncml(V12).tag(0, 0x30), None);
        assert_eq!(Kind::Syncml(V12).tag(3, 0x05), None);
        assert_eq!(Kind::DevInf.tag(0, 0x0A), Some("DevInf"));
        assert_eq!(Kind::DevInf.tag(0, 0x34), Some("SupportHierarchicalSync"));
        assert_eq!(token(V12, V12, "Correlator"), Some((0, 0x3C)));
        assert_eq!(token(V12, METINF_NS, "NextNonce"), Some((1, 0x10)));
        assert_eq!(token(V12, DDF_NS, "node"), Some((2, 0x25)));
    }
}
