//! What a broker tells of everything that has settings, and of what lies on its disk (`KafkaApis.handleListConfigResources`,
//! `ReplicaManager.describeLogDirs`).

use std::collections::BTreeMap;

use super::{Broker, Context};
use crate::effects::RequestContext;
use crate::wire::config_resource::{BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, TOPIC};
use crate::wire::describe_storage::{
    ConfigResource, DescribeLogDirsPartition, DescribeLogDirsRequest, DescribeLogDirsResponse, DescribeLogDirsResult,
    DescribeLogDirsTopic, ListConfigResourcesRequest, ListConfigResourcesResponse,
};
use crate::wire::{ErrorCode, Response, Topic};

/// Before version 1 the request was about client metrics alone.
const FIRST_VERSION_WITH_TYPES: i16 = 1;

impl Broker {
    /// `ListConfigResources`: groups and client metrics that have settings of their own, and every broker and topic.
    #[inline(never)]
    pub(super) fn list_config_resources(
        &self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &ListConfigResourcesRequest,
    ) {
        let supported: &[i8] = if request_context.version < FIRST_VERSION_WITH_TYPES {
            &[CLIENT_METRICS]
        } else {
            &[TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP]
        };
        let wanted = if request.resource_types.is_empty() { supported } else { request.resource_types.as_slice() };
        if wanted.iter().any(|wanted| !supported.contains(wanted)) {
            let error_code = ErrorCode::UnsupportedVersion;
            let response = ListConfigResourcesResponse { error_code, ..ListConfigResourcesResponse::default() };
            return self.reply(cx, request_context, Response::ListConfigResources(response));
        }
        let with_settings = |kind: i8| {
            let of_kind = self.image.configs.iter().filter(move |((known, _), _)| *known == kind);
            of_kind.filter(|(_, settings)| !settings.is_empty()).map(|((_, name), _)| name.clone())
        };
        let brokers = || self.image.brokers.keys().map(i32::to_string);
        let topics = || self.image.topic_ids.keys().map(Topic::to_string);
        let mut config_resources = Vec::new();
        let mut list = |resource_type: i8, names: &mut dyn Iterator<Item = String>| {
            if wanted.contains(&resource_type) {
                config_resources.extend(names.map(|resource_name| ConfigResource { resource_name, resource_type }));
            }
        };
        list(GROUP, &mut with_settings(GROUP));
        list(CLIENT_METRICS, &mut with_settings(CLIENT_METRICS));
        list(BROKER_LOGGER, &mut brokers());
        list(BROKER, &mut brokers());
        list(TOPIC, &mut topics());
        let response = ListConfigResourcesResponse { config_resources, ..ListConfigResourcesResponse::default() };
        self.reply(cx, request_context, Response::ListConfigResources(response));
    }

    /// Where the logs lie. Every node has one directory here, however many are ordered.
    fn log_dir(&self) -> String {
        let configured = ["log.dirs", "log.dir"].map(|name| self.settings.value(name).unwrap_or_default());
        let mut paths = configured.iter().flat_map(|paths| paths.split(',')).map(str::trim);
        paths.find(|path| !path.is_empty()).unwrap_or_default().to_owned()
    }

    /// `DescribeLogDirs`: how large the logs are that lie in the log directory. The metadata log does not count.
    #[inline(never)]
    pub(super) fn describe_log_dirs(
        &self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &DescribeLogDirsRequest,
    ) {
        let is_wanted = |name: &Topic, index: i32| {
            request.topics.as_ref().is_none_or(|topics| {
                topics.iter().any(|topic| topic.topic == *name && topic.partitions.contains(&index))
            })
        };
        let mut topics: BTreeMap<Topic, Vec<DescribeLogDirsPartition>> = BTreeMap::new();
        for (id, stored) in &cx.disk.logs {
            if !is_wanted(&stored.name.topic, id.partition) {
                continue;
            }
            let behind = |high_watermark: i64| high_watermark.saturating_sub(stored.log.log_end_offset()).max(0);
            topics.entry(stored.name.topic.clone()).or_default().push(DescribeLogDirsPartition {
                partition_index: id.partition,
                partition_size: i64::try_from(stored.log.size_bytes()).unwrap_or(i64::MAX),
                offset_lag: self.partitions.get(id).map_or(-1, |partition| behind(partition.high_watermark)),
                is_future_key: false,
            });
        }
        let registered = self.image.brokers.get(&self.id);
        let cordoned = registered.and_then(|broker| broker.cordoned_log_dirs.as_ref());
        let topics = topics.into_iter().map(|(name, partitions)| DescribeLogDirsTopic { name, partitions });
        let result = DescribeLogDirsResult {
            log_dir: self.log_dir(),
            topics: topics.collect(),
            is_cordoned: cordoned.is_some_and(|cordoned| cordoned.contains(&cx.disk.directory_id)),
            ..DescribeLogDirsResult::default()
        };
        let response = DescribeLogDirsResponse { results: vec![result], ..DescribeLogDirsResponse::default() };
        self.reply(cx, request_context, Response::DescribeLogDirs(response));
    }
}
