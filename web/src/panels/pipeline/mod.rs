//! One broker opened up: the places that a request passes, who is at each of them, and the metric that measures it.

mod places;
mod quotas;
mod timeline;

use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::app::{Action, Selection, use_app};
use crate::engine::{Actor, Command, Listener, PipelineView, RequestId, SettingScope};
use crate::i18n::{I18n, use_i18n};
use crate::run::SharedSnapshot;

/// What the tab shows.
#[derive(Clone, PartialEq, Properties)]
pub struct PipelineProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// What is followed.
    pub selection: Option<Rc<Selection>>,
}

/// The tab.
#[component]
pub fn PipelineTab(props: &PipelineProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let port = use_state_eq(Listener::default);
    let chosen = use_state_eq(|| None::<i32>);
    let snapshot = &props.snapshot;
    let here = looked_at(snapshot, props.selection.as_deref(), *chosen, *port);
    let pipeline = use_memo((snapshot.clone(), here, *port), |(_, here, port)| {
        here.and_then(|node| app.session.read(|history| history.cluster().pipeline(node, *port)))
    });
    let nodes = snapshot.view.nodes.iter().filter(|node| has(node, *port));
    let picks = nodes.map(|node| {
        let (chosen, id) = (chosen.clone(), node.id);
        let pick = Callback::from(move |_: MouseEvent| chosen.set(Some(id)));
        html! { <button key={id} data-testid={format!("pipeline-of-{id}")} aria-pressed={(here == Some(id)).to_string()} onclick={pick}>{ i18n.actor(Actor::Node(id)) }</button> }
    });
    let listeners = [Listener::Broker, Listener::Controller].map(|each| {
        let (port, chosen) = (port.clone(), chosen.clone());
        let is_on = *port == each;
        let pick = Callback::from(move |_: MouseEvent| {
            port.set(each);
            chosen.set(None);
        });
        let word = match each {
            Listener::Broker => "pipeline-listener-broker",
            Listener::Controller => "pipeline-listener-controller",
        };
        html! { <button key={word} data-testid={word} aria-pressed={is_on.to_string()} onclick={pick}>{ i18n.format(word) }</button> }
    });
    let highlighted = match props.selection.as_deref() {
        Some(Selection::Request(request)) => Some(*request),
        Some(Selection::Partition(_) | Selection::Actor(_)) | None => None,
    };
    let select = {
        let app = app.clone();
        Callback::from(move |request: RequestId| app.page(Action::Select(Some(Selection::Request(request)))))
    };
    html! {
        <div class="tab-page pipeline" data-testid="pipeline-tab">
            <div class="pipeline-head">
                <div class="segments" role="group" aria-label={i18n.format("broker-choice")}>{ for picks }</div>
                <div class="segments" role="group" aria-label={i18n.format("pipeline-listener")}>{ for listeners }</div>
            </div>
            if let Some(pipeline) = pipeline.as_ref() {
                { places::plan(pipeline, highlighted, &select, &i18n) }
                { quotas::uses(pipeline, &i18n) }
                <Costs snapshot={snapshot.clone()} node={pipeline.node} port={pipeline.port} />
                { timeline::requests(pipeline, highlighted, &select, &i18n) }
            } else {
                <p class="faint">{ i18n.format("pipeline-down") }</p>
            }
        </div>
    }
}

fn has(node: &crate::engine::NodeView, port: Listener) -> bool {
    match port {
        Listener::Broker => node.is_broker,
        Listener::Controller => node.is_controller,
    }
}

/// The process that is opened up: the chosen one, else the selected one, else the one that acted, else the first that leads
/// something, else the first.
fn looked_at(
    snapshot: &SharedSnapshot,
    selection: Option<&Selection>,
    chosen: Option<i32>,
    port: Listener,
) -> Option<i32> {
    let nodes = || snapshot.view.nodes.iter().filter(|node| has(node, port)).map(|node| node.id);
    let is_here = |id: &i32| nodes().any(|node| node == *id);
    let node_of = |actor: Actor| match actor {
        Actor::Node(id) => Some(id),
        Actor::Producer(_) | Actor::Consumer(_) | Actor::Admin | Actor::Probe(_) => None,
    };
    let selected = match selection {
        Some(Selection::Actor(actor)) => node_of(*actor),
        Some(Selection::Request(request)) => {
            snapshot.view.nodes.iter().find(|node| node.under_way.contains(request)).map(|node| node.id)
        }
        Some(Selection::Partition(_)) | None => None,
    };
    let leads = || {
        let partitions = snapshot.view.partitions.iter().filter(|each| !each.partition.topic.starts_with("__"));
        partitions.map(|each| each.leader).find(is_here)
    };
    chosen.filter(is_here).or(selected.filter(is_here)).or_else(leads).or_else(|| nodes().next())
}

/// What the places cost, and how many threads there are.
#[derive(Clone, PartialEq, Properties)]
struct CostsProps {
    snapshot: SharedSnapshot,
    node: i32,
    port: Listener,
}

#[component]
fn Costs(props: &CostsProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let CostsProps { snapshot, node, port } = props.clone();
    let costs = use_memo((snapshot, node), |(_, node)| {
        let scopes = [SettingScope::Pipeline(*node), SettingScope::Broker(*node)];
        app.session.read(|history| scopes.map(|scope| (history.cluster().settings(&scope), scope)))
    });
    let refused = use_state_eq(|| None::<String>);
    if port == Listener::Controller {
        return html! { <p class="faint">{ i18n.format("pipeline-controller-free") }</p> };
    }
    let fields = costs.iter().flat_map(|(settings, scope)| {
        let shown = |name: &str| matches!(scope, SettingScope::Pipeline(_)) || THREADS.contains(&name);
        settings.iter().filter(move |setting| shown(setting.name)).map(move |setting| (scope.clone(), setting))
    });
    let fields = fields.map(|(scope, setting)| {
        let (app, refused, i18n_here, name) = (app.clone(), refused.clone(), i18n.clone(), setting.name);
        let set = Callback::from(move |event: Event| {
            let value = event.target_unchecked_into::<HtmlInputElement>().value();
            let command = Command::Set { scope: scope.clone(), name: name.to_owned(), value };
            let answer = app.session.act(command);
            let error = answer.err().map(|error| crate::i18n::LocalizedMessage::of(&error, "error"));
            refused.set(error.map(|error| i18n_here.engine("error", &error)));
        });
        let meaning = i18n.find(&format!("setting-{}", name.replace('.', "-"))).unwrap_or_default();
        html! {
            <label key={name} title={meaning}><code>{ name }</code>
                <input type="number" min="0" inputmode="numeric" data-testid={format!("cost-{name}")} value={setting.value.clone().unwrap_or_default()} onchange={set} /></label>
        }
    });
    html! {
        <details class="costs" data-testid="pipeline-costs" open=true>
            <summary>{ i18n.format("pipeline-costs") }</summary>
            <p class="faint">{ i18n.format("pipeline-costs-text") }</p>
            <div class="cost-fields">{ for fields }</div>
            if let Some(refused) = refused.as_ref() {
                <p class="error" role="alert" data-testid="cost-refused">{ refused }</p>
            }
        </details>
    }
}

/// The settings of Kafka's own that belong here.
const THREADS: [&str; 2] = ["num.io.threads", "num.network.threads"];

/// A request in a place: pressed, it is followed.
fn chip(
    request: RequestId,
    label: String,
    highlighted: Option<RequestId>,
    select: &Callback<RequestId>,
    i18n: &I18n,
) -> Html {
    let is_highlighted = highlighted == Some(request);
    let select = select.clone();
    let press = Callback::from(move |_: MouseEvent| select.emit(request));
    let name = i18n.format_with("pipeline-follow", [("request", label.clone().into())]);
    html! {
        <button key={format!("{}-{}", request.from, request.correlation_id)} class={classes!("chip", is_highlighted.then_some("on"))} aria-pressed={is_highlighted.to_string()}
            aria-label={name} onclick={press}>{ label }</button>
    }
}

/// The label of a request that is under way.
fn label_of(pipeline: &PipelineView, request: RequestId, i18n: &I18n) -> String {
    let found = pipeline.requests.iter().find(|each| each.request == request);
    found.map_or_else(
        || i18n.actor(request.from.actor()),
        |each| format!("{} · {}", each.api.name(), i18n.actor(each.from)),
    )
}
