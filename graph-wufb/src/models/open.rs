//! Open enums: the schema's words, what lies beyond them, and how they were spelt.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::wire::{Context, Wire};
use crate::json::Value;

/// The words of an evolvable enum of the namespace.
pub trait Vocabulary: Copy + Eq + fmt::Debug + 'static {
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
        let known = T::WORDS
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(text))
            .map(|(_, word)| *word);
        Self { known, text: text.into() }
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

    fn write(&self) -> Value {
        Value::from(self.as_str())
    }
}

macro_rules! vocabulary {
    ($(
        $(#[$meta:meta])*
        pub enum $name:ident hides [$($hidden:literal),*] {
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

        impl Vocabulary for $name {
            const WORDS: &'static [(&'static str, Self)] = &[
                $( ($text, Self::$word), )*
                ("unknownFutureValue", Self::UnknownFutureValue),
            ];
            const HIDDEN: &'static [&'static str] = &[$($hidden),*];
        }
    )*};
}

vocabulary! {
    /// What an asset is enrolled for (CSDL `updateCategory`).
    pub enum UpdateCategory hides ["driver"] {
        /// Feature updates.
        Feature = "feature",
        /// Quality updates.
        Quality = "quality",
        /// Drivers and firmware. Its number is above the sentinel: see [`Vocabulary::HIDDEN`].
        Driver = "driver",
    }

    /// How far an enrolment is (CSDL `enrollmentState`).
    pub enum EnrollmentState hides [] {
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
    pub enum RegistrationErrorReason hides [] {
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
    pub enum DeploymentStateValue hides [] {
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
    pub enum RequestedDeploymentStateValue hides [] {
        /// To run as its settings say.
        None = "none",
        /// To pause.
        Paused = "paused",
        /// To end for good.
        Archived = "archived",
    }

    /// Why a deployment does what it does (CSDL `deploymentStateReasonValue`).
    pub enum DeploymentStateReasonValue hides ["faultedByContentOutdated"] {
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
    pub enum MonitoringAction hides [] {
        /// Report.
        AlertError = "alertError",
        /// Offer another update instead.
        OfferFallback = "offerFallback",
        /// Pause the deployment.
        PauseDeployment = "pauseDeployment",
    }

    /// What a monitoring rule watches (CSDL `monitoringSignal`).
    pub enum MonitoringSignal hides [] {
        /// Devices went back to what they had.
        Rollback = "rollback",
        /// Devices are not eligible.
        Ineligible = "ineligible",
    }

    /// Which safeguards (CSDL `safeguardCategory`).
    pub enum SafeguardCategory hides [] {
        /// Holds for issues that are likely, not known.
        LikelyIssues = "likelyIssues",
    }

    /// Which quality updates (CSDL `qualityUpdateClassification`).
    pub enum QualityUpdateClassification hides [] {
        /// All.
        All = "all",
        /// Security updates.
        Security = "security",
        /// Others.
        NonSecurity = "nonSecurity",
    }

    /// How a quality update is published (CSDL `qualityUpdateCadence`).
    pub enum QualityUpdateCadence hides [] {
        /// With the month's others.
        Monthly = "monthly",
        /// In between.
        OutOfBand = "outOfBand",
    }
}
