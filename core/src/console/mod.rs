//! The command line tools of Kafka 4.3: a line is parsed as they do, and answered with their columns and their words.
//!
//! A line that describes reads what the asked node knows, at once. A line that changes something is a request to that node, a
//! command of the run as any other; what the tool prints follows from the answer when it is there.

mod acls;
mod configs;
mod elections;
mod features;
mod groups;
mod loggers;
mod options;
mod quorum;
mod quotas;
mod reassign;
mod storage;
#[cfg(test)]
mod tests;
mod topics;

use serde::Serialize;
use strum::VariantArray;

use crate::actor::Listener;
use crate::authorizer::{AclOperation, AuthorizerSettings};
use crate::client::ProbeAnswer;
use crate::cluster::Cluster;
use crate::cluster::node::{Node, ProcessState};
use crate::command::Command;
use crate::metadata::MetadataImage;
pub use crate::properties::storage::ToolOutput;
use crate::wire::feature_levels::supported_features;
use crate::wire::{ApiKey, ErrorCode, Response, Topic};
use options::{Line, TOOLS, Tool};

/// What became of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The tool printed something, and has ended.
    Printed(ToolOutput),
    /// The tool has sent a request and waits: [`answered`] says what it prints once the answer is there.
    Sent {
        /// What it printed before.
        before: Vec<String>,
        /// The request.
        command: Box<Command>,
    },
    /// Something that is ours to say.
    Hint(Hint),
}

/// What the console itself says. The page's message for it has the id `console-` and the kebab-case name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "hint", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are the arguments of the messages that word the variants")]
pub enum Hint {
    /// Which tools there are.
    Tools { tools: Vec<String> },
    /// Which options a tool has.
    Options { tool: String, options: Vec<String> },
    /// There is no such tool.
    UnknownTool { tool: String },
    /// A quotation mark is not closed.
    OpenQuote {},
    /// A file is wanted; here its content is written in its place.
    WantsJson { option: String },
}

impl Hint {
    /// The kebab-case name.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}

/// The tools that there are, and `cat`.
pub fn tools() -> Vec<String> {
    TOOLS.iter().map(|tool| tool.name.to_owned()).chain(["cat".to_owned()]).collect()
}

/// Whether a tool is called so.
pub fn is_tool(name: &str) -> bool {
    name == "cat" || TOOLS.iter().any(|tool| tool.name == name)
}

/// Carries out a line. What it sends, `probe` sends.
pub fn execute(cluster: &Cluster, line: &str, probe: u32) -> Outcome {
    let Some(words) = options::words(line) else { return Outcome::Hint(Hint::OpenQuote {}) };
    let Some(name) = words.first() else { return Outcome::Printed(ToolOutput::default()) };
    if name == "cat" {
        return storage::cat(cluster, &words[1..]);
    }
    let Some(tool) = options::tool(name) else {
        return Outcome::Hint(match name.as_str() {
            "help" => Hint::Tools { tools: TOOLS.iter().map(|tool| tool.name.to_owned()).collect() },
            other => Hint::UnknownTool { tool: other.to_owned() },
        });
    };
    let line = match Line::parse(tool, &words[1..]) {
        Ok(line) => line,
        Err(message) => return failed(message),
    };
    if line.has("--help") || words.len() == 1 {
        let options =
            tool.options.iter().map(|(name, takes)| if *takes { format!("{name} …") } else { (*name).to_owned() });
        return Outcome::Hint(Hint::Options { tool: tool.name.to_owned(), options: options.collect() });
    }
    let asks = Asks { cluster, line: &line, probe };
    match tool.name {
        "kafka-topics" => topics::execute(&asks),
        "kafka-configs" => configs::execute(&asks),
        "kafka-metadata-quorum" => quorum::execute(&asks),
        "kafka-dump-log" => quorum::dump_log(&asks),
        "kafka-broker-api-versions" => quorum::api_versions(&asks),
        "kafka-consumer-groups" => groups::execute(&asks),
        "kafka-acls" => acls::execute(&asks),
        "kafka-storage" => storage::execute(&asks),
        "kafka-features" => features::execute(&asks),
        "kafka-leader-election" => elections::elect(&asks),
        "kafka-reassign-partitions" => reassign::execute(&asks),
        other => Outcome::Hint(Hint::UnknownTool { tool: other.to_owned() }),
    }
}

/// What a line's tool prints of the answer to what it sent; nothing while there is none.
pub fn answered(cluster: &Cluster, line: &str, answer: &ProbeAnswer) -> Option<ToolOutput> {
    let words = options::words(line)?;
    let tool = options::tool(words.first()?)?;
    let line = Line::parse(tool, &words[1..]).ok()?;
    if answer.closed {
        return Some(print_error(
            "org.apache.kafka.common.errors.DisconnectException: Cancelled request due to node being disconnected",
        ));
    }
    let response = answer.response.as_ref()?;
    Some(match response {
        Response::CreateTopics(_) | Response::DeleteTopics(_) | Response::CreatePartitions(_) => {
            topics::answered(response)
        }
        Response::IncrementalAlterConfigs(response) => configs::answered(&line, response),
        Response::AlterClientQuotas(response) => quotas::answered(&line, response),
        Response::ElectLeaders(response) => elections::elected(&line, response),
        Response::AddRaftVoter(response) => {
            quorum::answered(cluster, &line, response.error_code, response.error_message.as_deref())
        }
        Response::RemoveRaftVoter(response) => {
            quorum::answered(cluster, &line, response.error_code, response.error_message.as_deref())
        }
        Response::UpdateFeatures(response) => features::answered(&line, response),
        Response::AlterPartitionReassignments(response) => reassign::reassigned(&line, response),
        Response::CreateAcls(_) | Response::DeleteAcls(_) => acls::answered(response),
        _ => ToolOutput::default(),
    })
}

/// What a line may go on with at its end: whole words in place of the last one.
pub fn complete(cluster: &Cluster, line: &str) -> Vec<String> {
    let (before, last) = line.rsplit_once(char::is_whitespace).unwrap_or(("", line));
    let previous = before.split_whitespace().next_back().unwrap_or_default();
    let tool = before.split_whitespace().next().and_then(options::tool);
    let names: Vec<String> = match tool {
        None => TOOLS.iter().map(|tool| tool.name.to_owned()).chain(["help".to_owned()]).collect(),
        Some(tool) => values(cluster, tool, previous).unwrap_or_else(|| {
            let used = |name: &str| before.split_whitespace().any(|word| word == name);
            let options = tool.options.iter().map(|(name, _)| *name).filter(|name| !used(name));
            let options = options.filter(|name| name.starts_with("--") || !before.contains(name));
            options.map(str::to_owned).collect()
        }),
    };
    let mut fitting: Vec<String> = names.into_iter().filter(|name| name.starts_with(last)).collect();
    fitting.dedup();
    fitting
}

/// The values that an option takes, where they are known.
fn values(cluster: &Cluster, tool: &Tool, option: &str) -> Option<Vec<String>> {
    let topics =
        || cluster.image().map(|image| image.topic_ids.keys().map(|name| name.to_string()).collect::<Vec<_>>());
    let fixed = |all: &[&str]| Some(all.iter().map(|each| (*each).to_owned()).collect());
    match option {
        "--topic" => topics(),
        "--entity-name" => {
            let nodes = cluster.nodes().map(|node| node.config.id.to_string());
            Some(topics().unwrap_or_default().into_iter().chain(nodes).collect())
        }
        "--entity-type" => fixed(&["topics", "brokers", "broker-loggers", "users", "clients", "ips"]),
        "--operation" => Some(AclOperation::VARIANTS[2..].iter().map(|each| each.name().to_owned()).collect()),
        "--resource-pattern-type" => fixed(&["literal", "prefixed", "match", "any"]),
        "--election-type" => fixed(&["preferred", "unclean"]),
        "--bootstrap-server" => {
            Some(cluster.nodes().filter(|node| node.config.roles.is_broker()).map(address).collect())
        }
        "--feature" if tool.name == "kafka-features" => {
            Some(supported_features().map(|feature| feature.name).collect())
        }
        "--group" => Some(groups::names(cluster)),
        _ => tool.options.iter().any(|(name, takes)| *name == option && *takes).then(Vec::new),
    }
}

/// A line and whom it asks.
struct Asks<'a> {
    cluster: &'a Cluster,
    line: &'a Line,
    probe: u32,
}

impl<'a> Asks<'a> {
    /// The broker that is asked: that of `--bootstrap-server`, else the first that can answer. The error is what the tool prints
    /// where nobody does.
    fn broker(&self, call: &str) -> Result<&'a Node, Outcome> {
        let brokers = || self.cluster.nodes().filter(|node| node.config.roles.is_broker());
        let serves = |node: &&Node| {
            node.process == ProcessState::Running && node.broker.as_ref().is_some_and(|it| it.is_listening)
        };
        let unassigned = || failed(format!("Timed out waiting for a node assignment. Call: {call}"));
        let Some(servers) = self.line.value("--bootstrap-server") else {
            return brokers().find(serves).ok_or_else(unassigned);
        };
        let named: Vec<&Node> =
            servers.split(',').filter_map(|server| brokers().find(|node| is_at(node, server.trim()))).collect();
        if named.is_empty() {
            let unresolved = "org.apache.kafka.common.config.ConfigException: No resolvable bootstrap urls given in bootstrap.servers";
            return Err(failed(format!("Exception in thread \"main\" {unresolved}")));
        }
        named.into_iter().find(serves).ok_or_else(unassigned)
    }

    /// The asked broker and the metadata that it has.
    fn image(&self, call: &str) -> Result<(&'a Node, &'a MetadataImage), Outcome> {
        let node = self.broker(call)?;
        let broker = node
            .broker
            .as_ref()
            .ok_or_else(|| failed(format!("Timed out waiting for a node assignment. Call: {call}")))?;
        Ok((node, broker.image.as_ref()))
    }

    /// In whose name the tools ask, as the file of their `--command-config` would say: an administrator's, if there is one.
    fn principal(&self) -> Option<Topic> {
        let mut nodes = self.cluster.nodes();
        let settings = nodes.find_map(|node| AuthorizerSettings::of(&node.settings))?;
        settings.super_users.first().map(|user| Topic::from(user.as_str()))
    }

    /// A request to a broker.
    fn request(&self, to: i32, api: ApiKey, body: serde_json::Value) -> Outcome {
        let command = Command::Request {
            probe: self.probe,
            connection: None,
            to,
            port: Listener::Broker,
            api,
            version: None,
            principal: self.principal(),
            client_id: None,
            body,
        };
        Outcome::Sent { before: Vec::new(), command: Box::new(command) }
    }
}

/// Where clients reach a broker: `host:port` of its first listener for them.
fn address(node: &Node) -> String {
    let configured = &node.settings.configured;
    let controllers = configured.get("controller.listener.names").map_or("CONTROLLER", String::as_str);
    let listeners = configured.get("advertised.listeners").or_else(|| configured.get("listeners"));
    let mut entries =
        listeners.into_iter().flat_map(|all| all.split(',')).filter_map(|entry| entry.trim().split_once("://"));
    let found = entries.find(|(name, _)| !controllers.split(',').any(|other| other.trim() == *name));
    found.map_or_else(|| format!("localhost:{}", 9092), |(_, address)| address.to_owned())
}

/// Whether an address leads to a broker: its own, or this machine's where there is but one broker, or the node's number by itself.
fn is_at(node: &Node, server: &str) -> bool {
    let own = address(node);
    let (host, port) = server.rsplit_once(':').unwrap_or((server, "9092"));
    let (own_host, own_port) = own.rsplit_once(':').unwrap_or((&own, "9092"));
    let is_local = matches!(host, "localhost" | "127.0.0.1");
    port == own_port && (host == own_host || is_local || own_host.is_empty())
}

/// What is printed at once.
fn printed(stdout: Vec<String>) -> Outcome {
    Outcome::Printed(ToolOutput { stdout, stderr: Vec::new() })
}

fn failed(line: impl Into<String>) -> Outcome {
    Outcome::Printed(print_error(line))
}

fn print_error(line: impl Into<String>) -> ToolOutput {
    ToolOutput { stdout: Vec::new(), stderr: vec![line.into()] }
}

/// The exception that a client throws for an error (`Errors`).
fn exception(error: ErrorCode, message: Option<&str>) -> String {
    let name = match error {
        ErrorCode::TopicAlreadyExists => "TopicExistsException".to_owned(),
        ErrorCode::InvalidConfig => "InvalidConfigurationException".to_owned(),
        ErrorCode::RequestTimedOut => "TimeoutException".to_owned(),
        other => {
            let words = other.name().split('_').map(|word| {
                let (first, rest) = word.split_at(word.len().min(1));
                format!("{first}{}", rest.to_ascii_lowercase())
            });
            let name: String = words.collect();
            if name.ends_with("Exception") { name } else { format!("{name}Exception") }
        }
    };
    match message.filter(|message| !message.is_empty()) {
        Some(message) => format!("org.apache.kafka.common.errors.{name}: {message}"),
        None => format!("org.apache.kafka.common.errors.{name}"),
    }
}

/// Numbers with commas between them.
fn joined(ids: &[i32]) -> String {
    ids.iter().map(i32::to_string).collect::<Vec<_>>().join(",")
}
