//! What an address asks for besides a node's value, and how long it may be.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use super::LocUri;

/// Declares an open set of words that are compared without regard to case.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// Another one, as it stands.
            Other(Box<str>),
        }

        impl $name {
            /// The one of this name, in any letter case.
            #[must_use]
            pub fn from_text(text: &str) -> Self {
                $(if text.eq_ignore_ascii_case($text) {
                    return Self::$variant;
                })*
                Self::Other(text.into())
            }

            /// Its name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = Infallible;

            fn from_str(text: &str) -> Result<Self, Infallible> {
                Ok(Self::from_text(text))
            }
        }
    };
}

words! {
    /// What `?list=` asks for of an interior node (OMA-TS-DM_TND 1.2.1, node addressing).
    List {
        /// The names and kinds of the nodes below.
        Struct = "Struct",
        /// The same with values; what Windows documents for the Update CSP.
        StructData = "StructData",
        /// A serialised subtree.
        Tnds = "TNDS",
    }
}

words! {
    /// A property of a node that `?prop=` names (OMA-TS-DM_TND 1.2.1, 8.3.3). Windows has no ACL
    /// (MS-MDM 3.1.7.1).
    Property {
        /// Who may do what.
        Acl = "ACL",
        /// The format of its value.
        Format = "Format",
        /// Its name.
        Name = "Name",
        /// Bytes in its value.
        Size = "Size",
        /// A name for people.
        Title = "Title",
        /// When it was changed.
        TStamp = "TStamp",
        /// The media type of its value.
        Type = "Type",
        /// How often it was changed.
        VerNo = "VerNo",
    }
}

/// How long an address may be, as a device says in `./DevDetail/URI`. A 0 there means no limit.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct UriLimits {
    /// `MaxDepth`: segments.
    pub max_depth: usize,
    /// `MaxTotLen`: bytes of the whole address.
    pub max_tot_len: usize,
    /// `MaxSegLen`: bytes of one segment.
    pub max_seg_len: usize,
}

impl UriLimits {
    /// Limits as the device gave them.
    #[must_use]
    pub const fn new(max_depth: usize, max_tot_len: usize, max_seg_len: usize) -> Self {
        Self { max_depth, max_tot_len, max_seg_len }
    }

    /// Whether the device takes this address; it answers others with 414 (OMA-TS-DM_RepPro 1.2.1, 4.1).
    ///
    /// ```
    /// let limits = syncml::loc_uri::UriLimits::new(0, 0, 6);
    /// assert!(limits.allow(&"./Vendor/MSFT".parse()?));
    /// assert!(!limits.allow(&"./Vendor/Microsoft".parse()?));
    /// # Ok::<(), syncml::LocUriError>(())
    /// ```
    #[must_use]
    pub fn allow(&self, uri: &LocUri) -> bool {
        let within = |max: usize, found: usize| max == 0 || found <= max;
        let path = uri.path();
        within(self.max_tot_len, path.len())
            && within(self.max_depth, path.split('/').filter(|segment| *segment != ".").count())
            && path.split('/').all(|segment| within(self.max_seg_len, segment.len()))
    }
}
