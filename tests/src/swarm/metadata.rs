//! What a cluster promises whose metadata log has lost its leader again and again.

use kafkascope_core::actor::Actor;
use kafkascope_core::client::AdminAnswer;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::command::{Command, SettingScope};
use kafkascope_core::step::Step;

/// Counts what the admin client was asked, and its answers: each request gets one, and only one.
#[derive(Clone, Debug, Default)]
pub(super) struct AdminRequests {
    asked: u64,
    answered: u64,
    /// The answers that were there at the last look.
    known: Vec<AdminAnswer>,
    /// The calls that were open then.
    open: usize,
}

impl AdminRequests {
    /// Counts from a cluster on: what it was asked before is answered.
    pub(super) fn since(cluster: &Cluster) -> Self {
        Self { known: cluster.admin().answers().cloned().collect(), ..Self::default() }
    }

    /// A command was carried out.
    pub(super) fn commanded(&mut self, command: &Command) {
        let is_request = match command {
            Command::CreateTopic { .. }
            | Command::DeleteTopic { .. }
            | Command::Elect { .. }
            | Command::Reassign { .. } => true,
            Command::Set { scope, .. } => match scope {
                SettingScope::Topic(_) | SettingScope::Broker(_) | SettingScope::Brokers | SettingScope::Group(_) => {
                    true
                }
                SettingScope::Producer(_)
                | SettingScope::Consumer(_)
                | SettingScope::Pipeline(_)
                | SettingScope::Network => false,
            },
            _ => false,
        };
        self.asked += u64::from(is_request);
    }

    /// A step was made. Gives what is wrong.
    pub(super) fn check(&mut self, cluster: &Cluster, step: &Step) -> Option<String> {
        let open = cluster.admin().open_calls();
        let closed = self.open.saturating_sub(open);
        self.open = open;
        if step.actor != Some(Actor::Admin) {
            return None;
        }
        let now: Vec<AdminAnswer> = cluster.admin().answers().cloned().collect();
        let kept = (0..=self.known.len()).map(|from| &self.known[from..]).find(|kept| now.starts_with(kept));
        let kept = kept.map_or(0, <[_]>::len);
        // Only the last answers are kept: where none is left of those that were known, there may have been more than are shown.
        let came = if kept == 0 { closed.max(now.len()) } else { now.len() - kept };
        self.answered += came as u64;
        self.known = now;
        let Self { asked, answered, .. } = self;
        (answered > asked).then(|| format!("{asked} admin requests have {answered} answers"))
    }

    /// What is wrong where `open` requests are still open.
    pub(super) fn check_at_rest(&self, open: usize) -> Option<String> {
        let Self { asked, answered, .. } = self;
        let is_right = *asked == *answered + open as u64;
        (!is_right).then(|| format!("{asked} admin requests have {answered} answers, and {open} wait"))
    }
}

/// Whether somebody is active and all that it wrote is committed.
pub(super) fn is_decided(cluster: &Cluster) -> bool {
    let active = cluster.active_controller().and_then(|active| cluster.node(active));
    active.is_some_and(|node| {
        let end = node.disk.controller.log.end_offset();
        node.controller.as_ref().is_some_and(|controller| controller.high_watermark() == end)
    })
}

/// Nodes with all of a committed metadata log have the same image of it. Gives those that have not.
pub(super) fn other_images(cluster: &Cluster) -> Vec<String> {
    let (true, Some(image)) = (is_decided(cluster), cluster.image()) else { return Vec::new() };
    let end = cluster.metadata_end();
    let mut others = Vec::new();
    for node in cluster.nodes() {
        if let Some(broker) = &node.broker
            && broker.metadata_offset == end
            && *broker.image != *image
        {
            others.push(format!("broker {} has another image of the metadata log up to {end}", node.config.id));
        }
        if let Some(controller) = &node.controller
            && controller.high_watermark() == end
            && controller.image() != image
        {
            others.push(format!("controller {} has another image of the metadata log up to {end}", node.config.id));
        }
    }
    others
}
