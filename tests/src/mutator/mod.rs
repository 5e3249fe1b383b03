//! Hostile input: right inputs of every kind, changed by a seed, are read and played. None may panic, none may take long, and
//! whatever is refused is refused with a name and a place.

#![expect(clippy::disallowed_types, reason = "how long an input takes is part of the verdict")]

mod corpus;
mod json;
mod text;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use base64ct::{Base64UrlUnpadded, Encoding};
use kafkascope_core::actor::Listener;
use kafkascope_core::cluster::{Cluster, ConfigError};
use kafkascope_core::command::{Command, CommandError};
use kafkascope_core::history::History;
use kafkascope_core::lesson::{Index, LessonFiles, read};
use kafkascope_core::properties;
use kafkascope_core::scenario::{Scenario, ScenarioError};
use kafkascope_core::sim::random::{Purpose, Random};
use kafkascope_core::step::Position;
use kafkascope_core::transcript::{Transcript, attempt};
use serde_json::Value;

pub use corpus::Corpus;

use crate::digests;

/// How often an input is played that took too long.
const ATTEMPTS_MAX: u32 = 3;
/// So far is a mutated run played: a right one may be as long as a run may be, and that takes its time.
const MOVES_MAX: Position = 400;
/// How many steps follow a request.
const STEPS_AFTER_REQUEST: u32 = 40;
/// How long the hand of a recording rests between two verbs, in milliseconds of virtual time.
const OPERATOR_DELAY_MS: u64 = 20;

/// The kinds of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InputKind {
    /// A run as JSON.
    Scenario,
    /// A run as a link.
    Link,
    /// A recorded run.
    Transcript,
    /// A lesson's three files.
    Lesson,
    /// The body of a request by hand.
    Request,
    /// Property files of a cluster's nodes.
    Properties,
}

/// All kinds, in turn.
const KINDS: [InputKind; 6] = [
    InputKind::Scenario,
    InputKind::Link,
    InputKind::Transcript,
    InputKind::Lesson,
    InputKind::Request,
    InputKind::Properties,
];

/// What came of one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It was read and played.
    Played,
    /// It was refused.
    Refused,
}

/// Why an input is a failure.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The seed of all inputs.
    pub seed: u64,
    /// The number of this one.
    pub number: u64,
    /// Its kind.
    pub kind: InputKind,
    /// What it did.
    pub what: String,
    /// The input.
    pub input: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seed, number, kind, what, input } = self;
        write!(
            f,
            "input {number} of seed {seed}, a {kind:?}: {what}\nagain: cargo xtask mutate --seed {seed} --first {number} --inputs 1\n{input}"
        )
    }
}

/// Makes inputs and plays them.
pub struct Mutator {
    seed: u64,
    time_max: Duration,
    corpus: Corpus,
    index: Index,
    cluster: Cluster,
}

impl Mutator {
    /// A mutator over all that lies in the repository. No input may take longer than `time_max`.
    pub fn new(seed: u64, time_max: Duration) -> Result<Self, String> {
        let corpus = Corpus::read()?;
        let index = Index::read(&corpus.index).map_err(|errors| format!("{errors:?}"))?;
        let cluster = Cluster::new(&digests::cluster(3, 2), 1).map_err(|errors| format!("{errors:?}"))?;
        Ok(Self { seed, time_max, corpus, index, cluster })
    }

    /// The kind of an input.
    pub fn kind(&self, number: u64) -> InputKind {
        KINDS[usize::try_from(number % KINDS.len() as u64).unwrap_or(0)]
    }

    /// Makes an input and plays it.
    pub fn check(&self, number: u64) -> Result<Outcome, Box<Failure>> {
        let kind = self.kind(number);
        let (played, input, mut took) = self.timed(number);
        // Where others use the machine, too, the quickest of three times counts.
        for _ in 1..ATTEMPTS_MAX {
            if took > self.time_max {
                took = took.min(self.timed(number).2);
            }
        }
        let failure = |what, input| Box::new(Failure { seed: self.seed, number, kind, what, input });
        match played {
            Err(panic) => {
                let words = panic.downcast_ref::<String>().cloned();
                let words = words.or_else(|| panic.downcast_ref::<&str>().map(|&words| words.to_owned()));
                Err(failure(format!("panics: {}", words.unwrap_or_default()), input))
            }
            Ok(Err(unnamed)) => Err(failure(unnamed, input)),
            Ok(Ok(_)) if took > self.time_max => Err(failure(format!("takes {took:?}"), input)),
            Ok(Ok(outcome)) => Ok(outcome),
        }
    }

    /// Makes an input and plays it: what came of it, the input, and how long it took.
    fn timed(&self, number: u64) -> (std::thread::Result<Result<Outcome, String>>, String, Duration) {
        let mixed = self.seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut random = Random::for_purpose(mixed, Purpose::Actor(800_000));
        let mut input = String::new();
        let began = Instant::now();
        let played = catch_unwind(AssertUnwindSafe(|| self.play(self.kind(number), &mut random, &mut input)));
        (played, input, began.elapsed())
    }

    /// Plays an input. An error is a refusal without name or place.
    fn play(&self, kind: InputKind, random: &mut Random, input: &mut String) -> Result<Outcome, String> {
        match kind {
            InputKind::Scenario => {
                let mut json = one_of(&self.corpus.scenarios, random).cloned().unwrap_or_default();
                json::mutate(&mut json, random);
                *input = json.to_string();
                played(Scenario::from_json(input))
            }
            InputKind::Link => {
                *input = self.link(random);
                played(Scenario::from_link(input))
            }
            InputKind::Transcript => {
                let mut json = one_of(&self.corpus.transcripts, random).cloned().unwrap_or_default();
                json::mutate(&mut json, random);
                *input = json.to_string();
                match Transcript::from_json(input) {
                    Ok(transcript) => {
                        let _outcome = attempt(&transcript, 1, OPERATOR_DELAY_MS);
                        Ok(Outcome::Played)
                    }
                    Err(error) => located(&serde_json::to_value(&error).unwrap_or_default()),
                }
            }
            InputKind::Lesson => self.lesson(random, input),
            InputKind::Request => self.request(random, input),
            InputKind::Properties => self.properties(random, input),
        }
    }

    /// A link whose JSON was changed, or whose letters were.
    fn link(&self, random: &mut Random) -> String {
        let mut json = one_of(&self.corpus.scenarios, random).cloned().unwrap_or_default();
        let damages_letters = random.between(0, 1) == 0;
        if !damages_letters {
            json::mutate(&mut json, random);
        }
        let mut bytes = vec![1u8];
        bytes.extend(miniz_oxide::deflate::compress_to_vec(json.to_string().as_bytes(), 6));
        if damages_letters {
            let at = usize::try_from(random.between(0, bytes.len() as u64 - 1)).unwrap_or(0);
            match random.between(0, 2) {
                0 => bytes[at] ^= 1u8 << random.between(0, 7),
                1 => bytes.truncate(at),
                _ => bytes.insert(at, 0),
            }
        }
        let mut link = Base64UrlUnpadded::encode_string(&bytes);
        if damages_letters && random.between(0, 3) == 0 {
            link.push('=');
        }
        link
    }

    fn lesson(&self, random: &mut Random, input: &mut String) -> Result<Outcome, String> {
        let Some((folder, files)) = one_of(&self.corpus.lessons, random) else { return Ok(Outcome::Refused) };
        let mut files = files.clone();
        let which = usize::try_from(random.between(0, 4)).unwrap_or(0).saturating_sub(2);
        files[which] = text::mutate(&files[which], random);
        files[which].clone_into(input);
        let [script, ko, en] = &files;
        match read(&LessonFiles { folder, script, ko, en }, &self.index) {
            Ok(lesson) => match Cluster::new(&lesson.cluster, lesson.seed) {
                Ok(mut cluster) => {
                    (0..STEPS_AFTER_REQUEST).for_each(|_| _ = cluster.step());
                    Ok(Outcome::Played)
                }
                Err(errors) if errors.is_empty() => Err("the cluster is refused without a word".to_owned()),
                Err(_) => Ok(Outcome::Refused),
            },
            Err(errors) if errors.is_empty() => Err("the lesson is refused without a word".to_owned()),
            Err(errors) => match errors.iter().find(|error| error.line == 0 || error.file.is_empty()) {
                Some(error) => Err(format!("a mistake without a place: {error}")),
                None => Ok(Outcome::Refused),
            },
        }
    }

    /// Files of nodes, one of them changed: what is taken starts, what is refused is so at a line of a file that is there.
    fn properties(&self, random: &mut Random, input: &mut String) -> Result<Outcome, String> {
        let Some(files) = one_of(&self.corpus.properties, random) else { return Ok(Outcome::Refused) };
        let mut files = files.clone();
        let at = usize::try_from(random.between(0, files.len() as u64 - 1)).unwrap_or(0);
        files[at].text = text::mutate_properties(&files[at].text, random);
        files[at].text.clone_into(input);
        let review = properties::review(&files);
        let is_there = |place: properties::Place| {
            let text = files.get(place.file as usize).map(|file| file.text.as_str());
            text.is_some_and(|text| {
                place.line.is_none_or(|line| line > 0 && line as usize <= text.split(['\n', '\r']).count())
            })
        };
        if let Some(warning) = review.warnings.iter().find(|warning| !is_there(warning.place)) {
            return Err(format!("a warning without a place: {warning:?}"));
        }
        match review.cluster {
            Ok(config) => match Cluster::new(&config, 1) {
                Ok(_) if properties::review(&properties::export(&config)).cluster.as_ref() != Ok(&config) => {
                    Err("it is another cluster after it was written and read".to_owned())
                }
                Ok(_) => Ok(Outcome::Played),
                Err(errors) => match errors.as_slice() {
                    [ConfigError::NeverRests { .. }] => Ok(Outcome::Refused),
                    _ => Err(format!("taken and not built: {errors:?}")),
                },
            },
            Err(mistakes) if mistakes.is_empty() => Err("the files are refused without a word".to_owned()),
            Err(mistakes) => match mistakes.iter().find(|mistake| !is_there(mistake.place)) {
                Some(mistake) => Err(format!("a mistake without a place: {mistake:?}")),
                None => Ok(Outcome::Refused),
            },
        }
    }

    fn request(&self, random: &mut Random, input: &mut String) -> Result<Outcome, String> {
        let Some((api, body)) = one_of(&self.corpus.requests, random) else { return Ok(Outcome::Refused) };
        let mut body = body.clone();
        json::mutate(&mut body, random);
        *input = format!("{api:?} {body}");
        let mut cluster = self.cluster.clone();
        let port = if random.between(0, 3) == 0 { Listener::Controller } else { Listener::Broker };
        let to = if port == Listener::Controller { 4 } else { 1 };
        let request = Command::request(1, (to, port), *api, None, body);
        match cluster.apply(&request) {
            Ok(_) => {
                (0..STEPS_AFTER_REQUEST).for_each(|_| _ = cluster.step());
                Ok(Outcome::Played)
            }
            Err(
                CommandError::RequestUnknownField { at, .. }
                | CommandError::RequestMissingField { at, .. }
                | CommandError::RequestWrongType { at, .. }
                | CommandError::RequestOutOfRange { at, .. }
                | CommandError::RequestUnknownValue { at, .. }
                | CommandError::RequestMalformed { at, .. },
            ) if at.is_empty() => Err("refused without a place".to_owned()),
            Err(_) => Ok(Outcome::Refused),
        }
    }
}

/// Plays the beginning of a run that could be read.
fn played(scenario: Result<Scenario, ScenarioError>) -> Result<Outcome, String> {
    let opened = scenario.and_then(|mut scenario| {
        scenario.commands.retain(|placed| placed.at <= MOVES_MAX);
        scenario.position = scenario.position.min(MOVES_MAX);
        History::new(scenario)
    });
    match opened {
        Ok(mut history) => {
            history.run_to(history.position() + STEPS_AFTER_REQUEST);
            let _view = history.cluster().view();
            Ok(Outcome::Played)
        }
        Err(error) => located(&serde_json::to_value(&error).unwrap_or_default()),
    }
}

/// A refusal has a name, and says where or what besides.
fn located(error: &Value) -> Result<Outcome, String> {
    let name = error.get("error").and_then(Value::as_str).unwrap_or_default();
    let fields = error.as_object().map_or(0, serde_json::Map::len);
    if name.is_empty() || fields < 2 {
        Err(format!("refused without name or place: {error}"))
    } else {
        Ok(Outcome::Refused)
    }
}

fn one_of<'v, T>(values: &'v [T], random: &mut Random) -> Option<&'v T> {
    let last = (values.len() as u64).checked_sub(1)?;
    values.get(usize::try_from(random.between(0, last)).ok()?)
}
