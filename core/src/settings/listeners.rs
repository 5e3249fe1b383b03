//! `listeners`, `advertised.listeners` and `listener.security.protocol.map` (`SocketServerConfigs`, `CoreUtils`), with Kafka's own
//! refusals.

use std::collections::BTreeMap;

/// What is wrong with a list of listeners, or with the protocols of their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenerFault {
    /// An entry is no listener.
    Syntax {
        /// The entry.
        entry: String,
    },
    /// A listener has no protocol.
    WithoutProtocol {
        /// Its name.
        listener: String,
    },
    /// Two listeners have one name.
    Twice {
        /// The name.
        listener: String,
    },
    /// Listeners have one port.
    AtOnePort {
        /// The port.
        port: i32,
    },
    /// An entry of the map is none.
    MapSyntax {
        /// The entry.
        entry: String,
    },
    /// No such protocol.
    UnknownProtocol {
        /// What stands there.
        protocol: String,
    },
}

/// One listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerAddress {
    /// Its name, in capitals.
    pub name: String,
    /// Its host; empty for every address of the machine.
    pub host: String,
    /// Its port.
    pub port: i32,
}

/// `SecurityProtocol`.
pub const PROTOCOLS: [&str; 4] = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];

/// Reads `NAME://host:port` as `URI_PARSE_REGEXP` does.
pub fn parse(entry: &str) -> Option<ListenerAddress> {
    let (name, address) = entry.rsplit_once("://")?;
    let (host, port) = address.rsplit_once(':')?;
    let host = host.strip_prefix('[').unwrap_or(host);
    let host = host.strip_suffix(']').unwrap_or(host);
    let digits = port.strip_prefix('-').unwrap_or(port);
    let is_port = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    if !is_port || !is_host(host) {
        return None;
    }
    Some(ListenerAddress { name: name.to_uppercase(), host: host.to_owned(), port: port.parse().ok()? })
}

/// A controller that listens under none of its names.
pub const NO_CONTROLLER_LISTENER: &str = "requirement failed: controller.listener.names must contain at least one value appearing in the \
    'listeners' configuration when running the KRaft controller role";

/// Kafka's words for a listener that is advertised and is none.
pub fn advertises_others(advertised: &[String], own: &[String]) -> String {
    format!(
        "requirement failed: advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. Found {}. \
         The valid options based on the current configuration are {}",
        advertised.join(","),
        own.join(",")
    )
}

/// `Utils.VALID_HOST_CHARACTERS`.
pub fn is_host(host: &str) -> bool {
    host.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '%' | '.' | '_' | ':'))
}

/// Reads as much of an entry as one can: a placeholder may stand for a host.
pub fn guess(entry: &str) -> Option<ListenerAddress> {
    let (name, address) = entry.split_once("://")?;
    let (host, port) = address.rsplit_once(':')?;
    Some(ListenerAddress { name: name.to_uppercase(), host: host.to_owned(), port: port.trim().parse().ok()? })
}

/// The protocols of listeners by name (`effectiveListenerSecurityProtocolMap`).
#[derive(Clone, Debug, Default)]
pub struct ProtocolMap {
    /// By the listener's name, in capitals.
    pub by_listener: BTreeMap<String, String>,
    /// What is wrong with the setting, and Kafka's words for it.
    pub refusals: Vec<(ListenerFault, String)>,
}

/// Kafka's default of the setting.
const DEFAULT_MAP: &str = "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT";

/// Reads `listener.security.protocol.map`. Where it is not set, controllers' listeners are plain text unless something is encrypted.
pub fn protocol_map(setting: Option<&str>, controller_names: &[String], listeners: &[String]) -> ProtocolMap {
    let mut map = ProtocolMap::default();
    let items = setting.unwrap_or(DEFAULT_MAP).split(',').map(str::trim).filter(|item| !item.is_empty());
    for item in items {
        let Some((listener, protocol)) = item.rsplit_once(':') else {
            let message = format!(
                "Error parsing configuration property 'listener.security.protocol.map': begin 0, end -1, length {}",
                item.chars().count()
            );
            map.refusals.push((ListenerFault::MapSyntax { entry: item.to_owned() }, message));
            continue;
        };
        let (listener, protocol) = (listener.trim().to_uppercase(), protocol.trim());
        if !PROTOCOLS.iter().any(|known| known.eq_ignore_ascii_case(protocol)) {
            let message = format!("Invalid security protocol `{protocol}` defined in listener.security.protocol.map");
            map.refusals.push((ListenerFault::UnknownProtocol { protocol: protocol.to_owned() }, message));
        }
        map.by_listener.insert(listener, protocol.to_uppercase());
    }
    if setting.is_none() {
        let is_secure = |name: &str| name != "PLAINTEXT" && PROTOCOLS.contains(&name);
        let names = listeners.iter().filter_map(|listener| listener.split_once("://"));
        if !controller_names.iter().any(|name| is_secure(name)) && !names.into_iter().any(|(name, _)| is_secure(name)) {
            for name in controller_names {
                map.by_listener.insert(name.clone(), "PLAINTEXT".to_owned());
            }
        }
    }
    map
}

/// What Kafka has against a list of listeners (`listenerListToEndPoints`), each with its words.
pub fn refusals(entries: &[String], map: &ProtocolMap, requires_distinct_ports: bool) -> Vec<(ListenerFault, String)> {
    let printed = format!("[{}]", entries.join(", "));
    let refuse = |why: &str| format!("Error creating broker listeners from '{printed}': {why}");
    let mut found = Vec::new();
    let mut parsed: Vec<ListenerAddress> = Vec::new();
    for entry in entries {
        let Some(listener) = parse(entry) else {
            let port = entry.rsplit_once(':').map_or("", |(_, port)| port);
            let is_number =
                entry.contains("://") && !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit());
            let why = match is_number && port.parse::<i32>().is_err() {
                true => format!("For input string: \"{port}\""),
                false => format!("Unable to parse {entry} to a broker endpoint"),
            };
            found.push((ListenerFault::Syntax { entry: entry.clone() }, refuse(&why)));
            continue;
        };
        if !map.by_listener.contains_key(&listener.name) {
            let why = format!("No security protocol defined for listener {}", listener.name);
            found.push((ListenerFault::WithoutProtocol { listener: listener.name.clone() }, refuse(&why)));
        }
        parsed.push(listener);
    }
    for (at, listener) in parsed.iter().enumerate() {
        if parsed[..at].iter().any(|other| other.name == listener.name) {
            let why = format!("Each listener must have a different name, listeners: {printed}");
            found.push((ListenerFault::Twice { listener: listener.name.clone() }, refuse(&why)));
        }
    }
    if requires_distinct_ports {
        found.extend(port_refusals(&parsed, &printed).into_iter().map(|(fault, why)| (fault, refuse(&why))));
    }
    found
}

fn port_refusals(listeners: &[ListenerAddress], printed: &str) -> Vec<(ListenerFault, String)> {
    let is_v4 = |host: &str| host.split('.').count() == 4 && host.split('.').all(|part| part.parse::<u8>().is_ok());
    let is_v6 = |host: &str| host.contains(':');
    let mut found = Vec::new();
    for (at, listener) in listeners.iter().enumerate() {
        let port = listener.port;
        let same: Vec<&ListenerAddress> = listeners.iter().filter(|other| other.port == port).collect();
        let is_first = !listeners[..at].iter().any(|other| other.port == port);
        if port == 0 || same.len() < 2 || !is_first {
            continue;
        }
        let with_ip: Vec<&str> =
            same.iter().map(|other| other.host.as_str()).filter(|host| is_v4(host) || is_v6(host)).collect();
        let without_ip = same.len() - with_ip.len();
        let one_of_each = |one: &str, other: &str| (is_v4(one) && is_v6(other)) || (is_v6(one) && is_v4(other));
        let why = match with_ip[..] {
            _ if without_ip > 1 => format!("Each listener must have a different port, listeners: {printed}"),
            [] => continue,
            [one, other] if one_of_each(one, other) && without_ip == 0 => continue,
            [_, _] => format!(
                "If you have two listeners on the same port then one needs to be IPv4 and the other IPv6, listeners: \
                 {printed}, port: {port}"
            ),
            _ => format!(
                "Each listener must have a different port unless exactly one listener has an IPv4 address and the other \
                 IPv6 address, listeners: {printed}, port: {port}"
            ),
        };
        found.push((ListenerFault::AtOnePort { port }, why));
    }
    found
}
