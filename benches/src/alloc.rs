//! An allocator that counts: how often memory was asked for, and how much was in use at most.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static COUNT: AtomicUsize = AtomicUsize::new(0);
static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counted. A program makes it its own with `#[global_allocator]`.
#[derive(Debug)]
pub struct Counting;

fn grown(by: usize) {
    COUNT.fetch_add(1, Relaxed);
    let now = NOW.fetch_add(by, Relaxed) + by;
    PEAK.fetch_max(now, Relaxed);
}

// SAFETY: every call goes to the system's allocator unchanged; the counters touch no memory of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    // Memory that the system gives as zeros is not filled again.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both may be there for a moment.
        grown(size);
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// What a piece of work cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// How often memory was asked for.
    pub allocations: usize,
    /// The most bytes that were in use at one time, beyond those in use before.
    pub peak: usize,
}

/// Runs `work` and says what it cost. Counts nothing unless [`Counting`] is the program's
/// allocator.
pub fn counted<T>(work: impl FnOnce() -> T) -> (T, Memory) {
    let (count, now) = (COUNT.load(Relaxed), NOW.load(Relaxed));
    PEAK.store(now, Relaxed);
    let result = work();
    let allocations = COUNT.load(Relaxed) - count;
    (result, Memory { allocations, peak: PEAK.load(Relaxed).saturating_sub(now) })
}
