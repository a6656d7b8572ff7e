//! What the engine must find, worked out in the slowest and plainest way from the meaning of the catalogue's rows: every start in
//! order, every row, every end, one plain regular expression each. No automaton, no gate, no hints, no state.
//!
//! It reads text that is its own view, as most is.

use crate::assigned::{ends_with_name, is_assigned, is_word};
use crate::columns::{Under, columns};
use crate::texts::{Profile, SENTENCES, catalogues, mixtures};
use palisade_guardrails::{
    After, Before, CONTEXT_BYTES, Category, Check, Confidence, Detector, Finding, LOOK_BEHIND, Options,
    Regions, Specimen,
};
use proptest::prelude::*;
use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use std::sync::LazyLock;

/// The longest value that is judged as one, in bytes (see `TextStream`).
const VALUE_BYTES_MAX: usize = 320;

/// An open-ended value ends after so many bytes without this much base64 in a row.
const IDLE_BYTES_MAX: usize = 1024;
const KEY_MATERIAL_BYTES: usize = 32;

/// A row, ready to be tried.
struct Row {
    detector: &'static Detector,
    shapes: Regex,
    others: Option<Regex>,
    terminator: Option<Regex>,
    overflow: Option<Regex>,
}

/// The whole catalogue, ready to be tried.
struct Catalogue {
    rows: Vec<Row>,
    /// Which rows have a value at the start of a text.
    beginnings: RegexSet,
}

/// What to look for.
pub(crate) struct Reference {
    minimum: Confidence,
    wanted: Vec<Category>,
    specimens: Vec<Specimen>,
    regions: Regions,
}

/// A match.
#[derive(Clone, Copy)]
struct Best {
    row: usize,
    confidence: Confidence,
    end: usize,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let rows: Vec<_> = palisade_guardrails::rows().map(Row::new).collect();
    let beginnings = rows
        .iter()
        .map(|row| format!("^(?:{})", row.detector.shapes.join("|")));
    let beginnings = RegexSetBuilder::new(beginnings)
        .unicode(false)
        .size_limit(1 << 30)
        .dfa_size_limit(1 << 28)
        .build()
        .unwrap();
    Catalogue { rows, beginnings }
});

fn regex(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .unicode(false)
        .size_limit(1 << 28)
        .build()
        .unwrap()
}

impl Row {
    fn new(detector: &'static Detector) -> Self {
        let whole = |shapes: &[&str]| regex(&format!("^(?:{})$", shapes.join("|")));
        Self {
            detector,
            shapes: whole(detector.shapes),
            others: Some(detector.refuted_by)
                .filter(|others| !others.is_empty())
                .map(whole),
            terminator: detector.terminator.map(|shape| regex(&format!("(?:{shape})$"))),
            overflow: detector.overflow.map(|class| whole(&[class])),
        }
    }
}

impl Reference {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            minimum: options.minimum,
            wanted: options.categories,
            specimens: options.specimens,
            regions: options.regions,
        }
    }

    /// The matches in `text`, in order.
    pub(crate) fn find(&self, text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let under = columns(text.as_bytes());
        let mut fence = 0;
        let mut start = 0;
        while start < text.len() {
            let Some(best) = self.best(text, start, fence, &under[start]) else {
                start += 1;
                continue;
            };
            fence = CATALOGUE.rows[best.row].goes_on_to(text.as_bytes(), start, best.end);
            findings.push(Finding {
                category: CATALOGUE.rows[best.row].detector.category,
                confidence: best.confidence,
                span: start..fence,
            });
            start = fence;
        }
        findings
    }

    /// The longest value from `start`, the surest of those, the first row's of those. The last match ended at `fence`.
    fn best(&self, text: &str, start: usize, fence: usize, under: &Under) -> Option<Best> {
        let bytes = text.as_bytes();
        let mut best: Option<Best> = None;
        for index in CATALOGUE.beginnings.matches(&bytes[start..]) {
            let row = &CATALOGUE.rows[index];
            let Some(confidence) = self.confidence(row.detector, bytes, start, fence, under) else {
                continue;
            };
            let Some(end) = self.longest(row, text, start) else {
                continue;
            };
            let better = best.is_none_or(|best| (end, confidence) > (best.end, best.confidence));
            if better {
                best = Some(Best {
                    row: index,
                    confidence,
                    end,
                });
            }
        }
        best
    }

    /// How sure a row would be of a value at `start`, if it looks there at all and that is enough.
    fn confidence(
        &self,
        detector: &Detector,
        bytes: &[u8],
        start: usize,
        fence: usize,
        under: &Under,
    ) -> Option<Confidence> {
        let looked_for = detector
            .specimen
            .is_none_or(|specimen| self.specimens.contains(&specimen));
        if !self.wanted.contains(&detector.category) || !looked_for {
            return None;
        }
        let told = match detector.before {
            Before::Assigned => (is_assigned(detector, bytes, start, &|text| self.ends_with_any_name(text))
                || is_headed(detector, under))
            .then_some(true)?,
            Before::Mailbox => begins_mailbox(bytes, start, fence).then_some(false)?,
            before => allows_start(before, &bytes[..start]).then_some(false)?,
        };
        let sure = |confidence: &Confidence| *confidence >= self.minimum;
        let is_told = || is_told(detector, bytes, start) || is_told_by_header(detector, under);
        if told || (sure(&detector.in_context) && is_told()) {
            return Some(detector.in_context).filter(sure);
        }
        Some(detector.alone).filter(sure)
    }

    /// Whether a text ends with what any wanted row could be assigned to.
    fn ends_with_any_name(&self, text: &[u8]) -> bool {
        let mut detectors = CATALOGUE.rows.iter().map(|row| row.detector);
        detectors.any(|detector| {
            detector.before == Before::Assigned
                && self.wanted.contains(&detector.category)
                && detector.in_context >= self.minimum
                && detector.telling.iter().any(|name| ends_with_name(text, name))
        })
    }

    /// The longest end of a value of `row` at `start` that may end there, is valid, and has no longer shape that refutes it.
    fn longest(&self, row: &Row, text: &str, start: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let lead = (start.saturating_sub(LOOK_BEHIND)..=start).find_map(|from| text.get(from..start));
        if row
            .detector
            .unless_after
            .is_some_and(|other| lead.is_some_and(other))
        {
            return None;
        }
        let cap = bytes.len().min(start + VALUE_BYTES_MAX);
        let mut refuted = false;
        for end in (start + 1..=cap).rev() {
            let value = &bytes[start..end];
            let may_end = end - start == VALUE_BYTES_MAX
                || bytes
                    .get(end)
                    .is_none_or(|byte| allows_end(row.detector.after, *byte));
            let valid = || {
                text.get(start..end)
                    .is_some_and(|value| match row.detector.check {
                        Check::Shape => true,
                        Check::Value(rule) => rule(value),
                        Check::Regional(rule) => rule(value, &self.regions),
                    })
            };
            if !refuted && may_end && row.shapes.is_match(value) && valid() {
                return Some(end);
            }
            refuted |= row.others.as_ref().is_some_and(|others| others.is_match(value));
        }
        None
    }
}

impl Row {
    /// Where a value that spans `start..end` by its shape really ends.
    fn goes_on_to(&self, bytes: &[u8], start: usize, end: usize) -> usize {
        if let Some(terminator) = &self.terminator {
            let mut idle = 0;
            let mut run = 0;
            for at in end..bytes.len() {
                if terminator.is_match(&bytes[end..at]) || (idle > IDLE_BYTES_MAX && bytes[at] & 0xC0 != 0x80)
                {
                    return at;
                }
                let base64 = bytes[at].is_ascii_alphanumeric() || b"+/=".contains(&bytes[at]);
                run = if base64 { run + 1 } else { 0 };
                idle = if run >= KEY_MATERIAL_BYTES { 0 } else { idle + 1 };
            }
            return bytes.len();
        }
        match &self.overflow {
            Some(class) if end - start == VALUE_BYTES_MAX => {
                let more = bytes[end..].iter().take_while(|byte| class.is_match(&[**byte]));
                end + more.count()
            }
            _ => end,
        }
    }
}

/// As [`Before`] documents it.
fn allows_start(before: Before, lead: &[u8]) -> bool {
    let Some(&last) = lead.last() else { return true };
    let second = lead.len().checked_sub(2).map(|at| lead[at]);
    let digit_before =
        |last_of: &[u8]| last_of.contains(&last) && second.is_some_and(|byte| byte.is_ascii_digit());
    let apart = !is_word(last);
    let coloned = last == b':' && second.is_some_and(|byte| byte == b':' || byte.is_ascii_hexdigit());
    let (front, end) = lead.split_at(lead.len().saturating_sub(3));
    let pair = matches!(end, [a, b, b'-'] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
        && !front.last().is_some_and(|byte| is_word(*byte));
    match before {
        Before::Anything => true,
        Before::Boundary => apart,
        Before::Undotted => apart && last != b'.',
        Before::Unsigned => apart && last != b'+',
        Before::Ungrouped => apart && !digit_before(b".-/"),
        Before::Unspaced => apart && !digit_before(b".-/ "),
        Before::Uncoloned => apart && !coloned,
        Before::Unpaired => apart && !(digit_before(b".-/") || coloned || pair),
        Before::Digitless => !last.is_ascii_digit(),
        Before::Host => apart && !b".-@/+".contains(&last),
        Before::Mailbox | Before::Assigned => false,
    }
}

/// As [`After`] documents it.
fn allows_end(after: After, next: u8) -> bool {
    match after {
        After::Anything => true,
        After::Boundary => !is_word(next),
        After::Alphanumeric => !next.is_ascii_alphanumeric(),
        After::Digit => !next.is_ascii_digit(),
    }
}

/// Whether `start` is the first letter, digit or underscore of a run of mailbox characters that no match ends in, or a quotation mark
/// with a word behind it and none in front.
fn begins_mailbox(bytes: &[u8], start: usize, fence: usize) -> bool {
    if bytes[start] == b'"' {
        return start == fence || !is_word(bytes[start - 1]);
    }
    let mailbox = |byte: u8| is_word(byte) || b".%+'-".contains(&byte);
    let before = bytes[fence..start]
        .iter()
        .rev()
        .find(|byte| is_word(**byte) || !mailbox(**byte));
    is_word(bytes[start]) && before.is_none_or(|byte| !is_word(*byte))
}

/// Whether a telling word stands in the bytes before `start`.
fn is_told(detector: &Detector, bytes: &[u8], start: usize) -> bool {
    let from = start.saturating_sub(CONTEXT_BYTES);
    detector.telling.iter().any(|word| {
        (from..start).any(|at| {
            let found = bytes[at..start].get(..word.len());
            found.is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
                && stands_apart(bytes, (at, at + word.len()), start)
        })
    })
}

/// Whether a header over a value tells of it.
fn is_told_by_header(detector: &Detector, under: &Under) -> bool {
    let mut headers = under.headers.iter();
    headers.any(|header| is_told(detector, header, header.len()))
}

/// Whether the value of a cell starts whose header says that it is assigned there.
fn is_headed(detector: &Detector, under: &Under) -> bool {
    let named = |header: &Vec<u8>| detector.telling.iter().any(|name| ends_with_name(header, name));
    under.begins && under.headers.iter().any(named)
}

/// Whether a word is no part of a longer one: `ssn`, `SSNs` and `userSsn`, but not `assn`. The value starts at `limit`.
fn stands_apart(bytes: &[u8], (start, end): (usize, usize), limit: usize) -> bool {
    let at = |at: usize| bytes.get(at).copied().filter(|_| at <= limit).unwrap_or_default();
    let letter = |place: usize| at(place).is_ascii_alphabetic();
    let hump = |place: usize| at(place).is_ascii_lowercase() && at(place + 1).is_ascii_uppercase();
    let opens = !letter(start) || start == 0 || !letter(start - 1) || hump(start - 1);
    let plural = end < limit && at(end).eq_ignore_ascii_case(&b's') && !letter(end + 1);
    let closes = !letter(end - 1) || !letter(end) || hump(end - 1) || plural;
    opens && closes
}

/// Whether reading `text` changes nothing about it: no character that another one stands for, and no `(at)`.
fn is_its_own_view(text: &str) -> bool {
    let signs = ['\\', '%', '&', '(', '[', '{'];
    text.bytes()
        .all(|byte| (b' '..=b'~').contains(&byte) || b"\t\r\n".contains(&byte))
        && !text.contains(signs)
}

fn agrees(profile: &Profile, text: &str) -> Result<(), String> {
    let expected = Reference::new(profile.options.clone()).find(text);
    let found = profile.engine.find(text);
    let told = |findings: &[Finding]| {
        let told = findings.iter().map(|finding| {
            let value = &text[finding.span.clone()];
            format!("{} {} {value:?}", finding.category, finding.confidence.percent())
        });
        told.collect::<Vec<_>>()
    };
    if found == expected {
        return Ok(());
    }
    Err(format!(
        "profile {}, text {text:?}: found {:?}, not {:?}",
        profile.name,
        told(&found),
        told(&expected)
    ))
}

#[test]
fn sentences_hold_what_the_catalogue_says() {
    for sentence in SENTENCES.iter().filter(|sentence| is_its_own_view(sentence)) {
        for profile in catalogues() {
            agrees(profile, sentence).unwrap();
        }
    }
}

#[test]
fn the_reference_finds_something() {
    for profile in catalogues() {
        let reference = Reference::new(profile.options.clone());
        let found = SENTENCES
            .iter()
            .filter(|sentence| !reference.find(sentence).is_empty());
        assert!(found.count() > SENTENCES.len() / 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mixtures_hold_what_the_catalogue_says(text in mixtures()) {
        let text: String = text.chars().filter(|c| c.is_ascii() && !"()[]{}\\%&".contains(*c)).collect();
        for profile in catalogues() {
            agrees(profile, &text).map_err(TestCaseError::fail)?;
        }
    }
}
