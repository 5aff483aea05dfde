//! Update classifications and how far updates of each can be deferred.

use crate::id::UpdateGuid;

/// How far updates of a classification can be deferred (Microsoft Learn, "Policy CSP - Update",
/// DeferUpdatePeriod).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum DeferralCategory {
    /// New releases of Windows.
    Upgrade,
    /// Everything else that can be deferred.
    Update,
    /// What is never deferred, definition updates first of all.
    NotDeferrable,
}

impl DeferralCategory {
    /// Its name in the documentation's table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upgrade => "OS upgrade",
            Self::Update => "Update",
            Self::NotDeferrable => "Other/cannot defer",
        }
    }
}

/// The classification of an update, a category of its metadata. Any GUID is one.
///
/// ```
/// use update_csp::{Classification, DeferralCategory};
///
/// let definitions: Classification = "E0789628-CE08-4437-BE74-2495B842F43B".parse()?;
/// assert_eq!(definitions, Classification::DEFINITION_UPDATES);
/// assert_eq!(definitions.deferral(), DeferralCategory::NotDeferrable);
/// # Ok::<(), update_csp::ParseIdError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Classification(UpdateGuid);

macro_rules! classifications {
    ($($(#[$meta:meta])* $constant:ident = $value:literal, $name:literal;)*) => {
        impl Classification {
            $($(#[$meta])* pub const $constant: Self = Self(UpdateGuid::from_u128($value));)*

            /// Its name, if it is a known one.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0.as_u128() {
                    $($value => Some($name),)*
                    _ => None,
                }
            }

            /// Every classification that has a name.
            #[must_use]
            pub const fn all() -> &'static [Self] {
                &[$(Self::$constant),*]
            }
        }
    };
}

classifications! {
    /// Critical updates.
    CRITICAL_UPDATES = 0xe6cf1350_c01b_414d_a61f_263d14d133b4, "Critical Updates";
    /// Definition updates: signatures against malware, several times a day.
    DEFINITION_UPDATES = 0xe0789628_ce08_4437_be74_2495b842f43b, "Definition Updates";
    /// Drivers.
    DRIVERS = 0xebfc1fc5_71a4_4f7b_9aca_3b9a503104a0, "Drivers";
    /// Feature packs.
    FEATURE_PACKS = 0xb54e7d24_7add_428f_8b75_90a396fa584f, "Feature Packs";
    /// Security updates.
    SECURITY_UPDATES = 0x0fa1201d_4330_4fa8_8ae9_b877473b6441, "Security Updates";
    /// Service packs.
    SERVICE_PACKS = 0x68c5b0a3_d1a6_4553_ae49_01d3a7827828, "Service Packs";
    /// Tools.
    TOOLS = 0xb4832bd8_e735_4761_8daf_37f882276dab, "Tools";
    /// Update rollups.
    UPDATE_ROLLUPS = 0x28bc880e_0592_4cbf_8f95_c79b17911d5f, "Update Rollups";
    /// Updates.
    UPDATES = 0xcd5ffd1e_e932_4e3a_bf74_18bf0b1bbd83, "Updates";
    /// Upgrades: new releases of Windows.
    UPGRADES = 0x3689bdc8_b205_4af4_8d4a_a63924c5e9d5, "Upgrades";
}

impl Classification {
    /// The classification of this identifier.
    #[must_use]
    pub const fn new(id: UpdateGuid) -> Self {
        Self(id)
    }

    /// Its identifier.
    #[must_use]
    pub const fn id(self) -> UpdateGuid {
        self.0
    }

    /// How far its updates can be deferred.
    #[must_use]
    pub fn deferral(self) -> DeferralCategory {
        match self {
            Self::UPGRADES => DeferralCategory::Upgrade,
            Self::DEFINITION_UPDATES => DeferralCategory::NotDeferrable,
            known if known.name().is_some() => DeferralCategory::Update,
            _ => DeferralCategory::NotDeferrable,
        }
    }
}

impl std::str::FromStr for Classification {
    type Err = crate::ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
