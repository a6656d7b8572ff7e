//! A running `palisade demo`, and its side port.

use palisade_tests::bench::http1::Connection;
use palisade_tests::bench::request;
use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ends with the value.
pub(crate) struct Demo {
    process: Child,
    env: HashMap<String, String>,
    folder: PathBuf,
}

impl Demo {
    pub(crate) fn start(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("palisade-sdk-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let env_file = folder.join("env");
        let process = Command::new(program())
            .args(["demo", "--port", "0", "--env-file"])
            .arg(&env_file)
            .arg("--dir")
            .arg(folder.join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program is built: `cargo build -p palisade-proxy`");
        let mut demo = Self {
            process,
            env: HashMap::new(),
            folder,
        };
        let deadline = Instant::now() + Duration::from_secs(60);
        while !env_file.exists() {
            assert!(demo.process.try_wait().unwrap().is_none(), "the demo ended");
            assert!(Instant::now() < deadline, "the demo does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        let text = std::fs::read_to_string(env_file).unwrap();
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        demo.env = pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        demo
    }

    pub(crate) fn env(&self, name: &str) -> &str {
        &self.env[name]
    }

    /// Says what the simulated provider answers next.
    pub(crate) fn script(&self, reply: &serde_json::Value) {
        self.side(
            "POST",
            "/script",
            &serde_json::json!({ "replies": [reply] }).to_string(),
        );
    }

    /// How many requests the provider has received.
    pub(crate) fn requests(&self) -> u64 {
        let stats: serde_json::Value = serde_json::from_slice(&self.side("GET", "/stats", "")).unwrap();
        stats["requests"].as_u64().unwrap()
    }

    fn side(&self, method: &str, path: &str, body: &str) -> Vec<u8> {
        let address = self.env("SIMULATOR_URL").trim_start_matches("http://");
        let address = address.parse().unwrap();
        let mut answer = Vec::new();
        let exchanged = Connection::open(address).unwrap().exchange(
            &request::plain(method, path, address, body),
            |piece| {
                answer.extend_from_slice(&piece);
                Ok(())
            },
        );
        exchanged.unwrap();
        answer
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// `PALISADE_BIN`, else the program that stands beside this test's folder.
fn program() -> PathBuf {
    std::env::var_os("PALISADE_BIN").map_or_else(
        || {
            let test = std::env::current_exe().unwrap();
            test.parent()
                .and_then(|deps| deps.parent())
                .unwrap()
                .join("palisade")
        },
        PathBuf::from,
    )
}
