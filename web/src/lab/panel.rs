//! One request by hand: any request to any node, with Kafka's own field names, and the real answer.

use std::rc::Rc;

use serde_json::Value;
use web_sys::{HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::app::{Action, LabDraft, use_app};
use crate::engine::{Actor, ApiKey, Command, History, Listener, REQUEST_TEMPLATES, RequestTemplate, Response};
use crate::i18n::{LocalizedMessage, use_i18n};
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;

/// What the lab shows.
#[derive(Clone, PartialEq, Properties)]
pub struct LabProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// What is written; none before the tab was opened.
    pub draft: Option<Rc<LabDraft>>,
}

/// A request as the cluster fills it here and now.
fn filled(history: &History, api: ApiKey, sent: Option<u32>) -> LabDraft {
    let template = history.cluster().request_template(api);
    let RequestTemplate { to, port, body } =
        template.unwrap_or(RequestTemplate { to: 1, port: Listener::Broker, body: Value::Object(Default::default()) });
    let body = serde_json::to_string_pretty(&body).unwrap_or_default();
    LabDraft { api, to, port, body, sent, error: None }
}

/// The tab.
#[component]
pub fn Lab(props: &LabProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let draft = match &props.draft {
        Some(draft) => (**draft).clone(),
        None => app.session.read(|history| filled(history, ApiKey::Metadata, None)),
    };
    let write = {
        let app = app.clone();
        Callback::from(move |draft: LabDraft| app.page(Action::Lab(draft)))
    };
    let fill = {
        let (app, write, sent) = (app.clone(), write.clone(), draft.sent);
        Callback::from(move |api: ApiKey| write.emit(app.session.read(|history| filled(history, api, sent))))
    };
    let pick_api = {
        let fill = fill.clone();
        Callback::from(move |event: Event| {
            let name = event.target_unchecked_into::<HtmlSelectElement>().value();
            if let Some(api) = REQUEST_TEMPLATES.into_iter().find(|each| each.name() == name) {
                fill.emit(api);
            }
        })
    };
    let refill = {
        let (fill, api) = (fill, draft.api);
        Callback::from(move |_: MouseEvent| fill.emit(api))
    };
    let pick_node = {
        let (write, draft) = (write.clone(), draft.clone());
        Callback::from(move |event: Event| {
            let to = event.target_unchecked_into::<HtmlSelectElement>().value().parse().unwrap_or(draft.to);
            write.emit(LabDraft { to, error: None, ..draft.clone() });
        })
    };
    let pick_port = {
        let (write, draft) = (write.clone(), draft.clone());
        Callback::from(move |event: Event| {
            let is_controller = event.target_unchecked_into::<HtmlSelectElement>().value() == "controller";
            let port = if is_controller { Listener::Controller } else { Listener::Broker };
            write.emit(LabDraft { port, error: None, ..draft.clone() });
        })
    };
    let edit = {
        let (write, draft) = (write.clone(), draft.clone());
        Callback::from(move |event: InputEvent| {
            let body = event.target_unchecked_into::<HtmlTextAreaElement>().value();
            write.emit(LabDraft { body, error: None, ..draft.clone() });
        })
    };
    let send = {
        let (app, write, draft) = (app.clone(), write, draft.clone());
        Callback::from(move |_: MouseEvent| {
            // What is refused stays as it was written, with what is wrong beside it.
            let (sent, error) = match sent(&app.session, &draft) {
                Ok(probe) => (Some(probe), None),
                Err(error) => (draft.sent, Some(error)),
            };
            write.emit(LabDraft { sent, error, ..draft.clone() });
        })
    };
    let error = draft.error.as_ref().map(|error| i18n.engine("error", error));
    html! {
        <div class="tab-page lab" data-testid="lab-tab">
            <p class="faint">{ i18n.format("lab-text") }</p>
            <div class="lab-line">
                <label>{ i18n.format("request") }
                    <select data-testid="lab-api" onchange={pick_api}>
                        { siblings(REQUEST_TEMPLATES.into_iter().map(|each| html! { <option value={each.name()} selected={each == draft.api}>{ each.name() }</option> })) }
                    </select>
                </label>
                <label>{ i18n.format("to") }
                    <select data-testid="lab-node" onchange={pick_node}>
                        { siblings(props.snapshot.view.nodes.iter().map(|each| html! {
                            <option value={each.id.to_string()} selected={each.id == draft.to}>{ i18n.actor(Actor::Node(each.id)) }</option>
                        })) }
                    </select>
                </label>
                <label>{ i18n.format("listener") }
                    <select data-testid="lab-port" onchange={pick_port}>
                        <option value="broker" selected={draft.port == Listener::Broker}>{ "broker" }</option>
                        <option value="controller" selected={draft.port == Listener::Controller}>{ "controller" }</option>
                    </select>
                </label>
                <button data-testid="lab-fill" onclick={refill}>{ i18n.format("lab-fill") }</button>
                <button class="accent" data-testid="lab-send" onclick={send}>{ i18n.format("send") }</button>
            </div>
            <textarea class="json" rows="14" spellcheck="false" data-testid="lab-body" aria-label={i18n.format("request-body")}
                aria-invalid={error.is_some().to_string()} aria-describedby="lab-error" value={draft.body.clone()} oninput={edit} />
            <p id="lab-error" class="field-error" role="alert" data-testid="lab-error">{ error }</p>
            if let Some(probe) = draft.sent {
                <Answer snapshot={props.snapshot.clone()} {probe} />
            }
        </div>
    }
}

/// Sends what is written. Gives the probe that waits for the answer.
fn sent(session: &crate::run::Session, draft: &LabDraft) -> Result<u32, LocalizedMessage> {
    let body = read(&draft.body)?;
    let probe = draft.sent.map_or(1, |last| last + 1);
    let command = Command::request(probe, (draft.to, draft.port), draft.api, None, body);
    session.act(command).map(|_| probe).map_err(|error| LocalizedMessage::of(&error, "error"))
}

/// Reads JSON; where it is none, says where.
fn read(text: &str) -> Result<Value, LocalizedMessage> {
    serde_json::from_str(text).map_err(|error| {
        let fields = serde_json::json!({ "line": error.line(), "column": error.column() });
        let fields = fields.as_object().cloned().unwrap_or_default();
        LocalizedMessage { name: "request-not-json".to_owned(), fields }
    })
}

#[derive(Clone, PartialEq, Properties)]
struct AnswerProps {
    snapshot: SharedSnapshot,
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
                <pre class="json" tabindex="0">{ serde_json::to_string_pretty(&response).unwrap_or_default() }</pre>
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{I18n, Lang};

    #[test]
    fn what_is_no_json_is_told_with_its_place_and_without_a_parsers_words() {
        let error = read("{\n  \"acks\": -1,\n  oops\n}").expect_err("it is no JSON");
        let said = [Lang::En, Lang::Ko].map(|lang| I18n::of(lang).engine("error", &error));
        assert_eq!(said[0], "This is not JSON: see line 3, column 3.");
        assert!(said[1].matches('3').count() == 2 && !said[1].contains("expected"), "{}", said[1]);
    }
}
