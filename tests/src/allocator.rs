//! Where native runs get their memory from: mimalloc, for an engine's steps ask for many small pieces. The page has the allocator of
//! WebAssembly.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};

use libmimalloc_sys::{mi_malloc, mi_realloc};
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: Counting = Counting(MiMalloc);

static COUNTS: AtomicBool = AtomicBool::new(false);
static ALLOCATED: AtomicU64 = AtomicU64::new(0);

/// Counts the bytes that are allocated while [`count`] runs: counting every allocation would be part of every time.
struct Counting(MiMalloc);

/// Does something. Gives beside its result how many bytes it allocated that were not freed again.
///
/// Other threads' allocations count, too.
pub fn count<T>(task: impl FnOnce() -> T) -> (T, u64) {
    ALLOCATED.store(0, Relaxed);
    COUNTS.store(true, Relaxed);
    let result = task();
    COUNTS.store(false, Relaxed);
    (result, ALLOCATED.load(Relaxed))
}

/// Takes note of bytes that were allocated, and of bytes that were freed. It stands apart: every place that allocates has the question
/// whether anybody counts, none needs the answer's code.
#[cold]
#[inline(never)]
fn note(allocated: usize, freed: usize) {
    ALLOCATED.fetch_add(allocated as u64, Relaxed);
    ALLOCATED.fetch_sub(freed as u64, Relaxed);
}

/// Up to this alignment every piece of memory is aligned by itself that is at least as large (`MI_MAX_ALIGN_SIZE`).
const NATURAL_ALIGNMENT: usize = 16;

/// Whether memory needs no special care to be aligned. What asks for care takes a slower way in mimalloc, and gets a larger piece.
fn is_naturally_aligned(size: usize, alignment: usize) -> bool {
    alignment <= NATURAL_ALIGNMENT && alignment <= size
}

#[expect(unsafe_code, reason = "only an allocator can count allocations; each call is passed on as it came")]
// SAFETY: every method passes its arguments unchanged to mimalloc, whose contract is the same: `mi_malloc` and `mi_realloc` align
// what `is_naturally_aligned` says, and what they give may be freed and made larger by any of its functions.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTS.load(Relaxed) {
            note(layout.size(), 0);
        }
        if is_naturally_aligned(layout.size(), layout.align()) {
            // SAFETY: `mi_malloc` takes any size.
            return unsafe { mi_malloc(layout.size()) }.cast();
        }
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if COUNTS.load(Relaxed) {
            note(0, layout.size());
        }
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { self.0.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if COUNTS.load(Relaxed) {
            note(new_size, layout.size());
        }
        if is_naturally_aligned(layout.size().min(new_size), layout.align()) {
            // SAFETY: the caller has the pointer from this allocator, so from mimalloc.
            return unsafe { mi_realloc(pointer.cast(), new_size) }.cast();
        }
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { self.0.realloc(pointer, layout, new_size) }
    }
}
