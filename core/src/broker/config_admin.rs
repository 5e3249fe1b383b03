//! What a broker checks itself before it passes a change of settings on (`ConfigAdminManager`).

use super::forwarding::ForwardedRequest;
use super::{Broker, Context, PendingRequest};
use crate::authorizer::AclOperation;
use crate::effects::ReceivedRequest;
use crate::explain::Explanation;
use crate::settings::{Configs, NodeConfigs, broker_key, list_after_operation, validate_dynamic};
use crate::wire::config_resource::{BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, TOPIC};
use crate::wire::metadata::{
    AlterConfigsResource, AlterConfigsResourceResponse, AlterConfigsResponse, AlterableConfig,
    IncrementalAlterConfigsResponse,
};
use crate::wire::{ErrorCode, Request, Response};

/// What the broker itself said to each resource of a request, in its order; `None` is left to the controller.
pub(crate) type Preprocessed = Vec<Option<AlterConfigsResourceResponse>>;

/// An error and its words.
type Refusal = (ErrorCode, String);

/// A resource of either request.
struct Resource<'a> {
    resource_type: i8,
    resource_name: &'a str,
    configs: Vec<Change<'a>>,
    is_incremental: bool,
}

struct Change<'a> {
    name: &'a str,
    operation: i8,
    value: Option<&'a str>,
}

fn invalid<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err((ErrorCode::InvalidRequest, message.into()))
}

impl Broker {
    /// Answers what is wrong and passes the rest on.
    #[inline(never)]
    pub(super) fn alter_configs(&mut self, cx: &mut Context, forwarded: ForwardedRequest) {
        let received = &forwarded.received;
        // Seen on 4.3.1: a resource named twice in the older request makes the handler throw, and throw again when it
        // makes an error's answer of it. No answer ever comes.
        let resources = resources_of(&received.request);
        let is_named_twice = resources.iter().any(|resource| !appears_once(resource, &resources));
        if matches!(*received.request, Request::AlterConfigs(_)) && is_named_twice {
            return;
        }
        let preprocessed = self.preprocess(cx, received);
        let Some(remaining) = without_preprocessed(&received.request, &preprocessed) else {
            let response = reassembled(&received.request, &preprocessed, &[]);
            self.reply(cx, &received.request_context, response);
            return;
        };
        cx.fx.explain(Explanation::BrokerForwards { node: self.id, api: received.request_context.api });
        let sender = self.sender_of(&received.request_context);
        let pending = PendingRequest::AlterConfigs(forwarded, preprocessed);
        self.send_to_controller_as(sender, cx, remaining, super::forwarding::TIMEOUT_MS, pending);
    }

    /// Puts together what the broker and the controller said.
    pub(super) fn return_altered(
        &mut self,
        cx: &mut Context,
        received: ReceivedRequest,
        preprocessed: &Preprocessed,
        response: Response,
    ) {
        let response = match &response {
            Response::IncrementalAlterConfigs(answer) => {
                reassembled(&received.request, preprocessed, &answer.responses)
            }
            Response::AlterConfigs(answer) => reassembled(&received.request, preprocessed, &answer.responses),
            _ => response,
        };
        self.return_forwarded(cx, received, response);
    }

    pub(super) fn preprocess(&mut self, cx: &mut Context, received: &ReceivedRequest) -> Preprocessed {
        let resources = resources_of(&received.request);
        let preprocessed = resources.iter().map(|resource| {
            let checked = match appears_once(resource, &resources) {
                true => self.check_resource(resource),
                false => invalid("Each resource must appear at most once."),
            };
            let (error_code, error_message) = match checked {
                // Loggers are changed at the broker that has them.
                Ok(()) if resource.resource_type == BROKER_LOGGER => self.alter_loggers(cx, received, resource),
                Ok(()) => return None,
                Err((error, message)) => (error, Some(message)),
            };
            Some(AlterConfigsResourceResponse {
                error_code,
                error_message,
                resource_type: resource.resource_type,
                resource_name: resource.resource_name.to_owned(),
            })
        });
        preprocessed.collect()
    }

    /// Changes the levels of this process's loggers.
    fn alter_loggers(
        &mut self,
        cx: &mut Context,
        received: &ReceivedRequest,
        resource: &Resource<'_>,
    ) -> (ErrorCode, Option<String>) {
        let Request::IncrementalAlterConfigs(request) = &*received.request else { return (ErrorCode::None, None) };
        let is_resource = |each: &&AlterConfigsResource| {
            each.resource_type == BROKER_LOGGER && each.resource_name == resource.resource_name
        };
        let configs = request.resources.iter().find(is_resource).map_or(&[][..], |each| &each.configs);
        let may_alter = self.requester(&received.request_context).may_cluster(AclOperation::AlterConfigs);
        let (id, name) = (self.id, resource.resource_name);
        match self.loggers.apply_changes_for_resource(id, may_alter, request.validate_only, name, configs) {
            Ok(changes) => {
                changes.into_iter().for_each(|change| cx.fx.change(change.into_change(id)));
                (ErrorCode::None, None)
            }
            Err(refusal) => refusal,
        }
    }

    fn check_resource(&self, resource: &Resource<'_>) -> Result<(), Refusal> {
        let is_twice =
            |at: usize| resource.configs[..at].iter().any(|earlier| earlier.name == resource.configs[at].name);
        if (0..resource.configs.len()).any(is_twice) {
            return invalid("Error due to duplicate config keys");
        }
        let is_null = |config: &&Change<'_>| config.value.is_none() && config.operation != 1;
        let nulls: Vec<&str> = resource.configs.iter().filter(is_null).map(|config| config.name).collect();
        if !nulls.is_empty() {
            return invalid(format!("Null value not supported for : {}", nulls.join(", ")));
        }
        match resource.resource_type {
            // The controller's.
            TOPIC | CLIENT_METRICS | GROUP => Ok(()),
            BROKER => self.check_broker_change(resource),
            BROKER_LOGGER if resource.is_incremental => Ok(()),
            other => invalid(format!("Unknown resource type {other}")),
        }
    }

    /// `validateResourceNameIsCurrentNodeId`.
    fn check_node_id(&self, name: &str) -> Result<(), Refusal> {
        if node_id(name)? == self.id {
            Ok(())
        } else {
            invalid(format!("Unexpected broker id, expected {}, but received {name}", self.id))
        }
    }

    /// `validateBrokerConfigChange`, for this broker or for the defaults of all.
    fn check_broker_change(&self, resource: &Resource<'_>) -> Result<(), Refusal> {
        let name = resource.resource_name;
        if !name.is_empty() {
            self.check_node_id(name)?;
        }
        let current = self.image.configs.get(&(BROKER, name.to_owned()));
        let mut wanted = Configs::new();
        if resource.is_incremental {
            wanted = current.cloned().unwrap_or_default();
            if let Some(unknown) = resource.configs.iter().find(|config| !(0..=3).contains(&config.operation)) {
                return invalid(format!("Unknown operations type {}", unknown.operation));
            }
        }
        for config in &resource.configs {
            let (name, value) = (config.name, config.value.unwrap_or_default());
            match config.operation {
                0 => drop(wanted.insert(name.to_owned(), value.to_owned())),
                1 => drop(wanted.remove(name)),
                operation => {
                    let list = list_after_operation(broker_key(name), name, wanted.get(name), value, operation == 2);
                    wanted.insert(name.to_owned(), list.map_err(|message| (ErrorCode::InvalidConfig, message))?);
                }
            }
        }
        validate_dynamic(self.node_configs(), &wanted, !name.is_empty()).or_else(invalid)
    }

    /// This broker's settings, layer over layer, as far as the metadata log was applied.
    pub(super) fn node_configs(&self) -> NodeConfigs<'_> {
        NodeConfigs::of(&self.settings, &self.image.configs, self.id)
    }
}

fn appears_once(resource: &Resource<'_>, resources: &[Resource<'_>]) -> bool {
    let same = |other: &&Resource<'_>| {
        other.resource_type == resource.resource_type && other.resource_name == resource.resource_name
    };
    resources.iter().filter(same).count() == 1
}

fn node_id(name: &str) -> Result<i32, Refusal> {
    name.parse().or_else(|_| invalid(format!("Node id must be an integer, but it is: {name}")))
}

fn resources_of(request: &Request) -> Vec<Resource<'_>> {
    match request {
        Request::IncrementalAlterConfigs(request) => request
            .resources
            .iter()
            .map(|resource| Resource {
                resource_type: resource.resource_type,
                resource_name: &resource.resource_name,
                configs: resource.configs.iter().map(incremental_change).collect(),
                is_incremental: true,
            })
            .collect(),
        Request::AlterConfigs(request) => request
            .resources
            .iter()
            .map(|resource| Resource {
                resource_type: resource.resource_type,
                resource_name: &resource.resource_name,
                configs: resource
                    .configs
                    .iter()
                    .map(|config| Change { name: &config.name, operation: 0, value: config.value.as_deref() })
                    .collect(),
                is_incremental: false,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn incremental_change(config: &AlterableConfig) -> Change<'_> {
    Change { name: &config.name, operation: config.config_operation, value: config.value.as_deref() }
}

/// The request without what was answered already; `None` where nothing is left.
fn without_preprocessed(request: &Request, preprocessed: &Preprocessed) -> Option<Request> {
    let mut request = request.clone();
    let mut answered = preprocessed.iter().map(Option::is_some);
    let is_left = match &mut request {
        Request::IncrementalAlterConfigs(request) => {
            request.resources.retain(|_| !answered.next().unwrap_or(false));
            !request.resources.is_empty()
        }
        Request::AlterConfigs(request) => {
            request.resources.retain(|_| !answered.next().unwrap_or(false));
            !request.resources.is_empty()
        }
        _ => true,
    };
    is_left.then_some(request)
}

/// One answer in the request's order (`reassembleIncrementalResponse`, `reassembleLegacyResponse`).
fn reassembled(request: &Request, preprocessed: &Preprocessed, answers: &[AlterConfigsResourceResponse]) -> Response {
    let resources = resources_of(request);
    let responses = resources.iter().zip(preprocessed).map(|(resource, refused)| {
        let (resource_type, resource_name) = (resource.resource_type, resource.resource_name);
        let answer = |answer: &&AlterConfigsResourceResponse| {
            answer.resource_type == resource_type && answer.resource_name == resource_name
        };
        refused.as_ref().or_else(|| answers.iter().find(answer)).cloned().unwrap_or_else(|| {
            AlterConfigsResourceResponse {
                error_code: ErrorCode::UnknownServerError,
                error_message: None,
                resource_type,
                resource_name: resource_name.to_owned(),
            }
        })
    });
    let responses = responses.collect();
    if matches!(request, Request::AlterConfigs(_)) {
        Response::AlterConfigs(AlterConfigsResponse { responses, ..AlterConfigsResponse::default() })
    } else {
        Response::IncrementalAlterConfigs(IncrementalAlterConfigsResponse {
            responses,
            ..IncrementalAlterConfigsResponse::default()
        })
    }
}
