//! DDF documents of both versions, and commands that are checked against them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mdm_xml::Severity;
use syncml::{Command, Data, Format, LocUri, StatusCode};
use update_csp::Build;
use update_csp::ddf::{
    CheckCode, Context, DdfCode, Document, DynamicNaming, ErrorKind, Finding, Generation, Limits,
    Lookup, Node, NodeType, Occurrence, Support, Tree, ValueKind, Verb,
};

fn read(text: &str) -> Document {
    Document::read(text.as_bytes(), &Limits::default()).unwrap()
}

/// A document of version 2 with everything that Microsoft's schema has, written by us.
const WHOLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE MgmtTree PUBLIC " -//OMA//DTD-DM-DDF 1.2//EN" "http://ddf.example/x.dtd"
  [<?oma-dm-ddf-ver supported-versions="1.2"?> <!ENTITY boom "boom">]>
<MgmtTree xmlns:MSFT="http://schemas.microsoft.com/MobileDevice/DM">
  <VerDTD>1.2</VerDTD>
  <MSFT:Diagnostics></MSFT:Diagnostics>
  <Node>
    <NodeName>Fruit</NodeName>
    <Path>./Device/Vendor/Example</Path>
    <DFProperties>
      <AccessType><Get/></AccessType>
      <DFFormat><node/></DFFormat>
      <Occurrence><One/></Occurrence>
      <Scope><Permanent/></Scope>
      <DFType><MIME/></DFType>
      <MSFT:Applicability>
        <MSFT:OsBuildVersion>10.0.22621, 10.0.19045.2130</MSFT:OsBuildVersion>
        <MSFT:CspVersion>1.0</MSFT:CspVersion>
        <MSFT:EditionAllowList>0x4;0x30;0x88*;</MSFT:EditionAllowList>
        <MSFT:RequiresAzureAd/>
      </MSFT:Applicability>
    </DFProperties>
    <Node>
      <NodeName>Basket</NodeName>
      <DFProperties>
        <AccessType><Add/><Get/></AccessType>
        <DFFormat><node/></DFFormat>
        <Occurrence><ZeroOrN>3</ZeroOrN></Occurrence>
        <Scope><Dynamic/></Scope>
        <DFType><DDFName/></DFType>
        <CaseSense><CIS/></CaseSense>
        <MSFT:AtomicRequired/>
      </DFProperties>
      <Node>
        <NodeName></NodeName>
        <DFProperties>
          <AccessType><Get/></AccessType>
          <DFFormat><node/></DFFormat>
          <Scope><Dynamic/></Scope>
          <MSFT:DynamicNodeNaming><MSFT:UniqueName>^[a-z]{3}$</MSFT:UniqueName></MSFT:DynamicNodeNaming>
        </DFProperties>
        <Node>
          <NodeName>Weight</NodeName>
          <DFProperties>
            <AccessType><Add/><Delete/><Get/><Replace/></AccessType>
            <DefaultValue>7</DefaultValue>
            <Description>Grams per piece</Description>
            <DFFormat><int/></DFFormat>
            <DFTitle>Weight</DFTitle>
            <DFType><MIME>text/plain</MIME></DFType>
            <MSFT:AllowedValues ValueType="Range">
              <MSFT:Value>[1-100]</MSFT:Value>
              <MSFT:ValueDescription>grams</MSFT:ValueDescription>
            </MSFT:AllowedValues>
            <MSFT:GpMapping GpEnglishName="Weight" GpAreaPath="Fruit~AT" GpElement="Grams"/>
            <MSFT:ConflictResolution>LastWrite</MSFT:ConflictResolution>
            <MSFT:ReplaceBehavior>Append</MSFT:ReplaceBehavior>
            <MSFT:RebootBehavior>ServerInitiated</MSFT:RebootBehavior>
            <MSFT:Deprecated OsBuildDeprecated="10.0.26100"/>
            <MSFT:CommonErrorResults><MSFT:CommonErrorOne>0x1</MSFT:CommonErrorOne></MSFT:CommonErrorResults>
            <MSFT:DependencyBehavior>
              <MSFT:DependencyGroup FriendlyId="Scales">
                <MSFT:DependencyChangedAllowedValues ValueType="Range">
                  <MSFT:Value>[1-1000]</MSFT:Value>
                </MSFT:DependencyChangedAllowedValues>
                <MSFT:Dependency Type="DependsOn">
                  <MSFT:DependencyUri>Vendor/Example/Fruit/Scales</MSFT:DependencyUri>
                  <MSFT:DependencyAllowedValue ValueType="ENUM">
                    <MSFT:Enum><MSFT:Value>1</MSFT:Value></MSFT:Enum>
                  </MSFT:DependencyAllowedValue>
                </MSFT:Dependency>
              </MSFT:DependencyGroup>
            </MSFT:DependencyBehavior>
            <MSFT:Flavour>sweet</MSFT:Flavour>
          </DFProperties>
        </Node>
      </Node>
    </Node>
    <Node>
      <NodeName>Scales</NodeName>
      <DFProperties>
        <AccessType><Get/><Replace/></AccessType>
        <DFFormat><bool/></DFFormat>
        <MSFT:Applicability><MSFT:OsBuildVersion>99.9.99999</MSFT:OsBuildVersion></MSFT:Applicability>
        <MSFT:DependencyBehavior>
          <MSFT:DependencyGroup FriendlyId="Off">
            <MSFT:Dependency Type="Not">
              <MSFT:DependencyUri>Vendor/Example/Fruit/Basket</MSFT:DependencyUri>
              <MSFT:DependencyAllowedValue ValueType="None"/>
            </MSFT:Dependency>
          </MSFT:DependencyGroup>
        </MSFT:DependencyBehavior>
      </DFProperties>
    </Node>
    <Node>
      <NodeName>Eat</NodeName>
      <DFProperties><AccessType><Exec/></AccessType><DFFormat><null/></DFFormat></DFProperties>
    </Node>
    <Node>
      <NodeName>Found</NodeName>
      <DFProperties><AccessType><Get/></AccessType><DFFormat><node/></DFFormat></DFProperties>
      <Node>
        <NodeName/>
        <DFProperties>
          <AccessType><Get/></AccessType><DFFormat><chr/></DFFormat>
          <MSFT:DynamicNodeNaming><MSFT:ClientInventory/></MSFT:DynamicNodeNaming>
        </DFProperties>
      </Node>
    </Node>
  </Node>
</MgmtTree>"#;

#[test]
fn a_node_is_the_same_once_it_is_saved_and_read() {
    let since = r#"<MSFT:Deprecated OsBuildDeprecated="10.0.26100"/>"#;
    let build = Some("10.0.26100".to_owned());
    for (element, deprecated) in [
        (since, Some(build)),
        ("<MSFT:Deprecated/>", Some(None)),
        (r#"<MSFT:Deprecated OsBuildDeprecated=""/>"#, Some(None)),
        ("", None),
    ] {
        let document = read(&WHOLE.replace(since, element));
        assert_eq!(document.nodes[3].deprecated, deprecated);
        for node in &document.nodes {
            let saved = serde_json::to_string(node).unwrap();
            assert_eq!(&serde_json::from_str::<Node>(&saved).unwrap(), node, "{saved}");
        }
    }
    // What was saved before, with a build or with nothing.
    let mut saved = serde_json::to_value(Node::default()).unwrap();
    let mut deprecated = |value: Option<serde_json::Value>| {
        let fields = saved.as_object_mut().unwrap();
        fields.remove("deprecated");
        fields.extend(value.map(|value| ("deprecated".to_owned(), value)));
        serde_json::from_value::<Node>(saved.clone()).unwrap().deprecated
    };
    assert_eq!(deprecated(Some("1".into())), Some(Some("1".to_owned())));
    assert_eq!((deprecated(Some(serde_json::Value::Null)), deprecated(None)), (None, None));
}

#[test]
fn everything_that_version_2_says_is_read() {
    let document =
        Document::read(format!("\u{FEFF}{WHOLE}").as_bytes(), &Limits::default()).unwrap();
    assert_eq!(document.version.as_deref(), Some("1.2"));
    assert_eq!(document.generation(), Generation::V2);
    let paths: Vec<&str> = document.nodes.iter().map(|node| &*node.path).collect();
    let root = "./Device/Vendor/Example/Fruit";
    let expected: Vec<String> =
        ["", "/Basket", "/Basket/*", "/Basket/*/Weight", "/Scales", "/Eat", "/Found", "/Found/*"]
            .iter()
            .map(|rest| format!("{root}{rest}"))
            .collect();
    assert_eq!(paths, expected);

    let basket = &document.nodes[1];
    assert_eq!(basket.occurrence, Some(Occurrence::ZeroOrN(3)));
    assert_eq!(basket.node_type, Some(NodeType::DdfName("".into())));
    assert_eq!(basket.case_sense.as_deref(), Some("CIS"));
    assert!(basket.atomic_required);
    assert_eq!(document.nodes[2].naming, Some(DynamicNaming::UniqueName("^[a-z]{3}$".into())));
    assert_eq!(document.nodes[7].naming, Some(DynamicNaming::ClientInventory));

    let weight = &document.nodes[3];
    assert_eq!(weight.access.to_string(), "Add Delete Get Replace");
    assert_eq!(weight.default.as_deref(), Some("7"));
    assert_eq!(weight.title.as_deref(), Some("Weight"));
    let allowed = weight.allowed.as_ref().unwrap();
    assert_eq!(allowed.ranges(), Some(vec![(1, 100)]));
    assert_eq!(allowed.values[0].description.as_deref(), Some("grams"));
    let gp = weight.gp.as_ref().unwrap();
    assert_eq!(
        (&*gp.name, &*gp.area, gp.element.as_deref()),
        ("Weight", "Fruit~AT", Some("Grams"))
    );
    assert_eq!(weight.conflict.as_deref(), Some("LastWrite"));
    assert_eq!(weight.replace_behavior.as_deref(), Some("Append"));
    assert_eq!(weight.reboot_behavior.as_deref(), Some("ServerInitiated"));
    assert_eq!(weight.deprecated, Some(Some("10.0.26100".to_owned())));
    assert_eq!(weight.common_errors, ["0x1"]);
    assert_eq!(weight.dependencies[0].name, "Scales");
    assert_eq!(weight.dependencies[0].dependencies[0].allowed.kind, ValueKind::Enum);
    assert_eq!(weight.other, [("Flavour".to_owned(), "sweet".to_owned())]);

    // Applicability comes from above.
    let applicability = document.applicability(weight);
    assert!(applicability.requires_azure_ad);
    let editions = applicability.editions.unwrap();
    assert!(editions.allows(0x88) && editions.allows(4) && !editions.allows(5));
    let builds = applicability.builds.unwrap();
    assert_eq!(builds.support(Build::new(10, 0, 19045, Some(2130))), Support::Yes);

    let codes: Vec<DdfCode> = document.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes, [DdfCode::UnknownProperty]);
    assert!(document.diagnostics[0].position.line > 70, "with its place");
}

#[test]
fn version_1_has_its_own_words_for_values_and_group_policies() {
    let document = read(
        r#"<MgmtTree xmlns:MSFT="http://schemas.microsoft.com/MobileDevice/DM"><VerDTD>1.2</VerDTD>
        <Node><NodeName>A</NodeName><Path>./Vendor/</Path><DFProperties>
          <AccessType><Get/></AccessType><DFFormat><int/></DFFormat>
          <MSFT:SupportedValues low="0" high="23"></MSFT:SupportedValues>
          <MSFT:NotSupportedOnPlatform>phone</MSFT:NotSupportedOnPlatform>
          <MSFT:ADMXMapped>w.admx</MSFT:ADMXMapped>
          <MSFT:ADMXMappedElement>Element</MSFT:ADMXMappedElement>
          <MSFT:ADMXCategory>Category</MSFT:ADMXCategory>
          <MSFT:ADMXPolicyName>Policy</MSFT:ADMXPolicyName>
        </DFProperties></Node>
        <Node><NodeName>B</NodeName><Path>./Vendor</Path><DFProperties>
          <MSFT:SupportedValues AllowedValues="2, 4,8"/></DFProperties></Node></MgmtTree>"#,
    );
    assert_eq!(document.generation(), Generation::V1);
    assert!(document.diagnostics.is_empty(), "{:?}", document.diagnostics);
    let [a, b] = document.nodes.as_slice() else { panic!("two nodes") };
    assert_eq!((&*a.path, &*b.path), ("./Vendor/A", "./Vendor/B"));
    assert_eq!(a.allowed.as_ref().unwrap().ranges(), Some(vec![(0, 23)]));
    assert_eq!(a.not_on, ["phone"]);
    let admx = a.admx.as_ref().unwrap();
    assert_eq!(admx.file.as_deref(), Some("w.admx"));
    assert_eq!(admx.element.as_deref(), Some("Element"));
    assert_eq!(admx.category.as_deref(), Some("Category"));
    assert_eq!(admx.policy.as_deref(), Some("Policy"));
    let list = b.allowed.as_ref().unwrap();
    assert_eq!(list.kind, ValueKind::Enum);
    assert_eq!(list.values.iter().map(|value| &*value.value).collect::<Vec<_>>(), ["2", "4", "8"]);
}

#[test]
fn odd_documents_are_read_and_named() {
    let found = |text: &str| -> Vec<DdfCode> {
        read(text).diagnostics.iter().map(|found| found.code).collect()
    };
    let node = "<Node><NodeName>A</NodeName><DFProperties/></Node>";
    assert_eq!(found(node), [DdfCode::Extract], "a node by itself");
    assert_eq!(found(&format!("<Cut>{node}</Cut>")), [DdfCode::Extract]);
    assert_eq!(
        found("<MgmtTree><Node><DFProperties/></Node></MgmtTree>"),
        [DdfCode::NoName],
        "no name at all"
    );
    assert_eq!(
        found("<MgmtTree><Node><NodeName>A</NodeName></Node></MgmtTree>"),
        [DdfCode::NoProperties]
    );
    let late =
        format!("<MgmtTree><Node>{node}<NodeName>B</NodeName><DFProperties/></Node></MgmtTree>");
    assert_eq!(found(&late), [DdfCode::LateName]);
    let properties = |text: &str| {
        found(&format!(
            "<MgmtTree><Node><NodeName>A</NodeName><DFProperties>{text}</DFProperties></Node></MgmtTree>"
        ))
    };
    for word in [
        "<AccessType><Fly/></AccessType>",
        "<DFFormat><int64/></DFFormat>",
        "<Occurrence><Often/></Occurrence>",
        "<Scope><Vast/></Scope>",
    ] {
        assert_eq!(properties(word), [DdfCode::UnknownWord], "{word}");
    }
    assert_eq!(
        properties("<Applicability><OsBuildVersion>soon</OsBuildVersion></Applicability>"),
        [DdfCode::Builds]
    );
    assert_eq!(
        properties(r#"<AllowedValues ValueType="Range"><Value>much</Value></AllowedValues>"#),
        [DdfCode::Range]
    );
    // An en dash and a no-break space that were coded twice.
    let twice = "<Description>0 \u{E2}\u{20AC}\u{201C} 5\u{C2}\u{A0}x</Description>";
    assert_eq!(properties(twice), [DdfCode::CodedTwice]);
    let document = read(&format!(
        "<MgmtTree><Node><NodeName>A</NodeName><DFProperties>{twice}</DFProperties></Node></MgmtTree>"
    ));
    assert_eq!(document.nodes[0].description.as_deref(), Some("0 \u{2013} 5\u{A0}x"));
    assert_eq!(found("<MgmtTree><Odd/></MgmtTree>"), [DdfCode::UnknownElement]);
    for other in ["<SyncML/>", "<a><b/></a>"] {
        let error = Document::read(other.as_bytes(), &Limits::default()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotDdf(_)), "{other}");
    }
}

#[test]
fn limits_take_n_and_refuse_one_more() {
    let limits = Limits::default().with_nodes(3).with_path(10).with_values(2).with_paths(12);
    let try_read = |text: &str| Document::read(text.as_bytes(), &limits).map(|_| ());
    let kind = |text: &str| try_read(text).unwrap_err().kind().clone();
    let nodes = |n: usize| {
        format!("<MgmtTree>{}</MgmtTree>", "<Node><NodeName>a</NodeName></Node>".repeat(n))
    };
    assert!(try_read(&nodes(3)).is_ok());
    assert_eq!(kind(&nodes(4)), ErrorKind::Nodes { max: 3 });
    let path = |n: usize| {
        let name = "a".repeat(n);
        format!("<MgmtTree><Node><NodeName>{name}</NodeName><Path>./b/</Path></Node></MgmtTree>")
    };
    assert!(try_read(&path(6)).is_ok(), "./b/aaaaaa");
    assert_eq!(kind(&path(7)), ErrorKind::Path { max: 10 });
    let paths = |n: usize| {
        let name = "a".repeat(n);
        let node = format!("<Node><NodeName>{name}</NodeName></Node>");
        format!("<MgmtTree>{node}{node}</MgmtTree>")
    };
    assert!(try_read(&paths(6)).is_ok());
    assert_eq!(kind(&paths(7)), ErrorKind::Paths { max: 12 });
    let values = |n: usize| {
        let value = "<Enum><Value>1</Value></Enum>".repeat(n);
        format!(
            "<MgmtTree><Node><NodeName>a</NodeName><DFProperties><AllowedValues ValueType=\"ENUM\">\
             {value}</AllowedValues></DFProperties></Node></MgmtTree>"
        )
    };
    assert!(try_read(&values(2)).is_ok());
    assert_eq!(kind(&values(3)), ErrorKind::Values { max: 2 });
    let list = |n: usize| {
        let list = vec!["1"; n].join(",");
        format!(
            "<MgmtTree><Node><NodeName>a</NodeName><DFProperties>\
             <SupportedValues AllowedValues=\"{list}\"/></DFProperties></Node></MgmtTree>"
        )
    };
    assert!(try_read(&list(2)).is_ok());
    assert_eq!(kind(&list(3)), ErrorKind::Values { max: 2 });
    let odd = "<MgmtTree><Odd/><Odd/><Odd/></MgmtTree>".as_bytes();
    let two = Document::read(odd, &Limits::default().with_diagnostics(2)).unwrap();
    assert_eq!(two.diagnostics.len(), 2);
    let three = Document::read(odd, &Limits::default().with_diagnostics(3)).unwrap();
    assert_eq!(three.diagnostics.len(), 3);
}

fn tree() -> Tree {
    let mut tree = Tree::default();
    tree.add(&read(WHOLE));
    tree
}

const FRUIT: &str = "./Vendor/Example/Fruit";

fn codes(command: &Command<'_>, context: &Context<'_>) -> Vec<CheckCode> {
    tree().check(command, context).iter().map(|found| found.code).collect()
}

fn weigh(data: &str) -> Command<'static> {
    let uri = format!("{FRUIT}/Basket/fig/Weight");
    Command::atomic(vec![Command::replace(uri, Format::Int, Data::text(data.to_owned()))])
}

#[test]
fn right_node_verb_format_value_and_build() {
    let all = Context::default();
    assert_eq!(codes(&weigh("50"), &all), [CheckCode::Deprecated]);
    let before = Context::default().with_build("10.0.22621.1".parse().unwrap());
    assert_eq!(codes(&weigh("50"), &before), []);
    assert_eq!(codes(&weigh(" 50 "), &before), [CheckCode::Spelling]);
    assert_eq!(codes(&weigh("101"), &before), [CheckCode::NotAllowed]);
    assert_eq!(codes(&weigh("heavy"), &before), [CheckCode::Value]);
    assert_eq!(codes(&weigh("4294967296"), &before), [CheckCode::Value], "more than 32 bits");

    // Another node's value changes the range.
    let scales: LocUri = "./Device/Vendor/Example/Fruit/Scales".parse().unwrap();
    let here = before.clone().with_value(&scales, "1");
    assert_eq!(codes(&weigh("999"), &here), []);
    assert_eq!(codes(&weigh("1001"), &here), [CheckCode::NotAllowed]);

    let at = |rest: &str| format!("{FRUIT}/{rest}");
    let text = |text: &str| Data::text(text.to_owned());
    for (command, expected) in [
        (Command::get(at("Basket?list=StructData")), vec![]),
        (Command::get(at("Basket/UPPER/Weight")), vec![]),
        (Command::get(at("Baskets")), vec![CheckCode::NoNode]),
        (Command::get(format!(" {FRUIT} ")), vec![CheckCode::BlankAddress]),
        (Command::get("/x"), vec![CheckCode::Address]),
        (Command::get("./User/Vendor/Example/Fruit"), vec![CheckCode::Undescribed]),
        (Command::get("./Vendor/Example/Frut"), vec![CheckCode::Undescribed]),
        (Command::get(at("Eat")), vec![CheckCode::Verb]),
        (Command::exec(at("Eat")), vec![]),
        (Command::delete(at("Basket")), vec![CheckCode::Verb, CheckCode::AtomicRequired]),
        (
            Command::replace(at("Basket/fig/Weight"), Format::Int, text("1")),
            vec![CheckCode::AtomicRequired],
        ),
        (
            Command::atomic(vec![Command::replace(
                at("Basket/fig/Weight"),
                Format::Chr,
                text("1"),
            )]),
            vec![CheckCode::Format],
        ),
        // The collection says that names can be added below it.
        (Command::atomic(vec![Command::add_node(at("Basket/fig"))]), vec![CheckCode::AddByParent]),
        (
            Command::atomic(vec![Command::add_node(at("Basket/Figs"))]),
            vec![CheckCode::AddByParent, CheckCode::Name],
        ),
        (
            Command::add(at("Found/x"), Format::Chr, text("1")),
            vec![CheckCode::Verb, CheckCode::Name],
        ),
    ] {
        let found = codes(&command, &before);
        // The rule for names holds wherever a name is given.
        let found: Vec<CheckCode> = found
            .into_iter()
            .filter(|code| *code != CheckCode::Name || expected.contains(code))
            .collect();
        assert_eq!(found, expected, "{command:?}");
    }
    let old = Context::default().with_build(Build::new(10, 0, 14393, None));
    assert_eq!(codes(&Command::get(FRUIT), &old), [CheckCode::Build]);
    let scales = Command::replace(at("Scales"), Format::Bool, text("true"));
    assert_eq!(codes(&scales, &before), [CheckCode::Unreleased]);
    assert_eq!(codes(&scales, &all), [], "nothing is known about the build");
    let basket: LocUri = "./Vendor/Example/Fruit/Basket".parse().unwrap();
    assert_eq!(codes(&scales, &all.clone().with_value(&basket, "x")), [CheckCode::Dependency]);
    let truth = |value: &str| Command::replace(at("Scales"), Format::Bool, text(value));
    assert_eq!(codes(&truth("1"), &all), [CheckCode::Spelling]);
    assert_eq!(codes(&truth("yes"), &all), [CheckCode::Value]);
    let home = Context::default().with_edition(0x65);
    assert_eq!(codes(&Command::get(FRUIT), &home), [CheckCode::Edition]);
    assert_eq!(codes(&Command::get(FRUIT), &Context::default().with_edition(0x30)), []);
}

#[test]
fn findings_say_where_and_what_the_device_answers() {
    let commands = [
        Command::get(FRUIT),
        Command::atomic(vec![
            Command::get(FRUIT),
            Command::replace(format!("{FRUIT}/Scale"), Format::Bool, Data::text("true")),
        ]),
    ];
    let found: Vec<Finding> = tree().check_all(&commands, &Context::default());
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((finding.command, finding.item), (2, 0));
    assert!(finding.is_error());
    assert_eq!(finding.code.status(), Some(StatusCode::NOT_FOUND));
    assert_eq!(
        finding.to_string(),
        "./Vendor/Example/Fruit/Scale: no such node (Scale below ./Device/Vendor/Example/Fruit; \
         did you mean Scales?)"
    );
    assert_eq!(CheckCode::Spelling.status(), None);
    let secret = Command::replace(format!("{FRUIT}/Scales"), Format::Bool, Data::text("hunter2"));
    let found = tree().check(&secret, &Context::default());
    assert!(!format!("{found:?}").contains("hunter2"), "data stays out of findings");
    assert_eq!(found[0].severity(), Severity::Error);
}

#[test]
fn a_part_of_a_document_is_put_where_it_belongs() {
    let cut = read("<Cut><Node><NodeName>Update</NodeName><DFProperties/></Node></Cut>");
    let mut tree = Tree::default();
    tree.add_at(&"./Device/Vendor/MSFT/Policy/Config".parse().unwrap(), &cut);
    let uri: LocUri = "./Vendor/MSFT/Policy/Config/Update".parse().unwrap();
    let Lookup::Found(found) = tree.lookup(&uri) else { panic!("not found") };
    assert_eq!(found.node.name, "Update");
    assert!(!found.node.access.has(Verb::Get));
}

#[test]
fn nesting_costs_no_stack() {
    let depth = 5000;
    let deep = "<Node><NodeName>a</NodeName>".repeat(depth) + &"</Node>".repeat(depth);
    let text = format!("<MgmtTree>{deep}</MgmtTree>");
    let error = Document::read(text.as_bytes(), &Limits::default()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Xml(_)), "the XML's own depth");
    let xml = mdm_xml::Limits::DEFAULT.with_depth(depth + 8);
    let limits = Limits::default().with_xml(xml).with_path(3 * depth);
    assert_eq!(Document::read(text.as_bytes(), &limits).unwrap().nodes.len(), depth);
}
