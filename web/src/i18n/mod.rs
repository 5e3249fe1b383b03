//! Everything the page says, in Korean and English, from Fluent files.

mod args;
mod fetched;
mod josa;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use yew::prelude::*;

use args::struck;

pub use args::LocalizedMessage;
use kafkascope_core::actor::Actor;
use kafkascope_core::change::Change;
use kafkascope_core::explain::Explanation;
use kafkascope_core::invariant::InvariantViolation;
use kafkascope_core::lesson::Language;
use kafkascope_core::view::{EnvelopeView, HeldView};
use kafkascope_core::wire::ApiKey;

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// Its BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    /// The language of a tag such as `ko-KR`.
    pub fn of_tag(tag: &str) -> Self {
        if tag.starts_with("ko") { Self::Ko } else { Self::En }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::En => Self::Ko,
            Self::Ko => Self::En,
        }
    }

    /// It as lessons name it.
    pub fn language(self) -> Language {
        match self {
            Self::En => Language::En,
            Self::Ko => Language::Ko,
        }
    }

    /// Whether the page can speak it.
    pub fn is_here(self) -> bool {
        fetched::is_here(self)
    }

    /// Whether all that the page can say in it is here.
    pub fn is_whole(self) -> bool {
        fetched::is_whole(self)
    }

    /// Makes sure that the texts of the first steps are here, and says whether they are.
    pub async fn fetch(self) -> bool {
        self.is_here() || fetched::fetch(self).await
    }

    /// Makes sure that all its texts are here, and says whether they are.
    pub async fn fetch_rest(self) -> bool {
        self.is_whole() || fetched::fetch_rest(self).await
    }
}

/// The words of one language.
#[derive(Clone)]
pub struct I18n {
    lang: Lang,
    /// Whether all that it can say is here.
    is_whole: bool,
    /// Nodes that are controllers and no brokers: they are called so.
    controllers: Rc<[i32]>,
    bundle: Rc<FluentBundle<FluentResource>>,
}

impl PartialEq for I18n {
    fn eq(&self, other: &Self) -> bool {
        (self.lang, self.is_whole) == (other.lang, other.is_whole) && self.controllers == other.controllers
    }
}

impl I18n {
    /// Reads a language's files; those of the other one, where they are not here. What is wrong in one is left out: a test finds
    /// it, the page goes on.
    pub fn of(lang: Lang) -> Self {
        let lang = if lang.is_here() { lang } else { lang.other() };
        let mut bundle = FluentBundle::new(lang.tag().parse().into_iter().collect());
        // Marks around arguments would show in SVG texts as boxes.
        bundle.set_use_isolating(false);
        let functions = [
            bundle.add_function("JOSA", josa_function),
            bundle.add_function("CAPITAL", capital_function),
            bundle.add_function("SAME", same_function),
        ];
        debug_assert!(functions.iter().all(Result::is_ok), "a function is defined twice");
        for file in fetched::files(lang) {
            let resource = match FluentResource::try_new(file.to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            bundle.add_resource_overriding(resource);
        }
        Self { lang, is_whole: lang.is_whole(), controllers: Rc::from([]), bundle: Rc::new(bundle) }
    }

    /// The same words for a cluster with these dedicated controllers.
    pub fn naming(&self, controllers: Vec<i32>) -> Self {
        Self { controllers: controllers.into(), ..self.clone() }
    }

    /// The language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// A message without arguments.
    pub fn format(&self, key: &str) -> String {
        self.message(key, None).unwrap_or_else(|| self.missing(key))
    }

    /// A message with arguments.
    pub fn format_with<const N: usize>(&self, key: &str, values: [(&'static str, FluentValue<'static>); N]) -> String {
        let args: FluentArgs<'static> = values.into_iter().collect();
        self.message(key, Some(&args)).unwrap_or_else(|| self.missing(key))
    }

    /// What is said for a message that is not there: while the rest of the texts is on its way, it is sure to be in them.
    fn missing(&self, key: &str) -> String {
        if self.is_whole { key } else { "…" }.to_owned()
    }

    /// A message that need not exist, such as the name of a preset or a lesson's track.
    pub fn find(&self, key: &str) -> Option<String> {
        self.message(key, None)
    }

    /// What the engine said, in words: `prefix-name` with the fields as arguments. Without a message, the bare fields.
    pub fn engine(&self, prefix: &str, formatted: &LocalizedMessage) -> String {
        let actor = |kind: &str, number: i64| self.actor_kind(kind, number);
        let args = formatted.args(&actor);
        self.message(&format!("{prefix}-{}", formatted.name), Some(&args)).unwrap_or_else(|| formatted.plain(&actor))
    }

    /// What a step was about.
    pub fn step(&self, explanation: &Explanation) -> String {
        self.engine("step", &LocalizedMessage::of(explanation, "key"))
    }

    /// A request's name, or that it is answered.
    fn message_title(&self, api: ApiKey, is_response: bool) -> String {
        if is_response { self.format_with("answer-to", [("api", api.name().into())]) } else { api.name().to_owned() }
    }

    /// What a message on its way is, in a few words.
    pub fn envelope_title(&self, envelope: &EnvelopeView) -> String {
        if let Some(count) = envelope.raw_bytes {
            return self.format_with("message-raw-bytes", [("count", count.into())]);
        }
        match envelope.request {
            Some(_) => self.message_title(envelope.api, envelope.is_response),
            None => self.format("message-closes-connection"),
        }
    }

    /// What a message is that waits in a cut link.
    pub fn held_title(&self, held: &HeldView) -> String {
        if let Some(count) = held.raw_bytes {
            self.format_with("message-raw-bytes", [("count", count.into())])
        } else if held.is_closing {
            self.format("message-closes-connection")
        } else {
            self.message_title(held.api, held.is_response)
        }
    }

    /// What changed, in pieces: those that are no more are to be struck.
    pub fn change(&self, change: &Change) -> Vec<(String, bool)> {
        let formatted = LocalizedMessage::of(change, "change");
        let old = formatted.old(&|kind, number| self.actor_kind(kind, number));
        struck(&self.engine("change", &formatted), old.as_deref())
    }

    /// What must hold and does not.
    pub fn violation(&self, violation: &InvariantViolation) -> String {
        self.engine("violation", &LocalizedMessage::of(violation, "violation"))
    }

    /// An actor by its name.
    pub fn actor(&self, actor: Actor) -> String {
        match actor {
            Actor::Node(id) => self.actor_kind("node", id.into()),
            Actor::Producer(number) => self.actor_kind("producer", number.into()),
            Actor::Consumer(number) => self.actor_kind("consumer", number.into()),
            Actor::Admin => self.actor_kind("admin", 0),
            Actor::Probe(number) => self.actor_kind("probe", number.into()),
        }
    }

    fn actor_kind(&self, kind: &str, number: i64) -> String {
        let is_controller = kind == "node" && self.controllers.iter().any(|id| i64::from(*id) == number);
        let kind = if is_controller { "controller" } else { kind };
        let args = [("number", FluentValue::from(number))].into_iter().collect();
        self.message(&format!("actor-{kind}"), Some(&args)).unwrap_or_else(|| format!("{kind} {number}"))
    }

    fn message(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        // An argument that is missing shows as `{$name}`: better than no sentence.
        let mut errors = Vec::new();
        Some(self.bundle.format_pattern(pattern, args, &mut errors).into_owned())
    }
}

/// `JOSA($word, "은/는")` in a message: the particle alone.
fn josa_function<'a>(args: &[FluentValue<'a>], _: &FluentArgs<'_>) -> FluentValue<'a> {
    match args {
        [word, FluentValue::String(pair)] => josa::particle(&plain_value(word), pair).to_owned().into(),
        _ => FluentValue::Error,
    }
}

/// `CAPITAL($actor)` in a message: the word as it begins a sentence.
fn capital_function<'a>(args: &[FluentValue<'a>], _: &FluentArgs<'_>) -> FluentValue<'a> {
    let [word] = args else { return FluentValue::Error };
    let word = plain_value(word);
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect::<String>().into(),
        None => word.into(),
    }
}

/// `SAME($from, $to)` in a message: `true` where both are equal, else `false`, to choose a variant by.
fn same_function<'a>(args: &[FluentValue<'a>], _: &FluentArgs<'_>) -> FluentValue<'a> {
    match args {
        [one, other] => (plain_value(one) == plain_value(other)).to_string().into(),
        _ => FluentValue::Error,
    }
}

/// The text of an argument.
fn plain_value(value: &FluentValue<'_>) -> String {
    match value {
        FluentValue::String(text) => text.to_string(),
        FluentValue::Number(number) => number.as_string().into_owned(),
        _ => String::new(),
    }
}

/// The words of the page's language.
#[hook]
pub fn use_i18n() -> I18n {
    use_context::<I18n>().unwrap_or_else(|| I18n::of(Lang::En))
}
