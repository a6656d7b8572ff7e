//! Signatures over events: what one side signs the other accepts, whole, in order and without a gap. That it is what AWS's own SDK
//! signs is shown in `tests/tests/sdk/events.rs`.

use bytes::{Bytes, BytesMut};
use palisade_wire::eventstream::{Decoder, Frame, HeaderValue, encode_values};
use palisade_wire::sigv4::{Error, EventSignatures, SigningKey, event_date};
use proptest::prelude::*;

use super::sigv4_verify::secrets;

/// 2026-11-23T08:02:21Z.
const UNIX_MS: i64 = 1_795_420_941_000;
const REQUEST: [u8; 64] = [b'7'; 64];

fn key(day: &str) -> SigningKey {
    let [_, _, secret] = secrets();
    SigningKey::derive(&secret, day, "us-east-1", "bedrock")
}

fn today() -> SigningKey {
    key("20261123")
}

fn frames(bytes: Bytes) -> Vec<Frame> {
    let mut decoder = Decoder::new();
    decoder.push(bytes);
    std::iter::from_fn(|| decoder.next_frame().unwrap()).collect()
}

fn signed(events: &[&[u8]]) -> Vec<Frame> {
    let (mut signatures, mut out) = (EventSignatures::after(REQUEST), BytesMut::new());
    for event in events {
        signatures.sign(event, UNIX_MS, &today(), &mut out).unwrap();
    }
    frames(out.freeze())
}

fn verified(frames: &[&Frame]) -> Result<(), Error> {
    let mut signatures = EventSignatures::after(REQUEST);
    frames
        .iter()
        .try_for_each(|frame| signatures.verify(frame, &today()))
}

#[test]
fn what_was_left_out_doubled_or_moved_is_not_accepted() {
    let frames = signed(&[b"one", b"two", b""]);
    let [one, two, last] = &frames[..] else {
        panic!("{}", frames.len())
    };
    assert_eq!(verified(&[one, two, last]), Ok(()));
    for wrong in [
        &[two][..],
        &[one, last],
        &[one, one],
        &[one, two, two],
        &[two, one],
    ] {
        assert_eq!(verified(wrong), Err(Error::SignatureMismatch));
    }
    assert_eq!(event_date(one).unwrap().as_str(), "20261123T080221Z");
}

#[test]
fn a_key_of_another_day_is_not_asked() {
    let frames = signed(&[b"one"]);
    let mut signatures = EventSignatures::after(REQUEST);
    assert_eq!(signatures.verify(&frames[0], &key("20261124")), Err(Error::Scope));
    let mut out = BytesMut::new();
    let signing = signatures.sign(b"one", UNIX_MS, &key("20261124"), &mut out);
    assert_eq!((signing, out.len()), (Err(Error::Scope), 0));
    assert_eq!(signatures.sign(b"one", -1, &today(), &mut out), Err(Error::Date));
}

#[test]
fn only_the_two_headers_are_accepted() {
    let date = (":date", HeaderValue::TimestampMs(UNIX_MS));
    let signature = (":chunk-signature", HeaderValue::Bytes(&[7; 32]));
    let cases: [(&[(&str, HeaderValue<'_>)], Error); 6] = [
        (&[date, signature], Error::SignatureMismatch),
        (&[date], Error::Malformed),
        (&[signature], Error::Date),
        (&[(":date", HeaderValue::Long(UNIX_MS)), signature], Error::Date),
        (
            &[date, (":chunk-signature", HeaderValue::Bytes(&[7; 31]))],
            Error::Malformed,
        ),
        (
            &[date, signature, ("more", HeaderValue::Bool(true))],
            Error::Malformed,
        ),
    ];
    for (headers, error) in cases {
        let mut out = BytesMut::new();
        encode_values(headers, b"event", &mut out).unwrap();
        assert_eq!(verified(&[&frames(out.freeze())[0]]), Err(error), "{headers:?}");
    }
}

#[test]
fn headers_of_every_type_are_read_as_they_were_written() {
    let headers = [
        ("a", HeaderValue::Bool(true)),
        ("b", HeaderValue::Bool(false)),
        ("c", HeaderValue::Byte(-1)),
        ("d", HeaderValue::Short(-2)),
        ("e", HeaderValue::Integer(-3)),
        ("f", HeaderValue::Long(-4)),
        ("g", HeaderValue::Bytes(b"\x00\xff")),
        ("h", HeaderValue::String("h")),
        ("i", HeaderValue::TimestampMs(UNIX_MS)),
        ("j", HeaderValue::Uuid([9; 16])),
    ];
    let mut out = BytesMut::new();
    encode_values(&headers, b"", &mut out).unwrap();
    let frames = frames(out.freeze());
    assert_eq!(frames[0].headers().collect::<Vec<_>>(), headers);
}

proptest! {
    #[test]
    fn any_events_are_accepted_as_they_were_signed_and_none_that_is_altered(
        events in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..8),
        altered in any::<prop::sample::Index>(),
        other in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let events: Vec<&[u8]> = events.iter().map(Vec::as_slice).collect();
        let frames = signed(&events);
        prop_assert_eq!(verified(&frames.iter().collect::<Vec<_>>()), Ok(()));
        let place = altered.index(events.len());
        prop_assume!(events[place] != other);
        let mut out = BytesMut::new();
        frames[place].with_payload(&other, &mut out).unwrap();
        let forged = self::frames(out.freeze());
        let mut with_forged: Vec<&Frame> = frames.iter().collect();
        with_forged[place] = &forged[0];
        prop_assert_eq!(verified(&with_forged), Err(Error::SignatureMismatch));
    }
}
