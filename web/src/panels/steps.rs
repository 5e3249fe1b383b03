//! Everything that happened on this branch, as a list that one can narrow: by kind, by who acted, by partition, by words.
//! A click goes there. Only the rows that are in sight are made.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::app::NowProps;
use crate::app::use_app;
use crate::engine::{Actor, MilestoneKind, Position, Size, Step, StepEntry};
use crate::i18n::{I18n, use_i18n};
use crate::panels::made_steps::use_steps;
use crate::panels::search::{Search, Wanted};
use crate::platform::siblings::siblings;

/// A row's height in pixels: two lines of a sentence and one of where and when.
const ROW: f64 = 62.0;
/// How many rows more than fit are made above and below.
const MARGIN: usize = 4;
/// Browsers draw no box that is higher than some 33 million pixels: the newest rows are those that count.
const ROWS_MAX: usize = 400_000;

/// Which steps are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Those of at least this size.
    Size(Size),
    /// Milestones of this kind.
    Milestone(MilestoneKind),
}

impl Kind {
    const ALL: [Self; 13] = [
        Self::Size(Size::Micro),
        Self::Size(Size::Message),
        Self::Size(Size::Milestone),
        Self::Milestone(MilestoneKind::Command),
        Self::Milestone(MilestoneKind::Fault),
        Self::Milestone(MilestoneKind::Election),
        Self::Milestone(MilestoneKind::Loss),
        Self::Milestone(MilestoneKind::Isr),
        Self::Milestone(MilestoneKind::HighWatermark),
        Self::Milestone(MilestoneKind::Acknowledged),
        Self::Milestone(MilestoneKind::Read),
        Self::Milestone(MilestoneKind::OffsetCommitted),
        Self::Milestone(MilestoneKind::CommitAcknowledged),
    ];

    /// The id of its message.
    fn name(self) -> &'static str {
        match self {
            Self::Size(Size::Micro) => "steps-micro",
            Self::Size(Size::Message) => "steps-message",
            Self::Size(Size::Milestone) => "steps-milestone",
            Self::Milestone(MilestoneKind::Command) => "steps-commands",
            Self::Milestone(MilestoneKind::Fault) => "steps-faults",
            Self::Milestone(MilestoneKind::Election) => "steps-elections",
            Self::Milestone(MilestoneKind::Loss) => "steps-losses",
            Self::Milestone(MilestoneKind::Isr) => "steps-isr",
            Self::Milestone(MilestoneKind::HighWatermark) => "steps-high-watermark",
            Self::Milestone(MilestoneKind::Acknowledged) => "steps-acknowledged",
            Self::Milestone(MilestoneKind::Read) => "steps-read",
            Self::Milestone(MilestoneKind::OffsetCommitted) => "steps-offset-committed",
            Self::Milestone(MilestoneKind::CommitAcknowledged) => "steps-commit-acknowledged",
            Self::Milestone(MilestoneKind::Other) => "steps-other",
        }
    }

    /// Whether a step is one of them.
    pub fn has(self, entry: &StepEntry) -> bool {
        match self {
            Self::Size(size) => entry.size >= size,
            Self::Milestone(kind) => entry.milestone == Some(kind),
        }
    }
}

/// The list.
#[component]
pub fn Steps(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let snapshot = &props.snapshot;
    let wanted = use_state_eq(Wanted::default);
    let scroll = use_state_eq(|| 0.0_f64);
    let height = use_state_eq(|| 400.0_f64);
    let search = use_mut_ref(Search::default);
    let update = use_force_update();
    let node = use_node_ref();
    let rows: Rc<Vec<Position>> = {
        let mut search = search.borrow_mut();
        app.session.read(|history| search.find(&wanted, history, i18n.lang()))
    };
    let is_searching = search.borrow().is_searching();
    {
        // Words are looked for in slices, so that nothing stands still meanwhile.
        let (app, search, update, i18n) = (app.clone(), search.clone(), update.clone(), i18n.clone());
        let progress = search.borrow().left();
        use_effect_with((is_searching, progress), move |(is_searching, _)| {
            let timer = is_searching.then(|| {
                Timeout::new(0, move || {
                    app.session.read(|history| search.borrow_mut().go_on(history, &i18n));
                    update.force_update();
                })
            });
            move || drop(timer)
        });
    }
    {
        // The present step is brought into sight when it has moved out of it.
        let node = node.clone();
        let at = rows.partition_point(|position| *position > snapshot.position);
        use_effect_with((snapshot.position, *wanted.clone() == Wanted::default()), move |_| {
            if let Some(list) = node.cast::<HtmlElement>() {
                let (top, shown) = (at as f64 * ROW, f64::from(list.client_height()));
                let first = f64::from(list.scroll_top());
                if top < first || top + ROW > first + shown {
                    list.set_scroll_top((top - shown / 2.0).max(0.0) as i32);
                }
            }
        });
    }
    let on_scroll = {
        let (scroll, height) = (scroll.clone(), height.clone());
        Callback::from(move |event: Event| {
            let list = event.target_unchecked_into::<HtmlElement>();
            scroll.set(f64::from(list.scroll_top()));
            height.set(f64::from(list.client_height()));
        })
    };
    let first = ((*scroll / ROW) as usize).saturating_sub(MARGIN).min(rows.len());
    let last = (first + (*height / ROW) as usize + 2 * MARGIN + 1).min(rows.len());
    let made = use_steps(&rows[first..last], snapshot);
    let listed = made.into_iter().zip(first..).map(|((position, step), at)| {
        let app = app.clone();
        let go = Callback::from(move |_: MouseEvent| app.session.seek(position));
        let row = Row {
            position,
            at,
            of: rows.len(),
            is_here: position == snapshot.position,
            started_ms: snapshot.view.started_ms,
        };
        row_of(&row, step.as_deref(), go, &i18n)
    });
    let counted = [("count", rows.len().into()), ("all", snapshot.len.into())];
    html! {
        <div class="steps">
            <Narrow snapshot={snapshot.clone()} wanted={(*wanted).clone()} want={Callback::from({ let wanted = wanted.clone(); move |now| wanted.set(now) })} />
            <p class="faint" role="status" data-testid="steps-count">
                { i18n.format_with("steps-count", counted) }
                if is_searching {
                    { " " }{ i18n.format_with("steps-searching", [("left", search.borrow().left().into())]) }
                }
            </p>
            <div class="steps-box" ref={node} onscroll={on_scroll} tabindex="0" role="group" aria-label={i18n.format("side-steps")}>
                <ol data-testid="steps" style={format!("height: {}px", rows.len() as f64 * ROW)}>{ for listed }</ol>
            </div>
        </div>
    }
}

/// Where a row stands.
struct Row {
    position: Position,
    at: usize,
    of: usize,
    is_here: bool,
    started_ms: u64,
}

fn row_of(row: &Row, step: Option<&Step>, go: Callback<MouseEvent>, i18n: &I18n) -> Html {
    let said = step.map(|step| i18n.step(&step.explanation));
    let about = step.map(|step| {
        let at_ms = step.at_ms.saturating_sub(row.started_ms);
        let at = format!("{:.3} s", at_ms as f64 / 1_000.0);
        let who = if step.command.is_some() {
            Some(i18n.format("your-command"))
        } else {
            step.actor.map(|actor| i18n.actor(actor))
        };
        who.map_or(at.clone(), |who| format!("{who} · {at}"))
    });
    let class =
        classes!(row.is_here.then_some("here"), step.is_some_and(|step| step.command.is_some()).then_some("command"));
    html! {
        <li key={row.position} {class} style={format!("top: {}px", row.at as f64 * ROW)} aria-setsize={row.of.to_string()} aria-posinset={(row.at + 1).to_string()}>
            <button data-testid={format!("step-{}", row.position)} aria-current={row.is_here.then_some("step")} onclick={go}>
                <span>{ said.unwrap_or_else(|| "…".to_owned()) }</span>
                <small><code>{ format!("#{}", row.position) }</code>{ " " }{ about }</small>
            </button>
        </li>
    }
}

/// What narrows the list.
#[derive(Clone, PartialEq, Properties)]
struct NarrowProps {
    snapshot: crate::run::SharedSnapshot,
    wanted: Wanted,
    want: Callback<Wanted>,
}

#[component]
fn Narrow(props: &NarrowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let view = &props.snapshot.view;
    let actors: Vec<Actor> = (view.nodes.iter().map(|node| Actor::Node(node.id)))
        .chain(view.producers.iter().map(|producer| Actor::Producer(producer.number)))
        .chain(view.consumers.iter().map(|consumer| Actor::Consumer(consumer.number)))
        .chain([Actor::Admin])
        .collect();
    let partitions = app.session.read(|history| history.partitions_seen());
    let pick = |change: Callback<(Wanted, String), Wanted>| {
        let (wanted, want) = (props.wanted.clone(), props.want.clone());
        Callback::from(move |event: Event| {
            let value = event.target_unchecked_into::<HtmlSelectElement>().value();
            want.emit(change.emit((wanted.clone(), value)));
        })
    };
    let pick_kind = pick(Callback::from(|(wanted, value): (Wanted, String)| Wanted {
        kind: Kind::ALL.into_iter().find(|kind| kind.name() == value).unwrap_or(wanted.kind),
        ..wanted
    }));
    let pick_actor = {
        let actors = actors.clone();
        pick(Callback::from(move |(wanted, value): (Wanted, String)| Wanted {
            actor: actors.iter().copied().find(|actor| actor.to_string() == value),
            ..wanted
        }))
    };
    let pick_partition = {
        let partitions = partitions.clone();
        pick(Callback::from(move |(wanted, value): (Wanted, String)| Wanted {
            partition: partitions.iter().find(|partition| partition.to_string() == value).cloned(),
            ..wanted
        }))
    };
    let write = {
        let (wanted, want) = (props.wanted.clone(), props.want.clone());
        Callback::from(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            want.emit(Wanted { text, ..wanted.clone() });
        })
    };
    let wanted = &props.wanted;
    html! {
        <div class="narrow">
            <input type="search" data-testid="steps-filter" placeholder={i18n.format("steps-filter")} aria-label={i18n.format("steps-filter")} value={wanted.text.clone()} oninput={write} />
            <select data-testid="steps-kind" aria-label={i18n.format("steps-kind")} onchange={pick_kind}>
                { siblings(Kind::ALL.into_iter().map(|kind| html! { <option value={kind.name()} selected={kind == wanted.kind}>{ i18n.format(kind.name()) }</option> })) }
            </select>
            <select data-testid="steps-actor" aria-label={i18n.format("steps-actor")} onchange={pick_actor}>
                <option value="" selected={wanted.actor.is_none()}>{ i18n.format("steps-any-actor") }</option>
                { siblings(actors.iter().map(|actor| html! { <option value={actor.to_string()} selected={wanted.actor == Some(*actor)}>{ i18n.actor(*actor) }</option> })) }
            </select>
            <select data-testid="steps-partition" aria-label={i18n.format("partition")} onchange={pick_partition}>
                <option value="" selected={wanted.partition.is_none()}>{ i18n.format("steps-any-partition") }</option>
                { siblings(partitions.iter().map(|partition| html! { <option value={partition.to_string()} selected={wanted.partition.as_ref() == Some(partition)}>{ partition.to_string() }</option> })) }
            </select>
        </div>
    }
}

/// The newest rows that can be drawn.
pub fn drawable(mut rows: Vec<Position>) -> Vec<Position> {
    rows.truncate(ROWS_MAX);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn every_kind_has_its_words() {
        for i18n in [I18n::of(Lang::En), I18n::of(Lang::Ko)] {
            for kind in Kind::ALL {
                assert!(i18n.find(kind.name()).is_some(), "{}", kind.name());
            }
        }
    }
}
