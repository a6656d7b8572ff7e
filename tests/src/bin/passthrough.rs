//! The yardstick of the benchmark: Pingora's own `ProxyHttp` with one upstream, and nothing else.

use async_trait::async_trait;
use clap::Parser;
use pingora::prelude::{HttpPeer, ProxyHttp, Result, Server, Session, http_proxy_service};
use std::net::SocketAddr;

/// Forwards every request to one upstream.
///
/// Example: passthrough --listen 127.0.0.1:9000 --upstream 127.0.0.1:9100 --threads 2
#[derive(Parser)]
struct Arguments {
    /// Address to listen on
    #[arg(long)]
    listen: SocketAddr,
    /// Address to forward to
    #[arg(long)]
    upstream: SocketAddr,
    /// Worker threads
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

struct PassThrough(SocketAddr);

#[async_trait]
impl ProxyHttp for PassThrough {
    type CTX = ();

    fn new_ctx(&self) -> Self::CTX {}

    async fn upstream_peer(&self, _: &mut Session, (): &mut Self::CTX) -> Result<Box<HttpPeer>> {
        Ok(Box::new(HttpPeer::new(self.0, false, String::new())))
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut server = Server::new(None)?;
    server.bootstrap();
    let mut service = http_proxy_service(&server.configuration, PassThrough(arguments.upstream));
    service.threads = Some(arguments.threads);
    service.add_tcp(&arguments.listen.to_string());
    server.add_service(service);
    server.run_forever()
}
