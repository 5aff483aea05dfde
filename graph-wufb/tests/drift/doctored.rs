//! The comparison itself: a schema of our own that agrees, and what is found when one thing in it
//! is changed. Needs no corpus.

use std::collections::{BTreeMap, BTreeSet};

use graph_wufb::models::{DeviceId, ProductId, UpdateCategory};
use graph_wufb::requests::{self as r, Query, Request};

use super::compare::{Ours, is_of, types};
use super::csdl::Csdl;
use super::requests::all_differences;

const CSDL: &str = r#"<Edmx><Schema Namespace="microsoft.graph" Alias="graph">
  <EntityType Name="entity" Abstract="true"><Property Name="id" Type="Edm.String"/></EntityType>
  <EntityType Name="door">
    <NavigationProperty Name="updatableAssets" Type="Collection(a.asset)"/>
    <NavigationProperty Name="products" Type="Collection(a.product)"/>
  </EntityType>
</Schema><Schema Namespace="a">
  <EnumType Name="category">
    <Member Name="feature" Value="0"/><Member Name="unknownFutureValue" Value="1"/>
    <Member Name="driver" Value="2"/>
  </EnumType>
  <EntityType Name="asset" BaseType="graph.entity" Abstract="true"/>
  <EntityType Name="device" BaseType="a.asset"><Property Name="kind" Type="a.category"/></EntityType>
  <EntityType Name="product" BaseType="graph.entity">
    <Property Name="names" Type="Collection(Edm.String)"/>
    <NavigationProperty Name="owner" Type="graph.group"/>
  </EntityType>
  <Action Name="enrollAssets" IsBound="true">
    <Parameter Name="bindingParameter" Type="Collection(a.asset)"/>
    <Parameter Name="updateCategory" Type="a.category" Nullable="false"/>
    <Parameter Name="assets" Type="Collection(microsoft.graph.windowsUpdates.device)"/>
  </Action>
  <Function Name="getKnownIssuesByTimeRange" IsBound="true">
    <Parameter Name="bindingParameter" Type="a.product"/>
    <Parameter Name="daysInPast" Type="Edm.Int32" Nullable="false"/>
    <Parameter Name="includeAllActive" Type="Edm.Boolean">
      <Annotation Term="Org.OData.Core.V1.OptionalParameter"/>
    </Parameter>
    <ReturnType Type="Collection(a.product)"/>
  </Function>
</Schema><Schema Namespace="microsoft.graph.windowsUpdates">
  <EntityType Name="device"><Property Name="id" Type="Edm.String"/></EntityType>
  <EntityType Name="azureADDevice" BaseType="microsoft.graph.windowsUpdates.device"/>
</Schema></Edmx>"#;

fn ours() -> Ours {
    let members = |list: &[(&str, &str)]| -> BTreeMap<String, String> {
        list.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
    };
    let words = |list: &[&str]| -> BTreeSet<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    };
    let product = [("id", "Edm.String"), ("names", "Collection(Edm.String)"), ("owner", "object")];
    Ours {
        objects: BTreeMap::from([
            ("a.device".to_owned(), members(&[("id", "Edm.String"), ("kind", "a.category")])),
            ("a.product".to_owned(), members(&product)),
        ]),
        enums: BTreeMap::from([(
            "a.category".to_owned(),
            (words(&["driver", "feature", "unknownFutureValue"]), words(&["driver"])),
        )]),
        cases: BTreeMap::from([("a.asset".to_owned(), members(&[("device", "a.device")]))]),
    }
}

fn requests() -> Vec<(Request, bool)> {
    let (device, product) = (DeviceId::new("x").unwrap(), ProductId::new("x").unwrap());
    vec![
        (r::enroll_assets(UpdateCategory::Driver, [&device]), true),
        (r::enroll_assets(UpdateCategory::Driver, []), false),
        (r::get_known_issues_by_time_range(&product, 1, Some(true)), true),
        (r::get_known_issues_by_time_range(&product, 1, None), false),
        (r::list_products(&Query::new()), true),
        (r::get_product(&product), true),
    ]
}

fn found(csdl: &str) -> Vec<String> {
    let csdl = Csdl::read(csdl);
    let is_group = |kind: &str| is_of(kind, &["microsoft.graph.group"]);
    let mut found = types(&csdl, &ours(), "a", is_group);
    found.extend(all_differences(&csdl, "microsoft.graph.door", requests()));
    found
}

#[test]
fn a_schema_that_agrees_has_no_differences() {
    assert_eq!(found(CSDL), [] as [String; 0]);
}

#[test]
fn a_doctored_schema_is_found_out() {
    // What is changed into what, and a part of the first difference.
    for (was, is, difference) in [
        // Types and members.
        (r#"<Property Name="kind""#, r#"<Property Name="sort""#, "a.device.sort is missing"),
        (r#"<Property Name="kind" Type="a.category"/>"#, "", "a.device.kind is invented"),
        ("Collection(Edm.String)", "Edm.String", "a.product.names is Edm.String, not Collection"),
        (r#""kind" Type="a.category""#, r#""kind" Type="Edm.String""#, "a.device.kind is Edm"),
        ("graph.group", "a.product", "a.product.owner is a.product, not object"),
        (r#"Name="product" BaseType="graph.entity""#, r#"Name="product""#, "a.product.id is inv"),
        (r#"Name="product" Base"#, r#"Name="thing" Base"#, "a.thing has no model"),
        (r#"BaseType="a.asset""#, r#"BaseType="graph.entity""#, "the case device is invented"),
        (
            r#"<EntityType Name="product""#,
            r#"<EntityType Name="part" BaseType="a.asset"/><EntityType Name="product""#,
            "a.part has no model",
        ),
        (
            r#"<EntityType Name="product""#,
            r#"<ComplexType Name="part" Abstract="true"/><ComplexType Name="b"><Property Name="c" Type="a.part"/></ComplexType><EntityType Name="product""#,
            "a.b has no model",
        ),
        // Words.
        (
            r#"<Member Name="feature""#,
            r#"<Member Name="Feature""#,
            "a.category: Feature is missing",
        ),
        (r#"<Member Name="driver" Value="2"/>"#, "", "a.category: driver is invented"),
        (r#""driver" Value="2""#, r#""driver" Value="-2""#, "a.category: hidden are {}"),
        (r#"EnumType Name="category""#, r#"EnumType Name="kinds""#, "a.kinds is missing"),
        // Paths.
        (r#"Name="products" Type"#, r#"Name="wares" Type"#, "leads to no products"),
        (
            r#""products" Type="Collection(a.product)""#,
            r#""products" Type="a.product""#,
            "leads to no x",
        ),
        // Actions: name, binding, parameters (name, type, list, null), what is returned.
        ("enrollAssets", "enrolAssets", "no request for enrolAssets of Collection(a.asset)"),
        (
            "Collection(a.asset)\"/>\n    <Parameter",
            "a.asset\"/>\n    <Parameter",
            "no request for enrollAssets of a.asset",
        ),
        (r#"Name="updateCategory""#, r#"Name="category""#, "category is missing"),
        (
            r#"Name="assets" Type="Collection(microsoft.graph.windowsUpdates.device)""#,
            r#"Name="assets" Type="Collection(Edm.String)""#,
            "assets is Collection(Edm.String): {",
        ),
        (
            r#"Name="assets" Type="Collection(microsoft.graph.windowsUpdates.device)""#,
            r#"Name="assets" Type="microsoft.graph.windowsUpdates.device""#,
            "assets is microsoft.graph.windowsUpdates.device: [",
        ),
        (
            r#"Name="updateCategory" Type="a.category""#,
            r#"Name="updateCategory" Type="Edm.Int32""#,
            "updateCategory is Edm.Int32: \"driver\"",
        ),
        (
            r#"<Parameter Name="assets" Type="Collection(microsoft.graph.windowsUpdates.device)"/>"#,
            "",
            "assets is invented",
        ),
        (
            "  </Action>",
            r#"<Parameter Name="more" Type="Edm.String" Nullable="false"/></Action>"#,
            "more is missing",
        ),
        ("  </Action>", r#"<ReturnType Type="Edm.String"/></Action>"#, "Entity is returned"),
        // Functions.
        (r#"Name="daysInPast""#, r#"Name="days""#, "days is missing"),
        (
            r#"Name="daysInPast" Type="Edm.Int32""#,
            r#"Name="daysInPast" Type="Edm.String""#,
            "daysInPast is Edm.String: 1",
        ),
        (
            r#"<Annotation Term="Org.OData.Core.V1.OptionalParameter"/>"#,
            "",
            "includeAllActive has to be there",
        ),
        (
            r#"<ReturnType Type="Collection(a.product)"/>"#,
            r#"<ReturnType Type="a.product"/>"#,
            "Entity is returned, not Page",
        ),
        (r#"<ReturnType Type="Collection(a.product)"/>"#, "", "Nothing is returned, not Page"),
        (r#"Type="a.product"/>"#, r#"Type="a.device"/>"#, "a.product leads to no getKnownIssues"),
    ] {
        assert_eq!(CSDL.matches(was).count(), 1, "{was}");
        let found = found(&CSDL.replacen(was, is, 1));
        let first = found.first().unwrap_or_else(|| panic!("{was} -> {is} was not found out"));
        assert!(
            found.iter().any(|it| it.contains(difference)),
            "{was} -> {is}: {first}: {found:?}"
        );
    }
}
