use palisade_wire::bedrock::discovery::{Discovery, Listed, Shape};

/// Questions about models: what is asked about has an id of visible characters, and there is an answer to every list.
///
/// The input is a raw path, and behind `?` a raw query.
pub fn discovery(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    if let Ok(Some(asked)) = Discovery::parse("GET", path, query, Shape::OpenAi) {
        let id = asked.model().map(|id| id.as_str());
        assert!(id.is_none_or(|id| id.bytes().all(|byte| byte.is_ascii_graphic())));
        let listed = [Listed {
            id: id.unwrap_or("amazon.nova-lite-v1:0").to_owned(),
            ..Listed::default()
        }];
        let answer = asked.answer(&listed, "eu-central-1");
        assert!(id.is_some() || answer.is_some(), "a list without an answer");
    }
}
