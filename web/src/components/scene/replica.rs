//! A replica: its log as cells, with the log end offset, the high watermark and who reads where.

use std::rc::Rc;

use yew::prelude::*;

use crate::engine::{Actor, ReplicaView, Role};
use crate::layout::{LogCell, LogWindow, Rect, epoch_starts, window};
use crate::lit::Lit;
use crate::session::Now;
use crate::words::{Words, use_words};

/// A cell and the hair between two.
const PITCH: f64 = 30.0;
/// From the replica's top to its cells, and their height.
const CELLS_Y: f64 = 22.0;
const CELL_HEIGHT: f64 = 26.0;
/// The words `LEO 12` stand right of the last cell.
const LEO_WIDTH: f64 = 60.0;
/// A reader's mark and its name.
const READER_WIDTH: f64 = 26.0;
/// Tints for leader epochs go round: the number is told as well.
pub const TINTS: i32 = 5;

/// What is shown of a replica.
#[derive(Clone, PartialEq, Properties)]
pub struct ReplicaProps {
    /// On which broker.
    pub node: i32,
    /// The replica.
    pub replica: ReplicaView,
    /// Where.
    pub rect: Rect,
    /// What is lit.
    pub lit: Rc<Lit>,
    /// The moment: who reads from here.
    pub now: Now,
}

/// A replica.
#[component]
pub fn Replica(props: &ReplicaProps) -> Html {
    let words = use_words();
    let Rect { x, y, w, .. } = props.rect;
    let replica = &props.replica;
    let strip = window(replica, ((w - LEO_WIDTH) / PITCH) as u32, PITCH);
    let place = (props.node, replica.partition.clone());
    let is_leader = replica.role == Role::Leader;
    let cells = strip.cells.iter().map(|cell| {
        cell_of(cell, x, y + CELLS_Y, props.lit.has_cell(props.node, &replica.partition, cell.offset), replica)
    });
    let end = x + strip.width();
    let leo_x = if strip.cells.is_empty() { end + PITCH * 2.0 } else { end };
    let hw = x + strip.x_of(replica.high_watermark);
    // The label stands left of its line, unless it would leave the room there.
    let is_tight = hw - x < 44.0;
    let (hw_text_x, anchor) = if is_tight { (hw + 5.0, "start") } else { (hw - 5.0, "end") };
    // The high watermark's own words come first where both want the same place.
    let taken = if is_tight { hw - 2.0..hw + 100.0 } else { hw - 52.0..hw + 40.0 };
    let readers = if is_leader { readers(props, &strip) } else { Vec::new() };
    let is_free = |at: f64| {
        let by_reader = readers.iter().any(|reader| (reader.x - READER_WIDTH..reader.x + READER_WIDTH).contains(&at));
        !by_reader && (x + at + 16.0 < taken.start || x + at > taken.end)
    };
    let epochs = epoch_starts(&strip).into_iter().filter(|(_, at)| is_free(*at)).map(|(epoch, at)| {
        html! {
            <text key={format!("epoch-{epoch}")} class={format!("epoch e{}", epoch.rem_euclid(TINTS))} x={(x + at + 1.0).to_string()}
                y={(y + CELLS_Y + CELL_HEIGHT + 14.0).to_string()}>{ format!("e{epoch}") }</text>
        }
    });
    html! {
        <g class={classes!("replica", is_leader.then_some("leads"), replica.is_offline.then_some("offline"))}
            data-testid={format!("replica-{}-{}", props.node, replica.partition)}>
            <text class="part" x={x.to_string()} y={(y + 13.0).to_string()}>
                { replica.partition.to_string() }
                <tspan dx="8" class={classes!("role", props.lit.roles.contains(&place).then_some("lit"))}>{ role_line(replica, &words) }</tspan>
            </text>
            if is_leader {
                { isr(replica, x + w, y, props.lit.partitions.contains(&replica.partition)) }
            }
            if strip.has_more {
                <g class="cell more"><rect x={x.to_string()} y={(y + CELLS_Y).to_string()} width={(PITCH - 1.0).to_string()} height={CELL_HEIGHT.to_string()} />
                <text class="m" x={(x + PITCH / 2.0).to_string()} y={(y + CELLS_Y + 16.0).to_string()} text-anchor="middle">{ "…" }</text></g>
            }
            if strip.cells.is_empty() {
                <rect class="empty" x={x.to_string()} y={(y + CELLS_Y).to_string()} width={(PITCH * 2.0).to_string()} height={CELL_HEIGHT.to_string()} />
            }
            { for cells }
            { for epochs }
            <path class="leo-line" d={format!("M{end:.1} {:.1}v{:.1}", y + CELLS_Y - 3.0, CELL_HEIGHT + 6.0)} />
            <text class={classes!("leo", props.lit.ends.contains(&place).then_some("lit"))} x={(leo_x + 7.0).to_string()} y={(y + CELLS_Y + 17.0).to_string()}>
                { format!("LEO {}", replica.log_end_offset) }
            </text>
            <g class={classes!("hw", props.lit.high_watermarks.contains(&place).then_some("lit"))}>
                <path d={format!("M{hw:.1} {:.1}v{:.1}", y + CELLS_Y - 4.0, CELL_HEIGHT + 22.0)} />
                <text x={hw_text_x.to_string()} y={(y + CELLS_Y + CELL_HEIGHT + 16.0).to_string()} text-anchor={anchor}>
                    { format!("HW {}", replica.high_watermark) }
                </text>
            </g>
            { for readers.into_iter().map(|reader| reader_mark(&reader, x, y + CELLS_Y + CELL_HEIGHT, hw, is_tight)) }
        </g>
    }
}

fn role_line(replica: &ReplicaView, words: &Words) -> String {
    let epoch = [("epoch", replica.leader_epoch.into())];
    match replica.role {
        Role::Leader => words.say_with("leader-epoch", epoch),
        Role::Follower => words.say("follower"),
        Role::Offline => words.say("offline"),
    }
}

fn cell_of(cell: &LogCell, x: f64, y: f64, is_lit: bool, replica: &ReplicaView) -> Html {
    let tint = cell.epoch.map(|epoch| format!("e{}", epoch.rem_euclid(TINTS)));
    let class = classes!("cell", tint, is_lit.then_some("lit"), cell.epoch.is_none().then_some("gone"));
    let at = x + cell.x;
    html! {
        <g key={cell.offset} {class}>
            <title>{ cell_title(cell, replica) }</title>
            <rect x={at.to_string()} y={y.to_string()} width={(PITCH - 1.0).to_string()} height={CELL_HEIGHT.to_string()} />
            <text class="m" x={(at + PITCH / 2.0 - 0.5).to_string()} y={(y + 17.0).to_string()} text-anchor="middle">{ cell.offset }</text>
        </g>
    }
}

fn cell_title(cell: &LogCell, replica: &ReplicaView) -> String {
    let Some(epoch) = cell.epoch else { return format!("offset {}", cell.offset) };
    let within = |batch: &&crate::engine::BatchView| (batch.base_offset..=batch.last_offset).contains(&cell.offset);
    let batch = replica.batches.iter().find(within);
    let record = batch.and_then(|batch| {
        batch.records.iter().find(|record| batch.base_offset + i64::from(record.offset_delta) == cell.offset)
    });
    let shown = |bytes: &Option<crate::engine::Bytes>| bytes.as_ref().map_or("null".to_owned(), ToString::to_string);
    let record = record.map(|record| format!("\nkey {}\nvalue {}", shown(&record.key), shown(&record.value)));
    format!("offset {} · leader epoch {epoch}{}", cell.offset, record.unwrap_or_default())
}

/// The ISR as the leader knows it: chips, or a count where there are too many.
fn isr(replica: &ReplicaView, right: f64, y: f64, is_lit: bool) -> Html {
    let wanted = replica.proposed_isr.as_ref();
    let count = replica.isr.len();
    if count > 4 {
        return html! { <text class={classes!("isr-count", is_lit.then_some("lit"))} x={right.to_string()} y={(y + 13.0).to_string()} text-anchor="end">{ format!("ISR {count}") }</text> };
    }
    let chips = replica.isr.iter().rev().enumerate().map(|(index, id)| {
        let cx = right - 10.0 - index as f64 * 23.0;
        let leaves = wanted.is_some_and(|wanted| !wanted.contains(id));
        html! {
            <g key={*id} class={classes!(leaves.then_some("leaves"))}>
                <rect x={(cx - 10.0).to_string()} y={(y - 1.0).to_string()} width="20" height="18" rx="9" />
                <text class="m" x={cx.to_string()} y={(y + 12.0).to_string()} text-anchor="middle">{ *id }</text>
            </g>
        }
    });
    let label = right - 10.0 - count as f64 * 23.0 + 6.0;
    html! {
        <g class={classes!("isr", is_lit.then_some("lit"))}>
            <title>{ format!("ISR {:?}", replica.isr) }</title>
            <text class="faint" x={label.to_string()} y={(y + 13.0).to_string()} text-anchor="end">{ "ISR" }</text>
            { for chips }
        </g>
    }
}

/// Consumers at one place of the log.
struct Reader {
    names: String,
    x: f64,
    is_committed: bool,
    title: String,
}

/// Who reads this partition, and what of it is committed: markers at the place, one for those who stand together.
fn readers(props: &ReplicaProps, strip: &LogWindow) -> Vec<Reader> {
    let mut readers: Vec<Reader> = Vec::new();
    for consumer in &props.now.view.consumers {
        let Some(own) = consumer.assigned.iter().find(|own| own.partition == props.replica.partition) else { continue };
        let behind = own.committed >= 0 && own.committed != own.position;
        let marks = [(own.position, false), (own.committed, true)];
        for (offset, is_committed) in
            marks.into_iter().filter(|(offset, is_committed)| *offset >= 0 && (!is_committed || behind))
        {
            let (x, name) = (strip.x_of(offset), format!("c{}", consumer.number));
            let title =
                format!("{}: position {}, committed {}", Actor::Consumer(consumer.number), own.position, own.committed);
            match readers.iter_mut().find(|reader| reader.x == x && reader.is_committed == is_committed) {
                Some(reader) => {
                    reader.names += &format!(" {name}");
                    reader.title += &format!("\n{title}");
                }
                None => readers.push(Reader { names: name, x, is_committed, title }),
            }
        }
    }
    readers
}

fn reader_mark(reader: &Reader, left: f64, y: f64, hw: f64, hw_is_tight: bool) -> Html {
    let x = left + reader.x;
    let is_at_hw = (x - hw).abs() < 1.0;
    // At the high watermark the two labels share the line: one on each side of it.
    let text_x = if is_at_hw && hw_is_tight { x + 52.0 } else { x + 8.0 };
    html! {
        <g class={classes!("reader", reader.is_committed.then_some("committed"))}>
            <title>{ &reader.title }</title>
            <path d={format!("M{x:.1} {:.1}l4.5 8h-9z", y + 4.0)} />
            <text x={text_x.to_string()} y={(y + 16.0).to_string()}>{ &reader.names }</text>
        </g>
    }
}
