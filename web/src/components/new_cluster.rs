//! A cluster of one's own, or one that somebody has set up.

use web_sys::{HtmlInputElement, HtmlSelectElement, SubmitEvent};
use yew::prelude::*;

use super::dialog::Dialog;
use crate::desk::use_desk;
use crate::engine::presets;
use crate::sandbox::{Misfit, Order};
use crate::state::Action;
use crate::words::{Words, use_words};

/// A field of the form: its name in tests, its words, how it is read and written.
type Field = (&'static str, fn(&Words) -> String, fn(&Order) -> u64, fn(&mut Order, u64));

fn bounded(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

const FIELDS: [Field; 7] = [
    (
        "brokers",
        |words| words.say("brokers"),
        |order| order.brokers.into(),
        |order, value| order.brokers = bounded(value),
    ),
    (
        "partitions",
        |words| words.say("partitions-of-orders"),
        |order| order.partitions.into(),
        |order, value| {
            order.partitions = bounded(value);
        },
    ),
    (
        "replication-factor",
        |_| "replication.factor".to_owned(),
        |order| order.replication_factor.into(),
        |order, value| {
            order.replication_factor = bounded(value);
        },
    ),
    (
        "min-insync-replicas",
        |_| "min.insync.replicas".to_owned(),
        |order| order.min_insync_replicas.into(),
        |order, value| {
            order.min_insync_replicas = bounded(value);
        },
    ),
    (
        "producers",
        |words| words.say("producers"),
        |order| order.producers.into(),
        |order, value| {
            order.producers = bounded(value);
        },
    ),
    (
        "consumers",
        |words| words.say("consumers"),
        |order| order.consumers.into(),
        |order, value| {
            order.consumers = bounded(value);
        },
    ),
    ("seed", |words| words.say("seed"), |order| order.seed, |order, value| order.seed = value),
];

/// The window.
#[component]
pub fn NewCluster() -> Html {
    let words = use_words();
    let desk = use_desk();
    let order = use_state_eq(Order::default);
    let misfits = order.misfits();
    let fields = FIELDS.iter().map(|(name, label, get, set)| {
        let (order_then, set) = (order.clone(), *set);
        let change = Callback::from(move |event: InputEvent| {
            let mut next = (*order_then).clone();
            let typed = event.target_unchecked_into::<HtmlInputElement>().value();
            set(&mut next, typed.trim().parse().unwrap_or(0));
            order_then.set(next);
        });
        let misfit = misfits.iter().find(|misfit| misfit.field == *name);
        field(name, label(&words), get(&order), misfit, change, &words)
    });
    let acks = {
        let order = order.clone();
        Callback::from(move |event: Event| {
            order.set(Order { acks: event.target_unchecked_into::<HtmlSelectElement>().value(), ..(*order).clone() });
        })
    };
    let create = {
        let (order, desk, fits) = (order.clone(), desk.clone(), misfits.is_empty());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if fits && order.scenario().is_some_and(|scenario| desk.load(scenario)) {
                desk.page(Action::Close);
            }
        })
    };
    let ready = presets().into_iter().map(|preset| {
        let desk = desk.clone();
        let (id, scenario) = (preset.id, preset.scenario);
        let name = words.find(&format!("preset-{id}")).unwrap_or_else(|| id.replace('-', " "));
        let text = words.find(&format!("preset-{id}-text"));
        let open = Callback::from(move |_: MouseEvent| {
            desk.load(scenario.clone());
            desk.page(Action::Close);
        });
        html! { <li><button class="preset" data-testid={format!("preset-{id}")} onclick={open}><b>{ name }</b><span>{ text }</span></button></li> }
    });
    html! {
        <Dialog title={words.say("new-cluster")} testid="new-cluster">
            <ul class="presets">{ for ready }</ul>
            <h3>{ words.say("your-own") }</h3>
            <form class="form two" onsubmit={create} novalidate={true}>
                { for fields }
                <label>{ "acks" }
                    <select data-testid="field-acks" onchange={acks}>
                        { for ["all", "1", "0"].map(|value| html! { <option {value} selected={order.acks == value}>{ value }</option> }) }
                    </select>
                </label>
                <button class="go" type="submit" data-testid="create-cluster" disabled={!misfits.is_empty()}>{ words.say("create-cluster") }</button>
            </form>
        </Dialog>
    }
}

fn field(
    name: &'static str,
    label: String,
    value: u64,
    misfit: Option<&Misfit>,
    change: Callback<InputEvent>,
    words: &Words,
) -> Html {
    let said = misfit.map(|misfit| words.say_with(misfit.word, [("bound", misfit.bound.into())]));
    html! {
        <label>{ label }
            <input type="number" inputmode="numeric" min="0" data-testid={format!("field-{name}")} value={value.to_string()}
                aria-invalid={misfit.is_some().to_string()} oninput={change} />
            if let Some(said) = said {
                <small class="misfit" role="alert" data-testid={format!("misfit-{name}")}>{ said }</small>
            }
        </label>
    }
}
