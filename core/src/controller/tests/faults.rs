//! Exceptions inside an event that the controller does not expect: nothing is written, and it gives up its leadership.

use super::lab::Lab;
use crate::wire::metadata::*;
use crate::wire::{ErrorCode, Request, Response};

fn lab() -> Lab {
    let mut lab = Lab::new(&[]);
    for id in 1..=3 {
        lab.start(id, None);
    }
    lab
}

/// What is answered, whether something was written, and whether the controller gave up.
fn outcome<T>(lab: &mut Lab, ask: impl FnOnce(&mut Lab) -> T) -> (T, bool, bool) {
    lab.new_records();
    let before = lab.controller.epoch();
    let answer = ask(lab);
    let has_written = !lab.new_records().is_empty();
    lab.run(10_000);
    assert!(lab.controller.is_active());
    (answer, has_written, lab.controller.epoch() > before)
}

#[test]
fn what_is_added_to_a_list_must_be_something() {
    let mut lab = lab();
    lab.create("t", &[&[1]], &[]);
    let mut append = |name: &str| {
        let config = AlterableConfig { name: name.to_owned(), config_operation: 2, value: None };
        let resource = AlterConfigsResource { resource_type: 2, resource_name: "t".to_owned(), configs: vec![config] };
        let request = IncrementalAlterConfigsRequest { resources: vec![resource], ..Default::default() };
        outcome(&mut lab, |lab| match lab.ask(Request::IncrementalAlterConfigs(request)) {
            Response::IncrementalAlterConfigs(answer) => answer.responses[0].error_code,
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(append("cleanup.policy"), (ErrorCode::UnknownServerError, false, true));
    assert_eq!(append("retention.ms"), (ErrorCode::InvalidConfig, false, false), "it is no list");
}
