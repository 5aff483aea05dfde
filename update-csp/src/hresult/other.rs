//! Codes of other parts of Windows that updates fail with: the Win32 ones of winerror.h and
//! wininet.h, the servicing stack's (Microsoft Learn, "Fix Windows Update corruptions and
//! installation failures"), those of the update client that wuerror.h of the windows crate does not
//! have (Microsoft Learn, "Windows Update common errors"; 0x80240069: news of 2025-04, known issue of
//! Windows 11 with WSUS), and WSUS' 0xC1800118 (Microsoft Learn, "Windows upgrade resolution
//! procedures"). Only what an administrator meets often; everything else is judged by its facility.

use super::{Advice, Class, HResult, Row, row};

#[rustfmt::skip]
pub(super) static TABLE: &[Row] = &[
    row(0x0000_0000, "S_OK", Class::Success, Advice::Nothing, "success"),
    row(0x8000_4004, "E_ABORT", Class::Cancelled, Advice::Retry, "it was aborted"),
    row(0x8000_4005, "E_FAIL", Class::Unknown, Advice::Investigate, "a failure that is not named"),
    row(0x8000_FFFF, "E_UNEXPECTED", Class::Internal, Advice::Investigate, "something unexpected"),
    row(0x8007_0002, "ERROR_FILE_NOT_FOUND", Class::Storage, Advice::Reset, "a file is missing"),
    row(0x8007_0003, "ERROR_PATH_NOT_FOUND", Class::Storage, Advice::Reset, "a folder is missing"),
    row(0x8007_0005, "ERROR_ACCESS_DENIED", Class::Access, Advice::Rights, "access was denied"),
    row(0x8007_000D, "ERROR_INVALID_DATA", Class::Datastore, Advice::Reset, "stored data is invalid"),
    row(0x8007_000E, "ERROR_OUTOFMEMORY", Class::Component, Advice::Retry, "out of memory"),
    row(0x8007_0020, "ERROR_SHARING_VIOLATION", Class::Busy, Advice::Wait, "a file is in use"),
    row(0x8007_0070, "ERROR_DISK_FULL", Class::Storage, Advice::Space, "the disk is full"),
    row(0x8007_0422, "ERROR_SERVICE_DISABLED", Class::Configuration, Advice::Configuration, "the service is disabled"),
    row(0x8007_0490, "ERROR_NOT_FOUND", Class::Installer, Advice::RepairWindows, "a component was not found"),
    row(0x8007_0570, "ERROR_FILE_CORRUPT", Class::Installer, Advice::RepairWindows, "a file or the component store is damaged"),
    row(0x8007_05B4, "ERROR_TIMEOUT", Class::Busy, Advice::Retry, "it took too long"),
    row(0x8007_0642, "ERROR_INSTALL_USEREXIT", Class::Cancelled, Advice::Retry, "the user cancelled the installation"),
    row(0x8007_0643, "ERROR_INSTALL_FAILURE", Class::Installer, Advice::InstallerLog, "the installer failed"),
    row(0x8007_0652, "ERROR_INSTALL_ALREADY_RUNNING", Class::Busy, Advice::Wait, "another installation is running"),
    row(0x8007_0661, "ERROR_INSTALL_PLATFORM_UNSUPPORTED", Class::Applicability, Advice::Nothing, "not for this processor"),
    row(0x8007_0BC2, "ERROR_SUCCESS_REBOOT_REQUIRED", Class::Restart, Advice::Restart, "finished but for a restart"),
    row(0x8007_0BC9, "ERROR_FAIL_REBOOT_REQUIRED", Class::Restart, Advice::Restart, "a restart is due first"),
    row(0x8007_2EE2, "ERROR_INTERNET_TIMEOUT", Class::Network, Advice::Network, "the connection timed out"),
    row(0x8007_2EE7, "ERROR_INTERNET_NAME_NOT_RESOLVED", Class::Network, Advice::Network, "a name could not be resolved"),
    row(0x8007_2EFD, "ERROR_INTERNET_CANNOT_CONNECT", Class::Network, Advice::Network, "no connection to the server"),
    row(0x8007_2EFE, "ERROR_INTERNET_CONNECTION_ABORTED", Class::Network, Advice::Network, "the connection was lost"),
    row(0x8007_2F8F, "ERROR_INTERNET_DECODING_FAILED", Class::Trust, Advice::Clock, "the connection's certificate is not accepted"),
    row(0x8007_3701, "ERROR_SXS_ASSEMBLY_MISSING", Class::Installer, Advice::RepairWindows, "a component that is referred to is missing"),
    row(0x8007_3712, "ERROR_SXS_COMPONENT_STORE_CORRUPT", Class::Installer, Advice::RepairWindows, "the component store is damaged"),
    row(0x8007_371B, "ERROR_SXS_TRANSACTION_CLOSURE_INCOMPLETE", Class::Installer, Advice::RepairWindows, "parts that belong together are missing from the component store"),
    row(0x800F_081F, "CBS_E_SOURCE_MISSING", Class::Installer, Advice::RepairWindows, "the source of a component is missing"),
    row(0x800F_0831, "CBS_E_STORE_CORRUPTION", Class::Installer, Advice::RepairWindows, "the servicing store is damaged"),
    row(0x800F_0922, "CBS_E_INSTALLERS_FAILED", Class::Installer, Advice::InstallerLog, "an installer of the servicing stack failed"),
    row(0x8024_0069, "", Class::Server, Advice::Investigate, "an update of WSUS failed: a known issue of Windows 11 in 2025, which a later update mends"),
    row(0x8024_A10A, "USO_E_SERVICE_SHUTTING_DOWN", Class::Busy, Advice::Wait, "the update service is shutting down"),
    row(0xC180_0118, "", Class::Server, Advice::Investigate, "WSUS has encrypted content of a feature update without its key"),
];

/// What a code without a row is about.
pub(super) fn class(code: HResult) -> Class {
    match (code.is_success(), code.facility(), code.code()) {
        (true, ..) => Class::Success,
        // FACILITY_HTTP: the code is the HTTP status.
        (_, 0x19, 407) => Class::Proxy,
        (_, 0x19, _) => Class::Server,
        // FACILITY_WIN32 with the range of WinINet and WinHTTP.
        (_, 7, 12_000..=12_200) => Class::Network,
        // FACILITY_BACKGROUNDCOPY and FACILITY_DELIVERY_OPTIMIZATION.
        (_, 0x20 | 0xD0, _) => Class::Network,
        // FACILITY_SETUPAPI, which the servicing stack uses.
        (_, 0x0F, _) => Class::Installer,
        // Windows Setup.
        (_, 0x190, _) => Class::Installer,
        // FACILITY_CERT, FACILITY_SECURITY.
        (_, 0x0B | 0x09, _) => Class::Trust,
        _ => Class::Unknown,
    }
}

/// What to do about a code without a row.
pub(super) fn advice(code: HResult) -> Advice {
    match class(code) {
        Class::Success => Advice::Nothing,
        Class::Proxy => Advice::Proxy,
        Class::Server => Advice::Wait,
        Class::Network => Advice::Network,
        Class::Installer => Advice::InstallerLog,
        Class::Trust => Advice::Reset,
        _ => Advice::Investigate,
    }
}
