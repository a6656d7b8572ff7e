//! What the log costs: `cargo run --release -p palisade-proxy --example audit_cost -- FOLDER`.
//!
//! Prints what a decision and its completion take of a processor, and how many records a second one writer makes durable on the
//! disk of FOLDER, beside what the disk does for a bare loop of writes and `fdatasync`.

use palisade_audit::canonical::append;
use palisade_audit::tree::leaf_hash;
use palisade_audit::{Attempt, Completion, Decision, End, Entry, Record, Sent, read_line};
use palisade_proxy::config;
use palisade_proxy::trail::{Audit, InForce, Subjects};
use std::error::Error;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The gateway's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A decision as the gateway writes it, of 1,120 bytes.
const DECISION: &str = r#"{"action":"Converse","determining":["retail-general-purpose"],"effect":"allow","http":{"body_bytes":311,"client_ip":"127.0.0.1","method":"POST","path_sha256":"f0633955236b1f1c0a6fe6f776459d578edb389e0b38024cd6408770b706c1e7","sent_sha256":"c7309309ab7a1c12367d461343e9ee08c60a64fea22f60b067f7681ed3702afe","version":"HTTP/1.1"},"id":"01a22d4b-d2fb-76f6-a4b3-38d8a0bbe5a5","index":7,"kind":"decision","model":{"facts":"2794710953098a60609c68aa5abfdef43605c202783ebffa1ea0b323e9ac47ef","id":"amazon.nova-lite"},"policy":{"digest":"2f8312e7716737e6a84c13903b61ebb1adc13c81895aa05bc39ba8f2263268e9","engine":"cedar-policy/4.14.1"},"principal":{"authentication":"sigv4","credential":"PLSDRETAILASSISTANT1","facts":"102d3a16f1af0f4c97931c89854492a01185529728121b3801b54d1d711dbed4","id":"assistant","type":"Application"},"question":{"business_day":true,"classification":1,"input_tokens":47,"local_hour":17,"max_tokens":9,"modalities":["text"],"now_ms":1796056273000,"purpose":"customer_service"},"reason":"policy","request_id":"2c5e63a8-7a36-4bae-9055-893b6664a191","streaming":false,"tenant":"retail","time":1796056273659265293,"v":1}"#;

/// How long each measurement goes on.
const SPAN: Duration = Duration::from_secs(4);

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: audit_cost FOLDER")?);
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    fs::create_dir_all(&folder)?;
    let (long, short) = (decision()?, Decision::default());
    let mut out = std::io::stdout().lock();
    writeln!(out, "one thread, microseconds:")?;
    let pair = [
        Record::Decision(long.clone()),
        Record::Completion(completion(&long.id)),
    ];
    let mut buffer = Vec::new();
    let mut bytes = 0;
    let serialised = each(|| {
        buffer.clear();
        for record in &pair {
            let from = buffer.len();
            let _ = append(record, &mut buffer);
            black_box(leaf_hash(buffer.get(from..).unwrap_or_default()));
        }
        bytes = buffer.len();
    });
    writeln!(
        out,
        "  a decision and a completion, {bytes} bytes, written and hashed   {serialised:.2}"
    )?;
    for zeroed in [false, true] {
        let name = if zeroed { "pre-zeroed" } else { "growing" };
        let mut times = bare(&folder.join("bare"), zeroed)?;
        let count = times.len();
        writeln!(
            out,
            "bare loop of 600 bytes and fdatasync, {name}: {count} in {SPAN:?}, {}",
            spread(&mut times)
        )?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    for (name, decision) in [("short", short), ("real", long)] {
        for callers in [1, 64, 1024] {
            let told = runtime.block_on(load(
                &folder.join(format!("{name}-{callers}")),
                &decision,
                callers,
            ))?;
            writeln!(out, "{name} records, {callers} callers: {told}")?;
        }
    }
    Ok(())
}

fn decision() -> Result<Decision> {
    match read_line(DECISION)? {
        Entry::Known(record) => match *record {
            Record::Decision(decision) => Ok(decision),
            _ => Err("another kind".into()),
        },
        Entry::Unknown { .. } => Err("another version".into()),
    }
}

fn completion(decision: &str) -> Completion {
    Completion {
        attempts: vec![Attempt {
            host: "bedrock-runtime.us-east-1.amazonaws.com".to_owned(),
            result: Sent::Answered,
        }],
        client_status: 200,
        decision: decision.to_owned(),
        end: End::Completed,
        request_id: decision.to_owned(),
        upstream_status: Some(200),
        ..Completion::default()
    }
}

/// Microseconds a call, the best of several batches.
fn each(mut call: impl FnMut()) -> f64 {
    let batch = || {
        let start = Instant::now();
        (0..10_000).for_each(|_| call());
        start.elapsed().as_secs_f64() * 100.0
    };
    std::iter::repeat_with(batch).take(10).fold(f64::MAX, f64::min)
}

fn bare(path: &Path, zeroed: bool) -> Result<Vec<Duration>> {
    let file = File::create(path)?;
    if zeroed {
        (&file).write_all(&vec![0; 16 * 1024 * 1024])?;
    }
    file.sync_all()?;
    let start = Instant::now();
    let mut times = Vec::new();
    let mut at = 0;
    while start.elapsed() < SPAN && at + 600 < 16 * 1024 * 1024 {
        let before = Instant::now();
        file.write_all_at(&[b'x'; 600], at)?;
        file.sync_data()?;
        times.push(before.elapsed());
        at += 600;
    }
    fs::remove_file(path)?;
    Ok(times)
}

fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |part: usize| {
        times
            .get((times.len() * part / 1_000).min(times.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    };
    format!("p50 {:?}, p99 {:?}", at(500), at(990))
}

/// So many callers at once, each with one exchange after the other, on a log of its own.
async fn load(folder: &Path, decision: &Decision, callers: usize) -> Result<String> {
    let config = config::Audit {
        directory: folder.to_owned(),
        // What is measured is how fast the disk is, not whether it is fast enough.
        sync_timeout_ms: 60_000,
        ..config::Audit::default()
    };
    let (audit, writer) = Audit::open(&config, InForce::default())?;
    let stop = Arc::new(AtomicBool::new(false));
    let before = processor_time();
    let start = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| tokio::spawn(caller(audit.clone(), decision.clone(), Arc::clone(&stop))))
        .collect();
    tokio::time::sleep(SPAN).await;
    stop.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let span = start.elapsed();
    let took = (processor_time() - before).as_secs_f64();
    audit.close().await;
    drop(audit);
    writer.join().map_err(|_| "the writer panicked")?;
    fs::remove_dir_all(folder)?;
    let exchanges = times.len() as f64;
    Ok(format!(
        "{:.0} records a second, {:.2} microseconds of processor an exchange, {}",
        2.0 * exchanges / span.as_secs_f64(),
        took * 1e6 / exchanges,
        spread(&mut times)
    ))
}

async fn caller(audit: Audit, decision: Decision, stop: Arc<AtomicBool>) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let (slot, after) = audit.reserve().map_err(|_| "no room")?;
        let id = uuid::Uuid::now_v7().to_string();
        let record = Record::Decision(Decision {
            id: id.clone(),
            ..decision.clone()
        });
        let before = Instant::now();
        slot.send_durable(record, Subjects::default())
            .await
            .map_err(|_| "not written")?;
        times.push(before.elapsed());
        after.send(Record::Completion(completion(&id)), Subjects::default());
    }
    Ok(times)
}

/// What this process has used of all processors.
fn processor_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        now.tv_sec.unsigned_abs(),
        u32::try_from(now.tv_nsec).unwrap_or_default(),
    )
}
