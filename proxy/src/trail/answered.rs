//! Trails of what the gateway answers itself: questions about models, and about the registry.

use super::{Room, Trail, words};
use crate::refusal::Refusal;
use palisade_audit::{Effect, Entries, EntryRef, PolicyRef, Reason};
use palisade_policies::Administration;
use palisade_registry::Kind;
use palisade_wire::bedrock::discovery::Discovery;

/// So many entries are listed in a record, and as much of each id, in bytes.
const ENTRIES_MAX: usize = 100;
const ID_BYTES_MAX: usize = 256;

impl Trail {
    /// Notes a question about models, and the policies that say which the caller may use.
    pub fn asked(&mut self, asked: &Discovery, policy: PolicyRef) {
        self.decision.action = words::question(asked);
        self.decision.policy = Some(policy);
    }

    /// Records that a question is answered, and waits until the record is durable.
    ///
    /// # Errors
    /// [`Refusal::AuditUnavailable`]: nothing may be told.
    pub async fn told(&mut self) -> Result<(), Refusal> {
        self.decision.reason = Reason::Policy;
        self.decision.effect = Effect::Allow;
        self.write_decision().await.map(|_| ())
    }

    /// Notes what is to be done with which entries of the registry, and the policies that say whether it may.
    pub fn administers<'a>(
        &mut self,
        entries: impl ExactSizeIterator<Item = (Administration, Kind, &'a str)>,
        policy: PolicyRef,
    ) {
        let more = entries.len().saturating_sub(ENTRIES_MAX);
        let mut entries = entries.peekable();
        if let Some((action, _, _)) = entries.peek() {
            self.decision.action = words::administration(*action);
        }
        let first = entries.take(ENTRIES_MAX).map(|(_, kind, id)| EntryRef {
            id: shortened(id),
            of: kind.name().into(),
        });
        self.decision.entries = Some(Box::new(Entries {
            first: first.collect(),
            more: (more > 0).then_some(more as u64),
        }));
        self.decision.policy = Some(policy);
    }

    /// Records that it may be done, and waits until the record is durable; once, however often it is asked.
    ///
    /// # Errors
    /// [`Refusal::AuditUnavailable`]: nothing may be done.
    pub async fn administered(&mut self, determining: Vec<String>) -> Result<(), Refusal> {
        if !self.is_undecided() {
            return Ok(());
        }
        self.decision.determining = determining;
        self.told().await
    }

    fn is_undecided(&self) -> bool {
        matches!(
            &self.room,
            Room::Slots {
                decision: Some(_),
                ..
            }
        )
    }
}

fn shortened(id: &str) -> String {
    id.get(..id.floor_char_boundary(ID_BYTES_MAX))
        .unwrap_or(id)
        .to_owned()
}
