//! What a key or a button of the page's frame does: one way for both.

use crate::app::AppContext;
use crate::app::{Action, Found, LessonsPanel, PageState, Window};
use crate::controls::keys::KeyAction;
use crate::platform::browser;
use crate::platform::frame_timing;

/// Carries out what a key stands for.
pub fn perform(action: KeyAction, app: &AppContext, page: &PageState) {
    match action {
        KeyAction::Forward => frame_timing::measured(|| app.forward(page.size)),
        KeyAction::Back => frame_timing::measured(|| app.back(page.size)),
        KeyAction::Play => app.page(Action::Play(!page.is_playing)),
        KeyAction::Start => app.session.seek(0),
        KeyAction::End => app.session.seek(page.snapshot.len),
        KeyAction::NextChange => to_next_change(app, page),
        KeyAction::Undo => app.undo(),
        KeyAction::Redo => app.redo(),
        KeyAction::Runs => app.page(Action::Open(Window::Runs)),
        KeyAction::Size(size) => app.page(Action::Size(size)),
        KeyAction::Produce => match page.snapshot.view.producers.first() {
            Some(producer) => app.page(Action::Open(Window::Produce(producer.number))),
            None => app.page(Action::Notice(Some("no-producer"))),
        },
        KeyAction::Lang => app.speak(page.lang.other()),
        KeyAction::Theme => {
            browser::save(browser::Saved::Always, "theme", page.theme.other().name());
            app.page(Action::Theme(page.theme.other()));
        }
        KeyAction::Share => share(app, page),
        KeyAction::NewCluster => app.page(Action::Open(Window::NewCluster)),
        KeyAction::Lessons => app.page(Action::Lessons(match page.lessons {
            LessonsPanel::Closed if page.snapshot.lesson_session.is_some() => LessonsPanel::Lesson,
            LessonsPanel::Closed => LessonsPanel::List,
            _ => LessonsPanel::Closed,
        })),
        KeyAction::Files => app.page(Action::Open(Window::Files)),
        KeyAction::Zoom(zoom) => app.zoom(zoom),
        KeyAction::Legend => app.page(Action::Open(Window::Legend)),
        KeyAction::Keys => app.page(Action::Open(Window::Keys)),
        KeyAction::Close => {
            app.page(Action::Close);
            app.page(Action::Dismiss);
            app.page(Action::Notice(None));
            app.page(Action::Select(None));
        }
    }
}

/// Goes to what the outlook promises, and says so where there is no such thing.
fn to_next_change(app: &AppContext, page: &PageState) {
    match page.outlook.as_ref().map(|outlook| &outlook.found) {
        Some(Found::Change { position, .. }) => app.run_on(*position),
        Some(Found::Nothing { .. }) => app.page(Action::Notice(Some("nothing-ahead"))),
        // It is being looked for: it will be said in a moment.
        None => {}
    }
}

fn share(app: &AppContext, page: &PageState) {
    let address = page.address(app.session.link()).to_string();
    let app = app.clone();
    browser::copy(browser::address_of(&address), move |done| {
        // Where the clipboard is closed, the address bar has the link.
        app.page(Action::Notice(Some(if done { "link-copied" } else { "link-in-address" })));
    });
}
