//! What random applications do with their producers and consumers.

use kafkascope_core::actor::Listener;
use kafkascope_core::command::Command;
use kafkascope_core::transaction::TransactionCall;
use kafkascope_core::view::{AssignedView, ClusterView, SubscriptionView};
use kafkascope_core::wire::{ApiKey, Topic, TopicPartition};
use serde_json::json;

use super::{APPLICATION_CONSUMER, APPLICATION_PRODUCER, Chaos, MANUAL_PRODUCER, PROBES, TOPICS};

impl Chaos {
    /// What a consumer's application calls. Records that it passes over by a seek are its own loss.
    pub(super) fn consumer_call(&mut self, view: &ClusterView) -> Command {
        let consumer = self.consumer();
        let found = view.consumers.iter().find(|each| each.number == consumer);
        let subscription = found.map(|each| &each.subscription);
        let assigned = found.map(|each| each.assigned.clone()).unwrap_or_default();
        // Who has nothing is to have something again.
        let is_idle = matches!(subscription, Some(SubscriptionView::None));
        match self.number(0, 9) {
            _ if is_idle => self.subscribe(consumer, subscription),
            0 => Command::Poll { consumer },
            1..=2 => Command::Commit { consumer },
            3..=4 => self.subscribe(consumer, subscription),
            _ => self.call_for_partition(consumer, &assigned),
        }
    }

    fn call_for_partition(&mut self, consumer: u32, assigned: &[AssignedView]) -> Command {
        let paused: Vec<AssignedView> = assigned.iter().filter(|own| own.is_paused).cloned().collect();
        let resumes = self.number(0, 1) == 0;
        if let Some(own) = self.one_of(&paused).filter(|_| resumes) {
            return Command::ResumePartitions { consumer, partitions: vec![own.partition.clone()] };
        }
        let Some(own) = self.one_of(assigned).cloned() else { return Command::Poll { consumer } };
        let (partition, partitions) = (own.partition.clone(), vec![own.partition]);
        match self.number(0, 3) {
            0 => Command::SeekToBeginning { consumer, partitions },
            1 => Command::SeekToEnd { consumer, partitions: Vec::new() },
            2 => Command::Seek { consumer, partition, offset: i64::try_from(self.number(0, 9)).unwrap_or(0) },
            _ => Command::PausePartitions { consumer, partitions },
        }
    }

    /// Mostly what may follow on how it reads now.
    fn subscribe(&mut self, consumer: u32, subscription: Option<&SubscriptionView>) -> Command {
        let topics = topics_of(consumer);
        let pattern = if consumer == APPLICATION_CONSUMER { "ord.*" } else { "(orders|pay.*)" };
        let to_pattern = Command::Subscribe { consumer, topics: Vec::new(), pattern: Some(pattern.to_owned()) };
        let to_topics = Command::Subscribe { consumer, topics: topics.clone(), pattern: None };
        let partitions = topics.into_iter().map(|topic| TopicPartition::new(topic, 0)).collect();
        let assign = Command::Assign { consumer, partitions };
        let all = [to_topics, to_pattern, assign, Command::Unsubscribe { consumer }];
        let [to_topics, to_pattern, assign, unsubscribe] = &all;
        let fitting = match subscription {
            Some(SubscriptionView::Topics { .. }) => [to_topics, unsubscribe],
            Some(SubscriptionView::Pattern { .. }) => [to_pattern, unsubscribe],
            Some(SubscriptionView::Partitions) => [assign, unsubscribe],
            Some(SubscriptionView::None) | None => match self.number(0, 1) {
                0 => [to_pattern, assign],
                _ => [to_topics, assign],
            },
        };
        self.one_of(&fitting).map_or(Command::Poll { consumer }, |command| (*command).clone())
    }

    /// Every consumer is to subscribe to topics or a pattern again: who is no member leaves its group without one.
    pub(crate) fn resubscribing(view: &ClusterView) -> Vec<Command> {
        let running = view.consumers.iter().filter(|each| each.is_running);
        let again = running.filter_map(|each| {
            let consumer = each.number;
            match each.subscription {
                SubscriptionView::None => {
                    Some(Command::Subscribe { consumer, topics: topics_of(consumer), pattern: None })
                }
                SubscriptionView::Partitions => Some(Command::Unsubscribe { consumer }),
                SubscriptionView::Topics { .. } | SubscriptionView::Pattern { .. } => None,
            }
        });
        again.collect()
    }

    /// A consumer that ended is started, one that runs ends.
    pub(super) fn consumer_process(&mut self, view: &ClusterView) -> Command {
        let consumer = self.consumer();
        let crashes = self.number(0, 1) == 0;
        end_or_start(view, consumer, crashes)
    }

    /// What an application does with a transaction, or a request by hand about a transactional id.
    pub(super) fn transaction(&mut self, view: &ClusterView) -> Command {
        let producer = MANUAL_PRODUCER;
        let ended = [1, APPLICATION_PRODUCER, producer];
        let (api, body) = match self.number(0, 11) {
            0..=6 => return self.transaction_call(view),
            7 => {
                let producer = *self.one_of(&ended).unwrap_or(&producer);
                return match self.number(0, 2) {
                    0 => Command::CloseProducer { producer, timeout_ms: None },
                    1 => Command::CloseProducer { producer, timeout_ms: Some(50) },
                    _ => Command::CrashProducer { producer },
                };
            }
            8..=9 => return Command::StartProducer { producer: *self.one_of(&ended).unwrap_or(&producer) },
            10 => (ApiKey::FindCoordinator, json!({"keyType": 1, "coordinatorKeys": ["transfers"]})),
            _ => (ApiKey::InitProducerId, json!({"transactionalId": "transfers", "transactionTimeoutMs": 5000})),
        };
        Command::request(
            u32::try_from(self.number(1, PROBES)).unwrap_or(1),
            (i32::try_from(self.number(1, 3)).unwrap_or(1), Listener::Broker),
            api,
            None,
            body,
        )
    }

    /// What the state of the transaction that a person moves allows; where nothing, its producer is started anew.
    fn transaction_call(&mut self, view: &ClusterView) -> Command {
        let producer = MANUAL_PRODUCER;
        let shown = view.producers.iter().find(|each| each.number == producer);
        let allowed = shown.filter(|shown| shown.is_running).and_then(|shown| shown.transaction.as_ref());
        let calls = allowed.map(|transaction| transaction.calls.clone()).unwrap_or_default();
        match self.one_of(&calls) {
            Some(TransactionCall::InitTransactions) => Command::InitTransactions { producer },
            Some(TransactionCall::BeginTransaction) => Command::BeginTransaction { producer },
            Some(TransactionCall::Send) => Command::Produce {
                producer,
                topic: self.partition().topic,
                partition: None,
                key: None,
                value: Some("in a transaction".into()),
                headers: Vec::new(),
            },
            Some(TransactionCall::SendOffsetsToTransaction) => {
                Command::SendOffsetsToTransaction { producer, consumer: self.consumer() }
            }
            Some(TransactionCall::CommitTransaction) => Command::CommitTransaction { producer },
            Some(TransactionCall::AbortTransaction) => Command::AbortTransaction { producer },
            None if shown.is_some_and(|shown| shown.is_running) => Command::CrashProducer { producer },
            None => Command::StartProducer { producer },
        }
    }
}

/// What a consumer may read. The application copies one topic; it would read for ever what it writes to another.
fn topics_of(consumer: u32) -> Vec<Topic> {
    let topics = if consumer == APPLICATION_CONSUMER { &TOPICS[..1] } else { &TOPICS[..] };
    topics.iter().map(|(name, _)| Topic::from(*name)).collect()
}

/// Ends a consumer that runs, by a crash or by closing it; starts one that ended.
pub(crate) fn end_or_start(view: &ClusterView, consumer: u32, crashes: bool) -> Command {
    let is_running = view.consumers.iter().any(|each| each.number == consumer && each.is_running);
    match (is_running, crashes) {
        (true, true) => Command::CrashConsumer { consumer },
        (true, false) => Command::CloseConsumer { consumer },
        (false, _) => Command::StartConsumer { consumer },
    }
}
