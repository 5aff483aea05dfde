//! Members of objects: absent, `null`, or a value.

/// A member of an object: absent, `null` and a value are three things (a PATCH leaves what is
/// absent and clears what is `null`).
///
/// ```
/// use graph_wufb::models::{Member, ScheduleSettings};
///
/// let mut schedule = ScheduleSettings::default();
/// assert!(schedule.start_date_time.is_absent());
/// schedule.start_date_time = Member::Null;
/// assert_eq!(schedule.to_json(), r#"{"startDateTime":null}"#);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "JSON has these three cases")]
pub enum Member<T> {
    /// The object has no such member.
    #[default]
    Absent,
    /// The member is `null`.
    Null,
    /// The member has a value.
    Value(T),
}

impl<T> Member<T> {
    /// The value.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value, to change it.
    #[must_use]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value, taken out.
    #[must_use]
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Whether the object has no such member.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the member is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl<T> Member<Vec<T>> {
    /// The elements; none if the member is absent or `null`.
    #[must_use]
    pub fn items(&self) -> &[T] {
        self.get().map_or(&[], Vec::as_slice)
    }
}

impl Member<String> {
    /// The text; empty if the member is absent or `null`.
    #[must_use]
    pub fn text(&self) -> &str {
        self.get().map_or("", String::as_str)
    }
}

impl<T> From<T> for Member<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}
