//! Views of what arrives in bulk: updates, what applies to whom, deployments, members.

use std::borrow::Cow;

use super::field::{FieldView, IdView, ListView, NumberView, TimeView, WordView};
use super::value::{ObjectView, ValueView};
use crate::models::{
    self, AudienceId, CatalogEntryId, CveSeverityLevel, DeploymentId, DeploymentStateReasonValue,
    DeploymentStateValue, DeviceId, EnrollmentState, Member, QualityUpdateCadence,
    QualityUpdateClassification, RegistrationErrorReason, RequestedDeploymentStateValue,
    UpdateCategory,
};

/// Declares a view of an object: its members as the model of the same type has them.
macro_rules! view {
    (
        $(#[$meta:meta])*
        pub struct $name:ident = $model:ident {
            $( $(#[$doc:meta])* $field:ident: $kind:ty = $wire:literal, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'d>(ObjectView<'d>);

        impl<'d> $name<'d> {
            /// Sees an object as this.
            #[must_use]
            pub const fn new(object: ObjectView<'d>) -> Self {
                Self(object)
            }

            /// The object with all of its members.
            #[must_use]
            pub const fn object(&self) -> ObjectView<'d> {
                self.0
            }

            #[doc = concat!("A [`", stringify!($model), "`](models::", stringify!($model), ") of its own.")]
            #[must_use]
            pub fn to_model(&self) -> models::$model {
                models::$model::from_object(self.0.to_object())
            }

            $(
                $(#[$doc])*
                #[must_use]
                #[inline]
                pub fn $field(&self) -> Member<$kind> {
                    self.0.member($wire)
                }
            )*
        }

        impl<'d> FieldView<'d> for $name<'d> {
            #[inline]
            fn read(value: ValueView<'d>) -> Option<Self> {
                value.as_object().map(Self)
            }

            fn accepts(value: ValueView<'d>) -> bool {
                value.is_object()
            }
        }

        #[cfg(any(test, feature = "fuzz"))]
        impl super::check::Same<models::$model> for $name<'_> {
            fn same(&self, model: &models::$model) -> Result<(), String> {
                $( super::check::member(stringify!($field), &self.$field(), &model.$field)?; )*
                super::check::equal(stringify!($name), &self.to_model(), model)
            }
        }
    };
}

/// Declares a view of which `@odata.type` names the type.
macro_rules! views {
    (
        $(#[$meta:meta])*
        pub enum $name:ident = $model:ident {
            $( $(#[$doc:meta])* $variant:ident($kind:ident) = $($type:literal)|+, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        #[non_exhaustive]
        pub enum $name<'d> {
            $( $(#[$doc])* $variant($kind<'d>), )*
            /// A type that this crate does not know, or none named.
            Other(ObjectView<'d>),
        }

        impl<'d> $name<'d> {
            /// Sees an object as what its `@odata.type` says, with or without `#`, in any case.
            #[must_use]
            pub fn new(object: ObjectView<'d>) -> Self {
                let short = object.short_type();
                let short = short.as_deref().unwrap_or_default();
                $(
                    if [$($type),+].iter().any(|name: &&str| name.eq_ignore_ascii_case(short)) {
                        return Self::$variant($kind::new(object));
                    }
                )*
                Self::Other(object)
            }

            /// The object with all of its members.
            #[must_use]
            pub const fn object(&self) -> ObjectView<'d> {
                match self {
                    $( Self::$variant(view) => view.object(), )*
                    Self::Other(object) => *object,
                }
            }

            #[doc = concat!("A [`", stringify!($model), "`](models::", stringify!($model), ") of its own.")]
            #[must_use]
            pub fn to_model(&self) -> models::$model {
                models::$model::from_object(self.object().to_object())
            }
        }

        impl<'d> FieldView<'d> for $name<'d> {
            #[inline]
            fn read(value: ValueView<'d>) -> Option<Self> {
                value.as_object().map(Self::new)
            }

            fn accepts(value: ValueView<'d>) -> bool {
                value.is_object()
            }
        }

        #[cfg(any(test, feature = "fuzz"))]
        impl super::check::Same<models::$model> for $name<'_> {
            fn same(&self, model: &models::$model) -> Result<(), String> {
                match (self, model) {
                    $( (Self::$variant(view), models::$model::$variant(model)) => view.same(model), )*
                    (Self::Other(object), models::$model::Other(model)) => {
                        super::check::equal(stringify!($name), &object.to_object(), model)
                    }
                    _ => Err(format!("{self:?} is {model:?}")),
                }
            }
        }
    };
}

view! {
    /// An update and the devices of the audience that it applies to.
    pub struct ApplicableContentView = ApplicableContent {
        /// The ID of the update.
        catalog_entry_id: IdView<'d, CatalogEntryId> = "catalogEntryId",
        /// The update.
        catalog_entry: CatalogEntryView<'d> = "catalogEntry",
        /// The devices.
        matched_devices: ListView<'d, DeviceMatchView<'d>> = "matchedDevices",
    }
}

view! {
    /// A device that an update applies to.
    pub struct DeviceMatchView = ApplicableContentDeviceMatch {
        /// The device.
        device_id: IdView<'d, DeviceId> = "deviceId",
        /// Who recommends the update for it.
        recommended_by: ListView<'d, Cow<'d, str>> = "recommendedBy",
    }
}

views! {
    /// An update in the catalog.
    pub enum CatalogEntryView = CatalogEntry {
        /// A driver or firmware.
        Driver(DriverView) = "driverUpdateCatalogEntry",
        /// A feature update.
        Feature(FeatureView) = "featureUpdateCatalogEntry",
        /// A quality update.
        Quality(QualityView) = "qualityUpdateCatalogEntry",
        /// A recovery update.
        Recovery(RecoveryView) = "recoveryUpdateCatalogEntry",
        /// An abstract type's name: the documentation sends such.
        Abstract(EntryBaseView) = "softwareUpdateCatalogEntry" | "catalogEntry",
    }
}

impl<'d> CatalogEntryView<'d> {
    /// The ID, whatever the type.
    #[must_use]
    pub fn id(&self) -> Option<IdView<'d, CatalogEntryId>> {
        self.object().member("id").into_option()
    }

    /// The name to show, whatever the type.
    #[must_use]
    pub fn display_name(&self) -> Option<Cow<'d, str>> {
        self.object().member("displayName").into_option()
    }
}

view! {
    /// What every update in the catalog has.
    pub struct EntryBaseView = CatalogEntryBase {
        /// The ID.
        id: IdView<'d, CatalogEntryId> = "id",
        /// The name to show.
        display_name: Cow<'d, str> = "displayName",
        /// Until when it can be deployed; `null` for no end.
        deployable_until_date_time: TimeView<'d> = "deployableUntilDateTime",
        /// When it was published.
        release_date_time: TimeView<'d> = "releaseDateTime",
    }
}

view! {
    /// A driver or firmware.
    pub struct DriverView = DriverUpdateCatalogEntry {
        /// The ID: a hash.
        id: IdView<'d, CatalogEntryId> = "id",
        /// The name to show.
        display_name: Cow<'d, str> = "displayName",
        /// Until when it can be deployed; `null` for no end.
        deployable_until_date_time: TimeView<'d> = "deployableUntilDateTime",
        /// When it was published.
        release_date_time: TimeView<'d> = "releaseDateTime",
        /// A description.
        description: Cow<'d, str> = "description",
        /// The class of the device that it drives.
        driver_class: Cow<'d, str> = "driverClass",
        /// Who provides it.
        provider: Cow<'d, str> = "provider",
        /// Its INF file.
        setup_information_file: Cow<'d, str> = "setupInformationFile",
        /// Who makes the device.
        manufacturer: Cow<'d, str> = "manufacturer",
        /// Its version.
        version: Cow<'d, str> = "version",
        /// When that version was made.
        version_date_time: TimeView<'d> = "versionDateTime",
    }
}

view! {
    /// A feature update.
    pub struct FeatureView = FeatureUpdateCatalogEntry {
        /// The ID.
        id: IdView<'d, CatalogEntryId> = "id",
        /// The name to show.
        display_name: Cow<'d, str> = "displayName",
        /// Until when it can be deployed; `null` for no end.
        deployable_until_date_time: TimeView<'d> = "deployableUntilDateTime",
        /// When it was published.
        release_date_time: TimeView<'d> = "releaseDateTime",
        /// The version, such as `24H2`.
        version: Cow<'d, str> = "version",
        /// The build.
        build_number: Cow<'d, str> = "buildNumber",
    }
}

view! {
    /// A quality update. Its builds and vulnerabilities are read by [`to_model`](Self::to_model), or
    /// from the objects.
    pub struct QualityView = QualityUpdateCatalogEntry {
        /// The ID.
        id: IdView<'d, CatalogEntryId> = "id",
        /// The name to show.
        display_name: Cow<'d, str> = "displayName",
        /// Until when it can be deployed; `null` for no end.
        deployable_until_date_time: TimeView<'d> = "deployableUntilDateTime",
        /// When it was published.
        release_date_time: TimeView<'d> = "releaseDateTime",
        /// Its name in the Update Catalog.
        catalog_name: Cow<'d, str> = "catalogName",
        /// Its short name, such as `2023.08 B`.
        short_name: Cow<'d, str> = "shortName",
        /// Whether it can be expedited.
        is_expeditable: bool = "isExpeditable",
        /// Security or not.
        quality_update_classification: WordView<'d, QualityUpdateClassification>
            = "qualityUpdateClassification",
        /// Monthly or in between.
        quality_update_cadence: WordView<'d, QualityUpdateCadence> = "qualityUpdateCadence",
        /// What it mends.
        cve_severity_information: CveSeverityView<'d> = "cveSeverityInformation",
        /// The builds that it leads to, if expanded.
        product_revisions: ListView<'d, ObjectView<'d>> = "productRevisions",
    }
}

view! {
    /// The vulnerabilities that a quality update mends.
    pub struct CveSeverityView = CveSeverityInformation {
        /// The highest CVSS base score, 0 to 10.
        max_base_score: NumberView<'d> = "maxBaseScore",
        /// The worst severity.
        max_severity: WordView<'d, CveSeverityLevel> = "maxSeverity",
        /// Those that are being exploited.
        exploited_cves: ListView<'d, CveView<'d>> = "exploitedCves",
    }
}

view! {
    /// A vulnerability.
    pub struct CveView = CveInformation {
        /// Its number, such as `CVE-2023-32046`.
        number: Cow<'d, str> = "number",
        /// Where it is described.
        url: Cow<'d, str> = "url",
    }
}

view! {
    /// A recovery update.
    pub struct RecoveryView = RecoveryUpdateCatalogEntry {
        /// The ID.
        id: IdView<'d, CatalogEntryId> = "id",
        /// The name to show.
        display_name: Cow<'d, str> = "displayName",
        /// Until when it can be deployed; `null` for no end.
        deployable_until_date_time: TimeView<'d> = "deployableUntilDateTime",
        /// When it was published.
        release_date_time: TimeView<'d> = "releaseDateTime",
        /// Its name in the Update Catalog.
        catalog_name: Cow<'d, str> = "catalogName",
        /// The builds that it leads to, if expanded.
        product_revisions: ListView<'d, ObjectView<'d>> = "productRevisions",
    }
}

view! {
    /// Content on its way to an audience. Its content and settings are read by
    /// [`to_model`](Self::to_model), or from the objects.
    pub struct DeploymentView = Deployment {
        /// The ID.
        id: IdView<'d, DeploymentId> = "id",
        /// What it does, and what it was asked to.
        state: DeploymentStateView<'d> = "state",
        /// What is deployed.
        content: DeployableContentView<'d> = "content",
        /// How and when.
        settings: ObjectView<'d> = "settings",
        /// To whom, if expanded.
        audience: AudienceView<'d> = "audience",
        /// When it was made.
        created_date_time: TimeView<'d> = "createdDateTime",
        /// When it was changed.
        last_modified_date_time: TimeView<'d> = "lastModifiedDateTime",
    }
}

view! {
    /// What a deployment does, and what it was asked to.
    pub struct DeploymentStateView = DeploymentState {
        /// What it does: the service's.
        effective_value: WordView<'d, DeploymentStateValue> = "effectiveValue",
        /// What it was asked to: yours.
        requested_value: WordView<'d, RequestedDeploymentStateValue> = "requestedValue",
        /// Why.
        reasons: ListView<'d, DeploymentStateReasonView<'d>> = "reasons",
    }
}

view! {
    /// Why a deployment does what it does.
    pub struct DeploymentStateReasonView = DeploymentStateReason {
        /// The reason.
        value: WordView<'d, DeploymentStateReasonValue> = "value",
    }
}

views! {
    /// What is deployed.
    pub enum DeployableContentView = DeployableContent {
        /// An update of the catalog.
        Catalog(CatalogContentView) = "catalogContent",
    }
}

view! {
    /// An update of the catalog as content.
    pub struct CatalogContentView = CatalogContent {
        /// The update.
        catalog_entry: CatalogEntryView<'d> = "catalogEntry",
    }
}

view! {
    /// The devices that content is offered to.
    pub struct AudienceView = DeploymentAudience {
        /// The ID.
        id: IdView<'d, AudienceId> = "id",
        /// What applies to the members, if expanded.
        applicable_content: ListView<'d, ApplicableContentView<'d>> = "applicableContent",
        /// The members, if expanded.
        members: ListView<'d, AssetView<'d>> = "members",
        /// Who gets nothing although a member, if expanded.
        exclusions: ListView<'d, AssetView<'d>> = "exclusions",
    }
}

views! {
    /// A device or a group: a member of an audience.
    pub enum AssetView = UpdatableAsset {
        /// A device of Microsoft Entra.
        Device(DeviceView) = "azureADDevice",
        /// A group of assets.
        Group(GroupView) = "updatableAssetGroup",
    }
}

impl<'d> AssetView<'d> {
    /// The ID, whatever the type.
    #[must_use]
    pub fn id(&self) -> Option<IdView<'d, DeviceId>> {
        self.object().member("id").into_option()
    }
}

view! {
    /// A device of Microsoft Entra.
    pub struct DeviceView = AzureAdDevice {
        /// The device ID.
        id: IdView<'d, DeviceId> = "id",
        /// What it is enrolled for.
        enrollment: EnrollmentView<'d> = "enrollment",
        /// Why it could not be registered.
        errors: ListView<'d, AssetErrorView<'d>> = "errors",
    }
}

impl<'d> DeviceView<'d> {
    /// How far the enrolment for a category is.
    #[must_use]
    pub fn enrollment_state(
        &self,
        category: UpdateCategory,
    ) -> Option<WordView<'d, EnrollmentState>> {
        let enrollment = self.enrollment().into_option()?;
        match category {
            UpdateCategory::Feature => enrollment.feature(),
            UpdateCategory::Quality => enrollment.quality(),
            UpdateCategory::Driver => enrollment.driver(),
            UpdateCategory::UnknownFutureValue => return None,
        }
        .into_option()?
        .enrollment_state()
        .into_option()
    }
}

view! {
    /// A group of assets.
    pub struct GroupView = UpdatableAssetGroup {
        /// The group's ID.
        id: IdView<'d, DeviceId> = "id",
        /// Its members, if expanded.
        members: ListView<'d, AssetView<'d>> = "members",
    }
}

view! {
    /// What a device is enrolled for.
    pub struct EnrollmentView = UpdateManagementEnrollment {
        /// Feature updates.
        feature: CategoryEnrollmentView<'d> = "feature",
        /// Quality updates.
        quality: CategoryEnrollmentView<'d> = "quality",
        /// Drivers.
        driver: CategoryEnrollmentView<'d> = "driver",
    }
}

view! {
    /// How far one enrolment is.
    pub struct CategoryEnrollmentView = UpdateCategoryEnrollmentInformation {
        /// How far it is.
        enrollment_state: WordView<'d, EnrollmentState> = "enrollmentState",
        /// Since when.
        last_modified_date_time: TimeView<'d> = "lastModifiedDateTime",
    }
}

views! {
    /// Why an asset is not managed.
    pub enum AssetErrorView = UpdatableAssetError {
        /// A device could not be registered.
        Registration(RegistrationErrorView) = "azureADDeviceRegistrationError",
    }
}

view! {
    /// Why a device could not be registered.
    pub struct RegistrationErrorView = AzureAdDeviceRegistrationError {
        /// The reason.
        reason: WordView<'d, RegistrationErrorReason> = "reason",
    }
}
