//! Days and times of day that keep their text.

use std::fmt;

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::wire::{Context, Wire, quoted};
use crate::json::{Code, Value};

macro_rules! kept_text {
    ($(#[$meta:meta])* pub struct $name:ident = $type:literal, $expected:literal;) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Wire for $name {
            const EXPECTED: &'static str = $expected;

            fn accepts(value: &Value) -> bool {
                matches!(value, Value::String(_))
            }

            fn read(value: Value, cx: &mut Context) -> Result<Self, Value> {
                let Value::String(text) = value else { return Err(value) };
                let read = Self(text.into());
                if read.value().is_none() {
                    cx.note(Code::UnreadableTime, $expected, || quoted(read.as_str()));
                }
                Ok(read)
            }

            fn write(&self) -> Value {
                Value::from(self.as_str())
            }

            fn schema_type() -> String {
                $type.to_owned()
            }
        }
    };
}

kept_text! {
    /// A day (Edm.Date).
    ///
    /// ```
    /// use graph_wufb::models::GraphDate;
    ///
    /// assert_eq!(GraphDate::from("2026-11-10").value().unwrap().to_string(), "2026-11-10");
    /// ```
    pub struct GraphDate = "Edm.Date", "a date";
}

impl GraphDate {
    /// The day.
    #[must_use]
    pub fn value(&self) -> Option<NaiveDate> {
        self.0.parse().ok()
    }
}

kept_text! {
    /// A time of day (Edm.TimeOfDay).
    ///
    /// ```
    /// use graph_wufb::models::TimeOfDay;
    ///
    /// let time = TimeOfDay::from("08:00:00.0000000");
    /// assert_eq!(time.value().unwrap().to_string(), "08:00:00");
    /// ```
    pub struct TimeOfDay = "Edm.TimeOfDay", "a time of day";
}

impl TimeOfDay {
    /// The time.
    #[must_use]
    pub fn value(&self) -> Option<NaiveTime> {
        NaiveTime::parse_from_str(&self.0, "%H:%M:%S%.f").ok()
    }
}
