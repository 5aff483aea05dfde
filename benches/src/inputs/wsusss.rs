//! Answers of Microsoft Update.

use std::fmt::Write as _;

use wsusss::messages::{self, Base64, Message, RevisionList, Soap, UpdateData, UpdateDocument};
use wsusss::{UpdateId, UpdateKey};

use super::Random;

const LANGUAGES: [&str; 10] = ["en", "de", "fr", "es", "it", "ja", "ko", "zh-cn", "pt-br", "cs"];
const TITLES: [&str; 4] = [
    "2026-11 Cumulative Update for Fabrikam OS 11, version 26H2, for x64-based systems",
    "2026-11 累積更新プログラム (Fabrikam OS 11 用)",
    "Kumulatives Update für Fabrikam OS 11, Version 26H2, für x64-basierte Systeme (2026-11)",
    "Mise à jour cumulative pour Fabrikam OS 11 – systèmes x64",
];

/// Update documents of 4 to 20 KB with texts in ten languages, each with its key.
#[must_use]
pub fn update_documents(updates: usize) -> Vec<(UpdateKey, String)> {
    let mut random = Random::new(0x7777_5555);
    (0..updates)
        .map(|number| {
            let key = UpdateKey::new(UpdateId::from_u128(0x1000_0000 + number as u128), 200);
            (key, document(key, number, &mut random))
        })
        .collect()
}

fn document(key: UpdateKey, number: usize, random: &mut Random) -> String {
    let length = 4_000 + random.below(16_000);
    let mut text = String::with_capacity(length + 1_000);
    let _ = write!(
        text,
        "<upd:Update xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/Update\" \
         xmlns:lar=\"http://schemas.microsoft.com/msus/2002/12/LogicalApplicabilityRules\" \
         xmlns:bar=\"http://schemas.microsoft.com/msus/2002/12/BaseApplicabilityRules\">\
         <upd:UpdateIdentity UpdateID=\"{}\" RevisionNumber=\"{}\" /><upd:Properties \
         DefaultPropertiesLanguage=\"en\" UpdateType=\"Software\" ExplicitlyDeployable=\"true\" \
         CreationDate=\"2026-11-10T18:00:00Z\" EulaID=\"{}\" MsrcSeverity=\"Critical\">\
         <upd:KBArticleID>{}</upd:KBArticleID></upd:Properties><upd:LocalizedPropertiesCollection>",
        key.id,
        key.revision,
        UpdateId::from_u128(0xe01a_0000 + number as u128 % 7),
        5_000_000 + number
    );
    for language in LANGUAGES {
        let _ = write!(
            text,
            "<upd:LocalizedProperties><upd:Language>{language}</upd:Language><upd:Title>{} ({number})\
             </upd:Title><upd:Description>Install this update to resolve issues. For a complete \
             listing see the article.</upd:Description></upd:LocalizedProperties>",
            random.of(&TITLES)
        );
    }
    let _ = write!(
        text,
        "</upd:LocalizedPropertiesCollection><upd:Relationships><upd:Prerequisites><upd:AtLeastOne \
         IsCategory=\"true\"><upd:UpdateIdentity UpdateID=\"{}\" /></upd:AtLeastOne>\
         </upd:Prerequisites></upd:Relationships><upd:ApplicabilityRules><upd:IsInstalled><lar:And>",
        UpdateId::from_u128(0xcd5ffd1e_e932_4e3a_bf74_18bf0b1bbd83)
    );
    // As in real documents: escaped, they have an `&` every 15 to 42 bytes.
    while text.len() < length {
        let _ = write!(
            text,
            "<lar:Or><bar:OSVersion Comparison=\"EqualTo\" Major=\"10\" Build=\"{}\" /><lar:Not>\
             <bar:RegDword Key=\"HKEY_LOCAL_MACHINE\" Subkey=\"SOFTWARE\\Fabrikam\\{}\" \
             Value=\"Version\" Comparison=\"GreaterThanOrEqualTo\" Data=\"{}\" /></lar:Not>\
             <bar:Processor Architecture=\"9\" /></lar:Or>",
            26_000 + random.below(999),
            random.below(1_000_000),
            random.below(1_000)
        );
    }
    text.push_str("</lar:And></upd:IsInstalled></upd:ApplicabilityRules></upd:Update>");
    text
}

fn answer(updates: impl Iterator<Item = UpdateDocument<'static>>) -> Vec<u8> {
    let mut data = UpdateData::default();
    updates.for_each(|update| data.updates.push(update));
    let mut out = Vec::new();
    messages::encode(Soap::V11, &Message::GetUpdateDataResponse(data.into()), &mut out)
        .expect("it can be written");
    out
}

/// An answer to GetUpdateData with [`update_documents`], escaped as servers escape them.
#[must_use]
pub fn update_data(updates: usize) -> Vec<u8> {
    let documents = update_documents(updates).into_iter();
    answer(documents.map(|(key, text)| UpdateDocument::text(key, text)))
}

/// Cabinets of [`update_documents`].
#[must_use]
pub fn cabinets(updates: usize) -> Vec<(UpdateKey, Vec<u8>)> {
    let documents = update_documents(updates).into_iter();
    documents.map(|(key, text)| (key, wsusss::cab::make_document(&text))).collect()
}

/// An answer to GetUpdateData with [`cabinets`].
#[must_use]
pub fn compressed_update_data(updates: usize) -> Vec<u8> {
    let cabinets = cabinets(updates).into_iter();
    answer(cabinets.map(|(key, cabinet)| {
        UpdateDocument::compressed(key, Base64::encode(&cabinet).as_str().to_owned())
    }))
}

/// An answer to GetRevisionIdList.
#[must_use]
pub fn revision_list(revisions: usize) -> Vec<u8> {
    let mut list = RevisionList::default();
    list.anchor = "9438,2026-10-04 16:33:26.848".into();
    for number in 0..revisions {
        let id = UpdateId::from_u128(0x1000_0000 + number as u128);
        list.new_revisions.push(UpdateKey::new(id, 200 + number as u32 % 300));
    }
    let mut out = Vec::new();
    messages::encode(Soap::V11, &Message::GetRevisionIdListResponse(list.into()), &mut out)
        .expect("it can be written");
    out
}
