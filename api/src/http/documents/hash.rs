//! The SHA-256 of a document.

use sha2::{Digest, Sha256};

/// What a document is named by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Hash([u8; 32]);

impl Hash {
    pub(super) fn of(document: &str) -> Self {
        Self(Sha256::digest(document).into())
    }

    /// 64 hexadecimal digits.
    pub(super) fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_are_read() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Hash::from_hex(empty), Some(Hash::of("")));
        assert_eq!(Hash::from_hex(&empty.to_uppercase()), Some(Hash::of("")));
        for wrong in [
            "",
            "e3",
            &empty[1..],
            &empty.replace('e', "g"),
            &empty.replace("e3", "é"),
            &empty.replace("e3", "+3"),
        ] {
            assert_eq!(Hash::from_hex(wrong), None, "{wrong}");
        }
    }
}
