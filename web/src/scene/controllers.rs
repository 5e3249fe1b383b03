//! The controllers' strip: who is active, in which epoch, how far the metadata log is committed.

use std::rc::Rc;

use yew::prelude::*;

use super::press::{on_click, on_key};
use crate::app::use_app;
use crate::app::{Action, Window};
use crate::engine::{Actor, NodeState};
use crate::i18n::use_i18n;
use crate::layout::{Rect, chip};
use crate::run::SharedSnapshot;
use crate::scene::highlights::Highlights;

/// What the strip shows.
#[derive(Clone, PartialEq, Properties)]
pub struct ControllersProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// Where.
    pub rect: Rect,
    /// What is highlighted.
    pub highlights: Rc<Highlights>,
}

/// The strip.
#[component]
pub fn Controllers(props: &ControllersProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let Rect { x, y, w, h } = props.rect;
    let controllers = || props.snapshot.view.nodes.iter().filter(|node| node.is_controller);
    let active = controllers().filter_map(|node| node.controller.as_ref()).find(|controller| controller.is_active);
    let title = match active {
        Some(active) => i18n.format_with("controllers-epoch", [("epoch", active.epoch.into())]),
        None => i18n.format("controllers-none"),
    };
    let detail = active.map(|active| i18n.format_with("metadata-offset", [("offset", active.high_watermark.into())]));
    let chips = controllers().enumerate().map(|(index, node)| {
        let place = chip(props.rect, index);
        let (cx, cy) = (place.center_x(), place.y + place.h / 2.0);
        let is_active = node.controller.as_ref().is_some_and(|controller| controller.is_active);
        let is_down = node.state == NodeState::Down;
        let (app, id) = (app.clone(), node.id);
        let open = Callback::from(move |()| app.page(Action::Open(Window::Party(Actor::Node(id)))));
        html! {
            <g key={id} class={classes!("chip", "press", is_active.then_some("on"), is_down.then_some("down"))} role="button" tabindex="0"
                data-testid={format!("node-{id}")} aria-label={i18n.format_with("controller-label", [("id", id.into())])} onclick={on_click(&open)} onkeydown={on_key(&open)}>
                <rect x={(cx - 17.0).to_string()} y={(cy - 13.0).to_string()} width="34" height="26" rx="13" />
                <text class="m" x={cx.to_string()} y={(cy + 4.0).to_string()} text-anchor="middle">{ id }</text>
            </g>
        }
    });
    let is_highlighted = controllers().any(|node| props.highlights.actors.contains(&Actor::Node(node.id)));
    html! {
        <g class={classes!("controllers", is_highlighted.then_some("highlighted"))}>
            <rect class="frame" x={x.to_string()} y={y.to_string()} width={w.to_string()} height={h.to_string()} rx="10" />
            <text class="name" x={(x + 16.0).to_string()} y={(y + 25.0).to_string()}>{ title }</text>
            <text class="faint" x={(x + 16.0).to_string()} y={(y + 44.0).to_string()}>{ detail }</text>
            { for chips }
        </g>
    }
}
