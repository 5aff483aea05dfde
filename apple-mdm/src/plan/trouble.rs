//! What goes wrong, and what is done about it.

use super::goal::{Path, Way};
use super::outcome::{Event, Failure, Outcome};
use super::{UpdatePlan, rules};

impl UpdatePlan {
    /// What went wrong last.
    pub(super) fn blame(&mut self, failure: Failure) {
        self.s.held = None;
        self.s.last_failure = Some(failure);
    }

    /// The device does not take this command for the moment: it is asked again later, and that does
    /// not count. It is told once until the device takes the command. The plan's time ends it.
    pub(super) fn hold(&mut self, now: i64, command: &str, why: Failure) {
        let told = self.s.held.as_deref() == Some(command);
        if !told || self.s.last_failure.as_ref() != Some(&why) {
            self.blame(why.clone());
            self.s.held = Some(command.to_owned());
            self.event(Event::Blocked(why));
        }
        self.wait(now, self.s.goal.patience.retry);
    }

    /// The device takes this command, whatever comes of it: what held it up is over.
    pub(super) fn taken(&mut self, command: &str) {
        if self.s.held.as_deref() == Some(command) {
            self.s.held = None;
            self.s.last_failure = None;
        }
    }

    /// This path does not work: takes the other one, if the goal and the device allow.
    pub(super) fn switch(&mut self, now: i64, why: Outcome) {
        let (other, possible) = match self.s.path {
            Path::Commands => {
                let possible = rules::goal_declarable(&self.s.device, &self.s.goal);
                (Path::Declarations, possible)
            }
            Path::Declarations => (Path::Commands, rules::commands_possible(&self.s.device)),
        };
        if self.s.goal.way != Way::Auto || possible.is_err() || self.s.switches > 0 {
            return self.end(now, why);
        }
        self.s.switches += 1;
        self.s.sent = None;
        self.s.lost = None;
        self.s.not_before = now;
        self.s.failures = 0;
        self.s.refused = None;
        (self.s.planned_for, self.s.planned_version) = (None, None);
        self.begin(other);
    }
}
