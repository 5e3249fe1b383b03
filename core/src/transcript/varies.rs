//! What a transcript says was not the same each time: `steps[33].saw.records: the place in the order of [...]`.

use serde_json::Value;

use super::compare::leaves;

/// One thing that varied.
#[derive(Clone, Debug, PartialEq)]
pub struct Variation {
    /// Which step, from 0.
    pub step: usize,
    /// Which field of `saw`.
    pub path: String,
    /// How.
    pub how: How,
}

/// How something varied.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// These records were elsewhere in the list.
    PlaceOf(Vec<Value>),
    /// These records were there too, in some runs.
    AlsoThere(Vec<Value>),
    /// In any way: the field is not compared.
    Anyhow,
}

/// Reads what varied. What only a person can understand is left out.
pub fn read(lines: &[String]) -> Vec<Variation> {
    lines.iter().filter_map(|line| read_line(line)).collect()
}

fn read_line(line: &str) -> Option<Variation> {
    let (place, rest) = line.strip_prefix("steps[")?.split_once(": ")?;
    let (step, path) = place.split_once(']')?;
    let path = path.strip_prefix(".saw.")?.to_owned();
    let how = if let Some(records) = rest.strip_prefix("the place in the order of ") {
        How::PlaceOf(serde_json::from_str(records).ok()?)
    } else if rest.contains("also [") {
        How::AlsoThere(lists_within(rest))
    } else {
        How::Anyhow
    };
    Some(Variation { step: step.parse().ok()?, path, how })
}

/// The JSON lists within a sentence.
fn lists_within(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for piece in text.split("also ").skip(1) {
        let mut values = serde_json::Deserializer::from_str(piece).into_iter::<Vec<Value>>();
        if let Some(Ok(list)) = values.next() {
            found.extend(list);
        }
    }
    found
}

/// Whether `record` has all that `pattern` tells.
pub fn has(record: &Value, pattern: &Value) -> bool {
    pattern.as_object().is_some_and(|fields| fields.iter().all(|(name, value)| record.get(name) == Some(value)))
}

/// Takes out of both lists what may stand anywhere, and out of ours what was there in some runs only. Gives back how many
/// single facts are no longer compared.
pub fn settle(how: &How, expected: &mut Vec<Value>, actual: &mut Vec<Value>) -> u32 {
    match how {
        How::PlaceOf(records) => {
            let before: u32 = expected.iter().map(leaves).sum();
            for list in [&mut *expected, &mut *actual] {
                list.retain(|each| !records.iter().any(|record| has(each, record)));
            }
            before - expected.iter().map(leaves).sum::<u32>()
        }
        How::AlsoThere(records) => {
            for record in records {
                let is_recorded = expected.iter().any(|each| has(each, record));
                if !is_recorded {
                    actual.retain(|each| !has(each, record));
                }
            }
            0
        }
        How::Anyhow => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_three_ways_are_read() {
        let lines = [
            r#"steps[33].saw.records: the place in the order of [{"type": "X", "brokerId": 2}]"#,
            r#"steps[35].saw.records.of m3: in one run also [{"a": 1}], in another also [{"a": 2}]"#,
            "steps[16].saw.logs.3.ud-0.checkpointedHighWatermark: null in one run, 0 in another",
            "how often it happens",
        ];
        let read = read(&lines.map(str::to_owned));
        assert_eq!(read.len(), 3);
        assert_eq!(read[0].how, How::PlaceOf(vec![json!({"type": "X", "brokerId": 2})]));
        assert_eq!(read[1].how, How::AlsoThere(vec![json!({"a": 1}), json!({"a": 2})]));
        assert_eq!((read[2].step, read[2].path.as_str()), (16, "logs.3.ud-0.checkpointedHighWatermark"));
    }
}
