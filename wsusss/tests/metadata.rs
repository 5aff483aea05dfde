//! Update documents: every part typed, nothing lost, nothing paid for that nobody asked for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;
use wsusss::metadata::{
    CategoryType, Handler, Impact, Oddity, PublicationState, RebootBehavior, Select, Severity,
    Skimmer, Update, UpdateType, read_noting,
};
use wsusss::{ErrorKind, Limits, UpdateId};

const ID: &str = "1f0c7a52-9d0e-4a55-8a43-0d7c6a2b9e01";

/// A document with everything in it that the schema knows.
const WHOLE: &str = r#"<u:Update xmlns:u="http://schemas.microsoft.com/msus/2002/12/Update"
  xmlns:b="urn:rules" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <u:Relationships>
  <u:SupersededUpdates><u:UpdateIdentity UpdateID="00000000-0000-0000-0000-000000000011"/></u:SupersededUpdates>
  <u:Prerequisites>
   <u:UpdateIdentity UpdateID="00000000-0000-0000-0000-000000000021"/>
   <u:AtLeastOne><u:UpdateIdentity UpdateID="00000000-0000-0000-0000-000000000022"/>
    <u:UpdateIdentity UpdateID="00000000-0000-0000-0000-000000000023"/></u:AtLeastOne>
   <u:AtLeastOne IsCategory="true"><u:UpdateIdentity UpdateID="0FA1201D-4330-4FA8-8AE9-B877473B6441"/></u:AtLeastOne>
   <u:AtLeastOne IsCategory="1"><u:UpdateIdentity UpdateID="00000000-0000-0000-0000-000000000024"/></u:AtLeastOne>
  </u:Prerequisites>
  <u:BundledUpdates><u:UpdateIdentity UpdateID="00000000-0000-0000-0000-000000000031" RevisionNumber="7"/>
   <u:AtLeastOne><u:UpdateIdentity UpdateID="00000000-0000-0000-0000-000000000032" RevisionNumber="8"/></u:AtLeastOne>
  </u:BundledUpdates>
  <u:NewKind><u:UpdateIdentity UpdateID="00000000-0000-0000-0000-000000000041"/></u:NewKind>
 </u:Relationships>
 <u:UpdateIdentity UpdateID="1F0C7A52-9D0E-4A55-8A43-0D7C6A2B9E01" RevisionNumber="203"/>
 <u:Properties UpdateType="Software" DefaultPropertiesLanguage="fr" MsrcSeverity="Important"
   PublicationState="Expired" MaxDownloadSize="5000000000" MinDownloadSize="0" IsBeta="0"
   CreationDate="2026-11-10T18:00:00Z" EulaID="{AAAAAAAA-0000-4000-8000-000000000001}" Future="a&#10;b">
  <u:KBArticleID>5031234</u:KBArticleID><u:Language>de</u:Language><u:Language>all</u:Language>
  <u:KBArticleID>5031235</u:KBArticleID><u:SecurityBulletinID>MS26-001</u:SecurityBulletinID>
  <u:CveID>CVE-2026-0001</u:CveID><u:SupportUrl>https://support.example</u:SupportUrl>
  <u:MoreInfoUrl Language="en">https://more.example</u:MoreInfoUrl>
  <u:InstallationBehavior Impact="Minor" RebootBehavior="CanRequestReboot" CanRequestUserInput="false" RequiresNetworkConnectivity="true"/>
  <u:UninstallationBehavior Impact="Gentle" RebootBehavior="NeverReboots"/>
  <u:Readiness Level="RTW" Date="2026-11-10T18:00:00+00:00"/>
  <u:SecuredFragment><u:FileDecryption/></u:SecuredFragment>
  <u:NewProperty A="1"/>
 </u:Properties>
 <u:LocalizedPropertiesCollection>
  <u:LocalizedProperties><u:Language>en</u:Language><u:Title>Update &amp; more</u:Title>
   <u:Description>Text</u:Description><u:UninstallNotes>Notes</u:UninstallNotes>
   <u:MoreInfoUrl>https://en.example</u:MoreInfoUrl></u:LocalizedProperties>
  <u:LocalizedProperties><u:Language>fr</u:Language><u:Title>Mise à jour</u:Title>
   <u:SupportUrl>https://fr.example</u:SupportUrl></u:LocalizedProperties>
  <u:LocalizedProperties><u:Language>zh-cn</u:Language><u:Title>更新</u:Title></u:LocalizedProperties>
  <u:EulaFile FileName="fr.txt" Digest="AA==" DigestAlgorithm="SHA1" Size="10" Language="fr"/>
  <u:EulaFile FileName="en.txt" Digest="AQ==" DigestAlgorithm="SHA1" Size="11" Language="en">
   <u:AdditionalDigest Algorithm="SHA256">Ag==</u:AdditionalDigest></u:EulaFile>
  <u:EulaFile FileName="en-94.txt" Digest="Aw==" DigestAlgorithm="SHA1" Size="12" Language="en" GeoId="94"/>
 </u:LocalizedPropertiesCollection>
 <u:ApplicabilityRules><u:IsInstalled><b:True/></u:IsInstalled><u:IsSuperseded/>
  <u:IsInstallable><b:Not><b:False/></b:Not></u:IsInstallable>
  <u:Metadata><d:WindowsDriverMetaData xmlns:d="urn:drivers" HardwareID="PCI\A&amp;B" DriverVerDate="2026-01-02"
   DriverVerVersion="1.2.3.4" WhqlDriverID="77" Class="Net" Company="C" Provider="P" Manufacturer="M" Model="L">
   <d:FeatureScore OperatingSystem="amd64.10.0" FeatureScore="FF"/>
   <d:DistributionComputerHardwareId>x</d:DistributionComputerHardwareId>
   <d:TargetComputerHardwareId>y</d:TargetComputerHardwareId>
   <d:CompatibleProvider>z</d:CompatibleProvider></d:WindowsDriverMetaData></u:Metadata>
 </u:ApplicabilityRules>
 <u:Files><u:File FileName="a.cab" Digest="BA==" DigestAlgorithm="SHA1" Size="5000000000"
   Modified="2026-11-10T18:00:00.12" PatchingType="Express" IsEncrypted="true" Speed="9">
   <u:AdditionalDigest Algorithm="SHA256">BQ==</u:AdditionalDigest>
   <u:AdditionalDigest Algorithm="SHA512">Bg==</u:AdditionalDigest></u:File></u:Files>
 <u:HandlerSpecificData xsi:type="cmd: CommandLineInstallation">
  <c:InstallCommand xmlns:c="urn:cmd" Program="a.exe" Arguments="/q" RebootByDefault="false" DefaultResult="Failed">
   <c:ReturnCode Code="-2145124330" Result="Succeeded" Reboot="true"/><c:ReturnCode Code="0" Result="Succeeded"/>
  </c:InstallCommand></u:HandlerSpecificData>
 <u:NewPart/>
</u:Update>"#;

fn whole() -> Update<'static> {
    Update::read(WHOLE, Select::ALL, &Limits::default()).unwrap()
}

fn id(number: u128) -> UpdateId {
    UpdateId::from_u128(number)
}

#[test]
fn identity_and_properties_are_typed_and_all_of_them_are_kept() {
    let update = whole();
    assert_eq!((update.key.id.to_string().as_str(), update.key.revision), (ID, 203));
    assert_eq!(update.update_type, UpdateType::Software);
    assert_eq!(update.properties.len(), 10);
    assert_eq!(update.property("Future"), Some("a\nb"));
    assert_eq!(update.msrc_severity(), Some(Severity::Important));
    assert_eq!(update.publication_state(), Some(PublicationState::Expired));
    assert_eq!(update.max_download_size(), Some(5_000_000_000));
    assert_eq!(update.min_download_size(), Some(0));
    assert_eq!((update.flag("IsBeta"), update.flag("IsPublic")), (Some(false), None));
    assert_eq!(update.creation_date(), Some("2026-11-10T18:00:00Z"));
    assert_eq!(update.kb_articles, ["5031234", "5031235"]);
    assert_eq!(update.bulletins, ["MS26-001"]);
    assert_eq!(update.cves, ["CVE-2026-0001"]);
    assert_eq!(update.languages, ["de", "all"]);
    let behavior = update.installation.as_ref().unwrap();
    assert_eq!(behavior.impact, Some(Impact::Minor));
    assert_eq!(behavior.reboot, Some(RebootBehavior::CanRequestReboot));
    assert_eq!(behavior.can_request_user_input, Some(false));
    assert_eq!(behavior.requires_network, Some(true));
    let behavior = update.uninstallation.as_ref().unwrap();
    assert_eq!(behavior.impact, Some(Impact::Other("Gentle".into())));
    assert_eq!(update.readiness.as_ref().unwrap().level, "RTW");
    assert_eq!(update.secured_fragments, ["FileDecryption"]);
}

/// As Microsoft's own service has it: the name is the text.
#[test]
fn a_secured_fragment_is_named_by_its_text_or_by_its_element() {
    for (content, names) in [
        ("FileUrl", &["FileUrl"][..]),
        ("\n  File<!-- -->Url <![CDATA[]]>\n", &["FileUrl"]),
        ("<u:FileDecryption/>", &["FileDecryption"]),
        (
            "\n <u:FileUrl/> <u:FileDecryption>x<y/></u:FileDecryption>",
            &["FileUrl", "FileDecryption"],
        ),
        ("  ", &[]),
    ] {
        let text = WHOLE.replace("<u:FileDecryption/>", content);
        let update = Update::read(&text, Select::ALL, &Limits::default()).unwrap();
        assert_eq!(update.secured_fragments, names, "{content}");
        assert_eq!(update.languages, ["de", "all"], "{content}");
    }
}

/// So has the digest of a file's pieces, which Microsoft's own service sends.
#[test]
fn what_nobody_knows_of_a_file_is_kept_as_it_stands() {
    let digest = r#"<u:PiecesHashDigest Algorithm="SHA256">Bw==</u:PiecesHashDigest>"#;
    let text = WHOLE
        .replace("Bg==</u:AdditionalDigest>", &format!("Bg==</u:AdditionalDigest>{digest}"))
        .replace("Ag==</u:AdditionalDigest>", &format!("Ag==</u:AdditionalDigest>{digest}"));
    let update = Update::read(&text, Select::ALL, &Limits::default()).unwrap();
    let kept = |parent: &str| -> Vec<&str> {
        let found = update.extensions.iter().filter(|kept| kept.parent == parent);
        found.map(|kept| &*kept.raw).collect()
    };
    assert_eq!((kept("File"), kept("EulaFile")), (vec![digest], vec![digest]));
    let whole = whole();
    assert_eq!((&update.files, &update.eula_files), (&whole.files, &whole.eula_files));
    let files = Update::read(&text, Select::FILES, &Limits::default()).unwrap();
    assert!(files.extensions.is_empty());
}

#[test]
fn texts_are_found_by_language_with_fallback() {
    let update = whole();
    for (wanted, title) in [
        ("en", "Update & more"),
        ("EN", "Update & more"),
        ("en-gb", "Update & more"),
        ("zh-cn", "更新"),
        ("zh-tw", "更新"),
        ("fr", "Mise à jour"),
        // The document's default language.
        ("pl", "Mise à jour"),
    ] {
        assert_eq!(update.title(wanted), Some(title), "{wanted}");
    }
    // A text that the nearest language lacks comes from the next one.
    assert_eq!(update.description("fr"), Some("Text"));
    assert_eq!(update.more_info_url("fr"), Some("https://en.example"));
    assert_eq!(update.support_url("en"), Some("https://fr.example"));
    assert_eq!(update.localized("en").unwrap().uninstall_notes.as_deref(), Some("Notes"));
}

#[test]
fn only_the_languages_that_were_asked_for_are_kept() {
    let select = Select::LOCALIZED.languages(&["zh-cn"]);
    let update = Update::read(WHOLE, select, &Limits::default()).unwrap();
    let languages: Vec<&str> = update.localized.iter().map(|local| &*local.language).collect();
    // English stands in; the default language as well, where it is known by then.
    assert_eq!(languages, ["en", "fr", "zh-cn"]);
    let select = Select::LOCALIZED.languages(&[]);
    let update = Update::read(WHOLE, select, &Limits::default()).unwrap();
    assert_eq!(update.localized.len(), 2);
}

#[test]
fn licence_terms_have_an_id_and_files_by_language_and_region() {
    let update = whole();
    assert!(update.needs_eula());
    assert_eq!(update.eula().unwrap().as_str(), "aaaaaaaa-0000-4000-8000-000000000001");
    let name = |language, geo| update.eula_file(language, geo).map(|file| &*file.file.name);
    assert_eq!(name("en", None), Some("en.txt"));
    assert_eq!(name("en", Some("94")), Some("en-94.txt"));
    assert_eq!(name("fr", Some("94")), Some("en-94.txt"));
    assert_eq!(name("fr", Some("1")), Some("fr.txt"));
    assert_eq!(name("pl", None), Some("fr.txt"));
    let file = update.eula_file("en", None).unwrap();
    assert_eq!(file.file.digest_of("sha256"), Some("Ag=="));
    assert_eq!((file.file.size, file.geo_id.as_deref()), (Some(11), None));
}

#[test]
fn relationships_are_clauses() {
    let update = whole();
    let any = |clause: &wsusss::metadata::Clause| clause.any.clone();
    assert_eq!(any(&update.prerequisites[0]), [(id(0x21), None)]);
    assert_eq!(any(&update.prerequisites[1]), [(id(0x22), None), (id(0x23), None)]);
    let marked: Vec<bool> = update.prerequisites.iter().map(|clause| clause.is_category).collect();
    assert_eq!(marked, [false, false, true, true]);
    assert_eq!(
        update.bundled_keys().collect::<Vec<_>>(),
        [(id(0x31), Some(7)), (id(0x32), Some(8))]
    );
    assert_eq!(update.superseded, [id(0x11)]);
    assert_eq!(update.well_known_classification(), Some(UpdateId::SECURITY_UPDATES));
    assert_eq!(update.products().collect::<Vec<_>>(), [id(0x24)]);
    assert!(!update.is_definition_update());
}

#[test]
fn a_classification_is_found_in_a_clause_without_a_mark() {
    let text = format!(
        "<Update><UpdateIdentity UpdateID='{ID}' RevisionNumber='1'/><Relationships><Prerequisites>\
         <AtLeastOne><UpdateIdentity UpdateID='{}'/></AtLeastOne></Prerequisites></Relationships></Update>",
        UpdateId::DEFINITION_UPDATES
    );
    let update = Update::read(&text, Select::RELATIONSHIPS, &Limits::default()).unwrap();
    assert_eq!(update.well_known_classification(), Some(UpdateId::DEFINITION_UPDATES));
    assert!(update.is_definition_update());
}

#[test]
fn files_have_every_digest() {
    let update = whole();
    let file = &update.files[0];
    assert_eq!((&*file.name, file.size), ("a.cab", Some(5_000_000_000)));
    assert_eq!(
        file.digests().collect::<Vec<_>>(),
        [("SHA1", "BA=="), ("SHA256", "BQ=="), ("SHA512", "Bg==")]
    );
    assert_eq!(file.modified.as_deref(), Some("2026-11-10T18:00:00.12"));
    assert_eq!(file.patching_type.as_deref(), Some("Express"));
    assert_eq!(file.is_encrypted, Some(true));
    assert_eq!(file.other, [("Speed".into(), "9".into())]);
}

#[test]
fn drivers_are_typed_and_rules_are_slices() {
    let update = whole();
    let driver = &update.drivers[0];
    assert_eq!(driver.hardware_id, r"PCI\A&B");
    assert_eq!((&*driver.date, &*driver.version), ("2026-01-02", "1.2.3.4"));
    assert_eq!((driver.whql_driver_id, &*driver.company), (Some(77), "C"));
    assert_eq!(driver.feature_scores[0].score, "FF");
    assert_eq!(driver.distribution_computers, ["x"]);
    assert_eq!(driver.target_computers, ["y"]);
    assert_eq!(driver.compatible_providers, ["z"]);
    let rules = update.applicability_rules.as_ref().unwrap();
    assert_eq!(rules.is_installed.as_deref(), Some("<b:True/>"));
    assert_eq!(rules.is_superseded.as_deref(), Some(""));
    assert_eq!(rules.is_installable.as_deref(), Some("<b:Not><b:False/></b:Not>"));
    assert!(rules.metadata.as_ref().unwrap().starts_with("<d:WindowsDriverMetaData"));
    assert!(rules.raw.starts_with("<u:ApplicabilityRules>"));
    assert!(rules.raw.ends_with("</u:ApplicabilityRules>"));
    assert!(update.namespaces.contains(&("b".into(), "urn:rules".into())));
    // Drivers without the slices, and the other way round.
    let update = Update::read(WHOLE, Select::DRIVERS, &Limits::default()).unwrap();
    assert_eq!((update.drivers.len(), update.applicability_rules), (1, None));
    let update = Update::read(WHOLE, Select::RULES, &Limits::default()).unwrap();
    assert_eq!((update.drivers.len(), update.applicability_rules.is_some()), (0, true));
}

#[test]
fn handler_data_is_typed_by_what_is_in_it() {
    let update = whole();
    let data = update.handler_data.as_ref().unwrap();
    assert_eq!(data.xsi_type.as_deref(), Some("cmd:CommandLineInstallation"));
    let Handler::CommandLine(command) = &data.handler else { panic!("{data:?}") };
    assert_eq!((&*command.program, &*command.arguments), ("a.exe", "/q"));
    assert_eq!(command.return_codes.len(), 2);
    assert_eq!(command.return_codes[0].code, Some(-2_145_124_330));
    assert_eq!(command.return_codes[0].reboot, Some(true));
    assert!(data.raw.starts_with("<u:HandlerSpecificData"));
    let handler = |inside: &str| {
        let text = format!(
            "<Update><UpdateIdentity UpdateID='{ID}' RevisionNumber='1'/><HandlerSpecificData>\
             {inside}</HandlerSpecificData></Update>"
        );
        let update = Update::read(&text, Select::HANDLER, &Limits::default()).unwrap();
        update.handler_data.unwrap().handler.into_owned()
    };
    let Handler::Category(category) = handler(
        "<c:CategoryInformation CategoryType='UpdateClassification' DisplayOrder='5' \
         ProhibitsUpdates='false' ProhibitsSubcategories='true' ExcludedByDefault='true'/>",
    ) else {
        panic!()
    };
    assert_eq!(category.category_type, Some(CategoryType::UpdateClassification));
    assert_eq!((category.display_order, category.excluded_by_default), (Some(5), Some(true)));
    assert_eq!(handler("<CbsData PackageIdentity='P~1'/>"), Handler::Cbs("P~1".into()));
    let Handler::InstallerPatch(patch) = handler(
        "<MspData PatchCode='a' FullFilePatchCode='b' CommandLine='c'>\
         <RepairPath Path='d'/></MspData>",
    ) else {
        panic!()
    };
    assert_eq!((&*patch.patch_code, &*patch.repair_paths[0].path), ("a", "d"));
    let Handler::InstallerPackage(package) = handler("<MsiData ProductCode='a' MsiFile='b'/>")
    else {
        panic!()
    };
    assert_eq!((&*package.product_code, &*package.msi_file), ("a", "b"));
    let Handler::WindowsPatch(patch) = handler("<WindowsPatchData InstallParameters='a'/>") else {
        panic!()
    };
    assert_eq!((&*patch.install_parameters, patch.unpack_parameters), ("a", None));
    assert_eq!(handler("<WindowsSetup Program='p'/>"), Handler::WindowsSetup("p".into()));
    assert_eq!(
        handler("<OSInstallerMetadata InitialModule='m'/>"),
        Handler::OsInstaller("m".into())
    );
    assert_eq!(handler("<Something/>"), Handler::Other);
}

#[test]
fn what_nobody_knows_is_kept_as_it_stands() {
    let update = whole();
    let kept: Vec<(&str, &str)> =
        update.extensions.iter().map(|kept| (&*kept.parent, &*kept.raw)).collect();
    assert_eq!(kept.len(), 3);
    assert_eq!(kept[1], ("Properties", r#"<u:NewProperty A="1"/>"#));
    assert_eq!(kept[2], ("Update", "<u:NewPart/>"));
}

#[test]
fn asking_for_less_gives_less_and_nothing_else() {
    let all = whole();
    let read = |select: Select<'static>| Update::read(WHOLE, select, &Limits::default()).unwrap();
    let identity = read(Select::IDENTITY);
    assert_eq!((identity.key, &identity.properties), (all.key, &all.properties));
    assert!(identity.kb_articles.is_empty() && identity.localized.is_empty());
    assert!(identity.prerequisites.is_empty() && identity.namespaces.is_empty());
    assert_eq!(read(Select::PROPERTIES).kb_articles, all.kb_articles);
    assert_eq!(read(Select::LOCALIZED).localized, all.localized);
    assert_eq!(read(Select::RELATIONSHIPS).prerequisites, all.prerequisites);
    assert_eq!(read(Select::FILES).files, all.files);
    assert_eq!(read(Select::RULES).applicability_rules, all.applicability_rules);
    assert_eq!(read(Select::DRIVERS).drivers, all.drivers);
    assert_eq!(read(Select::HANDLER).handler_data, all.handler_data);
    // Parts that are not read are not looked into.
    assert_eq!(read(Select::EXTENSIONS).extensions, all.extensions[2..]);
}

#[test]
fn stopping_early_reads_nothing_behind_what_was_asked_for() {
    let cut = WHOLE.find("<u:ApplicabilityRules>").unwrap();
    let broken = format!("{}<nothing closes this", WHOLE.get(..cut).unwrap());
    let limits = Limits::default();
    assert!(Update::read(&broken, Select::SUMMARY, &limits).is_err());
    let update = Update::read(&broken, Select::SUMMARY.stop_early(), &limits).unwrap();
    assert_eq!(update.title("en"), Some("Update & more"));
    // The files come later, so they are looked for.
    assert!(Update::read(&broken, Select::FILES.stop_early(), &limits).is_err());
}

#[test]
fn a_manifest_of_47_megabytes_is_passed_over() {
    let line = "<assemblyIdentity name=\"Microsoft-Windows-Something\" version=\"10.0.1.2\"/>\n";
    let manifest = line.repeat((47 << 20) / line.len());
    let text = WHOLE.replace("<u:Metadata>", &format!("<u:Metadata>{manifest}"));
    assert!(text.len() > 47_000_000);
    let limits = Limits::default();
    let update = Update::read(&text, Select::SUMMARY.stop_early(), &limits).unwrap();
    assert_eq!(update.title("fr"), Some("Mise à jour"));
    let update = Update::read(&text, Select::SUMMARY.and(Select::DRIVERS), &limits).unwrap();
    assert_eq!(update.drivers.len(), 1);
}

#[test]
fn oddities_are_said_with_their_place() {
    let text = format!(
        "<Update><UpdateIdentity UpdateID='{ID}' RevisionNumber='1'/>\n<Files><File Size='big' \
         IsEncrypted='maybe'/></Files>\n<LocalizedPropertiesCollection><LocalizedProperties>\
         <Title>x</Title></LocalizedProperties></LocalizedPropertiesCollection><Files/></Update>"
    );
    let (update, found) = read_noting(&text, Select::ALL, &Limits::default()).unwrap();
    assert_eq!((update.files[0].size, update.files[0].is_encrypted), (None, None));
    assert_eq!(update.title("en"), Some("x"));
    let codes: Vec<Oddity> = found.iter().map(|found| found.code).collect();
    assert_eq!(
        codes,
        [Oddity::NotNumber, Oddity::NotBoolean, Oddity::NoLanguage, Oddity::Repeated]
    );
    assert_eq!(found[0].position.line, 2);
    assert_eq!(found[0].path, "Update/Files/File");
    assert!(read_noting(WHOLE, Select::ALL, &Limits::default()).unwrap().1.len() == 1);
}

#[test]
fn documents_that_are_none_are_refused_with_a_place() {
    let limits = Limits::default();
    let error = |text: &str| Update::read(text, Select::ALL, &limits).unwrap_err();
    assert_eq!(error("<Updates/>").kind(), &ErrorKind::NotUpdate("Updates".into()));
    assert_eq!(error("<Update/>").kind(), &ErrorKind::Missing("UpdateIdentity"));
    let no_id = error("<Update>\n<UpdateIdentity/></Update>");
    assert_eq!(no_id.kind(), &ErrorKind::Missing("UpdateID"));
    assert_eq!(no_id.position().unwrap().line, 2);
    for text in [
        "<Update><UpdateIdentity UpdateID='x'/></Update>".to_owned(),
        format!("<Update><UpdateIdentity UpdateID='{ID}' RevisionNumber='-1'/></Update>"),
    ] {
        assert!(matches!(error(&text).kind(), ErrorKind::Value { .. }), "{text}");
    }
}

#[test]
fn every_list_counts_against_the_limit() {
    let with = |inside: &str, n: usize| {
        let (before, rest) = inside.split_once('[').unwrap();
        let (item, after) = rest.split_once(']').unwrap();
        let text = format!(
            "<Update><UpdateIdentity UpdateID='{ID}' RevisionNumber='1'/>{before}{}{after}</Update>",
            item.repeat(n)
        );
        Update::read(&text, Select::ALL, &Limits::default().with_items(5)).map(|_| ())
    };
    // The number of items that the parts around them leave room for.
    for (inside, room) in [
        ("<Properties>[<KBArticleID>1</KBArticleID>]</Properties>", 5),
        ("<Properties>[<SecurityBulletinID>1</SecurityBulletinID>]</Properties>", 5),
        ("<Properties>[<CveID>1</CveID>]</Properties>", 5),
        ("<Properties>[<Language>1</Language>]</Properties>", 5),
        ("<Properties><SecuredFragment>[<FileUrl/>]</SecuredFragment></Properties>", 5),
        ("<Properties>[<SecuredFragment>FileUrl</SecuredFragment>]</Properties>", 5),
        ("<Properties>[<Unknown/>]</Properties>", 5),
        ("<Files><File>[<Unknown/>]</File></Files>", 4),
        ("[<Unknown/>]", 5),
        (
            "<LocalizedPropertiesCollection>[<LocalizedProperties/>]\
             </LocalizedPropertiesCollection>",
            5,
        ),
        ("<LocalizedPropertiesCollection>[<EulaFile/>]</LocalizedPropertiesCollection>", 5),
        (
            "<Relationships><SupersededUpdates>[<UpdateIdentity UpdateID='1f0c7a52-9d0e-4a55-8a43-0d7c6a2b9e01'/>]</SupersededUpdates></Relationships>",
            5,
        ),
        (
            "<Relationships><Prerequisites>[<UpdateIdentity UpdateID='1f0c7a52-9d0e-4a55-8a43-0d7c6a2b9e01'/>]</Prerequisites></Relationships>",
            5,
        ),
        ("<Relationships><BundledUpdates>[<AtLeastOne/>]</BundledUpdates></Relationships>", 5),
        (
            "<Relationships><Prerequisites><AtLeastOne>[<UpdateIdentity UpdateID='1f0c7a52-9d0e-4a55-8a43-0d7c6a2b9e01'/>]</AtLeastOne></Prerequisites></Relationships>",
            4,
        ),
        ("<Files>[<File/>]</Files>", 5),
        ("<Files><File>[<AdditionalDigest/>]</File></Files>", 4),
        (
            "<ApplicabilityRules><Metadata>[<WindowsDriverMetaData/>]</Metadata></ApplicabilityRules>",
            5,
        ),
        (
            "<ApplicabilityRules><Metadata><WindowsDriverMetaData>[<FeatureScore/>]</WindowsDriverMetaData></Metadata></ApplicabilityRules>",
            4,
        ),
        (
            "<ApplicabilityRules><Metadata><WindowsDriverMetaData>[<CompatibleProvider/>]</WindowsDriverMetaData></Metadata></ApplicabilityRules>",
            4,
        ),
        (
            "<HandlerSpecificData><InstallCommand>[<ReturnCode/>]</InstallCommand></HandlerSpecificData>",
            5,
        ),
        (
            "<HandlerSpecificData><InstallCommand><ReturnCode>[<LocalizedDescription/>]</ReturnCode></InstallCommand></HandlerSpecificData>",
            4,
        ),
        ("<HandlerSpecificData><MspData>[<RepairPath/>]</MspData></HandlerSpecificData>", 5),
        ("<HandlerSpecificData><InstallCommand/>[<RepairPath/>]</HandlerSpecificData>", 5),
    ] {
        assert_eq!(with(inside, room), Ok(()), "{inside}");
        let error = with(inside, room + 1).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Limit { max: 5, .. }), "{inside}: {error}");
    }
}

const PARTS: [Select<'static>; 9] = [
    Select::PROPERTIES,
    Select::LOCALIZED,
    Select::RELATIONSHIPS,
    Select::FILES,
    Select::RULES,
    Select::DRIVERS,
    Select::HANDLER,
    Select::EXTENSIONS,
    Select::SUMMARY,
];

fn skim(
    bytes: &[u8],
    select: Select<'_>,
    limits: &Limits,
    sizes: &[usize],
) -> Result<Update<'static>, wsusss::Error> {
    let mut skimmer = Skimmer::new(select, limits);
    let mut rest = bytes;
    for size in sizes.iter().cycle() {
        let (chunk, after) = rest.split_at((*size).min(rest.len()));
        skimmer.handle_bytes(chunk)?;
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    skimmer.finish()
}

#[test]
fn a_document_that_is_skimmed_has_what_was_asked_for() {
    let limits = Limits::default();
    let wide: Vec<u8> = WHOLE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for select in PARTS.into_iter().chain([Select::ALL, Select::IDENTITY]) {
        let whole = Update::read(WHOLE, select, &limits).unwrap();
        for sizes in [&[1][..], &[7], &[100, 3], &[100_000]] {
            assert_eq!(skim(WHOLE.as_bytes(), select, &limits, sizes).unwrap(), whole);
            assert_eq!(skim(&wide, select, &limits, sizes).unwrap(), whole);
        }
        #[cfg(feature = "cab")]
        {
            let cabinet = wsusss::cab::make_document(WHOLE);
            assert_eq!(wsusss::cab::read_update(&cabinet, select, &limits).unwrap(), whole);
        }
    }
}

#[test]
fn what_is_skimmed_is_never_held() {
    let manifest = "<x y='1'>some text</x>".repeat(200_000);
    let text = WHOLE.replace("<u:Metadata>", &format!("<u:Metadata>{manifest}"));
    let limits = Limits::default().with_document(8_000);
    assert!(WHOLE.len() < 8_000 && text.len() > 4_000_000);
    let update = skim(text.as_bytes(), Select::SUMMARY, &limits, &[1000]).unwrap();
    assert_eq!(update.title("en"), Some("Update & more"));
    // The limit is on what is held: asked for the rules, it is passed.
    let error = skim(text.as_bytes(), Select::RULES, &limits, &[1000]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Limit { max: 8_000, .. }));
    let exact = Limits::default().with_document(WHOLE.len());
    assert!(skim(WHOLE.as_bytes(), Select::ALL, &exact, &[9]).is_ok());
    let less = Limits::default().with_document(WHOLE.len() - 1);
    assert!(skim(WHOLE.as_bytes(), Select::ALL, &less, &[9]).is_err());
}

#[test]
fn errors_behind_a_skimmed_part_have_their_place_in_the_whole() {
    let broken = WHOLE.replace("<u:Files>", "<u:Files>\n<u:File Size='1'></u:Fil>");
    let whole = Update::read(&broken, Select::FILES, &Limits::default()).unwrap_err();
    let skimmed = skim(broken.as_bytes(), Select::FILES, &Limits::default(), &[50]).unwrap_err();
    assert_eq!(skimmed, whole);
    // What is passed over is not checked.
    assert!(skim(broken.as_bytes(), Select::LOCALIZED, &Limits::default(), &[50]).is_ok());
    for cut in [10, 500, 3_000, WHOLE.len() - 1] {
        let cut = &WHOLE.as_bytes()[..cut];
        assert!(skim(cut, Select::FILES, &Limits::default(), &[50]).is_err());
    }
    let error = skim(b"<Update>\xff", Select::ALL, &Limits::default(), &[1]).unwrap_err();
    assert_eq!(error.position().unwrap().offset, 8);
}

#[test]
fn broken_markup_in_a_skimmed_part_has_its_place_however_it_was_cut() {
    for bad in ["<![C\0DATA[x]]>", "<!x>", "<![CDATB", "<!-x"] {
        let broken = WHOLE.replace("<u:Files>", &format!("<u:Files>\n<a>b</a> {bad}"));
        let place = broken.find(bad).unwrap() + bad.find('\0').unwrap_or_default();
        for size in [1, 2, 7, 50, 600, 100_000] {
            for select in [Select::FILES, Select::LOCALIZED, Select::IDENTITY] {
                let limits = Limits::default();
                let error = skim(broken.as_bytes(), select, &limits, &[size]).unwrap_err();
                assert_eq!(error.position().unwrap().offset, place, "{bad:?} {size}: {error}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What can be read can be skimmed, whatever the chunks, and gives the same.
    #[test]
    fn skimming_agrees_with_reading(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..6), 0..3),
        parts in prop::collection::vec(0usize..9, 0..4),
        sizes in prop::collection::vec(1usize..300, 1..6),
    ) {
        let mut text = WHOLE.to_owned();
        for (at, what) in edits {
            let mut at = at.index(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            match what {
                0 => drop(text.remove(at)),
                what => text.insert_str(at, ["", "<!-- <x> -->", "<x/>", "<![CDATA[</x>]]>", "</u:Files>", "<?x >?>"][what]),
            }
        }
        let select = parts.iter().fold(Select::IDENTITY, |all, part| all.and(PARTS[*part]));
        let limits = Limits::default();
        let skimmed = skim(text.as_bytes(), select, &limits, &sizes);
        prop_assert_eq!(&skimmed, &skim(text.as_bytes(), select, &limits, &[100_000]));
        match Update::read(&text, select, &limits) {
            Ok(update) => prop_assert_eq!(skimmed, Ok(update.into_owned())),
            // What is wrong may be in a part that was passed over.
            Err(error) => {
                if let Err(skimmed) = skimmed {
                    prop_assert!(skimmed.position().is_some() || error.position().is_none());
                }
            }
        }
    }
}
