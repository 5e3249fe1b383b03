//! The verb `raw`: bytes on a connection of their own, and what came of it.

use serde_json::{Value, json};

use super::format::TranscriptStep;
use super::player::{PATIENCE_MS, Player, Unsupported};
use super::raw_forms::{RawForm, good_request, parse};
use crate::actor::Listener;
use crate::command::Command;
use crate::socket_server::connection_quotas::Limits;
use crate::wire::Response;
use crate::wire::records::Bytes;
use crate::wire::response_bytes::write_response;

/// So long the lab waited for something to come back, in milliseconds.
const RAW_WAIT_MS: u64 = 1_000;
/// The id of the lab's clusters.
pub(super) const LAB_CLUSTER_ID: &str = "MkU3OEVBNTcwNTJENDM2Qk";
/// What a note says of connections that the step does not count.
const LAB_HOLDS_ONE: &str = "the admin client of the lab holds connections of its own from the same address";

impl Player<'_> {
    pub(super) fn raw_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let text = step.text("send").unwrap_or_default();
        let form = parse(text).ok_or_else(|| Unsupported::observation(format!("raw: {text}")))?;
        let to = self.node_of(step.get("to"))?;
        let port = match step.text("port") {
            None | Some("broker") => Listener::Broker,
            Some("controller") => Listener::Controller,
            Some(other) => return Err(Unsupported::observation(format!("port {other}"))),
        };
        let Some(saw) = &step.saw else { return Ok(()) };
        match form {
            RawForm::Bytes { bytes, then_silence_ms: None } => {
                let probe = self.send_raw(to, port, bytes)?;
                let came = self.await_raw(probe, RAW_WAIT_MS);
                self.compare(saw, &as_recorded(came, saw));
                self.close_raw(probe)
            }
            RawForm::Bytes { bytes, then_silence_ms: Some(limit) } => {
                self.expect_limit((to, port), limit, |limits| limits.idle_expiry.max_idle_ms())?;
                self.compare_silence(to, port, bytes, saw)
            }
            RawForm::Connections { count, limit } => {
                self.expect_limit((to, port), limit.into(), |limits| Some(limits.max_connections_per_ip.into()))?;
                if step.note == LAB_HOLDS_ONE {
                    let held = self.send_raw(to, port, Vec::new())?;
                    self.kept_open.push(held);
                }
                self.compare_connections(to, port, count, saw)
            }
            RawForm::OneMore => {
                for probe in std::mem::take(&mut self.kept_open) {
                    self.close_raw(probe)?;
                }
                self.let_time_pass(RAW_WAIT_MS);
                let probe = self.send_raw(to, port, good_request())?;
                let came = self.await_raw(probe, RAW_WAIT_MS);
                self.compare(saw, &as_recorded(came, saw));
                self.close_raw(probe)
            }
        }
    }

    /// A step names a limit that was in force: if another is here, it is about something else.
    fn expect_limit(
        &self,
        (to, port): (i32, Listener),
        limit: u64,
        in_force: impl Fn(&Limits) -> Option<u64>,
    ) -> Result<(), Unsupported> {
        let limits = self.cluster.node(to).map(|node| *node.server(port).limits());
        if limits.as_ref().and_then(in_force) == Some(limit) {
            return Ok(());
        }
        Err(Unsupported::observation(format!("raw with limit {limit}")))
    }

    fn send_raw(&mut self, to: i32, port: Listener, bytes: Vec<u8>) -> Result<u32, Unsupported> {
        let probe = self.take_probe();
        let command = Command::SendBytes { probe, to, port, bytes: Bytes::from(bytes) };
        self.command(command).map_err(|error| Unsupported::observation(format!("raw: {error}")))?;
        Ok(probe)
    }

    fn close_raw(&mut self, probe: u32) -> Result<(), Unsupported> {
        let is_open = self.cluster.probe_connection(probe).is_some_and(|connection| connection.closed_at_ms.is_none());
        if is_open {
            let closed = self.command(Command::CloseConnection { probe });
            closed.map_err(|error| Unsupported::observation(format!("raw: {error}")))?;
        }
        Ok(())
    }

    /// Waits until something comes back on a connection.
    fn await_raw(&mut self, probe: u32, limit_ms: u64) -> RawOutcome {
        self.run_until(limit_ms, |cluster, _| {
            cluster.probe_connection(probe).is_some_and(|connection| {
                connection.closed_at_ms.is_some() || connection.requests.iter().any(|sent| sent.response.is_some())
            })
        });
        let Some(connection) = self.cluster.probe_connection(probe) else { return RawOutcome::Nothing };
        let answered = connection.requests.iter().find_map(|sent| Some((sent, sent.response.clone()?)));
        if let Some((sent, mut response)) = answered {
            give_lab_addresses(&mut response);
            return RawOutcome::Answer(write_response(sent.correlation_id, sent.version, &response));
        }
        if connection.closed_at_ms.is_some() { RawOutcome::Closed } else { RawOutcome::Nothing }
    }

    /// Waits until a connection is closed on which nothing passes after what is sent, and its answer.
    fn compare_silence(&mut self, to: i32, port: Listener, bytes: Vec<u8>, saw: &Value) -> Result<(), Unsupported> {
        let probe = self.send_raw(to, port, bytes)?;
        if self.cluster.probe_connection(probe).is_some_and(|connection| !connection.requests.is_empty()) {
            self.await_raw(probe, RAW_WAIT_MS);
        }
        let silent_since = self.now();
        let is_closed = self.run_until(PATIENCE_MS, |cluster, _| {
            cluster.probe_connection(probe).is_some_and(|connection| connection.closed_at_ms.is_some())
        });
        let came = if is_closed { "connection closed" } else { "nothing" };
        for (field, recorded) in saw.as_object().into_iter().flatten() {
            match (field.as_str(), recorded.as_str().and_then(between_ms)) {
                ("saw", _) => self.compare_at("saw", recorded, &json!(came)),
                ("after", Some((low, high))) => {
                    let after = self.now().saturating_sub(silent_since);
                    self.compare_at("after", &json!(format!("{low} to {high}")), &json!(after));
                }
                _ => self.cannot_say(field, recorded),
            }
        }
        self.close_raw(probe)
    }

    /// Opens connections one after the other, each with a good request.
    fn compare_connections(&mut self, to: i32, port: Listener, count: u32, saw: &Value) -> Result<(), Unsupported> {
        let mut outcomes = Vec::new();
        for _ in 0..count {
            let probe = self.send_raw(to, port, good_request())?;
            let outcome = self.await_raw(probe, RAW_WAIT_MS).told_as("served");
            outcomes.push(outcome);
            self.kept_open.push(probe);
        }
        let served = outcomes.iter().filter(|outcome| *outcome == "served").count();
        let mut kinds = outcomes.clone();
        kinds.sort_unstable();
        kinds.dedup();
        let rest = outcomes.get(served..).unwrap_or_default();
        for (field, recorded) in saw.as_object().into_iter().flatten() {
            let then = recorded.as_str().and_then(|then| then.strip_prefix("every one after that: "));
            match (field.as_str(), then) {
                ("outcomes", _) => self.compare_at("outcomes", recorded, &json!(kinds)),
                ("served", _) => self.compare_at("served", recorded, &json!(served)),
                ("then", Some(outcome)) => {
                    let all = rest.iter().all(|each| each == outcome);
                    self.compare_at("then", &json!(true), &json!(all));
                }
                _ => self.cannot_say(field, recorded),
            }
        }
        Ok(())
    }
}

/// What came back on a connection.
enum RawOutcome {
    /// An answer; `None` where it is not written as bytes here.
    Answer(Option<Vec<u8>>),
    /// Its end.
    Closed,
    /// Nothing in the time that was waited.
    Nothing,
}

impl RawOutcome {
    /// In the words of transcripts; an answer by a name for it.
    fn told_as(&self, answer: &str) -> String {
        match self {
            Self::Answer(_) => answer.to_owned(),
            Self::Closed => "connection closed".to_owned(),
            Self::Nothing => "nothing".to_owned(),
        }
    }
}

/// What came back as it was recorded: an answer by its bytes, or as `served`.
fn as_recorded(came: RawOutcome, saw: &Value) -> Value {
    match &came {
        RawOutcome::Answer(Some(bytes)) if saw.as_str().is_some_and(|saw| saw.starts_with("hex:")) => {
            Value::from(format!("hex:{}", Bytes::from(bytes.as_slice()).to_hex()))
        }
        _ => Value::from(came.told_as("served")),
    }
}

/// Node n of the lab listens at 127.0.0.(10 + n), and all its clusters have one id.
fn give_lab_addresses(response: &mut Response) {
    if let Response::Metadata(answer) = response {
        for broker in &mut answer.brokers {
            broker.host = format!("127.0.0.{}", broker.node_id.saturating_add(10));
        }
        if let Some(id) = &mut answer.cluster_id {
            LAB_CLUSTER_ID.clone_into(id);
        }
    }
}

/// `between 2.5 and 4.5 s`, in milliseconds.
fn between_ms(words: &str) -> Option<(u64, u64)> {
    let (low, high) = words.strip_prefix("between ")?.strip_suffix(" s")?.split_once(" and ")?;
    let ms = |seconds: &str| {
        let (whole, tenths) = seconds.split_once('.').unwrap_or((seconds, "0"));
        let tenths = Some(tenths).filter(|tenths| tenths.len() == 1)?.parse::<u64>().ok()?;
        whole.parse::<u64>().ok()?.checked_mul(1_000)?.checked_add(tenths * 100)
    };
    Some((ms(low)?, ms(high)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_seconds_and_tenths() {
        assert_eq!(between_ms("between 2.5 and 4 s"), Some((2_500, 4_000)));
        assert_eq!((between_ms("about 3 s"), between_ms("between 2.55 and 3 s")), (None, None));
    }
}
