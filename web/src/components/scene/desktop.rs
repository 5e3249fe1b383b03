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
use crate::layout::{Shown, place};
use crate::lit::Lit;
use crate::session::Now;
use crate::words::use_words;

/// What the scene shows.
#[derive(Clone, PartialEq, Properties)]
pub struct SceneProps {
    /// The moment.
    pub now: Now,
    /// Topics whose partitions are all shown.
    pub unfolded: Rc<BTreeSet<String>>,
}

/// The whole scene.
#[component]
pub fn Scene(props: &SceneProps) -> Html {
    let words = use_words();
    let now = &props.now;
    let view = &now.view;
    let lit = Rc::new(Lit::at(now));
    let (demand, shown) = plan(view, &lit, &props.unfolded);
    // Most steps move no room: the plan is drawn anew only when something needs another place.
    let scene = use_memo(demand, place);
    let rooms = view.nodes.iter().filter(|node| node.is_broker).map(|node| {
        let shown = shown.get(&node.id).cloned().unwrap_or_else(Shown::default);
        let rect = scene.rect_of(crate::engine::Actor::Node(node.id));
        html! { <Room key={node.id} node={node.clone()} {shown} {rect} lit={lit.clone()} now={now.clone()} /> }
    });
    let producers = view.producers.iter().zip(&scene.producers).map(|(producer, (_, rect))| {
        html! { <ProducerCard key={producer.number} producer={producer.clone()} rect={*rect} lit={lit.clone()} /> }
    });
    let consumers = view.consumers.iter().zip(&scene.consumers).map(|(consumer, (_, rect))| {
        html! { <ConsumerCard key={consumer.number} consumer={consumer.clone()} rect={*rect} lit={lit.clone()} /> }
    });
    let frame = format!("0 0 {:.0} {:.0}", scene.width, scene.height);
    html! {
        <div class="scene-box">
            <svg class="scene" viewBox={frame} style={format!("--w:{:.0};--h:{:.0}", scene.width, scene.height)}
                preserveAspectRatio="xMidYMid meet" role="group" aria-label={words.say("scene")} data-testid="scene">
                <Links scene={scene.clone()} now={now.clone()} />
                <Controllers now={now.clone()} rect={scene.controllers} lit={lit.clone()} />
                { for producers }
                { for consumers }
                { for rooms }
                <Envelopes scene={scene.clone()} now={now.clone()} />
            </svg>
        </div>
    }
}
