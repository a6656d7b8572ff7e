//! Rules of credentials of other services.

use super::secrets::drawn;

/// The digits of GitHub's and npm's checksums, in order of value.
const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A token of GitHub or npm: after `_` 30 characters and their CRC-32 in six base62 digits (GitHub blog, 2021-04-05, "Behind
/// GitHub's new authentication token formats").
pub(crate) fn checksummed(text: &str) -> bool {
    let body = text.rsplit_once('_').map_or(text, |(_, body)| body);
    let Some((drawn, checksum)) = body
        .split_at_checked(30)
        .filter(|(_, checksum)| checksum.len() == 6)
    else {
        return false;
    };
    let value = checksum.bytes().try_fold(0u64, |value, byte| {
        let digit = BASE62.iter().position(|digit| *digit == byte)?;
        Some(value * 62 + digit as u64)
    });
    value == Some(u64::from(crc32fast::hash(drawn.as_bytes())))
}

/// A hexadecimal key of 32 digits, followed by something that does not count here.
pub(crate) fn starts_with_32_digits(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_hexdigit).count();
    digits == 32 && text.get(..32).is_some_and(drawn)
}

/// A Discord bot token: the first part is base64 of the bot's id in decimal (Discord developer reference, "Snowflakes": 17 to
/// 20 digits).
pub(crate) fn discord_token(text: &str) -> bool {
    let id = text.split('.').next().and_then(super::secrets::base64);
    id.is_some_and(|id| (17..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit)) && drawn(text)
}

/// A Terraform token: 14 characters, `.atlasv1.` and 60 or more.
pub(crate) fn terraform_token(text: &str) -> bool {
    text.split_once(".atlasv1.")
        .is_some_and(|(name, secret)| matches!(name.len(), 0 | 14) && (60..=70).contains(&secret.len()))
        && drawn(text)
}

/// A New Relic license key: 40 characters in all.
pub(crate) fn new_relic_license(text: &str) -> bool {
    text.len() == 40 && text.get(..36).is_some_and(drawn)
}

/// A Datadog API key (32 digits) or application key (40).
pub(crate) fn datadog_key(text: &str) -> bool {
    matches!(text.len(), 32 | 40) && drawn(text)
}

/// A token that mixes small letters, capitals and digits, of exactly `N` bytes.
pub(crate) fn mixed_token<const N: usize>(text: &str) -> bool {
    let has = |rule: fn(&u8) -> bool| text.as_bytes().iter().any(rule);
    text.len() == N
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
        && super::entropy(text) >= 3.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::check;

    #[test]
    fn checksums_catch_every_changed_character() {
        // Published dummies: secretlint issue 200 (npm), GitHub's blog readers (GitHub).
        let npm = ["npm_qkJaB6MffYVzZXWq", "mcoF49yrUxP3wf0LsakP"].concat();
        let github = ["ghp_zQWBuTSOoRi4A9sp", "HcVY5ncnsDkxkJ0mLq17"].concat();
        check(checksummed, &[&npm, &github], &["ghp_", "ghp_é", &github[..39]]);
        for place in 4..github.len() {
            let mut wrong = github.clone();
            let other = if wrong.as_bytes()[place] == b'a' { "b" } else { "a" };
            wrong.replace_range(place..=place, other);
            assert!(!checksummed(&wrong), "{wrong}");
        }
    }

    #[test]
    fn discord_tokens_name_a_bot() {
        use base64::Engine as _;
        let named = |id: &str| {
            let name = base64::engine::general_purpose::STANDARD_NO_PAD.encode(id);
            format!("{name}.{}.{}", "GhIjKl", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7b")
        };
        check(
            discord_token,
            &[&named("123456789012345678"), &named("1234567890123456789")],
            &[&named("12345678901234567x"), &named("1234567890"), "", "."],
        );
    }

    #[test]
    fn lengths_are_those_that_the_issuers_give() {
        let hex = "0123456789abcdef".repeat(2);
        check(
            starts_with_32_digits,
            &[&format!("{hex}-us12")],
            &[
                &format!("{hex}0-us12"),
                &format!("{}-us12", &hex[1..]),
                &format!("{}-us12", "0".repeat(32)),
            ],
        );
        let secret = "aB3dE6gH9jK2".repeat(6);
        check(
            terraform_token,
            &[
                &format!("{}.atlasv1.{}", &secret[..14], &secret[..64]),
                &format!(".atlasv1.{}", &secret[..64]),
            ],
            &[
                &format!("{}.atlasv1.{}", &secret[..13], &secret[..64]),
                &format!("{}.atlasv1.{}", &secret[..14], &secret[..20]),
            ],
        );
        check(
            datadog_key,
            &[&hex, &format!("{hex}01234567")],
            &[&hex[1..], &format!("{hex}0123456")],
        );
        check(
            new_relic_license,
            &[&format!("{hex}0123NRAL")],
            &[&format!("{hex}012NRAL")],
        );
        check(
            mixed_token::<12>,
            &["aB3dE6gH9jK2"],
            &["aB3dE6gH9jK", "ab3de6gh9jk2", "aBcdEfgHijKl", "aB3aB3aB3aB3"],
        );
    }
}
