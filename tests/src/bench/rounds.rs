//! Rounds: in each, every arm of every workload gets its turn, and the turn order moves on by one from round to round.

use super::failure::Failure;
use super::fleet::Fleet;
use super::load::{Job, Tally};
use super::plan::{Arm, PASS_THROUGH, Plan, Prompt, StandIn, Subject, WORKLOADS, Workload};
use super::process::Memory;
use super::stats::{Durations, Spread};
use std::path::Path;

/// The median and the 99th percentile of one phase, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    /// Half of the events took no longer.
    pub p50_ms: f64,
    /// 99 of 100 took no longer.
    pub p99_ms: f64,
}

/// What one arm showed in one round of one workload. What does not apply is `None`.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Exchanges a second in the closed loop.
    pub rate: f64,
    /// CPU of the arm's process a request, in microseconds, in the closed loop.
    pub cpu_us: Option<f64>,
    /// Whole exchanges of the open loop.
    pub whole: Option<Latency>,
    /// Time to the first frame: of the open loop, or where there is none, of the closed.
    pub first_frame: Option<Latency>,
    /// Delay of stamped frames in the closed loop.
    pub frame_delay: Option<Latency>,
}

/// All readings of one workload.
#[derive(Debug)]
pub struct Series {
    /// Which.
    pub workload: &'static Workload,
    /// For each arm, in the order of the workload's list, its reading of each round.
    readings: Vec<Vec<Reading>>,
}

/// Memory of one process.
#[derive(Debug, Clone, Copy)]
pub struct Footprint {
    /// Whose.
    pub subject: Subject,
    /// Before the first request.
    pub idle: Memory,
    /// After the last.
    pub after: Memory,
}

/// Everything that a run read.
#[derive(Debug, Default)]
pub struct Results {
    /// One for each workload.
    pub series: Vec<Series>,
    /// One for each process that the simulator stood behind.
    pub footprints: Vec<Footprint>,
}

/// Runs everything with the programs in `binaries`; tells `progress` what it is at.
///
/// # Errors
/// The first thing that was not as it must be.
pub fn run(plan: &Plan, binaries: &Path, mut progress: impl FnMut(&str)) -> Result<Results, Failure> {
    let mut results = Results::default();
    for upstream in [StandIn::Simulator, StandIn::Stamps] {
        let workloads: Vec<&'static Workload> = WORKLOADS
            .iter()
            .filter(|workload| workload.upstream == upstream)
            .collect();
        let fleet = Fleet::start(binaries, upstream, &workloads)?;
        let outcome = run_fleet(plan, &fleet, &workloads, &mut results, &mut progress);
        outcome.map_err(|failure| Failure::wrong(format_args!("{failure}\n{}", fleet.logs())))?;
    }
    Ok(results)
}

fn run_fleet(
    plan: &Plan,
    fleet: &Fleet,
    workloads: &[&'static Workload],
    results: &mut Results,
    progress: &mut impl FnMut(&str),
) -> Result<(), Failure> {
    let idle: Vec<Memory> = fleet
        .processes()
        .map(|(_, process)| process.memory())
        .collect::<Result<_, _>>()?;
    let mut series: Vec<Series> = workloads.iter().map(|workload| Series::new(workload)).collect();
    let mut sent = 0;
    for round in 0..=plan.rounds {
        for series in &mut series {
            progress(&format!(
                "round {round} of {}: {}",
                plan.rounds, series.workload.name
            ));
            for turn in 0..series.workload.arms.len() {
                sent += series.turn(plan, fleet, round, turn)?;
            }
        }
    }
    let simulated = fleet.simulated()?;
    let behind_simulator = workloads
        .iter()
        .all(|workload| workload.upstream == StandIn::Simulator);
    if behind_simulator && simulated != sent {
        return Err(Failure::wrong(format_args!(
            "{sent} requests were sent, the simulator got {simulated}"
        )));
    }
    if behind_simulator {
        for ((subject, process), idle) in fleet.processes().zip(idle) {
            results.footprints.push(Footprint {
                subject,
                idle,
                after: process.memory()?,
            });
        }
    }
    results.series.extend(series);
    Ok(())
}

impl Series {
    fn new(workload: &'static Workload) -> Self {
        Self {
            workload,
            readings: workload.arms.iter().map(|_| Vec::new()).collect(),
        }
    }

    /// One arm's turn. Returns how many requests were sent. Round 0 warms up, and checks what the arm does.
    fn turn(&mut self, plan: &Plan, fleet: &Fleet, round: usize, turn: usize) -> Result<u64, Failure> {
        let index = (round + turn) % self.workload.arms.len();
        let (Some(arm), Some(readings)) = (self.workload.arms.get(index), self.readings.get_mut(index))
        else {
            return Ok(0);
        };
        let request = fleet.request(self.workload, arm)?;
        let job = Job {
            address: fleet.address(arm)?,
            request: &request,
            workload: self.workload,
        };
        let name = format!("{}, {}", self.workload.name, arm.name);
        let in_turn = |failure| Failure::wrong(format_args!("{name}: {failure}"));
        let mut sent = 0;
        if round == 0 {
            check_controls(&job, arm).map_err(in_turn)?;
            sent += 1;
        }
        let (reading, exchanges) = measure(plan, fleet, arm, &job).map_err(in_turn)?;
        if round > 0 {
            reading.check(self.workload, arm).map_err(in_turn)?;
            readings.push(reading);
        }
        Ok(sent + exchanges)
    }

    /// The spread of something over all rounds of an arm. None where it does not apply.
    #[must_use]
    pub fn spread(&self, arm: &Arm, of: impl Fn(&Reading) -> Option<f64>) -> Option<Spread> {
        let readings: Option<Vec<f64>> = self.of(arm)?.iter().map(of).collect();
        Spread::of(readings?)
    }

    /// The spread of something compared, within each round, with the pass-through's.
    #[must_use]
    pub fn against_pass_through(
        &self,
        arm: &Arm,
        of: impl Fn(&Reading) -> Option<f64>,
        compare: impl Fn(f64, f64) -> f64,
    ) -> Option<Spread> {
        let pairs = self.of(arm)?.iter().zip(self.of(&PASS_THROUGH)?);
        let compared: Option<Vec<f64>> = pairs
            .map(|(own, other)| Some(compare(of(own)?, of(other)?)))
            .collect();
        Spread::of(compared?)
    }

    fn of(&self, arm: &Arm) -> Option<&Vec<Reading>> {
        let index = self.workload.arms.iter().position(|listed| listed == arm)?;
        self.readings.get(index)
    }
}

/// A gate that is fast because it does nothing must not look good.
fn check_controls(job: &Job<'_>, arm: &Arm) -> Result<(), Failure> {
    let body = job.once()?;
    let Prompt::Addresses(_) = job.workload.prompt else {
        return Ok(());
    };
    let redacts = matches!(arm.subject, Subject::Relaxed | Subject::Strict | Subject::Tokens);
    // The simulator repeats what reached it.
    if body.contains(&b'@') == redacts {
        return Err(Failure::wrong(
            "e-mail addresses are redacted where they should not be, or not where they should",
        ));
    }
    Ok(())
}

fn measure(plan: &Plan, fleet: &Fleet, arm: &Arm, job: &Job<'_>) -> Result<(Reading, u64), Failure> {
    let process = fleet.process(arm.subject).filter(|_| job.workload.measures_cpu);
    let used = || process.map(super::process::Process::cpu_us).transpose();
    let before = used()?;
    let mut closed = job.closed_loop(plan.closed)?;
    let after = used()?;
    let cpu_us = after
        .zip(before)
        .map(|(after, before)| (after - before) / f64::from(closed.exchanges));

    let rate = job.workload.rate.map(|rate| (rate / plan.rate_divisor).max(1));
    let mut open = rate.map(|rate| job.open_loop(rate, plan.open)).transpose()?;
    let exchanges = u64::from(closed.exchanges) + open.as_ref().map_or(0, |open| u64::from(open.exchanges));
    let first_frames = open
        .as_mut()
        .map_or(&mut closed.first_frame, |open| &mut open.first_frame);
    let first_frame = Latency::of(first_frames);
    let reading = Reading {
        rate: closed.rate(),
        cpu_us,
        whole: open
            .as_mut()
            .and_then(|open: &mut Tally| Latency::of(&mut open.whole)),
        first_frame,
        frame_delay: Latency::of(&mut closed.frame_delay),
    };
    Ok((reading, exchanges))
}

impl Latency {
    fn of(durations: &mut Durations) -> Option<Self> {
        Some(Self {
            p50_ms: durations.percentile_ms(50)?,
            p99_ms: durations.percentile_ms(99)?,
        })
    }
}

impl Reading {
    /// Every number that the workload promises is there and greater than zero.
    fn check(&self, workload: &Workload, arm: &Arm) -> Result<(), Failure> {
        let p50 = |latency: Option<Latency>| latency.map(|latency| latency.p50_ms);
        let expected = [
            ("requests a second", true, Some(self.rate)),
            (
                "CPU a request",
                workload.measures_cpu && arm.subject != Subject::Direct,
                self.cpu_us,
            ),
            ("latency", workload.rate.is_some(), p50(self.whole)),
            (
                "time to the first frame",
                workload.operation.streams(),
                p50(self.first_frame),
            ),
            (
                "frame delay",
                workload.upstream == StandIn::Stamps,
                p50(self.frame_delay),
            ),
        ];
        for (name, wanted, number) in expected {
            if wanted && !number.is_some_and(|number| number > 0.0) {
                return Err(Failure::wrong(format_args!("no {name}")));
            }
        }
        Ok(())
    }
}
