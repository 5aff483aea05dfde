//! HRESULTs: why an update failed, as a number, a name, a class and an advice.
//!
//! The 468 codes of the Windows Update client are a table made by `tools/hresults.py` of
//! `tables/hresults.tsv` (names and numbers: wuerror.h, as in the windows crate 0.58.0; classes,
//! advice and meanings are ours), the 71 that Microsoft lists for Windows Setup, which feature updates
//! fail with, another one (`tables/setup-results.tsv`). Codes of other parts of Windows that updates
//! fail with are judged by a short list and by their facility.

mod other;
mod setup;
mod table;

use std::fmt;
use std::str::FromStr;

/// A text that is no HRESULT.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is no HRESULT")]
pub struct ParseHResultError(Box<str>);

/// What a failure is about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Class {
    /// No failure.
    Success,
    /// Somebody or something cancelled it.
    Cancelled,
    /// Something else is going on.
    Busy,
    /// The network between the device and the source of updates.
    Network,
    /// The source of updates.
    Server,
    /// The proxy.
    Proxy,
    /// A policy or an approval.
    Policy,
    /// Licence terms or a licence.
    Licence,
    /// The update is not for this device.
    Applicability,
    /// A restart.
    Restart,
    /// Space or place on disk.
    Storage,
    /// The battery.
    Power,
    /// A hash, a signature or a certificate.
    Trust,
    /// The update's metadata.
    Metadata,
    /// The client's own database.
    Datastore,
    /// A part of the client is missing or broken.
    Component,
    /// The update's installer.
    Installer,
    /// A driver.
    Driver,
    /// The client's own setup.
    Setup,
    /// Rights.
    Access,
    /// The client's configuration.
    Configuration,
    /// A mistake in a program.
    Internal,
    /// Nobody here knows.
    Unknown,
}

impl Class {
    /// Its name in a report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Cancelled => "cancelled",
            Self::Busy => "busy",
            Self::Network => "network",
            Self::Server => "server",
            Self::Proxy => "proxy",
            Self::Policy => "policy",
            Self::Licence => "licence",
            Self::Applicability => "not applicable",
            Self::Restart => "restart",
            Self::Storage => "storage",
            Self::Power => "power",
            Self::Trust => "trust",
            Self::Metadata => "metadata",
            Self::Datastore => "client database",
            Self::Component => "client component",
            Self::Installer => "installer",
            Self::Driver => "driver",
            Self::Setup => "client setup",
            Self::Access => "rights",
            Self::Configuration => "configuration",
            Self::Internal => "internal",
            Self::Unknown => "unknown",
        }
    }
}

/// What to do about a failure.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Advice {
    /// Nothing.
    Nothing,
    /// The device goes on by itself.
    Wait,
    /// Try again.
    Retry,
    /// Let the device scan again.
    Rescan,
    /// See to the network.
    Network,
    /// See to the proxy.
    Proxy,
    /// See to the device's update settings.
    Configuration,
    /// See to the policies.
    Policy,
    /// Approve the update.
    Approve,
    /// Read and accept the licence terms.
    Terms,
    /// Restart the device.
    Restart,
    /// Free space on disk.
    Space,
    /// Connect to mains power.
    Power,
    /// Set the clock.
    Clock,
    /// See to rights.
    Rights,
    /// Clear the client's downloads and database.
    Reset,
    /// Repair or update the client.
    RepairAgent,
    /// Repair Windows' component store.
    RepairWindows,
    /// Read the installer's log.
    InstallerLog,
    /// See to the driver.
    Driver,
    /// Let a person look.
    Investigate,
}

impl Advice {
    /// One sentence for an administrator.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Nothing => "Nothing has to be done.",
            Self::Wait => "Wait; the device tries again by itself.",
            Self::Retry => "Try again.",
            Self::Rescan => "Let the device scan again; update metadata may have changed.",
            Self::Network => "Check the device's way to the source of updates.",
            Self::Proxy => "Check the proxy's address and what it lets through.",
            Self::Configuration => "Check the device's update service, server address and time.",
            Self::Policy => "Check the policies that apply to the device.",
            Self::Approve => "Approve the update for this device.",
            Self::Terms => "Read and accept the update's licence terms.",
            Self::Restart => "Restart the device.",
            Self::Space => "Free space on the system drive.",
            Self::Power => "Connect the device to power.",
            Self::Clock => "Correct the device's date and time.",
            Self::Rights => "Check the rights of the account that installs.",
            Self::Reset => "Clear the update client's downloads and database, then scan again.",
            Self::RepairAgent => "Repair or update the update client.",
            Self::RepairWindows => "Repair Windows' component store.",
            Self::InstallerLog => "Read the installer's log on the device.",
            Self::Driver => "Check the hardware and the driver's version.",
            Self::Investigate => "Collect the device's update log.",
        }
    }

    /// Whether trying again makes sense without anybody doing anything.
    #[must_use]
    pub const fn may_retry(self) -> bool {
        matches!(self, Self::Wait | Self::Retry | Self::Rescan)
    }
}

#[derive(Debug)]
struct Row {
    code: u32,
    name: &'static str,
    class: Class,
    advice: Advice,
    meaning: &'static str,
}

const fn row(
    code: u32,
    name: &'static str,
    class: Class,
    advice: Advice,
    meaning: &'static str,
) -> Row {
    Row { code, name, class, advice, meaning }
}

macro_rules! codes {
    ($($name:ident = $code:literal, $class:ident, $advice:ident, $meaning:literal;)*) => {
        impl HResult {
            $(
                #[doc = concat!("`", stringify!($code), "`: ", $meaning, ".")]
                pub const $name: Self = Self($code);
            )*

            /// Every code of the Windows Update client, in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }

        pub(super) static TABLE: &[Row] = &[$(Row {
            code: $code,
            name: stringify!($name),
            class: Class::$class,
            advice: Advice::$advice,
            meaning: $meaning,
        }),*];
    };
}
use codes;

/// An HRESULT (MS-ERREF 2.1): 32 bits, whatever their spelling.
///
/// ```
/// use update_csp::hresult::{Advice, Class, HResult};
///
/// // As the Update CSP's `HResult` node has it: a signed number.
/// let code: HResult = "-2145124329".parse()?;
/// assert_eq!(code, HResult::WU_E_NOT_APPLICABLE);
/// assert_eq!(code, "0x80240017".parse()?);
/// assert_eq!(code.name(), Some("WU_E_NOT_APPLICABLE"));
/// assert_eq!((code.class(), code.advice()), (Class::Applicability, Advice::Nothing));
/// assert_eq!(code.to_string(), "0x80240017");
/// # Ok::<(), update_csp::hresult::ParseHResultError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct HResult(u32);

impl HResult {
    /// The code with these bits.
    #[must_use]
    pub const fn new(bits: u32) -> Self {
        Self(bits)
    }

    /// Its bits, as an unsigned number.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Its bits as the signed number that DDF's `int` and WMI's `sint32` make of them.
    #[must_use]
    pub const fn signed(self) -> i32 {
        self.0.cast_signed()
    }

    /// Whether it says that something succeeded.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 >> 31 == 0
    }

    /// Which part of Windows it comes from: 36 Windows Update, 7 Win32, 25 HTTP, 15 servicing, 400
    /// Windows Setup.
    #[must_use]
    pub const fn facility(self) -> u16 {
        ((self.0 >> 16) & 0x7ff) as u16
    }

    /// The part that the facility numbers itself.
    #[must_use]
    pub const fn code(self) -> u16 {
        (self.0 & 0xffff) as u16
    }

    fn row(self) -> Option<&'static Row> {
        let find = |table: &'static [Row]| {
            table.binary_search_by_key(&self.0, |row| row.code).ok().and_then(|at| table.get(at))
        };
        [table::TABLE, setup::TABLE, other::TABLE].into_iter().find_map(find)
    }

    /// Its name, if it is known.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|row| row.name).filter(|name| !name.is_empty())
    }

    /// What it means, in a few words, if it is known.
    #[must_use]
    pub fn meaning(self) -> Option<&'static str> {
        self.row().map(|row| row.meaning)
    }

    /// What it is about. A code that is not known is judged by its facility.
    #[must_use]
    pub fn class(self) -> Class {
        match self.row() {
            Some(row) => row.class,
            None => other::class(self),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(self) -> Advice {
        match self.row() {
            Some(row) => row.advice,
            None => other::advice(self),
        }
    }

    /// Its number and, where it is known, its name and meaning: a line of a report.
    #[must_use]
    pub fn describe(self) -> String {
        match (self.name(), self.meaning()) {
            (Some(name), Some(meaning)) => format!("{self} {name}: {meaning}"),
            (None, Some(meaning)) => format!("{self}: {meaning}"),
            _ => format!("{self} ({})", self.class().name()),
        }
    }
}

impl From<u32> for HResult {
    fn from(bits: u32) -> Self {
        Self(bits)
    }
}

impl From<i32> for HResult {
    fn from(signed: i32) -> Self {
        Self(signed.cast_unsigned())
    }
}

impl fmt::Display for HResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:08X}", self.0)
    }
}

impl FromStr for HResult {
    type Err = ParseHResultError;

    /// Reads signed (as the WMI bridge writes it), unsigned and hexadecimal numbers with `0x`; 64
    /// bits as well, if the upper half is only the sign.
    fn from_str(text: &str) -> Result<Self, ParseHResultError> {
        let text = text.trim();
        let error = || ParseHResultError(text.chars().take(64).collect());
        let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        let wide = match hex {
            // `from_str_radix` would take a sign of its own.
            Some(digits) if digits.starts_with(['+', '-']) => return Err(error()),
            Some(digits) => i128::from(u64::from_str_radix(digits, 16).map_err(|_| error())?),
            None => text.parse::<i128>().map_err(|_| error())?,
        };
        if let Ok(bits) = u32::try_from(wide) {
            return Ok(Self(bits));
        }
        // Sign-extended: -2145124329, 0xFFFFFFFF80240017.
        let signed = i64::try_from(wide).or_else(|_| u64::try_from(wide).map(u64::cast_signed));
        let signed = signed.ok().and_then(|signed| i32::try_from(signed).ok());
        signed.map(Self::from).ok_or_else(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_one_code() {
        for text in [
            "-2145124329",
            " 2149842967 ",
            "0x80240017",
            "0X80240017",
            "0xFFFFFFFF80240017",
            "18446744071564427287",
        ] {
            assert_eq!(text.parse(), Ok(HResult::WU_E_NOT_APPLICABLE), "{text}");
        }
        for text in ["", "0x", "0x-1", "x", "80240017h", "4294967296", "-2147483649", "1e9"] {
            assert!(text.parse::<HResult>().is_err(), "{text}");
        }
        assert_eq!("-2147483648".parse(), Ok(HResult::new(0x8000_0000)));
        assert_eq!(HResult::from(-1), HResult::new(u32::MAX));
    }

    #[test]
    fn tables_are_in_order_and_every_code_says_something() {
        let mut all = std::collections::BTreeSet::new();
        for table in [table::TABLE, setup::TABLE, other::TABLE] {
            assert!(table.windows(2).all(|two| two[0].code < two[1].code));
            assert!(table.iter().all(|row| all.insert(row.code)), "in one table only");
        }
        assert_eq!(setup::TABLE.len(), 71);
        for row in setup::TABLE {
            let code = HResult::new(row.code);
            assert_eq!(code.facility(), 0x190, "{code}");
            assert!(row.name.starts_with("MOSETUP_E_") && !code.is_success(), "{code}");
        }
        for code in HResult::ALL {
            assert!(code.meaning().is_some_and(|text| !text.is_empty()), "{code}");
            assert_eq!(code.is_success(), code.class() == Class::Success, "{code}");
            assert_eq!(code.facility(), 0x24, "{code}");
        }
    }

    /// Codes of Microsoft's lists for administrators, with what IT does about them.
    #[test]
    fn what_feature_updates_fail_with_says_what_to_do() {
        for (bits, name, class, advice) in [
            (0xC190_0101, "MOSETUP_E_SETUP_PLATFORM", Class::Driver, Advice::Driver),
            (0xC190_0107, "MOSETUP_E_CLEANUP_PENDING", Class::Restart, Advice::Restart),
            (0xC190_0113, "MOSETUP_E_EULA_DECLINED", Class::Licence, Advice::Terms),
            (0xC190_0130, "MOSETUP_E_INSTALL_HASH_MISSING", Class::Installer, Advice::Reset),
            (0xC190_01DF, "MOSETUP_E_DISK_FULL", Class::Storage, Advice::Space),
            (
                0xC190_0201,
                "MOSETUP_E_COMPAT_SYSREQ_CANCEL",
                Class::Applicability,
                Advice::Investigate,
            ),
            (
                0xC190_0202,
                "MOSETUP_E_COMPAT_DOWNLOADREQ_BLOCK",
                Class::Applicability,
                Advice::Investigate,
            ),
            (
                0xC190_0209,
                "MOSETUP_E_COMPAT_INSTALLREQ_CANCEL",
                Class::Applicability,
                Advice::Investigate,
            ),
            (0xC190_020C, "MOSETUP_E_DOWNLOADDISKSPACE_BLOCK", Class::Storage, Advice::Space),
            (0xC190_020F, "MOSETUP_E_INSTALLDISKSPACE_CANCEL", Class::Storage, Advice::Space),
            (0xC190_0216, "MOSETUP_E_ROLLBACK_PENDING", Class::Restart, Advice::Restart),
            (0xC190_0401, "MOSETUP_E_UA_NO_PACKAGES_TO_DOWNLOAD", Class::Metadata, Advice::Rescan),
            (0xC190_0403, "MOSETUP_E_UA_CORRUPT_PAYLOAD_FILES", Class::Trust, Advice::Reset),
            (0x8024_A10A, "USO_E_SERVICE_SHUTTING_DOWN", Class::Busy, Advice::Wait),
            (0x8007_0570, "ERROR_FILE_CORRUPT", Class::Installer, Advice::RepairWindows),
            (
                0x8007_371B,
                "ERROR_SXS_TRANSACTION_CLOSURE_INCOMPLETE",
                Class::Installer,
                Advice::RepairWindows,
            ),
            (0xC180_0118, "", Class::Server, Advice::Investigate),
            (0x8024_0069, "", Class::Server, Advice::Investigate),
        ] {
            let code = HResult::new(bits);
            assert_eq!(code.name().unwrap_or_default(), name, "{code}");
            assert_eq!((code.class(), code.advice()), (class, advice), "{code}");
            assert!(code.meaning().is_some_and(|meaning| !meaning.is_empty()), "{code}");
        }
    }

    #[test]
    fn codes_that_nobody_knows_are_judged_by_their_facility() {
        let judged = |bits| (HResult::new(bits).class(), HResult::new(bits).advice());
        assert_eq!(judged(0x8019_0194), (Class::Server, Advice::Wait), "HTTP 404");
        assert_eq!(judged(0x8007_2EE7), (Class::Network, Advice::Network), "WinINet");
        assert_eq!(judged(0x8007_0070), (Class::Storage, Advice::Space), "disk full");
        assert_eq!(judged(0x800F_0FFF), (Class::Installer, Advice::InstallerLog));
        assert_eq!(judged(0xC190_0999), (Class::Installer, Advice::InstallerLog));
        assert_eq!(judged(0x8024_7777), (Class::Unknown, Advice::Investigate));
        assert_eq!(judged(0), (Class::Success, Advice::Nothing));
        assert_eq!(HResult::new(0x8024_7777).describe(), "0x80247777 (unknown)");
    }
}
