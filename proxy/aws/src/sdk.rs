//! The AWS SDK: rustls on ring, credentials where all SDKs find them, nothing waited for without end.

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use std::time::Duration;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How often a request is tried, and how long is waited before the second time and at most.
const ATTEMPTS: u32 = 5;
const WAIT_FIRST: Duration = Duration::from_millis(50);
const WAIT_MAX: Duration = Duration::from_secs(2);

/// Longest waits for a request.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// With all its tries.
    pub operation: Duration,
    /// For one of them.
    pub attempt: Duration,
}

/// How a service is reached in a region, or at `endpoint_url`. Finds credentials where the AWS SDKs do: environment, profile, web
/// identity, container, instance.
pub async fn connected(region: &str, endpoint_url: Option<&str>, timeouts: Timeouts) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(timeouts.attempt)
        .operation_timeout(timeouts.operation);
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(WAIT_FIRST)
        .with_max_backoff(WAIT_MAX);
    let mut config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(region.to_owned()))
        .http_client(http)
        .timeout_config(timeouts.build())
        .retry_config(retries);
    if let Some(url) = endpoint_url {
        config = config.endpoint_url(url);
    }
    config.load().await
}
