//! Plays what a real Kafka 4.3.1 answered, step by step.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Lab;
use crate::sim::Millis;
use crate::wire::{ApiKey, Request};

/// A player of one transcript: members' names by their order of appearance, open requests by their names.
struct Player {
    lab: Lab,
    members: BTreeMap<String, String>,
    open: BTreeMap<String, i32>,
    compared: u32,
}

impl Player {
    /// The request that a step's words mean.
    fn request(&mut self, api: &str, mut body: Value) -> Option<Request> {
        let api: ApiKey = api.parse().ok()?;
        let group = body["groupId"].as_str().unwrap_or_default().to_owned();
        self.name_members(&mut body, &group);
        Some(Request::from_json(api, &body).expect("a request"))
    }

    fn name_members(&mut self, value: &mut Value, group: &str) {
        match value {
            Value::String(text) if text.starts_with("member:") => {
                let name = text.clone();
                // The transcript leaves out where this one got its id.
                let unseen = !self.members.contains_key(&name);
                if unseen {
                    let body = json!({ "groupId": group, "sessionTimeoutMs": 6000, "memberId": "",
                        "protocols": [{ "name": "range", "metadata": { "topics": ["t"] } }] });
                    let join = Request::from_json(ApiKey::JoinGroup, &body).expect("a request");
                    let answer = self.lab.ask(join).to_json();
                    let id = answer["memberId"].as_str().expect("a member id").to_owned();
                    self.members.insert(name.clone(), id);
                }
                *text = self.members[&name].clone();
            }
            Value::Array(all) => all.iter_mut().for_each(|each| self.name_members(each, group)),
            Value::Object(fields) => fields.values_mut().for_each(|each| self.name_members(each, group)),
            _ => {}
        }
    }

    /// Compares what the real Kafka said, field by field, with what came.
    fn compare(&mut self, at: &str, saw: &Value, got: &Value) {
        match (saw, got) {
            (Value::Object(saw), got) => {
                for (field, expected) in saw {
                    let (field, got) = match field.as_str() {
                        "after" => continue,
                        "error" => (field.as_str(), &got["errorCode"]),
                        name => (name, &got[name]),
                    };
                    match (field, expected) {
                        ("members", Value::Number(count)) => {
                            assert_eq!(got.as_array().map(Vec::len), count.as_u64().map(|n| n as usize), "{at}");
                        }
                        // Java's hash order of random ids means nothing.
                        ("members", Value::Array(expected)) => {
                            let sorted = |all: &[Value], id: &dyn Fn(&Value) -> String| {
                                let mut all: Vec<(String, Value)> =
                                    all.iter().map(|each| (id(&each["memberId"]), each.clone())).collect();
                                all.sort_by(|a, b| a.0.cmp(&b.0));
                                all
                            };
                            let names = self.members.clone();
                            let to_id = move |name: &Value| {
                                let name = name.as_str().unwrap_or_default();
                                names.get(name).cloned().unwrap_or_else(|| name.to_owned())
                            };
                            let own = |id: &Value| id.as_str().unwrap_or_default().to_owned();
                            let got = sorted(got.as_array().map_or(&[][..], Vec::as_slice), &own);
                            let expected = sorted(expected, &to_id);
                            assert_eq!(expected.len(), got.len(), "{at}.members");
                            for ((_, expected), (_, got)) in expected.iter().zip(&got) {
                                self.compare(&format!("{at}.members"), expected, got);
                            }
                        }
                        _ => self.compare(&format!("{at}.{field}"), expected, got),
                    }
                }
            }
            (Value::Array(saw), Value::Array(got)) => {
                assert_eq!(saw.len(), got.len(), "{at}");
                saw.iter().zip(got).for_each(|(saw, got)| self.compare(at, saw, got));
            }
            (Value::String(name), got) if name.starts_with("member:") => {
                let id = got.as_str().expect("a member id").to_owned();
                let known = self.members.entry(name.clone()).or_insert_with(|| id.clone());
                assert_eq!(*known, id, "{at}: {name}");
                self.compared += 1;
            }
            (saw, got) => {
                assert_eq!(saw, got, "{at}");
                self.compared += 1;
            }
        }
    }

    fn describe(&mut self, at: &str, saw: &Value) {
        let group = saw["groupId"].as_str().expect("a group");
        let view = self
            .lab
            .coordinator
            .views(1, &crate::metadata::MetadataImage::default())
            .into_iter()
            .find(|view| view.group == group);
        let state = view.as_ref().map_or("Dead", |view| view.state.as_str());
        assert_eq!(saw["groupState"], state, "{at}");
        self.compared += 1;
        let mut expected: Vec<String> = saw["members"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|member| self.members[member["memberId"].as_str().expect("a member")].clone())
            .collect();
        expected.sort();
        assert_eq!(expected, view.map(|view| view.members).unwrap_or_default(), "{at}");
    }

    fn step(&mut self, number: usize, step: &Value) {
        let at = format!("step {number}");
        let within = step["withinMs"].as_u64().unwrap_or(10_000);
        match step["do"].as_str().expect("a verb") {
            "request" if step["api"] == "DescribeGroups" => self.describe(&at, &step["saw"]["groups"][0]),
            "request" => {
                let Some(request) = self.request(step["api"].as_str().expect("an api"), step["body"].clone()) else {
                    return;
                };
                if step["api"] == "FindCoordinator" {
                    return;
                }
                let id = self.lab.send(request);
                let answer = self.lab.answer_within(id, within).unwrap_or_else(|| panic!("{at}: no answer"));
                self.compare(&at, &step["saw"], &answer.to_json());
            }
            "send" => {
                let request = self.request(step["api"].as_str().expect("an api"), step["body"].clone());
                let id = self.lab.send(request.expect("a request"));
                self.open.insert(step["as"].as_str().expect("a name").to_owned(), id);
            }
            "answer" => {
                let id = self.open[step["of"].as_str().expect("a name")];
                let answer = self.lab.answer_within(id, within);
                if step["saw"] == "nothing" {
                    assert_eq!(answer, None, "{at}");
                    self.compared += 1;
                } else {
                    let answer = answer.unwrap_or_else(|| panic!("{at}: no answer"));
                    self.compare(&at, &step["saw"], &answer.to_json());
                }
            }
            "heartbeat-until" => {
                let every: Millis = step["everyMs"].as_u64().unwrap_or(250);
                let group = self
                    .lab
                    .coordinator
                    .views(1, &crate::metadata::MetadataImage::default())
                    .last()
                    .expect("a group")
                    .group
                    .clone();
                let began = self.lab.now;
                loop {
                    let body =
                        json!({ "groupId": group, "generationId": step["generation"], "memberId": step["member"] });
                    let request = self.request("Heartbeat", body).expect("a request");
                    let answer = self.lab.ask(request).to_json();
                    if answer["errorCode"] == step["saw"]["error"] {
                        break;
                    }
                    assert!(self.lab.now < began + 10_000, "{at}: {answer}");
                    self.lab.wait(every);
                }
                if step["saw"]["afterMs"] == "between 5500 and 7500" {
                    assert!((5_500..7_500).contains(&(self.lab.now - began)), "{at}");
                }
                self.compared += 1;
            }
            _ => {}
        }
    }
}

fn play(text: &str, initial_delay_ms: u64) -> u32 {
    let transcript: Value = serde_json::from_str(text).expect("JSON");
    let mut player = Player { lab: Lab::new(), members: BTreeMap::new(), open: BTreeMap::new(), compared: 0 };
    player.lab.settings.group_initial_rebalance_delay_ms = initial_delay_ms;
    let mut pause = None;
    for (number, step) in transcript["steps"].as_array().expect("steps").iter().enumerate() {
        // In the real run two seconds lay between the two first members of a group.
        if step["do"] == "note" {
            pause = step["what"].as_str().filter(|what| what.contains("2 s")).map(|_| 2_000);
        }
        // Deleting groups is for later; what follows it in the transcript is about deleted groups.
        if step["api"] == "DeleteGroups" && step["saw"]["results"][0]["error"] == "NONE" {
            break;
        }
        if step["do"] == "send"
            && step["as"] == "jb"
            && let Some(pause) = pause.take()
        {
            player.lab.wait(pause);
        }
        player.step(number, step);
    }
    player.compared
}

#[test]
fn a_classic_groups_life() {
    let transcript = include_str!("../../../../../tests/transcripts/group-classic-life.json");
    assert!(play(transcript, 0) > 200);
}

#[test]
fn how_members_of_a_classic_group_expire() {
    let transcript = include_str!("../../../../../tests/transcripts/group-classic-expiry.json");
    assert!(play(transcript, 0) > 80);
}

#[test]
fn the_initial_rebalance_delay() {
    let transcript = include_str!("../../../../../tests/transcripts/group-initial-rebalance-delay.json");
    assert!(play(transcript, 3_000) > 20);
}
