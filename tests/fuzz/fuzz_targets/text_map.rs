//! Fuzzes `palisade_fuzz::text_map`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| palisade_fuzz::text_map(data));
