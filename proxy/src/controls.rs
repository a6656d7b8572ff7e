//! What the gate and the admin listener hold in common: the rules in force, and the log.

use crate::authorize::policy_ref;
use crate::clock::unix_ns;
use crate::freshness::Freshness;
use crate::registry::{Became, Difference};
use crate::rulebook::Rulebook;
use crate::shadow::Shadow;
use crate::trail::Audit;
use arc_swap::ArcSwap;
use palisade_audit::record::SCHEMA_VERSION;
use palisade_audit::{ChangedEntry, PolicyActivated, PolicyRefused, Record, RegistryChanged, RegistryReach};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// So many problems of rules that cannot be used are kept.
const PROBLEMS_MAX: usize = 50;

/// The longest text of a problem that is kept, in bytes.
const PROBLEM_BYTES_MAX: usize = 1_000;

/// So many entries that are not as they were are listed in a record, and as much of each id, in bytes.
const ENTRIES_MAX: usize = 100;
const ID_BYTES_MAX: usize = 256;

/// The rules in force, and the log.
pub struct Controls {
    rulebook: ArcSwap<Rulebook>,
    standing: ArcSwap<Standing>,
    freshness: Freshness,
    changes: watch::Sender<()>,
    audit: Audit,
    shadow: Shadow,
}

/// How the rules in force came about.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Since when they are in force, in nanoseconds since the Unix epoch.
    pub since: u64,
    /// The number under which the bundle is signed, if it is.
    pub sequence: Option<u64>,
    /// What lies on the disk since and cannot be used.
    pub refused: Option<Refused>,
}

/// Rules that cannot be used.
#[derive(Debug, Clone)]
pub struct Refused {
    /// When they were read, in nanoseconds since the Unix epoch.
    pub at: u64,
    /// What is wrong with them, a problem each.
    pub problems: Vec<String>,
}

impl Controls {
    /// Puts the first rules in force.
    #[must_use]
    pub fn new(rulebook: Rulebook, sequence: Option<u64>, audit: Audit, shadow: Shadow) -> Self {
        told(true);
        told_whether_watched(&rulebook);
        Self {
            rulebook: ArcSwap::from_pointee(rulebook),
            standing: ArcSwap::from_pointee(Standing {
                since: unix_ns(),
                sequence,
                refused: None,
            }),
            freshness: Freshness::begin(),
            changes: watch::Sender::new(()),
            audit,
            shadow,
        }
    }

    /// The rules in force. An exchange asks once, first, and keeps what it got to its end.
    #[must_use]
    pub fn rulebook(&self) -> Arc<Rulebook> {
        self.rulebook.load_full()
    }

    /// Tells when other rules are in force.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// How the rules in force came about.
    #[must_use]
    pub fn standing(&self) -> Arc<Standing> {
        self.standing.load_full()
    }

    /// Puts other rules in force, for exchanges that begin from now on, and records it.
    ///
    /// # Errors
    /// When a signed bundle is older than the one in force, or another of the same number, and when the policies cannot be kept beside the log.
    pub async fn activate(&self, rulebook: Rulebook, sequence: Option<u64>) -> Result<(), String> {
        let same = rulebook.policies.digest() == self.rulebook().policies.digest();
        follows(self.standing().sequence, sequence, same)?;
        let audit = self.audit.clone();
        let rulebook = Arc::new(rulebook);
        let rules = Arc::clone(&rulebook);
        let kept = tokio::task::spawn_blocking(move || audit.keep(&rules)).await;
        kept.map_err(|defect| defect.to_string())?
            .map_err(|error| format!("the rules cannot be kept: {error}"))?;
        let time = unix_ns();
        let policy = policy_ref(&rulebook.policies);
        let shadow = rulebook.shadow.as_ref().map(|tried| tried.digest().to_owned());
        told_whether_watched(&rulebook);
        let before = self.rulebook.swap(Arc::clone(&rulebook));
        self.changes.send_replace(());
        let standing = Standing {
            since: time,
            sequence,
            refused: None,
        };
        self.standing.store(Arc::new(standing));
        told(true);
        self.answered().await;
        let activated = PolicyActivated {
            configuration: rulebook.configuration.digest.clone(),
            policy,
            previous: before.policies.digest().to_owned(),
            shadow,
            time,
            v: SCHEMA_VERSION,
            ..PolicyActivated::default()
        };
        self.audit.note(Record::PolicyActivated(activated)).await;
        if let Some(changed) = changed(before.registry.differences(&rulebook.registry), time) {
            self.audit.note(Record::RegistryChanged(changed)).await;
        }
        Ok(())
    }

    /// Notes that the store of the registry answers, and records it if it had not before.
    pub async fn answered(&self) {
        if let Some(age) = self.freshness.answered() {
            tracing::warn!("the store of the registry answers again");
            self.reach(None, age).await;
        }
    }

    /// Notes that the store of the registry does not answer, and records it if it did before.
    pub async fn lost(&self, why: &str) {
        if let Some(age) = self.freshness.lost() {
            tracing::error!(
                "the store of the registry does not answer, and what was read from it stays in force for its time: {why}"
            );
            self.reach(Some(shortened(why, PROBLEM_BYTES_MAX)), age).await;
        }
    }

    async fn reach(&self, why: Option<String>, age: Duration) {
        let reach = RegistryReach {
            reachable: why.is_none(),
            stale_s: age.as_secs(),
            time: unix_ns(),
            v: SCHEMA_VERSION,
            why,
            ..RegistryReach::default()
        };
        self.audit.note(Record::RegistryReach(reach)).await;
    }

    /// Why all calls would be refused, if they would.
    #[must_use]
    pub fn unready(&self) -> Option<&'static str> {
        if !self.audit.ready() {
            return Some("the audit log cannot be written");
        }
        let checked = self.freshness.check(Instant::now(), self.rulebook().stale_max);
        checked
            .is_err()
            .then_some("the store of the registry has not answered for too long")
    }

    /// How long ago the store of the registry has answered.
    #[must_use]
    pub fn freshness(&self) -> &Freshness {
        &self.freshness
    }

    /// Notes that other rules cannot be used, with a line for each problem, and records it, unless that was noted last. Those in force stay.
    pub async fn refuse(&self, problems: &str) {
        let time = unix_ns();
        let lines = problems.lines().take(PROBLEMS_MAX);
        let problems: Vec<String> = lines.map(|line| shortened(line, PROBLEM_BYTES_MAX)).collect();
        if let Some(refused) = &self.standing().refused
            && refused.problems == problems
        {
            return;
        }
        let standing = Standing {
            since: self.standing().since,
            sequence: self.standing().sequence,
            refused: Some(Refused {
                at: time,
                problems: problems.clone(),
            }),
        };
        self.standing.store(Arc::new(standing));
        told(false);
        let refused = PolicyRefused {
            policy: policy_ref(&self.rulebook().policies),
            problems,
            time,
            v: SCHEMA_VERSION,
            ..PolicyRefused::default()
        };
        self.audit.note(Record::PolicyRefused(refused)).await;
    }

    /// Who asks policies that are only tried.
    #[must_use]
    pub fn shadow(&self) -> &Shadow {
        &self.shadow
    }

    /// The log.
    #[must_use]
    pub fn audit(&self) -> &Audit {
        &self.audit
    }
}

/// The record of what became of entries, if anything did.
fn changed(differences: Vec<Difference>, time: u64) -> Option<RegistryChanged> {
    let more = differences.len().saturating_sub(ENTRIES_MAX);
    let entry = |(kind, id, became): Difference| ChangedEntry {
        became: match became {
            Became::Added => "added",
            Became::Changed => "changed",
            Became::Removed => "removed",
        }
        .into(),
        id: shortened(&id, ID_BYTES_MAX),
        of: kind.name().into(),
    };
    (!differences.is_empty()).then(|| RegistryChanged {
        entries: differences.into_iter().take(ENTRIES_MAX).map(entry).collect(),
        more: (more > 0).then_some(more as u64),
        time,
        v: SCHEMA_VERSION,
        ..RegistryChanged::default()
    })
}

fn shortened(text: &str, bytes_max: usize) -> String {
    text.get(..text.floor_char_boundary(bytes_max))
        .unwrap_or(text)
        .to_owned()
}

/// Whether a bundle signed as `next` may follow one signed as `current`; `same` if it is that one.
fn follows(current: Option<u64>, next: Option<u64>, same: bool) -> Result<(), String> {
    let (Some(current), Some(next)) = (current, next) else {
        // Whether bundles are signed at all is the configuration's to say.
        return Ok(());
    };
    match (next < current, next == current && !same) {
        (true, _) => Err(format!(
            "the bundle is signed as number {next}, and number {current} is in force: an older one cannot follow"
        )),
        (_, true) => Err(format!(
            "another bundle signed as number {next} is in force: sign this one with a higher number"
        )),
        (false, false) => Ok(()),
    }
}

/// Whether the rules on the disk are those in force.
fn told(in_force: bool) {
    metrics::gauge!("palisade_rulebook_in_force").set(if in_force { 1.0 } else { 0.0 });
}

/// Whose calls go on whatever policy says.
fn told_whether_watched(rulebook: &Rulebook) {
    let watched = rulebook.log_only_tenants();
    metrics::gauge!("palisade_log_only_tenants")
        .set(f64::from(u32::try_from(watched.len()).unwrap_or(u32::MAX)));
    if !watched.is_empty() {
        tracing::warn!(tenants = ?watched, "log only: nothing is refused or changed by policy for these tenants, but credentials");
    }
}
