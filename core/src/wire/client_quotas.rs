//! Quotas of users and clients: DescribeClientQuotas, AlterClientQuotas.

use std::hash::{Hash, Hasher};

use serde_json::Value;

use super::ErrorCode;
use super::codec::{JsonType, Message, MessageError};
use super::message::message;

/// A number with a fraction, as a message or record has it. Equal by its bits, so that it can be part of a state.
#[derive(Clone, Copy, Debug, Default)]
pub struct Float64(pub f64);

impl PartialEq for Float64 {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Float64 {}

impl Hash for Float64 {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl Message for Float64 {
    fn to_json(&self) -> Value {
        Value::from(self.0)
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        self.0 = json.as_f64().ok_or_else(|| MessageError::wrong_type(json, JsonType::Fraction))?;
        Ok(())
    }
}

message! {
    /// `DescribeClientQuotasRequest`.
    pub struct DescribeClientQuotasRequest {
        /// What an entity must have; with none, every entity is wanted.
        pub components: Vec<QuotaComponent> = Vec::new(),
        /// Whether an entity must have nothing else.
        pub strict: bool = false,
    }
    /// What an entity must have.
    pub struct QuotaComponent {
        /// `user`, `client-id` or `ip`.
        pub entity_type: String = String::new(),
        /// 0 this name, 1 the default, 2 any name.
        pub match_type: i8 = 0,
        /// The name, with 0.
        pub r#match: Option<String> = None,
    }
    /// `DescribeClientQuotasResponse`.
    pub struct DescribeClientQuotasResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words; empty where nothing went wrong.
        pub error_message: Option<String> = Some(String::new()),
        /// The entities that fit; `None` where something went wrong.
        pub entries: Option<Vec<DescribedQuotas>> = Some(Vec::new()),
    }
    /// The quotas of an entity.
    pub struct DescribedQuotas {
        /// Whom they are about.
        pub entity: Vec<QuotaEntity> = Vec::new(),
        /// The quotas.
        pub values: Vec<QuotaValue> = Vec::new(),
    }
    /// Part of an entity: a user, or a client.
    pub struct QuotaEntity {
        /// `user`, `client-id` or `ip`.
        pub entity_type: String = String::new(),
        /// The name; `None` for the default.
        pub entity_name: Option<String> = None,
    }
    /// A quota.
    pub struct QuotaValue {
        /// Which, as in `producer_byte_rate`.
        pub key: String = String::new(),
        /// How much.
        pub value: Float64 = Float64(0.0),
    }

    /// `AlterClientQuotasRequest`.
    pub struct AlterClientQuotasRequest {
        /// What shall change.
        pub entries: Vec<QuotaAlteration> = Vec::new(),
        /// Only check.
        pub validate_only: bool = false,
    }
    /// What shall change of one entity.
    pub struct QuotaAlteration {
        /// Whom it is about.
        pub entity: Vec<QuotaEntity> = Vec::new(),
        /// The changes.
        pub ops: Vec<QuotaOp> = Vec::new(),
    }
    /// A change.
    pub struct QuotaOp {
        /// Which quota, as in `producer_byte_rate`.
        pub key: String = String::new(),
        /// How much it shall be.
        pub value: Float64 = Float64(0.0),
        /// Whether it is taken back instead.
        pub remove: bool = false,
    }
    /// `AlterClientQuotasResponse`.
    pub struct AlterClientQuotasResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// Results, by entity.
        pub entries: Vec<QuotaAlterationResult> = Vec::new(),
    }
    /// What came of the changes of one entity.
    pub struct QuotaAlterationResult {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
        /// Whom they are about.
        pub entity: Vec<QuotaEntity> = Vec::new(),
    }
}

/// What a quota bounds (`QuotaType`).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    strum::IntoStaticStr,
    strum::VariantNames,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum QuotaType {
    /// Bytes of Produce requests in a second.
    Produce,
    /// Bytes of answers to consumers' fetches in a second.
    Fetch,
    /// The time of threads, in percent of one thread.
    Request,
    /// Partitions made and deleted in a second (KIP-599).
    ControllerMutation,
}

impl QuotaType {
    /// The name of the setting of a user or client.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Produce => "producer_byte_rate",
            Self::Fetch => "consumer_byte_rate",
            Self::Request => "request_percentage",
            Self::ControllerMutation => "controller_mutation_rate",
        }
    }

    /// The kebab-case name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// All of them.
    pub fn all() -> &'static [Self] {
        <Self as strum::VariantArray>::VARIANTS
    }
}
