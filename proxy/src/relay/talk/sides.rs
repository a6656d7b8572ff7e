//! Both sides of a conversation that has begun, and what happens next on either.

use super::hearing::Hearing;
use crate::call::Standing;
use crate::edge::Client;
use crate::refusal::{ProviderFailure, Refusal};
use crate::upstream::{Reply, Talk, Upstream};
use bytes::Bytes;
use palisade_wire::turns;
use std::time::{Duration, Instant};

/// The longest conversation. Ours, a guard: Nova Sonic ends them after eight minutes.
const LONGEST: Duration = Duration::from_hours(1);

/// Both sides of one that has begun.
pub(super) struct Sides<'s, 'c, 'u> {
    pub(super) client: &'s mut Client<'c>,
    pub(super) hearing: Hearing,
    /// The caller may say more.
    pub(super) hears: bool,
    pub(super) talk: Talk<'u>,
    pub(super) reply: &'s mut Reply,
    /// What was asked for so far.
    pub(super) standing: Standing,
    /// The longest silence of both.
    silence_max: Duration,
    /// When the answer must have begun, and when all must be over.
    deadlines: [Instant; 2],
}

/// What happens next.
pub(super) enum Next {
    /// All that was to be sent has left.
    Left,
    Heard(Option<Bytes>),
    Begun,
    Said(Option<Bytes>),
}

impl<'s, 'c, 'u> Sides<'s, 'c, 'u> {
    /// At the beginning.
    pub(super) fn new(
        (client, hearing): (&'s mut Client<'c>, Hearing),
        (talk, reply): (Talk<'u>, &'s mut Reply),
        upstream: &Upstream,
    ) -> Self {
        Self {
            client,
            hearing,
            hears: true,
            talk,
            reply,
            standing: Standing::default(),
            silence_max: upstream.idle_timeout(),
            deadlines: [upstream.response_timeout(), LONGEST].map(|time| Instant::now() + time),
        }
    }

    /// The way to the provider, which is reset when it is dropped before all was said.
    pub(super) fn into_talk(self) -> Talk<'u> {
        self.talk
    }

    /// Has an event sent.
    pub(super) fn say(&mut self, event: &[u8]) -> Result<(), Refusal> {
        let frame = turns::wrapped(event).map_err(|_| Refusal::Internal("frame of an event"))?;
        self.talk.say(&frame)
    }

    /// How long nothing may happen.
    fn patience(&self, begun: bool) -> Duration {
        let [head, all] = self.deadlines;
        let deadline = if begun { all } else { head.min(all) };
        self.silence_max
            .min(deadline.saturating_duration_since(Instant::now()))
    }

    /// What happens next; only silence of both sides is waited for in vain. More is heard once what was heard has left.
    pub(super) async fn next(&mut self, begun: bool) -> Result<Next, Refusal> {
        let (is_behind, patience) = (self.talk.is_behind(), self.patience(begun));
        let hears = self.hears && !is_behind && !self.talk.is_lost();
        tokio::select! {
            () = self.talk.flush(), if is_behind => Ok(Next::Left),
            heard = listen(self.client, hears) => heard.map(Next::Heard),
            said = said(self.reply, begun) => said,
            () = tokio::time::sleep(patience) => Err(Refusal::Upstream(ProviderFailure::Timeout)),
        }
    }
}

/// What the caller says; pending while nothing is to be heard, as long as it is there.
async fn listen(client: &mut Client<'_>, hears: bool) -> Result<Option<Bytes>, Refusal> {
    match hears {
        true => client.hear().await,
        false => Err(client.interrupted().await),
    }
}

async fn said(reply: &mut Reply, begun: bool) -> Result<Next, Refusal> {
    match begun {
        true => reply.next().await.map(Next::Said),
        false => reply.begins().await.map(|()| Next::Begun),
    }
}
