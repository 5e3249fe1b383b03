//! The lessons, fetched when a part of the page that shows them comes into sight.

use std::rc::Rc;

use kafkascope_core::lesson::Library;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::run::library::{fetch_lessons, lessons};

/// How far fetching the lessons is.
#[derive(Clone, Debug, PartialEq)]
pub enum FetchedLessons {
    /// They are on their way.
    Pending,
    /// They could not be fetched.
    Failed,
    /// Here they are.
    Here(Rc<Library>),
}

/// The lessons, and what fetches them again where that failed.
#[hook]
pub fn use_lessons() -> (FetchedLessons, Callback<MouseEvent>) {
    let fetched = use_state(|| lessons().map_or(FetchedLessons::Pending, FetchedLessons::Here));
    let attempts = use_state(|| 0_u32);
    {
        let fetched = fetched.clone();
        use_effect_with(*attempts, move |_| {
            spawn_local(async move {
                fetched.set(fetch_lessons().await.map_or(FetchedLessons::Failed, FetchedLessons::Here));
            });
        });
    }
    let again = {
        let fetched = fetched.clone();
        Callback::from(move |_| {
            fetched.set(FetchedLessons::Pending);
            attempts.set(*attempts + 1);
        })
    };
    ((*fetched).clone(), again)
}
