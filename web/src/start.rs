//! Opens the page: on the run in the address, else on the first minute.

use std::rc::Rc;

use crate::app::Banner;
use crate::frame::{Page, PageProps};
use crate::platform::browser;
use crate::run::Session;
use crate::run::tour;
use crate::{api, app, panic_page};

/// Mounts the page over the shell that is already painted.
pub fn start() {
    panic_page::install();
    let (session, banner) = open();
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
            Ok(Ok(session)) => return (Some(session), None),
            Ok(Err(error)) => banner = Some(Banner::Refused(crate::i18n::LocalizedMessage::of(&error, "error"))),
            Err(formatted) => banner = Some(Banner::Refused(formatted)),
        }
    }
    let first = tour::preset("first-minute").and_then(|preset| Session::open(preset.scenario).ok());
    (first, banner)
}
