//! Fuzzes `palisade_fuzz::json`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| palisade_fuzz::json(data));
