//! The controllers' strip: who is active, in which epoch, how far the metadata log is committed.

use yew::prelude::*;

use super::emphasis::Emphasis;
use super::fonts::{measure, px};
use super::press::{self, on_click, on_key};
use super::replica_shown::SceneContext;
use super::room::{actions_label, state_class};
use crate::app::{Selection, Window, use_app};
use crate::engine::{Actor, NodeState};
use crate::i18n::{I18n, use_i18n};
use crate::layout::{Font, Rect, wrap};
use crate::platform::siblings::siblings;

/// All that the strip's drawing depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct ControllersShown {
    title: String,
    detail: String,
    chips: Vec<Chip>,
}

#[derive(Clone, Debug, PartialEq)]
struct Chip {
    id: i32,
    is_active: bool,
    state: NodeState,
    emphasis: Emphasis,
}

impl ControllersShown {
    /// What is shown of the controllers.
    pub fn of(context: SceneContext<'_>) -> Self {
        let SceneContext { view, i18n, .. } = context;
        let controllers = || view.nodes.iter().filter(|node| node.is_controller);
        let active = controllers().filter_map(|node| node.controller.as_ref()).find(|controller| controller.is_active);
        let chip = |node: &crate::engine::NodeView| Chip {
            id: node.id,
            is_active: node.controller.as_ref().is_some_and(|controller| controller.is_active),
            state: node.state,
            emphasis: Emphasis::of(Actor::Node(node.id), context),
        };
        Self {
            title: title(active.map(|active| active.epoch), i18n),
            detail: active
                .map(|active| i18n.format_with("metadata-offset", [("offset", active.high_watermark.into())]))
                .unwrap_or_default(),
            chips: controllers().map(chip).collect(),
        }
    }

    /// The strip stands out as its chips do: it is selected with the controller that it tells of, the active one.
    fn emphasis(&self) -> Emphasis {
        let any = |is: fn(&Emphasis) -> bool| self.chips.iter().any(|chip| is(&chip.emphasis));
        Emphasis {
            is_highlighted: any(|chip| chip.is_highlighted),
            is_selected: self.shown_chip().is_some_and(|chip| chip.emphasis.is_selected),
            is_dim: !any(|chip| !chip.is_dim),
        }
    }

    /// The active controller, else the first.
    fn shown_chip(&self) -> Option<&Chip> {
        self.chips.iter().find(|chip| chip.is_active).or(self.chips.first())
    }

    /// How wide its words want to be.
    pub fn words_width(&self) -> f64 {
        measure(Font::Name, &self.title).max(128.0)
    }

    /// How wide its widest chip is.
    pub fn chip_width(&self) -> f64 {
        let widest = self.chips.iter().map(|chip| measure(Font::Mono, &chip.id.to_string())).fold(0.0, f64::max);
        (widest + 10.0).max(30.0)
    }
}

fn title(epoch: Option<i32>, i18n: &I18n) -> String {
    match epoch {
        Some(epoch) => i18n.format_with("controllers-epoch", [("epoch", epoch.into())]),
        None => i18n.format("controllers-none"),
    }
}

/// The strip in its place.
#[derive(Clone, PartialEq, Properties)]
pub struct ControllersProps {
    /// The controllers.
    pub shown: ControllersShown,
    /// Where.
    pub rect: Rect,
    /// Where each controller's chip is.
    pub chips: Vec<(i32, Rect)>,
}

/// The strip. A press selects the active controller; a chip opens what can be done with its node.
#[component]
pub fn Controllers(props: &ControllersProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let Rect { x, y, w, h } = props.rect;
    let shown = &props.shown;
    let words = props.chips.iter().map(|(_, chip)| chip.x).fold(x + w, f64::min) - x - 24.0;
    let lines = wrap(&shown.detail, Font::Small, words, 2, &measure).into_iter().enumerate().map(|(index, line)| {
        html! { <text class="faint" x={px(x + 14.0)} y={px(y + 41.0 + index as f64 * 15.5)}>{ line }</text> }
    });
    let chips = shown.chips.iter().filter_map(|chip| {
        let (_, place) = props.chips.iter().find(|(id, _)| *id == chip.id)?;
        let id = chip.id;
        let open = press::open(Window::Actor(Actor::Node(id)), &app);
        let name = i18n.format_with("controller-label", [("id", id.into())]);
        let class = classes!(
            "chip",
            "press",
            chip.is_active.then_some("on"),
            (chip.state == NodeState::Down).then_some("down"),
            chip.emphasis.is_selected.then_some("selected"),
            state_class(chip.state),
        );
        Some(html! {
            <g key={id} {class} role="button" tabindex="-1" data-testid={format!("node-{id}")} aria-label={actions_label(&name, &i18n)} onclick={on_click(&open)} onkeydown={on_key(&open)}>
                <rect x={px(place.x)} y={px(place.y)} width={px(place.w)} height={px(place.h)} rx="13" />
                <text class="m" x={px(place.center_x())} y={px(place.y + 17.0)} text-anchor="middle">{ id }</text>
            </g>
        })
    });
    let (active, emphasis) = (shown.shown_chip(), shown.emphasis());
    let is_selected = emphasis.is_selected;
    let select = active.map(|chip| press::select(Selection::Actor(Actor::Node(chip.id)), is_selected, &app));
    let select = select.unwrap_or_else(Callback::noop);
    let class = classes!("controllers", emphasis.classes());
    html! {
        <g {class}>
            <rect class="frame" x={px(x)} y={px(y)} width={px(w)} height={px(h)} rx="10" />
            <g class="press" role="button" tabindex="-1" data-testid={active.map(|chip| format!("select-{}", chip.id))} aria-pressed={is_selected.to_string()}
                aria-label={format!("{}, {}", shown.title, shown.detail)} onclick={on_click(&select)} onkeydown={on_key(&select)}>
                <rect class="hit" x={px(x + 3.0)} y={px(y + 3.0)} width={px(words + 16.0)} height={px(h - 6.0)} rx="8" />
                <text class="name" x={px(x + 14.0)} y={px(y + 23.0)}>{ &shown.title }</text>
                { siblings(lines) }
            </g>
            { siblings(chips) }
        </g>
    }
}
