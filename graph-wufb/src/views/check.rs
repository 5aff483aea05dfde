//! Whether views, the strict reader and the models say the same of a text: for the tests of this
//! crate and its fuzz target, which share it.

use std::borrow::Cow;
use std::fmt::Debug;

use super::*;
use crate::Response;
use crate::json::{self, Limits, Options};
use crate::models::{self, GraphDateTime, Member, Model, Open, Vocabulary, decode};
use crate::requests::Headers;

/// Reads a text with every reader there is, as a page and as an object of every type that has a
/// view; returns how many objects views and models read.
///
/// # Errors
/// What the readers do not agree on.
pub fn check(bytes: &[u8]) -> Result<usize, String> {
    check_text(bytes, &Limits::new())?;
    Ok(check_as::<models::ApplicableContent, ApplicableContent>(bytes)?
        + check_as::<models::CatalogEntry, CatalogEntry>(bytes)?
        + check_as::<models::Deployment, Deployment>(bytes)?
        + check_as::<models::DeploymentAudience, DeploymentAudience>(bytes)?
        + check_as::<models::UpdatableAsset, UpdatableAsset>(bytes)?)
}

/// A text read by the strict reader and as a view.
pub(super) fn check_text(bytes: &[u8], limits: &Limits) -> Result<(), String> {
    let strict = json::read(bytes, &Options::strict().with_limits(*limits));
    match (strict, read(bytes, limits)) {
        (Ok(strict), Ok(view)) => {
            let root = view.root().ok_or("a text without a value")?;
            equal("value", &root.to_value(), &strict.value)?;
            equal("raw text", &root.raw().trim(), &root.raw())?;
            let again = json::read(root.raw().as_bytes(), &Options::strict());
            let again = again.map_err(|error| error.to_string())?;
            equal("raw value", &again.value, &strict.value)
        }
        (Err(strict), Err(error)) => {
            equal("error", &error, &strict)?;
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            // What is refused was refused by both, and not only asked for its reason.
            let read = scan::scan(text, limits).is_some();
            if read && bytes.len() <= limits.bytes && !text.is_empty() {
                return Err(format!("it is read all the same: {error}"));
            }
            Ok(())
        }
        (strict, view) => Err(format!("{strict:?} {view:?}")),
    }
}

/// A text read as models and as views: a page of them, or one.
fn check_as<M, V>(bytes: &[u8]) -> Result<usize, String>
where
    M: Model + Debug + Clone + PartialEq,
    V: for<'d> Views<'d, M>,
{
    let limits = Limits::new();
    let Ok(document) = read(bytes, &limits) else { return Ok(0) };
    let mut count = 0;
    if let Some(object) = document.root().and_then(|root| root.as_object()) {
        check_object::<M, V>(object)?;
        count += 1;
    }
    let Ok(view) = page(bytes, &limits) else { return Ok(count) };
    let answer = Response::parse(200, &Headers::new(), bytes).map_err(|error| error.to_string())?;
    let owned = answer.page::<M>().map_err(|error| error.to_string())?;
    equal("length", &(view.len(), view.is_empty()), &(owned.items.len(), owned.items.is_empty()))?;
    equal("next link", &view.next_link().as_deref(), &owned.next_link.as_deref())?;
    equal("count", &view.count(), &owned.count)?;
    for (object, model) in view.objects().zip(&owned.items) {
        V::compare(object, model).map_err(|error| format!("{error} in {}", object.raw()))?;
        check_object::<M, V>(object)?;
        count += 1;
    }
    Ok(count)
}

/// An object, which was read strictly, as a view and as a model of its own, tolerant and strict.
fn check_object<'d, M, V>(object: ObjectView<'d>) -> Result<(), String>
where
    M: Model + Debug + Clone + PartialEq,
    V: Views<'d, M>,
{
    let text = object.raw().as_bytes();
    let tolerant = decode::<M>(text, &Options::tolerant()).map_err(|error| error.to_string())?;
    let strict = decode::<M>(text, &Options::strict()).ok();
    for model in [Some(tolerant), strict].into_iter().flatten() {
        let same = V::compare(object, &model.value);
        same.map_err(|error| format!("{error} in {}", object.raw()))?;
    }
    Ok(())
}

/// A view that reads what a model reads.
pub(super) trait Same<M> {
    fn same(&self, model: &M) -> Result<(), String>;
}

pub(super) fn equal<T: PartialEq + Debug>(what: &str, view: &T, model: &T) -> Result<(), String> {
    if view == model { Ok(()) } else { Err(format!("{what}: {view:?} is not {model:?}")) }
}

pub(super) fn member<V: Same<M> + Debug, M: Debug>(
    what: &str,
    view: &Member<V>,
    model: &Member<M>,
) -> Result<(), String> {
    match (view, model) {
        (Member::Absent, Member::Absent) | (Member::Null, Member::Null) => Ok(()),
        (Member::Value(view), Member::Value(model)) => {
            view.same(model).map_err(|error| format!("{what}/{error}"))
        }
        _ => Err(format!("{what}: {view:?} is not {model:?}")),
    }
}

impl Same<String> for Cow<'_, str> {
    fn same(&self, model: &String) -> Result<(), String> {
        equal("text", &self.as_ref(), &model.as_str())
    }
}

impl Same<Self> for bool {
    fn same(&self, model: &Self) -> Result<(), String> {
        equal("bool", self, model)
    }
}

impl Same<GraphDateTime> for TimeView<'_> {
    fn same(&self, model: &GraphDateTime) -> Result<(), String> {
        equal("time", &self.to_time(), model)?;
        equal("instant", &(self.instant(), self.date()), &(model.instant(), model.date()))
    }
}

impl<T: Vocabulary> Same<Open<T>> for WordView<'_, T> {
    fn same(&self, model: &Open<T>) -> Result<(), String> {
        equal("word", &(self.as_str(), self.known()), &(model.as_str(), model.known()))
    }
}

impl Same<json::Number> for NumberView<'_> {
    fn same(&self, model: &json::Number) -> Result<(), String> {
        equal("number", &(self.as_str(), self.as_f64()), &(model.as_str(), model.as_f64()))
    }
}

impl<T> Same<T> for IdView<'_, T>
where
    T: for<'x> TryFrom<&'x str, Error = crate::Error> + std::fmt::Display,
{
    fn same(&self, model: &T) -> Result<(), String> {
        let own = self.to_id().map_err(|error| error.to_string())?;
        equal(
            "id",
            &(self.as_str().to_owned(), own.to_string()),
            &(model.to_string(), model.to_string()),
        )
    }
}

impl<'d, V: FieldView<'d> + Same<M>, M> Same<Vec<M>> for ListView<'d, V> {
    fn same(&self, model: &Vec<M>) -> Result<(), String> {
        equal("length", &self.iter().count(), &model.len())?;
        self.iter().zip(model).try_for_each(|(view, model)| view.same(model))
    }
}

/// Objects that have no view of their own.
impl<M: Model + PartialEq + Debug> Same<M> for ObjectView<'_> {
    fn same(&self, model: &M) -> Result<(), String> {
        let own = decode::<M>(self.raw().as_bytes(), &Options::tolerant());
        equal("object", &own.map_err(|error| error.to_string())?.value, model)
    }
}

/// A kind of view, whatever it borrows from.
trait Views<'d, M> {
    fn compare(object: ObjectView<'d>, model: &M) -> Result<(), String>;
}

macro_rules! kinds {
    ($($kind:ident = $view:ident;)*) => {$(
        struct $kind;

        impl<'d> Views<'d, models::$kind> for $kind {
            fn compare(object: ObjectView<'d>, model: &models::$kind) -> Result<(), String> {
                $view::new(object).same(model)
            }
        }
    )*};
}

kinds! {
    ApplicableContent = ApplicableContentView;
    CatalogEntry = CatalogEntryView;
    Deployment = DeploymentView;
    DeploymentAudience = AudienceView;
    UpdatableAsset = AssetView;
}
