//! `palisade-simulator`: runs the stand-in until it is interrupted, and prints where it listens.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use palisade_simulator::{Options, Running, Simulator};
use tokio::signal::unix::{SignalKind, signal};

/// A Bedrock and SageMaker Runtime stand-in on loopback.
///
/// Example: palisade-simulator --access-key DEMO --secret-file ./secret --side 127.0.0.1:9001
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Address of the data port, on 127.0.0.1; port 0 picks a free one
    #[arg(long, default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    listen: SocketAddr,
    /// Address of the side port (scripts, records, issuer), on 127.0.0.1; port 0 picks a free one
    #[arg(long, default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    side: SocketAddr,
    /// Access key id that requests are signed with
    #[arg(long, requires = "secret_file", required_unless_present = "no_verify")]
    access_key: Option<String>,
    /// File that holds the secret access key, on its first line
    #[arg(long, requires = "access_key")]
    secret_file: Option<PathBuf>,
    /// Accept every request, signed or not
    #[arg(long)]
    no_verify: bool,
    /// Keep no requests for GET /received
    #[arg(long)]
    no_record: bool,
    /// Write the addresses to this file, as NAME=value lines, once both ports accept connections
    #[arg(long)]
    env_file: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(run(arguments))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With stderr gone there is nobody left to tell.
            let _ = writeln!(io::stderr(), "palisade-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    let credentials = credentials(arguments.access_key, arguments.secret_file.as_deref())?;
    let running = Simulator::start(Options {
        listen: arguments.listen,
        side: arguments.side,
        credentials,
        verify: !arguments.no_verify,
        record: !arguments.no_record,
        issuer: None,
    })?;
    let addresses = addresses(&running);
    if let Some(path) = &arguments.env_file {
        write_whole(path, &addresses)?;
    }
    io::stdout().write_all(addresses.as_bytes())?;
    io::stdout().flush()?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminated.recv() => {}
    }
    running.shutdown().await;
    Ok(())
}

fn credentials(access_key: Option<String>, secret_file: Option<&Path>) -> io::Result<Vec<(String, String)>> {
    let (Some(access_key), Some(path)) = (access_key, secret_file) else {
        return Ok(Vec::new());
    };
    let text = std::fs::read_to_string(path).map_err(|error| at(path, &error))?;
    let secret = text.lines().next().unwrap_or_default().trim();
    if secret.is_empty() {
        return Err(at(
            path,
            &io::Error::new(io::ErrorKind::InvalidData, "holds no secret"),
        ));
    }
    Ok(vec![(access_key, secret.to_owned())])
}

/// What SDKs read, and the side port.
fn addresses(running: &Running) -> String {
    let Running {
        data_addr, side_addr, ..
    } = running;
    format!(
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://{data_addr}\n\
         AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=http://{data_addr}\n\
         PALISADE_SIMULATOR_SIDE_URL=http://{side_addr}\n"
    )
}

/// A script that waits for the file never reads half of it.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let written = std::fs::write(&partial, text).and_then(|()| std::fs::rename(&partial, path));
    written.map_err(|error| at(path, &error))
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{}`: {error}", path.display()))
}
