//! `palisade policy new` and `palisade policy schema`.

use super::Outcome;
use crate::cli::write_bundle;
use palisade_policies::DEFAULT_BUNDLE;
use std::io::Write;
use std::path::Path;

pub(super) fn run(folder: &Path) -> Outcome {
    if folder.exists() {
        return Err(format!("{} is there already: name a folder that is not", folder.display()).into());
    }
    write_bundle(folder)?;
    writeln!(
        std::io::stdout(),
        "{0}: a bundle to start from. Put your tenants and groups in the place of retail, markets and research, then:\n  \
         palisade policy check {0}\n  palisade policy test {0}",
        folder.display()
    )?;
    Ok(true)
}

pub(super) fn schema() -> Outcome {
    let schema = DEFAULT_BUNDLE
        .iter()
        .find(|file| file.path.ends_with(".cedarschema"));
    let text = schema.map_or("", |file| file.text);
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(true)
}
