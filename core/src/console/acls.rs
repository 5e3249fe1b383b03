//! `kafka-acls` (`AclCommand`).

use std::collections::{BTreeMap, BTreeSet};

use crate::sort::CollectOrdered;
use serde_json::{Value, json};

use super::{Asks, Outcome, ToolOutput, exception, failed, printed};
use crate::authorizer::{
    AclFilter, AclOperation, AclPermissionType, AuthorizerSettings, CLUSTER_NAME, PatternType, ResourceType,
    StandardAcl,
};
use crate::wire::{ApiKey, ErrorCode, Response};

/// What begins every error of the tool.
const ERROR: &str = "Error while executing ACL command: ";

/// A resource as options name it.
type Resource = (ResourceType, String, PatternType);
/// What a rule says beside its resource.
type Entry = (String, String, AclOperation, AclPermissionType);

pub fn execute(asks: &Asks<'_>) -> Outcome {
    let line = asks.line;
    let actions = ["--list", "--add", "--remove"];
    if actions.iter().filter(|action| line.has(action)).count() != 1 {
        return failed("Command must include exactly one action: --list, --add, --remove. ");
    }
    let done = match () {
        () if line.has("--list") => list(asks),
        () if line.has("--add") => add(asks),
        () => remove(asks),
    };
    done.unwrap_or_else(|outcome| outcome)
}

fn pattern_type(asks: &Asks<'_>) -> Result<PatternType, Outcome> {
    let Some(text) = asks.line.value("--resource-pattern-type") else { return Ok(PatternType::Literal) };
    let found = text.parse::<PatternType>().ok().filter(|pattern| *pattern != PatternType::Unknown);
    found.ok_or_else(|| failed(format!("Cannot parse argument '{text}' of option resource-pattern-type")))
}

/// The resources that a line names.
fn resources(asks: &Asks<'_>) -> Result<BTreeSet<Resource>, Outcome> {
    let pattern = pattern_type(asks)?;
    let mut resources = BTreeSet::new();
    for (option, resource_type) in [
        ("--topic", ResourceType::Topic),
        ("--group", ResourceType::Group),
        ("--transactional-id", ResourceType::TransactionalId),
    ] {
        resources.extend(asks.line.values(option).map(|name| (resource_type, name.trim().to_owned(), pattern)));
    }
    if asks.line.has("--cluster") && pattern == PatternType::Literal {
        resources.insert((ResourceType::Cluster, CLUSTER_NAME.to_owned(), pattern));
    }
    Ok(resources)
}

fn named(asks: &Asks<'_>) -> Result<BTreeSet<Resource>, Outcome> {
    let resources = resources(asks)?;
    if resources.is_empty() {
        return Err(failed(
            "You must provide at least one resource: --topic <topic> or --cluster or --group <group> or --delegation-token \
             <Delegation Token ID>",
        ));
    }
    Ok(resources)
}

/// The rules that a line makes of each resource: by `--operation`, or those of a producer or consumer.
fn wanted(asks: &Asks<'_>) -> Result<BTreeMap<Resource, BTreeSet<Entry>>, Outcome> {
    use AclOperation::{All, Create, Describe, Read, Write};
    let mut wanted: BTreeMap<Resource, BTreeSet<Entry>> = BTreeMap::new();
    let (producer, consumer) = (asks.line.has("--producer"), asks.line.has("--consumer"));
    for resource in named(asks)? {
        let mut operations = BTreeSet::new();
        if !producer && !consumer {
            let named: Vec<&str> = asks.line.values("--operation").collect();
            for text in &named {
                let operation = text.trim().replace('-', "_").parse::<AclOperation>();
                let pascal = || AclOperation::of_pascal_case(text.trim());
                operations.extend(operation.ok().or_else(pascal));
            }
            if named.is_empty() {
                operations.insert(All);
            }
        }
        match resource.0 {
            ResourceType::Topic if producer => operations.extend([Write, Describe, Create]),
            ResourceType::TransactionalId if producer => operations.extend([Write, Describe]),
            _ => {}
        }
        match resource.0 {
            ResourceType::Topic if consumer => operations.extend([Read, Describe]),
            ResourceType::Group if consumer => operations.extend([Read]),
            _ => {}
        }
        let valid = |operation: &&AclOperation| **operation == All || resource.0.operations().contains(operation);
        if let Some(wrong) = operations.iter().find(|operation| !valid(operation)) {
            let mut names: Vec<&str> = resource.0.operations().iter().map(|each| each.name()).collect();
            names.push(All.name());
            return Err(failed(format!(
                "ResourceType {} only supports operations [{}], not {}",
                resource.0.name(),
                names.join(", "),
                wrong.name()
            )));
        }
        let mut entries = BTreeSet::new();
        for (principals, hosts, permission) in [
            ("--allow-principal", "--allow-host", AclPermissionType::Allow),
            ("--deny-principal", "--deny-host", AclPermissionType::Deny),
        ] {
            let hosts: Vec<&str> = match asks.line.has(hosts) {
                true => asks.line.values(hosts).collect(),
                false => vec!["*"],
            };
            for principal in asks.line.values(principals) {
                for host in &hosts {
                    entries.extend(operations.iter().map(|operation| {
                        (principal.trim().to_owned(), host.trim().to_owned(), *operation, permission)
                    }));
                }
            }
        }
        wanted.insert(resource, entries);
    }
    Ok(wanted)
}

fn format_resource((resource_type, name, pattern_type): &Resource) -> String {
    format!("ResourcePattern(resourceType={}, name={name}, patternType={})", resource_type.name(), pattern_type.name())
}

fn format_entry((principal, host, operation, permission): &Entry) -> String {
    format!(
        "(principal={principal}, host={host}, operation={}, permissionType={})",
        operation.name(),
        permission.name()
    )
}

fn of_acl(acl: &StandardAcl) -> (Resource, Entry) {
    (
        (acl.resource_type, acl.resource_name.clone(), acl.pattern_type),
        (acl.principal.clone(), acl.host.clone(), acl.operation, acl.permission_type),
    )
}

/// The asked broker's rules; the error where it has no authorizer.
fn known(asks: &Asks<'_>) -> Result<(i32, BTreeSet<StandardAcl>), Outcome> {
    let (node, image) = asks.image("describeAcls")?;
    if AuthorizerSettings::of(&node.settings).is_none() {
        let thrown = exception(ErrorCode::SecurityDisabled, Some("No Authorizer is configured on the broker"));
        return Err(printed(vec![format!("{ERROR}{thrown}")]));
    }
    Ok((node.config.id, image.acls.acls().cloned().collect()))
}

fn list(asks: &Asks<'_>) -> Result<Outcome, Outcome> {
    let (_, acls) = known(asks)?;
    let filters = resources(asks)?;
    let fits = |acl: &StandardAcl| {
        filters.is_empty()
            || filters.iter().any(|(resource_type, name, pattern_type)| {
                let filter = AclFilter {
                    resource_type: *resource_type,
                    resource_name: Some(name.clone()),
                    pattern_type: *pattern_type,
                    principal: None,
                    host: None,
                    operation: AclOperation::Any,
                    permission_type: AclPermissionType::Any,
                };
                filter.matches(acl)
            })
    };
    let acls: Vec<(Resource, Entry)> = acls.iter().filter(|acl| fits(acl)).map(of_acl).collect();
    let mut lines = Vec::new();
    let principals: Vec<&str> = asks.line.values("--principal").collect();
    if principals.is_empty() {
        list_resources(&acls, &mut lines);
    }
    for principal in principals {
        lines.push(format!("ACLs for principal `{principal}`"));
        let own: Vec<(Resource, Entry)> = acls.iter().filter(|(_, entry)| entry.0 == principal).cloned().collect();
        list_resources(&own, &mut lines);
    }
    Ok(printed(lines))
}

fn list_resources(acls: &[(Resource, Entry)], lines: &mut Vec<String>) {
    let mut by_resource: BTreeMap<&Resource, Vec<&Entry>> = BTreeMap::new();
    for (resource, entry) in acls {
        by_resource.entry(resource).or_default().push(entry);
    }
    for (resource, entries) in by_resource {
        lines.push(format!("Current ACLs for resource `{}`:", format_resource(resource)));
        lines.extend(entries.into_iter().map(|entry| format!("\t{}", format_entry(entry))));
        lines.push(String::new());
    }
}

fn add(asks: &Asks<'_>) -> Result<Outcome, Outcome> {
    let pattern = pattern_type(asks)?;
    if !matches!(pattern, PatternType::Literal | PatternType::Prefixed) {
        let name = pattern.name();
        return Err(failed(format!("A '--resource-pattern-type' value of '{name}' is not valid when adding acls.")));
    }
    let wanted = wanted(asks)?;
    if wanted.values().any(BTreeSet::is_empty) {
        return Err(failed("You must specify one of: --allow-principal, --deny-principal when trying to add ACLs."));
    }
    let (node, acls) = known(asks)?;
    let existing: BTreeSet<(Resource, Entry)> = acls.iter().map(of_acl).collect_ordered();
    let (mut before, mut creations) = (Vec::new(), Vec::new());
    for (resource, entries) in wanted {
        let (old, new): (Vec<Entry>, Vec<Entry>) =
            entries.into_iter().partition(|entry| existing.contains(&(resource.clone(), entry.clone())));
        before.extend(old.iter().map(|entry| {
            let (pattern, entry) = (format_resource(&resource), format_entry(entry));
            format!("Acl (pattern={pattern}, entry={entry}) already exists.")
        }));
        if new.is_empty() {
            continue;
        }
        before.push(format!("Adding ACLs for resource `{}`: ", format_resource(&resource)));
        before.extend(new.iter().enumerate().map(|(at, entry)| {
            let indent = if at == 0 { " " } else { "" };
            format!("{indent}\t{}", format_entry(entry))
        }));
        before.push(String::new());
        creations.extend(new.iter().map(|entry| creation(&resource, entry)));
    }
    if creations.is_empty() {
        return Ok(printed(before));
    }
    Ok(sent(asks, node, ApiKey::CreateAcls, json!({ "creations": creations }), before))
}

fn creation((resource_type, name, pattern_type): &Resource, (principal, host, operation, permission): &Entry) -> Value {
    json!({
        "resourceType": resource_type.code(), "resourceName": name, "resourcePatternType": pattern_type.code(),
        "principal": principal, "host": host, "operation": operation.code(), "permissionType": permission.code(),
    })
}

/// What is removed is removed at once: there is nobody here whom the tool could ask whether it is sure.
fn remove(asks: &Asks<'_>) -> Result<Outcome, Outcome> {
    let wanted = wanted(asks)?;
    let (node, _) = known(asks)?;
    let mut filters = Vec::new();
    for ((resource_type, name, pattern_type), entries) in &wanted {
        let any = (None, None, AclOperation::Any, AclPermissionType::Any);
        let patterns = entries.iter().map(|(principal, host, operation, permission)| {
            (Some(principal.clone()), Some(host.clone()), *operation, *permission)
        });
        let patterns: Vec<_> = patterns.collect();
        let patterns = if patterns.is_empty() { vec![any] } else { patterns };
        filters.extend(patterns.into_iter().map(|(principal, host, operation, permission)| {
            json!({
                "resourceTypeFilter": resource_type.code(), "resourceNameFilter": name,
                "patternTypeFilter": pattern_type.code(), "principalFilter": principal, "hostFilter": host,
                "operation": operation.code(), "permissionType": permission.code(),
            })
        }));
    }
    Ok(sent(asks, node, ApiKey::DeleteAcls, json!({ "filters": filters }), Vec::new()))
}

fn sent(asks: &Asks<'_>, node: i32, api: ApiKey, body: Value, lines: Vec<String>) -> Outcome {
    let mut outcome = asks.request(node, api, body);
    if let Outcome::Sent { before, .. } = &mut outcome {
        before.extend(lines);
    }
    outcome
}

/// What is printed when the answer is there.
pub fn answered(response: &Response) -> ToolOutput {
    let refused = match response {
        Response::CreateAcls(answer) => answer
            .results
            .iter()
            .find(|result| !result.error_code.is_none())
            .map(|result| exception(result.error_code, result.error_message.as_deref())),
        Response::DeleteAcls(answer) => answer
            .filter_results
            .iter()
            .find(|result| !result.error_code.is_none())
            .map(|result| exception(result.error_code, result.error_message.as_deref())),
        _ => None,
    };
    let stdout = refused.map(|thrown| format!("{ERROR}{thrown}")).into_iter().collect();
    ToolOutput { stdout, stderr: Vec::new() }
}
