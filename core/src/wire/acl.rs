//! Access rules: DescribeAcls, CreateAcls, DeleteAcls. Types, operations and permissions stand here as their numbers; what
//! they mean is the authorizer's.

use super::ErrorCode;
use super::message::message;

message! {
    /// `DescribeAclsRequest`: a filter. A name, principal or host that is `None` fits any; so does the number 1 (ANY).
    pub struct DescribeAclsRequest {
        /// `ResourceType`.
        pub resource_type_filter: i8 = 0,
        /// The resource's name.
        pub resource_name_filter: Option<String> = None,
        /// `PatternType`; 2 (MATCH) finds every rule that concerns a resource of this name.
        pub pattern_type_filter: i8 = 3,
        /// Whom the rule is about.
        pub principal_filter: Option<String> = None,
        /// From where.
        pub host_filter: Option<String> = None,
        /// `AclOperation`.
        pub operation: i8 = 0,
        /// `AclPermissionType`.
        pub permission_type: i8 = 0,
    }
    /// `DescribeAclsResponse`.
    pub struct DescribeAclsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words; empty where nothing went wrong.
        pub error_message: Option<String> = Some(String::new()),
        /// The rules that fit, by resource.
        pub resources: Vec<DescribeAclsResource> = Vec::new(),
    }
    /// Rules about one pattern of resources.
    pub struct DescribeAclsResource {
        /// `ResourceType`.
        pub resource_type: i8 = 0,
        /// The resource's name.
        pub resource_name: String = String::new(),
        /// `PatternType`.
        pub pattern_type: i8 = 3,
        /// The rules.
        pub acls: Vec<AclDescription> = Vec::new(),
    }
    /// One rule.
    pub struct AclDescription {
        /// Whom it is about.
        pub principal: String = String::new(),
        /// From where.
        pub host: String = String::new(),
        /// `AclOperation`.
        pub operation: i8 = 0,
        /// `AclPermissionType`.
        pub permission_type: i8 = 0,
    }

    /// `CreateAclsRequest`.
    pub struct CreateAclsRequest {
        /// The rules.
        pub creations: Vec<AclCreation> = Vec::new(),
    }
    /// A rule to create.
    pub struct AclCreation {
        /// `ResourceType`.
        pub resource_type: i8 = 0,
        /// The resource's name.
        pub resource_name: String = String::new(),
        /// `PatternType`.
        pub resource_pattern_type: i8 = 3,
        /// Whom it is about.
        pub principal: String = String::new(),
        /// From where.
        pub host: String = String::new(),
        /// `AclOperation`.
        pub operation: i8 = 0,
        /// `AclPermissionType`.
        pub permission_type: i8 = 0,
    }
    /// `CreateAclsResponse`.
    pub struct CreateAclsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// A result for each rule, in their order.
        pub results: Vec<AclCreationResult> = Vec::new(),
    }
    /// What came of one rule.
    pub struct AclCreationResult {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words; empty where nothing went wrong.
        pub error_message: Option<String> = Some(String::new()),
    }

    /// `DeleteAclsRequest`.
    pub struct DeleteAclsRequest {
        /// Filters: a rule that fits any of them is deleted.
        pub filters: Vec<DeleteAclsFilter> = Vec::new(),
    }
    /// Which rules are deleted.
    pub struct DeleteAclsFilter {
        /// `ResourceType`.
        pub resource_type_filter: i8 = 0,
        /// The resource's name.
        pub resource_name_filter: Option<String> = None,
        /// `PatternType`.
        pub pattern_type_filter: i8 = 3,
        /// Whom the rule is about.
        pub principal_filter: Option<String> = None,
        /// From where.
        pub host_filter: Option<String> = None,
        /// `AclOperation`.
        pub operation: i8 = 0,
        /// `AclPermissionType`.
        pub permission_type: i8 = 0,
    }
    /// `DeleteAclsResponse`.
    pub struct DeleteAclsResponse {
        /// How long the client is asked to pause, in milliseconds.
        pub throttle_time_ms: i32 = 0,
        /// A result for each filter, in their order.
        pub filter_results: Vec<DeleteAclsFilterResult> = Vec::new(),
    }
    /// What came of one filter.
    pub struct DeleteAclsFilterResult {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
        /// The rules that fitted.
        pub matching_acls: Vec<DeleteAclsMatchingAcl> = Vec::new(),
    }
    /// A rule that fitted, and is deleted unless something went wrong.
    pub struct DeleteAclsMatchingAcl {
        /// What went wrong, if anything.
        pub error_code: ErrorCode = ErrorCode::None,
        /// In words.
        pub error_message: Option<String> = None,
        /// `ResourceType`.
        pub resource_type: i8 = 0,
        /// The resource's name.
        pub resource_name: String = String::new(),
        /// `PatternType`.
        pub pattern_type: i8 = 3,
        /// Whom it is about.
        pub principal: String = String::new(),
        /// From where.
        pub host: String = String::new(),
        /// `AclOperation`.
        pub operation: i8 = 0,
        /// `AclPermissionType`.
        pub permission_type: i8 = 0,
    }
}
