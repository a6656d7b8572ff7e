//! Signatures over events, compared with those of the AWS SDK's own signer.

use aws_credential_types::Credentials;
use aws_sigv4::event_stream::{SigningParams, sign_empty_message, sign_message};
use aws_sigv4::sign::v4;
use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::{Bytes, BytesMut};
use palisade_wire::eventstream::{Decoder, Frame};
use palisade_wire::sigv4::{EventSignatures, SigningKey};
use std::time::{Duration, SystemTime};

/// 2026-11-23T08:02:21Z.
const UNIX_S: u64 = 1_795_420_941;
const REQUEST: [u8; 64] = [b'7'; 64];

/// What the SDK makes of events: frames that it signed, the last of them empty.
fn by_the_sdk(events: &[Message], secret: &str) -> Bytes {
    let identity = Credentials::new("AKIDEXAMPLE", secret, None, None, "test").into();
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-central-1")
        .name("bedrock")
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(UNIX_S))
        .settings(())
        .build()
        .unwrap();
    let (mut last, mut out) = (String::from_utf8(REQUEST.to_vec()).unwrap(), Vec::new());
    let signed = |event: Option<&Message>, last: &str| match event {
        Some(event) => sign_message(event, last, &params),
        None => sign_empty_message(last, &params),
    };
    for event in events.iter().map(Some).chain([None]) {
        let (message, signature) = signed(event, &last).unwrap().into_parts();
        write_message_to(&message, &mut out).unwrap();
        last = signature;
    }
    out.into()
}

#[test]
fn events_are_signed_as_the_sdk_signs_them_and_its_own_are_accepted() {
    let secret = "not a secret ".repeat(3);
    let key = SigningKey::derive(&secret, "20261123", "eu-central-1", "bedrock");
    let event = |text: &str| {
        let headers = [
            (":event-type", "chunk"),
            (":content-type", "application/json"),
            (":message-type", "event"),
        ];
        let message = Message::new(Bytes::copy_from_slice(text.as_bytes()));
        headers.into_iter().fold(message, |message, (name, value)| {
            message.add_header(Header::new(name, HeaderValue::String(value.into())))
        })
    };
    let events = [
        event(r#"{"bytes":"e30="}"#),
        event("{}"),
        event(r#"{"bytes":""}"#),
    ];
    let theirs = by_the_sdk(&events, &secret);

    let mut decoder = Decoder::new();
    decoder.push(theirs.clone());
    let frames: Vec<Frame> = std::iter::from_fn(|| decoder.next_frame().unwrap()).collect();
    let mut received = EventSignatures::after(REQUEST);
    for frame in &frames {
        received.verify(frame, &key).unwrap();
    }
    let (mut ours, mut signatures) = (BytesMut::new(), EventSignatures::after(REQUEST));
    for frame in &frames {
        let signed = signatures.sign(frame.payload_bytes(), UNIX_S as i64 * 1000, &key, &mut ours);
        signed.unwrap();
    }
    assert_eq!(frames.len(), 4);
    assert_eq!(ours, theirs);
}
