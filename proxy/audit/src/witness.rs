//! What a witness is asked, and when it may say yes (c2sp.org/tlog-witness): that a log only ever grows.

use crate::checkpoint::Checkpoint;
use crate::note::{Malformed, Verifier};
use crate::proof::{goes_on, lines};
use crate::tree::{Hash, Tree};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// No proof has more hashes.
const PROOF_MAX: usize = 63;

/// A request to add a checkpoint.
#[derive(Debug, PartialEq, Eq)]
pub struct Request<'r> {
    /// The size of the checkpoint that the witness is thought to have.
    pub old: u64,
    /// That the new one goes on from it.
    pub proof: Vec<Hash>,
    /// The new checkpoint, signed by its log.
    pub note: &'r str,
}

/// Why a witness does not say yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The request is none. Status 400.
    Malformed,
    /// The log is not known. Status 404.
    Unknown,
    /// The checkpoint is not signed by its log. Status 403.
    NotSigned,
    /// The newest checkpoint has another size, this one, or another root. Status 409.
    Conflict(u64),
    /// The checkpoint does not go on from the newest one. Status 422.
    Inconsistent,
}

impl Refused {
    /// The status of the answer.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::NotSigned => 403,
            Self::Unknown => 404,
            Self::Conflict(_) => 409,
            Self::Inconsistent => 422,
        }
    }
}

impl<'r> Request<'r> {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(body: &'r str) -> Result<Self, Malformed> {
        const WHY: Malformed = Malformed::new("is no request to add a checkpoint");
        let (head, note) = body.split_once("\n\n").ok_or(WHY)?;
        let mut head = head.split('\n');
        let old = head
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .ok_or(WHY)?;
        let number: u64 = old.parse().map_err(|_| WHY)?;
        let hash = |line: &str| STANDARD.decode(line).ok().and_then(|bytes| bytes.try_into().ok());
        let proof: Option<Vec<Hash>> = head.map(hash).collect();
        let proof = proof.filter(|proof| proof.len() <= PROOF_MAX).ok_or(WHY)?;
        // One number has one spelling.
        match number.to_string() == old {
            true => Ok(Self {
                old: number,
                proof,
                note,
            }),
            false => Err(WHY),
        }
    }

    /// The body of a request.
    #[must_use]
    pub fn text(old: u64, proof: &[Hash], note: &str) -> String {
        format!("old {old}\n{}\n{note}", lines(proof))
    }

    /// The log that it is about, as it says itself.
    #[must_use]
    pub fn origin(&self) -> &'r str {
        self.note.split('\n').next().unwrap_or_default()
    }

    /// The checkpoint, if the log with this key may have grown to it from `last`.
    ///
    /// # Errors
    /// Why a witness must not say so.
    pub fn check(&self, log: &Verifier, last: Option<&Checkpoint>) -> Result<Checkpoint, Refused> {
        let next = Checkpoint::open(self.note, log).map_err(|_| Refused::NotSigned)?;
        let none = Tree::default().root();
        let (size, root) = last.map_or((0, &none), |last| (last.size, &last.root));
        if self.old > next.size {
            return Err(Refused::Malformed);
        }
        if self.old != size || (next.size == size && next.root != *root) {
            return Err(Refused::Conflict(size));
        }
        match goes_on((size, root), (next.size, &next.root), &self.proof) {
            true => Ok(next),
            false => Err(Refused::Inconsistent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::{Kind, Signer};
    use crate::proof::consistency;
    use crate::tree::root;
    use crate::tree::tests::leaves;

    fn signer() -> Signer {
        Signer::new("log.example", Kind::Note, &[3; 32]).unwrap()
    }

    fn checkpoint(leaves: &[Hash], size: usize) -> Checkpoint {
        Checkpoint {
            origin: "log.example".to_owned(),
            size: size as u64,
            root: root(&leaves[..size]),
        }
    }

    fn asked(
        leaves: &[Hash],
        old: u64,
        new: usize,
        last: Option<&Checkpoint>,
    ) -> Result<Checkpoint, Refused> {
        let proof = consistency(leaves, old, new as u64).unwrap();
        let note = checkpoint(leaves, new).signed(&signer());
        let body = Request::text(old, &proof, &note);
        let request = Request::parse(&body).unwrap();
        assert_eq!(
            (request.origin(), request.old, &request.proof),
            ("log.example", old, &proof)
        );
        request.check(&signer().verifier(), last)
    }

    #[test]
    fn a_log_that_grows_is_cosigned_and_no_other() {
        let leaves = leaves(20);
        let (five, nine) = (checkpoint(&leaves, 5), checkpoint(&leaves, 9));
        assert_eq!(asked(&leaves, 0, 5, None), Ok(five.clone()));
        assert_eq!(asked(&leaves, 5, 9, Some(&five)), Ok(nine.clone()));
        assert_eq!(asked(&leaves, 9, 9, Some(&nine)), Ok(nine.clone()), "once more");
        assert_eq!(asked(&leaves, 0, 0, None), Ok(checkpoint(&leaves, 0)));
        assert_eq!(asked(&leaves, 5, 12, Some(&nine)), Err(Refused::Conflict(9)));
        assert_eq!(asked(&leaves, 0, 12, Some(&nine)), Err(Refused::Conflict(9)));
        assert_eq!(asked(&leaves, 3, 4, None), Err(Refused::Conflict(0)));
        assert_eq!(asked(&leaves, 9, 5, Some(&nine)), Err(Refused::Malformed));
    }

    #[test]
    fn a_log_that_was_forked_is_not_cosigned() {
        let (leaves, other) = (leaves(20), leaves(21).split_off(1));
        let nine = checkpoint(&leaves, 9);
        assert_eq!(asked(&other, 9, 9, Some(&nine)), Err(Refused::Conflict(9)));
        assert_eq!(asked(&other, 9, 12, Some(&nine)), Err(Refused::Inconsistent));
        let note = checkpoint(&leaves, 12).signed(&signer());
        let body = Request::text(9, &[], &note);
        let request = Request::parse(&body).unwrap();
        assert_eq!(
            request.check(&signer().verifier(), Some(&nine)),
            Err(Refused::Inconsistent)
        );
        let another = Signer::new("log.example", Kind::Note, &[4; 32]).unwrap();
        assert_eq!(
            request.check(&another.verifier(), Some(&nine)),
            Err(Refused::NotSigned)
        );
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let note = checkpoint(&leaves(1), 1).signed(&signer());
        let hash = STANDARD.encode([0; 32]);
        for head in [
            "old 01",
            "old -1",
            "old",
            "new 1",
            "old 1\nAAAA",
            "OLD 1",
            "old 1 ",
        ] {
            assert!(Request::parse(&format!("{head}\n\n{note}")).is_err(), "{head:?}");
        }
        let long = format!("old 1\n{}\n{note}", format!("{hash}\n").repeat(64));
        assert!(Request::parse(&long).is_err());
        assert!(Request::parse("old 1\n").is_err());
    }
}
