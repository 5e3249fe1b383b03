//! What a setting is and which values it takes (`org.apache.kafka.common.config.ConfigDef`), in Kafka's own words.

use super::OffsetReset;

/// `ConfigDef.Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigType {
    /// `true` or `false`, in any case.
    Boolean,
    /// A text, without the white space around it.
    String,
    /// 32 bits with a sign.
    Int,
    /// 16 bits with a sign.
    Short,
    /// 64 bits with a sign.
    Long,
    /// A floating-point number.
    Double,
    /// Texts with commas between them.
    List,
    /// The name of a Java class.
    Class,
    /// A text that is never shown.
    Password,
}

impl ConfigType {
    /// Kafka's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::String => "STRING",
            Self::Int => "INT",
            Self::Short => "SHORT",
            Self::Long => "LONG",
            Self::Double => "DOUBLE",
            Self::List => "LIST",
            Self::Class => "CLASS",
            Self::Password => "PASSWORD",
        }
    }
}

/// How a broker's setting may change while it runs (`DynamicBrokerConfig.dynamicConfigUpdateModes`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateMode {
    /// Only with a restart.
    ReadOnly,
    /// For one broker.
    PerBroker,
    /// For one broker or as the default of all.
    ClusterWide,
}

/// Which values of its type a setting takes (`ConfigDef.Validator`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validator {
    /// Every one.
    Any,
    /// `Range.atLeast`.
    AtLeast(&'static str),
    /// `Range.between`, both ends included.
    Between(&'static str, &'static str),
    /// `ValidString`.
    OneOf(&'static [&'static str]),
    /// `CaseInsensitiveValidString`.
    OneOfAnyCase(&'static [&'static str]),
    /// `ValidList`: these items, or any where none is named; what is there twice is taken once.
    Items {
        /// The items allowed.
        of: &'static [&'static str],
        /// Whether there may be none.
        may_be_empty: bool,
    },
    /// `NonEmptyString`.
    NonEmpty,
    /// `CompressionType.GZIP.levelValidator`.
    GzipLevel,
    /// `ThrottledReplicaListValidator`.
    ThrottledReplicas,
    /// `QuorumConfig.ControllerQuorumVotersValidator`.
    QuorumVoters,
    /// `QuorumConfig.ControllerQuorumBootstrapServersValidator`.
    BootstrapServers,
    /// `AutoOffsetResetStrategy.Validator`.
    AutoOffsetReset,
    /// `ShareGroupAutoOffsetResetStrategy.Validator`.
    ShareAutoOffsetReset,
}

/// One setting (`ConfigDef.ConfigKey`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigKey {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: ConfigType,
    /// Its default, as text; `None` where there is none or where it is null.
    pub default: Option<&'static str>,
    /// Which values it takes.
    pub validator: Validator,
    /// How it may change while a broker runs.
    pub update_mode: UpdateMode,
}

/// A row of a table of settings.
pub(super) const fn key(
    name: &'static str,
    kind: ConfigType,
    default: Option<&'static str>,
    validator: Validator,
    update_mode: UpdateMode,
) -> ConfigKey {
    ConfigKey { name, kind, default, validator, update_mode }
}

/// Finds a setting in a table.
pub fn find(table: &'static [ConfigKey], name: &str) -> Option<&'static ConfigKey> {
    table.iter().find(|key| key.name == name)
}

/// A value of a setting after parsing (`ConfigDef.parseType`).
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigValue {
    /// Of a boolean.
    Boolean(bool),
    /// Of an int, a short or a long.
    Integer(i64),
    /// Of a double.
    Double(f64),
    /// Of a string, a class or a password.
    Text(String),
    /// Of a list.
    Items(Vec<String>),
}

impl std::fmt::Display for ConfigValue {
    /// The value as Java prints it inside a message.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Double(value) => f.write_str(&java_double(*value)),
            Self::Text(value) => f.write_str(value),
            Self::Items(items) => write!(f, "[{}]", items.join(", ")),
        }
    }
}

impl ConfigValue {
    /// The value as a setting is written (`ConfigDef.convertToString`).
    pub fn to_setting(&self) -> String {
        match self {
            Self::Items(items) => items.join(","),
            other => other.to_string(),
        }
    }
}

impl ConfigKey {
    /// Which values it takes, in few words that need no translation: `0..`, `true|false`; "" for every one of its type.
    pub fn values(&self) -> String {
        match (self.validator, self.kind) {
            (Validator::AtLeast(min), _) => format!("{min}.."),
            (Validator::Between(min, max), _) => format!("{min}..{max}"),
            (Validator::OneOf(allowed) | Validator::OneOfAnyCase(allowed), _) => allowed.join("|"),
            (Validator::Items { of, .. }, _) => of.join(","),
            (Validator::GzipLevel, _) => "-1, 1..9".to_owned(),
            (_, ConfigType::Boolean) => "true|false".to_owned(),
            (
                Validator::Any
                | Validator::NonEmpty
                | Validator::ThrottledReplicas
                | Validator::QuorumVoters
                | Validator::BootstrapServers
                | Validator::AutoOffsetReset
                | Validator::ShareAutoOffsetReset,
                _,
            ) => String::new(),
        }
    }

    /// Parses and validates a value (`ConfigDef.parseValue`). The error is Kafka's message, word for word.
    pub fn parse(&self, value: &str) -> Result<ConfigValue, String> {
        let mut parsed = self.parse_type(value)?;
        if let (Validator::Items { .. }, ConfigValue::Items(items)) = (self.validator, &mut parsed) {
            let mut distinct: Vec<String> = Vec::new();
            for item in items.drain(..) {
                if !distinct.contains(&item) {
                    distinct.push(item);
                }
            }
            *items = distinct;
        }
        self.ensure_valid(&parsed)?;
        Ok(parsed)
    }

    /// The message of a `ConfigException` about a value of this setting.
    pub fn refusal(&self, value: impl std::fmt::Display, why: impl std::fmt::Display) -> String {
        invalid_value(self.name, value, why)
    }

    fn parse_type(&self, value: &str) -> Result<ConfigValue, String> {
        let trimmed = value.trim_matches(|character| character <= ' ');
        let not_a_number = || self.refusal(value, format!("Not a number of type {}", self.kind.name()));
        match self.kind {
            ConfigType::Boolean if trimmed.eq_ignore_ascii_case("true") => Ok(ConfigValue::Boolean(true)),
            ConfigType::Boolean if trimmed.eq_ignore_ascii_case("false") => Ok(ConfigValue::Boolean(false)),
            ConfigType::Boolean => Err(self.refusal(value, "Expected value to be either true or false")),
            ConfigType::String | ConfigType::Password => Ok(ConfigValue::Text(trimmed.to_owned())),
            ConfigType::Int => {
                trimmed.parse::<i32>().map(|number| ConfigValue::Integer(number.into())).map_err(|_| not_a_number())
            }
            ConfigType::Short => {
                trimmed.parse::<i16>().map(|number| ConfigValue::Integer(number.into())).map_err(|_| not_a_number())
            }
            ConfigType::Long => trimmed.parse::<i64>().map(ConfigValue::Integer).map_err(|_| not_a_number()),
            ConfigType::Double => parse_java_double(trimmed).map(ConfigValue::Double).ok_or_else(not_a_number),
            ConfigType::List if trimmed.is_empty() => Ok(ConfigValue::Items(Vec::new())),
            ConfigType::List => Ok(ConfigValue::Items(trimmed.split(',').map(|item| item.trim().to_owned()).collect())),
            ConfigType::Class if is_known_class(trimmed) => Ok(ConfigValue::Text(trimmed.to_owned())),
            ConfigType::Class => Err(self.refusal(value, format!("Class {value} could not be found."))),
        }
    }

    fn ensure_valid(&self, value: &ConfigValue) -> Result<(), String> {
        match (self.validator, value) {
            (Validator::AtLeast(min), _) => self.ensure_in_range(value, Some(min), None),
            (Validator::Between(min, max), _) => self.ensure_in_range(value, Some(min), Some(max)),
            (Validator::OneOf(allowed), ConfigValue::Text(text)) => self.ensure_one_of(text, allowed),
            (Validator::OneOfAnyCase(allowed), ConfigValue::Text(text)) => {
                if allowed.iter().any(|each| each.eq_ignore_ascii_case(text)) {
                    return Ok(());
                }
                let all = allowed.join(", ");
                Err(self.refusal(text, format!("String must be one of (case insensitive): {all}")))
            }
            (Validator::Items { of, may_be_empty }, ConfigValue::Items(items)) => {
                self.ensure_items(items, of, may_be_empty)
            }
            (Validator::NonEmpty, ConfigValue::Text(text)) if text.is_empty() => {
                Err(self.refusal(text, "String must be non-empty"))
            }
            (Validator::GzipLevel, ConfigValue::Integer(level)) if *level != -1 && !(1..=9).contains(level) => {
                Err(self.refusal(level, "Value must be between 1 and 9 or equal to -1"))
            }
            (Validator::ThrottledReplicas, ConfigValue::Items(items)) if !are_throttled_replicas(items) => {
                let name = self.name;
                let format = "[partitionId]:[brokerId],[partitionId]:[brokerId],...";
                Err(self.refusal(
                    value,
                    format!("{name} must be the literal '*' or a list of replicas in the following format: {format}"),
                ))
            }
            (Validator::AutoOffsetReset, ConfigValue::Text(text)) => {
                if OffsetReset::parse(text).is_some() {
                    return Ok(());
                }
                let all = "either 'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'.";
                let why = format!("Invalid value `{text}` for configuration {}. The value must be {all}", self.name);
                Err(self.refusal(text, why))
            }
            (Validator::ShareAutoOffsetReset, ConfigValue::Text(text)) => {
                let is_known = ["latest", "earliest"].contains(&text.as_str()) || text.starts_with("by_duration:P");
                if is_known {
                    return Ok(());
                }
                let all = "either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.";
                let why = format!("Invalid value `{text}` for configuration {}. The value must be {all}", self.name);
                Err(self.refusal(text, why))
            }
            // A validator of another type than its setting: no table has one. The voters are the cluster's own.
            (
                Validator::Any
                | Validator::OneOf(_)
                | Validator::OneOfAnyCase(_)
                | Validator::Items { .. }
                | Validator::NonEmpty
                | Validator::GzipLevel
                | Validator::ThrottledReplicas
                | Validator::QuorumVoters
                | Validator::BootstrapServers
                | Validator::AutoOffsetReset
                | Validator::ShareAutoOffsetReset,
                _,
            ) => Ok(()),
        }
    }

    fn ensure_in_range(&self, value: &ConfigValue, min: Option<&str>, max: Option<&str>) -> Result<(), String> {
        // Kafka too compares as doubles.
        let number = match value {
            ConfigValue::Integer(number) => *number as f64,
            ConfigValue::Double(number) => *number,
            ConfigValue::Boolean(_) | ConfigValue::Text(_) | ConfigValue::Items(_) => return Ok(()),
        };
        let bound = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok());
        match (min, max) {
            (Some(text), _) if bound(min).is_some_and(|min| number < min) => {
                Err(self.refusal(value, format!("Value must be at least {text}")))
            }
            (_, Some(text)) if bound(max).is_some_and(|max| number > max) => {
                Err(self.refusal(value, format!("Value must be no more than {text}")))
            }
            _ => Ok(()),
        }
    }

    fn ensure_one_of(&self, text: &str, allowed: &[&str]) -> Result<(), String> {
        if allowed.contains(&text) {
            return Ok(());
        }
        Err(self.refusal(text, format!("String must be one of: {}", allowed.join(", "))))
    }

    fn ensure_items(&self, items: &[String], allowed: &[&str], may_be_empty: bool) -> Result<(), String> {
        let name = self.name;
        if !may_be_empty && items.is_empty() {
            let valid =
                if allowed.is_empty() { "any non-empty value".to_owned() } else { format!("[{}]", allowed.join(", ")) };
            return Err(format!("Configuration '{name}' must not be empty. Valid values include: {valid}"));
        }
        for item in items {
            if item.is_empty() {
                return Err(format!("Configuration '{name}' values must not be empty."));
            }
            if !allowed.is_empty() {
                self.ensure_one_of(item, allowed)?;
            }
        }
        Ok(())
    }
}

/// The message of a `ConfigException` about a value.
pub fn invalid_value(name: &str, value: impl std::fmt::Display, why: impl std::fmt::Display) -> String {
    format!("Invalid value {value} for configuration {name}: {why}")
}

fn are_throttled_replicas(items: &[String]) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_replica = |item: &String| {
        item.is_empty()
            || item.split_once(':').is_some_and(|(partition, broker)| is_number(partition) && is_number(broker))
    };
    items.iter().all(is_replica) || items.concat() == "*"
}

/// Whether Kafka's own class path has such a class. There is no class path here: the packages decide.
fn is_known_class(name: &str) -> bool {
    name.starts_with("org.apache.kafka.") || name.starts_with("java.lang.")
}

/// `Double.parseDouble`, without hexadecimal numbers.
pub fn parse_java_double(text: &str) -> Option<f64> {
    let unsigned = text.trim_start_matches(['+', '-']);
    if text.len() - unsigned.len() > 1 {
        return None;
    }
    if matches!(unsigned, "NaN" | "Infinity") {
        return text.parse().ok();
    }
    let digits = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    if is_plain { digits.parse().ok() } else { None }
}

/// `Double.toString`.
pub fn java_double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let size = value.abs();
    let text = if value == 0.0 || (1e-3..1e7).contains(&size) { format!("{value}") } else { format!("{value:E}") };
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        None if !text.contains('.') => format!("{text}.0"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_printed_as_java_prints_them() {
        let printed = [0.0, 1.0, 1.1, 0.001, 0.0001, 1e7, 123_456_789.0, f64::MAX, f64::INFINITY].map(java_double);
        let expected =
            ["0.0", "1.0", "1.1", "0.001", "1.0E-4", "1.0E7", "1.23456789E8", "1.7976931348623157E308", "Infinity"];
        assert_eq!(printed, expected);
    }

    #[test]
    fn doubles_are_read_as_java_reads_them() {
        assert_eq!(["1d", "1e3", "+.5", "1.", "-1F"].map(parse_java_double), [1.0, 1_000.0, 0.5, 1.0, -1.0].map(Some));
        assert_eq!(["inf", "nan", "", "1 2", "--1", "1dd"].map(parse_java_double), [None; 6]);
    }
}
