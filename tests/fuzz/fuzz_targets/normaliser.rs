//! Fuzzes `palisade_fuzz::normaliser`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| palisade_fuzz::normaliser(data));
