//! Producers and consumers, and who asks by hand.

use yew::prelude::*;

use super::emphasis::Emphasis;
use super::fonts::{measure, px};
use super::press::{self, on_click, on_key};
use super::replica_shown::SceneContext;
use super::room::{actions_label, more};
use crate::app::{Selection, Window, use_app};
use crate::engine::{Actor, ConsumerView, ProducerView};
use crate::i18n::{I18n, use_i18n};
use crate::layout::{Font, Rect, wrap};
use crate::platform::siblings::siblings;

/// From a card's edge to its words.
const PAD: f64 = 12.0;

/// All that a client's card depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct CardShown {
    actor: Actor,
    name: String,
    whole: String,
    lines: Vec<String>,
    emphasis: Emphasis,
    /// Whether a producer can be made to do more than to send a record.
    has_actions: bool,
}

impl CardShown {
    /// What is shown of a producer on a card of this width.
    pub fn of_producer(producer: &ProducerView, width: f64, context: SceneContext<'_>) -> Self {
        let card = Self::of(Actor::Producer(producer.number), producer_line(producer, context.i18n), width, context);
        Self { has_actions: producer.transaction.is_some() || !producer.is_running, ..card }
    }

    /// What is shown of a consumer on a card of this width.
    pub fn of_consumer(consumer: &ConsumerView, width: f64, context: SceneContext<'_>) -> Self {
        Self::of(Actor::Consumer(consumer.number), consumer_line(consumer, context.i18n), width, context)
    }

    fn of(actor: Actor, whole: String, width: f64, context: SceneContext<'_>) -> Self {
        let i18n = context.i18n;
        Self {
            actor,
            name: capitalised(&i18n.actor(actor)),
            lines: wrap(&whole, Font::Small, width - 2.0 * PAD, 2, &measure),
            whole,
            emphasis: Emphasis::of(actor, context),
            has_actions: false,
        }
    }
}

/// What a producer is doing, in few words.
pub fn producer_line(producer: &ProducerView, i18n: &I18n) -> String {
    if !producer.is_running {
        return i18n.format("producer-down");
    }
    let count = |list: &[(crate::engine::TopicPartition, i64)]| list.iter().map(|(_, count)| count).sum::<i64>();
    let (waiting, sent) = (count(&producer.accumulated), count(&producer.in_flight));
    let doing = if sent > 0 {
        i18n.format_with("producer-in-flight", [("count", sent.into())])
    } else if waiting > 0 {
        i18n.format_with("producer-waiting", [("count", waiting.into())])
    } else if producer.acknowledged > 0 {
        i18n.format_with("producer-acknowledged", [("count", producer.acknowledged.into())])
    } else {
        i18n.format("producer-idle")
    };
    match &producer.transaction {
        Some(transaction) => format!("{} · {} · {doing}", transaction.transactional_id, transaction.state),
        None => format!("acks={} · {doing}", producer.acks),
    }
}

/// Where a consumer is: in one partition its position and what is committed, else how many it reads.
pub fn consumer_line(consumer: &ConsumerView, i18n: &I18n) -> String {
    if !consumer.is_running {
        return i18n.format("consumer-down");
    }
    match consumer.assigned.as_slice() {
        [] => i18n.format("consumer-unassigned"),
        [one] => {
            let shown = |offset: i64| if offset < 0 { "–".to_owned() } else { offset.to_string() };
            i18n.format_with(
                "consumer-line",
                [("position", shown(one.position).into()), ("committed", shown(one.committed).into())],
            )
        }
        many => {
            i18n.format_with("consumer-many", [("count", many.len().into()), ("read", consumer.records_read.into())])
        }
    }
}

/// A card in its place.
#[derive(Clone, PartialEq, Properties)]
pub struct CardProps {
    /// The client.
    pub shown: CardShown,
    /// Where.
    pub rect: Rect,
}

/// A client's card. A press selects the client; what can be done with it has a button of its own.
#[component]
pub fn Card(props: &CardProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let Rect { x, y, w, h } = props.rect;
    let shown = &props.shown;
    let actor = shown.actor;
    let is_selected = shown.emphasis.is_selected;
    let select = press::select(Selection::Actor(actor), is_selected, &app);
    let (window, label, sign) = match actor {
        Actor::Producer(number) if !shown.has_actions => {
            (Window::Produce(number), format!("{}: {}", shown.name, i18n.format("produce")), "+")
        }
        Actor::Producer(_) | Actor::Node(_) | Actor::Consumer(_) | Actor::Admin | Actor::Probe(_) => {
            (Window::Actor(actor), actions_label(&shown.name, &i18n), "⋯")
        }
    };
    let open = press::open(window, &app);
    let lines = shown.lines.iter().enumerate().map(|(index, line)| {
        html! { <text class="faint" x={px(x + PAD)} y={px(y + 41.0 + index as f64 * 15.5)}>{ line }</text> }
    });
    let class = classes!("card", shown.emphasis.classes());
    html! {
        <g {class}>
            <rect class="frame" x={px(x)} y={px(y)} width={px(w)} height={px(h)} rx="10" />
            <g class="press" role="button" tabindex="-1" data-testid={format!("select-{actor}")} aria-pressed={is_selected.to_string()}
                aria-label={format!("{}: {}", shown.name, shown.whole)} onclick={on_click(&select)} onkeydown={on_key(&select)}>
                <title>{ &shown.whole }</title>
                <rect class="hit" x={px(x + 3.0)} y={px(y + 3.0)} width={px(w - 6.0)} height={px(h - 6.0)} rx="8" />
                <text class="name" x={px(x + PAD)} y={px(y + 23.0)}>{ &shown.name }</text>
                { siblings(lines) }
            </g>
            { more(Rect { x: x + w - 33.0, y: y + 5.0, w: 29.0, h: 25.0 }, &actor.to_string(), &label, sign, &open) }
        </g>
    }
}

/// Where requests by hand come from.
#[derive(Clone, PartialEq, Properties)]
pub struct ProbesCardProps {
    /// Who asks now: probes and the admin client.
    pub actors: Vec<Actor>,
    /// Where.
    pub rect: Rect,
}

/// Who asks by hand: there only while something of it is on its way or waits.
#[component]
pub fn ProbesCard(props: &ProbesCardProps) -> Html {
    let i18n = use_i18n();
    let Rect { x, y, w, h } = props.rect;
    let names: Vec<String> = props.actors.iter().map(|actor| i18n.actor(*actor)).collect();
    let whole = names.join(", ");
    let lines = wrap(&whole, Font::Small, w - 2.0 * PAD, 2, &measure);
    let lines = lines.into_iter().enumerate().map(|(index, line)| {
        html! { <text class="faint" x={px(x + PAD)} y={px(y + 41.0 + index as f64 * 15.5)}>{ line }</text> }
    });
    html! {
        <g class="by-hand" data-testid="by-hand">
            <title>{ &whole }</title>
            <path class="frame" d={format!("M{:.1} {y:.1}h{:.1}l12 12v{:.1}h{:.1}z", x, w - 12.0, h - 12.0, -w)} />
            <path class="frame fold" d={format!("M{:.1} {y:.1}v12h12", x + w - 12.0)} />
            <text class="name" x={px(x + PAD)} y={px(y + 23.0)}>{ i18n.format("by-hand") }</text>
            { siblings(lines) }
        </g>
    }
}

/// A name at the head of a card begins with a capital.
pub fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
