//! What lists of AWS say, in the words of the policy schema.

/// Where a model of this ARN is served: `arn:PARTITION:bedrock:REGION:ACCOUNT:…`. Without a region, anywhere.
pub(super) fn jurisdictions(arn: &str) -> Option<&'static [&'static str]> {
    let region = arn.split(':').nth(3)?;
    // Regions outside the law of the continent that their names begin with come first.
    const PLACES: [(&str, &[&str]); 13] = [
        ("eu-west-2", &["UK"]),
        ("eu-central-2", &["CH"]),
        ("eu-", &["EU"]),
        ("eusc-", &["EU"]),
        ("us-", &["US"]),
        ("ca-", &["CA"]),
        ("ap-", &["APAC"]),
        ("sa-", &["LATAM"]),
        ("mx-", &["LATAM"]),
        ("me-", &["MEA"]),
        ("af-", &["MEA"]),
        ("il-", &["MEA"]),
        ("cn-", &["APAC"]),
    ];
    const ANYWHERE: &[&str] = &["EU", "UK", "US", "CH", "CA", "APAC", "LATAM", "MEA"];
    if region.is_empty() {
        return Some(ANYWHERE);
    }
    let found = PLACES.iter().find(|(start, _)| region.starts_with(start));
    found.map(|(_, places)| *places)
}

/// The word of the policy schema for who made a model, by what its id begins with.
pub(super) fn provider(model_id: &str) -> &'static str {
    const PROVIDERS: [(&str, &str); 18] = [
        ("ai21", "ai21"),
        ("amazon", "amazon"),
        ("anthropic", "anthropic"),
        ("cohere", "cohere"),
        ("deepseek", "deepseek"),
        ("google", "google"),
        ("luma", "luma"),
        ("meta", "meta"),
        ("minimax", "minimax"),
        ("mistral", "mistral"),
        ("moonshot", "moonshot"),
        ("moonshotai", "moonshot"),
        ("nvidia", "nvidia"),
        ("openai", "openai"),
        ("qwen", "qwen"),
        ("stability", "stability"),
        ("twelvelabs", "twelvelabs"),
        ("writer", "writer"),
    ];
    let maker = model_id.split('.').next().unwrap_or_default();
    let found = PROVIDERS.iter().find(|(name, _)| *name == maker);
    found.map_or("other", |(_, word)| *word)
}

/// The letters behind the maker: `claude` of `anthropic.claude-3-opus-20240229-v1:0`.
pub(super) fn family(model_id: &str) -> String {
    let name = model_id.split_once('.').map_or(model_id, |(_, name)| name);
    let letters: String = name.chars().take_while(char::is_ascii_alphabetic).collect();
    match letters.is_empty() {
        true => name.to_owned(),
        false => letters.to_ascii_lowercase(),
    }
}

/// The day of a time of ISO 8601.
pub(super) fn day(time: &str) -> Option<String> {
    let day = time.get(..10)?;
    let is_day = day.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    is_day.then(|| day.to_owned())
}
