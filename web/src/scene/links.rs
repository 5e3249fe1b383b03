//! The links: who fetches from whom, quietly; who speaks now, clearly; what is cut, in red. A press on one opens what can
//! be done to it.

use std::collections::BTreeSet;
use std::rc::Rc;

use yew::prelude::*;

use super::focus::Focus;
use super::fonts::px;
use super::press::{on_click, on_key};
use crate::app::use_app;
use crate::app::{Action, Window};
use crate::engine::{Actor, ClusterView, ExecutedEvent, ReplicaView, Role};
use crate::i18n::{I18n, use_i18n};
use crate::layout::{Point, Scene};
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;
use kafkascope_core::sort::CollectOrdered;

/// More lines than these say nothing any more.
const STANDING_MAX: usize = 12;

/// What is drawn.
#[derive(Clone, PartialEq, Properties)]
pub struct LinksProps {
    /// The plan.
    pub scene: Rc<Scene>,
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// What a selection leaves lit.
    pub focus: Rc<Focus>,
}

/// What of a link is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nothing.
    Nothing,
    /// From the first actor to the second.
    There,
    /// From the second actor to the first.
    Back,
    /// Both directions.
    Both,
}

impl Cut {
    /// What of the link between two actors is cut.
    pub fn of(view: &ClusterView, one: Actor, other: Actor) -> Self {
        match (view.cuts.contains(&(one, other)), view.cuts.contains(&(other, one))) {
            (false, false) => Self::Nothing,
            (true, false) => Self::There,
            (false, true) => Self::Back,
            (true, true) => Self::Both,
        }
    }

    /// The state of a link in a word.
    pub fn word(self, i18n: &I18n) -> String {
        match self {
            Self::Nothing => i18n.format("link-works"),
            Self::There | Self::Back => i18n.format("link-cut-one-way"),
            Self::Both => i18n.format("link-cut"),
        }
    }
}

/// Followers and their leaders, clients and the leaders they speak to, of the topics that a person made.
fn standing(view: &ClusterView) -> BTreeSet<(Actor, Actor)> {
    let mut links = BTreeSet::new();
    for partition in view.partitions.iter().filter(|each| !each.partition.topic.starts_with("__") && each.leader >= 0) {
        let leader = Actor::Node(partition.leader);
        let followers = view.nodes.iter().filter(|node| {
            let follows =
                |replica: &ReplicaView| replica.role == Role::Follower && replica.partition == partition.partition;
            node.id != partition.leader && node.replicas.iter().any(follows)
        });
        links.extend(followers.map(|node| (Actor::Node(node.id), leader)));
        let reads = |own: &crate::engine::AssignedView| own.partition == partition.partition;
        let consumers = view.consumers.iter().filter(|consumer| consumer.assigned.iter().any(reads));
        links.extend(consumers.map(|consumer| (Actor::Consumer(consumer.number), leader)));
        links.extend(view.producers.iter().map(|producer| (Actor::Producer(producer.number), leader)));
    }
    if links.len() > STANDING_MAX { BTreeSet::new() } else { links }
}

/// Every link that is drawn, once, whichever way it is spoken over.
fn drawn(scene: &Scene, view: &ClusterView) -> BTreeSet<(Actor, Actor)> {
    let speaking = view.envelopes.iter().map(|envelope| (envelope.from, envelope.to));
    let all = standing(view).into_iter().chain(speaking).chain(view.cuts.iter().copied());
    let pairs = all.map(|(one, other)| if one <= other { (one, other) } else { (other, one) });
    // Two actors at one place have no way between them that could be pressed.
    pairs.filter(|(one, other)| scene.rect_of(*one) != scene.rect_of(*other)).collect_ordered()
}

/// The links.
#[component]
pub fn Links(props: &LinksProps) -> Html {
    let i18n = use_i18n();
    let (scene, view) = (&props.scene, &props.snapshot.view);
    let next = props.snapshot.next_event();
    let dim = |one: Actor, other: Actor| (!props.focus.has_link(one, other)).then_some("dim");
    let quiet = standing(view).into_iter().map(|(from, to)| {
        html! { <path key={format!("{from}>{to}")} class={classes!(dim(from, to))} d={scene.track(from, to, 0.0).d.clone()} /> }
    });
    let speaking = view.envelopes.iter().enumerate().map(|(index, envelope)| {
        let is_next = next == Some(envelope.event);
        let d = scene.track(envelope.from, envelope.to, 0.0).d.clone();
        html! { <path key={index} class={classes!(is_next.then_some("next"), dim(envelope.from, envelope.to))} {d} marker-end={if is_next { "url(#arrow-next)" } else { "url(#arrow)" }} /> }
    });
    let drawn = drawn(scene, view);
    let press = drawn.iter().map(|&(one, other)| {
        let (there, back) = (scene.track(one, other, 0.0).d.clone(), scene.track(other, one, 0.0).d.clone());
        let (at, state) = (scene.middle(one, other), Cut::of(view, one, other));
        html! { <Pressable key={format!("{one}~{other}")} {one} {other} {there} {back} {at} {state} is_dim={dim(one, other).is_some()} /> }
    });
    let press: Vec<Html> = press.collect();
    let cuts = drawn.iter().filter_map(|&(one, other)| cut(scene, view, (one, other), &i18n));
    html! {
        <g class="links">
            <defs>
                { marker("arrow") }
                { marker("arrow-next") }
                { marker("arrow-cut") }
                { marker("arrow-open") }
            </defs>
            <g class="standing" aria-hidden="true">{ for quiet }</g>
            { trail(scene, &props.snapshot) }
            <g class="speaking" aria-hidden="true">{ for speaking }</g>
            <g class="cut" aria-hidden="true">{ for cuts }</g>
            { siblings(press) }
        </g>
    }
}

/// The way that was just travelled: from whom the step's message came.
fn trail(scene: &Scene, snapshot: &SharedSnapshot) -> Html {
    let event = snapshot.step.as_ref().and_then(|step| step.event.as_ref());
    let (from, to) = match event {
        Some(ExecutedEvent::Delivery { from, to, .. }) => (from.actor(), to.actor()),
        // A request is told of when a handler thread takes it: it has just come.
        Some(
            ExecutedEvent::Handler { endpoint, request: Some((from, _)), .. }
            | ExecutedEvent::HandlerDone { endpoint, request: Some((from, _)), .. },
        ) => (from.actor(), endpoint.actor()),
        Some(
            ExecutedEvent::Handler { request: None, .. }
            | ExecutedEvent::HandlerDone { request: None, .. }
            | ExecutedEvent::Processor { .. }
            | ExecutedEvent::Throttle { .. }
            | ExecutedEvent::Poll { .. }
            | ExecutedEvent::Send { .. }
            | ExecutedEvent::DiskWrite { .. }
            | ExecutedEvent::ConnectionSetupTimeout { .. }
            | ExecutedEvent::Timer { .. },
        )
        | None => return Html::default(),
    };
    let track = scene.track(from, to, 0.0);
    html! { <path key={snapshot.position} class="trail" data-testid="trail" aria-hidden="true" d={track.d.clone()} /> }
}

#[derive(Clone, PartialEq, Properties)]
struct PressableProps {
    one: Actor,
    other: Actor,
    there: Rc<str>,
    back: Rc<str>,
    /// In the middle of both lanes.
    at: Point,
    state: Cut,
    is_dim: bool,
}

/// What of a link takes the click and the focus: both lanes, as wide as a finger, and a knob that says that it can be pressed.
#[component]
fn Pressable(props: &PressableProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let &PressableProps { one, other, at, state, .. } = props;
    let open = Callback::from(move |()| app.page(Action::Open(Window::Link(one, other))));
    let d = format!("{}{}", props.there, props.back);
    let label = i18n.format_with(
        "link-label",
        [("one", i18n.actor(one).into()), ("other", i18n.actor(other).into()), ("state", state.word(&i18n).into())],
    );
    // The knob of a cut link would lie under its cross.
    let knob = (state == Cut::Nothing).then(|| html! { <circle class="knob" cx={px(at.x)} cy={px(at.y)} r="4" /> });
    html! {
        <g class={classes!("link", "press", props.is_dim.then_some("dim"))} role="button" tabindex="-1" aria-label={label.clone()}
            data-testid={format!("link-{one}-{other}")} onclick={on_click(&open)} onkeydown={on_key(&open)}>
            <title>{ label }</title>
            <path class="touch" {d} />
            { siblings(knob) }
            <circle class="grip" cx={px(at.x)} cy={px(at.y)} r="11" />
        </g>
    }
}

/// What is cut of a link: in red where it is, with an arrow where only one way is; and what waits in it.
fn cut(scene: &Scene, view: &ClusterView, (one, other): (Actor, Actor), i18n: &I18n) -> Option<Html> {
    let (there, back) = (scene.track(one, other, 0.0), scene.track(other, one, 0.0));
    let (cut, open) = match Cut::of(view, one, other) {
        Cut::Nothing => return None,
        Cut::Both => (vec![&there, &back], None),
        Cut::There => (vec![&there], Some(&back)),
        Cut::Back => (vec![&back], Some(&there)),
    };
    let at = if open.is_some() { cut[0].at(0.5) } else { scene.middle(one, other) };
    let arrow = open.is_some().then_some("url(#arrow-cut)");
    let lanes = cut.into_iter().map(|track| html! { <path d={track.d.clone()} marker-end={arrow} /> });
    let works = open.map(|track| html! { <path class="works" d={track.d.clone()} marker-end="url(#arrow-open)" /> });
    let held = view.held.iter().filter(|held| [(one, other), (other, one)].contains(&(held.from, held.to))).count();
    let held = (held > 0).then(|| {
        html! { <text x={px(at.x + 12.0)} y={px(at.y - 9.0)}>{ i18n.format_with("held-on-link", [("count", held.into())]) }</text> }
    });
    Some(html! {
        <g key={format!("{one}x{other}")} data-testid={format!("cut-{one}-{other}")}>
            { siblings(works) }
            { siblings(lanes) }
            <circle cx={px(at.x)} cy={px(at.y)} r="9" />
            <path class="cross" d={format!("M{:.1} {:.1}l9 9m0 -9l-9 9", at.x - 4.5, at.y - 4.5)} />
            { siblings(held) }
        </g>
    })
}

fn marker(id: &'static str) -> Html {
    html! {
        <marker {id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" /></marker>
    }
}

/// What the map's links show.
#[derive(Clone, PartialEq, Properties)]
pub struct MapLinksProps {
    /// The plan.
    pub scene: Rc<Scene>,
    /// The moment.
    pub snapshot: SharedSnapshot,
}

/// The links of the map on a phone, where a finger opens them; the windows of the actors list them as well.
#[component]
pub fn MapLinks(props: &MapLinksProps) -> Html {
    let app = use_app();
    let (scene, view) = (&props.scene, &props.snapshot.view);
    let lines = drawn(scene, view).into_iter().map(|(one, other)| {
        let app = app.clone();
        let open = Callback::from(move |()| app.page(Action::Open(Window::Link(one, other))));
        let d = scene.track(one, other, 0.0).d.clone();
        let class = match Cut::of(view, one, other) {
            Cut::Nothing => "link",
            Cut::There | Cut::Back => "link is-cut one-way",
            Cut::Both => "link is-cut",
        };
        html! {
            <g key={format!("{one}~{other}")} {class} data-testid={format!("link-{one}-{other}")} onclick={on_click(&open)}>
                <path d={d.clone()} /><path class="touch" {d} />
            </g>
        }
    });
    html! { <>{ for lines }</> }
}
