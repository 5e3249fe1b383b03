//! How the records of a fetch answer get from a segment's file into a socket (`TransportLayer.transferFrom`).
//!
//! | listener    | the broker                                                    | the CPU copies         |
//! |-------------|---------------------------------------------------------------|------------------------|
//! | `PLAINTEXT` | tells the kernel which bytes of the file to send (`sendfile`)  | nothing                |
//! | `SSL`       | reads the file, 32 KiB at a time, encrypts it, writes it       | each byte three times  |
//!
//! Only the records are counted: the rest of an answer is made in memory, and so is every other answer. What the network card
//! fetches by itself from memory (DMA) is no work of the CPU and is not counted, nor is what the Java runtime may copy besides.

use crate::wire::replication::FetchResponse;

/// What `SslTransportLayer` reads of a file at once, in bytes (`fileChannelBuffer`).
const FILE_CHANNEL_BUFFER_BYTES: u64 = 32 * 1024;
/// From the page cache into the broker's buffer, by encryption into the next one, from that into the socket's.
const COPIES: u64 = 3;

/// What lies between a socket and who reads and writes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TransportLayer {
    /// Nothing (`PlaintextTransportLayer`).
    #[default]
    Plaintext,
    /// TLS (`SslTransportLayer`).
    Ssl,
}

/// How the records of fetch answers were sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Transfers {
    /// Bytes that the kernel sent out of the page cache.
    pub zero_copy_bytes: u64,
    /// Bytes that were encrypted.
    pub encrypted_bytes: u64,
    /// How often the CPU copied a piece from one buffer to the next.
    pub copies: u64,
    /// Bytes that it copied so.
    pub copied_bytes: u64,
}

/// A count of [`Transfers`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, strum::EnumString, strum::VariantNames,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Transferred {
    /// [`Transfers::zero_copy_bytes`].
    ZeroCopyBytes,
    /// [`Transfers::encrypted_bytes`].
    EncryptedBytes,
    /// [`Transfers::copies`].
    Copies,
    /// [`Transfers::copied_bytes`].
    CopiedBytes,
}

impl TransportLayer {
    /// What it takes to send the records of an answer. Each partition's are a piece of a file of their own.
    pub fn transfer(self, response: &FetchResponse) -> Transfers {
        let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
        let sizes = partitions.map(|each| each.records.iter().map(|batch| u64::from(batch.size_bytes())).sum());
        sizes.fold(Transfers::default(), |sum, bytes| sum.and(self.of_file(bytes)))
    }

    fn of_file(self, bytes: u64) -> Transfers {
        match self {
            Self::Plaintext => Transfers { zero_copy_bytes: bytes, ..Transfers::default() },
            Self::Ssl => Transfers {
                zero_copy_bytes: 0,
                encrypted_bytes: bytes,
                copies: COPIES * bytes.div_ceil(FILE_CHANNEL_BUFFER_BYTES),
                copied_bytes: COPIES * bytes,
            },
        }
    }
}

impl Transfers {
    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            zero_copy_bytes: self.zero_copy_bytes.saturating_add(other.zero_copy_bytes),
            encrypted_bytes: self.encrypted_bytes.saturating_add(other.encrypted_bytes),
            copies: self.copies.saturating_add(other.copies),
            copied_bytes: self.copied_bytes.saturating_add(other.copied_bytes),
        }
    }

    /// One of the counts.
    pub fn get(self, which: Transferred) -> u64 {
        match which {
            Transferred::ZeroCopyBytes => self.zero_copy_bytes,
            Transferred::EncryptedBytes => self.encrypted_bytes,
            Transferred::Copies => self.copies,
            Transferred::CopiedBytes => self.copied_bytes,
        }
    }

    /// All bytes of records that left.
    pub fn bytes_out(self) -> u64 {
        self.zero_copy_bytes.saturating_add(self.encrypted_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_handed_to_the_kernel_and_tls_is_copied_piece_by_piece() {
        let plain = TransportLayer::Plaintext.of_file(100_000);
        assert_eq!(plain, Transfers { zero_copy_bytes: 100_000, ..Transfers::default() });
        let tls = TransportLayer::Ssl.of_file(100_000);
        assert_eq!((tls.copies, tls.copied_bytes, tls.encrypted_bytes, tls.zero_copy_bytes), (12, 300_000, 100_000, 0));
        assert_eq!(TransportLayer::Ssl.of_file(32_768).copies, 3);
        assert_eq!(TransportLayer::Ssl.of_file(0), Transfers::default());
        assert_eq!(plain.and(tls).bytes_out(), 200_000);
    }
}
