//! `palisade audit tiles`: the log as files that any client of c2sp.org/tlog-tiles reads.

use super::records::{each_piece, log_segments, tell};
use super::signed::{key_of, signed};
use super::{Failure, TilesArgs};
use crate::trail::{CHECKPOINT, Read, replace};
use palisade_audit::frame::Piece;
use palisade_audit::tiles::{TileFile, Tiles};
use palisade_audit::tree::{Tree, leaf_hash};
use std::fs;
use std::io::Write;
use std::path::Path;

pub(super) fn run(args: &TilesArgs) -> Result<(), Failure> {
    tell(&args.log, &Read::by("tiles"));
    let verifier = key_of(&args.log, args.key.as_deref())?;
    let (note, checkpoint) = signed(&args.log, CHECKPOINT, &verifier)?;
    let (mut tiles, mut tree, mut written) = (Tiles::default(), Tree::default(), 0);
    for segment in log_segments(&args.log)? {
        each_piece(&segment, |piece| {
            let Piece::Record { index, bytes } = piece else {
                return Ok(());
            };
            // What is missing shows in the root.
            if index == tree.size() && index < checkpoint.size {
                tree.push(leaf_hash(bytes));
                written += write(&args.out, &tiles.push(bytes)?)?;
            }
            Ok(())
        })?;
    }
    if (tree.size(), tree.root()) != (checkpoint.size, checkpoint.root) {
        return Err("the log is not what its checkpoint says: `palisade audit verify` says where".into());
    }
    written += write(&args.out, &tiles.partial())?;
    // Last: whoever finds it finds all that it is over.
    let last = args.out.join(CHECKPOINT);
    replace(&last, note.as_bytes()).map_err(|error| cannot(&last, &error))?;
    writeln!(
        std::io::stdout(),
        "{written} files written, for the {} records of {}",
        checkpoint.size,
        checkpoint.origin
    )?;
    Ok(())
}

/// Writes the files that are not there yet; returns how many.
fn write(out: &Path, files: &[TileFile]) -> Result<u64, Failure> {
    let mut written = 0;
    for TileFile { path, bytes } in files {
        let path = out.join(path);
        if fs::read(&path).is_ok_and(|there| there == *bytes) {
            continue;
        }
        let folder = path.parent().unwrap_or(out);
        fs::create_dir_all(folder)
            .and_then(|()| replace(&path, bytes))
            .map_err(|error| cannot(&path, &error))?;
        written += 1;
    }
    Ok(written)
}

fn cannot(path: &Path, error: &std::io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
