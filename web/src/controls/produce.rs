//! One record for a producer.

use web_sys::{HtmlInputElement, HtmlSelectElement, SubmitEvent};
use yew::prelude::*;

use crate::app::Action;
use crate::app::Dialog;
use crate::app::Window;
use crate::app::use_app;
use crate::controls::actor::LinksOf;
use crate::engine::{Actor, Command};
use crate::i18n::use_i18n;
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;

/// Which producer.
#[derive(Clone, PartialEq, Properties)]
pub struct ProduceProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// The producer's number.
    pub producer: u32,
}

/// What the form holds, as it was typed.
#[derive(Clone, Debug, Default, PartialEq)]
struct Typed {
    topic: String,
    partition: String,
    key: String,
    value: String,
    headers: String,
}

impl Typed {
    /// The command, where the form makes sense. An empty key is no key, an empty value a tombstone.
    fn command(&self, producer: u32) -> Command {
        let bytes = |text: &str| (!text.is_empty()).then(|| text.into());
        let header = |line: &str| {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            crate::engine::Header { key: key.trim().into(), value: Some(value.trim().into()) }
        };
        Command::Produce {
            producer,
            topic: self.topic.as_str().into(),
            partition: self.partition.trim().parse().ok(),
            key: bytes(&self.key),
            value: bytes(&self.value),
            headers: self.headers.split(',').filter(|line| !line.trim().is_empty()).map(header).collect(),
        }
    }
}

/// The topics that a person may write to.
pub fn topics(snapshot: &SharedSnapshot) -> Vec<(String, i32)> {
    let mut topics: Vec<(String, i32)> = Vec::new();
    for partition in &snapshot.view.partitions {
        let topic = &*partition.partition.topic;
        match topics.iter_mut().find(|(name, _)| name == topic) {
            Some((_, count)) => *count += 1,
            None if !topic.starts_with("__") => topics.push((topic.to_owned(), 1)),
            None => {}
        }
    }
    topics
}

/// The form.
#[component]
pub fn Produce(props: &ProduceProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let topics = topics(&props.snapshot);
    let typed = use_mut_ref(|| Typed {
        topic: topics.first().map(|(name, _)| name.clone()).unwrap_or_default(),
        key: "K1".to_owned(),
        value: format!("order {}", props.snapshot.position + 1),
        ..Typed::default()
    });
    let producer = use_state_eq(|| props.producer);
    let field = |set: fn(&mut Typed, String)| {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| {
            set(&mut typed.borrow_mut(), event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    let pick = |set: fn(&mut Typed, String)| {
        let typed = typed.clone();
        Callback::from(move |event: Event| {
            set(&mut typed.borrow_mut(), event.target_unchecked_into::<HtmlSelectElement>().value());
        })
    };
    let pick_producer = {
        let producer = producer.clone();
        Callback::from(move |event: Event| {
            producer.set(event.target_unchecked_into::<HtmlSelectElement>().value().parse().unwrap_or(1));
        })
    };
    let more = {
        let (app, producer) = (app.clone(), *producer);
        Callback::from(move |_: MouseEvent| app.page(Action::Open(Window::Actor(Actor::Producer(producer)))))
    };
    let send = {
        let (typed, producer) = (typed.clone(), *producer);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if app.act(typed.borrow().command(producer)) {
                app.page(Action::Close);
            }
        })
    };
    let snapshot = typed.borrow().clone();
    let partitions = topics.iter().map(|(_, count)| *count).max().unwrap_or(1);
    html! {
        <Dialog title={i18n.format("produce")} testid="produce-form">
            <form class="form" onsubmit={send}>
                if props.snapshot.view.producers.len() > 1 {
                    <label>{ i18n.format("producer") }
                        <select data-testid="produce-producer" onchange={pick_producer}>
                            { siblings(props.snapshot.view.producers.iter().map(|each| html! {
                                <option value={each.number.to_string()} selected={each.number == *producer}>{ each.number }</option>
                            })) }
                        </select>
                    </label>
                }
                <label>{ i18n.format("topic") }
                    <select data-testid="produce-topic" onchange={pick(|typed, value| typed.topic = value)}>
                        { siblings(topics.iter().map(|(name, _)| html! { <option value={name.clone()} selected={*name == snapshot.topic}>{ name }</option> })) }
                    </select>
                </label>
                <label>{ i18n.format("partition") }
                    <select data-testid="produce-partition" onchange={pick(|typed, value| typed.partition = value)}>
                        <option value="" selected={snapshot.partition.is_empty()}>{ i18n.format("partition-by-key") }</option>
                        { siblings((0..partitions).map(|index| html! { <option value={index.to_string()}>{ index }</option> })) }
                    </select>
                </label>
                <label>{ i18n.format("record-key") }<input data-testid="produce-key" value={snapshot.key} oninput={field(|typed, value| typed.key = value)} /></label>
                <label>{ i18n.format("record-value") }<input data-testid="produce-value" value={snapshot.value} oninput={field(|typed, value| typed.value = value)} /></label>
                <label>{ i18n.format("record-headers") }<input data-testid="produce-headers" placeholder="trace=42, source=web" oninput={field(|typed, value| typed.headers = value)} /></label>
                <button class="go" data-testid="produce-send" type="submit">{ i18n.format("send") }</button>
            </form>
            <div class="buttons"><button data-testid="producer-more" onclick={more}>{ i18n.format("producer-more") }</button></div>
            <details class="more"><summary>{ i18n.format("links") }</summary>
                <LinksOf snapshot={props.snapshot.clone()} actor={Actor::Producer(*producer)} />
            </details>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_becomes_a_record() {
        let typed = Typed {
            topic: "orders".to_owned(),
            partition: String::new(),
            key: String::new(),
            value: "a".to_owned(),
            headers: "trace = 42, x".to_owned(),
        };
        let expected = serde_json::json!({
            "command": "produce", "producer": 1, "topic": "orders", "value": "a",
            "headers": [{"key": "trace", "value": "42"}, {"key": "x", "value": ""}],
        });
        assert_eq!(serde_json::to_value(typed.command(1)).expect("a command is JSON"), expected);
    }
}
