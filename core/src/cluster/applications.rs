//! Applications that read, process and write: after each step of their consumer or producer they do what follows from it.

use std::rc::Rc;

use super::Cluster;
use crate::actor::Endpoint;
use crate::change::Change;
use crate::client::ConsumerRecord;
use crate::client::application::{Action, Application};
use crate::command::CommandError;
use crate::effects::{ConsumerTimer, Effects, ProducerTimer, Timer};
use crate::explain::Explanation;
use crate::transaction::TransactionCall;
use crate::wire::ErrorCode;

impl Cluster {
    /// The applications, by the number of their consumer.
    pub fn applications(&self) -> impl Iterator<Item = (u32, &Application)> {
        self.applications.iter().map(|(consumer, application)| (*consumer, application))
    }

    /// The application around a client, with the number of its consumer.
    pub(crate) fn application_of(&self, client: Endpoint) -> Option<(u32, &Application)> {
        match client {
            Endpoint::Consumer(number) => self.applications.get(&number).map(|application| (number, application)),
            Endpoint::Producer(number) => self.applications().find(|(_, application)| application.producer() == number),
            Endpoint::Broker(_) | Endpoint::Controller(_) | Endpoint::Admin | Endpoint::Probe(_) => None,
        }
    }

    /// Something happened to a client: if its application has something to do now, that comes next.
    pub(super) fn wake_application(&mut self, client: Endpoint) {
        self.end_closed_producer(client);
        if self.applications.is_empty() {
            return;
        }
        let Some((consumer, application)) = self.application_of(client) else { return };
        let producer = application.producer();
        let Some(action) = self.next_action(consumer, application) else { return };
        let (endpoint, timer): (Endpoint, Timer) = match action.is_of_producer() {
            true => (Endpoint::Producer(producer), ProducerTimer::Application.into()),
            false => (Endpoint::Consumer(consumer), ConsumerTimer::Application.into()),
        };
        let is_set = self.timers.get(&endpoint).is_some_and(|timers| timers.contains_key(&timer));
        if !is_set {
            self.set_timer(endpoint, timer, Some(self.now), self.position);
        }
    }

    fn next_action(&self, consumer: u32, application: &Application) -> Option<Action> {
        application.next_action(self.consumer(consumer)?, self.producer(application.producer())?)
    }

    /// A client's timer fired. Whether it is one of the application around it, which then does what it has to do.
    pub(super) fn application_timer_fired(&mut self, client: Endpoint, timer: &Timer, fx: &mut Effects) -> bool {
        let is_its =
            matches!(timer, Timer::Producer(ProducerTimer::Application) | Timer::Consumer(ConsumerTimer::Application));
        if is_its && !self.perform_next_action(client, fx) {
            fx.explain(Explanation::Nothing);
        }
        is_its
    }

    /// The application around a client does what it has to do. Whether there was anything.
    fn perform_next_action(&mut self, client: Endpoint, fx: &mut Effects) -> bool {
        let Some((consumer, application)) = self.application_of(client) else { return false };
        let mut application = application.clone();
        let Some(action) = self.next_action(consumer, &application) else { return false };
        // It is somebody else's by now: that one's own timer is set.
        if action.is_of_producer() != matches!(client, Endpoint::Producer(_)) {
            return false;
        }
        let number = application.producer();
        match action {
            Action::Init => self.call_for_application(number, TransactionCall::InitTransactions, fx),
            Action::Write => self.write(consumer, &application, fx),
            Action::Abort => {
                self.call_for_application(number, TransactionCall::AbortTransaction, fx);
                fx.replace_explanation(Explanation::ApplicationAborts { consumer, producer: number });
            }
            Action::Retry(call) => self.call_for_application(number, call, fx),
            Action::Commit => {
                let now = self.now;
                if let Some(consumer) = self.consumer_mut(consumer) {
                    // Where its partitions were taken from it meanwhile there is nothing to commit.
                    let _ = consumer.commit(now, fx);
                }
            }
            Action::GoOn => {
                let now = self.now;
                if let Some(consumer) = self.consumer_mut(consumer) {
                    consumer.go_on(now, fx);
                }
                fx.replace_explanation(Explanation::ApplicationGoesOn { consumer });
            }
            Action::Rewind => {
                let now = self.now;
                if let Some(consumer) = self.consumer_mut(consumer) {
                    consumer.rewind(now, fx);
                }
                fx.replace_explanation(Explanation::ApplicationRewinds { consumer });
            }
            Action::End => self.end_application(consumer, number, fx),
        }
        if let Some(producer) = self.producer(number) {
            application.performed(action, producer);
        }
        Rc::make_mut(&mut self.applications).insert(consumer, application);
        true
    }

    fn call_for_application(&mut self, number: u32, call: TransactionCall, fx: &mut Effects) {
        let now = self.now;
        let Some(producer) = self.producer_mut(number) else { return };
        let called = producer.call(call, now, fx);
        debug_assert!(called.is_ok(), "the state was looked at");
    }

    /// Processes what was polled, and writes the results.
    fn write(&mut self, number: u32, application: &Application, fx: &mut Effects) {
        let now = self.now;
        let (producer_number, topic) = (application.producer(), application.topic().clone());
        let Some(consumer) = self.consumer_mut(number) else { return };
        let records: Vec<ConsumerRecord> = consumer.take_in_hand(fx);
        let consumed = consumer.consumed_offsets();
        let commits = consumer.commits_with_application();
        let written = i64::try_from(records.len()).unwrap_or(i64::MAX);
        let Some(producer) = self.producer_mut(producer_number) else { return };
        let is_transactional = producer.transaction().is_some();
        let write = || -> Result<(), CommandError> {
            if is_transactional {
                producer.call(TransactionCall::BeginTransaction, now, fx)?;
            }
            for record in records {
                producer.produce(&topic, None, record.key, record.value, Vec::new(), now, fx)?;
                if producer.transaction().is_some_and(|transaction| transaction.error().is_some()) {
                    // `send` has thrown: what is left is to abort.
                    return Ok(());
                }
            }
            if let Some(consumed) = consumed.filter(|_| is_transactional && commits) {
                producer.send_offsets(consumed, now, fx)?;
            }
            if is_transactional {
                producer.call(TransactionCall::CommitTransaction, now, fx)?;
            }
            Ok(())
        };
        if write().is_err() {
            // What cannot be written (a record that is too large) fails the transaction: `send` throws.
            producer.cannot_write(ErrorCode::InvalidRecord, fx);
        }
        let (consumer, producer) = (number, producer_number);
        fx.replace_explanation(Explanation::ApplicationWrites { consumer, producer, records: written });
    }

    /// The application closes its consumer and its producer, and its process ends.
    fn end_application(&mut self, consumer: u32, producer: u32, fx: &mut Effects) {
        let error = self.producer(producer).and_then(|known| known.transaction()?.error());
        let error = error.unwrap_or(ErrorCode::UnknownServerError);
        let _ = self.close_consumer(consumer, fx);
        fx.change(Change::ProducerCrashed { producer });
        self.terminate_producer(producer);
        fx.replace_explanation(Explanation::ApplicationEnds { consumer, producer, error });
    }
}
