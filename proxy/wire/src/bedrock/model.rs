//! Model identifiers.

use super::TargetError;
use super::label::{self, is_account, is_region, is_word, strip_partition};

/// Longest model id. Source: AWS API reference, `Converse`, `modelId`: 2,048.
const MODEL_ID_BYTES_MAX: usize = 2048;

/// A model, inference profile, prompt, prompt router or Marketplace endpoint, as Bedrock names it: decoded, and of one of
/// the accepted forms.
///
/// Either a plain id of letters, digits and `. : _ -`, such as `us.anthropic.claude-sonnet-4-20250514-v1:0`, or an ARN.
/// Two ids are the same exactly when their texts are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelId(String);

impl ModelId {
    /// Accepts a decoded id.
    ///
    /// # Errors
    /// [`TargetError::ModelId`] over 2,048 bytes or for any other form. Source of the forms: AWS API reference,
    /// `Converse`, pattern of `modelId`.
    pub fn new(id: &str) -> Result<Self, TargetError> {
        let accepted = id.len() <= MODEL_ID_BYTES_MAX && (is_plain(id) || is_arn(id));
        accepted.then(|| Self(id.to_owned())).ok_or(TargetError::ModelId)
    }

    /// Accepts an id as it stands in a path, percent-decoded exactly once.
    ///
    /// # Errors
    /// As [`ModelId::new`], and for broken escapes.
    pub fn decode(raw: &str) -> Result<Self, TargetError> {
        // Each byte takes at most three when encoded: longer input is refused before it is copied.
        if raw.len() > 3 * MODEL_ID_BYTES_MAX {
            return Err(TargetError::ModelId);
        }
        Self::new(&label::decode(raw).ok_or(TargetError::ModelId)?)
    }

    /// The id of the model or profile that an ARN spells out, where it has one: of a foundation model, and of a profile of AWS's own.
    #[must_use]
    pub fn named(&self) -> Option<&str> {
        let resource = strip_partition(&self.0)?.splitn(4, ':').nth(3)?;
        let named = resource.strip_prefix("foundation-model/");
        named.or_else(|| resource.strip_prefix("inference-profile/"))
    }

    /// The region in an ARN.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        strip_partition(&self.0)?.split(':').nth(1)
    }

    /// The id of the foundation model in an ARN as profiles list them. Global profiles list theirs without a region.
    #[must_use]
    pub fn foundation(arn: &str) -> Option<&str> {
        let parts: Vec<&str> = strip_partition(arn)?.splitn(4, ':').collect();
        let ["bedrock", region, "", resource] = parts[..] else {
            return None;
        };
        let id = resource.strip_prefix("foundation-model/")?;
        let accepted =
            arn.len() <= MODEL_ID_BYTES_MAX && (region.is_empty() || is_region(region)) && is_plain(id);
        accepted.then_some(id)
    }

    /// The decoded id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ModelId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A model or profile id. Begins with a letter or digit, so that it is never `.` or `..`.
fn is_plain(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !id.starts_with("arn:")
        && is_word(id, |b| b.is_ascii_alphanumeric() || b".:_-".contains(&b))
}

fn is_arn(id: &str) -> bool {
    let Some(rest) = strip_partition(id) else {
        return false;
    };
    let parts: Vec<&str> = rest.splitn(4, ':').collect();
    let [service, region, account, resource] = parts[..] else {
        return false;
    };
    let Some((kind, name)) = resource.split_once('/') else {
        return false;
    };
    let owned = is_account(account);
    is_region(region)
        && match (service, kind) {
            ("bedrock", "foundation-model") => account.is_empty() && is_plain(name),
            ("bedrock", "custom-model") => {
                let model_and_id = name.split_once('/');
                owned && model_and_id.is_some_and(|(model, id)| is_plain(model) && is_plain(id))
            }
            (
                "bedrock",
                "imported-model"
                | "provisioned-model"
                | "custom-model-deployment"
                | "prompt"
                | "prompt-router"
                | "default-prompt-router",
            ) => owned && is_plain(name),
            ("bedrock", "inference-profile" | "application-inference-profile") => {
                (owned || account.is_empty()) && is_plain(name)
            }
            ("sagemaker", "endpoint") => owned && is_word(name, |b| b.is_ascii_alphanumeric() || b == b'-'),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foundation_models_behind_profiles_are_named_with_a_region_or_without() {
        for (arn, id) in [
            (
                "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0",
                Some("amazon.nova-lite-v1:0"),
            ),
            (
                "arn:aws:bedrock:::foundation-model/amazon.nova-lite-v1:0",
                Some("amazon.nova-lite-v1:0"),
            ),
            (
                "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/x",
                Some("x"),
            ),
            ("arn:aws:bedrock:::foundation-model/", None),
            ("arn:aws:bedrock:::foundation-model/../x", None),
            ("arn:aws:bedrock:eu-west-1:123456789012:foundation-model/x", None),
            ("arn:aws:bedrock:eu-west-1::inference-profile/x", None),
            ("arn:aws:sagemaker:eu-west-1::foundation-model/x", None),
            ("arn:gcp:bedrock:eu-west-1::foundation-model/x", None),
            ("amazon.nova-lite-v1:0", None),
        ] {
            assert_eq!(ModelId::foundation(arn), id, "{arn}");
        }
    }
}
