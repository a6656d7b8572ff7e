//! Child processes: started with their output in a file, watched, read through `/proc`, and killed when dropped.

use super::failure::{During, Failure};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait until a process answers.
const START_TIMEOUT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);
/// Microseconds of one tick of `/proc/PID/stat`: Linux reports in hundredths of a second (proc_pid_stat(5), `USER_HZ`).
const TICK_US: u32 = 10_000;
/// Lines of a process's output shown when it fails.
const LOG_LINES: usize = 20;

/// A running child. Dropped, it is killed and waited for.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

/// Cleans up after this process when it ends without doing so itself, as on a signal: kills processes and removes a
/// folder. Dropped, it does nothing any more.
#[derive(Debug)]
pub struct Watchdog(Child);

/// Memory of a process, in KiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Resident now (`VmRSS`).
    pub resident_kib: u32,
    /// Most that was ever resident (`VmHWM`).
    pub peak_kib: u32,
}

impl Process {
    /// Starts a process, its output in `folder`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(name: &str, command: &mut Command, folder: &Path) -> Result<Self, Failure> {
        let log = folder.join(name).with_extension("log");
        let file = File::create(&log).during(log.display())?;
        let copy = file.try_clone().during(log.display())?;
        let child = command.stdin(Stdio::null()).stdout(file).stderr(copy).spawn();
        let program = command.get_program().to_string_lossy().into_owned();
        Ok(Self {
            name: name.to_owned(),
            child: child.during(program)?,
            log,
        })
    }

    /// Waits until `answer` gives something.
    ///
    /// # Errors
    /// When the process ends first, or after half a minute; with the end of its output.
    pub fn until<T>(&mut self, mut answer: impl FnMut() -> Option<T>) -> Result<T, Failure> {
        let begun = Instant::now();
        while begun.elapsed() < START_TIMEOUT {
            if let Some(answer) = answer() {
                return Ok(answer);
            }
            if self.child.try_wait().during("waiting for a process")?.is_some() {
                break;
            }
            thread::sleep(POLL);
        }
        Err(Failure::wrong(format_args!(
            "{} does not answer:\n{}",
            self.name,
            self.log_end()
        )))
    }

    /// The last lines that the process wrote.
    #[must_use]
    pub fn log_end(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(LOG_LINES);
        lines.get(from..).unwrap_or_default().join("\n")
    }

    /// CPU time used so far, user and system, all threads, in microseconds.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn cpu_us(&self) -> Result<f64, Failure> {
        let stat = self.read("stat")?;
        // The second field is a name in brackets, which may hold spaces; `utime` and `stime` are the 14th and 15th.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks: Vec<u32> = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .flat_map(str::parse)
            .collect();
        match ticks.as_slice() {
            [user, system] => Ok(f64::from(user + system) * f64::from(TICK_US)),
            _ => Err(Failure::wrong("malformed /proc/PID/stat")),
        }
    }

    /// Memory used.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn memory(&self) -> Result<Memory, Failure> {
        let status = self.read("status")?;
        let field = |name: &str| {
            let value = status
                .lines()
                .find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
            value.ok_or_else(|| Failure::wrong(format_args!("no {name} in /proc/PID/status")))
        };
        Ok(Memory {
            resident_kib: field("VmRSS:")?,
            peak_kib: field("VmHWM:")?,
        })
    }

    fn read(&self, file: &str) -> Result<String, Failure> {
        let path = format!("/proc/{}/{file}", self.child.id());
        std::fs::read_to_string(&path).during(&self.name)
    }
}

impl Watchdog {
    /// Watches over `processes`, whose files are in `folder`.
    ///
    /// # Errors
    /// When there is no shell.
    pub fn start<'a>(folder: &Path, processes: impl Iterator<Item = &'a Process>) -> Result<Self, Failure> {
        // Its input is a pipe from here, which closes when this process ends, however it ends.
        let script = r#"trap "" INT TERM HUP; cat > /dev/null; kill -9 "$@"; rm -rf -- "$0""#;
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(folder);
        command.args(processes.map(|process| process.child.id().to_string()));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().during("sh").map(Self)
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // Before its input closes.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
