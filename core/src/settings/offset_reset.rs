//! Where a consumer begins where nothing valid is committed (`auto.offset.reset`).

/// `AutoOffsetResetStrategy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OffsetReset {
    /// At the end.
    Latest,
    /// At the start.
    Earliest,
    /// Nowhere: the poll throws.
    None,
    /// At the first record that is no older, in milliseconds.
    ByDuration(i64),
}

impl OffsetReset {
    /// Reads `latest`, `earliest`, `none` or `by_duration:PnDTnHnMn.nS`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "latest" => Some(Self::Latest),
            "earliest" => Some(Self::Earliest),
            "none" => Some(Self::None),
            _ => duration_ms(text.strip_prefix("by_duration:")?).filter(|ms| *ms >= 0).map(Self::ByDuration),
        }
    }
}

/// `java.time.Duration.parse`, in milliseconds.
fn duration_ms(text: &str) -> Option<i64> {
    let upper = text.to_ascii_uppercase();
    let (is_negative, rest) = match upper.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, upper.strip_prefix('+').unwrap_or(&upper)),
    };
    let rest = rest.strip_prefix('P')?;
    let (days, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (rest, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let mut total = match days {
        "" => 0,
        days => whole(days.strip_suffix('D')?)?.checked_mul(86_400_000)?,
    };
    let mut left = time;
    for (unit, ms) in [('H', 3_600_000), ('M', 60_000)] {
        if let Some((number, rest)) = left.split_once(unit) {
            total = total.checked_add(whole(number)?.checked_mul(ms)?)?;
            left = rest;
        }
    }
    if !left.is_empty() {
        total = total.checked_add(seconds_ms(left.strip_suffix('S')?)?)?;
    }
    if is_negative { total.checked_neg() } else { Some(total) }
}

fn whole(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn seconds_ms(text: &str) -> Option<i64> {
    let (whole_seconds, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let part_ms = whole(&thousandths)?;
    let ms = whole(whole_seconds)?.checked_mul(1_000)?;
    if whole_seconds.starts_with('-') { ms.checked_sub(part_ms) } else { ms.checked_add(part_ms) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_java_reads_them() {
        let ms = |text| match OffsetReset::parse(&format!("by_duration:{text}")) {
            Some(OffsetReset::ByDuration(ms)) => Some(ms),
            _ => None,
        };
        assert_eq!(ms("PT1H"), Some(3_600_000));
        assert_eq!(ms("P2DT3H4M"), Some(183_840_000));
        assert_eq!(ms("PT20.345S"), Some(20_345));
        assert_eq!(ms("pt0s"), Some(0));
        assert_eq!(ms("PT-6H3M"), None);
        assert_eq!([ms("P"), ms("PT"), ms("1H"), ms("P1H"), ms("PT1S2M"), ms("")], [None; 6]);
    }
}
