//! Turning a value into today's shapes, and remembering where everything came from.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Dialect, GONE, Now};
use crate::json::{self, RawObject, Value};

/// How many changes are listed. All are made.
const CHANGES: usize = 1_000;

/// What a walk over a value found and did.
#[derive(Debug)]
pub(crate) struct Walked {
    /// The oldest dialect of which the value had something.
    pub(crate) dialect: Dialect,
    pub(crate) changes: Vec<Change>,
    pub(crate) moves: Moves,
}

/// Where the values of a changed object stood before. Kept as a tree, so that it is no larger than
/// what was changed, however deep that lies.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    /// Today's name, and where its value stood.
    here: BTreeMap<String, From>,
    /// What was moved further in, by the names of then.
    inner: BTreeMap<String, Self>,
}

#[derive(Debug)]
enum From {
    /// The object around it: today's shape has one more object than the old one.
    Around,
    /// Another member of the same object.
    Member(String),
}

impl Moves {
    fn is_empty(&self) -> bool {
        self.here.is_empty() && self.inner.is_empty()
    }

    fn renamed(&mut self, now: &str, was: &str) {
        if now != was {
            self.here.insert(json::segment(now), From::Member(json::segment(was)));
        }
    }

    fn wrapped(&mut self, now: &str) {
        self.here.insert(now.to_owned(), From::Around);
    }

    fn within(&mut self, name: &str) -> &mut Self {
        self.inner.entry(json::segment(name)).or_default()
    }

    /// The pointer into the text for a pointer into today's shape; both begin at the value that was
    /// walked.
    pub(crate) fn original(&self, pointer: &str) -> String {
        let mut out = String::new();
        let mut at = Some(self);
        for segment in pointer.split('/').skip(1) {
            let segment = match at.and_then(|moves| moves.here.get(segment)) {
                Some(From::Around) => continue,
                Some(From::Member(was)) => was,
                None => segment,
            };
            out.push('/');
            out.push_str(segment);
            at = at.and_then(|moves| moves.inner.get(segment));
        }
        out
    }
}

/// Turns what a value holds into today's shapes, inner objects first.
pub(crate) struct Walk {
    path: Vec<String>,
    changes: Vec<Change>,
    dialect: Dialect,
}

impl Walk {
    /// Changes `value`.
    pub(crate) fn over(value: &mut Value) -> Walked {
        let mut walk = Self { path: Vec::new(), changes: Vec::new(), dialect: Dialect::Current };
        let moves = walk.value(value);
        Walked { dialect: walk.dialect, changes: walk.changes, moves }
    }

    /// As deep as the text, which the reader bounds by a constant.
    fn value(&mut self, value: &mut Value) -> Moves {
        let mut moves = Moves::default();
        match value {
            Value::Object(object) => {
                let expedited = is_expedited(object);
                for (name, inner) in object.values_mut() {
                    self.hint(name);
                    self.within(|| json::segment(name), inner, &mut moves);
                }
                self.object(object, &mut moves);
                if expedited && expedite(object) {
                    let (was, is) = ("expeditedQualityUpdateReference", "settings/expedite");
                    self.note(was, is, Dialect::Y2021);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.within(|| index.to_string(), item, &mut moves);
                }
            }
            _ => {}
        }
        moves
    }

    fn within(&mut self, segment: impl Fn() -> String, value: &mut Value, moves: &mut Moves) {
        // Texts and numbers have nothing to change.
        if matches!(value, Value::Object(_) | Value::Array(_)) {
            self.path.push(segment());
            let inner = self.value(value);
            self.path.pop();
            if !inner.is_empty() {
                moves.inner.insert(segment(), inner);
            }
        }
    }

    /// A member that says the year and stays.
    fn hint(&mut self, name: &str) {
        let kept = GONE.iter().find(|gone| gone.now == Now::Kept && gone.member == name);
        if let Some(gone) = kept {
            self.dialect = self.dialect.min(gone.dialect);
        }
    }

    fn note(&mut self, was: &'static str, is: &'static str, dialect: Dialect) {
        self.dialect = self.dialect.min(dialect);
        // One is enough to know that there are more.
        if self.changes.len() < CHANGES {
            let pointer = self.path.iter().fold(String::new(), |all, name| all + "/" + name);
            self.changes.push(Change { pointer, was, is, dialect });
        }
    }

    /// Notes what the table says of a member.
    fn moved(&mut self, type_name: &str, member: &str) {
        let gone = GONE.iter().find(|gone| gone.type_name == type_name && gone.member == member);
        if let Some(gone) = gone
            && let Now::At(place) = gone.now
        {
            self.note(gone.member, place, gone.dialect);
        }
    }

    fn object(&mut self, object: &mut RawObject, moves: &mut Moves) {
        let free = object.get("catalogEntry").is_none();
        match short_type(object).to_ascii_lowercase().as_str() {
            "windowsdeploymentsettings" => {
                set_type(object, "deploymentSettings");
                self.note("windowsDeploymentSettings", "deploymentSettings", Dialect::Y2021);
            }
            "featureupdatereference" if free => {
                self.note("featureUpdateReference", "catalogContent", Dialect::Y2021);
                let members = [("version", "version")];
                self.reference(object, "featureUpdateCatalogEntry", &members, moves);
            }
            kind @ ("qualityupdatereference" | "expeditedqualityupdatereference") if free => {
                let was = match kind {
                    "qualityupdatereference" => "qualityUpdateReference",
                    _ => "expeditedQualityUpdateReference",
                };
                self.note(was, "catalogContent", Dialect::Y2021);
                let members = [
                    ("releaseDateTime", "releaseDateTime"),
                    ("classification", "qualityUpdateClassification"),
                ];
                self.reference(object, "qualityUpdateCatalogEntry", &members, moves);
            }
            _ => {}
        }
        if object.get("schedule").is_none()
            && let Some(Value::Object(rollout)) = take_if(object, "rollout", Value::as_object)
        {
            self.moved("deploymentSettings", "rollout");
            moves.renamed("schedule", "rollout");
            let schedule = self.schedule(rollout, moves.within("rollout"));
            object.insert("schedule", schedule);
        }
        if object.get("enrollment").is_none()
            && let Some(Value::Array(list)) = take_if(object, "enrollments", Value::as_array)
        {
            self.moved("azureADDevice", "enrollments");
            moves.renamed("enrollment", "enrollments");
            let (enrollment, rest) = self.enrollment(list, moves.within("enrollments"));
            object.insert("enrollment", enrollment);
            if !rest.is_empty() {
                object.insert("enrollments", rest);
            }
        }
        if object.get("effectiveValue").is_none()
            && object.get("requestedValue").is_some()
            && let Some(value) = take_if(object, "value", Value::as_str)
        {
            object.insert("effectiveValue", value);
            self.moved("deploymentState", "value");
            moves.renamed("effectiveValue", "value");
        }
        let settings = ["schedule", "monitoring", "expedite", "userExperience"];
        if object.get("contentApplicability").is_none()
            && settings.iter().any(|name| object.get(name).is_some())
            && let Some(safeguard) = take_if(object, "safeguard", Value::as_object)
        {
            let inner: RawObject = [("safeguard", safeguard)].into_iter().collect();
            object.insert("contentApplicability", inner);
            self.moved("deploymentSettings", "safeguard");
            moves.wrapped("contentApplicability");
        }
    }

    /// A reference of 2021 as content of the catalog: what the reference said is said of the entry.
    fn reference(
        &mut self,
        object: &mut RawObject,
        entry: &str,
        members: &[(&str, &str)],
        moves: &mut Moves,
    ) {
        let kind = match entry {
            "featureUpdateCatalogEntry" => "featureUpdateReference",
            _ => "qualityUpdateReference",
        };
        let mut inner = RawObject::new();
        inner.insert("@odata.type", format!("#microsoft.graph.windowsUpdates.{entry}"));
        for (was, is) in members {
            if let Some(value) = object.remove(was) {
                inner.insert(*is, value);
                self.moved(kind, was);
                moves.renamed(is, was);
            }
        }
        set_type(object, "catalogContent");
        object.insert("catalogEntry", inner);
        moves.wrapped("catalogEntry");
    }

    /// The rollout of 2021 as a schedule: so many devices at a time, or all by a date.
    fn schedule(&mut self, mut rollout: RawObject, moves: &mut Moves) -> RawObject {
        let mut schedule = RawObject::new();
        let real = |value: &Value| !value.is_null() && value.as_i64() != Some(0);
        if let Some(start) = rollout.remove("startDateTime") {
            schedule.insert("startDateTime", start);
            self.moved("rolloutSettings", "startDateTime");
        }
        let rate = rollout.get("devicesPerOffer").is_some_and(real);
        let date = rollout.get("endDateTime").is_some_and(real);
        let kind = match (rate, date) {
            (true, _) => "rateDrivenRolloutSettings",
            (false, true) => "dateDrivenRolloutSettings",
            (false, false) => "gradualRolloutSettings",
        };
        rollout.remove("@odata.type");
        if !rollout.is_empty() {
            let mut gradual = RawObject::new();
            gradual.insert("@odata.type", format!("#microsoft.graph.windowsUpdates.{kind}"));
            for (name, value) in rollout {
                self.moved("rolloutSettings", &name);
                // No name occurs twice in what was read.
                gradual.push(name, value);
            }
            schedule.insert("gradualRollout", gradual);
            moves.wrapped("gradualRollout");
        }
        schedule
    }

    /// The list of 2021 as one state for each category, and the entries of which none can be made.
    fn enrollment(&mut self, list: Vec<Value>, moves: &mut Moves) -> (RawObject, Vec<Value>) {
        let mut enrollment = RawObject::new();
        let mut rest = Vec::new();
        let mut known = BTreeSet::new();
        for (index, entry) in list.into_iter().enumerate() {
            let Value::Object(mut entry) = entry else {
                rest.push(entry);
                continue;
            };
            let category = entry.get("updateCategory").and_then(Value::as_str).map(str::to_owned);
            let Some(category) = category.filter(|category| known.insert(category.clone())) else {
                rest.push(entry.into());
                continue;
            };
            entry.remove("updateCategory");
            entry.remove("@odata.type");
            if entry.get("enrollmentState").is_none() {
                entry.insert("enrollmentState", "enrolled");
            }
            self.moved("updateManagementEnrollment", "updateCategory");
            moves.renamed(&category, &index.to_string());
            enrollment.push(category, entry.into());
        }
        (enrollment, rest)
    }
}

fn short_type(object: &RawObject) -> &str {
    object.odata_type().and_then(|name| name.rsplit('.').next()).unwrap_or_default()
}

/// Whether this is a deployment whose content is an expedited reference of 2021.
fn is_expedited(object: &RawObject) -> bool {
    let content = object.get_loose("content").and_then(Value::as_object);
    content.is_some_and(|content| {
        short_type(content).eq_ignore_ascii_case("expeditedQualityUpdateReference")
    })
}

/// In 2021 the content said that it is expedited; today the settings do. Whether it had to be said.
fn expedite(deployment: &mut RawObject) -> bool {
    let new = || -> RawObject { [("isExpedited", Value::Bool(true))].into_iter().collect() };
    if deployment.get("settings").is_none() {
        deployment.insert("settings", Value::Null);
    }
    match deployment.values_mut().find(|(name, _)| *name == "settings").map(|(_, value)| value) {
        Some(Value::Object(settings)) if settings.get("expedite").is_some() => return false,
        Some(Value::Object(settings)) => settings.insert("expedite", new()),
        Some(value @ Value::Null) => {
            *value = RawObject::from_iter([("expedite", new())]).into();
        }
        // What is no object stays as it is.
        Some(_) | None => return false,
    }
    true
}

/// Takes a member out if it is of the type that the old dialect had.
fn take_if<T: ?Sized>(
    object: &mut RawObject,
    name: &str,
    is: impl Fn(&Value) -> Option<&T>,
) -> Option<Value> {
    is(object.get(name)?)?;
    object.remove(name)
}

fn set_type(object: &mut RawObject, short: &str) {
    let name =
        object.iter().map(|member| member.0).find(|name| name.eq_ignore_ascii_case("@odata.type"));
    let name = name.unwrap_or("@odata.type").to_owned();
    object.insert(name, format!("#microsoft.graph.windowsUpdates.{short}"));
}
