//! Classifications that are well known.

use crate::id::UpdateId;

/// The classifications of Microsoft Update and their names in English. All are public: Microsoft's
/// list of categories for the search of Windows Update Agent (Windows desktop, ff357803) has all but
/// the last three, drivers, driver sets and upgrades, which WSUS' own list (Get-WsusClassification)
/// has; it writes `Applications` where the other has `Application`. Connectors, developer kits and
/// guidance are of earlier years.
const KNOWN: &[(UpdateId, &str)] = &[
    (UpdateId::SECURITY_UPDATES, "Security Updates"),
    (UpdateId::from_u128(0xe6cf1350_c01b_414d_a61f_263d14d133b4), "Critical Updates"),
    (UpdateId::DEFINITION_UPDATES, "Definition Updates"),
    (UpdateId::from_u128(0xb54e7d24_7add_428f_8b75_90a396fa584f), "Feature Packs"),
    (UpdateId::from_u128(0x68c5b0a3_d1a6_4553_ae49_01d3a7827828), "Service Packs"),
    (UpdateId::from_u128(0xb4832bd8_e735_4761_8daf_37f882276dab), "Tools"),
    (UpdateId::from_u128(0x28bc880e_0592_4cbf_8f95_c79b17911d5f), "Update Rollups"),
    (UpdateId::from_u128(0xcd5ffd1e_e932_4e3a_bf74_18bf0b1bbd83), "Updates"),
    (UpdateId::from_u128(0x5c9376ab_8ce6_464a_b136_22113dd69801), "Applications"),
    (UpdateId::from_u128(0x434de588_ed14_48f5_8eed_a15e09a991f6), "Connectors"),
    (UpdateId::from_u128(0xe140075d_8433_45c3_ad87_e72345b36078), "Developer Kits"),
    (UpdateId::from_u128(0x9511d615_35b2_47bb_927f_f73d8e9260bb), "Guidance"),
    (UpdateId::from_u128(0xebfc1fc5_71a4_4f7b_9aca_3b9a503104a0), "Drivers"),
    (UpdateId::from_u128(0x77835c8d_62a7_41f5_82ad_f28d1af1e3b1), "Driver Sets"),
    (UpdateId::from_u128(0x3689bdc8_b205_4af4_8d4a_a63924c5e9d5), "Upgrades"),
];

impl UpdateId {
    /// The classification of security updates.
    pub const SECURITY_UPDATES: Self = Self::from_u128(0x0fa1201d_4330_4fa8_8ae9_b877473b6441);

    /// The English name of the classification that this is, if it is one of Microsoft's well-known
    /// ones, some of which are of earlier years and not at every server. A server may have further
    /// ones, which its category documents name.
    ///
    /// ```
    /// use wsusss::UpdateId;
    /// assert_eq!(UpdateId::SECURITY_UPDATES.classification_name(), Some("Security Updates"));
    /// ```
    #[must_use]
    pub fn classification_name(self) -> Option<&'static str> {
        KNOWN.iter().find(|(id, _)| *id == self).map(|(_, name)| *name)
    }
}
