//! Fuzzes `palisade_fuzz::sigv4`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| palisade_fuzz::sigv4(data));
