//! Words that documents use and that Microsoft may add to: what is not known is kept.

use std::borrow::Cow;
use std::fmt;

use super::own::Own;

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* })*) => {
        $(
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(from = "String", into = "String"))]
        #[non_exhaustive]
        pub enum $name<'a> {
            $($(#[$doc])* $variant,)*
            /// Another one, as it stands.
            Other(Cow<'a, str>),
        }

        impl<'a> $name<'a> {
            /// The value with this text.
            #[must_use]
            pub fn from_text(text: Cow<'a, str>) -> Self {
                match &*text {
                    $($text => Self::$variant,)*
                    _ => Self::Other(text),
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

            /// The same, independent of the text that it was read from.
            #[must_use]
            pub fn into_owned(self) -> $name<'static> {
                match self {
                    $(Self::$variant => $name::$variant,)*
                    Self::Other(text) => $name::Other(text.own()),
                }
            }
        }

        impl Own for $name<'_> {
            type Static = $name<'static>;
            fn own(self) -> $name<'static> {
                self.into_owned()
            }
        }

        impl fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl From<String> for $name<'_> {
            fn from(text: String) -> Self {
                Self::from_text(Cow::Owned(text))
            }
        }

        impl From<$name<'_>> for String {
            fn from(value: $name<'_>) -> Self {
                value.as_str().to_owned()
            }
        }
        )*
    };
}

words! {
    /// What an update document is about (Properties/@UpdateType; MS-WUSP 3.1.1.1).
    UpdateType {
        /// A product, product family, company or classification.
        Category = "Category",
        /// A test that other updates refer to.
        Detectoid = "Detectoid",
        /// A driver.
        Driver = "Driver",
        /// Everything that is installed otherwise.
        Software = "Software",
    }

    /// Whether an update is still offered (Properties/@PublicationState).
    PublicationState {
        /// It is.
        Published = "Published",
        /// It was withdrawn.
        Expired = "Expired",
    }

    /// How bad what the update repairs is (Properties/@MsrcSeverity).
    Severity {
        /// Critical.
        Critical = "Critical",
        /// Important.
        Important = "Important",
        /// Moderate.
        Moderate = "Moderate",
        /// Low.
        Low = "Low",
        /// Not rated.
        Unspecified = "Unspecified",
    }

    /// What an installation means for who is at work (InstallationBehavior/@Impact).
    Impact {
        /// Nobody notices.
        Minor = "Minor",
        /// As most.
        Normal = "Normal",
        /// It has to be installed alone.
        RequiresExclusiveHandling = "RequiresExclusiveHandling",
    }

    /// Whether the device restarts (InstallationBehavior/@RebootBehavior).
    RebootBehavior {
        /// Never.
        NeverReboots = "NeverReboots",
        /// Always.
        AlwaysRequiresReboot = "AlwaysRequiresReboot",
        /// Perhaps.
        CanRequestReboot = "CanRequestReboot",
    }

    /// What a category is (CategoryInformation/@CategoryType).
    CategoryType {
        /// A company.
        Company = "Company",
        /// A family of products.
        ProductFamily = "ProductFamily",
        /// A product.
        Product = "Product",
        /// A classification.
        UpdateClassification = "UpdateClassification",
    }
}

impl Default for UpdateType<'_> {
    fn default() -> Self {
        Self::Other(Cow::Borrowed(""))
    }
}

impl Severity<'_> {
    /// From 0 for not rated or unknown to 4 for critical, to sort by.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::Critical => 4,
            Self::Important => 3,
            Self::Moderate => 2,
            Self::Low => 1,
            Self::Unspecified | Self::Other(_) => 0,
        }
    }
}
