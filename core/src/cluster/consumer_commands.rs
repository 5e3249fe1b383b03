//! A consumer's process ends and is started again.

use super::Cluster;
use super::event::Event;
use crate::actor::{Actor, Endpoint};
use crate::change::Change;
use crate::client::Consumer;
use crate::command::CommandError;
use crate::connection::Purpose;
use crate::effects::Effects;
use crate::explain::Explanation;

impl Cluster {
    /// A consumer whose process runs.
    pub(super) fn running_consumer(&mut self, number: u32) -> Result<&mut Consumer, CommandError> {
        let consumer = self.consumer_mut(number).ok_or(CommandError::NoSuchConsumer { consumer: number })?;
        if consumer.is_running() { Ok(consumer) } else { Err(CommandError::ConsumerNotRunning { consumer: number }) }
    }

    pub(super) fn crash_consumer(&mut self, number: u32, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        self.running_consumer(number)?;
        fx.change(Change::ConsumerCrashed { consumer: number });
        fx.explain(Explanation::PersonCrashesConsumer { consumer: number });
        self.terminate_consumer(number);
        Ok(None)
    }

    pub(super) fn close_consumer(&mut self, number: u32, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        let mut goodbye = Effects::default();
        self.running_consumer(number)?.close(now, &mut goodbye);
        // What it has to say is on the wire before the process ends.
        self.apply_effects(Endpoint::Consumer(number), &mut goodbye);
        fx.changes.append(&mut goodbye.changes);
        fx.change(Change::ConsumerClosed { consumer: number });
        fx.explain(Explanation::PersonClosesConsumer { consumer: number });
        self.terminate_consumer(number);
        Ok(None)
    }

    pub(super) fn start_consumer(&mut self, number: u32, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        let consumer = self.consumer_mut(number).ok_or(CommandError::NoSuchConsumer { consumer: number })?;
        if consumer.is_running() {
            return Err(CommandError::ConsumerRunning { consumer: number });
        }
        consumer.start(now, fx);
        self.silence.goes_on(Actor::Consumer(number), self.actors().into_iter());
        fx.change(Change::ConsumerStarted { consumer: number });
        fx.replace_explanation(Explanation::PersonStartsConsumer { consumer: number });
        Ok(Some(Endpoint::Consumer(number)))
    }

    /// A consumer's process ended: its timers stop, and its connections are closed. What is on the wire arrives.
    fn terminate_consumer(&mut self, number: u32) {
        let (actor, endpoint) = (Actor::Consumer(number), Endpoint::Consumer(number));
        self.silence.stops(actor, self.position);
        if let Some(consumer) = self.consumer_mut(number) {
            consumer.die();
        }
        // Nobody is left who would send it again.
        self.undelivered.retain(
            |scheduled| !matches!(&scheduled.event, Event::Deliver(envelope) if envelope.from.actor() == actor),
        );
        self.forget_scheduled(|each| each == endpoint);
        let nodes: Vec<i32> = self.nodes.keys().copied().collect();
        for (node, purpose) in nodes.into_iter().flat_map(|node| CONSUMER_CONNECTIONS.map(|purpose| (node, purpose))) {
            *self.closed_connections.entry((endpoint, Endpoint::Broker(node), purpose)).or_default() += 1;
        }
    }
}

/// What a consumer opens connections to a broker for.
const CONSUMER_CONNECTIONS: [Purpose; 2] = [Purpose::Data, Purpose::Coordinator];
