//! `palisade serve` and `palisade check`.

use super::{Failure, ServeArgs, write_env_file};
use crate::config::Config;
use crate::credentials::Credentials;
use crate::gateway::{Checked, Gateway, News, Rules, StartError, Stopped};
use std::future::Future;
use std::io::Write;
use std::path::Path;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Longest wait for tasks that are cut, when the runtime ends.
const CUT_TIMEOUT: Duration = Duration::from_secs(5);

/// Runs a gateway until it has stopped, on a runtime with a worker a core. Exchanges that had to be cut are a failure
/// that scripts can see.
pub(super) fn block_on(command: impl Future<Output = Result<Stopped, Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let stopped = runtime.block_on(command)?;
    runtime.shutdown_timeout(CUT_TIMEOUT);
    match stopped.join() {
        0 => Ok(()),
        cut => Err(format!("{cut} exchanges did not end in time and were cut").into()),
    }
}

pub(super) async fn run(args: &ServeArgs) -> Result<Stopped, Failure> {
    let mut signals = Signals::take()?;
    let mut rules = Rules::new(&args.config);
    let checked = tokio::select! {
        () = signals.stop() => return Err("it was stopped while it started".into()),
        checked = rules.read() => checked?,
    };
    let config = checked.config();
    let credentials = Credentials::from_env(&config.upstream)?;
    let scheme = if config.listen.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let api_tls = config.api.as_ref().and_then(|api| api.tls.as_ref());
    let api_scheme = if api_tls.is_some() { "https" } else { "http" };
    let gateway = tokio::task::spawn_blocking(move || Gateway::start(checked, credentials)).await??;
    let (url, admin) = (gateway.address(), gateway.admin_address());
    let api = gateway
        .api_address()
        .map(|address| format!("{api_scheme}://{address}"));
    if let Some(path) = &args.env_file {
        let line = |key: &str, value: String| (key.to_owned(), value);
        let mut lines = vec![
            line("PALISADE_URL", format!("{scheme}://{url}")),
            line("ADMIN_URL", format!("http://{admin}")),
        ];
        lines.extend(api.as_ref().map(|api| line("API_URL", api.clone())));
        write_env_file(path, &lines)?;
    }
    writeln!(
        std::io::stdout(),
        "palisade listens on {scheme}://{url}, admin on {admin}{}",
        api.map_or(String::new(), |api| format!(", registry on {api}"))
    )?;
    until_stopped(&gateway, rules, signals).await;
    Ok(gateway.stop().await)
}

/// Signals to the process. Those that come before anybody waits for them are not lost.
pub(super) struct Signals {
    hangup: Signal,
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Takes them from now on. To be called before anybody is told that the process has started.
    pub(super) fn take() -> std::io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Resolves at SIGINT or SIGTERM.
    pub(super) async fn stop(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Resolves at SIGINT or SIGTERM. When what they are read from changes, and at SIGHUP, registry, policies and detectors are read anew.
pub(super) async fn until_stopped(gateway: &Gateway, mut rules: Rules, mut signals: Signals) {
    loop {
        let news = tokio::select! {
            _ = signals.interrupt.recv() => return,
            _ = signals.terminate.recv() => return,
            _ = signals.hangup.recv() => News::Changed,
            news = rules.news() => news,
        };
        match news {
            News::Answered => gateway.answered().await,
            News::Lost(why) => gateway.lost(&why).await,
            News::Changed => {
                let read = tokio::select! {
                    () = signals.stop() => return,
                    read = rules.read() => read,
                };
                reload(gateway, read).await;
            }
        }
    }
}

/// Puts what was read anew in force. What cannot be used changes nothing: the last good rules stay in force.
async fn reload(gateway: &Gateway, read: Result<Checked, StartError>) {
    let read = match read {
        Ok(checked) => {
            let digest = checked.policy_digest().to_owned();
            let adopted = gateway
                .adopt(checked)
                .await
                .map_err(|problem| problem.to_string());
            adopted.inspect(|()| tracing::warn!(policies = digest, "other rules are in force"))
        }
        Err(problems) => Err(problems.to_string()),
    };
    let result = match read {
        Ok(()) => "adopted",
        Err(problems) => {
            tracing::error!("the rules in force stay, for what was read anew cannot be used:\n{problems}");
            gateway.refuse(&problems).await;
            "refused"
        }
    };
    metrics::counter!("palisade_rulebook_reloads_total", "result" => result).increment(1);
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
