//! Where a group stands in each partition, all on one axis of offsets.

use yew::prelude::*;

use super::Shown;
use crate::app::Selection;
use crate::engine::{Actor, GroupPartitionView};
use crate::panels::offset_axis::{OffsetMarker, Stretch, axis_keys, offset_axis};

/// What is drawn on the axis, and the messages of its names.
const KEYS: [(&str, &str); 5] = [
    ("committed", "axis-committed"),
    ("read", "axis-read"),
    ("unread", "axis-unread"),
    ("lso", "axis-lso"),
    ("hw", "axis-hw"),
];

/// The partitions, one a row.
pub(super) fn positions(shown: &Shown<'_>) -> Html {
    let i18n = shown.i18n;
    let partitions = &shown.detail.partitions;
    if partitions.is_empty() {
        return html! { <p class="faint">{ i18n.format("group-no-position") }</p> };
    }
    let from = partitions.iter().map(|each| each.log_start_offset).filter(|start| *start >= 0).min().unwrap_or(0);
    let to = partitions.iter().map(|each| each.log_end_offset).max().unwrap_or(0).max(from + 1);
    html! {
        <>
        <div class="scroll" tabindex="0" role="region" aria-label={i18n.format("group-positions")}>
            <table class="data positions" data-testid="group-positions">
                <thead><tr>
                    <th scope="col">{ i18n.format("partition") }</th><th scope="col">{ "lag" }</th>
                    <th scope="col" class="axis-cell">{ i18n.format_with("group-axis", [("from", from.into()), ("to", to.into())]) }</th>
                    <th scope="col">{ i18n.format("group-reader") }</th><th scope="col">{ i18n.format("committed") }</th>
                    <th scope="col">{ "position" }</th><th scope="col">{ "LSO" }</th><th scope="col">{ "HW" }</th><th scope="col">{ "LEO" }</th>
                </tr></thead>
                <tbody>{ for partitions.iter().map(|each| row(shown, each, (from, to))) }</tbody>
            </table>
        </div>
        { axis_keys(&KEYS, i18n) }
        </>
    }
}

fn row(shown: &Shown<'_>, each: &GroupPartitionView, ends: (i64, i64)) -> Html {
    let i18n = shown.i18n;
    let text = |offset: Option<i64>| {
        offset.filter(|offset| *offset >= 0).map_or_else(|| "—".to_owned(), |offset| offset.to_string())
    };
    let known = |offset: i64| text(Some(offset));
    let is_on = match shown.selection {
        Some(Selection::Partition(partition)) => *partition == each.partition,
        Some(Selection::Actor(Actor::Consumer(number))) => each.readers.iter().any(|(reader, _)| reader == number),
        Some(Selection::Actor(_) | Selection::Request(_)) | None => false,
    };
    let is_pressed = shown.selection.and_then(Selection::partition) == Some(&each.partition);
    let (select, partition) = (shown.select.clone(), each.partition.clone());
    let press = Callback::from(move |_: MouseEvent| select.emit(Selection::Partition(partition.clone())));
    let readers: Vec<String> = each.readers.iter().map(|(number, _)| shown.consumer(*number)).collect();
    let owner = each.owner.as_deref().map(|member| shown.member(member));
    let who = match (readers.as_slice(), owner) {
        ([], Some(owner)) => i18n.format_with("group-owner-only", [("owner", owner.into())]),
        ([], None) => i18n.format("group-nobody"),
        ([reader], _) => reader.clone(),
        (several, _) => i18n.format_with("group-two-readers", [("readers", several.join(", ").into())]),
    };
    let positions: Vec<String> = each.readers.iter().map(|(_, position)| known(*position)).collect();
    let committed = each.committed.unwrap_or(each.log_start_offset);
    let read = each.readers.iter().map(|(_, position)| *position).max().unwrap_or(committed);
    let stretches = [
        Stretch { class: "unread", from: committed.max(read), to: each.log_end_offset },
        Stretch { class: "read", from: committed, to: read },
        Stretch { class: "committed", from: each.log_start_offset, to: committed },
    ];
    let markers = [
        OffsetMarker { class: "lso", offset: each.last_stable_offset },
        OffsetMarker { class: "hw", offset: each.high_watermark },
    ];
    html! {
        <tr class={classes!(is_on.then_some("on"))}>
            <th scope="row"><button class="quiet" data-testid={format!("group-{}", each.partition)} aria-pressed={is_pressed.to_string()} onclick={press}>
                <code>{ each.partition.to_string() }</code></button></th>
            <td><b>{ text(each.lag()) }</b></td>
            <td class="axis-cell">if each.log_end_offset >= 0 { { offset_axis(ends, &stretches, &markers) } }</td>
            <td class={classes!("wraps", (each.readers.len() > 1).then_some("warn"))}>{ who }</td>
            <td>{ text(each.committed) }</td>
            <td>{ if positions.is_empty() { "—".to_owned() } else { positions.join(", ") } }</td>
            <td>{ known(each.last_stable_offset) }</td><td class="hw">{ known(each.high_watermark) }</td>
            <td>{ known(each.log_end_offset) }</td>
        </tr>
    }
}
