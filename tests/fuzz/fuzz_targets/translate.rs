//! Fuzzes `palisade_fuzz::translate`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| palisade_fuzz::translate(data));
