//! What the address of the page holds: the run with its step, and how it is looked at. A reload changes nothing.

use std::fmt;
use std::str::FromStr;

use crate::app::{Selection, SideTab, Tab};
use crate::engine::Size;

/// What stands behind `#` in the address, such as `r=…&size=micro&tab=tab-log&select=partition:orders-0`. What is as it always
/// is when the page opens is left out, and so is what cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The run and its step, as a link's text.
    pub run: Option<String>,
    /// How far a press goes.
    pub size: Size,
    /// What the middle shows.
    pub tab: Tab,
    /// What the right side shows.
    pub side: SideTab,
    /// What is followed.
    pub selection: Option<Selection>,
    /// The lesson that is followed, and the beat where it stands.
    pub lesson: Option<(String, String)>,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usual = Self::default();
        let mut parts = Vec::new();
        parts.extend(self.run.as_ref().map(|run| format!("r={run}")));
        parts.extend((self.size != usual.size).then(|| format!("size={}", name_of(self.size))));
        parts.extend((self.tab != usual.tab).then(|| format!("tab={}", self.tab.id())));
        parts.extend((self.side != usual.side).then(|| format!("side={}", self.side.id())));
        parts.extend(self.selection.as_ref().map(|selection| format!("select={selection}")));
        if let Some((lesson, beat)) = &self.lesson {
            parts.push(format!("lesson={lesson}&beat={beat}"));
        }
        f.write_str(&parts.join("&"))
    }
}

impl FromStr for Address {
    type Err = std::convert::Infallible;

    /// Reads what [`fmt::Display`] writes, and what older pages wrote.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let value = |name: &str| text.split('&').find_map(|part| part.split_once('=').filter(|(key, _)| *key == name));
        let value = |name: &str| value(name).map(|(_, value)| value);
        let sizes = [Size::Micro, Size::Message, Size::Milestone];
        let named = |name| move |size: &Size| name_of(*size) == name;
        Ok(Self {
            run: value("r").map(str::to_owned),
            size: value("size").and_then(|name| sizes.into_iter().find(named(name))).unwrap_or_default(),
            tab: value("tab").and_then(|id| Tab::ALL.into_iter().find(|tab| tab.id() == id)).unwrap_or_default(),
            side: value("side")
                .and_then(|id| SideTab::ALL.into_iter().find(|side| side.id() == id))
                .unwrap_or_default(),
            selection: value("select").and_then(|text| text.parse().ok()),
            lesson: value("lesson").map(|lesson| (lesson.to_owned(), value("beat").unwrap_or_default().to_owned())),
        })
    }
}

fn name_of(size: Size) -> &'static str {
    match size {
        Size::Micro => "micro",
        Size::Message => "message",
        Size::Milestone => "milestone",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::TopicPartition;

    #[test]
    fn what_is_written_is_read_back() {
        let all = Address {
            run: Some("AbC-_9".to_owned()),
            size: Size::Micro,
            tab: Tab::Log,
            side: SideTab::Steps,
            selection: Some(Selection::Partition(TopicPartition::new("my-orders", 3))),
            lesson: Some(("replicate-and-commit".to_owned(), "second".to_owned())),
        };
        for address in [Address::default(), Address { run: Some("x".to_owned()), ..Address::default() }, all] {
            assert_eq!(address.to_string().parse(), Ok(address));
        }
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let address: Address = "r=abc&size=huge&tab=tab-nowhere&select=nobody&&x".parse().expect("it never fails");
        assert_eq!(address, Address { run: Some("abc".to_owned()), ..Address::default() });
    }
}
