//! The processes of a run, side by side on loopback.

use super::credentials::{AccessKey, IssuerKey, unix_seconds};
use super::failure::{During, Failure};
use super::files::{self, Folder};
use super::http1::Connection;
use super::plan::{Arm, Operation, Proof, StandIn, Subject, Workload};
use super::process::{Process, Watchdog};
use super::request::{self, Credential};
use super::stamps;
use bytes::Bytes;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The variable with the key that tokens are derived from.
const TOKEN_KEY: &str = "BENCH_TOKEN_KEY";
const SECRET_FILE: &str = "tenant.secret";

/// The processes of a run. Dropped, all are killed and their folder is removed.
pub struct Fleet {
    /// First, so that it is gone before what it would kill.
    watchdog: Option<Watchdog>,
    members: Vec<Member>,
    simulator: Process,
    side: SocketAddr,
    upstream: SocketAddr,
    /// What the upstream accepts.
    own_key: AccessKey,
    /// What Palisade accepts.
    tenant_key: AccessKey,
    token: String,
    binaries: PathBuf,
    /// Last, so that it goes when nobody writes to it any more.
    folder: Folder,
}

struct Member {
    subject: Subject,
    process: Process,
    address: SocketAddr,
}

impl Fleet {
    /// Starts everything that `workloads` on `upstream` need; the programs are in the folder `binaries`.
    ///
    /// # Errors
    /// When a process does not start.
    pub fn start(binaries: &Path, upstream: StandIn, workloads: &[&Workload]) -> Result<Self, Failure> {
        let folder = Folder::new(binaries)?;
        let own_key = AccessKey::random("BENCHUPSTREAM")?;
        let tenant_key = AccessKey::random("BENCHTENANT")?;
        let issuer = IssuerKey::random()?;
        let secret = folder.write("upstream.secret", &own_key.secret)?;
        folder.write(SECRET_FILE, &tenant_key.secret)?;
        folder.write("registry.toml", &files::registry(&tenant_key, SECRET_FILE))?;

        let (simulator, data, side) = start_simulator(binaries, &folder, &own_key, &secret)?;
        put_key_set(side, &issuer)?;
        let upstream = match upstream {
            StandIn::Simulator => data,
            StandIn::Stamps => stamps::start()?,
        };
        let token = issuer.token(&format!("http://{side}"), files::TENANT, unix_seconds());
        let binaries = binaries.to_owned();
        let mut fleet = Self {
            watchdog: None,
            members: Vec::new(),
            simulator,
            side,
            upstream,
            own_key,
            tenant_key,
            token,
            binaries,
            folder,
        };
        for arm in workloads.iter().flat_map(|workload| workload.arms) {
            fleet.join(arm.subject)?;
        }
        let members = fleet.members.iter().map(|member| &member.process);
        fleet.watchdog = Some(Watchdog::start(
            fleet.folder.path(),
            members.chain([&fleet.simulator]),
        )?);
        Ok(fleet)
    }

    /// Starts a subject that does not run yet.
    fn join(&mut self, subject: Subject) -> Result<(), Failure> {
        let runs = self.members.iter().any(|member| member.subject == subject);
        let (process, address) = match subject {
            Subject::Direct => return Ok(()),
            _ if runs => return Ok(()),
            Subject::PassThrough => self.start_pass_through()?,
            Subject::Relaxed => self.start_palisade("relaxed", "")?,
            Subject::Strict => self.start_palisade("strict", "")?,
            Subject::Tokens => {
                self.start_palisade("relaxed", &format!("tokenize = {{ key_env = \"{TOKEN_KEY}\" }}"))?
            }
        };
        self.members.push(Member {
            subject,
            process,
            address,
        });
        Ok(())
    }

    fn start_pass_through(&self) -> Result<(Process, SocketAddr), Failure> {
        let address = free_address()?;
        let threads = std::thread::available_parallelism().during("counting processors")?;
        let mut command = Command::new(self.binaries.join("passthrough"));
        command.args(["--listen", &address.to_string()]);
        command.args(["--upstream", &self.upstream.to_string()]);
        command.args(["--threads", &threads.to_string()]);
        let mut process = Process::start("pass-through", &mut command, self.folder.path())?;
        process.until(|| TcpStream::connect(address).ok())?;
        Ok((process, address))
    }

    fn start_palisade(&self, mode: &str, guardrails: &str) -> Result<(Process, SocketAddr), Failure> {
        let config = self.folder.write(
            &format!("{mode}.toml"),
            &files::config(mode, guardrails, self.upstream, self.side),
        )?;
        let env_file = self.folder.path().join(format!("{mode}.env"));
        let mut command = Command::new(self.binaries.join("palisade"));
        command
            .args(["serve", "--config"])
            .arg(config)
            .arg("--env-file")
            .arg(&env_file);
        command
            .env(TOKEN_KEY, "5a".repeat(32))
            .env("AWS_ACCESS_KEY_ID", self.own_key.id)
            .env("AWS_SECRET_ACCESS_KEY", &self.own_key.secret);
        command.env_remove("AWS_SESSION_TOKEN");
        let mut process = Process::start(&format!("palisade-{mode}"), &mut command, self.folder.path())?;
        let address = process.until(|| address_in(&env_file, "PALISADE_URL"))?;
        Ok((process, address))
    }

    /// Where an arm's requests go.
    ///
    /// # Errors
    /// When its process was not started.
    pub fn address(&self, arm: &Arm) -> Result<SocketAddr, Failure> {
        let member = self.members.iter().find(|member| member.subject == arm.subject);
        match (member, arm.subject) {
            (Some(member), _) => Ok(member.address),
            (None, Subject::Direct) => Ok(self.upstream),
            (None, _) => Err(Failure::wrong(format_args!("{} does not run", arm.name))),
        }
    }

    /// The process of an arm; none without a proxy.
    #[must_use]
    pub fn process(&self, subject: Subject) -> Option<&Process> {
        self.members
            .iter()
            .find(|member| member.subject == subject)
            .map(|member| &member.process)
    }

    /// The subjects that run, with their processes.
    pub fn processes(&self) -> impl Iterator<Item = (Subject, &Process)> {
        self.members
            .iter()
            .map(|member| (member.subject, &member.process))
    }

    /// The request that an arm is sent.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn request(&self, workload: &Workload, arm: &Arm) -> Result<Bytes, Failure> {
        request::of_workload(workload, self.address(arm)?, self.credential(arm))
    }

    /// A request with a Converse body of one's own.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn request_with(&self, arm: &Arm, body: &str) -> Result<Bytes, Failure> {
        request::with_body(
            Operation::Converse,
            body,
            self.address(arm)?,
            self.credential(arm),
        )
    }

    fn credential(&self, arm: &Arm) -> Credential<'_> {
        match (arm.subject, arm.proof) {
            (Subject::Direct | Subject::PassThrough, _) => Credential::Key(&self.own_key),
            (Subject::Relaxed | Subject::Strict | Subject::Tokens, Proof::SigV4) => {
                Credential::Key(&self.tenant_key)
            }
            (Subject::Relaxed | Subject::Strict | Subject::Tokens, Proof::Token) => {
                Credential::Token(&self.token)
            }
        }
    }

    /// Requests that the simulator has answered, refused ones included.
    ///
    /// # Errors
    /// When it does not say.
    pub fn simulated(&self) -> Result<u64, Failure> {
        let body = ask(self.side, &request::plain("GET", "/stats", self.side, ""))?;
        let stats: serde_json::Value = serde_json::from_slice(&body).map_err(Failure::wrong)?;
        let requests = stats.get("requests").and_then(serde_json::Value::as_u64);
        requests.ok_or_else(|| Failure::wrong("the simulator's statistics name no requests"))
    }

    /// The last lines that every process wrote, for a failed run.
    #[must_use]
    pub fn logs(&self) -> String {
        let all = self
            .members
            .iter()
            .map(|member| &member.process)
            .chain([&self.simulator]);
        all.map(Process::log_end)
            .filter(|log| !log.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Where the files of the run are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn start_simulator(
    binaries: &Path,
    folder: &Folder,
    key: &AccessKey,
    secret: &Path,
) -> Result<(Process, SocketAddr, SocketAddr), Failure> {
    let env_file = folder.path().join("simulator.env");
    let mut command = Command::new(binaries.join("palisade-simulator"));
    command
        .args(["--no-record", "--access-key", key.id, "--secret-file"])
        .arg(secret);
    command.arg("--env-file").arg(&env_file);
    let mut process = Process::start("simulator", &mut command, folder.path())?;
    let (data, side) = process.until(|| {
        let data = address_in(&env_file, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME")?;
        Some((data, address_in(&env_file, "PALISADE_SIMULATOR_SIDE_URL")?))
    })?;
    Ok((process, data, side))
}

fn put_key_set(side: SocketAddr, issuer: &IssuerKey) -> Result<(), Failure> {
    let request = request::plain("PUT", "/jwks.json", side, &issuer.key_set().to_string());
    ask(side, &request).map(drop)
}

fn ask(address: SocketAddr, request: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    Connection::open(address)?.exchange(request, |piece| {
        body.extend_from_slice(&piece);
        Ok(())
    })?;
    Ok(body)
}

/// The address in a line `NAME=http://address` of a file.
fn address_in(file: &Path, name: &str) -> Option<SocketAddr> {
    let text = std::fs::read_to_string(file).ok()?;
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
    value.trim_matches('\'').strip_prefix("http://")?.parse().ok()
}

/// A loopback port that was free a moment ago: Pingora's own server cannot say which port 0 became.
fn free_address() -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    listener
        .and_then(|listener| listener.local_addr())
        .during("finding a free port")
}
