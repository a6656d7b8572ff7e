//! Fuzzes `palisade_fuzz::guardrails`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| palisade_fuzz::guardrails(data));
