//! Policies of Intune's settings catalog.

use super::properties::properties;
use super::{GraphValue, Import, Reason};
use crate::policy::{PolicyId, Setting, known};

/// What the definitions of update policies begin with: the address with `_` for `/`, in lower case.
const DEFINITION: &str = "device_vendor_msft_policy_config_update_";

/// The most settings that are read of one policy; a tenant's largest have some hundreds.
const MAX_SETTINGS: usize = 10_000;

properties! {
    /// A policy of Intune's settings catalog, `deviceManagementConfigurationPolicy` of Graph's
    /// beta, as an export has it: an object with `settings`, or the list of them (`value`) that
    /// Graph answers with.
    ///
    /// *Observed* in exports and in Graph's definitions of settings: a setting's
    /// `settingDefinitionId` is the policy's address,
    /// `device_vendor_msft_policy_config_update_allowautoupdate`; a choice's value is that with
    /// `_` and the number behind it, another value stands as it is. Microsoft documents neither in
    /// one place. Only the Update area is read; all else is named.
    ///
    /// ```
    /// use update_csp::PolicyId;
    /// use update_csp::graph_ring::{CatalogPolicy, GraphValue};
    ///
    /// let object = |members: &[(&str, GraphValue)]| {
    ///     let members = members.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    ///     GraphValue::Object(members.collect())
    /// };
    /// let id = "device_vendor_msft_policy_config_update_deferqualityupdatesperiodindays";
    /// let instance = object(&[
    ///     ("settingDefinitionId", id.into()),
    ///     ("simpleSettingValue", object(&[("value", 7.into())])),
    /// ]);
    /// let setting = object(&[("settingInstance", instance)]);
    /// let policy = CatalogPolicy::new().with("settings", GraphValue::List(vec![setting]));
    /// let policies = policy.import().intent.policies;
    /// assert_eq!(policies.number(PolicyId::DeferQualityUpdatesPeriodInDays), Some(7));
    /// ```
    CatalogPolicy
}

impl CatalogPolicy {
    /// What the policy sets on devices. Settings are unmapped by their `settingDefinitionId`, and what
    /// is no setting by its property's name; where a setting comes twice, the last one counts. Of more
    /// than 10,000 settings, those that choices bring along counted, the rest is not read.
    ///
    /// [`Reason::Incomplete`] says that this is not all: `settings` beyond the limit, or an
    /// `@odata.nextLink`, with which Graph says that there is another page. Fetch it, and import a
    /// policy of all the settings together.
    #[must_use]
    pub fn import(&self) -> Import {
        let mut import = Import::default();
        let mut unmapped = |name: &str, reason| import.unmapped.push((name.to_owned(), reason));
        let mut open: Vec<&GraphValue> = Vec::new();
        for name in ["value", "settings"] {
            match self.0.get(name) {
                Some(GraphValue::List(settings)) => open.extend(settings.iter().rev()),
                None | Some(GraphValue::Null) => {}
                Some(_) => unmapped(name, Reason::Value),
            }
        }
        let mut seen = 0_usize;
        while let Some(setting) = open.pop() {
            seen += 1;
            if seen > MAX_SETTINGS {
                unmapped("settings", Reason::Incomplete);
                break;
            }
            let instance = member(setting, "settingInstance").unwrap_or(setting);
            let Some(GraphValue::Text(id)) = member(instance, "settingDefinitionId") else {
                unmapped("settings", Reason::Value);
                continue;
            };
            // What a choice brings along are settings of their own.
            let choice = member(instance, "choiceSettingValue");
            if let Some(GraphValue::List(children)) = choice.and_then(|it| member(it, "children")) {
                open.extend(children.iter().rev());
            }
            match read(id, instance, choice) {
                Ok(setting) => import.intent.policies.extend([setting]),
                Err(reason) => unmapped(id, reason),
            }
        }
        for (name, value) in &self.0 {
            match &**name {
                "settings" | "value" => {}
                link if link.ends_with("@odata.nextLink") && *value != GraphValue::Null => {
                    unmapped(name, Reason::Incomplete);
                }
                _ => unmapped(name, Reason::Description),
            }
        }
        import
    }
}

fn member<'v>(value: &'v GraphValue, name: &str) -> Option<&'v GraphValue> {
    match value {
        GraphValue::Object(members) => members.get(name),
        _ => None,
    }
}

/// The policy that a setting is.
fn read(id: &str, instance: &GraphValue, choice: Option<&GraphValue>) -> Result<Setting, Reason> {
    let policy: PolicyId = id
        .get(..DEFINITION.len())
        .filter(|area| area.eq_ignore_ascii_case(DEFINITION))
        .and_then(|_| id.get(DEFINITION.len()..))
        .ok_or(Reason::OtherArea)
        .and_then(|name| known(name).ok_or(Reason::Unknown))?;
    let value = choice.or_else(|| member(instance, "simpleSettingValue"));
    let setting = match (value.and_then(|it| member(it, "value")), choice.is_some()) {
        (Some(GraphValue::Text(value)), true) => {
            let behind = value
                .get(..id.len())
                .filter(|same| same.eq_ignore_ascii_case(id))
                .and_then(|_| value.get(id.len()..)?.strip_prefix('_'));
            Setting::parse(policy, behind.ok_or(Reason::Value)?)
        }
        (Some(GraphValue::Number(number)), false) => Setting::number(policy, *number),
        (Some(GraphValue::Text(text)), false) => Setting::text(policy, text),
        _ => return Err(Reason::Value),
    };
    setting.map_err(|_| Reason::ValueNotTaken)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn import(settings: &str) -> Import {
        let json = format!(
            r##"{{"@odata.type": "#microsoft.graph.deviceManagementConfigurationPolicy",
                "name": "All", "settings": [{settings}]}}"##
        );
        serde_json::from_str::<CatalogPolicy>(&json).unwrap().import()
    }

    fn choice(name: &str, value: &str) -> String {
        format!(
            r#"{{"settingInstance": {{"settingDefinitionId": "{DEFINITION}{name}",
                "choiceSettingValue": {{"value": "{DEFINITION}{value}", "children": []}}}}}}"#
        )
    }

    fn simple(name: &str, value: &str) -> String {
        format!(
            r#"{{"settingInstance": {{"settingDefinitionId": "{name}",
                "simpleSettingValue": {{"value": {value}}}}}}}"#
        )
    }

    #[test]
    fn settings_of_the_catalog_become_policies_and_nothing_is_dropped() {
        let all = [
            choice("allowautoupdate", "allowautoupdate_2"),
            choice("ManagePreviewBuilds", "managepreviewbuilds_0"),
            simple(&format!("{DEFINITION}deferfeatureupdatesperiodindays"), "180"),
            simple(&format!("{DEFINITION}pausequalityupdatesstarttime"), r#""2026-11-21""#),
            simple("device_vendor_msft_policy_config_system_allowtelemetry", "1"),
            choice("maintenancewindowenabled", "maintenancewindowenabled_1"),
            choice("allowmuupdateservice", "allowautoupdate_1"),
            choice("setedurestart", "setedurestart_7"),
            simple(&format!("{DEFINITION}deferqualityupdatesperiodindays"), "31"),
            simple(&format!("{DEFINITION}activehoursstart"), "true"),
            "7".to_owned(),
        ];
        let import = import(&all.join(","));
        assert_eq!(
            import.intent.policies.to_string(),
            "AllowAutoUpdate = 2\nDeferFeatureUpdatesPeriodInDays = 180\nManagePreviewBuilds = 0\n\
             PauseQualityUpdatesStartTime = 2026-11-21\n"
        );
        let unmapped: Vec<(&str, Reason)> = import
            .unmapped
            .iter()
            .map(|(name, reason)| (name.strip_prefix(DEFINITION).unwrap_or(name), *reason))
            .collect();
        assert_eq!(
            unmapped,
            [
                ("device_vendor_msft_policy_config_system_allowtelemetry", Reason::OtherArea),
                ("maintenancewindowenabled", Reason::Unknown),
                ("allowmuupdateservice", Reason::Value),
                ("setedurestart", Reason::ValueNotTaken),
                ("deferqualityupdatesperiodindays", Reason::ValueNotTaken),
                ("activehoursstart", Reason::Value),
                ("settings", Reason::Value),
                ("@odata.type", Reason::Description),
                ("name", Reason::Description),
            ]
        );
    }

    #[test]
    fn what_a_choice_brings_along_is_read_too_and_lists_have_an_end() {
        let child = simple(&format!("{DEFINITION}scheduledinstalltime"), "4");
        let parent = choice("allowautoupdate", "allowautoupdate_4")
            .replace(r#""children": []"#, &format!(r#""children": [{child}]"#));
        let policies = import(&parent).intent.policies;
        assert_eq!(policies.to_string(), "AllowAutoUpdate = 4\nScheduledInstallTime = 4\n");
        // As Graph answers a request for the settings.
        let json = format!(r#"{{"value": [{parent}], "settings": null}}"#);
        let answer: CatalogPolicy = serde_json::from_str(&json).unwrap();
        assert_eq!(answer.import().intent.policies, policies);
        let odd = CatalogPolicy::new().with("settings", true).import();
        assert_eq!(odd.unmapped, [("settings".to_owned(), Reason::Value)]);
        let many = |count: usize| {
            let settings = vec![GraphValue::Object(BTreeMap::new()); count];
            CatalogPolicy::new().with("settings", GraphValue::List(settings)).import()
        };
        // Those without a definition are unmapped one by one.
        let incomplete = |import: &Import| {
            import.unmapped.iter().filter(|(_, reason)| *reason == Reason::Incomplete).count()
        };
        for (count, more) in [(MAX_SETTINGS, 0), (MAX_SETTINGS + 1, 1)] {
            let import = many(count);
            assert_eq!((import.unmapped.len(), incomplete(&import)), (MAX_SETTINGS + more, more));
            // The choice itself and what it brings along.
            let import = with_children(count - 1);
            assert_eq!(import.intent.policies.number(PolicyId::AllowAutoUpdate), Some(4));
            let unmapped = MAX_SETTINGS - 1 + more;
            assert_eq!((import.unmapped.len(), incomplete(&import)), (unmapped, more));
        }
    }

    /// A policy of one choice that brings so many settings along.
    fn with_children(count: usize) -> Import {
        let object = |members: [(&str, GraphValue); 2]| {
            GraphValue::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
        };
        let id = format!("{DEFINITION}allowautoupdate");
        let children = vec![GraphValue::Object(BTreeMap::new()); count];
        let choice = object([
            ("value", GraphValue::Text(format!("{id}_4"))),
            ("children", GraphValue::List(children)),
        ]);
        let setting =
            object([("settingDefinitionId", GraphValue::Text(id)), ("choiceSettingValue", choice)]);
        CatalogPolicy::new().with("settings", GraphValue::List(vec![setting])).import()
    }

    #[test]
    fn a_page_that_is_not_the_last_is_no_whole_policy() {
        let link = "https://graph.microsoft.com/beta/next";
        for name in ["@odata.nextLink", "settings@odata.nextLink"] {
            let page = CatalogPolicy::new().with("value", GraphValue::List(Vec::new()));
            let more = page.clone().with(name, link).import();
            assert_eq!(more.unmapped, [(name.to_owned(), Reason::Incomplete)]);
            let last = page.with(name, GraphValue::Null).import();
            assert_eq!(last.unmapped, [(name.to_owned(), Reason::Description)]);
        }
    }
}
