//! Brokers that exist only in the controller's mind: registered and alive without a process that says so.

use super::heartbeat::{fence, unfence};
use super::registration::register_broker;
use super::{Controller, ControllerDisk};
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::Uuid;
use crate::wire::feature_levels::supported_features;
use crate::wire::metadata::BrokerRegistrationRequest;

impl Controller {
    /// Registers and unfences a puppet as if its requests had come, and keeps its session from ending. Gives its broker
    /// epoch. A puppet that the log has already is registered anew, as after a clean restart.
    pub fn adopt_puppet(
        &mut self,
        disk: &mut ControllerDisk,
        id: i32,
        rack: Option<String>,
        now: Millis,
        fx: &mut Effects,
    ) -> i64 {
        let request = BrokerRegistrationRequest {
            broker_id: id,
            cluster_id: self.cluster_id.clone(),
            incarnation_id: Uuid(self.random.id()),
            rack,
            log_dirs: vec![Uuid(self.random.id().max(100))],
            features: supported_features().collect(),
            previous_broker_epoch: self.image.brokers.get(&id).map_or(-1, |broker| broker.broker_epoch),
            ..BrokerRegistrationRequest::default()
        };
        let end = (disk.log.end_offset(), self.quorum.kraft_version(disk).level());
        let decision = register_broker(self.cluster(), &self.heartbeats, &self.cluster_id, &request, end, now);
        let Ok((records, broker_epoch)) = decision else {
            return -1;
        };
        fx.explain(Explanation::ControllerRegistered { node: self.node_id, broker: id });
        self.append_records(disk, &records, now, fx);
        if let Some(heartbeat) = self.heartbeats.get_mut(id) {
            heartbeat.is_puppet = true;
        }
        self.hear_puppet(disk, id, now, fx);
        broker_epoch
    }

    /// A puppet falls silent: its session ends when `broker.session.timeout.ms` have passed. One that is silent already stays so.
    pub fn silence_puppet(&mut self, id: i32, now: Millis, fx: &mut Effects) {
        let broker_epoch = self.image.brokers.get(&id).map(|broker| broker.broker_epoch);
        let heard = self.heartbeats.get_mut(id).filter(|heartbeat| heartbeat.is_puppet);
        if let (Some(heartbeat), Some(broker_epoch)) = (heard, broker_epoch) {
            heartbeat.is_puppet = false;
            self.heartbeats.touch(id, broker_epoch, now);
        }
        self.arm_timers(now, fx);
    }

    /// A puppet is heard again: unfenced if it was fenced, and its session holds.
    pub fn hear_puppet(&mut self, disk: &mut ControllerDisk, id: i32, now: Millis, fx: &mut Effects) {
        let Some(registered) = self.image.brokers.get(&id) else {
            return;
        };
        let (broker_epoch, fenced) = (registered.broker_epoch, registered.fenced);
        let offset = disk.log.end_offset().saturating_sub(1);
        if let Some(heartbeat) = self.heartbeats.get_mut(id) {
            heartbeat.is_puppet = true;
            heartbeat.metadata_offset = offset;
        }
        self.heartbeats.touch(id, broker_epoch, now);
        if fenced {
            let mut records = Vec::new();
            let unfenced = unfence(self.cluster(), id, &mut records);
            fx.explain(Explanation::ControllerUnfenced { node: self.node_id, broker: id });
            self.append_or_renounce(disk, unfenced.map(|()| records), now, fx);
        }
        self.arm_timers(now, fx);
    }

    /// Fences a puppet at once, as its own wish to be fenced would.
    pub fn fence_puppet(&mut self, disk: &mut ControllerDisk, id: i32, now: Millis, fx: &mut Effects) {
        let mut records = Vec::new();
        let fenced = fence(self.cluster(), id, &mut records);
        self.append_or_renounce(disk, fenced.map(|()| records), now, fx);
        self.arm_timers(now, fx);
    }
}
