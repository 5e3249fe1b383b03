//! A quorum as it was before its recording began: a voter that had voted, a leader with a log of several epochs. It is brought
//! there by the same requests that the recorder had made of it.

use serde_json::{Value, json};

use super::player::{PATIENCE_MS, Player};
use crate::actor::Listener;
use crate::raft::Role;
use crate::wire::Uuid;

/// How long the leader is given to do what follows from a fetch.
const SETTLE_MS: u64 = 800;
/// The number of fetches that bring a puppet to the end of a log that is told.
const FETCHES_MAX: usize = 32;

impl Player<'_> {
    /// Brings the voter to where the first observation found it.
    pub(super) fn presuppose_quorum(&mut self) {
        let Some(node) = self.voter_among_puppets() else { return };
        let first = self.transcript.steps.first().filter(|step| step.verb == "observe");
        let Some(saw) = first.and_then(|step| step.saw.as_ref()) else { return };
        let number = |path: &str| saw.pointer(path).and_then(Value::as_i64).and_then(|it| i32::try_from(it).ok());
        let (epoch, voted) = (number("/quorumState/leaderEpoch"), number("/quorumState/votedId"));
        match (saw.get("state").and_then(Value::as_str), epoch, voted) {
            (Some("Unattached"), Some(epoch), Some(voted)) if epoch > 0 => self.ask_for_vote(node, voted, epoch, false),
            (Some("Leader"), Some(_), _) => self.write_presupposed_log(node, saw.get("log")),
            (Some("Follower"), Some(epoch), Some(voted)) if voted == node => {
                // It stood for election itself in that epoch, and lost to the leader.
                let leader = number("/quorumState/leaderId").unwrap_or(-1);
                self.ask_for_vote(node, leader, epoch - 1, false);
                self.run_until_role(node, Role::Candidate, epoch);
                self.begin_epoch(node, leader, epoch);
            }
            _ => {}
        }
    }

    /// A puppet says that it leads.
    fn begin_epoch(&mut self, node: i32, leader: i32, epoch: i32) {
        let body = json!({"clusterId": self.cluster.cluster_id(), "voterId": node, "topics": [
            {"topicName": "__cluster_metadata", "partitions": [{"partitionIndex": 0, "leaderId": leader,
                "leaderEpoch": epoch}]}]});
        if let Ok(probe) = self.send(node, Listener::Controller, "BeginQuorumEpoch", None, body) {
            self.await_answer(probe, PATIENCE_MS);
        }
    }

    fn run_until_role(&mut self, node: i32, role: Role, epoch: i32) {
        self.run_until(PATIENCE_MS, |cluster, _| {
            let controller = cluster.node(node).and_then(|node| node.controller.as_ref());
            controller.is_some_and(|it| it.role() == role && it.epoch() == epoch)
        });
    }

    /// A puppet with as good a log asks for a vote; with -1 as the voted id only for a pre-vote.
    fn ask_for_vote(&mut self, node: i32, voted: i32, epoch: i32, with_empty_log: bool) {
        let Some(process) = self.cluster.node(node) else { return };
        let log = &process.disk.controller.log;
        let end = if with_empty_log { (0, 0) } else { (log.last_epoch(), log.end_offset()) };
        let candidate = if voted >= 0 { voted } else { self.first_puppet() };
        let body = json!({"clusterId": self.cluster.cluster_id(), "voterId": node, "topics": [
            {"topicName": "__cluster_metadata", "partitions": [{"partitionIndex": 0, "replicaEpoch": epoch,
                "replicaId": candidate, "lastOffsetEpoch": end.0, "lastOffset": end.1, "preVote": voted < 0}]}]});
        if let Ok(probe) = self.send(node, Listener::Controller, "Vote", None, body) {
            self.await_answer(probe, PATIENCE_MS);
        }
    }

    /// Lets the voter lead one epoch after the other, with what is told of its log in each.
    fn write_presupposed_log(&mut self, node: i32, log: Option<&Value>) {
        let number = |batch: &Value, field: &str| batch.get(field).and_then(Value::as_i64);
        let mut ends: Vec<(i32, i64)> = Vec::new();
        for batch in log.and_then(Value::as_array).into_iter().flatten() {
            let (Some(epoch), Some(last)) = (number(batch, "leaderEpoch"), number(batch, "lastOffset")) else { return };
            let Ok(epoch) = i32::try_from(epoch) else { return };
            match ends.last_mut() {
                Some((of, end)) if *of == epoch => *end = last + 1,
                _ => ends.push((epoch, last + 1)),
            }
        }
        let Some((_, earlier)) = ends.split_last() else { return };
        for (epoch, end) in earlier {
            self.lead(node, *epoch);
            for _ in 0..FETCHES_MAX {
                if self.fetch_as_puppet(node) >= *end {
                    break;
                }
            }
        }
        if let Some((epoch, _)) = ends.last() {
            self.lead(node, *epoch);
        }
    }

    /// The voter leads an epoch: it heard of the one before it from a candidate that could not win.
    fn lead(&mut self, node: i32, epoch: i32) {
        let known = self.cluster.node(node).and_then(|node| node.controller.as_ref()).map_or(0, |it| it.epoch());
        if known < epoch - 1 {
            self.ask_for_vote(node, self.first_puppet(), epoch - 1, true);
        }
        self.run_until_role(node, Role::Leader, epoch);
    }

    /// The first puppet fetches what there is and says that it has it. Gives up to where the log is committed.
    fn fetch_as_puppet(&mut self, node: i32) -> i64 {
        let Some(process) = self.cluster.node(node) else { return i64::MAX };
        let Some(controller) = &process.controller else { return i64::MAX };
        let log = &process.disk.controller.log;
        let body = json!({"clusterId": self.cluster.cluster_id(),
            "replicaState": {"replicaId": self.first_puppet(), "replicaEpoch": -1}, "maxWaitMs": 0, "minBytes": 0,
            "topics": [{"topicId": Uuid::METADATA.to_string(), "partitions": [{"partition": 0,
                "currentLeaderEpoch": controller.epoch(), "fetchOffset": log.end_offset(),
                "lastFetchedEpoch": log.last_epoch()}]}]});
        if let Ok(probe) = self.send(node, Listener::Controller, "Fetch", None, body) {
            self.await_answer(probe, PATIENCE_MS);
        }
        self.let_time_pass(SETTLE_MS);
        let controller = self.cluster.node(node).and_then(|node| node.controller.as_ref());
        controller.map_or(i64::MAX, |controller| controller.high_watermark())
    }

    fn first_puppet(&self) -> i32 {
        let nodes = &self.cluster.config().nodes;
        nodes.iter().find(|node| node.puppet.is_some()).map_or(-1, |node| node.id)
    }
}
