//! Changes: what stays, what is cleared, what is set.

use std::collections::BTreeMap;
use std::fmt;

use crate::json::{RawObject, Value};
use crate::models::{Member, Model};

/// A change to an object: what is not named stays, what is cleared becomes `null`, what is set is
/// replaced as a whole (Graph; "settings" too: a `schedule` that is set replaces the whole
/// schedule).
///
/// ```
/// use graph_wufb::models::{DeploymentSettings, IsoDuration, UpdatePolicy};
/// use graph_wufb::requests::Patch;
///
/// let change = Patch::<UpdatePolicy>::new()
///     .set(|policy| &mut policy.deployment_settings, DeploymentSettings::default())
///     .clear(|policy| &mut policy.compliance_change_rules);
/// assert_eq!(
///     change.to_object().to_json(),
///     r#"{"complianceChangeRules":null,"deploymentSettings":{}}"#
/// );
/// assert!(Patch::<UpdatePolicy>::new().is_empty());
/// ```
#[derive(Clone, PartialEq)]
pub struct Patch<T>(T);

impl<T: Model + Default> Patch<T> {
    /// Changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self(T::default())
    }

    /// Sets a member.
    #[must_use]
    pub fn set<V>(mut self, member: fn(&mut T) -> &mut Member<V>, value: impl Into<V>) -> Self {
        *member(&mut self.0) = Member::Value(value.into());
        self
    }

    /// Clears a member.
    #[must_use]
    pub fn clear<V>(mut self, member: fn(&mut T) -> &mut Member<V>) -> Self {
        *member(&mut self.0) = Member::Null;
        self
    }
}

impl<T: Model> Patch<T> {
    /// What has to be sent to make `new` of `old`: members that differ, as `new` has them. A member
    /// that `new` lacks stays as it is, because a PATCH cannot remove one.
    ///
    /// ```
    /// use graph_wufb::json::Options;
    /// use graph_wufb::models::{Deployment, decode};
    /// use graph_wufb::requests::Patch;
    ///
    /// let read = |text: &str| decode::<Deployment>(text.as_bytes(), &Options::strict());
    /// let old = read(r#"{"id":"d","state":{"requestedValue":"none"},"settings":{}}"#)?.value;
    /// let new = read(r#"{"id":"d","state":{"requestedValue":"paused"},"settings":null}"#)?.value;
    /// assert_eq!(
    ///     Patch::between(&old, &new).to_json(),
    ///     r#"{"state":{"requestedValue":"paused"},"settings":null}"#
    /// );
    /// assert!(Patch::between(&old, &old).is_empty());
    /// # Ok::<(), graph_wufb::Error>(())
    /// ```
    #[must_use]
    pub fn between(old: &T, new: &T) -> RawObject {
        let (Value::Object(old), Value::Object(new)) = (old.write(), new.write()) else {
            return RawObject::new();
        };
        let old: BTreeMap<&str, &Value> = old.iter().collect();
        let mut change = RawObject::new();
        for (name, value) in new {
            if old.get(name.as_str()) != Some(&&value) {
                change.push(name, value);
            }
        }
        change
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.to_object().is_empty()
    }

    /// The change as a model, for the requests that take one.
    #[must_use]
    pub fn as_model(&self) -> &T {
        &self.0
    }

    /// The body. It names no type; the requests that take a [model](Self::as_model) add it where the
    /// service needs it.
    #[must_use]
    pub fn to_object(&self) -> RawObject {
        match self.0.write() {
            Value::Object(object) => object,
            _ => RawObject::new(),
        }
    }
}

impl<T: Model + Default> Default for Patch<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Model> fmt::Debug for Patch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Patch").field(&self.to_object()).finish()
    }
}
