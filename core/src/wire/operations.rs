//! What a client may do where nobody is refused anything: bit `n` stands for the operation with the code `n` of
//! `AclOperation` (`AuthHelper.authorizedOperations`).

const READ: i32 = 1 << 3;
const WRITE: i32 = 1 << 4;
const CREATE: i32 = 1 << 5;
const DELETE: i32 = 1 << 6;
const ALTER: i32 = 1 << 7;
const DESCRIBE: i32 = 1 << 8;
const CLUSTER_ACTION: i32 = 1 << 9;
const DESCRIBE_CONFIGS: i32 = 1 << 10;
const ALTER_CONFIGS: i32 = 1 << 11;
const IDEMPOTENT_WRITE: i32 = 1 << 12;

/// All operations on a topic.
pub const ON_TOPIC: i32 = READ | WRITE | CREATE | DELETE | ALTER | DESCRIBE | DESCRIBE_CONFIGS | ALTER_CONFIGS;
/// All operations on a group.
pub const ON_GROUP: i32 = READ | DELETE | DESCRIBE | DESCRIBE_CONFIGS | ALTER_CONFIGS;
/// All operations on the cluster.
pub const ON_CLUSTER: i32 =
    CREATE | ALTER | DESCRIBE | CLUSTER_ACTION | DESCRIBE_CONFIGS | ALTER_CONFIGS | IDEMPOTENT_WRITE;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_are_those_that_a_broker_without_an_authorizer_answers() {
        assert_eq!((ON_TOPIC, ON_GROUP, ON_CLUSTER), (3_576, 3_400, 8_096));
    }
}
