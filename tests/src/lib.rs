//! Measures and tests Palisade from outside: as a process that speaks HTTP on loopback.

pub mod bench;
