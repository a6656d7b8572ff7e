use super::*;
use crate::config::Limits;
use crate::refusal::{Exceeded, Limit};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

fn pool(change: impl FnOnce(&mut Limits)) -> Pool {
    let mut limits = Limits::default();
    change(&mut limits);
    Pool::start(EdgeState::new(limits)).unwrap()
}

fn spin(allowance: &mut Allowance<'_>) -> Result<(), Stop> {
    loop {
        allowance.step()?;
        std::hint::spin_loop();
    }
}

#[tokio::test]
async fn short_work_is_done_on_the_spot_and_long_work_is_begun_anew_elsewhere() {
    let pool = pool(|_| {});
    let here = std::thread::current().id();
    let done = pool.run("a", 10, |_| Ok(std::thread::current().id())).await;
    assert_eq!(done.unwrap(), here);

    let begun = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&begun);
    let work = move |allowance: &mut Allowance<'_>| {
        if count.fetch_add(1, Ordering::Relaxed) == 0 {
            spin(allowance)?;
        }
        Ok(std::thread::current().id())
    };
    assert_ne!(pool.run("a", 10, work).await.unwrap(), here);
    assert_eq!(begun.load(Ordering::Relaxed), 2);

    let large = pool.run("a", HERE_BYTES_MAX + 1, |_| Ok(std::thread::current().id()));
    assert_ne!(large.await.unwrap(), here);
}

#[tokio::test]
async fn work_ends_at_its_limit_of_processor_time() {
    let pool = pool(|limits| limits.call.cpu_ms_max = 20);
    let refused = pool.run("a", 1 << 20, spin).await.unwrap_err();
    let over = Exceeded {
        limit: Limit::CpuTime,
        max: 20,
    };
    assert!(matches!(refused, Refusal::Exceeded(exceeded) if exceeded == over));
}

#[tokio::test]
async fn work_ends_when_nobody_waits_any_more() {
    let pool = pool(|_| {});
    let (ended, end) = mpsc::channel();
    let work = move |allowance: &mut Allowance<'_>| {
        let stopped = spin(allowance);
        ended.send(()).unwrap();
        stopped
    };
    let left = timeout(Duration::from_millis(20), pool.run("a", 1 << 20, work)).await;
    assert!(left.is_err());
    end.recv_timeout(Duration::from_secs(20)).unwrap();
}

#[tokio::test]
async fn a_panic_ends_one_piece_of_work() {
    let pool = pool(|_| {});
    let panics = pool.run("a", 1 << 20, |_| -> Result<(), Stop> { std::panic::panic_any(1) });
    assert!(matches!(panics.await, Err(Refusal::Internal(_))));
    assert!(pool.run("a", 1 << 20, |_| Ok(())).await.is_ok());
}

#[tokio::test]
async fn memory_that_is_not_there_is_refused_and_what_was_taken_is_given_back() {
    let pool = pool(|limits| limits.body_bytes_in_flight_max = 1 << 20);
    for _ in 0..3 {
        assert!(
            pool.run("a", 10, |allowance| allowance.hold(1 << 20))
                .await
                .is_ok()
        );
    }
    let refused = pool.run("a", 10, |allowance| allowance.hold((1 << 20) + 1)).await;
    assert!(matches!(refused, Err(Refusal::Overloaded)));
}

#[test]
fn tenants_take_turns_and_none_fills_the_line() {
    let line = Line::default();
    let (tell, told) = mpsc::channel();
    let join = |tenant: &'static str, number: usize| {
        let tell = tell.clone();
        line.join(tenant, move || tell.send((tenant, number)).unwrap())
    };
    for number in 0..4 {
        join("many", number).unwrap();
    }
    join("one", 0).unwrap();
    join("other", 0).unwrap();
    for _ in 0..6 {
        line.next().unwrap()();
    }
    let order: Vec<_> = told.try_iter().collect();
    let expected = [
        ("many", 0),
        ("one", 0),
        ("other", 0),
        ("many", 1),
        ("many", 2),
        ("many", 3),
    ];
    assert_eq!(order, expected);

    let taken = (0..1000)
        .take_while(|number| join("many", *number).is_ok())
        .count();
    assert_eq!(taken, 256);
    join("one", 0).unwrap();
    line.close();
    assert_eq!(std::iter::from_fn(|| line.next()).count(), 257);
}

#[test]
fn closing_lets_waiting_threads_go() {
    let line = Arc::new(Line::default());
    let done = Arc::new(AtomicBool::new(false));
    let thread = {
        let (line, done) = (Arc::clone(&line), Arc::clone(&done));
        std::thread::spawn(move || {
            assert!(line.next().is_none());
            done.store(true, Ordering::Release);
        })
    };
    line.close();
    thread.join().unwrap();
    assert!(done.load(Ordering::Acquire));
}
