//! Fuzzes `palisade_fuzz::framing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| palisade_fuzz::framing(data));
