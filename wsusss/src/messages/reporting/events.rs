//! Events and inventories of computers. They are in ReportingWebService's WSDL and belong to
//! MS-WUSP; a server in between passes them on.

use crate::id::{UpdateKey, XsDateTime};
use crate::messages::authorization::Cookie;
use crate::messages::presence::{List, Presence};
use crate::messages::records::{item, records, words};
use crate::messages::values::{Base64, Guid};

records! {
    /// Reports events (ReportEventBatch).
    EventBatch {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// The computer's clock.
        client_time: Presence<XsDateTime> = "clientTime" [!],
        /// The events.
        events: List<ReportingEvent> = "eventBatch",
    }

    /// Reports events without a cookie (ReportEventBatch2).
    EventBatch2 {
        /// The computer.
        computer_id: Presence<String> = "computerId",
        /// Its clock.
        client_time: Presence<XsDateTime> = "clientTime" [!],
        /// The events.
        events: List<ReportingEvent> = "eventBatch",
    }

    /// An event.
    ReportingEvent {
        /// What happened.
        basic: Presence<BasicData> = "BasicData",
        /// Where.
        extended: Presence<ExtendedData> = "ExtendedData",
        /// To whom.
        private: Presence<PrivateData> = "PrivateData",
    }

    /// What happened.
    BasicData {
        /// The computer.
        target_id: Presence<ComputerTarget> = "TargetID",
        /// Counts the events.
        sequence_number: Presence<i32> = "SequenceNumber" [!],
        /// When.
        time_at_target: Presence<XsDateTime> = "TimeAtTarget" [!],
        /// The event.
        event_instance_id: Presence<Guid> = "EventInstanceID" [!],
        /// Whose event numbers they are.
        namespace_id: Presence<i32> = "NamespaceID" [!],
        /// What kind of event.
        event_id: Presence<i16> = "EventID" [!],
        /// Which part of the client.
        source_id: Presence<i16> = "SourceID" [!],
        /// The update.
        update: Presence<UpdateKey> = "UpdateID",
        /// The result.
        win32_hresult: Presence<i32> = "Win32HResult" [!],
        /// The program that asked for it.
        app_name: Presence<String> = "AppName",
    }

    /// A computer (ComputerTargetIdentifier).
    ComputerTarget {
        /// Its identifier.
        sid: Presence<String> = "Sid",
    }

    /// Where it happened.
    ExtendedData {
        /// Parts of the event's text.
        replacement_strings: List<String> = "ReplacementStrings",
        /// More of it.
        misc_data: List<String> = "MiscData",
        /// The maker.
        computer_brand: Presence<String> = "ComputerBrand",
        /// The model.
        computer_model: Presence<String> = "ComputerModel",
        /// The BIOS' version.
        bios_revision: Presence<String> = "BiosRevision",
        /// The processor.
        processor_architecture: Presence<ProcessorArchitecture> = "ProcessorArchitecture" [!],
        /// The operating system's version.
        os_version: Presence<DetailedVersion> = "OSVersion" [!],
        /// The language's number.
        os_locale_id: Presence<i32> = "OSLocaleID" [!],
        /// The device, for drivers.
        device_id: Presence<String> = "DeviceID",
    }

    /// An operating system's version.
    DetailedVersion {
        /// Its first number.
        major: Presence<i32> = "Major" [!],
        /// Its second number.
        minor: Presence<i32> = "Minor" [!],
        /// Its build.
        build: Presence<i32> = "Build" [!],
        /// Its revision.
        revision: Presence<i32> = "Revision" [!],
        /// The service pack's first number.
        service_pack_major: Presence<i32> = "ServicePackMajor" [!],
        /// The service pack's second number.
        service_pack_minor: Presence<i32> = "ServicePackMinor" [!],
    }

    /// To whom it happened.
    PrivateData {
        /// The computer's name.
        computer_dns_name: Presence<String> = "ComputerDnsName",
        /// The user's name.
        user_account_name: Presence<String> = "UserAccountName",
    }

    /// Asks which inventory is wanted (GetRequiredInventoryType).
    InventoryTypeRequest {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// The rules that are known.
        rules_id: Presence<Guid> = "rulesId" [!],
        /// Their version.
        rules_version: Presence<String> = "rulesVersion",
    }

    /// Reports an inventory (ReportInventory).
    InventoryReport {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// The computer's clock.
        client_time: Presence<XsDateTime> = "clientTime" [!],
        /// The inventory.
        inventory: Presence<Inventory> = "inventory",
    }

    /// An inventory (ReportingInventory).
    Inventory {
        /// Which of the two forms it has.
        is_compressed: Presence<bool> = "IsCompressed" [!],
        /// As text.
        raw_xml: Presence<String> = "RawXml",
        /// Compressed.
        compressed_xml: Presence<Base64> = "CompressedXml",
    }
}

words! {
    /// A kind of processor.
    ProcessorArchitecture {
        /// Not known.
        Unknown = "Unknown",
        /// 32 bits.
        X86Compatible = "X86Compatible",
        /// Itanium.
        Ia64Compatible = "IA64Compatible",
        /// 64 bits.
        Amd64Compatible = "Amd64Compatible",
    }
}

item! {
    ReportingEvent = "ReportingEvent",
}
