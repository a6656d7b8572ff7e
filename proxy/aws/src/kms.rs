//! Keys that lie about closed, and that only AWS KMS can open: envelope encryption
//! (docs.aws.amazon.com/kms/latest/developerguide/kms-cryptography.html, "Envelope encryption").

use crate::sdk::{Timeouts, connected};
use aws_sdk_kms::Client;
use aws_sdk_kms::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_kms::primitives::Blob;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// KMS answers within milliseconds; whoever waits for it is a start.
const TIMEOUTS: Timeouts = Timeouts {
    operation: Duration::from_secs(15),
    attempt: Duration::from_secs(4),
};

/// Longest closed key, in bytes (KMS API reference, `Decrypt`, `CiphertextBlob`).
const CLOSED_BYTES_MAX: usize = 6_144;

/// Keys that have been opened stay open as long as the process: rules are read anew all the time, and must not wait for KMS, nor fail
/// with it. More than these are forgotten; nobody has as many.
const OPEN_MAX: usize = 16;

static OPEN: Mutex<Open> = Mutex::new(BTreeMap::new());

/// By the key of KMS, and what it has closed.
type Open = BTreeMap<(Kms, Vec<u8>), Vec<u8>>;

/// Where a key of KMS is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kms {
    /// The region it is in.
    pub region: String,
    /// Its ARN, id or alias: what was closed under any other is refused.
    pub key_id: String,
    /// Where KMS answers, if not at its address in the region: a VPC endpoint.
    pub endpoint_url: Option<String>,
}

/// Why a key stays closed.
#[derive(Debug, thiserror::Error)]
pub enum KmsError {
    /// It cannot be one.
    #[error("is none that KMS has closed")]
    Form,
    /// KMS does not open it, and says why.
    #[error("KMS in {0} does not open it: {1}")]
    Refused(String, String),
    /// It is not reached.
    #[error("KMS in {0} does not answer: {1}")]
    Unreachable(String, String),
    /// The system gives no means to wait for networks.
    #[error("cannot wait for KMS: {0}")]
    System(#[from] std::io::Error),
}

impl Kms {
    /// Opens what `Encrypt` or `GenerateDataKeyWithoutPlaintext` has closed under this key. Waits for KMS, but for what was opened before.
    ///
    /// # Errors
    /// When KMS is not reached, or refuses.
    pub fn open(&self, closed: &[u8]) -> Result<Vec<u8>, KmsError> {
        if closed.is_empty() || closed.len() > CLOSED_BYTES_MAX {
            return Err(KmsError::Form);
        }
        let which = (self.clone(), closed.to_vec());
        if let Some(known) = opened().get(&which) {
            return Ok(known.clone());
        }
        let key = self.asked(closed)?;
        let mut opened = opened();
        while opened.len() >= OPEN_MAX {
            opened.pop_first();
        }
        opened.insert(which, key.clone());
        Ok(key)
    }

    /// On a thread of its own, because whoever asks may be one that must not wait on a runtime.
    fn asked(&self, closed: &[u8]) -> Result<Vec<u8>, KmsError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let asked = thread::scope(|scope| scope.spawn(|| runtime.block_on(self.decrypt(closed))).join());
        asked.unwrap_or_else(|_| {
            Err(KmsError::System(std::io::Error::other(
                "a defect ended the question",
            )))
        })
    }

    async fn decrypt(&self, closed: &[u8]) -> Result<Vec<u8>, KmsError> {
        let client = Client::new(&connected(&self.region, self.endpoint_url.as_deref(), TIMEOUTS).await);
        let asked = client
            .decrypt()
            .key_id(&self.key_id)
            .ciphertext_blob(Blob::new(closed))
            .send();
        let region = || self.region.clone();
        let answer = asked.await.map_err(|error| match error.as_service_error() {
            Some(answered) => {
                let (code, message) = (answered.code(), answered.message());
                let code = code.unwrap_or("an error");
                KmsError::Refused(
                    region(),
                    message.map_or_else(|| code.to_owned(), |why| format!("{code}: {why}")),
                )
            }
            None => KmsError::Unreachable(region(), DisplayErrorContext(&error).to_string()),
        })?;
        answer.plaintext.map(Blob::into_inner).ok_or(KmsError::Form)
    }
}

fn opened() -> MutexGuard<'static, Open> {
    // Each holder leaves it whole.
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}
