//! The results as Markdown.

use super::machine::Machine;
use super::plan::{Arm, DIRECT, FIRST_FRAME_AIM_MS, PASS_THROUGH, Plan, RELAXED, STRICT, Subject, WORKLOADS};
use super::rounds::{Latency, Reading, Results, Series};
use super::table::{Table, number, spread};

const HOW_TO: &str = include_str!("how_to.md");

/// The heading of what another benchmark measures, at the end of `BENCHMARKS.md`.
const OTHERS: &str = "\n## Guardrail engine\n";

/// `document` with what `before`, the `BENCHMARKS.md` until now, holds of other benchmarks.
#[must_use]
pub fn keeping(document: &str, before: &str) -> String {
    let kept = before.find(OTHERS).and_then(|at| before.get(at..));
    format!("{}\n{}", document.trim_end(), kept.unwrap_or_default())
}

/// `BENCHMARKS.md`, without what other benchmarks measure.
#[must_use]
pub fn document(machine: &Machine, plan: &Plan, results: &Results) -> String {
    let Machine {
        processor,
        cores,
        kernel,
        commit,
        date,
        sync_ms: (sync, slow_sync),
    } = machine;
    let rounds = plan.rounds;
    let tables = tables(results);
    format!(
        "# Benchmarks\n\n\
         Palisade beside a bare Pingora pass-through (`ProxyHttp`, one upstream, nothing else), each a process of its own \
         on loopback, with the same number of worker threads. Written by \
         `cargo run --release -p palisade-tests --bin bench -- --write`.\n\n\
         - Machine: {processor}, {cores} cores, Linux {kernel}; the load, the upstream and the arm share them.\n\
         - Commit {commit}, {date}; {rounds} rounds of {:.1} s closed and {:.1} s open loop for each arm and workload.\n\
         - Appending a record of 700 bytes and syncing it, every 2 ms, takes {} ms here (99th percentile {} ms).\n\n\
         Every cell is the median of the rounds, with the least and the greatest in brackets. Ratios and differences are \
         taken within each round, against the pass-through's turn in the same round.\n\n{tables}\n{HOW_TO}",
        plan.closed.as_secs_f64(),
        plan.open.as_secs_f64(),
        number(*sync),
        number(*slow_sync),
    )
}

/// The tables alone.
#[must_use]
pub fn tables(results: &Results) -> String {
    [
        "## CPU and throughput (closed loop)\n",
        cpu(&results.series).text(),
        "\n## Latency at a fixed rate (open loop, from when a request was due)\n",
        latency(&results.series).text(),
        "\n## Streams\n",
        streams(&results.series).text(),
        "\n## Memory\n",
        memory(results).text(),
    ]
    .join("\n")
}

fn cpu(all: &[Series]) -> Table {
    let heads = [
        "workload",
        "arm",
        "requests/s",
        "CPU µs a request",
        "CPU ÷ pass-through",
        "aim",
    ];
    let mut table = Table::new(&heads);
    for series in all.iter().filter(|series| series.workload.measures_cpu) {
        let workload = series.workload;
        for arm in workload.arms {
            let aim = workload.cpu_ratio_aim.filter(|_| *arm == RELAXED);
            table.row(&[
                &format!("{}, c={}", workload.name, workload.connections),
                arm.name,
                &spread(series.spread(arm, |reading| Some(reading.rate))),
                &spread(series.spread(arm, |reading| reading.cpu_us)),
                &compared(arm, || {
                    series.against_pass_through(arm, |reading| reading.cpu_us, |own, other| own / other)
                }),
                &aim.map_or_else(String::new, |aim| format!("≤ {aim:.1}")),
            ]);
        }
    }
    table
}

fn latency(all: &[Series]) -> Table {
    let mut table = Table::new(&["workload", "arm", "p50 ms", "p99 ms", "p50 − pass-through, ms"]);
    for series in all {
        let Some(rate) = series.workload.rate else {
            continue;
        };
        for arm in series.workload.arms {
            table.row(&[
                &format!("{}, {rate}/s", series.workload.name),
                arm.name,
                &spread(series.spread(arm, |reading| p50(reading.whole))),
                &spread(series.spread(arm, |reading| p99(reading.whole))),
                &added(series, arm, |reading| p50(reading.whole)),
            ]);
        }
    }
    table
}

fn streams(all: &[Series]) -> Table {
    let heads = [
        "workload",
        "arm",
        "first frame p50 ms",
        "first frame p99 ms",
        "first frame p50 − pass-through, ms",
        "aim",
        "a frame's delay p50 ms",
        "a frame's delay p99 ms",
        "a frame's delay p50 − pass-through, ms",
    ];
    let mut table = Table::new(&heads);
    for series in all.iter().filter(|series| series.workload.operation.streams()) {
        for arm in series.workload.arms {
            let aim = match *arm {
                RELAXED => format!("< {FIRST_FRAME_AIM_MS:.1}"),
                STRICT => format!("< {FIRST_FRAME_AIM_MS:.1} + sync"),
                _ => String::new(),
            };
            table.row(&[
                series.workload.name,
                arm.name,
                &spread(series.spread(arm, |reading| p50(reading.first_frame))),
                &spread(series.spread(arm, |reading| p99(reading.first_frame))),
                &added(series, arm, |reading| p50(reading.first_frame)),
                &aim,
                &spread(series.spread(arm, |reading| p50(reading.frame_delay))),
                &spread(series.spread(arm, |reading| p99(reading.frame_delay))),
                &added(series, arm, |reading| p50(reading.frame_delay)),
            ]);
        }
    }
    table
}

fn memory(results: &Results) -> Table {
    let mut table = Table::new(&["process", "", "idle MiB", "after the run MiB", "peak MiB"]);
    for footprint in &results.footprints {
        let mib = |kib: u32| number(f64::from(kib) / 1024.0);
        table.row(&[
            name(footprint.subject),
            "",
            &mib(footprint.idle.resident_kib),
            &mib(footprint.after.resident_kib),
            &mib(footprint.after.peak_kib),
        ]);
    }
    table
}

fn name(subject: Subject) -> &'static str {
    let mut arms = WORKLOADS.iter().flat_map(|workload| workload.arms);
    arms.find(|arm| arm.subject == subject).map_or("", |arm| arm.name)
}

/// Milliseconds more than the pass-through.
fn added(series: &Series, arm: &Arm, of: impl Fn(&Reading) -> Option<f64>) -> String {
    compared(arm, || {
        series.against_pass_through(arm, of, |own, other| own - other)
    })
}

/// The pass-through compared with itself says nothing, nor does no proxy at all.
fn compared(arm: &Arm, with: impl FnOnce() -> Option<super::stats::Spread>) -> String {
    if *arm == PASS_THROUGH || *arm == DIRECT {
        String::new()
    } else {
        spread(with())
    }
}

fn p50(latency: Option<Latency>) -> Option<f64> {
    latency.map(|latency| latency.p50_ms)
}

fn p99(latency: Option<Latency>) -> Option<f64> {
    latency.map(|latency| latency.p99_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_other_benchmarks_measured() {
        let before = "# Benchmarks\n\nold\n\n## Guardrail engine\n\n| a |\n\n## More\n";
        let now = keeping("# Benchmarks\n\nnew\n", before);
        assert_eq!(
            now,
            "# Benchmarks\n\nnew\n\n## Guardrail engine\n\n| a |\n\n## More\n"
        );
        assert_eq!(keeping("# Benchmarks\n\nnew\n", &now), now);
        assert_eq!(keeping("new\n", "old\n"), "new\n");
    }

    #[test]
    fn the_committed_report_ends_with_the_guardrail_engine() {
        let committed = include_str!("../../BENCHMARKS.md");
        let kept = keeping("", committed);
        assert!(kept.contains(OTHERS) && committed.ends_with(kept.trim_start()));
    }
}
