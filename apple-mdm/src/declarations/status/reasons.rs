//! Why something was refused.

use crate::declarations::fields::dictionary;
use crate::json::Object;
use crate::open_enum::open_enum;

open_enum! {
    /// The code of a reason (declarationbase, reasons).
    pub enum ReasonCode {
        /// Something cannot be activated as its activation failed.
        ActivationFailed = "Error.ActivationFailed",
        /// An asset is not of its type.
        AssetCannotBeDeserialized = "Error.AssetCannotBeDeserialized",
        /// An asset could not be downloaded.
        AssetCannotBeDownloaded = "Error.AssetCannotBeDownloaded",
        /// A downloaded asset could not be verified.
        AssetCannotBeVerified = "Error.AssetCannotBeVerified",
        /// The device cannot do what the configuration says.
        ConfigurationCannotBeApplied = "Error.ConfigurationCannotBeApplied",
        /// The configuration is not of its type.
        ConfigurationCannotBeDeserialized = "Error.ConfigurationCannotBeDeserialized",
        /// An asset cannot be activated as its configuration failed.
        ConfigurationFailed = "Error.ConfigurationFailed",
        /// The configuration is not valid here.
        ConfigurationIsInvalid = "Error.ConfigurationIsInvalid",
        /// Not on this platform, in this scope or this kind of enrolment.
        ConfigurationNotSupported = "Error.ConfigurationNotSupported",
        /// The declaration is not loaded.
        InvalidPayload = "Error.InvalidPayload",
        /// Assets are missing.
        MissingAssets = "Error.MissingAssets",
        /// Configurations are missing.
        MissingConfigurations = "Error.MissingConfigurations",
        /// The device lost its state.
        MissingState = "Error.MissingState",
        /// A predicate failed.
        PredicateFailed = "Error.PredicateFailed",
        /// A predicate cannot be evaluated.
        UnableToEvaluatePredicate = "Error.UnableToEvaluatePredicate",
        /// A predicate cannot be parsed.
        UnableToParsePredicate = "Error.UnableToParsePredicate",
        /// A predicate has an operator of its own that cannot be parsed.
        UnableToParsePredicateWithCustomOperator =
            "Error.UnableToParsePredicateWithCustomOperator",
        /// Something else.
        Unknown = "Error.Unknown",
        /// The payload has keys that the device does not know.
        UnknownPayloadKeys = "Error.UnknownPayloadKeys",
        /// No activation names the configuration.
        NotReferencedByActivation = "Info.NotReferencedByActivation",
        /// No configuration names the asset.
        NotReferencedByConfiguration = "Info.NotReferencedByConfiguration",
        /// The activation's predicate does not hold.
        Predicate = "Info.Predicate",
    }
}

impl ReasonCode {
    /// Whether it is an error, and not only information: by its first part.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.as_str().starts_with("Error.")
    }

    /// Whether it says that a declaration is not in force because nothing calls for it: nothing
    /// names it, or a predicate does not hold.
    #[must_use]
    pub const fn is_inactive(&self) -> bool {
        matches!(
            self,
            Self::NotReferencedByActivation | Self::NotReferencedByConfiguration | Self::Predicate
        )
    }
}

dictionary! {
    /// A reason in a status item (statusreason).
    pub struct StatusReason {
        /// The code.
        "code" => code: ReasonCode,
        /// In words.
        "description" => description: Option<String>,
        /// What it is about, by code.
        "details" => details: Option<Object>,
    }
}

impl StatusReason {
    /// A reason with this code and these words.
    #[must_use]
    pub fn new(code: ReasonCode, description: impl Into<String>) -> Self {
        let description = Some(description.into());
        Self { code, description, details: None, unknown: Object::new() }
    }
}

dictionary! {
    /// A reason in the errors of a report: the same, in other letters.
    pub struct ErrorReason {
        /// The code.
        "Code" => code: ReasonCode,
        /// In words.
        "Description" => description: Option<String>,
        /// What it is about.
        "Details" => details: Option<Object>,
    }
}

dictionary! {
    /// A status item that cannot be had.
    pub struct StatusError {
        /// The item's name.
        "StatusItem" => status_item: String,
        /// Why.
        "Reasons" => reasons: Option<Vec<ErrorReason>>,
    }
}
