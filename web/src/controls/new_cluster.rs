//! A cluster of one's own, or one that somebody has set up.

use web_sys::{HtmlInputElement, HtmlSelectElement, SubmitEvent};
use yew::prelude::*;

use crate::app::Dialog;
use crate::app::use_app;
use crate::app::{Action, Window};
use crate::engine::presets;
use crate::engine::presets::OrderedSubscription;
use crate::i18n::{I18n, use_i18n};
use crate::platform::siblings::siblings;
use crate::run::runs::Origin;
use crate::run::sandbox::{Misfit, Order};

/// A field of the form.
struct Field {
    /// Its name in tests, and among what does not fit.
    id: &'static str,
    /// What it is called: a setting's name is the same in every language.
    label: Label,
    /// The number that it is about.
    number: fn(&mut Order) -> &mut u32,
}

enum Label {
    Message(&'static str),
    Setting(&'static str),
}

const fn field(id: &'static str, label: Label, number: fn(&mut Order) -> &mut u32) -> Field {
    Field { id, label, number }
}

const FIELDS: [Field; 8] = [
    field("brokers", Label::Message("brokers"), |order| &mut order.brokers),
    field("controllers", Label::Message("controllers-of-quorum"), |order| &mut order.controllers),
    field("partitions", Label::Message("partitions-of-orders"), |order| &mut order.partitions),
    field("replication-factor", Label::Setting("replication.factor"), |order| &mut order.replication_factor),
    field("min-insync-replicas", Label::Setting("min.insync.replicas"), |order| &mut order.min_insync_replicas),
    field("producers", Label::Message("producers"), |order| &mut order.producers),
    field("consumers", Label::Message("consumers"), |order| &mut order.consumers),
    field("seed", Label::Message("seed"), |order| &mut order.seed),
];

/// `process.roles` of a combined process, the choice's name.
const COMBINED: &str = "broker,controller";

/// What a choice begins with.
type MakeSubscription = fn() -> OrderedSubscription;

/// How the consumers can come to their partitions: the choice's words, and what it begins with.
const SUBSCRIPTIONS: [(&str, MakeSubscription); 3] = [
    ("subscribe-topics", || OrderedSubscription::Topic),
    ("subscribe-pattern", || OrderedSubscription::Pattern("orders.*".to_owned())),
    ("assign-partitions", || OrderedSubscription::Partitions),
];

/// The window.
#[component]
pub fn NewCluster() -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let order = use_state_eq(Order::default);
    let misfits = order.misfits();
    let fields = FIELDS.iter().map(|field| {
        let number = field.number;
        let change = {
            let order = order.clone();
            Callback::from(move |event: InputEvent| {
                let typed = event.target_unchecked_into::<HtmlInputElement>().value();
                let mut next = (*order).clone();
                *number(&mut next) = typed.trim().parse().unwrap_or(0);
                order.set(next);
            })
        };
        let misfit = misfits.iter().find(|misfit| misfit.field == field.id);
        field_row(field, *number(&mut (*order).clone()), misfit, change, &i18n)
    });
    let roles = {
        let order = order.clone();
        Callback::from(move |event: Event| {
            let combined = event.target_unchecked_into::<HtmlSelectElement>().value() == COMBINED;
            order.set(Order { combined, ..(*order).clone() });
        })
    };
    let acks = {
        let order = order.clone();
        Callback::from(move |event: Event| {
            order.set(Order { acks: event.target_unchecked_into::<HtmlSelectElement>().value(), ..(*order).clone() });
        })
    };
    let subscription = {
        let order = order.clone();
        Callback::from(move |event: Event| {
            let name = event.target_unchecked_into::<HtmlSelectElement>().value();
            let picked = SUBSCRIPTIONS.into_iter().find(|(word, _)| *word == name).map(|(_, make)| make());
            order.set(Order { subscription: picked.unwrap_or_default(), ..(*order).clone() });
        })
    };
    let pattern = {
        let order = order.clone();
        Callback::from(move |event: InputEvent| {
            let typed = event.target_unchecked_into::<HtmlInputElement>().value();
            order.set(Order { subscription: OrderedSubscription::Pattern(typed), ..(*order).clone() });
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
                { siblings(fields) }
                <label>{ i18n.format("controllers-where") }
                    <select data-testid="field-roles" onchange={roles}>
                        <option value="controller" selected={!order.combined}>{ i18n.format("controllers-dedicated") }</option>
                        <option value={COMBINED} selected={order.combined}>{ i18n.format("controllers-combined") }</option>
                    </select>
                </label>
                <label>{ "acks" }
                    <select data-testid="field-acks" onchange={acks}>
                        { siblings(["all", "1", "0"].map(|value| html! { <option {value} selected={order.acks == value}>{ value }</option> })) }
                    </select>
                </label>
                <label>{ i18n.format("consumers-read") }
                    <select data-testid="field-subscription" onchange={subscription}>
                        { siblings(SUBSCRIPTIONS.into_iter().map(|(word, make)| {
                            let selected = std::mem::discriminant(&make()) == std::mem::discriminant(&order.subscription);
                            html! { <option value={word} {selected}>{ i18n.format(word) }</option> }
                        })) }
                    </select>
                </label>
                if let OrderedSubscription::Pattern(typed) = &order.subscription {
                    <label>{ i18n.format("consumers-pattern") }
                        <input data-testid="field-pattern" value={typed.clone()} oninput={pattern} />
                    </label>
                }
                <button class="go" type="submit" data-testid="create-cluster" disabled={!misfits.is_empty()}>{ i18n.format("create-cluster") }</button>
            </form>
        </Dialog>
    }
}

fn field_row(field: &Field, value: u32, misfit: Option<&Misfit>, change: Callback<InputEvent>, i18n: &I18n) -> Html {
    let label = match field.label {
        Label::Message(id) => i18n.format(id),
        Label::Setting(name) => name.to_owned(),
    };
    let formatted = misfit.map(|misfit| i18n.format_with(misfit.word, [("bound", misfit.bound.into())]));
    html! {
        <label>{ label }
            <input type="number" inputmode="numeric" min="0" data-testid={format!("field-{}", field.id)} value={value.to_string()}
                aria-invalid={misfit.is_some().to_string()} oninput={change} />
            if let Some(formatted) = formatted {
                <small class="misfit" role="alert" data-testid={format!("misfit-{}", field.id)}>{ formatted }</small>
            }
        </label>
    }
}
