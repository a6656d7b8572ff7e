//! Server-sent events (html.spec.whatwg.org/multipage/server-sent-events.html).

use bytes::BytesMut;

/// Writes an event without a name. Its data is one line.
pub(super) fn data(data: &[u8], out: &mut BytesMut) {
    for part in [b"data: ", data, b"\n\n"] {
        out.extend_from_slice(part);
    }
}

/// Writes an event under a name: clients of some protocols tell events by it alone.
pub(super) fn event(name: &str, told: &[u8], out: &mut BytesMut) {
    for part in [b"event: ", name.as_bytes(), b"\n"] {
        out.extend_from_slice(part);
    }
    data(told, out);
}
