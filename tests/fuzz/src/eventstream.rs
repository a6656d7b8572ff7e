use bytes::{Bytes, BytesMut};
use palisade_wire::eventstream::{Decoder, Error, Frame, HeaderValue, encode};

/// Event-stream framing: however a stream is cut, the same frames come out and the same error ends them; the frames
/// are the stream byte for byte and can be written again.
///
/// The bytes are read twice, the second time with checksums put right, so that mutations reach what lies behind them.
pub fn eventstream(data: &[u8]) {
    check(data);
    check(&sealed(data));
}

fn check(stream: &[u8]) {
    let whole = decode(stream, |_| stream.len(), 1);
    assert_eq!(decode(stream, |_| 1, 1), whole, "cut into bytes");
    let by_content = |rest: &[u8]| usize::from(rest[0]) % 48;
    assert_eq!(decode(stream, by_content, 1), whole, "cut where its bytes say");
    assert_eq!(
        decode(stream, by_content, 3),
        whole,
        "read after every third chunk"
    );
    let (frames, end) = whole;
    let mut rest = stream;
    for frame in &frames {
        rest = rest
            .strip_prefix(frame.raw().as_ref())
            .expect("frames are the stream");
        rewrite(frame);
    }
    assert!(end.is_err() || rest.is_empty(), "bytes were lost");
}

/// Cuts `stream` into chunks of the sizes that `size` takes from what is left, and reads after every `patience` chunks.
fn decode(stream: &[u8], size: impl Fn(&[u8]) -> usize, patience: usize) -> (Vec<Frame>, Result<(), Error>) {
    let mut decoder = Decoder::new();
    let mut frames = Vec::new();
    let mut rest = stream;
    for pushed in 1.. {
        if pushed % patience == 0 || rest.is_empty() {
            loop {
                match decoder.next_frame() {
                    Ok(Some(frame)) => frames.push(frame),
                    Ok(None) => break,
                    Err(error) => return (frames, Err(error)),
                }
            }
        }
        if rest.is_empty() {
            break;
        }
        let (chunk, later) = rest.split_at(size(rest).clamp(1, rest.len()));
        decoder.push(Bytes::copy_from_slice(chunk));
        rest = later;
    }
    (frames, decoder.finish())
}

fn rewrite(frame: &Frame) {
    let mut out = BytesMut::new();
    frame
        .with_payload(frame.payload_bytes(), &mut out)
        .expect("a frame that was read can be written");
    assert_eq!(out, frame.raw());
    let strings = frame.headers().map(|(name, value)| match value {
        HeaderValue::String(text) => Some((name, text)),
        _ => None,
    });
    if let Some(headers) = strings.collect::<Option<Vec<_>>>() {
        out.clear();
        encode(&headers, frame.payload_bytes(), &mut out).expect("headers that were read can be written");
        assert_eq!(out, frame.raw());
    }
}

/// The stream with the checksums that its lengths ask for.
fn sealed(stream: &[u8]) -> Vec<u8> {
    let mut out = stream.to_vec();
    let mut at = 0;
    while let Some(prelude) = out.get(at..at + 12) {
        let total = prelude
            .first_chunk()
            .map_or(0, |length| u32::from_be_bytes(*length)) as usize;
        put_checksum(&mut out[at..at + 12]);
        match out.get_mut(at..at.saturating_add(total)) {
            Some(frame) if total >= 16 => put_checksum(frame),
            _ => break,
        }
        at += total;
    }
    out
}

/// Makes the last four bytes the CRC-32 of those before.
fn put_checksum(bytes: &mut [u8]) {
    if let Some((body, checksum)) = bytes.split_last_chunk_mut::<4>() {
        *checksum = crc32fast::hash(body).to_be_bytes();
    }
}
