//! Budgets: what a target may cost, counted and not timed.

/// Runs `work` and checks that it never held more than `base` bytes and `factor` bytes for each of
/// `length`, what was returned included.
pub fn memory<T>(length: usize, base: usize, factor: usize, work: impl FnOnce() -> T) -> T {
    let mut result = None;
    let used = allocation_counter::measure(|| result = Some(work()));
    let most = base.saturating_add(length.saturating_mul(factor));
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    assert!(used.bytes_max <= most, "{} bytes for {length}, at most {most}", used.bytes_max);
    result.expect("it ran")
}
