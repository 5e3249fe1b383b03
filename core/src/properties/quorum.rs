//! `controller.quorum.voters` and `controller.quorum.bootstrap.servers` (`QuorumConfig`), with Kafka's own refusals.

use crate::settings::listeners::is_host;
use crate::sort::SharedSort;
use crate::wire::hash_order::{SMALL_SET_MAX, sort_as_immutable_set};

/// An entry of `controller.quorum.voters`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    /// `node.id` of the controller.
    pub id: i32,
    /// Its host, whatever was written there.
    pub host: String,
    /// Its port.
    pub port: Option<i32>,
}

impl Voter {
    /// `host:port`.
    pub fn address(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }
}

/// Reads an entry that Kafka takes (`parseVoterConnections`). The error is Kafka's message.
pub fn parse_voter(entry: &str) -> Result<Voter, String> {
    let form = "Each entry should be in the form `{id}@{host}:{port}`.";
    let of_setting = "for the configuration controller.quorum.voters";
    // Java's split drops empty texts at the end.
    let mut parts: Vec<&str> = entry.split('@').collect();
    while parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
    }
    let [id, address] = parts[..] else {
        return Err(format!("Invalid configuration value for controller.quorum.voters. {form}"));
    };
    let id: i32 = id.parse().map_err(|_| format!("Failed to parse voter ID as an integer from {id}"))?;
    let Some((host, port)) = host_and_port(address) else {
        return Err(format!("Failed to parse host name from entry {entry} {of_setting}. {form}"));
    };
    match port.parse::<i32>() {
        Ok(port @ 0..=65_535) => Ok(Voter { id, host: host.to_owned(), port: Some(port) }),
        Ok(port) => Err(format!("port out of range:{port}")),
        Err(_) => Err(format!("For input string: \"{port}\"")),
    }
}

/// Reads as much of an entry as one can, so that more than its syntax can be looked at: a placeholder may stand for a host.
pub fn guess_voter(entry: &str) -> Option<Voter> {
    let (id, address) = entry.split_once('@')?;
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) => (host, port.trim().parse().ok()),
        None => (address, None),
    };
    Some(Voter { id: id.trim().parse().ok()?, host: host.to_owned(), port })
}

/// Checks an entry of `controller.quorum.bootstrap.servers` (`parseBootstrapServer`). The error is Kafka's message.
pub fn check_bootstrap_server(entry: &str) -> Result<(), String> {
    let of_setting = "for the configuration controller.quorum.bootstrap.servers";
    match host_and_port(entry) {
        Some((_, port)) if port.parse::<i32>().is_ok_and(|port| port <= 65_535) => Ok(()),
        Some((_, port)) => Err(format!("port out of range:{port}")),
        None => Err(format!(
            "Failed to parse host name from {entry} {of_setting}. Each entry should be in the form \"{{host}}:{{port}}\""
        )),
    }
}

/// `Utils.HOST_PORT_PATTERN`: a scheme before it is passed over, brackets around an IPv6 address are taken off.
fn host_and_port(address: &str) -> Option<(&str, &str)> {
    let is_of_scheme = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '%' | '.' | '_');
    let address = match address.split_once("://") {
        Some((scheme, rest)) if scheme.chars().all(is_of_scheme) => rest,
        _ => address,
    };
    let (host, port) = address.rsplit_once(':')?;
    let host = host.strip_prefix('[').unwrap_or(host);
    let host = host.strip_suffix(']').unwrap_or(host);
    let is_port = !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit());
    (is_port && is_host(host)).then_some((host, port))
}

/// Voters as a message prints them: a Java map's keys as a Scala set.
pub fn printed(voters: &[Voter]) -> String {
    let mut ids: Vec<i32> = Vec::new();
    for voter in voters {
        if !ids.contains(&voter.id) {
            ids.push(voter.id);
        }
    }
    // The map is made as large as there are entries, and grows beyond three quarters of that.
    let mut table = voters.len().next_power_of_two();
    while ids.len() > table * 3 / 4 {
        table *= 2;
    }
    ids.shared_sort_by_key(|id| (*id ^ (*id >> 16)) as usize & (table - 1));
    let class = if ids.len() <= SMALL_SET_MAX { "Set" } else { "HashSet" };
    let ids: Vec<String> = sort_as_immutable_set(ids, |id| *id).iter().map(i32::to_string).collect();
    format!("{class}({})", ids.join(", "))
}
