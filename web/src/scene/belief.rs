//! What a broker takes itself to be for a partition.

use yew::prelude::*;

use crate::engine::{ClusterView, ReplicaView, Role};
use crate::i18n::I18n;

/// What a broker takes itself to be for a partition, beside what the controller's log says of it. The two part whenever
/// news is still on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belief {
    /// It leads, and that is so.
    Leads,
    /// It takes itself for the leader, and another one was elected.
    Deposed,
    /// It was elected, and does not know yet.
    Elected,
    /// It follows.
    Follows,
    /// It follows and is not in the ISR.
    OutOfSync,
    /// It is nothing to the partition now.
    Offline,
}

impl Belief {
    /// What a replica's broker takes itself to be.
    pub fn of(node: i32, replica: &ReplicaView, view: &ClusterView) -> Self {
        let truth = view.partitions.iter().find(|each| each.partition == replica.partition);
        let is_elected = truth.is_none_or(|truth| truth.leader == node);
        let is_in_sync = truth.is_none_or(|truth| truth.isr.contains(&node));
        match replica.role {
            Role::Leader if is_elected => Self::Leads,
            Role::Leader => Self::Deposed,
            Role::Follower if truth.is_some() && is_elected => Self::Elected,
            Role::Follower if is_in_sync => Self::Follows,
            Role::Follower => Self::OutOfSync,
            Role::Offline => Self::Offline,
        }
    }

    /// Its class in the stylesheet.
    pub fn class(self) -> Option<&'static str> {
        match self {
            Self::Deposed | Self::OutOfSync => Some("stale"),
            Self::Elected => Some("elected"),
            Self::Leads | Self::Follows | Self::Offline => None,
        }
    }

    /// How it is said, the longest form first.
    pub fn words(self, epoch: i32, i18n: &I18n) -> Vec<String> {
        let with_epoch = |key: &str| i18n.format_with(key, [("epoch", epoch.into())]);
        match self {
            Self::Leads => vec![with_epoch("leader-epoch"), with_epoch("leader-epoch-short"), format!("e{epoch}")],
            Self::Deposed => vec![with_epoch("leader-deposed"), format!("e{epoch}")],
            Self::Elected => vec![i18n.format("follower-elected"), i18n.format("follower-elected-short")],
            Self::Follows => vec![i18n.format("follower")],
            Self::OutOfSync => vec![i18n.format("follower-out-of-sync"), i18n.format("follower-out-of-sync-short")],
            Self::Offline => vec![i18n.format("offline")],
        }
    }

    /// The leader's mark: full where the broker leads, hollow where it is elected and does not know, or is deposed and does
    /// not know.
    pub fn crown(self, x: f64, y: f64, is_highlighted: bool) -> Html {
        let class = match self {
            Self::Leads => "full",
            Self::Deposed => "deposed",
            Self::Elected => "elected",
            Self::Follows | Self::OutOfSync | Self::Offline => return Html::default(),
        };
        html! { <path class={classes!("crown", class, is_highlighted.then_some("highlighted"))} d={format!("M{x:.1} {:.1}v-7l2.25 2.75l2.25 -3.75l2.25 3.75l2.25 -2.75v7z", y + 8.5)} /> }
    }
}
