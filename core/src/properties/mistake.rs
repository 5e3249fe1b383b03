//! What is wrong or unwise in property files, each with its place.

use serde::Serialize;

use crate::settings::Unmodelled;

/// Where in the files something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Which file, from 0.
    pub file: u32,
    /// The line, from 1; none where it is about what is not there.
    pub line: Option<u32>,
}

/// A mistake: the cluster cannot be built with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Problem,
    /// What Kafka 4.3 says when a node is started with it; none where it starts, and does not work.
    pub kafka: Option<String>,
}

/// A warning: it is legal, and unwise or without effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Where.
    pub place: Place,
    /// What.
    pub caution: Caution,
}

/// What is wrong. The page's message for it, with its cure, has the id `mistake-` and the kebab-case name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "mistake", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are the arguments of the messages that word the variants")]
pub enum Problem {
    /// There is no file.
    NoFiles {},
    /// There are more files, or longer ones, than are read.
    TooLarge { what: String, limit: u32 },
    /// A `\u` without four hexadecimal digits.
    MalformedEscape { name: String },
    /// The file begins with a byte order mark, which becomes part of the first key.
    ByteOrderMark { name: String },
    /// A placeholder such as `${}name}` that nothing can fill in.
    BrokenPlaceholder { name: String, text: String },
    /// A placeholder such as `${host}` that was not filled in.
    UnfilledPlaceholder { name: String, text: String },
    /// What follows a value and begins with a number sign belongs to it: Java knows comments only on lines of their own.
    CommentBehindValue { name: String, comment: String },
    /// A setting is missing that has no default.
    MissingSetting { name: String },
    /// A file of the ZooKeeper era.
    ZookeeperMode {},
    /// A setting does not take its value.
    InvalidValue { name: String, value: String },
    /// The value is right for Kafka and too large for this engine.
    BeyondEngine { name: String, value: String, expected: String },
    /// Settings that do not fit each other.
    SettingsDisagree { name: String },
    /// `node.id` and `broker.id` are both there, and differ.
    NodeIdAndBrokerId { node_id: String, broker_id: String },
    /// Neither `controller.quorum.voters` nor `controller.quorum.bootstrap.servers`.
    NoQuorum {},
    /// An entry of `controller.quorum.voters` is not `id@host:port`.
    VoterSyntax { entry: String },
    /// An entry of `controller.quorum.bootstrap.servers` is not `host:port`.
    BootstrapServerSyntax { entry: String },
    /// One voter is there twice.
    VoterTwice { voter: i32 },
    /// Two voters have one address.
    VotersAtOneAddress { voter: i32, other: i32, address: String },
    /// A controller that does not vote.
    ControllerNotAmongVoters { node: i32, voters: Vec<i32> },
    /// A broker that is told to vote.
    BrokerAmongVoters { node: i32 },
    /// An entry of `listeners` or `advertised.listeners` is not `NAME://host:port`.
    ListenerSyntax { name: String, entry: String },
    /// A listener's name has no security protocol.
    ListenerWithoutProtocol { listener: String },
    /// `listener.security.protocol.map` names a protocol that does not exist.
    UnknownProtocol { protocol: String },
    /// `listener.security.protocol.map` has an entry without a colon.
    ProtocolMapSyntax { entry: String },
    /// Two listeners of one name.
    ListenerTwice { listener: String },
    /// Two listeners of a node at one port.
    ListenersAtOnePort { port: i32 },
    /// A controller without a listener of `controller.listener.names`.
    NoControllerListener { names: Vec<String>, listeners: Vec<String> },
    /// `controller.listener.names` names a listener that is not there.
    UnknownControllerListener { name: String, listeners: Vec<String> },
    /// A broker listens where controllers do.
    BrokerWithControllerListener { listener: String },
    /// A controller listens where brokers do.
    ControllerWithBrokerListener { listener: String },
    /// A broker does not know how controllers are spoken to.
    ControllerListenerWithoutProtocol { listener: String },
    /// A broker without a listener for clients.
    NoBrokerListener {},
    /// Brokers speak to each other at a listener that is not there.
    UnknownInterBrokerListener { listener: String, listeners: Vec<String> },
    /// `inter.broker.listener.name` and `security.inter.broker.protocol` are both there.
    InterBrokerTwice {},
    /// A listener is advertised that is not there.
    UnknownAdvertisedListener { listener: String, listeners: Vec<String> },
    /// `0.0.0.0` is advertised: nobody can connect to it.
    AdvertisedEverywhere { listener: String },
    /// Two nodes have one `node.id`.
    NodeTwice { node: i32, file: String },
    /// Two nodes name other voters.
    VotersDiffer { file: String, here: String, there: String },
    /// Two voters follow their leader by other protocols.
    RaftDiffers { file: String, here: String, there: String },
    /// Two nodes name another address for one voter.
    VoterAddressDiffers { voter: i32, file: String, here: String, there: String },
    /// A voter has no file here.
    VoterWithoutFile { voter: i32 },
    /// A voter's listener is at another port than the voters say.
    VoterPortDiffers { voter: i32, port: i32, listens: i32 },
    /// Two nodes listen at one host and port.
    PortClash { address: String, file: String },
    /// No node is a broker.
    NoBroker {},
    /// No node is a controller.
    NoController {},
    /// A number that this engine bounds.
    OutOfRange { name: String, value: i64, min: i64, max: i64 },
    /// An internal topic wants more replicas than there are brokers.
    TooFewBrokers { name: String, wanted: i64, brokers: i64 },
    /// A directory was not formatted.
    UnformattedDirectory { directory: String },
    /// A directory was formatted for another cluster.
    ForeignCluster { directory: String, expected: String, found: String },
    /// A directory was formatted for another node.
    ForeignNode { directory: String, expected: i32, found: i32 },
}

/// What is legal, and unwise or without effect. The page's message for it has the id `caution-` and the kebab-case name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "caution", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are the arguments of the messages that word the variants")]
pub enum Caution {
    /// A key is there again further down.
    DuplicateKey { name: String, last: u32 },
    /// No such setting; perhaps another one was meant.
    UnknownSetting { name: String, meant: String },
    /// No such setting.
    CustomSetting { name: String },
    /// The setting changes nothing in this engine.
    NoEffectHere { name: String, reason: Unmodelled },
    /// Java reads other letters from the file.
    NotLatin { name: String },
    /// Broker and controller in one process: not for production.
    CombinedRoles { nodes: u32 },
    /// As many voters as bear no failure more than one less would.
    EvenVoters { voters: u32, tolerated: u32 },
    /// Voters are set when the directories are formatted, which the files do not say: these vote at first.
    DynamicQuorum { voters: String },
    /// `controller.quorum.bootstrap.servers` is not looked at beside `controller.quorum.voters`.
    BootstrapServersUnused {},
    /// Copies of one: a broker that is lost takes data along.
    ReplicationFactorOne { name: String },
    /// Every replica has to be in sync: one that fails stops writes.
    MinIsrIsFactor { name: String, factor_name: String, factor: i64 },
    /// A default that wants more brokers than there are.
    DefaultNeedsBrokers { name: String, wanted: i64, brokers: i64 },
    /// Acknowledged records may be lost.
    UncleanElection {},
    /// The directory is emptied when the machine is started.
    TemporaryDirectory { directory: String },
    /// `log.dir` is not looked at beside `log.dirs`.
    LogDirUnused {},
    /// Clients on other machines are sent to themselves.
    AdvertisedLoopback { address: String },
}

impl Problem {
    /// The kebab-case name.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}

impl Caution {
    /// The kebab-case name.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}
