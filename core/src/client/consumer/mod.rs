//! A consumer of a group (`ClassicKafkaConsumer`, `AsyncKafkaConsumer`) and the loop of its application.
//!
//! Everything but heartbeats happens inside a poll of the application. One that polls continuously is in a poll all the
//! time, except while it waits for a `commitSync`; one that polls by hand only from the command until records came.

mod aborted;
mod classic;
mod config;
mod coordinator;
mod fetcher;
mod membership;
mod offsets;
mod positions;
mod process;
mod queries;
mod rebalance;
mod reconciliation;
mod subscription;
mod validation;

use std::collections::{BTreeSet, VecDeque};
use std::hash::Hash;
use std::rc::Rc;

use super::metadata::Metadata;
use super::request_latency::RequestLatency;
use crate::actor::{Actor, Listener};
use crate::change::Change;
use crate::command::CommandError;
use crate::config::{CommitMode, ConsumerConfig, PollMode, ProcessMode};
use crate::connection::Purpose;
use crate::digest::DigestHasher;
use crate::effects::{Answered, ConsumerTimer, Effects, IdleExpiry, InFlightRequest, InFlightRequests, Input};
use crate::explain::Explanation;
use crate::fetch_session_handler::FetchSessionHandler;
use crate::flat_map::FlatMap;
use crate::settings::{ConsumerSettings, OffsetReset};
use crate::sim::Millis;
use crate::sim::random::Random;
use crate::sort::CollectOrdered;
use crate::wire::records::Bytes;
use crate::wire::{ApiKey, ErrorCode, Request, Response, Topic, TopicPartition, Uuid};

use fetcher::Fetched;
use membership::Membership;
use offsets::Commit;
pub use process::ProcessedRecord;
use process::Processing;
use subscription::Assigned;
pub use subscription::Subscription;
use validation::ValidatedPosition;

/// What a consumer remembers of an open request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum PendingRequest {
    /// Whether it is about all topics that there are.
    Metadata {
        is_of_all: bool,
    },
    FindCoordinator,
    Join,
    Sync {
        generation: i32,
    },
    Heartbeat {
        generation: i32,
    },
    /// A heartbeat to a group whose broker assigns, and the member epoch that it was sent with.
    ConsumerGroupHeartbeat {
        is_leaving: bool,
        member_epoch: i32,
    },
    Leave,
    /// The commit that the application waits for.
    Commit {
        generation: i32,
        offsets: Rc<Vec<(TopicPartition, i64, i32)>>,
    },
    /// A commit that nobody waits for.
    AutoCommit {
        offsets: Vec<(TopicPartition, i64, i32)>,
    },
    OffsetFetch {
        generation: i32,
    },
    /// Partitions, and which end of each is asked for.
    ListOffsets {
        partitions: Vec<(TopicPartition, OffsetReset)>,
    },
    /// Where leaders end the epochs that were read last.
    OffsetForLeaderEpoch {
        positions: Vec<ValidatedPosition>,
    },
    /// Partitions and the offsets asked for.
    Fetch {
        partitions: Vec<(TopicPartition, i64)>,
    },
}

/// What a poll throws at the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Thrown {
    /// What a broker answered to which request.
    Error(ApiKey, ErrorCode),
    /// A `RecordDeserializationException`.
    Deserialization,
}

/// What the application is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Poll {
    /// It has not started.
    NotStarted,
    /// It does something else.
    Away,
    /// It polls until the consumer knows where to read on: the first poll of one that polls by hand.
    UntilPositioned,
    /// It polls until records come. `has_fetched` says that this poll has sent its fetches.
    UntilRecords { has_fetched: bool },
}

/// A record that a poll returned to the application (`ConsumerRecord`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConsumerRecord {
    /// From which partition.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// Its key.
    pub key: Option<Bytes>,
    /// Its value.
    pub value: Option<Bytes>,
}

/// A consumer and its application.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Consumer {
    number: u32,
    /// What it calls itself in its requests.
    client_id: Topic,
    group: String,
    subscription: Subscription,
    /// What its application subscribes to when it starts.
    initial_subscription: Subscription,
    /// What its application assigns to it when it starts, sorted.
    initial_partitions: Vec<TopicPartition>,
    poll_mode: PollMode,
    commit_mode: CommitMode,
    process_mode: ProcessMode,
    /// Whether an application writes what it reads: the next poll waits until that is done.
    is_of_application: bool,
    settings: ConsumerSettings,
    metadata: Metadata,
    requests: InFlightRequests<PendingRequest>,
    fetch_latency: RequestLatency,
    poll: Poll,
    /// Why the application's polls throw, if they do; the next poll tries again.
    thrown: Option<Thrown>,
    membership: Membership,
    assigned: FlatMap<TopicPartition, Assigned>,
    fetched: VecDeque<Fetched>,
    /// Its fetch session with each broker.
    fetch_sessions: FlatMap<i32, FetchSessionHandler>,
    commit: Option<Commit>,
    next_auto_commit_at: Millis,
    last_poll_at: Millis,
    last_records: VecDeque<ConsumerRecord>,
    records_read: i64,
    poll_timer_at: Option<Millis>,
    /// Counts the processes that it has had: what is sent to an earlier one does not reach this one.
    incarnation: u32,
    is_running: bool,
    processing: Processing,
    /// What the member ids are made of that it chooses itself.
    id_seed: u128,
}

/// Parts the ids of one consumer's processes.
const NEXT_ID: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;

impl Consumer {
    /// Hashes what can still act, without what is kept to be shown.
    pub fn hash_behavior(&self, hasher: &mut DigestHasher) {
        let Self {
            number,
            client_id: _,
            group,
            subscription,
            initial_subscription,
            initial_partitions,
            poll_mode,
            commit_mode,
            process_mode,
            is_of_application,
            settings,
            metadata,
            requests,
            fetch_latency: _,
            poll,
            thrown,
            membership,
            assigned,
            fetched,
            fetch_sessions,
            commit,
            next_auto_commit_at,
            last_poll_at,
            last_records: _,
            records_read: _,
            poll_timer_at,
            incarnation,
            is_running,
            processing,
            id_seed,
        } = self;
        (subscription, initial_subscription, initial_partitions).hash(hasher);
        (number, group, poll_mode, commit_mode, settings, metadata, requests, poll, thrown).hash(hasher);
        (membership, assigned, fetched, fetch_sessions, commit, next_auto_commit_at, last_poll_at, poll_timer_at)
            .hash(hasher);
        (process_mode, is_of_application, incarnation, is_running, processing, id_seed).hash(hasher);
    }

    /// A consumer that has not spoken to anybody. Every wrong setting is named.
    pub fn new(
        number: u32,
        config: &ConsumerConfig,
        bootstrap: Vec<i32>,
        mut random: Random,
    ) -> Result<Self, Vec<CommandError>> {
        let settings = ConsumerSettings::of_consumer(&config.settings)?;
        let initial_subscription = Subscription::at_start(config, &settings);
        let initial_partitions: BTreeSet<TopicPartition> = config.assign.iter().cloned().collect_ordered();
        let metadata = Metadata::new(bootstrap, &mut random);
        let id_seed = random.id();
        let client_id = match settings.client_id.as_str() {
            "" => format!("consumer-{}-{number}", config.group).into(),
            configured => configured.into(),
        };
        Ok(Self {
            number,
            client_id,
            group: config.group.clone(),
            subscription: initial_subscription.clone(),
            initial_subscription,
            initial_partitions: initial_partitions.into_iter().collect(),
            poll_mode: config.poll,
            commit_mode: config.commit,
            process_mode: config.process,
            is_of_application: config.writes.is_some(),
            membership: Membership::new(&settings, || own_member_id(id_seed, 0)),
            requests: InFlightRequests::new(IdleExpiry::new(settings.connections_max_idle_ms)),
            settings,
            metadata,
            fetch_latency: RequestLatency::default(),
            poll: Poll::NotStarted,
            thrown: None,
            assigned: FlatMap::new(),
            fetched: VecDeque::new(),
            fetch_sessions: FlatMap::new(),
            commit: None,
            next_auto_commit_at: 0,
            last_poll_at: 0,
            last_records: VecDeque::new(),
            records_read: 0,
            poll_timer_at: None,
            incarnation: 0,
            is_running: !config.is_down,
            processing: Processing::default(),
            id_seed,
        })
    }

    /// The application subscribes, or assigns its partitions, and polls for the first time. One that polls by hand goes away once the consumer has
    /// its partitions and knows where to read on.
    pub fn start(&mut self, now: Millis, fx: &mut Effects) {
        self.is_running = true;
        if self.poll == Poll::NotStarted {
            self.poll = match self.poll_mode {
                PollMode::Continuous => Poll::UntilRecords { has_fetched: false },
                PollMode::Manual => Poll::UntilPositioned,
            };
            if self.subscription == Subscription::Partitions {
                let partitions = self.initial_partitions.clone();
                self.take_assignment(partitions, now, fx);
            }
        }
        self.run(now, fx);
    }

    /// The application polls. Without a subscription Kafka throws an `IllegalStateException`.
    pub fn poll(&mut self, now: Millis, fx: &mut Effects) -> Result<(), CommandError> {
        if self.subscription == Subscription::None {
            return Err(CommandError::NotSubscribed { consumer: self.number });
        }
        if !matches!(self.poll, Poll::UntilRecords { .. }) {
            self.poll = Poll::UntilRecords { has_fetched: false };
        }
        self.thrown = None;
        if self.next_auto_commit_at <= now {
            self.auto_commit(now, fx);
        }
        self.run(now, fx);
        Ok(())
    }

    /// The application commits its position (`commitSync`).
    pub fn commit(&mut self, now: Millis, fx: &mut Effects) -> Result<(), CommandError> {
        if !self.begin_commit(now) {
            return Err(CommandError::NothingToCommit { consumer: self.number });
        }
        self.run(now, fx);
        Ok(())
    }

    /// An answer, the end of a peer, or a timer.
    pub fn handle(&mut self, input: Input<ConsumerTimer>, now: Millis, fx: &mut Effects) {
        match input {
            Input::Answer { from, correlation_id, response } => {
                let client = self.actor();
                match self.requests.answered(fx, correlation_id, &response, now) {
                    Answered::Request(open) => {
                        if open.api == ApiKey::Fetch {
                            self.fetch_latency.record(now.saturating_sub(open.sent_at), now);
                        }
                        self.answered(from, open, *response, now, fx);
                    }
                    Answered::ApiVersions => fx.explain(Explanation::ConnectionReady { client, node: from }),
                    Answered::Late => return fx.explain(Explanation::LateAnswer { to: client, api: response.api() }),
                }
            }
            Input::Disconnected { node, port, purpose } => self.disconnected(node, port, purpose, now, fx),
            Input::RequestTimeout => {
                let backoff = self.settings.reconnect_backoff();
                for expired in self.requests.take_expired(fx, |_| backoff, now) {
                    let (from, to) = (self.actor(), Actor::Node(expired.to));
                    fx.change(Change::TimedOut { from, to, api: expired.api });
                    fx.explain(Explanation::RequestGivenUp { actor: from, to, api: expired.api });
                    self.connection_lost(expired.to, expired.purpose());
                    self.lost(expired, now, fx);
                }
            }
            Input::IdleConnections => {
                for (node, port, purpose) in self.requests.close_idle(fx, self.actor(), now) {
                    self.disconnected(node, port, purpose, now, fx);
                }
            }
            Input::Timer(ConsumerTimer::Metadata) => self.metadata.timer_fired(),
            Input::Timer(ConsumerTimer::Poll) => self.poll_timer_at = None,
            Input::Timer(ConsumerTimer::Heartbeat) => self.heartbeat_due(now, fx),
            Input::Timer(ConsumerTimer::AutoCommit) if self.poll_mode == PollMode::Continuous => {
                self.auto_commit(now, fx);
            }
            // The cluster runs applications: they have two clients.
            Input::Timer(ConsumerTimer::Application) => {}
            // The application polls by itself no more.
            Input::Timer(ConsumerTimer::AutoCommit) => {}
        }
        self.run(now, fx);
        fx.explain(Explanation::ConsumerIdle { consumer: self.number });
    }

    fn answered(
        &mut self,
        from: i32,
        open: InFlightRequest<PendingRequest>,
        response: Response,
        now: Millis,
        fx: &mut Effects,
    ) {
        match (open.context, response) {
            (PendingRequest::Metadata { is_of_all }, Response::Metadata(answer)) => {
                let (retry_ms, age_ms) = (self.settings.retry_backoff_ms, self.settings.metadata_max_age_ms);
                if self.metadata.learn(&answer, now, retry_ms, age_ms) {
                    fx.change(Change::MetadataLearned { client: self.actor() });
                }
                fx.explain(Explanation::ConsumerLearnsMetadata { consumer: self.number, node: from });
                self.assigned.values_mut().for_each(|assigned| assigned.awaits_metadata = false);
                if is_of_all {
                    self.match_pattern(&answer, fx);
                }
                self.metadata_learned();
            }
            (PendingRequest::FindCoordinator, Response::FindCoordinator(answer)) => {
                self.found_coordinator(&answer, now, fx)
            }
            (PendingRequest::Join, Response::JoinGroup(answer)) => self.joined(answer, now, fx),
            (PendingRequest::Sync { generation }, Response::SyncGroup(answer)) => {
                self.synced(generation, answer, now, fx)
            }
            (PendingRequest::Heartbeat { generation }, Response::Heartbeat(answer)) => {
                fx.explain(Explanation::Nothing);
                self.group_error(ApiKey::Heartbeat, answer.error_code, generation, now, fx);
            }
            (PendingRequest::Leave, Response::LeaveGroup(_)) => {}
            (
                PendingRequest::ConsumerGroupHeartbeat { is_leaving, member_epoch },
                Response::ConsumerGroupHeartbeat(answer),
            ) => {
                if !is_leaving {
                    self.heartbeat_answered(member_epoch, &answer, now, fx);
                }
            }
            (PendingRequest::Commit { generation, offsets }, Response::OffsetCommit(answer)) => {
                self.committed(generation, &offsets, &answer, now, fx);
            }
            (PendingRequest::AutoCommit { offsets }, Response::OffsetCommit(answer)) => {
                self.auto_committed(&offsets, &answer, now, fx);
            }
            (PendingRequest::OffsetFetch { generation }, Response::OffsetFetch(answer)) => {
                self.offsets_fetched(generation, &answer, now, fx);
            }
            (PendingRequest::ListOffsets { partitions }, Response::ListOffsets(answer)) => {
                self.offsets_listed(&partitions, &answer, now, fx);
            }
            (PendingRequest::OffsetForLeaderEpoch { positions }, Response::OffsetForLeaderEpoch(answer)) => {
                self.epoch_ends_answered(from, &positions, &answer, now, fx);
            }
            (PendingRequest::Fetch { partitions }, Response::Fetch(answer)) => {
                self.fetch_answered(from, &partitions, &answer, now, fx);
            }
            // An answer to something else: as good as none.
            (context, _) => self.lost(InFlightRequest { context, ..open }, now, fx),
        }
    }

    fn actor(&self) -> Actor {
        Actor::Consumer(self.number)
    }

    /// A connection broke: its requests are lost, and if the coordinator was at its other end it is to be found again.
    fn disconnected(&mut self, node: i32, port: Listener, purpose: Purpose, now: Millis, fx: &mut Effects) {
        self.connection_lost(node, purpose);
        let backoff = self.settings.reconnect_backoff();
        for lost in self.requests.take_all_on(node, port, purpose, backoff, now) {
            self.lost(lost, now, fx);
        }
    }

    /// A connection has ended: whom it led to may not be what it was.
    fn connection_lost(&mut self, node: i32, purpose: Purpose) {
        self.metadata.want();
        if purpose == Purpose::Coordinator && self.membership.coordinator == Some(node) {
            self.forget_coordinator();
        }
    }

    /// A request will not be answered.
    fn lost(&mut self, open: InFlightRequest<PendingRequest>, now: Millis, fx: &mut Effects) {
        let retry_ms = self.settings.retry_backoff_ms;
        match open.context {
            PendingRequest::Metadata { .. } => self.metadata.failed(now, retry_ms),
            PendingRequest::FindCoordinator => self.back_off(now),
            PendingRequest::OffsetFetch { .. } => self.forget_coordinator_and_wait(now),
            PendingRequest::Join | PendingRequest::Sync { .. } => {
                self.forget_coordinator_and_wait(now);
                self.membership.rejoin("DisconnectException");
            }
            PendingRequest::Heartbeat { .. } => self.forget_coordinator(),
            PendingRequest::Commit { .. } => {
                self.forget_coordinator();
                self.commit_failed_for_now(now);
            }
            PendingRequest::ConsumerGroupHeartbeat { is_leaving: false, .. } => {
                self.forget_coordinator();
                self.heartbeat_lost(now);
            }
            PendingRequest::AutoCommit { .. } => self.auto_commit_failed_for_now(now, fx),
            PendingRequest::ConsumerGroupHeartbeat { is_leaving: true, .. } | PendingRequest::Leave => {}
            PendingRequest::ListOffsets { partitions } => {
                let partitions: Vec<TopicPartition> = partitions.into_iter().map(|(partition, _)| partition).collect();
                self.partitions_failed(&partitions, now);
            }
            PendingRequest::OffsetForLeaderEpoch { positions } => self.ask_again(&positions, now),
            PendingRequest::Fetch { partitions } => {
                if let Some(session) = self.fetch_sessions.get_mut(&open.to) {
                    session.handle_error();
                }
                let partitions: Vec<TopicPartition> = partitions.into_iter().map(|(partition, _)| partition).collect();
                self.partitions_failed(&partitions, now);
            }
        }
        fx.explain(Explanation::ConsumerRecovers {
            consumer: self.number,
            api: open.api,
            error: ErrorCode::NetworkException,
        });
    }

    /// These partitions' requests failed: they wait a while, and for newer metadata.
    fn partitions_failed(&mut self, partitions: &[TopicPartition], now: Millis) {
        self.metadata.want();
        self.fetch_again();
        for partition in partitions {
            if let Some(assigned) = self.assigned.get_mut(partition) {
                assigned.awaits_metadata = true;
                assigned.preferred = None;
                assigned.back_off(now, self.settings.retry_backoff_ms);
            }
        }
    }

    /// An error that a poll cannot mend is thrown at the application.
    fn throw(&mut self, api: ApiKey, error: ErrorCode, fx: &mut Effects) {
        // Heartbeats go on, until the application has been away for `max.poll.interval.ms`.
        self.thrown = Some(Thrown::Error(api, error));
        fx.replace_explanation(Explanation::ConsumerRecovers { consumer: self.number, api, error });
    }

    /// Whether the application is in a poll that can do something.
    fn is_polling(&self) -> bool {
        let is_in_poll = matches!(self.poll, Poll::UntilPositioned | Poll::UntilRecords { .. });
        is_in_poll
            && self.subscription != Subscription::None
            && self.thrown.is_none()
            && self.commit.as_ref().is_none_or(|commit| !commit.is_awaited)
    }

    /// Does all that can be done now.
    fn run(&mut self, now: Millis, fx: &mut Effects) {
        self.drive_commit(now, fx);
        if self.is_polling() {
            self.last_poll_at = now;
            self.drive_membership(now, fx);
        }
        self.drive_heartbeats(now, fx);
        if self.is_polling() {
            self.drive_positions(now, fx);
            self.drive_overdue_auto_commit(now, fx);
        }
        // Each poll that returns records may be followed by a commit, which the next poll waits for.
        while self.is_polling() && self.deliver(now, fx) {
            self.drive_commit(now, fx);
        }
        if self.is_polling() {
            self.drive_fetches(now, fx);
        }
        let load = |node| self.requests.load(node, Listener::Broker, ApiKey::Metadata, now);
        if self.poll != Poll::NotStarted
            && let Some(node) = self.metadata.ask(ConsumerTimer::Metadata, load, now, fx)
        {
            let (request, is_of_all) = self.metadata_request();
            self.send(node, request, PendingRequest::Metadata { is_of_all }, now, fx);
        }
        self.set_poll_timer(now, fx);
    }

    fn send(&mut self, to: i32, request: Request, pending: PendingRequest, now: Millis, fx: &mut Effects) {
        let deadline = now.saturating_add(self.settings.request_timeout_ms);
        self.requests.send(fx, to, Listener::Broker, request, deadline, pending);
    }

    fn is_open(&self, is_it: impl Fn(&PendingRequest) -> bool) -> bool {
        self.requests.iter().any(|open| is_it(&open.context))
    }

    /// Sets the one timer of all that waits a while.
    fn set_poll_timer(&mut self, now: Millis, fx: &mut Effects) {
        let is_polling = self.is_polling();
        let of_group = (self.commit.is_some() || is_polling).then_some(self.membership.not_before);
        let of_commit = self.commit.as_ref().map(|commit| commit.not_before);
        let assigned = self.assigned.values().filter(|_| is_polling).map(|assigned| assigned.not_before);
        let wanted = assigned.chain(of_group).chain(of_commit).filter(|at| *at > now).min();
        if self.poll_timer_at != wanted {
            self.poll_timer_at = wanted;
            fx.timers.push((ConsumerTimer::Poll.into(), wanted));
        }
    }

    /// Changes a setting, by its real name, from now on.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), CommandError> {
        self.settings.set_of_consumer(name, value)
    }
}

/// The id that a member chooses itself (`Uuid.randomUuid().toString()`), one for every process.
fn own_member_id(seed: u128, incarnation: u32) -> String {
    Uuid(seed.wrapping_add(NEXT_ID.wrapping_mul(u128::from(incarnation)))).to_string()
}
