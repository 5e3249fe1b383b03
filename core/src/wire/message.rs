//! How a protocol message is defined, and what several of them have in common.

use std::rc::Rc;

/// Defines protocol messages: structs with the default of every field, as the protocol's JSON definitions give them, and
/// the table of their fields by which the codec writes and reads them under Kafka's names. A field that a request does
/// not have is refused.
macro_rules! message {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty = $default:expr,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq, Eq, Hash)]
            pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

            impl Default for $name {
                fn default() -> Self {
                    Self { $($field: $default,)* }
                }
            }

            $crate::wire::codec::field_table!($name { $($field),* });
            $crate::wire::codec::message_of_table!($name);
        )*
    };
}
pub(crate) use message;

message! {
    /// A leader, as a broker that is not the leader knows it (KIP-951).
    pub struct LeaderIdAndEpoch {
        /// The leader, -1 for unknown.
        pub leader_id: i32 = -1,
        /// Its epoch, -1 for unknown.
        pub leader_epoch: i32 = -1,
    }
    /// Where a broker is (KIP-951).
    pub struct NodeEndpoint {
        /// The broker.
        pub node_id: i32 = -1,
        /// Its host.
        pub host: String = String::new(),
        /// Its port.
        pub port: i32 = 9092,
        /// Its rack.
        pub rack: Option<String> = None,
    }
}

/// What precedes every request on the wire (`RequestHeader`), and in whose name it is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestHeader {
    /// Which request this is.
    pub request_api_key: i16,
    /// In which version.
    pub request_api_version: i16,
    /// The requester's number for this request: the answer repeats it.
    pub correlation_id: i32,
    /// The requester's name for itself (`client.id`).
    pub client_id: Option<Rc<str>>,
    /// In whose name, as authentication of the connection would tell; of a forwarded request its envelope does (KIP-590).
    pub principal: Option<Rc<str>>,
}
