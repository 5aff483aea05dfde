//! ScheduleOSUpdate.

use std::fmt;

use crate::plist::{Dictionary, Value};

/// What to do with an update (schema: system.update.schedule). Others are kept.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum InstallAction {
    /// Downloads, or installs what is downloaded: on iOS and tvOS an update takes two of them.
    Default,
    /// Downloads only.
    DownloadOnly,
    /// Downloads and installs as soon as possible.
    InstallAsap,
    /// Downloads and tells the user (macOS).
    NotifyOnly,
    /// Downloads and installs later (macOS).
    InstallLater,
    /// Downloads, installs and restarts whatever the user does (macOS); data may be lost.
    InstallForceRestart,
    /// In answers: the device could not do it.
    Error,
    /// Another one.
    Other(String),
}

impl InstallAction {
    /// The action of this name.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text {
            "Default" => Self::Default,
            "DownloadOnly" => Self::DownloadOnly,
            "InstallASAP" => Self::InstallAsap,
            "NotifyOnly" => Self::NotifyOnly,
            "InstallLater" => Self::InstallLater,
            "InstallForceRestart" => Self::InstallForceRestart,
            "Error" => Self::Error,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Default => "Default",
            Self::DownloadOnly => "DownloadOnly",
            Self::InstallAsap => "InstallASAP",
            Self::NotifyOnly => "NotifyOnly",
            Self::InstallLater => "InstallLater",
            Self::InstallForceRestart => "InstallForceRestart",
            Self::Error => "Error",
            Self::Other(text) => text,
        }
    }
}

impl fmt::Display for InstallAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How urgent it is (macOS 12.3, minor updates). Others are kept.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Priority {
    /// As if the user had asked for it.
    High,
    /// In the background; the default.
    Low,
    /// Another one.
    Other(String),
}

/// Why an update cannot be scheduled like this.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// Neither key nor version, or an empty one.
    #[error("an update needs a product key or a product version")]
    NoProduct,
    /// `Error` is for answers.
    #[error("the action Error is for answers only")]
    Action,
    /// Deferrals without InstallLater.
    #[error("deferrals need the action InstallLater")]
    Deferrals,
}

/// One update in a ScheduleOSUpdate.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ScheduledUpdate {
    product_key: Option<String>,
    product_version: Option<String>,
    install_action: InstallAction,
    max_user_deferrals: Option<i64>,
    priority: Option<Priority>,
    extra: Dictionary<'static>,
}

impl ScheduledUpdate {
    fn new(install_action: InstallAction) -> Result<Self, ScheduleError> {
        if install_action == InstallAction::Error {
            return Err(ScheduleError::Action);
        }
        Ok(Self {
            product_key: None,
            product_version: None,
            install_action,
            max_user_deferrals: None,
            priority: None,
            extra: Dictionary::new(),
        })
    }

    /// The update with this key, from AvailableOSUpdates.
    ///
    /// # Errors
    /// [`ScheduleError::NoProduct`] and [`ScheduleError::Action`].
    pub fn by_key(key: impl Into<String>, action: InstallAction) -> Result<Self, ScheduleError> {
        let key = key.into();
        if key.trim().is_empty() {
            return Err(ScheduleError::NoProduct);
        }
        Ok(Self { product_key: Some(key), ..Self::new(action)? })
    }

    /// The update to this version (iOS 11.3, macOS 12, tvOS 12.2; not for rapid security
    /// responses).
    ///
    /// # Errors
    /// [`ScheduleError::NoProduct`] and [`ScheduleError::Action`].
    pub fn by_version(
        version: impl Into<String>,
        action: InstallAction,
    ) -> Result<Self, ScheduleError> {
        let version = version.into();
        if version.trim().is_empty() {
            return Err(ScheduleError::NoProduct);
        }
        Ok(Self { product_version: Some(version), ..Self::new(action)? })
    }

    /// The same, and the user may defer so often (macOS 12).
    ///
    /// # Errors
    /// [`ScheduleError::Deferrals`] for another action than InstallLater.
    pub fn with_max_user_deferrals(mut self, deferrals: u32) -> Result<Self, ScheduleError> {
        if self.install_action != InstallAction::InstallLater {
            return Err(ScheduleError::Deferrals);
        }
        self.max_user_deferrals = Some(deferrals.into());
        Ok(self)
    }

    /// The same with a priority (macOS 12.3).
    #[must_use]
    pub fn with_priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// The update's key.
    #[must_use]
    pub fn product_key(&self) -> Option<&str> {
        self.product_key.as_deref()
    }

    /// The version to update to.
    #[must_use]
    pub fn product_version(&self) -> Option<&str> {
        self.product_version.as_deref()
    }

    /// What to do.
    #[must_use]
    pub const fn install_action(&self) -> &InstallAction {
        &self.install_action
    }

    fn write(&self) -> Dictionary<'static> {
        let mut dictionary = Dictionary::new();
        dictionary.push("InstallAction", self.install_action.as_str().to_owned());
        if let Some(key) = &self.product_key {
            dictionary.push("ProductKey", key.clone());
        }
        if let Some(version) = &self.product_version {
            dictionary.push("ProductVersion", version.clone());
        }
        if let Some(deferrals) = self.max_user_deferrals {
            dictionary.push("MaxUserDeferrals", deferrals);
        }
        if let Some(priority) = &self.priority {
            let text = match priority {
                Priority::High => "High",
                Priority::Low => "Low",
                Priority::Other(text) => text,
            };
            dictionary.push("Priority", text.to_owned());
        }
        for (key, value) in self.extra.iter() {
            dictionary.push(key.to_owned(), value.clone());
        }
        dictionary
    }

    /// Reads what a peer wrote, as it is.
    fn read(dictionary: &Dictionary<'_>) -> Self {
        let action = dictionary.str("InstallAction").unwrap_or("Default");
        let mut extra = Dictionary::new();
        for (key, value) in dictionary.iter() {
            let known = matches!(
                key,
                "InstallAction" | "ProductKey" | "ProductVersion" | "MaxUserDeferrals" | "Priority"
            );
            if !known {
                extra.push(key.to_owned(), value.clone().into_owned());
            }
        }
        Self {
            product_key: dictionary.str("ProductKey").map(str::to_owned),
            product_version: dictionary.str("ProductVersion").map(str::to_owned),
            install_action: InstallAction::from_text(action),
            max_user_deferrals: dictionary.get("MaxUserDeferrals").and_then(Value::as_int),
            priority: dictionary.str("Priority").map(|text| match text {
                "High" => Priority::High,
                "Low" => Priority::Low,
                other => Priority::Other(other.to_owned()),
            }),
            extra,
        }
    }
}

/// ScheduleOSUpdate: downloads and installs updates (seed 002).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ScheduleOsUpdate {
    /// The updates; if there are none, the device does its default for what it knows.
    pub updates: Vec<ScheduledUpdate>,
    extra: Dictionary<'static>,
}

impl ScheduleOsUpdate {
    /// Schedules these updates.
    #[must_use]
    pub const fn new(updates: Vec<ScheduledUpdate>) -> Self {
        Self { updates, extra: Dictionary::new() }
    }

    pub(super) fn write(&self, mut dictionary: Dictionary<'static>) -> Dictionary<'static> {
        let updates = self.updates.iter().map(|update| update.write().into()).collect();
        dictionary.push("Updates", Value::Array(updates));
        for (key, value) in self.extra.iter() {
            dictionary.push(key.to_owned(), value.clone());
        }
        dictionary
    }

    pub(super) fn read(dictionary: &Dictionary<'_>) -> Self {
        let updates = dictionary.get("Updates").and_then(Value::as_array).unwrap_or_default();
        let mut extra = Dictionary::new();
        for (key, value) in dictionary.iter() {
            if !matches!(key, "RequestType" | "Updates") {
                extra.push(key.to_owned(), value.clone().into_owned());
            }
        }
        let updates = updates.iter().filter_map(Value::as_dictionary).map(ScheduledUpdate::read);
        Self { updates: updates.collect(), extra }
    }
}
