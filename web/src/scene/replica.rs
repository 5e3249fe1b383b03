//! A replica: its log as cells, with the log end offset, the high watermark and who reads where.

use yew::prelude::*;

use super::fonts::px;
use super::isr::isr;
use super::press::{self, on_click, on_key};
use super::readers::reader_mark;
use super::replica_shown::ReplicaShown;
use crate::app::{Selection, use_app};
use crate::i18n::{I18n, use_i18n};
use crate::layout::{LogCell, LogWindow, Rect};
use crate::platform::siblings::siblings;

/// From the replica's top to its cells, and their height.
const CELLS_Y: f64 = 22.0;
const CELL_HEIGHT: f64 = 26.0;
/// Tints for leader epochs go round: the number is told as well.
pub const TINTS: i32 = 5;

/// A replica in its place.
#[derive(Clone, PartialEq, Properties)]
pub struct ReplicaProps {
    /// The replica.
    pub shown: ReplicaShown,
    /// Where.
    pub rect: Rect,
}

/// A replica. A press selects its partition, and another one lets it go.
#[component]
pub fn Replica(props: &ReplicaProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let Rect { x, y, w, h } = props.rect;
    let shown = &props.shown;
    let strip = &shown.strip;
    let [is_role_moved, is_end_moved, is_hw_moved] = shown.moved;
    let select = press::select(Selection::Partition(shown.partition.clone()), shown.is_selected, &app);
    let cells = strip.cells.iter().zip(&shown.titles).map(|(cell, title)| {
        let classes = (CELL_HEIGHT, shown.highlighted.contains(&cell.offset));
        cell_of(cell, strip.pitch, x, y + CELLS_Y, classes, title)
    });
    let end = x + strip.width();
    let is_empty = strip.cells.is_empty() && strip.removed.is_empty();
    let leo_x = if is_empty { end + strip.pitch * 2.0 } else { x + strip.full_width() };
    let hw = x + strip.x_of(shown.high_watermark);
    let epochs = shown.epochs.iter().map(|(epoch, at)| {
        html! {
            <text key={format!("epoch-{epoch}")} class={format!("epoch e{}", epoch.rem_euclid(TINTS))} x={px(x + at + 1.0)}
                y={px(y + CELLS_Y + CELL_HEIGHT + 14.0)}>{ format!("e{epoch}") }</text>
        }
    });
    let class = classes!(
        "replica",
        "press",
        shown.is_leader.then_some("leads"),
        shown.is_offline.then_some("offline"),
        (!strip.removed.is_empty()).then_some("cut-short"),
        shown.is_selected.then_some("selected"),
        shown.is_dim.then_some("dim"),
    );
    html! {
        <g {class} role="button" tabindex="-1" aria-pressed={shown.is_selected.to_string()} aria-label={shown.label.clone()}
            data-testid={format!("replica-{}-{}", shown.node, shown.partition)} onclick={on_click(&select)} onkeydown={on_key(&select)}>
            <rect class="hit" x={px(x - 16.0)} y={px(y - 5.0)} width={px(w + 28.0)} height={px(h - 2.0)} rx="7" />
            { shown.belief.crown(x - 14.0, y + 3.5, is_role_moved) }
            <text class="part" x={px(x)} y={px(y + 13.0)}><title>{ &shown.label }</title>{ &shown.name }</text>
            <text class={classes!("role", shown.belief.class(), is_role_moved.then_some("highlighted"))} x={px(x + shown.role_x)} y={px(y + 13.0)}>{ &shown.role }</text>
            if let Some(members) = &shown.isr {
                { isr(members, x + w, y) }
            }
            if strip.has_more {
                <g class="cell more"><rect x={px(x)} y={px(y + CELLS_Y)} width={px(strip.pitch - 1.0)} height={px(CELL_HEIGHT)} />
                <text class="m" x={px(x + strip.pitch / 2.0)} y={px(y + CELLS_Y + 16.0)} text-anchor="middle">{ "…" }</text></g>
            }
            if is_empty {
                <rect class="empty" x={px(x)} y={px(y + CELLS_Y)} width={px(strip.pitch * 2.0)} height={px(CELL_HEIGHT)} />
            }
            { siblings(cells) }
            { siblings(epochs) }
            { removed(strip, x, y + CELLS_Y, &i18n) }
            <path class="leo-line" d={format!("M{end:.1} {:.1}v{:.1}", y + CELLS_Y - 3.0, CELL_HEIGHT + 6.0)} />
            <text class={classes!("leo", is_end_moved.then_some("highlighted"))} x={px(leo_x + 7.0)} y={px(y + CELLS_Y + 17.0)}>
                { format!("LEO {}", shown.end) }
            </text>
            <g class={classes!("hw", is_hw_moved.then_some("highlighted"))}>
                <path d={format!("M{hw:.1} {:.1}v{:.1}", y + CELLS_Y - 4.0, CELL_HEIGHT + 22.0)} />
                <text x={px(x + shown.hw_label.x)} y={px(y + CELLS_Y + CELL_HEIGHT + 16.0)}>
                    { format!("HW {}", shown.high_watermark) }
                </text>
            </g>
            { siblings(shown.readers.iter().map(|reader| reader_mark(reader, x, y + CELLS_Y + CELL_HEIGHT, (hw - x, shown.hw_label)))) }
        </g>
    }
}

/// What was cut off in this step, struck out where it stood, and an arrow back to where the log ends now.
fn removed(strip: &LogWindow, x: f64, y: f64, i18n: &I18n) -> Html {
    if strip.removed.is_empty() {
        return Html::default();
    }
    let pitch = strip.pitch;
    let cells = strip.removed.iter().enumerate().map(|(index, cell)| {
        let at = x + cell.x;
        let is_last = index + 1 == strip.removed.len();
        let text = if is_last && strip.removed_more > 0 { "…".to_owned() } else { cell.offset.to_string() };
        let tint = cell.epoch.map(|epoch| format!("e{}", epoch.rem_euclid(TINTS)));
        let epoch = cell.epoch.map_or("?".to_owned(), |epoch| epoch.to_string());
        html! {
            <g key={format!("removed-{}", cell.offset)} class={classes!("cell", "removed", tint)}>
                <title>{ i18n.format_with("cell-removed", [("offset", cell.offset.into()), ("epoch", epoch.into())]) }</title>
                <rect x={px(at + 1.0)} y={px(y + 0.75)} width={px(pitch - 3.0)} height={px(CELL_HEIGHT - 1.5)} />
                <text class="m" x={px(at + pitch / 2.0 - 0.5)} y={px(y + 17.0)} text-anchor="middle">{ text }</text>
                <path d={format!("M{:.1} {:.1}h{:.1}", at - 0.5, y + CELL_HEIGHT / 2.0, pitch)} />
            </g>
        }
    });
    let (from, to) = (x + strip.full_width() - 2.0, x + strip.width() + 1.5);
    html! {
        <g data-testid="removed">
            { siblings(cells) }
            <path class="cut-back" d={format!("M{from:.1} {:.1}v3.5M{from:.1} {:.1}H{to:.1}m3.5 -2.5l-3.5 2.5l3.5 2.5", y - 3.5, y - 3.5)} />
        </g>
    }
}

/// One offset, in the colour of its leader epoch.
pub fn cell_of(cell: &LogCell, pitch: f64, x: f64, y: f64, (height, is_highlighted): (f64, bool), title: &str) -> Html {
    let tint = cell.epoch.map(|epoch| format!("e{}", epoch.rem_euclid(TINTS)));
    let class = classes!("cell", tint, is_highlighted.then_some("highlighted"), cell.epoch.is_none().then_some("gone"));
    let at = x + cell.x;
    html! {
        <g key={cell.offset} {class}>
            <title>{ title.to_owned() }</title>
            <rect x={px(at)} y={px(y)} width={px(pitch - 1.0)} height={px(height)} />
            <text class="m" x={px(at + pitch / 2.0 - 0.5)} y={px(y + height / 2.0 + 4.0)} text-anchor="middle">{ cell.offset }</text>
        </g>
    }
}
