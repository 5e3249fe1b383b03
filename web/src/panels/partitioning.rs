//! How a record finds its partition: key, bytes, murmur2, without the sign, modulo, partition; with the numbers of the record
//! that a producer sent last, and of a key that a person types.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::app::NowProps;
use crate::engine::{Actor, PartitionedBy, PartitioningView};
use crate::i18n::{I18n, use_i18n};
use crate::platform::siblings::siblings;

/// How many bytes murmur2 takes at a time.
const WORD: usize = 4;

/// The tab.
#[component]
pub fn Partitioning(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let view = &props.snapshot.view;
    let chosen = use_state_eq(|| None::<u32>);
    let key = use_state_eq(String::new);
    let topic = use_state_eq(|| None::<String>);
    let producer = view.producers.iter().find(|producer| Some(producer.number) == *chosen).or(view.producers.first());
    let mut topics: Vec<(String, i32)> = Vec::new();
    for each in view.partitions.iter().filter(|each| !each.partition.topic.starts_with("__")) {
        match topics.iter_mut().find(|(name, _)| **name == *each.partition.topic) {
            Some((_, count)) => *count += 1,
            None => topics.push((each.partition.topic.to_string(), 1)),
        }
    }
    let tried = topics.iter().find(|(name, _)| topic.as_deref() == Some(name)).or(topics.first()).cloned();
    let pick_producer = {
        let chosen = chosen.clone();
        Callback::from(move |event: Event| {
            chosen.set(event.target_unchecked_into::<HtmlSelectElement>().value().parse().ok())
        })
    };
    let pick_topic = {
        let topic = topic.clone();
        Callback::from(move |event: Event| topic.set(Some(event.target_unchecked_into::<HtmlSelectElement>().value())))
    };
    let write = {
        let key = key.clone();
        Callback::from(move |event: InputEvent| key.set(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    html! {
        <div class="tab-page partitioning" data-testid="partitioning-tab">
            <section>
                <h3>{ i18n.format("last-record") }</h3>
                if view.producers.len() > 1 {
                    <label>{ i18n.format("producer") }
                        <select data-testid="partitioning-producer" onchange={pick_producer}>
                            { siblings(view.producers.iter().map(|each| html! {
                                <option value={each.number.to_string()} selected={Some(each.number) == producer.map(|producer| producer.number)}>{ i18n.actor(Actor::Producer(each.number)) }</option>
                            })) }
                        </select>
                    </label>
                }
                if let Some(how) = producer.and_then(|producer| producer.last_partitioning.as_ref()) {
                    <div data-testid="partitioning-last">{ way(how, &i18n) }</div>
                } else {
                    <p class="faint" data-testid="partitioning-none">{ i18n.format("no-record-yet") }</p>
                }
            </section>
            if let Some((name, count)) = tried {
                <section>
                    <h3>{ i18n.format("try-a-key") }</h3>
                    <div class="lab-line">
                        <label>{ i18n.format("record-key") }<input data-testid="partitioning-key" placeholder={i18n.format("try-a-key-hint")} value={(*key).clone()} oninput={write} /></label>
                        <label>{ i18n.format("topic") }
                            <select data-testid="partitioning-topic" onchange={pick_topic}>
                                { siblings(topics.iter().map(|(each, count)| html! { <option value={each.clone()} selected={*each == name}>{ i18n.format_with("topic-of", [("topic", each.clone().into()), ("count", (*count).into())]) }</option> })) }
                            </select>
                        </label>
                    </div>
                    if key.is_empty() {
                        <p class="faint">{ i18n.format("sticky-means") }</p>
                    } else {
                        <div data-testid="partitioning-tried">{ way(&PartitioningView::of_key(&name, key.as_bytes(), count), &i18n) }</div>
                    }
                </section>
            }
        </div>
    }
}

/// The way from a key to a partition, a line for each step.
fn way(how: &PartitioningView, i18n: &I18n) -> Html {
    let line = |word: &str, shown: Html, means: Option<String>| {
        html! { <li><span>{ i18n.format(word) }</span><b>{ shown }</b>if let Some(means) = means { <small>{ means }</small> }</li> }
    };
    let code = |text: String| html! { <code>{ text }</code> };
    let key = how.key_bytes.as_ref().map(|bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let words = bytes.chunks(WORD).map(|word| {
            let hex: Vec<String> = word.iter().map(|byte| format!("{byte:02x}")).collect();
            html! { <code class="word">{ hex.join(" ") }</code> }
        });
        let words: Vec<Html> = words.collect();
        let count = i18n.format_with("bytes-count", [("count", bytes.len().into())]);
        html! { <>{ line("record-key", code(text), None) }{ line("key-bytes", html! { <>{ for words }</> }, Some(count)) }</> }
    });
    let hashed = how.hash.zip(how.positive).filter(|_| how.by == PartitionedBy::Key).map(|(hash, positive)| {
        let masked = if hash < 0 { "mask-cleared" } else { "mask-nothing" };
        html! {
            <>
            { line("murmur2", code(hash.to_string()), Some(format!("0x{:08x}", hash.cast_unsigned()))) }
            { line("mask", code(positive.to_string()), Some(i18n.format(masked))) }
            { line("modulo", code(format!("{positive} mod {} = {}", how.partitions, how.partition)), None) }
            </>
        }
    });
    let by = match how.by {
        PartitionedBy::Key => None,
        PartitionedBy::Application => Some(i18n.format("by-application")),
        PartitionedBy::RoundRobin => Some(i18n.format("round-robin-means")),
        PartitionedBy::DefaultPartitioner => Some(i18n.format("default-partitioner-means")),
        PartitionedBy::Sticky => Some(i18n.format("sticky-means")),
    };
    html! {
        <>
        <ol class="way">
            { siblings(key) }
            { siblings(hashed) }
            <li class="chosen"><span>{ i18n.format("partition") }</span><b><code>{ format!("{}-{}", how.topic, how.partition) }</code></b></li>
        </ol>
        if let Some(by) = by {
            <p class="faint">{ by }</p>
        }
        </>
    }
}
