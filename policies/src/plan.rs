//! Which questions have the same answer: of one principal and one model, all that agree in what the candidates read.
//!
//! INVARIANT: two questions with the same key get the same answer from Cedar: decision, reasons and errors. The key holds every value
//! that a candidate can read under this principal and model; of numbers that are only compared with bounds, which bounds they reach.

use crate::base::Base;
use crate::context::cut;
use crate::facts::{CallFacts, FindingFacts};
use crate::reads::{Bound, Field, Reads};
use crate::vocabulary::{Modality, Place, Purpose, Unscanned};
use cedar_policy::{Authorizer, Decision, Entities, EntityUid, EvalResult, Request};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What the answers to a question depend on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The values that are read; of numbers that are only compared, the bounds.
    fields: BTreeMap<Field, Values>,
}

#[derive(Debug, PartialEq, Eq)]
enum Values {
    Each,
    /// Between two bounds all values are alike.
    Between(BTreeSet<i64>),
}

/// Equal keys, equal answers.
pub(crate) type Key = Vec<u64>;

/// What a question is about.
#[derive(Clone, Copy)]
pub(crate) enum Subject<'f> {
    Call(&'f CallFacts),
    /// The number of the category in the snapshot's forest comes with it.
    Finding(&'f Base, &'f FindingFacts<'f>, u64),
    /// The name of a tool.
    Tool(&'f Base, &'f str),
}

/// Whom and what the parts are evaluated for that read nothing of the context.
pub(crate) struct Known<'e> {
    pub(crate) authorizer: &'e Authorizer,
    pub(crate) entities: &'e Entities,
    /// With an empty context.
    pub(crate) request: &'e Request,
    pub(crate) principal: &'e EntityUid,
    pub(crate) resource: &'e EntityUid,
}

/// Whether conditions could be true in some context.
pub(crate) fn could_hold(reads: &Reads, known: &Known<'_>) -> bool {
    Plan::default().add(reads, known) != Some(Some(false))
}

impl Plan {
    /// What the answers of policies depend on; `None` when it cannot be told.
    pub(crate) fn of<'r>(policies: impl Iterator<Item = &'r Reads>, known: &Known<'_>) -> Option<Self> {
        let mut plan = Self::default();
        for reads in policies {
            plan.add(reads, known)?;
        }
        Some(plan)
    }

    /// Adds what `reads` depends on. Gives `Some(Some(truth))` where that depends on nothing.
    fn add(&mut self, reads: &Reads, known: &Known<'_>) -> Option<Option<bool>> {
        Some(match reads {
            Reads::Anything => return None,
            Reads::Nothing(part) => part.as_ref().and_then(|part| {
                let answer = known
                    .authorizer
                    .is_authorized(known.request, part, known.entities);
                let errs = answer.diagnostics().errors().next().is_some();
                (!errs).then_some(answer.decision() == Decision::Allow)
            }),
            Reads::Not(inner) => self.add(inner, known)?.map(|truth| !truth),
            Reads::And(left, right) => self.both(left, right, false, known)?,
            Reads::Or(left, right) => self.both(left, right, true, known)?,
            Reads::If(condition, then, otherwise) => match self.add(condition, known)? {
                Some(true) => self.add(then, known)?,
                Some(false) => self.add(otherwise, known)?,
                None => {
                    self.add(then, known)?;
                    self.add(otherwise, known)?;
                    None
                }
            },
            Reads::Values(fields) => {
                for field in fields {
                    self.fields.insert(*field, Values::Each);
                }
                None
            }
            Reads::Against(field, bound) => {
                match known.number(bound) {
                    Some(bound) => self.compared(*field, bound),
                    None => {
                        self.fields.insert(*field, Values::Each);
                    }
                }
                None
            }
        })
    }

    /// Two operands, of which the second is not read when the first is `ends`.
    fn both(&mut self, left: &Reads, right: &Reads, ends: bool, known: &Known<'_>) -> Option<Option<bool>> {
        match self.add(left, known)? {
            Some(truth) if truth == ends => Some(Some(ends)),
            Some(_) => self.add(right, known),
            None => {
                self.add(right, known)?;
                Some(None)
            }
        }
    }

    fn compared(&mut self, field: Field, bound: i64) {
        let values = self
            .fields
            .entry(field)
            .or_insert_with(|| Values::Between(BTreeSet::new()));
        if let Values::Between(bounds) = values {
            // Less, equal and more are three classes.
            bounds.extend([bound, bound.saturating_add(1)]);
        }
    }

    /// The key of a question; `None` when a value is read that no key holds.
    pub(crate) fn key(&self, subject: Subject<'_>) -> Option<Key> {
        let mut key = Key::with_capacity(self.fields.len() + 1);
        for (field, values) in &self.fields {
            match (values, number(*field, subject)) {
                (Values::Between(bounds), Some(number)) => {
                    key.push(bounds.iter().take_while(|bound| **bound <= number).count() as u64);
                }
                (Values::Each, Some(number)) => key.push(number.cast_unsigned()),
                (_, None) => push(*field, subject, &mut key)?,
            }
        }
        Some(key)
    }
}

impl Known<'_> {
    fn number(&self, bound: &Bound) -> Option<i64> {
        let (of_principal, attributes) = match bound {
            Bound::Literal(number) => return Some(*number),
            Bound::Attribute(of_principal, attributes) => (*of_principal, attributes),
        };
        let entity = self.entities.get(if of_principal {
            self.principal
        } else {
            self.resource
        })?;
        let mut attributes = attributes.iter();
        let mut value = entity.attr(attributes.next()?)?.ok()?;
        for attribute in attributes {
            let EvalResult::Record(record) = value else {
                return None;
            };
            value = record.get(attribute)?.clone();
        }
        match value {
            EvalResult::Long(number) => Some(number),
            _ => None,
        }
    }
}

/// A number as policies see it.
fn number(field: Field, subject: Subject<'_>) -> Option<i64> {
    let base = subject.base();
    Some(match (field, subject) {
        (Field::InputTokens, Subject::Call(call)) => cut(call.input_tokens),
        (Field::MaxTokens, Subject::Call(call)) => cut(call.max_tokens),
        (Field::Confidence, Subject::Finding(_, finding, _)) => finding.confidence.min(100).into(),
        (Field::Count, Subject::Finding(_, finding, _)) => finding.count.into(),
        (Field::LocalHour, _) => base.local_hour.into(),
        (Field::Classification, _) => base.classification.level().into(),
        (Field::Now, _) => base.now_ms,
        _ => return None,
    })
}

/// Adds a value that is no number.
fn push(field: Field, subject: Subject<'_>, key: &mut Key) -> Option<()> {
    let base = subject.base();
    match (field, subject) {
        (Field::BusinessDay, _) => key.push(base.business_day.into()),
        (Field::Purpose, _) => key.push(place_in(Purpose::ALL, &base.purpose)?),
        (Field::ClientIp, _) => match base.client_ip {
            IpAddr::V4(ip) => key.extend([4, u32::from(ip).into()]),
            IpAddr::V6(ip) => {
                let (high, low) = (u128::from(ip) >> 64, u128::from(ip) & u128::from(u64::MAX));
                key.extend([6, u64::try_from(high).ok()?, u64::try_from(low).ok()?]);
            }
        },
        (Field::Modalities, Subject::Call(call)) => key.push(set(Modality::ALL, &call.modalities)?),
        (Field::Unscanned, Subject::Call(call)) => key.push(set(Unscanned::ALL, &call.unscanned)?),
        (Field::Tools, Subject::Call(call)) => push_names(&call.tools, key)?,
        (Field::Tool, Subject::Tool(_, name)) => push_name(name, key)?,
        (Field::Category, Subject::Finding(_, _, category)) => key.push(category),
        (Field::Place, Subject::Finding(_, finding, _)) => key.push(place_in(Place::ALL, &finding.place)?),
        // A policy that asks for what its question does not have errs, whatever the context.
        _ => key.push(0),
    }
    Some(())
}

/// So many bytes of names of tools are put into a key; more than that is asked about anew each time.
const NAMES_BYTES_MAX: usize = 512;

/// A set of names: sorted, each once, for order and repetition do not matter to Cedar.
fn push_names(names: &[String], key: &mut Key) -> Option<()> {
    let mut sorted: Vec<&str> = names.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let bytes: usize = sorted.iter().map(|name| name.len()).sum();
    key.push((bytes <= NAMES_BYTES_MAX).then_some(sorted.len() as u64)?);
    sorted.into_iter().try_for_each(|name| push_name(name, key))
}

/// A name: its length, and its bytes, eight at a time.
fn push_name(name: &str, key: &mut Key) -> Option<()> {
    key.push((name.len() <= NAMES_BYTES_MAX).then_some(name.len() as u64)?);
    key.extend(name.as_bytes().chunks(8).map(|chunk| {
        chunk
            .iter()
            .fold(0_u64, |packed, byte| packed << 8 | u64::from(*byte))
    }));
    Some(())
}

fn place_in<T: PartialEq>(all: &[T], one: &T) -> Option<u64> {
    all.iter()
        .position(|known| known == one)
        .map(|place| place as u64)
}

/// A bit for each value; order and repetition do not matter to Cedar.
fn set<T: PartialEq>(all: &[T], values: &[T]) -> Option<u64> {
    let mut bits = 0;
    for value in values {
        bits |= 1_u64.checked_shl(u32::try_from(place_in(all, value)?).ok()?)?;
    }
    Some(bits)
}

impl<'f> Subject<'f> {
    fn base(self) -> &'f Base {
        match self {
            Self::Call(call) => &call.base,
            Self::Finding(base, ..) | Self::Tool(base, _) => base,
        }
    }
}
