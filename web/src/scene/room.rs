//! A broker's room: who it is, how it is, its logs, what waits in it.

use yew::prelude::*;

use super::client::capitalised;
use super::emphasis::Emphasis;
use super::fold_line::{FoldLine, FoldShown};
use super::fonts::{measure, px};
use super::marks;
use super::press::{self, on_click, on_key};
use super::replica::Replica;
use super::replica_shown::{ReplicaShown, SceneContext};
use crate::app::{Selection, Window, use_app};
use crate::engine::{Actor, NodeState, NodeView, TopicPartition};
use crate::i18n::{I18n, use_i18n};
use crate::layout::{FOLD_HEIGHT, Font, HEAD_HEIGHT, REPLICA_HEIGHT, Rect, Shown, first_that_fits, wrap};
use crate::platform::siblings::siblings;

/// How far a room's content is from its frame: the leader's crown stands there.
const PAD: f64 = 18.0;
/// What opens what can be done, at the right of a name.
const MORE: f64 = 40.0;

/// All that a room's drawing depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomShown {
    id: i32,
    name: String,
    state: NodeState,
    line: String,
    line_whole: String,
    disk_write_ms: u64,
    replicas: Vec<Option<ReplicaShown>>,
    folds: Vec<FoldShown>,
    waiting: Vec<String>,
    waiting_whole: String,
    holds_produce: bool,
    emphasis: Emphasis,
}

impl RoomShown {
    /// What is shown of a broker in so much width.
    pub fn of(node: &NodeView, shown: &Shown, width: f64, context: SceneContext<'_>) -> Self {
        let i18n = context.i18n;
        let inner = width - 2.0 * PAD;
        let find = |partition: &TopicPartition| node.replicas.iter().find(|replica| replica.partition == *partition);
        let whole = shown.whole.iter().map(|partition| {
            let replica = partition.as_ref().and_then(find)?;
            Some(ReplicaShown::of(node.id, replica, inner, context))
        });
        let replicas: Vec<Option<ReplicaShown>> = whole.collect();
        let emphasis = Emphasis::of(Actor::Node(node.id), context);
        // A room in which a log stays lit does not step back.
        let is_dim = emphasis.is_dim && replicas.iter().flatten().all(|replica| replica.is_dim);
        let folds = shown.folds.iter().map(|fold| FoldShown::of(node, fold, inner, context));
        let name = capitalised(&i18n.actor(Actor::Node(node.id)));
        let state = node_state(node.state, i18n);
        let line_whole = match &node.rack {
            // Many call their racks so already.
            Some(rack) if rack.starts_with("rack") => format!("{rack} · {state}"),
            Some(rack) => format!("{} · {state}", i18n.format_with("rack", [("rack", rack.clone().into())])),
            None => state.clone(),
        };
        let signs = marks::width(node.state == NodeState::Paused, node.disk_write_ms);
        let room = width - PAD - measure(Font::Name, &name) - 12.0 - MORE - signs;
        let line = first_that_fits(&[line_whole.clone(), state, String::new()], Font::SmallBold, room, &measure);
        let (forms, holds_produce) = waiting(node, i18n);
        let font = if holds_produce { Font::SmallBold } else { Font::Small };
        let set = |text: &String| wrap(text, font, inner, 2, &measure);
        let is_whole = |lines: &Vec<String>| lines.last().is_none_or(|line| !line.ends_with('…'));
        let lines = forms.iter().map(set).find(is_whole).or(forms.last().map(set)).unwrap_or_default();
        Self {
            id: node.id,
            name,
            state: node.state,
            line,
            line_whole,
            disk_write_ms: node.disk_write_ms,
            replicas,
            folds: folds.collect(),
            waiting: lines,
            waiting_whole: forms.into_iter().next().unwrap_or_default(),
            holds_produce,
            emphasis: Emphasis { is_dim, ..emphasis },
        }
    }
}

/// A room in its place.
#[derive(Clone, PartialEq, Properties)]
pub struct RoomProps {
    /// The broker.
    pub shown: RoomShown,
    /// Where.
    pub rect: Rect,
}

/// A broker's room. A press anywhere in it selects the broker, one on a log its partition.
#[component]
pub fn Room(props: &RoomProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let Rect { x, y, w, h } = props.rect;
    let shown = &props.shown;
    let actor = Actor::Node(shown.id);
    let is_selected = shown.emphasis.is_selected;
    let select = press::select(Selection::Actor(actor), is_selected, &app);
    let open = press::open(Window::Actor(actor), &app);
    let inner = Rect { x: x + PAD, y: y + HEAD_HEIGHT, w: w - 2.0 * PAD, h: REPLICA_HEIGHT };
    let replicas = shown.replicas.iter().enumerate().filter_map(|(index, replica)| {
        let replica = replica.as_ref()?;
        let rect = Rect { y: inner.y + index as f64 * REPLICA_HEIGHT, ..inner };
        Some(html! { <Replica key={replica.partition.to_string()} shown={replica.clone()} {rect} /> })
    });
    let below = inner.y + shown.replicas.len() as f64 * REPLICA_HEIGHT;
    let folds = shown.folds.iter().enumerate().map(|(index, fold)| {
        let rect = Rect { y: below + index as f64 * FOLD_HEIGHT, h: FOLD_HEIGHT, ..inner };
        html! { <FoldLine key={fold.topic.clone()} shown={fold.clone()} {rect} /> }
    });
    let waiting = shown.waiting.iter().enumerate().map(|(index, line)| {
        let at = y + h - 10.0 - (shown.waiting.len() - 1 - index) as f64 * 16.0;
        html! { <text class={classes!("waiting", shown.holds_produce.then_some("produce"))} x={px(inner.x)} y={px(at)}>{ line }</text> }
    });
    let class = classes!("room", state_class(shown.state), shown.emphasis.classes());
    let signs = (shown.state == NodeState::Paused, shown.disk_write_ms);
    let line_width = measure(Font::SmallBold, &shown.line);
    html! {
        <g {class} onclick={on_click(&select)}>
            <rect class="frame" x={px(x)} y={px(y)} width={px(w)} height={px(h)} rx="10" />
            <g class="head press" role="button" tabindex="-1" data-testid={format!("select-{}", shown.id)} aria-pressed={is_selected.to_string()}
                aria-label={format!("{}: {}", shown.name, shown.line_whole)} onclick={on_click(&select)} onkeydown={on_key(&select)}>
                <title>{ &shown.line_whole }</title>
                <rect class="hit" x={px(x + 6.0)} y={px(y + 6.0)} width={px(w - 12.0 - MORE)} height="32" rx="7" />
                <text class="name" x={px(inner.x)} y={px(y + 27.0)}>{ &shown.name }</text>
                <text class="faint state" x={px(x + w - MORE)} y={px(y + 27.0)} text-anchor="end">{ &shown.line }</text>
                { marks::of_node(x + w - MORE - line_width - 6.0, y + 27.0, signs, &i18n) }
            </g>
            { more(Rect { x: x + w - MORE, y: y + 6.0, w: MORE - 6.0, h: 32.0 }, &format!("node-{}", shown.id), &actions_label(&shown.name, &i18n), "⋯", &open) }
            { siblings(replicas) }
            { siblings(folds) }
            if !shown.waiting.is_empty() {
                <g class="waits"><title>{ &shown.waiting_whole }</title>{ siblings(waiting) }</g>
            }
        </g>
    }
}

/// What opens what can be done with something.
pub fn more(rect: Rect, testid: &str, label: &str, sign: &'static str, open: &Callback<()>) -> Html {
    html! {
        <g class="more press" role="button" tabindex="-1" data-testid={testid.to_owned()} aria-label={label.to_owned()} onclick={on_click(open)} onkeydown={on_key(open)}>
            <title>{ label.to_owned() }</title>
            <rect class="hit" x={px(rect.x)} y={px(rect.y)} width={px(rect.w)} height={px(rect.h)} rx="7" />
            <text class="faint" x={px(rect.center_x())} y={px(rect.y + rect.h / 2.0 + 4.5)} text-anchor="middle">{ sign }</text>
        </g>
    }
}

/// How what opens the actions of somebody is called.
pub fn actions_label(name: &str, i18n: &I18n) -> String {
    i18n.format_with("actions-of", [("who", name.to_owned().into())])
}

/// What waits in the broker, the longest form first: its purgatory before all, for that is where a produce stays until its
/// followers have it.
fn waiting(node: &NodeView, i18n: &I18n) -> (Vec<String>, bool) {
    if let Some(request) = node.purgatory.iter().find(|request| !request.waits_for.is_empty()) {
        let needed = request.waits_for.first().map_or(-1, |(_, offset)| *offset);
        let who = i18n.actor(request.from);
        let args = |who: String| [("api", request.api.name().into()), ("who", who.into()), ("offset", needed.into())];
        let long = i18n.format_with("waits-for-hw", args(who));
        return (vec![long, i18n.format_with("waits-for-hw-short", args(short(request.from)))], true);
    }
    if !node.purgatory.is_empty() {
        let from: Vec<String> = node.purgatory.iter().map(|request| short(request.from)).collect();
        let args = [("count", from.len().into()), ("who", from.join(", ").into())];
        let count = i18n.format_with("purgatory-count", [("count", node.purgatory.len().into())]);
        return (vec![i18n.format_with("waits-in-line", args), count], false);
    }
    if !node.request_queue.is_empty() {
        return (vec![i18n.format_with("request-queue", [("count", node.request_queue.len().into())])], false);
    }
    (Vec::new(), false)
}

/// An actor in two or three letters, as it stands beside a log.
pub fn short(actor: Actor) -> String {
    match actor {
        Actor::Consumer(number) => format!("c{number}"),
        Actor::Producer(number) => format!("p{number}"),
        Actor::Node(_) | Actor::Admin | Actor::Probe(_) => actor.to_string(),
    }
}

/// How a node's state is drawn.
pub fn state_class(state: NodeState) -> &'static str {
    match state {
        NodeState::Running => "is-running",
        NodeState::Starting => "is-starting",
        NodeState::Fenced => "is-fenced",
        NodeState::Stopping => "is-stopping",
        NodeState::Paused => "is-paused",
        NodeState::Down => "is-down",
        NodeState::Puppet => "is-puppet",
    }
}

/// A node's state in a word.
pub fn node_state(state: NodeState, i18n: &I18n) -> String {
    match state {
        NodeState::Running => i18n.format("state-running"),
        NodeState::Starting => i18n.format("state-starting"),
        NodeState::Fenced => i18n.format("state-fenced"),
        NodeState::Stopping => i18n.format("state-stopping"),
        NodeState::Paused => i18n.format("state-paused"),
        NodeState::Down => i18n.format("state-down"),
        NodeState::Puppet => i18n.format("state-puppet"),
    }
}
