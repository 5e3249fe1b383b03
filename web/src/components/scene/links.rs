//! The links: who fetches from whom, quietly; who speaks now, clearly; what is cut, in red.

use std::collections::BTreeSet;
use std::rc::Rc;

use yew::prelude::*;

use crate::engine::{Actor, ClusterView, Role};
use crate::layout::Scene;
use crate::session::Now;

/// What is drawn.
#[derive(Clone, PartialEq, Properties)]
pub struct LinksProps {
    /// The plan.
    pub scene: Rc<Scene>,
    /// The moment.
    pub now: Now,
}

/// Followers and their leaders, clients and the leaders they speak to, of the topics that a person made.
fn standing(view: &ClusterView) -> BTreeSet<(Actor, Actor)> {
    let mut links = BTreeSet::new();
    for partition in view.partitions.iter().filter(|each| !each.partition.topic.starts_with("__") && each.leader >= 0) {
        let leader = Actor::Node(partition.leader);
        let followers = view.nodes.iter().filter(|node| {
            let follows = |replica: &crate::engine::ReplicaView| {
                replica.role == Role::Follower && replica.partition == partition.partition
            };
            node.id != partition.leader && node.replicas.iter().any(follows)
        });
        links.extend(followers.map(|node| (Actor::Node(node.id), leader)));
        let reads = |own: &crate::engine::AssignedView| own.partition == partition.partition;
        let consumers = view.consumers.iter().filter(|consumer| consumer.assigned.iter().any(reads));
        links.extend(consumers.map(|consumer| (Actor::Consumer(consumer.number), leader)));
        links.extend(view.producers.iter().map(|producer| (Actor::Producer(producer.number), leader)));
    }
    // More lines than these say nothing any more.
    if links.len() > 12 { BTreeSet::new() } else { links }
}

/// The links.
#[component]
pub fn Links(props: &LinksProps) -> Html {
    let (scene, view) = (&props.scene, &props.now.view);
    let next = props.now.next_event();
    let quiet = standing(view).into_iter().map(|(from, to)| {
        html! { <path key={format!("{from}>{to}")} d={scene.track(from, to, 0.0).d} /> }
    });
    let speaking = view.envelopes.iter().map(|envelope| {
        let is_next = next == Some(envelope.event);
        let d = scene.track(envelope.from, envelope.to, 0.0).d;
        html! { <path key={envelope.event.0} class={classes!(is_next.then_some("next"))} {d} marker-end={if is_next { "url(#arrow-next)" } else { "url(#arrow)" }} /> }
    });
    let cut = view.cuts.iter().map(|(from, to)| {
        let track = scene.track(*from, *to, 0.0);
        let at = track.at(0.5);
        html! {
            <g key={format!("{from}x{to}")}>
                <path d={track.d} />
                <path class="cross" d={format!("M{:.1} {:.1}l12 12m0 -12l-12 12", at.x - 6.0, at.y - 6.0)} />
            </g>
        }
    });
    html! {
        <g class="links" aria-hidden="true">
            <defs>
                { marker("arrow") }
                { marker("arrow-next") }
            </defs>
            <g class="standing">{ for quiet }</g>
            <g class="speaking">{ for speaking }</g>
            <g class="cut">{ for cut }</g>
        </g>
    }
}

fn marker(id: &'static str) -> Html {
    html! {
        <marker {id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" /></marker>
    }
}
