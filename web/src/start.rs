//! Opens the page: on the run in the address, else on the first minute.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;

use crate::app::{Address, Banner, MOVES_AT_ONCE};
use crate::frame::{Page, PageProps};
use crate::i18n::{Lang, LocalizedMessage};
use crate::platform::slices::{MOVES_PER_LOOK, SLICE_MS, work_for_a_slice};
use crate::platform::{browser, rest_of_code};
use crate::run::Session;
use crate::run::library::fetch_lessons;
use crate::run::places::Places;
use crate::run::progress::Progress;
use crate::run::runs::{Origin, Run};
use crate::run::saved_session::{SavedRun, SavedSession};
use crate::run::tour;
use crate::{api, app, panic_page};

/// Mounts the page over the shell that is already painted, in the language of the shell. Where that one's texts cannot be
/// fetched, the page says so in the other one.
pub fn start() {
    panic_page::install();
    let Some(root) = browser::root() else { return };
    let lang = Lang::of_tag(&root.get_attribute("lang").unwrap_or_default());
    // The first download holds what the first run needs. To open another one takes more.
    let opens_another = !browser::hash().is_empty() || SavedSession::is_there();
    spawn_local(async move {
        if opens_another {
            rest_of_code::fetched().await;
        }
        if lang.fetch().await {
            return mount(None);
        }
        let other = lang.other();
        if other.fetch().await {
            root.set_attribute("lang", other.tag()).ok();
            return mount(Some(Banner::Failed("lang-unfetched")));
        }
        panic_page::shell_failed("locales");
    });
}

/// Mounts the page, with what went wrong before, on the runs that this tab had.
fn mount(before: Option<Banner>) {
    let address: Address = browser::hash().parse().unwrap_or_default();
    let Some((saved, runs)) = SavedSession::read() else { return show(open(&address, Vec::new()), address, before) };
    spawn_local(async move {
        let kept = runs.len();
        let runs = open_again(runs).await;
        // Where one is missing, the numbers of the others are not what they were.
        let is_whole = !runs.is_empty() && runs.len() == kept;
        let opened = match is_whole && saved.is_reloaded(address.run.as_deref()) {
            true => reopen(runs, &saved),
            false => open(&address, runs),
        };
        show(opened, address, before);
    });
}

/// Opens the runs that a tab had, in slices: the shell lives on meanwhile. One that cannot be opened any more is left out.
async fn open_again(saved: Vec<SavedRun>) -> Vec<Run> {
    let mut runs = Vec::new();
    for mut opening in saved.into_iter().filter_map(SavedRun::open) {
        while work_for_a_slice(SLICE_MS, || opening.go_on(MOVES_PER_LOOK).then_some(())).is_none() {
            TimeoutFuture::new(0).await;
        }
        runs.push(opening.into_run());
    }
    runs
}

/// The page as it was left.
fn reopen(runs: Vec<Run>, saved: &SavedSession) -> Opened {
    let session = Session::of_runs(runs, saved.current as usize, saved.places.clone());
    let (again, lessons) = (session.clone(), session.unfollowed());
    if !lessons.is_empty() {
        spawn_local(async move {
            let Some(library) = fetch_lessons().await else { return };
            for lesson in lessons.iter().filter_map(|lesson| library.lesson(lesson)) {
                again.follow_again(&Rc::new(lesson.clone()));
            }
        });
    }
    Opened { session: Some(session), banner: None, is_unopened: false }
}

fn show(opened: Opened, address: Address, before: Option<Banner>) {
    let Some(session) = opened.session else { return panic_page::show(&failure_text()) };
    api::install(&session);
    let root = browser::document().and_then(|document| document.get_element_by_id("app"));
    let Some(root) = root else { return };
    let props = PageProps { session, banner: opened.banner.or(before), address, is_unopened: opened.is_unopened };
    yew::Renderer::<Page>::with_root_and_props(root, props).render();
}

fn failure_text() -> String {
    "the first run could not be opened".to_owned()
}

/// What the page opens on.
struct Opened {
    session: Option<Rc<Session>>,
    banner: Option<Banner>,
    /// Whether the run of the address takes long to open: the page does that once it is there.
    is_unopened: bool,
}

/// The run in the address, else the first minute, beside the runs that the tab had. A link that cannot be read is told, and the
/// first minute opens.
fn open(address: &Address, mut others: Vec<Run>) -> Opened {
    let read = address.run.as_deref().map(app::read_run);
    let (banner, is_unopened) = match read {
        None => (None, false),
        Some(Ok(scenario)) if scenario.moves() > MOVES_AT_ONCE => (None, true),
        Some(Ok(scenario)) => match Run::open(scenario, Origin::Opened) {
            Ok(run) => {
                others.push(run);
                let last = others.len() - 1;
                let session = Session::of_runs(others, last, Places::default());
                go_on_with_lesson(&session, address);
                return Opened { session: Some(session), banner: None, is_unopened: false };
            }
            Err(error) => (Some(Banner::NotOpened(LocalizedMessage::of_refused_run(&error))), false),
        },
        Some(Err(formatted)) => (Some(Banner::NotOpened(formatted)), false),
    };
    let first = tour::preset(tour::FIRST_PAGE).and_then(|preset| Run::open(preset.scenario, Origin::First).ok());
    others.extend(first);
    let last = others.len().saturating_sub(1);
    let session = (!others.is_empty()).then(|| Session::of_runs(others, last, Places::default()));
    Opened { session, banner, is_unopened }
}

/// Goes on with the lesson that was followed on this very run, once it is fetched: as the page left it here or, where it was
/// followed elsewhere, as far as the run shows.
fn go_on_with_lesson(session: &Rc<Session>, address: &Address) {
    let progress = Progress::read();
    let followed = address.run.as_deref().and_then(|link| progress.followed_on(link));
    let lesson = followed.map(|(lesson, _)| lesson).or(address.lesson.as_ref().map(|(lesson, _)| lesson.as_str()));
    let Some(lesson) = lesson else { return };
    let (session, lesson, saved) = (session.clone(), lesson.to_owned(), followed.map(|(_, saved)| saved.clone()));
    spawn_local(async move {
        let lesson = fetch_lessons().await.and_then(|library| library.lesson(&lesson).cloned());
        if let Some(lesson) = lesson {
            session.follow_lesson(Rc::new(lesson), saved.as_ref());
        }
    });
}
