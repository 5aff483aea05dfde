//! The properties of a node: the standard's, Microsoft's of version 2, and those of version 1.

use mdm_xml::{Element, NsId};
use syncml::Format;

use super::allowed::{AdmxBacked, AllowedValue, AllowedValues, ValueKind};
use super::diagnostic::DdfCode;
use super::floors::BuildFloors;
use super::model::{
    AdmxMapping, Applicability, Dependency, DependencyGroup, DynamicNaming, Editions, GpMapping,
    Node, NodeScope, NodeType, Occurrence, Verb,
};
use super::read::Ddf;
use super::{Error, ErrorKind};

/// Reads the children of DFProperties.
pub(super) fn properties<'x>(ddf: &mut Ddf<'x>, node: &mut Node) -> Result<(), Error> {
    while let Some(child) = ddf.reader.child()? {
        match child.local() {
            "AccessType" => access(ddf, node)?,
            "DefaultValue" => node.default = Some(ddf.value()?.into_owned()),
            "Description" => node.description = Some(ddf.prose()?),
            "DFTitle" => node.title = Some(ddf.prose()?),
            "DFFormat" => format(ddf, node, child.offset())?,
            "Occurrence" => {
                let found = ddf.choice()?;
                node.occurrence = found.map(|(name, text)| Occurrence::from_name(name, &text));
                if let Some(Occurrence::Other(name)) = &node.occurrence {
                    ddf.note(DdfCode::UnknownWord, child.offset(), || name.to_string());
                }
            }
            "Scope" => {
                node.scope = ddf.choice()?.map(|(name, _)| NodeScope::from_name(name));
                if let Some(scope) = node.scope.as_ref().filter(|scope| !scope.is_known()) {
                    ddf.note(DdfCode::UnknownWord, child.offset(), || scope.name().to_owned());
                }
            }
            "DFType" => {
                node.node_type = ddf.choice()?.map(|(name, text)| match name {
                    "DDFName" => NodeType::DdfName(text.trim().into()),
                    _ => NodeType::Mime(text.trim().into()),
                });
            }
            "CaseSense" => node.case_sense = ddf.choice()?.map(|(name, _)| name.to_owned()),
            "Applicability" => node.applicability = applicability(ddf)?,
            "DynamicNodeNaming" => {
                node.naming = ddf.choice()?.map(|(name, text)| match name {
                    "ServerGeneratedUniqueIdentifier" => DynamicNaming::ServerGenerated,
                    "ClientInventory" => DynamicNaming::ClientInventory,
                    _ => DynamicNaming::UniqueName(text.trim().into()),
                });
            }
            "AllowedValues" => node.allowed = Some(allowed(ddf, &child)?),
            "SupportedValues" => {
                if let Some(values) = supported(ddf, &child)? {
                    node.allowed = Some(values);
                }
            }
            "ReplaceBehavior" => node.replace_behavior = Some(word(ddf)?),
            "RebootBehavior" => node.reboot_behavior = Some(word(ddf)?),
            "GpMapping" => {
                node.gp = Some(GpMapping {
                    name: attribute(ddf, &child, "GpEnglishName").unwrap_or_default(),
                    area: attribute(ddf, &child, "GpAreaPath").unwrap_or_default(),
                    element: attribute(ddf, &child, "GpElement"),
                });
                ddf.reader.skip()?;
            }
            "ADMXMapped" => admx(node).file = Some(word(ddf)?),
            "ADMXCategory" => admx(node).category = Some(word(ddf)?),
            "ADMXPolicyName" => admx(node).policy = Some(word(ddf)?),
            "ADMXMappedElement" => admx(node).element = Some(word(ddf)?),
            "NotSupportedOnPlatform" => node.not_on.push(word(ddf)?),
            "CommonErrorResults" => {
                while ddf.reader.child()?.is_some() {
                    let text = word(ddf)?;
                    if !text.is_empty() {
                        node.common_errors.push(text);
                    }
                }
            }
            "Deprecated" => {
                let since = attribute(ddf, &child, "OsBuildDeprecated");
                node.deprecated = Some(since.filter(|build| !build.is_empty()));
                ddf.reader.skip()?;
            }
            "DependencyBehavior" => node.dependencies = dependencies(ddf)?,
            "ConflictResolution" => node.conflict = Some(word(ddf)?),
            "AtomicRequired" => {
                node.atomic_required = true;
                ddf.reader.skip()?;
            }
            other => {
                ddf.note(DdfCode::UnknownProperty, child.offset(), || other.to_owned());
                let value = ddf.value()?.into_owned();
                node.other.push((other.to_owned(), value));
            }
        }
    }
    Ok(())
}

fn admx(node: &mut Node) -> &mut AdmxMapping {
    node.admx.get_or_insert_default()
}

fn word(ddf: &mut Ddf<'_>) -> Result<String, Error> {
    Ok(ddf.value()?.trim().to_owned())
}

fn attribute(ddf: &Ddf<'_>, element: &Element<'_>, name: &str) -> Option<String> {
    let found = ddf.reader.attributes(element).find(|attribute| {
        attribute.local() == name
            && (attribute.ns() == NsId::NONE || attribute.ns() == element.ns())
    });
    found.map(|attribute| attribute.value().into_owned())
}

fn access(ddf: &mut Ddf<'_>, node: &mut Node) -> Result<(), Error> {
    while let Some(child) = ddf.reader.child()? {
        match Verb::from_name(child.local()) {
            Some(verb) => node.access.insert(verb),
            None => ddf.note(DdfCode::UnknownWord, child.offset(), || child.local().to_owned()),
        }
        ddf.reader.skip()?;
    }
    Ok(())
}

fn format(ddf: &mut Ddf<'_>, node: &mut Node, offset: usize) -> Result<(), Error> {
    node.format = ddf.choice()?.map(|(name, _)| Format::from_text(name.to_owned()));
    if let Some(Format::Other(name)) = &node.format {
        ddf.note(DdfCode::UnknownWord, offset, || name.to_string());
    }
    Ok(())
}

fn applicability(ddf: &mut Ddf<'_>) -> Result<Applicability, Error> {
    let mut found = Applicability::default();
    while let Some(child) = ddf.reader.child()? {
        match child.local() {
            "OsBuildVersion" => {
                let floors = BuildFloors::read(&ddf.value()?);
                if !floors.is_readable() {
                    ddf.note(DdfCode::Builds, child.offset(), || floors.as_str().to_owned());
                }
                found.builds = Some(floors);
            }
            "CspVersion" => found.csp_version = Some(word(ddf)?),
            "EditionAllowList" => found.editions = Some(Editions::new(&ddf.value()?)),
            "RequiresAzureAd" => {
                found.requires_azure_ad = true;
                ddf.reader.skip()?;
            }
            other => {
                ddf.note(DdfCode::UnknownElement, child.offset(), || other.to_owned());
                ddf.reader.skip()?;
            }
        }
    }
    Ok(found)
}

/// AllowedValues, and the elements of the same content inside DependencyBehavior.
fn allowed<'x>(ddf: &mut Ddf<'x>, element: &Element<'x>) -> Result<AllowedValues, Error> {
    let kind = attribute(ddf, element, "ValueType").unwrap_or_default();
    let mut found = AllowedValues { kind: ValueKind::from_name(&kind), ..Default::default() };
    while let Some(child) = ddf.reader.child()? {
        match child.local() {
            "Enum" => {
                let mut value = AllowedValue::default();
                while let Some(part) = ddf.reader.child()? {
                    match part.local() {
                        "Value" => value.value = word(ddf)?,
                        "ValueDescription" => value.description = Some(ddf.prose()?),
                        _ => ddf.reader.skip()?,
                    }
                }
                push(ddf, &mut found, value, child.offset())?;
            }
            "Value" => {
                let value = AllowedValue::new(word(ddf)?);
                push(ddf, &mut found, value, child.offset())?;
            }
            "ValueDescription" => {
                let description = ddf.prose()?;
                if let Some(value) = found.values.last_mut() {
                    value.description = Some(description);
                }
            }
            "List" => {
                found.delimiter = attribute(ddf, &child, "Delimiter");
                ddf.reader.skip()?;
            }
            "AdmxBacked" => {
                found.admx = Some(AdmxBacked {
                    area: attribute(ddf, &child, "Area").unwrap_or_default(),
                    name: attribute(ddf, &child, "Name").unwrap_or_default(),
                    file: attribute(ddf, &child, "File").unwrap_or_default(),
                });
                ddf.reader.skip()?;
            }
            other => {
                ddf.note(DdfCode::UnknownElement, child.offset(), || other.to_owned());
                ddf.reader.skip()?;
            }
        }
    }
    if found.kind == ValueKind::Range && found.ranges().is_none() {
        let text = found.values.first().map(|value| value.value.clone()).unwrap_or_default();
        ddf.note(DdfCode::Range, element.offset(), || text);
    }
    Ok(found)
}

fn push(
    ddf: &Ddf<'_>,
    values: &mut AllowedValues,
    value: AllowedValue,
    offset: usize,
) -> Result<(), Error> {
    let max = ddf.limits().values;
    if values.values.len() >= max {
        return Err(Error::at(ErrorKind::Values { max }, ddf.reader.locate(offset)));
    }
    values.values.push(value);
    Ok(())
}

/// Version 1: `<SupportedValues low="0" high="23">` or `<SupportedValues AllowedValues="2,4,8">`.
fn supported<'x>(ddf: &mut Ddf<'x>, element: &Element<'x>) -> Result<Option<AllowedValues>, Error> {
    let number = |name| attribute(ddf, element, name).and_then(|text| text.trim().parse().ok());
    let range = number("low").zip(number("high"));
    let list = attribute(ddf, element, "AllowedValues");
    let offset = element.offset();
    ddf.reader.skip()?;
    match (range, list) {
        (Some((low, high)), _) => Ok(Some(AllowedValues::range(low, high))),
        (None, Some(list)) => {
            let mut found = AllowedValues { kind: ValueKind::Enum, ..Default::default() };
            for value in list.split(',').map(str::trim).filter(|value| !value.is_empty()) {
                push(ddf, &mut found, AllowedValue::new(value), offset)?;
            }
            Ok(Some(found))
        }
        (None, None) => {
            ddf.note(DdfCode::Range, offset, String::new);
            Ok(None)
        }
    }
}

fn dependencies(ddf: &mut Ddf<'_>) -> Result<Vec<DependencyGroup>, Error> {
    let mut groups = Vec::new();
    let (mut count, max) = (0_usize, ddf.limits().dependencies);
    while let Some(group) = ddf.reader.child()? {
        if group.local() != "DependencyGroup" {
            ddf.note(DdfCode::UnknownElement, group.offset(), || group.local().to_owned());
            ddf.reader.skip()?;
            continue;
        }
        let name = attribute(ddf, &group, "FriendlyId").unwrap_or_default();
        let mut found = DependencyGroup { name, ..DependencyGroup::default() };
        while let Some(child) = ddf.reader.child()? {
            match child.local() {
                "DependencyChangedAllowedValues" => found.changed = Some(allowed(ddf, &child)?),
                "Dependency" => {
                    count += 1;
                    if count > max {
                        let place = ddf.reader.locate(child.offset());
                        return Err(Error::at(ErrorKind::Dependencies { max }, place));
                    }
                    let kind = attribute(ddf, &child, "Type");
                    let negative = kind.as_deref() == Some("Not");
                    let mut dependency = Dependency { negative, ..Dependency::default() };
                    while let Some(part) = ddf.reader.child()? {
                        match part.local() {
                            "DependencyUri" => dependency.uri = word(ddf)?,
                            "DependencyAllowedValue" => dependency.allowed = allowed(ddf, &part)?,
                            _ => ddf.reader.skip()?,
                        }
                    }
                    found.dependencies.push(dependency);
                }
                _ => ddf.reader.skip()?,
            }
        }
        groups.push(found);
    }
    Ok(groups)
}
