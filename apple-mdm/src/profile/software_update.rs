//! Settings of macOS for updates.

use super::payload;

payload! {
    /// com.apple.SoftwareUpdate: what a Mac does about updates by itself. What is not set is as
    /// Apple's default, which is yes but for
    /// [`require_admin_to_install`](Self::require_admin_to_install).
    struct SoftwareUpdatePayload: "profile.com.apple.SoftwareUpdate", "com.apple.SoftwareUpdate" {
        /// Where it looks for updates; deprecated since macOS 11.
        catalog_url, with_catalog_url: &str = "CatalogURL";
        /// Whether the user may install versions that are not released (macOS 10.9).
        allow_pre_release_installation, with_allow_pre_release_installation: bool = "AllowPreReleaseInstallation";
        /// Whether only administrators install (macOS 10.14).
        require_admin_to_install, with_require_admin_to_install: bool = "restrict-software-update-require-admin-to-install";
        /// Whether it installs macOS by itself (macOS 10.15).
        automatically_install_macos_updates, with_automatically_install_macos_updates: bool = "AutomaticallyInstallMacOSUpdates";
        /// Whether it installs apps by itself (macOS 10.15).
        automatically_install_app_updates, with_automatically_install_app_updates: bool = "AutomaticallyInstallAppUpdates";
        /// Whether it looks by itself (macOS 10.15).
        automatic_check_enabled, with_automatic_check_enabled: bool = "AutomaticCheckEnabled";
        /// Whether it downloads by itself (macOS 10.15).
        automatic_download, with_automatic_download: bool = "AutomaticDownload";
        /// Whether it installs critical updates by itself (macOS 10.15).
        critical_update_install, with_critical_update_install: bool = "CriticalUpdateInstall";
        /// Whether it installs configuration data by itself (macOS 10.15).
        config_data_install, with_config_data_install: bool = "ConfigDataInstall";
    }
}
