//! A person has a consumer's application call it; a consumer's process ends and is started again.

use std::rc::Rc;

use super::Cluster;
use crate::actor::{Actor, Endpoint};
use crate::change::Change;
use crate::client::Consumer;
use crate::command::CommandError;
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::settings::OffsetReset;
use crate::wire::{Topic, TopicPartition};

impl Cluster {
    /// A consumer whose process runs.
    pub(super) fn running_consumer(&mut self, number: u32) -> Result<&mut Consumer, CommandError> {
        let consumer = self.consumer_mut(number).ok_or(CommandError::NoSuchConsumer { consumer: number })?;
        if consumer.is_running() { Ok(consumer) } else { Err(CommandError::ConsumerNotRunning { consumer: number }) }
    }

    #[inline(never)]
    pub(super) fn seek(
        &mut self,
        number: u32,
        partition: &TopicPartition,
        offset: i64,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        self.running_consumer(number)?.seek(partition, offset, now, fx)?;
        fx.replace_explanation(Explanation::PersonSeeks { consumer: number, partition: partition.clone(), offset });
        Ok(Some(Endpoint::Consumer(number)))
    }

    #[inline(never)]
    pub(super) fn seek_to(
        &mut self,
        number: u32,
        partitions: &[TopicPartition],
        reset: OffsetReset,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        self.running_consumer(number)?.seek_to(partitions, reset, now, fx)?;
        fx.replace_explanation(match reset {
            OffsetReset::Earliest => Explanation::PersonSeeksToBeginning { consumer: number },
            OffsetReset::Latest | OffsetReset::None | OffsetReset::ByDuration(_) => {
                Explanation::PersonSeeksToEnd { consumer: number }
            }
        });
        Ok(Some(Endpoint::Consumer(number)))
    }

    #[inline(never)]
    pub(super) fn pause_partitions(
        &mut self,
        number: u32,
        partitions: &[TopicPartition],
        pauses: bool,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        self.running_consumer(number)?.pause_partitions(partitions, pauses, now, fx)?;
        let (consumer, partitions) = (number, names(partitions));
        fx.replace_explanation(match pauses {
            true => Explanation::PersonPausesPartitions { consumer, partitions },
            false => Explanation::PersonResumesPartitions { consumer, partitions },
        });
        Ok(Some(Endpoint::Consumer(number)))
    }

    #[inline(never)]
    pub(super) fn subscribe(
        &mut self,
        number: u32,
        topics: &[Topic],
        pattern: Option<&str>,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        let consumer = self.running_consumer(number)?;
        consumer.subscribe(topics, pattern, now, fx)?;
        let by_broker = consumer.settings().broker_assigns();
        fx.replace_explanation(match pattern {
            Some(pattern) => {
                let pattern = pattern.to_owned();
                Explanation::PersonSubscribesToPattern { consumer: number, pattern, by_broker }
            }
            None if topics.is_empty() => Explanation::PersonUnsubscribes { consumer: number },
            None => Explanation::PersonSubscribes { consumer: number, topics: names(topics) },
        });
        Ok(Some(Endpoint::Consumer(number)))
    }

    #[inline(never)]
    pub(super) fn assign(
        &mut self,
        number: u32,
        partitions: &[TopicPartition],
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        self.running_consumer(number)?.assign(partitions, now, fx)?;
        fx.replace_explanation(match partitions {
            [] => Explanation::PersonUnsubscribes { consumer: number },
            _ => Explanation::PersonAssigns { consumer: number, partitions: names(partitions) },
        });
        Ok(Some(Endpoint::Consumer(number)))
    }

    #[inline(never)]
    pub(super) fn crash_consumer(&mut self, number: u32, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        self.running_consumer(number)?;
        fx.change(Change::ConsumerCrashed { consumer: number });
        fx.explain(Explanation::PersonCrashesConsumer { consumer: number });
        self.terminate_consumer(number);
        // A producer in the same process goes with it.
        let producer = self.applications.get(&number).map(|application| application.producer());
        if let Some(producer) = producer
            && self.running_producer(producer).is_ok()
        {
            fx.change(Change::ProducerCrashed { producer });
            self.terminate_producer(producer);
        }
        Ok(None)
    }

    #[inline(never)]
    pub(super) fn close_consumer(&mut self, number: u32, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        let mut goodbye = Effects::at(now);
        self.running_consumer(number)?.close(now, &mut goodbye);
        // What it has to say is on the wire before the process ends.
        self.apply_effects(Endpoint::Consumer(number), &mut goodbye);
        fx.changes.append(&mut goodbye.changes);
        fx.change(Change::ConsumerClosed { consumer: number });
        fx.explain(Explanation::PersonClosesConsumer { consumer: number });
        self.terminate_consumer(number);
        Ok(None)
    }

    #[inline(never)]
    pub(super) fn start_consumer(&mut self, number: u32, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        let consumer = self.consumer_mut(number).ok_or(CommandError::NoSuchConsumer { consumer: number })?;
        if consumer.is_running() {
            return Err(CommandError::ConsumerRunning { consumer: number });
        }
        consumer.start(now, fx);
        self.silence.goes_on(Actor::Consumer(number), self.actors().into_iter());
        fx.change(Change::ConsumerStarted { consumer: number });
        self.start_application(number, fx);
        fx.replace_explanation(Explanation::PersonStartsConsumer { consumer: number });
        Ok(Some(Endpoint::Consumer(number)))
    }

    /// The producer in the same process is started with it.
    fn start_application(&mut self, consumer: u32, fx: &mut Effects) {
        let Some(application) = Rc::make_mut(&mut self.applications).get_mut(&consumer) else { return };
        application.die();
        let producer = application.producer();
        let mut of_producer = Effects::at(self.now);
        if self.restart_producer(producer, &mut of_producer).is_ok() {
            self.apply_effects(Endpoint::Producer(producer), &mut of_producer);
            fx.changes.append(&mut of_producer.changes);
        }
    }

    /// A consumer's process ended: its timers stop, and its connections are closed. What is on the wire arrives.
    pub(super) fn terminate_consumer(&mut self, number: u32) {
        let (actor, endpoint) = (Actor::Consumer(number), Endpoint::Consumer(number));
        self.silence.stops(actor, self.position);
        self.close_connections_of(endpoint, true);
        if let Some(consumer) = self.consumer_mut(number) {
            consumer.die();
        }
        self.client_terminated(endpoint);
    }
}

fn names<T: ToString>(each: &[T]) -> String {
    each.iter().map(ToString::to_string).collect::<Vec<String>>().join(", ")
}
