//! What a device is: build, edition, model, protection.

use chrono::{DateTime, FixedOffset};
use syncml::{Command, Item, LocUri, StatusCode};

use crate::rules::Target;
use crate::{Build, Edition};

macro_rules! queries {
    ($($(#[$meta:meta])* $name:ident = $uri:literal;)*) => {
        /// What is asked for.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub enum DeviceQuery {
            $($(#[$meta])* $name,)*
        }

        impl DeviceQuery {
            /// Everything that can be asked.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The node's address.
            #[must_use]
            pub const fn uri(self) -> &'static str {
                match self {
                    $(Self::$name => $uri,)*
                }
            }
        }
    };
}

queries! {
    /// The build of Windows.
    Build = "./DevDetail/SwV";
    /// The edition.
    Edition = "./Vendor/MSFT/DeviceStatus/OS/Edition";
    /// Standard or S mode, in which only applications from the store run.
    Mode = "./Vendor/MSFT/DeviceStatus/OS/Mode";
    /// Secure Boot.
    SecureBoot = "./Vendor/MSFT/DeviceStatus/SecureBootState";
    /// Whether the system drive is encrypted.
    Encryption = "./Vendor/MSFT/DeviceStatus/Compliance/EncryptionCompliance";
    /// Whether the antivirus is watching.
    Antivirus = "./Vendor/MSFT/DeviceStatus/Antivirus/Status";
    /// Whether its signatures are up to date.
    Signatures = "./Vendor/MSFT/DeviceStatus/Antivirus/SignatureStatus";
    /// The model.
    Model = "./DevDetail/DevTyp";
    /// The manufacturer.
    Manufacturer = "./DevDetail/OEM";
    /// The firmware's version.
    Firmware = "./DevDetail/FwV";
    /// The product's name.
    Platform = "./DevDetail/Ext/Microsoft/OSPlatform";
    /// The local time.
    LocalTime = "./DevDetail/Ext/Microsoft/LocalTime";
    /// The name that the user gave.
    Name = "./DevDetail/Ext/Microsoft/DeviceName";
    /// The name in the network.
    DnsName = "./DevDetail/Ext/Microsoft/DNSComputerName";
    /// The serial number.
    Serial = "./DevDetail/Ext/Microsoft/SMBIOSSerialNumber";
    /// Whether it takes large objects in parts.
    LargeObjects = "./DevDetail/LrgObj";
    /// Its identifier.
    DeviceId = "./DevInfo/DevId";
    /// Its language.
    Language = "./DevInfo/Lang";
    /// The version of its management client.
    ClientVersion = "./DevInfo/DmV";
}

impl DeviceQuery {
    /// The Get.
    ///
    /// ```
    /// use update_csp::device::DeviceQuery;
    ///
    /// assert_eq!(DeviceQuery::Build.command().items()[0].loc_uri(), Some("./DevDetail/SwV"));
    /// ```
    #[must_use]
    pub fn command(self) -> Command<'static> {
        Command::get(self.uri())
    }

    /// The query whose node is at an address: for DevInfo, which devices send by themselves.
    #[must_use]
    pub fn at(uri: &LocUri) -> Option<Self> {
        let known = |query: &&Self| query.uri().parse::<LocUri>().is_ok_and(|at| at.is_same(uri));
        Self::ALL.iter().find(known).copied()
    }
}

macro_rules! open_number {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $number:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// Another number.
            Other(i64),
        }

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                match number {
                    $($number => Self::$variant,)*
                    other => Self::Other(other),
                }
            }
        }

        impl $name {
            /// The number that the device sends.
            #[must_use]
            pub const fn number(self) -> i64 {
                match self {
                    $(Self::$variant => $number,)*
                    Self::Other(other) => other,
                }
            }
        }
    };
}

open_number! {
    /// DeviceStatus/OS/Mode.
    OsMode {
        /// Any program runs.
        Standard = 0,
        /// Only applications from the store run.
        SMode = 1,
    }
}

open_number! {
    /// DeviceStatus/SecureBootState.
    SecureBoot {
        /// The device does not have it.
        NotSupported = 0,
        /// It is on.
        On = 1,
        /// It is off.
        Off = 2,
    }
}

open_number! {
    /// DeviceStatus/Antivirus/Status.
    Protection {
        /// It is on and watching.
        Watching = 0,
        /// It is off.
        Off = 1,
        /// It is not watching the device, or some of it is switched off.
        NotWatching = 2,
        /// It is snoozed or in trouble for the time being; the default.
        Snoozed = 3,
        /// There is none.
        NotApplicable = 4,
    }
}

/// What is known about a device. What it did not say is absent.
///
/// ```
/// use syncml::{Data, Item, StatusCode};
/// use update_csp::device::{DeviceInfo, DeviceQuery};
///
/// let mut device = DeviceInfo::default();
/// let answer = [Item::source("./DevDetail/SwV").with_data(Data::text("10.0.26100.4652"))];
/// assert!(device.apply(DeviceQuery::Build, Some(StatusCode::OK), &answer).is_none());
/// assert_eq!(device.build.map(|build| build.number()), Some(26100));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default))]
#[non_exhaustive]
pub struct DeviceInfo {
    /// The build of Windows.
    pub build: Option<Build>,
    /// The edition, as it stands; [`Self::edition`] reads it.
    pub edition: Option<String>,
    /// Standard or S mode.
    pub mode: Option<OsMode>,
    /// Secure Boot.
    pub secure_boot: Option<SecureBoot>,
    /// Whether the system drive is encrypted.
    pub encrypted: Option<bool>,
    /// Whether the antivirus is watching.
    pub antivirus: Option<Protection>,
    /// Whether its signatures are up to date; absent as well where that does not apply.
    pub signatures_current: Option<bool>,
    /// The model.
    pub model: Option<String>,
    /// The manufacturer.
    pub manufacturer: Option<String>,
    /// The firmware's version.
    pub firmware: Option<String>,
    /// The product's name.
    pub platform: Option<String>,
    /// The local time, as it stands.
    pub local_time: Option<String>,
    /// The name that the user gave.
    pub name: Option<String>,
    /// The name in the network.
    pub dns_name: Option<String>,
    /// The serial number.
    pub serial: Option<String>,
    /// Whether it takes large objects in parts.
    pub large_objects: Option<bool>,
    /// Its identifier.
    pub device_id: Option<String>,
    /// Its language.
    pub language: Option<String>,
    /// The version of its management client.
    pub client_version: Option<String>,
}

/// Something odd about an answer; what was known before stays.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum DeviceFinding {
    /// The read failed.
    ReadFailed {
        /// The node.
        query: DeviceQuery,
        /// The status.
        code: StatusCode,
    },
    /// The read succeeded and nothing came with it.
    NoAnswer(DeviceQuery),
    /// The value is not of its kind.
    Unreadable {
        /// The node.
        query: DeviceQuery,
        /// The value.
        value: String,
    },
}

/// What a device writes where it has nothing to say (DDF, DefaultValue of DeviceStatus/OS).
const NOT_AVAILABLE: &str = "Not available";
/// Characters that are kept of a text.
const LONGEST_TEXT: usize = 1024;

impl DeviceInfo {
    /// Takes the answer to a query. 404 says that the device does not have the node; any other
    /// failure changes nothing.
    pub fn apply(
        &mut self,
        query: DeviceQuery,
        code: Option<StatusCode>,
        items: &[Item<'_>],
    ) -> Option<DeviceFinding> {
        let code = code.unwrap_or(StatusCode::COMMAND_FAILED);
        if code == StatusCode::NOT_FOUND {
            return self.set(query, "");
        }
        if !code.is_success() {
            return Some(DeviceFinding::ReadFailed { query, code });
        }
        let asked: Option<LocUri> = query.uri().parse().ok();
        let answer = items.iter().find(|item| match item.loc_uri() {
            // *Observed*: an item without an address in the answer to a Get of one leaf.
            None => items.len() == 1,
            Some(uri) => uri
                .parse::<LocUri>()
                .is_ok_and(|uri| asked.as_ref().is_some_and(|asked| asked.is_same(&uri))),
        });
        match answer.and_then(|item| item.data.as_ref()) {
            Some(data) => self.set(query, data.as_str()),
            None => Some(DeviceFinding::NoAnswer(query)),
        }
    }

    /// Takes items of any of these nodes. Others are passed over. What a session hands out of the
    /// DevInfo that it begins with goes into [`take_dev_info`](Self::take_dev_info).
    pub fn take(&mut self, items: &[Item<'_>]) -> Vec<DeviceFinding> {
        let mut findings = Vec::new();
        for item in items {
            let uri = item.loc_uri().and_then(|uri| uri.parse::<LocUri>().ok());
            let query = uri.as_ref().and_then(DeviceQuery::at);
            if let (Some(query), Some(data)) = (query, &item.data) {
                findings.extend(self.set(query, data.as_str()));
            }
        }
        findings
    }

    /// Takes what a device says of itself when a session begins: its identifier, its language and
    /// the version of its client. What it leaves out stays as it was. The maker and the model there
    /// are other nodes than those of DevDetail here.
    ///
    /// ```
    /// use syncml::session::{Event, PackageOne};
    /// use update_csp::device::DeviceInfo;
    ///
    /// fn react(event: &Event<u32>, device: &mut DeviceInfo) {
    ///     match event {
    ///         Event::PackageOne(package) => device.take_dev_info(&package.device),
    ///         Event::DeviceInfo(info) => device.take_dev_info(info),
    ///         _ => {}
    ///     }
    /// }
    /// # let mut package = PackageOne::default();
    /// # package.device.lang = Some("de-DE".to_owned());
    /// # let mut device = DeviceInfo::default();
    /// # react(&Event::PackageOne(Box::new(package)), &mut device);
    /// # assert_eq!(device.language.as_deref(), Some("de-DE"));
    /// ```
    pub fn take_dev_info(&mut self, said: &syncml::session::DeviceInfo) {
        let said = [
            (DeviceQuery::DeviceId, &said.dev_id),
            (DeviceQuery::Language, &said.lang),
            (DeviceQuery::ClientVersion, &said.dm_v),
        ];
        for (query, value) in said {
            if let Some(value) = value {
                // Texts are never unreadable.
                let _ = self.set(query, value);
            }
        }
    }

    fn set(&mut self, query: DeviceQuery, value: &str) -> Option<DeviceFinding> {
        let text = value.trim();
        let there = !text.is_empty() && !text.eq_ignore_ascii_case(NOT_AVAILABLE);
        let number = text.parse::<i64>().ok();
        let truth = match text {
            "1" => Some(true),
            "0" => Some(false),
            _ if text.eq_ignore_ascii_case("true") => Some(true),
            _ if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        };
        let mut read = true;
        {
            let read = &mut read;
            match query {
                DeviceQuery::Build => {
                    keep(&mut self.build, there, text.parse().ok(), read);
                }
                DeviceQuery::Mode => keep(&mut self.mode, there, number.map(OsMode::from), read),
                DeviceQuery::SecureBoot => {
                    keep(&mut self.secure_boot, there, number.map(SecureBoot::from), read);
                }
                DeviceQuery::Antivirus => {
                    keep(&mut self.antivirus, there, number.map(Protection::from), read);
                }
                DeviceQuery::Signatures => {
                    let known = number.filter(|number| (0..=2).contains(number));
                    // 2: it does not apply.
                    let there = there && known != Some(2);
                    keep(&mut self.signatures_current, there, known.map(|known| known == 1), read);
                }
                DeviceQuery::Encryption => keep(&mut self.encrypted, there, truth, read),
                DeviceQuery::LargeObjects => keep(&mut self.large_objects, there, truth, read),
                _ => {
                    let kept = text.chars().take(LONGEST_TEXT).collect();
                    if let Some(slot) = self.text_mut(query) {
                        *slot = there.then_some(kept);
                    }
                }
            }
        }
        if read {
            return None;
        }
        let value = text.chars().take(64).collect();
        Some(DeviceFinding::Unreadable { query, value })
    }

    fn text_mut(&mut self, query: DeviceQuery) -> Option<&mut Option<String>> {
        Some(match query {
            DeviceQuery::Edition => &mut self.edition,
            DeviceQuery::Model => &mut self.model,
            DeviceQuery::Manufacturer => &mut self.manufacturer,
            DeviceQuery::Firmware => &mut self.firmware,
            DeviceQuery::Platform => &mut self.platform,
            DeviceQuery::LocalTime => &mut self.local_time,
            DeviceQuery::Name => &mut self.name,
            DeviceQuery::DnsName => &mut self.dns_name,
            DeviceQuery::Serial => &mut self.serial,
            DeviceQuery::DeviceId => &mut self.device_id,
            DeviceQuery::Language => &mut self.language,
            DeviceQuery::ClientVersion => &mut self.client_version,
            _ => return None,
        })
    }

    /// The edition, if the device wrote a product type or a name that is known.
    #[must_use]
    pub fn edition(&self) -> Option<Edition> {
        self.edition.as_deref()?.parse().ok()
    }

    /// What policies are checked against: build and edition, if both are known.
    ///
    /// ```
    /// use update_csp::PolicySet;
    /// # use update_csp::device::{DeviceInfo, DeviceQuery};
    /// # use syncml::{Data, Item, StatusCode};
    /// # let mut device = DeviceInfo::default();
    /// # for (query, value) in [(DeviceQuery::Build, "10.0.26100.1"), (DeviceQuery::Edition, "48")] {
    /// #     device.apply(query, Some(StatusCode::OK), &[Item::source(query.uri()).with_data(Data::text(value))]);
    /// # }
    /// let target = device.target().ok_or("not asked yet")?;
    /// assert!(PolicySet::all_ring().validate(&target).is_accepted());
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        Some(Target::new(self.build?, self.edition()?))
    }

    /// The local time with its offset, if the device wrote one.
    #[must_use]
    pub fn local_time(&self) -> Option<DateTime<FixedOffset>> {
        DateTime::parse_from_rfc3339(self.local_time.as_deref()?).ok()
    }
}

/// Keeps a value that was read, or notes that it was not. What was known before stays then.
fn keep<T>(slot: &mut Option<T>, there: bool, value: Option<T>, read: &mut bool) {
    match value {
        _ if !there => *slot = None,
        Some(value) => *slot = Some(value),
        None => *read = false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syncml::Data;

    fn answer(query: DeviceQuery, value: &str) -> [Item<'static>; 1] {
        [Item::source(query.uri()).with_data(Data::text(value.to_owned()))]
    }

    #[test]
    fn every_query_is_for_a_node_that_can_be_read() {
        let tree = crate::nodes::tree();
        for query in DeviceQuery::ALL {
            let found = tree.check(&query.command(), &crate::ddf::Context::default());
            assert!(found.is_empty(), "{query:?}: {found:?}");
            assert_eq!(DeviceQuery::at(&query.uri().parse().unwrap()), Some(*query));
        }
    }

    #[test]
    fn what_a_session_begins_with_is_taken_as_it_is_handed_out() {
        let mut said = syncml::session::DeviceInfo::default();
        said.dev_id = Some("urn:uuid:4".to_owned());
        said.lang = Some("de-DE".to_owned());
        said.man = Some("Northwind".to_owned());
        let mut device = DeviceInfo {
            client_version: Some("10.0".to_owned()),
            manufacturer: Some("Contoso".to_owned()),
            ..DeviceInfo::default()
        };
        device.take_dev_info(&said);
        let expected = DeviceInfo {
            device_id: Some("urn:uuid:4".to_owned()),
            language: Some("de-DE".to_owned()),
            client_version: Some("10.0".to_owned()),
            manufacturer: Some("Contoso".to_owned()),
            ..DeviceInfo::default()
        };
        assert_eq!(device, expected);
    }

    #[test]
    fn each_value_is_read_and_what_is_none_keeps_what_was_known() {
        let ok = Some(StatusCode::OK);
        let mut device = DeviceInfo::default();
        for (query, value) in [
            (DeviceQuery::Build, "10.0.26100.4652"),
            (DeviceQuery::Edition, "4"),
            (DeviceQuery::Mode, "1"),
            (DeviceQuery::SecureBoot, "2"),
            (DeviceQuery::Encryption, "True"),
            (DeviceQuery::Antivirus, "9"),
            (DeviceQuery::Signatures, "0"),
            (DeviceQuery::LargeObjects, "0"),
            (DeviceQuery::LocalTime, "2026-11-21T08:00:00+01:00"),
            (DeviceQuery::Model, " PC "),
        ] {
            assert_eq!(device.apply(query, ok, &answer(query, value)), None, "{query:?}");
        }
        assert_eq!(device.edition(), Some(Edition::ENTERPRISE));
        assert!(device.target().is_some());
        assert_eq!(device.mode, Some(OsMode::SMode));
        assert_eq!(device.secure_boot, Some(SecureBoot::Off));
        assert_eq!(device.encrypted, Some(true));
        assert_eq!(device.antivirus.map(Protection::number), Some(9), "unknown numbers are kept");
        assert_eq!(device.signatures_current, Some(false));
        assert_eq!(device.large_objects, Some(false));
        assert_eq!(device.model.as_deref(), Some("PC"));
        assert!(device.local_time().is_some());

        let before = device.clone();
        for (query, value) in [
            (DeviceQuery::Build, "eleven"),
            (DeviceQuery::Mode, "S"),
            (DeviceQuery::Encryption, "perhaps"),
            (DeviceQuery::Signatures, "3"),
        ] {
            let found = device.apply(query, ok, &answer(query, value));
            assert!(matches!(found, Some(DeviceFinding::Unreadable { .. })), "{query:?}");
        }
        let found = device.apply(DeviceQuery::Build, Some(StatusCode::COMMAND_FAILED), &[]);
        assert!(matches!(found, Some(DeviceFinding::ReadFailed { .. })));
        assert_eq!(
            device.apply(DeviceQuery::Build, ok, &[]),
            Some(DeviceFinding::NoAnswer(DeviceQuery::Build))
        );
        assert_eq!(device, before);

        device.apply(DeviceQuery::Edition, ok, &answer(DeviceQuery::Edition, "Not available"));
        device.apply(DeviceQuery::Mode, Some(StatusCode::NOT_FOUND), &[]);
        assert_eq!((device.edition, device.mode), (None, None));
    }

    #[test]
    fn texts_are_kept_up_to_their_limit() {
        let mut device = DeviceInfo::default();
        for (length, kept) in [(LONGEST_TEXT, LONGEST_TEXT), (LONGEST_TEXT + 1, LONGEST_TEXT)] {
            let answer = answer(DeviceQuery::Model, &"x".repeat(length));
            device.apply(DeviceQuery::Model, Some(StatusCode::OK), &answer);
            assert_eq!(device.model.as_deref().map(str::len), Some(kept));
        }
    }

    #[test]
    fn what_a_session_begins_with_is_taken() {
        let items = [
            Item::source("./DevInfo/DevId").with_data(Data::text("urn:uuid:1")),
            Item::source("./DevInfo/Lang").with_data(Data::text("de-DE")),
            Item::source("./DevInfo/Ext/Other").with_data(Data::text("x")),
        ];
        let mut device = DeviceInfo::default();
        assert_eq!(device.take(&items), []);
        assert_eq!(device.device_id.as_deref(), Some("urn:uuid:1"));
        assert_eq!(device.language.as_deref(), Some("de-DE"));
    }
}
