//! Accepts connections and hands each request to the exchange.
//!
//! Pingora's own service accepts, shakes hands and frames; this adds what it lacks: a cap on connections, a deadline
//! for request heads, and a count of running exchanges to drain at shutdown.

use super::holder;
use super::seats::{Seat, Seats};
use super::{Client, EdgeState};
use crate::config::{Listen, millis};
use async_trait::async_trait;
use parking_lot::Mutex;
use pingora::apps::{HttpPersistentSettings, HttpServerApp, HttpServerOptions, ReusedHttpStream, ServerApp};
use pingora::listeners::ListenerConfig;
use pingora::listeners::tls::TlsSettings;
use pingora::protocols::Stream;
use pingora::protocols::http::ServerSession;
use pingora::protocols::l4::stream::L4BufferSettings;
use pingora::server::{Fds, ShutdownWatch};
use pingora::services::Service as _;
use pingora::services::listening::Service;
use pingora::time::timeout;
use pingora::tls::{ServerConfig, install_default_crypto_provider, load_certs_and_key_files};
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::IntoRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// Seconds an idle connection is kept for the next request.
const KEEPALIVE_S: u64 = 60;

/// How long exchanges have to tell their clients that the gateway stops.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Write buffer of a client connection: the head and the body of most answers then leave in one system call.
const WRITE_BUFFER_BYTES: usize = 8 * 1024;

/// Answers one request. Implemented by the exchange.
pub trait Serve: Send + Sync + 'static {
    /// Answers the request that `client` holds. May write nothing when the client has gone.
    fn serve(&self, client: &mut Client<'_>) -> impl Future<Output = ()> + Send;
}

/// Why a listener could not start. The message names the address or file.
#[derive(Debug, thiserror::Error)]
pub enum ListenerError {
    /// The address cannot be bound.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The certificate or key cannot be used.
    #[error("cannot serve TLS with `{certificate}`: {why}")]
    Tls {
        /// Which file.
        certificate: String,
        /// Why.
        why: String,
    },
}

/// A running listener.
#[derive(Debug)]
pub struct Listener {
    address: SocketAddr,
    running: Arc<AtomicUsize>,
    stop: watch::Sender<bool>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Listener {
    /// Binds and begins to accept. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When the address is taken or the TLS files cannot be used.
    pub fn start<S: Serve>(
        config: &Listen,
        shared: &EdgeState,
        serve: Arc<S>,
    ) -> Result<Self, ListenerError> {
        let bind_error = |source| ListenerError::Bind {
            address: config.address,
            source,
        };
        let socket = TcpListener::bind(config.address).map_err(bind_error)?;
        socket.set_nonblocking(true).map_err(bind_error)?;
        let address = socket.local_addr().map_err(bind_error)?;

        let running = Arc::new(AtomicUsize::new(0));
        let (stop, stopped) = watch::channel(false);
        let app = App {
            serve,
            running: Arc::clone(&running),
            options: server_options(config),
            shared: shared.clone(),
        };
        let guarded = Guarded {
            seats: Arc::new(Seats::new(shared.limits().connections_max)),
            head_timeout: millis(shared.limits().head_timeout_ms),
            app: Arc::new(app),
        };
        let mut service = Service::new("palisade".to_owned(), guarded);
        add_endpoint(&mut service, config, address)?;
        // The socket is bound here, so that port 0 and a taken port are known before anything starts.
        let mut fds = Fds::new();
        fds.add(address.to_string(), socket.into_raw_fd());
        let accepting = tokio::spawn(async move {
            service
                .start_service(Some(Arc::new(Mutex::new(fds))), stopped, 1)
                .await;
        });
        Ok(Self {
            address,
            running,
            stop,
            accepting,
        })
    }

    /// The address in use.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting and waits for running exchanges, but no longer than the drain limit; those that are left are told
    /// to end. Returns how many these were.
    pub async fn drain(self, shared: &EdgeState) -> usize {
        let _ = self.stop.send(true);
        let _ = self.accepting.await;
        let left = none_runs(&self.running, millis(shared.limits().drain_timeout_ms)).await;
        if left > 0 {
            shared.end_all();
            none_runs(&self.running, LAST_WORDS).await;
        }
        left
    }
}

/// Waits until nothing runs, and no longer than `limit`. Returns how many exchanges still run.
async fn none_runs(running: &AtomicUsize, limit: Duration) -> usize {
    let deadline = tokio::time::Instant::now() + limit;
    while running.load(Ordering::Acquire) > 0 && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.load(Ordering::Acquire)
}

fn server_options(config: &Listen) -> HttpServerOptions {
    let mut options = HttpServerOptions::default();
    options.h2c = config.h2c && config.tls.is_none();
    options.h2_idle_timeout = Some(Duration::from_secs(KEEPALIVE_S));
    options
}

fn add_endpoint<A: ServerApp + Send + Sync + 'static>(
    service: &mut Service<A>,
    config: &Listen,
    address: SocketAddr,
) -> Result<(), ListenerError> {
    let buffer = L4BufferSettings::default().write(WRITE_BUFFER_BYTES);
    let endpoint = ListenerConfig::tcp(address.to_string()).l4_buffer(buffer);
    let Some(tls) = &config.tls else {
        service.add_listener(endpoint);
        return Ok(());
    };
    let certificate = tls.certificate.display().to_string();
    let fault = |why: String| ListenerError::Tls {
        certificate: certificate.clone(),
        why,
    };
    let key = tls.key.display().to_string();
    check_tls(&certificate, &key).map_err(fault)?;
    let mut settings = match &tls.client_ca {
        None => TlsSettings::intermediate(&certificate, &key).map_err(|e| fault(e.to_string()))?,
        Some(client_ca) => {
            let mut settings = holder::settings(client_ca).map_err(fault)?;
            let chain = settings.set_certificate_chain_file(&certificate);
            chain.map_err(|e| fault(e.to_string()))?;
            let set = settings.set_private_key_file(&key);
            set.map_err(|e| fault(e.to_string()))?;
            settings
        }
    };
    settings.enable_h2();
    service.add_listener(endpoint.tls(settings));
    Ok(())
}

/// Pingora panics on a certificate or key that it cannot use, in a task of its own, so both are tried here first.
fn check_tls(certificate: &str, key: &str) -> Result<(), String> {
    install_default_crypto_provider();
    let files = load_certs_and_key_files(certificate, key).map_err(|e| e.to_string())?;
    let (chain, key) = files.ok_or("no certificate or no private key in PEM form")?;
    if chain.is_empty() {
        return Err("no certificate in PEM form".to_owned());
    }
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key);
    config.map(|_| ()).map_err(|e| e.to_string())
}

/// Adds to a connection what Pingora does not limit: how many there are, and the time to the first request head.
struct Guarded<S> {
    seats: Arc<Seats>,
    head_timeout: Duration,
    app: Arc<App<S>>,
}

#[async_trait]
impl<S: Serve> ServerApp for Guarded<S> {
    async fn process_new(self: &Arc<Self>, stream: Stream, shutdown: &ShutdownWatch) -> Option<Stream> {
        // Without a place the connection is closed at once: waiting in line would only move the queue here.
        let seat = Arc::new(self.seats.take(address_of(&stream))?);
        let seen = Arc::new(AtomicBool::new(false));
        let connection = Arc::new(Connection {
            app: Arc::clone(&self.app),
            seat: Arc::clone(&seat),
            seen: Arc::clone(&seen),
        });
        let mut process = std::pin::pin!(ServerApp::process_new(&connection, stream, shutdown));
        let late = async {
            tokio::time::sleep(self.head_timeout).await;
            if seen.load(Ordering::Acquire) {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            stream = &mut process => stream,
            () = seat.gives_way() => None,
            () = late => None,
        }
    }
}

/// Where a connection comes from; all that cannot be known counts as one.
fn address_of(stream: &Stream) -> IpAddr {
    let digest = stream.get_socket_digest();
    let peer = digest.as_ref().and_then(|digest| digest.peer_addr()?.as_inet());
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), SocketAddr::ip)
}

/// One connection: remembers whether a request head has ever arrived on it.
struct Connection<S> {
    app: Arc<App<S>>,
    seat: Arc<Seat>,
    seen: Arc<AtomicBool>,
}

/// What connections share.
struct App<S> {
    serve: Arc<S>,
    shared: EdgeState,
    running: Arc<AtomicUsize>,
    options: HttpServerOptions,
}

#[async_trait]
impl<S: Serve> HttpServerApp for Connection<S> {
    async fn process_new_http(
        self: &Arc<Self>,
        mut session: ServerSession,
        shutdown: &ShutdownWatch,
    ) -> Option<ReusedHttpStream> {
        // What follows a request on its connection is the next one; it is answered in its turn.
        session.set_pipelining_enabled(true);
        let limit = millis(self.app.shared.limits().head_timeout_ms);
        let mut stopping = shutdown.clone();
        let read = tokio::select! {
            biased;
            read = timeout(limit, session.read_request()) => read,
            // An idle connection must not hold up the shutdown.
            _ = stopping.wait_for(|stop| *stop) => return None,
        };
        match read {
            Ok(Ok(true)) => self.seen.store(true, Ordering::Release),
            Ok(Err(error)) if matches!(error.etype(), pingora::ErrorType::InvalidHTTPHeader) => {
                let mut client = Client::unreadable(&mut session, self.app.shared.clone());
                self.app.serve(&mut client).await;
                return None;
            }
            Ok(_) | Err(_) => return None,
        }
        // HTTP/1.0 clients read to the end of the connection unless they ask to keep it, which none needs to.
        let keep = !*shutdown.borrow() && session.req_header().version != http::Version::HTTP_10;
        session.set_keepalive(keep.then_some(KEEPALIVE_S));
        self.app.exchange(session, &self.seat).await
    }

    fn server_options(&self) -> Option<&HttpServerOptions> {
        Some(&self.app.options)
    }
}

impl<S: Serve> App<S> {
    async fn serve(&self, client: &mut Client<'_>) {
        let _running = Running::new(&self.running);
        self.serve.serve(client).await;
    }

    async fn exchange(&self, mut session: ServerSession, seat: &Arc<Seat>) -> Option<ReusedHttpStream> {
        let mut client = Client::new(&mut session, self.shared.clone()).on(seat);
        self.serve(&mut client).await;
        if !client.answer().complete {
            return None;
        }
        let settings = HttpPersistentSettings::for_session(&session);
        let limit = millis(self.shared.limits().write_timeout_ms);
        let reused = timeout(limit, session.finish()).await.ok()?.ok()??;
        Some(ReusedHttpStream::from_reusable_stream(reused, settings))
    }
}

/// Counts an exchange for as long as it runs.
struct Running<'a>(&'a AtomicUsize);

impl<'a> Running<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
