//! ScheduleOSUpdate.

use crate::open_enum::open_enum;
use crate::plist::{Dictionary, Out, Value, known};

open_enum! {
    /// What to do with an update (schema: system.update.schedule). Others are kept.
    pub enum InstallAction {
        /// Downloads, or installs what is downloaded: on iOS and tvOS an update takes two of them.
        Default = "Default",
        /// Downloads only.
        DownloadOnly = "DownloadOnly",
        /// On iOS and tvOS, installs what is downloaded; on macOS, downloads and counts down to the
        /// restart.
        InstallAsap = "InstallASAP",
        /// Downloads and tells the user (macOS).
        NotifyOnly = "NotifyOnly",
        /// Downloads and installs later (macOS).
        InstallLater = "InstallLater",
        /// As Default, and restarts whatever the user does (macOS 11); data may be lost.
        InstallForceRestart = "InstallForceRestart",
        /// In answers: the device could not do it.
        Error = "Error",
    }
}

impl InstallAction {
    /// Whether the action installs by itself, and does not leave it to the user (seed 002).
    #[must_use]
    pub const fn starts_installation(&self) -> bool {
        matches!(
            self,
            Self::Default | Self::InstallAsap | Self::InstallLater | Self::InstallForceRestart
        )
    }
}

open_enum! {
    /// How urgent it is (macOS 12.3, minor updates). Others are kept.
    pub enum Priority {
        /// As if the user had asked for it.
        High = "High",
        /// In the background; the default.
        Low = "Low",
    }
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
    install_action: Option<InstallAction>,
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
            install_action: Some(install_action),
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
        if self.install_action != Some(InstallAction::InstallLater) {
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

    /// The same with its version as well (iOS 11.3, macOS 12, tvOS 12.2).
    ///
    /// # Errors
    /// [`ScheduleError::NoProduct`] for a blank one.
    pub fn with_product_version(
        mut self,
        version: impl Into<String>,
    ) -> Result<Self, ScheduleError> {
        let version = version.into();
        if version.trim().is_empty() {
            return Err(ScheduleError::NoProduct);
        }
        self.product_version = Some(version);
        Ok(self)
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

    /// What to do; Default where a peer did not say.
    #[must_use]
    pub const fn install_action(&self) -> &InstallAction {
        match &self.install_action {
            Some(action) => action,
            None => &InstallAction::Default,
        }
    }

    /// How often the user may defer.
    #[must_use]
    pub const fn max_user_deferrals(&self) -> Option<i64> {
        self.max_user_deferrals
    }

    /// How urgent it is.
    #[must_use]
    pub const fn priority(&self) -> Option<&Priority> {
        self.priority.as_ref()
    }

    /// Keys that have no method here, and values of another type than the schema's, as they came.
    #[must_use]
    pub const fn extra(&self) -> &Dictionary<'static> {
        &self.extra
    }

    fn write(&self, out: &mut impl Out) {
        if let Some(action) = &self.install_action {
            out.text_of(known!("InstallAction"), action.as_str());
        }
        if let Some(key) = &self.product_key {
            out.text_of(known!("ProductKey"), key);
        }
        if let Some(version) = &self.product_version {
            out.text_of(known!("ProductVersion"), version);
        }
        if let Some(deferrals) = self.max_user_deferrals {
            out.key(known!("MaxUserDeferrals"));
            out.integer(deferrals);
        }
        if let Some(priority) = &self.priority {
            out.text_of(known!("Priority"), priority.as_str());
        }
        out.entries(&self.extra);
    }

    /// Reads what a peer wrote, as it is.
    fn read(dictionary: &Dictionary<'_>) -> Self {
        let mut extra = dictionary.clone().into_owned();
        let mut text = |key: &str| {
            let text = extra.str(key).map(str::to_owned);
            if text.is_some() {
                extra.remove(key);
            }
            text
        };
        let (product_key, product_version) = (text("ProductKey"), text("ProductVersion"));
        let install_action = text("InstallAction").map(|text| InstallAction::from_text(&text));
        let priority = text("Priority").map(|text| Priority::from_text(&text));
        let max_user_deferrals = match extra.get("MaxUserDeferrals") {
            Some(Value::Integer(number)) => i64::try_from(*number).ok(),
            _ => None,
        };
        if max_user_deferrals.is_some() {
            extra.remove("MaxUserDeferrals");
        }
        Self { product_key, product_version, install_action, max_user_deferrals, priority, extra }
    }
}

/// ScheduleOSUpdate: downloads and installs updates (seed 002).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ScheduleOsUpdate {
    /// The updates; if there are none, the device does its default for what it knows.
    pub updates: Vec<ScheduledUpdate>,
}

impl ScheduleOsUpdate {
    /// Schedules these updates.
    #[must_use]
    pub const fn new(updates: Vec<ScheduledUpdate>) -> Self {
        Self { updates }
    }

    pub(super) fn write(&self, out: &mut impl Out) {
        if self.updates.is_empty() {
            return;
        }
        out.key(known!("Updates"));
        out.array(|out| {
            for update in &self.updates {
                out.dictionary(|out| update.write(out));
            }
        });
    }

    /// Reads the updates out of a command; what is none stays there.
    pub(super) fn take(dictionary: &mut Dictionary<'_>) -> Self {
        let updates = dictionary.array("Updates").filter(|updates| !updates.is_empty());
        let updates: Option<Vec<ScheduledUpdate>> = updates.and_then(|updates| {
            updates.iter().map(|one| one.as_dictionary().map(ScheduledUpdate::read)).collect()
        });
        if updates.is_some() {
            dictionary.remove("Updates");
        }
        Self { updates: updates.unwrap_or_default() }
    }
}
