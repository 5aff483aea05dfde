//! Open enums: the schema's words, what lies beyond them, and how they were spelt.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::wire::{Context, Wire};
use crate::json::Value;

/// The words of an evolvable enum of the namespace.
pub trait Vocabulary: Copy + Eq + fmt::Debug + 'static {
    /// The type's name in the schema.
    const TYPE: &'static str;

    /// Each word as the schema spells it.
    const WORDS: &'static [(&'static str, Self)];

    /// Words above `unknownFutureValue`: the service sends that instead of them unless the request
    /// has `Prefer: include-unknown-enum-members` (CSDL value numbers; Graph best practices).
    const HIDDEN: &'static [&'static str];

    /// The schema's spelling.
    #[must_use]
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, word)| *word == self).map_or("", |(text, _)| text)
    }
}

/// A word of an open enum as it was spelt.
///
/// Two are equal if they are the same word in whatever case.
///
/// ```
/// use graph_wufb::models::{Open, QualityUpdateCadence};
///
/// let cadence: Open<QualityUpdateCadence> = "Monthly".into();
/// assert_eq!(cadence.known(), Some(QualityUpdateCadence::Monthly));
/// assert_eq!(cadence.as_str(), "Monthly");
/// assert_eq!(Open::<QualityUpdateCadence>::from("weekly").known(), None);
/// ```
#[derive(Clone)]
pub struct Open<T> {
    known: Option<T>,
    text: Box<str>,
}

impl<T: Vocabulary> Open<T> {
    /// The word, if the schema has it.
    #[must_use]
    pub fn known(&self) -> Option<T> {
        self.known
    }

    /// The word as it was spelt.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The schema's word for a text, if it has it.
    pub(crate) fn known_of(text: &str) -> Option<T> {
        let known = T::WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        known.map(|(_, word)| *word)
    }

    /// Whether it is this word.
    #[must_use]
    pub fn is(&self, word: T) -> bool {
        self.known == Some(word)
    }
}

impl<T: Vocabulary> From<T> for Open<T> {
    fn from(word: T) -> Self {
        Self { known: Some(word), text: word.word().into() }
    }
}

impl<T: Vocabulary> From<&str> for Open<T> {
    fn from(text: &str) -> Self {
        Self { known: Self::known_of(text), text: text.into() }
    }
}

impl<T: Vocabulary> FromStr for Open<T> {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.into())
    }
}

impl<T> fmt::Display for Open<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<T> fmt::Debug for Open<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl<T> PartialEq for Open<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}

impl<T> Eq for Open<T> {}

impl<T> Serialize for Open<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, T: Vocabulary> Deserialize<'de> for Open<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(deserializer)?.as_str()))
    }
}

impl<T: Vocabulary> Wire for Open<T> {
    const EXPECTED: &'static str = "a word";

    fn accepts(value: &Value) -> bool {
        matches!(value, Value::String(_))
    }

    fn read(value: Value, _: &mut Context) -> Result<Self, Value> {
        match value {
            Value::String(text) => Ok(Self::from(text.as_str())),
            other => Err(other),
        }
    }

    fn schema_type() -> String {
        T::TYPE.to_owned()
    }

    fn write(&self) -> Value {
        Value::from(self.as_str())
    }
}

macro_rules! vocabulary {
    ($($rest:tt)*) => {
        $crate::models::open::vocabulary_of! { "microsoft.graph.windowsUpdates."; $($rest)* }
    };
}

/// The same in another namespace.
macro_rules! vocabulary_of {
    ($namespace:literal; $(
        $(#[$meta:meta])*
        pub enum $name:ident = $type:literal hides [$($hidden:literal),*] {
            $( $(#[$doc:meta])* $word:ident = $text:literal, )*
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$doc])* $word, )*
            /// A word newer than the schema that the client declared to know.
            UnknownFutureValue,
        }

        impl $crate::models::Vocabulary for $name {
            const TYPE: &'static str = concat!($namespace, $type);
            const WORDS: &'static [(&'static str, Self)] = &[
                $( ($text, Self::$word), )*
                ("unknownFutureValue", Self::UnknownFutureValue),
            ];
            const HIDDEN: &'static [&'static str] = &[$($hidden),*];
        }
    )*};
}

pub(crate) use vocabulary_of;

vocabulary! {
    /// What an asset is enrolled for (CSDL `updateCategory`).
    pub enum UpdateCategory = "updateCategory" hides ["driver"] {
        /// Feature updates.
        Feature = "feature",
        /// Quality updates.
        Quality = "quality",
        /// Drivers and firmware. Its number is above the sentinel: see [`Vocabulary::HIDDEN`].
        Driver = "driver",
    }

    /// How far an enrolment is (CSDL `enrollmentState`).
    pub enum EnrollmentState = "enrollmentState" hides [] {
        /// Not enrolled.
        NotEnrolled = "notEnrolled",
        /// Enrolled by a request.
        Enrolled = "enrolled",
        /// Enrolled through a policy.
        EnrolledWithPolicy = "enrolledWithPolicy",
        /// Asked for.
        Enrolling = "enrolling",
        /// Being taken back.
        Unenrolling = "unenrolling",
    }

    /// Why a device could not be registered (CSDL `azureADDeviceRegistrationErrorReason`).
    pub enum RegistrationErrorReason = "azureADDeviceRegistrationErrorReason" hides [] {
        /// No valid global device ID.
        InvalidGlobalDeviceId = "invalidGlobalDeviceId",
        /// No device of this ID in Entra.
        InvalidAzureADDeviceId = "invalidAzureADDeviceId",
        /// The trust type is missing.
        MissingTrustType = "missingTrustType",
        /// Not joined in a way that the service takes.
        InvalidAzureADJoin = "invalidAzureADJoin",
    }

    /// What a deployment does now (CSDL `deploymentStateValue`).
    pub enum DeploymentStateValue = "deploymentStateValue" hides [] {
        /// It has not begun, or waits for its next offers.
        Scheduled = "scheduled",
        /// Content is being offered.
        Offering = "offering",
        /// No new offers.
        Paused = "paused",
        /// It cannot go on.
        Faulted = "faulted",
        /// Ended for good.
        Archived = "archived",
    }

    /// What a deployment was asked to do (CSDL `requestedDeploymentStateValue`).
    pub enum RequestedDeploymentStateValue = "requestedDeploymentStateValue" hides [] {
        /// To run as its settings say.
        None = "none",
        /// To pause.
        Paused = "paused",
        /// To end for good.
        Archived = "archived",
    }

    /// Why a deployment does what it does (CSDL `deploymentStateReasonValue`).
    pub enum DeploymentStateReasonValue = "deploymentStateReasonValue" hides ["faultedByContentOutdated"] {
        /// The offer window is not open.
        ScheduledByOfferWindow = "scheduledByOfferWindow",
        /// As requested.
        OfferingByRequest = "offeringByRequest",
        /// As requested.
        PausedByRequest = "pausedByRequest",
        /// A monitoring rule fired.
        PausedByMonitoring = "pausedByMonitoring",
        /// The content is no longer offered. Above the sentinel: see [`Vocabulary::HIDDEN`].
        FaultedByContentOutdated = "faultedByContentOutdated",
    }

    /// What a monitoring rule does (CSDL `monitoringAction`).
    pub enum MonitoringAction = "monitoringAction" hides [] {
        /// Report.
        AlertError = "alertError",
        /// Offer another update instead.
        OfferFallback = "offerFallback",
        /// Pause the deployment.
        PauseDeployment = "pauseDeployment",
    }

    /// What a monitoring rule watches (CSDL `monitoringSignal`).
    pub enum MonitoringSignal = "monitoringSignal" hides [] {
        /// Devices went back to what they had.
        Rollback = "rollback",
        /// Devices are not eligible.
        Ineligible = "ineligible",
    }

    /// Which safeguards (CSDL `safeguardCategory`).
    pub enum SafeguardCategory = "safeguardCategory" hides [] {
        /// Holds for issues that are likely, not known.
        LikelyIssues = "likelyIssues",
    }

    /// Which quality updates (CSDL `qualityUpdateClassification`).
    pub enum QualityUpdateClassification = "qualityUpdateClassification" hides [] {
        /// All.
        All = "all",
        /// Security updates.
        Security = "security",
        /// Others.
        NonSecurity = "nonSecurity",
    }

    /// How a quality update is published (CSDL `qualityUpdateCadence`).
    pub enum QualityUpdateCadence = "qualityUpdateCadence" hides [] {
        /// With the month's others.
        Monthly = "monthly",
        /// In between.
        OutOfBand = "outOfBand",
    }

    /// Whether an Autopatch policy offers content (CSDL `approvalStatus`).
    pub enum ApprovalStatus = "approvalStatus" hides [] {
        /// It is offered.
        Approved = "approved",
        /// It is held back.
        Suspended = "suspended",
    }

    /// How a text is written (CSDL `bodyType`).
    pub enum BodyType = "bodyType" hides [] {
        /// Plain.
        Text = "text",
        /// HTML.
        Html = "html",
    }

    /// How bad the worst vulnerability is that an update mends (CSDL `cveSeverityLevel`).
    pub enum CveSeverityLevel = "cveSeverityLevel" hides [] {
        /// Critical.
        Critical = "critical",
        /// Important.
        Important = "important",
        /// Moderate.
        Moderate = "moderate",
    }

    /// What a remediation does (CSDL `remediationType`).
    pub enum RemediationType = "remediationType" hides [] {
        /// Windows is installed over itself.
        InPlaceUpgrade = "inPlaceUpgrade",
    }

    /// Whether a connection works (CSDL `resourceConnectionState`).
    pub enum ResourceConnectionState = "resourceConnectionState" hides [] {
        /// It works.
        Connected = "connected",
        /// The service may not use the resource.
        NotAuthorized = "notAuthorized",
        /// The resource is gone.
        NotFound = "notFound",
    }

    /// How far the work on a known issue is (CSDL `windowsReleaseHealthStatus`).
    pub enum ReleaseHealthStatus = "windowsReleaseHealthStatus" hides [] {
        /// An update mends it.
        Resolved = "resolved",
        /// Something outside Windows works around it.
        MitigatedExternal = "mitigatedExternal",
        /// There is a way around it.
        Mitigated = "mitigated",
        /// Something outside Windows mends it.
        ResolvedExternal = "resolvedExternal",
        /// It is known to exist.
        Confirmed = "confirmed",
        /// Customers told of it.
        Reported = "reported",
        /// It is being looked into.
        Investigating = "investigating",
    }
}
