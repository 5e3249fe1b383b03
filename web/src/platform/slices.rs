//! Long work in slices, so that what a person does meanwhile is not kept waiting.

use crate::platform::browser;

/// A slice of work that a person waits for lasts about so long, in milliseconds: what they do meanwhile is not kept waiting.
pub const SLICE_MS: f64 = 16.0;
/// How many moves are made before the clock is looked at again.
pub const MOVES_PER_LOOK: u32 = 100;

/// Goes on with work until it has come to something or the slice, in milliseconds, is over. `None` where it is not done yet.
pub fn work_for_a_slice<T>(slice_ms: f64, mut go_on: impl FnMut() -> Option<T>) -> Option<T> {
    let slice_ends = browser::now_ms() + slice_ms;
    loop {
        let done = go_on();
        if done.is_some() || browser::now_ms() >= slice_ends {
            return done;
        }
    }
}
