//! Values that leave the text they were read from.

use std::borrow::Cow;

use crate::id::{UpdateId, UpdateKey};

/// Turns what borrows into what does not.
pub(crate) trait Own {
    type Static: 'static;
    fn own(self) -> Self::Static;
}

impl Own for Cow<'_, str> {
    type Static = Cow<'static, str>;
    fn own(self) -> Self::Static {
        Cow::Owned(self.into_owned())
    }
}

impl<T: Own> Own for Option<T> {
    type Static = Option<T::Static>;
    fn own(self) -> Self::Static {
        self.map(Own::own)
    }
}

impl<T: Own> Own for Vec<T> {
    type Static = Vec<T::Static>;
    fn own(self) -> Self::Static {
        self.into_iter().map(Own::own).collect()
    }
}

impl<A: Own, B: Own> Own for (A, B) {
    type Static = (A::Static, B::Static);
    fn own(self) -> Self::Static {
        (self.0.own(), self.1.own())
    }
}

macro_rules! same {
    ($($name:ty),*) => {
        $(impl Own for $name {
            type Static = Self;
            fn own(self) -> Self {
                self
            }
        })*
    };
}
same!(bool, i64, u32, u64, UpdateId, UpdateKey, super::Clause, super::EulaId);

/// `into_owned` for a struct with these fields.
macro_rules! owned {
    ($($name:ident { $($field:ident),* $(,)? })*) => {
        $(impl $crate::metadata::own::Own for $name<'_> {
            type Static = $name<'static>;
            fn own(self) -> $name<'static> {
                $name { $($field: $crate::metadata::own::Own::own(self.$field),)* }
            }
        }

        impl $name<'_> {
            /// The same, independent of the text that it was read from.
            #[must_use]
            pub fn into_owned(self) -> $name<'static> {
                $crate::metadata::own::Own::own(self)
            }
        })*
    };
}
pub(crate) use owned;
