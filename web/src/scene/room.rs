//! A broker's room: who it is, how it is, its logs, what waits in it.

use std::rc::Rc;

use yew::prelude::*;

use super::client::capitalised;
use super::fold_line::FoldLine;
use super::press::{on_click, on_key};
use super::replica::Replica;
use crate::app::use_app;
use crate::app::{Action, Window};
use crate::engine::{Actor, NodeState, NodeView};
use crate::i18n::{I18n, use_i18n};
use crate::layout::{FOLD_HEIGHT, HEAD_HEIGHT, REPLICA_HEIGHT, Rect, Shown, cut};
use crate::run::SharedSnapshot;
use crate::scene::highlights::Highlights;

/// What a room shows.
#[derive(Clone, PartialEq, Properties)]
pub struct RoomProps {
    /// The broker.
    pub node: NodeView,
    /// What of its replicas is shown.
    pub shown: Shown,
    /// Where.
    pub rect: Rect,
    /// What is highlighted.
    pub highlights: Rc<Highlights>,
    /// The moment: who reads from here.
    pub snapshot: SharedSnapshot,
}

/// How far a room's content is from its frame.
const PAD: f64 = 18.0;

/// A broker's room.
#[component]
pub fn Room(props: &RoomProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let Rect { x, y, w, h } = props.rect;
    let node = &props.node;
    let id = node.id;
    let open = Callback::from(move |()| app.page(Action::Open(Window::Party(Actor::Node(id)))));
    let mut at = y + HEAD_HEIGHT;
    let whole = props.shown.whole.iter().filter_map(|partition| {
        let replica = node.replicas.iter().find(|replica| replica.partition == *partition)?;
        let rect = Rect { x: x + PAD, y: at, w: w - 2.0 * PAD, h: REPLICA_HEIGHT };
        at += rect.h;
        Some(html! {
            <Replica key={partition.to_string()} node={node.id} replica={replica.clone()} {rect} highlights={props.highlights.clone()} snapshot={props.snapshot.clone()} />
        })
    });
    let whole: Vec<Html> = whole.collect();
    let folds = props.shown.folds.iter().enumerate().map(|(index, fold)| {
        let rect = Rect { x: x + PAD, y: at + index as f64 * FOLD_HEIGHT, w: w - 2.0 * PAD, h: FOLD_HEIGHT };
        let replica = fold.highlights.as_ref().and_then(|highlights| node.replicas.iter().find(|replica| replica.partition == *highlights));
        html! { <FoldLine key={fold.topic.clone()} node={node.id} fold={fold.clone()} replica={replica.cloned()} {rect} highlights={props.highlights.clone()} /> }
    });
    let is_highlighted = props.highlights.actors.contains(&Actor::Node(node.id));
    let class = classes!("room", state_class(node.state), is_highlighted.then_some("highlighted"));
    html! {
        <g {class} onclick={on_click(&open)}>
            <rect class="frame" x={x.to_string()} y={y.to_string()} width={w.to_string()} height={h.to_string()} rx="10" />
            <Head {x} {y} {w} {id} state={node.state} rack={node.rack.clone()} open={open.clone()} />
            { for whole }
            { for folds }
            { waiting(node, x + PAD, y + h - 11.0, w - 2.0 * PAD, &i18n) }
        </g>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct HeadProps {
    x: f64,
    y: f64,
    w: f64,
    id: i32,
    state: NodeState,
    rack: Option<String>,
    open: Callback<()>,
}

/// The room's head: what has the focus. A press opens what can be done to the broker, as one anywhere in the room does.
#[component]
fn Head(props: &HeadProps) -> Html {
    let i18n = use_i18n();
    let HeadProps { x, y, w, id, state, .. } = *props;
    let name = capitalised(&i18n.actor(Actor::Node(id)));
    let state = node_state(state, &i18n);
    let line = match &props.rack {
        // Many call their racks so already.
        Some(rack) if rack.starts_with("rack") => format!("{rack} · {state}"),
        Some(rack) => format!("{} · {state}", i18n.format_with("rack", [("rack", rack.clone().into())])),
        None => state,
    };
    html! {
        <g class="head press" role="button" tabindex="0" data-testid={format!("node-{id}")} aria-label={format!("{name}: {line}")} onclick={on_click(&props.open)} onkeydown={on_key(&props.open)}>
            <rect class="hit" x={(x + 6.0).to_string()} y={(y + 6.0).to_string()} width={(w - 12.0).to_string()} height="32" rx="7" />
            <text class="name" x={(x + PAD).to_string()} y={(y + 27.0).to_string()}>{ name }</text>
            <text class="faint state" x={(x + w - 40.0).to_string()} y={(y + 27.0).to_string()} text-anchor="end">{ line }</text>
            <text class="faint" x={(x + w - PAD - 2.0).to_string()} y={(y + 27.0).to_string()} text-anchor="middle">{ "⋯" }</text>
        </g>
    }
}

/// What waits in the broker: its purgatory first, for that is where a produce stays until its followers have it.
fn waiting(node: &NodeView, x: f64, y: f64, w: f64, i18n: &I18n) -> Html {
    let produces = node.purgatory.iter().find(|request| !request.waits_for.is_empty());
    let text = match produces {
        Some(request) => {
            let needed = request.waits_for.first().map_or(-1, |(_, offset)| *offset);
            let who = i18n.actor(request.from);
            i18n.format_with(
                "waits-for-hw",
                [("api", request.api.name().into()), ("who", who.into()), ("offset", needed.into())],
            )
        }
        None if !node.purgatory.is_empty() => {
            let from: Vec<String> = node.purgatory.iter().map(|request| short(request.from)).collect();
            i18n.format_with("waits-in-line", [("count", from.len().into()), ("who", from.join(", ").into())])
        }
        None if !node.request_queue.is_empty() => {
            i18n.format_with("request-queue", [("count", node.request_queue.len().into())])
        }
        None => return Html::default(),
    };
    let class = if produces.is_some() { "waiting produce" } else { "waiting" };
    // So wide is a letter of this line, semibold where a produce waits.
    let letter = if produces.is_some() { 7.2 } else { 6.4 };
    let shown = cut(&text, (w / letter) as usize);
    html! { <text {class} x={x.to_string()} y={y.to_string()}><title>{ text }</title>{ shown }</text> }
}

fn short(actor: Actor) -> String {
    match actor {
        Actor::Consumer(number) => format!("c{number}"),
        Actor::Producer(number) => format!("p{number}"),
        other => other.to_string(),
    }
}

fn state_class(state: NodeState) -> &'static str {
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
