//! Health, readiness and metrics, on a listener of their own.

use crate::authorize::policy_ref;
use crate::clock::stamp;
use crate::controls::Controls;
use crate::edge::{Client, Serve};
use bytes::Bytes;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Bounds of the duration histogram, in seconds: from a refusal to the longest thinking model.
const SECONDS: [f64; 12] = [
    0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0,
];
/// Samples are folded into their histograms this often, whether or not anybody asks for them.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// What the admin listener shows.
pub struct Admin {
    controls: Arc<Controls>,
    metrics: Option<PrometheusHandle>,
}

impl Admin {
    /// Shows the state of this gateway and the metrics of this process.
    #[must_use]
    pub fn new(controls: Arc<Controls>) -> Self {
        Self {
            controls,
            metrics: recorder(),
        }
    }

    /// Keeps the metrics small for as long as the runtime lives.
    pub fn spawn_upkeep(&self) {
        let Some(metrics) = self.metrics.clone() else {
            return;
        };
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP_EVERY).await;
                metrics.run_upkeep();
            }
        });
    }

    fn answer(&self, method: &str, path: &[u8]) -> (u16, &'static str, String) {
        const TEXT: &str = "text/plain; charset=utf-8";
        match (method, path) {
            ("GET", b"/healthz") => (200, TEXT, "ok\n".to_owned()),
            ("GET", b"/readyz") => match self.controls.unready() {
                None => (200, TEXT, "ready\n".to_owned()),
                Some(why) => (503, TEXT, format!("{why}\n")),
            },
            ("GET", b"/metrics") => {
                let text = self.metrics.as_ref().map(PrometheusHandle::render);
                // The content type is that of the Prometheus text exposition format, version 0.0.4.
                (200, "text/plain; version=0.0.4", text.unwrap_or_default())
            }
            ("GET", b"/rules") => (200, "application/json", self.rules()),
            ("GET", _) => (
                404,
                TEXT,
                "not found: try /healthz, /readyz, /metrics or /rules\n".to_owned(),
            ),
            _ => (405, TEXT, "only GET\n".to_owned()),
        }
    }
}

impl Admin {
    /// Which rules are in force since when, for whom they are only watched, and what lies on the disk that cannot be used.
    fn rules(&self) -> String {
        let standing = self.controls.standing();
        let rulebook = self.controls.rulebook();
        let policy = policy_ref(&rulebook.policies);
        let refused = standing
            .refused
            .as_ref()
            .map(|refused| json!({"at": stamp(refused.at), "problems": refused.problems}));
        let rules = json!({"policy": policy, "since": stamp(standing.since),
            "sequence": standing.sequence, "shadow": rulebook.shadow.as_deref().map(policy_ref), "log_only": rulebook.log_only_tenants(), "refused": refused});
        format!("{rules}\n")
    }
}

impl Serve for Admin {
    async fn serve(&self, client: &mut Client<'_>) {
        let (status, kind, body) = match client.harden() {
            Ok(head) => self.answer(head.method(), head.path()),
            Err(_) => (400, "text/plain", "bad request\n".to_owned()),
        };
        // A client that does not take its answer has left.
        let _ = client
            .turn_away(status, &[("content-type", kind.to_owned())], Bytes::from(body))
            .await;
    }
}

/// The process has one recorder; a second gateway in the same process (in tests) shares it. None when something else
/// in the process has installed its own.
fn recorder() -> Option<PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER.get_or_init(install).clone()
}

fn install() -> Option<PrometheusHandle> {
    let builder = PrometheusBuilder::new().set_buckets(&SECONDS).ok()?;
    builder.install_recorder().ok()
}
