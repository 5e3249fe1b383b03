//! The scene on a phone: a small map of everything, and one actor at a time, large enough to read.

use std::collections::BTreeSet;
use std::rc::Rc;

use web_sys::TouchEvent;
use yew::prelude::*;

use super::client::{Card, CardShown};
use super::controllers::{Controllers, ControllersShown};
use super::emphasis::HIGHLIGHTED;
use super::focus::Focus;
use super::links::MapLinks;
use super::plan::{Brokers, plan};
use super::press::on_walk;
use super::replica_shown::SceneContext;
use super::room::{Room, RoomShown};
use crate::app::Action;
use crate::app::{AppContext, Selection, use_app};
use crate::engine::{Actor, ClusterView, NodeState, Role};
use crate::i18n::use_i18n;
use crate::layout::{CARD_HEIGHT, Form, Pane, Rect, Scene, Shown, place, room_height};
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;
use crate::scene::highlights::Highlights;

/// What is shown.
#[derive(Clone, PartialEq, Properties)]
pub struct PhoneProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// Topics whose partitions are all shown.
    pub unfolded: Rc<BTreeSet<String>>,
    /// The actor that a person chose.
    pub chosen: Option<Actor>,
    /// What is followed.
    pub selection: Option<Rc<Selection>>,
}

/// The map is drawn for a page, and made small.
const MAP: Pane = Pane { w: 760.0, h: 420.0 };

/// A room is this wide on a phone: its words are then as large as on a desktop.
const ROOM_WIDTH: f64 = 350.0;
/// A finger that moves so far, swipes.
const SWIPE_PX: i32 = 45;

/// Where one looks first: at what changed, then at who acted, then at a leader.
fn looked_at(snapshot: &SharedSnapshot, highlights: &Highlights, chosen: Option<Actor>) -> Actor {
    let acted = snapshot.step.as_ref().and_then(|step| step.actor);
    let leader =
        || snapshot.view.partitions.iter().find(|each| !each.partition.topic.starts_with("__")).map(|each| each.leader);
    let changed =
        acted.filter(|actor| highlights.actors.contains(actor)).or_else(|| highlights.actors.first().copied());
    let known = |actor: &Actor| actors(&snapshot.view).contains(actor);
    chosen
        .or(changed)
        .or(acted)
        .filter(known)
        .or_else(|| leader().map(Actor::Node).filter(known))
        .unwrap_or(Actor::Node(1))
}

/// Everybody, in the order of the map.
fn actors(view: &ClusterView) -> Vec<Actor> {
    let producers = view.producers.iter().map(|each| Actor::Producer(each.number));
    let nodes = view.nodes.iter().map(|node| Actor::Node(node.id));
    let consumers = view.consumers.iter().map(|each| Actor::Consumer(each.number));
    producers.chain(nodes).chain(consumers).collect()
}

/// The scene on a phone.
#[component]
pub fn PhoneScene(props: &PhoneProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let touch = use_mut_ref(|| 0);
    let snapshot = &props.snapshot;
    let highlights = Highlights::at(snapshot);
    let focus = Focus::of(props.selection.as_deref(), &snapshot.view);
    let context = SceneContext { view: &snapshot.view, highlights: &highlights, focus: &focus, i18n: &i18n };
    let controllers = ControllersShown::of(context);
    let (demand, brokers) = plan(context, &controllers, &props.unfolded, MAP, Form::Rooms);
    let shown = match brokers {
        Brokers::Rooms(shown) => shown,
        Brokers::Matrix(_) => Default::default(),
    };
    let scene = use_memo(demand, place);
    let here = looked_at(snapshot, &highlights, props.chosen);
    let start = {
        let touch = touch.clone();
        Callback::from(move |event: TouchEvent| {
            *touch.borrow_mut() = event.changed_touches().get(0).map_or(0, |touch| touch.client_x());
        })
    };
    let end = {
        let all = actors(&snapshot.view);
        let app = app.clone();
        Callback::from(move |event: TouchEvent| {
            let moved = event.changed_touches().get(0).map_or(0, |touch| touch.client_x()) - *touch.borrow();
            if moved.abs() < SWIPE_PX || all.is_empty() {
                return;
            }
            let at = all.iter().position(|each| *each == here).unwrap_or(0);
            let next = if moved < 0 { at + 1 } else { at + all.len() - 1 } % all.len();
            app.page(Action::Choose(all[next]));
        })
    };
    let picks = actors(&snapshot.view).into_iter().map(|actor| {
        let app = app.clone();
        let pick = Callback::from(move |_: MouseEvent| app.page(Action::Choose(actor)));
        let class = classes!(highlights.actors.contains(&actor).then_some(HIGHLIGHTED));
        html! { <button {class} data-testid={format!("pick-{actor}")} aria-pressed={(actor == here).to_string()} aria-label={i18n.actor(actor)} onclick={pick}>{ short(actor) }</button> }
    });
    html! {
        <div class="phone-scene" data-testid="scene" ontouchstart={start} ontouchend={end}>
            { map(&scene, snapshot, &highlights, here, &app) }
            <div class="picks" role="group" aria-label={i18n.format("parties")}>{ for picks }</div>
            { large(here, context, controllers, shown.get(&id_of(here)).cloned().unwrap_or_default()) }
        </div>
    }
}

fn id_of(actor: Actor) -> i32 {
    if let Actor::Node(id) = actor { id } else { -1 }
}

fn short(actor: Actor) -> String {
    match actor {
        Actor::Producer(number) => format!("P{number}"),
        Actor::Consumer(number) => format!("C{number}"),
        other => other.to_string(),
    }
}

/// One actor, large.
fn large(actor: Actor, context: SceneContext<'_>, controllers: ControllersShown, shown: Shown) -> Html {
    let view = context.view;
    let node = view.nodes.iter().find(|node| Actor::Node(node.id) == actor && node.is_broker);
    let h = node.map_or(CARD_HEIGHT, |_| room_height(shown.whole.len(), shown.folds.len()));
    let rect = Rect { x: 1.0, y: 1.0, w: ROOM_WIDTH, h };
    let card = match actor {
        Actor::Producer(number) => {
            let producer = view.producers.iter().find(|each| each.number == number);
            producer.map(|producer| CardShown::of_producer(producer, rect.w, context))
        }
        Actor::Consumer(number) => {
            let consumer = view.consumers.iter().find(|each| each.number == number);
            consumer.map(|consumer| CardShown::of_consumer(consumer, rect.w, context))
        }
        Actor::Node(_) | Actor::Admin | Actor::Probe(_) => None,
    };
    let inside = match (card, node) {
        (Some(shown), _) => html! { <Card {shown} {rect} /> },
        (None, Some(node)) => html! { <Room shown={RoomShown::of(node, &shown, rect.w, context)} {rect} /> },
        (None, None) => {
            let w = controllers.chip_width();
            let ids = view.nodes.iter().filter(|node| node.is_controller).map(|node| node.id).enumerate();
            let chip = |index: usize| Rect {
                x: rect.right() - 12.0 - w - index as f64 * (w + 4.0),
                y: rect.y + 20.0,
                w,
                h: 26.0,
            };
            let chips: Vec<(i32, Rect)> = ids.map(|(index, id)| (id, chip(index))).collect();
            html! { <Controllers shown={controllers} {rect} {chips} /> }
        }
    };
    html! { <svg class="scene large" role="group" tabindex="0" aria-label={context.i18n.actor(actor)} onkeydown={on_walk()} viewBox={format!("0 0 {} {}", ROOM_WIDTH + 2.0, h + 2.0)}>{ inside }</svg> }
}

/// Where an actor stands on the map. Controllers share their strip: a chip would be too small for its name.
fn spot(scene: &Scene, actor: Actor) -> Rect {
    let of_strip =
        |id: i32| scene.chips.iter().filter(|(each, _)| !is_room(scene, *each)).position(|(each, _)| *each == id);
    let count = scene.chips.iter().filter(|(id, _)| !is_room(scene, *id)).count();
    match actor {
        Actor::Node(id) if !is_room(scene, id) => {
            let w = scene.controllers.w / count.max(1) as f64;
            let x = scene.controllers.right() - w * (of_strip(id).unwrap_or(0) as f64 + 1.0);
            Rect { x, w, ..scene.controllers }
        }
        _ => scene.rect_of(actor),
    }
}

fn is_room(scene: &Scene, id: i32) -> bool {
    scene.brokers.iter().any(|(each, _)| *each == id)
}

/// The map: rooms without their logs, envelopes as dots.
fn map(scene: &Rc<Scene>, snapshot: &SharedSnapshot, highlights: &Highlights, here: Actor, app: &AppContext) -> Html {
    let view = &snapshot.view;
    // The map needs no room for logs: it is pressed flat.
    const FLAT: f64 = 0.55;
    let y = |value: f64| value * FLAT;
    let rooms = actors(view).into_iter().map(|actor| {
        let rect = spot(scene, actor);
        let node = view.nodes.iter().find(|node| Actor::Node(node.id) == actor);
        let leads = node.is_some_and(|node| {
            node.replicas.iter().any(|replica| replica.role == Role::Leader && !replica.partition.topic.starts_with("__"))
        });
        let is_down = node.is_some_and(|node| node.state == NodeState::Down);
        let class = classes!(
            "spot",
            highlights.actors.contains(&actor).then_some(HIGHLIGHTED),
            (actor == here).then_some("here"),
            is_down.then_some("down"),
            leads.then_some("leads"),
        );
        let app = app.clone();
        let pick = Callback::from(move |_: MouseEvent| app.page(Action::Choose(actor)));
        html! {
            <g key={actor.to_string()} {class} onclick={pick}>
                <rect x={rect.x.to_string()} y={y(rect.y).to_string()} width={rect.w.to_string()} height={y(rect.h).to_string()} rx="10" />
                <text x={rect.center_x().to_string()} y={(y(rect.y + rect.h / 2.0) + 11.0).to_string()} text-anchor="middle">{ short(actor) }</text>
            </g>
        }
    });
    let next = snapshot.next_event();
    let dots = view.envelopes.iter().map(|envelope| {
        let whole = envelope.arrives_at_ms.saturating_sub(envelope.sent_at_ms).max(1);
        let part = view.now_ms.saturating_sub(envelope.sent_at_ms) as f64 / whole as f64;
        let at = scene.track(envelope.from, envelope.to, 0.0).at(part);
        let class = classes!("dot", (next == Some(envelope.event)).then_some("next"));
        html! { <circle key={envelope.event.0} {class} r="13" style={format!("transform:translate({:.0}px,{:.0}px)", at.x, y(at.y))} /> }
    });
    let frame = format!("0 0 {:.0} {:.0}", scene.width, y(scene.height));
    html! { <svg class="map" viewBox={frame} aria-hidden="true"><g class="map-links" transform={format!("scale(1 {FLAT})")}><MapLinks scene={scene.clone()} snapshot={snapshot.clone()} /></g>{ siblings(rooms) }{ siblings(dots) }</svg> }
}
