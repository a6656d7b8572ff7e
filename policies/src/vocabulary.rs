//! The closed vocabularies of the schema as Rust enums, so that a wrong word is refused where a value enters.
//!
//! A bundle's schema must declare every word that is listed here (loading checks it).

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A word that is not in a vocabulary. The word itself is left out: it may come from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {vocabulary}; expected one of {}", .expected.join(", "))]
pub struct UnknownTerm {
    /// The vocabulary that was asked.
    pub vocabulary: &'static str,
    /// Its words.
    pub expected: &'static [&'static str],
}

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $(#[doc = concat!("`", $word, "`")] #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in the order of the schema.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            const WORDS: &[&str] = &[$($word),+];

            /// The word of the schema for this value.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownTerm;

            fn from_str(word: &str) -> Result<Self, UnknownTerm> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownTerm { vocabulary: stringify!($name), expected: Self::WORDS }),
                }
            }
        }
    };
}

vocabulary! {
    /// Where a model stands in the operator's approval process.
    Lifecycle { Candidate = "candidate", Approved = "approved", Deprecated = "deprecated", EndOfLife = "end_of_life" }
}

vocabulary! {
    /// A kind of content.
    Modality {
        Text = "text", Image = "image", Audio = "audio", Video = "video", Document = "document", Embedding = "embedding",
    }
}

vocabulary! {
    /// A legal area: of a tenant, or where a model may be served.
    Jurisdiction {
        Eu = "EU", Uk = "UK", Us = "US", Ch = "CH", Ca = "CA", Apac = "APAC", Latam = "LATAM", Mea = "MEA",
    }
}

vocabulary! {
    /// What a call is for, as the caller declares it.
    Purpose {
        Unspecified = "unspecified", CustomerService = "customer_service", Coding = "coding",
        DocumentAnalysis = "document_analysis", Research = "research", Marketing = "marketing",
        FraudDetection = "fraud_detection", Hr = "hr", Trading = "trading",
    }
}

vocabulary! {
    /// The stage an application runs in.
    Environment { Dev = "dev", Test = "test", Prod = "prod" }
}

vocabulary! {
    /// Who made a model.
    Provider {
        Ai21 = "ai21", Amazon = "amazon", Anthropic = "anthropic", Cohere = "cohere", DeepSeek = "deepseek",
        Google = "google", Luma = "luma", Meta = "meta", MiniMax = "minimax", Mistral = "mistral",
        Moonshot = "moonshot", Nvidia = "nvidia", OpenAi = "openai", Qwen = "qwen", Stability = "stability",
        TwelveLabs = "twelvelabs", Writer = "writer", InHouse = "in_house", Other = "other",
    }
}

vocabulary! {
    /// Whose words a finding is in, or what they are for.
    Place {
        System = "system", User = "user", Assistant = "assistant", ToolDefinition = "tool_definition", ToolResult = "tool_result",
        Document = "document", Answer = "answer", Other = "other",
    }
}

vocabulary! {
    /// A kind of content that the guardrails could not look into.
    Unscanned {
        Image = "image", Audio = "audio", Video = "video", Document = "document", Reference = "reference",
        Encrypted = "encrypted", Undecodable = "undecodable", Unknown = "unknown",
    }
}
