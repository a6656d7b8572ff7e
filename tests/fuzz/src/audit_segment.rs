use palisade_audit::frame::{Framing, Piece, Pieces, Place};

/// Segments: any bytes are read to their end, indices never go back, and what is read from them is read again from a segment that is written with it.
pub fn audit_segment(data: &[u8]) {
    let (segment, first) = (1, 7);
    let mut next = first;
    let mut records = Vec::new();
    for piece in Pieces::new(data, segment, first) {
        let (from, to) = match piece {
            Piece::Record { index, bytes } => {
                records.push(bytes);
                (index, index.saturating_add(1))
            }
            Piece::Damaged { from, to } => (from, to),
            Piece::Torn { first, bad } => (first, bad),
        };
        assert!(from == next && to >= from);
        next = to;
    }
    let mut written = Vec::new();
    let place = Place {
        segment,
        first,
        synced: first,
    };
    let mut framing = Framing::begin(&mut written, place);
    for record in &records {
        let append = |out: &mut Vec<u8>| {
            out.extend_from_slice(record);
            Ok::<(), ()>(())
        };
        assert!(framing.record(&mut written, append).is_ok());
    }
    framing.end(&mut written);
    let again = Pieces::new(&written, segment, first).map(|piece| match piece {
        Piece::Record { bytes, .. } => bytes,
        other => panic!("{other:?}"),
    });
    assert!(again.eq(records));
}
