//! Why a consumer reads nothing that was refused.

use super::*;
use crate::config::PollMode;
use crate::presets::Order;
use crate::why::WhyNot;
use crate::wire::ErrorCode;

/// What is said of two consumers that go by the same `group.instance.id`.
fn said_of_namesakes(protocol: &str) -> Vec<WhyNot> {
    let mut config = Order { consumers: 2, ..Order::default() }.config();
    for consumer in &mut config.consumers {
        consumer.poll = PollMode::Continuous;
        let settings = [("group.protocol", protocol), ("group.instance.id", "one")];
        consumer.settings.extend(settings.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    let mut cluster = Cluster::new(&config, 7).expect("it comes to rest");
    pass(&mut cluster, 20_000);
    let is_of_consumers = |why: &WhyNot| matches!(why, WhyNot::ConsumerThrew { .. } | WhyNot::ConsumerFatal { .. });
    cluster.why_not().into_iter().filter(is_of_consumers).collect()
}

#[test]
fn one_that_is_refused_for_good_never_joins_again() {
    let said = said_of_namesakes("consumer");
    assert!(matches!(&said[..], [WhyNot::ConsumerFatal { group, .. }] if group == "billing"), "{said:?}");
}

#[test]
fn one_that_was_fenced_waits_until_its_application_polls() {
    let said = said_of_namesakes("classic");
    let is_fenced = matches!(&said[..], [WhyNot::ConsumerThrew { error: ErrorCode::FencedInstanceId, .. }]);
    assert!(is_fenced, "{said:?}");
}
