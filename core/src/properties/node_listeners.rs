//! A node's listeners: what Kafka has against them alone, and against their names together.

use super::mistake::Problem;
use super::node::{NodeFile, comment_behind};
use super::placeholder;
use crate::config::Roles;
use crate::settings::listeners::{self, ListenerAddress, ListenerFault, ProtocolMap};

impl NodeFile {
    pub(super) fn check_listeners(&mut self) {
        let names = self.controller_listener_names.clone();
        let entries = match self.value("listeners") {
            Some(_) => self.list("listeners"),
            None => vec!["PLAINTEXT://:9092".to_owned()],
        };
        let advertised = self.value("advertised.listeners").map(|_| self.list("advertised.listeners"));
        let map = listeners::protocol_map(self.value("listener.security.protocol.map"), &names, &entries);
        let line_of_map = self.line("listener.security.protocol.map");
        for (fault, message) in map.refusals.clone() {
            self.mistake(line_of_map, problem_of("listener.security.protocol.map", fault), Some(message));
        }
        let mut is_right = map.refusals.is_empty() && !entries.is_empty();
        for (setting, entries, distinct) in
            [("listeners", Some(&entries), true), ("advertised.listeners", advertised.as_ref(), false)]
        {
            let Some(entries) = entries else { continue };
            let found = listeners::refusals(entries, &map, distinct);
            is_right &= found.is_empty();
            if self.has_placeholder(setting) {
                self.say_of_placeholders(setting, found.first().map(|(_, message)| message.clone()));
            }
            let line = self.line(setting);
            for (fault, message) in found {
                let problem = match problem_of(setting, fault) {
                    Problem::ListenerSyntax { entry, .. } if !placeholder::find(&entry).is_empty() => continue,
                    Problem::ListenerSyntax { name, entry } => match comment_behind(&entry) {
                        Some(comment) => Problem::CommentBehindValue { name, comment },
                        None => Problem::ListenerSyntax { name, entry },
                    },
                    other => other,
                };
                self.mistake(line, problem, Some(message));
            }
        }
        // Names can be looked at where hosts are not known yet.
        if is_right || self.has_placeholder("listeners") {
            self.check_listener_names(&names, advertised.as_deref(), &map);
        }
    }

    fn check_listener_names(&mut self, names: &[String], advertised: Option<&[String]>, map: &ProtocolMap) {
        let Some(roles) = self.roles.filter(|_| !names.is_empty()) else { return };
        let own: Vec<ListenerAddress> = self.listeners.clone();
        let own_names: Vec<String> = own.iter().map(|listener| listener.name.clone()).collect();
        let advertised: Vec<ListenerAddress> = match advertised {
            Some(entries) => entries.iter().filter_map(|entry| listeners::guess(entry)).collect(),
            None => own.clone(),
        };
        let to_clients: Vec<ListenerAddress> =
            advertised.iter().filter(|listener| !names.contains(&listener.name)).cloned().collect();
        let to_clients_names: Vec<String> = to_clients.iter().map(|listener| listener.name.clone()).collect();
        let (line, line_of_names) = (self.line("listeners"), self.line("controller.listener.names"));
        let line_of_advertised = self.line("advertised.listeners").or(line);
        let required = |what: &str| Some(format!("requirement failed: {what}"));
        if roles.is_controller() {
            let found = |name: &String| own_names.contains(name) || advertised.iter().any(|other| other.name == *name);
            if roles == Roles::Controller
                && let Some(listener) = own_names.iter().find(|name| !names.contains(name))
            {
                let what = "The listeners config must only contain KRaft controller listeners from controller.listener.names when \
                            process.roles=controller";
                self.mistake(
                    line,
                    Problem::ControllerWithBrokerListener { listener: listener.clone() },
                    required(what),
                );
            }
            if !names.iter().any(found) {
                let problem = Problem::NoControllerListener { names: names.to_vec(), listeners: own_names.clone() };
                self.mistake(line_of_names.or(line), problem, Some(listeners::NO_CONTROLLER_LISTENER.to_owned()));
            } else if let Some(name) = names.iter().find(|name| !own_names.contains(name)) {
                let what = "controller.listener.names must only contain values appearing in the 'listeners' configuration when \
                            running the KRaft controller role";
                let problem = Problem::UnknownControllerListener { name: name.clone(), listeners: own_names.clone() };
                self.mistake(line_of_names, problem, required(what));
            }
        } else if let Some(listener) = own_names.iter().find(|name| names.contains(name)) {
            let what = "controller.listener.names must not contain a value appearing in the 'listeners' configuration when \
                        running KRaft with just the broker role";
            self.mistake(line, Problem::BrokerWithControllerListener { listener: listener.clone() }, required(what));
        } else if let Some(listener) = names.iter().find(|name| !map.by_listener.contains_key(&name.to_uppercase())) {
            let message = format!(
                "Controller listener with name {} defined in controller.listener.names not found in \
                 listener.security.protocol.map  (an explicit security mapping for each controller listener is required if \
                 listener.security.protocol.map is non-empty, or if there are security protocols other than PLAINTEXT in use)",
                listener.to_uppercase()
            );
            let line = self.line("listener.security.protocol.map").or(line_of_names);
            let problem = Problem::ControllerListenerWithoutProtocol { listener: listener.clone() };
            self.mistake(line, problem, Some(message));
        }
        if roles.is_broker() {
            self.check_broker_listeners(&own_names, &to_clients_names, map);
        }
        if let Some(listener) = to_clients.iter().find(|listener| listener.host == "0.0.0.0") {
            let what =
                "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.";
            let problem = Problem::AdvertisedEverywhere { listener: listener.name.clone() };
            self.mistake(line_of_advertised, problem, required(what));
        }
    }

    fn check_broker_listeners(&mut self, own: &[String], to_clients: &[String], map: &ProtocolMap) {
        if to_clients.is_empty() {
            let what = "requirement failed: There must be at least one broker advertised listener. Perhaps all listeners appear in \
                        controller.listener.names?";
            return self.mistake(self.line("listeners"), Problem::NoBrokerListener {}, Some(what.to_owned()));
        }
        let line = self.line("inter.broker.listener.name").or(self.line("security.inter.broker.protocol"));
        let protocol = self.value("security.inter.broker.protocol");
        let listener = match (self.value("inter.broker.listener.name"), protocol) {
            (Some(_), Some(_)) => {
                let message =
                    "Only one of inter.broker.listener.name and security.inter.broker.protocol should be set.";
                return self.mistake(line, Problem::InterBrokerTwice {}, Some(message.to_owned()));
            }
            (Some(name), None) => name.to_uppercase(),
            (None, protocol) => protocol.unwrap_or("PLAINTEXT").to_uppercase(),
        };
        let options = to_clients.join(",");
        if line.is_some() && protocol.is_none() && !map.by_listener.contains_key(&listener) {
            let message = format!(
                "Listener with name {listener} defined in inter.broker.listener.name not found in \
                 listener.security.protocol.map."
            );
            let problem = Problem::UnknownInterBrokerListener { listener, listeners: to_clients.to_vec() };
            self.mistake(line, problem, Some(message));
        } else if !to_clients.contains(&listener) {
            let message = format!(
                "requirement failed: inter.broker.listener.name must be a listener name defined in advertised.listeners. The valid \
                 options based on currently configured listeners are {options}"
            );
            let problem = Problem::UnknownInterBrokerListener { listener, listeners: to_clients.to_vec() };
            self.mistake(line, problem, Some(message));
        }
        if let Some(listener) = to_clients.iter().find(|name| !own.contains(name)) {
            let message = listeners::advertises_others(to_clients, own);
            let problem = Problem::UnknownAdvertisedListener { listener: listener.clone(), listeners: own.to_vec() };
            self.mistake(self.line("advertised.listeners"), problem, Some(message));
        }
    }
}

/// What is wrong with a setting of listeners.
fn problem_of(setting: &str, fault: ListenerFault) -> Problem {
    match fault {
        ListenerFault::Syntax { entry } => Problem::ListenerSyntax { name: setting.to_owned(), entry },
        ListenerFault::WithoutProtocol { listener } => Problem::ListenerWithoutProtocol { listener },
        ListenerFault::Twice { listener } => Problem::ListenerTwice { listener },
        ListenerFault::AtOnePort { port } => Problem::ListenersAtOnePort { port },
        ListenerFault::MapSyntax { entry } => Problem::ProtocolMapSyntax { entry },
        ListenerFault::UnknownProtocol { protocol } => Problem::UnknownProtocol { protocol },
    }
}
