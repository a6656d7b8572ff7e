//! `palisade policy fmt`.

use super::{Files, FmtArgs, Outcome};
use palisade_policies::formatted;
use std::fs;
use std::io::Write;

pub(super) fn run(args: &FmtArgs) -> Outcome {
    let files = Files::read(&args.dir)?;
    let mut out = std::io::stdout().lock();
    let mut differ = false;
    for file in files
        .sources()
        .iter()
        .filter(|file| file.path.ends_with(".cedar"))
    {
        let path = args.dir.join(file.path);
        let text = formatted(file.text).map_err(|error| format!("{}: {error}", path.display()))?;
        if text == file.text {
            continue;
        }
        differ = true;
        if args.check {
            writeln!(out, "{} would change", path.display())?;
            continue;
        }
        // There whole or not at all: a running gateway may be watching. What begins with a full stop is no part of a bundle.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let partial = path.with_file_name(format!(".{name}.partial"));
        fs::write(&partial, &text)
            .and_then(|()| fs::rename(&partial, &path))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        writeln!(out, "{} formatted", path.display())?;
    }
    Ok(!(differ && args.check))
}
