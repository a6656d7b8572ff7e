//! One request of somebody who is known: what policy says, and its record.

use super::problem::{Problem, defect};
use crate::admit::denied;
use crate::authorize::policy_ref;
use crate::caller::Caller;
use crate::clock::unix_ms;
use crate::question::circumstances;
use crate::refusal::Refusal;
use crate::rulebook::Rulebook;
use crate::trail::Trail;
use palisade_policies::{Administering, Administration, Base, Denial, EntryFacts, administer};
use palisade_registry::{Contents, Entry, Kind};
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

/// Who asks, under which rules, and the trail that this leaves.
pub(super) struct Session {
    rulebook: Arc<Rulebook>,
    caller: Caller,
    client_ip: IpAddr,
    trail: Arc<Mutex<Trail>>,
}

/// An entry that something is done with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Touched {
    pub(super) action: Administration,
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) owner: Option<String>,
    /// Roles that it would give to somebody.
    pub(super) roles: Vec<String>,
}

/// Which entries are wanted.
pub(super) struct Wanted {
    pub(super) kind: Option<Kind>,
    /// Only those behind it, in their order.
    pub(super) after: Option<(Kind, String)>,
    pub(super) without_keys: bool,
    /// Most that are given, and most that are looked at for them.
    pub(super) limit: usize,
    pub(super) looks_max: usize,
}

/// Entries that may be looked at.
pub(super) struct Seen {
    pub(super) entries: Vec<Entry>,
    /// Where they end, if more may follow.
    pub(super) next: Option<String>,
}

impl Wanted {
    fn takes(&self, entry: &Entry) -> bool {
        let is_behind = |(kind, id): &(Kind, String)| entry.name() > (*kind, id.as_str());
        self.kind.is_none_or(|kind| kind == entry.kind)
            && self.after.as_ref().is_none_or(is_behind)
            && !(self.without_keys && entry.kind == Kind::Key)
    }
}

impl Touched {
    /// What is done with an entry, as it is.
    pub(super) fn by(action: Administration, entry: &Entry) -> Self {
        Self {
            action,
            kind: entry.kind,
            id: entry.id.clone(),
            owner: owner(entry),
            roles: Vec::new(),
        }
    }

    /// An entry that comes in the place of another, or of none.
    pub(super) fn put(entry: &Entry, old: Option<&Entry>) -> Self {
        let mut roles = roles(entry);
        // Whoever holds a certificate that is new to it gets all its roles.
        if certificates(entry).is_subset(&old.map(certificates).unwrap_or_default()) {
            let had: BTreeSet<String> = old.map(roles_of).unwrap_or_default();
            roles.retain(|role| !had.contains(role));
        }
        Self {
            roles,
            ..Self::by(Administration::PutEntry, entry)
        }
    }
}

/// The tenant whose an entry is.
pub(super) fn owner(entry: &Entry) -> Option<String> {
    let member = match entry.kind {
        Kind::Tenant => return Some(entry.id.clone()),
        Kind::Model | Kind::Guardrail | Kind::KnowledgeBase | Kind::Group => return None,
        Kind::Application | Kind::Key | Kind::Alias | Kind::Grant => "tenant",
        Kind::Endpoint | Kind::Output => "owner",
    };
    Some(entry.value.get(member)?.as_str()?.to_owned())
}

/// The roles that an application has, or that a tenant's users can have.
pub(super) fn roles(entry: &Entry) -> Vec<String> {
    let roles = match entry.kind {
        Kind::Application => entry.value.get("roles"),
        Kind::Tenant => entry.value.get("user").and_then(|user| user.get("roles")),
        _ => None,
    };
    strings(roles).collect()
}

/// What certificates name an application.
fn certificates(entry: &Entry) -> BTreeSet<String> {
    match entry.kind {
        Kind::Application => strings(entry.value.get("certificates")).collect(),
        _ => BTreeSet::new(),
    }
}

/// The strings of a list.
fn strings(list: Option<&Value>) -> impl Iterator<Item = String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned))
}

fn roles_of(entry: &Entry) -> BTreeSet<String> {
    roles(entry).into_iter().collect()
}

impl Session {
    pub(super) fn new(
        rulebook: Arc<Rulebook>,
        caller: Caller,
        client_ip: IpAddr,
        trail: Arc<Mutex<Trail>>,
    ) -> Self {
        Self {
            rulebook,
            caller,
            client_ip,
            trail,
        }
    }

    /// Asks about everything that is to be done, and records the answer before anything is.
    ///
    /// # Errors
    /// When one of it is not permitted, or the record cannot be written.
    pub(super) async fn permit(self: &Arc<Self>, touched: Vec<Touched>) -> Result<(), Problem> {
        let session = Arc::clone(self);
        // Many entries take long, and nobody else should wait for it.
        let asking = spawn_blocking(move || {
            let answer = session.ask_all(&touched)?;
            Ok::<_, Problem>((touched, answer))
        });
        let (touched, answer) = asking.await.map_err(|error| defect(&error))??;
        self.record(&touched, answer).await
    }

    /// Those of a registry's entries that may be looked at, and are wanted. Records which.
    ///
    /// # Errors
    /// When none may be, whatever there is, or the record cannot be written.
    pub(super) async fn visible(
        self: &Arc<Self>,
        contents: Arc<Contents>,
        wanted: Wanted,
    ) -> Result<Seen, Problem> {
        let session = Arc::clone(self);
        let looking = spawn_blocking(move || session.look(&contents, &wanted));
        let (seen, determining) = looking.await.map_err(|error| defect(&error))??;
        let touched: Vec<Touched> = seen
            .entries
            .iter()
            .map(|entry| Touched::by(Administration::ReadEntry, entry))
            .collect();
        let answer = match touched.is_empty() {
            // Who may look at none learns nothing from there being none.
            true => self.ask_all(&[self.own()])?,
            false => Ok(determining),
        };
        self.record(&touched, answer).await?;
        Ok(seen)
    }

    fn look(&self, contents: &Contents, wanted: &Wanted) -> Result<(Seen, BTreeSet<String>), Problem> {
        let base = self.base()?;
        let (mut entries, mut determining) = (Vec::new(), BTreeSet::new());
        let mut candidates = contents.entries.iter().filter(|entry| wanted.takes(entry));
        let mut last = None;
        for entry in candidates.by_ref().take(wanted.looks_max) {
            last = Some(entry);
            if let Ok(policies) = self.ask(&Touched::by(Administration::ReadEntry, entry), &base) {
                determining.extend(policies);
                entries.push(entry.clone());
            }
            if entries.len() == wanted.limit {
                break;
            }
        }
        let is_more = candidates.next().is_some();
        let next = last
            .filter(|_| is_more)
            .map(|entry| format!("{}/{}", entry.kind.name(), entry.id));
        Ok((Seen { entries, next }, determining))
    }

    /// The policies that permit all of it, or why one of it is not permitted.
    fn ask_all(&self, touched: &[Touched]) -> Result<Result<BTreeSet<String>, Refusal>, Problem> {
        let base = self.base()?;
        let own = [self.own()];
        let mut determining = BTreeSet::new();
        for one in if touched.is_empty() { &own } else { touched } {
            match self.ask(one, &base) {
                Ok(policies) => determining.extend(policies),
                Err(denial) => return Ok(Err(denied(denial, Vec::new()))),
            }
        }
        Ok(Ok(determining))
    }

    async fn record(
        &self,
        touched: &[Touched],
        answer: Result<BTreeSet<String>, Refusal>,
    ) -> Result<(), Problem> {
        let mut trail = self.trail.lock().await;
        let entries = touched.iter().map(|one| (one.action, one.kind, one.id.as_str()));
        trail.administers(entries, policy_ref(&self.rulebook.policies));
        let unrecorded = match &answer {
            Ok(determining) => trail
                .administered(determining.iter().cloned().collect())
                .await
                .err(),
            Err(refusal) => trail.refused(refusal).await.err(),
        };
        match unrecorded.or(answer.err()) {
            Some(refusal) => Err(Problem::of(&refusal)),
            None => Ok(()),
        }
    }

    /// Some entry of the caller's tenant.
    fn own(&self) -> Touched {
        Touched {
            action: Administration::ReadEntry,
            kind: Kind::Application,
            id: String::new(),
            owner: Some(self.caller.principal().tenant().id().to_owned()),
            roles: Vec::new(),
        }
    }

    fn ask(&self, touched: &Touched, base: &Base) -> Result<Vec<String>, Denial> {
        let asked = Administering {
            action: touched.action,
            entry: EntryFacts {
                kind: touched.kind.name(),
                id: &touched.id,
                owner: touched.owner.as_deref(),
            },
            roles: &touched.roles,
            base,
        };
        administer(&self.rulebook.policies, self.caller.principal().facts(), &asked)
    }

    fn base(&self) -> Result<Base, Problem> {
        let base = circumstances(self.caller.principal(), unix_ms(), self.client_ip);
        base.map_err(|_| Problem::of(&Refusal::Internal("policy context")))
    }
}
