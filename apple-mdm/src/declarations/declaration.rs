//! A declaration: its type, its identity, its payload.

use super::enforcement::EnforcementSpecific;
use super::error::{Error, ErrorKind};
use super::fields::{Field, Slot, Unknown, Wrong, rest};
use super::identity::{Identifier, ServerToken};
use super::management::{
    ActivationSimple, OrganizationInfo, ServerCapabilities, StatusSubscriptions,
};
use super::settings::SoftwareUpdateSettings;
use crate::json::{self, Object, Value};
use crate::open_enum::open_enum;

open_enum! {
    /// The four kinds of declarations, as they stand in addresses (`declaration/configuration/…`).
    pub enum Kind {
        /// Says which configurations are in force.
        Activation = "activation",
        /// Data that configurations refer to.
        Asset = "asset",
        /// What the device does.
        Configuration = "configuration",
        /// About the server and its organisation.
        Management = "management",
    }
}

impl Kind {
    /// The kind of a declaration's type: the third part of `com.apple.configuration.…`.
    #[must_use]
    pub fn of_type(declaration_type: &str) -> Self {
        Self::from_text(declaration_type.split('.').nth(2).unwrap_or_default())
    }
}

macro_rules! payloads {
    ($($(#[$meta:meta])* $variant:ident($type:ty) => $name:literal,)*) => {
        /// What a declaration says. Types that this crate does not know are kept.
        #[allow(clippy::large_enum_variant, reason = "few of them are held at one time")]
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub enum Payload {
            $($(#[$meta])* $variant($type),)*
            /// Another type.
            Other {
                /// The type.
                declaration_type: String,
                /// The payload, as it is.
                payload: Object,
            },
        }

        impl Payload {
            /// The types that it knows.
            pub const TYPES: &'static [&'static str] = &[$($name),*];

            /// The declaration's type.
            #[must_use]
            pub fn declaration_type(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $name,)*
                    Self::Other { declaration_type, .. } => declaration_type,
                }
            }

            fn read(declaration_type: &str, value: &Value) -> Result<Self, Wrong> {
                match declaration_type {
                    $($name => <$type as Field>::read(value).map(Self::$variant),)*
                    other => {
                        let declaration_type = other.to_owned();
                        let payload = <Object as Field>::read(value)?;
                        Ok(Self::Other { declaration_type, payload })
                    }
                }
            }

            pub(super) fn write(&self) -> Value {
                match self {
                    $(Self::$variant(payload) => payload.write(),)*
                    Self::Other { payload, .. } => payload.write(),
                }
            }

            fn unknown(&self, path: &str, out: &mut Vec<Unknown>) {
                match self {
                    $(Self::$variant(payload) => Field::unknown(payload, path, out),)*
                    Self::Other { .. } => {
                        out.push(Unknown { path: "Type".to_owned(), known_key: true });
                    }
                }
            }
        }
    };
}

payloads! {
    /// Which configurations are in force.
    Activation(ActivationSimple) => "com.apple.activation.simple",
    /// A release and a time.
    Enforcement(EnforcementSpecific) =>
        "com.apple.configuration.softwareupdate.enforcement.specific",
    /// How updates are treated that nobody enforces.
    Settings(SoftwareUpdateSettings) => "com.apple.configuration.softwareupdate.settings",
    /// What the device reports.
    Subscriptions(StatusSubscriptions) =>
        "com.apple.configuration.management.status-subscriptions",
    /// Who manages the device.
    Organization(OrganizationInfo) => "com.apple.management.organization-info",
    /// Which protocol the server speaks.
    Capabilities(ServerCapabilities) => "com.apple.management.server-capabilities",
    /// Values that predicates can ask for (`@property(…)`), by name.
    Properties(Object) => "com.apple.management.properties",
}

/// A declaration (declarationbase). Its token belongs to its content: who changes the payload gets
/// a new one.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Declaration {
    identifier: Identifier,
    server_token: ServerToken,
    payload: Payload,
    unknown: Object,
}

const KEYS: &[&str] = &["Type", "Identifier", "ServerToken", "Payload"];

impl Declaration {
    /// The declaration of this identity and payload, with the token of its content.
    #[must_use]
    pub fn new(identifier: Identifier, payload: Payload) -> Self {
        Self::of_content(identifier, payload, Object::new())
    }

    fn of_content(identifier: Identifier, payload: Payload, unknown: Object) -> Self {
        let mut content = Object::new()
            .with("Type", payload.declaration_type())
            .with("Identifier", identifier.as_str())
            .with("Payload", payload.write());
        for (key, value) in unknown.iter() {
            content.push(key, value.clone());
        }
        let server_token = ServerToken::of(&Value::from(content).to_json());
        Self { identifier, server_token, payload, unknown }
    }

    /// The same with a token of the caller's, such as a database's revision. It has to change
    /// whenever the content does.
    #[must_use]
    pub fn with_server_token(mut self, token: ServerToken) -> Self {
        self.server_token = token;
        self
    }

    /// Its identifier, the only one of this text on the device.
    #[must_use]
    pub const fn identifier(&self) -> &Identifier {
        &self.identifier
    }

    /// Its revision.
    #[must_use]
    pub const fn server_token(&self) -> &ServerToken {
        &self.server_token
    }

    /// What it says.
    #[must_use]
    pub const fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Its type.
    #[must_use]
    pub fn declaration_type(&self) -> &str {
        self.payload.declaration_type()
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::of_type(self.declaration_type())
    }

    /// What this crate does not know in it.
    #[must_use]
    pub fn unknown(&self) -> Vec<Unknown> {
        let mut out = Vec::new();
        self.payload.unknown("Payload", &mut out);
        for (key, _) in self.unknown.iter() {
            out.push(Unknown { path: key.to_owned(), known_key: KEYS.contains(&key) });
        }
        out
    }

    /// Appends the JSON to `out`. The same declaration gives the same bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut object = Object::new()
            .with("Type", self.declaration_type())
            .with("Identifier", self.identifier.as_str())
            .with("ServerToken", self.server_token.as_str())
            .with("Payload", self.payload.write());
        for (key, value) in self.unknown.iter() {
            object.push(key, value.clone());
        }
        Value::from(object).encode(out);
    }

    /// Reads a declaration, with the token that it has.
    ///
    /// # Errors
    /// [`ErrorKind::Json`], [`ErrorKind::Missing`], [`ErrorKind::Type`] and [`ErrorKind::Value`].
    ///
    /// ```
    /// use apple_mdm::declarations::Declaration;
    ///
    /// let text = br#"{"Type": "com.apple.configuration.softwareupdate.enforcement.specific",
    ///     "Identifier": "1", "ServerToken": "2",
    ///     "Payload": {"TargetOSVersion": "26.1", "TargetLocalDateTime": "2026-01-20T18:00Z"}}"#;
    /// let error = Declaration::decode(text, &Default::default()).unwrap_err();
    /// assert_eq!(error.path(), Some("/Payload/TargetLocalDateTime"));
    /// assert_eq!(error.position().map(|place| place.line), Some(3));
    /// ```
    pub fn decode(bytes: &[u8], limits: &json::Limits) -> Result<Self, Error> {
        let value = json::decode(bytes, limits)?;
        Self::read(&value).map_err(|wrong| wrong.into_error(bytes))
    }

    /// Reads a declaration as people write it, in a file or in a form: without ServerToken, which
    /// is the server's business (declarationbase). It gets the token of its content, as by
    /// [`new`](Self::new), so that it changes when somebody edits it. A token that it has is
    /// replaced: who edits a file forgets it.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode).
    ///
    /// ```
    /// use apple_mdm::declarations::Declaration;
    ///
    /// let text = |version: &str| format!(
    ///     r#"{{"Type": "com.apple.configuration.softwareupdate.enforcement.specific",
    ///         "Identifier": "org.example.update", "Payload": {{"TargetOSVersion": "{version}",
    ///         "TargetLocalDateTime": "2026-01-20T18:00:00"}}}}"#);
    /// let read = |text: String| Declaration::decode_authored(text.as_bytes(), &Default::default());
    /// assert_ne!(read(text("26.1"))?.server_token(), read(text("26.2"))?.server_token());
    /// # Ok::<(), apple_mdm::declarations::Error>(())
    /// ```
    pub fn decode_authored(bytes: &[u8], limits: &json::Limits) -> Result<Self, Error> {
        let value = json::decode(bytes, limits)?;
        let read = Self::read_content(&value).map_err(|wrong| wrong.into_error(bytes))?;
        let (identifier, payload, unknown) = read;
        Ok(Self::of_content(identifier, payload, unknown))
    }

    fn read(value: &Value) -> Result<Self, Wrong> {
        let (identifier, payload, unknown) = Self::read_content(value)?;
        let mut taken = false;
        let token = value.as_object().and_then(|object| object.get("ServerToken"));
        let token = Slot::take(token, &mut taken);
        let server_token = token.map_err(|wrong| wrong.under("ServerToken"))?;
        Ok(Self { identifier, server_token, payload, unknown })
    }

    fn read_content(value: &Value) -> Result<(Identifier, Payload, Object), Wrong> {
        let object = value.as_object().ok_or_else(|| Wrong::expected("an object"))?;
        let mut taken = false;
        let mut text = |key| {
            let read: Result<String, _> = Slot::take(object.get(key), &mut taken);
            read.map_err(|wrong| wrong.under(key))
        };
        let declaration_type = text("Type")?;
        let payload = object.get("Payload").ok_or_else(|| Wrong::new(ErrorKind::Missing));
        let payload = payload.and_then(|value| Payload::read(&declaration_type, value));
        let mut taken = false;
        let identifier = Slot::take(object.get("Identifier"), &mut taken);
        Ok((
            identifier.map_err(|wrong| wrong.under("Identifier"))?,
            payload.map_err(|wrong| wrong.under("Payload"))?,
            rest(object, KEYS, &[true; 4]),
        ))
    }
}
