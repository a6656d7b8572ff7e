//! Prompts: prose that looks like everyday English, the same in every run, with nothing in it to find unless
//! e-mail addresses are asked for.

use super::plan::{DELTA_FRAMES, MODEL, Prompt};

const WORDS: &str = "the customer asked about a transfer that was sent to another branch last week and wants to know \
    when it will arrive please explain the usual steps in plain language mention the opening hours of our service \
    desk and describe which documents are needed before an account can be closed or moved our policy says that \
    every complaint gets a written answer within ten working days so keep the tone friendly and avoid promises we \
    cannot keep if the question concerns a mortgage refer to the adviser who prepared the offer";
/// Characters of one delta, unless a script says otherwise (`palisade-simulator`, `CHUNK_CHARS`).
const ECHO_CHUNK_CHARS: usize = 16;
const WORDS_IN_SENTENCE: usize = 14;
const ADDRESS_EVERY_BYTES: usize = 1024;

/// The text of a prompt.
#[must_use]
pub fn text(prompt: Prompt) -> String {
    match prompt {
        Prompt::Clean(bytes) => clean(bytes),
        Prompt::Addresses(bytes) => with_addresses(bytes),
        Prompt::EchoedInFrames => clean(echoed_bytes()),
    }
}

/// The words of the prose, each behind a space, without end: how models cut their tokens.
pub fn tokens() -> impl Iterator<Item = String> {
    scattered().map(|word| format!(" {word}"))
}

fn clean(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 32);
    for (number, word) in scattered().enumerate() {
        if text.len() >= bytes {
            break;
        }
        text.push_str(word);
        text.push_str(if number % WORDS_IN_SENTENCE == WORDS_IN_SENTENCE - 1 {
            ". "
        } else {
            " "
        });
    }
    text.truncate(bytes);
    text
}

fn with_addresses(bytes: usize) -> String {
    let count = bytes / ADDRESS_EVERY_BYTES;
    let parts = (0..count).map(|number| {
        let address = format!(" Write to maria.lindqvist{number}@example.com. ");
        let prose = clean(ADDRESS_EVERY_BYTES - address.len());
        format!("{address}{prose}")
    });
    parts.collect()
}

/// Bytes of a prompt whose echo fills [`DELTA_FRAMES`] deltas. The echo is `palisade-simulator`'s, `answer::echo`.
fn echoed_bytes() -> usize {
    let around = format!("This is {MODEL}, simulated. The last thing I received from you is: \"\"");
    (DELTA_FRAMES * ECHO_CHUNK_CHARS).saturating_sub(around.len())
}

/// Words in an order that looks random and is the same in every run: a full-period linear congruential generator
/// (Knuth, The Art of Computer Programming, volume 2, 3.2.1).
fn scattered() -> impl Iterator<Item = &'static str> {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut state: u64 = 20;
    std::iter::from_fn(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let index = usize::try_from(state >> 33).unwrap_or(0) % words.len().max(1);
        words.get(index).copied()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_have_the_length_they_name() {
        for bytes in [1024, 32 * 1024] {
            assert_eq!(text(Prompt::Clean(bytes)).len(), bytes);
            assert_eq!(text(Prompt::Addresses(bytes)).len(), bytes);
        }
    }

    #[test]
    fn only_prompts_with_addresses_hold_any() {
        let signs = |prompt| text(prompt).matches('@').count();
        assert_eq!(signs(Prompt::Clean(32 * 1024)), 0);
        assert_eq!(signs(Prompt::EchoedInFrames), 0);
        assert_eq!(signs(Prompt::Addresses(32 * 1024)), 32);
    }
}
