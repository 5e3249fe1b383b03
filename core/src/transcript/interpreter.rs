//! The one interpreter: plays the steps of a transcript in order, each by its verb.

use super::fields;
use super::format::TranscriptStep;
use super::player::{PATIENCE_MS, Player, Unsupported};

/// How often the next step is tried while its answer is waited for, in virtual milliseconds.
const TRY_EVERY_MS: u64 = 250;

/// How long the recorder took from an answer to its next request, in milliseconds: a real client has to think, write and
/// be read. What a broker and its controller tell each other meanwhile is over by then.
const RECORDER_MS: u64 = 15;

impl Player<'_> {
    /// Brings about what the transcript presupposes.
    pub fn begin(&mut self) {
        self.find_coordinator_before();
        self.use_producer_ids_before();
        self.create_presupposed_topics();
        self.presuppose_quorum();
    }

    /// Plays the step of a number, which follows the one that was played last.
    pub fn play_next(&mut self, index: usize) {
        let Some(step) = self.transcript.steps.get(index) else { return };
        self.at = index;
        if let Some(cause) = &self.spoilt_by {
            if step.verb != "note" {
                *self.not_compared.entry(format!("after {cause}")).or_default() += step.facts().max(1);
            }
            return;
        }
        if let Err(unsupported) = self.play_step(step) {
            *self.not_compared.entry(unsupported.what.clone()).or_default() += step.facts().max(1);
            if unsupported.changes {
                self.spoilt_by = Some(format!("steps[{index}], {}", unsupported.what));
            }
        }
        if let Some(limit) = self.stopped {
            *self.not_compared.entry(format!("stopped at steps[{index}], {limit}")).or_default() += 1;
            self.spoilt_by = Some(format!("steps[{index}], {limit}"));
        }
        self.marks.push((index, self.position()));
    }

    fn play_step(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let verb = fields::verb(&step.verb).ok_or_else(|| Unsupported::action(step.verb.as_str()))?;
        if let Some(field) = fields::unused(step, &verb) {
            let changes = verb.changes && !step.text("api").is_some_and(super::verbs_requests::only_looks);
            return Err(Unsupported { what: format!("{} with {field}", step.verb), changes });
        }
        if let Some(topic) = step.text("topic") {
            self.topic = topic.to_owned();
        }
        self.name_group(step);
        self.let_time_pass(step.later_ms);
        if step.verb != "answer" && step.verb != "wait" {
            self.let_time_pass(RECORDER_MS);
        }
        if verb.changes && step.verb != "wait" {
            self.before_last_act = self.cluster.metadata_end();
        }
        if let Some(done) = self.consumer_process_verb(step).or_else(|| self.producer_verb(step)) {
            return done;
        }
        match step.verb.as_str() {
            "note" => self.note_verb(step),
            "request" if step.get("asks").is_some() => self.list_offsets_as_described(step),
            "request" => self.request_verb(step),
            "send" => self.send_verb(step),
            "answer" => self.answer_verb(step),
            "raw" => self.raw_verb(step),
            "produce" => self.produce_verb(step),
            "repeat" => self.repeat_verb(step),
            "create-topic" if self.create_topics_as_described(step)? => Ok(()),
            "create-topic" if self.create_placed_topics(step)? => Ok(()),
            "create-topic" => self.create_topic_verb(step),
            "create-acl" => self.create_acl_verb(step),
            "delete-topic" => self.delete_topic_verb(step),
            "create-partitions" => self.create_partitions_verb(step),
            "alter-config" => self.alter_config_verb(step),
            "elect" => self.elect_verb(step),
            "reassign" => self.reassign_verb(step),
            "delete-records" => self.delete_records_verb(step),
            "start" | "stop" | "crash" | "pause" | "resume" => self.process_verb(step),
            "cut" => self.cut_verb(step),
            "heal" => self.heal_verb(step),
            "join" => self.join_verb(step),
            "leave" => self.leave_verb(step),
            "commit" => self.commit_verb(step),
            "heartbeat-until" => self.heartbeat_until_verb(step),
            "wait" => match self.wait_verb(step)? {
                true => Ok(()),
                false => {
                    self.wait_for_next_step();
                    Ok(())
                }
            },
            "observe" => self.observe_verb(step),
            "consume" => self.consume_verb(step),
            "records" => self.records_verb(step),
            "files" => self.files_verb(step),
            other => Err(Unsupported::observation(other)),
        }?;
        for (field, expected) in fields::facts(step) {
            match self.voter_among_puppets() {
                Some(node) if field == "after" => self.compare_after(node, expected),
                Some(_) | None => self.cannot_say(field, expected),
            }
        }
        Ok(())
    }

    /// Lets time pass until the next step is answered as told. It is tried on copies of the cluster: an attempt leaves no
    /// trace.
    fn wait_for_next_step(&mut self) {
        let Some(next) = self.transcript.steps.get(self.at + 1) else { return };
        // Collecting an answer waits by itself.
        if next.verb == "answer" {
            return;
        }
        let deadline = self.cluster.now().saturating_add(PATIENCE_MS);
        loop {
            let mut attempt = self.clone();
            attempt.at = self.at + 1;
            attempt.differences.clear();
            let is_as_recorded = attempt.play_step(next).is_err() || attempt.differences.is_empty();
            let is_over = self.cluster.now() >= deadline || self.cluster.next_at().is_none() || self.stopped.is_some();
            if is_as_recorded || is_over {
                return;
            }
            self.let_time_pass(TRY_EVERY_MS);
        }
    }
}
