//! The quorum of the metadata log: who leads and why, what each voter waits for, what each log holds.

use yew::prelude::*;

use std::rc::Rc;

use crate::app::{Action, AppContext, Selection, Window, use_app};
use crate::engine::{
    Actor, ControllerRequestView, ControllerWait, MetadataRecordView, QuorumReplicaView, QuorumRole, QuorumView,
    VoterView, json,
};
use crate::i18n::{I18n, use_i18n};
use crate::panels::why::reasons;
use crate::run::SharedSnapshot;
use crate::scene::{MetadataLogs, QuorumRing, quorum_timer, role_name};

/// How many records are listed, the newest.
const RECORDS_MAX: usize = 24;

/// What the tab shows.
#[derive(Clone, PartialEq, Properties)]
pub struct QuorumProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// What is followed.
    pub selection: Option<Rc<Selection>>,
}

/// The tab.
#[component]
pub fn QuorumTab(props: &QuorumProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    // The record that is open stays so while the log grows.
    let opened = use_state_eq(|| None::<i64>);
    let snapshot = &props.snapshot;
    let quorum = use_memo(snapshot.clone(), |_| app.session.read(|history| history.cluster().quorum()));
    let Some(voter) = looked_at(&quorum, snapshot, props.selection.as_deref()) else { return Html::default() };
    let open = {
        let (app, opened) = (app.clone(), opened.clone());
        Callback::from(move |(node, offset): (i32, i64)| {
            app.page(Action::Select(Some(Selection::Actor(Actor::Node(node)))));
            opened.set(Some(offset));
        })
    };
    let toggle = {
        let opened = opened.clone();
        Callback::from(move |offset: i64| opened.set((*opened != Some(offset)).then_some(offset)))
    };
    let picks = quorum.voters.iter().map(|each| {
        let (app, id) = (app.clone(), each.node);
        let pick = Callback::from(move |_: MouseEvent| app.page(Action::Select(Some(Selection::Actor(Actor::Node(id))))));
        html! { <button data-testid={format!("pick-voter-{id}")} aria-pressed={(id == voter.node).to_string()} onclick={pick}>{ i18n.format_with("controller-label", [("id", id.into())]) }</button> }
    });
    let why: Vec<_> = snapshot.why_not().iter().filter(|why| why.is_of_quorum()).collect();
    html! {
        <div class="tab-page quorum" data-testid="quorum-tab">
            <div class="quorum-top">
                <QuorumRing snapshot={snapshot.clone()} quorum={(*quorum).clone()} here={voter.node} />
                <div class="segments quorum-picks" role="group" aria-label={i18n.format("controllers-of-quorum")}>{ for picks }</div>
                { facts(voter, &quorum, &app, &i18n) }
            </div>
            if !why.is_empty() {
                <section class="why" data-testid="quorum-why">{ reasons(why, None, &i18n) }</section>
            }
            <h3>{ i18n.format("quorum-logs") }</h3>
            <MetadataLogs snapshot={snapshot.clone()} quorum={(*quorum).clone()} opened={*opened} {open} />
            { snapshots(voter, &i18n) }
            <h3>{ i18n.format_with("quorum-records", [("id", voter.node.into())]) }</h3>
            { records(voter, *opened, &toggle, &i18n) }
        </div>
    }
}

/// The selected voter; else the one that acted, then who leads or asks for votes, then the first.
fn looked_at<'q>(
    quorum: &'q QuorumView,
    snapshot: &SharedSnapshot,
    selection: Option<&Selection>,
) -> Option<&'q VoterView> {
    let of = |actor: Actor| quorum.voters.iter().find(|voter| Actor::Node(voter.node) == actor);
    let selected = match selection {
        Some(Selection::Actor(actor)) => of(*actor),
        Some(Selection::Partition(_) | Selection::Request(_)) | None => None,
    };
    let acted = || snapshot.step.as_ref().and_then(|step| step.actor).and_then(of);
    let telling = || {
        let stands = |voter: &&VoterView| voter.role == Some(QuorumRole::Leader) || voter.election.is_some();
        quorum.voters.iter().filter(stands).max_by_key(|voter| voter.epoch)
    };
    selected.or_else(acted).or_else(telling).or(quorum.voters.first())
}

/// Where a voter stands, what it knows and what it waits for.
fn facts(voter: &VoterView, quorum: &QuorumView, app: &AppContext, i18n: &I18n) -> Html {
    let actions = {
        let (app, actor) = (app.clone(), Actor::Node(voter.node));
        Callback::from(move |_: MouseEvent| app.page(Action::Open(Window::Actor(actor))))
    };
    let known = |id: i32| if id < 0 { "–".to_owned() } else { id.to_string() };
    let marked = |word: &str, value: String, class: Option<&'static str>| html! { <div {class}><dt>{ i18n.format(word) }</dt><dd>{ value }</dd></div> };
    let row = |word: &str, value: String| marked(word, value, None);
    let high_watermark = if voter.high_watermark < 0 { "–".to_owned() } else { voter.high_watermark.to_string() };
    let means = voter.role.map(|role| i18n.format(&format!("role-{}", role.name())));
    html! {
        <section class="voter-facts" data-testid="voter-facts" aria-live="polite">
            <h3>{ i18n.format_with("controller-label", [("id", voter.node.into())]) }{ ": " }{ role_name(voter.role, i18n) }</h3>
            if !voter.is_voter {
                <p data-testid="is-observer">{ i18n.format("quorum-is-observer") }</p>
            }
            if let Some(means) = means {
                <p>{ means }</p>
            }
            <dl class="marks-line">
                { row("quorum-field-epoch", voter.epoch.to_string()) }
                { row("quorum-field-leader", known(voter.leader_id)) }
                { row("quorum-field-voted", known(voter.voted_id)) }
                { row("quorum-field-log", format!("{}–{}", voter.log.start_offset, voter.log.end_offset)) }
                { marked("quorum-field-hw", high_watermark, Some("hw")) }
            </dl>
            if let Some(timer) = voter.timer {
                <p data-testid="voter-timer">{ quorum_timer(timer, i18n) }</p>
            }
            <button data-testid="voter-actions" onclick={actions}>{ i18n.format("voter-actions") }</button>
            if let Some(fetching) = voter.fetching_snapshot {
                <p data-testid="fetching-snapshot">{ i18n.format_with("quorum-fetching-snapshot", [("offset", fetching.end_offset.into()), ("epoch", fetching.epoch.into()), ("bytes", fetching.bytes.into())]) }</p>
            }
            { votes(voter, quorum, i18n) }
            if !voter.unacknowledged.is_empty() {
                <p>{ i18n.format_with("quorum-unacknowledged", [("who", ids(&voter.unacknowledged).into())]) }</p>
            }
            { replicas(&voter.replicas, i18n) }
            { waiting(&voter.waiting, i18n) }
        </section>
    }
}

fn ids(ids: &[i32]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The votes of an election: who is for it, who against, who has not answered.
fn votes(voter: &VoterView, quorum: &QuorumView, i18n: &I18n) -> Html {
    let Some(election) = &voter.election else { return Html::default() };
    let counted = [("got", election.granted().into()), ("majority", quorum.majority.into())];
    let votes = election.votes.iter().map(|(id, vote)| {
        let (class, word) = match vote {
            Some(true) => ("granted", "vote-granted"),
            Some(false) => ("refused", "vote-refused"),
            None => ("asked", "vote-open"),
        };
        html! { <li key={*id} class={class}><b>{ id }</b>{ " " }{ i18n.format(word) }</li> }
    });
    html! {
        <>
        <h4>{ i18n.format(if election.is_pre_vote { "quorum-pre-votes" } else { "quorum-votes-of" }) }</h4>
        <p>{ i18n.format_with("quorum-votes", counted) }</p>
        <ul class="votes" data-testid="votes">{ for votes }</ul>
        </>
    }
}

/// What a leader knows of the others.
fn replicas(replicas: &[QuorumReplicaView], i18n: &I18n) -> Html {
    if replicas.is_empty() {
        return Html::default();
    }
    let ago = |ms: Option<u64>| ms.map_or_else(|| "–".to_owned(), |ms| i18n.format_with("ago-ms", [("ms", ms.into())]));
    let rows = replicas.iter().map(|replica| {
        html! {
            <tr key={replica.node}>
                <th scope="row">{ replica.node }</th>
                <td>{ i18n.format(if replica.is_voter { "quorum-voter" } else { "quorum-observer" }) }</td>
                <td>{ replica.log_end_offset.map_or_else(|| "–".to_owned(), |end| end.to_string()) }</td>
                <td>{ ago(replica.fetched_ago_ms) }</td>
                <td>{ ago(replica.caught_up_ago_ms) }</td>
            </tr>
        }
    });
    html! {
        <>
        <h4>{ i18n.format("quorum-replicas") }</h4>
        <div class="scroll">
            <table class="data" data-testid="quorum-replicas">
                <thead><tr><th>{ "node" }</th><th>{ i18n.format("role") }</th><th>{ "LEO" }</th><th>{ i18n.format("quorum-fetched") }</th><th>{ i18n.format("quorum-caught-up") }</th></tr></thead>
                <tbody>{ for rows }</tbody>
            </table>
        </div>
        </>
    }
}

/// Whose requests wait at the controller.
fn waiting(waiting: &[ControllerRequestView], i18n: &I18n) -> Html {
    if waiting.is_empty() {
        return Html::default();
    }
    let rows = waiting.iter().map(|request| {
        let (key, offset) = match request.waits_for {
            ControllerWait::Committed { offset } => ("quorum-waits-committed", offset),
            ControllerWait::Records { from } => ("quorum-waits-records", from),
        };
        let args =
            [("api", request.api.name().into()), ("who", i18n.actor(request.from).into()), ("offset", offset.into())];
        html! { <li>{ i18n.format_with(key, args) }</li> }
    });
    html! { <><h4>{ i18n.format("quorum-waiting") }</h4><ul class="waiting-list" data-testid="quorum-waiting">{ for rows }</ul></> }
}

/// The snapshots beside a voter's log.
fn snapshots(voter: &VoterView, i18n: &I18n) -> Html {
    if voter.log.snapshots.is_empty() {
        return Html::default();
    }
    let rows = voter.log.snapshots.iter().rev().map(|snapshot| {
        let size = [("records", snapshot.records.into()), ("bytes", snapshot.size_bytes.into())];
        html! { <tr key={snapshot.file.clone()}><th scope="row"><code>{ &snapshot.file }</code></th><td>{ i18n.format_with("quorum-snapshot-size", size) }</td></tr> }
    });
    html! {
        <>
        <h3>{ i18n.format_with("quorum-snapshots", [("id", voter.node.into())]) }</h3>
        <div class="scroll"><table class="data" data-testid="quorum-snapshots"><tbody>{ for rows }</tbody></table></div>
        </>
    }
}

/// The newest records, each with its content as `kafka-dump-log` prints it.
fn records(voter: &VoterView, opened: Option<i64>, toggle: &Callback<i64>, i18n: &I18n) -> Html {
    let newest = voter.log.records().rev().take(RECORDS_MAX);
    // What was pressed in the log is listed, however old it is.
    let pressed = voter.log.records().rev().skip(RECORDS_MAX).filter(|record| opened == Some(record.offset));
    let rows = newest.chain(pressed).map(|record| {
        let is_open = opened == Some(record.offset);
        let (toggle, offset) = (toggle.clone(), record.offset);
        let press = Callback::from(move |_: MouseEvent| toggle.emit(offset));
        let committed = if record.offset < voter.high_watermark { "record-committed" } else { "record-uncommitted" };
        html! {
            <li key={record.offset} class={classes!("setting", is_open.then_some("is-open"))}>
                <button class="setting-head" data-testid={format!("record-{}", record.offset)} aria-expanded={is_open.to_string()} onclick={press}>
                    <code>{ format!("{} · {}", record.offset, record.kind) }</code><b>{ format!("epoch {}", record.epoch) }</b><small>{ i18n.format(committed) }</small>
                </button>
                if is_open {
                    <pre class="json" tabindex="0">{ payload(&record) }</pre>
                }
            </li>
        }
    });
    html! { <ul class="setting-list" data-testid="quorum-records">{ for rows }</ul> }
}

/// A record's type and data, laid out for reading. What is no JSON is shown as it is.
fn payload(record: &MetadataRecordView) -> String {
    let Ok(data) = json::parse(&record.data) else { return record.data.clone() };
    let whole = if record.is_control { data } else { serde_json::json!({"type": record.kind, "data": data}) };
    serde_json::to_string_pretty(&whole).unwrap_or_default()
}
