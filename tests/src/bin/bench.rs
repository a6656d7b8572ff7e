//! The benchmark's one command: builds what it needs, runs it, prints tables.

use clap::Parser;
use palisade_tests::bench::failure::{During, Failure};
use palisade_tests::bench::machine::Machine;
use palisade_tests::bench::plan::Plan;
use palisade_tests::bench::{report, rounds, sizes};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Where the report stands in the repository.
const REPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/BENCHMARKS.md");

/// Measures Palisade beside a bare Pingora pass-through, on loopback.
///
/// Example: cargo run --release -p palisade-tests --bin bench -- --write
#[derive(Parser)]
struct Arguments {
    /// A run of seconds that shows that everything works; its numbers mean nothing
    #[arg(long)]
    smoke: bool,
    /// Write tests/BENCHMARKS.md
    #[arg(long, conflicts_with = "smoke")]
    write: bool,
    /// CPU for each KiB of large bodies of many kinds instead: none may grow with the size
    #[arg(long, conflicts_with_all = ["smoke", "write"])]
    sizes: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // With stderr gone there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let binaries = binaries()?;
    build(&binaries)?;
    let progress = |at: &str| {
        // Progress is for whoever watches; nobody may.
        let _ = writeln!(std::io::stderr(), "{at}");
    };
    if arguments.sizes {
        let table = sizes::run(&binaries, progress)?;
        return writeln!(std::io::stdout(), "{table}").during("printing");
    }
    let plan = if arguments.smoke {
        Plan::smoke()
    } else {
        Plan::full()
    };
    let machine = Machine::read(&binaries)?;
    let results = rounds::run(&plan, &binaries, progress)?;
    let document = report::document(&machine, &plan, &results);
    if arguments.write {
        let before = std::fs::read_to_string(REPORT).during(REPORT)?;
        std::fs::write(REPORT, report::keeping(&document, &before)).during(REPORT)?;
    }
    writeln!(std::io::stdout(), "{}", report::tables(&results)).during("printing")
}

/// The folder of this program, where cargo puts the others too.
fn binaries() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe().during("finding this program")?;
    own.parent()
        .map(Path::to_owned)
        .ok_or_else(|| Failure::wrong("this program is in no folder"))
}

/// Builds the measured programs as this one was built. Without cargo, they must be there.
fn build(binaries: &Path) -> Result<(), Failure> {
    let Some(cargo) = std::env::var_os("CARGO") else {
        return Ok(());
    };
    let mut command = Command::new(cargo);
    // What `cargo run` tells about this package would make build scripts of others run anew.
    let about_this = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
    for (name, _) in std::env::vars_os() {
        if about_this
            .iter()
            .any(|start| name.to_string_lossy().starts_with(start))
        {
            command.env_remove(name);
        }
    }
    command.args([
        "build",
        "--bins",
        "-p",
        "palisade-proxy",
        "-p",
        "palisade-simulator",
        "-p",
        "palisade-tests",
    ]);
    if let Some(target) = binaries.parent() {
        command.arg("--target-dir").arg(target);
    }
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let status = command.status().during("cargo")?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::wrong("the programs to measure do not build"))
    }
}
