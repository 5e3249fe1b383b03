//! Requests written by hand. Each probe has a connection of its own and gets the node's real answer, or waits for it as
//! long as the node makes it wait.

use std::collections::BTreeMap;
use std::hash::Hash;

use serde::Serialize;

use crate::actor::{Endpoint, Listener};
use crate::change::Change;
use crate::connection::{Connection, Purpose};
use crate::digest::DigestHasher;
use crate::effects::{Effects, Input, Outgoing, ProbeTimer};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::records::Bytes;
use crate::wire::{ApiKey, Request, RequestHeader, Response, Topic};

/// A probe numbers its one open request with this.
const CORRELATION_ID: i32 = 0;

/// What came of a probe's last request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProbeAnswer {
    /// Who was asked.
    pub to: i32,
    /// At which listener.
    pub port: Listener,
    /// On which connection.
    pub connection: u32,
    /// Which request.
    pub api: ApiKey,
    /// Which of the node's processes was asked ([`incarnation`](crate::cluster::node::Node::incarnation)). If its machine failed,
    /// nobody says so on the connection.
    #[serde(skip)]
    pub incarnation: u32,
    /// When it was sent, in milliseconds.
    pub sent_at_ms: Millis,
    /// When the answer came or the connection closed, in milliseconds.
    pub answered_at_ms: Option<Millis>,
    /// The answer.
    pub response: Option<Response>,
    /// Whether the connection closed instead.
    pub closed: bool,
}

/// A connection that a person opened with bytes, and what came back on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProbeConnection {
    /// Who was connected to.
    pub to: i32,
    /// At which listener.
    pub port: Listener,
    /// Which of the node's processes. If its machine failed, nobody says so on the connection.
    pub incarnation: u32,
    /// When it was opened, in milliseconds.
    pub opened_at_ms: Millis,
    /// What was sent.
    pub bytes: Bytes,
    /// The requests that these bytes are, in order.
    pub requests: Vec<ProbeRequest>,
    /// When one of its ends closed it, in milliseconds.
    pub closed_at_ms: Option<Millis>,
}

/// A request that was sent as bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProbeRequest {
    /// Which request.
    pub api: ApiKey,
    /// In which version.
    pub version: i16,
    /// Its number.
    pub correlation_id: i32,
    /// The answer, once it has come.
    pub response: Option<Response>,
}

impl ProbeConnection {
    /// What came on it, or its end.
    fn handle(&mut self, probe: u32, input: Input<ProbeTimer>, now: Millis, fx: &mut Effects) {
        match input {
            Input::Answer { from, correlation_id, response } if from == self.to => {
                let mut open = self.requests.iter_mut().filter(|request| request.response.is_none());
                let api = response.api();
                let Some(request) = open.find(|request| (request.correlation_id, request.api) == (correlation_id, api))
                else {
                    return;
                };
                request.response = Some(*response);
                fx.change(Change::ProbeAnswered { probe, api });
                fx.explain(Explanation::ProbeAnswered { probe, api });
            }
            Input::Disconnected { node, port, .. }
                if (node, port) == (self.to, self.port) && self.closed_at_ms.is_none() =>
            {
                self.closed_at_ms = Some(now);
                fx.change(Change::ProbeDisconnected { probe, node });
                fx.explain(Explanation::ProbeDisconnected { probe, node });
            }
            _ => {}
        }
    }
}

/// Who a hand-written request says that it is from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbeSender {
    /// In whose name it is made, if in anybody's.
    pub principal: Option<Topic>,
    /// Its `client.id`; `probe` where there is none.
    pub client_id: Option<Topic>,
}

/// All probes of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Probes {
    /// The last request of each probe, by its number.
    pub answers: BTreeMap<u32, ProbeAnswer>,
    /// The connections that were opened with bytes, by the number of the probe that did.
    pub connections: BTreeMap<u32, ProbeConnection>,
}

impl Probes {
    /// Hashes what can still act: the requests that wait for an answer.
    pub fn hash_behavior(&self, hasher: &mut DigestHasher) {
        let open = self.answers.iter().filter(|(_, answer)| answer.answered_at_ms.is_none());
        open.map(|(probe, answer)| (probe, answer.to, answer.port, answer.connection, answer.api))
            .collect::<Vec<_>>()
            .hash(hasher);
        // A probe opens one connection with bytes, and no more.
        self.connections.hash(hasher);
    }

    /// Sends a request for a probe. What it still waited for is forgotten.
    #[expect(clippy::too_many_arguments, reason = "a hand-written request has this many parts")]
    pub fn send(
        &mut self,
        probe: u32,
        connection: u32,
        (to, incarnation): (i32, u32),
        port: Listener,
        api: ApiKey,
        version: Option<i16>,
        sender: ProbeSender,
        request: Request,
        now: Millis,
        fx: &mut Effects,
    ) {
        let header = RequestHeader {
            request_api_key: api.key(),
            request_api_version: version.unwrap_or_else(|| api.version()),
            correlation_id: CORRELATION_ID,
            client_id: Some(sender.client_id.unwrap_or_else(|| "probe".into())),
            principal: sender.principal,
        };
        let number = connection;
        let connection = Some(Connection::of_probe(connection));
        fx.sends.push(Outgoing::Request {
            to: Endpoint::server(to, port),
            purpose: Purpose::Data,
            header,
            request: Box::new(request),
            connection,
            not_before: 0,
        });
        let answer = ProbeAnswer {
            to,
            port,
            connection: number,
            api,
            incarnation,
            sent_at_ms: now,
            answered_at_ms: None,
            response: None,
            closed: false,
        };
        self.answers.insert(probe, answer);
    }

    /// An answer for a probe, or the end of its peer.
    #[inline(never)]
    pub fn handle(&mut self, probe: u32, input: Input<ProbeTimer>, now: Millis, fx: &mut Effects) {
        if let Some(connection) = self.connections.get_mut(&probe) {
            return connection.handle(probe, input, now, fx);
        }
        let Some(open) = self.answers.get_mut(&probe).filter(|answer| answer.answered_at_ms.is_none()) else { return };
        match input {
            Input::Answer { from, response, .. } if from == open.to && response.api() == open.api => {
                open.answered_at_ms = Some(now);
                open.response = Some(*response);
            }
            Input::Disconnected { node, port, .. } if (node, port) == (open.to, open.port) => {
                open.answered_at_ms = Some(now);
                open.closed = true;
            }
            _ => return,
        }
        fx.change(Change::ProbeAnswered { probe, api: open.api });
        fx.explain(Explanation::ProbeAnswered { probe, api: open.api });
    }

    /// Whether a connection was opened with bytes and is closed.
    pub fn has_closed(&self, client: Endpoint) -> bool {
        let Endpoint::Probe(probe) = client else { return false };
        self.connections.get(&probe).is_some_and(|connection| connection.closed_at_ms.is_some())
    }

    /// The probes that wait for an endpoint, each with its connection: for an answer, or because they keep a connection open.
    pub fn waiting_for(&self, peer: Endpoint) -> Vec<(u32, u32)> {
        let waits =
            |answer: &ProbeAnswer| Endpoint::server(answer.to, answer.port) == peer && answer.answered_at_ms.is_none();
        let waiting = self.answers.iter().filter(|(_, answer)| waits(answer));
        let keeps = |connection: &ProbeConnection| {
            Endpoint::server(connection.to, connection.port) == peer && connection.closed_at_ms.is_none()
        };
        let keeping = self.connections.iter().filter(|(_, connection)| keeps(connection));
        waiting
            .map(|(probe, answer)| (*probe, answer.connection))
            .chain(keeping.map(|(probe, _)| (*probe, *probe)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Purpose;
    use crate::wire::metadata::{ApiVersionsRequest, ApiVersionsResponse};

    #[test]
    fn a_probe_waits_until_it_is_answered_or_its_peer_is_gone() {
        let (mut probes, mut fx) = (Probes::default(), Effects::default());
        let request = || Request::ApiVersions(ApiVersionsRequest::default());
        for probe in [1, 2] {
            probes.send(
                probe,
                probe,
                (7, 1),
                Listener::Broker,
                ApiKey::ApiVersions,
                Some(3),
                ProbeSender::default(),
                request(),
                5,
                &mut fx,
            );
        }
        let has_open_to =
            |probes: &Probes, probe: u32, peer: Endpoint| probes.waiting_for(peer).contains(&(probe, probe));
        assert!(has_open_to(&probes, 1, Endpoint::Broker(7)) && !has_open_to(&probes, 1, Endpoint::Broker(8)));
        let response = Response::ApiVersions(ApiVersionsResponse::default());
        let answer = Input::Answer { from: 7, correlation_id: 0, response: Box::new(response.clone()) };
        probes.handle(1, answer, 9, &mut fx);
        probes.handle(
            2,
            Input::Disconnected { node: 7, port: Listener::Controller, purpose: Purpose::Data },
            10,
            &mut fx,
        );
        assert!(has_open_to(&probes, 2, Endpoint::Broker(7)));
        probes.handle(2, Input::Disconnected { node: 7, port: Listener::Broker, purpose: Purpose::Data }, 11, &mut fx);
        assert_eq!(probes.answers[&1].response, Some(response));
        assert_eq!((probes.answers[&2].closed, probes.answers[&2].answered_at_ms), (true, Some(11)));
        assert_eq!(fx.changes.len(), 2);
    }
}
