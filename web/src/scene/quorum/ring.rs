//! The voters on a ring: who leads, who asks for votes and gets them, how long each waits, and what is still to be got for a
//! majority.

use yew::prelude::*;

use super::super::belief::Belief;
use super::super::emphasis::HIGHLIGHTED;
use super::super::fonts::px;
use super::super::press::{self, on_click, on_key, on_walk};
use super::{quorum_timer, role_name, standing};
use crate::app::{Selection, use_app};
use crate::engine::{Actor, ElectionView, EnvelopeView, NodeState, QuorumRole, QuorumView, VoterView};
use crate::i18n::{I18n, use_i18n};
use crate::layout::{Point, along, arc, lane, on_ring};
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;
use crate::scene::highlights::Highlights;

/// A voter's circle, and the circle of its timer around it.
const VOTER: f64 = 25.0;
const TIMER: f64 = 31.0;
/// From a voter's middle to its three lines of words: one line of all would run into the neighbours'.
const WORDS: [f64; 3] = [46.0, 60.0, 74.0];

/// The voters.
#[derive(Clone, PartialEq, Properties)]
pub struct RingProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// The quorum.
    pub quorum: QuorumView,
    /// The voter that is looked at.
    pub here: i32,
}

/// How large the ring is drawn.
struct Size {
    width: f64,
    height: f64,
    radius: f64,
}

impl Size {
    fn of(voters: usize) -> Self {
        // The words of each need room beside its neighbours, and the sum in the middle needs some of its own.
        let radius = match voters {
            0 | 1 => 0.0,
            2 | 3 => 104.0,
            4 | 5 => 128.0,
            _ => 156.0,
        };
        Self { width: 2.0 * radius + 170.0, height: 2.0 * radius + 136.0, radius }
    }

    fn middle(&self) -> Point {
        Point { x: self.width / 2.0, y: self.radius + 40.0 }
    }
}

/// The ring. A press on a voter selects it, here and in every other view.
#[component]
pub fn QuorumRing(props: &RingProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let RingProps { snapshot, quorum, here } = props;
    let highlights = Highlights::at(snapshot);
    let size = Size::of(quorum.voters.len());
    let place = |id: i32| {
        let index = quorum.voters.iter().position(|voter| voter.node == id)?;
        Some(on_ring(index, quorum.voters.len(), size.middle(), size.radius))
    };
    let lines = quorum.voters.iter().flat_map(|voter| lines_of(voter, place));
    let voters = quorum.voters.iter().filter_map(|voter| {
        let actor = Actor::Node(voter.node);
        let state = snapshot.view.nodes.iter().find(|node| node.id == voter.node).map(|node| node.state);
        let class = classes!(
            "voter",
            "press",
            role_class(voter.role),
            (!voter.is_voter).then_some("is-observer"),
            (state == Some(NodeState::Paused)).then_some("is-paused"),
            highlights.actors.contains(&actor).then_some(HIGHLIGHTED),
            (voter.node == *here).then_some("here"),
        );
        let select = press::select(Selection::Actor(actor), false, &app);
        let Point { x, y } = place(voter.node)?;
        let label = voter_label(voter, quorum.majority, &i18n);
        let timer = voter.timer.map(|timer| {
            let part = timer.left_ms as f64 / timer.longest_ms.max(1) as f64;
            html! { <><circle class="timer-track" cx={px(x)} cy={px(y)} r={px(TIMER)} /><path class="timer" d={arc(Point { x, y }, TIMER, part)} /></> }
        });
        let crown = (voter.role == Some(QuorumRole::Leader)).then(|| Belief::Leads.crown(x - 4.5, y - 19.0, false));
        Some(html! {
            <g key={voter.node} {class} role="button" tabindex="-1" data-testid={format!("voter-{}", voter.node)} aria-pressed={(voter.node == *here).to_string()}
                aria-label={label.clone()} onclick={on_click(&select)} onkeydown={on_key(&select)}>
                <title>{ label }</title>
                <rect class="hit" x={px(x - TIMER - 6.0)} y={px(y - TIMER - 6.0)} width={px(2.0 * TIMER + 12.0)} height={px(TIMER + WORDS[2] + 14.0)} rx="10" />
                { siblings(timer) }
                <circle class="disc" cx={px(x)} cy={px(y)} r={px(VOTER)} />
                { siblings(crown) }
                <text class="m" x={px(x)} y={px(y + 6.0)} text-anchor="middle">{ voter.node }</text>
                <text class="role" x={px(x)} y={px(y + WORDS[0])} text-anchor="middle">{ standing(voter, &i18n) }</text>
                <text class="faint" x={px(x)} y={px(y + WORDS[1])} text-anchor="middle">{ epoch_of(voter) }</text>
                <text class="faint" x={px(x)} y={px(y + WORDS[2])} text-anchor="middle">{ vote_of(voter) }</text>
            </g>
        })
    });
    let next = snapshot.next_event();
    let messages = snapshot.view.envelopes.iter().filter_map(|envelope| {
        let (Actor::Node(from), Actor::Node(to)) = (envelope.from, envelope.to) else { return None };
        let track = lane(place(from)?, place(to)?, TIMER + 5.0, 9.0);
        Some(message(
            envelope,
            along(track, part_of(envelope, snapshot.view.now_ms)),
            next == Some(envelope.event),
            &i18n,
        ))
    });
    let (width, height) = (size.width, size.height);
    html! {
        <svg class="scene quorum-ring" role="group" tabindex="0" viewBox={format!("0 0 {width:.0} {height:.0}")} style={format!("--width: {width:.0}px")}
            aria-label={i18n.format("quorum-ring")} data-testid="quorum-ring" onkeydown={on_walk()}>
            <g class="lines">{ for lines }</g>
            { middle(quorum, &size, &i18n) }
            { siblings(voters) }
            <g class="messages">{ for messages }</g>
        </svg>
    }
}

/// How far a message has got.
fn part_of(envelope: &EnvelopeView, now_ms: u64) -> f64 {
    let whole = envelope.arrives_at_ms.saturating_sub(envelope.sent_at_ms).max(1);
    now_ms.saturating_sub(envelope.sent_at_ms) as f64 / whole as f64
}

/// Whom a voter follows, or who has answered its question for a vote.
fn lines_of(voter: &VoterView, place: impl Fn(i32) -> Option<Point>) -> Vec<Html> {
    let line = |from: i32, to: i32, class: &'static str| {
        let (from_at, to_at) = lane(place(from)?, place(to)?, TIMER + 3.0, 0.0);
        let d = format!("M{:.1} {:.1}L{:.1} {:.1}", from_at.x, from_at.y, to_at.x, to_at.y);
        Some(html! { <path key={format!("{from}-{to}-{class}")} class={class} {d} /> })
    };
    if let Some(ElectionView { votes, .. }) = &voter.election {
        let votes = votes.iter().filter(|(other, _)| *other != voter.node);
        let class = |vote: Option<bool>| match vote {
            Some(true) => "granted",
            Some(false) => "refused",
            None => "asked",
        };
        return votes.filter_map(|(other, vote)| line(*other, voter.node, class(*vote))).collect();
    }
    let follows = voter.role == Some(QuorumRole::Follower) && voter.leader_id >= 0;
    follows.then(|| line(voter.node, voter.leader_id, "follows")).flatten().into_iter().collect()
}

fn message(envelope: &EnvelopeView, at: Point, is_next: bool, i18n: &I18n) -> Html {
    let class = classes!("message", envelope.is_response.then_some("answer"), is_next.then_some("next"));
    let title = i18n.envelope_title(envelope);
    let words = if envelope.summary.is_empty() { title } else { format!("{title}, {}", envelope.summary) };
    html! {
        <g key={envelope.event.0} {class} style={format!("transform:translate({:.1}px,{:.1}px)", at.x, at.y)}>
            <title>{ words }</title><circle r="6" />
        </g>
    }
}

/// In the middle: what is still to be got. Of an election the votes; of a leader those who have what is not committed yet.
fn middle(quorum: &QuorumView, size: &Size, i18n: &I18n) -> Html {
    if quorum.voters.len() < 2 {
        return Html::default();
    }
    let Point { x, y } = size.middle();
    let sum = Sum::of(quorum);
    let pitch = 15.0;
    let left = x - pitch * (quorum.majority as f64 - 1.0) / 2.0;
    let slots = (0..quorum.majority).map(|slot| {
        let class = if slot < sum.got { "slot got" } else { "slot" };
        html! { <circle key={slot} {class} cx={px(left + pitch * f64::from(slot))} cy={px(y + 4.0)} r="5" /> }
    });
    let (title, detail) = sum.words(quorum.majority, i18n);
    html! {
        <g class="sum" data-testid="quorum-sum">
            <text class="name" x={px(x)} y={px(y - 10.0)} text-anchor="middle">{ title }</text>
            { siblings(slots) }
            <text class="faint" x={px(x)} y={px(y + 27.0)} text-anchor="middle">{ detail }</text>
        </g>
    }
}

/// What a majority is counted of.
struct Sum {
    of: SumOf,
    got: u32,
}

enum SumOf {
    /// Votes for this voter in an epoch.
    Votes { epoch: i32 },
    /// A leader's records up to its log's end; `None` where all of them are committed.
    Records { epoch: i32, uncommitted: Option<i64> },
    /// Nobody leads or asks.
    Nothing,
}

impl Sum {
    /// Of the newest epoch that somebody leads or wants to lead; of two nominees the one with more votes.
    fn of(quorum: &QuorumView) -> Self {
        let candidates = quorum.voters.iter().filter_map(|voter| {
            let is_leader = voter.role == Some(QuorumRole::Leader);
            let votes = voter.election.as_ref().map(ElectionView::granted);
            (is_leader || votes.is_some()).then_some((voter.epoch, is_leader, votes.unwrap_or(0), voter))
        });
        let Some((epoch, _, votes, voter)) =
            candidates.max_by_key(|(epoch, is_leader, votes, _)| (*epoch, *is_leader, *votes))
        else {
            return Self { of: SumOf::Nothing, got: 0 };
        };
        if voter.election.is_some() {
            return Self { of: SumOf::Votes { epoch }, got: votes };
        }
        let end = voter.log.end_offset;
        let is_committed = voter.high_watermark >= end;
        let has =
            voter.replicas.iter().filter(|replica| replica.is_voter && replica.log_end_offset >= Some(end)).count();
        let got = u32::try_from(has + 1).unwrap_or(u32::MAX);
        Self {
            of: SumOf::Records { epoch, uncommitted: (!is_committed).then_some(end - 1) },
            got: if is_committed { quorum.majority } else { got.min(quorum.majority) },
        }
    }

    fn words(&self, majority: u32, i18n: &I18n) -> (String, String) {
        let counted = |key: &str| i18n.format_with(key, [("got", self.got.into()), ("majority", majority.into())]);
        let epoch = |key: &str, epoch: i32| i18n.format_with(key, [("epoch", epoch.into())]);
        match self.of {
            SumOf::Votes { epoch: of } => (epoch("quorum-election-of", of), counted("quorum-votes")),
            SumOf::Records { epoch: of, uncommitted: None } => {
                (epoch("quorum-epoch", of), i18n.format("quorum-all-committed"))
            }
            SumOf::Records { epoch: of, uncommitted: Some(offset) } => {
                let args = [("offset", offset.into()), ("got", self.got.into()), ("majority", majority.into())];
                (epoch("quorum-epoch", of), i18n.format_with("quorum-offset-on", args))
            }
            SumOf::Nothing => {
                (i18n.format("quorum-no-leader"), i18n.format_with("quorum-majority", [("majority", majority.into())]))
            }
        }
    }
}

/// A voter in a sentence.
fn voter_label(voter: &VoterView, majority: u32, i18n: &I18n) -> String {
    let name = i18n.format_with("controller-label", [("id", voter.node.into())]);
    let role = role_name(voter.role, i18n);
    let votes = voter.election.as_ref().map(|election| {
        i18n.format_with("quorum-votes", [("got", election.granted().into()), ("majority", majority.into())])
    });
    let timer = voter.timer.map(|timer| quorum_timer(timer, i18n));
    let parts = [Some(format!("{name}: {role}")), Some(epoch_of(voter)), vote_of(voter), votes, timer];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A voter's epoch, in Kafka's own words.
fn epoch_of(voter: &VoterView) -> String {
    format!("epoch {}", voter.epoch)
}

/// For whom it has voted in that epoch, in Kafka's own words.
fn vote_of(voter: &VoterView) -> Option<String> {
    (voter.voted_id >= 0).then(|| format!("votedId {}", voter.voted_id))
}

fn role_class(role: Option<QuorumRole>) -> &'static str {
    match role {
        None => "is-down",
        Some(QuorumRole::Leader) => "is-leader",
        Some(QuorumRole::Candidate | QuorumRole::Prospective) => "is-nominee",
        Some(QuorumRole::Follower) => "is-follower",
        Some(QuorumRole::Unattached | QuorumRole::Resigned) => "is-waiting",
    }
}
