//! Signatures over policy bundles: Ed25519 (RFC 8032) over a bundle's digest and a number that only grows.
//!
//! ```text
//! palisade-bundle-signature-v1 LF digest LF sequence LF
//! ```
//!
//! Keys are base64: the private one a PKCS#8 document (RFC 5958), the public one its 32 bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::Path;

/// The file of a bundle that holds its signature; it is no part of what is signed.
pub(crate) const SIGNATURE_PATH: &str = "bundle.sig";

/// No signature is longer, in bytes of its file.
const FILE_BYTES_MAX: u64 = 4_096;

/// What the file says.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    digest: String,
    sequence: u64,
    signature: String,
}

/// A new pair of keys, private and public, in base64.
///
/// # Errors
/// When the system gives no random numbers.
pub(crate) fn generate() -> Result<(String, String), &'static str> {
    let no_random = "the system gives no random numbers";
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| no_random)?;
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(|_| no_random)?;
    Ok((STANDARD.encode(pkcs8), STANDARD.encode(pair.public_key())))
}

/// The text of the file that signs a bundle of this digest.
///
/// # Errors
/// When `private` is no private key.
pub(crate) fn sign(private: &str, digest: &str, sequence: u64) -> Result<String, &'static str> {
    let no_key = "is no private key: make one with `palisade policy keygen`";
    let pkcs8 = STANDARD.decode(private.trim()).map_err(|_| no_key)?;
    let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| no_key)?;
    let signed = Signed {
        digest: digest.to_owned(),
        sequence,
        signature: STANDARD.encode(pair.sign(message(digest, sequence).as_bytes())),
    };
    serde_json::to_string(&signed)
        .map(|text| text + "\n")
        .map_err(|_| "cannot be written")
}

/// The number under which the bundle in `folder` of this digest is signed.
///
/// # Errors
/// Why it is not signed by the holder of the key in `public`, a file.
pub(crate) fn verify(folder: &Path, digest: &str, public: &Path) -> Result<u64, String> {
    let key = read(public).map_err(|error| format!("{}: {error}", public.display()))?;
    let key = STANDARD
        .decode(key.trim())
        .ok()
        .filter(|key| key.len() == 32)
        .ok_or_else(|| format!("{}: is no public key of 32 bytes in base64", public.display()))?;
    let path = folder.join(SIGNATURE_PATH);
    let wrong = |why: &str| format!("{}: {why}", path.display());
    let text = read(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => wrong("the bundle is not signed: `palisade policy sign`"),
        _ => wrong(&error.to_string()),
    })?;
    let signed: Signed = serde_json::from_str(&text).map_err(|_| wrong("is no signature of a bundle"))?;
    let signature = STANDARD
        .decode(&signed.signature)
        .map_err(|_| wrong("is no signature of a bundle"))?;
    if signed.digest != digest {
        return Err(wrong(
            "signs other files than are there: sign the bundle as it is",
        ));
    }
    UnparsedPublicKey::new(&ED25519, key)
        .verify(message(digest, signed.sequence).as_bytes(), &signature)
        .map_err(|_| wrong("is not signed with the key that is trusted here"))?;
    Ok(signed.sequence)
}

fn message(digest: &str, sequence: u64) -> String {
    format!("palisade-bundle-signature-v1\n{digest}\n{sequence}\n")
}

fn read(path: &Path) -> io::Result<String> {
    match fs::metadata(path)?.len() > FILE_BYTES_MAX {
        true => Err(io::Error::other("is too long")),
        false => fs::read_to_string(path),
    }
}
