//! Every setting that the engine knows, by scope: what it is, its value and where that comes from. A change goes to the
//! cluster as an admin's would, and what the cluster refuses is told in its own words beside the field.

use kafkascope_core::sort::SharedSort;
use std::collections::BTreeMap;

use web_sys::{HtmlInputElement, HtmlSelectElement, SubmitEvent};
use yew::prelude::*;

use crate::app::{NowProps, use_app};
use crate::engine::{Actor, Command, Effect, SettingScope, SettingView};
use crate::i18n::{I18n, LocalizedMessage, use_i18n};
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;

/// The scopes of a cluster.
fn scopes(snapshot: &SharedSnapshot) -> Vec<SettingScope> {
    let view = &snapshot.view;
    let mut topics: Vec<String> = view.partitions.iter().map(|each| each.partition.topic.to_string()).collect();
    topics.dedup();
    let mut groups: Vec<String> = view.groups.iter().map(|group| group.group.clone()).collect();
    groups.extend(view.consumers.iter().map(|consumer| consumer.group.clone()));
    groups.shared_sort_by(Ord::cmp);
    groups.dedup();
    let brokers = view.nodes.iter().filter(|node| node.is_broker).map(|node| SettingScope::Broker(node.id));
    (topics.into_iter().map(SettingScope::Topic))
        .chain([SettingScope::Brokers])
        .chain(brokers)
        .chain(groups.into_iter().map(SettingScope::Group))
        .chain(view.producers.iter().map(|producer| SettingScope::Producer(producer.number)))
        .chain(view.consumers.iter().map(|consumer| SettingScope::Consumer(consumer.number)))
        .chain(view.nodes.iter().filter(|node| node.is_broker).map(|node| SettingScope::Pipeline(node.id)))
        .chain([SettingScope::Network])
        .collect()
}

/// A scope's name for a person.
fn title(scope: &SettingScope, i18n: &I18n) -> String {
    match scope {
        SettingScope::Topic(topic) => i18n.format_with("scope-topic", [("name", topic.clone().into())]),
        SettingScope::Broker(id) => i18n.actor(Actor::Node(*id)),
        SettingScope::Brokers => i18n.format("scope-brokers"),
        SettingScope::Group(group) => i18n.format_with("scope-group", [("name", group.clone().into())]),
        SettingScope::Producer(number) => i18n.actor(Actor::Producer(*number)),
        SettingScope::Consumer(number) => i18n.actor(Actor::Consumer(*number)),
        SettingScope::Pipeline(id) => {
            i18n.format_with("scope-pipeline", [("actor", i18n.actor(Actor::Node(*id)).into())])
        }
        SettingScope::Network => i18n.format("scope-network"),
    }
}

/// The message that says what a setting is; none for those that only Kafka itself explains.
fn meaning(name: &str, i18n: &I18n) -> Option<String> {
    i18n.find(&format!("setting-{}", name.replace('.', "-")))
}

/// What a person typed for a setting, and what was said to it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Typed {
    text: Option<String>,
    refused: Option<LocalizedMessage>,
    /// The value that is on its way to the cluster.
    sent: Option<String>,
}

/// The tab.
#[component]
pub fn Settings(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let all_scopes = scopes(&props.snapshot);
    let chosen = use_state_eq(|| 0_usize);
    let filter = use_state_eq(String::new);
    let only_acting = use_state_eq(|| true);
    let open = use_state_eq(|| None::<&'static str>);
    let typed = use_state_eq(BTreeMap::<(usize, &'static str), Typed>::new);
    let at = (*chosen).min(all_scopes.len().saturating_sub(1));
    let Some(scope) = all_scopes.get(at).cloned() else { return Html::default() };
    let settings = app.session.read(|history| history.cluster().settings(&scope));
    let pick = {
        let (chosen, open) = (chosen.clone(), open.clone());
        Callback::from(move |event: Event| {
            chosen.set(event.target_unchecked_into::<HtmlSelectElement>().value().parse().unwrap_or(0));
            open.set(None);
        })
    };
    let narrow = {
        let filter = filter.clone();
        Callback::from(move |event: InputEvent| filter.set(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let toggle_acting = {
        let only_acting = only_acting.clone();
        Callback::from(move |event: Event| only_acting.set(event.target_unchecked_into::<HtmlInputElement>().checked()))
    };
    let words: Vec<String> = filter.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let fits = |setting: &&SettingView| {
        let acts = !matches!(setting.effect, Effect::None(_));
        let text = format!("{} {}", setting.name, meaning(setting.name, &i18n).unwrap_or_default()).to_lowercase();
        (acts || !*only_acting) && words.iter().all(|word| text.contains(word.as_str()))
    };
    let shown: Vec<&SettingView> = settings.iter().filter(fits).collect();
    let counted = [("count", shown.len().into()), ("all", settings.len().into())];
    let rows = shown.iter().map(|setting| {
        let name = setting.name;
        let is_open = *open == Some(name);
        let toggle = {
            let open = open.clone();
            Callback::from(move |_: MouseEvent| open.set((!is_open).then_some(name)))
        };
        let is_set = setting.value != setting.default;
        html! {
            <li key={name} class={classes!("setting", is_open.then_some("is-open"))}>
                <button class="setting-head" data-testid={format!("setting-{name}")} aria-expanded={is_open.to_string()} onclick={toggle}>
                    <code>{ name }</code>
                    <b class={classes!(is_set.then_some("set"))}>{ shown_value(setting.value.as_deref(), &i18n) }</b>
                    <small>{ i18n.format(&format!("source-{}", setting.source.name())) }</small>
                </button>
                if is_open {
                    { details(setting, &i18n) }
                    <Edit scope={scope.clone()} setting={(*setting).clone()} typed={typed.get(&(at, name)).cloned().unwrap_or_default()}
                        write={Callback::from({
                            let typed = typed.clone();
                            move |now: Typed| {
                                let mut all = (*typed).clone();
                                all.insert((at, name), now);
                                typed.set(all);
                            }
                        })} />
                }
            </li>
        }
    });
    let rows: Vec<Html> = rows.collect();
    html! {
        <div class="tab-page settings" data-testid="settings-tab">
            <p class="faint">{ i18n.format("settings-text") }</p>
            <div class="lab-line">
                <label>{ i18n.format("scope") }
                    <select data-testid="settings-scope" onchange={pick}>
                        { siblings(all_scopes.iter().enumerate().map(|(index, each)| html! { <option value={index.to_string()} selected={index == at}>{ title(each, &i18n) }</option> })) }
                    </select>
                </label>
                <label>{ i18n.format("settings-filter") }<input type="search" data-testid="settings-filter" value={(*filter).clone()} oninput={narrow} /></label>
            </div>
            <label class="check"><input type="checkbox" data-testid="settings-acting" checked={*only_acting} onchange={toggle_acting} />{ i18n.format("settings-acting") }</label>
            <p class="faint" role="status" data-testid="settings-count">{ i18n.format_with("settings-count", counted) }</p>
            <ul class="setting-list">{ for rows }</ul>
        </div>
    }
}

fn shown_value(value: Option<&str>, i18n: &I18n) -> String {
    match value {
        None => i18n.format("value-null"),
        Some("") => "\"\"".to_owned(),
        Some(value) => value.to_owned(),
    }
}

/// What a setting is: its meaning, type, default, range, and whether it acts.
fn details(setting: &SettingView, i18n: &I18n) -> Html {
    let effect = match setting.effect {
        Effect::Acts => None,
        Effect::Partly(reason) | Effect::None(reason) => i18n.find(&format!("unmodelled-{}", reason.name())),
    };
    let row = |word: &str, value: String| html! { <><dt>{ i18n.format(word) }</dt><dd><code>{ value }</code></dd></> };
    html! {
        <div class="setting-details">
            if let Some(means) = meaning(setting.name, i18n) {
                <p>{ means }</p>
            }
            if let Some(effect) = effect {
                <p class="faint">{ effect }</p>
            }
            if setting.is_read_only {
                <p class="faint">{ i18n.format("setting-read-only") }</p>
            }
            <dl>
                { row("setting-type", setting.kind.map_or_else(|| i18n.format("setting-ours"), str::to_owned)) }
                { row("setting-default", shown_value(setting.default.as_deref(), i18n)) }
                if !setting.values.is_empty() {
                    { row("setting-values", setting.values.replace('|', " | ")) }
                }
            </dl>
        </div>
    }
}

/// A setting's field.
#[derive(Clone, PartialEq, Properties)]
struct EditProps {
    scope: SettingScope,
    setting: SettingView,
    typed: Typed,
    write: Callback<Typed>,
}

#[component]
fn Edit(props: &EditProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let EditProps { scope, setting, typed, write } = props.clone();
    let name = setting.name;
    let value = setting.value.clone().unwrap_or_default();
    // What was sent stays in the field, also where the cluster rejects it.
    let text = typed.text.clone().or_else(|| typed.sent.clone()).unwrap_or_else(|| value.clone());
    // What the cluster answered to the last change, once it has; over as soon as something else is typed.
    let answered = app.session.read(|history| history.cluster().setting_refusal(&scope, name));
    let answered = answered.filter(|_| typed.text.is_none());
    let refused = match &typed.refused {
        Some(error) => Some(i18n.engine("error", error)),
        None => answered.clone().map(|message| i18n.format_with("setting-refused", [("told", message.into())])),
    };
    let is_on_its_way = typed.sent.as_ref().is_some_and(|sent| *sent != value) && answered.is_none();
    let edit = {
        let (write, typed) = (write.clone(), typed.clone());
        Callback::from(move |text: String| write.emit(Typed { text: Some(text), refused: None, ..typed.clone() }))
    };
    let set = {
        let (write, text) = (write.clone(), text.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let command = Command::Set { scope: scope.clone(), name: name.to_owned(), value: text.clone() };
            // What is refused stays in the field as it was typed.
            let now = match app.session.act(command) {
                Ok(_) => Typed { text: None, refused: None, sent: Some(text.clone()) },
                Err(error) => {
                    Typed { text: Some(text.clone()), refused: Some(LocalizedMessage::of(&error, "error")), sent: None }
                }
            };
            write.emit(now);
        })
    };
    let label = i18n.format_with("setting-new-value", [("name", name.into())]);
    let options: Vec<String> = setting.values.split('|').map(str::to_owned).collect();
    let id = format!("setting-error-{}", name.replace('.', "-"));
    let field = if options.len() > 1 {
        let pick =
            Callback::from(move |event: Event| edit.emit(event.target_unchecked_into::<HtmlSelectElement>().value()));
        html! {
            <select data-testid={format!("value-{name}")} aria-label={label} aria-describedby={id.clone()} onchange={pick}>
                { siblings(options.iter().map(|option| html! { <option value={option.clone()} selected={*option == text}>{ option }</option> })) }
            </select>
        }
    } else {
        let write = Callback::from(move |event: InputEvent| {
            edit.emit(event.target_unchecked_into::<HtmlInputElement>().value())
        });
        html! {
            <input data-testid={format!("value-{name}")} aria-label={label} aria-invalid={refused.is_some().to_string()} aria-describedby={id.clone()}
                autocomplete="off" spellcheck="false" value={text} oninput={write} />
        }
    };
    html! {
        <form class="setting-edit" onsubmit={set}>
            { field }
            <button class="accent" type="submit" data-testid={format!("set-{name}")}>{ i18n.format("setting-set") }</button>
            <p {id} class="field-error" role="alert" data-testid={format!("refused-{name}")}>{ refused }</p>
            if is_on_its_way {
                <p class="faint" role="status">{ i18n.format("setting-on-its-way") }</p>
            }
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{History, SettingSource};
    use crate::i18n::Lang;
    use crate::run::tour::{FIRST_PAGE, preset};

    #[test]
    fn every_setting_that_acts_says_in_both_languages_what_it_is() {
        let history = History::new(preset(FIRST_PAGE).expect("a preset").scenario).expect("it runs");
        let scopes = [
            SettingScope::Topic("orders".to_owned()),
            SettingScope::Broker(1),
            SettingScope::Brokers,
            SettingScope::Producer(1),
            SettingScope::Consumer(1),
            SettingScope::Pipeline(1),
            SettingScope::Network,
        ];
        let i18ns = [I18n::of(Lang::En), I18n::of(Lang::Ko)];
        for setting in scopes.iter().flat_map(|scope| history.cluster().settings(scope)) {
            let acts = !matches!(setting.effect, Effect::None(_));
            for i18n in i18ns.iter().filter(|_| acts) {
                assert!(meaning(setting.name, i18n).is_some(), "{:?}: {}", i18n.lang(), setting.name);
            }
        }
        for i18n in &i18ns {
            for source in SettingSource::names() {
                assert!(i18n.find(&format!("source-{source}")).is_some(), "source-{source}");
            }
        }
    }
}
