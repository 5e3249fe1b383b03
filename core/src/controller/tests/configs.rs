//! Names and settings that are asked for at the controller itself.

use super::lab::Lab;
use crate::actor::Endpoint;
use crate::wire::metadata::*;
use crate::wire::{ErrorCode, Request, Response, Uuid};

#[test]
fn a_name_that_is_none_collides_all_the_same() {
    let mut lab = Lab::new(&[]);
    lab.start(1, None);
    lab.create("_", &[&[1]], &[]);
    let told = lab.create(".", &[&[1]], &[]).topics.remove(0);
    assert_eq!(told.error_message.as_deref(), Some("Topic '.' collides with existing topic: _"));
    let told = lab.create("..", &[&[1]], &[]).topics.remove(0);
    assert_eq!(told.error_message.as_deref(), Some("Topic name is invalid: '..' is not allowed"));
}

#[test]
fn a_node_has_settings_once_it_is_registered_be_it_a_controller() {
    let mut lab = Lab::new(&[]);
    let set = |lab: &mut Lab, node: &str| {
        let config = AlterableConfig {
            name: "log.cleaner.threads".to_owned(),
            config_operation: 0,
            value: Some("2".to_owned()),
        };
        let resource = AlterConfigsResource { resource_type: 4, resource_name: node.to_owned(), configs: vec![config] };
        let request = IncrementalAlterConfigsRequest { resources: vec![resource], ..Default::default() };
        match lab.ask(Request::IncrementalAlterConfigs(request)) {
            Response::IncrementalAlterConfigs(answer) => answer.responses[0].error_code,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(set(&mut lab, "8"), ErrorCode::BrokerIdNotRegistered);
    assert_eq!(set(&mut lab, "9"), ErrorCode::None, "one of `controller.quorum.voters`");
    let request = ControllerRegistrationRequest {
        controller_id: 8,
        incarnation_id: Uuid(800),
        ..ControllerRegistrationRequest::default()
    };
    lab.send(Endpoint::Controller(8), Request::ControllerRegistration(request));
    assert_eq!(set(&mut lab, "8"), ErrorCode::None);
}
