//! Metadata records in Kafka's bytes (`MetadataRecordSerde`).
//!
//! A record's value begins with the version of this frame, the number of the record's type and the version of its definition, each
//! an unsigned varint. Its fields follow in the order of the definition, texts and lists after their length plus one, and at the end
//! how many tagged fields have another value than their default (KIP-482), each with its tag, its length and its value.

use super::records::MetadataRecord;
use crate::sort::SharedSort;
use crate::wire::binary::{Reader, put_compact_nullable_text, put_compact_text, put_unsigned_varint};
use crate::wire::client_quotas::{Float64, QuotaEntity};
use crate::wire::codec::Message;
use crate::wire::metadata::{BrokerListener, SupportedFeature};
use crate::wire::{Topic, Uuid};

/// The version of the frame (`AbstractApiMessageSerde.DEFAULT_FRAME_VERSION`).
const FRAME_VERSION: u32 = 1;

/// A field of a metadata record, in its bytes.
pub(super) trait RecordField: Message {
    /// Writes it.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads it; `None` where too little is left, or where it is not what it should be.
    fn read(&mut self, reader: &mut Reader<'_>) -> Option<()>;
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl RecordField for $number {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
                *self = Self::from_be_bytes(reader.take(size_of::<Self>())?.try_into().ok()?);
                Some(())
            }
        })*
    };
}

numbers!(i8, i16, u16, i32, i64);

impl RecordField for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        *self = reader.take(1)? != [0];
        Some(())
    }
}

impl RecordField for Float64 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_be_bytes());
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        self.0 = f64::from_be_bytes(reader.take(8)?.try_into().ok()?);
        Some(())
    }
}

impl RecordField for Uuid {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_be_bytes());
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        self.0 = reader.uuid()?;
        Some(())
    }
}

impl RecordField for String {
    fn write(&self, out: &mut Vec<u8>) {
        put_compact_text(out, self);
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        *self = reader.compact_text()?.to_owned();
        Some(())
    }
}

impl RecordField for Topic {
    fn write(&self, out: &mut Vec<u8>) {
        put_compact_text(out, self);
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        *self = reader.compact_text()?.into();
        Some(())
    }
}

impl RecordField for Option<String> {
    fn write(&self, out: &mut Vec<u8>) {
        put_compact_nullable_text(out, self.as_deref());
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        *self = reader.compact_nullable_text()?.map(str::to_owned);
        Some(())
    }
}

fn put_compact_length(out: &mut Vec<u8>, length: usize) {
    put_unsigned_varint(out, u32::try_from(length).unwrap_or(u32::MAX - 1).saturating_add(1));
}

impl<T: RecordField + Default> RecordField for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        put_compact_length(out, self.len());
        self.iter().for_each(|element| element.write(out));
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let length = take_length(reader)??;
        *self = take_elements(reader, length)?;
        Some(())
    }
}

impl<T: RecordField + Default> RecordField for Option<Vec<T>> {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Some(elements) => elements.write(out),
            None => put_unsigned_varint(out, 0),
        }
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        *self = match take_length(reader)? {
            Some(length) => Some(take_elements(reader, length)?),
            None => None,
        };
        Some(())
    }
}

/// How many elements a list has; none where it is null.
fn take_length(reader: &mut Reader<'_>) -> Option<Option<u32>> {
    Some(reader.unsigned_varint()?.checked_sub(1))
}

fn take_elements<T: RecordField + Default>(reader: &mut Reader<'_>, length: u32) -> Option<Vec<T>> {
    let mut elements = Vec::new();
    for _ in 0..length {
        let mut element = T::default();
        element.read(reader)?;
        elements.push(element);
    }
    Some(elements)
}

/// A struct inside of a record: its fields in their order, and no tagged ones.
macro_rules! structs {
    ($($name:ident { $($field:ident),* })*) => {
        $(impl RecordField for $name {
            fn write(&self, out: &mut Vec<u8>) {
                $(self.$field.write(out);)*
                put_unsigned_varint(out, 0);
            }

            fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
                $(self.$field.read(reader)?;)*
                skip_tagged_fields(reader)
            }
        })*
    };
}

structs! {
    BrokerListener { name, host, port, security_protocol }
    SupportedFeature { name, min_supported_version, max_supported_version }
    QuotaEntity { entity_type, entity_name }
}

fn skip_tagged_fields(reader: &mut Reader<'_>) -> Option<()> {
    for _ in 0..reader.unsigned_varint()? {
        reader.unsigned_varint()?;
        take_tagged(reader)?;
    }
    Some(())
}

/// The bytes of a tagged field, which come after their number.
fn take_tagged<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let length = reader.unsigned_varint()?;
    reader.take(usize::try_from(length).ok()?)
}

fn bytes_of(field: &dyn RecordField) -> Vec<u8> {
    let mut bytes = Vec::new();
    field.write(&mut bytes);
    bytes
}

impl MetadataRecord {
    /// The record in Kafka's bytes: the value of a record of the metadata log.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for head in [FRAME_VERSION, self.api_key(), self.version()] {
            put_unsigned_varint(&mut out, head);
        }
        let default = Self::default_of(self.api_key());
        let defaults = default.iter().flat_map(Self::fields);
        let mut tagged = Vec::new();
        for ((field, value), default) in self.table().iter().zip(self.fields()).zip(defaults) {
            match field.tag {
                None => value.write(&mut out),
                Some(tag) => {
                    let bytes = bytes_of(value);
                    if bytes != bytes_of(default) {
                        tagged.push((tag, bytes));
                    }
                }
            }
        }
        tagged.shared_sort_by_key(|(tag, _)| *tag);
        put_unsigned_varint(&mut out, u32::try_from(tagged.len()).unwrap_or(u32::MAX));
        for (tag, bytes) in tagged {
            put_unsigned_varint(&mut out, tag);
            put_unsigned_varint(&mut out, u32::try_from(bytes.len()).unwrap_or(u32::MAX));
            out.extend_from_slice(&bytes);
        }
        out
    }

    /// Reads a record from Kafka's bytes; `None` where they are none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(bytes);
        if reader.unsigned_varint()? != FRAME_VERSION {
            return None;
        }
        let mut record = Self::default_of(reader.unsigned_varint()?)?;
        let _version = reader.unsigned_varint()?;
        let table = record.table();
        let mut fields = record.fields_mut();
        for (_, value) in table.iter().zip(&mut fields).filter(|(field, _)| field.tag.is_none()) {
            value.read(reader)?;
        }
        for _ in 0..reader.unsigned_varint()? {
            let tag = reader.unsigned_varint()?;
            let bytes = take_tagged(reader)?;
            let mut tagged = table.iter().zip(&mut fields);
            if let Some((_, value)) = tagged.find(|(field, _)| field.tag == Some(tag)) {
                value.read(&mut Reader::new(bytes))?;
            }
        }
        Some(record)
    }
}

#[cfg(test)]
mod tests;
