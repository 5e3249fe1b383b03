//! Quotas of users and clients as the metadata log says (`ClientQuotasImage`).

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::sort::CollectOrdered;
use crate::wire::ErrorCode;
use crate::wire::client_quotas::{
    DescribeClientQuotasRequest, DescribeClientQuotasResponse, DescribedQuotas, Float64, QuotaEntity, QuotaValue,
};
use crate::wire::hash_order::java_string_hash;

/// The type of an entity that is a user.
pub const USER: &str = "user";
/// The type of an entity that is a client.
pub const CLIENT_ID: &str = "client-id";
/// The type of an entity that is an address.
pub const IP: &str = "ip";

/// Whom a quota is about: names by type (`user`, `client-id`, `ip`); `None` is the default of the type.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientQuotaEntity(pub BTreeMap<String, Option<String>>);

impl ClientQuotaEntity {
    /// An entity as a message or record gives it. Of a type that stands there twice the last counts.
    pub fn of(parts: &[QuotaEntity]) -> Self {
        Self(parts.iter().map(|part| (part.entity_type.clone(), part.entity_name.clone())).collect_ordered())
    }

    /// `ClientQuotaEntity.hashCode`.
    pub fn java_hash(&self) -> i32 {
        let hash_of = |name: &Option<String>| name.as_deref().map_or(0, java_string_hash);
        let parts = self.0.iter().map(|(entity_type, name)| java_string_hash(entity_type) ^ hash_of(name));
        parts.fold(31, i32::wrapping_add)
    }

    /// Its parts, by type.
    pub fn parts(&self) -> Vec<QuotaEntity> {
        let part = |(entity_type, entity_name): (&String, &Option<String>)| QuotaEntity {
            entity_type: entity_type.clone(),
            entity_name: entity_name.clone(),
        };
        self.0.iter().map(part).collect()
    }
}

/// All quotas, by whom they are about and by their names. Images share them until a record changes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClientQuotasImage(Rc<BTreeMap<ClientQuotaEntity, BTreeMap<String, Float64>>>);

impl ClientQuotasImage {
    /// A quota was set, or taken back with `None`.
    pub fn set(&mut self, entity: ClientQuotaEntity, key: &str, value: Option<Float64>) {
        let all = Rc::make_mut(&mut self.0);
        match value {
            Some(value) => {
                all.entry(entity).or_default().insert(key.to_owned(), value);
            }
            None => {
                if let Some(quotas) = all.get_mut(&entity) {
                    quotas.remove(key);
                    if quotas.is_empty() {
                        all.remove(&entity);
                    }
                }
            }
        }
    }

    /// Whether no quota is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All quotas.
    pub fn iter(&self) -> impl Iterator<Item = (&ClientQuotaEntity, &BTreeMap<String, Float64>)> {
        self.0.iter()
    }

    /// One quota of an entity.
    pub fn get(&self, entity: &ClientQuotaEntity, key: &str) -> Option<Float64> {
        self.0.get(entity)?.get(key).copied()
    }
}

/// How a part of an entity is looked for.
enum Match<'a> {
    /// By its name, or as the default of its type.
    Exact(Option<&'a str>),
    /// By its type alone.
    Any,
}

impl ClientQuotasImage {
    /// Answers DescribeClientQuotas (`ClientQuotasImage.describe`).
    pub fn describe(&self, request: &DescribeClientQuotasRequest) -> DescribeClientQuotasResponse {
        let wanted = match wanted(request) {
            Ok(wanted) => wanted,
            Err((error_code, message)) => {
                return DescribeClientQuotasResponse {
                    error_code,
                    error_message: Some(message),
                    entries: None,
                    ..DescribeClientQuotasResponse::default()
                };
            }
        };
        let fits = |entity: &ClientQuotaEntity| {
            (!request.strict || entity.0.len() == wanted.len())
                && wanted.iter().all(|(entity_type, wanted)| {
                    entity.0.get(*entity_type).is_some_and(|name| match wanted {
                        Match::Exact(exact) => name.as_deref() == *exact,
                        Match::Any => true,
                    })
                })
        };
        let entries = self.iter().filter(|(entity, _)| fits(entity)).map(|(entity, quotas)| DescribedQuotas {
            entity: entity.parts(),
            values: quotas.iter().map(|(key, value)| QuotaValue { key: key.clone(), value: *value }).collect(),
        });
        DescribeClientQuotasResponse { entries: Some(entries.collect()), ..DescribeClientQuotasResponse::default() }
    }
}

/// What an entity must have, or what is wrong with the question.
fn wanted(request: &DescribeClientQuotasRequest) -> Result<BTreeMap<&str, Match<'_>>, (ErrorCode, String)> {
    let invalid = |message: String| Err((ErrorCode::InvalidRequest, message));
    let mut wanted = BTreeMap::new();
    for component in &request.components {
        let entity_type = component.entity_type.as_str();
        if entity_type.is_empty() {
            return invalid("Invalid empty entity type.".to_owned());
        }
        if wanted.contains_key(entity_type) {
            return invalid(format!("Entity type {entity_type} cannot appear more than once in the filter."));
        }
        if ![IP, USER, CLIENT_ID].contains(&entity_type) {
            return Err((ErrorCode::UnsupportedVersion, format!("Unsupported entity type {entity_type}")));
        }
        let name = component.r#match.as_deref();
        let found = match (component.match_type, name) {
            (0, None) => {
                return invalid("Request specified MATCH_TYPE_EXACT, but set match string to null.".to_owned());
            }
            (0, Some(_)) => Match::Exact(name),
            (1, None) => Match::Exact(None),
            (2, None) => Match::Any,
            (1, Some(_)) => {
                return invalid("Request specified MATCH_TYPE_DEFAULT, but also specified a match string.".to_owned());
            }
            (2, Some(_)) => {
                return invalid(
                    "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.".to_owned(),
                );
            }
            (other, _) => return invalid(format!("Unknown match type {other}")),
        };
        wanted.insert(entity_type, found);
    }
    if wanted.contains_key(IP) && wanted.len() > 1 {
        return invalid(
            "Invalid entity filter component combination. IP filter component should not be used with user or clientId \
             filter component."
                .to_owned(),
        );
    }
    Ok(wanted)
}
