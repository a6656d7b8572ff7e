//! Checkpoints (c2sp.org/tlog-checkpoint): what a log says of its tree, to be signed as a note.

use crate::note::{Malformed, Signer, Verifier};
use crate::tree::{Hash, Tree};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const WHY: Malformed = Malformed::new("is no checkpoint");

/// The tree of a log at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log.
    pub origin: String,
    /// How many records there are.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// What there is to say of a tree.
    #[must_use]
    pub fn of(origin: &str, tree: &Tree) -> Self {
        Self {
            origin: origin.to_owned(),
            size: tree.size(),
            root: tree.root(),
        }
    }

    /// The signed note that says it.
    #[must_use]
    pub fn signed(&self, signer: &Signer) -> String {
        let Self { origin, size, root } = self;
        signer.sign(&format!("{origin}\n{size}\n{}\n", STANDARD.encode(root)))
    }

    /// What a note says that is signed with this key, by the log of its name.
    ///
    /// # Errors
    /// When it is not signed so, or no checkpoint.
    pub fn open(note: &str, verifier: &Verifier) -> Result<Self, Malformed> {
        let claimed = Self::claimed(verifier.open(note)?)?;
        match claimed.origin == verifier.name() {
            true => Ok(claimed),
            false => Err(WHY),
        }
    }

    /// What a note, or its text, says, whoever may have written it.
    ///
    /// # Errors
    /// When it is no checkpoint.
    pub fn claimed(note: &str) -> Result<Self, Malformed> {
        let mut lines = note.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(WHY);
        };
        let number: u64 = size.parse().map_err(|_| WHY)?;
        let bytes = STANDARD.decode(root).map_err(|_| WHY)?;
        // One number has one spelling.
        if number.to_string() != size {
            return Err(WHY);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size: number,
            root: bytes.try_into().map_err(|_| WHY)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::Kind;
    use crate::tree::leaf_hash;

    #[test]
    fn what_is_said_is_read() {
        let signer = Signer::new("palisade.example/log", Kind::Note, &[3; 32]).unwrap();
        let mut tree = Tree::default();
        tree.push(leaf_hash(b"a"));
        let checkpoint = Checkpoint::of("palisade.example/log", &tree);
        let note = checkpoint.signed(&signer);
        assert!(note.starts_with("palisade.example/log\n1\n"));
        assert_eq!(Checkpoint::open(&note, &signer.verifier()).unwrap(), checkpoint);
    }

    #[test]
    fn what_is_signed_but_no_checkpoint_is_refused() {
        let signer = Signer::new("n", Kind::Note, &[3; 32]).unwrap();
        let root = STANDARD.encode([0; 32]);
        for text in [
            "n\n".to_owned(),
            format!("m\n1\n{root}\n"),
            format!("n\n01\n{root}\n"),
            format!("n\n-1\n{root}\n"),
            "n\n1\nAAAA\n".to_owned(),
        ] {
            assert!(
                Checkpoint::open(&signer.sign(&text), &signer.verifier()).is_err(),
                "{text}"
            );
        }
    }
}
