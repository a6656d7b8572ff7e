//! The provider's address: from the configured URL, resolved now and then.

use crate::config::UpstreamConfig;
use arc_swap::ArcSwapOption;
use palisade_wire::protocol::Protocol;
use pingora::upstreams::peer::HttpPeer;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// AWS endpoints publish records with a life of seconds to a minute.
const RESOLVE_EVERY: Duration = Duration::from_secs(30);

/// Where each protocol is reached.
pub struct Endpoints {
    bedrock: Vec<Endpoint>,
    agent: Vec<Endpoint>,
    sagemaker: Vec<Endpoint>,
}

impl Endpoints {
    /// Takes the configured URLs, or else the region's own addresses.
    ///
    /// # Errors
    /// Each key of `[upstream]` whose URL cannot be used, and what is wrong with it.
    pub(crate) fn new(config: &UpstreamConfig) -> Result<Self, Vec<(&'static str, &'static str)>> {
        let or_public = |url: &Option<String>, host: &str| {
            let public = || format!("https://{host}.{}.amazonaws.com", config.region);
            Endpoint::new(&url.clone().unwrap_or_else(public))
        };
        let bedrock = or_public(&config.bedrock_url, "bedrock-runtime");
        let agent = or_public(&config.bedrock_agent_url, "bedrock-agent-runtime");
        let sagemaker = or_public(&config.sagemaker_url, "runtime.sagemaker");
        match (bedrock, agent, sagemaker) {
            (Ok(bedrock), Ok(agent), Ok(sagemaker)) => Ok(Self {
                bedrock: vec![bedrock],
                agent: vec![agent],
                sagemaker: vec![sagemaker],
            }),
            (bedrock, agent, sagemaker) => {
                let wrong = [
                    ("bedrock_url", bedrock.err()),
                    ("bedrock_agent_url", agent.err()),
                    ("sagemaker_url", sagemaker.err()),
                ];
                Err(wrong
                    .into_iter()
                    .filter_map(|(key, why)| Some((key, why?)))
                    .collect())
            }
        }
    }

    /// The legs of a protocol, in the order in which they are tried: one today.
    pub(super) fn legs(&self, protocol: Protocol) -> &[Endpoint] {
        match protocol {
            Protocol::BedrockAgentRuntime => &self.agent,
            Protocol::SageMakerRuntime => &self.sagemaker,
            Protocol::BedrockRuntime | Protocol::OpenAi | Protocol::AnthropicMessages => &self.bedrock,
        }
    }
}

/// One leg: a place where a protocol is reached.
pub(super) struct Endpoint {
    host: String,
    port: u16,
    tls: bool,
    authority: String,
    resolved: ArcSwapOption<Resolved>,
    /// Spreads connections over the addresses.
    turn: AtomicUsize,
}

struct Resolved {
    at: Instant,
    addresses: Vec<SocketAddr>,
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

impl Endpoint {
    fn new(url: &str) -> Result<Self, &'static str> {
        let uri: http::Uri = url.parse().map_err(|_| "is not a URL")?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("begins with `https://` or `http://`"),
        };
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err("has no path: the paths are AWS's own");
        }
        let authority = uri.authority().ok_or("names no host")?;
        if authority.as_str().contains('@') {
            return Err("holds no user name");
        }
        // `http::Uri` cuts a fragment off.
        if url.contains('#') {
            return Err("holds no `#`");
        }
        if !tls && !is_loopback(authority.host()) {
            return Err(
                "is `http://` to another machine, where prompts would travel in clear; use `https://`",
            );
        }
        Ok(Self {
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }),
            tls,
            authority: authority.as_str().to_owned(),
            resolved: ArcSwapOption::empty(),
            turn: AtomicUsize::new(0),
        })
    }

    /// The `host` to send and to sign.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// The peer to connect to. None when the name does not resolve and never has.
    pub(super) async fn peer(&self, both_ways: bool) -> Option<HttpPeer> {
        let address = self.address().await?;
        let mut peer = HttpPeer::new(address, self.tls, self.host.clone());
        if both_ways {
            // HTTP/1.1 answers when it has heard all.
            peer.options.set_http_version(2, 2);
        }
        Some(peer)
    }

    async fn address(&self) -> Option<SocketAddr> {
        let known = self.resolved.load_full();
        let fresh = known.as_ref().filter(|known| known.at.elapsed() < RESOLVE_EVERY);
        let addresses = match fresh {
            Some(fresh) => Arc::clone(fresh),
            // A name that no longer resolves keeps its last addresses: they may well still answer.
            None => self.resolve().await.or(known)?,
        };
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let index = turn.checked_rem(addresses.addresses.len())?;
        addresses.addresses.get(index).copied()
    }

    async fn resolve(&self) -> Option<Arc<Resolved>> {
        let found = tokio::net::lookup_host((self.host.as_str(), self.port))
            .await
            .ok()?;
        let addresses: Vec<_> = found.collect();
        if addresses.is_empty() {
            return None;
        }
        let resolved = Arc::new(Resolved {
            at: Instant::now(),
            addresses,
        });
        self.resolved.store(Some(Arc::clone(&resolved)));
        Some(resolved)
    }
}
