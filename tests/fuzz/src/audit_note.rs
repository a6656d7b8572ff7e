use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::note::{Kind, Signer, Verifier};
use palisade_audit::witness::Request;

/// Signed notes, checkpoints and keys: what opens was signed as it stands, and what is read has one spelling.
pub fn audit_note(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let signer = Signer::new("example.com/log", Kind::Note, &[7; 32]).expect("a name and a key");
    let verifier = signer.verifier();
    if let Ok(opened) = verifier.open(text) {
        assert!(opened.ends_with('\n') && text.starts_with(opened));
        assert!(verifier.open(&signer.sign(opened)).is_ok());
    }
    if let Ok(checkpoint) = Checkpoint::open(text, &verifier) {
        let again = checkpoint.signed(&signer);
        assert_eq!(Checkpoint::open(&again, &verifier), Ok(checkpoint));
    }
    if let Ok(request) = Request::parse(text) {
        let again = Request::text(request.old, &request.proof, request.note);
        assert_eq!(Request::parse(&again), Ok(request));
    }
    if let Ok(verifier) = Verifier::parse(text) {
        assert_eq!(Verifier::parse(&verifier.encoded()), Ok(verifier));
    }
    if let Ok(signer) = Signer::parse(text)
        && signer.kind() == Kind::Note
    {
        let note = signer.sign("text\n");
        assert_eq!(signer.verifier().open(&note), Ok("text\n"));
    }
}
