//! `kafka-configs` of users, clients and addresses (`ConfigCommand.alterQuotaConfigs`, `describeQuotaConfigs`).

use serde_json::json;

use super::{Asks, Outcome, ToolOutput, exception, failed, print_error, printed};
use crate::console::options::Line;
use crate::metadata::MetadataImage;
use crate::settings::{java_double, parse_java_double};
use crate::wire::ApiKey;
use crate::wire::client_quotas::{
    AlterClientQuotasResponse, DescribeClientQuotasRequest, DescribedQuotas, QuotaComponent,
};
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map_of_size};

/// Flags that stand for a type and a name, in the tool's order.
const FLAGS: [(&str, &str); 3] = [("--client", CLIENTS), ("--user", USERS), ("--ip", IPS)];
/// Flags that stand for a type and its default.
const DEFAULTS: [(&str, &str); 3] =
    [("--client-defaults", CLIENTS), ("--user-defaults", USERS), ("--ip-defaults", IPS)];
const USERS: &str = "users";
const CLIENTS: &str = "clients";
const IPS: &str = "ips";
/// `QuotaConfig.isClientOrUserQuotaConfig`.
const OF_USERS_AND_CLIENTS: [&str; 4] =
    ["producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"];
/// The quota of an address.
const OF_IPS: &str = "connection_creation_rate";

/// Whom a line is about: types and names, each in the order in which the tool has them. An empty name is the default.
struct Entities<'a> {
    types: Vec<&'a str>,
    names: Vec<&'a str>,
}

impl<'a> Entities<'a> {
    fn of(line: &'a Line) -> Self {
        let given = |flags: [(&'static str, &'static str); 3]| flags.into_iter().filter(|(flag, _)| line.has(flag));
        let mut types: Vec<&str> = line.values("--entity-type").collect();
        types.extend(given(FLAGS).chain(given(DEFAULTS)).map(|(_, kind)| kind));
        let in_order = line.given().filter_map(|(name, value)| match name {
            "--entity-name" => Some(value.unwrap_or_default()),
            "--entity-default" => Some(""),
            _ => None,
        });
        let mut names: Vec<&str> = in_order.collect();
        names.extend(given(FLAGS).filter_map(|(flag, _)| line.value(flag)));
        names.extend(given(DEFAULTS).map(|_| ""));
        Self { types, names }
    }

    /// What the tool refuses before it asks anybody (`checkArgs`).
    fn check(&self, line: &Line) -> Result<(), String> {
        if let Some(twice) = (1..self.types.len()).find(|at| self.types[..*at].contains(&self.types[*at])) {
            return Err(format!("Duplicate entity type(s) specified: {}", self.types[twice]));
        }
        if self.types.len() > 1 && !self.types.iter().all(|kind| [USERS, CLIENTS].contains(kind)) {
            return Err("Only 'users' and 'clients' entity types may be specified together".to_owned());
        }
        let by_type = ["--entity-name", "--entity-type", "--entity-default"].iter().any(|option| line.has(option));
        if by_type && FLAGS.iter().chain(&DEFAULTS).any(|(flag, _)| line.has(flag)) {
            let conflict = "--entity-{type,name,default} should not be used in conjunction with specific entity flags";
            return Err(conflict.to_owned());
        }
        if let (Some(&IPS), Some(name)) = (self.types.first(), self.names.first())
            && !name.is_empty()
            && !is_host(name)
        {
            return Err(format!("The entity name for ips must be a valid IP or resolvable host, but it is: {name}"));
        }
        if !line.has("--alter") {
            return Ok(());
        }
        if self.names.is_empty() {
            let missing =
                "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips";
            return Err(missing.to_owned());
        }
        if !line.has("--add-config") && !line.has("--delete-config") {
            let missing =
                "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter";
            return Err(missing.to_owned());
        }
        if self.types.len() != self.names.len() {
            return Err("An entity name must be specified for every entity type".to_owned());
        }
        Ok(())
    }

    /// What the cluster tells of them.
    fn described(&self, image: &MetadataImage) -> Vec<DescribedQuotas> {
        let components = self.types.iter().enumerate().map(|(at, kind)| {
            let (match_type, r#match) = match self.names.get(at) {
                None => (2, None),
                Some(&"") => (1, None),
                Some(name) => (0, Some((*name).to_owned())),
            };
            QuotaComponent { entity_type: entity_type(kind).to_owned(), match_type, r#match }
        });
        let components = components.collect();
        let request = DescribeClientQuotasRequest { components, strict: true };
        let mut entries = image.client_quotas.describe(&request).entries.unwrap_or_default();
        let size = entries.len();
        sort_as_hash_map_of_size(&mut entries, size, entity_hash);
        entries
    }
}

/// `ConfigCommand.isValidIpEntity`: an address, or a name that could be a host's. Nobody resolves names here.
fn is_host(name: &str) -> bool {
    let label = |part: &str| !part.is_empty() && part.chars().all(|each| each.is_ascii_alphanumeric() || each == '-');
    name.parse::<std::net::IpAddr>().is_ok() || name.split('.').all(label)
}

fn entity_type(kind: &str) -> &'static str {
    match kind {
        USERS => "user",
        CLIENTS => "client-id",
        _ => "ip",
    }
}

/// `ClientQuotaEntity.hashCode`.
fn entity_hash(described: &DescribedQuotas) -> i32 {
    let of = |name: &Option<String>| name.as_deref().map_or(0, java_string_hash);
    let parts = described.entity.iter().map(|part| java_string_hash(&part.entity_type) ^ of(&part.entity_name));
    parts.fold(0_i32, i32::wrapping_add).wrapping_add(31)
}

/// Whether a line is about quotas.
pub fn are_asked(line: &Line) -> bool {
    let types = Entities::of(line).types;
    types.first().is_some_and(|kind| [USERS, CLIENTS, IPS].contains(kind))
}

pub fn execute(asks: &Asks<'_>) -> Outcome {
    let entities = Entities::of(asks.line);
    let done = match entities.check(asks.line) {
        Err(message) => Err(failed(message)),
        Ok(()) if asks.line.has("--alter") => alter(asks, &entities),
        Ok(()) => describe(asks, &entities),
    };
    done.unwrap_or_else(|outcome| outcome)
}

fn describe(asks: &Asks<'_>, entities: &Entities<'_>) -> Result<Outcome, Outcome> {
    let (_, image) = asks.image("describeClientQuotas")?;
    let lines = entities.described(image).iter().map(line_of).collect();
    Ok(printed(lines))
}

/// `Quota configs for user-principal 'alice' are producer_byte_rate=1024.0`.
fn line_of(described: &DescribedQuotas) -> String {
    let part = |kind: &str, words: &str| {
        let part = described.entity.iter().find(|part| part.entity_type == kind)?;
        Some(match &part.entity_name {
            Some(name) => format!("{words} '{name}'"),
            None => format!("the default {words}"),
        })
    };
    let whose = [part("user", "user-principal"), part("client-id", "client-id"), part("ip", "ip")];
    let whose: Vec<String> = whose.into_iter().flatten().collect();
    let mut values: Vec<_> = described.values.iter().collect();
    let size = values.len();
    sort_as_hash_map_of_size(&mut values, size, |value| java_string_hash(&value.key));
    let values = values.iter().map(|value| format!("{}={}", value.key, java_double(value.value.0)));
    format!("Quota configs for {} are {}", whose.join(", "), values.collect::<Vec<_>>().join(", "))
}

fn alter(asks: &Asks<'_>, entities: &Entities<'_>) -> Result<Outcome, Outcome> {
    let added = super::configs::added(asks.line)?;
    let deleted: Vec<&str> = super::configs::deleted(asks.line).collect();
    let unknown = |name: &&str| match entities.types.first() {
        Some(&IPS) => *name != OF_IPS,
        _ => !OF_USERS_AND_CLIENTS.contains(name),
    };
    let unknown_added: Vec<&str> = added.iter().map(|(name, _)| name.as_str()).filter(unknown).collect();
    let unknown_deleted: Vec<&str> = deleted.iter().copied().filter(unknown).collect();
    check_names(entities, &unknown_added, &unknown_deleted).map_err(failed)?;

    let (asked, image) = asks.image("describeClientQuotas")?;
    let described = entities.described(image);
    let set = |name: &&str| described.first().is_some_and(|first| first.values.iter().any(|value| value.key == **name));
    let not_set: Vec<&str> = deleted.iter().copied().filter(|name| !set(name)).collect();
    if !not_set.is_empty() {
        return Err(failed(format!("Invalid config(s): {}", not_set.join(","))));
    }
    let mut ops = Vec::new();
    for (name, value) in &added {
        let number = parse_java_double(value.trim())
            .ok_or_else(|| failed(format!("Cannot parse quota configuration value for {name}: {value}")))?;
        ops.push(json!({"key": name, "value": number, "remove": false}));
    }
    ops.extend(deleted.iter().map(|name| json!({"key": name, "value": 0.0, "remove": true})));
    let entity = entities.types.iter().zip(&entities.names).map(|(kind, name)| {
        let name = (!name.is_empty()).then_some(*name);
        json!({"entityType": entity_type(kind), "entityName": name})
    });
    let entry = json!({"entity": entity.collect::<Vec<_>>(), "ops": ops});
    Ok(asks.request(asked.config.id, ApiKey::AlterClientQuotas, json!({"entries": [entry], "validateOnly": false})))
}

/// Settings that are no quotas of whom the line is about. Credentials (SCRAM) are not modelled, and are none either.
fn check_names(entities: &Entities<'_>, added: &[&str], deleted: &[&str]) -> Result<(), String> {
    let is_ip = entities.types.first() == Some(&IPS);
    if is_ip && !(added.is_empty() && deleted.is_empty()) {
        let names: Vec<&str> = added.iter().chain(deleted).copied().collect();
        return Err(format!(
            "Only connection quota configs can be added for 'ips' using --bootstrap-server. Unexpected config names: {}",
            names.join(",")
        ));
    }
    let (what, whose) = match entities.types.first() == Some(&CLIENTS) || entities.types.len() == 2 {
        true => ("quota configs", CLIENTS),
        false => ("quota and SCRAM credential configs", USERS),
    };
    if !added.is_empty() {
        return Err(format!(
            "Only {what} can be added for '{whose}' using --bootstrap-server. Unexpected config names: Set({})",
            added.join(", ")
        ));
    }
    if !deleted.is_empty() {
        return Err(format!(
            "Only {what} can be deleted for '{whose}' using --bootstrap-server. Unexpected config names: ArrayBuffer({})",
            deleted.join(", ")
        ));
    }
    Ok(())
}

/// What is printed when the answer is there.
pub fn answered(line: &Line, response: &AlterClientQuotasResponse) -> ToolOutput {
    let refused = response.entries.iter().find(|entry| !entry.error_code.is_none());
    if let Some(entry) = refused {
        let thrown = exception(entry.error_code, entry.error_message.as_deref());
        let mut output =
            print_error(format!("Error while executing config command with args '{}'", line.to_words().join(" ")));
        output.stderr.push(format!("java.util.concurrent.ExecutionException: {thrown}"));
        return output;
    }
    let entities = Entities::of(line);
    let (kind, name) =
        (entities.types.first().copied().unwrap_or_default(), entities.names.first().copied().unwrap_or_default());
    let one = kind.strip_suffix('s').unwrap_or(kind);
    ToolOutput {
        stdout: vec![match name {
            "" => format!("Completed updating default config for {kind} in the cluster."),
            name => format!("Completed updating config for {one} {name}."),
        }],
        stderr: Vec::new(),
    }
}
