//! Opens the page: on the run in the address, else on the first minute.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use crate::app::Banner;
use crate::frame::{Page, PageProps};
use crate::i18n::Lang;
use crate::platform::browser;
use crate::run::Session;
use crate::run::library::fetch_lessons;
use crate::run::progress::Progress;
use crate::run::tour;
use crate::{api, app, panic_page};

/// Mounts the page over the shell that is already painted, in the language of the shell. Where that one's texts cannot be
/// fetched, the page says so in the language that is built in.
pub fn start() {
    panic_page::install();
    let Some(root) = browser::root() else { return };
    let lang = Lang::of_tag(&root.get_attribute("lang").unwrap_or_default());
    if lang.is_here() {
        return mount(None);
    }
    spawn_local(async move {
        if lang.fetch().await {
            return mount(None);
        }
        root.set_attribute("lang", Lang::En.tag()).ok();
        mount(Some(Banner::Failed("lang-unfetched")));
    });
}

/// Mounts the page, with what went wrong before.
fn mount(before: Option<Banner>) {
    let (session, banner) = open();
    let banner = banner.or(before);
    let Some(session) = session else { return panic_page::show(&failure_text()) };
    api::install(&session);
    let root = browser::document().and_then(|document| document.get_element_by_id("app"));
    let Some(root) = root else { return };
    yew::Renderer::<Page>::with_root_and_props(root, PageProps { session, banner }).render();
}

fn failure_text() -> String {
    "the first run could not be opened".to_owned()
}

/// The run in the address, else the first minute. A link that cannot be read is told, and the first minute opens.
fn open() -> (Option<Rc<Session>>, Option<Banner>) {
    let mut banner = None;
    if let Some(link) = browser::hash().strip_prefix("r=") {
        match app::read_run(link).map(Session::open) {
            Ok(Ok(session)) => {
                go_on_with_lesson(&session, link);
                return (Some(session), None);
            }
            Ok(Err(error)) => banner = Some(Banner::Refused(crate::i18n::LocalizedMessage::of(&error, "error"))),
            Err(formatted) => banner = Some(Banner::Refused(formatted)),
        }
    }
    let first = tour::preset(tour::FIRST_PAGE).and_then(|preset| Session::open(preset.scenario).ok());
    (first, banner)
}

/// Goes on with the lesson that was followed on this very run when the page was left, once it is fetched.
fn go_on_with_lesson(session: &Rc<Session>, link: &str) {
    let progress = Progress::read();
    let Some((id, saved_progress)) = progress.followed_on(link) else { return };
    let (session, id, saved_progress) = (session.clone(), id.to_owned(), saved_progress.clone());
    spawn_local(async move {
        let lesson = fetch_lessons().await.and_then(|library| library.lesson(&id).cloned());
        if let Some(lesson) = lesson {
            session.resume_lesson(Rc::new(lesson), &saved_progress);
        }
    });
}
