//! Devices and groups that the service keeps up to date (CSDL `updatableAsset`).

use super::ids::DeviceId;
use super::object::{model, polymorphic};
use super::open::{EnrollmentState, Open, RegistrationErrorReason, UpdateCategory};
use super::time::GraphDateTime;

polymorphic! {
    /// A device or a group (CSDL `updatableAsset`, abstract).
    pub enum UpdatableAsset = "updatableAsset" ("an updatable asset") {
        /// A device of Microsoft Entra.
        Device(AzureAdDevice) = "azureADDevice",
        /// A group of assets.
        Group(UpdatableAssetGroup) = "updatableAssetGroup",
    }
}

impl UpdatableAsset {
    /// The ID, whatever the type.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Device(device) => device.id.get().map(DeviceId::as_str),
            Self::Group(group) => group.id.get().map(DeviceId::as_str),
            Self::Other(object) => object.text("id").filter(|id| !id.is_empty()),
        }
    }
}

model! {
    /// A device of Microsoft Entra (CSDL `azureADDevice`).
    pub struct AzureAdDevice = "azureADDevice" {
        /// The device ID.
        id: DeviceId = "id",
        /// What it is enrolled for.
        enrollment: UpdateManagementEnrollment = "enrollment",
        /// Why it could not be registered.
        errors: Vec<UpdatableAssetError> = "errors",
    }
}

impl AzureAdDevice {
    /// A device to send in a request: type and ID.
    #[must_use]
    pub fn reference(id: &DeviceId) -> Self {
        let mut device = Self::tagged();
        device.id = id.clone().into();
        device
    }

    /// How far the enrolment for a category is.
    #[must_use]
    pub fn enrollment_state(&self, category: UpdateCategory) -> Option<&Open<EnrollmentState>> {
        let enrollment = self.enrollment.get()?;
        match category {
            UpdateCategory::Feature => enrollment.feature.get(),
            UpdateCategory::Quality => enrollment.quality.get(),
            UpdateCategory::Driver => enrollment.driver.get(),
            UpdateCategory::UnknownFutureValue => None,
        }?
        .enrollment_state
        .get()
    }

    /// Whether the device is enrolled for a category: its state says so and there are no errors
    /// (documentation, updatableasset-enrollassets).
    #[must_use]
    pub fn is_enrolled(&self, category: UpdateCategory) -> bool {
        let enrolled = self.enrollment_state(category).is_some_and(|state| {
            matches!(
                state.known(),
                Some(EnrollmentState::Enrolled | EnrollmentState::EnrolledWithPolicy)
            )
        });
        enrolled && self.errors.items().is_empty()
    }
}

polymorphic! {
    /// Why an asset is not managed (CSDL `updatableAssetError`, abstract).
    pub enum UpdatableAssetError = "updatableAssetError" ("an error of an asset") {
        /// A device could not be registered.
        Registration(AzureAdDeviceRegistrationError) = "azureADDeviceRegistrationError",
    }
}

impl UpdatableAssetError {
    /// The reason as it was spelt; the type's name where there is none.
    #[must_use]
    pub fn reason(&self) -> &str {
        let reason = match self {
            Self::Registration(error) => error.reason.get().map(Open::as_str),
            Self::Other(object) => object.text("reason"),
        };
        let reason = reason.filter(|reason| !reason.is_empty());
        reason.or_else(|| self.odata_type()).unwrap_or("unknown")
    }
}

model! {
    /// A group of assets (CSDL `updatableAssetGroup`).
    pub struct UpdatableAssetGroup = "updatableAssetGroup" {
        /// The group's ID.
        id: DeviceId = "id",
        /// Its members, if expanded.
        members: Vec<UpdatableAsset> = "members",
    }
}

model! {
    /// What a device is enrolled for (CSDL `updateManagementEnrollment`).
    pub struct UpdateManagementEnrollment = "updateManagementEnrollment" {
        /// Feature updates.
        feature: UpdateCategoryEnrollmentInformation = "feature",
        /// Quality updates.
        quality: UpdateCategoryEnrollmentInformation = "quality",
        /// Drivers.
        driver: UpdateCategoryEnrollmentInformation = "driver",
    }
}

model! {
    /// How far one enrolment is (CSDL `updateCategoryEnrollmentInformation`).
    pub struct UpdateCategoryEnrollmentInformation = "updateCategoryEnrollmentInformation" {
        /// How far it is.
        enrollment_state: Open<EnrollmentState> = "enrollmentState",
        /// Since when.
        last_modified_date_time: GraphDateTime = "lastModifiedDateTime",
    }
}

model! {
    /// Why a device could not be registered (CSDL `azureADDeviceRegistrationError`).
    pub struct AzureAdDeviceRegistrationError = "azureADDeviceRegistrationError" {
        /// The reason.
        reason: Open<RegistrationErrorReason> = "reason",
    }
}
