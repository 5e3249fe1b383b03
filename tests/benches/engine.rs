//! How fast the engine steps, how fast one goes back, and what a long run takes of memory.
//!
//! `cargo bench -p kafkascope-tests --bench engine`: criterion's measurements, then a table in Markdown. With `-- --table`
//! the table alone.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput};
use kafkascope_core::cluster::Cluster;
use kafkascope_core::history::History;
use kafkascope_core::scenario::Scenario;
use kafkascope_core::sim::random::{Purpose, Random};
use kafkascope_core::step::Position;
use kafkascope_tests::digests::{cluster, default_cluster, produce};

#[expect(clippy::disallowed_types, reason = "a benchmark measures the time that passes outside")]
type Clock = std::time::Instant;

/// Counts the bytes that are allocated now and the most there were.
struct Counting;

static ALLOCATED: AtomicU64 = AtomicU64::new(0);

#[expect(unsafe_code, reason = "only an allocator can count allocations; each call is passed on as it came")]
// SAFETY: every method passes its arguments unchanged to the system's allocator, whose contract is the same.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Steps of one measurement.
const STEPS: u32 = 10_000;
/// A record is produced every so many steps.
const STEPS_PER_RECORD: u32 = 40;
/// Steps of the long run.
const LONG_RUN: Position = 100_000;
/// How often the long run is sought in.
const SEEKS: u32 = 400;

fn main() {
    if !std::env::args().any(|argument| argument == "--table") {
        let mut criterion = Criterion::default().measurement_time(Duration::from_secs(5)).configure_from_args();
        let mut group = criterion.benchmark_group("engine");
        group.throughput(Throughput::Elements(u64::from(STEPS))).sample_size(20);
        for (name, fresh) in [("steps, default", default_run()), ("steps, 50 partitions x 5 brokers", large_run())] {
            group.bench_function(name, |bencher| {
                bencher.iter_batched(|| fresh.clone(), |cluster| black_box(run(cluster, STEPS)), BatchSize::LargeInput);
            });
        }
        group.finish();
        criterion.final_summary();
    }
    table();
}

fn default_run() -> Cluster {
    Cluster::new(&default_cluster(), 1).expect("the default cluster is valid")
}

fn large_run() -> Cluster {
    Cluster::new(&cluster(5, 50), 1).expect("the large cluster is valid")
}

/// Makes steps, with a record every now and then.
fn run(mut cluster: Cluster, steps: u32) -> Cluster {
    for number in 0..steps {
        if number % STEPS_PER_RECORD == 0 {
            let _refused = cluster.apply(&produce(number));
        }
        if cluster.step().is_none() {
            break;
        }
    }
    cluster
}

/// The long run: records all the way.
fn long_history() -> History {
    let mut history = History::new(Scenario::new(default_cluster(), 1)).expect("the default cluster is valid");
    let mut number = 0;
    while history.position() < LONG_RUN {
        let _refused = history.act(produce(number));
        history.run_to((history.position() + STEPS_PER_RECORD).min(LONG_RUN));
        number += 1;
    }
    history
}

fn table() {
    println!("\n| what | measured |\n|---|---|");
    for (name, fresh) in [
        ("micro steps a second, default scenario", default_run()),
        ("micro steps a second, 50 partitions × 5 brokers", large_run()),
    ] {
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let cluster = fresh.clone();
            let began = Clock::now();
            black_box(run(cluster, STEPS));
            best = best.min(began.elapsed());
        }
        let per_second = f64::from(STEPS) / best.as_secs_f64();
        println!("| {name} | {:.0} |", per_second);
    }
    let before = ALLOCATED.load(Ordering::Relaxed);
    let began = Clock::now();
    let mut history = long_history();
    println!("| {LONG_RUN} steps with their history, ms | {} |", began.elapsed().as_millis());
    let after = ALLOCATED.load(Ordering::Relaxed);
    println!(
        "| memory of those {LONG_RUN} steps, MiB | {:.1} |",
        after.saturating_sub(before) as f64 / f64::from(1 << 20)
    );
    let mut random = Random::for_purpose(1, Purpose::Party(900_001));
    let mut took: Vec<Duration> = (0..SEEKS)
        .map(|_| {
            let position = Position::try_from(random.between(0, u64::from(LONG_RUN))).unwrap_or(0);
            history.seek(LONG_RUN);
            let began = Clock::now();
            history.seek(position);
            began.elapsed()
        })
        .collect();
    took.sort();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1_000.0;
    println!("| seek back from step {LONG_RUN} to any step, ms, p50 | {:.2} |", at(50));
    println!("| seek back from step {LONG_RUN} to any step, ms, p99 | {:.2} |", at(99));
    let mut took: Vec<Duration> = (0..SEEKS)
        .map(|_| {
            let position = Position::try_from(random.between(1, u64::from(LONG_RUN))).unwrap_or(1);
            history.seek(position);
            let began = Clock::now();
            history.seek(position - 1);
            began.elapsed()
        })
        .collect();
    took.sort();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1_000.0;
    println!("| one step back anywhere in it, ms, p99 | {:.2} |", at(99));
}
