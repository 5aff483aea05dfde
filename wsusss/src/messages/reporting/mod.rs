//! ReportingWebService: what servers tell the server above them about their computers
//! (MS-WSUSSS 3.1.4.13 to 3.1.4.17), and the events of [`events`] (MS-WUSP).
//!
//! Every call of MS-WSUSSS takes [`Cookie::reporting`](super::Cookie::reporting).

pub mod events;

use super::authorization::Cookie;
use super::presence::{List, Presence};
use super::records::{item, records, words};
use super::values::Guid;
use crate::id::{UpdateId, XsDateTime};

records! {
    /// Asks how to report (GetRollupConfiguration).
    RollupConfigurationRequest {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
    }

    /// How to report (RollupConfiguration).
    RollupConfiguration {
        /// Whether computers are to be reported one by one.
        do_detailed_rollup: Presence<bool> = "DoDetailedRollup" [!],
        /// Changes when everything is to be reported again.
        rollup_reset_guid: Presence<Guid> = "RollupResetGuid" [!],
        /// The server.
        server_id: Presence<Guid> = "ServerId" [!],
        /// The most servers in one request; 5,000.
        max_downstream_servers: Presence<i32> = "RollupDownstreamServersMaxBatchSize" [!],
        /// The most computers in one RollupComputers; 1,500.
        max_computers: Presence<i32> = "RollupComputersMaxBatchSize" [!],
        /// The most computers in one GetOutOfSyncComputers; 20,000.
        max_out_of_sync_computers: Presence<i32> = "GetOutOfSyncComputersMaxBatchSize" [!],
        /// The most computers in one RollupComputerStatus; 500.
        max_computer_status: Presence<i32> = "RollupComputerStatusMaxBatchSize" [!],
    }

    /// Reports servers (RollupDownstreamServers), parents before their children.
    ServerRollup {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// The clock of who reports; the server corrects times by its difference.
        client_time: Presence<XsDateTime> = "clientTime" [!],
        /// The servers.
        servers: List<DownstreamServer> = "downstreamServers",
    }

    /// A server (DownstreamServerRollupInfo).
    DownstreamServer {
        /// Which one.
        server_id: Presence<Guid> = "ServerId" [!],
        /// Its name.
        full_domain_name: Presence<String> = "FullDomainName",
        /// When it synced last.
        last_sync_time: Presence<XsDateTime> = "LastSyncTime" [!],
        /// The server above it; zeros if it is the one that reports.
        parent_server_id: Presence<Guid> = "ParentServerId" [!],
        /// The version of its program.
        version: Presence<String> = "Version",
        /// Whether it takes over deployments.
        is_replica: Presence<bool> = "IsReplica" [!],
        /// When it reported last.
        last_rollup_time: Presence<XsDateTime> = "LastRollupTime" [!],
        /// Its counts.
        summary: Presence<ServerSummary> = "ServerSummary",
        /// Its computers' counts.
        clients: List<ClientSummary> = "ClientSummaries",
    }

    /// A server's counts (DownstreamServerRollupServerSummary).
    ServerSummary {
        /// Updates.
        updates: Presence<i32> = "UpdateCount" [!],
        /// Updates that were declined.
        declined: Presence<i32> = "DeclinedUpdateCount" [!],
        /// Updates that were approved.
        approved: Presence<i32> = "ApprovedUpdateCount" [!],
        /// Updates that were not.
        not_approved: Presence<i32> = "NotApprovedUpdateCount" [!],
        /// Updates approved at an older revision.
        stale_approvals: Presence<i32> = "UpdatesWithStaleUpdateApprovalsCount" [!],
        /// Updates that are of no use any more.
        expired: Presence<i32> = "ExpiredUpdateCount" [!],
        /// Critical and security updates that are not approved.
        critical_not_approved: Presence<i32> =
            "CriticalOrSecurityUpdatesNotApprovedForInstallCount" [!],
        /// Updates of WSUS that are not approved.
        infrastructure_not_approved: Presence<i32> =
            "WsusInfrastructureUpdatesNotApprovedForInstallCount" [!],
        /// Updates that failed at a computer.
        client_errors: Presence<i32> = "UpdatesWithClientErrorsCount" [!],
        /// Updates that failed at the server.
        server_errors: Presence<i32> = "UpdatesWithServerErrorsCount" [!],
        /// Updates whose files are missing.
        needing_files: Presence<i32> = "UpdatesNeedingFilesCount" [!],
        /// Updates that a computer needs.
        needed_by_computers: Presence<i32> = "UpdatesNeededByComputersCount" [!],
        /// Updates that no computer needs any more.
        up_to_date: Presence<i32> = "UpdatesUpToDateCount" [!],
        /// Groups made by administrators.
        custom_groups: Presence<i32> = "CustomComputerTargetGroupCount" [!],
        /// Computers.
        computers: Presence<i32> = "ComputerTargetCount" [!],
        /// Computers that need updates.
        computers_needing_updates: Presence<i32> = "ComputerTargetsNeedingUpdatesCount" [!],
        /// Computers where an update failed.
        computers_with_errors: Presence<i32> = "ComputerTargetsWithUpdateErrorsCount" [!],
        /// Computers that need nothing.
        computers_up_to_date: Presence<i32> = "ComputersUpToDateCount" [!],
    }

    /// Counts of computers of one kind (DownstreamServerRollupClientSummary).
    ClientSummary {
        /// The operating system's version.
        os_major_version: Presence<i32> = "OSMajorVersion" [!],
        /// The operating system's version.
        os_minor_version: Presence<i32> = "OSMinorVersion" [!],
        /// The operating system's build.
        os_build_number: Presence<i32> = "OSBuildNumber" [!],
        /// The service pack's version.
        os_service_pack_major: Presence<i32> = "OSServicePackMajorNumber" [!],
        /// The service pack's version.
        os_service_pack_minor: Presence<i32> = "OSServicePackMinorNumber" [!],
        /// The language, such as `en-US`.
        os_locale: Presence<String> = "OSLocale",
        /// The edition, as Windows has it.
        suite_mask: Presence<i16> = "SuiteMask" [!],
        /// The edition, as Windows has it.
        old_product_type: Presence<u8> = "OldProductType" [!],
        /// The edition, as Windows has it.
        new_product_type: Presence<i32> = "NewProductType" [!],
        /// The edition, as Windows has it.
        system_metrics: Presence<i32> = "SystemMetrics" [!],
        /// The processor.
        processor_architecture: Presence<String> = "ProcessorArchitecture",
        /// How many there are.
        count: Presence<i32> = "Count" [!],
        /// What was installed at them.
        activities: List<ClientActivity> = "ActivitySummaries",
    }

    /// How often an update was installed (DownstreamServerRollupClientActivitySummary).
    ClientActivity {
        /// The update.
        update_id: Presence<UpdateId> = "UpdateId" [!],
        /// Its revision.
        revision_number: Presence<i32> = "RevisionNumber" [!],
        /// Installations.
        successes: Presence<i32> = "InstallSuccessCount" [!],
        /// Failures.
        failures: Presence<i32> = "InstallFailureCount" [!],
    }

    /// Reports computers (RollupComputers).
    ComputerRollup {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// The clock of who reports.
        client_time: Presence<XsDateTime> = "clientTime" [!],
        /// The computers.
        computers: List<Computer> = "computers",
    }

    /// A computer (ComputerRollupInfo).
    Computer {
        @ /// Which one.
        computer_id: String = "ComputerId";
        @ /// When it asked for updates last.
        last_sync_time: XsDateTime = "LastSyncTime" [!];
        @ /// What came of it: 0 unknown, 1 success, 2 failure.
        last_sync_result: i32 = "LastSyncResult" [!];
        @ /// When it said that it had restarted.
        last_reported_reboot_time: XsDateTime = "LastReportedRebootTime" [!];
        @ /// When it reported last.
        last_reported_status_time: XsDateTime = "LastReportedStatusTime" [!];
        @ /// When it reported its inventory last.
        last_inventory_time: XsDateTime = "LastInventoryTime" [!];
        @ /// The server it asks.
        parent_server_id: Guid = "ParentServerId" [!];
        /// What it is; absent if that did not change.
        details: Presence<ComputerDetails> = "Details",
    }

    /// What a computer is (ComputerRollupDetails).
    ComputerDetails {
        @ /// Its address.
        ip_address: String = "IPAddress";
        @ /// Its name.
        full_domain_name: String = "FullDomainName";
        @ /// The operating system's version.
        os_major_version: i32 = "OSMajorVersion" [!];
        @ /// The operating system's version.
        os_minor_version: i32 = "OSMinorVersion" [!];
        @ /// The operating system's build.
        os_build_number: i32 = "OSBuildNumber" [!];
        @ /// The service pack's version.
        os_service_pack_major: i32 = "OSServicePackMajorNumber" [!];
        @ /// The service pack's version.
        os_service_pack_minor: i32 = "OSServicePackMinorNumber" [!];
        @ /// The language.
        os_locale: String = "OSLocale";
        @ /// The operating system's family.
        os_family: String = "OSFamily";
        @ /// The operating system's name.
        os_description: String = "OSDescription";
        @ /// The maker.
        computer_make: String = "ComputerMake";
        @ /// The model.
        computer_model: String = "ComputerModel";
        @ /// The BIOS' version.
        bios_version: String = "BiosVersion";
        @ /// The BIOS' name.
        bios_name: String = "BiosName";
        @ /// The BIOS' date.
        bios_release_date: XsDateTime = "BiosReleaseDate" [!];
        @ /// The processor.
        processor_architecture: String = "ProcessorArchitecture";
        @ /// The edition, as Windows has it.
        suite_mask: i16 = "SuiteMask" [!];
        @ /// The edition, as Windows has it.
        old_product_type: u8 = "OldProductType" [!];
        @ /// The edition, as Windows has it.
        new_product_type: i32 = "NewProductType" [!];
        @ /// The edition, as Windows has it.
        system_metrics: i32 = "SystemMetrics" [!];
        @ /// The version of its update client.
        client_version: String = "ClientVersion";
        /// The groups it is in.
        target_group_ids: List<Guid> = "TargetGroupIdList",
        /// The groups it wants to be in.
        requested_target_group_names: List<String> = "RequestedTargetGroupNames",
    }

    /// What became of a computer that was reported (ChangedComputer).
    ChangedComputer {
        @ /// The computer.
        computer_id: String = "ComputerId";
        @ /// What became of it.
        change: ComputerChange = "Change" [!];
    }

    /// Asks which computers the server knows less about (GetOutOfSyncComputers).
    OutOfSyncRequest {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// The server whose computers they are.
        parent_server_id: Presence<Guid> = "parentServerId" [!],
        /// What was sent last.
        last_rollup_numbers: List<LastRollupNumber> = "lastRollupNumbers",
    }

    /// What was sent last about a computer (ComputerLastRollupNumber).
    LastRollupNumber {
        /// The computer.
        computer_id: Presence<String> = "ComputerId",
        /// The number of the report.
        rollup_number: Presence<i32> = "RollupNumber" [!],
    }

    /// Reports updates at computers (RollupComputerStatus). An answer of false means that the
    /// server is busy: wait a minute at least (MS-WSUSSS 3.1.4.17, note 77).
    StatusRollup {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// The clock of who reports.
        client_time: Presence<XsDateTime> = "clientTime" [!],
        /// The server whose computers they are.
        parent_server_id: Presence<Guid> = "parentServerId" [!],
        /// The computers.
        computers: List<ComputerStatus> = "computers",
    }

    /// Updates at a computer (ComputerStatusRollupInfo).
    ComputerStatus {
        /// The report.
        instance_id: Presence<Guid> = "InstanceId" [!],
        /// The computer.
        computer_id: Presence<String> = "ComputerId",
        /// When the newest update that it reported about came to its server.
        effective_last_detection_time: Presence<XsDateTime> = "EffectiveLastDetectionTime" [!],
        /// The number of the report.
        rollup_number: Presence<i32> = "RollupNumber" [!],
        /// Whether this is everything, and not what changed.
        is_full_rollup: Presence<bool> = "IsFullRollup" [!],
        /// The updates.
        update_status: List<UpdateStatus> = "UpdateStatus",
    }

    /// An update at a computer (ComputerStatusRollupUpdateStatus).
    UpdateStatus {
        /// The update.
        update_id: Presence<UpdateId> = "UpdateId" [!],
        /// 0 unknown, 1 not applicable, 2 not installed, 3 downloaded, 4 installed, 5 failed,
        /// 6 waits for a restart.
        summarization_state: Presence<i32> = "SummarizationState" [!],
        /// Since when.
        last_change_time: Presence<XsDateTime> = "LastChangeTime" [!],
    }
}

words! {
    /// What became of a computer.
    ComputerChange {
        /// The server no longer has it.
        Deleted = "Deleted",
        /// It belongs to another server now.
        NewParent = "NewParent",
    }
}

item! {
    DownstreamServer = "DownstreamServerRollupInfo",
    ClientSummary = "DownstreamServerRollupClientSummary",
    ClientActivity = "DownstreamServerRollupClientActivitySummary",
    Computer = "ComputerRollupInfo",
    ChangedComputer = "ChangedComputer",
    LastRollupNumber = "ComputerLastRollupNumber",
    ComputerStatus = "ComputerStatusRollupInfo",
    UpdateStatus = "ComputerStatusRollupUpdateStatus",
}
