//! How long a press takes until its frame is painted.

use std::cell::RefCell;
use std::collections::VecDeque;

use crate::platform::browser;

/// How many measurements are kept.
const KEPT_MAX: usize = 512;

thread_local! {
    static PAINTS_MS: RefCell<VecDeque<f64>> = const { RefCell::new(VecDeque::new()) };
}

/// Does something and notes how long it takes until it is on the screen.
pub fn measured(press: impl FnOnce()) {
    let start = browser::now_ms();
    press();
    browser::after_paint(move || {
        PAINTS_MS.with(|paints| {
            let mut paints = paints.borrow_mut();
            if paints.len() == KEPT_MAX {
                paints.pop_front();
            }
            paints.push_back(browser::now_ms() - start);
        });
    });
}

/// The last measurements in milliseconds, oldest first.
pub fn paints_ms() -> Vec<f64> {
    PAINTS_MS.with(|paints| paints.borrow().iter().copied().collect())
}
