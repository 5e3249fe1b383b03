//! A line that stands for many partitions, and shows the one of them that changed.

use std::rc::Rc;

use yew::prelude::*;

use super::press::{on_click, on_key};
use super::replica::TINTS;
use crate::app::Action;
use crate::app::use_app;
use crate::engine::ReplicaView;
use crate::i18n::use_i18n;
use crate::layout::{Fold, Rect, window};
use crate::scene::highlights::Highlights;

/// What the line shows.
#[derive(Clone, PartialEq, Properties)]
pub struct FoldProps {
    /// On which broker.
    pub node: i32,
    /// What it stands for.
    pub fold: Fold,
    /// The replica among them that changed.
    pub replica: Option<ReplicaView>,
    /// Where.
    pub rect: Rect,
    /// What is highlighted.
    pub highlights: Rc<Highlights>,
}

/// A small cell.
const PITCH: f64 = 22.0;
const CELLS_MAX: u32 = 4;

/// The line. A press unfolds the topic.
#[component]
pub fn FoldLine(props: &FoldProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let Rect { x, y, w, .. } = props.rect;
    let name = match &props.replica {
        Some(replica) => replica.partition.to_string(),
        None => {
            i18n.format_with("folded", [("topic", props.fold.topic.clone().into()), ("count", props.fold.count.into())])
        }
    };
    let topic = props.fold.topic.clone();
    let unfold = Callback::from(move |()| app.page(Action::Fold(topic.clone())));
    let strip = props.replica.as_ref().map(|replica| (replica, window(replica, CELLS_MAX, PITCH, &[])));
    let cells = strip.iter().flat_map(|(replica, strip)| {
        let left = x + w - strip.width();
        strip.cells.iter().map(move |cell| {
            let is_highlighted = props.highlights.has_cell(props.node, &replica.partition, cell.offset);
            let tint = format!("e{}", cell.epoch.unwrap_or(0).rem_euclid(TINTS));
            let at = left + cell.x;
            html! {
                <g key={cell.offset} class={classes!("cell", tint, is_highlighted.then_some("highlighted"))}>
                    <rect x={at.to_string()} y={(y + 3.0).to_string()} width={(PITCH - 1.0).to_string()} height="20" />
                    <text class="m" x={(at + PITCH / 2.0 - 0.5).to_string()} y={(y + 17.0).to_string()} text-anchor="middle">{ cell.offset }</text>
                </g>
            }
        })
    });
    html! {
        <g class={classes!("fold", "press", props.fold.highlights.is_some().then_some("highlighted"))} role="button" tabindex="0"
            data-testid={format!("fold-{}-{}", props.node, props.fold.topic)} aria-label={name.clone()} onclick={on_click(&unfold)} onkeydown={on_key(&unfold)}>
            <rect class="hit" x={(x - 8.0).to_string()} y={y.to_string()} width={(w + 16.0).to_string()} height="26" rx="6" />
            <text class="faint" x={x.to_string()} y={(y + 17.0).to_string()}>{ name }</text>
            { for cells }
        </g>
    }
}
