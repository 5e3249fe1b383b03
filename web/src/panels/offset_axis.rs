//! Offsets on an axis: which stretch is of which kind, and what stands at which offset. Numbers stand beside it, in words.

use yew::prelude::*;

use crate::i18n::I18n;
use crate::platform::siblings::siblings;

/// A stretch of the axis, from an offset to another (exclusive).
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Its kind, as the stylesheet knows it.
    pub class: &'static str,
    /// From.
    pub from: i64,
    /// To (exclusive).
    pub to: i64,
}

/// A marker at an offset.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetMarker {
    /// Its kind, as the stylesheet knows it.
    pub class: &'static str,
    /// Where it stands.
    pub offset: i64,
}

/// The axis's width in its own unit: it is drawn as wide as there is room.
const WIDTH: f64 = 1_000.0;

/// Where an offset lies on an axis from one offset to another.
fn x(offset: i64, (from, to): (i64, i64)) -> f64 {
    let length = (to - from).max(1) as f64;
    ((offset - from) as f64 / length).clamp(0.0, 1.0) * (WIDTH - 8.0) + 4.0
}

/// The axis from one offset to another.
pub fn offset_axis(ends: (i64, i64), stretches: &[Stretch], markers: &[OffsetMarker]) -> Html {
    let stretch = |stretch: &Stretch| {
        let (left, right) = (x(stretch.from, ends), x(stretch.to.max(stretch.from), ends));
        html! { <rect class={stretch.class} x={format!("{left:.1}")} y="5" width={format!("{:.1}", right - left)} height="10" /> }
    };
    let marker = |marker: &OffsetMarker| html! { <path class={marker.class} d={format!("M{:.1} 0V20", x(marker.offset, ends))} /> };
    html! {
        <svg class="offset-axis" viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">
            <rect class="all" x="4" y="5" width={(WIDTH - 8.0).to_string()} height="10" />
            { siblings(stretches.iter().filter(|each| each.to > each.from).map(stretch)) }
            { siblings(markers.iter().map(marker)) }
        </svg>
    }
}

/// What the axis's kinds are called: each with the id of its message.
pub fn axis_keys(keys: &[(&'static str, &'static str)], i18n: &I18n) -> Html {
    let key = |(class, word): &(&'static str, &'static str)| html! { <li><i class={classes!("axis-key", *class)} aria-hidden="true"></i>{ i18n.format(word) }</li> };
    html! { <ul class="axis-keys">{ for keys.iter().map(key) }</ul> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_lie_at_the_ends_and_an_empty_axis_has_a_place() {
        assert_eq!((x(0, (0, 10)), x(5, (0, 10)), x(10, (0, 10))), (4.0, 500.0, 996.0));
        assert_eq!((x(3, (3, 3)), x(99, (0, 10))), (4.0, 996.0));
    }
}
