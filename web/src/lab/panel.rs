//! One request by hand: any request to any node, with Kafka's own field names, and the real answer.

use web_sys::{HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::app::NowProps;
use crate::app::use_app;
use crate::app::{Action, Banner};
use crate::engine::{Actor, ApiKey, Command, Listener, Response};
use crate::i18n::{LocalizedMessage, use_i18n};

/// The requests that can be written by hand, each with a body to begin from.
fn template(api: ApiKey) -> serde_json::Value {
    serde_json::from_str(crate::lab::templates::of(api)).unwrap_or_else(|_| serde_json::json!({}))
}

/// The tab.
#[component]
pub fn Lab(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let api = use_state_eq(|| ApiKey::Metadata);
    let node = use_state_eq(|| props.snapshot.view.nodes.first().map_or(1, |node| node.id));
    let port = use_state_eq(Listener::default);
    let body = use_state_eq(|| pretty(ApiKey::Metadata));
    let sent = use_state_eq(|| None::<u32>);
    let pick_api = {
        let (api, body) = (api.clone(), body.clone());
        Callback::from(move |event: Event| {
            let name = event.target_unchecked_into::<HtmlSelectElement>().value();
            if let Some(picked) = crate::lab::templates::ALL.into_iter().find(|each| each.name() == name) {
                api.set(picked);
                body.set(pretty(picked));
            }
        })
    };
    let pick_node = {
        let node = node.clone();
        Callback::from(move |event: Event| {
            node.set(event.target_unchecked_into::<HtmlSelectElement>().value().parse().unwrap_or(1));
        })
    };
    let pick_port = {
        let port = port.clone();
        Callback::from(move |event: Event| {
            let is_controller = event.target_unchecked_into::<HtmlSelectElement>().value() == "controller";
            port.set(if is_controller { Listener::Controller } else { Listener::Broker });
        })
    };
    let edit = {
        let body = body.clone();
        Callback::from(move |event: InputEvent| body.set(event.target_unchecked_into::<HtmlTextAreaElement>().value()))
    };
    let send = {
        let (api, node, port, body, sent) = (*api, *node, *port, (*body).clone(), sent.clone());
        let probe = sent.map_or(1, |last| last + 1);
        Callback::from(move |_: MouseEvent| match serde_json::from_str(&body) {
            Ok(body) => {
                if app.act(Command::Request { probe, to: node, port, api, version: None, body }) {
                    sent.set(Some(probe));
                }
            }
            Err(error) => {
                let fields = serde_json::json!({ "line": error.line(), "column": error.column() });
                let fields = fields.as_object().cloned().unwrap_or_default();
                app.page(Action::Fail(Banner::Refused(LocalizedMessage {
                    name: "request-not-json".to_owned(),
                    fields,
                })));
            }
        })
    };
    html! {
        <div class="tab-page lab" data-testid="lab-tab">
            <p class="faint">{ i18n.format("lab-text") }</p>
            <div class="lab-line">
                <label>{ i18n.format("request") }
                    <select data-testid="lab-api" onchange={pick_api}>
                        { for crate::lab::templates::ALL.into_iter().map(|each| html! { <option value={each.name()} selected={each == *api}>{ each.name() }</option> }) }
                    </select>
                </label>
                <label>{ i18n.format("to") }
                    <select data-testid="lab-node" onchange={pick_node}>
                        { for props.snapshot.view.nodes.iter().map(|each| html! {
                            <option value={each.id.to_string()} selected={each.id == *node}>{ i18n.actor(Actor::Node(each.id)) }</option>
                        }) }
                    </select>
                </label>
                <label>{ i18n.format("listener") }
                    <select data-testid="lab-port" onchange={pick_port}>
                        <option value="broker" selected={*port == Listener::Broker}>{ "broker" }</option>
                        <option value="controller" selected={*port == Listener::Controller}>{ "controller" }</option>
                    </select>
                </label>
                <button class="accent" data-testid="lab-send" onclick={send}>{ i18n.format("send") }</button>
            </div>
            <textarea class="json" rows="14" spellcheck="false" data-testid="lab-body" aria-label={i18n.format("request-body")} value={(*body).clone()} oninput={edit} />
            if let Some(probe) = *sent {
                <Answer snapshot={props.snapshot.clone()} {probe} />
            }
        </div>
    }
}

fn pretty(api: ApiKey) -> String {
    serde_json::to_string_pretty(&template(api)).unwrap_or_default()
}

#[derive(Clone, PartialEq, Properties)]
struct AnswerProps {
    snapshot: crate::run::SharedSnapshot,
    probe: u32,
}

/// What came back, or that it still waits.
#[component]
fn Answer(props: &AnswerProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let probe = Actor::Probe(props.probe);
    let waits = props.snapshot.view.nodes.iter().any(|node| node.purgatory.iter().any(|request| request.from == probe));
    let answer = app.session.answer(props.probe);
    let response = answer.as_ref().and_then(|answer| answer.response.as_ref()).map(Response::to_json);
    let is_closed = answer.as_ref().is_some_and(|answer| answer.closed);
    html! {
        <section data-testid="lab-answer">
            <h3>{ i18n.format("answer") }</h3>
            if let Some(response) = response {
                <pre class="json">{ serde_json::to_string_pretty(&response).unwrap_or_default() }</pre>
            } else if is_closed {
                <p>{ i18n.format("connection-closed") }</p>
            } else if waits {
                <p>{ i18n.format("waits-in-purgatory") }</p>
            } else {
                <p>{ i18n.format("answer-on-its-way") }</p>
            }
        </section>
    }
}
