//! The load: threads that send one request after the other, each on a connection of its own.
//!
//! A closed loop sends as soon as the answer is there. An open loop sends at fixed times and counts from the time at
//! which a request was due, so that a stall delays, and shows in, every request behind it. Threads and not tasks,
//! because a sleeping thread wakes within 0.1 ms and the timers of an async runtime within 1 ms.

use super::failure::{During, Failure};
use super::http1::Connection;
use super::plan::{STREAM_FRAMES, StandIn, Workload};
use super::stamps;
use super::stats::Durations;
use bytes::Bytes;
use palisade_wire::eventstream::{Decoder, Frame};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Threads of an open loop: enough that a request that is due finds one free.
const OPEN_LOOP_CONNECTIONS: usize = 32;

/// What is sent, and where.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The server.
    pub address: SocketAddr,
    /// The whole request.
    pub request: &'a [u8],
    /// What its answer must look like.
    pub workload: &'static Workload,
}

/// What happened.
#[derive(Debug, Default)]
pub struct Tally {
    /// Whole, correct exchanges.
    pub exchanges: u32,
    /// From the start to the last byte of the last answer.
    pub elapsed: Duration,
    /// From when a request was due to the last byte of its answer.
    pub whole: Durations,
    /// From when a request was due to its first whole frame.
    pub first_frame: Durations,
    /// From when a stamped frame was sent to when it arrived.
    pub frame_delay: Durations,
}

/// When requests are due.
struct Schedule {
    start: Instant,
    length: Duration,
    /// None for a closed loop: at once.
    interval: Option<Duration>,
    /// Requests handed out so far. Shared by all threads.
    handed_out: AtomicU32,
}

impl Job<'_> {
    /// Keeps the workload's connections busy for `length`.
    ///
    /// # Errors
    /// The first exchange that failed.
    pub fn closed_loop(&self, length: Duration) -> Result<Tally, Failure> {
        self.run(self.workload.connections, length, None)
    }

    /// Sends `rate` requests a second for `length`.
    ///
    /// # Errors
    /// The first exchange that failed.
    pub fn open_loop(&self, rate: u32, length: Duration) -> Result<Tally, Failure> {
        let interval = Duration::from_secs(1).checked_div(rate);
        let interval = interval.ok_or_else(|| Failure::wrong("a rate of no requests"))?;
        self.run(OPEN_LOOP_CONNECTIONS, length, Some(interval))
    }

    /// One exchange, its body returned whole.
    ///
    /// # Errors
    /// When it fails.
    pub fn once(&self) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        Connection::open(self.address)?.exchange(self.request, |piece| {
            body.extend_from_slice(&piece);
            Ok(())
        })?;
        Ok(body)
    }

    fn run(
        &self,
        connections: usize,
        length: Duration,
        interval: Option<Duration>,
    ) -> Result<Tally, Failure> {
        let open: Vec<Connection> = (0..connections)
            .map(|_| Connection::open(self.address))
            .collect::<Result<_, _>>()?;
        let schedule = Schedule {
            start: Instant::now(),
            length,
            interval,
            handed_out: AtomicU32::new(0),
        };
        let mut tally = thread::scope(|scope| {
            let work =
                |connection| thread::Builder::new().spawn_scoped(scope, || self.work(connection, &schedule));
            let threads: Vec<_> = open
                .into_iter()
                .map(work)
                .collect::<Result<_, _>>()
                .during("starting a thread")?;
            let mut total = Tally::default();
            for thread in threads {
                let part = thread
                    .join()
                    .map_err(|_| Failure::wrong("a thread of the load panicked"))?;
                total.add(part?);
            }
            Ok::<_, Failure>(total)
        })?;
        tally.elapsed = schedule.start.elapsed();
        Ok(tally)
    }

    fn work(&self, mut connection: Connection, schedule: &Schedule) -> Result<Tally, Failure> {
        let mut tally = Tally::default();
        while let Some(due) = schedule.next() {
            if self.workload.operation.streams() {
                self.stream(&mut connection, due, &mut tally)?;
            } else {
                self.whole(&mut connection)?;
            }
            tally.whole.push(due.elapsed());
            tally.exchanges += 1;
        }
        Ok(tally)
    }

    fn whole(&self, connection: &mut Connection) -> Result<(), Failure> {
        let mut bytes = 0;
        connection.exchange(self.request, |piece: Bytes| {
            bytes += piece.len();
            Ok(())
        })?;
        if bytes == 0 {
            Err(Failure::wrong("an empty answer"))
        } else {
            Ok(())
        }
    }

    fn stream(&self, connection: &mut Connection, due: Instant, tally: &mut Tally) -> Result<(), Failure> {
        let mut decoder = Decoder::new();
        let mut frames = 0;
        connection.exchange(self.request, |piece| {
            decoder.push(piece);
            while let Some(frame) = decoder.next_frame().map_err(Failure::wrong)? {
                if frames == 0 {
                    tally.first_frame.push(due.elapsed());
                }
                frames += 1;
                self.frame(&frame, tally)?;
            }
            Ok(())
        })?;
        decoder.finish().map_err(Failure::wrong)?;
        // A proxy may put what it held back into a frame of its own.
        if (STREAM_FRAMES..=STREAM_FRAMES + 1).contains(&frames) {
            return Ok(());
        }
        Err(Failure::wrong(format_args!(
            "a stream of {frames} frames, not {STREAM_FRAMES}"
        )))
    }

    fn frame(&self, frame: &Frame, tally: &mut Tally) -> Result<(), Failure> {
        if frame.message_type() != Some("event") {
            return Err(Failure::wrong("a stream that ends in an exception"));
        }
        let stamped =
            self.workload.upstream == StandIn::Stamps && frame.event_type() == Some("contentBlockDelta");
        // The frame in which held text leaves is the proxy's own and carries no stamp.
        if stamped && let Some(age) = stamps::age(frame.payload_bytes()) {
            tally.frame_delay.push(age);
        }
        Ok(())
    }
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.exchanges += other.exchanges;
        self.whole.extend(other.whole);
        self.first_frame.extend(other.first_frame);
        self.frame_delay.extend(other.frame_delay);
    }

    /// Exchanges a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        f64::from(self.exchanges) / self.elapsed.as_secs_f64()
    }
}

impl Schedule {
    /// When the next request is due, once it is. None at the end.
    fn next(&self) -> Option<Instant> {
        let Some(interval) = self.interval else {
            return (self.start.elapsed() < self.length).then(Instant::now);
        };
        let number = self.handed_out.fetch_add(1, Ordering::Relaxed);
        let offset = interval
            .checked_mul(number)
            .filter(|offset| *offset < self.length)?;
        let due = self.start + offset;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        Some(due)
    }
}
