//! A bundle that is only tried: asked about live calls off their way, and what it says otherwise is counted and recorded.
//!
//! INVARIANT: no request waits for it, sees it, or ends otherwise for it. What finds no room in its queue is counted and left out; what
//! fails in it ends there.

use crate::clock::unix_ns;
use crate::replay::{Again, Change, Replayer, Unreplayable};
use crate::rulebook::Rulebook;
use crate::work::give_way;
use palisade_audit::record::SCHEMA_VERSION;
use palisade_audit::{self as audit, Completion, Decision, PolicyRef, Record};
use palisade_policies::{ENGINE, Model, Principal, Snapshot};
use std::borrow::Cow;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;

/// Records that wait to be asked about: some 2 KB each.
const QUEUE_MAX: usize = 4_096;

/// How long a stop waits for what is queued.
const FINISH_MAX: Duration = Duration::from_secs(2);

/// The thread that asks bundles which are only tried. It ends when this and all [`Tried`] are gone.
#[derive(Debug, Clone)]
pub struct Shadow {
    queue: SyncSender<Message>,
}

/// The bundle that is tried beside the rules of one exchange.
#[derive(Debug, Clone)]
pub struct Tried {
    policies: Arc<Snapshot>,
    queue: SyncSender<Message>,
}

#[derive(Debug)]
enum Message {
    Decision(Box<Decided>),
    Completion(Box<Completion>),
    Finish(oneshot::Sender<()>),
}

#[derive(Debug)]
struct Decided {
    policies: Arc<Snapshot>,
    decision: Decision,
    principal: Principal,
    /// What is called, and what is used beside it.
    models: Vec<Model>,
}

impl Shadow {
    /// Starts the thread. `note` writes a record to the log, or gives up at once.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(note: impl Fn(Record) + Send + 'static) -> io::Result<Self> {
        let (queue, queued) = sync_channel(QUEUE_MAX);
        thread::Builder::new()
            .name("shadow".to_owned())
            .spawn(move || serve(&queued, &note))?;
        Ok(Self { queue })
    }

    /// The bundle that is tried beside these rules, if there is one.
    #[must_use]
    pub fn beside(&self, rules: &Rulebook) -> Option<Tried> {
        let policies = Arc::clone(rules.shadow.as_ref()?);
        Some(Tried {
            policies,
            queue: self.queue.clone(),
        })
    }

    /// Waits until what is queued has been asked about, for two seconds at most.
    pub async fn finish(&self) {
        let (tell, told) = oneshot::channel();
        if self.queue.try_send(Message::Finish(tell)).is_ok() {
            // Whether it answers, or is too busy or gone: the stop goes on.
            let _ = tokio::time::timeout(FINISH_MAX, told).await;
        }
    }
}

impl Tried {
    /// Asks about a decision as it is recorded.
    pub fn decision(&self, decision: &Decision, principal: &Principal, model: &Model, used: &[Model]) {
        self.send(Message::Decision(Box::new(Decided {
            policies: Arc::clone(&self.policies),
            decision: decision.clone(),
            principal: principal.clone(),
            models: std::iter::once(model).chain(used).cloned().collect(),
        })));
    }

    /// Asks about what was found in an answer.
    pub fn completion(&self, completion: &Completion) {
        self.send(Message::Completion(Box::new(completion.clone())));
    }

    fn send(&self, message: Message) {
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.queue.try_send(message) {
            metrics::counter!("palisade_shadow_dropped_total").increment(1);
        }
    }
}

fn serve(queued: &Receiver<Message>, note: &dyn Fn(Record)) {
    give_way();
    let mut replayer = Replayer::default();
    while let Ok(message) = queued.recv() {
        // A defect ends what is said about one exchange; the thread lives on.
        let asked = catch_unwind(AssertUnwindSafe(|| ask(&mut replayer, message, note)));
        if asked.is_err() {
            metrics::counter!("palisade_shadow_dropped_total").increment(1);
        }
    }
}

fn ask(replayer: &mut Replayer, message: Message, note: &dyn Fn(Record)) {
    match message {
        Message::Decision(decided) => {
            let Decided {
                policies,
                decision,
                principal,
                models,
            } = *decided;
            replayer.know(principal, models);
            let decision = Record::Decision(decision);
            if let Ok(Some(again)) = replayer.take(&decision, |_| Ok(Arc::clone(&policies))) {
                tell(&again, note);
            }
        }
        Message::Completion(completion) => {
            let completion = Record::Completion(*completion);
            if let Ok(Some(again)) = replayer.take(&completion, |_| Err(Unreplayable::NotAsked)) {
                tell(&again, note);
            }
        }
        Message::Finish(done) => {
            // An error says that nobody waits any more.
            let _ = done.send(());
        }
    }
}

/// Counts and records what is said otherwise.
fn tell(again: &Again<'_>, note: &dyn Fn(Record)) {
    metrics::counter!("palisade_shadow_asked_total").increment(1);
    let (who, changes) = (again.who(), again.changes());
    for change in &changes {
        metrics::counter!("palisade_shadow_differences_total",
            "tenant" => who.tenant.clone(), "model" => who.model.clone(),
            "change" => format!("{} to {}", change.was, change.is), "policy" => change.policies.join(" "))
        .increment(1);
    }
    if changes.is_empty() {
        return;
    }
    note(Record::Shadow(audit::Shadow {
        changes: changes.iter().map(recorded).collect(),
        decision: who.decision.clone(),
        policy: PolicyRef {
            digest: who.policies.clone(),
            engine: ENGINE.to_owned(),
        },
        request_id: who.request_id.clone(),
        tenant: who.tenant.clone(),
        time: unix_ns(),
        v: SCHEMA_VERSION,
        ..audit::Shadow::default()
    }));
}

fn recorded(change: &Change<'_>) -> audit::Changed {
    let finding = change.finding;
    audit::Changed {
        category: finding.map(|finding| finding.category.clone()),
        count: finding.map(|finding| finding.count),
        is: Cow::Borrowed(change.is),
        place: finding.map(|finding| finding.place.clone()),
        policies: change.policies.clone(),
        was: Cow::Borrowed(change.was),
    }
}
