//! A window over the page: the browser's own modal dialog, which keeps the focus and closes on Escape.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use crate::app::Action;
use crate::app::use_app;
use crate::i18n::use_i18n;
use crate::platform::browser;

/// What a window shows.
#[derive(Clone, PartialEq, Properties)]
pub struct DialogProps {
    /// Its title.
    pub title: AttrValue,
    /// Its name in tests.
    pub testid: AttrValue,
    /// What is in it.
    pub children: Html,
}

/// A window over the page.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let node = use_node_ref();
    use_effect_with(node.clone(), |node| {
        let before = browser::focused();
        if let Some(dialog) = node.cast::<HtmlDialogElement>() {
            dialog.show_modal().ok();
        }
        // The dialog leaves the document without closing first: what had the focus gets it back by hand.
        move || browser::focus(before.as_ref())
    });
    let close = Callback::from(move |()| app.page(Action::Close));
    let on_close = {
        let close = close.clone();
        Callback::from(move |_: Event| close.emit(()))
    };
    let on_backdrop = {
        let (close, node) = (close.clone(), node.clone());
        Callback::from(move |event: MouseEvent| {
            // Outside of the dialog's own content, the dialog itself is what is clicked.
            let target = event.target().and_then(|target| wasm_bindgen::JsCast::dyn_into::<web_sys::Node>(target).ok());
            if target.is_some() && target == node.get() {
                close.emit(());
            }
        })
    };
    html! {
        <dialog ref={node} class="dialog" aria-label={props.title.clone()} data-testid={props.testid.clone()}
            onclose={on_close} onclick={on_backdrop}>
            <div class="dialog-in">
                <header>
                    <h2>{ &props.title }</h2>
                    <button class="quiet" data-testid="close" aria-label={i18n.format("close")} onclick={move |_| close.emit(())}>{ "✕" }</button>
                </header>
                { props.children.clone() }
            </div>
        </dialog>
    }
}
