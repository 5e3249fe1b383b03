//! The timers that endpoints set, each role a closed set of its own.

use std::rc::Rc;

use serde::Serialize;

/// A timer of any endpoint. An endpoint has at most one of each; setting it again moves it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timer {
    /// Any endpoint: the earliest open request has run out of time.
    RequestTimeout,
    /// Any endpoint: one of its connections may be idle for too long (`connections.max.idle.ms`).
    IdleConnections,
    /// A broker's.
    Broker(BrokerTimer),
    /// A controller's.
    Controller(ControllerTimer),
    /// A producer's.
    Producer(ProducerTimer),
    /// A consumer's.
    Consumer(ConsumerTimer),
    /// The admin client's.
    Admin(AdminTimer),
}

impl Timer {
    /// The kebab-case name; the page's message for it has the id `timer-` and this name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RequestTimeout => "request-timeout",
            Self::IdleConnections => "idle-connections",
            Self::Broker(timer) => timer.into(),
            Self::Controller(timer) => timer.into(),
            Self::Producer(timer) => timer.into(),
            Self::Consumer(timer) => timer.into(),
            Self::Admin(timer) => timer.into(),
        }
    }

    /// Whether it looks what has run out of time: before its time is up it would find nothing.
    pub fn is_deadline(&self) -> bool {
        match self {
            Self::RequestTimeout | Self::IdleConnections => true,
            Self::Broker(timer) => matches!(
                timer,
                BrokerTimer::Purgatory(_)
                    | BrokerTimer::GroupSession(_)
                    | BrokerTimer::GroupRebalance(_)
                    | BrokerTimer::GroupMemberJoin(_)
                    | BrokerTimer::GroupMemberSync(_)
            ),
            Self::Controller(timer) => match timer {
                ControllerTimer::Sessions
                | ControllerTimer::ElectionTimeout
                | ControllerTimer::FetchTimeout
                | ControllerTimer::CheckQuorum
                | ControllerTimer::BeginQuorumEpoch
                | ControllerTimer::AppendEntries
                | ControllerTimer::QuorumRetry
                | ControllerTimer::Shutdown
                | ControllerTimer::VoterChange
                | ControllerTimer::Purgatory(_) => true,
                ControllerTimer::Balance
                | ControllerTimer::Unclean
                | ControllerTimer::SnapshotCleaning
                | ControllerTimer::Registration => false,
            },
            Self::Producer(_) | Self::Consumer(_) | Self::Admin(_) => false,
        }
    }

    /// The kebab-case names of all timers, for the test that every one has its words.
    pub fn names() -> Vec<&'static str> {
        use strum::VariantNames;
        let of_roles = [
            BrokerTimer::VARIANTS,
            ControllerTimer::VARIANTS,
            ProducerTimer::VARIANTS,
            ConsumerTimer::VARIANTS,
            AdminTimer::VARIANTS,
        ];
        ["request-timeout", "idle-connections"].into_iter().chain(of_roles.into_iter().flatten().copied()).collect()
    }
}

/// The timers of a broker.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr, strum::VariantNames)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum BrokerTimer {
    /// Send the next heartbeat, or register.
    #[strum(serialize = "broker-heartbeat")]
    Heartbeat,
    /// The broker is not registered yet, and gives up (`initial.broker.registration.timeout.ms`).
    #[strum(serialize = "registration-timeout")]
    RegistrationTimeout,
    /// Fetch the metadata log again after a failure.
    MetadataFetch,
    /// Fetch from this leader again after a failure.
    ReplicaFetch(i32),
    /// Look whether followers lag (`replica.lag.time.max.ms` / 2).
    IsrExpiration,
    /// Propose an ISR again after a failure.
    AlterPartition,
    /// Write `replication-offset-checkpoint` (`replica.high.watermark.checkpoint.interval.ms`).
    HighWatermarkCheckpoint,
    /// Retention, compaction and the other log checkpoints.
    LogCleanup,
    /// A delayed operation in purgatory expires. The number is the broker's own.
    Purgatory(u64),
    /// Forward an admin request or create an internal topic again.
    ForwardRetry,
    /// Look for snapshots of the metadata log that may go (`metadata.max.retention.bytes`, `metadata.max.retention.ms`).
    #[strum(serialize = "snapshot-cleaning")]
    SnapshotCleaning,
    /// The transaction coordinator's: abort what is open for too long.
    #[strum(serialize = "transaction-abort")]
    TransactionAbort,
    /// The transaction coordinator's: forget ids that nobody uses (`transactional.id.expiration.ms`).
    #[strum(serialize = "transactional-id-expiration")]
    TransactionalIdExpiration,
    /// The transaction coordinator's: send markers again that were not written.
    #[strum(serialize = "transaction-markers")]
    TransactionMarkers,
    /// Ask a transaction's coordinator again about partitions. The number is the broker's own.
    #[strum(serialize = "add-partitions-to-txn-retry")]
    AddPartitionsToTxnRetry(u64),
    /// The group coordinator's: the join phase of a group ends.
    GroupJoin(Rc<str>),
    /// The group coordinator's: a member's session ends. Group and member.
    GroupSession(Rc<(String, String)>),
    /// A member of a consumer group has not given up in time what it had to. Group and member.
    GroupRebalance(Rc<(String, String)>),
    /// A member that speaks the classic protocol in a consumer group has not joined again in time. Group and member.
    GroupMemberJoin(Rc<(String, String)>),
    /// Such a member has not synced in time. Group and member.
    GroupMemberSync(Rc<(String, String)>),
    /// The group coordinator's: resolve the regular expressions that members of a group subscribe with.
    GroupRegex(Rc<str>),
    /// The group coordinator's: look for offsets that nobody needs any more in a partition of `__consumer_offsets`
    /// (`offsets.retention.check.interval.ms`).
    OffsetsExpiration(i32),
}

impl BrokerTimer {
    /// The timer of a group's join phase.
    pub fn group_join(group: &str) -> Self {
        Self::GroupJoin(group.into())
    }

    /// The timer of a member's session.
    pub fn group_session(group: &str, member: &str) -> Self {
        Self::GroupSession(Rc::new((group.to_owned(), member.to_owned())))
    }

    /// The timer of what a member has to give up.
    pub fn group_rebalance(group: &str, member: &str) -> Self {
        Self::GroupRebalance(Rc::new((group.to_owned(), member.to_owned())))
    }

    /// The timer of a member that has to join again.
    pub fn group_member_join(group: &str, member: &str) -> Self {
        Self::GroupMemberJoin(Rc::new((group.to_owned(), member.to_owned())))
    }

    /// The timer of a member that has to sync.
    pub fn group_member_sync(group: &str, member: &str) -> Self {
        Self::GroupMemberSync(Rc::new((group.to_owned(), member.to_owned())))
    }

    /// The timer of a group's regular expressions.
    pub fn group_regex(group: &str) -> Self {
        Self::GroupRegex(group.into())
    }
}

/// The timers of a controller.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr, strum::VariantNames)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ControllerTimer {
    /// Look whose session ran out (`broker.session.timeout.ms`).
    #[strum(serialize = "controller-sessions")]
    Sessions,
    /// Look for leaders to restore (`leader.imbalance.check.interval.seconds`).
    #[strum(serialize = "controller-balance")]
    Balance,
    /// Look for a leader for partitions without one, where unclean election is allowed.
    #[strum(serialize = "controller-unclean")]
    Unclean,
    /// No leader was found, or no majority, in time: ask for votes (`controller.quorum.election.timeout.ms`).
    #[strum(serialize = "election-timeout")]
    ElectionTimeout,
    /// The leader of the quorum did not answer a fetch in time (`controller.quorum.fetch.timeout.ms`).
    #[strum(serialize = "quorum-fetch-timeout")]
    FetchTimeout,
    /// See whether a majority still fetches.
    CheckQuorum,
    /// Tell voters that do not fetch who leads.
    BeginQuorumEpoch,
    /// Ask a node of the quorum again that failed (`controller.quorum.retry.backoff.ms`).
    QuorumRetry,
    /// A controller that ends has waited long enough for another leader.
    #[strum(serialize = "controller-shutdown")]
    Shutdown,
    /// Look for snapshots of the metadata log that may go (`metadata.max.retention.bytes`, `metadata.max.retention.ms`).
    #[strum(serialize = "snapshot-cleaning")]
    SnapshotCleaning,
    /// No answer to this controller's registration came in time, or it may register again.
    #[strum(serialize = "controller-registration")]
    Registration,
    /// A change of the voters takes too long (`controller.quorum.request.timeout.ms`).
    VoterChange,
    /// A fetch of the metadata log that waits expires. The number is the quorum's own.
    #[strum(serialize = "purgatory")]
    Purgatory(u64),
    /// Send the voters a heartbeat: only in textbook Raft.
    AppendEntries,
}

/// The timers of a producer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr, strum::VariantNames)]
#[serde(rename_all = "kebab-case")]
pub enum ProducerTimer {
    /// A partition's batch has lingered (`linger.ms`).
    #[strum(serialize = "producer-linger")]
    Linger,
    /// Try again after an error.
    #[strum(serialize = "producer-retry")]
    Retry,
    /// Refresh metadata.
    #[strum(serialize = "client-metadata")]
    Metadata,
    /// The next record of a perf test is due.
    #[strum(serialize = "perf-test")]
    PerfTest,
    /// The application around it has something to do with it now.
    #[strum(serialize = "application")]
    Application,
}

/// The timers of a consumer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr, strum::VariantNames)]
#[serde(rename_all = "kebab-case")]
pub enum ConsumerTimer {
    /// Refresh metadata.
    #[strum(serialize = "client-metadata")]
    Metadata,
    /// The application's next poll, or the next attempt of what the consumer was doing.
    #[strum(serialize = "consumer-poll")]
    Poll,
    /// The next group heartbeat.
    #[strum(serialize = "consumer-heartbeat")]
    Heartbeat,
    /// Auto commit (`auto.commit.interval.ms`).
    #[strum(serialize = "consumer-auto-commit")]
    AutoCommit,
    /// The application around it has something to do with it now.
    #[strum(serialize = "application")]
    Application,
}

/// The timers of the admin client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr, strum::VariantNames)]
#[serde(rename_all = "kebab-case")]
pub enum AdminTimer {
    /// Try again.
    #[strum(serialize = "admin-retry")]
    Retry,
}

/// A probe sets no timer: it waits as long as it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeTimer {}

/// Ties a role's timers to [`Timer`].
macro_rules! role_timers {
    ($($role:ident: $timers:ident),*) => {$(
        impl From<$timers> for Timer {
            fn from(timer: $timers) -> Self {
                Self::$role(timer)
            }
        }

        impl TryFrom<Timer> for $timers {
            type Error = Timer;

            fn try_from(timer: Timer) -> Result<Self, Timer> {
                match timer {
                    Timer::$role(timer) => Ok(timer),
                    other => Err(other),
                }
            }
        }
    )*};
}

role_timers! {
    Broker: BrokerTimer,
    Controller: ControllerTimer,
    Producer: ProducerTimer,
    Consumer: ConsumerTimer,
    Admin: AdminTimer
}

impl TryFrom<Timer> for ProbeTimer {
    type Error = Timer;

    fn try_from(timer: Timer) -> Result<Self, Timer> {
        Err(timer)
    }
}
