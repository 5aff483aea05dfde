//! The simulated client as a management tree.

use syncml::simulator::{Leaf, NodeValue, Tree};
use syncml::{Command, Data, Format, Item, LocUri, StatusCode};

use super::{Stage, WindowsUpdate};
use crate::id::UpdateGuid;
use crate::inventory::{Query, Rollback};

/// The build that brought Rollback: Windows 10 1803.
const ROLLBACK_SINCE: u32 = 17134;
/// From Windows 11 22H2 on, the simulated client calls the node State, before Status. *Decision*:
/// which build really does is not known (contradiction C19).
const STATE_SINCE: u32 = 22621;

impl WindowsUpdate {
    /// The segments below `./Vendor/MSFT/Update`, if the address is there.
    fn below(uri: &LocUri) -> Option<Vec<String>> {
        uri.relative_to(&crate::UPDATE_CSP.parse().ok()?)
    }

    fn state_name(&self) -> &'static str {
        if self.build_number() >= STATE_SINCE { "State" } else { "Status" }
    }

    fn update(&self, list: Query, id: &str) -> Option<usize> {
        let id: UpdateGuid = id.parse().ok()?;
        self.offers.iter().position(|known| known.offer.id == id && self.is_in(known, list))
    }

    fn read(&self, segments: &[&str]) -> Result<NodeValue, StatusCode> {
        let interior = |names: &[&str]| {
            Ok(NodeValue::Interior(names.iter().map(ToString::to_string).collect()))
        };
        let leaf = |format: &str, data: String| Ok(NodeValue::Leaf(Leaf::new(format, data)));
        let has_rollback = self.build_number() >= ROLLBACK_SINCE;
        let first = segments.first().copied().unwrap_or_default();
        let is = |name: &str| first.eq_ignore_ascii_case(name);
        if let Some(list) = Query::LISTS.into_iter().find(|list| is(list.node())) {
            return self.read_list(list, segments.get(1..).unwrap_or_default());
        }
        match segments {
            [] => {
                let mut names: Vec<&str> = Query::LISTS.iter().map(|list| list.node()).collect();
                names.extend([Query::LastScan.node(), Query::DeferUpgrade.node()]);
                if has_rollback {
                    names.push("Rollback");
                }
                interior(&names)
            }
            [_] if is(Query::LastScan.node()) => {
                leaf("time", self.last_scan.clone().unwrap_or_else(|| "0".to_owned()))
            }
            [_] if is(Query::DeferUpgrade.node()) => {
                let deferred = self.policies.defer_feature > 0;
                leaf("bool", deferred.to_string())
            }
            // What is only executed is not among what can be read.
            [_] if is("Rollback") && has_rollback => {
                interior(&["QualityUpdateStatus", "FeatureUpdateStatus"])
            }
            [_, name] if is("Rollback") && has_rollback => {
                let status = |rollback| self.rollbacks.get(&rollback).cloned().unwrap_or_default();
                match name.to_ascii_lowercase().as_str() {
                    "qualityupdatestatus" => leaf("chr", status(Rollback::Quality)),
                    "featureupdatestatus" => leaf("chr", status(Rollback::Feature)),
                    "qualityupdate" | "featureupdate" => Err(StatusCode::METHOD_NOT_ALLOWED),
                    _ => Err(StatusCode::NOT_FOUND),
                }
            }
            _ => Err(StatusCode::NOT_FOUND),
        }
    }

    fn read_list(&self, list: Query, segments: &[&str]) -> Result<NodeValue, StatusCode> {
        let interior = |names: &[&str]| {
            Ok(NodeValue::Interior(names.iter().map(ToString::to_string).collect()))
        };
        let leaf = |format: &str, data: String| Ok(NodeValue::Leaf(Leaf::new(format, data)));
        if list == Query::Approved {
            return match segments {
                [] => {
                    Ok(NodeValue::Interior(self.approved.keys().map(ToString::to_string).collect()))
                }
                [id, rest @ ..] => {
                    let id: UpdateGuid = id.parse().map_err(|_| StatusCode::NOT_FOUND)?;
                    let time = self.approved.get(&id).ok_or(StatusCode::NOT_FOUND)?;
                    match rest {
                        [] => interior(&["ApprovedTime"]),
                        [name] if name.eq_ignore_ascii_case("ApprovedTime") => {
                            leaf("time", time.clone())
                        }
                        _ => Err(StatusCode::NOT_FOUND),
                    }
                }
            };
        }
        let Some((id, rest)) = segments.split_first() else {
            let here = self.offers.iter().filter(|known| self.is_in(known, list));
            return Ok(NodeValue::Interior(here.map(|known| known.offer.id.to_string()).collect()));
        };
        let index = self.update(list, id).ok_or(StatusCode::NOT_FOUND)?;
        let known = self.offers.get(index).ok_or(StatusCode::NOT_FOUND)?;
        let state = self.state_name();
        let names: &[&str] = match list {
            Query::Installable => &["Type", "RevisionNumber"],
            Query::PendingReboot => &["InstalledTime", "RevisionNumber"],
            Query::Failed => &["HResult", state, "RevisionNumber"],
            _ => &["RevisionNumber"],
        };
        let [name] = rest else {
            return if rest.is_empty() { interior(names) } else { Err(StatusCode::NOT_FOUND) };
        };
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Err(StatusCode::NOT_FOUND);
        }
        match (name.to_ascii_lowercase().as_str(), known.stage) {
            ("type", _) => leaf("int", known.offer.kind.to_string()),
            ("revisionnumber", _) => leaf("int", known.offer.revision.to_string()),
            ("installedtime", _) => leaf("time", known.at.clone().unwrap_or_default()),
            // Signed, as Windows writes HRESULTs.
            ("hresult", Stage::Failed(code)) => leaf("int", code.signed().to_string()),
            ("state" | "status", Stage::Failed(_)) => leaf("int", "256".to_owned()),
            _ => Err(StatusCode::NOT_FOUND),
        }
    }

    /// Executes one command as if it had come in a message, for tests with so many devices that
    /// whole sessions would take too long. Returns the status and the items of Results.
    pub fn execute(&mut self, command: &Command<'_>) -> (StatusCode, Vec<Item<'static>>) {
        let mut code = StatusCode::OK;
        let mut results = Vec::new();
        for item in command.items() {
            let Some(uri) = item.loc_uri().and_then(|uri| uri.parse::<LocUri>().ok()) else {
                code = StatusCode::BAD_REQUEST;
                continue;
            };
            let node = uri.without_query();
            let leaf = || {
                let format = item.meta.as_ref().and_then(|meta| meta.format.as_ref());
                let data = item.data.as_ref().map_or("", |data| data.as_str());
                Leaf::new(format.map_or("chr", Format::as_str), data)
            };
            let done = match command {
                Command::Get(_) => match self.results(&uri, &node) {
                    Ok(mut items) => {
                        results.append(&mut items);
                        StatusCode::OK
                    }
                    Err(code) => code,
                },
                Command::Add(_) => self.add(&node, item.data.as_ref().map(|_| leaf())),
                Command::Replace(_) => self.replace(&node, leaf()),
                Command::Delete(_) => self.delete(&node),
                Command::Exec(_) => self.exec(&node),
                _ => StatusCode::NOT_SUPPORTED,
            };
            if !done.is_success() {
                code = done;
            }
        }
        (code, results)
    }

    fn results(&self, uri: &LocUri, node: &LocUri) -> Result<Vec<Item<'static>>, StatusCode> {
        let item = |uri: &LocUri, leaf: Leaf| {
            Item::source(uri.to_string()).with_data(Data::text(leaf.data))
        };
        if uri.query_value("list").is_some_and(|list| list.eq_ignore_ascii_case("StructData")) {
            let leaves = self.leaves(node)?;
            return Ok(leaves.into_iter().map(|(uri, leaf)| item(&uri, leaf)).collect());
        }
        Ok(vec![match self.get(node)? {
            NodeValue::Leaf(leaf) => item(node, leaf),
            NodeValue::Interior(names) => item(node, Leaf::new("node", names.join("/"))),
        }])
    }
}

impl Tree for WindowsUpdate {
    fn get(&self, uri: &LocUri) -> Result<NodeValue, StatusCode> {
        match Self::below(uri) {
            Some(segments) => self.read(&segments.iter().map(String::as_str).collect::<Vec<_>>()),
            None => self.other.get(uri),
        }
    }

    fn add(&mut self, uri: &LocUri, value: Option<Leaf>) -> StatusCode {
        let Some(segments) = Self::below(uri) else {
            let code = self.other.add(uri, value);
            self.heed_policies();
            return code;
        };
        match segments.as_slice() {
            [list, id] if list.eq_ignore_ascii_case(Query::Approved.node()) => match id.parse() {
                Ok(id) if self.approved.contains_key(&id) => StatusCode::ALREADY_EXISTS,
                Ok(id) => {
                    self.approved.insert(id, self.now.clone());
                    StatusCode::OK
                }
                Err(_) => StatusCode::NOT_FOUND,
            },
            _ => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn replace(&mut self, uri: &LocUri, value: Leaf) -> StatusCode {
        if Self::below(uri).is_some() {
            return StatusCode::METHOD_NOT_ALLOWED;
        }
        // Windows makes a policy's node on Replace.
        let policies = crate::policy::CONFIG.parse::<LocUri>();
        let policy = policies.is_ok_and(|policies| uri.is_under(&policies));
        let code = match self.other.replace(uri, value.clone()) {
            StatusCode::NOT_FOUND if policy => self.other.add(uri, Some(value)),
            code => code,
        };
        self.heed_policies();
        code
    }

    fn delete(&mut self, uri: &LocUri) -> StatusCode {
        if Self::below(uri).is_some() {
            return StatusCode::METHOD_NOT_ALLOWED;
        }
        let code = self.other.delete(uri);
        self.heed_policies();
        code
    }

    fn exec(&mut self, uri: &LocUri) -> StatusCode {
        let Some(segments) = Self::below(uri) else { return self.other.exec(uri) };
        let path = segments.join("/").to_ascii_lowercase();
        match path.as_str() {
            _ if self.build_number() < ROLLBACK_SINCE => StatusCode::NOT_FOUND,
            "rollback/qualityupdate" => self.roll_back(Rollback::Quality),
            "rollback/featureupdate" => self.roll_back(Rollback::Feature),
            _ => StatusCode::METHOD_NOT_ALLOWED,
        }
    }
}
