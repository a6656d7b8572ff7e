//! What each row of the catalogue finds and leaves alone, a file a field.

use crate::streams::found_in;
use palisade_guardrails::{Category, Confidence, Engine, Options, Specimen};

mod secrets;
mod cloud;
mod services;
mod vendors;
mod finance;
mod network;
mod personal;
mod phone;
mod america;
mod britain;
mod australia;
mod germany;
mod europe;
mod asia;
mod south;
mod attack;

/// Looks for one category in each text and asserts that exactly the parts in ⟦double brackets⟧ are found, at `minimum` percent.
fn check(category: Category, minimum: u8, marked: &[&str]) {
    let engine = Engine::with(Options {
        categories: vec![category],
        minimum: Confidence::new(minimum),
        specimens: Specimen::ALL.to_vec(),
        ..Options::default()
    })
    .unwrap();
    for text in marked {
        let plain = text.replace(['⟦', '⟧'], "");
        assert_eq!(&found_in(&engine, &plain), text, "{category} at {minimum}");
    }
}
