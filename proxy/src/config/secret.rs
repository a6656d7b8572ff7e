//! Secrets of 32 bytes, which stand in files or environment variables, or in files that only KMS opens.

use super::values::{is_region, is_safe};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use palisade_aws::Kms;
use serde::Deserialize;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The bits of a file's mode that let everybody read or write it.
const EVERYBODY: u32 = 0o006;

/// Where a secret of 32 random bytes is, in base64 or hexadecimal. Exactly one of the three is set.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// File that holds it and nothing else; not to be read by everybody on the machine.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// Environment variable that holds it.
    #[serde(default)]
    pub key_env: Option<String>,
    /// Or the secret as KMS has closed it.
    #[serde(default)]
    pub kms: Option<ClosedByKms>,
}

/// A secret that lies closed in a file. KMS is asked once for it, when the gateway starts or first reads of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedByKms {
    /// File that holds 32 bytes as KMS has encrypted them, in base64.
    pub file: PathBuf,
    /// The region of the key.
    pub region: String,
    /// ARN, id or alias of the key that they are encrypted under.
    pub key_id: String,
    /// Where KMS answers, if not at its address in the region: a VPC endpoint.
    pub endpoint_url: Option<String>,
}

impl Secret {
    /// What is wrong with what is said of it, before it is looked for: at which member, and why.
    pub(super) fn wrong(&self) -> Option<(&'static str, &'static str)> {
        let places = [
            self.key_file.is_some(),
            self.key_env.is_some(),
            self.kms.is_some(),
        ];
        if places.into_iter().filter(|is_set| *is_set).count() != 1 {
            return Some(("", "set exactly one of `key_file`, `key_env` and `kms`"));
        }
        let kms = self.kms.as_ref()?;
        if !is_region(&kms.region) {
            return Some((".kms.region", "is the name of an AWS region, such as `us-east-1`"));
        }
        let url = kms.endpoint_url.as_deref();
        let unsafe_url = "begins with `https://`: whoever can answer in the place of KMS knows the secret. `http://` is for this machine";
        (!url.is_none_or(is_safe)).then_some((".kms.endpoint_url", unsafe_url))
    }

    /// Makes a relative path relative to `base`.
    pub(super) fn rebase(&mut self, base: &Path) {
        let closed = self.kms.as_mut().map(|kms| &mut kms.file);
        for file in self.key_file.iter_mut().chain(closed) {
            *file = base.join(&*file);
        }
    }

    /// The secret. To be called where waiting is allowed, for KMS may be asked.
    ///
    /// # Errors
    /// Which member is wrong, and why.
    pub(crate) fn bytes(&self) -> Result<[u8; 32], (&'static str, String)> {
        if let Some(kms) = &self.kms {
            return kms.bytes().map_err(|why| ("kms", why));
        }
        let (member, text) = match (&self.key_file, &self.key_env) {
            (Some(file), _) => ("key_file", private_text(file)),
            (None, Some(name)) => (
                "key_env",
                std::env::var(name).map_err(|_| format!("{name} is not set")),
            ),
            (None, None) => ("key_file", Err("set `key_file`, `key_env` or `kms`".to_owned())),
        };
        let text = text.map_err(|why| (member, why))?;
        let none = "does not hold 32 bytes in base64 or hexadecimal; `openssl rand -base64 32` makes some";
        thirty_two(text.trim()).ok_or((member, none.to_owned()))
    }
}

impl ClosedByKms {
    fn bytes(&self) -> Result<[u8; 32], String> {
        let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", self.file.display());
        let text = std::fs::read_to_string(&self.file).map_err(|error| wrong(&error))?;
        let closed = STANDARD.decode(text.trim());
        let closed = closed.map_err(|_| {
            wrong(&"is not base64, such as `aws kms generate-data-key-without-plaintext` prints")
        })?;
        let kms = Kms {
            region: self.region.clone(),
            key_id: self.key_id.clone(),
            endpoint_url: self.endpoint_url.clone(),
        };
        let secret = kms.open(&closed).map_err(|error| wrong(&error))?;
        secret
            .try_into()
            .map_err(|_| wrong(&"does not hold 32 bytes: `--number-of-bytes 32`"))
    }
}

fn private_text(file: &Path) -> Result<String, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", file.display());
    let metadata = std::fs::metadata(file).map_err(wrong)?;
    if metadata.permissions().mode() & EVERYBODY != 0 {
        return Err(format!(
            "{}: everybody may read or write it; `chmod 600` it",
            file.display()
        ));
    }
    std::fs::read_to_string(file).map_err(wrong)
}

/// 64 hexadecimal digits, or base64 with padding (RFC 4648 section 4).
fn thirty_two(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: &u8| {
        char::from(*byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let hexadecimal = || -> Option<Vec<u8>> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return None;
        };
        pairs
            .iter()
            .map(|[high, low]| Some(digit(high)? << 4 | digit(low)?))
            .collect()
    };
    let bytes = hexadecimal()
        .filter(|bytes| bytes.len() == 32)
        .or_else(|| STANDARD.decode(text).ok())?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_32_bytes_in_hexadecimal_and_base64_and_nothing_else() {
        let bytes: [u8; 32] = std::array::from_fn(|index| u8::try_from(index * 7).unwrap());
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(thirty_two(&hex), Some(bytes));
        assert_eq!(thirty_two(&hex.to_uppercase()), Some(bytes));
        assert_eq!(thirty_two(&STANDARD.encode(bytes)), Some(bytes));
        for wrong in [
            "",
            "x",
            &hex[1..],
            &hex[2..],
            &STANDARD.encode(&bytes[1..]),
            &"é".repeat(32),
        ] {
            assert_eq!(thirty_two(wrong), None, "{wrong}");
        }
    }
}
