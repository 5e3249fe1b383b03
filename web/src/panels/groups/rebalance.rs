//! What the last rebalance of a group cost: how long it took, and how long nobody read each partition.

use yew::prelude::*;

use super::{Shown, members};
use crate::engine::{ReadingPause, Rebalance};

/// The last rebalance.
pub(super) fn rebalance(shown: &Shown<'_>, rebalance: Option<&Rebalance>) -> Html {
    let i18n = shown.i18n;
    let Some(rebalance) = rebalance else {
        return html! { <p class="faint" data-testid="group-rebalance">{ i18n.format("group-no-rebalance") }</p> };
    };
    let took = match rebalance.took_ms() {
        Some(ms) => i18n.format_with("group-rebalance-took", [("ms", ms.into())]),
        None => {
            let ms = shown.now_ms.saturating_sub(rebalance.began_ms);
            i18n.format_with("group-rebalance-runs", [("ms", ms.into())])
        }
    };
    // Who is a member no more is not in the list above.
    let gone = rebalance.members.iter().filter(|member| rebalance.ended_ms.is_some() && member.after.is_none());
    let gone = gone.map(|member| {
        let who = member.consumer.map_or_else(|| member.member.clone(), |number| shown.consumer(number));
        html! { <li><b>{ who }</b>{ members::change(member, shown) }</li> }
    });
    html! {
        <div class="rebalance" data-testid="group-rebalance">
            <p>{ took }</p>
            <ul class="gone">{ for gone }</ul>
            if rebalance.pauses.is_empty() {
                <p class="faint">{ i18n.format("group-no-pause") }</p>
            } else {
                { pauses(shown, &rebalance.pauses) }
                <p class="faint">{ i18n.format("group-pause-means") }</p>
            }
        </div>
    }
}

fn pauses(shown: &Shown<'_>, pauses: &[ReadingPause]) -> Html {
    let i18n = shown.i18n;
    let longest = pauses.iter().map(|pause| pause.lasted_ms(shown.now_ms)).max().unwrap_or(0).max(1);
    let row = |pause: &ReadingPause| {
        let ms = pause.lasted_ms(shown.now_ms);
        let to = pause.resumed.map_or_else(|| i18n.format("group-nobody-yet"), |(number, _)| shown.consumer(number));
        let width = format!("width:{:.1}%", ms as f64 * 100.0 / longest as f64);
        html! {
            <tr key={pause.partition.to_string()}>
                <th scope="row">{ shown.partition(&pause.partition, None) }</th>
                <td class="wraps">{ shown.consumer(pause.from) }{ " → " }{ to }</td>
                <td class="pause-bar"><b>{ i18n.format_with("group-ms", [("ms", ms.into())]) }</b>
                    <i class={classes!(pause.resumed.is_none().then_some("open"))} style={width} aria-hidden="true"></i></td>
            </tr>
        }
    };
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label={i18n.format("group-pauses")}>
            <table class="data">
                <thead><tr>
                    <th scope="col">{ i18n.format("partition") }</th><th scope="col">{ i18n.format("group-pause-from-to") }</th>
                    <th scope="col" class="pause-bar">{ i18n.format("group-pause-ms") }</th>
                </tr></thead>
                <tbody>{ for pauses.iter().map(row) }</tbody>
            </table>
        </div>
    }
}
