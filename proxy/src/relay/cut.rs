//! Streams that must stop.

use bytes::{Bytes, BytesMut};
use palisade_audit::End;
use palisade_wire::fault::Fault;
use palisade_wire::protocol::Protocol;
use palisade_wire::translate::Unspeakable;
use std::borrow::Cow;

/// A stream that must stop, and what may still be sent before its last frame.
pub(super) struct Cut {
    pub(super) end: End,
    /// It was cut for a member that nobody knows: its name, empty where it may not be told.
    pub(super) unknown: Option<String>,
    pub(super) before: BytesMut,
}

impl Cut {
    pub(super) fn before(end: End) -> Self {
        Self {
            end,
            unknown: None,
            before: BytesMut::new(),
        }
    }

    /// Whether what came next may not be shown.
    pub(super) fn is_withheld(&self) -> bool {
        self.end == End::PolicyCut && self.unknown.is_none()
    }

    /// What is told of it.
    pub(super) fn fault(&self, request_id: &str) -> (Fault, String) {
        let (fault, message) = match self.end {
            End::PolicyCut => (Fault::Validation, self.withheld()),
            End::Withdrawn => (Fault::Validation, "the model has been withdrawn from you".into()),
            End::Stopped => (
                Fault::ServiceUnavailable,
                "the gateway is stopping; try again".into(),
            ),
            End::Timeout => (Fault::ModelTimeout, "the model provider fell silent".into()),
            _ => (Fault::ModelError, "the model provider broke off".into()),
        };
        (fault, format!("{message} (request {request_id})"))
    }

    /// What is left to send, closed by an exception that every SDK models.
    pub(super) fn last_bytes(&self, protocol: Protocol, request_id: &str) -> Bytes {
        let (fault, message) = self.fault(request_id);
        let mut out = self.before.clone();
        // It fails for messages of megabytes only.
        let _ = fault.exception_frame(protocol, &message, request_id, &mut out);
        out.freeze()
    }

    /// Why policy cut the stream.
    fn withheld(&self) -> Cow<'static, str> {
        let Some(name) = &self.unknown else {
            return "the answer holds data that may not be shown".into();
        };
        let named = if name.is_empty() {
            String::new()
        } else {
            format!(" `{name}`")
        };
        format!(
            "the stream has a field{named} that is not known to the gateway, so what it says cannot be looked into; \
             without streaming it can"
        )
        .into()
    }
}

impl From<Unspeakable> for Cut {
    fn from(_: Unspeakable) -> Self {
        Self::before(End::UpstreamError)
    }
}
