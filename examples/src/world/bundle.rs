//! A bundle for the built-in catalogue: its licence terms are those of its parts, as for many of
//! Microsoft's own. Invented, like the other documents.

const UPDATES: &str = "cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83";
const BUNDLE: &str = "9d0c7f34-5b1e-4c86-a2d3-0e1f2a3b4c01";
const RUNTIME: &str = "9d0c7f34-5b1e-4c86-a2d3-0e1f2a3b4c02";
const FONTS: &str = "9d0c7f34-5b1e-4c86-a2d3-0e1f2a3b4c03";
/// The terms of the cumulative update among `wsusss`'s documents: they are read once for both.
const SHARED: &str = "c6a1d2f0-3b7e-4d25-8f4b-5a9c0e7d2b01";

fn document(id: &str, attributes: &str, title: &str, localized: &str, relations: &str) -> String {
    format!(
        "<upd:Update xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/Update\">\
         <upd:UpdateIdentity UpdateID=\"{id}\" RevisionNumber=\"100\"/>\
         <upd:Properties DefaultPropertiesLanguage=\"en\" UpdateType=\"Software\" {attributes}/>\
         <upd:LocalizedPropertiesCollection><upd:LocalizedProperties><upd:Language>en</upd:Language>\
         <upd:Title>{title}</upd:Title></upd:LocalizedProperties>{localized}\
         </upd:LocalizedPropertiesCollection><upd:Relationships>{relations}</upd:Relationships>\
         </upd:Update>"
    )
}

/// A runtime with fonts. The runtime has the terms of the cumulative update; those of the fonts have
/// a text, and nothing that identifies them.
pub(super) fn documents() -> [String; 3] {
    let licence = |language: &str| {
        format!(
            "<upd:EulaFile Digest=\"fonts/{language}\" DigestAlgorithm=\"SHA1\" \
             FileName=\"fonts-{language}.txt\" Size=\"2048\" Language=\"{language}\"/>"
        )
    };
    let relations = format!(
        "<upd:Prerequisites><upd:AtLeastOne IsCategory=\"true\"><upd:UpdateIdentity \
         UpdateID=\"{UPDATES}\"/></upd:AtLeastOne></upd:Prerequisites><upd:BundledUpdates>\
         <upd:UpdateIdentity UpdateID=\"{RUNTIME}\" RevisionNumber=\"100\"/>\
         <upd:UpdateIdentity UpdateID=\"{FONTS}\" RevisionNumber=\"100\"/></upd:BundledUpdates>"
    );
    let shared = format!("EulaID=\"{SHARED}\"");
    let offered = "ExplicitlyDeployable=\"true\"";
    [
        document(BUNDLE, offered, "Fabrikam Runtime 7.1 (KB9900103)", "", &relations),
        document(RUNTIME, &shared, "Fabrikam Runtime 7.1, runtime", "", ""),
        document(FONTS, "", "Fabrikam Runtime 7.1, fonts", &(licence("en") + &licence("de")), ""),
    ]
}
