//! The gate inside an application of somebody else's: what it does not finish must not end like a whole answer there.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use palisade_simulator::{Options, Simulator};
use palisade_wire::sigv4::{AmzDate, PayloadHash, SignRequest, SigningKey, sign};
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const SECRET: &str = "a-secret-of-the-test-and-of-nobody-else-";
const PATH: &str = "/model/amazon.nova-lite-v1%3A0/converse-stream";
/// Letters of an answer that comes letter by letter, a frame of more than a hundred bytes each: more than buffers hold.
const LETTERS: usize = 200_000;
/// In the last events of a whole answer.
const LAST_EVENT: &[u8] = b"messageStop";

/// A host application that runs until it is dropped.
struct Host {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Host {
    fn start(provider: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_configuration(folder.path(), provider);
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let process = Command::new(program())
            .arg(folder.path().join("palisade.toml"))
            .args([address.to_string(), provider.to_string()])
            .envs([("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", SECRET)])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut host = Self {
            process,
            address,
            _folder: folder,
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(address).is_err() {
            assert!(host.process.try_wait().unwrap().is_none(), "the host ended");
            assert!(Instant::now() < deadline, "the host does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        host
    }

    /// Sends a call that may be made, and gives the connection.
    fn call(&self) -> TcpStream {
        let body = r#"{"messages":[{"role":"user","content":[{"text":"hello"}]}]}"#;
        let host = self.address.to_string();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let now = i64::try_from(now).unwrap();
        let date = AmzDate::from_unix(now).unwrap();
        let signed = sign(&SignRequest {
            method: "POST",
            path: PATH,
            query: "",
            host: &host,
            headers: &[],
            payload: &PayloadHash::of(body.as_bytes()),
            unix_seconds: now,
            access_key_id: "PLSDRETAILASSISTANT1",
            key: &SigningKey::derive(SECRET, date.day(), "us-east-1", "bedrock"),
            session_token: None,
        });
        let signed = signed.unwrap();
        let request = format!(
            "POST {PATH} HTTP/1.1\r\nhost: {host}\r\nx-amz-date: {}\r\nauthorization: {}\r\ncontent-length: {}\r\n\r\n{body}",
            signed.x_amz_date.as_str(),
            signed.authorization,
            body.len()
        );
        let mut connection = TcpStream::connect(self.address).unwrap();
        connection
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        connection
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The example, which is built with the tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    profile.join("examples/host")
}

fn write_configuration(folder: &Path, provider: SocketAddr) {
    let registry = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/registry.toml");
    fs::copy(registry, folder.join("registry.toml")).unwrap();
    fs::create_dir(folder.join("keys")).unwrap();
    for tenant in ["retail", "markets", "research"] {
        fs::write(folder.join("keys").join(tenant), SECRET).unwrap();
    }
    let text = format!(
        "registry.file = \"registry.toml\"\n\
         limits.write_timeout_ms = 400\n\
         [upstream]\nregion = \"us-east-1\"\nbedrock_url = \"http://{provider}\"\n\
         [audit]\ndirectory = \"audit\"\n"
    );
    fs::write(folder.join("palisade.toml"), text).unwrap();
}

fn script(side: SocketAddr, reply: &str) {
    let body = format!("{{\"replies\":[{reply}]}}");
    let mut connection = TcpStream::connect(side).unwrap();
    let head = format!(
        "POST /script HTTP/1.1\r\nhost: {side}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).unwrap();
    connection.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Reads a connection to its end, or to a last chunk.
fn read_to_end(connection: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut piece = vec![0; 256 * 1024];
    while !answer.ends_with(b"\r\n0\r\n\r\n") {
        match connection.read(&mut piece) {
            Ok(0) => break,
            Ok(bytes) => answer.extend_from_slice(piece.get(..bytes).unwrap()),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}"),
        }
    }
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_cut_does_not_end_as_if_it_were_whole() {
    let simulator = Simulator::start(Options {
        verify: false,
        record: false,
        ..Options::default()
    });
    let simulator = simulator.unwrap();
    let side = simulator.side_addr;
    let data = simulator.data_addr;
    let reading = tokio::task::spawn_blocking(move || {
        let host = Host::start(data);
        let whole = read_to_end(&mut host.call());
        assert!(
            whole.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&whole)
        );
        assert!(whole.ends_with(b"\r\n0\r\n\r\n"), "a whole answer has an end");

        let text = "a, ".repeat(LETTERS / 3);
        // The gate waits less for a client that takes nothing; a busy machine needs longer to fill what lies between the two.
        let was_cut = [5, 15, 40].into_iter().any(|seconds| {
            script(side, &format!("{{\"text\":\"{text}\",\"chunk_chars\":1}}"));
            let mut slow = host.call();
            std::thread::sleep(Duration::from_secs(seconds));
            let cut = read_to_end(&mut slow);
            assert!(cut.starts_with(b"HTTP/1.1 200"));
            let says_all = cut.windows(LAST_EVENT.len()).any(|bytes| bytes == LAST_EVENT);
            assert!(
                says_all || !cut.ends_with(b"\r\n0\r\n\r\n"),
                "what was cut ended as if it were whole"
            );
            !says_all
        });
        assert!(was_cut, "nothing was cut");
    });
    reading.await.unwrap();
    simulator.shutdown().await;
}
