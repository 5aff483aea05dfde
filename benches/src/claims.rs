//! What we claim: a number that was measured, the bound that must hold, and the goal.

use std::fmt;

/// On which side of its bounds a number has to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// The more the better.
    AtLeast,
    /// The less the better.
    AtMost,
}

/// How a claim came out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Not even the bound that must hold.
    Missed,
    /// The bound holds, the goal is not reached.
    Holds,
    /// The goal is reached.
    Goal,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missed => "MISSED",
            Self::Holds => "holds",
            Self::Goal => "goal",
        })
    }
}

/// One claim.
#[derive(Clone, Debug)]
pub struct Claim {
    /// What is claimed.
    pub what: String,
    /// What was measured.
    pub got: f64,
    /// The bound that must hold.
    pub gate: f64,
    /// The goal.
    pub goal: f64,
    /// On which side of them the number has to be.
    pub side: Side,
}

impl Claim {
    /// A number that has to be `gate` or more.
    #[must_use]
    pub fn at_least(what: impl Into<String>, got: f64, gate: f64, goal: f64) -> Self {
        Self { what: what.into(), got, gate, goal, side: Side::AtLeast }
    }

    /// A number that has to be `gate` or less.
    #[must_use]
    pub fn at_most(what: impl Into<String>, got: f64, gate: f64, goal: f64) -> Self {
        Self { what: what.into(), got, gate, goal, side: Side::AtMost }
    }

    /// How it came out. What is no number holds nowhere.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let within = |bound: f64| match self.side {
            Side::AtLeast => self.got >= bound,
            Side::AtMost => self.got <= bound,
        };
        if within(self.goal) {
            Verdict::Goal
        } else if within(self.gate) {
            Verdict::Holds
        } else {
            Verdict::Missed
        }
    }
}
