//! A partition that transactions touch: how far readers may read, what holds them back, and what each kind of reader gets.

use yew::prelude::*;

use super::follow;
use crate::app::AppContext;
use crate::engine::{RecordFate, TopicPartition, TransactionPartitionView, TransactionRecordView};
use crate::i18n::I18n;
use crate::panels::offset_axis::{OffsetMarker, Stretch, offset_axis};

/// One partition.
pub(super) fn readers(
    view: &TransactionPartitionView,
    selected: Option<&TopicPartition>,
    app: &AppContext,
    i18n: &I18n,
) -> Html {
    let row = |word: &str, value: i64, class: Option<&'static str>| html! { <div {class}><dt>{ i18n.format(word) }</dt><dd>{ value }</dd></div> };
    let ends = (view.log_start_offset, view.log_end_offset.max(view.log_start_offset + 1));
    let mut stretches = vec![Stretch {
        class: "committed",
        from: view.log_start_offset,
        to: view.last_stable_offset.min(view.high_watermark),
    }];
    stretches.push(Stretch { class: "held", from: view.last_stable_offset, to: view.high_watermark });
    stretches.extend(view.aborted.iter().map(|each| Stretch {
        class: "aborted",
        from: each.first_offset,
        to: each.last_offset + 1,
    }));
    let markers = [
        OffsetMarker { class: "lso", offset: view.last_stable_offset },
        OffsetMarker { class: "hw", offset: view.high_watermark },
    ];
    html! {
        <section key={view.partition.to_string()} class="txn-partition" data-testid={format!("txn-partition-{}", view.partition)}>
            <h4>{ follow(&view.partition, selected, app) }{ " " }<span class="faint">{ i18n.format_with("txn-led-by", [("node", view.leader.into())]) }</span></h4>
            <dl class="marks-line">
                { row("txn-lso", view.last_stable_offset, None) }
                { row("txn-hw", view.high_watermark, Some("hw")) }
                { row("txn-leo", view.log_end_offset, None) }
            </dl>
            { offset_axis(ends, &stretches, &markers) }
            { open(view, i18n) }
            { aborted(view, i18n) }
            { records(view, i18n) }
        </section>
    }
}

/// What is open, and so holds readers of committed records back.
fn open(view: &TransactionPartitionView, i18n: &I18n) -> Html {
    if view.open.is_empty() {
        // The marker is written, but not on all in-sync replicas.
        let waits = view.last_stable_offset < view.high_watermark;
        return html! { <p class="faint">{ i18n.format(if waits { "txn-marker-waits" } else { "txn-none-open" }) }</p> };
    }
    let rows = view.open.iter().map(|each| {
        let args = [
            ("offset", each.first_offset.into()),
            ("id", each.producer_id.into()),
            ("epoch", each.producer_epoch.into()),
        ];
        let known = match &each.transactional_id {
            Some(id) => html! { <code>{ id }</code> },
            None => html! { <span class="bad">{ i18n.format("txn-unknown-owner") }</span> },
        };
        html! { <li key={each.producer_id}>{ i18n.format_with("txn-open-from", args) }{ " · " }{ known }</li> }
    });
    html! { <ul class="txn-list" data-testid="txn-open">{ for rows }</ul> }
}

/// The entries of the transaction index.
fn aborted(view: &TransactionPartitionView, i18n: &I18n) -> Html {
    if view.aborted.is_empty() {
        return Html::default();
    }
    let rows = view.aborted.iter().map(|each| {
        let args = [
            ("id", each.producer_id.into()),
            ("first", each.first_offset.into()),
            ("last", each.last_offset.into()),
            ("lso", each.last_stable_offset.into()),
        ];
        html! { <li key={each.last_offset}>{ i18n.format_with("txn-aborted", args) }</li> }
    });
    html! { <><p>{ i18n.format("txn-index") }</p><ul class="txn-list" data-testid="txn-aborted">{ for rows }</ul></> }
}

fn records(view: &TransactionPartitionView, i18n: &I18n) -> Html {
    if view.records.is_empty() {
        return html! { <p class="faint">{ i18n.format("txn-no-record") }</p> };
    }
    let label = i18n.format_with("txn-records-of", [("partition", view.partition.to_string().into())]);
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label={label.clone()}>
            <table class="data txn-records" aria-label={label}>
                <thead><tr>
                    <th scope="col">{ i18n.format("txn-offset") }</th><th scope="col"><code>{ "read_uncommitted" }</code></th>
                    <th scope="col"><code>{ "read_committed" }</code></th><th scope="col">{ i18n.format("txn-fate") }</th>
                </tr></thead>
                <tbody>{ for view.records.iter().map(|record| row(record, i18n)) }</tbody>
            </table>
        </div>
    }
}

fn row(record: &TransactionRecordView, i18n: &I18n) -> Html {
    let key = record.key.as_ref().map(|key| format!("{key}="));
    let text = format!("{}{}", key.unwrap_or_default(), record.value.as_deref().unwrap_or("null"));
    let not_yet =
        || html! { <span class="undecided">{ &text }{ " " }<small>{ i18n.format("txn-not-yet") }</small></span> };
    let fate = i18n.format_with(&format!("txn-fate-{}", record.fate.name()), [("id", record.producer_id.into())]);
    if record.fate.is_marker() {
        return html! {
            <tr key={record.offset} class={record.fate.name()} data-testid={format!("txn-record-{}", record.offset)}>
                <th scope="row">{ record.offset }</th><td colspan="3">{ fate }{ " · " }{ i18n.format("txn-never") }</td>
            </tr>
        };
    }
    let uncommitted = if record.is_read_uncommitted {
        html! { { &text } }
    } else {
        not_yet()
    };
    let committed = match (record.fate == RecordFate::Aborted, record.is_read_committed) {
        (true, _) => {
            html! { <span class="thrown"><s>{ &text }</s>{ " " }<small>{ i18n.format("txn-left-out") }</small></span> }
        }
        (false, true) => html! { { &text } },
        (false, false) => not_yet(),
    };
    html! {
        <tr key={record.offset} class={record.fate.name()} data-testid={format!("txn-record-{}", record.offset)}>
            <th scope="row">{ record.offset }</th><td class="wraps">{ uncommitted }</td><td class="wraps">{ committed }</td>
            <td>{ fate }</td>
        </tr>
    }
}
