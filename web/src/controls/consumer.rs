//! What a consumer's application can call beside `poll` and `commitSync`: where to read on, what to pause, what to read at all.

use web_sys::{HtmlInputElement, HtmlSelectElement, SubmitEvent};
use yew::prelude::*;

use crate::app::use_app;
use crate::engine::{AssignedView, Command, ConsumerView, SubscriptionView, TopicPartition};
use crate::i18n::use_i18n;
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;

/// Which consumer.
#[derive(Clone, PartialEq, Properties)]
pub struct ConsumerCallsProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// The consumer's number.
    pub consumer: u32,
}

/// The ways in which an application says what it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Topics,
    Pattern,
    Partitions,
}

impl Way {
    const ALL: [Self; 3] = [Self::Topics, Self::Pattern, Self::Partitions];

    fn name(self) -> &'static str {
        match self {
            Self::Topics => "subscribe-topics",
            Self::Pattern => "subscribe-pattern",
            Self::Partitions => "assign-partitions",
        }
    }

    /// How it reads now.
    fn of(subscription: &SubscriptionView) -> Self {
        match subscription {
            SubscriptionView::None | SubscriptionView::Topics { .. } => Self::Topics,
            SubscriptionView::Pattern { .. } => Self::Pattern,
            SubscriptionView::Partitions => Self::Partitions,
        }
    }

    /// The call that what was typed makes; `None` where it is no list of partitions.
    fn command(self, consumer: u32, typed: &str) -> Option<Command> {
        let items = || typed.split(',').map(str::trim).filter(|item| !item.is_empty());
        Some(match self {
            Self::Topics => {
                let topics = items().map(Into::into).collect();
                Command::Subscribe { consumer, topics, pattern: None }
            }
            Self::Pattern => {
                let pattern = Some(typed.trim().to_owned());
                Command::Subscribe { consumer, topics: Vec::new(), pattern }
            }
            Self::Partitions => {
                let partitions = items().map(partition_named).collect::<Option<Vec<TopicPartition>>>()?;
                Command::Assign { consumer, partitions }
            }
        })
    }
}

/// A partition as it is written everywhere: `orders-0`.
fn partition_named(text: &str) -> Option<TopicPartition> {
    let (topic, partition) = text.rsplit_once('-')?;
    Some(TopicPartition::new(topic, partition.parse().ok()?))
}

/// What is read now, as it would be typed.
fn shown(consumer: &ConsumerView) -> String {
    match &consumer.subscription {
        SubscriptionView::None => String::new(),
        SubscriptionView::Topics { topics } => {
            topics.iter().map(ToString::to_string).collect::<Vec<String>>().join(", ")
        }
        SubscriptionView::Pattern { pattern, .. } => pattern.clone(),
        SubscriptionView::Partitions => {
            let partitions = consumer.assigned.iter().map(|each| each.partition.to_string());
            partitions.collect::<Vec<String>>().join(", ")
        }
    }
}

/// What can be called for one partition, by the words for it.
fn partition_calls(consumer: u32, own: &AssignedView) -> [(&'static str, Command); 3] {
    let partitions = vec![own.partition.clone()];
    let pause = match own.is_paused {
        true => ("resume-partition", Command::ResumePartitions { consumer, partitions: partitions.clone() }),
        false => ("pause-partition", Command::PausePartitions { consumer, partitions: partitions.clone() }),
    };
    [
        pause,
        ("seek-to-beginning", Command::SeekToBeginning { consumer, partitions: partitions.clone() }),
        ("seek-to-end", Command::SeekToEnd { consumer, partitions }),
    ]
}

/// The calls.
#[component]
pub fn ConsumerCalls(props: &ConsumerCallsProps) -> Html {
    let found = props.snapshot.view.consumers.iter().find(|each| each.number == props.consumer);
    let Some(consumer) = found.filter(|each| each.is_running) else { return Html::default() };
    html! {
        <>
        <PartitionCalls consumer={consumer.number} assigned={consumer.assigned.clone()} />
        <SubscriptionForm consumer={consumer.number} way={Way::of(&consumer.subscription)} shown={shown(consumer)} />
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct PartitionCallsProps {
    consumer: u32,
    assigned: Vec<AssignedView>,
}

/// Its partitions: each can be paused, and read on from elsewhere.
#[component]
fn PartitionCalls(props: &PartitionCallsProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let rows = props.assigned.iter().map(|own| {
        let calls = partition_calls(props.consumer, own).into_iter().map(|(word, command)| {
            let app = app.clone();
            let press = Callback::from(move |_: MouseEvent| {
                app.act(command.clone());
            });
            let testid = format!("{word}-{}", own.partition);
            html! { <button data-testid={testid} onclick={press}>{ i18n.format(word) }</button> }
        });
        let seek = {
            let (app, consumer, partition) = (app.clone(), props.consumer, own.partition.clone());
            Callback::from(move |event: Event| {
                let typed = event.target_unchecked_into::<HtmlInputElement>().value();
                if let Ok(offset) = typed.trim().parse() {
                    app.act(Command::Seek { consumer, partition: partition.clone(), offset });
                }
            })
        };
        let position = if own.position < 0 { String::new() } else { own.position.to_string() };
        html! {
            <li>
                <label>{ own.partition.to_string() }
                    <input type="number" min="0" data-testid={format!("seek-{}", own.partition)} title={i18n.format("seek")}
                        value={position} onchange={seek} />
                </label>
                <div class="buttons">{ for calls }</div>
            </li>
        }
    });
    html! {
        if !props.assigned.is_empty() {
            <section>
                <h3>{ i18n.format("consumer-partitions") }</h3>
                <p class="faint">{ i18n.format("seek") }</p>
                <ul class="partition-calls">{ for rows }</ul>
            </section>
        }
    }
}

#[derive(Clone, PartialEq, Properties)]
struct SubscriptionFormProps {
    consumer: u32,
    way: Way,
    shown: String,
}

/// What it reads: topics, a pattern, or partitions by hand.
#[component]
fn SubscriptionForm(props: &SubscriptionFormProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let way = use_state_eq(|| props.way);
    let typed = use_mut_ref(|| props.shown.clone());
    let pick = {
        let way = way.clone();
        Callback::from(move |event: Event| {
            let name = event.target_unchecked_into::<HtmlSelectElement>().value();
            way.set(Way::ALL.into_iter().find(|each| each.name() == name).unwrap_or(Way::Topics));
        })
    };
    let edit = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| {
            *typed.borrow_mut() = event.target_unchecked_into::<HtmlInputElement>().value();
        })
    };
    let call = {
        let (app, consumer, way, typed) = (app.clone(), props.consumer, *way, typed.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(command) = way.command(consumer, &typed.borrow()) {
                app.act(command);
            }
        })
    };
    let unsubscribe = {
        let consumer = props.consumer;
        Callback::from(move |_: MouseEvent| {
            app.act(Command::Unsubscribe { consumer });
        })
    };
    html! {
        <section>
            <h3>{ i18n.format("consumer-subscription") }</h3>
            <form class="form" onsubmit={call}>
                <label>{ i18n.format("subscription-way") }
                    <select data-testid="subscription-way" onchange={pick}>
                        { siblings(Way::ALL.into_iter().map(|each| html! {
                            <option value={each.name()} selected={each == *way}>{ i18n.format(each.name()) }</option>
                        })) }
                    </select>
                </label>
                <label>{ i18n.format("subscription-to") }
                    <input data-testid="subscription-to" value={props.shown.clone()} oninput={edit} />
                </label>
                <div class="buttons">
                    <button data-testid="subscribe" type="submit">{ i18n.format("subscribe") }</button>
                    <button data-testid="unsubscribe" type="button" onclick={unsubscribe}>{ i18n.format("unsubscribe") }</button>
                </div>
            </form>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{I18n, Lang};

    #[test]
    fn what_is_typed_becomes_a_call() {
        let json =
            |way: Way, typed: &str| way.command(1, typed).map(|command| serde_json::to_value(command).expect("JSON"));
        let topics = serde_json::json!({"command": "subscribe", "consumer": 1, "topics": ["orders", "payments"]});
        assert_eq!(json(Way::Topics, "orders, payments"), Some(topics));
        let pattern = serde_json::json!({"command": "subscribe", "consumer": 1, "pattern": "order.*"});
        assert_eq!(json(Way::Pattern, " order.* "), Some(pattern));
        let partitions = serde_json::json!({"command": "assign", "consumer": 1, "partitions": [
            {"topic": "orders-eu", "partition": 1}]});
        assert_eq!(json(Way::Partitions, "orders-eu-1"), Some(partitions));
        assert_eq!(json(Way::Partitions, "orders"), None);
    }

    #[test]
    fn every_call_has_words() {
        let own = |is_paused| AssignedView {
            partition: TopicPartition::new("orders", 0),
            position: 0,
            committed: -1,
            is_paused,
        };
        let calls = [partition_calls(1, &own(true)), partition_calls(1, &own(false))].concat();
        let words = calls.into_iter().map(|(word, _)| word).chain(Way::ALL.map(Way::name));
        for word in words {
            for i18n in [I18n::of(Lang::En), I18n::of(Lang::Ko)] {
                assert!(i18n.find(word).is_some(), "{word}");
            }
        }
    }
}
