//! `palisade policy fmt`.

use super::{Files, FmtArgs, Outcome, replace};
use palisade_policies::formatted;
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
        replace(&path, &text)?;
        writeln!(out, "{} formatted", path.display())?;
    }
    Ok(!(differ && args.check))
}
