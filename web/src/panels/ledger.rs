//! What became of each record of a producer: from `send()` to what the consumers' applications did with it.

use yew::prelude::*;

use crate::app::{AppContext, use_app};
use crate::engine::{DeliveryStage, GroupReading, LedgerFinding, LedgerRow, Position, RecordFate, StoredCopy};
use crate::i18n::{I18n, use_i18n};
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;

/// What the ledger shows.
#[derive(Clone, PartialEq, Properties)]
pub struct LedgerProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// The producer's number.
    pub producer: u32,
}

/// How many records are shown, the newest.
const ROWS_MAX: usize = 50;

/// The ledger.
#[component]
pub fn Ledger(props: &LedgerProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let rows = use_memo((props.snapshot.clone(), props.producer), |(_, producer)| {
        let mut rows = app.session.read(|history| history.cluster().ledger());
        rows.retain(|row| row.producer == *producer);
        rows
    });
    if rows.is_empty() {
        return html! { <p class="faint">{ i18n.format("ledger-empty") }</p> };
    }
    let count = |finding: LedgerFinding| rows.iter().filter(|row| row.findings.contains(&finding)).count();
    let findings =
        LedgerFinding::ALL.into_iter().map(|finding| (finding, count(finding))).filter(|(_, count)| *count > 0);
    let summary: Vec<String> = findings
        .map(|(finding, count)| {
            i18n.format_with(&format!("ledger-count-{}", finding.name()), [("records", count.into())])
        })
        .collect();
    let shown = rows.iter().rev().take(ROWS_MAX);
    let left_out = rows.len().saturating_sub(ROWS_MAX);
    html! {
        <>
            <p data-testid="ledger-summary">{ i18n.format_with("ledger-summary", [("records", rows.len().into())]) }
                if !summary.is_empty() { <b class="warn">{ " " }{ summary.join(" · ") }</b> }
            </p>
            <ol class="ledger" data-testid="ledger">{ for shown.map(|row| entry(row, &app, &i18n)) }</ol>
            if left_out > 0 {
                <p class="faint">{ i18n.format_with("ledger-left-out", [("records", left_out.into())]) }</p>
            }
        </>
    }
}

/// One record.
fn entry(row: &LedgerRow, app: &AppContext, i18n: &I18n) -> Html {
    let text = |part: &Option<String>| part.clone().unwrap_or_else(|| "null".to_owned());
    let record = match &row.key {
        Some(key) => format!("{key} = {}", text(&row.value)),
        None => text(&row.value),
    };
    let place = if row.partition.partition < 0 { row.partition.topic.to_string() } else { row.partition.to_string() };
    let copies = row.copies.iter().map(|each| html! { <li>{ copy(each, i18n) }</li> });
    let readings = row.readings.iter().map(|each| html! { <li>{ reading(each, app, i18n) }</li> });
    let findings = row.findings.iter().map(|finding| {
        html! { <li class="warn"><b>{ i18n.format(&format!("ledger-finding-{}", finding.name())) }</b></li> }
    });
    html! {
        <li key={row.number} data-testid="ledger-row">
            <p><b>{ record }</b>{ " → " }<code>{ place }</code></p>
            <ul>
                <li>{ to_step(row.sent_at, i18n.format("ledger-sent"), app) }</li>
                <li>{ to_step(row.reached_at, stage(row, i18n), app) }</li>
                { siblings(copies) }
                { siblings(readings) }
                { siblings(findings) }
            </ul>
        </li>
    }
}

/// Words that lead to a step of the run, where it is one of it.
fn to_step(step: Position, words: String, app: &AppContext) -> Html {
    if step == 0 {
        return html! { <span>{ words }</span> };
    }
    let app = app.clone();
    let go = Callback::from(move |_: MouseEvent| app.session.seek(step));
    html! { <button class="quiet" onclick={go}>{ words }<small>{ format!(" #{step}") }</small></button> }
}

fn stage(row: &LedgerRow, i18n: &I18n) -> String {
    let attempts = ("attempts", row.attempts.into());
    match row.stage {
        DeliveryStage::AwaitsMetadata => i18n.format("ledger-awaits-metadata"),
        DeliveryStage::AwaitsMemory => i18n.format("ledger-awaits-memory"),
        DeliveryStage::Accumulated => i18n.format_with("ledger-accumulated", [attempts]),
        DeliveryStage::InFlight { node } => i18n.format_with("ledger-in-flight", [("node", node.into()), attempts]),
        DeliveryStage::Acknowledged { offset: ..0 } => i18n.format("ledger-sent-without-answer"),
        DeliveryStage::Acknowledged { offset } => {
            i18n.format_with("ledger-acknowledged", [("offset", offset.into()), attempts])
        }
        DeliveryStage::Failed { error } => i18n.format_with("ledger-failed", [("error", error.name().into())]),
        DeliveryStage::Aborted => i18n.format("ledger-aborted"),
        DeliveryStage::Abandoned => i18n.format("ledger-abandoned"),
        DeliveryStage::Forgotten => i18n.format("ledger-forgotten"),
    }
}

fn copy(copy: &StoredCopy, i18n: &I18n) -> String {
    let word = match (copy.fate, copy.is_below_high_watermark) {
        (RecordFate::Aborted, _) => "ledger-stored-aborted",
        (RecordFate::Open, _) => "ledger-stored-open",
        // No producer sends markers.
        (RecordFate::Plain | RecordFate::Committed | RecordFate::CommitMarker | RecordFate::AbortMarker, true) => {
            "ledger-stored"
        }
        (RecordFate::Plain | RecordFate::Committed | RecordFate::CommitMarker | RecordFate::AbortMarker, false) => {
            "ledger-stored-above"
        }
    };
    i18n.format_with(word, [("offset", copy.offset.into())])
}

fn reading(reading: &GroupReading, app: &AppContext, i18n: &I18n) -> Html {
    let args = [("group", reading.group.clone().into()), ("times", reading.times.into())];
    let word = match (reading.times, reading.is_committed) {
        (0, false) => "ledger-unread",
        (0, true) => "ledger-committed-unread",
        (_, false) => "ledger-processed",
        (_, true) => "ledger-processed-committed",
    };
    to_step(reading.processed_at.unwrap_or(0), i18n.format_with(word, args), app)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn every_finding_has_words() {
        for finding in LedgerFinding::ALL {
            for i18n in [I18n::of(Lang::En), I18n::of(Lang::Ko)] {
                for kind in ["finding", "count"] {
                    let word = format!("ledger-{kind}-{}", finding.name());
                    assert!(i18n.find(&word).is_some(), "{word}");
                }
            }
        }
    }
}
