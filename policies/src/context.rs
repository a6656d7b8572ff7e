//! The context of a question, built from typed values: no JSON, no parsing of names, nothing taken from a prompt.

use crate::base::{Base, UNIX_MS_MAX};
use crate::facts::{CallFacts, FindingFacts};
use crate::names::Names;
use cedar_policy::{Context, ContextCreationError, ExpressionConstructionError, RestrictedExpression};
use chrono::{DateTime, SecondsFormat};

/// The most tools a context holds. Far above what a provider accepts; bounds the work of one decision.
const TOOLS_MAX: usize = 1_024;

/// The attribute that all contexts share.
const BASE: &str = "base";

/// The largest number that policies see: 2^53 - 1, so that a record of it survives any JSON reader (RFC 8259 section 6).
const LONG_MAX: u64 = (1 << 53) - 1;

/// Why a context could not be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    #[error("a record cannot be written")]
    Expression(#[from] ExpressionConstructionError),
    #[error("the context cannot be evaluated")]
    Context(#[from] Box<ContextCreationError>),
    #[error("more than {TOOLS_MAX} tools")]
    Tools,
    #[error("the base of a context cannot be evaluated")]
    Base,
}

/// Whether a context can hold a call.
pub(crate) fn fits(call: &CallFacts) -> Result<(), BuildError> {
    match call.tools.len() > TOOLS_MAX {
        true => Err(BuildError::Tools),
        false => Ok(()),
    }
}

/// The context of a question about a call; `base` is that of the call, from [`base`].
pub(crate) fn of_call(
    names: &Names,
    base: RestrictedExpression,
    call: &CallFacts,
) -> Result<Context, BuildError> {
    fits(call)?;
    let modalities = call
        .modalities
        .iter()
        .map(|m| names.modality.expression(m.as_str()));
    let unscanned = call
        .unscanned
        .iter()
        .map(|u| names.unscanned.expression(u.as_str()));
    let tools = call
        .tools
        .iter()
        .map(|t| RestrictedExpression::new_string(t.clone()));
    from_pairs([
        (BASE, base),
        ("inputTokens", long(call.input_tokens)),
        ("maxTokens", long(call.max_tokens)),
        ("modalities", RestrictedExpression::new_set(modalities)),
        ("tools", RestrictedExpression::new_set(tools)),
        ("unscanned", RestrictedExpression::new_set(unscanned)),
    ])
}

/// The part that all contexts of an exchange share, evaluated once: Cedar parses times and addresses, and the names of the
/// functions that make them, each time they are written as such.
pub(crate) fn base(names: &Names, base: &Base) -> Result<RestrictedExpression, BuildError> {
    let evaluated = from_pairs([(BASE, circumstances(names, base)?)])?;
    let base = evaluated.into_iter().find(|(name, _)| name == BASE);
    base.map(|(_, base)| base).ok_or(BuildError::Base)
}

/// The context of a question about findings.
pub(crate) fn of_finding(
    names: &Names,
    base: RestrictedExpression,
    finding: &FindingFacts<'_>,
) -> Result<Context, BuildError> {
    from_pairs([
        (BASE, base),
        ("category", names.data_category.expression(finding.category)),
        ("place", names.place.expression(finding.place.as_str())),
        ("confidence", long(finding.confidence.min(100).into())),
        ("count", long(finding.count.into())),
    ])
}

/// The context of a question about an entry of the registry.
pub(crate) fn of_administration(base: RestrictedExpression, roles: &[String]) -> Result<Context, BuildError> {
    let roles = roles
        .iter()
        .map(|role| RestrictedExpression::new_string(role.clone()));
    from_pairs([(BASE, base), ("roles", RestrictedExpression::new_set(roles))])
}

/// The context of a question about a tool.
pub(crate) fn of_tool(base: RestrictedExpression, tool: &str) -> Result<Context, BuildError> {
    from_pairs([
        (BASE, base),
        ("tool", RestrictedExpression::new_string(tool.to_owned())),
    ])
}

/// A number, cut to what policies can hold: a limit that is compared with a cut number is exceeded all the same.
pub(crate) fn long(value: u64) -> RestrictedExpression {
    RestrictedExpression::new_long(cut(value))
}

/// A number as policies see it.
pub(crate) fn cut(value: u64) -> i64 {
    value.min(LONG_MAX).cast_signed()
}

/// A time in Unix milliseconds.
pub(crate) fn datetime(unix_ms: i64) -> RestrictedExpression {
    RestrictedExpression::new_datetime(rfc3339(unix_ms))
}

fn circumstances(names: &Names, base: &Base) -> Result<RestrictedExpression, BuildError> {
    record([
        ("now", datetime(base.now_ms)),
        ("localHour", long(base.local_hour.into())),
        ("businessDay", RestrictedExpression::new_bool(base.business_day)),
        (
            "clientIp",
            RestrictedExpression::new_ip(base.client_ip.to_string()),
        ),
        ("purpose", names.purpose.expression(base.purpose.as_str())),
        ("classification", long(base.classification.level().into())),
    ])
}

fn record<const N: usize>(
    fields: [(&str, RestrictedExpression); N],
) -> Result<RestrictedExpression, BuildError> {
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    Ok(RestrictedExpression::new_record(fields)?)
}

fn from_pairs<const N: usize>(pairs: [(&str, RestrictedExpression); N]) -> Result<Context, BuildError> {
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value));
    Ok(Context::from_pairs(pairs).map_err(Box::new)?)
}

/// `YYYY-MM-DDThh:mm:ss.sssZ`, the one form of RFC 3339 with milliseconds that Cedar's `datetime` takes.
pub(crate) fn rfc3339(unix_ms: i64) -> String {
    let moment = DateTime::from_timestamp_millis(unix_ms.clamp(0, UNIX_MS_MAX)).unwrap_or_default();
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}
