//! `window.kafkascope`: the run, for anyone who embeds the page or tests it. `API.md` beside this crate describes it.

use std::rc::Rc;

use js_sys::{Array, Function, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use kafkascope_core::sort::SharedSort;

use crate::app::read_run;
use crate::engine::{History, Scenario, Size, json};
use crate::platform::{browser, frame_timing};
use crate::run::Session;
use crate::run::runs::Origin;

type Answer = Result<JsValue, JsValue>;

/// Puts the API on the window. It drives the same run that the page shows.
pub fn install(session: &Rc<Session>) {
    let api = Object::new();
    install_run(&api, session);
    install_views(&api, session);
    install_measures(&api);
    if let Some(window) = browser::window() {
        Reflect::set(&window, &"kafkascope".into(), &api).ok();
    }
}

fn install_run(api: &Object, session: &Rc<Session>) {
    let with = |name: &str, run: fn(&Session, &[JsValue]) -> Answer| {
        let session = session.clone();
        method(api, name, move |args| run(&session, args));
    };
    with("loadScenario", |session, args| {
        let history = History::new(scenario_of(args)?).map_err(|error| refused(&error))?;
        session.replace(history, Origin::Opened);
        Ok(JsValue::UNDEFINED)
    });
    with("step", |session, args| Ok(session.forward(size_of(args)?).into()));
    with("back", |session, args| Ok(session.back(size_of(args)?).into()));
    with("seek", |session, args| {
        session.seek(number_of(args, 0, "a position")?);
        Ok(session.read(History::position).into())
    });
    with("act", |session, args| {
        let command = json::read_text(&text_of(args, 0, "a command as JSON")?)
            .map_err(|error| failure(&format!("not a command: {error}")))?;
        let step = session.act(command).map_err(|error| refused(&error))?;
        plain(&*step)
    });
}

fn install_views(api: &Object, session: &Rc<Session>) {
    let with = |name: &str, look: fn(&History) -> Answer| {
        let session = session.clone();
        method(api, name, move |_| session.read(look));
    };
    method(api, "version", |_| Ok(env!("CARGO_PKG_VERSION").into()));
    with("state", |history| plain(&history.cluster().view()));
    {
        let session = session.clone();
        method(api, "current", move |_| session.now().step.as_ref().map_or(Ok(JsValue::NULL), |step| plain(&**step)));
    }
    with("pending", |history| plain(&history.cluster().pending(usize::MAX)));
    with("quorum", |history| plain(&history.cluster().quorum()));
    with("digest", |history| Ok(hex(history.cluster().digest()).into()));
    with("position", |history| Ok(history.position().into()));
    with("length", |history| Ok(history.len().into()));
    with("scenario", |history| Ok(history.scenario().to_json().into()));
    with("link", |history| Ok(history.scenario().to_link().into()));
}

fn install_measures(api: &Object) {
    method(api, "digests", |args| {
        let mut history = fresh(args)?;
        let digests = Array::new();
        for _ in 0..number_of(args, 1, "how many steps")? {
            if history.step().is_none() {
                break;
            }
            digests.push(&hex(history.cluster().digest()).into());
        }
        Ok(digests.into())
    });
    method(api, "benchSteps", |args| {
        let mut history = fresh(args)?;
        let wanted = number_of(args, 1, "how many steps")?;
        let start = browser::now_ms();
        let done = (0..wanted).take_while(|_| history.step().is_some()).count();
        Ok((done as f64 / (browser::now_ms() - start).max(0.001) * 1_000.0).into())
    });
    method(api, "benchSeek", |args| {
        let mut history = fresh(args)?;
        let (steps, samples) = (number_of(args, 1, "how many steps")?, number_of(args, 2, "how many samples")?.max(1));
        let last = (0..steps).take_while(|_| history.step().is_some()).count();
        let mut times: Vec<f64> = (0..samples).map(|sample| seek_ms(&mut history, sample, last as u32)).collect();
        times.shared_sort_by(f64::total_cmp);
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        let percentiles = Object::new();
        for (name, percent) in [("p50", 50), ("p95", 95), ("p99", 99), ("max", 100)] {
            Reflect::set(&percentiles, &name.into(), &at(percent).into())?;
        }
        Ok(percentiles.into())
    });
    method(api, "lastPaintMs", |_| {
        Ok(frame_timing::paints_ms().into_iter().map(JsValue::from).collect::<Array>().into())
    });
}

/// How long a leap takes to a place that nobody expects: spread over the run by a large odd number.
fn seek_ms(history: &mut History, sample: u32, last: u32) -> f64 {
    let position = sample.wrapping_mul(2_654_435_761) % last.max(1);
    let start = browser::now_ms();
    history.seek(position);
    browser::now_ms() - start
}

fn method(api: &Object, name: &str, run: impl Fn(&[JsValue]) -> Answer + 'static) {
    // JavaScript hands over as many arguments as it likes: three are the most that anything here takes.
    let closure: Closure<dyn Fn(JsValue, JsValue, JsValue) -> Answer> =
        Closure::new(move |first: JsValue, second: JsValue, third: JsValue| run(&[first, second, third]));
    let function: Function = closure.into_js_value().unchecked_into();
    Reflect::set(api, &name.into(), &function).ok();
}

fn fresh(args: &[JsValue]) -> Result<History, JsValue> {
    let scenario = Scenario { position: 0, ..scenario_of(args)? };
    History::new(scenario).map_err(|error| refused(&error))
}

fn scenario_of(args: &[JsValue]) -> Result<Scenario, JsValue> {
    let text = text_of(args, 0, "a scenario as JSON or a link")?;
    read_run(&text).map_err(|formatted| failure(&formatted.plain(&|kind, number| format!("{kind} {number}"))))
}

fn size_of(args: &[JsValue]) -> Result<Size, JsValue> {
    let Some(name) = args.first().filter(|arg| !arg.is_undefined()) else { return Ok(Size::Message) };
    let name = name.as_string().unwrap_or_default();
    let read = json::read(&name.as_str().into());
    read.map_err(|_| failure(&format!("no step size: {name:?}; micro, message and milestone are")))
}

fn text_of(args: &[JsValue], index: usize, what: &str) -> Result<String, JsValue> {
    let text = args.get(index).and_then(JsValue::as_string);
    text.ok_or_else(|| failure(&format!("argument {} must be {what}", index + 1)))
}

fn number_of(args: &[JsValue], index: usize, what: &str) -> Result<u32, JsValue> {
    let number =
        args.get(index).and_then(JsValue::as_f64).filter(|number| (0.0..=f64::from(u32::MAX)).contains(number));
    number.map(|number| number as u32).ok_or_else(|| failure(&format!("argument {} must be {what}", index + 1)))
}

fn plain(value: &impl Serialize) -> Answer {
    js_sys::JSON::parse(&json::write_text(value))
}

fn hex(digest: u64) -> String {
    format!("{digest:016x}")
}

fn refused(error: &impl Serialize) -> JsValue {
    failure(&json::write_text(error))
}

fn failure(message: &str) -> JsValue {
    js_sys::Error::new(message).into()
}
