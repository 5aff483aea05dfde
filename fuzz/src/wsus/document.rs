//! Update documents of any shape.

use super::choices::Choices;

fn id(c: &mut Choices<'_>) -> String {
    format!("0000000{}-0000-4000-8000-00000000000{}", c.below(2), c.below(6))
}

fn identity(c: &mut Choices<'_>, text: &mut String) {
    let id = id(c);
    let revision = c.one_of(&["1", "200", "2147483647", "2147483648", "", "x"]);
    let revision = if c.one_in(2) {
        format!(" RevisionNumber=\"{revision}\"")
    } else {
        " RevisionNumber=\"7\"".to_owned()
    };
    text.push_str(&format!("<upd:UpdateIdentity UpdateID=\"{id}\"{revision}/>"));
}

fn clauses(c: &mut Choices<'_>, name: &str, text: &mut String) {
    text.push_str(&format!("<upd:{name}>"));
    for _ in 0..c.below(4) {
        if c.one_in(2) {
            text.push_str(c.one_of(&["<upd:AtLeastOne>", "<upd:AtLeastOne IsCategory=\"true\">"]));
            for _ in 0..c.below(3) {
                identity(c, text);
            }
            text.push_str("</upd:AtLeastOne>");
        } else {
            identity(c, text);
        }
    }
    text.push_str(&format!("</upd:{name}>"));
}

fn element(c: &mut Choices<'_>, name: &str, text: &mut String) {
    let value = c.text();
    text.push_str(&format!("<upd:{name}>{value}</upd:{name}>"));
}

fn part(c: &mut Choices<'_>, text: &mut String) {
    match c.below(9) {
        0 => identity(c, text),
        1 => {
            let kind = c.one_of(&["Software", "Driver", "Category", "New"]);
            let language = c.one_of(&["en", "de", "", "zh-cn"]);
            let eula = c.one_of(&["", " EulaID=\"e\"", " MaxDownloadSize=\"18446744073709551616\""]);
            text.push_str(&format!("<upd:Properties UpdateType=\"{kind}\" DefaultPropertiesLanguage=\"{language}\"{eula}>"));
            for _ in 0..c.below(4) {
                let name = c.one_of(&["KBArticleID", "CveID", "SupportUrl", "MoreInfoUrl", "Language", "Unknown", "InstallationBehavior"]);
                element(c, name, text);
            }
            text.push_str("</upd:Properties>");
        }
        2 => {
            text.push_str("<upd:LocalizedPropertiesCollection>");
            for _ in 0..c.below(4) {
                text.push_str("<upd:LocalizedProperties>");
                for _ in 0..c.below(5) {
                    let name = c.one_of(&["Language", "Title", "Description", "UninstallNotes", "Relationships"]);
                    element(c, name, text);
                }
                text.push_str("</upd:LocalizedProperties>");
            }
            if c.one_in(3) {
                text.push_str("<upd:EulaFile Digest=\"AAEC\" Language=\"en\" Size=\"1\"/>");
            }
            text.push_str("</upd:LocalizedPropertiesCollection>");
        }
        3 => {
            text.push_str("<upd:Relationships>");
            for _ in 0..c.below(4) {
                let name = c.one_of(&["Prerequisites", "BundledUpdates", "SupersededUpdates"]);
                clauses(c, name, text);
            }
            text.push_str("</upd:Relationships>");
        }
        4 => text.push_str("<upd:Files><upd:File Digest=\"AAEC\" Size=\"-1\" Odd=\"1\"><upd:AdditionalDigest Algorithm=\"SHA256\">x</upd:AdditionalDigest></upd:File></upd:Files>"),
        5 => {
            text.push_str("<upd:ApplicabilityRules><upd:IsInstalled><b:True/></upd:IsInstalled>");
            element(c, "Metadata", text);
            text.push_str("<upd:Metadata><d:WindowsDriverMetaData HardwareID=\"x\"/></upd:Metadata></upd:ApplicabilityRules>");
        }
        6 => text.push_str("<upd:HandlerSpecificData xsi:type=\"cat: Category\"><cat:CategoryInformation CategoryType=\"Product\"/></upd:HandlerSpecificData>"),
        7 => element(c, "Unknown", text),
        _ => text.push_str(c.one_of(&["<!-- </upd:Update> -->", "<?p > ?>", "stray", "<a><b><c/></b></a>", "<x/>", "&amp;", "<upd:Files/>"])),
    }
}

/// A document, well-formed or nearly so.
pub(super) fn document(c: &mut Choices<'_>) -> String {
    let mut text = c.one_of(&["", "<?xml version=\"1.0\"?>", "\n", "<!-- - -->"]).to_owned();
    text.push_str("<upd:Update xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/Update\">");
    let order = c.below(4);
    if order != 3 {
        identity(c, &mut text);
    }
    for _ in 0..c.below(8) {
        part(c, &mut text);
    }
    text.push_str("</upd:Update>");
    // Cut, or changed at one place.
    if c.one_in(16) {
        let mut at = c.below(65_536) % text.len();
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        if c.one_in(2) {
            text.truncate(at);
        } else {
            text.insert_str(at, c.one_of(&["<", ">", "&", "\"", "/", "]]>", "\0", "\u{feff}"]));
        }
    }
    text
}
