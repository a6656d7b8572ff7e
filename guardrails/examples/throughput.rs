//! Prints scan speed on this machine: `cargo run --release -p palisade-guardrails --example throughput`.

use palisade_guardrails::{Category, Engine, Piece, TextStream};
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

const PROSE: &str = "The committee met on Tuesday to review the budget: 3 items were open, and none of them urgent. A decision about \
    the new building (see page 12) was put off until spring; the architect, who could not attend, had sent a well-kept set of notes. ";
const DENSE: &str = "Ada (ada@example.org, +1 415 555 2671) paid with 4111 1111 1111 1111 from 10.0.0.1 and gave 536-22-8145. ";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout();
    let started = Instant::now();
    let engine = Engine::new(Category::all())?;
    writeln!(out, "built in {:?}", started.elapsed())?;
    for (name, sentence) in [("clean", PROSE), ("dense", DENSE)] {
        for size in [2048, 1 << 20] {
            let text: String = sentence.chars().cycle().take(size).collect();
            let pass = fastest(|| engine.scan(&text, &mut |piece| see(piece)));
            writeln!(
                out,
                "{name} {size:>8} bytes whole   {:>9.2} us  {:>7.1} MB/s",
                micros(pass),
                rate(size, pass)
            )?;
        }
        let text: String = sentence.chars().cycle().take(2048).collect();
        for chunk in [1, 4, 16] {
            let chunks: Vec<String> = text
                .chars()
                .collect::<Vec<_>>()
                .chunks(chunk)
                .map(|chunk| chunk.iter().collect())
                .collect();
            let pass = fastest(|| {
                let mut channel = TextStream::default();
                for chunk in &chunks {
                    channel.push(&engine, chunk, &mut |piece| see(piece));
                }
                channel.finish(&engine, &mut |piece| see(piece));
            });
            let each = micros(pass) / f64::from(u32::try_from(chunks.len())?) * 1000.0;
            writeln!(
                out,
                "{name}     2048 bytes by {chunk:>4} {:>9.2} us  {:>7.1} MB/s  {each:.0} ns a chunk",
                micros(pass),
                rate(text.len(), pass)
            )?;
        }
    }
    Ok(())
}

/// Keeps the compiler from leaving the scan out.
fn see(piece: Piece<'_>) {
    black_box(piece);
}

/// The shortest of many passes: what the code costs without the machine's noise.
fn fastest(mut pass: impl FnMut()) -> Duration {
    let started = Instant::now();
    let mut best = Duration::MAX;
    while started.elapsed() < Duration::from_millis(300) {
        let pass_started = Instant::now();
        pass();
        best = best.min(pass_started.elapsed());
    }
    best
}

fn micros(pass: Duration) -> f64 {
    pass.as_secs_f64() * 1e6
}

fn rate(bytes: usize, pass: Duration) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / pass.as_secs_f64() / 1e6
}
