//! Fuzzes `palisade_fuzz::fragments`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| palisade_fuzz::fragments(data));
