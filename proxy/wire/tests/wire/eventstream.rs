//! Event-stream framing: captured streams, limits, corruption, and independence of chunking.

use bytes::{BufMut, Bytes, BytesMut};
use palisade_wire::eventstream::{
    Decoder, Error, FRAME_BYTES_MAX, Frame, HEADERS_BYTES_MAX, HeaderValue, PAYLOAD_BYTES_MAX, encode,
    exception,
};
use proptest::prelude::*;

/// One `contentBlockDelta` with the text "Hello Anna", byte for byte.
const EXAMPLE: &str = "000000af00000057625a1379\
    0b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c7461\
    0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e\
    0d3a6d6573736167652d747970650700056576656e74\
    7b22636f6e74656e74426c6f636b496e646578223a302c2264656c7461223a7b2274657874223a2248656c6c6f20416e6e61227d2c\
    2270223a226162636465666768696a6b6c227d\
    a8a6a239";
const EXAMPLE_HEADERS: [(&str, &str); 3] = [
    (":event-type", "contentBlockDelta"),
    (":content-type", "application/json"),
    (":message-type", "event"),
];
const EXAMPLE_PAYLOAD: &[u8] = br#"{"contentBlockIndex":0,"delta":{"text":"Hello Anna"},"p":"abcdefghijkl"}"#;

fn example() -> Vec<u8> {
    let digits: Vec<u8> = EXAMPLE.bytes().collect();
    let pair = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

/// A frame with right checksums around any header block, grammatical or not.
fn seal(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.put_u32(u32::try_from(headers.len() + payload.len() + 16).unwrap());
    out.put_u32(u32::try_from(headers.len()).unwrap());
    out.put_u32(crc32fast::hash(&out));
    out.put_slice(headers);
    out.put_slice(payload);
    out.put_u32(crc32fast::hash(&out));
    out
}

fn prelude(total: u32, headers: u32) -> Vec<u8> {
    let mut out = Vec::new();
    out.put_u32(total);
    out.put_u32(headers);
    out.put_u32(crc32fast::hash(&out));
    out
}

/// Decodes a stream given in pieces, to its end.
fn decode<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Frame>, Error> {
    let mut decoder = Decoder::new();
    let mut frames = Vec::new();
    for chunk in chunks {
        decoder.push(Bytes::copy_from_slice(chunk));
        while let Some(frame) = decoder.next_frame()? {
            frames.push(frame);
        }
    }
    decoder.finish().map(|()| frames)
}

fn decode_one(bytes: &[u8]) -> Result<Frame, Error> {
    decode([bytes]).map(|frames| frames.into_iter().next().expect("a frame"))
}

#[test]
fn encodes_the_documented_frame() {
    let mut out = BytesMut::new();
    encode(&EXAMPLE_HEADERS, EXAMPLE_PAYLOAD, &mut out).unwrap();
    assert_eq!(out.len(), 175);
    assert_eq!(out, example());

    let frame = decode_one(&out).unwrap();
    assert_eq!(frame.event_type(), Some("contentBlockDelta"));
    assert_eq!(frame.message_type(), Some("event"));
    assert_eq!(frame.content_type(), Some("application/json"));
    assert_eq!(frame.exception_type(), None);
    assert_eq!(frame.header(":Event-Type"), None);
    assert_eq!(frame.payload(), EXAMPLE_PAYLOAD);
    assert_eq!(frame.payload_bytes(), EXAMPLE_PAYLOAD);
    assert_eq!(frame.raw(), &example());
    assert!(
        !format!("{frame:?}").contains("Anna"),
        "debug output shows no payload"
    );
}

#[test]
fn decodes_captured_streams() {
    const DELTAS: [&str; 4] = [
        "messageStart",
        "contentBlockDelta",
        "contentBlockDelta",
        "contentBlockDelta",
    ];
    const END: [&str; 3] = ["contentBlockStop", "messageStop", "metadata"];
    let whole = [&DELTAS[..], &END].concat();
    check("converse-stream-ok", &whole);
    check("converse-stream-guardrail", &whole);
    check(
        "converse-stream-midstream-throttling",
        &[&DELTAS[..], &["throttlingException"]].concat(),
    );
    check("invoke-stream-anthropic", &["chunk"; 8]);
    check("sagemaker-payloadpart", &["PayloadPart"; 2]);

    fn check(name: &str, kinds: &[&str]) {
        let bytes = std::fs::read(format!("tests/captures/streams/{name}.bin")).unwrap();
        for chunk_bytes in [1, 7, 64, bytes.len()] {
            let frames = decode(bytes.chunks(chunk_bytes)).unwrap();
            let kind = |frame: &Frame| frame.event_type().or(frame.exception_type()).unwrap().to_owned();
            assert_eq!(frames.iter().map(kind).collect::<Vec<_>>(), kinds, "{name}");
            let raw: Vec<u8> = frames.iter().flat_map(|frame| frame.raw().to_vec()).collect();
            assert_eq!(raw, bytes, "{name}: forwarded byte for byte");
        }
    }
}

#[test]
fn slices_whole_frames_out_of_a_chunk_without_copying() {
    let chunk = Bytes::from([example(), example()].concat());
    let mut decoder = Decoder::new();
    decoder.push(chunk.clone());
    for offset in [0, 175] {
        let frame = decoder.next_frame().unwrap().unwrap();
        assert_eq!(frame.raw().as_ptr(), chunk[offset..].as_ptr());
        assert_eq!(frame.payload().as_ptr(), chunk[offset + 12 + 87..].as_ptr());
    }
    assert_eq!(decoder.next_frame(), Ok(None));
}

#[test]
fn takes_chunks_pushed_before_the_frames_are_taken() {
    let bytes = [example(), example()].concat();
    let mut decoder = Decoder::new();
    for chunk in bytes.chunks(50) {
        decoder.push(Bytes::copy_from_slice(chunk));
    }
    assert_eq!(decoder.next_frame().unwrap().unwrap().raw(), &example());
    assert_eq!(decoder.next_frame().unwrap().unwrap().raw(), &example());
    assert_eq!(decoder.finish(), Ok(()));
}

#[test]
fn refuses_lengths_as_soon_as_the_prelude_is_there() {
    let most = u32::try_from(FRAME_BYTES_MAX).unwrap();
    let headers_most = u32::try_from(HEADERS_BYTES_MAX).unwrap();
    check(&prelude(15, 0), Some(Error::FrameLength));
    check(&prelude(0, 0), Some(Error::FrameLength));
    check(&prelude(most + 1, headers_most), Some(Error::FrameLength));
    check(&prelude(2 << 30, 0), Some(Error::FrameLength));
    check(&prelude(u32::MAX, u32::MAX), Some(Error::FrameLength));
    check(&prelude(16, 1), Some(Error::HeadersLength));
    check(&prelude(100, 85), Some(Error::HeadersLength));
    check(&prelude(most, headers_most + 1), Some(Error::HeadersLength));
    check(&prelude(most, headers_most - 1), Some(Error::PayloadLength));
    check(
        &[0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1, 2, 3, 4],
        Some(Error::PreludeChecksum),
    );
    check(&prelude(most, headers_most), None);
    check(&prelude(17, 1), None);

    fn check(prelude: &[u8], want: Option<Error>) {
        for chunk_bytes in [1, 5, 12] {
            let mut decoder = Decoder::new();
            let mut got = Ok(None);
            for chunk in prelude.chunks(chunk_bytes) {
                assert_eq!(got, Ok(None));
                decoder.push(Bytes::copy_from_slice(chunk));
                got = decoder.next_frame();
            }
            let Some(want) = want else {
                assert_eq!(got, Ok(None));
                continue;
            };
            assert_eq!(got, Err(want));
            decoder.push(Bytes::from(example()));
            assert_eq!(decoder.next_frame(), Err(want), "an error is final");
            assert_eq!(decoder.finish(), Err(want));
            assert_eq!(decoder.buffered_bytes(), 0, "nothing is kept after an error");
        }
    }
}

#[test]
fn refuses_every_corrupted_byte() {
    let good = example();
    for at in 0..good.len() {
        for change in 1..=255 {
            let mut bad = good.clone();
            bad[at] ^= change;
            let result = decode([bad.as_slice(), good.as_slice()]);
            let want = if at < 12 {
                Error::PreludeChecksum
            } else {
                Error::MessageChecksum
            };
            assert_eq!(result, Err(want), "byte {at} changed by {change:#x}");
        }
    }
}

#[test]
fn refuses_a_stream_that_ends_inside_a_frame() {
    let bytes = example();
    for end in 1..bytes.len() {
        assert_eq!(decode([&bytes[..end]]), Err(Error::Truncated), "cut at {end}");
    }
    assert_eq!(decode([]), Ok(Vec::new()));
}

#[test]
fn refuses_malformed_headers() {
    let string = |name: &str, value: &[u8]| {
        let mut out = vec![u8::try_from(name.len()).unwrap()];
        out.extend(name.bytes());
        out.push(7);
        out.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        out.extend(value);
        out
    };
    let many = |count| -> Vec<u8> { (0..count).flat_map(|n| string(&format!("h{n}"), b"")).collect() };
    check(&string("a", b"v"), None);
    check(&many(32), None);
    check(&string("", b"v"), Some(Error::Header));
    check(&[1], Some(Error::Header));
    check(b"\x01a", Some(Error::Header));
    check(b"\x01a\x0a", Some(Error::Header));
    check(b"\x01a\xff", Some(Error::Header));
    check(b"\x01a\x07\x00", Some(Error::Header));
    check(b"\x01a\x07\x00\x05four", Some(Error::Header));
    check(b"\x05a", Some(Error::Header));
    check(b"\x01a\x09too short", Some(Error::Header));
    check(b"\x01\xff\x00", Some(Error::Header));
    check(&string("a", b"\xff"), Some(Error::Header));
    check(&string("a", &[b'v'; 32_767]), None);
    check(&string("a", &[b'v'; 32_768]), Some(Error::Header));
    check(&[string("a", b"v"), vec![0]].concat(), Some(Error::Header));
    check(
        &[string("a", b"v"), string("b", b""), string("a", b"w")].concat(),
        Some(Error::DuplicateHeader),
    );
    check(&many(33), Some(Error::TooManyHeaders));

    fn check(headers: &[u8], want: Option<Error>) {
        assert_eq!(
            decode_one(&seal(headers, b"{}")).err(),
            want,
            "{:?}",
            headers.get(..16)
        );
    }
}

#[test]
fn refuses_to_encode_what_it_would_not_decode() {
    let long = "v".repeat(32_768);
    check(&[("", "v")], b"", Error::Header);
    check(&[(&"n".repeat(256), "v")], b"", Error::Header);
    check(&[("n", &long)], b"", Error::Header);
    check(&[("n", &"v".repeat(65_536))], b"", Error::Header);
    check(&[("n", "v"), ("n", "w")], b"", Error::DuplicateHeader);
    check(&[], &vec![0; PAYLOAD_BYTES_MAX + 1], Error::PayloadLength);
    let value = &long[..32_767];
    let headers = ["a", "b", "c", "d", "e"].map(|name| (name, value));
    check(&headers, b"", Error::HeadersLength);

    fn check(headers: &[(&str, &str)], payload: &[u8], want: Error) {
        let mut out = BytesMut::from(&b"before"[..]);
        assert_eq!(encode(headers, payload, &mut out), Err(want));
        assert_eq!(out, b"before"[..], "a refused frame leaves no bytes");
    }
}

#[test]
fn keeps_headers_of_every_type_under_a_new_payload() {
    let block = b"\x01t\x00\x01f\x01\x01b\x02\xff\x01s\x03\xff\xfe\x01i\x04\xff\xff\xff\xfd\
        \x01l\x05\xff\xff\xff\xff\xff\xff\xff\xfc\x01y\x06\x00\x02\x00\xff\x01S\x07\x00\x02hi\
        \x01T\x08\x00\x00\x01\x22\x07\x6d\x6c\x44\x01u\x090123456789abcdef";
    let want = [
        ("t", HeaderValue::Bool(true)),
        ("f", HeaderValue::Bool(false)),
        ("b", HeaderValue::Byte(-1)),
        ("s", HeaderValue::Short(-2)),
        ("i", HeaderValue::Integer(-3)),
        ("l", HeaderValue::Long(-4)),
        ("y", HeaderValue::Bytes(&[0, 255])),
        ("S", HeaderValue::String("hi")),
        ("T", HeaderValue::TimestampMs(0x0122_076d_6c44)),
        ("u", HeaderValue::Uuid(*b"0123456789abcdef")),
    ];
    let frame = decode_one(&seal(block, b"old")).unwrap();
    assert_eq!(frame.headers().collect::<Vec<_>>(), want);
    assert_eq!(frame.event_type(), None);

    let mut out = BytesMut::from(&b"before"[..]);
    frame.with_payload(b"new payload", &mut out).unwrap();
    let changed = decode_one(&out[6..]).unwrap();
    assert_eq!(changed.headers().collect::<Vec<_>>(), want);
    assert_eq!(changed.payload(), &b"new payload"[..]);
}

#[test]
fn writes_exception_frames() {
    let mut out = BytesMut::new();
    exception("validationException", br#"{"message":"no"}"#, &mut out).unwrap();
    let frame = decode_one(&out).unwrap();
    assert_eq!(frame.message_type(), Some("exception"));
    assert_eq!(frame.exception_type(), Some("validationException"));
    assert_eq!(frame.content_type(), Some("application/json"));
    assert_eq!(frame.payload(), &br#"{"message":"no"}"#[..]);
}

proptest! {
    #[test]
    fn decodes_what_it_encodes_under_any_chunking(
        messages in prop::collection::vec(
            (
                prop::collection::btree_map(".{1,20}", ".{0,40}", 0..5),
                prop::collection::vec(any::<u8>(), 0..300),
            ),
            1..6,
        ),
        cuts in prop::collection::vec(1_usize..80, 1..40),
    ) {
        let mut stream = BytesMut::new();
        for (headers, payload) in &messages {
            let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            encode(&headers, payload, &mut stream).unwrap();
        }
        let mut chunks = Vec::new();
        let mut rest = stream.as_ref();
        for cut in cuts.iter().cycle() {
            let (chunk, after) = rest.split_at(rest.len().min(*cut));
            chunks.push(chunk);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        let frames = decode(chunks).unwrap();
        prop_assert_eq!(&frames, &decode([stream.as_ref()]).unwrap());
        prop_assert_eq!(frames.len(), messages.len());
        for (frame, (headers, payload)) in frames.iter().zip(&messages) {
            prop_assert_eq!(frame.payload_bytes(), payload.as_slice());
            prop_assert_eq!(frame.headers().count(), headers.len());
            for (name, value) in headers {
                prop_assert_eq!(frame.header(name), Some(HeaderValue::String(value)));
            }
        }
    }

    #[test]
    fn survives_any_bytes(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..8)) {
        let mut decoder = Decoder::new();
        let mut pushed = 0;
        for chunk in chunks {
            pushed += chunk.len();
            decoder.push(Bytes::from(chunk));
            while let Ok(Some(_)) = decoder.next_frame() {}
            prop_assert!(decoder.buffered_bytes() <= pushed);
        }
    }

    #[test]
    fn survives_any_header_block(block in prop::collection::vec(prop_oneof![0..12_u8, any::<u8>()], 0..80)) {
        if let Ok(frame) = decode_one(&seal(&block, b"payload")) {
            let mut out = BytesMut::new();
            frame.with_payload(b"payload", &mut out).unwrap();
            prop_assert_eq!(frame.raw(), &out.freeze());
        }
    }
}
