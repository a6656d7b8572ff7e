//! Listening, and the life of every task: all of them end with the [`Life`] they were started under.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::rt::Executor;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};

use crate::line::{Line, Socket};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// HTTP/2 streams on one connection: benchmarks multiplex everything on one.
const STREAMS_MAX: u32 = 1024;
/// Pause after a failed accept: most often the process is out of file descriptors.
const ACCEPT_RETRY: Duration = Duration::from_millis(20);

/// What a task holds as long as it runs, and what tells it to stop. Cloned into every task.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    stop: watch::Receiver<()>,
    /// Closed when the last task is gone.
    alive: mpsc::Sender<()>,
}

/// The other side of [`Life`]. Dropped, it stops every task.
#[derive(Debug)]
pub(crate) struct Stopper {
    stop: watch::Sender<()>,
    alive: mpsc::Receiver<()>,
}

impl Life {
    pub(crate) fn new() -> (Self, Stopper) {
        let (stop, stopped) = watch::channel(());
        let (alive, ended) = mpsc::channel(1);
        (Self { stop: stopped, alive }, Stopper { stop, alive: ended })
    }

    /// Runs `work` until it ends or is stopped. Does not wait for it.
    fn spawn(&self, work: impl Future + Send + 'static) {
        let Self { mut stop, alive } = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = work => {}
                // Nothing is ever sent: this ends when the sender is dropped.
                _ = stop.changed() => {}
            }
            // Named here, or the task would not hold it at all.
            drop(alive);
        });
    }
}

impl Stopper {
    /// Stops every task and waits until all are gone.
    pub(crate) async fn stop(self) {
        let Self { stop, mut alive } = self;
        drop(stop);
        while alive.recv().await.is_some() {}
    }
}

/// hyper runs HTTP/2 streams through this, so that they end with the rest.
impl<F: Future + Send + 'static> Executor<F> for Life {
    fn execute(&self, future: F) {
        self.spawn(future);
    }
}

/// Binds a loopback port; 0 picks a free one.
pub(crate) fn bind(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    if address.ip() != std::net::Ipv4Addr::LOCALHOST {
        let message = "the simulator listens on 127.0.0.1 only";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Answers every request on `listener` with `answer`, HTTP/1.1 and HTTP/2 with prior knowledge alike.
pub(crate) fn serve<A, F, B>(listener: TcpListener, life: &Life, answer: A)
where
    A: Fn(Request<Incoming>, Arc<Line>) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let connections = life.clone();
    life.spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => connections.spawn(connection(stream, connections.clone(), answer.clone())),
                Err(_) => tokio::time::sleep(ACCEPT_RETRY).await,
            }
        }
    });
}

async fn connection<A, F, B>(stream: TcpStream, life: Life, answer: A)
where
    A: Fn(Request<Incoming>, Arc<Line>) -> F + Send + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    // Only latency is lost when this fails.
    let _ = stream.set_nodelay(true);
    let line = Arc::new(Line::default());
    let socket = TokioIo::new(Socket::new(stream, Arc::clone(&line)));
    let mut builder = auto::Builder::new(life);
    builder.http2().max_concurrent_streams(STREAMS_MAX);
    let own_line = Arc::clone(&line);
    let exchange = service_fn(move |request| answer(request, Arc::clone(&own_line)));
    let exchanges = builder.serve_connection(socket, exchange);
    tokio::select! {
        // An error here is the client's doing, and known from the ticket of each exchange.
        _ = exchanges => {}
        () = line.killed() => {}
    }
}
