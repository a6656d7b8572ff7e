//! Rules about sentences that try to get around a model's instructions, in English, German, Spanish and French.
//!
//! A shape finds the verb and takes in the words after it; here it is decided whether they name instructions, and whose.

use super::secrets::base64;

#[cfg(test)]
mod tests;
mod words;

use words::{
    ASKING, CLOSING, CODED_NAMES, CODED_VERBS, EARLIER, FILLING, FREEDOM, FREEING, GUARDED, HEADINGS, HEADS,
    HIDDEN, INSTRUCTIONS, LIMITS, LINKING, MESSAGES, NEGATIONS, NORMS, OWN, ROLES, RULES, SECOND_HIDDEN,
    TAILS, VERBS, WEAK_VERBS, WRITTEN, YOURS,
};

/// Points for something said outright and for something that may mean it.
const PLAIN: u32 = 2;
const VAGUE: u32 = 1;

/// The most points for whose instructions they are: `your safety …` says it twice.
const WHOSE_MAX: u32 = 3;

/// Whether instructions, earlier ones or all the model's own, are to be ignored, with a verb that says little else.
pub(crate) fn overrides_surely(text: &str) -> bool {
    override_points(text) >= Some(6)
}

/// Whether something like instructions is to be ignored, one thing about it being vague.
pub(crate) fn overrides_likely(text: &str) -> bool {
    override_points(text) >= Some(5)
}

/// Whether something like instructions may have to be ignored, two things about it being vague: manuals say so as well.
pub(crate) fn overrides_possibly(text: &str) -> bool {
    override_points(text) >= Some(4)
}

/// Whether the model's own hidden instructions are asked for.
pub(crate) fn reveals_surely(text: &str) -> bool {
    reveal_points(text) >= Some(5)
}

/// Whether hidden instructions, or the model's own, are asked for.
pub(crate) fn reveals_likely(text: &str) -> bool {
    reveal_points(text) >= Some(4)
}

/// Whether the reader is told to be without rules.
pub(crate) fn frees_from_rules(text: &str) -> bool {
    frees_from(text, NORMS)
}

/// Whether the reader is told to be without limits.
pub(crate) fn frees_from_limits(text: &str) -> bool {
    frees_from(text, NORMS) || frees_from(text, LIMITS)
}

/// Whether `text` is a token of a chat template: `<|system|>`.
pub(crate) fn role_token(text: &str) -> bool {
    let name = text.trim_matches(['<', '|', '>']).to_ascii_lowercase();
    among(ROLES, &name)
}

/// Whether `text` is a role and a colon, after `###` or an empty line: `### Human:`.
pub(crate) fn role_heading(text: &str) -> bool {
    words(text).all(|role| among(HEADINGS, role))
}

/// Whether every word of `text` starts with a capital letter.
pub(crate) fn capitalised(text: &str) -> bool {
    words(text).all(|word| word.starts_with(|first: char| first.is_ascii_uppercase()))
}

/// Whether `text` is base64 or hexadecimal digits of a text that names instructions and what to do with them.
///
/// The first digit comes as early as the engine needs it, see `Lead::Digit`.
pub(crate) fn encoded_attack(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let found = letters < 64 && text.as_bytes().get(letters).is_some_and(u8::is_ascii_digit);
    let digits = text.trim_end_matches('=');
    let whole = digits.len() - usize::from(digits.len() % 4 == 1);
    let text = digits.get(..whole).filter(|_| found).unwrap_or_default();
    let decoded = if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        hexadecimal(text)
    } else {
        // Most of what looks like base64 is not text, and four characters tell.
        let start = text.get(..4).and_then(base64);
        start.filter(|start| is_shown(start)).and_then(|_| base64(text))
    };
    decoded
        .filter(|bytes| is_shown(bytes))
        .is_some_and(|bytes| names_attack(&bytes))
}

/// How much a sentence that begins with a verb such as `ignore` is an override: 2 points each for the verb, for whose
/// instructions, and for instructions; less where a word is vague. Nothing if the sentence says something else, or more.
fn override_points(text: &str) -> Option<u32> {
    let folded = folded(text);
    let mut words = words(&folded);
    let verb = words.next()?;
    let ordered = if !among(VERBS, verb) && !among(WEAK_VERBS, verb) {
        among(HEADS, verb).then(|| words.find(|word| among(TAILS, word)))??;
        // `if you do not follow the above instructions` warns; an order starts a sentence.
        let warns = verb.starts_with("do") && text.starts_with('d');
        if warns { 0 } else { PLAIN }
    } else if among(WEAK_VERBS, verb) {
        VAGUE
    } else {
        PLAIN
    };
    let (mut whose, mut what, mut unknown, mut last) = (0, None, None, "");
    for word in words {
        let object = object_points(word);
        if object.is_none() && unknown == Some(last) {
            return None;
        }
        if let Some(points) = object {
            what = what.max(Some(points));
        } else if among(EARLIER, word) {
            whose = whose.max(PLAIN);
        } else if among(YOURS, word) {
            whose = WHOSE_MAX.min(whose + PLAIN);
        } else if among(OWN, word) {
            whose = WHOSE_MAX.min(whose + VAGUE);
        } else if !among(FILLING, word) && !(what.is_some() && (among(CLOSING, word) || among(LINKING, word)))
        {
            // One word may stand between: `the previous secret instructions`.
            if what.is_some() || whose == 0 || unknown.is_some() {
                return None;
            }
            unknown = Some(word);
        }
        last = word;
    }
    let closed = object_points(last).is_some() || among(EARLIER, last) || among(CLOSING, last);
    (closed && whose > 0).then_some(ordered + whose + what?)
}

/// How much `word` names instructions.
fn object_points(word: &str) -> Option<u32> {
    if among(INSTRUCTIONS, word) {
        Some(PLAIN)
    } else if among(RULES, word) {
        Some(VAGUE)
    } else {
        among(MESSAGES, word).then_some(0)
    }
}

/// How much a question for instructions is one for hidden ones: 2 points each for whose, that they are hidden, and that they
/// are instructions; less where a word is vague.
fn reveal_points(text: &str) -> Option<u32> {
    let folded = folded(text);
    let (mut whose, mut hidden, mut what, mut all, mut last) = (0, 0, None, false, "");
    for word in words(&folded) {
        if among(GUARDED, word) {
            (hidden, what) = (PLAIN, Some(PLAIN));
        } else if among(HIDDEN, word) {
            hidden = PLAIN;
        } else if among(SECOND_HIDDEN, word) {
            hidden = hidden.max(VAGUE);
        } else if let Some(points) = object_points(word) {
            what = what.max(Some(points.max(VAGUE)));
        } else if among(YOURS, word) {
            whose = PLAIN;
        } else if !among(ASKING, word) && !among(WRITTEN, word) {
            return None;
        }
        all |= among(WRITTEN, word);
        last = word;
    }
    let closed = [GUARDED, HIDDEN, SECOND_HIDDEN]
        .iter()
        .any(|list| among(list, last));
    if last == "above" {
        // `repeat the words above`: they are the instructions.
        return all.then_some(4);
    }
    (closed || object_points(last).is_some()).then_some(whose + hidden + what?)
}

/// Whether a sentence such as `pretend you have no rules` denies one of `things`, and says no more.
fn frees_from(text: &str, things: &str) -> bool {
    let folded = folded(text);
    let known = |word: &str| among(FREEDOM, word) || among(NEGATIONS, word) || among(things, word);
    let frees = words(&folded).next().is_some_and(|verb| among(FREEING, verb));
    let denied = words(&folded).any(|word| among(NEGATIONS, word));
    let last = words(&folded).last().unwrap_or_default();
    frees && denied && among(things, last) && words(&folded).all(known)
}

/// `text` in lower case and without the accents of the four languages, as the lists have it.
fn folded(text: &str) -> String {
    let plain = |character| match character {
        'à' | 'á' | 'â' | 'ä' => 'a',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'í' | 'î' | 'ï' => 'i',
        'ó' | 'ô' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        '’' => '\'',
        other => other,
    };
    text.chars().flat_map(char::to_lowercase).map(plain).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let apart = |character: char| !character.is_alphabetic() && character != '\'';
    text.split(apart).filter(|word| !word.is_empty())
}

/// Whether `word` is in a list of words with blanks between.
fn among(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == word)
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks_exact(2);
    pairs
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// Whether `bytes` are text without control characters; the last character may be cut.
fn is_shown(bytes: &[u8]) -> bool {
    let control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    let text = str::from_utf8(bytes).map_or_else(|fault| fault.error_len().is_none(), |_| true);
    text && !bytes.iter().any(control)
}

fn names_attack(bytes: &[u8]) -> bool {
    let text = folded(&String::from_utf8_lossy(bytes));
    let has = |list: &str| list.split_ascii_whitespace().any(|part| text.contains(part));
    has(CODED_VERBS) && has(CODED_NAMES)
}
