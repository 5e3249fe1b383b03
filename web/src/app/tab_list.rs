//! A list of tabs: one stop for the Tab key, up and down go from one to the next. Right, left, Home and End are for steps, here as
//! everywhere.

use gloo_events::EventListener;
use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

use crate::platform::browser;

/// One tab.
#[derive(Clone, PartialEq)]
pub struct TabItem {
    /// The id of its button, which is its name in tests, too.
    pub id: &'static str,
    /// What it is called.
    pub label: String,
    /// How much there is behind it, where that is worth knowing.
    pub count: usize,
}

/// The tabs.
#[derive(Clone, PartialEq, Properties)]
pub struct TabListProps {
    /// What they are about.
    pub label: AttrValue,
    /// They.
    pub tabs: Vec<TabItem>,
    /// Which one is chosen.
    pub current: usize,
    /// The id of the element that shows the chosen one.
    pub controls: &'static str,
    /// Chooses.
    pub choose: Callback<usize>,
}

/// The tab that a key leads to.
fn target(key: &str, current: usize, count: usize) -> Option<usize> {
    match key {
        "ArrowDown" => Some((current + 1) % count.max(1)),
        "ArrowUp" => Some((current + count.saturating_sub(1)) % count.max(1)),
        _ => None,
    }
}

/// The tabs. That they are gone through as a vertical list is said to who does not see them.
#[component]
pub fn TabList(props: &TabListProps) -> Html {
    // However it was chosen: by a link, by a lesson or by another list it may lie behind the edge, and a window that becomes
    // narrower may put it there.
    let list = use_node_ref();
    use_effect_with((props.tabs.get(props.current).map(|tab| tab.id), list.clone()), |(chosen, list)| {
        let (chosen, list) = (*chosen, list.cast::<Element>());
        let show = move || {
            if let (Some(id), Some(list)) = (chosen, &list) {
                browser::scroll_sideways_to(list, id);
            }
        };
        show();
        let resized = browser::window().map(|window| EventListener::new(&window, "resize", move |_| show()));
        move || drop(resized)
    });
    let on_key = {
        let (choose, current) = (props.choose.clone(), props.current);
        let ids: Vec<&'static str> = props.tabs.iter().map(|tab| tab.id).collect();
        Callback::from(move |event: KeyboardEvent| {
            let Some(next) = target(&event.key(), current, ids.len()) else { return };
            event.prevent_default();
            choose.emit(next);
            browser::focus_on(&format!("#{}", ids[next]));
        })
    };
    let buttons = props.tabs.iter().enumerate().map(|(index, tab)| {
        let is_on = index == props.current;
        let choose = props.choose.clone();
        let press = Callback::from(move |_: MouseEvent| choose.emit(index));
        html! {
            <button key={tab.id} role="tab" id={tab.id} data-testid={tab.id} aria-selected={is_on.to_string()} aria-controls={props.controls}
                tabindex={if is_on { "0" } else { "-1" }} onclick={press}>
                { &tab.label }
                if tab.count > 0 {
                    <small>{ tab.count }</small>
                }
            </button>
        }
    });
    html! {
        <div ref={list} class="tabs" role="tablist" aria-orientation="vertical" aria-label={props.label.clone()} onkeydown={on_key}>{ for buttons }</div>
    }
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn up_and_down_go_round_and_the_keys_of_steps_nowhere() {
        assert_eq!([target("ArrowDown", 3, 4), target("ArrowUp", 0, 4)], [Some(0), Some(3)]);
        assert_eq!(["ArrowRight", "ArrowLeft", "Home", "End"].map(|key| target(key, 2, 4)), [None; 4]);
    }
}
