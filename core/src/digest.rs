//! The fingerprint of a value, the same natively and in WebAssembly.
//!
//! Values hash themselves by `derive(Hash)`; the hasher is ours, because the standard library promises nothing about its
//! own from one version to the next, and because lengths and the numbers of enum variants must count alike where a pointer
//! has 32 bits and where it has 64. No state holds `usize`. Slices of integers reach a hasher as they lie in memory: every
//! platform that the engine is built for is little-endian.

use std::hash::{Hash, Hasher};

/// The digest of one value: equal values have equal digests.
pub fn digest_of<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DigestHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Odd numbers without a pattern: the fractional parts of pi, as in wyhash and its kin.
const SEED: u64 = 0x243f_6a88_85a3_08d3;
const MULTIPLIER: u64 = 0x1319_8a2e_0370_7345;

/// A hasher by folded multiplication of 64-bit words. Whatever it is given counts in a width and byte order of its own,
/// not the machine's.
#[derive(Clone, Copy, Debug)]
pub struct DigestHasher {
    state: u64,
}

impl Default for DigestHasher {
    fn default() -> Self {
        Self { state: SEED }
    }
}

impl DigestHasher {
    fn word(&mut self, word: u64) {
        // The product's upper half brings the high bits down again. The rotation keeps a zero from sticking.
        let product = u128::from(self.state.rotate_left(23) ^ word) * u128::from(MULTIPLIER);
        self.state = (product as u64).wrapping_add((product >> 64) as u64) ^ SEED;
    }
}

impl Hasher for DigestHasher {
    fn finish(&self) -> u64 {
        // Every bit of the state counts in every bit of the digest (MurmurHash3's finalizer).
        let mut digest = self.state;
        digest = (digest ^ (digest >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        digest = (digest ^ (digest >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        digest ^ (digest >> 33)
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        // How many bytes there were, so that trailing zeros count.
        self.word(u64::from_le_bytes(last) ^ ((rest.len() as u64) << 56));
    }

    fn write_u8(&mut self, value: u8) {
        self.word(u64::from(value));
    }

    fn write_u16(&mut self, value: u16) {
        self.word(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.word(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.word(value);
    }

    fn write_u128(&mut self, value: u128) {
        self.word(value as u64);
        self.word((value >> 64) as u64);
    }

    /// The length of a list or text.
    fn write_usize(&mut self, value: usize) {
        self.word(value as u64);
    }

    fn write_i8(&mut self, value: i8) {
        self.word(i64::from(value) as u64);
    }

    fn write_i16(&mut self, value: i16) {
        self.word(i64::from(value) as u64);
    }

    fn write_i32(&mut self, value: i32) {
        self.word(i64::from(value) as u64);
    }

    fn write_i64(&mut self, value: i64) {
        self.word(value as u64);
    }

    fn write_i128(&mut self, value: i128) {
        self.write_u128(value as u128);
    }

    /// The number of an enum's variant.
    fn write_isize(&mut self, value: isize) {
        self.word(value as i64 as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, VecDeque};

    #[derive(Hash)]
    enum Kind {
        First,
        Second(i32),
        Third { text: String },
    }

    /// What a value gives to the hasher, in words of 64 bits.
    fn digest_of_words(words: &[u64]) -> u64 {
        let mut hasher = DigestHasher::default();
        words.iter().for_each(|word| hasher.write_u64(*word));
        hasher.finish()
    }

    #[test]
    fn lengths_and_variants_count_as_64_bits_on_every_machine() {
        assert_eq!(digest_of(&Kind::First), digest_of_words(&[0]));
        assert_eq!(digest_of(&Kind::Second(-1)), digest_of_words(&[1, u64::MAX]));
        assert_eq!(digest_of(&VecDeque::from([7_u64, 8])), digest_of_words(&[2, 7, 8]));
        assert_eq!(digest_of(&BTreeMap::from([(1_i32, 2_u8)])), digest_of_words(&[1, 1, 2]));
        assert_eq!(digest_of(&Some(3_u32)), digest_of_words(&[1, 3]));
        assert_eq!(digest_of(&-2_isize), digest_of(&-2_i64));
        assert_eq!(digest_of(&5_usize), digest_of(&5_u64));
        // Fixed for ever: a digest made natively is compared with one made in a browser.
        assert_eq!(digest_of(&Kind::Third { text: "orders-0".to_owned() }), 0x88e2_ec0f_1c80_b03f);
        assert_eq!(digest_of(&[1_i32, -1].as_slice()), 0x9859_46a9_f48a_504b);
    }

    #[test]
    fn what_differs_a_little_has_another_digest() {
        let texts = ["", "\0", "\0\0", "a", "a\0", "aaaaaaa", "aaaaaaaa", "aaaaaaaa\0", "aaaaaaaaa"];
        let mut digests: Vec<u64> = texts.iter().map(digest_of).collect();
        digests.extend((0..10_000_u64).map(|number| digest_of(&number)));
        digests.extend((0..64).flat_map(|bit| [digest_of(&(1_u64 << bit, 0_u64)), digest_of(&(0_u64, 1_u64 << bit))]));
        digests.extend([digest_of(&(0_u64, 0_u64)), digest_of(&(0_u64, 0_u64, 0_u64))]);
        let all = digests.len();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), all);
    }
}
