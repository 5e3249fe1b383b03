//! A line that stands for many partitions, and opens in its place for the one of them that changed.

use yew::prelude::*;

use super::fonts::{measure, px};
use super::press::{on_click, on_key};
use super::replica::cell_of;
use super::replica_shown::{SceneContext, cell_title};
use crate::app::{Action, use_app};
use crate::engine::NodeView;
use crate::layout::{Fold, Font, LogWindow, Rect, shorten, shorten_partition, window};
use crate::platform::siblings::siblings;

/// A small cell.
const PITCH: f64 = 22.0;
const CELLS_MAX: u32 = 3;

/// All that the line's drawing depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldShown {
    node: i32,
    /// The topic.
    pub topic: String,
    name: String,
    name_whole: String,
    label: String,
    log: Option<ChangedLog>,
    is_dim: bool,
}

/// The end of the log that changed.
#[derive(Clone, Debug, PartialEq)]
struct ChangedLog {
    strip: LogWindow,
    titles: Vec<String>,
    highlighted: Vec<i64>,
    marks: String,
}

impl FoldShown {
    /// What is shown of the folded partitions of a topic in so much width.
    pub fn of(node: &NodeView, fold: &Fold, width: f64, context: SceneContext<'_>) -> Self {
        let SceneContext { highlights, focus, i18n, .. } = context;
        let changed = fold.highlights.as_ref();
        let replica =
            changed.and_then(|partition| node.replicas.iter().find(|replica| replica.partition == *partition));
        let log = replica.map(|replica| {
            let pitch = PITCH.max(measure(Font::Mono, &replica.log_end_offset.to_string()) + 6.0);
            let strip = window(replica, CELLS_MAX, pitch, &[]);
            let highlighted = strip.cells.iter().map(|cell| cell.offset);
            ChangedLog {
                titles: strip.cells.iter().map(|cell| cell_title(cell, replica)).collect(),
                highlighted: highlighted
                    .filter(|offset| highlights.has_cell(node.id, &replica.partition, *offset))
                    .collect(),
                marks: format!("LEO {} · HW {}", replica.log_end_offset, replica.high_watermark),
                strip,
            }
        });
        let name_whole = match replica {
            Some(replica) => replica.partition.to_string(),
            None => i18n.format_with("folded", [("topic", fold.topic.clone().into()), ("count", fold.count.into())]),
        };
        let taken = log.as_ref().map_or(0.0, |log| log.strip.width() + measure(Font::Small, &log.marks) + 20.0);
        let name = match (replica, changed) {
            (Some(_), Some(partition)) => {
                shorten_partition(&partition.topic, partition.partition, Font::Small, width - taken, &measure)
            }
            _ if measure(Font::Small, &name_whole) <= width => name_whole.clone(),
            _ => shorten(&fold.topic, Font::Small, width, &measure),
        };
        // The marks give way before the name does.
        let log = log.map(|log| if name.starts_with('…') { ChangedLog { marks: String::new(), ..log } } else { log });
        let is_dim =
            focus.selection().is_some() && !changed.is_some_and(|partition| focus.has_replica(node.id, partition));
        // The same topic is folded on other brokers, too.
        let label = i18n.format_with("on-broker", [("what", name_whole.clone().into()), ("node", node.id.into())]);
        Self { node: node.id, topic: fold.topic.clone(), name, name_whole, label, log, is_dim }
    }
}

/// A line in its place.
#[derive(Clone, PartialEq, Properties)]
pub struct FoldProps {
    /// What it stands for.
    pub shown: FoldShown,
    /// Where.
    pub rect: Rect,
}

/// The line. A press unfolds the topic.
#[component]
pub fn FoldLine(props: &FoldProps) -> Html {
    let app = use_app();
    let Rect { x, y, w, .. } = props.rect;
    let shown = &props.shown;
    let unfold = {
        let topic = shown.topic.clone();
        Callback::from(move |()| app.page(Action::Fold(topic.clone())))
    };
    let log = shown.log.as_ref().map(|log| {
        let left = x + w - log.strip.width();
        let cells = log.strip.cells.iter().zip(&log.titles).map(|(cell, title)| {
            cell_of(cell, log.strip.pitch, left, y + 3.0, (20.0, log.highlighted.contains(&cell.offset)), title)
        });
        html! {
            <>
            { siblings(cells) }
            <text class="faint" x={px(left - 8.0)} y={px(y + 17.0)} text-anchor="end">{ &log.marks }</text>
            </>
        }
    });
    let class = classes!("fold", "press", shown.log.is_some().then_some("unfolded"), shown.is_dim.then_some("dim"));
    html! {
        <g {class} role="button" tabindex="-1" data-testid={format!("fold-{}-{}", shown.node, shown.topic)} aria-label={shown.label.clone()}
            onclick={on_click(&unfold)} onkeydown={on_key(&unfold)}>
            <title>{ &shown.name_whole }</title>
            <rect class="hit" x={px(x - 8.0)} y={px(y)} width={px(w + 16.0)} height="26" rx="6" />
            <text class="faint" x={px(x)} y={px(y + 17.0)}>{ &shown.name }</text>
            { siblings(log) }
        </g>
    }
}
