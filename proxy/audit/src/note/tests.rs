//! Notes, keys and cosignatures: what is signed is opened, and nothing else.

use super::*;

fn signer(name: &str) -> Signer {
    Signer::new(name, Kind::Note, &[7; 32]).unwrap()
}

#[test]
fn the_key_of_the_specification_s_example_is_read() {
    // The key and note of golang.org/x/mod/sumdb/note's documentation.
    let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let note = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\
                \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let verifier = Verifier::parse(key).unwrap();
    assert!(verifier.open(note).unwrap().ends_with("what your problem is.\n"));
    assert_eq!(verifier.encoded(), key);
    assert!(verifier.open(&note.replace("think", "thing")).is_err());
}

#[test]
fn what_is_signed_is_opened_by_its_key_and_no_other() {
    let signer = signer("a.example/log");
    let note = signer.sign("one\ntwo\n");
    assert_eq!(signer.verifier().open(&note).unwrap(), "one\ntwo\n");
    assert!(self::signer("b.example/log").verifier().open(&note).is_err());
    let other = Signer::new("a.example/log", Kind::Note, &[8; 32]).unwrap();
    assert!(other.verifier().open(&note).is_err());
    for place in 0..note.len() {
        let mut bytes = note.clone().into_bytes();
        bytes[place] ^= 1;
        if let Ok(spoilt) = String::from_utf8(bytes) {
            assert!(signer.verifier().open(&spoilt).is_err(), "byte {place}");
        }
    }
}

#[test]
fn what_a_witness_signs_is_opened_by_its_key_alone_and_holds_the_time() {
    let note = signer("a.example/log").sign("a.example/log\n1\nAAAA\n");
    let witness = Signer::new("w.example", Kind::Cosignature, &[9; 32]).unwrap();
    let text = signer("a.example/log").verifier().open(&note).unwrap().to_owned();
    let both = note + &witness.cosign(&text, 1_679_315_147);
    assert_eq!(witness.verifier().open(&both), Ok(text.as_str()));
    assert!(signer("a.example/log").verifier().open(&both).is_ok());
    let as_note = Signer::new("w.example", Kind::Note, &[9; 32]).unwrap();
    assert!(as_note.verifier().open(&both).is_err());
    assert_eq!(
        Verifier::parse(&witness.verifier().encoded()),
        Ok(witness.verifier())
    );
    let begins = witness.cosign(&text, 1_679_315_147) == witness.cosign(&text, 1_679_315_148);
    assert!(!begins);
    let place = both.rfind(' ').unwrap() + 9;
    let other = if both.as_bytes()[place] == b'A' { "B" } else { "A" };
    let spoilt = [&both[..place], other, &both[place + 1..]].concat();
    assert!(witness.verifier().open(&spoilt).is_err(), "another time");
}

#[test]
fn a_key_leads_to_the_one_that_it_certified_and_to_no_other() {
    let (old, new) = (signer("n"), Signer::new("n", Kind::Note, &[8; 32]).unwrap());
    let certificate = old.certify(&new.verifier());
    let text = new.verifier().encoded();
    assert_eq!(old.verifier().next(&text, &certificate), Some(new.verifier()));
    assert_eq!(new.verifier().next(&text, &certificate), None);
    assert_eq!(old.verifier().next(&old.verifier().encoded(), &certificate), None);
    assert_eq!(old.verifier().next(&text, "AAAA"), None);
}

#[test]
fn keys_are_read_as_they_are_written() {
    let signer = signer("n");
    let text = Signer::encoded("n", &signer.verifier(), &[7; 32]);
    assert_eq!(Signer::parse(&text).unwrap().verifier(), signer.verifier());
    assert!(Signer::parse(&text.replace("+n+", "+m+")).is_err());
    for wrong in ["", "a", "a+b", "a+00000000+AQ==", "PRIVATE+KEY+", "+x+y"] {
        assert!(Verifier::parse(wrong).is_err() && Signer::parse(wrong).is_err());
    }
    for name in ["", "a b", "a+b", "a\nb"] {
        assert!(Signer::new(name, Kind::Note, &[7; 32]).is_err());
    }
}

#[test]
fn what_is_no_note_is_refused() {
    let verifier = signer("n").verifier();
    for text in [
        "",
        "\n\n",
        "a\n",
        "a\n\n",
        "a\n\nb\n",
        "a\n\n\u{2014} n AAAA",
        "a\u{0}\n\n\u{2014} n AAAA\n",
    ] {
        assert!(verifier.open(text).is_err(), "{text:?}");
    }
}
