//! What callers of a model are told of its end, in headers of their answers.

use crate::clock::unix_ms;
use palisade_policies::{Lifecycle, Model};
use std::time::{Duration, UNIX_EPOCH};

/// Said of a model that should not be used in new work.
const LIFECYCLE: &str = "x-palisade-model-lifecycle";

/// When a model ends, where that is known (`sunset`, RFC 8594 section 3), and that it is deprecated, if it is, since when, where that is known
/// (`deprecation`, RFC 9745 section 2.1).
pub(super) fn headers(model: &Model) -> impl Iterator<Item = (&'static str, String)> {
    let facts = model.facts();
    let ends = facts.end_of_life_ms.and_then(|ms| u64::try_from(ms).ok());
    // A date of HTTP has whole seconds (RFC 9110 section 5.6.7).
    let ends = ends.map(|ms| httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(ms / 1000)));
    let deprecated = facts.is_deprecated(unix_ms());
    if deprecated {
        metrics::counter!("palisade_deprecated_model_answers_total", "model" => facts.id.clone())
            .increment(1);
    }
    let lifecycle = deprecated.then(|| (LIFECYCLE, Lifecycle::Deprecated.as_str().to_owned()));
    let since = facts.deprecated_from_ms.filter(|_| deprecated);
    let since = since.map(|ms| ("deprecation", format!("@{}", ms / 1_000)));
    let ends = ends.map(|date| ("sunset", date));
    ends.into_iter().chain(since).chain(lifecycle)
}
