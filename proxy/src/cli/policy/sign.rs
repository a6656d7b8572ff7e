//! `palisade policy keygen` and `palisade policy sign`.

use super::{Files, Outcome, SignArgs, replace};
use crate::cli::write_private;
use crate::gateway::{SIGNATURE_PATH, generate, listed, sign, snapshot};
use std::fs;
use std::io::Write;
use std::path::Path;

pub(super) fn keygen(file: &Path) -> Outcome {
    let public = file.with_added_extension("pub");
    if let Some(there) = [file, public.as_path()].into_iter().find(|path| path.exists()) {
        return Err(format!("{} is there already: name a file that is not", there.display()).into());
    }
    let (private, public_key) = generate()?;
    write_private(file, &format!("{private}\n"))?;
    fs::write(&public, format!("{public_key}\n"))
        .map_err(|e| format!("cannot write {}: {e}", public.display()))?;
    writeln!(
        std::io::stdout(),
        "{}: keep it where bundles are signed\n{}: name it in `[policy] public_key` of gateways",
        file.display(),
        public.display()
    )?;
    Ok(true)
}

/// Signs a bundle that is good; one that is not would be refused anyway.
pub(super) fn run(args: &SignArgs) -> Outcome {
    let files = Files::read(&args.dir)?;
    let snapshot = snapshot(&files.sources(), None).map_err(|problems| listed(&problems))?;
    let key =
        fs::read_to_string(&args.key).map_err(|e| format!("cannot read {}: {e}", args.key.display()))?;
    let digest = snapshot.bundle().digest();
    let signed = sign(&key, digest, args.sequence).map_err(|why| format!("{} {why}", args.key.display()))?;
    let path = args.dir.join(SIGNATURE_PATH);
    replace(&path, &signed)?;
    writeln!(
        std::io::stdout(),
        "{}: number {} of bundle {digest}",
        path.display(),
        args.sequence
    )?;
    Ok(true)
}
