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

/// The name of a tag.
pub(super) fn tag(page: u8, token: u8) -> Option<&'static str> {
    let names = match page {
        0 => SYNCML,
        1 => METINF,
        2 => DDF,
        _ => return None,
    };
    let name = names.get(usize::from(token).checked_sub(5)?).copied()?;
    (!name.is_empty()).then_some(name)
}

/// The namespace of a page in a document of this version.
pub(super) fn namespace(page: u8, version: &'static str) -> &'static str {
    match page {
        0 => version,
        1 => "syncml:metinf",
        _ => "syncml:dmddf1.2",
    }
}

/// The SyncML namespace for a numeric public identifier.
pub(super) fn by_number(id: u32) -> Option<&'static str> {
    match id {
        0x0FD1..=0x0FD2 => Some("SYNCML:SYNCML1.0"),
        0x0FD3..=0x0FD4 => Some("SYNCML:SYNCML1.1"),
        0x1201..=0x1203 => Some("SYNCML:SYNCML1.2"),
        _ => None,
    }
}

/// The SyncML namespace for a public identifier as text.
pub(super) fn by_name(id: &str) -> Option<&'static str> {
    let id = id.to_ascii_lowercase();
    if !id.contains("syncml") {
        return None;
    }
    Some(if id.contains("1.0") {
        "SYNCML:SYNCML1.0"
    } else if id.contains("1.1") {
        "SYNCML:SYNCML1.1"
    } else {
        "SYNCML:SYNCML1.2"
    })
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
            assert_eq!(tag(page, token), Some(name));
        }
        assert_eq!(tag(0, 0x30), None);
        assert_eq!(tag(3, 0x05), None);
    }
}
