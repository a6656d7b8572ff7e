//! Clients that go on talking while they are answered: each of their events is signed.

use super::Client;
use crate::clock::unix_s;
use crate::refusal::{Refusal, Unidentified};
use bytes::Bytes;
use palisade_wire::eventstream::Frame;
use palisade_wire::sigv4::{Error, EventSignatures, SigningKey, event_date};

/// The signatures of a client's events, and the keys that they are made with.
pub struct SignedEvents {
    /// What the next one follows.
    pub signatures: EventSignatures,
    /// The keys of the day of the request, and of the next.
    pub keys: [SigningKey; 2],
    /// When the caller's key ends, in seconds since the Unix epoch.
    pub expires: Option<i64>,
}

impl SignedEvents {
    /// Whether the next event is signed, and not long ago.
    ///
    /// # Errors
    /// [`Refusal::Unidentified`].
    pub fn verify(&mut self, frame: &Frame) -> Result<(), Refusal> {
        if self.expires.is_some_and(|expires| expires <= unix_s()) {
            return Err(Refusal::Unidentified(Unidentified::Expired));
        }
        self.verified(frame).map_err(|error| {
            Refusal::Unidentified(match error {
                Error::Skewed => Unidentified::Skewed,
                Error::SignatureMismatch | Error::Scope => Unidentified::Signature,
                _ => Unidentified::Incomplete,
            })
        })
    }

    fn verified(&mut self, frame: &Frame) -> Result<(), Error> {
        let date = event_date(frame)?;
        date.check_skew(unix_s())?;
        let of_day = |key: &&SigningKey| key.scope().starts_with(date.day());
        let key = self.keys.iter().find(of_day).ok_or(Error::Scope)?;
        self.signatures.verify(frame, key)
    }
}

impl Client<'_> {
    /// The client signs each of its events, as its request says: the request has no body that could be read to its end.
    pub(crate) fn signs_events(&mut self, events: SignedEvents) {
        self.talks = true;
        self.events = Some(events);
    }

    /// Whether the client may say more, event by event.
    #[must_use]
    pub fn talks(&self) -> bool {
        self.talks
    }

    /// What its events are verified with; once.
    pub fn take_signed_events(&mut self) -> Option<SignedEvents> {
        self.events.take()
    }

    /// What has arrived of its events; `None` when it has said all. Nothing is lost when this is dropped.
    ///
    /// # Errors
    /// [`Refusal::ClientGone`], [`Refusal::Stopping`].
    pub async fn hear(&mut self) -> Result<Option<Bytes>, Refusal> {
        let stopping = self.shared.stopping();
        let piece = tokio::select! {
            piece = self.session.read_request_body() => piece.map_err(|_| Refusal::ClientGone)?,
            () = stopping => return Err(Refusal::Stopping),
        };
        self.received += piece.as_ref().map_or(0, Bytes::len);
        self.talks = piece.is_some();
        if piece.is_none() {
            self.body = Some(Bytes::new());
        }
        Ok(piece)
    }
}
