//! Answers of Microsoft Update.

use wsusss::messages::{self, Message, Soap, UpdateData, UpdateDocument};
use wsusss::{UpdateId, UpdateKey};

/// An answer to GetUpdateData with `updates` documents of some kilobytes in ten languages.
#[must_use]
pub fn update_data(updates: usize) -> Vec<u8> {
    let languages = ["en", "de", "fr", "es", "it", "ja", "ko", "zh-cn", "pt-br", "cs"];
    let mut data = UpdateData::default();
    for number in 0..updates {
        let key = UpdateKey::new(UpdateId::from_u128(0x1000_0000 + number as u128), 200);
        let mut text = format!(
            "<upd:Update xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/Update\">\
             <upd:UpdateIdentity UpdateID=\"{}\" RevisionNumber=\"200\" /><upd:Properties \
             DefaultPropertiesLanguage=\"en\" UpdateType=\"Software\" ExplicitlyDeployable=\"true\" \
             CreationDate=\"2026-11-10T18:00:00Z\"><upd:KBArticleID>{}</upd:KBArticleID>\
             </upd:Properties><upd:LocalizedPropertiesCollection>",
            key.id,
            5_000_000 + number
        );
        for language in languages {
            text.push_str(&format!(
                "<upd:LocalizedProperties><upd:Language>{language}</upd:Language><upd:Title>2026-11 \
                 Cumulative Update for Fabrikam OS 11 ({number})</upd:Title><upd:Description>Install \
                 this update to resolve issues. For a complete listing see the article. After you \
                 install this item, you may have to restart.</upd:Description>\
                 </upd:LocalizedProperties>"
            ));
        }
        text.push_str("</upd:LocalizedPropertiesCollection><upd:ApplicabilityRules>");
        for rule in 0..60 {
            text.push_str(&format!(
                "<lar:And xmlns:lar=\"http://schemas.microsoft.com/msus/2002/12/LogicalApplicabilityRules\">\
                 <b.RegDword Key=\"HKEY_LOCAL_MACHINE\" Value=\"{rule}\" /></lar:And>"
            ));
        }
        text.push_str("</upd:ApplicabilityRules></upd:Update>");
        data.updates.push(UpdateDocument::text(key, text));
    }
    let mut out = Vec::new();
    messages::encode(Soap::V11, &Message::GetUpdateDataResponse(data.into()), &mut out)
        .expect("it can be written");
    out
}
