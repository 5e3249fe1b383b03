//! What users and clients use of their quotas at this broker.

use yew::prelude::*;

use crate::engine::{PipelineView, QuotaType, QuotaView};
use crate::i18n::I18n;

/// A line for each of which something was counted; nothing where no quota is set.
pub fn uses(pipeline: &PipelineView, i18n: &I18n) -> Html {
    if pipeline.quotas.is_empty() {
        return Html::default();
    }
    let rows = pipeline.quotas.iter().enumerate().map(|(index, used)| row(index, used, i18n));
    html! {
        <section class="quotas" data-testid="pipeline-quotas">
            <h3>{ i18n.format("pipeline-quotas") }</h3>
            <ul class="connections">{ for rows }</ul>
        </section>
    }
}

fn row(index: usize, used: &QuotaView, i18n: &I18n) -> Html {
    let whose = [("user", &used.user), ("client-id", &used.client_id)];
    let whose = whose.iter().filter(|(_, name)| !name.is_empty()).map(|(kind, name)| format!("{kind} {name}"));
    let whose: Vec<String> = whose.collect();
    let key = match used.quota {
        QuotaType::Produce | QuotaType::Fetch => "pipeline-quota-bytes",
        QuotaType::Request => "pipeline-quota-time",
        QuotaType::ControllerMutation => "pipeline-quota-tokens",
    };
    let bound = used.bound_thousandths.map_or_else(|| "–".to_owned(), decimal);
    let values = [("rate", decimal(used.rate_thousandths).into()), ("bound", bound.into())];
    html! {
        <li key={index} class={classes!(used.throttled_until_ms.is_some().then_some("muted"))}>
            { whose.join(", ") }<small>{ used.quota.key() }</small>
            { i18n.format_with(key, values) }
            if let Some(until) = used.throttled_until_ms {
                <em>{ i18n.format_with("pipeline-throttled-until", [("at", until.into())]) }</em>
            }
        </li>
    }
}

/// A number of thousandths with as many decimals as it needs; whole from a hundred on, where decimals tell nothing.
fn decimal(thousandths: i64) -> String {
    if thousandths.abs() >= 100_000 {
        return ((thousandths + 500 * thousandths.signum()) / 1_000).to_string();
    }
    let (whole, rest) = (thousandths / 1_000, (thousandths % 1_000).abs());
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:03}").trim_end_matches('0').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn decimals_end_where_they_say_nothing() {
        let shown = [0, 1_000, 1_500, 12_345, 10, -2_500, 10_009_185, -100_500].map(decimal);
        assert_eq!(shown, ["0", "1", "1.5", "12.345", "0.01", "-2.5", "10009", "-101"]);
    }
}
