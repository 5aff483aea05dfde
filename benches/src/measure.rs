//! Measuring side by side: all contestants of a group take turns in one process, and the fastest
//! round of each counts. A busy machine slows all of them, so ratios hold where times do not.

use std::time::{Duration, Instant};

use crate::alloc::{self, Memory};

/// How long one round of one contestant takes at least.
const ROUND: Duration = Duration::from_millis(4);

/// One way to do a group's work.
pub struct Contestant<'x> {
    /// Its name in the table.
    pub name: String,
    work: Box<dyn FnMut() -> usize + 'x>,
}

/// What was measured of a contestant.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// Seconds for one run: of the fastest round.
    pub seconds: f64,
    /// What one run costs in memory.
    pub memory: Memory,
}

/// Contestants that do the same work on the same input.
pub struct Group<'x> {
    /// Its name in the table.
    pub name: String,
    /// Bytes of input of one run.
    pub bytes: usize,
    contestants: Vec<Contestant<'x>>,
}

impl<'x> Group<'x> {
    /// A group without contestants.
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: usize) -> Self {
        Self { name: name.into(), bytes, contestants: Vec::new() }
    }

    /// With one more. What `work` returns keeps the compiler from leaving it out; it has to differ
    /// from 0, so that work that failed cannot win.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, work: impl FnMut() -> usize + 'x) -> Self {
        self.contestants.push(Contestant { name: name.into(), work: Box::new(work) });
        self
    }

    /// Measures all contestants in `rounds` rounds.
    ///
    /// # Panics
    /// If a contestant's work fails.
    #[must_use]
    pub fn measure(mut self, rounds: usize) -> Table {
        let mut iterations = Vec::new();
        let mut measured = Vec::new();
        for contestant in &mut self.contestants {
            let (result, _) = alloc::counted(&mut contestant.work);
            assert_ne!(result, 0, "{} of {} failed", contestant.name, self.name);
            // The second run: what is kept for its memory has been made.
            let (_, memory) = alloc::counted(&mut contestant.work);
            measured.push(Measured {
                name: contestant.name.clone(),
                seconds: f64::INFINITY,
                memory,
            });
            iterations.push(calibrate(&mut contestant.work));
        }
        for _ in 0..rounds {
            for ((contestant, count), measured) in
                self.contestants.iter_mut().zip(&iterations).zip(&mut measured)
            {
                let took = time(&mut contestant.work, *count) / f64::from(*count);
                measured.seconds = measured.seconds.min(took);
            }
        }
        Table { name: self.name, bytes: self.bytes, rows: measured }
    }
}

fn time(work: &mut dyn FnMut() -> usize, iterations: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..iterations {
        std::hint::black_box(work());
    }
    start.elapsed().as_secs_f64()
}

fn calibrate(work: &mut dyn FnMut() -> usize) -> u32 {
    let mut iterations = 1;
    while time(work, iterations) < ROUND.as_secs_f64() && iterations < 1 << 24 {
        iterations *= 2;
    }
    iterations
}

/// What was measured of a group.
#[derive(Clone, Debug)]
pub struct Table {
    /// The group's name.
    pub name: String,
    /// Bytes of input of one run.
    pub bytes: usize,
    /// A row for each contestant.
    pub rows: Vec<Measured>,
}

impl Table {
    /// How many times as fast as `other` `name` is; `None` if there is no such row.
    #[must_use]
    pub fn ratio(&self, name: &str, other: &str) -> Option<f64> {
        Some(self.row(other)?.seconds / self.row(name)?.seconds)
    }

    /// A row by its name.
    #[must_use]
    pub fn row(&self, name: &str) -> Option<&Measured> {
        self.rows.iter().find(|row| row.name == name)
    }
}
