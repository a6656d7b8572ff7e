//! Input that is made to hurt: it costs little and breaks nothing. How much is walked for it is counted in `src/progress/tests.rs`.

use crate::streams::{Output, Stream, whole};
use crate::texts::{PROFILES, everything};
use palisade_guardrails::{Engine, TextStream};

const MEGABYTES_10: usize = 10 << 20;

/// Hands a long text to `engine` whole and in chunks of 4 KiB. Returns the sum of the pieces' lengths for each.
fn lengths(engine: &Engine, text: &str) -> [usize; 2] {
    let mut whole = 0;
    engine.scan(text, &mut |piece| whole += piece.text().len());
    let mut streamed = 0;
    let mut channel = TextStream::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (chunk, more) = rest.split_at(rest.floor_char_boundary(4096));
        channel.push(engine, chunk, &mut |piece| streamed += piece.text().len());
        rest = more;
    }
    channel.finish(engine, &mut |piece| streamed += piece.text().len());
    [whole, streamed]
}

#[test]
fn ten_megabytes_of_one_character_pass() {
    for character in ["a", " ", "1", "@", "-", ".", "é", "\u{200B}", "(", "\\"] {
        let text = character.repeat(MEGABYTES_10 / character.len());
        assert_eq!(lengths(everything(), &text), [text.len(); 2], "{character:?}");
    }
}

#[test]
fn an_engine_without_detectors_passes_everything_at_once() {
    let engine = Engine::new(&[]).unwrap();
    for text in [
        "",
        "a",
        "ada@example.org",
        "\u{200B}\u{202E}",
        "-----BEGIN PRIVATE KEY-----",
    ] {
        let out = whole(&engine, text);
        assert_eq!((out.raw().as_str(), out.matches().len()), (text, 0));
    }
    let mut channel = TextStream::default();
    let mut out = Output::default();
    Stream::push(&mut channel, &engine, "ada@example.org 4111", &mut out);
    assert_eq!(out.raw(), "ada@example.org 4111");
}

#[test]
fn empty_chunks_and_texts_change_nothing() {
    for profile in PROFILES.iter() {
        assert_eq!(whole(&profile.engine, ""), Output::default());
        let text = "pay 4111 1111 1111 1111 or ada@example.org";
        let mut channel = TextStream::default();
        let mut out = Output::default();
        for character in text.chars() {
            Stream::push(&mut channel, &profile.engine, "", &mut out);
            Stream::push(
                &mut channel,
                &profile.engine,
                character.encode_utf8(&mut [0; 4]),
                &mut out,
            );
            Stream::push(&mut channel, &profile.engine, "", &mut out);
        }
        Stream::finish(&mut channel, &profile.engine, &mut out);
        assert_eq!(out, whole(&profile.engine, text), "profile {}", profile.name);
        Stream::finish(&mut channel, &profile.engine, &mut out);
        assert_eq!(out.raw(), text, "a second end adds nothing");
    }
}

#[test]
fn every_scalar_value_passes_alone_and_between_digits() {
    let mut text = String::new();
    for scalar in ('\0'..=char::MAX).step_by(7) {
        text.push(scalar);
        text.push('4');
    }
    for profile in PROFILES.iter().take(1) {
        assert_eq!(lengths(&profile.engine, &text), [text.len(); 2]);
    }
}

#[test]
fn long_runs_are_found_at_their_end() {
    for run in ["1-", "a.", "a@", "4111 ", "0:0:", "+1 ", "\u{200B}", "x"] {
        let text = format!("{} ada@example.org", run.repeat(20_000 / run.len()));
        let found = everything().find(&text);
        let last = found.last().unwrap();
        assert_eq!(&text[last.span.clone()], "ada@example.org", "{run:?}");
    }
}
