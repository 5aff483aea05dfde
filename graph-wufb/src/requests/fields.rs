//! Members that conditions are about, by the list that they are asked of. A test compares each with
//! the schema.

/// Declares the fields of one list: of its own type, or of a subtype by a cast.
macro_rules! fields {
    ($(
        $(#[$meta:meta])*
        pub mod $list:ident of $type:literal {
            $( $name:ident = $path:literal $(of $subtype:literal)?; )*
        }
    )*) => {
        $(
            $(#[$meta])*
            pub mod $list {
                use super::super::Field;

                $(
                    #[doc = concat!("`", $($subtype, "/",)? $path, "`.")]
                    pub const $name: Field = Field::new(concat!(
                        $("microsoft.graph.windowsUpdates.", $subtype, "/",)? $path
                    ));
                )*

                /// All of them.
                pub const ALL: &[Field] = &[$($name),*];
            }
        )*

        /// Every list and its fields, by the type of its objects (of
        /// `microsoft.graph.windowsUpdates`).
        pub const ALL: &[(&str, &[super::Field])] = &[$( ($type, $list::ALL) ),*];
    };
}

fields! {
    /// Of [`list_catalog_entries`](super::list_catalog_entries()).
    pub mod entry of "catalogEntry" {
        ID = "id";
        DISPLAY_NAME = "displayName";
        RELEASED = "releaseDateTime";
        DEPLOYABLE_UNTIL = "deployableUntilDateTime";
        IS_EXPEDITABLE = "isExpeditable" of "qualityUpdateCatalogEntry";
        CLASSIFICATION = "qualityUpdateClassification" of "qualityUpdateCatalogEntry";
        CADENCE = "qualityUpdateCadence" of "qualityUpdateCatalogEntry";
        CATALOG_NAME = "catalogName" of "qualityUpdateCatalogEntry";
        SHORT_NAME = "shortName" of "qualityUpdateCatalogEntry";
        FEATURE_VERSION = "version" of "featureUpdateCatalogEntry";
        FEATURE_BUILD = "buildNumber" of "featureUpdateCatalogEntry";
        DRIVER_CLASS = "driverClass" of "driverUpdateCatalogEntry";
        DRIVER_MANUFACTURER = "manufacturer" of "driverUpdateCatalogEntry";
        DRIVER_PROVIDER = "provider" of "driverUpdateCatalogEntry";
        DRIVER_VERSION = "version" of "driverUpdateCatalogEntry";
    }

    /// Of [`list_deployments`](super::list_deployments).
    pub mod deployment of "deployment" {
        ID = "id";
        AUDIENCE_ID = "audience/id";
        CREATED = "createdDateTime";
        LAST_MODIFIED = "lastModifiedDateTime";
        EFFECTIVE_STATE = "state/effectiveValue";
        REQUESTED_STATE = "state/requestedValue";
    }

    /// Of [`list_updatable_assets`](super::list_updatable_assets), audiences' members and
    /// exclusions.
    pub mod asset of "updatableAsset" {
        ID = "id";
        DRIVER_ENROLLMENT = "enrollment/driver/enrollmentState" of "azureADDevice";
        FEATURE_ENROLLMENT = "enrollment/feature/enrollmentState" of "azureADDevice";
        QUALITY_ENROLLMENT = "enrollment/quality/enrollmentState" of "azureADDevice";
    }

    /// Of [`list_update_policies`](super::list_update_policies).
    pub mod update_policy of "updatePolicy" {
        ID = "id";
        AUDIENCE_ID = "audience/id";
        CREATED = "createdDateTime";
    }

    /// Of [`list_compliance_changes`](super::list_compliance_changes).
    pub mod compliance_change of "complianceChange" {
        ID = "id";
        CREATED = "createdDateTime";
        IS_REVOKED = "isRevoked";
        REVOKED = "revokedDateTime";
    }

    /// Of [`list_applicable_content`](super::list_applicable_content).
    pub mod applicable_content of "applicableContent" {
        ENTRY_ID = "catalogEntryId";
        DISPLAY_NAME = "catalogEntry/displayName";
        RELEASED = "catalogEntry/releaseDateTime";
    }

    /// Of [`list_products`](super::list_products()).
    pub mod product of "product" {
        ID = "id";
        NAME = "name";
        GROUP_NAME = "groupName";
    }

    /// Of [`list_known_issues`](super::list_known_issues) and
    /// [`list_product_known_issues`](super::list_product_known_issues).
    pub mod known_issue of "knownIssue" {
        ID = "id";
        STATUS = "status";
        TITLE = "title";
        STARTED = "startDateTime";
        RESOLVED = "resolvedDateTime";
        LAST_UPDATED = "lastUpdatedDateTime";
    }

    /// Of [`list_policies`](super::list_policies).
    pub mod policy of "policy" {
        ID = "id";
        DISPLAY_NAME = "displayName";
    }

    /// Of [`list_policy_approvals`](super::list_policy_approvals).
    pub mod policy_approval of "policyApproval" {
        ID = "id";
        ENTRY_ID = "catalogEntryId";
        STATUS = "status";
    }
}
