use strum::VariantArray;

use super::*;
use crate::settings::BrokerSettings;

const ME: &str = "User:me";

fn acl(permission: &str, operation: &str, pattern: &str, name: &str) -> StandardAcl {
    StandardAcl {
        resource_type: ResourceType::Topic,
        resource_name: name.to_owned(),
        pattern_type: pattern.parse().expect("a pattern type"),
        principal: ME.to_owned(),
        host: "*".to_owned(),
        operation: operation.parse().expect("an operation"),
        permission_type: permission.parse().expect("a permission"),
    }
}

fn may(acls: &[StandardAcl], allow_everyone: bool, operation: AclOperation, topic: &str) -> bool {
    let settings = AuthorizerSettings { super_users: vec!["User:root".to_owned()], allow_everyone };
    let authorizer = Authorizer { settings, acls: acls.iter(), principal: ME };
    authorizer.authorize(operation, ResourceType::Topic, topic).allowed
}

/// What the rules say of reading `orders`, without and with `allow.everyone.if.no.acl.found`.
#[test]
fn the_truth_table() {
    let allow = |operation: &str, pattern: &str, name: &str| acl("allow", operation, pattern, name);
    let deny = |operation: &str, pattern: &str, name: &str| acl("deny", operation, pattern, name);
    let other = |acl: StandardAcl| StandardAcl { principal: "User:other".to_owned(), ..acl };
    let from = |host: &str, acl: StandardAcl| StandardAcl { host: host.to_owned(), ..acl };
    let rows: Vec<(&str, Vec<StandardAcl>, bool, bool)> = vec![
        ("no rule", vec![], false, true),
        ("a rule of another topic", vec![allow("read", "literal", "payments")], false, true),
        ("a rule of a longer name", vec![allow("read", "prefixed", "orders-")], false, true),
        ("allowed", vec![allow("read", "literal", "orders")], true, true),
        ("allowed everything", vec![allow("all", "literal", "orders")], true, true),
        ("allowed by a prefix", vec![allow("read", "prefixed", "ord")], true, true),
        ("allowed by its whole name as a prefix", vec![allow("read", "prefixed", "orders")], true, true),
        ("a literal name is no prefix", vec![allow("read", "literal", "ord")], false, true),
        ("allowed everywhere", vec![allow("read", "literal", "*")], true, true),
        ("a star is no prefix", vec![allow("read", "prefixed", "*")], false, true),
        ("another operation", vec![allow("write", "literal", "orders")], false, false),
        ("another principal", vec![other(allow("read", "literal", "orders"))], false, false),
        ("from here", vec![from("127.0.0.1", allow("read", "literal", "orders"))], true, true),
        ("from elsewhere", vec![from("10.0.0.1", allow("read", "literal", "orders"))], false, false),
        ("denied", vec![deny("read", "literal", "orders")], false, false),
        (
            "denied and allowed",
            vec![allow("read", "literal", "orders"), deny("read", "literal", "orders")],
            false,
            false,
        ),
        ("denied by a prefix", vec![allow("read", "literal", "orders"), deny("read", "prefixed", "o")], false, false),
        ("denied everywhere", vec![allow("read", "literal", "orders"), deny("all", "literal", "*")], false, false),
        ("another is denied", vec![allow("read", "literal", "orders"), other(deny("all", "literal", "*"))], true, true),
        (
            "denied from elsewhere",
            vec![allow("read", "literal", "orders"), from("h", deny("read", "literal", "orders"))],
            true,
            true,
        ),
        (
            "something else is denied",
            vec![allow("read", "literal", "orders"), deny("write", "literal", "orders")],
            true,
            true,
        ),
    ];
    for (what, acls, without, with) in rows {
        let decided = [false, true].map(|everyone| may(&acls, everyone, AclOperation::Read, "orders"));
        assert_eq!(decided, [without, with], "{what}");
    }
}

#[test]
fn a_rule_about_everybody_is_about_me_but_one_about_every_group_is_not() {
    let everybody = |principal: &str| {
        let acl = acl("allow", "read", "literal", "orders");
        may(&[StandardAcl { principal: principal.to_owned(), ..acl }], false, AclOperation::Read, "orders")
    };
    assert_eq!(["User:*", "User:me", "Group:*", "*"].map(everybody), [true, true, false, false]);
}

/// Every operation against every ALLOW and DENY rule: only ALLOW rules imply anything.
#[test]
fn what_an_operation_implies() {
    use AclOperation::*;
    let implied = |permission: &str, wanted: AclOperation| -> Vec<AclOperation> {
        let base = acl("allow", "all", "literal", "orders");
        let decides = |rule: &&AclOperation| {
            let rule = StandardAcl { operation: **rule, ..acl(permission, "all", "literal", "orders") };
            if permission == "allow" {
                may(&[rule], false, wanted, "orders")
            } else {
                !may(&[base.clone(), rule], false, wanted, "orders")
            }
        };
        AclOperation::VARIANTS.iter().filter(decides).copied().collect()
    };
    assert_eq!(implied("allow", Describe), [All, Read, Write, Delete, Alter, Describe]);
    assert_eq!(implied("allow", DescribeConfigs), [All, DescribeConfigs, AlterConfigs]);
    assert_eq!(implied("deny", Describe), [All, Describe]);
    assert_eq!(implied("deny", DescribeConfigs), [All, DescribeConfigs]);
    for wanted in [Read, Write, Create, Delete, Alter, ClusterAction, AlterConfigs, IdempotentWrite] {
        for permission in ["allow", "deny"] {
            assert_eq!(implied(permission, wanted), [All, wanted], "{permission} {wanted:?}");
        }
    }
}

#[test]
fn a_super_user_may_do_what_a_rule_denies() {
    let settings = [("authorizer.class.name", "StandardAuthorizer"), ("super.users", "User:root; User:me ;")];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = BrokerSettings::with(&settings.into()).expect("they are settings");
    let settings = AuthorizerSettings::of(&settings).expect("there is an authorizer");
    assert_eq!(settings.super_users, ["User:root", ME]);
    let acls = [acl("deny", "all", "literal", "*")];
    let decision = Authorizer { settings, acls: acls.iter(), principal: ME }.authorize(
        AclOperation::Read,
        ResourceType::Topic,
        "orders",
    );
    assert_eq!(decision, Decision { allowed: true, rule: Rule::SuperUser });
    assert_eq!(AuthorizerSettings::of(&BrokerSettings::default()), None, "without an authorizer nobody decides");
}

#[test]
fn the_operations_of_a_resource_are_told_as_bits() {
    let settings = AuthorizerSettings { super_users: vec![ME.to_owned()], ..AuthorizerSettings::default() };
    let authorizer = Authorizer { settings, acls: std::iter::empty(), principal: ME };
    let bits = |resource_type, name| authorizer.authorized_operations(resource_type, name);
    let all =
        [bits(ResourceType::Topic, "t"), bits(ResourceType::Group, "g"), bits(ResourceType::Cluster, CLUSTER_NAME)];
    use crate::wire::operations::{ON_CLUSTER, ON_GROUP, ON_TOPIC};
    assert_eq!(all, [ON_TOPIC, ON_GROUP, ON_CLUSTER]);
    let acls = [acl("allow", "read", "literal", "t")];
    let reader = Authorizer { settings: AuthorizerSettings::default(), acls: acls.iter(), principal: ME };
    assert_eq!(reader.authorized_operations(ResourceType::Topic, "t"), 1 << 3 | 1 << 8, "to read and to describe");
}

/// Which of some rules a filter by pattern type and name finds.
#[test]
fn a_filter_finds_by_letter_or_by_what_concerns_a_resource() {
    let acls =
        [("literal", "orders"), ("literal", "*"), ("prefixed", "ord"), ("prefixed", "orders"), ("literal", "ord")]
            .map(|(pattern, name)| acl("allow", "read", pattern, name));
    let found = |pattern_type: PatternType, name: Option<&str>| -> Vec<usize> {
        let filter = AclFilter {
            resource_type: ResourceType::Any,
            resource_name: name.map(str::to_owned),
            pattern_type,
            principal: None,
            host: None,
            operation: AclOperation::Any,
            permission_type: AclPermissionType::Any,
        };
        (0..acls.len()).filter(|at| filter.matches(&acls[*at])).collect()
    };
    assert_eq!(found(PatternType::Any, None), [0, 1, 2, 3, 4]);
    assert_eq!(found(PatternType::Any, Some("orders")), [0, 3]);
    assert_eq!(found(PatternType::Match, Some("orders")), [0, 1, 2, 3]);
    assert_eq!(found(PatternType::Literal, Some("orders")), [0]);
    assert_eq!(found(PatternType::Prefixed, Some("ord")), [2]);
    assert_eq!(found(PatternType::Prefixed, None), [2, 3]);
    assert_eq!(found(PatternType::Literal, Some("*")), [1]);
}
