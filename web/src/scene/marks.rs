//! Small signs: a node that stands still, a disk that is slow.

use yew::prelude::*;

use super::fonts::{measure, px};
use crate::i18n::I18n;
use crate::layout::Font;

fn disk_text(ms: u64) -> String {
    format!("{ms} ms")
}

/// What a node's signs take of its head.
pub fn width(is_paused: bool, disk_write_ms: u64) -> f64 {
    let disk = if disk_write_ms > 0 { 20.0 + measure(Font::SmallBold, &disk_text(disk_write_ms)) + 8.0 } else { 0.0 };
    disk + if is_paused { 16.0 } else { 0.0 }
}

/// A node's signs, up to a right edge, on a line of text.
pub fn of_node(right: f64, baseline: f64, (is_paused, disk_write_ms): (bool, u64), i18n: &I18n) -> Html {
    let words = disk_text(disk_write_ms);
    let disk_right = right - if is_paused { 16.0 } else { 0.0 };
    let at = disk_right - measure(Font::SmallBold, &words);
    html! {
        <>
        if is_paused {
            { pause(right - 10.0, baseline - 10.0) }
        }
        if disk_write_ms > 0 {
            <g class="slow-disk" data-testid="slow-disk">
                <title>{ i18n.format_with("disk-is-slow", [("ms", disk_write_ms.into())]) }</title>
                { disk(at - 19.0, baseline - 11.5) }
                <text x={px(at)} y={px(baseline)}>{ words }</text>
            </g>
        }
        </>
    }
}

/// Two bars: it stands still.
pub fn pause(x: f64, y: f64) -> Html {
    html! { <path class="pause-sign" d={format!("M{x:.1} {y:.1}v11M{:.1} {y:.1}v11", x + 5.0)} /> }
}

/// Something waits.
pub fn hourglass(x: f64, y: f64) -> Html {
    html! { <path class="hourglass" d={format!("M{x:.1} {y:.1}h8l-8 10h8z")} /> }
}

/// A stack of plates.
pub fn disk(x: f64, y: f64) -> Html {
    let plate = |dy: f64| format!("M{x:.1} {:.1}a6.5 2.5 0 0 0 13 0", y + dy);
    html! { <path class="disk-sign" d={format!("M{x:.1} {:.1}a6.5 2.5 0 0 1 13 0v8.5a6.5 2.5 0 0 1 -13 0z{}{}", y + 2.5, plate(2.5), plate(6.5))} /> }
}
