//! Measuring side by side: all contestants of a group take turns in one process, and the fastest
//! round of each counts. A busy machine slows all of them, so ratios hold where times do not.

use std::time::Duration;

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

    /// Measures all contestants in `rounds` rounds. The first is what the others are compared with.
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

/// Seconds that this thread has had a processor: what others do on a busy machine does not count.
#[must_use]
pub fn processor_time() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn time(work: &mut dyn FnMut() -> usize, iterations: u32) -> f64 {
    let start = processor_time();
    for _ in 0..iterations {
        std::hint::black_box(work());
    }
    processor_time() - start
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
    /// How many times as fast as `other` `name` is.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn ratio(&self, name: &str, other: &str) -> f64 {
        self.row(other).seconds / self.row(name).seconds
    }

    /// The row that the others are compared with: the first.
    ///
    /// # Panics
    /// If there is no row at all.
    #[must_use]
    pub fn base(&self) -> &Measured {
        &self.rows[0]
    }

    /// A row by its name.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn row(&self, name: &str) -> &Measured {
        let row = self.rows.iter().find(|row| row.name == name);
        row.unwrap_or_else(|| panic!("{} has no row {name}", self.name))
    }
}
