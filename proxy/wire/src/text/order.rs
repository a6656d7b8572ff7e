//! The order in which what stands in a request is numbered.

use crate::json::{Document, Value};

use super::Region;

/// The members of request bodies in the order in which their text is numbered, whatever the order in the body: first
/// what stays the same from turn to turn, then conversations, which grow at their end, then the newest message where it
/// stands apart (Cohere) and joins the conversation in the next turn. All others come last, by name: they can change
/// with every turn and must not renumber what providers cache.
const NUMBERED: [&str; 13] = [
    "system",
    "preamble",
    "instructions",
    "toolConfig",
    "tools",
    "functions",
    "messages",
    "chat_history",
    "prompt",
    "inputText",
    "inputs",
    "input",
    "message",
];

/// An order of `regions`, as indices into them, in which the next turn of a conversation only appends. It is worked out
/// when somebody numbers, and not for each body: the members that no family knows are sorted by name.
#[must_use]
pub fn numbering(document: &Document, regions: &[&Region]) -> Vec<usize> {
    let ranked = |(key, value): (Value<'_>, Value<'_>)| {
        let name = key.name().into_owned();
        let rank = NUMBERED.iter().position(|known| name == known.as_bytes());
        (value.span().end, (rank.unwrap_or(NUMBERED.len()), name))
    };
    let members: Vec<_> = document.root().members().map(ranked).collect();
    let rank = |index: &usize| {
        let start = regions.get(*index).map_or(0, |region| region.span.start);
        let member = members.partition_point(|(end, _)| *end <= start);
        members.get(member).map(|(_, rank)| rank)
    };
    let mut order: Vec<usize> = (0..regions.len()).collect();
    // Stable: within a member the order is that of the text.
    order.sort_by_key(rank);
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Dialect, RegionKind};
    use bytes::Bytes;

    fn check(body: &'static str, expected: &[&str]) {
        let document = Document::parse(Bytes::from_static(body.as_bytes())).expect("json");
        let regions = Dialect::Json.response(&document).regions;
        let regions: Vec<Region> = regions
            .into_iter()
            .filter(|region| region.kind != RegionKind::Key)
            .collect();
        let order = numbering(&document, &regions.iter().collect::<Vec<_>>());
        let texts: Vec<_> = order
            .iter()
            .map(|&index| document.text(&regions[index]))
            .collect();
        assert_eq!(texts, expected, "{body}");
    }

    #[test]
    fn numbers_what_stays_before_what_grows_whatever_the_order_of_the_body() {
        check(r#"{"system":["a"],"messages":["b","c"]}"#, &["a", "b", "c"]);
        check(
            r#"{"z":"5","messages":["3","4"],"y":"6","tools":[{"x":"2"}],"system":"1"}"#,
            &["1", "2", "3", "4", "6", "5"],
        );
        check(r#"{"message":"3","chat_history":["1","2"]}"#, &["1", "2", "3"]);
        check(r#"["b","a"]"#, &["b", "a"]);
        check(r#""only""#, &["only"]);
    }
}
