//! Graph's objects as their properties by name.

/// Declares a type for one kind of object.
macro_rules! properties {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(transparent))]
        pub struct $name(
            std::collections::BTreeMap<String, $crate::graph_ring::GraphValue>,
        );

        impl $name {
            /// One without properties.
            #[must_use]
            pub const fn new() -> Self {
                Self(std::collections::BTreeMap::new())
            }

            /// The same with a property.
            #[must_use]
            pub fn with(
                mut self,
                name: &str,
                value: impl Into<$crate::graph_ring::GraphValue>,
            ) -> Self {
                self.0.insert(name.to_owned(), value.into());
                self
            }

            /// The value of a property.
            #[must_use]
            pub fn get(&self, name: &str) -> Option<&$crate::graph_ring::GraphValue> {
                self.0.get(name)
            }

            /// The properties, by name.
            pub fn properties(
                &self,
            ) -> impl Iterator<Item = (&str, &$crate::graph_ring::GraphValue)> {
                self.0.iter().map(|(name, value)| (&**name, value))
            }
        }
    };
}

pub(super) use properties;
