//! `palisade serve` and `palisade check`.

use super::{Failure, ServeArgs, write_env_file};
use crate::config::Config;
use crate::credentials::Credentials;
use crate::gateway::{Checked, Gateway};
use std::future::Future;
use std::io::Write;
use std::path::Path;
use tokio::signal::unix::{SignalKind, signal};

/// Runs an async command on a runtime with a worker a core.
pub(super) fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(command)
}

pub(super) async fn run(args: &ServeArgs) -> Result<(), Failure> {
    let config = Config::read(&args.config)?;
    let credentials = Credentials::from_env(&config.upstream)?;
    let gateway = Gateway::start(Checked::read(config)?, credentials)?;
    let (url, admin) = (gateway.address(), gateway.admin_address());
    if let Some(path) = &args.env_file {
        let line = |key: &str, value: String| (key.to_owned(), value);
        let lines = [
            line("PALISADE_URL", format!("http://{url}")),
            line("ADMIN_URL", format!("http://{admin}")),
        ];
        write_env_file(path, &lines)?;
    }
    writeln!(std::io::stdout(), "palisade listens on {url}, admin on {admin}")?;
    stopped().await?;
    finish(gateway).await
}

/// Resolves at SIGINT or SIGTERM.
pub(super) async fn stopped() -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Stops a gateway in order; exchanges that had to be cut are a failure that scripts can see.
pub(super) async fn finish(gateway: Gateway) -> Result<(), Failure> {
    match gateway.stop().await {
        0 => Ok(()),
        cut => Err(format!("{cut} exchanges did not end in time and were cut").into()),
    }
}

pub(super) fn check(path: &Path) -> Result<(), Failure> {
    let checked = Checked::read(Config::read(path)?)?;
    let registry = checked.registry();
    writeln!(
        std::io::stdout(),
        "{}: good: {} tenants, {} models, policies {}",
        path.display(),
        registry.tenants().count(),
        registry.models().count(),
        checked.policy_digest(),
    )?;
    Ok(())
}
