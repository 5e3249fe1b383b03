//! What a cluster that starts at rest waits for.

use super::*;
use crate::config::PollMode;
use crate::presets::Order;

#[test]
fn nobody_waits_for_a_consumer_that_left_because_its_application_does_not_poll() {
    let mut config = Order { consumers: 2, ..Order::default() }.config();
    // The first group is formed only after the member of the second has gone without a poll for too long.
    config.settings.insert("group.initial.rebalance.delay.ms".to_owned(), "20000".to_owned());
    let [first, second] = &mut config.consumers[..] else { panic!("two consumers") };
    first.poll = PollMode::Continuous;
    second.group = "audit".to_owned();
    second.poll = PollMode::Manual;
    for (name, value) in [("group.protocol", "consumer"), ("max.poll.interval.ms", "2500")] {
        second.settings.insert(name.to_owned(), value.to_owned());
    }
    let cluster = Cluster::new(&config, 7).expect("it comes to rest");
    let of_group =
        |group: &str| cluster.consumers.iter().find(|consumer| consumer.group() == group).expect("it is there");
    assert!(of_group("billing").is_settled());
    assert!(!of_group("audit").is_settled() && of_group("audit").waits_for_poll());
}
