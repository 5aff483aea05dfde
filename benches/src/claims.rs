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
    /// It was counted, not timed: a busy machine changes nothing.
    pub counted: bool,
}

impl Claim {
    /// A number that has to be `gate` or more.
    #[must_use]
    pub fn at_least(what: impl Into<String>, got: f64, gate: f64, goal: f64) -> Self {
        Self { what: what.into(), got, gate, goal, side: Side::AtLeast, counted: false }
    }

    /// A number that has to be `gate` or less.
    #[must_use]
    pub fn at_most(what: impl Into<String>, got: f64, gate: f64, goal: f64) -> Self {
        Self { what: what.into(), got, gate, goal, side: Side::AtMost, counted: false }
    }

    /// The same for a number that was counted and not timed.
    #[must_use]
    pub fn counted(what: impl Into<String>, got: f64, gate: f64, goal: f64) -> Self {
        Self { counted: true, ..Self::at_most(what, got, gate, goal) }
    }

    /// How it came out. What is no number holds nowhere, and no goal is reached where not even the
    /// bound holds: a bound may be stricter than the goal.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let within = |bound: f64| match self.side {
            Side::AtLeast => self.got >= bound,
            Side::AtMost => self.got <= bound,
        };
        match (within(self.gate), within(self.goal)) {
            (false, _) => Verdict::Missed,
            (true, false) => Verdict::Holds,
            (true, true) => Verdict::Goal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_goal_is_reached_where_the_bound_is_missed() {
        let verdict = |got, gate, goal| Claim::at_least("speed", got, gate, goal).verdict();
        assert_eq!(verdict(1.1, 1.2, 2.0), Verdict::Missed);
        assert_eq!(verdict(1.2, 1.2, 2.0), Verdict::Holds);
        assert_eq!(verdict(2.0, 1.2, 2.0), Verdict::Goal);
        assert_eq!(verdict(1.6, 1.8, 1.5), Verdict::Missed);
        assert_eq!(verdict(1.8, 1.8, 1.5), Verdict::Goal);
        assert_eq!(verdict(f64::NAN, 1.8, 1.5), Verdict::Missed);
        let verdict = |got, gate, goal| Claim::counted("allocations", got, gate, goal).verdict();
        assert_eq!(verdict(3.0, 2.0, 0.0), Verdict::Missed);
        assert_eq!(verdict(2.0, 2.0, 0.0), Verdict::Holds);
        assert_eq!(verdict(0.0, 2.0, 0.0), Verdict::Goal);
    }
}
