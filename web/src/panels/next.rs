//! What may happen next, told as what will be. A person may overrule the scheduler: another event first, an envelope lost,
//! late or twice.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use fluent_bundle::FluentValue;
use yew::prelude::*;

use crate::app::NowProps;
use crate::app::use_app;
use crate::controls::envelope::EventActions;
use crate::engine::{PendingKind, PendingView};
use crate::i18n::{I18n, use_i18n};
use crate::platform::siblings::siblings;
use kafkascope_core::sort::{CollectOrdered, SharedSort};

/// How many messages are shown before one asks for all.
const SHOWN: usize = 12;
/// More events than any cluster of the page has pending.
const PENDING_MAX: usize = 2_000;

/// Events that are listed together.
#[derive(Clone, Debug, PartialEq)]
struct Group<'a> {
    /// What they have in common: the timer's name. Messages are listed one by one.
    timer: Option<&'a str>,
    events: Vec<&'a PendingView>,
}

/// The next event first, then messages in the order of their arrival, then timers by kind. A kind keeps its place, so that the
/// eye finds it: in the order of what is due, half of the rows would change places at every step.
fn grouped(pending: &[PendingView]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut timers: Vec<Group<'_>> = Vec::new();
    for event in pending {
        match &event.what {
            PendingKind::Timer { timer, .. } if !event.is_next => {
                match timers.iter_mut().find(|group| group.timer == Some(timer)) {
                    Some(group) => group.events.push(event),
                    None => timers.push(Group { timer: Some(timer), events: vec![event] }),
                }
            }
            PendingKind::Timer { .. }
            | PendingKind::Deliver { .. }
            | PendingKind::DeliverBytes { .. }
            | PendingKind::Close { .. }
            | PendingKind::Handle { .. }
            | PendingKind::HandlerDone { .. } => {
                groups.push(Group { timer: None, events: vec![event] });
            }
        }
    }
    timers.shared_sort_by_key(|group| group.timer);
    groups.extend(timers);
    groups
}

/// Which row stands for what. What stays keeps its row, and with it the focus; who comes takes over the row of one that is
/// gone, for a row that is written anew costs far less than one that is made anew.
#[derive(Debug, Default)]
struct Rows(BTreeMap<String, usize>);

impl Rows {
    /// The row of each of these, which are all that there is now.
    fn assign(&mut self, names: &[String]) -> Vec<usize> {
        let kept: BTreeSet<usize> = names.iter().filter_map(|name| self.0.get(name)).copied().collect_ordered();
        let mut free = (0..).filter(|row| !kept.contains(row));
        let row = |name: &String| self.0.get(name).copied().or_else(|| free.next()).unwrap_or_default();
        let rows: Vec<usize> = names.iter().map(row).collect();
        self.0 = names.iter().cloned().zip(rows.iter().copied()).collect_ordered();
        rows
    }
}

/// The kinds of timers that are unfolded.
#[derive(Clone, Debug, Default, PartialEq)]
struct Unfolded(BTreeSet<String>);

impl Reducible for Unfolded {
    /// The kind that is folded or unfolded.
    type Action = String;

    fn reduce(self: Rc<Self>, timer: String) -> Rc<Self> {
        let mut unfolded = self.0.clone();
        if !unfolded.remove(&timer) {
            unfolded.insert(timer);
        }
        Rc::new(Self(unfolded))
    }
}

/// The tray.
#[component]
pub fn Next(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let open = use_state_eq(|| None::<u64>);
    let unfolded = use_reducer_eq(Unfolded::default);
    let all = use_state_eq(|| false);
    let kept_rows = use_mut_ref(Rows::default);
    let pending =
        use_memo(props.snapshot.clone(), |_| app.session.read(|history| history.cluster().pending(PENDING_MAX)));
    let now_ms = props.snapshot.view.now_ms;
    let row_of = |event: &PendingView, key: String| {
        let id = event.event.0;
        let is_open = *open == Some(id);
        let toggle = {
            let open = open.clone();
            Callback::from(move |_: MouseEvent| open.set((!is_open).then_some(id)))
        };
        let is_next = event.is_next && props.snapshot.recorded.is_none();
        row(event, (now_ms, key), (is_open, is_next), toggle, &i18n)
    };
    let groups = grouped(&pending);
    let messages = groups.iter().filter(|group| group.timer.is_none()).count();
    let shown = if *all { messages } else { SHOWN.min(messages) };
    let listed = groups.iter().enumerate().filter(|(at, group)| group.timer.is_some() || *at < shown);
    let listed: Vec<(&Group<'_>, &PendingView)> =
        listed.filter_map(|(_, group)| Some((group, *group.events.first()?))).collect();
    let name = |(group, first): &(&Group<'_>, &PendingView)| match group.timer {
        // What comes next keeps its row from step to step.
        _ if first.is_next => "next".to_owned(),
        Some(timer) => format!("timer-{timer}"),
        None => first.event.0.to_string(),
    };
    let names: Vec<String> = listed.iter().map(name).collect();
    let keys = kept_rows.borrow_mut().assign(&names);
    let rows = listed.iter().zip(keys).map(|((group, first), key)| {
        let key = format!("row-{key}");
        let (Some(timer), 2..) = (group.timer, group.events.len()) else { return row_of(first, key) };
        let is_unfolded = unfolded.0.contains(timer);
        let toggle = {
            let (unfolded, timer) = (unfolded.clone(), timer.to_owned());
            Callback::from(move |_: MouseEvent| unfolded.dispatch(timer.clone()))
        };
        let count = [("count", FluentValue::from(group.events.len()))];
        html! {
            <li {key} class={classes!("event", "timers", is_unfolded.then_some("is-open"))}>
                <button class="event-head" data-testid={format!("timers-{timer}")} aria-expanded={is_unfolded.to_string()} onclick={toggle}>
                    <time>{ after(first, now_ms, &i18n) }</time>
                    <span class="event-what"><b>{ timer_name(timer, &i18n) }</b><span>{ i18n.format_with("next-timers", count) }</span></span>
                    <span class="dots" aria-hidden="true">{ if is_unfolded { "▾" } else { "▸" } }</span>
                </button>
                if is_unfolded {
                    <ul>{ for group.events.iter().map(|event| row_of(event, event.event.0.to_string())) }</ul>
                }
            </li>
        }
    });
    let rows: Vec<Html> = rows.collect();
    let more = messages - shown;
    let show_all = {
        let all = all.clone();
        Callback::from(move |_: MouseEvent| all.set(true))
    };
    html! {
        <section>
            <ul class="next" data-testid="next">
                if let Some(step) = props.snapshot.recorded.as_ref() {
                    <li key="recorded" class="event is-next of-the-run" data-testid="recorded"><span>{ i18n.format("recorded") }</span>{ i18n.step(&step.explanation) }</li>
                }
                { siblings(rows) }
            </ul>
            if pending.is_empty() {
                <p class="faint">{ i18n.format("nothing-pending") }</p>
            }
            if more > 0 {
                <button class="quiet" data-testid="next-all" onclick={show_all}>{ i18n.format_with("next-more", [("count", more.into())]) }</button>
            }
        </section>
    }
}

/// How long until then.
fn after(event: &PendingView, now_ms: u64, i18n: &I18n) -> String {
    later(event.at_ms.saturating_sub(now_ms), i18n)
}

/// How much later something comes: a duration with a plus.
pub fn later(ms: u64, i18n: &I18n) -> String {
    format!("+{}", duration(ms, i18n))
}

/// How long something takes, in milliseconds or, where that is many, in seconds.
pub fn duration(ms: u64, i18n: &I18n) -> String {
    if ms < 1_000 {
        i18n.format_with("duration-ms", [("ms", ms.into())])
    } else {
        i18n.format_with("duration-seconds", [("seconds", format!("{:.1}", ms as f64 / 1_000.0).into())])
    }
}

fn row(
    event: &PendingView,
    (now_ms, key): (u64, String),
    (is_open, is_next): (bool, bool),
    toggle: Callback<MouseEvent>,
    i18n: &I18n,
) -> Html {
    let id = event.event.0;
    let (title, detail) = describe(event, i18n);
    let is_message = matches!(event.what, PendingKind::Deliver { .. } | PendingKind::DeliverBytes { .. });
    let class = classes!(
        "event",
        is_message.then_some("is-message"),
        is_next.then_some("is-next"),
        is_open.then_some("is-open"),
    );
    html! {
        <li {key} {class}>
            <button class="event-head" data-testid={format!("pending-{id}")} aria-expanded={is_open.to_string()} onclick={toggle}>
                <time>{ after(event, now_ms, i18n) }</time>
                <span class="event-what"><b>{ title }</b>if !detail.is_empty() { <span>{ detail }</span> }</span>
                <span class="dots" aria-hidden="true">{ "⋯" }</span>
            </button>
            if is_open {
                <EventActions event={event.event} {is_message} is_window={false} />
            }
        </li>
    }
}

/// An event in a sentence about what will be, and what a message carries.
pub fn describe(event: &PendingView, i18n: &I18n) -> (String, String) {
    match &event.what {
        PendingKind::Deliver { from, to, api, is_response, summary } => {
            let key = if *is_response { "next-deliver-answer" } else { "next-deliver" };
            let values =
                [("api", api.name().into()), ("from", i18n.actor(*from).into()), ("to", i18n.actor(*to).into())];
            (sentence(&i18n.format_with(key, values)), summary.clone())
        }
        PendingKind::DeliverBytes { from, to, size_bytes } => {
            let values =
                [("count", (*size_bytes).into()), ("from", i18n.actor(*from).into()), ("to", i18n.actor(*to).into())];
            (sentence(&i18n.format_with("next-deliver-bytes", values)), String::new())
        }
        PendingKind::Close { from, to } => {
            let values = [("from", i18n.actor(*from).into()), ("to", i18n.actor(*to).into())];
            (sentence(&i18n.format_with("next-close", values)), String::new())
        }
        PendingKind::Handle { node, from, api, summary } | PendingKind::HandlerDone { node, from, api, summary } => {
            let key = match &event.what {
                PendingKind::HandlerDone { .. } => "next-handler-done",
                _ => "next-handle",
            };
            let node = i18n.actor(crate::engine::Actor::Node(*node));
            let values = [("api", api.name().into()), ("from", i18n.actor(*from).into()), ("node", node.into())];
            (sentence(&i18n.format_with(key, values)), summary.clone())
        }
        PendingKind::Timer { timer, about } => {
            // Where it is known who waits for how long, that is told.
            let key = match (timer.as_str(), about.who, about.waited_ms) {
                ("purgatory", Some(_), Some(_)) => "next-purgatory-waited".to_owned(),
                _ => format!("next-{timer}"),
            };
            let text = |text: Option<String>| FluentValue::from(text.unwrap_or_default());
            let values = [
                ("actor", i18n.actor(event.actor).into()),
                ("who", text(about.who.map(|who| i18n.actor(who)))),
                ("api", text(about.api.map(|api| api.name().to_owned()))),
                ("ms", about.waited_ms.unwrap_or_default().into()),
                ("group", text(about.group.clone())),
                ("member", text(about.member.clone())),
            ];
            (sentence(&i18n.format_with(&key, values)), String::new())
        }
    }
}

/// A sentence begins with a capital, for every actor.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn timer_name(timer: &str, i18n: &I18n) -> String {
    i18n.find(&format!("timer-{timer}")).unwrap_or_else(|| timer.replace('-', " "))
}

#[cfg(test)]
mod tests {
    use kafkascope_core::effects::Timer;

    use super::*;
    use crate::engine::{Actor, ApiKey, EventId, History, TimerSubject};
    use crate::i18n::Lang;
    use crate::run::tour::preset;

    fn timer(number: u64, name: &str, is_next: bool) -> PendingView {
        let what = PendingKind::Timer { timer: name.to_owned(), about: TimerSubject::default() };
        PendingView { event: EventId(number), at_ms: number, actor: Actor::Node(1), what, is_next }
    }

    #[test]
    fn timers_of_a_kind_are_one_group_in_its_place_and_the_next_event_is_first() {
        let pending = [
            timer(1, "purgatory", true),
            timer(2, "purgatory", false),
            timer(3, "disk", false),
            timer(4, "purgatory", false),
            timer(5, "disk", false),
        ];
        let groups = grouped(&pending);
        let ids: Vec<Vec<u64>> =
            groups.iter().map(|group| group.events.iter().map(|event| event.event.0).collect()).collect();
        assert_eq!(ids, [vec![1], vec![3, 5], vec![2, 4]]);
    }

    #[test]
    fn what_stays_keeps_its_row_and_who_comes_takes_over_one() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let mut rows = Rows::default();
        assert_eq!(rows.assign(&names(&["next", "7", "8", "9"])), [0, 1, 2, 3]);
        assert_eq!(rows.assign(&names(&["next", "8", "10", "9", "11"])), [0, 2, 1, 3, 4]);
        assert_eq!(rows.assign(&names(&["12"])), [0]);
    }

    #[test]
    fn every_timer_has_its_name_and_its_future() {
        for i18n in [I18n::of(Lang::En), I18n::of(Lang::Ko)] {
            for name in
                Timer::names().into_iter().chain(["disk", "handler", "connection-setup", "throttle", "send", "poll"])
            {
                for key in [format!("timer-{name}"), format!("next-{name}")] {
                    assert!(i18n.find(&key).is_some(), "{key}");
                }
            }
        }
    }

    #[test]
    fn a_fetch_in_purgatory_is_told_with_how_long_it_will_have_waited() {
        let about = TimerSubject {
            who: Some(Actor::Node(2)),
            api: Some(ApiKey::Fetch),
            waited_ms: Some(500),
            ..TimerSubject::default()
        };
        let what = PendingKind::Timer { timer: "purgatory".to_owned(), about };
        let event = PendingView { event: EventId(1), at_ms: 9, actor: Actor::Node(1), what, is_next: false };
        let (said, _) = describe(&event, &I18n::of(Lang::En));
        assert!(said.contains("Fetch of broker 2 will have waited 500 ms"), "{said}");
    }

    #[test]
    fn nothing_pending_in_a_run_is_without_words() {
        let mut history = History::new(preset("six-brokers").expect("a preset").scenario).expect("it runs");
        let i18ns = [I18n::of(Lang::En), I18n::of(Lang::Ko)];
        for _ in 0..400 {
            history.step();
            for event in history.cluster().pending(PENDING_MAX) {
                for i18n in &i18ns {
                    let (title, _) = describe(&event, i18n);
                    assert!(!title.starts_with("next-") && !title.contains('{'), "{title}");
                }
            }
        }
    }
}
