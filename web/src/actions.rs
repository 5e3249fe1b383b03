//! What a key or a button of the page's frame does: one way for both.

use crate::browser;
use crate::desk::Desk;
use crate::keys::KeyAction;
use crate::meter;
use crate::state::{Action, LessonsPanel, PageState, Window};

/// Carries out what a key stands for.
pub fn perform(action: KeyAction, desk: &Desk, page: &PageState) {
    match action {
        KeyAction::Forward => meter::measured(|| desk.forward(page.size)),
        KeyAction::Back => meter::measured(|| desk.back(page.size)),
        KeyAction::Play => desk.page(Action::Play(!page.is_playing)),
        KeyAction::Start => desk.session.seek(0),
        KeyAction::End => desk.session.seek(page.now.len),
        KeyAction::Size(size) => desk.page(Action::Size(size)),
        KeyAction::Produce => match page.now.view.producers.first() {
            Some(producer) => desk.page(Action::Open(Window::Produce(producer.number))),
            None => desk.page(Action::Notice(Some("no-producer"))),
        },
        KeyAction::Lang => {
            browser::save("lang", page.lang.other().tag());
            desk.page(Action::Lang(page.lang.other()));
        }
        KeyAction::Theme => {
            browser::save("theme", page.theme.other().name());
            desk.page(Action::Theme(page.theme.other()));
        }
        KeyAction::Share => share(desk, page),
        KeyAction::NewCluster => desk.page(Action::Open(Window::NewCluster)),
        KeyAction::Lessons => desk.page(Action::Lessons(match page.lessons {
            LessonsPanel::Closed if page.now.course.is_some() => LessonsPanel::Lesson,
            LessonsPanel::Closed => LessonsPanel::List,
            _ => LessonsPanel::Closed,
        })),
        KeyAction::Files => desk.page(Action::Open(Window::Files)),
        KeyAction::Keys => desk.page(Action::Open(Window::Keys)),
        KeyAction::Close => {
            desk.page(Action::Close);
            desk.page(Action::Dismiss);
            desk.page(Action::Notice(None));
        }
    }
}

fn share(desk: &Desk, page: &PageState) {
    browser::write_address(&page.now.link);
    let desk = desk.clone();
    browser::copy(browser::address_of(&page.now.link), move |done| {
        // Where the clipboard is closed, the address bar has the link.
        desk.page(Action::Notice(Some(if done { "link-copied" } else { "link-in-address" })));
    });
}
