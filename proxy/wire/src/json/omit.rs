//! Items of arrays that are left out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Document, Edit, Extent, Kind, Value};

impl Document {
    /// The edits that leave out, for each of `places`, the innermost item of an array that it stands in; a place in no array is passed
    /// over. An array that would be empty gets `instead`, which is JSON, for its first item.
    #[must_use]
    pub fn without_items(
        &self,
        places: &BTreeSet<usize>,
        instead: impl Fn(Value<'_>) -> &'static str,
    ) -> Vec<Edit<'static>> {
        let mut innermost = BTreeMap::new();
        let arrays = self.root().nodes().filter(|node| node.kind() == Kind::Array);
        for array in arrays.filter(|array| places.range(array.span()).next().is_some()) {
            for item in array.items() {
                let within = places.range(item.span());
                innermost.extend(within.map(|place| (*place, (array.index, item.start()))));
            }
        }
        let mut left_out: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (array, item) in innermost.into_values() {
            left_out.entry(array).or_default().insert(item);
        }
        let edits = left_out
            .into_iter()
            .flat_map(|(array, items)| without(self.value(array), &items, &instead));
        let mut edits: Vec<_> = edits.collect();
        edits.sort_by_key(|edit| edit.span.start);
        edits
    }
}

/// The edits that leave out those items of an array that begin at `left_out`, with the commas that go with them.
fn without(
    array: Value<'_>,
    left_out: &BTreeSet<usize>,
    instead: impl Fn(Value<'_>) -> &'static str,
) -> Vec<Edit<'static>> {
    let edit = |span: Range<usize>, text: &'static str| Edit {
        span,
        extent: Extent::Json,
        text: Cow::Borrowed(text),
    };
    let items: Vec<Value<'_>> = array.items().collect();
    let mut edits = Vec::new();
    let mut kept_before: Option<Value<'_>> = None;
    for run in items.chunk_by(|a, b| left_out.contains(&a.start()) == left_out.contains(&b.start())) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        if !left_out.contains(&first.start()) {
            kept_before = Some(*last);
            continue;
        }
        let behind = items.iter().find(|item| item.start() > last.start());
        edits.push(match (kept_before, behind) {
            (Some(before), _) => edit(before.span().end..last.span().end, ""),
            (None, Some(behind)) => edit(first.start()..behind.start(), ""),
            (None, None) => edit(first.start()..last.span().end, instead(*first)),
        });
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::splice;
    use bytes::Bytes;

    /// `body` without the items that hold an `x`.
    fn without_x(body: &'static str) -> String {
        let document = Document::parse(Bytes::from_static(body.as_bytes())).expect("json");
        let places = body.match_indices('x').map(|(at, _)| at).collect();
        let edits = document.without_items(&places, |_| r#"{"text":"-"}"#);
        String::from_utf8(splice(document.bytes(), &edits).expect("edits")).expect("text")
    }

    #[test]
    fn items_go_with_their_commas() {
        let cases = [
            (r#"["a", "x", "b"]"#, r#"["a", "b"]"#),
            (r#"["x", "a"]"#, r#"["a"]"#),
            (r#"["a" , "x"]"#, r#"["a"]"#),
            (r#"["x","x","a","x","b","x"]"#, r#"["a","b"]"#),
            (r#"[ "x", "x" ]"#, r#"[ {"text":"-"} ]"#),
            (
                r#"{"m":[{"c":[{"r":{"t":"x"}},{"t":"a"}]},{"c":[]}]}"#,
                r#"{"m":[{"c":[{"t":"a"}]},{"c":[]}]}"#,
            ),
            (
                r#"{"m":[{"c":[{"t":"x","l":[1,2]}]}]}"#,
                r#"{"m":[{"c":[{"text":"-"}]}]}"#,
            ),
            (r#"{"t":"x"}"#, r#"{"t":"x"}"#),
        ];
        for (body, expected) in cases {
            assert_eq!(without_x(body), expected, "{body}");
        }
    }
}
