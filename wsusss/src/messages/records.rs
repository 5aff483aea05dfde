//! Records and words by macro: what a message's type has is said once.

use super::presence::{List, Presence};

macro_rules! item {
    ($($type:ty = $name:literal,)*) => {$(
        impl $crate::messages::wire::Item for $type {
            const ITEM: &'static str = $name;
        }
    )*};
}
pub(super) use item;

/// Defines records: types whose elements (and attributes, after `@`) are named once, in the order
/// of the WSDL. `[!]` marks what the WSDL requires; a name after `|` is read as well.
macro_rules! records {
    ($(
        $(#[$meta:meta])*
        $name:ident {
            $(@ $(#[$ameta:meta])* $attribute:ident: $atype:ty = $awire:literal $([$amust:tt])?;)*
            $($(#[$fmeta:meta])* $field:ident: $type:ty = $wire:literal $(| $alias:literal)* $([$must:tt])?,)*
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$ameta])* pub $attribute: Presence<$atype>,)*
            $($(#[$fmeta])* pub $field: $type,)*
        }

        /// Nothing is there.
        impl Default for $name {
            fn default() -> Self {
                Self {
                    $($attribute: Presence::Absent,)*
                    $($field: <$type as $crate::messages::records::Lacking>::LACKING,)*
                }
            }
        }

        impl $name {
            pub(crate) const RECORD: $crate::messages::schema::Record =
                $crate::messages::schema::Record::new(
                    &[$($crate::messages::schema::Field::new(
                        $awire,
                        $crate::messages::records::required!($($amust)?),
                        <$atype as $crate::messages::wire::Shaped>::KIND,
                    ),)*],
                    &[$($crate::messages::schema::Field::new(
                        $wire,
                        $crate::messages::records::required!($($must)?),
                        <$type as $crate::messages::wire::Shaped>::KIND,
                    ),)*],
                );
        }

        impl $crate::messages::wire::Shaped for $name {
            const KIND: $crate::messages::schema::Kind =
                $crate::messages::schema::Kind::Record(&Self::RECORD);
        }

        impl<'x> $crate::messages::wire::Read<'x> for $name {
            #[allow(unused_assignments, unused_mut, unused_variables)]
            fn read(
                d: &mut $crate::messages::wire::Decoder<'x>,
                element: &mdm_xml::Element<'x>,
            ) -> Result<Self, $crate::Error> {
                let mut value = Self::default();
                $(value.$attribute = d.attribute(element, $awire)?;)*
                let mut seen = $crate::messages::wire::Seen::default();
                while let Some(child) = d.r.child()? {
                    let mut index = 0usize;
                    $(
                        if matches!(child.local(), $wire $(| $alias)*) {
                            if d.came(&mut seen, &child, index, &Self::RECORD)? {
                                value.$field = $crate::messages::wire::Read::read(d, &child)?;
                            }
                            continue;
                        }
                        index += 1;
                    )*
                    d.unknown(&child)?;
                }
                d.ended(seen, element, &Self::RECORD);
                Ok(value)
            }
        }

        impl $crate::messages::wire::Body for $name {
            #[allow(unused_variables)]
            fn write_children(&self, w: &mut $crate::messages::wire::W<'_>) {
                $($crate::messages::wire::Write::write(&self.$field, w, $wire);)*
            }
        }

        impl $crate::messages::wire::Write for $name {
            fn write(&self, w: &mut $crate::messages::wire::W<'_>, name: &str) {
                let tag = w.element(name);
                $(
                    let text = self.$attribute.value().map(|value| {
                        $crate::messages::wire::Shown(value).to_string()
                    });
                    let tag = tag.attr_opt($awire, text.as_deref());
                )*
                tag.body(|w| $crate::messages::wire::Body::write_children(self, w));
            }
        }

        impl $crate::messages::wire::Own for $name {
            type Owned = Self;

            fn own(self) -> Self {
                self
            }
        }
    )*};
}
pub(super) use records;

macro_rules! required {
    () => {
        false
    };
    (!) => {
        true
    };
}
pub(super) use required;

/// What stands for an element that is not there.
pub(super) trait Lacking {
    const LACKING: Self;
}

impl<T> Lacking for Presence<T> {
    const LACKING: Self = Self::Absent;
}

impl<T> Lacking for List<T> {
    const LACKING: Self = Self::absent();
}

/// Defines words of a list that can grow: what is not in it is kept.
#[cfg(feature = "reporting")]
macro_rules! words {
    ($(
        $(#[$meta:meta])*
        $name:ident { $($(#[$wmeta:meta])* $word:ident = $wire:literal,)* }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$wmeta])* $word,)*
            /// Another one, as it stands.
            Other(String),
        }

        impl $name {
            /// The word as it stands.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$word => $wire,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl $crate::messages::wire::Scalar for $name {
            const WHAT: &'static str = "word";
            const KIND: $crate::messages::schema::Kind =
                $crate::messages::schema::Kind::Word(&[$($wire),*]);

            fn parse(text: std::borrow::Cow<'_, str>) -> Result<Self, std::borrow::Cow<'_, str>> {
                Ok(match &*text {
                    $($wire => Self::$word,)*
                    _ => Self::Other(text.into_owned()),
                })
            }

            fn show(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}
#[cfg(feature = "reporting")]
pub(super) use words;
