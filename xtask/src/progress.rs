//! What cargo is building here, how far each build is, and how long it has taken: a line that is drawn over on a terminal, a
//! line now and then in a log.

#![allow(clippy::disallowed_types, reason = "set-up lives in real time; the engine does not")]

use crate::process::{Failure, Result, spelled};
use std::collections::VecDeque;
use std::io::{self, IsTerminal, Read, Write};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a log hears of it.
const LOG_EVERY: Duration = Duration::from_secs(20);
/// How often a terminal's line is drawn.
const DRAW_EVERY: Duration = Duration::from_millis(200);
/// What is kept of cargo's own words, for when it fails.
const WORDS_KEPT: usize = 60;

/// The builds of one start.
#[derive(Debug)]
pub struct Board {
    since: Instant,
    steps: usize,
    is_terminal: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    begun: usize,
    running: Vec<Running>,
    drawn: Option<Instant>,
}

#[derive(Debug)]
struct Running {
    step: usize,
    what: String,
    crates: Option<(u32, u32)>,
}

impl Board {
    /// A board for `steps` builds.
    pub fn new(steps: usize) -> Self {
        Board { since: Instant::now(), steps, is_terminal: io::stderr().is_terminal(), state: Mutex::default() }
    }

    /// Runs a cargo and shows how far it is. Its own words are shown when it fails.
    ///
    /// # Errors
    /// When it cannot be started or ends badly, with `remedy` as what to do.
    pub fn run(&self, what: &str, cargo: &mut Command, remedy: &str) -> Result<()> {
        let line = spelled(cargo);
        let step = self.begin(what);
        // Only its bar says how many crates there are in all.
        cargo.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "100");
        let child = cargo.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let refused = |error: io::Error| Failure::new(format!("`{line}` could not be run: {error}"), remedy);
        let mut child = child.map_err(refused)?;
        let mut words = VecDeque::new();
        if let Some(stderr) = child.stderr.take() {
            each_line(stderr, |text| match crates_of(text) {
                Some(crates) => self.note(step, crates),
                None => {
                    words.push_back(text.to_owned());
                    if words.len() > WORDS_KEPT {
                        words.pop_front();
                    }
                }
            });
        }
        let status = child.wait().map_err(refused)?;
        self.end(step, status.success());
        if status.success() {
            return Ok(());
        }
        words.iter().for_each(|text| eprintln!("{text}"));
        Err(Failure::new(format!("`{line}` failed ({status})"), remedy))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is shown may be old after a panic elsewhere; that does no harm.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, what: &str) -> usize {
        let mut state = self.state();
        state.begun += 1;
        let step = state.begun;
        state.running.push(Running { step, what: what.to_owned(), crates: None });
        self.draw(&mut state, true);
        step
    }

    fn note(&self, step: usize, crates: (u32, u32)) {
        let mut state = self.state();
        if let Some(running) = state.running.iter_mut().find(|running| running.step == step) {
            running.crates = Some(crates);
        }
        self.draw(&mut state, false);
    }

    fn end(&self, step: usize, is_well: bool) {
        let mut state = self.state();
        let ended = state.running.iter().position(|running| running.step == step).map(|at| state.running.remove(at));
        let what = ended.map(|running| running.what).unwrap_or_default();
        let how = if is_well { "is built" } else { "failed" };
        self.line(&format!("{}: {what} {how}", self.head(step)), true);
        self.draw(&mut state, true);
    }

    fn head(&self, step: usize) -> String {
        let gone = self.since.elapsed().as_secs();
        format!("» {}:{:02}  step {step} of {}", gone / 60, gone % 60, self.steps)
    }

    fn draw(&self, state: &mut State, is_due: bool) {
        let every = if self.is_terminal { DRAW_EVERY } else { LOG_EVERY };
        if state.running.is_empty() || !(is_due || state.drawn.is_none_or(|drawn| drawn.elapsed() >= every)) {
            return;
        }
        state.drawn = Some(Instant::now());
        let parts: Vec<String> = state.running.iter().map(Running::text).collect();
        let steps = state.running.iter().map(|running| running.step).min().unwrap_or_default();
        self.line(&format!("{}: {}", self.head(steps), parts.join(" · ")), false);
    }

    /// Writes a line; one that does not stay is drawn over by the next where that can be.
    fn line(&self, text: &str, stays: bool) {
        let mut err = io::stderr().lock();
        let end = if stays || !self.is_terminal { "\n" } else { "" };
        // A terminal that is gone is no reason to stop building.
        let _ = if self.is_terminal { write!(err, "\r\x1b[K{text}{end}") } else { write!(err, "{text}{end}") };
        let _ = err.flush();
    }
}

impl Running {
    fn text(&self) -> String {
        match self.crates {
            Some((done, all)) => format!("{}, {done} of {all} crates", self.what),
            None => self.what.clone(),
        }
    }
}

/// Reads `   Building [====>    ] 45/245: serde, syn`.
fn crates_of(line: &str) -> Option<(u32, u32)> {
    let (_, bar) = line.split_once("Building [")?.1.split_once(']')?;
    let (done, all) = bar.split(':').next()?.trim().split_once('/')?;
    Some((done.trim().parse().ok()?, all.trim().parse().ok()?))
}

/// Gives every line, also those that end with a carriage return alone, free of colours.
fn each_line(mut source: impl Read, mut see: impl FnMut(&str)) {
    let mut line = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = source.read(&mut buffer) {
        for byte in &buffer[..count] {
            if matches!(byte, b'\n' | b'\r') {
                let text = plain(&String::from_utf8_lossy(&line));
                if !text.trim().is_empty() {
                    see(text.trim_end());
                }
                line.clear();
            } else {
                line.push(*byte);
            }
        }
    }
}

/// A text without the codes that colour and erase.
fn plain(text: &str) -> String {
    let mut pieces = text.split('\x1b');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|each: char| each.is_ascii_alphabetic()).map_or(piece.len(), |at| at + 1);
        plain.push_str(&piece[end..]);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_of_cargo_says_how_far_it_is() {
        assert_eq!(crates_of("    Building [=====>      ] 45/245: serde, syn"), Some((45, 245)));
        assert_eq!(crates_of("   Compiling serde v1.0.0"), None);
        assert_eq!(crates_of("Building it"), None);
    }

    #[test]
    fn lines_end_with_a_carriage_return_too_and_lose_their_colours() {
        let mut seen = Vec::new();
        let text = "\x1b[K\x1b[1m\x1b[36mBuilding\x1b[0m [=> ] 1/2: a\r   Compiling a\n\n";
        each_line(text.as_bytes(), |line| seen.push(line.to_owned()));
        assert_eq!(seen, ["Building [=> ] 1/2: a", "   Compiling a"]);
    }
}
