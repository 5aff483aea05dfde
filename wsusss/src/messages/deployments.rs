//! What replicas take over from their server: GetDeployments (MS-WSUSSS 3.1.4.10).

use super::authorization::Cookie;
use super::presence::{List, Presence};
use super::records::{item, records};
use super::values::Guid;
use crate::id::{UpdateId, XsDateTime};

records! {
    /// Asks for deployments (GetDeployments).
    DeploymentRequest {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// The anchor of the last answer; opaque. Absent the first time.
        deployment_anchor: Presence<String> = "deploymentAnchor",
        /// The anchor of the last GetRevisionIdList; needed.
        sync_anchor: Presence<String> = "syncAnchor",
    }

    /// Deployments (ServerSyncDeploymentResult).
    DeploymentData {
        /// The anchor for next time; opaque.
        anchor: Presence<String> = "Anchor",
        /// All groups.
        groups: List<TargetGroup> = "Groups",
        /// Deployments that are new since the anchor.
        deployments: List<Deployment> = "Deployments",
        /// Deployments that went away since the anchor.
        dead_deployments: List<Guid> = "DeadDeployments",
        /// All updates that were declined.
        hidden_updates: List<UpdateId> = "HiddenUpdates",
        /// All licence terms that were accepted.
        accepted_eulas: List<Guid> = "AcceptedEulas",
    }

    /// A group of computers (ServerSyncTargetGroup).
    TargetGroup {
        /// Which one.
        id: Presence<Guid> = "TargetGroupID" [!],
        /// The group it is in; zeros at the top. The specification's sample leaves it out.
        parent: Presence<Guid> = "ParentGroupId" [!],
        /// Its name.
        name: Presence<String> = "Name",
        /// Whether it comes with the product.
        is_builtin: Presence<bool> = "IsBuiltin" [!],
    }

    /// What is to be done with an update in a group (ServerSyncDeployment).
    Deployment {
        /// The update.
        update_id: Presence<UpdateId> = "UpdateId" [!],
        /// Its revision.
        revision_number: Presence<i32> = "RevisionNumber" [!],
        /// 0 install, 1 uninstall, 2 detect, 3 block.
        action: Presence<i32> = "Action" [!],
        /// Who decided it.
        admin_name: Presence<String> = "AdminName",
        /// Until when; a time in 9999 for no deadline.
        deadline: Presence<XsDateTime> = "Deadline" [!],
        /// Always true.
        is_assigned: Presence<bool> = "IsAssigned" [!],
        /// From when on.
        go_live_time: Presence<XsDateTime> = "GoLiveTime" [!],
        /// The deployment.
        deployment_guid: Presence<Guid> = "DeploymentGuid" [!],
        /// The group.
        target_group_id: Presence<Guid> = "TargetGroupId" [!],
        /// 1 low, 2 medium, 3 high.
        download_priority: Presence<u8> = "DownloadPriority" [!],
    }
}

item! {
    TargetGroup = "ServerSyncTargetGroup",
    Deployment = "ServerSyncDeployment",
}
