//! What has to be filled in before a file is one: `${host}`, `{{ node_id }}`, `<host>`.

/// A text that stands for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// It was not filled in.
    Unfilled(String),
    /// Nothing can fill it in: it is not closed, or has no name.
    Broken(String),
}

impl Placeholder {
    /// It, as it is written.
    pub fn text(&self) -> &str {
        match self {
            Self::Unfilled(text) | Self::Broken(text) => text,
        }
    }
}

/// How placeholders begin and end.
const FORMS: [(&str, &str); 3] = [("${", "}"), ("{{", "}}"), ("<", ">")];

/// All that are in a value.
pub fn find(value: &str) -> Vec<Placeholder> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some((at, open, close)) =
        FORMS.iter().filter_map(|(open, close)| Some((rest.find(open)?, *open, *close))).min()
    {
        let after = &rest[at + open.len()..];
        let end = after.find(close);
        let name = end.map(|end| after[..end].trim());
        let is_name = |name: &str| !name.is_empty() && !name.contains([',', '{', '}', '<', '>', '@']);
        match (end, name) {
            (Some(end), Some(name)) if is_name(name) => {
                let length = open.len() + end + close.len();
                found.push(Placeholder::Unfilled(rest[at..at + length].to_owned()));
                rest = &rest[at + length..];
            }
            // One that is not closed or has no name goes on to where an address or a list does.
            _ => {
                let until = after.find([':', ',', '/', ' ', '@']).unwrap_or(after.len());
                found.push(Placeholder::Broken(rest[at..at + open.len() + until].to_owned()));
                rest = &after[until..];
            }
        }
    }
    found
}

/// Those of a value, each once.
pub fn distinct(value: &str) -> Vec<Placeholder> {
    let mut all = find(value);
    let mut kept: Vec<Placeholder> = Vec::new();
    all.retain(|each| {
        let is_new = !kept.contains(each);
        kept.extend(is_new.then(|| each.clone()));
        is_new
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_whole_or_broken() {
        let unfilled = |text: &str| Placeholder::Unfilled(text.to_owned());
        let broken = |text: &str| Placeholder::Broken(text.to_owned());
        let voters = "1@${kafkaHostAddress1}:9093,2@${}kafkaHostAddress2}:9093,3@${kafkaHostAddress3}:9093";
        let expected =
            [unfilled("${kafkaHostAddress1}"), broken("${}kafkaHostAddress2}"), unfilled("${kafkaHostAddress3}")];
        assert_eq!(find(voters), expected);
        assert_eq!(find("{{ kafka_node_id }}"), [unfilled("{{ kafka_node_id }}")]);
        assert_eq!(find("PLAINTEXT://<host>:9092"), [unfilled("<host>")]);
        assert_eq!(find("1@${host:9093"), [broken("${host")]);
        assert_eq!(find("${file:/etc/kafka/secrets:password}"), [unfilled("${file:/etc/kafka/secrets:password}")]);
        assert_eq!(find("SASL_PLAINTEXT,a@b:1 {x}"), []);
        assert_eq!(find("${"), [broken("${")]);
    }
}
