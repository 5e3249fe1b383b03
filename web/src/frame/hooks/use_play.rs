//! Play: Forward is pressed again and again.

use gloo_timers::callback::Interval;
use yew::prelude::*;

use crate::app::AppContext;
use crate::app::Speed;
use crate::engine::Size;

/// Presses Forward while playing.
#[hook]
pub fn use_play(app: &AppContext, is_playing: bool, speed: Speed, size: Size) {
    let app = app.clone();
    use_effect_with((is_playing, speed, size), move |(is_playing, speed, size)| {
        let size = *size;
        let interval = is_playing.then(|| Interval::new(speed.pause_ms(), move || app.forward(size)));
        move || drop(interval)
    });
}
