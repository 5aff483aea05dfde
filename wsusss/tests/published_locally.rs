//! Documents as WSUS makes them of packages that are published locally, and as vendors of hardware
//! fill them: what they have that Microsoft's own do not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use wsusss::catalog::Catalog;
use wsusss::metadata::{
    Handler, KbArticle, Oddity, RepairPath, ReturnCode, Select, Update, read_noting,
};
use wsusss::{Limits, UpdateId};

const ID: &str = "0a5e7c10-0000-4000-8000-000000000001";

fn document(inside: &str) -> String {
    format!(
        "<upd:Update xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/Update\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><upd:UpdateIdentity \
         UpdateID=\"{ID}\" RevisionNumber=\"1\"/>{inside}</upd:Update>"
    )
}

/// The document, and what was odd about it.
fn read(text: &str) -> (Update<'_>, Vec<Oddity>) {
    let (update, found) = read_noting(text, Select::ALL, &Limits::default()).unwrap();
    (update, found.iter().map(|found| found.code).collect())
}

fn handler(inside: &str) -> (Handler<'static>, Vec<Oddity>) {
    let text = document(&format!("<upd:HandlerSpecificData>{inside}</upd:HandlerSpecificData>"));
    let (update, odd) = read(&text);
    (update.handler_data.unwrap().handler.into_owned(), odd)
}

#[test]
fn kb_articles_are_printed_with_kb_only_if_they_are_numbers() {
    for (name, number, printed) in [
        ("5031234", Some("5031234"), "KB5031234"),
        ("KB77", Some("77"), "KB77"),
        (" kb 078 ", Some("078"), "KB078"),
        ("sp10001", None, "sp10001"),
        ("7QX1Z", None, "7QX1Z"),
        ("KBD100", None, "KBD100"),
        ("KB", None, "KB"),
        ("", None, ""),
        ("٣", None, "٣"),
        ("ẞ1", None, "ẞ1"),
    ] {
        let article = KbArticle::new(name);
        assert_eq!((article.number(), &*article.to_string()), (number, printed), "{name:?}");
        assert_eq!(article.as_str(), name.trim());
    }
    let text = document(
        "<upd:Properties UpdateType=\"Software\"><upd:SecurityBulletinID>7QX1Z</upd:SecurityBulletinID>\
         <upd:KBArticleID>7QX1Z</upd:KBArticleID><upd:KBArticleID>5031234</upd:KBArticleID>\
         <upd:KBArticleID>KBD100</upd:KBArticleID></upd:Properties>",
    );
    let (update, _) = read(&text);
    assert_eq!((&*update.bulletins[0], &*update.kb_articles[0]), ("7QX1Z", "7QX1Z"));
    let printed = ["7QX1Z", "KB5031234", "KBD100"];
    assert_eq!(update.articles().map(|one| one.to_string()).collect::<Vec<_>>(), printed);
    let mut catalog = Catalog::new(["en"]);
    catalog.insert(&update).unwrap();
    let id: UpdateId = ID.parse().unwrap();
    let entry = catalog.get(id).unwrap();
    assert_eq!(entry.articles().map(|one| one.to_string()).collect::<Vec<_>>(), printed);
    // What is printed finds it again, and what is no article of its own does not.
    for found in ["7QX1Z", "KB5031234", "5031234", "KBD100"] {
        assert_eq!(catalog.by_kb(found).collect::<Vec<_>>(), [id], "{found}");
    }
    for other in ["D100", "KB7QX1Z", "KB"] {
        assert_eq!(catalog.by_kb(other).count(), 0, "{other}");
    }
}

#[test]
fn repair_paths_are_read_from_their_attributes() {
    let relative = "RelativeToServer=\"true\" Path=\"Packages\\a&amp;b\"";
    let (package, odd) =
        handler(&format!("<MsiData MsiFile=\"a.msi\"><RepairPath {relative}/></MsiData>"));
    let Handler::InstallerPackage(package) = package else { panic!("{package:?}") };
    let [path] = package.repair_paths.as_slice() else { panic!("{package:?}") };
    assert_eq!((&*path.path, path.relative_to_server), (r"Packages\a&b", Some(true)));
    assert_eq!((&path.target_id, &path.target_type), (&None, &None));
    assert_eq!(odd, []);
    let (patch, odd) = handler(
        "<MspData PatchCode=\"p\"><RepairPath Path=\"\\\\server\\share\" RelativeToServer=\"perhaps\">\
         text</RepairPath><RepairPath/></MspData>",
    );
    let Handler::InstallerPatch(patch) = patch else { panic!("{patch:?}") };
    let paths: Vec<&str> = patch.repair_paths.iter().map(|path| &*path.path).collect();
    assert_eq!(paths, [r"\\server\share", ""]);
    assert_eq!((patch.repair_paths[0].relative_to_server, odd), (None, vec![Oddity::NotBoolean]));
    // Of a command it stands beside, before or behind.
    let command = "<InstallCommand Program=\"a.exe\"/>";
    let path = format!("<RepairPath TargetId=\"{{1}}\" TargetType=\"MsiProduct\" {relative}/>");
    for inside in [format!("{command}{path}"), format!("{path}{command}")] {
        let (command, odd) = handler(&inside);
        let Handler::CommandLine(command) = command else { panic!("{command:?}") };
        let [path] = command.repair_paths.as_slice() else { panic!("{command:?}") };
        assert_eq!(path.target_id.as_deref(), Some("{1}"));
        assert_eq!(path.target_type.as_deref(), Some("MsiProduct"));
        assert_eq!((&*path.path, path.relative_to_server), (r"Packages\a&b", Some(true)));
        assert_eq!(odd, []);
    }
    assert_eq!(handler(&path).0, Handler::Other);
    // What was stored before there were any of a command.
    let json = serde_json::to_value(handler(command).0).unwrap();
    let mut old = json.clone();
    old["CommandLine"].as_object_mut().unwrap().remove("repair_paths").unwrap();
    assert_eq!(serde_json::from_value::<Handler<'_>>(old).unwrap(), handler(command).0);
    assert_eq!(RepairPath::default().into_owned().path, "");
    // What was stored when a path was a text, and what is stored now, of both.
    for (name, fields) in [
        ("InstallerPackage", r#""product_code":"p","msi_file":"a.msi""#),
        ("InstallerPatch", r#""patch_code":"p","full_file_patch_code":null"#),
    ] {
        let old = format!(
            r#"{{"{name}":{{{fields},"command_line":null,"uninstall_command_line":null,
            "repair_paths":["","C:\\a"]}}}}"#
        );
        let old: Handler<'_> = serde_json::from_str(&old).unwrap();
        let paths = match &old {
            Handler::InstallerPackage(package) => &package.repair_paths,
            Handler::InstallerPatch(patch) => &patch.repair_paths,
            other => panic!("{other:?}"),
        };
        assert_eq!(paths.iter().map(|path| &*path.path).collect::<Vec<_>>(), ["", r"C:\a"]);
        let stored = serde_json::to_string(&old).unwrap();
        assert_eq!(serde_json::from_str::<Handler<'_>>(&stored).unwrap(), old, "{stored}");
    }
    let json = serde_json::to_string(&path_of(&handler(&format!("{command}{path}")).0)).unwrap();
    let stored: RepairPath<'_> = serde_json::from_str(&json).unwrap();
    assert_eq!((stored.relative_to_server, stored.target_id.as_deref()), (Some(true), Some("{1}")));
    assert!(serde_json::from_str::<RepairPath<'_>>("7").is_err());
}

fn path_of(handler: &Handler<'static>) -> RepairPath<'static> {
    let Handler::CommandLine(command) = handler else { panic!("{handler:?}") };
    command.repair_paths[0].clone()
}

#[test]
fn exit_codes_have_descriptions_by_language() {
    let described = |language: &str, text: &str| {
        format!(
            "<LocalizedDescription><Language>{language}</Language><Description>{text}</Description>\
             <More/></LocalizedDescription>"
        )
    };
    let (command, odd) = handler(&format!(
        "<InstallCommand Program=\"a.exe\"><ReturnCode Code=\"3010\" Result=\"Succeeded\" \
         DefaultLocalizedDescription=\"de\">{}{}{}</ReturnCode><ReturnCode Code=\"0\"/>\
         </InstallCommand>",
        described("en", "Restart &amp; go on"),
        described("de", "Neu starten"),
        described("fr", "a</Description><Description>b"),
    ));
    let Handler::CommandLine(command) = command else { panic!("{command:?}") };
    let [code, plain] = command.return_codes.as_slice() else { panic!("{command:?}") };
    assert_eq!((code.code, code.descriptions.len()), (Some(3010), 3));
    for (language, text) in
        [("en-us", "Restart & go on"), ("de", "Neu starten"), ("ja", "Neu starten"), ("fr", "a")]
    {
        assert_eq!(code.description(language), Some(text), "{language}");
    }
    assert_eq!((plain.description("en"), odd), (None, vec![Oddity::Repeated]));
    // Markup where there should be a text is not worth a document.
    let (command, odd) = handler(&format!(
        "<InstallCommand Program=\"a.exe\"><ReturnCode>{}{}{}</ReturnCode></InstallCommand>",
        described("en", "a<b/>c"),
        described("<b>de</b>", "d"),
        described("fr", "<b/></Description><Description>e"),
    ));
    let Handler::CommandLine(command) = command else { panic!("{command:?}") };
    let expected = [("".into(), "d".into()), ("fr".into(), "e".into())];
    assert_eq!(command.return_codes[0].descriptions, expected);
    assert_eq!(odd, [Oddity::NotText; 3]);
    let json = r#"{"code":0,"result":"Succeeded","reboot":null}"#;
    assert!(serde_json::from_str::<ReturnCode<'_>>(json).unwrap().descriptions.is_empty());
}

#[test]
fn a_clause_that_nothing_fulfils_is_said() {
    let clauses = |inside: &str| {
        document(&format!(
            "<upd:Relationships><upd:Prerequisites>{inside}</upd:Prerequisites></upd:Relationships>"
        ))
    };
    let member = format!("<upd:UpdateIdentity UpdateID=\"{ID}\"/>");
    let full = format!("<upd:AtLeastOne IsCategory=\"true\">{member}</upd:AtLeastOne>");
    assert_eq!(read(&clauses(&full)).1, []);
    let text = clauses(&format!("{full}<upd:AtLeastOne IsCategory=\"true\"/>"));
    let (update, odd) = read(&text);
    assert_eq!(odd, [Oddity::EmptyClause]);
    // It is there, and the update has no classification.
    assert_eq!((update.prerequisites.len(), update.well_known_classification()), (2, None));
    let (_, found) = read_noting(&text, Select::ALL, &Limits::default()).unwrap();
    assert!(found[0].path.ends_with("Prerequisites/upd:AtLeastOne[2]"), "{}", found[0].path);
    // What nobody knows in it is no update.
    assert_eq!(
        read(&clauses("<upd:AtLeastOne><upd:Other/></upd:AtLeastOne>")).1,
        [Oddity::EmptyClause]
    );
}

#[test]
fn of_what_is_there_once_the_first_counts_and_the_rest_is_said() {
    let twice = |name: &str, first: &str, second: &str| {
        format!("<upd:{name}{first}</upd:{name}><upd:{name}{second}</upd:{name}>")
    };
    let properties = [
        twice("InstallationBehavior", " Impact=\"Minor\">", " Impact=\"Normal\">"),
        twice("UninstallationBehavior", " Impact=\"Minor\">", " Impact=\"Normal\">"),
        twice("Readiness", " Level=\"RTW\">", " Level=\"Beta\">"),
    ]
    .concat();
    let local = [
        twice("Language", ">de", ">fr"),
        twice("Title", ">eins", ">zwei"),
        twice("Description", ">drei", ">vier"),
        twice("SupportUrl", ">a", ">b"),
    ]
    .concat();
    let rules = twice("IsInstalled", "><A/>", "><B/>");
    let installer = "<CbsData PackageIdentity=\"a\"/><MsiData ProductCode=\"b\"/>";
    let text = document(&format!(
        "<upd:Properties>{properties}</upd:Properties><upd:LocalizedPropertiesCollection>\
         <upd:LocalizedProperties>{local}</upd:LocalizedProperties>\
         </upd:LocalizedPropertiesCollection><upd:ApplicabilityRules>{rules}\
         </upd:ApplicabilityRules><upd:HandlerSpecificData type=\"x:Y\">{installer}\
         </upd:HandlerSpecificData>"
    ));
    let (update, odd) = read(&text);
    assert_eq!(odd, [Oddity::Repeated; 9]);
    let impact = |behavior: &Option<wsusss::metadata::Behavior<'_>>| {
        behavior.as_ref().and_then(|it| it.impact.as_ref()).map(ToString::to_string)
    };
    assert_eq!(impact(&update.installation).as_deref(), Some("Minor"));
    assert_eq!(impact(&update.uninstallation).as_deref(), Some("Minor"));
    assert_eq!(update.readiness.as_ref().unwrap().level, "RTW");
    let [local] = update.localized.as_slice() else { panic!("{update:?}") };
    assert_eq!((&*local.language, &*local.title), ("de", "eins"));
    assert_eq!(
        (local.description.as_deref(), local.support_url.as_deref()),
        (Some("drei"), Some("a"))
    );
    assert_eq!(update.applicability_rules.unwrap().is_installed.as_deref(), Some("<A/>"));
    let data = update.handler_data.unwrap();
    // Without a namespace, as in fragments that were cut out.
    assert_eq!(data.xsi_type.as_deref(), Some("x:Y"));
    assert_eq!(data.handler, Handler::Cbs("a".into()));
}

#[test]
fn attributes_that_nobody_knows_are_kept() {
    let text = document(
        "<upd:Properties><upd:InstallationBehavior Impact=\"Minor\" Loudness=\"a&amp;b\"/>\
         <upd:Readiness Level=\"RTW\" Ring=\"3\"/></upd:Properties>",
    );
    let (update, _) = read(&text);
    let behavior = update.installation.unwrap();
    assert_eq!(behavior.other, [("Loudness".into(), "a&b".into())]);
    assert_eq!(update.readiness.unwrap().other, [("Ring".into(), "3".into())]);
    let mut old = serde_json::to_value(&behavior).unwrap();
    old.as_object_mut().unwrap().remove("other").unwrap();
    let old: wsusss::metadata::Behavior<'_> = serde_json::from_value(old).unwrap();
    assert_eq!((old.impact, old.other), (behavior.impact, Vec::new()));
}

#[test]
fn every_well_known_classification_is_none_of_the_products() {
    let known = [
        ("0fa1201d-4330-4fa8-8ae9-b877473b6441", "Security Updates"),
        ("e6cf1350-c01b-414d-a61f-263d14d133b4", "Critical Updates"),
        ("e0789628-ce08-4437-be74-2495b842f43b", "Definition Updates"),
        ("b54e7d24-7add-428f-8b75-90a396fa584f", "Feature Packs"),
        ("68c5b0a3-d1a6-4553-ae49-01d3a7827828", "Service Packs"),
        ("b4832bd8-e735-4761-8daf-37f882276dab", "Tools"),
        ("28bc880e-0592-4cbf-8f95-c79b17911d5f", "Update Rollups"),
        ("cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83", "Updates"),
        ("5c9376ab-8ce6-464a-b136-22113dd69801", "Applications"),
        ("434de588-ed14-48f5-8eed-a15e09a991f6", "Connectors"),
        ("e140075d-8433-45c3-ad87-e72345b36078", "Developer Kits"),
        ("9511d615-35b2-47bb-927f-f73d8e9260bb", "Guidance"),
        ("ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0", "Drivers"),
        ("77835c8d-62a7-41f5-82ad-f28d1af1e3b1", "Driver Sets"),
        ("3689bdc8-b205-4af4-8d4a-a63924c5e9d5", "Upgrades"),
    ];
    let product = UpdateId::from_u128(0x60);
    let mut catalog = Catalog::new(["en"]);
    for (id, name) in known {
        let class: UpdateId = id.parse().unwrap();
        assert_eq!(class.classification_name(), Some(name));
        let text = document(&format!(
            "<upd:Relationships><upd:Prerequisites><upd:AtLeastOne IsCategory=\"true\">\
             <upd:UpdateIdentity UpdateID=\"{product}\"/></upd:AtLeastOne><upd:AtLeastOne \
             IsCategory=\"true\"><upd:UpdateIdentity UpdateID=\"{id}\"/></upd:AtLeastOne>\
             </upd:Prerequisites></upd:Relationships>"
        ));
        let (update, _) = read(&text);
        assert_eq!(update.products().collect::<Vec<_>>(), [product], "{name}");
        assert_eq!(update.well_known_classification(), Some(class));
        catalog.insert(&update).unwrap();
        assert_eq!(catalog.products(update.key.id), [product], "{name}");
        assert_eq!(catalog.classification(update.key.id), Some(class));
    }
    assert_eq!(product.classification_name(), None);
}
