//! The whole scene, where there is room for it.

use std::collections::BTreeSet;
use std::rc::Rc;

use yew::prelude::*;

use super::client::{ConsumerCard, ProducerCard};
use super::controllers::Controllers;
use super::envelopes::Envelopes;
use super::links::Links;
use super::plan::plan;
use super::room::Room;
use crate::i18n::use_i18n;
use crate::layout::{Shown, place};
use crate::run::SharedSnapshot;
use crate::scene::highlights::Highlights;

/// What the scene shows.
#[derive(Clone, PartialEq, Properties)]
pub struct SceneProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// Topics whose partitions are all shown.
    pub unfolded: Rc<BTreeSet<String>>,
}

/// The whole scene.
#[component]
pub fn Scene(props: &SceneProps) -> Html {
    let i18n = use_i18n();
    let snapshot = &props.snapshot;
    let view = &snapshot.view;
    let highlights = Rc::new(Highlights::at(snapshot));
    let (demand, shown) = plan(view, &highlights, &props.unfolded);
    // Most steps move no room: the plan is drawn anew only when something needs another place.
    let scene = use_memo(demand, place);
    let rooms = view.nodes.iter().filter(|node| node.is_broker).map(|node| {
        let shown = shown.get(&node.id).cloned().unwrap_or_else(Shown::default);
        let rect = scene.rect_of(crate::engine::Actor::Node(node.id));
        html! { <Room key={node.id} node={node.clone()} {shown} {rect} highlights={highlights.clone()} snapshot={snapshot.clone()} /> }
    });
    let producers = view.producers.iter().zip(&scene.producers).map(|(producer, (_, rect))| {
        html! { <ProducerCard key={producer.number} producer={producer.clone()} rect={*rect} highlights={highlights.clone()} /> }
    });
    let consumers = view.consumers.iter().zip(&scene.consumers).map(|(consumer, (_, rect))| {
        html! { <ConsumerCard key={consumer.number} consumer={consumer.clone()} rect={*rect} highlights={highlights.clone()} /> }
    });
    let frame = format!("0 0 {:.0} {:.0}", scene.width, scene.height);
    html! {
        <div class="scene-box">
            <svg class="scene" viewBox={frame} style={format!("--w:{:.0};--h:{:.0}", scene.width, scene.height)}
                preserveAspectRatio="xMidYMid meet" role="group" aria-label={i18n.format("scene")} data-testid="scene">
                <Links scene={scene.clone()} snapshot={snapshot.clone()} />
                <Controllers snapshot={snapshot.clone()} rect={scene.controllers} highlights={highlights.clone()} />
                { for producers }
                { for consumers }
                { for rooms }
                <Envelopes scene={scene.clone()} snapshot={snapshot.clone()} />
            </svg>
        </div>
    }
}
