//! What was changed.

use std::fmt;

use mdm_xml::{Code, Diagnostic, Position};

use crate::diagnostic::DiagnosticCode;

/// How something was mended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Remedy {
    /// It says the same, written as the specifications have it.
    Rewritten,
    /// A value was changed.
    Changed,
    /// Something that was missing was added.
    Added,
    /// Something was left out.
    Removed,
    /// One command became several.
    Split,
}

/// One change.
///
/// `Debug` and `Display` show what was wrong and where; not the values, which may be secrets.
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Change {
    /// What was wrong; none where it was not XML.
    pub code: Option<DiagnosticCode>,
    /// How it was mended.
    pub remedy: Remedy,
    /// Where it stood in the text that was read, if it was read from text.
    pub position: Option<Position>,
    /// The elements around it, outermost first; empty where that is not known.
    pub path: String,
    /// What was there; may be empty.
    pub before: String,
    /// What is there now; may be empty.
    pub after: String,
}

impl Change {
    /// What was wrong, for people.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.code.map_or("this is no XML", |code| code.summary())
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("code", &self.code)
            .field("remedy", &self.remedy)
            .field("position", &self.position)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = match self.remedy {
            Remedy::Rewritten => "rewritten",
            Remedy::Changed => "changed",
            Remedy::Added => "added",
            Remedy::Removed => "removed",
            Remedy::Split => "split",
        };
        write!(f, "{}: {done}", self.summary())?;
        if let Some(position) = self.position {
            write!(f, ", at {position}")?;
        }
        if !self.path.is_empty() {
            write!(f, " (in {})", self.path)?;
        }
        Ok(())
    }
}

/// Changes while a message is mended.
#[derive(Debug, Default)]
pub(super) struct Mended(Vec<Change>);

impl Mended {
    pub(super) fn note(
        &mut self,
        code: DiagnosticCode,
        remedy: Remedy,
        before: impl Into<String>,
        after: impl Into<String>,
    ) {
        self.0.push(Change {
            code: Some(code),
            remedy,
            position: None,
            path: String::new(),
            before: before.into(),
            after: after.into(),
        });
    }

    /// The changes with the places of the findings that they mend, and the findings that writing
    /// the message mends by itself. Both are in document order for each code, so that the first
    /// change of a code belongs to its first finding.
    pub(super) fn with_findings(self, findings: &[Diagnostic<DiagnosticCode>]) -> Vec<Change> {
        let mut rest: Vec<Option<Change>> = self.0.into_iter().map(Some).collect();
        let mut changes: Vec<Change> = Vec::with_capacity(findings.len().max(rest.len()));
        for finding in findings {
            let place = rest
                .iter()
                .position(|change| change.as_ref().is_some_and(|one| is_about(one, finding)))
                .or_else(|| {
                    rest.iter().position(|change| {
                        change.as_ref().is_some_and(|one| one.code == Some(finding.code))
                    })
                });
            let made = place.and_then(|at| rest.get_mut(at)).and_then(Option::take);
            let mut change = made.unwrap_or_else(|| Change {
                code: Some(finding.code),
                remedy: by_writing(finding.code),
                position: None,
                path: String::new(),
                before: finding.detail.clone(),
                after: String::new(),
            });
            change.code = Some(finding.code);
            change.position = Some(finding.position);
            change.path.clone_from(&finding.path);
            changes.push(change);
        }
        changes.extend(rest.into_iter().flatten());
        changes
    }
}

/// Whether a change left out the element that a finding names.
fn is_about(change: &Change, finding: &Diagnostic<DiagnosticCode>) -> bool {
    let left_out = matches!(
        finding.code,
        DiagnosticCode::UnknownElement | DiagnosticCode::NotInDm | DiagnosticCode::Repeated
    );
    let name = change.before.strip_prefix('<').unwrap_or(&change.before);
    left_out && change.remedy == Remedy::Removed && name.starts_with(&*finding.detail)
}

/// What writing a message anew does about a finding.
fn by_writing(code: DiagnosticCode) -> Remedy {
    match code {
        DiagnosticCode::StrayText
        | DiagnosticCode::UnknownAttribute
        | DiagnosticCode::UnknownElement
        | DiagnosticCode::Repeated
        | DiagnosticCode::NotInDm => Remedy::Removed,
        DiagnosticCode::SeveralCommands | DiagnosticCode::SeveralItems => Remedy::Split,
        DiagnosticCode::Fragment | DiagnosticCode::NoHeader | DiagnosticCode::NoCmdId => {
            Remedy::Added
        }
        _ => Remedy::Rewritten,
    }
}
