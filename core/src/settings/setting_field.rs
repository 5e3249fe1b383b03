//! The values of typed settings: parsed, written, hashed.

use std::hash::{Hash, Hasher};

use super::{ConfigKey, ConfigValue};
use crate::command::CommandError;

/// A field that holds the value of a setting.
pub(super) trait SettingField: Sized {
    /// Takes a parsed value over; `None` where the engine cannot express it.
    fn of_value(value: &ConfigValue) -> Option<Self>;

    /// Reads the value of a setting that is not Kafka's.
    fn of_text(text: &str) -> Option<Self>;

    /// The value as a setting is written; `None` is null.
    fn to_setting(&self) -> Option<String>;
}

macro_rules! number_fields {
    ($($type:ty)*) => {$(
        impl SettingField for $type {
            fn of_value(value: &ConfigValue) -> Option<Self> {
                match value {
                    ConfigValue::Integer(number) => Self::try_from(*number).ok(),
                    ConfigValue::Boolean(_) | ConfigValue::Double(_) | ConfigValue::Text(_) | ConfigValue::Items(_) => None,
                }
            }

            fn of_text(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn to_setting(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )*};
}

number_fields!(u32 u64 i16 i32 i64);

impl SettingField for bool {
    fn of_value(value: &ConfigValue) -> Option<Self> {
        if let ConfigValue::Boolean(value) = value { Some(*value) } else { None }
    }

    fn of_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn to_setting(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl SettingField for f64 {
    fn of_value(value: &ConfigValue) -> Option<Self> {
        if let ConfigValue::Double(value) = value { Some(*value) } else { None }
    }

    fn of_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn to_setting(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl SettingField for String {
    fn of_value(value: &ConfigValue) -> Option<Self> {
        Some(value.to_setting())
    }

    fn of_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn to_setting(&self) -> Option<String> {
        Some(self.clone())
    }
}

/// A setting that is null unless it is set.
impl SettingField for Option<i64> {
    fn of_value(value: &ConfigValue) -> Option<Self> {
        i64::of_value(value).map(Some)
    }

    fn of_text(text: &str) -> Option<Self> {
        text.parse().ok().map(Some)
    }

    fn to_setting(&self) -> Option<String> {
        self.map(|value| value.to_string())
    }
}

/// A setting's value as part of a digest: a float counts by its bits.
pub(super) trait HashValue {
    fn hash_value<H: Hasher>(&self, state: &mut H);
}

macro_rules! hash_values {
    ($($type:ty),*) => {
        $(impl HashValue for $type {
            fn hash_value<H: Hasher>(&self, state: &mut H) {
                self.hash(state);
            }
        })*
    };
}

hash_values!(bool, i16, i32, i64, u32, u64, String, Option<u32>, Option<u64>, Option<i32>, Option<i64>, Option<String>);

impl HashValue for f64 {
    fn hash_value<H: Hasher>(&self, state: &mut H) {
        self.to_bits().hash(state);
    }
}

/// Reads a value: a setting of Kafka in Kafka's own type and range; one of ours by the short description of what it may be,
/// `a..b` bounds for numbers, `a|b|c` for words.
pub(super) fn read<T: SettingField>(
    key: Option<&ConfigKey>,
    name: &str,
    value: &str,
    values: &str,
) -> Result<T, CommandError> {
    let refused = || CommandError::BadValue {
        name: name.to_owned(),
        value: value.trim().to_owned(),
        expected: values.to_owned(),
    };
    if let Some(key) = key {
        let parsed = key.parse(value).map_err(|message| CommandError::InvalidConfig { message })?;
        return T::of_value(&parsed).ok_or_else(refused);
    }
    let value = value.trim();
    if let Some((min, max)) = values.split_once("..") {
        let number: f64 = value.parse().map_err(|_| refused())?;
        let below = min.parse::<f64>().is_ok_and(|min| number < min);
        let above = max.parse::<f64>().is_ok_and(|max| number > max);
        if below || above || number.is_nan() {
            return Err(refused());
        }
    } else if values.contains('|') && !values.split('|').any(|each| each == value) {
        return Err(refused());
    }
    T::of_text(value).ok_or_else(refused)
}
