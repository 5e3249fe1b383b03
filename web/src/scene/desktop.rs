//! The whole scene, where there is room for it.

use std::collections::BTreeSet;
use std::rc::Rc;

use yew::prelude::*;

use super::client::{Card, CardShown, ProbesCard};
use super::controllers::{Controllers, ControllersShown};
use super::envelopes::Envelopes;
use super::focus::Focus;
use super::links::Links;
use super::matrix::{Column, ColumnShown, Row, row_rect};
use super::partition_stack::{PartitionStack, StackShown};
use super::plan::{Brokers, plan};
use super::press::on_walk;
use super::replica_shown::SceneContext;
use super::room::{Room, RoomShown};
use super::tools::{Tools, envelope_of};
use super::use_camera::use_camera;
use crate::app::{Action, Selection, use_app};
use crate::engine::{Actor, ClusterView, TopicPartition};
use crate::i18n::use_i18n;
use crate::layout::{Camera, Form, Pane, Rect, Scene as Plan, place, row_height};
use crate::platform::siblings::siblings;
use crate::platform::use_size::use_size;
use crate::run::SharedSnapshot;
use crate::scene::highlights::Highlights;
use kafkascope_core::sort::CollectOrdered;

/// What the scene shows.
#[derive(Clone, PartialEq, Properties)]
pub struct SceneProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// Topics whose partitions are all shown.
    pub unfolded: Rc<BTreeSet<String>>,
    /// What is followed.
    pub selection: Option<Rc<Selection>>,
}

/// Before the pane was measured: that of a window of 1280 x 800.
const FIRST_PANE: Pane = Pane { w: 950.0, h: 619.0 };

/// The whole scene.
#[component]
pub fn Scene(props: &SceneProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let node = use_node_ref();
    let pane = use_size(&node).filter(|(w, h)| *w > 0.0 && *h > 0.0).map_or(FIRST_PANE, |(w, h)| Pane { w, h });
    let snapshot = &props.snapshot;
    let view = &snapshot.view;
    let highlights = Highlights::at(snapshot);
    let focus = Rc::new(Focus::of(props.selection.as_deref(), view));
    let context = SceneContext { view, highlights: &highlights, focus: &focus, i18n: &i18n };
    let controllers = ControllersShown::of(context);
    let form = Form::of(view.nodes.iter().filter(|node| node.is_broker).count(), pane);
    let (demand, brokers) = plan(context, &controllers, &props.unfolded, pane, form);
    // Most steps move no room: the plan is drawn anew only when something needs another place.
    let scene = use_memo(demand, place);
    let moved = use_camera(&node, &scene, pane);
    let home = Camera::home(&scene, pane);
    let camera = moved.unwrap_or(home);
    {
        // What changed comes into sight, where not all is.
        let (scene, camera, changed) = (scene.clone(), camera, changed_rect(&scene, &highlights, view));
        use_effect_with(snapshot.clone(), move |_| {
            let is_whole = camera == Camera::fit(&scene, pane);
            if let Some(changed) = changed.filter(|_| !is_whole) {
                let to = camera.following(changed, &scene, pane);
                if to != camera {
                    moved.set(Some(to));
                }
            }
        });
    }
    let clear = Callback::from(move |_: MouseEvent| app.page(Action::Select(None)));
    let producers = view.producers.iter().zip(&scene.producers).map(|(producer, (_, rect))| {
        html! { <Card key={format!("producer-{}", producer.number)} shown={CardShown::of_producer(producer, rect.w, context)} rect={*rect} /> }
    });
    let consumers = view.consumers.iter().zip(&scene.consumers).map(|(consumer, (_, rect))| {
        html! { <Card key={format!("consumer-{}", consumer.number)} shown={CardShown::of_consumer(consumer, rect.w, context)} rect={*rect} /> }
    });
    let probes = probes(view);
    let style = format!("transform:translate({:.2}px,{:.2}px) scale({:.4})", camera.x, camera.y, camera.scale);
    html! {
        <div class="scene-box" ref={node}>
            <svg class="scene" role="group" tabindex="0" onkeydown={on_walk()} aria-label={i18n.format("scene")} data-testid="scene" data-form={match form { Form::Rooms => "rooms", Form::Matrix => "matrix" }} onclick={clear}>
                <g class="world" {style} data-testid="world">
                    <Links scene={scene.clone()} snapshot={snapshot.clone()} focus={focus.clone()} />
                    <Controllers shown={controllers} rect={scene.controllers} chips={scene.chips.clone()} />
                    { siblings(producers) }
                    { siblings(consumers) }
                    if !probes.is_empty() {
                        <ProbesCard actors={probes} rect={scene.probes} />
                    }
                    { brokers_of(&brokers, &scene, pane, context) }
                    <Envelopes scene={scene.clone()} snapshot={snapshot.clone()} focus={focus.clone()} />
                </g>
            </svg>
            <Tools selection={props.selection.as_deref().cloned()} envelope={envelope_of(props.selection.as_deref(), snapshot)} />
        </div>
    }
}

fn brokers_of(brokers: &Brokers, scene: &Rc<Plan>, pane: Pane, context: SceneContext<'_>) -> Html {
    let nodes = || context.view.nodes.iter().filter(|node| node.is_broker);
    match brokers {
        Brokers::Rooms(shown) => {
            let rooms = nodes().filter_map(|node| {
                let rect = scene.rect_of(Actor::Node(node.id));
                let shown = RoomShown::of(node, shown.get(&node.id)?, rect.w, context);
                Some(html! { <Room key={node.id} {shown} {rect} /> })
            });
            html! { <>{ for rooms }</> }
        }
        Brokers::Matrix(rows) => {
            let columns = nodes().map(|node| {
                let rect = scene.rect_of(Actor::Node(node.id));
                html! { <Column key={node.id} shown={ColumnShown::of(node, context)} {rect} /> }
            });
            let last = scene.brokers.last().map_or(scene.names, |(_, rect)| *rect);
            let height = row_height(rows.len(), pane);
            let lines = rows.iter().enumerate().map(|(index, row)| {
                let rect = row_rect(scene.names, last.right(), height, index);
                html! { <Row key={index} row={row.clone()} {rect} names={scene.names.w} column={last.w} /> }
            });
            let stack = large(context).and_then(|partition| StackShown::of(&partition, scene.beside.w, context));
            html! {
                <>
                { siblings(columns) }
                { siblings(lines) }
                if let Some(shown) = stack {
                    <PartitionStack {shown} rect={scene.beside} />
                }
                </>
            }
        }
    }
}

/// The partition that is shown large beside a matrix: the selected one, else the first that a person made.
fn large(context: SceneContext<'_>) -> Option<TopicPartition> {
    let selected = context.focus.selection().and_then(Selection::partition).cloned();
    let all = || context.view.nodes.iter().flat_map(|node| &node.replicas).map(|replica| &replica.partition);
    selected.or_else(|| all().filter(|partition| !partition.topic.starts_with("__")).min().cloned())
}

/// Who asks by hand now.
pub fn probes(view: &ClusterView) -> Vec<Actor> {
    let of_envelopes = view.envelopes.iter().flat_map(|envelope| [envelope.from, envelope.to]);
    let held = view.held.iter().flat_map(|held| [held.from, held.to]);
    let waiting = view.nodes.iter().flat_map(|node| {
        node.purgatory.iter().map(|waiting| waiting.from).chain(node.request_queue.iter().map(|request| request.from))
    });
    let all: BTreeSet<Actor> = of_envelopes.chain(held).chain(waiting).collect_ordered();
    all.into_iter().filter(|actor| matches!(actor, Actor::Admin | Actor::Probe(_))).collect()
}

/// Around everything that a step lit.
fn changed_rect(scene: &Plan, highlights: &Highlights, view: &ClusterView) -> Option<Rect> {
    let is_there = |actor: &Actor| match actor {
        Actor::Node(id) => view.nodes.iter().any(|node| node.id == *id),
        Actor::Producer(_) | Actor::Consumer(_) => true,
        Actor::Admin | Actor::Probe(_) => false,
    };
    let rects = highlights.actors.iter().filter(|actor| is_there(actor)).map(|actor| scene.rect_of(*actor));
    rects.reduce(|one, other| {
        let (x, y) = (one.x.min(other.x), one.y.min(other.y));
        Rect { x, y, w: one.right().max(other.right()) - x, h: one.bottom().max(other.bottom()) - y }
    })
}
