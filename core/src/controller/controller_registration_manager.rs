//! A controller process announces itself to the active one: where it listens, and which levels of features it supports
//! (`ControllerRegistrationManager`, KIP-919).
//!
//! | its registration is | becomes      | when                                                                         |
//! |---------------------|--------------|------------------------------------------------------------------------------|
//! | due                 | asked for    | its log knows the cluster's features, and another controller leads           |
//! | due                 | in the log   | it is the active one itself: it writes the record                            |
//! | asked for           | acknowledged | the active one answers                                                       |
//! | asked for           | put off      | it is refused, its connection ends, or no answer comes                       |
//! | put off             | due          | the wait is over; each refusal doubles it                                    |
//! | acknowledged        | in the log   | the record is committed in its own log                                       |
//! | in the log          | due          | the record is of another process: this one has started since, or the log lost it |

use super::refusals::{NOT_CONTROLLER, UNKNOWN_SERVER_ERROR};
use super::registration::check_listeners;
use super::{Controller, ControllerDisk};
use crate::actor::{Actor, Endpoint, Listener};
use crate::change::Change;
use crate::connection::Purpose;
use crate::effects::{ControllerTimer, Effects, ExponentialBackoff, Outgoing, RequestContext};
use crate::explain::Explanation;
use crate::metadata::MetadataRecord;
use crate::metadata::image::MetadataImage;
use crate::sim::Millis;
use crate::wire::feature_levels::supported_features;
use crate::wire::metadata::{BrokerListener, ControllerRegistrationRequest, ControllerRegistrationResponse};
use crate::wire::quorum::LeaderEndpoint;
use crate::wire::{ApiKey, ErrorCode, Request, Response, Uuid};

/// After how long an answer is not waited for any longer (`ControllerServer`'s channel `registration`), in milliseconds.
const REQUEST_TIMEOUT_MS: Millis = 5_000;
/// How soon the channel asks again where the controller that it asked is not active, in milliseconds.
const RESEND_BACKOFF_MS: Millis = 100;
/// The waits after refusals.
const FAILURE_BACKOFF: ExponentialBackoff = ExponentialBackoff { initial_ms: 100, max_ms: 120_000 };

/// How far this process has come with its registration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ControllerRegistrationManager {
    /// The id of this process.
    incarnation_id: Uuid,
    /// Where it listens.
    listeners: Vec<BrokerListener>,
    state: RegistrationState,
    /// Refusals in a row (`failedRpcs`).
    failed_rpcs: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum RegistrationState {
    Due,
    AskedFor { of: i32, correlation_id: i32, deadline: Millis },
    PutOff { until: Millis },
    Acknowledged,
}

impl ControllerRegistrationManager {
    /// Of a process that starts.
    pub fn new(incarnation_id: Uuid, endpoints: &[LeaderEndpoint]) -> Self {
        let listener = |endpoint: &LeaderEndpoint| BrokerListener {
            name: endpoint.name.clone(),
            host: endpoint.host.clone(),
            port: u16::try_from(endpoint.port).unwrap_or_default(),
            security_protocol: 0,
        };
        let listeners = endpoints.iter().map(listener).collect();
        Self { incarnation_id, listeners, state: RegistrationState::Due, failed_rpcs: 0 }
    }

    /// Whether an image holds the registration of this very process.
    fn is_registered_in(&self, image: &MetadataImage, node_id: i32) -> bool {
        image.controllers.get(&node_id).is_some_and(|found| found.incarnation_id == self.incarnation_id)
    }

    /// What this process says of itself.
    fn request(&self, node_id: i32) -> ControllerRegistrationRequest {
        ControllerRegistrationRequest {
            controller_id: node_id,
            incarnation_id: self.incarnation_id,
            zk_migration_ready: false,
            listeners: self.listeners.clone(),
            features: supported_features().collect(),
        }
    }

    fn put_off(&mut self, until: Millis, fx: &mut Effects) {
        self.state = RegistrationState::PutOff { until };
        fx.set_timer(ControllerTimer::Registration, until);
    }

    /// It was refused, or never answered (`scheduleNextCommunicationAfterFailure`).
    fn failed(&mut self, now: Millis, fx: &mut Effects) {
        let wait_ms = FAILURE_BACKOFF.after(self.failed_rpcs);
        self.failed_rpcs = self.failed_rpcs.saturating_add(1);
        self.put_off(now.saturating_add(wait_ms), fx);
    }
}

/// The record of a registration (`ClusterControlManager.registerController`).
fn registration_record(request: &ControllerRegistrationRequest) -> MetadataRecord {
    MetadataRecord::RegisterControllerRecord {
        controller_id: request.controller_id,
        incarnation_id: request.incarnation_id,
        zk_migration_ready: false,
        end_points: request.listeners.clone(),
        features: request.features.clone(),
    }
}

impl Controller {
    /// Registers this process once its log knows the cluster's features, unless it is registered or has asked for that
    /// (`maybeSendControllerRegistration`). The active controller need not ask: in Kafka it sends the request to itself.
    pub(super) fn maybe_register(&mut self, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
        let committed_to = self.committed_to.max(self.quorum.high_watermark());
        let reads_features = !self.image.features.is_empty() && self.features_epoch < committed_to;
        if self.registration.is_registered_in(&self.image, self.node_id) {
            self.stop_asking(fx);
            return;
        }
        if !reads_features {
            return;
        }
        if self.is_active() {
            self.stop_asking(fx);
            let record = registration_record(&self.registration.request(self.node_id));
            self.append_records(disk, &[record], now, fx);
            self.committed_to = self.committed_to.max(self.quorum.high_watermark());
            return;
        }
        let leader = self.quorum.leader().filter(|leader| *leader != self.node_id);
        let (RegistrationState::Due, Some(leader)) = (self.registration.state, leader) else { return };
        let deadline = now.saturating_add(REQUEST_TIMEOUT_MS);
        let request = Request::ControllerRegistration(self.registration.request(self.node_id));
        let correlation_id = self.quorum.send_for(leader, request, deadline, fx);
        self.registration.state = RegistrationState::AskedFor { of: leader, correlation_id, deadline };
        fx.set_timer(ControllerTimer::Registration, deadline);
        fx.explain(Explanation::ControllerSendsRegistration { node: self.node_id });
    }

    /// There is nothing to ask for any longer.
    fn stop_asking(&mut self, fx: &mut Effects) {
        match self.registration.state {
            RegistrationState::Due => return,
            RegistrationState::AskedFor { .. } | RegistrationState::PutOff { .. } => {
                fx.stop_timer(ControllerTimer::Registration);
            }
            RegistrationState::Acknowledged => {}
        }
        self.registration.state = RegistrationState::Due;
        self.registration.failed_rpcs = 0;
    }

    /// The active controller has answered.
    pub(super) fn registration_answered(
        &mut self,
        correlation_id: i32,
        answer: &ControllerRegistrationResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        let node = self.node_id;
        match self.registration.state {
            RegistrationState::AskedFor { correlation_id: asked, .. } if asked == correlation_id => {}
            RegistrationState::Due
            | RegistrationState::AskedFor { .. }
            | RegistrationState::PutOff { .. }
            | RegistrationState::Acknowledged => {
                fx.explain(Explanation::LateAnswer { to: Actor::Node(node), api: ApiKey::ControllerRegistration });
                return;
            }
        }
        match answer.error_code {
            ErrorCode::None => {
                fx.stop_timer(ControllerTimer::Registration);
                self.registration.state = RegistrationState::Acknowledged;
                self.registration.failed_rpcs = 0;
                fx.explain(Explanation::ControllerRegistrationAnswered { node });
            }
            ErrorCode::NotController => {
                fx.explain(Explanation::ControllerRegistrationRefused { node, error: answer.error_code });
                self.registration.put_off(now.saturating_add(RESEND_BACKOFF_MS), fx);
            }
            error => {
                fx.explain(Explanation::ControllerRegistrationRefused { node, error });
                self.registration.failed(now, fx);
            }
        }
    }

    /// The connection to the controller that was asked has ended: another is made, as soon as one may be.
    pub(super) fn registration_disconnected(&mut self, peer: i32, now: Millis, fx: &mut Effects) {
        fx.explain(Explanation::PeerGone { actor: Actor::Node(self.node_id), peer: Actor::Node(peer) });
        self.quorum.connection_ended(peer, Purpose::ControllerRegistration, now);
        if let RegistrationState::AskedFor { of, .. } = self.registration.state
            && of == peer
        {
            let wait_ms = ExponentialBackoff::OF_BROKER_CHANNELS.initial_ms;
            self.registration.put_off(now.saturating_add(wait_ms), fx);
        }
    }

    /// No answer has come in time, or the wait after a failure is over.
    pub(super) fn registration_timer(&mut self, now: Millis, fx: &mut Effects) {
        match self.registration.state {
            RegistrationState::AskedFor { of, deadline, .. } if deadline <= now => {
                let (from, to) = (Actor::Node(self.node_id), Actor::Node(of));
                let api = ApiKey::ControllerRegistration;
                fx.change(Change::TimedOut { from, to, api });
                fx.explain(Explanation::RequestGivenUp { actor: from, to, api });
                let asked = Endpoint::server(of, Listener::Controller);
                fx.sends.push(Outgoing::Disconnect { from: asked, purpose: Purpose::ControllerRegistration });
                self.quorum.connection_ended(of, Purpose::ControllerRegistration, now);
                self.registration.failed(now, fx);
            }
            RegistrationState::PutOff { until } if until <= now => self.registration.state = RegistrationState::Due,
            RegistrationState::Due
            | RegistrationState::AskedFor { .. }
            | RegistrationState::PutOff { .. }
            | RegistrationState::Acknowledged => {}
        }
    }

    /// Another controller registers. A process that is registered already is written down anew, as Kafka does.
    #[inline(never)]
    pub(super) fn register_controller(
        &mut self,
        disk: &mut ControllerDisk,
        request_context: RequestContext,
        request: &ControllerRegistrationRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let (node, controller) = (self.node_id, request.controller_id);
        if let Err(error) = self.unless_inactive(check_listeners(&request.listeners)) {
            let words = if error.is_unexpected() { UNKNOWN_SERVER_ERROR } else { NOT_CONTROLLER };
            let response = ControllerRegistrationResponse {
                error_code: error.code,
                error_message: Some(words.to_owned()),
                ..ControllerRegistrationResponse::default()
            };
            let response = Response::ControllerRegistration(response);
            return self.refuse(disk, request_context, &error, response, now, fx);
        }
        fx.explain(Explanation::ControllerRegisteredController { node, controller });
        self.append_records(disk, &[registration_record(request)], now, fx);
        let response = ControllerRegistrationResponse::default();
        self.answer_when_committed(disk, request_context, Response::ControllerRegistration(response), fx);
    }
}
