//! The partition behind a coordinator: who leads it, how far it goes, and what was last written there.

use yew::prelude::*;

use crate::engine::{CoordinatorLogView, CoordinatorRecord, CoordinatorRecordView, json};
use crate::i18n::{I18n, use_i18n};

/// What is shown.
#[derive(Clone, PartialEq, Properties)]
pub struct CoordinatorLogProps {
    /// The partition; none while nobody leads it.
    pub log: Option<CoordinatorLogView>,
}

/// The partition and its newest records.
#[component]
pub fn CoordinatorLog(props: &CoordinatorLogProps) -> Html {
    let i18n = use_i18n();
    // The record that is open stays so while the log grows.
    let opened = use_state_eq(|| None::<i64>);
    let Some(log) = &props.log else {
        return html! { <p class="warn" data-testid="coordinator-log">{ i18n.format("coordinator-log-none") }</p> };
    };
    let rows = log.records.iter().rev().map(|record| {
        let (opened, offset) = (opened.clone(), record.offset);
        let is_open = *opened == Some(offset);
        let press = Callback::from(move |_: MouseEvent| opened.set((!is_open).then_some(offset)));
        let state = if record.is_committed { "record-committed" } else { "record-uncommitted" };
        html! {
            <li key={offset} class={classes!("setting", is_open.then_some("is-open"))}>
                <button class="setting-head coordinator-record" aria-expanded={is_open.to_string()} onclick={press}>
                    <code>{ offset }</code><span>{ record_text(record, &i18n) }</span><small>{ i18n.format(state) }</small>
                </button>
                if is_open {
                    <pre class="json" tabindex="0">{ payload(record) }</pre>
                }
            </li>
        }
    });
    let line = i18n.format_with(
        "coordinator-log-line",
        [
            ("node", log.leader.into()),
            ("epoch", log.leader_epoch.into()),
            ("hw", log.high_watermark.into()),
            ("leo", log.log_end_offset.into()),
        ],
    );
    html! {
        <div data-testid="coordinator-log">
            <p><code>{ log.partition.to_string() }</code>{ " · " }{ line }</p>
            if log.records.is_empty() {
                <p class="faint">{ i18n.format("coordinator-log-empty") }</p>
            } else {
                <ul class="setting-list">{ for rows }</ul>
            }
        </div>
    }
}

/// What a record says, in a sentence.
fn record_text(record: &CoordinatorRecordView, i18n: &I18n) -> String {
    let key = format!("coordinator-record-{}{}", record.says.name(), if record.is_tombstone { "-gone" } else { "" });
    let number = |value: Option<i64>| value.unwrap_or_default();
    let (about, value, more): (String, String, i64) = match &record.says {
        CoordinatorRecord::OffsetCommit { partition, offset } => {
            (partition.to_string(), number(*offset).to_string(), 0)
        }
        CoordinatorRecord::GroupMetadata { generation, members } => {
            (String::new(), number(generation.map(i64::from)).to_string(), number(*members))
        }
        CoordinatorRecord::ConsumerGroupMetadata { epoch }
        | CoordinatorRecord::ConsumerGroupTargetAssignmentMetadata { epoch } => {
            (String::new(), number(epoch.map(i64::from)).to_string(), 0)
        }
        CoordinatorRecord::ConsumerGroupPartitionMetadata => (String::new(), String::new(), 0),
        CoordinatorRecord::ConsumerGroupMemberMetadata { member } => (member.clone(), String::new(), 0),
        CoordinatorRecord::ConsumerGroupTargetAssignmentMember { member, partitions } => {
            (member.clone(), String::new(), number(*partitions))
        }
        CoordinatorRecord::ConsumerGroupCurrentMemberAssignment { member, epoch, partitions } => {
            (member.clone(), number(epoch.map(i64::from)).to_string(), number(*partitions))
        }
        CoordinatorRecord::ConsumerGroupRegularExpression { regex } => (regex.clone(), String::new(), 0),
        CoordinatorRecord::TransactionLog { state, producer_id, producer_epoch } => {
            let epoch = number(producer_epoch.map(i64::from));
            (state.clone().unwrap_or_default(), number(*producer_id).to_string(), epoch)
        }
    };
    i18n.format_with(&key, [("about", about.into()), ("value", value.into()), ("count", more.into())])
}

/// Key and value, laid out for reading. What is no JSON is shown as it is.
fn payload(record: &CoordinatorRecordView) -> String {
    let Ok(data) = json::parse(&record.json) else { return record.json.clone() };
    serde_json::to_string_pretty(&data).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn every_record_has_its_words_and_so_has_its_tombstone() {
        for lang in [Lang::En, Lang::Ko] {
            let i18n = I18n::of(lang);
            for name in CoordinatorRecord::names() {
                for key in [format!("coordinator-record-{name}"), format!("coordinator-record-{name}-gone")] {
                    assert!(i18n.find(&key).is_some(), "{lang:?}: {key}");
                }
            }
        }
    }
}
