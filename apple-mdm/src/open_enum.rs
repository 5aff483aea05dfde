//! Enumerations of texts that keep the ones they do not know.

/// What [`open_enum`] makes.
pub(crate) trait OpenEnum: Sized {
    /// The value of this text.
    fn of_text(text: &str) -> Self;
    /// Its text.
    fn text(&self) -> &str;
    /// Whether the text is none of those listed.
    fn is_other(&self) -> bool;
}

/// Defines an enum over texts that keeps those it does not know.
macro_rules! open_enum {
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            /// Another one, as it stands.
            Other(String),
        }

        impl $name {
            /// The texts that are known, in the schema's order.
            pub const KNOWN: &'static [&'static str] = &[$($text),*];

            /// The value of this text.
            #[must_use]
            pub fn from_text(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }

            /// Its text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from_text(text))
            }
        }

        impl $crate::open_enum::OpenEnum for $name {
            fn of_text(text: &str) -> Self {
                Self::from_text(text)
            }

            fn text(&self) -> &str {
                self.as_str()
            }

            fn is_other(&self) -> bool {
                matches!(self, Self::Other(_))
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Ok(Self::from_text(&text))
            }
        }
    };
}

pub(crate) use open_enum;
