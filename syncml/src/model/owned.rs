//! From borrowed to owned, field by field.

use std::borrow::Cow;

/// A value that can be made independent of what it borrows from.
pub(crate) trait IntoOwned {
    type Static;
    fn owned(self) -> Self::Static;
}

impl IntoOwned for Cow<'_, str> {
    type Static = Cow<'static, str>;
    fn owned(self) -> Self::Static {
        Cow::Owned(self.into_owned())
    }
}

impl IntoOwned for bool {
    type Static = Self;
    fn owned(self) -> Self {
        self
    }
}

impl IntoOwned for u32 {
    type Static = Self;
    fn owned(self) -> Self {
        self
    }
}

impl<T: IntoOwned> IntoOwned for Option<T> {
    type Static = Option<T::Static>;
    fn owned(self) -> Self::Static {
        self.map(T::owned)
    }
}

impl<T: IntoOwned> IntoOwned for Vec<T> {
    type Static = Vec<T::Static>;
    fn owned(self) -> Self::Static {
        self.into_iter().map(T::owned).collect()
    }
}

impl<T: IntoOwned> IntoOwned for Box<T> {
    type Static = Box<T::Static>;
    fn owned(self) -> Self::Static {
        Box::new((*self).owned())
    }
}

impl<A: IntoOwned, B: IntoOwned> IntoOwned for (A, B) {
    type Static = (A::Static, B::Static);
    fn owned(self) -> Self::Static {
        (self.0.owned(), self.1.owned())
    }
}

/// `into_owned` for types that have it already.
macro_rules! by_into_owned {
    ($($name:ident),*) => {$(
        impl $crate::model::owned::IntoOwned for $name<'_> {
            type Static = $name<'static>;
            fn owned(self) -> Self::Static {
                self.into_owned()
            }
        }
    )*};
}

/// `into_owned` for structs whose every field can be made owned.
macro_rules! into_owned {
    ($($name:ident { $($field:ident),* $(,)? })*) => {$(
        impl $name<'_> {
            /// The same, independent of what it borrowed from.
            #[must_use]
            pub fn into_owned(self) -> $name<'static> {
                use $crate::model::owned::IntoOwned as _;
                $name { $($field: self.$field.owned()),* }
            }
        }
        $crate::model::owned::by_into_owned!($name);
    )*};
}

pub(crate) use {by_into_owned, into_owned};
