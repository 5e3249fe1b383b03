//! Kafka's primitive types as bytes, as far as records and group members' own words use them (`ByteBufferAccessor`):
//! big-endian integers, texts and bytes after their length, and the compact forms of flexible versions.

/// A length that takes four bytes.
pub(crate) fn put_length(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&i32::try_from(length).unwrap_or(i32::MAX).to_be_bytes());
}

/// `string`.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&i16::try_from(text.len()).unwrap_or(i16::MAX).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// `string`, where it may be null.
pub(crate) fn put_nullable_text(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => put_text(out, text),
        None => out.extend_from_slice(&(-1i16).to_be_bytes()),
    }
}

/// `bytes`, which may be null.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            put_length(out, bytes.len());
            out.extend_from_slice(bytes);
        }
        None => out.extend_from_slice(&(-1i32).to_be_bytes()),
    }
}

/// An unsigned varint.
pub(crate) fn put_unsigned_varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// A count of elements of a flexible version: it plus one, as a varint.
pub(crate) fn put_compact_length(out: &mut Vec<u8>, length: usize) {
    put_unsigned_varint(out, u32::try_from(length).unwrap_or(u32::MAX - 1) + 1);
}

/// `string` of a flexible version: its length plus one comes first, as a varint.
pub(crate) fn put_compact_text(out: &mut Vec<u8>, text: &str) {
    put_compact_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// `string` of a flexible version, where it may be null.
pub(crate) fn put_compact_nullable_text(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => put_compact_text(out, text),
        None => put_unsigned_varint(out, 0),
    }
}

/// Reads from the front; every method gives `None` where too little is left or where it is not what it should be.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// At the first of these bytes.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// How many bytes are left.
    pub(crate) fn remaining(&self) -> usize {
        self.0.len()
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// `int16`.
    pub(crate) fn short(&mut self) -> Option<i16> {
        self.take(2)?.try_into().ok().map(i16::from_be_bytes)
    }

    /// `int32`.
    pub(crate) fn int(&mut self) -> Option<i32> {
        self.take(4)?.try_into().ok().map(i32::from_be_bytes)
    }

    /// `int64`.
    pub(crate) fn long(&mut self) -> Option<i64> {
        self.take(8)?.try_into().ok().map(i64::from_be_bytes)
    }

    /// `uuid`.
    pub(crate) fn uuid(&mut self) -> Option<u128> {
        self.take(16)?.try_into().ok().map(u128::from_be_bytes)
    }

    /// A count of elements, each of which takes at least a byte.
    pub(crate) fn length(&mut self) -> Option<usize> {
        usize::try_from(self.int()?).ok().filter(|length| *length <= self.0.len())
    }

    /// `string`, where it may be null.
    pub(crate) fn nullable_text(&mut self) -> Option<Option<&'a str>> {
        let Ok(length) = usize::try_from(self.short()?) else { return Some(None) };
        std::str::from_utf8(self.take(length)?).ok().map(Some)
    }

    /// `string`.
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        self.nullable_text().flatten()
    }

    /// `bytes`, where they may be null.
    pub(crate) fn nullable_bytes(&mut self) -> Option<Option<&'a [u8]>> {
        let Ok(length) = usize::try_from(self.int()?) else { return Some(None) };
        self.take(length).map(Some)
    }

    /// `bytes`.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        self.nullable_bytes().flatten()
    }

    /// An unsigned varint.
    pub(crate) fn unsigned_varint(&mut self) -> Option<u32> {
        let mut value = 0_u32;
        for shift in (0..32).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// `string` of a flexible version, where it may be null.
    pub(crate) fn compact_nullable_text(&mut self) -> Option<Option<&'a str>> {
        let Some(length) = self.unsigned_varint()?.checked_sub(1) else { return Some(None) };
        std::str::from_utf8(self.take(usize::try_from(length).ok()?)?).ok().map(Some)
    }

    /// `string` of a flexible version, which is not null here.
    pub(crate) fn compact_text(&mut self) -> Option<&'a str> {
        self.compact_nullable_text().flatten()
    }

    /// `boolean`: anything but 0 is true.
    pub(crate) fn boolean(&mut self) -> Option<bool> {
        self.take(1).map(|byte| byte != [0])
    }

    /// A count of elements, where there may be none at all (null).
    pub(crate) fn nullable_length(&mut self) -> Option<Option<usize>> {
        let length = self.int()?;
        self.possible_length(usize::try_from(length).ok())
    }

    /// The same of a flexible version.
    pub(crate) fn compact_length(&mut self) -> Option<Option<usize>> {
        let length = self.unsigned_varint()?.checked_sub(1);
        self.possible_length(length.map(|length| usize::try_from(length).unwrap_or(usize::MAX)))
    }

    /// No more elements than there are bytes left.
    fn possible_length(&self, length: Option<usize>) -> Option<Option<usize>> {
        length.is_none_or(|length| length <= self.0.len()).then_some(length)
    }

    /// The tagged fields at the end of a structure of a flexible version: none of them is known.
    pub(crate) fn tagged_fields(&mut self) -> Option<()> {
        for _ in 0..self.unsigned_varint()? {
            let (_, size) = (self.unsigned_varint()?, self.unsigned_varint()?);
            self.take(usize::try_from(size).ok()?)?;
        }
        Some(())
    }
}
