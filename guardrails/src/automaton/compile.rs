//! From patterns to deterministic automata, by way of the regex library.

use crate::error::Error;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson::{self, NFA, State, WhichCaptures};
use regex_automata::util::syntax;
use regex_automata::{Anchored, MatchKind};

/// Limits of an automaton in bytes, a guard against a row that explodes rather than a tuned value.
pub(super) const AUTOMATON_BYTES_MAX: usize = 64 << 20;
const BUILD_BYTES_MAX: usize = 256 << 20;

pub(crate) fn compile(patterns: &[&str], starts: StartKind) -> Result<dense::DFA<Vec<u32>>, Error> {
    compile_within(patterns, starts, (AUTOMATON_BYTES_MAX, BUILD_BYTES_MAX)).map_err(Error::Shapes)
}

/// Whether `pattern` matches the empty text; nothing if it looks around. Its automaton has `bytes_max` at most, and three times
/// that while it is made.
pub(crate) fn matches_empty(pattern: &str, bytes_max: usize) -> Result<Option<bool>, Box<dense::BuildError>> {
    let dfa = compile_within(&[pattern], StartKind::Anchored, (bytes_max, 3 * bytes_max))?;
    let start = dfa.universal_start_state(Anchored::Yes);
    Ok(start.map(|start| dfa.is_match_state(dfa.next_eoi_state(start))))
}

/// Whether a match of `pattern` can start with an ASCII letter, as its states show that are reached without reading; no if it
/// does not compile.
pub(crate) fn starts_with_letter(pattern: &str) -> bool {
    let compiled = thompson::Compiler::new()
        .syntax(syntax())
        .configure(
            thompson::Config::new()
                .utf8(false)
                .which_captures(WhichCaptures::None),
        )
        .build(pattern);
    compiled.is_ok_and(|nfa| {
        let letters = || (b'A'..=b'z').filter(u8::is_ascii_alphabetic);
        first_states(&nfa).iter().any(|state| match state {
            State::ByteRange { trans } => letters().any(|byte| trans.matches_byte(byte)),
            State::Sparse(sparse) => letters().any(|byte| sparse.matches_byte(byte).is_some()),
            State::Dense(dense) => letters().any(|byte| dense.matches_byte(byte).is_some()),
            _ => false,
        })
    })
}

/// The states that are reached from the start without reading.
fn first_states(nfa: &NFA) -> Vec<&State> {
    let mut seen = vec![nfa.start_anchored()];
    let mut next = 0;
    while let Some(id) = seen.get(next).copied() {
        next += 1;
        let further = match nfa.state(id) {
            State::Look { next, .. } | State::Capture { next, .. } => vec![*next],
            State::Union { alternates } => alternates.to_vec(),
            State::BinaryUnion { alt1, alt2 } => vec![*alt1, *alt2],
            _ => Vec::new(),
        };
        for id in further {
            if !seen.contains(&id) {
                seen.push(id);
            }
        }
    }
    seen.into_iter().map(|id| nfa.state(id)).collect()
}

fn compile_within(
    patterns: &[&str],
    starts: StartKind,
    (automaton, build): (usize, usize),
) -> Result<dense::DFA<Vec<u32>>, Box<dense::BuildError>> {
    let config = dense::Config::new()
        .match_kind(MatchKind::All)
        .start_kind(starts)
        .accelerate(false)
        .dfa_size_limit(Some(automaton))
        .determinize_size_limit(Some(build));
    dense::Builder::new()
        .configure(config)
        .syntax(syntax())
        .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(build)))
        .build_many(patterns)
        .map_err(Box::new)
}

fn syntax() -> syntax::Config {
    syntax::Config::new().unicode(false).utf8(false)
}
