//! The closed sets that rules are made of, with their numbers on the wire and in records.

macro_rules! codes {
    ($($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $code:literal,)* })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::IntoStaticStr, strum::EnumString, strum::VariantArray)]
        #[strum(serialize_all = "SCREAMING_SNAKE_CASE", ascii_case_insensitive)]
        pub enum $name {
            /// A number that this version of Kafka does not know.
            Unknown,
            /// In a filter: any.
            Any,
            $($(#[$variant_meta])* $variant,)*
        }

        impl $name {
            /// The number on the wire.
            pub fn code(self) -> i8 {
                match self { Self::Unknown => 0, Self::Any => 1, $(Self::$variant => $code,)* }
            }

            /// The meaning of a number; one that has none is UNKNOWN.
            pub fn from_code(code: i8) -> Self {
                match code { 1 => Self::Any, $($code => Self::$variant,)* _ => Self::Unknown }
            }

            /// Kafka's name, as in `TRANSACTIONAL_ID`.
            pub fn name(self) -> &'static str {
                self.into()
            }
        }
    )*};
}

codes! {
    /// `ResourceType`.
    ResourceType {
        /// A topic.
        Topic = 2,
        /// A group.
        Group = 3,
        /// The cluster as a whole.
        Cluster = 4,
        /// A transactional id.
        TransactionalId = 5,
        /// A delegation token.
        DelegationToken = 6,
        /// A user.
        User = 7,
    }
    /// `PatternType`.
    PatternType {
        /// In a filter: every rule that concerns a resource of this name.
        Match = 2,
        /// The resource of this name; with `*`, every resource of the type.
        Literal = 3,
        /// Resources whose names begin so.
        Prefixed = 4,
    }
    /// `AclOperation`.
    AclOperation {
        /// Everything.
        All = 2,
        /// To read; with it, to describe.
        Read = 3,
        /// To write; with it, to describe.
        Write = 4,
        /// To create.
        Create = 5,
        /// To delete; with it, to describe.
        Delete = 6,
        /// To change; with it, to describe.
        Alter = 7,
        /// To see that it is there, and how it stands.
        Describe = 8,
        /// What brokers and controllers do among themselves.
        ClusterAction = 9,
        /// To see settings.
        DescribeConfigs = 10,
        /// To change settings; with it, to see them.
        AlterConfigs = 11,
        /// To produce idempotently.
        IdempotentWrite = 12,
        /// To create delegation tokens of a user.
        CreateTokens = 13,
        /// To see delegation tokens of a user.
        DescribeTokens = 14,
        /// To take part in two-phase commits (KIP-939).
        TwoPhaseCommit = 15,
    }
    /// `AclPermissionType`.
    AclPermissionType {
        /// Denied.
        Deny = 2,
        /// Allowed.
        Allow = 3,
    }
}

impl AclOperation {
    /// An operation as tools write it, as in `DescribeConfigs` (`SecurityUtils.operation`).
    pub fn of_pascal_case(text: &str) -> Option<Self> {
        let is_same = |operation: &&Self| operation.name().replace('_', "").eq_ignore_ascii_case(text);
        <Self as strum::VariantArray>::VARIANTS.iter().find(is_same).copied()
    }

    /// Whether an ALLOW rule for this operation allows another one as well. A DENY rule never does so.
    pub fn implies(self, wanted: Self) -> bool {
        match wanted {
            Self::Describe => matches!(self, Self::Describe | Self::Read | Self::Write | Self::Delete | Self::Alter),
            Self::DescribeConfigs => matches!(self, Self::DescribeConfigs | Self::AlterConfigs),
            _ => self == wanted,
        }
    }
}

impl ResourceType {
    /// The operations that there are on a resource of this type (`AclEntry.supportedOperations`).
    pub fn operations(self) -> &'static [AclOperation] {
        use AclOperation::*;
        match self {
            Self::Topic => &[Read, Write, Create, Describe, Delete, Alter, DescribeConfigs, AlterConfigs],
            Self::Group => &[Read, Describe, Delete, DescribeConfigs, AlterConfigs],
            Self::Cluster => &[Create, ClusterAction, DescribeConfigs, AlterConfigs, IdempotentWrite, Alter, Describe],
            Self::TransactionalId => &[Describe, Write, TwoPhaseCommit],
            Self::DelegationToken => &[Describe],
            Self::User => &[CreateTokens, DescribeTokens],
            Self::Unknown | Self::Any => &[],
        }
    }
}
