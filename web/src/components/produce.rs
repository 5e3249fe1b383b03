//! One record for a producer.

use web_sys::{HtmlInputElement, HtmlSelectElement, SubmitEvent};
use yew::prelude::*;

use super::dialog::Dialog;
use super::party::LinksOf;
use crate::desk::use_desk;
use crate::engine::{Actor, Command};
use crate::session::Now;
use crate::state::Action;
use crate::words::use_words;

/// Which producer.
#[derive(Clone, PartialEq, Properties)]
pub struct ProduceProps {
    /// The moment.
    pub now: Now,
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
fn topics(now: &Now) -> Vec<(String, i32)> {
    let mut topics: Vec<(String, i32)> = Vec::new();
    for partition in &now.view.partitions {
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
    let words = use_words();
    let desk = use_desk();
    let topics = topics(&props.now);
    let typed = use_mut_ref(|| Typed {
        topic: topics.first().map(|(name, _)| name.clone()).unwrap_or_default(),
        key: "K1".to_owned(),
        value: format!("order {}", props.now.position + 1),
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
    let send = {
        let (typed, producer) = (typed.clone(), *producer);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if desk.act(typed.borrow().command(producer)) {
                desk.page(Action::Close);
            }
        })
    };
    let now = typed.borrow().clone();
    let partitions = topics.iter().map(|(_, count)| *count).max().unwrap_or(1);
    html! {
        <Dialog title={words.say("produce")} testid="produce-form">
            <form class="form" onsubmit={send}>
                if props.now.view.producers.len() > 1 {
                    <label>{ words.say("producer") }
                        <select data-testid="produce-producer" onchange={pick_producer}>
                            { for props.now.view.producers.iter().map(|each| html! {
                                <option value={each.number.to_string()} selected={each.number == *producer}>{ each.number }</option>
                            }) }
                        </select>
                    </label>
                }
                <label>{ words.say("topic") }
                    <select data-testid="produce-topic" onchange={pick(|typed, value| typed.topic = value)}>
                        { for topics.iter().map(|(name, _)| html! { <option value={name.clone()} selected={*name == now.topic}>{ name }</option> }) }
                    </select>
                </label>
                <label>{ words.say("partition") }
                    <select data-testid="produce-partition" onchange={pick(|typed, value| typed.partition = value)}>
                        <option value="" selected={now.partition.is_empty()}>{ words.say("partition-by-key") }</option>
                        { for (0..partitions).map(|index| html! { <option value={index.to_string()}>{ index }</option> }) }
                    </select>
                </label>
                <label>{ words.say("record-key") }<input data-testid="produce-key" value={now.key} oninput={field(|typed, value| typed.key = value)} /></label>
                <label>{ words.say("record-value") }<input data-testid="produce-value" value={now.value} oninput={field(|typed, value| typed.value = value)} /></label>
                <label>{ words.say("record-headers") }<input data-testid="produce-headers" placeholder="trace=42, source=web" oninput={field(|typed, value| typed.headers = value)} /></label>
                <button class="go" data-testid="produce-send" type="submit">{ words.say("send") }</button>
            </form>
            <details class="more"><summary>{ words.say("links") }</summary>
                <LinksOf now={props.now.clone()} actor={Actor::Producer(*producer)} />
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
