//! What a transcript's step `raw` sends: a few forms of prose, of which the numbers are free.

use crate::wire::ApiKey;
use crate::wire::records::Bytes;

/// The correlation id of the lab's raw requests.
const CORRELATION_ID: i32 = 7;
/// Their client id.
const CLIENT_ID: &[u8] = b"raw";
/// The version of the request where it is recorded as a good one.
const GOOD_VERSION: i16 = 1;
/// The versions of Metadata, and the first flexible one.
const METADATA_VERSIONS: std::ops::RangeInclusive<i16> = 0..=13;
const FIRST_FLEXIBLE_METADATA: i16 = 9;

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RawForm {
    /// These bytes, on a connection of their own.
    Bytes {
        /// The bytes.
        bytes: Vec<u8>,
        /// Whether it is waited then until the connection is closed, with this limit of idle time, in milliseconds.
        then_silence_ms: Option<u64>,
    },
    /// A good request on each of so many connections, which are kept open.
    Connections {
        /// How many.
        count: u32,
        /// `max.connections.per.ip`.
        limit: u32,
    },
    /// A good request on one connection more, after all that were kept open are closed.
    OneMore,
}

/// Reads a form; `None` for any other text.
pub(super) fn parse(text: &str) -> Option<RawForm> {
    if text == "one more after all of them are closed" {
        return Some(RawForm::OneMore);
    }
    if let Some((count, rest)) = text.split_once(" connections from one address, each a request and kept open, limit ")
    {
        return Some(RawForm::Connections { count: count.parse().ok()?, limit: rest.parse().ok()? });
    }
    let (sent, then_silence_ms) = match text.split_once(", then silence (idle limit ") {
        Some((sent, limit)) => (sent, Some(limit.strip_suffix(')')?.parse().ok()?)),
        None => (text, None),
    };
    Some(RawForm::Bytes { bytes: bytes(sent)?, then_silence_ms })
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    if let Some(text) = text.strip_prefix("the text ") {
        return Some(text.as_bytes().to_vec());
    }
    if let Some(hex) = text.strip_prefix("the bytes ") {
        return Bytes::from_hex(hex).map(|bytes| bytes.as_slice().to_vec());
    }
    if let Some(rest) = text.strip_prefix("half of a request (size ") {
        let (size, count) = rest.strip_suffix(" bytes)")?.split_once(", ")?;
        return sized(size, count, 0);
    }
    if let Some(rest) = text.strip_prefix("size ") {
        // What it is for stands in brackets behind.
        let rest = rest.split_once(" (").map_or(rest, |(form, _)| form);
        return match rest.split_once(" and ") {
            None | Some((_, "nothing else")) => sized(rest.split(' ').next()?, "0", 0),
            Some((size, filler)) => {
                let (count, byte) = filler.split_once(" bytes ")?;
                sized(size, count, byte_of(byte)?)
            }
        };
    }
    if let Some(rest) = text.strip_prefix("Metadata v") {
        let (version, how) = rest.split_once(" with ")?;
        let version = version.parse().ok()?;
        let body = metadata_body(version)?;
        if how == "half a body" {
            return Some(request(version, body.get(..body.len() / 2)?));
        }
        let more: usize = how.strip_suffix(" bytes more than its body")?.parse().ok().filter(|more| *more <= 1_000)?;
        return Some(request(version, &[body, vec![0; more]].concat()));
    }
    match text {
        "nothing at all" => Some(Vec::new()),
        "one good request" => Some(good_request()),
        _ => None,
    }
}

/// A size and so many bytes behind it.
fn sized(size: &str, count: &str, byte: u8) -> Option<Vec<u8>> {
    let size: i32 = size.parse().ok()?;
    let count: usize = count.parse().ok().filter(|count| *count <= 10_000)?;
    Some([size.to_be_bytes().to_vec(), vec![byte; count]].concat())
}

/// `0xff`, or `0`.
fn byte_of(text: &str) -> Option<u8> {
    match text.strip_prefix("0x") {
        Some(hex) => u8::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// A request that is answered.
pub(super) fn good_request() -> Vec<u8> {
    request(GOOD_VERSION, &metadata_body(GOOD_VERSION).unwrap_or_default())
}

/// A request for metadata with its size in front.
fn request(version: i16, body: &[u8]) -> Vec<u8> {
    let mut request = [ApiKey::Metadata.key().to_be_bytes(), version.to_be_bytes()].concat();
    request.extend_from_slice(&CORRELATION_ID.to_be_bytes());
    request.extend_from_slice(&i16::try_from(CLIENT_ID.len()).unwrap_or_default().to_be_bytes());
    request.extend_from_slice(CLIENT_ID);
    if version >= FIRST_FLEXIBLE_METADATA {
        request.push(0);
    }
    request.extend_from_slice(body);
    let size = i32::try_from(request.len()).unwrap_or(i32::MAX);
    [&size.to_be_bytes()[..], &request].concat()
}

/// The body of a request for metadata of no topic, in which topics may not be created.
fn metadata_body(version: i16) -> Option<Vec<u8>> {
    if !METADATA_VERSIONS.contains(&version) {
        return None;
    }
    let is_flexible = version >= FIRST_FLEXIBLE_METADATA;
    let mut body = if is_flexible { vec![1] } else { vec![0; 4] };
    let operations = if version < 8 { 0 } else { 1 + usize::from(version <= 10) };
    body.resize(body.len() + usize::from(version >= 4) + operations + usize::from(is_flexible), 0);
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Listener;
    use crate::wire::request_bytes::read_request;

    fn sent(text: &str) -> Option<String> {
        match parse(text)? {
            RawForm::Bytes { bytes, .. } => Some(Bytes::from(bytes).to_hex()),
            RawForm::Connections { .. } | RawForm::OneMore => None,
        }
    }

    #[test]
    fn the_forms_are_read_with_any_numbers() {
        for (text, hex) in [
            ("size 10001 and nothing else (one over the limit)", "00002711"),
            ("size -1", "ffffffff"),
            ("size 4 and 4 bytes 0", "0000000400000000"),
            ("size 3 and 2 bytes 0xfe", "00000003fefe"),
            ("the text GET", "474554"),
            ("the bytes 00ff", "00ff"),
            ("half of a request (size 50, 3 bytes)", "00000032000000"),
            ("nothing at all", ""),
            ("Metadata v4 with half a body", "0000000f00030004000000070003726177".to_owned().as_str()),
        ] {
            let expected = if text.starts_with("Metadata") { format!("{hex}0000") } else { hex.to_owned() };
            assert_eq!(sent(text), Some(expected), "{text}");
        }
        assert_eq!(
            parse("20 connections from one address, each a request and kept open, limit 12"),
            Some(RawForm::Connections { count: 20, limit: 12 })
        );
        let silent = RawForm::Bytes { bytes: Vec::new(), then_silence_ms: Some(3_000) };
        assert_eq!(parse("nothing at all, then silence (idle limit 3000)"), Some(silent));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "size",
            "size x",
            "size 4 and some bytes",
            "Metadata v99 with half a body",
            "half a request",
            "the bytes 0",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn metadata_is_good_in_every_version() {
        for version in METADATA_VERSIONS {
            let body = metadata_body(version).expect("there is such a version");
            let bytes = request(version, &body);
            assert!(read_request(&bytes[4..], Listener::Broker).is_ok(), "{version}");
            let short = request(version, &body[..body.len() / 2]);
            assert!(read_request(&short[4..], Listener::Broker).is_err(), "{version}");
        }
    }
}
