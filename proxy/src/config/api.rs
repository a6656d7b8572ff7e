//! The listener on which the registry is changed over HTTP.

use super::{Listen, Tls};
use serde::Deserialize;
use std::net::SocketAddr;

/// The registry over HTTP. Needs a registry that is a store.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Address and port; port 0 picks a free one. Another machine's without TLS is refused: tokens would pass in clear.
    pub address: SocketAddr,
    /// Serve TLS.
    pub tls: Option<Tls>,
}

impl Api {
    pub(crate) fn listen(&self) -> Listen {
        Listen {
            address: self.address,
            h2c: false,
            tls: self.tls.clone(),
        }
    }
}
