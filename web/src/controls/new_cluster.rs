//! A cluster of one's own, or one that somebody has set up.

use web_sys::{HtmlInputElement, HtmlSelectElement, SubmitEvent};
use yew::prelude::*;

use crate::app::Dialog;
use crate::app::use_app;
use crate::app::{Action, Window};
use crate::engine::presets;
use crate::i18n::{I18n, use_i18n};
use crate::run::runs::Origin;
use crate::run::sandbox::{Misfit, Order};

/// A field of the form: its name in tests, its words, how it is read and written.
type Field = (&'static str, fn(&I18n) -> String, fn(&Order) -> u64, fn(&mut Order, u64));

fn bounded(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

const FIELDS: [Field; 7] = [
    (
        "brokers",
        |i18n| i18n.format("brokers"),
        |order| order.brokers.into(),
        |order, value| order.brokers = bounded(value),
    ),
    (
        "partitions",
        |i18n| i18n.format("partitions-of-orders"),
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
        |i18n| i18n.format("producers"),
        |order| order.producers.into(),
        |order, value| {
            order.producers = bounded(value);
        },
    ),
    (
        "consumers",
        |i18n| i18n.format("consumers"),
        |order| order.consumers.into(),
        |order, value| {
            order.consumers = bounded(value);
        },
    ),
    ("seed", |i18n| i18n.format("seed"), |order| order.seed, |order, value| order.seed = value),
];

/// The window.
#[component]
pub fn NewCluster() -> Html {
    let i18n = use_i18n();
    let app = use_app();
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
        field(name, label(&i18n), get(&order), misfit, change, &i18n)
    });
    let acks = {
        let order = order.clone();
        Callback::from(move |event: Event| {
            order.set(Order { acks: event.target_unchecked_into::<HtmlSelectElement>().value(), ..(*order).clone() });
        })
    };
    let create = {
        let (order, app, fits) = (order.clone(), app.clone(), misfits.is_empty());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if fits && order.scenario().is_some_and(|scenario| app.load(scenario, Origin::Own)) {
                app.page(Action::Close);
            }
        })
    };
    let ready = presets().into_iter().map(|preset| {
        let app = app.clone();
        let (id, scenario) = (preset.id, preset.scenario);
        let name = i18n.find(&format!("preset-{id}")).unwrap_or_else(|| id.replace('-', " "));
        let text = i18n.find(&format!("preset-{id}-text"));
        let open = Callback::from(move |_: MouseEvent| {
            app.load(scenario.clone(), Origin::Preset(id.to_owned()));
            app.page(Action::Close);
        });
        html! { <li><button class="preset" data-testid={format!("preset-{id}")} onclick={open}><b>{ name }</b><span>{ text }</span></button></li> }
    });
    let from_files = {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| app.page(Action::Open(Window::ConfigFiles)))
    };
    html! {
        <Dialog title={i18n.format("new-cluster")} testid="new-cluster">
            <ul class="presets">{ for ready }</ul>
            <button data-testid="from-files" onclick={from_files}>{ i18n.format("config-files") }</button>
            <h3>{ i18n.format("your-own") }</h3>
            <form class="form two" onsubmit={create} novalidate={true}>
                { for fields }
                <label>{ "acks" }
                    <select data-testid="field-acks" onchange={acks}>
                        { for ["all", "1", "0"].map(|value| html! { <option {value} selected={order.acks == value}>{ value }</option> }) }
                    </select>
                </label>
                <button class="go" type="submit" data-testid="create-cluster" disabled={!misfits.is_empty()}>{ i18n.format("create-cluster") }</button>
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
    i18n: &I18n,
) -> Html {
    let formatted = misfit.map(|misfit| i18n.format_with(misfit.word, [("bound", misfit.bound.into())]));
    html! {
        <label>{ label }
            <input type="number" inputmode="numeric" min="0" data-testid={format!("field-{name}")} value={value.to_string()}
                aria-invalid={misfit.is_some().to_string()} oninput={change} />
            if let Some(formatted) = formatted {
                <small class="misfit" role="alert" data-testid={format!("misfit-{name}")}>{ formatted }</small>
            }
        </label>
    }
}
