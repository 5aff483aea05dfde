//! What a device is asked about its updates.

use syncml::loc_uri::List;
use syncml::{Command, LocUri, LocUriError};

use crate::id::UpdateGuid;

/// What is asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Query {
    /// Updates that apply and are not installed, approved or not.
    Installable,
    /// Updates that are installed.
    Installed,
    /// Approved updates that failed.
    Failed,
    /// Updates that need a restart to be finished.
    PendingReboot,
    /// Updates and classifications that the device knows as approved.
    Approved,
    /// When the device last scanned.
    LastScan,
    /// Whether upgrades are deferred.
    DeferUpgrade,
    /// What became of the last rollback of a quality update (since Windows 10 1803).
    QualityRollback,
    /// What became of the last rollback of a feature update (since Windows 10 1803).
    FeatureRollback,
    /// Everything in one Get. The answer can be long; not every server wants that.
    Everything,
}

/// How an interior node is asked for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub enum Shape {
    /// Every leaf below it. Types and revisions come along, so it is the default.
    #[default]
    StructData,
    /// The names of its children.
    Names,
}

impl Query {
    /// Everything that can be asked, each by itself.
    pub const ALL: [Self; 9] = [
        Self::Installable,
        Self::Installed,
        Self::Failed,
        Self::PendingReboot,
        Self::Approved,
        Self::LastScan,
        Self::DeferUpgrade,
        Self::QualityRollback,
        Self::FeatureRollback,
    ];

    /// The lists of updates.
    pub const LISTS: [Self; 5] =
        [Self::Installable, Self::Installed, Self::Failed, Self::PendingReboot, Self::Approved];

    /// The node's address below `./Vendor/MSFT/Update`; empty for everything.
    #[must_use]
    pub const fn node(self) -> &'static str {
        match self {
            Self::Installable => "InstallableUpdates",
            Self::Installed => "InstalledUpdates",
            Self::Failed => "FailedUpdates",
            Self::PendingReboot => "PendingRebootUpdates",
            Self::Approved => "ApprovedUpdates",
            Self::LastScan => "LastSuccessfulScanTime",
            Self::DeferUpgrade => "DeferUpgrade",
            Self::QualityRollback => "Rollback/QualityUpdateStatus",
            Self::FeatureRollback => "Rollback/FeatureUpdateStatus",
            Self::Everything => "",
        }
    }

    /// Whether it asks for a list of updates.
    #[must_use]
    pub const fn is_list(self) -> bool {
        matches!(
            self,
            Self::Installable
                | Self::Installed
                | Self::Failed
                | Self::PendingReboot
                | Self::Approved
        )
    }

    /// The list with this name, in any case.
    pub(super) fn of_list(name: &str) -> Option<Self> {
        Self::LISTS.into_iter().find(|list| list.node().eq_ignore_ascii_case(name))
    }

    pub(super) fn uri(self) -> String {
        match self.node() {
            "" => crate::UPDATE_CSP.to_owned(),
            node => format!("{}/{node}", crate::UPDATE_CSP),
        }
    }

    /// The Get.
    ///
    /// ```
    /// use update_csp::{Query, Shape};
    ///
    /// let get = Query::Installable.command(Shape::StructData);
    /// assert_eq!(
    ///     get.items()[0].loc_uri(),
    ///     Some("./Vendor/MSFT/Update/InstallableUpdates?list=StructData")
    /// );
    /// ```
    #[must_use]
    pub fn command(self, shape: Shape) -> Command<'static> {
        let interior = self.is_list() || self == Self::Everything;
        let list = if interior && shape == Shape::StructData { "?list=StructData" } else { "" };
        Command::get(format!("{}{list}", self.uri()))
    }

    /// The Get of one update of a list, as the device names it: for details where only names are
    /// known. The answer goes to [`super::Reading::one`].
    ///
    /// # Errors
    /// [`LocUriError`] for what is the name of no node.
    pub fn command_for(self, name: &str) -> Result<Command<'static>, LocUriError> {
        let list: LocUri = self.uri().parse()?;
        Ok(Command::get(list.join(name)?.with_list(&List::StructData)?.to_string()))
    }

    /// The same for an update whose name on the device is the bare identifier.
    #[must_use]
    pub fn command_for_update(self, id: UpdateGuid) -> Command<'static> {
        // An identifier is a segment as it stands.
        Command::get(format!("{}/{id}?list=StructData", self.uri()))
    }
}

/// Which latest update is taken back.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Rollback {
    /// The latest quality update.
    Quality,
    /// The latest feature update, within its uninstall period.
    Feature,
}

impl Rollback {
    /// The Exec that takes it back (Windows 10 1803 and later).
    ///
    /// The device does it only if it gets its updates from Windows Update, updates of this kind
    /// are paused, and the latest one is installed. Otherwise it refuses the Exec: *observed* in notes
    /// of Microsoft's support, 0x80070490 ("not found") in the device's event log. *Decision*: nobody
    /// recorded the status that goes with it; it is taken to be 404. In the same log an Add of a pause
    /// that is there has 0x82AA0002, 418 here, which a [plan](crate::plan) answers with a Replace.
    /// What came of a rollback is asked for with [`Self::query`].
    ///
    /// ```
    /// use update_csp::inventory::Rollback;
    ///
    /// let exec = Rollback::Quality.command();
    /// assert_eq!(exec.items()[0].loc_uri(), Some("./Vendor/MSFT/Update/Rollback/QualityUpdate"));
    /// ```
    #[must_use]
    pub fn command(self) -> Command<'static> {
        let node = match self {
            Self::Quality => "QualityUpdate",
            Self::Feature => "FeatureUpdate",
        };
        Command::exec(format!("{}/Rollback/{node}", crate::UPDATE_CSP))
    }

    /// The query for what became of it.
    #[must_use]
    pub const fn query(self) -> Query {
        match self {
            Self::Quality => Query::QualityRollback,
            Self::Feature => Query::FeatureRollback,
        }
    }
}
