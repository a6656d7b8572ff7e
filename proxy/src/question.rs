//! What policy is asked about a call: all that its answer depends on, and the form in which the record keeps it.

use crate::admit::Admitted;
use crate::refusal::Refusal;
use crate::registry::Identity;
use crate::rulebook::Rulebook;
use crate::screen::{Found, Screened};
use palisade_audit as audit;
use palisade_guardrails::TokenKey;
use palisade_policies::{Base, CallFacts, Invalid, Modality, Used};
use palisade_wire::text::{Modalities, Place, RegionKind};
use std::borrow::Cow;
use std::net::IpAddr;

/// Bytes of text that count as one token until the provider reports its own count. Four is the rule of thumb of the
/// providers' own guides for English; it errs low for other scripts and only feeds policy.
const BYTES_PER_TOKEN: usize = 4;

/// So many bytes of names of tools are kept in a record.
const TOOLS_BYTES_MAX: usize = 4_096;

/// The longest name of a tool that is kept: the limit of Converse (`ToolSpecification.name`,
/// docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolSpecification.html).
const TOOL_BYTES_MAX: usize = 64;

/// A call as policy is asked about it.
#[derive(Debug)]
pub struct Question {
    facts: CallFacts,
    /// Whether values can go as tokens.
    tokens: bool,
    /// Whether the names of tools can stand in a record.
    plain_tools: bool,
}

impl Question {
    /// Gathers what there is to know of a call at a time, in milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// [`Refusal::Internal`] when the clock or an address is none that policy could be told.
    pub fn about(rules: &Rulebook, now_ms: i64, screened: &Screened) -> Result<Self, Refusal> {
        let admitted = screened.call().admitted();
        Ok(Self {
            facts: call_facts(admitted, now_ms, screened)?,
            tokens: token_key(rules, admitted).is_some(),
            plain_tools: has_plain_tools(screened),
        })
    }

    /// What policy is told.
    #[must_use]
    pub fn facts(&self) -> &CallFacts {
        &self.facts
    }

    /// The same for the record, which has the action and the address of the peer beside it.
    #[must_use]
    pub fn recorded(&self) -> audit::Question {
        let CallFacts { base, tools, .. } = &self.facts;
        let (kept, withheld) = match self.plain_tools {
            true => (tools.clone(), None),
            false => (Vec::new(), Some(tools.len() as u64)),
        };
        audit::Question {
            business_day: base.business_day(),
            classification: base.classification().level(),
            input_tokens: self.facts.input_tokens,
            local_hour: base.local_hour(),
            max_tokens: self.facts.max_tokens,
            modalities: self
                .facts
                .modalities
                .iter()
                .map(|modality| Cow::Borrowed(modality.as_str()))
                .collect(),
            now_ms: base.now_ms().unsigned_abs(),
            purpose: Cow::Borrowed(base.purpose().as_str()),
            tokens: self.tokens,
            tools: kept,
            tools_withheld: withheld,
            uses: self.facts.uses.iter().map(used_ref).collect(),
        }
    }
}

/// The key for tokens that can stand for values in a call. Nobody could say one, and hear it come back.
#[must_use]
pub fn token_key(rules: &Rulebook, admitted: &Admitted) -> Option<TokenKey> {
    let talks = admitted.route().target().goes_both_ways();
    rules
        .forms
        .key_of(admitted.caller().principal())
        .filter(|_| !talks)
}

fn used_ref(used: &Used) -> audit::UsedRef {
    audit::UsedRef {
        action: Cow::Borrowed(used.action.as_str()),
        facts: used.model.archived().digest.clone(),
        id: used.model.facts().id.clone(),
    }
}

/// Whether the names of tools are names, and nothing was found in any: what clients choose could be a text.
fn has_plain_tools(screened: &Screened) -> bool {
    let map = screened.call().map();
    let is_plain = |name: &String| {
        (1..=TOOL_BYTES_MAX).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte))
    };
    let bytes: usize = map.tools.iter().map(String::len).sum();
    let tells = |one: &Found| {
        map.regions.get(one.region).is_none_or(|region| {
            region.place == Place::ToolDefinition || region.kind == RegionKind::Identifier
        })
    };
    bytes <= TOOLS_BYTES_MAX && map.tools.iter().all(is_plain) && !screened.found().iter().any(tells)
}

fn call_facts(admitted: &Admitted, now_ms: i64, screened: &Screened) -> Result<CallFacts, Refusal> {
    let principal = admitted.caller().principal();
    let map = screened.call().map();
    let base = circumstances(principal, now_ms, admitted.head().client_ip())
        .map_err(|_| Refusal::Internal("policy context"))?;
    let text_bytes: usize = map.regions.iter().map(|region| region.span.len()).sum();
    Ok(CallFacts {
        action: admitted.route().action(),
        input_tokens: text_bytes.div_ceil(BYTES_PER_TOKEN) as u64,
        max_tokens: map
            .max_tokens
            .unwrap_or_else(|| principal.tenant().default_max_tokens()),
        modalities: modalities(map.modalities),
        tools: map.tools.clone(),
        unscanned: screened.coverage().gaps.clone(),
        uses: admitted.route().uses().to_vec(),
        base,
    })
}

/// The circumstances of a call, as policies see them.
pub(crate) fn circumstances(principal: &Identity, now_ms: i64, client_ip: IpAddr) -> Result<Base, Invalid> {
    let tenant = principal.tenant();
    let (local_hour, business_day) = local_time(now_ms, tenant.utc_offset_minutes());
    Base::new(
        now_ms,
        local_hour,
        business_day,
        client_ip,
        principal.purpose(),
        tenant.classification(),
    )
}

/// Hour of the day, and whether it is Monday to Friday, where the tenant is.
fn local_time(now_ms: i64, utc_offset_minutes: i32) -> (u8, bool) {
    let minutes = now_ms / 60_000 + i64::from(utc_offset_minutes);
    let hour = u8::try_from(minutes.div_euclid(60).rem_euclid(24)).unwrap_or(0);
    // Day 0 of the Unix epoch was a Thursday; Monday is then day 4.
    let weekday = (minutes.div_euclid(60 * 24) + 3).rem_euclid(7);
    (hour, weekday < 5)
}

fn modalities(found: Modalities) -> Vec<Modality> {
    let all = [
        (Modalities::TEXT, Modality::Text),
        (Modalities::IMAGE, Modality::Image),
        (Modalities::AUDIO, Modality::Audio),
        (Modalities::VIDEO, Modality::Video),
        (Modalities::DOCUMENT, Modality::Document),
    ];
    all.into_iter()
        .filter(|(one, _)| found.has(*one))
        .map(|(_, word)| word)
        .collect()
}
