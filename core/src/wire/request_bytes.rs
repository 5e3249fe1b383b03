//! A request read from its bytes, as a network thread does it (`RequestHeader.parse`, `AbstractRequest.parseRequest`).
//!
//! The header is read of every request, the body of Metadata and ApiVersions: what a person sends as bytes asks one of these, or is
//! meant to be no request at all. Bytes behind the last field are passed over, as Kafka does it.

use super::api_versions::{is_flexible, served_by_key};
use super::binary::Reader;
use super::metadata::{ApiVersionsRequest, MetadataRequest, MetadataRequestTopic};
use super::{ApiKey, Request, RequestHeader, Topic, Uuid};
use crate::actor::Listener;

/// What makes bytes no request that can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadableRequest {
    /// They are no request, or one that the listener does not take: `InvalidRequestException`.
    Malformed,
    /// They are a request of which only the header is read here: this API's.
    NoBinaryForm(&'static str),
}

/// From this version on a request for metadata may name topics by id.
const FIRST_METADATA_WITH_TOPIC_IDS: i16 = 10;
/// In these versions it may ask what the requester may do with the cluster.
const METADATA_WITH_CLUSTER_OPERATIONS: std::ops::RangeInclusive<i16> = 8..=10;

/// Reads a request that reached a listener: header and body, without the size in front of them.
pub fn read_request(bytes: &[u8], listener: Listener) -> Result<(RequestHeader, Request), UnreadableRequest> {
    use UnreadableRequest::{Malformed, NoBinaryForm};
    let mut reader = Reader::new(bytes);
    let (key, version) = reader.short().zip(reader.short()).ok_or(Malformed)?;
    let row = served_by_key(key).ok_or(Malformed)?;
    let correlation_id = reader.int().ok_or(Malformed)?;
    // The client id is never compact.
    let client_id = text(&mut reader, false).ok_or(Malformed)?;
    if is_flexible(key, version) == Some(true) {
        reader.tagged_fields().ok_or(Malformed)?;
    }
    let header = RequestHeader {
        request_api_key: key,
        request_api_version: version,
        correlation_id,
        client_id,
        principal: None,
    };
    if key == ApiKey::ApiVersions.key() {
        // A version that is not known is answered, and its body not looked at.
        let request = match row.takes(version, listener) {
            true => api_versions_request(&mut reader, version).ok_or(Malformed)?,
            false => ApiVersionsRequest::default(),
        };
        return Ok((header, Request::ApiVersions(request)));
    }
    if !row.takes(version, listener) {
        return Err(Malformed);
    }
    if key == ApiKey::Metadata.key() {
        let request = metadata_request(&mut reader, version).ok_or(Malformed)?;
        return Ok((header, Request::Metadata(request)));
    }
    Err(NoBinaryForm(row.name))
}

fn api_versions_request(reader: &mut Reader<'_>, version: i16) -> Option<ApiVersionsRequest> {
    if is_flexible(ApiKey::ApiVersions.key(), version) != Some(true) {
        return Some(ApiVersionsRequest::default());
    }
    let client_software_name = text(reader, true)??.to_string();
    let client_software_version = text(reader, true)??.to_string();
    reader.tagged_fields()?;
    Some(ApiVersionsRequest { client_software_name, client_software_version })
}

fn metadata_request(reader: &mut Reader<'_>, version: i16) -> Option<MetadataRequest> {
    let is_compact = is_flexible(ApiKey::Metadata.key(), version) == Some(true);
    let count = if is_compact { reader.compact_length()? } else { reader.nullable_length()? };
    let mut topics = match count {
        // Version 0 has no null.
        None if version == 0 => return None,
        None => None,
        Some(count) => {
            let topic = |_| metadata_request_topic(reader, version, is_compact);
            Some((0..count).map(topic).collect::<Option<Vec<_>>>()?)
        }
    };
    // In version 0 an empty list stands for all topics.
    if version == 0 && topics.as_ref().is_some_and(Vec::is_empty) {
        topics = None;
    }
    let mut request = MetadataRequest { topics, ..MetadataRequest::default() };
    if version >= 4 {
        request.allow_auto_topic_creation = reader.boolean()?;
    }
    if METADATA_WITH_CLUSTER_OPERATIONS.contains(&version) {
        request.include_cluster_authorized_operations = reader.boolean()?;
    }
    if version >= 8 {
        request.include_topic_authorized_operations = reader.boolean()?;
    }
    if is_compact {
        reader.tagged_fields()?;
    }
    Some(request)
}

fn metadata_request_topic(reader: &mut Reader<'_>, version: i16, is_compact: bool) -> Option<MetadataRequestTopic> {
    let has_id = version >= FIRST_METADATA_WITH_TOPIC_IDS;
    let topic_id = if has_id { Uuid(reader.uuid()?) } else { Uuid::ZERO };
    let name = text(reader, is_compact)?;
    if is_compact {
        reader.tagged_fields()?;
    }
    // Only with ids may a name be null.
    (has_id || name.is_some()).then_some(MetadataRequestTopic { topic_id, name })
}

/// A text that may be null. What is no UTF-8 becomes replacement characters, as Java decodes it.
fn text(reader: &mut Reader<'_>, is_compact: bool) -> Option<Option<Topic>> {
    let length = match is_compact {
        true => reader.unsigned_varint()?.checked_sub(1).and_then(|length| usize::try_from(length).ok()),
        false => usize::try_from(reader.short()?).ok(),
    };
    let Some(length) = length else { return Some(None) };
    Some(Some(String::from_utf8_lossy(reader.take(length)?).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request's bytes with the client id `raw`, as a real 4.3.1 was asked.
    fn request(key: i16, version: i16, body: &[u8]) -> Vec<u8> {
        let mut bytes = [key.to_be_bytes(), version.to_be_bytes()].concat();
        bytes.extend_from_slice(&[0, 0, 0, 7, 0, 3, b'r', b'a', b'w']);
        bytes.extend_from_slice(body);
        bytes
    }

    fn read(key: i16, version: i16, body: &[u8]) -> Result<Request, UnreadableRequest> {
        read_request(&request(key, version, body), Listener::Broker).map(|(_, request)| request)
    }

    #[test]
    fn metadata_is_read_in_old_and_flexible_versions() {
        let topics = |request: Result<Request, UnreadableRequest>| match request {
            Ok(Request::Metadata(request)) => request.topics.map(|topics| topics.len()),
            other => panic!("{other:?}"),
        };
        assert_eq!(topics(read(3, 0, &[0; 4])), None, "an empty list of version 0 is all topics");
        assert_eq!(topics(read(3, 1, &[0; 4])), Some(0));
        assert_eq!(topics(read(3, 1, &[255; 4])), None);
        assert_eq!(topics(read(3, 1, &[255, 255, 255, 254])), None, "any negative count is null");
        assert_eq!(topics(read(3, 1, &[0, 0, 0, 1, 0, 1, b't', 9, 9, 9])), Some(1), "what is behind is passed over");
        assert_eq!(topics(read(3, 12, &[0, 1, 0, 0, 0])), Some(0));
    }

    #[test]
    fn what_a_real_broker_closed_the_connection_on_is_malformed() {
        for (key, version, body) in [
            (3, 4, &[255, 255][..]),
            (3, 99, &[0, 255, 255, 255, 255]),
            (0, 2, &[0, 0]),
            (52, 0, &[0, 0, 0]),
            (500, 0, &[0, 0]),
            (18, 3, &[0, 2, b'a', 2, b'b']),
        ] {
            assert_eq!(read(key, version, body), Err(UnreadableRequest::Malformed), "{key} {version}");
        }
        assert_eq!(read_request(&[0; 4], Listener::Broker), Err(UnreadableRequest::Malformed));
        assert_eq!(read_request(&[255; 20], Listener::Broker), Err(UnreadableRequest::Malformed));
        let at_controller = read_request(&request(3, 1, &[0; 4]), Listener::Controller);
        assert_eq!(at_controller.map(|(_, request)| request), Err(UnreadableRequest::Malformed));
    }

    #[test]
    fn an_unknown_version_of_api_versions_is_a_request_all_the_same() {
        assert_eq!(read(18, 99, &[]), Err(UnreadableRequest::Malformed), "its header is flexible");
        assert_eq!(read(18, 99, &[0]), Ok(Request::ApiVersions(ApiVersionsRequest::default())));
        assert!(
            matches!(read(18, 3, &[0, 2, b'a', 2, b'b', 0]), Ok(Request::ApiVersions(named)) if named.client_software_name == "a")
        );
    }

    #[test]
    fn other_requests_are_told_by_their_name() {
        assert_eq!(read(1, 4, &[]), Err(UnreadableRequest::NoBinaryForm("Fetch")));
    }
}
