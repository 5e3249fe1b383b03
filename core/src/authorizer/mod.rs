//! Who may do what (`StandardAuthorizer`): rules, filters of rules, and the decision. Pure: rules, a principal, an operation
//! and a resource give allowed or denied. Knows no broker.
//!
//! | what fits                                        | decision                                                     |
//! |--------------------------------------------------|--------------------------------------------------------------|
//! | the principal is one of `super.users`            | allowed, whatever the rules say                              |
//! | a DENY rule                                      | denied, however many ALLOW rules fit as well                 |
//! | an ALLOW rule                                    | allowed                                                      |
//! | neither, but some rule concerns the resource     | denied, even where it is about other principals              |
//! | no rule concerns the resource at all             | `allow.everyone.if.no.acl.found`, by default denied          |
//!
//! A rule concerns a resource if its pattern has the resource's type and is LITERAL with its name or with `*`, or PREFIXED with
//! a beginning of its name.

mod acl;
mod decide;
mod describe;
mod described_configs;
mod filter;
#[cfg(test)]
mod tests;
mod types;

pub use acl::StandardAcl;
pub use decide::{ANONYMOUS, Authorizer, AuthorizerSettings, CLUSTER_NAME, Decision, Rule, refusal_message};
pub use describe::{describe_acls, says_unknown};
pub use described_configs::take_out_hidden_configs;
pub use filter::AclFilter;
pub use types::{AclOperation, AclPermissionType, PatternType, ResourceType};
