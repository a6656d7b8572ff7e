//! Fuzzes `palisade_fuzz::policy_bundle`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| palisade_fuzz::policy_bundle(data));
