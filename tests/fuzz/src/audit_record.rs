use palisade_audit::{Entry, canonical, read_line};
use serde_json::Value;

/// Audit lines: a record that was read is written as canonical JSON, holds what the line held, and reads the same again.
pub fn audit_record(data: &[u8]) {
    let Ok(line) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(Entry::Known(record)) = read_line(line) else {
        return;
    };
    let mut written = Vec::new();
    canonical::append(&record, &mut written).expect("a record has a canonical form");
    let mut value: Value = serde_json::from_str(line).expect("a record is JSON");
    prune(&mut value);
    let expected = canonical::canonicalize(&value).expect("a record holds integers only");
    assert_eq!(
        String::from_utf8_lossy(&written),
        String::from_utf8_lossy(&expected)
    );
    let again = std::str::from_utf8(&written)
        .ok()
        .and_then(|line| read_line(line).ok());
    assert_eq!(again, Some(Entry::Known(record)));
}

/// Takes out what a record does not write: absent facts spelt as `null`, empty lists, and an empty place.
fn prune(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|key, member| match member {
                Value::Null => false,
                Value::Array(items) => !items.is_empty(),
                Value::String(text) => key != "where" || !text.is_empty(),
                _ => true,
            });
            members.values_mut().for_each(prune);
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}
