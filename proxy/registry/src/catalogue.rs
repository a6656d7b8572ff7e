//! Models of Bedrock as they were on a day: what they take and give, until when, and what they cost. It is data with its date and source;
//! `tests/python/catalogue.py` makes it.

use serde::Deserialize;

const SHIPPED: &str = include_str!("../catalogue/bedrock.json");

/// Regions that a profile of AWS's own may send a call to, by what its id begins with
/// (docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html). AWS may send it to fewer, by model and by the
/// region that it comes from. A global one has ARNs without a region: it may be served anywhere.
const PROFILES: [(&str, &[&str]); 9] = [
    ("us", &["us-east-1", "us-east-2", "us-west-1", "us-west-2"]),
    ("us-gov", &["us-gov-east-1", "us-gov-west-1"]),
    ("ca", &["ca-central-1", "ca-west-1"]),
    (
        "eu",
        &[
            "eu-central-1",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-3",
        ],
    ),
    (
        "apac",
        &[
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-4",
        ],
    ),
    ("jp", &["ap-northeast-1", "ap-northeast-3"]),
    ("au", &["ap-southeast-2", "ap-southeast-4"]),
    ("in", &["ap-south-1", "ap-south-2"]),
    ("global", &[""]),
];

/// What Bedrock offered on a day.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The day, as `2026-12-01`.
    pub as_of: String,
    /// Where it is from.
    pub source: String,
    /// By id.
    pub models: Vec<CatalogueModel>,
}

/// A model, or a profile of AWS's own.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueModel {
    /// For `modelId`.
    pub id: String,
    /// Words of `Modality` of the policy schema.
    pub inputs: Vec<String>,
    /// The same.
    pub outputs: Vec<String>,
    /// Tokens that it reads at most.
    pub context: Option<u64>,
    /// Tokens that it writes at most.
    pub output_max: Option<u64>,
    /// The last day, where it is known.
    pub end_of_life: Option<String>,
    /// Of one meter one or more: by service tier, by length of the prompt, by region.
    pub prices: Vec<Price>,
}

/// What a unit of something costs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// `input`, `output`, `cache_read`, `cache_write` (for five minutes), `cache_write_1h`.
    pub meter: String,
    /// `token`, `audio_token`, `image`, `query`, `audio_second`, `video_second`.
    pub unit: String,
    /// `batch`, `flex`, `priority`, `ultrafast`; without it, the ordinary one.
    pub tier: Option<String>,
    /// Of calls whose prompt is longer than so many tokens.
    pub above: Option<u64>,
    /// Of calls that go to this region; without it, to any other.
    pub region: Option<String>,
    /// Millionths of a millionth of a US dollar.
    pub pico_usd: u64,
}

/// The catalogue that ships.
///
/// # Errors
/// When it does not have its own form, which a test rules out.
pub fn catalogue() -> Result<Catalogue, serde_json::Error> {
    serde_json::from_str(SHIPPED)
}

impl Catalogue {
    /// Keeps the models whose id has one of these words in it; all, if there is none.
    pub fn keep(&mut self, words: &[String]) {
        let is_meant = |id: &str| words.iter().any(|word| id.contains(word));
        self.models
            .retain(|model| words.is_empty() || is_meant(&model.id));
    }
}

impl CatalogueModel {
    /// The model itself and, of a profile, the regions that it leads to.
    #[must_use]
    pub fn behind(&self) -> (&str, Option<&'static [&'static str]>) {
        let profile = self.id.split_once('.').and_then(|(geography, model)| {
            let known = PROFILES.iter().find(|(name, _)| *name == geography);
            known.map(|(_, regions)| (model, Some(*regions)))
        });
        profile.unwrap_or((&self.id, None))
    }

    /// What a token costs on the ordinary tier, of short prompts, anywhere: in millionths of a millionth of a US dollar.
    #[must_use]
    pub fn token_price(&self, meter: &str) -> Option<u64> {
        let is_ordinary = |price: &&Price| {
            price.meter == meter
                && price.unit == "token"
                && price.tier.is_none()
                && price.above.is_none()
                && price.region.is_none()
        };
        self.prices.iter().find(is_ordinary).map(|price| price.pico_usd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{As, import_catalogue};
    use std::collections::BTreeSet;

    #[test]
    fn each_row_of_what_ships_is_of_known_words_and_has_a_price() {
        let all = catalogue().expect("the catalogue");
        let ids: BTreeSet<_> = all.models.iter().map(|model| model.id.as_str()).collect();
        assert_eq!(ids.len(), all.models.len(), "an id is listed twice");
        let words = ["text", "image", "audio", "video", "document", "embedding"];
        for model in &all.models {
            assert!(!model.prices.is_empty(), "{}", model.id);
            for word in model.inputs.iter().chain(&model.outputs) {
                assert!(words.contains(&word.as_str()), "{}: {word}", model.id);
            }
        }
    }

    #[test]
    fn entries_of_the_catalogue_say_where_they_are_served() {
        let mut all = catalogue().expect("the catalogue");
        all.keep(&["amazon.nova-lite-v1:0".to_owned(), "global.anthropic".to_owned()]);
        let as_what = As {
            lifecycle: "candidate".to_owned(),
            ..As::default()
        };
        let imported = import_catalogue(&all, "eu-central-1", &as_what);
        let of = |id: &str| {
            let found = imported.models.iter().find(|model| model.id == id);
            found.unwrap_or_else(|| panic!("no {id}"))
        };
        assert_eq!(of("amazon.nova-lite-v1:0").jurisdictions, ["EU"]);
        assert_eq!(
            of("amazon.nova-lite-v1:0").modalities,
            ["document", "image", "text"]
        );
        assert_eq!(of("us.amazon.nova-lite-v1:0").jurisdictions, ["US"]);
        let opus = of("global.anthropic.claude-opus-5");
        assert_eq!(opus.jurisdictions.len(), 8, "anywhere");
        assert_eq!(
            opus.models,
            ["arn:aws:bedrock:::foundation-model/anthropic.claude-opus-5"]
        );
        assert_eq!(opus.provider, "anthropic");
    }

    #[test]
    fn a_price_is_a_whole_number_of_millionths_of_a_millionth() {
        let all = catalogue().expect("the catalogue");
        let nova = all
            .models
            .iter()
            .find(|model| model.id == "amazon.nova-lite-v1:0")
            .expect("it");
        assert_eq!(
            (nova.token_price("input"), nova.token_price("output")),
            (Some(60_000), Some(240_000))
        );
    }
}
