//! Which fields each change has, and of which type: a list made with the type itself, so that it cannot grow old.

use super::QuorumRole;
use crate::actor::Actor;
use crate::connection::CloseReason;
use crate::wire::client_quotas::QuotaType;
use crate::wire::codec::JsonType;
use crate::wire::{ApiKey, ErrorCode, Topic, TopicPartition};

/// Leaves an enum as it is and gives it `FIELDS`: of each variant, in their order, the names and types of its fields.
macro_rules! enum_with_fields {
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$variant_meta:meta])* $variant:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? }),* $(,)?
    }) => {
        $(#[$meta])*
        pub enum $name {
            $($(#[$variant_meta])* $variant { $($(#[$field_meta])* $field: $type),* }),*
        }

        impl $name {
            const FIELDS: &[&[(&str, Option<JsonType>)]] =
                &[$(&[$((stringify!($field), <$type as fields::FieldType>::JSON)),*]),*];
        }
    };
}
pub(super) use enum_with_fields;

/// What a field's value is in JSON.
pub(super) trait FieldType {
    /// Its type; none where it may be null.
    const JSON: Option<JsonType>;
}

macro_rules! field_types {
    ($($type:ty => $json:ident;)*) => {
        $(impl FieldType for $type {
            const JSON: Option<JsonType> = Some(JsonType::$json);
        })*
    };
}

field_types! {
    i16 => Integer;
    i32 => Integer;
    i64 => Integer;
    u32 => Integer;
    u64 => Integer;
    bool => Boolean;
    String => String;
    Topic => String;
    ApiKey => String;
    ErrorCode => String;
    TopicPartition => Object;
    Actor => Object;
    QuorumRole => String;
    QuotaType => String;
    CloseReason => String;
}

impl<T> FieldType for Vec<T> {
    const JSON: Option<JsonType> = Some(JsonType::Array);
}

impl<T> FieldType for Option<T> {
    const JSON: Option<JsonType> = None;
}
