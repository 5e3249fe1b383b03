//! A person has a producer's application move its transaction; a producer's process ends and is started again.

use super::Cluster;
use crate::actor::{Actor, Endpoint};
use crate::change::Change;
use crate::client::Producer;
use crate::client::producer::perf_test::PerfTestOptions;
use crate::command::CommandError;
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::transaction::TransactionCall;

impl Cluster {
    /// A producer whose process runs.
    pub(super) fn running_producer(&mut self, number: u32) -> Result<&mut Producer, CommandError> {
        let producer = self.producer_mut(number).ok_or(CommandError::NoSuchProducer { producer: number })?;
        if producer.is_running() { Ok(producer) } else { Err(CommandError::ProducerNotRunning { producer: number }) }
    }

    #[inline(never)]
    pub(super) fn call_producer(
        &mut self,
        number: u32,
        call: TransactionCall,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        self.check_own_application(number)?;
        self.running_producer(number)?.call(call, now, fx)?;
        fx.replace_explanation(Explanation::PersonCallsProducer { producer: number, call });
        Ok(Some(Endpoint::Producer(number)))
    }

    #[inline(never)]
    pub(super) fn perf_test(
        &mut self,
        number: u32,
        options: PerfTestOptions,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        self.check_own_application(number)?;
        let started = Explanation::PersonStartsPerfTest {
            producer: number,
            topic: options.topic.to_string(),
            num_records: options.num_records,
            throughput: options.throughput,
        };
        self.running_producer(number)?.start_perf_test(options, now, fx)?;
        fx.replace_explanation(started);
        Ok(Some(Endpoint::Producer(number)))
    }

    #[inline(never)]
    pub(super) fn send_offsets(
        &mut self,
        number: u32,
        consumer: u32,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        self.check_own_application(number)?;
        let consumed = self.running_consumer(consumer)?.consumed_offsets();
        let consumed = consumed.ok_or(CommandError::NothingToCommit { consumer })?;
        self.running_producer(number)?.send_offsets(consumed, now, fx)?;
        let call = TransactionCall::SendOffsetsToTransaction;
        fx.replace_explanation(Explanation::PersonCallsProducer { producer: number, call });
        Ok(Some(Endpoint::Producer(number)))
    }

    /// An application that writes what it reads moves its producer's transaction by itself.
    fn check_own_application(&self, producer: u32) -> Result<(), CommandError> {
        match self.application_of(Endpoint::Producer(producer)) {
            Some((consumer, _)) => Err(CommandError::ProducerOfApplication { producer, consumer }),
            None => Ok(()),
        }
    }

    #[inline(never)]
    pub(super) fn crash_producer(&mut self, number: u32, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        self.running_producer(number)?;
        fx.change(Change::ProducerCrashed { producer: number });
        fx.explain(Explanation::PersonCrashesProducer { producer: number });
        self.terminate_producer(number);
        // A consumer in the same process goes with it.
        let consumer = self.application_of(Endpoint::Producer(number)).map(|(consumer, _)| consumer);
        if let Some(consumer) = consumer
            && self.running_consumer(consumer).is_ok()
        {
            fx.change(Change::ConsumerCrashed { consumer });
            self.terminate_consumer(consumer);
        }
        Ok(None)
    }

    #[inline(never)]
    pub(super) fn close_producer(
        &mut self,
        number: u32,
        timeout_ms: Option<Millis>,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        self.check_own_application(number)?;
        self.running_producer(number)?.close(timeout_ms, now, fx)?;
        fx.replace_explanation(Explanation::PersonClosesProducer { producer: number });
        Ok(Some(Endpoint::Producer(number)))
    }

    /// A producer that was closed and is done with everything ends.
    pub(super) fn end_closed_producer(&mut self, client: Endpoint) {
        if let Endpoint::Producer(number) = client
            && self.producer(number).is_some_and(Producer::is_closed)
        {
            self.terminate_producer(number);
        }
    }

    #[inline(never)]
    pub(super) fn start_producer(&mut self, number: u32, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        self.restart_producer(number, fx)?;
        fx.replace_explanation(Explanation::PersonStartsProducer { producer: number });
        Ok(Some(Endpoint::Producer(number)))
    }

    pub(super) fn restart_producer(&mut self, number: u32, fx: &mut Effects) -> Result<(), CommandError> {
        let now = self.now;
        let producer = self.producer_mut(number).ok_or(CommandError::NoSuchProducer { producer: number })?;
        if producer.is_running() {
            return Err(CommandError::ProducerRunning { producer: number });
        }
        producer.start(now, fx);
        self.silence.goes_on(Actor::Producer(number), self.actors().into_iter());
        fx.change(Change::ProducerStarted { producer: number });
        Ok(())
    }

    /// A producer's process ended: its timers stop, and its connections are closed. What is on the wire arrives.
    pub(super) fn terminate_producer(&mut self, number: u32) {
        let (actor, endpoint) = (Actor::Producer(number), Endpoint::Producer(number));
        self.silence.stops(actor, self.position);
        self.close_connections_of(endpoint, true);
        if let Some(producer) = self.producer_mut(number) {
            producer.die();
        }
        self.client_terminated(endpoint);
    }

    /// What is left of a client's process that ended: nothing that waits for it, or would be sent again by it.
    pub(super) fn client_terminated(&mut self, endpoint: Endpoint) {
        self.forget_undelivered_from(endpoint.actor());
        self.forget_scheduled(|each| each == endpoint);
    }
}
