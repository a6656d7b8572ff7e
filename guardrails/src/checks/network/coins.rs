//! Check codes of Bitcoin and Ethereum addresses.

use ring::digest::{SHA256, digest};
use sha3::{Digest as _, Keccak256};

const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// What the checksum of a Bech32 (BIP 173) and of a Bech32m (BIP 350) text comes to.
const BECH32_SUM: u32 = 1;
const BECH32M_SUM: u32 = 0x2bc8_30a3;

/// Whether a Bitcoin address of the main network is valid: Base58Check or Bech32, by its first character.
pub(crate) fn is_bitcoin(address: &str) -> bool {
    match address.as_bytes().first() {
        Some(b'1' | b'3') => is_base58check(address),
        _ => is_segwit(address),
    }
}

/// Whether an Ethereum address of both cases spells its check code in its capitals (EIP-55): a letter is a capital if its nibble
/// of the Keccak-256 hash of the lower-case address is 8 or more.
pub(crate) fn is_checked_ethereum(address: &str) -> bool {
    let digits = address.get(2..).unwrap_or_default();
    let upper = digits.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = digits.bytes().any(|byte| byte.is_ascii_lowercase());
    let hash = Keccak256::digest(digits.to_ascii_lowercase());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let agrees =
        |(digit, nibble): (u8, u8)| digit.is_ascii_digit() || digit.is_ascii_uppercase() == (nibble >= 8);
    upper && lower && digits.bytes().zip(nibbles).all(agrees)
}

/// Whether an Ethereum address is written in one case, and so without a check code, and is not the zero address.
pub(crate) fn is_plain_ethereum(address: &str) -> bool {
    let digits = address.get(2..).unwrap_or_default();
    let upper = digits.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = digits.bytes().any(|byte| byte.is_ascii_lowercase());
    upper != lower
}

/// A version byte (0 for a key's hash, 5 for a script's), 20 bytes, and the first 4 bytes of their double SHA-256: Bitcoin's
/// Base58Check, with one leading `1` for each leading zero byte.
fn is_base58check(address: &str) -> bool {
    let mut bytes = [0u8; 25];
    for digit in address.chars() {
        let Some(value) = BASE58.find(digit) else {
            return false;
        };
        let mut carry = value;
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = u8::try_from(carry & 0xff).unwrap_or_default();
            carry >>= 8;
        }
        if carry != 0 {
            return false;
        }
    }
    let ones = address.bytes().take_while(|byte| *byte == b'1').count();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let (payload, code) = bytes.split_at(21);
    let sum = digest(&SHA256, digest(&SHA256, payload).as_ref());
    ones == zeros && matches!(bytes, [0 | 5, ..]) && sum.as_ref().starts_with(code)
}

/// A witness version and a program of 2 to 40 bytes (BIP 141; 20 or 32 for version 0) in base 32 with the checksum of BIP 173
/// for version 0 and of BIP 350 for the others.
fn is_segwit(address: &str) -> bool {
    let one_case = !(address.bytes().any(|byte| byte.is_ascii_uppercase())
        && address.bytes().any(|byte| byte.is_ascii_lowercase()));
    let Some(data) = address
        .get(3..)
        .filter(|data| one_case && (8..=87).contains(&data.len()))
    else {
        return false;
    };
    // The prefix "bc": the high bits of its letters, a zero, the low bits.
    let mut sum = [3, 3, 0, 2, 3].into_iter().fold(1, polymod);
    let mut version = None;
    for digit in data.chars() {
        let Some(value) = BECH32.find(digit.to_ascii_lowercase()) else {
            return false;
        };
        version.get_or_insert(value);
        sum = polymod(sum, u32::try_from(value).unwrap_or_default());
    }
    // Without the version and the six digits of the checksum; what is left over of the last byte has under five bits.
    let program_bits = (data.len() - 7) * 5;
    let program = program_bits / 8;
    let whole = program_bits % 8 < 5;
    match version {
        Some(0) => sum == BECH32_SUM && whole && matches!(program, 20 | 32),
        Some(1..=16) => sum == BECH32M_SUM && whole && (2..=40).contains(&program),
        _ => false,
    }
}

/// One step of the checksum of BIP 173: a BCH code over GF(32).
fn polymod(sum: u32, value: u32) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = sum >> 25;
    let shifted = ((sum & 0x01ff_ffff) << 5) ^ value;
    let terms = GENERATOR.iter().enumerate();
    terms.fold(
        shifted,
        |sum, (bit, term)| if top >> bit & 1 == 1 { sum ^ term } else { sum },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::check;

    /// Every text that differs from `good` in one character, which is replaced by another one of `alphabet`.
    fn neighbours(good: &str, from: usize, alphabet: &str) -> Vec<String> {
        let replaced = |at: usize| {
            alphabet.chars().filter_map(move |other| {
                let mut wrong = good.to_owned();
                wrong.replace_range(at..=at, other.encode_utf8(&mut [0; 4]));
                (wrong != good).then_some(wrong)
            })
        };
        (from..good.len()).flat_map(replaced).collect()
    }

    #[test]
    fn base58check_refuses_every_wrong_character() {
        // The first block's reward, and an address of BIP 13's kind.
        let good = [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
        ];
        check(
            is_bitcoin,
            &good,
            &[
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfN",
                "11A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            ],
        );
        for wrong in good.iter().flat_map(|good| neighbours(good, 1, BASE58)) {
            assert!(!is_bitcoin(&wrong), "{wrong}");
        }
    }

    #[test]
    fn bech32_takes_the_vectors_of_bip_173_and_bip_350_and_refuses_every_wrong_character() {
        let good = [
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
            "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
            "BC1SW50QGDZ25J",
            "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        ];
        let bad = [
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
            "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
            "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
            "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
            "bc1pw5dgrnzv",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
            "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
            "bc1gmk9yu",
            "bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        ];
        check(is_bitcoin, &good, &bad);
        for wrong in good
            .iter()
            .flat_map(|good| neighbours(&good.to_lowercase(), 3, BECH32))
        {
            assert!(!is_bitcoin(&wrong), "{wrong}");
        }
    }

    #[test]
    fn ethereum_takes_the_vectors_of_eip_55_and_refuses_every_changed_case() {
        let good = [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ];
        check(
            is_checked_ethereum,
            &good,
            &["0x52908400098527886E0F7030069857D2E4169EE7"],
        );
        for address in good {
            for at in (2..address.len()).filter(|at| address.as_bytes()[*at].is_ascii_alphabetic()) {
                let mut wrong = address.to_owned().into_bytes();
                wrong[at] ^= 0x20;
                let wrong = String::from_utf8(wrong).unwrap();
                assert!(!is_checked_ethereum(&wrong), "{wrong}");
            }
        }
        check(
            is_plain_ethereum,
            &[
                "0x52908400098527886E0F7030069857D2E4169EE7",
                "0xde709f2102306220921060314715629080e2fb77",
            ],
            &["0x0000000000000000000000000000000000000000", good[0]],
        );
    }
}
