//! Identifiers of messages and commands: opaque texts.

use std::borrow::Cow;
use std::fmt;

use crate::small;

/// Declares a newtype over opaque text that borrows where it can.
macro_rules! text_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(transparent))]
        pub struct $name<'a>(Cow<'a, str>);

        impl<'a> $name<'a> {
            /// The identifier with this text.
            #[must_use]
            pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The same, independent of what it borrowed from.
            #[must_use]
            pub fn into_owned(self) -> $name<'static> {
                $name(Cow::Owned(self.0.into_owned()))
            }
        }

        impl fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<u32> for $name<'_> {
            fn from(number: u32) -> Self {
                Self(small::text(number))
            }
        }

        impl PartialEq<str> for $name<'_> {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }
    };
}

text_id! {
    /// The identifier of a command in its message (MS-MDM 2.2.3.2).
    ///
    /// *Observed*: servers send UUIDs as well as numbers and devices give back what they got, so
    /// it is text, not a number.
    CmdId
}

text_id! {
    /// The identifier of a message in its session; counts from 1 in each direction (MS-MDM 2.2.3.6).
    MsgId
}

text_id! {
    /// The identifier of a session (MS-MDM 2.2.3.8).
    SessionId
}

impl<'a> CmdId<'a> {
    pub(crate) fn into_text(self) -> Cow<'a, str> {
        self.0
    }
}
