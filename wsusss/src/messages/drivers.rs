//! Drivers by hardware: GetDriverIdList and GetDriverSetData (MS-WSUSSS 3.1.4.7 and 3.1.4.8). The
//! WSDL of section 6 does not have them, only the prose.

use super::authorization::{Cookie, Empty};
use super::presence::{List, Presence};
use super::records::{item, records};
use super::revisions::IdAndDelta;
use super::values::Guid;
use crate::id::UpdateKey;

records! {
    /// Asks which drivers there are for computers and devices (GetDriverIdList).
    DriverRequest {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// Which ones.
        filter: Presence<DriverFilter> = "filter",
    }

    /// Which drivers are asked for (ServerSyncDriverFilter). Without computers and devices the list
    /// is empty.
    DriverFilter {
        /// Ignored by the server.
        dss_protocol_version: Presence<Empty> = "DssProtocolVersion",
        /// The anchor of the last list; opaque. Of several calls for one list, that of the first.
        anchor: Presence<String> = "Anchor",
        /// Products that a driver has to be for; none for all.
        categories: List<IdAndDelta> = "Categories",
        /// Computers, by the identifiers made of their BIOS' values.
        computer_ids: List<IdAndDelta> = "ComputerIds",
        /// Devices.
        pnp_hardware_ids: List<HardwareIdAndDelta> = "PnpHardwareIds",
    }

    /// A device to filter by.
    HardwareIdAndDelta {
        /// Its hardware identifier, such as `pci\ven_1234&dev_5678`.
        id: Presence<String> = "Id",
        /// Only what changed since the anchor.
        delta: Presence<bool> = "Delta" [!],
    }

    /// Which drivers there are (DriverSetAndRevisionIdList).
    DriverList {
        /// The anchor for next time; opaque.
        anchor: Presence<String> = "Anchor",
        /// The drivers, those of the driver sets included.
        new_revisions: List<UpdateKey> = "NewRevisions",
        /// Driver sets for the computers.
        new_driver_sets: List<Guid> = "NewDriverSets",
        /// Driver sets that are no longer there.
        removed_driver_sets: List<Guid> = "RemovedDriverSets",
    }

    /// Asks for driver sets (GetDriverSetData).
    DriverSetRequest {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// The driver sets.
        driver_sets: List<Guid> = "driverSets",
    }

    /// Driver sets (ServerDriverSetData).
    DriverSetData {
        /// The driver sets.
        driver_sets: List<DriverSet> = "DriverSets",
    }

    /// A driver set (ServerSyncDriverSetData).
    DriverSet {
        /// Which one.
        id: Presence<Guid> = "DriverSetId" [!],
        /// For which computers, and which drivers: a document of its own.
        xml: Presence<String> = "DriverSetXml",
    }
}

item! {
    HardwareIdAndDelta = "HardwareIdAndDelta",
    DriverSet = "ServerSyncDriverSetData",
}
