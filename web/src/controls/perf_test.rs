//! Records at a rate, for overload without hand work.

use web_sys::{HtmlInputElement, SubmitEvent};
use yew::prelude::*;

use crate::app::{Action, use_app};
use crate::controls::produce::topics;
use crate::engine::{Command, PerfTestView};
use crate::i18n::use_i18n;
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;

/// Which producer.
#[derive(Clone, PartialEq, Properties)]
pub struct PerfTestProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// The producer's number.
    pub producer: u32,
}

/// What the form holds.
#[derive(Clone, Debug, PartialEq)]
struct Typed {
    topic: String,
    /// `numRecords`, `throughput`, `recordSize` and `keys`, as they were typed.
    numbers: [String; 4],
}

impl Typed {
    fn of(topic: String) -> Self {
        Self { topic, numbers: ["1000", "100", "100", "0"].map(str::to_owned) }
    }

    /// The command; what is no number is out of bounds, and said so.
    fn command(&self, producer: u32) -> Command {
        let [num_records, throughput, record_size, keys] =
            self.numbers.each_ref().map(|typed| typed.trim().parse().unwrap_or(u32::MAX));
        Command::ProducerPerfTest {
            producer,
            topic: self.topic.trim().into(),
            num_records,
            record_size,
            throughput,
            keys,
        }
    }
}

/// The words for the fields of [`Typed::numbers`].
const FIELDS: [&str; 4] = ["perf-test-records", "perf-test-throughput", "perf-test-size", "perf-test-keys"];

/// The form, and how far a test is that is under way.
#[component]
pub fn PerfTestForm(props: &PerfTestProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let first = topics(&props.snapshot).into_iter().next().map(|(name, _)| name).unwrap_or_default();
    let typed = use_mut_ref(|| Typed::of(first));
    let shown = props.snapshot.view.producers.iter().find(|each| each.number == props.producer);
    let Some(shown) = shown.filter(|shown| shown.is_running && !shown.is_closing) else { return Html::default() };
    let start = {
        let (typed, producer) = (typed.clone(), props.producer);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if app.act(typed.borrow().command(producer)) {
                app.page(Action::Close);
            }
        })
    };
    let topic = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| {
            typed.borrow_mut().topic = event.target_unchecked_into::<HtmlInputElement>().value();
        })
    };
    let numbers = FIELDS.iter().enumerate().map(|(index, word)| {
        let value = typed.borrow().numbers[index].clone();
        let typed = typed.clone();
        let edit = Callback::from(move |event: InputEvent| {
            typed.borrow_mut().numbers[index] = event.target_unchecked_into::<HtmlInputElement>().value();
        });
        html! {
            <label>{ i18n.format(word) }
                <input type="number" min="0" data-testid={*word} {value} oninput={edit} />
            </label>
        }
    });
    html! {
        <section>
            <h3>{ i18n.format("perf-test") }</h3>
            if let Some(PerfTestView { sent, num_records, throughput }) = shown.perf_test {
                <p data-testid="perf-test-progress">{ i18n.format_with("perf-test-progress", [
                    ("sent", sent.into()), ("records", num_records.into()), ("throughput", throughput.into()),
                ]) }</p>
            }
            <form class="form" onsubmit={start}>
                <label>{ i18n.format("topic") }
                    <input data-testid="perf-test-topic" value={typed.borrow().topic.clone()} oninput={topic} />
                </label>
                { siblings(numbers) }
                <div class="buttons">
                    <button data-testid="perf-test-start" type="submit">{ i18n.format("perf-test-start") }</button>
                </div>
            </form>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_a_command() {
        let json = |typed: &Typed| serde_json::to_value(typed.command(2)).expect("JSON");
        let mut typed = Typed::of("orders".to_owned());
        let expected = serde_json::json!({"command": "producer-perf-test", "producer": 2, "topic": "orders",
            "numRecords": 1000, "recordSize": 100, "throughput": 100});
        assert_eq!(json(&typed), expected);
        typed.numbers = ["5", "fast", "10", "3"].map(str::to_owned);
        assert_eq!(json(&typed)["throughput"], u32::MAX, "the cluster says that it is out of bounds");
        assert_eq!(json(&typed)["keys"], 3);
    }
}
