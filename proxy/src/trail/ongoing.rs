//! Exchanges whose decision stands in the log and whose completion does not yet.
//!
//! A segment that is not the first of its process begins with them, so that whoever goes on after a crash knows them from the last segment alone.

use crate::clock::unix_ns;
use palisade_audit::record::SCHEMA_VERSION;
use palisade_audit::{Completion, End, Ongoing, OngoingExchange, Record};
use std::collections::HashMap;

/// As many fit a record: 90 bytes each.
const RECORD_EXCHANGES_MAX: usize = 500;

/// Ids of decisions, with the request ids that their callers were told.
#[derive(Debug, Default)]
pub(super) struct Exchanges(HashMap<String, String>);

impl Exchanges {
    /// Takes note of a record that stands in the log.
    pub(super) fn note(&mut self, record: &Record) {
        match record {
            Record::Decision(decision) => {
                self.0.insert(decision.id.clone(), decision.request_id.clone());
            }
            Record::Completion(completion) => self.forget(&completion.decision),
            Record::Ongoing(ongoing) => {
                let pair =
                    |exchange: &OngoingExchange| (exchange.decision.clone(), exchange.request_id.clone());
                self.0.extend(ongoing.exchanges.iter().map(pair));
            }
            _ => {}
        }
    }

    /// This one ends without a record.
    pub(super) fn forget(&mut self, decision: &str) {
        self.0.remove(decision);
    }

    /// The records that a segment begins with, which name all.
    pub(super) fn records(&self) -> Vec<Record> {
        let mut exchanges: Vec<OngoingExchange> = self
            .0
            .iter()
            .map(|(decision, request_id)| OngoingExchange {
                decision: decision.clone(),
                request_id: request_id.clone(),
            })
            .collect();
        exchanges.sort();
        let record = |exchanges: &[OngoingExchange]| {
            Record::Ongoing(Ongoing {
                exchanges: exchanges.to_vec(),
                time: unix_ns(),
                v: SCHEMA_VERSION,
                ..Ongoing::default()
            })
        };
        exchanges.chunks(RECORD_EXCHANGES_MAX).map(record).collect()
    }

    /// Ends all: the process that had them is gone, and how they went on nobody knows.
    pub(super) fn crashed(&mut self) -> Vec<Record> {
        let mut exchanges: Vec<(String, String)> = self.0.drain().collect();
        // Ids begin with the time.
        exchanges.sort();
        let record = |(decision, request_id)| {
            Record::Completion(Completion {
                decision,
                end: End::UnknownCrash,
                request_id,
                time: unix_ns(),
                v: SCHEMA_VERSION,
                ..Completion::default()
            })
        };
        exchanges.into_iter().map(record).collect()
    }
}
