//! Opens the page: on the run in the address, else on the first minute.

use std::rc::Rc;

use crate::components::{Page, PageProps};
use crate::session::Session;
use crate::state::Banner;
use crate::{api, browser, desk, journey, rescue};

/// Mounts the page over the shell that is already painted.
pub fn start() {
    rescue::install();
    let (session, banner) = open();
    let Some(session) = session else { return rescue::show(&words_of_failure()) };
    api::install(&session);
    let root = browser::document().and_then(|document| document.get_element_by_id("app"));
    let Some(root) = root else { return };
    yew::Renderer::<Page>::with_root_and_props(root, PageProps { session, banner }).render();
}

fn words_of_failure() -> String {
    "the first run could not be opened".to_owned()
}

/// The run in the address, else the first minute. A link that cannot be read is told, and the first minute opens.
fn open() -> (Option<Rc<Session>>, Option<Banner>) {
    let mut banner = None;
    if let Some(link) = browser::hash().strip_prefix("r=") {
        match desk::read_run(link).map(Session::open) {
            Ok(Ok(session)) => return (Some(session), None),
            Ok(Err(error)) => banner = Some(Banner::Refused(crate::words::Said::of(&error, "error"))),
            Err(said) => banner = Some(Banner::Refused(said)),
        }
    }
    let first = journey::preset("first-minute").and_then(|preset| Session::open(preset.scenario).ok());
    (first, banner)
}
