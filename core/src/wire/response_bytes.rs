//! Answers as the bytes that leave a listener, of the requests that are read from bytes (`AbstractResponse.serialize`).

use super::api_versions::is_flexible;
use super::binary::{
    put_compact_length, put_compact_nullable_text, put_length, put_nullable_text, put_unsigned_varint,
};
use super::metadata::{
    ApiVersionsResponse, MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use super::{ErrorCode, Response};

/// Writes fields in the layout of one version.
struct Writer {
    out: Vec<u8>,
    version: i16,
    is_compact: bool,
}

impl Writer {
    fn short(&mut self, value: i16) {
        self.out.extend_from_slice(&value.to_be_bytes());
    }

    fn int(&mut self, value: i32) {
        self.out.extend_from_slice(&value.to_be_bytes());
    }

    fn boolean(&mut self, value: bool) {
        self.out.push(u8::from(value));
    }

    fn text(&mut self, text: Option<&str>) {
        match self.is_compact {
            true => put_compact_nullable_text(&mut self.out, text),
            false => put_nullable_text(&mut self.out, text),
        }
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        match self.is_compact {
            true => put_compact_length(&mut self.out, items.len()),
            false => put_length(&mut self.out, items.len()),
        }
        items.iter().for_each(|item| each(self, item));
    }

    fn ids(&mut self, ids: &[i32]) {
        self.list(ids, |writer, id| writer.int(*id));
    }

    /// The end of a structure: none of its tagged fields is written.
    fn end(&mut self) {
        if self.is_compact {
            put_unsigned_varint(&mut self.out, 0);
        }
    }
}

/// An answer's header and body, without the size in front of them. `None` where the bytes of this answer are not written here:
/// of ApiVersions from version 3 on, which tells features, and of all APIs that are not read from bytes.
pub fn write_response(correlation_id: i32, version: i16, response: &Response) -> Option<Vec<u8>> {
    let key = response.api().key();
    // A client that asks in an unknown version of ApiVersions is answered in the layout of version 0.
    let is_refused =
        matches!(response, Response::ApiVersions(answer) if answer.error_code == ErrorCode::UnsupportedVersion);
    let version = if is_refused { 0 } else { version };
    let is_compact = is_flexible(key, version)?;
    let mut writer = Writer { out: Vec::new(), version, is_compact };
    writer.int(correlation_id);
    match response {
        Response::Metadata(answer) => {
            writer.end();
            metadata_response(&mut writer, answer);
        }
        Response::ApiVersions(answer) if !is_compact => api_versions_response(&mut writer, answer),
        _ => return None,
    }
    Some(writer.out)
}

fn api_versions_response(writer: &mut Writer, answer: &ApiVersionsResponse) {
    writer.short(answer.error_code.code());
    writer.list(&answer.api_keys, |writer, api| {
        writer.short(api.api_key);
        writer.short(api.min_version);
        writer.short(api.max_version);
    });
    if writer.version >= 1 {
        writer.int(answer.throttle_time_ms);
    }
}

fn metadata_response(writer: &mut Writer, answer: &MetadataResponse) {
    if writer.version >= 3 {
        writer.int(answer.throttle_time_ms);
    }
    writer.list(&answer.brokers, metadata_broker);
    if writer.version >= 2 {
        writer.text(answer.cluster_id.as_deref());
    }
    if writer.version >= 1 {
        writer.int(answer.controller_id);
    }
    writer.list(&answer.topics, metadata_topic);
    if (8..=10).contains(&writer.version) {
        writer.int(answer.cluster_authorized_operations);
    }
    if writer.version >= 13 {
        writer.short(answer.error_code.code());
    }
    writer.end();
}

fn metadata_broker(writer: &mut Writer, broker: &MetadataResponseBroker) {
    writer.int(broker.node_id);
    writer.text(Some(&broker.host));
    writer.int(broker.port);
    if writer.version >= 1 {
        writer.text(broker.rack.as_deref());
    }
    writer.end();
}

fn metadata_topic(writer: &mut Writer, topic: &MetadataResponseTopic) {
    writer.short(topic.error_code.code());
    let name = topic.name.as_deref();
    // Before version 12 a name is never null.
    writer.text(name.or((writer.version < 12).then_some("")));
    if writer.version >= 10 {
        writer.out.extend_from_slice(&topic.topic_id.0.to_be_bytes());
    }
    if writer.version >= 1 {
        writer.boolean(topic.is_internal);
    }
    writer.list(&topic.partitions, metadata_partition);
    if writer.version >= 8 {
        writer.int(topic.topic_authorized_operations);
    }
    writer.end();
}

fn metadata_partition(writer: &mut Writer, partition: &MetadataResponsePartition) {
    writer.short(partition.error_code.code());
    writer.int(partition.partition_index);
    writer.int(partition.leader_id);
    if writer.version >= 7 {
        writer.int(partition.leader_epoch);
    }
    writer.ids(&partition.replica_nodes);
    writer.ids(&partition.isr_nodes);
    if writer.version >= 5 {
        writer.ids(&partition.offline_replicas);
    }
    writer.end();
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::actor::Listener;
    use crate::wire::api_versions::answer;
    use crate::wire::feature_levels::FinalizedFeatures;
    use crate::wire::metadata::ApiVersionsRequest;
    use crate::wire::records::Bytes;

    fn hex(version: i16, response: &Response) -> Option<String> {
        write_response(7, version, response).map(|bytes| Bytes::from(bytes).to_hex())
    }

    /// Bytes that a real 4.3.1 with one node and no topics answered.
    #[test]
    fn answers_have_kafkas_bytes() {
        let broker = MetadataResponseBroker { node_id: 1, host: "127.0.0.11".into(), port: 9092, rack: None };
        let metadata = Response::Metadata(MetadataResponse {
            brokers: vec![broker],
            cluster_id: Some("MkU3OEVBNTcwNTJENDM2Qk".into()),
            controller_id: 1,
            ..MetadataResponse::default()
        });
        let v1 = "000000070000000100000001000a3132372e302e302e313100002384ffff0000000100000000";
        assert_eq!(hex(1, &metadata).as_deref(), Some(v1));
        let v9 = "00000007000000000002000000010b3132372e302e302e3131000023840000174d6b55334f4556424e5463774e544a454e444d\
                  32516b00000001018000000000";
        assert_eq!(hex(9, &metadata), Some(v9.replace(char::is_whitespace, "")));
        let v12 = "00000007000000000002000000010b3132372e302e302e3131000023840000174d6b55334f4556424e5463774e544a454e444d\
                   32516b000000010100";
        assert_eq!(hex(12, &metadata), Some(v12.replace(char::is_whitespace, "")));
    }

    #[test]
    fn an_unknown_version_is_refused_in_the_layout_of_version_0() {
        let request = ApiVersionsRequest::default();
        let levels = BTreeMap::new();
        let features = FinalizedFeatures { levels: &levels, kraft_version: 0, epoch: -1 };
        let refused = Response::ApiVersions(answer(&request, 99, Listener::Broker, features));
        assert_eq!(hex(99, &refused).as_deref(), Some("00000007002300000001001200000004"));
        let listed = Response::ApiVersions(answer(&request, 0, Listener::Broker, features));
        let bytes = write_response(7, 0, &listed).expect("it is written");
        assert_eq!(bytes.len(), 0x1cc);
        assert_eq!(hex(3, &listed), None, "features are not written");
    }
}
