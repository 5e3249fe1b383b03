//! Settings of a producer that contradict each other, in Kafka's order and words
//! (`ProducerConfig.postProcessAndValidateIdempotenceConfigs`, `KafkaProducer.configureDeliveryTimeout`).

use std::collections::BTreeMap;

use crate::command::CommandError;
use crate::settings::ProducerSettings;

/// Up to this number of batches in flight an idempotent producer keeps their order.
const IN_FLIGHT_MAX: u32 = 5;

/// Checks settings, and switches off what was on only by default. `given` are those that somebody wrote.
///
/// # Errors
/// The first contradiction.
pub(super) fn reconcile(settings: &mut ProducerSettings, given: &BTreeMap<String, String>) -> Result<(), CommandError> {
    let refuse = |message: &str| Err(CommandError::InvalidConfig { message: message.to_owned() });
    let is_asked_for = given.contains_key("enable.idempotence");
    let mut is_disabled = false;
    if settings.enable_idempotence {
        if settings.retries == 0 {
            if is_asked_for {
                return refuse("Must set retries to non-zero when using the idempotent producer.");
            }
            is_disabled = true;
        }
        if !matches!(settings.acks.as_str(), "all" | "-1") {
            if is_asked_for {
                return refuse(
                    "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.",
                );
            }
            is_disabled = true;
        }
        let in_flight = settings.max_in_flight_requests_per_connection;
        if in_flight > IN_FLIGHT_MAX {
            return refuse(&format!(
                "To use the idempotent producer, max.in.flight.requests.per.connection must be set to at most 5. Current value is {in_flight}."
            ));
        }
    }
    settings.enable_idempotence &= !is_disabled;
    if !settings.enable_idempotence && !settings.transactional_id.is_empty() {
        return refuse("Cannot set a transactional.id without also enabling idempotence.");
    }
    let least_ms = settings.linger_ms.saturating_add(settings.request_timeout_ms).min(DELIVERY_TIMEOUT_MS_MAX);
    if settings.delivery_timeout_ms < least_ms {
        if given.contains_key("delivery.timeout.ms") {
            return refuse("delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms");
        }
        settings.delivery_timeout_ms = least_ms;
    }
    Ok(())
}

/// The setting is an `int` in Kafka.
const DELIVERY_TIMEOUT_MS_MAX: u64 = 2_147_483_647;
