//! Runs every fuzz target over its seeds and mutations of them, the same ones every time.

use std::{fs, path::Path, thread};

/// One test a target: name, body and number of mutations.
macro_rules! smoke {
    ($($target:ident: $rounds:literal;)+) => {
        $(#[test]
        fn $target() {
            run(stringify!($target), palisade_fuzz::$target, $rounds);
        })+
    };
}

smoke! {
    json: 20_000;
    fragments: 20_000;
    text_map: 4_000;
    eventstream: 8_000;
    framing: 2_000;
    sigv4: 8_000;
    target: 20_000;
    discovery: 20_000;
    translate: 6_000;
    guardrails: 1_500;
    normaliser: 1_500;
    restorer: 20_000;
    audit_record: 20_000;
    audit_note: 2_000;
    audit_segment: 5_000;
    policy_bundle: 60;
}

fn run(name: &str, target: fn(&[u8]), rounds: usize) {
    let seeds = seeds(name);
    for seed in &seeds {
        call(target, seed);
    }
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..rounds {
        let mut input = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(4) {
            mutate(&mut input, &seeds, &mut random);
        }
        call(target, &input);
    }
}

/// The seeds of a target, in the order of their names.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{target} has no seeds");
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn call(target: fn(&[u8]), input: &[u8]) {
    /// Tells the input when the target panics.
    struct Tell<'a>(&'a [u8]);
    impl Drop for Tell<'_> {
        fn drop(&mut self) {
            if thread::panicking() {
                eprintln!("the input was b\"{}\"", self.0.escape_ascii());
            }
        }
    }
    let _tell = Tell(input);
    target(input);
}

/// Changes, removes, doubles or takes over a stretch of bytes.
fn mutate(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    const TELLING: &[u8] = b"\0\n\r \"\\/{}[](),:;.-+%@0159aEe\x7f\x80\xc3\xff";
    let start = random.below(input.len() + 1);
    let end = (start + random.below(9)).min(input.len());
    match random.below(5) {
        0 if start < input.len() => input[start] ^= 1 << random.below(8),
        1 => input.insert(start, TELLING[random.below(TELLING.len())]),
        2 => drop(input.drain(start..end)),
        3 => input
            .splice(start..start, input[start..end].to_vec())
            .for_each(drop),
        _ => {
            let other = &seeds[random.below(seeds.len())];
            let from = random.below(other.len() + 1);
            let to = (from + random.below(40)).min(other.len());
            input
                .splice(start..end, other[from..to].iter().copied())
                .for_each(drop);
        }
    }
}

/// Xorshift: G. Marsaglia, "Xorshift RNGs", 2003, the triple (13, 7, 17).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}
