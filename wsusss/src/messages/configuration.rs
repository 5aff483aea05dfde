//! What a server is and allows: GetConfigData (MS-WSUSSS 3.1.4.4), Ping.

use super::authorization::Cookie;
use super::presence::{List, Presence};
use mdm_xml::Element;

use super::records::{item, records};
use super::schema::Kind;
use super::wire::{Decoder, Own, Read, Shaped, W, Write};
use crate::error::Error;
use crate::id::XsDateTime;

records! {
    /// Asks for the server's configuration (GetConfigData).
    ConfigRequest {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// The anchor of the configuration that is known; opaque. Absent the first time.
        config_anchor: Presence<String> = "configAnchor",
    }

    /// The server's configuration (ServerSyncConfigData). Old servers and the specification's
    /// sample leave numbers out; the public service orders them in another way than the WSDL.
    ConfigData {
        /// Only metadata, no files.
        catalog_only_sync: Presence<bool> = "CatalogOnlySync" [!],
        /// Files are fetched when they are asked for.
        lazy_sync: Presence<bool> = "LazySync" [!],
        /// Express files are there.
        server_hosts_psf_files: Presence<bool> = "ServerHostsPsfFiles" [!],
        /// The most computer identifiers in one GetDriverIdList.
        max_computer_ids: Presence<i32> = "MaxNumberOfComputerIdsInRequest" [!],
        /// The most driver sets in one GetDriverSetData.
        max_driver_sets: Presence<i32> = "MaxNumberOfDriverSetsPerRequest" [!],
        /// The most hardware identifiers in one GetDriverIdList.
        max_pnp_hardware_ids: Presence<i32> = "MaxNumberOfPnpHardwareIdsInRequest" [!],
        /// The most updates in one GetUpdateData.
        max_updates: Presence<i32> = "MaxNumberOfUpdatesPerRequest" [!],
        /// The anchor of this configuration; opaque.
        new_config_anchor: Presence<String> = "NewConfigAnchor",
        /// The server's protocol version.
        protocol_version: Presence<String> = "ProtocolVersion",
        /// The languages that changed since the anchor.
        languages: List<Language> = "LanguageUpdateList",
        /// The most updates in one GetUpdateDecryptionData.
        max_updates_decryption: Presence<i32> = "MaxUpdatesPerRequestInGetUpdateDecryptionData" [!],
    }

    /// A language of the server (ServerSyncLanguageData).
    Language {
        /// The locale's number (MS-LCID); 0 for all languages.
        id: Presence<i32> = "LanguageID" [!],
        /// `en`, or `all`.
        short: Presence<String> = "ShortLanguage",
        /// Its name.
        long: Presence<String> = "LongLanguage",
        /// Whether it is used.
        enabled: Presence<bool> = "Enabled" [!],
    }

    /// Asks whether a service is there (Ping, at each of the services).
    PingRequest {
        /// How much is to be checked.
        level: Presence<i32> = "pingLevel" [!],
    }

    /// How a service is (MonitoredServicesResponse).
    ServiceStatus {
        /// Whether it works.
        success: Presence<bool> = "SuccessFlag" [!],
        /// Its clock.
        services_time: Presence<XsDateTime> = "ServicesTime" [!],
        /// Its name.
        services_name: Presence<String> = "ServicesName",
        /// The machine it runs on.
        services_machine: Presence<String> = "ServicesMachine",
        /// Whether it was asked over HTTPS.
        is_https: Presence<bool> = "IsHttps" [!],
        /// The request's media type.
        request_content_type: Presence<String> = "RequestContentType",
        /// Its configuration file.
        config_file_path: Presence<String> = "ConfigFilePath",
        /// The project that the file names.
        config_file_project_name: Presence<String> = "ConfigFileProjectName",
        /// The environment that the file names.
        config_file_environment_name: Presence<String> = "ConfigFileEnvironmentName",
        /// When the file changed last.
        config_file_last_modified_time: Presence<XsDateTime> = "ConfigFileLastModifiedTime" [!],
        /// The file's version.
        config_file_version: Presence<String> = "ConfigFileVersion",
        /// When the file is read again.
        config_file_next_expiration_time: Presence<XsDateTime> = "ConfigFileNextExpirationTime" [!],
        /// How often the file is read, in minutes.
        config_file_expiration_modulo_in_minutes: Presence<i32> =
            "ConfigFileExpirationModuloInMinutes" [!],
        /// About its database.
        database_info: Presence<String> = "DatabaseInfo",
        /// Anything else.
        custom_info: Presence<String> = "CustomInfo",
    }
}

item! {
    Language = "ServerSyncLanguageData",
}

/// Large and rare: other messages are not to be as large as this one.
impl Shaped for Box<ServiceStatus> {
    const KIND: Kind = ServiceStatus::KIND;
}

impl<'x> Read<'x> for Box<ServiceStatus> {
    fn read(d: &mut Decoder<'x>, element: &Element<'x>) -> Result<Self, Error> {
        ServiceStatus::read(d, element).map(Self::new)
    }
}

impl Write for Box<ServiceStatus> {
    fn write(&self, w: &mut W<'_>, name: &str) {
        ServiceStatus::write(self, w, name);
    }
}

impl Own for Box<ServiceStatus> {
    type Owned = Self;

    fn own(self) -> Self {
        self
    }
}
