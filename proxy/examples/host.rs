//! A Pingora application of its own that embeds the gate: requests for models go through Palisade, all others to an
//! origin of its own.
//!
//! ```sh
//! # with your own configuration, and credentials for AWS
//! AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… cargo run --example host -- palisade.toml 127.0.0.1:6190 127.0.0.1:9000
//! curl -i http://127.0.0.1:6190/model/amazon.nova-lite-v1:0/converse -d '{}'    # answered by the gate
//! curl -i http://127.0.0.1:6190/                                               # answered by the origin
//! ```

use async_trait::async_trait;
use palisade_proxy::config::Config;
use palisade_proxy::credentials::Credentials;
use palisade_proxy::edge::Client;
use palisade_proxy::exchange::Palisade;
use palisade_proxy::gateway::{Checked, assemble};
use pingora::prelude::{HttpPeer, ProxyHttp, Result, Server, Session, http_proxy_service};
use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;

struct Host {
    palisade: Palisade,
    origin: SocketAddr,
}

#[async_trait]
impl ProxyHttp for Host {
    type CTX = ();

    fn new_ctx(&self) {}

    /// The whole integration: `Ok(true)` tells Pingora that the request has been answered. It then ends the answer, which it
    /// can do to whole ones only: of others the gate has closed the connection.
    async fn request_filter(&self, session: &mut Session, (): &mut ()) -> Result<bool> {
        if !session.req_header().raw_path().starts_with(b"/model/") {
            return Ok(false);
        }
        let mut client = Client::new(&mut session.downstream_session, self.palisade.shared.clone());
        self.palisade.serve(&mut client).await;
        Ok(true)
    }

    async fn upstream_peer(&self, _: &mut Session, (): &mut ()) -> Result<Box<HttpPeer>> {
        Ok(Box::new(HttpPeer::new(self.origin, false, String::new())))
    }
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut args = std::env::args().skip(1);
    let (Some(config), Some(listen), Some(origin)) = (args.next(), args.next(), args.next()) else {
        return Err("usage: host CONFIG LISTEN ORIGIN".into());
    };
    let config = Config::read(&PathBuf::from(config))?;
    let credentials = Credentials::from_env(&config.upstream)?;
    let (palisade, _log_writer) = assemble(Checked::read(config)?, credentials)?;

    let mut server = Server::new(None)?;
    server.bootstrap();
    let host = Host {
        palisade,
        origin: origin.parse()?,
    };
    let mut service = http_proxy_service(&server.configuration, host);
    service.add_tcp(&listen);
    server.add_service(service);
    server.run_forever()
}
