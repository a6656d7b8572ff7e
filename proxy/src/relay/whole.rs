//! Answers that arrive whole: JSON of the model, or an error of the provider.

use super::Observed;
use super::lane::{Lanes, Unfit};
use crate::call::{Body, hold_regions};
use crate::refusal::{Limit, ProviderFailure, Refusal};
use crate::screen::{self, Found, find_at_once};
use crate::treat::Withheld;
use crate::upstream::Reply;
use crate::work::{Allowance, Stop};
use bytes::Bytes;
use palisade_guardrails::Engine;
use palisade_wire::json::{Document, Edit};
use palisade_wire::text::{Closes, Delta, Dialect, Region, Usage};

/// The body as the client may see it; byte for byte when nothing is taken out. Errors of the provider (`dialect` is
/// None) can quote the prompt, so they are scanned like any text.
pub(super) fn guard(
    engine: &Engine,
    status: u16,
    dialect: Option<Dialect>,
    body: Bytes,
    observed: &mut Observed<'_>,
    allowance: &mut Allowance<'_>,
) -> Result<Bytes, Stop> {
    if body.is_empty() {
        return Ok(body);
    }
    // Between the provider and us, others answer too, and not in JSON.
    let unreadable = if status == 200 {
        ProviderFailure::Malformed
    } else {
        ProviderFailure::Status(status)
    };
    let dialect = dialect.unwrap_or(Dialect::Generic);
    let body = Body::read(dialect.form(), body, allowance)?.map_err(|_| Refusal::Upstream(unreadable))?;
    let document = body.document();
    let map = dialect.response(document);
    hold_regions(&map.regions, allowance)?;
    observed.usage.merge(map.usage);
    observed.finished(map.stop_reason);
    observed.unscanned.extend(map.unscanned);
    let found = screen::find(engine, document, &map.regions, allowance)?;
    let mut edits = edits(document, &map.regions, &found, observed).map_err(Refusal::from)?;
    allowance.at_most(Limit::Regions, map.deltas.len())?;
    edits.extend(edits_of_tokens(engine, document, &map.deltas, observed, || {
        allowance.step()
    })?);
    edits.sort_by_key(|edit| edit.span.start);
    // A number can be a finding, and the echo of a text that is changed.
    edits.dedup_by(|a, b| a.span == b.span);
    Ok(body.rewritten(&edits)?)
}

/// Tokens that are looked at between two looks at the clock.
const TOKENS_A_STEP: usize = 64;

/// What changes in tokens that an answer lists beside a text: they are pieces of that text, and joined they say it again.
pub(super) fn edits_of_tokens(
    engine: &Engine,
    document: &Document,
    tokens: &[Delta],
    observed: &mut Observed<'_>,
    step: impl Fn() -> Result<(), Stop>,
) -> Result<Vec<Edit<'static>>, Stop> {
    let mut edits = Vec::new();
    for list in tokens.chunk_by(|a, b| a.channel.block == b.channel.block) {
        let mut said = Vec::with_capacity(list.len());
        let mut lanes = Lanes::new(engine);
        for some in list.chunks(TOKENS_A_STEP) {
            step()?;
            for token in some {
                let text = document.literal(&token.span);
                if token.channel.is_cited() {
                    let found = find_at_once(engine, document, &[token.alone()]);
                    let told = lanes.tell(token.channel, "", &found, observed);
                    told.map_err(Refusal::from)?;
                }
                said.push(
                    lanes
                        .advance(token.channel, &text, observed)
                        .map_err(Refusal::from)?,
                );
            }
        }
        let last = |channel| list.iter().rposition(|token| token.channel == channel);
        lanes
            .close_all(Closes::All, observed, |channel, rest| {
                let token = last(channel)
                    .and_then(|index| said.get_mut(index))
                    .ok_or(Withheld)?;
                token.push_str(&rest);
                Ok(())
            })
            .map_err(|withheld: Withheld| Refusal::from(withheld))?;
        let changed = list.iter().zip(said);
        edits.extend(changed.flat_map(|(token, said)| document.piece(token, said)));
    }
    Ok(edits)
}

/// What changes in whole texts of an answer: findings as policy says, then values in the place of their tokens.
pub(super) fn edits(
    document: &Document,
    regions: &[Region],
    found: &[Found],
    observed: &mut Observed<'_>,
) -> Result<Vec<Edit<'static>>, Withheld> {
    // Most events of a stream hold nothing but a delta.
    if regions.is_empty() {
        return Ok(Vec::new());
    }
    let found = observed.treatments.without_tokens(document, regions, found);
    let edits = observed.treatments.edits(document, regions, &found)?;
    Ok(observed.treatments.with_values(document, regions, edits))
}

impl From<Unfit> for Refusal {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Withheld => Withheld.into(),
            Unfit::TooMany => Self::Upstream(ProviderFailure::Malformed),
        }
    }
}

/// Tokens that InvokeModel reports in headers.
pub(super) fn header_usage(reply: &Reply) -> Usage {
    let count = |name: &str| reply.header(name).and_then(|value| value.parse().ok());
    Usage {
        input_tokens: count("x-amzn-bedrock-input-token-count"),
        output_tokens: count("x-amzn-bedrock-output-token-count"),
        cache_read_tokens: count("x-amzn-bedrock-cache-read-input-token-count"),
        cache_write_tokens: count("x-amzn-bedrock-cache-write-input-token-count"),
    }
}
