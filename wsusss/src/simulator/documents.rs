//! Update documents for tests and demonstrations, written by us: invented updates in the shape of
//! real ones.

const PRODUCT: &str = "1b9f6c20-5d53-4c4b-8c7e-7f5a2f0c1101";
const SECURITY: &str = "0fa1201d-4330-4fa8-8ae9-b877473b6441";
const UPDATES: &str = "cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83";
const DRIVERS: &str = "ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0";
const DEFINITIONS: &str = "e0789628-ce08-4437-be74-2495b842f43b";

struct Plan {
    id: &'static str,
    revision: u32,
    kind: &'static str,
    properties: &'static str,
    kb: Option<&'static str>,
    titles: &'static [(&'static str, &'static str, &'static str)],
    classification: Option<&'static str>,
    relations: &'static str,
    rest: &'static str,
}

fn write(plan: &Plan) -> String {
    let mut text = format!(
        "<upd:Update xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/Update\" \
         xmlns:pub=\"http://schemas.microsoft.com/msus/2002/12/Publishing\">\
         <upd:UpdateIdentity UpdateID=\"{}\" RevisionNumber=\"{}\" />\
         <upd:Properties DefaultPropertiesLanguage=\"en\" UpdateType=\"{}\" \
         PublicationState=\"Published\" CreationDate=\"2026-11-10T18:00:00.000Z\" {}>",
        plan.id, plan.revision, plan.kind, plan.properties
    );
    if let Some(kb) = plan.kb {
        text.push_str(&format!("<upd:KBArticleID>{kb}</upd:KBArticleID>"));
    }
    text.push_str(
        "<upd:Language>all</upd:Language></upd:Properties><upd:LocalizedPropertiesCollection>",
    );
    for (language, title, description) in plan.titles {
        text.push_str(&format!(
            "<upd:LocalizedProperties><upd:Language>{language}</upd:Language>\
             <upd:Title>{title}</upd:Title><upd:Description>{description}</upd:Description>\
             </upd:LocalizedProperties>"
        ));
    }
    text.push_str("</upd:LocalizedPropertiesCollection><upd:Relationships><upd:Prerequisites>");
    if let Some(classification) = plan.classification {
        text.push_str(&format!(
            "<upd:AtLeastOne IsCategory=\"true\"><upd:UpdateIdentity UpdateID=\"{classification}\" />\
             </upd:AtLeastOne><upd:AtLeastOne IsCategory=\"true\"><upd:UpdateIdentity \
             UpdateID=\"{PRODUCT}\" /></upd:AtLeastOne>"
        ));
    }
    text.push_str("</upd:Prerequisites>");
    text.push_str(plan.relations);
    text.push_str("</upd:Relationships>");
    text.push_str(plan.rest);
    text.push_str("</upd:Update>");
    text
}

/// The documents: a product, a cumulative update with licence terms, one without in two revisions,
/// one that it supersedes, a driver, and a definition update.
#[must_use]
pub fn documents() -> Vec<String> {
    let no_rules = "<upd:ApplicabilityRules><upd:IsInstalled><False \
                    xmlns=\"http://schemas.microsoft.com/msus/2002/12/LogicalApplicabilityRules\" />\
                    </upd:IsInstalled></upd:ApplicabilityRules>";
    [
        Plan {
            id: PRODUCT,
            revision: 3,
            kind: "Category",
            properties: "ExplicitlyDeployable=\"false\"",
            kb: None,
            titles: &[("en", "Fabrikam OS 11", "The operating system"), ("de", "Fabrikam OS 11", "Das Betriebssystem")],
            classification: None,
            relations: "",
            rest: "<upd:HandlerSpecificData xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                   xmlns:cat=\"http://schemas.microsoft.com/msus/2002/12/UpdateHandlers/Category\" \
                   xsi:type=\"cat:Category\"><cat:CategoryInformation CategoryType=\"Product\" />\
                   </upd:HandlerSpecificData>",
        },
        Plan {
            id: "7a1e0c54-2f57-4a0b-9c1d-0d6b5e3f1a01",
            revision: 200,
            kind: "Software",
            properties: "ExplicitlyDeployable=\"true\" MsrcSeverity=\"Critical\" \
                         EulaID=\"c6a1d2f0-3b7e-4d25-8f4b-5a9c0e7d2b01\"",
            kb: Some("9900101"),
            titles: &[
                ("en", "2026-11 Cumulative Update for Fabrikam OS 11 (KB9900101)", "Fixes for security and quality. Needs a restart."),
                ("de", "2026-11 Kumulatives Update für Fabrikam OS 11 (KB9900101)", "Korrekturen für Sicherheit und Qualität. Ein Neustart ist nötig."),
                ("ja", "2026-11 Fabrikam OS 11 累積更新プログラム (KB9900101)", "セキュリティと品質の修正"),
            ],
            classification: Some(SECURITY),
            relations: "<upd:SupersededUpdates><upd:UpdateIdentity \
                        UpdateID=\"7a1e0c54-2f57-4a0b-9c1d-0d6b5e3f1a00\" /></upd:SupersededUpdates>",
            rest: no_rules,
        },
        Plan {
            id: "7a1e0c54-2f57-4a0b-9c1d-0d6b5e3f1a00",
            revision: 201,
            kind: "Software",
            properties: "ExplicitlyDeployable=\"true\" MsrcSeverity=\"Important\"",
            kb: Some("9900099"),
            titles: &[("en", "2026-10 Cumulative Update for Fabrikam OS 11 (KB9900099)", "Superseded in November.")],
            classification: Some(SECURITY),
            relations: "",
            rest: no_rules,
        },
        Plan {
            id: "3c5d9b12-6e8f-4b7a-a1c2-94f0d1e2b302",
            revision: 4,
            kind: "Software",
            properties: "ExplicitlyDeployable=\"true\"",
            kb: Some("9900102"),
            titles: &[("en", "Update for Fabrikam Office Suite (KB9900102)", "An earlier text of the description.")],
            classification: Some(UPDATES),
            relations: "",
            rest: no_rules,
        },
        Plan {
            id: "3c5d9b12-6e8f-4b7a-a1c2-94f0d1e2b302",
            revision: 5,
            kind: "Software",
            properties: "ExplicitlyDeployable=\"true\"",
            kb: Some("9900102"),
            titles: &[
                ("en", "Update for Fabrikam Office Suite (KB9900102)", "Mends the spelling of &lt;Help&gt; &amp; more."),
                ("fr", "Mise à jour de Fabrikam Office Suite (KB9900102)", "Corrige l’orthographe."),
            ],
            classification: Some(UPDATES),
            relations: "",
            rest: no_rules,
        },
        Plan {
            id: "e4f8a7d6-90b1-4c23-8d5e-6f7081920303",
            revision: 100,
            kind: "Driver",
            properties: "ExplicitlyDeployable=\"true\"",
            kb: None,
            titles: &[("en", "Northwind - Net - 4.2.0.1", "Network driver released in October 2026")],
            classification: Some(DRIVERS),
            relations: "",
            rest: "<upd:ApplicabilityRules><upd:Metadata><drv:WindowsDriverMetaData \
                   xmlns:drv=\"http://schemas.microsoft.com/msus/2002/12/UpdateHandlers/WindowsDriver\" \
                   HardwareID=\"pci\\ven_1234&amp;dev_5678\" DriverVerDate=\"2026-10-02\" \
                   DriverVerVersion=\"4.2.0.1\" WhqlDriverID=\"1\" Class=\"Net\" Company=\"Northwind\" \
                   Provider=\"Northwind\" Manufacturer=\"Northwind\" Model=\"Gigabit 7\" />\
                   </upd:Metadata></upd:ApplicabilityRules>",
        },
        Plan {
            id: "5b2c3d4e-1f60-4718-92a3-b4c5d6e7f804",
            revision: 1,
            kind: "Software",
            properties: "ExplicitlyDeployable=\"true\"",
            kb: Some("2267602"),
            titles: &[("en", "Security intelligence 1.500.7.0", "Signatures")],
            classification: Some(DEFINITIONS),
            relations: "",
            rest: no_rules,
        },
    ]
    .iter()
    .map(write)
    .collect()
}
