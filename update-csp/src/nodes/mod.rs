//! The nodes that update management reads and writes, as the crate knows them: Update, and of
//! DeviceStatus, DevDetail, DevInfo, Reboot and EnterpriseModernAppManagement what it needs.
//!
//! The table is made by `tools/nodes.py` of `tables/nodes.tsv`. *Specified*: Microsoft's DDF files
//! (Update: 1703 to 20H2, the only ones that have it, contradiction C28; the others: February
//! 2025) and Microsoft Learn, "Update CSP". The meanings are in our own words.

mod table;

use syncml::{Format, LocUri};

use crate::ddf::{
    Access, AllowedValue, AllowedValues, Applicability, BuildFloors, Context, Node, NodeScope,
    NodeType, Occurrence, Tree, ValueKind,
};

/// A configuration service provider.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Csp {
    /// `./Vendor/MSFT/Update`.
    Update,
    /// `./Vendor/MSFT/DeviceStatus`.
    DeviceStatus,
    /// `./Device/Vendor/MSFT/Reboot`.
    Reboot,
    /// `./DevDetail`.
    DevDetail,
    /// `./DevInfo`.
    DevInfo,
    /// `./Device/Vendor/MSFT/EnterpriseModernAppManagement` and the user's.
    EnterpriseModernAppManagement,
}

/// What is known about a node.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NodeInfo {
    /// Its CSP.
    pub csp: Csp,
    /// Its address; `{}` stands for a name that is not fixed.
    pub uri: &'static str,
    /// The format's name.
    pub format: &'static str,
    /// The commands that it takes, by DDF.
    pub access: Access,
    /// The commands that it takes, by Microsoft Learn, where that says something (contradiction
    /// C17: it says Get and Add for what DDF has as Get only).
    pub docs_access: Option<Access>,
    /// How often it occurs: `One`, `ZeroOrMore`.
    pub occurrence: &'static str,
    /// `Permanent` or `Dynamic`.
    pub scope: Option<&'static str>,
    /// The value it has if nobody set one.
    pub default: Option<&'static str>,
    /// `CIS`: letter case does not count in its name.
    pub case_sense: Option<&'static str>,
    /// `MIME:` and a media type, or `DDFName:` and a name.
    pub node_type: Option<&'static str>,
    /// DDF's title.
    pub title: Option<&'static str>,
    /// The builds from which on it is there, as DDF writes them; what is absent is as with the
    /// node above.
    pub builds: Option<&'static str>,
    /// The CSP's version from which on it is there.
    pub csp_version: Option<&'static str>,
    /// The DDF releases that have it.
    pub releases: &'static [&'static str],
    /// The values it takes: `ENUM 0,1`, `Range [8-10000]`, `RegEx …`, `None`.
    pub allowed: Option<&'static str>,
    /// What separates several values in one.
    pub delimiter: Option<&'static str>,
    /// Other names that it has (contradiction C19: `State` for `Status`).
    pub aliases: &'static [&'static str],
    /// What it is for.
    pub meaning: &'static str,
}

impl NodeInfo {
    /// The last segment of its address; empty where that is not fixed.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let name = self.uri.rsplit('/').next().unwrap_or_default();
        if name == "{}" { "" } else { name }
    }

    /// The values it takes, in the form that checks them.
    #[must_use]
    pub fn allowed_values(&self) -> Option<AllowedValues> {
        let text = self.allowed?;
        let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
        let kind = ValueKind::from_name(kind);
        let values = match kind {
            ValueKind::Enum => rest.split(',').map(AllowedValue::new).collect(),
            _ if rest.is_empty() => Vec::new(),
            _ => vec![AllowedValue::new(rest)],
        };
        let delimiter = self.delimiter.map(str::to_owned);
        Some(AllowedValues { kind, values, delimiter, ..AllowedValues::default() })
    }

    /// Whether an address is this node's: in any case, with or without `./Device`.
    #[must_use]
    pub fn is_at(&self, uri: &LocUri) -> bool {
        let mut wanted = self.uri.split('/').filter(|part| *part != ".").peekable();
        let user = wanted.peek() == Some(&"User");
        if matches!(wanted.peek(), Some(&("User" | "Device"))) {
            wanted.next();
        }
        if user != (uri.scope() == syncml::Scope::User) {
            return false;
        }
        let last = self.uri.rsplit('/').next().unwrap_or_default();
        let mut segments = uri.segments();
        let same = wanted.all(|part| {
            segments.next().is_some_and(|segment| {
                let alias = part == last
                    && self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(&segment));
                part == "{}" || alias || part.eq_ignore_ascii_case(&segment)
            })
        });
        same && segments.next().is_none()
    }

    fn node(&self, name: &str) -> (Node, Applicability) {
        let mut node = Node::default();
        let (above, _) = self.uri.rsplit_once('/').unwrap_or_default();
        let shown = if name.is_empty() { "*" } else { name };
        node.path = format!("{above}/{shown}").replace("{}", "*");
        name.clone_into(&mut node.name);
        node.access = self.access;
        node.format = Some(Format::from_text(self.format));
        node.occurrence = Some(Occurrence::from_name(self.occurrence, ""));
        node.scope = self.scope.map(NodeScope::from_name);
        node.default = self.default.map(str::to_owned);
        node.title = self.title.map(str::to_owned);
        node.description = Some(self.meaning.to_owned());
        node.case_sense = self.case_sense.map(str::to_owned);
        node.node_type = self.node_type.map(|text| match text.split_once(':') {
            Some(("DDFName", name)) => NodeType::DdfName(name.into()),
            Some((_, mime)) => NodeType::Mime(mime.into()),
            None => NodeType::Mime(text.into()),
        });
        node.allowed = self.allowed_values();
        node.applicability.builds = self.builds.map(BuildFloors::read);
        node.applicability.csp_version = self.csp_version.map(str::to_owned);
        let mut applicability = node.applicability.clone();
        // From the nodes above, nearest first.
        let mut above: Vec<&Self> = all()
            .iter()
            .filter(|info| {
                self.uri.strip_prefix(info.uri).is_some_and(|rest| rest.starts_with('/'))
            })
            .collect();
        above.sort_by_key(|info| std::cmp::Reverse(info.uri.len()));
        for info in above {
            if applicability.builds.is_none() {
                applicability.builds = info.builds.map(BuildFloors::read);
            }
            if applicability.csp_version.is_none() {
                applicability.csp_version = info.csp_version.map(str::to_owned);
            }
        }
        (node, applicability)
    }
}

/// Every node that is known here.
#[must_use]
pub fn all() -> &'static [NodeInfo] {
    table::TABLE
}

/// The node at an address.
///
/// ```
/// let uri = "./device/vendor/msft/update/FailedUpdates/%7B44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a%7D/State";
/// let node = update_csp::nodes::find(&uri.parse()?).expect("a node");
/// assert_eq!(node.name(), "Status");
/// # Ok::<(), syncml::LocUriError>(())
/// ```
#[must_use]
pub fn find(uri: &LocUri) -> Option<&'static NodeInfo> {
    all().iter().find(|info| info.is_at(uri))
}

/// The nodes, and the policies of the Update area, as a tree that commands can be checked against
/// without any DDF file at hand.
///
/// Microsoft publishes no DDF file of the Update CSP any more; this tree has it. Update, Reboot,
/// DevInfo and the policies are whole; of the other CSPs it has what update management needs, and
/// says so about the rest. Microsoft's DDF files, added to it, make them whole.
#[must_use]
pub fn tree() -> Tree {
    let mut tree = Tree::default();
    for info in all() {
        let (node, applicability) = info.node(info.name());
        tree.add_node(node, applicability);
        for alias in info.aliases {
            let (node, applicability) = info.node(alias);
            tree.add_node(node, applicability);
        }
    }
    tree.add(&crate::policy::document());
    // Of these there is more than update management needs.
    for root in [
        "./DevDetail",
        "./Vendor/MSFT/DeviceStatus",
        "./Device/Vendor/MSFT/EnterpriseModernAppManagement",
        "./User/Vendor/MSFT/EnterpriseModernAppManagement",
    ] {
        tree.set_partial(root, true);
    }
    tree
}

/// What is wrong with commands for these nodes: [`Tree::check_all`] with a [`tree`] of its own. For
/// many devices, keep one tree.
#[must_use]
pub fn check(commands: &[syncml::Command<'_>], context: &Context<'_>) -> Vec<crate::ddf::Finding> {
    tree().check_all(commands, context)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Build;
    use crate::ddf::CheckCode;
    use syncml::{Command, Data};

    #[test]
    fn every_node_is_found_at_its_address() {
        for info in all() {
            let uri: LocUri = info.uri.replace("{}", "some%20name").parse().unwrap();
            assert_eq!(find(&uri).map(|found| found.uri), Some(info.uri));
            assert!(!info.meaning.is_empty());
        }
        // State as well as Status; each policy in Config and in Result, and the two areas.
        assert_eq!(tree().len(), all().len() + 1 + 2 * (76 + 1));
        assert!(find(&"./User/Vendor/MSFT/Update".parse().unwrap()).is_none());
        assert!(find(&"./Vendor/MSFT/Update/Nothing".parse().unwrap()).is_none());
    }

    #[test]
    fn policies_are_in_the_tree() {
        use crate::policy::{PolicyId, PolicySet};
        let context = Context::default().with_build(Build::WINDOWS_11_24H2).with_edition(0x30);
        for ring in [PolicySet::test_ring(), PolicySet::all_ring()] {
            for (id, command) in ring.commands() {
                assert_eq!(check(&[command], &context), [], "{id}");
            }
        }
        for id in PolicyId::ALL {
            let get = [Command::get(id.meta().result_uri()), Command::get(id.meta().config_uri())];
            assert_eq!(check(&get, &Context::default()), [], "{id}");
        }
        let hours = |value: &'static str| {
            let uri = PolicyId::ActiveHoursStart.meta().config_uri();
            [Command::replace(uri, Format::Int, Data::text(value))]
        };
        assert_eq!(check(&hours("23"), &context), []);
        assert_eq!(check(&hours("24"), &context)[0].code, CheckCode::NotAllowed);
        assert_eq!(
            check(&hours("8"), &Context::default().with_edition(0x65))[0].code,
            CheckCode::Edition
        );
        let typo =
            [Command::get(format!("{}/DeferQualityUpdatePeriodInDays", crate::policy::CONFIG))];
        let found = check(&typo, &context);
        assert!(found[0].detail.ends_with("did you mean DeferQualityUpdatesPeriodInDays?"));
    }

    #[test]
    fn approvals_can_be_added_and_rollback_needs_1803() {
        let id = "a317dafe-baf4-453f-b232-a7075efae36e";
        let add = Command::add_node(format!("./Vendor/MSFT/Update/ApprovedUpdates/{id}"));
        let found = check(&[add], &Context::default());
        assert_eq!(
            found.iter().map(|found| found.code).collect::<Vec<_>>(),
            [CheckCode::AddByParent]
        );
        let rollback = Command::exec("./Vendor/MSFT/Update/Rollback/QualityUpdate");
        let old = Context::default().with_build(Build::new(10, 0, 16299, None));
        assert_eq!(check(std::slice::from_ref(&rollback), &old)[0].code, CheckCode::Build);
        let new = Context::default().with_build(Build::new(10, 0, 17134, None));
        assert!(check(&[rollback], &new).is_empty());
        let replace = Command::replace(
            "./Vendor/MSFT/Update/LastSuccesfulScanTime",
            Format::Time,
            Data::text("0"),
        );
        let found = check(&[replace], &new);
        assert!(found[0].detail.contains("did you mean LastSuccessfulScanTime?"), "{found:?}");
    }
}
