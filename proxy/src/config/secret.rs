//! Secrets of 32 bytes, which stand in files or environment variables.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The bits of a file's mode that let everybody read or write it.
const EVERYBODY: u32 = 0o006;

/// Where a secret of 32 random bytes is, in base64 or hexadecimal. Exactly one of the two is set.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// File that holds it and nothing else; not to be read by everybody on the machine.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// Environment variable that holds it.
    #[serde(default)]
    pub key_env: Option<String>,
}

impl Secret {
    /// Whether exactly one place is named.
    pub(super) fn is_one(&self) -> bool {
        self.key_file.is_some() != self.key_env.is_some()
    }

    /// Makes a relative path relative to `base`.
    pub(super) fn rebase(&mut self, base: &Path) {
        if let Some(file) = &mut self.key_file {
            *file = base.join(&*file);
        }
    }

    /// The secret.
    ///
    /// # Errors
    /// Which member is wrong, and why.
    pub(crate) fn bytes(&self) -> Result<[u8; 32], (&'static str, String)> {
        let (member, text) = match (&self.key_file, &self.key_env) {
            (Some(file), _) => ("key_file", private_text(file)),
            (None, Some(name)) => (
                "key_env",
                std::env::var(name).map_err(|_| format!("{name} is not set")),
            ),
            (None, None) => ("key_file", Err("set `key_file` or `key_env`".to_owned())),
        };
        let text = text.map_err(|why| (member, why))?;
        let none = "does not hold 32 bytes in base64 or hexadecimal; `openssl rand -base64 32` makes some";
        thirty_two(text.trim()).ok_or((member, none.to_owned()))
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
