//! Atomic and Sequence that cannot be wrong: what Windows refuses inside them has no method here.

use std::collections::BTreeSet;
use std::fmt;

use crate::codes::AlertCode;
use crate::loc_uri::LocUri;
use crate::model::{Alert, Command, Data, Format, Group, Item, Meta, Request};

/// Why a change does not go into an Atomic.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The Atomic adds this node, and then would replace it: Windows does not support that
    /// (Microsoft Learn, "OMA DM protocol support"). Add it with its last value.
    #[error("{0} is added and then replaced in the same Atomic")]
    AddThenReplace(LocUri),
}

/// One change of one node, for an Atomic or a Sequence. Values do not appear in `Debug` output.
#[derive(Clone, PartialEq)]
pub struct Change {
    uri: LocUri,
    command: Command<'static>,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.command.name(), self.uri)
    }
}

impl Change {
    fn of(uri: &LocUri, command: Command<'_>) -> Self {
        Self { uri: uri.clone(), command: command.into_owned() }
    }

    /// Makes a node with a value.
    #[must_use]
    pub fn add(uri: &LocUri, format: Format<'_>, data: Data<'_>) -> Self {
        Self::of(uri, Command::add(uri.as_str(), format, data))
    }

    /// Makes an interior node.
    #[must_use]
    pub fn add_node(uri: &LocUri) -> Self {
        Self::of(uri, Command::add_node(uri.as_str()))
    }

    /// Gives a node a value.
    #[must_use]
    pub fn replace(uri: &LocUri, format: Format<'_>, data: Data<'_>) -> Self {
        Self::of(uri, Command::replace(uri.as_str(), format, data))
    }

    /// Removes a node.
    #[must_use]
    pub fn delete(uri: &LocUri) -> Self {
        Self::of(uri, Command::delete(uri.as_str()))
    }

    /// Executes a node, with its arguments if it takes any.
    #[must_use]
    pub fn exec(uri: &LocUri, arguments: Option<(Format<'_>, Data<'_>)>) -> Self {
        let mut item = Item::target(uri.as_str());
        if let Some((format, data)) = arguments {
            item = item.with_meta(Meta::format(format)).with_data(data);
        }
        Self::of(uri, Command::Exec(Request::new(item)))
    }
}

/// All of several changes, or none.
///
/// There is no way to put a Get or another Atomic into it: Windows answers 500 to those and 507 to
/// the whole (OMA-TS-DM_RepPro 1.2.1, 4.1.6.3).
///
/// ```
/// use syncml::builder::{Atomic, Change};
/// use syncml::{Command, Data, Format, LocUri};
///
/// let policy: LocUri = "./Vendor/MSFT/Policy/Config/Update/AllowAutoUpdate".parse()?;
/// let time: LocUri = "./Vendor/MSFT/Policy/Config/Update/ScheduledInstallTime".parse()?;
/// let command: Command = Atomic::new(Change::replace(&policy, Format::Int, Data::text("3")))
///     .and(Change::replace(&time, Format::Int, Data::text("3")))?
///     .into();
/// assert_eq!(command.children().len(), 2);
///
/// let added = Atomic::new(Change::add(&time, Format::Int, Data::text("3")));
/// assert!(added.and(Change::replace(&time, Format::Int, Data::text("4"))).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Atomic {
    changes: Vec<Change>,
    /// The nodes that are added.
    added: BTreeSet<String>,
}

impl Atomic {
    /// An Atomic that begins with this. An empty one would have no meaning.
    #[must_use]
    pub fn new(first: Change) -> Self {
        let mut atomic = Self { changes: Vec::new(), added: BTreeSet::new() };
        atomic.push(first);
        atomic
    }

    fn push(&mut self, change: Change) {
        if matches!(change.command, Command::Add(_)) {
            self.added.insert(change.uri.key());
        }
        self.changes.push(change);
    }

    /// The same with one more change at its end.
    ///
    /// # Errors
    /// [`BuildError::AddThenReplace`].
    pub fn and(mut self, change: Change) -> Result<Self, BuildError> {
        let replaces = matches!(change.command, Command::Replace(_));
        if replaces && self.added.contains(&change.uri.key()) {
            return Err(BuildError::AddThenReplace(change.uri));
        }
        self.push(change);
        Ok(self)
    }
}

impl From<Atomic> for Command<'static> {
    fn from(atomic: Atomic) -> Self {
        Self::atomic(atomic.changes.into_iter().map(|change| change.command).collect())
    }
}

/// Several commands in order. What follows a refusal of the user is not executed (215).
///
/// There is no way to put a Sequence into it.
///
/// ```
/// use syncml::builder::{Change, Sequence};
/// use syncml::{Command, LocUri};
///
/// let reboot: LocUri = "./Vendor/MSFT/Reboot/RebootNow".parse()?;
/// let command: Command =
///     Sequence::confirmed("Restart now?").then(Change::exec(&reboot, None)).into();
/// assert_eq!(command.children().len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence(Vec<Command<'static>>);

impl Sequence {
    /// A Sequence that begins with this.
    #[must_use]
    pub fn new(first: Change) -> Self {
        Self(vec![first.command])
    }

    /// A Sequence that begins with a question to the user (Alert 1101): only if the user agrees,
    /// the rest is executed (OMA-TS-DM_Protocol 1.2.1, 10).
    #[must_use]
    pub fn confirmed(question: impl Into<String>) -> Self {
        let data = Some(AlertCode::CONFIRM.number().to_string().into());
        // The first item is for options of the display, the second for the text.
        let text = Item::default().with_data(Data::text(question.into()));
        let items = vec![Item { data: Some(Data::text("")), ..Item::default() }, text];
        Self(vec![Command::Alert(Alert { data, items, ..Alert::default() })])
    }

    /// The same with one more change.
    #[must_use]
    pub fn then(mut self, change: Change) -> Self {
        self.0.push(change.command);
        self
    }

    /// The same with an Atomic.
    #[must_use]
    pub fn then_atomic(mut self, atomic: Atomic) -> Self {
        self.0.push(atomic.into());
        self
    }

    /// The same with a question for a node's value.
    #[must_use]
    pub fn then_get(mut self, uri: &LocUri) -> Self {
        self.0.push(Command::get(uri.as_str()).into_owned());
        self
    }
}

impl From<Sequence> for Command<'static> {
    fn from(sequence: Sequence) -> Self {
        Self::Sequence(Group { commands: sequence.0, ..Group::default() })
    }
}
