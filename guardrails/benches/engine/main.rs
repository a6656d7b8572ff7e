//! Scan speed of the whole catalogue at its default minimum, beside a yardstick, as a Markdown table.
//!
//! `cargo bench -p palisade-guardrails` measures; with `-- --smoke` every text is scanned once, shortened, so that nothing here
//! can rot; with `-- --alone` the yardstick, which takes most of the time, is left out; `-- WORDS` reads only texts with WORDS in their
//! names. Time is the CPU time of this thread: who else wanted the processor does not count.

mod texts;
mod yardstick;

use palisade_guardrails::{Engine, Options, Piece, TextStream};
use rustix::time::{ClockId, clock_gettime};
use std::error::Error;
use std::hint::black_box;
use std::io::Write;
use std::time::Duration;
use texts::{Expected, Sample};
use yardstick::Yardstick;

/// How long one reading repeats what it measures, and how many are taken; the shortest counts.
const READING: Duration = Duration::from_millis(50);
const READINGS: usize = 3;

/// The bytes of a delta, and how much of a text is streamed.
const DELTA_BYTES: usize = 4;
const STREAMED_BYTES: usize = 32 << 10;

/// How texts are shortened for a smoke test.
const SHRINK: usize = 64;

/// What one text costs.
struct Reading {
    /// MB/s, without end where nothing was measured.
    engine: f64,
    yardstick: f64,
    delta_ns: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let smoke = std::env::args().any(|argument| argument == "--smoke");
    let alone = std::env::args().any(|argument| argument == "--alone");
    let only = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"));
    let mut out = std::io::stdout().lock();
    let (engine, built) = timed(|| Engine::with(Options::default()));
    let engine = engine?;
    let (yardstick, compiled) = timed(|| Yardstick::new(Options::default().minimum));
    let yardstick = yardstick?;
    writeln!(
        out,
        "The engine takes {:.0} ms to build and {:.1} MiB; the yardstick, of {} regexes, {:.0} ms to compile.\n",
        built.as_secs_f64() * 1e3,
        mebibytes(engine.memory()),
        yardstick.len(),
        compiled.as_secs_f64() * 1e3
    )?;
    writeln!(
        out,
        "| text | MB/s | ÷ clean | yardstick, MB/s | ÷ yardstick | ns a 4-byte delta |\n|---|--:|--:|--:|--:|--:|"
    )?;
    let mut clean = None;
    for sample in texts::all(if smoke { SHRINK } else { 1 }) {
        if only
            .as_ref()
            .is_some_and(|only| clean.is_some() && !sample.name.contains(only))
        {
            continue;
        }
        let yardstick = (!alone).then(|| yardstick.clone());
        let yardstick = yardstick.as_ref();
        expect(&sample, &engine, yardstick)?;
        let reading = read(
            &sample.text,
            &engine,
            yardstick,
            if smoke { Duration::ZERO } else { READING },
        );
        let clean = *clean.get_or_insert(reading.engine);
        writeln!(
            out,
            "| {} | {} | {:.2} | {} | {} | {} |",
            sample.name,
            number(reading.engine),
            reading.engine / clean,
            number(reading.yardstick),
            number(reading.engine * reading.yardstick.recip()),
            number(reading.delta_ns)
        )?;
        out.flush()?;
    }
    Ok(())
}

/// Refuses to measure a scan that does not do its work.
fn expect(sample: &Sample, engine: &Engine, yardstick: Option<&Yardstick>) -> Result<(), Box<dyn Error>> {
    let found = engine.find(&sample.text).len();
    let matched = yardstick.map(|yardstick| yardstick.count(sample.text.as_bytes()));
    let plenty = |count: usize| count * 200 > sample.text.len();
    let fits = match sample.expected {
        Expected::Nothing => found == 0,
        Expected::Plenty => plenty(found) && matched.is_none_or(plenty),
        Expected::Anything => true,
    };
    if fits {
        Ok(())
    } else {
        Err(format!("{}: {found} found, {matched:?} matched", sample.name).into())
    }
}

fn read(text: &str, engine: &Engine, yardstick: Option<&Yardstick>, least: Duration) -> Reading {
    let streamed = text
        .get(..text.floor_char_boundary(STREAMED_BYTES))
        .unwrap_or(text);
    let deltas = deltas(streamed);
    let mut best = [Duration::MAX; 3];
    for _ in 0..if least.is_zero() { 1 } else { READINGS } {
        let readings = [
            repeated(least, || engine.scan(text, &mut |piece| see(piece))),
            yardstick.map_or(Duration::ZERO, |yardstick| {
                repeated(least, || {
                    black_box(yardstick.count(text.as_bytes()));
                })
            }),
            repeated(least, || {
                let mut channel = TextStream::default();
                for delta in &deltas {
                    channel.push(engine, delta, &mut |piece| see(piece));
                }
                channel.finish(engine, &mut |piece| see(piece));
            }),
        ];
        for (best, reading) in best.iter_mut().zip(readings) {
            *best = reading.min(*best);
        }
    }
    let [whole, regexes, streamed] = best.map(|pass| pass.as_secs_f64() * 1e9);
    Reading {
        engine: count(text.len()) / whole * 1e3,
        yardstick: count(text.len()) / regexes * 1e3,
        delta_ns: streamed / count(deltas.len()),
    }
}

/// A text as it might stream.
fn deltas(text: &str) -> Vec<&str> {
    let mut deltas = Vec::with_capacity(text.len() / DELTA_BYTES + 1);
    let mut rest = text;
    while !rest.is_empty() {
        let (delta, further) = rest.split_at(rest.ceil_char_boundary(DELTA_BYTES.min(rest.len())));
        deltas.push(delta);
        rest = further;
    }
    deltas
}

/// What one of as many passes as fill `least` takes.
fn repeated(least: Duration, mut pass: impl FnMut()) -> Duration {
    let began = now();
    for passes in 1.. {
        pass();
        let took = now().saturating_sub(began);
        if took >= least {
            return took / passes;
        }
    }
    Duration::MAX
}

fn timed<T>(make: impl FnOnce() -> T) -> (T, Duration) {
    let began = now();
    let made = make();
    (made, now().saturating_sub(began))
}

/// The CPU time of this thread.
fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = Duration::from_secs(time.tv_sec.try_into().unwrap_or_default());
    seconds + Duration::from_nanos(time.tv_nsec.try_into().unwrap_or_default())
}

/// Keeps the compiler from leaving the scan out.
fn see(piece: Piece<'_>) {
    black_box(piece);
}

fn mebibytes(bytes: usize) -> f64 {
    count(bytes) / f64::from(1 << 20)
}

fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap_or(u32::MAX))
}

/// Three significant digits, or all digits before the point.
fn number(value: f64) -> String {
    if !value.is_normal() {
        return "–".to_owned();
    }
    let decimals = match value {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}
