//! What travels to the writer of the log, and room for it.

use super::strangers::Strangers;
use crate::config::AuditMode;
use crate::refusal::Refusal;
use palisade_audit::{PolicyActivated, PolicyRef, Record};
use palisade_policies::{Archived, Model, Principal};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// The rules in force, as the first record of a segment names them.
#[derive(Debug, Clone, Default)]
pub struct InForce {
    /// The policies.
    pub policy: PolicyRef,
    /// Digest of the configuration.
    pub configuration: String,
}

impl InForce {
    /// What is in force after rules were activated.
    pub(super) fn after(activated: &PolicyActivated) -> Self {
        Self {
            policy: activated.policy.clone(),
            configuration: activated.configuration.clone(),
        }
    }
}

/// What handles and the writer share.
#[derive(Debug)]
pub(super) struct TrailState {
    pub(super) directory: PathBuf,
    pub(super) mode: AuditMode,
    pub(super) sync_timeout: Duration,
    /// Written by the writer, and by whoever waited too long.
    pub(super) healthy: AtomicBool,
    /// A witness has seen a log that this one does not go on from.
    pub(super) forked: Arc<AtomicBool>,
    /// Records that found no room since the last [`Lost`] record.
    pub(super) lost: AtomicU64,
    pub(super) strangers: Strangers,
    /// Whether the disk has room for records of strangers. Written by the writer.
    pub(super) spare: AtomicBool,
}

/// What travels to the writer.
#[derive(Debug)]
pub(super) enum Message {
    Write(Queued),
    /// Look whether counts of strangers are due: with no other record nobody would.
    Look,
    /// Make what is written durable.
    Sync,
    /// Make what is written durable, and have its tree signed.
    Checkpoint,
    /// Write what is queued, then end.
    Close,
}

#[derive(Debug)]
pub(super) struct Queued {
    pub(super) record: Box<Record>,
    /// What the record names by digest.
    pub(super) subjects: Subjects,
    pub(super) durable: Option<oneshot::Sender<Receipt>>,
}

/// Whom and what a decision is about. Their facts stand in the log once a file.
#[derive(Debug, Default)]
pub struct Subjects {
    pub(super) principal: Option<Principal>,
    pub(super) model: Option<Model>,
    /// What is used beside the model.
    pub(super) used: Vec<Model>,
    /// The facts of the principal, once they are sealed.
    pub(super) sealed: Option<Arc<Archived>>,
}

impl Queued {
    /// A record that nobody waits for and that names nothing.
    pub(super) fn alone(record: Record) -> Self {
        Self {
            record: Box::new(record),
            subjects: Subjects::default(),
            durable: None,
        }
    }

    /// The facts that the record names by their digests.
    pub(super) fn archived(&self) -> impl Iterator<Item = &Archived> {
        let Subjects {
            principal,
            model,
            used,
            sealed,
        } = &self.subjects;
        let of_principal = principal.as_ref().map(Principal::archived);
        of_principal
            .or(sealed.as_deref())
            .into_iter()
            .chain(model.iter().chain(used).map(Model::archived))
    }
}

/// Says that a record is written, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The name of the file.
    pub file: Arc<str>,
    /// The record's place in it.
    pub index: u64,
}

/// Room for one record.
#[derive(Debug)]
pub struct Slot {
    pub(super) permit: mpsc::OwnedPermit<Message>,
    pub(super) shared: Arc<TrailState>,
}

impl Slot {
    /// Queues a record.
    pub fn send(self, record: Record, subjects: Subjects) {
        let queued = Queued {
            subjects,
            ..Queued::alone(record)
        };
        self.permit.send(Message::Write(queued));
    }

    /// Queues a record and waits until it is written, which is as durable as the mode says; then gives its receipt. In best effort nobody waits.
    ///
    /// # Errors
    /// [`Refusal::AuditUnavailable`] when it was not written, or not in time: a blocked disk is a failed disk.
    pub async fn send_durable(self, record: Record, subjects: Subjects) -> Result<Option<Receipt>, Refusal> {
        if self.shared.mode == AuditMode::BestEffort {
            self.send(record, subjects);
            return Ok(None);
        }
        let (tell, told) = oneshot::channel();
        let shared = self.shared;
        let queued = Queued {
            durable: Some(tell),
            subjects,
            ..Queued::alone(record)
        };
        self.permit.send(Message::Write(queued));
        match tokio::time::timeout(shared.sync_timeout, told).await {
            Ok(Ok(receipt)) => Ok(Some(receipt)),
            Ok(Err(_)) | Err(_) => {
                shared.healthy.store(false, Ordering::Release);
                Err(Refusal::AuditUnavailable)
            }
        }
    }
}
