//! The loggers of a controller's process (`ControllerApis.handleIncrementalAlterConfigs`): they are changed at the controller that
//! is asked, whichever is active.

use super::Controller;
use crate::authorizer::AclOperation;
use crate::effects::{Effects, RequestContext};
use crate::wire::config_resource::BROKER_LOGGER;
use crate::wire::metadata::{AlterConfigsResource, AlterConfigsResourceResponse};
use crate::wire::{ErrorCode, Request, Response};

/// The words of `Errors.UNKNOWN_SERVER_ERROR`.
const UNEXPECTED: &str = "The server experienced an unexpected error when processing the request.";

/// What a controller's process said of loggers itself.
#[derive(Debug, Default)]
pub(super) struct OfLoggers(Vec<AlterConfigsResourceResponse>);

impl OfLoggers {
    /// Whether the request asked about something, and about loggers alone.
    pub(super) fn is_all_of(&self, left: &Request) -> bool {
        let is_done = match left {
            Request::IncrementalAlterConfigs(left) => left.resources.is_empty(),
            Request::AlterConfigs(left) => left.resources.is_empty(),
            _ => false,
        };
        is_done && !self.0.is_empty()
    }

    /// The error where there are only errors.
    pub(super) fn error(&self) -> Option<ErrorCode> {
        super::decisions::error_of_all(self.0.iter().map(|each| each.error_code))
    }

    /// Adds them to the answer to the rest: changes stand last, refusals of the older request before what the controller said.
    pub(super) fn tell(mut self, response: &mut Response) {
        match response {
            Response::IncrementalAlterConfigs(answer) => answer.responses.append(&mut self.0),
            Response::AlterConfigs(answer) => {
                self.0.append(&mut answer.responses);
                answer.responses = self.0;
            }
            _ => {}
        }
    }
}

impl Controller {
    /// Carries out what a request asks of this process's loggers, and gives what is left of it.
    #[inline(never)]
    pub(super) fn alter_loggers(
        &mut self,
        request_context: &RequestContext,
        request: Request,
        fx: &mut Effects,
    ) -> (Request, OfLoggers) {
        match request {
            Request::IncrementalAlterConfigs(mut request) => {
                let of_loggers: Vec<AlterConfigsResource> =
                    request.resources.extract_if(.., |each| each.resource_type == BROKER_LOGGER).collect();
                let validate_only = request.validate_only;
                let answers =
                    of_loggers.iter().map(|each| self.alter_resource(request_context, each, validate_only, fx));
                let answers = OfLoggers(answers.collect());
                (Request::IncrementalAlterConfigs(request), answers)
            }
            // The older request cannot change loggers (`authorizeAlterResource`).
            Request::AlterConfigs(mut request) => {
                let names: Vec<(i8, String)> =
                    request.resources.iter().map(|each| (each.resource_type, each.resource_name.clone())).collect();
                let is_once = |name: &str| {
                    names.iter().filter(|(kind, each)| *kind == BROKER_LOGGER && each == name).count() == 1
                };
                let refused = request
                    .resources
                    .extract_if(.., |each| each.resource_type == BROKER_LOGGER && is_once(&each.resource_name));
                let message = "Unexpected resource type BROKER_LOGGER.".to_owned();
                let refused =
                    refused.map(|each| answer(each.resource_name, ErrorCode::InvalidRequest, Some(message.clone())));
                let refused = OfLoggers(refused.collect());
                (Request::AlterConfigs(request), refused)
            }
            request => (request, OfLoggers::default()),
        }
    }

    fn alter_resource(
        &mut self,
        request_context: &RequestContext,
        resource: &AlterConfigsResource,
        validate_only: bool,
        fx: &mut Effects,
    ) -> AlterConfigsResourceResponse {
        let (id, name) = (self.node_id, resource.resource_name.as_str());
        let may_alter = self.may_cluster(request_context, AclOperation::ClusterAction);
        let altered = self.loggers.apply_changes_for_resource(id, may_alter, validate_only, name, &resource.configs);
        let (error_code, error_message) = match altered {
            Ok(changes) => {
                changes.into_iter().for_each(|change| fx.change(change.into_change(id)));
                (ErrorCode::None, None)
            }
            // Without words of its own an error has those of its code (`ApiError.messageWithFallback`).
            Err((ErrorCode::UnknownServerError, None)) => (ErrorCode::UnknownServerError, Some(UNEXPECTED.to_owned())),
            Err(refusal) => refusal,
        };
        answer(resource.resource_name.clone(), error_code, error_message)
    }
}

fn answer(resource_name: String, error_code: ErrorCode, error_message: Option<String>) -> AlterConfigsResourceResponse {
    AlterConfigsResourceResponse { error_code, error_message, resource_type: BROKER_LOGGER, resource_name }
}
