//! A running simulator with one credential, and a client that signs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use palisade_simulator::{Options, Running, Simulator};
use palisade_wire::eventstream::{Decoder, Frame};
use palisade_wire::sigv4::{PayloadHash, SignRequest, SigningKey, sign};
use serde_json::Value;
use tokio::net::TcpStream;

pub(crate) const KEY_ID: &str = "SIMULATORTESTKEY";
pub(crate) const CONVERSE: &str = "/model/acme.chat-v1%3A0/converse";
pub(crate) const CONVERSE_STREAM: &str = "/model/acme.chat-v1%3A0/converse-stream";
pub(crate) const HELLO: &str = r#"{"messages":[{"role":"user","content":[{"text":"Hello from Ada"}]}]}"#;

/// Assembled, so that no scanner takes it for a real one.
pub(crate) fn secret() -> String {
    ["not", "a", "real", "secret"].join("-")
}

pub(crate) struct Lab {
    pub(crate) running: Running,
}

/// A request, changed by tests before or after it is signed.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// A response, as far as it came.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) chunks: Vec<Bytes>,
    /// Whether the body ended as HTTP says it must.
    pub(crate) whole: bool,
}

impl Reply {
    pub(crate) fn body(&self) -> Bytes {
        self.chunks.concat().into()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn frames(&self) -> Vec<Frame> {
        decode(&self.body())
    }

    /// Type and JSON payload of every frame.
    pub(crate) fn events(&self) -> Vec<(String, Value)> {
        let payload = |frame: &Frame| serde_json::from_slice(frame.payload_bytes()).unwrap();
        let name = |frame: &Frame| frame.event_type().or(frame.exception_type()).unwrap().to_owned();
        self.frames()
            .iter()
            .map(|frame| (name(frame), payload(frame)))
            .collect()
    }
}

pub(crate) fn decode(bytes: &[u8]) -> Vec<Frame> {
    let mut decoder = Decoder::new();
    decoder.push(Bytes::copy_from_slice(bytes));
    let frames = std::iter::from_fn(|| decoder.next_frame().unwrap()).collect();
    decoder.finish().unwrap();
    frames
}

pub(crate) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
        .try_into()
        .unwrap()
}

impl Call {
    pub(crate) fn new(path: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self {
            path: path.to_owned(),
            headers,
            body: body.into(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Replaces the value of a header that is there.
    pub(crate) fn set(mut self, name: &str, change: impl Fn(&str) -> String) -> Self {
        let (_, value) = self.headers.iter_mut().find(|(known, _)| known == name).unwrap();
        *value = change(value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// Signs with the lab's key, for the service of the path, now.
    pub(crate) fn signed(self, lab: &Lab) -> Self {
        let service = if self.path.starts_with("/endpoints/") {
            "sagemaker"
        } else {
            "bedrock"
        };
        self.signed_as(&lab.host(), KEY_ID, &secret(), service, now())
    }

    pub(crate) fn signed_as(self, host: &str, id: &str, secret: &str, service: &str, at: i64) -> Self {
        let date = palisade_wire::sigv4::AmzDate::from_unix(at).unwrap();
        let key = SigningKey::derive(secret, date.day(), "us-east-1", service);
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let signed = sign(&SignRequest {
            method: "POST",
            path,
            query,
            host,
            headers: &headers,
            payload: &PayloadHash::of(&self.body),
            unix_seconds: at,
            access_key_id: id,
            key: &key,
            session_token: None,
        });
        let signed = signed.unwrap_or_else(|error| panic!("cannot sign: {error}"));
        self.header("x-amz-date", signed.x_amz_date.as_str())
            .header("authorization", &signed.authorization)
    }

    fn request(&self, method: Method, host: &str, is_http2: bool) -> Request<Full<Bytes>> {
        let uri = if is_http2 {
            format!("http://{host}{}", self.path)
        } else {
            self.path.clone()
        };
        let mut request = Request::builder().method(method).uri(uri);
        if !is_http2 {
            request = request.header("host", host);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(Full::new(self.body.clone())).unwrap()
    }
}

impl Lab {
    pub(crate) fn start() -> Self {
        Self::start_with(|_| ())
    }

    pub(crate) fn start_with(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options {
            credentials: vec![(KEY_ID.to_owned(), secret())],
            ..Options::default()
        };
        change(&mut options);
        Self {
            running: Simulator::start(options).unwrap(),
        }
    }

    pub(crate) fn host(&self) -> String {
        self.running.data_addr.to_string()
    }

    /// Sends over HTTP/1.1. An error when no response came.
    pub(crate) async fn send(&self, call: &Call) -> hyper::Result<Reply> {
        Ok(collect(self.open(call).await?).await)
    }

    /// Sends over HTTP/1.1 and leaves the body to be read.
    pub(crate) async fn open(&self, call: &Call) -> hyper::Result<http::Response<Incoming>> {
        exchange(&self.host(), call.request(Method::POST, &self.host(), false)).await
    }

    /// Sends over HTTP/2 with prior knowledge.
    pub(crate) async fn send_h2(&self, call: &Call) -> hyper::Result<Reply> {
        Ok(collect(self.open_h2(call).await?).await)
    }

    /// Sends over HTTP/2 and leaves the body to be read.
    pub(crate) async fn open_h2(&self, call: &Call) -> hyper::Result<http::Response<Incoming>> {
        let stream = TcpStream::connect(self.running.data_addr).await.unwrap();
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        sender
            .send_request(call.request(Method::POST, &self.host(), true))
            .await
    }

    /// Signs and sends; the response must come.
    pub(crate) async fn ask(&self, path: &str, body: &str) -> Reply {
        self.send(&Call::new(path, body.to_owned()).signed(self))
            .await
            .unwrap()
    }

    pub(crate) async fn side(&self, method: Method, path: &str, body: &Value) -> Reply {
        let host = self.running.side_addr.to_string();
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let call = Call::new(path, body);
        collect(exchange(&host, call.request(method, &host, false)).await.unwrap()).await
    }

    pub(crate) async fn script(&self, replies: Value) {
        let reply = self
            .side(
                Method::POST,
                "/script",
                &serde_json::json!({ "replies": replies }),
            )
            .await;
        assert_eq!(reply.status, 200, "{}", reply.json());
    }

    /// Queues one reply, signs and sends.
    pub(crate) async fn scripted(&self, reply: Value, path: &str) -> Reply {
        self.script(serde_json::json!([reply])).await;
        self.ask(path, HELLO).await
    }

    pub(crate) async fn received(&self) -> Vec<Value> {
        let reply = self.side(Method::GET, "/received", &Value::Null).await;
        serde_json::from_slice(&reply.body()).unwrap()
    }

    /// Waits until the last request's outcome is `outcome`.
    pub(crate) async fn outcome(&self, outcome: &str) -> Value {
        for _ in 0..400 {
            let last = self.received().await.pop().unwrap_or_default();
            if last["outcome"] == outcome {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!(
            "the last outcome never became {outcome}: {:?}",
            self.received().await.pop()
        );
    }
}

async fn exchange(host: &str, request: Request<Full<Bytes>>) -> hyper::Result<http::Response<Incoming>> {
    let stream = TcpStream::connect(host).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    sender.send_request(request).await
}

async fn collect(response: http::Response<Incoming>) -> Reply {
    let (head, mut body) = response.into_parts();
    let mut reply = Reply {
        status: head.status,
        headers: head.headers,
        chunks: Vec::new(),
        whole: true,
    };
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => reply.chunks.extend(frame.into_data().ok()),
            Err(_) => reply.whole = false,
        }
    }
    reply
}
