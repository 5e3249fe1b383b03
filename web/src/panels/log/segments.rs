//! One replica's log as it lies on the disk: segments with their batches, sparse indexes, the leader-epoch cache.

use yew::prelude::*;

use crate::engine::{BatchView, ReplicaView, SegmentView};
use crate::i18n::{I18n, use_i18n};
use crate::platform::siblings::siblings;
use crate::scene::TINTS;

/// How many batches of a segment are drawn: the newest.
const TILES_MAX: usize = 48;

/// Which replica.
#[derive(Clone, PartialEq, Properties)]
pub struct SegmentsProps {
    /// The replica.
    pub replica: ReplicaView,
}

/// A replica's log.
#[component]
pub fn Segments(props: &SegmentsProps) -> Html {
    let i18n = use_i18n();
    let replica = &props.replica;
    let segments = replica.segments.iter().enumerate().map(|(index, segment)| {
        let end = replica.segments.get(index + 1).map_or(i64::MAX, |next| next.base_offset);
        one(replica, segment, end, &i18n)
    });
    html! {
        <section data-testid="log-segments">
            <h3>{ i18n.format_with("log-of", [("partition", replica.partition.to_string().into())]) }</h3>
            { marks(replica, &i18n) }
            { epochs(replica, &i18n) }
            <h3>{ i18n.format("segments") }</h3>
            { siblings(segments) }
            <p class="faint key"><i class="tile"></i>{ i18n.format("flushed-batch") }<i class="tile unflushed"></i>{ i18n.format("page-cache-batch") }</p>
        </section>
    }
}

/// The offsets that say how safe the log is.
fn marks(replica: &ReplicaView, i18n: &I18n) -> Html {
    let marks: [(&str, i64, Option<&str>); 5] = [
        ("log start", replica.log_start_offset, None),
        ("recovery point", replica.recovery_point, Some("recovery-point-means")),
        ("flushed", replica.flushed_offset, Some("flushed-means")),
        ("HW", replica.high_watermark, None),
        ("LEO", replica.log_end_offset, None),
    ];
    let items = marks.into_iter().map(|(name, offset, means)| {
        let class = classes!((name == "HW").then_some("hw"));
        html! { <div {class} title={means.map(|means| i18n.format(means))}><dt>{ name }</dt><dd>{ offset }</dd></div> }
    });
    html! { <dl class="marks-line" data-testid="log-marks">{ for items }</dl> }
}

/// The leader-epoch cache: which epoch began where. It is what truncation goes by.
fn epochs(replica: &ReplicaView, i18n: &I18n) -> Html {
    let entries = replica.leader_epochs.iter().map(|(epoch, start)| {
        html! { <li class={format!("tile e{}", epoch.rem_euclid(TINTS))}><b>{ format!("epoch {epoch}") }</b><span>{ i18n.format_with("from-offset", [("offset", (*start).into())]) }</span></li> }
    });
    html! {
        <>
        <h4>{ i18n.format("epoch-cache") }</h4>
        if replica.leader_epochs.is_empty() {
            <p class="faint">{ i18n.format("no-epochs") }</p>
        }
        <ul class="tiles" data-testid="epoch-cache">{ for entries }</ul>
        </>
    }
}

/// One segment: its files, its batches, and what its indexes know of them.
fn one(replica: &ReplicaView, segment: &SegmentView, end: i64, i18n: &I18n) -> Html {
    let own: Vec<&BatchView> =
        replica.batches.iter().filter(|batch| (segment.base_offset..end).contains(&batch.base_offset)).collect();
    let older = own.len().saturating_sub(TILES_MAX);
    let batches = own[older..].iter().map(|batch| tile(batch, replica, i18n));
    let files = segment.files.iter().map(|(name, bytes)| {
        html! { <span><code>{ name }</code>{ " " }{ i18n.format_with("size-bytes", [("bytes", (*bytes).into())]) }</span> }
    });
    html! {
        <div key={segment.base_offset} class={classes!("segment", segment.is_active.then_some("active"))} data-testid={format!("segment-{}", segment.base_offset)}>
            <p class="segment-head">{ siblings(files) }if segment.is_active { <b>{ i18n.format("active") }</b> }</p>
            if older > 0 {
                <p class="faint">{ i18n.format_with("older-batches", [("count", older.into())]) }</p>
            }
            if own.is_empty() {
                <p class="faint">{ i18n.format("empty-segment") }</p>
            }
            <ul class="tiles">{ for batches }</ul>
            <details data-testid={format!("index-{}", segment.base_offset)}>
                <summary>{ i18n.format_with("index-entries", [("offsets", segment.offset_index.len().into()), ("times", segment.time_index.len().into())]) }</summary>
                <p class="faint">{ i18n.format("sparse-index") }</p>
                <div class="indexes">
                    { index(".index", ["offset", "position"], segment.offset_index.iter().map(|(offset, position)| (*offset, position.to_string())), i18n) }
                    { index(".timeindex", ["timestamp", "offset"], segment.time_index.iter().map(|(time, offset)| (*time, offset.to_string())), i18n) }
                </div>
            </details>
        </div>
    }
}

/// A batch: its offsets, its epoch, its bytes; whose it is, if its producer is idempotent; whether the disk has it.
fn tile(batch: &BatchView, replica: &ReplicaView, i18n: &I18n) -> Html {
    let is_flushed = batch.last_offset < replica.flushed_offset;
    let offsets = if batch.base_offset == batch.last_offset {
        batch.base_offset.to_string()
    } else {
        format!("{}–{}", batch.base_offset, batch.last_offset)
    };
    let title = i18n.format_with(
        if is_flushed { "batch-flushed" } else { "batch-unflushed" },
        [("position", batch.position.into()), ("time", batch.max_timestamp_ms.into())],
    );
    let class =
        classes!("tile", format!("e{}", batch.leader_epoch.rem_euclid(TINTS)), (!is_flushed).then_some("unflushed"));
    html! {
        <li key={batch.base_offset} {class} {title} data-testid={format!("batch-{}", batch.base_offset)}>
            <b>{ offsets }</b>
            <span>{ format!("e{} · {} B", batch.leader_epoch, batch.size_bytes) }</span>
            if batch.producer_id >= 0 {
                <span>{ format!("PID {} · seq {}", batch.producer_id, batch.base_sequence) }</span>
            }
        </li>
    }
}

/// The entries of one index file.
fn index(name: &str, columns: [&str; 2], entries: impl Iterator<Item = (i64, String)>, i18n: &I18n) -> Html {
    let rows: Vec<Html> = entries.map(|(key, value)| html! { <tr><td>{ key }</td><td>{ value }</td></tr> }).collect();
    html! {
        <div>
            <h4><code>{ name }</code></h4>
            if rows.is_empty() {
                <p class="faint">{ i18n.format("no-index-entry") }</p>
            } else {
                <table class="data"><thead><tr><th>{ columns[0] }</th><th>{ columns[1] }</th></tr></thead><tbody>{ for rows }</tbody></table>
            }
        </div>
    }
}
