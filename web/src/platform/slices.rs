//! Long work in slices, so that what a person does meanwhile is not kept waiting.

use crate::platform::browser;

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
