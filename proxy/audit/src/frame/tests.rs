//! What is written is read; of what is changed, each bit is found with its record; what a crash leaves is told from it.

use super::*;
use proptest::prelude::*;

const SEGMENT: u64 = 1_796_000_000_000_000_000;

fn frame(out: &mut Vec<u8>, first: u64, synced: u64, records: &[&[u8]]) {
    let place = Place {
        segment: SEGMENT,
        first,
        synced,
    };
    let mut framing = Framing::begin(out, place);
    for record in records {
        let written = framing.record(out, |out| {
            out.extend_from_slice(record);
            Ok::<(), ()>(())
        });
        assert_eq!(written, Ok(*record));
    }
    framing.end(out);
}

/// Three frames, of records 7 to 13, each durable before the next was written.
fn segment() -> (Vec<u8>, Vec<&'static [u8]>) {
    let records: Vec<&[u8]> = vec![
        b"{\"a\":1}",
        b"{}",
        b"",
        b"{\"text\":\"\xC3\xA9\"}",
        b"0",
        b"\x00\x00",
        b"{\"z\":26}",
    ];
    let mut out = Vec::new();
    frame(&mut out, 7, 7, &records[..3]);
    frame(&mut out, 10, 10, &records[3..4]);
    frame(&mut out, 11, 11, &records[4..]);
    (out, records)
}

fn pieces(bytes: &[u8]) -> Vec<Piece<'_>> {
    Pieces::new(bytes, SEGMENT, 7).collect()
}

fn whole<'s>(records: &[&'s [u8]]) -> Vec<Piece<'s>> {
    let numbered = records.iter().zip(7..);
    numbered
        .map(|(bytes, index)| Piece::Record { index, bytes })
        .collect()
}

#[test]
fn what_is_written_is_read_with_zeroes_behind_it_or_without() {
    let (mut bytes, records) = segment();
    assert_eq!(pieces(&bytes), whole(&records));
    bytes.resize(bytes.len() + 5_000, 0);
    assert_eq!(pieces(&bytes), whole(&records));
    assert_eq!(pieces(&[]), []);
    assert_eq!(pieces(&[0; 100]), []);
}

#[test]
fn a_record_that_cannot_be_written_leaves_no_trace() {
    let mut out = Vec::new();
    let place = Place {
        segment: SEGMENT,
        first: 7,
        synced: 0,
    };
    let mut framing = Framing::begin(&mut out, place);
    framing
        .record(&mut out, |out| {
            out.push(b'a');
            Ok::<(), ()>(())
        })
        .unwrap();
    let failed = framing.record(&mut out, |out| {
        out.extend_from_slice(b"half a rec");
        Err("why")
    });
    assert_eq!(failed, Err("why"));
    framing.end(&mut out);
    assert_eq!(pieces(&out), whole(&[b"a"]));
}

/// Which records are not given as they were written, and whether anything at all is said to be wrong.
fn missed(bytes: &[u8], records: &[&[u8]]) -> (Vec<u64>, bool) {
    let pieces = pieces(bytes);
    let mut missed = Vec::new();
    for (record, index) in records.iter().zip(7..) {
        if !pieces.contains(&Piece::Record { index, bytes: record }) {
            missed.push(index);
        }
    }
    let given = pieces
        .iter()
        .filter(|piece| matches!(piece, Piece::Record { .. }))
        .count();
    assert_eq!(
        given,
        records.len() - missed.len(),
        "nothing else passes for a record"
    );
    (missed, given < pieces.len())
}

#[test]
fn each_bit_that_is_flipped_is_found_with_the_record_that_it_harms() {
    let (bytes, records) = segment();
    for bit in 0..bytes.len() * 8 {
        let mut spoilt = bytes.clone();
        spoilt[bit / 8] ^= 1 << (bit % 8);
        let (missed, told) = missed(&spoilt, &records);
        assert!(told, "bit {bit}");
        let named: Vec<u64> = pieces(&spoilt)
            .iter()
            .flat_map(|piece| match *piece {
                Piece::Damaged { from, to } => from..to,
                Piece::Torn { first, .. } => first..14,
                Piece::Record { .. } => 0..0,
            })
            .collect();
        assert_eq!(missed, named, "bit {bit}");
    }
}

#[test]
fn the_first_record_of_the_last_frame_that_is_not_whole_is_named() {
    let (bytes, _) = segment();
    let at = bytes.iter().rposition(|byte| *byte == b'2').unwrap();
    let mut spoilt = bytes.clone();
    spoilt[at] ^= 1;
    let last = pieces(&spoilt).pop().unwrap();
    assert!(matches!(last, Piece::Torn { first: 11, bad: 13 }), "{last:?}");
}

#[test]
fn a_segment_that_is_cut_anywhere_gives_the_frames_before_the_cut() {
    let (bytes, records) = segment();
    for cut in 0..bytes.len() {
        for padding in [0, 700] {
            let mut torn = bytes[..cut].to_vec();
            torn.resize(cut + padding, 0);
            let (missed, _) = missed(&torn, &records);
            assert!(matches!(missed.len(), 3 | 4 | 7), "cut at {cut}: {missed:?}");
        }
    }
}

#[test]
fn what_was_not_durable_may_be_missing_in_any_order() {
    let mut bytes = Vec::new();
    frame(&mut bytes, 7, 7, &[b"a", b"b"]);
    let lost = bytes.len();
    frame(&mut bytes, 9, 9, &[b"c"]);
    let kept = bytes.len();
    frame(&mut bytes, 10, 9, &[b"d"]);
    bytes[lost..kept].fill(0);
    assert_eq!(
        pieces(&bytes),
        [whole(&[b"a", b"b"]), vec![Piece::Torn { first: 9, bad: 9 }]].concat()
    );
    // A frame that says that it was durable makes it a change.
    frame(&mut bytes, 11, 11, &[b"e"]);
    assert_eq!(pieces(&bytes)[2], Piece::Damaged { from: 9, to: 10 });
    assert_eq!(pieces(&bytes).len(), 5);
}

#[test]
fn frames_of_another_segment_are_none_of_this() {
    let (bytes, _) = segment();
    let other: Vec<_> = Pieces::new(&bytes, SEGMENT + 1, 7).collect();
    assert_eq!(other, [Piece::Torn { first: 7, bad: 7 }]);
    let later: Vec<_> = Pieces::new(&bytes, SEGMENT, 8).collect();
    assert_eq!(later[0], Piece::Damaged { from: 8, to: 10 });
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 0..400), at in 0_usize..200, garbage in any::<[u8; 12]>()) {
        let _ = pieces(&bytes);
        let (mut spoilt, _) = segment();
        for (place, byte) in (at..).zip(garbage) {
            if let Some(to) = spoilt.get_mut(place) {
                *to = byte;
            }
        }
        let mut last = 7;
        for piece in pieces(&spoilt) {
            let (from, to) = match piece {
                Piece::Record { index, .. } => (index, index + 1),
                Piece::Damaged { from, to } => (from, to),
                Piece::Torn { first, .. } => (first, first),
            };
            prop_assert!(from == last && to >= from);
            last = to;
        }
    }
}
