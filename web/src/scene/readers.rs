//! Who reads a partition: consumers' positions and committed offsets as marks under its log.

use yew::prelude::*;

use super::fonts::{measure, px};
use crate::engine::{Actor, ClusterView, TopicPartition};
use crate::i18n::I18n;
use crate::layout::{Font, Label, LogWindow, Span};

/// Consumers at one place of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Reader {
    names: String,
    /// Where, from the log's left edge.
    pub x: f64,
    is_committed: bool,
    title: String,
}

/// Who reads this partition, and what of it is committed: markers at the place, one for those who stand together.
pub fn readers(view: &ClusterView, partition: &TopicPartition, strip: &LogWindow, i18n: &I18n) -> Vec<Reader> {
    let mut readers: Vec<Reader> = Vec::new();
    for consumer in &view.consumers {
        let Some(own) = consumer.assigned.iter().find(|own| own.partition == *partition) else { continue };
        let behind = own.committed >= 0 && own.committed != own.position;
        let marks = [(own.position, false), (own.committed, true)];
        for (offset, is_committed) in
            marks.into_iter().filter(|(offset, is_committed)| *offset >= 0 && (!is_committed || behind))
        {
            let (x, name) = (strip.x_of(offset), format!("c{}", consumer.number));
            let shown = |offset: i64| if offset < 0 { "–".to_owned() } else { offset.to_string() };
            let title = i18n.format_with(
                "reader-title",
                [
                    ("who", i18n.actor(Actor::Consumer(consumer.number)).into()),
                    ("position", shown(own.position).into()),
                    ("committed", shown(own.committed).into()),
                ],
            );
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

impl Reader {
    /// What the mark and its names take of the line under the log.
    pub fn span(&self) -> Span {
        (self.x - 6.0, self.x + 9.0 + measure(Font::SmallBold, &self.names))
    }
}

/// A mark. At the high watermark its names stand behind those words, if these stand right of their line.
pub fn reader_mark(reader: &Reader, left: f64, y: f64, (hw, label): (f64, Label)) -> Html {
    let x = left + reader.x;
    let shares_place = (reader.x - hw).abs() < 1.0 && label.x > hw;
    let text_x = if shares_place { left + label.x + label.w + 6.0 } else { x + 8.0 };
    html! {
        <g class={classes!("reader", reader.is_committed.then_some("committed"))}>
            <title>{ &reader.title }</title>
            <path d={format!("M{x:.1} {:.1}l4.5 8h-9z", y + 4.0)} />
            <text x={px(text_x)} y={px(y + 16.0)}>{ &reader.names }</text>
        </g>
    }
}
