use bytes::{Bytes, BytesMut};
use palisade_wire::eventstream::{Decoder, encode};
use palisade_wire::framing::{Content, Error, Framing, Units};
use palisade_wire::text::Form;

/// Bodies in parts: wherever they are cut, the same units come out and the same error ends them; units that pass unchanged
/// are the body, but for remarks.
pub fn framing(data: &[u8]) {
    for form in [Form::Json, Form::Text, Form::Opaque] {
        let whole = read(data, form, |_| data.len());
        let by_content = |rest: &[u8]| usize::from(rest[0]) % 24;
        for cut in [read(data, form, |_| 1), read(data, form, by_content)] {
            assert_eq!(cut.end, whole.end, "{form:?}");
            // Text before a broken character leaves when its part is read, if it came in another part.
            if form == Form::Json || whole.end.is_ok() {
                assert_eq!(
                    (&cut.units, &cut.passed),
                    (&whole.units, &whole.passed),
                    "{form:?}"
                );
            }
        }
        let remarks = |body: &[u8]| body.split(|byte| *byte == b'\n').any(|line| line.contains(&b':'));
        if whole.end.is_ok() && (form != Form::Json || !remarks(data)) {
            assert_eq!(whole.passed, data, "{form:?}");
        }
    }
}

struct Read {
    /// Events one after the other; pieces of text and bytes joined.
    units: Vec<Option<Vec<u8>>>,
    passed: Vec<u8>,
    end: Result<(), Error>,
}

/// Reads `body` in parts of the sizes that `size` takes from what is left, and passes every unit.
fn read(body: &[u8], form: Form, size: impl Fn(&[u8]) -> usize) -> Read {
    let mut units = Units::new(Framing::Parts(form));
    let mut read = Read {
        units: Vec::new(),
        passed: Vec::new(),
        end: Ok(()),
    };
    let mut rest = body;
    while !rest.is_empty() && read.end.is_ok() {
        let (part, later) = rest.split_at(size(rest).clamp(1, rest.len()));
        units.push(framed(part));
        read.end = drain(&mut units, &mut read.units);
        rest = later;
    }
    if read.end.is_ok() {
        read.end = last(&mut units, &mut read.units);
    }
    read.passed = joined(units.take().expect("what was read can be written").freeze());
    read
}

fn drain(units: &mut Units, found: &mut Vec<Option<Vec<u8>>>) -> Result<(), Error> {
    while let Some(unit) = units.next_unit()? {
        units.pass(&unit, None)?;
        match unit.content {
            Content::Event(json) => found.push(Some(json.to_vec())),
            Content::Done => found.push(None),
            Content::Text(_) | Content::Opaque => {}
            Content::Exception(_) => panic!("no frame was an exception"),
        }
    }
    Ok(())
}

fn last(units: &mut Units, found: &mut Vec<Option<Vec<u8>>>) -> Result<(), Error> {
    if let Some(unit) = units.finish()? {
        units.pass(&unit, None)?;
        found.push(match unit.content {
            Content::Event(json) => Some(json.to_vec()),
            _ => None,
        });
    }
    Ok(())
}

fn framed(part: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    let headers = [(":event-type", "PayloadPart"), (":message-type", "event")];
    encode(&headers, part, &mut out).expect("a short part");
    out.freeze()
}

fn joined(stream: Bytes) -> Vec<u8> {
    let mut decoder = Decoder::new();
    decoder.push(stream);
    let mut body = Vec::new();
    while let Some(frame) = decoder.next_frame().expect("frames of our own") {
        body.extend_from_slice(frame.payload_bytes());
    }
    body
}
