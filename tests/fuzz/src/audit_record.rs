use palisade_audit::{Entry, canonical, read_line};

/// Audit lines: a line that is read as a record is that record's canonical form, byte for byte, so a digest of the line
/// stands for the record.
pub fn audit_record(data: &[u8]) {
    let Ok(line) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(Entry::Known(record)) = read_line(line) else {
        return;
    };
    let mut written = Vec::new();
    canonical::append(&record, &mut written).expect("a record has a canonical form");
    assert_eq!(String::from_utf8_lossy(&written), line);
    let value = serde_json::from_str(line).expect("a record is JSON");
    let sorted = canonical::canonicalize(&value).expect("a record holds integers only");
    assert_eq!(String::from_utf8_lossy(&sorted), line);
}
