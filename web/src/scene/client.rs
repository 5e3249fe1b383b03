//! Producers and consumers.

use std::rc::Rc;

use yew::prelude::*;

use super::press::{on_click, on_key};
use crate::app::use_app;
use crate::app::{Action, Window};
use crate::engine::{Actor, ConsumerView, ProducerView};
use crate::i18n::{I18n, use_i18n};
use crate::layout::Rect;
use crate::scene::highlights::Highlights;

/// A producer's card.
#[derive(Clone, PartialEq, Properties)]
pub struct ProducerProps {
    /// The producer.
    pub producer: ProducerView,
    /// Where.
    pub rect: Rect,
    /// What is highlighted.
    pub highlights: Rc<Highlights>,
}

/// A producer.
#[component]
pub fn ProducerCard(props: &ProducerProps) -> Html {
    let i18n = use_i18n();
    let actor = Actor::Producer(props.producer.number);
    let detail = producer_line(&props.producer, &i18n);
    html! { <Card {actor} rect={props.rect} {detail} is_highlighted={props.highlights.actors.contains(&actor)} /> }
}

/// What a producer is doing, in few words.
pub fn producer_line(producer: &ProducerView, i18n: &I18n) -> String {
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
    format!("acks={} · {doing}", producer.acks)
}

/// A consumer's card.
#[derive(Clone, PartialEq, Properties)]
pub struct ConsumerProps {
    /// The consumer.
    pub consumer: ConsumerView,
    /// Where.
    pub rect: Rect,
    /// What is highlighted.
    pub highlights: Rc<Highlights>,
}

/// A consumer.
#[component]
pub fn ConsumerCard(props: &ConsumerProps) -> Html {
    let i18n = use_i18n();
    let actor = Actor::Consumer(props.consumer.number);
    let detail = consumer_line(&props.consumer, &i18n);
    html! { <Card {actor} rect={props.rect} {detail} is_highlighted={props.highlights.actors.contains(&actor)} /> }
}

/// Where a consumer is: in one partition its position and what is committed, else how many it reads.
pub fn consumer_line(consumer: &ConsumerView, i18n: &I18n) -> String {
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

#[derive(Clone, PartialEq, Properties)]
struct CardProps {
    actor: Actor,
    rect: Rect,
    detail: String,
    is_highlighted: bool,
}

/// A client's card. A press opens what can be done with it.
#[component]
fn Card(props: &CardProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let Rect { x, y, w, h } = props.rect;
    let actor = props.actor;
    let name = capitalised(&i18n.actor(actor));
    let open = Callback::from(move |()| {
        let window = match actor {
            Actor::Producer(number) => Window::Produce(number),
            other => Window::Party(other),
        };
        app.page(Action::Open(window));
    });
    html! {
        <g class={classes!("card", "press", props.is_highlighted.then_some("highlighted"))} role="button" tabindex="0" data-testid={actor.to_string()}
            aria-label={format!("{name}: {}", props.detail)} onclick={on_click(&open)} onkeydown={on_key(&open)}>
            <rect class="frame" x={x.to_string()} y={y.to_string()} width={w.to_string()} height={h.to_string()} rx="10" />
            <text class="name" x={(x + 14.0).to_string()} y={(y + 25.0).to_string()}>{ name }</text>
            <text class="faint" x={(x + 14.0).to_string()} y={(y + 44.0).to_string()}>{ &props.detail }</text>
        </g>
    }
}

/// A name at the head of a card begins with a capital.
pub fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
