//! What the faces for settings and for hand-written requests tell, on running clusters.

mod settings {
    use kafkascope_core::command::Command;
    use kafkascope_core::command::SettingScope;
    use kafkascope_core::history::History;
    use kafkascope_core::presets::presets;
    use kafkascope_core::step::Size;
    use kafkascope_core::view::{SettingSource, SettingView};

    fn run() -> History {
        let preset = presets().into_iter().find(|preset| preset.id == "min-insync-two").expect("a preset");
        let mut history = History::new(preset.scenario).expect("it runs");
        (0..60).for_each(|_| _ = history.forward(Size::Message));
        history
    }

    fn setting(history: &History, scope: &SettingScope, name: &str) -> SettingView {
        let settings = history.cluster().settings(scope);
        settings.into_iter().find(|setting| setting.name == name).unwrap_or_else(|| panic!("{name} is listed"))
    }

    fn set(history: &mut History, scope: SettingScope, name: &str, value: &str) {
        let command = Command::Set { scope, name: name.to_owned(), value: value.to_owned() };
        history.act(command).expect("the command is taken");
        (0..40).for_each(|_| _ = history.forward(Size::Message));
    }

    #[test]
    fn a_changed_setting_is_told_with_where_it_comes_from() {
        let mut history = run();
        let (topic, broker) = (SettingScope::Topic("orders".to_owned()), SettingScope::Broker(1));
        assert_eq!(setting(&history, &topic, "retention.ms").source, SettingSource::Default);
        set(&mut history, topic.clone(), "retention.ms", "1000");
        let changed = setting(&history, &topic, "retention.ms");
        assert_eq!((changed.value.as_deref(), changed.source), (Some("1000"), SettingSource::Topic));
        set(&mut history, SettingScope::Brokers, "message.max.bytes", "2000000");
        let changed = setting(&history, &broker, "message.max.bytes");
        assert_eq!((changed.value.as_deref(), changed.source), (Some("2000000"), SettingSource::DynamicDefaultBroker));
        let of_topic = setting(&history, &topic, "max.message.bytes");
        assert_eq!(of_topic.value.as_deref(), Some("2000000"), "a topic's default is the brokers'");
        // Kafka stores also what does not act here.
        set(&mut history, broker.clone(), "background.threads", "11");
        assert_eq!(setting(&history, &broker, "background.threads").source, SettingSource::DynamicBroker);
    }

    #[test]
    fn a_refusal_is_told_in_kafkas_words() {
        let mut history = run();
        let broker = SettingScope::Broker(1);
        set(&mut history, broker.clone(), "num.partitions", "4");
        let message = history.cluster().setting_refusal(&broker, "num.partitions").expect("it is read-only");
        assert!(message.contains("Cannot update these configs dynamically"), "{message}");
        let wrong = Command::Set { scope: broker, name: "message.max.bytes".to_owned(), value: "many".to_owned() };
        let refused = history.act(wrong).expect_err("it is no number");
        assert!(refused.to_string().contains("Not a number of type INT"), "{refused}");
    }

    #[test]
    fn every_scope_lists_its_settings_once() {
        let history = run();
        let scopes = [
            (SettingScope::Topic("orders".to_owned()), 34),
            (SettingScope::Broker(1), 200),
            (SettingScope::Brokers, 200),
            (SettingScope::Group("readers".to_owned()), 17),
            (SettingScope::Producer(1), 80),
            (SettingScope::Consumer(1), 80),
            (SettingScope::Pipeline(1), 5),
            (SettingScope::Network, 2),
        ];
        for (scope, at_least) in scopes {
            let settings = history.cluster().settings(&scope);
            let mut names: Vec<_> = settings.iter().map(|setting| setting.name).collect();
            names.dedup();
            assert_eq!(names.len(), settings.len(), "{scope:?}");
            assert!(names.len() >= at_least, "{scope:?}: {}", names.len());
        }
    }
}

mod request_templates {
    use kafkascope_core::command::Command;
    use kafkascope_core::history::History;
    use kafkascope_core::presets::presets;
    use kafkascope_core::step::Size;
    use kafkascope_core::view::{REQUEST_TEMPLATES, RequestTemplate};
    use kafkascope_core::wire::ApiKey;
    use kafkascope_core::wire::{Request, Response};
    use serde_json::Value;

    fn run() -> History {
        let preset = presets().into_iter().find(|preset| preset.id == "first-minute").expect("a preset");
        let mut history = History::new(preset.scenario).expect("it runs");
        (0..60).for_each(|_| _ = history.forward(Size::Message));
        history
    }

    /// Sends a template as it is, and waits for its answer.
    fn answer(history: &mut History, probe: u32, api: ApiKey) -> Value {
        let RequestTemplate { to, port, body } = history.cluster().request_template(api).expect("a template");
        if let Err(error) = Request::from_json(api, &body) {
            panic!("{api:?}: {error}");
        }
        history.act(Command::request(probe, (to, port), api, None, body)).expect("it is sent");
        for _ in 0..20_000 {
            let response = history.cluster().probe_answer(probe).and_then(|answer| answer.response.clone());
            if let Some(response) = response {
                return Response::to_json(&response);
            }
            history.step();
        }
        panic!("{api:?} has no answer");
    }

    /// Every error code in an answer.
    fn errors(json: &Value) -> Vec<String> {
        match json {
            Value::Object(fields) => fields
                .iter()
                .flat_map(|(name, value)| {
                    let is_error = name == "errorCode" && !value.is_null();
                    if is_error { vec![value.to_string()] } else { errors(value) }
                })
                .collect(),
            Value::Array(items) => items.iter().flat_map(errors).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_template_is_answered_without_an_error() {
        for (probe, api) in (1..).zip(REQUEST_TEMPLATES) {
            let mut history = run();
            let answer = answer(&mut history, probe, api);
            let errors: Vec<String> =
                errors(&answer).into_iter().filter(|code| code != "0" && code != "\"NONE\"").collect();
            // A new member is told its id first, and joins with it (KIP-394).
            let expected: &[&str] = match api {
                ApiKey::JoinGroup => &["\"MEMBER_ID_REQUIRED\""],
                // Where nobody uses transactions nobody coordinates any.
                ApiKey::InitProducerId
                | ApiKey::AddOffsetsToTxn
                | ApiKey::TxnOffsetCommit
                | ApiKey::EndTxn
                | ApiKey::DescribeTransactions => &["\"NOT_COORDINATOR\"", "\"COORDINATOR_NOT_AVAILABLE\""],
                _ => &[],
            };
            assert!(errors.iter().all(|code| expected.contains(&code.as_str()) || code == "79"), "{api:?}: {answer}");
        }
    }

    #[test]
    fn a_fetch_goes_on_in_the_session_that_was_opened() {
        let mut history = run();
        let opened = answer(&mut history, 1, ApiKey::Fetch)["sessionId"].as_i64().expect("a number");
        assert_ne!(opened, 0, "a session is opened");
        let next = history.cluster().request_template(ApiKey::Fetch).expect("a template").body;
        assert_eq!((next["sessionId"].as_i64(), next["sessionEpoch"].as_i64()), (Some(opened), Some(1)));
        let again = answer(&mut history, 1, ApiKey::Fetch);
        assert_eq!(again["sessionId"].as_i64(), Some(opened), "{again}");
    }
}
