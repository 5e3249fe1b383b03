//! How fast the engine steps, how fast one goes back, and what a long run takes of memory.
//!
//! `cargo xtask bench` makes criterion's measurements; `cargo xtask bench -- --table` the table of `README.md`, in Markdown.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput};
use kafkascope_core::cluster::Cluster;
use kafkascope_core::history::History;
use kafkascope_core::presets::presets;
use kafkascope_core::scenario::Scenario;
use kafkascope_core::sim::random::{Purpose, Random};
use kafkascope_core::step::{Position, Size};
use kafkascope_tests::allocator;
use kafkascope_tests::digests::{cluster, default_cluster, produce};

#[expect(clippy::disallowed_types, reason = "a benchmark measures the time that passes outside")]
type Clock = std::time::Instant;

/// Steps of one measurement.
const STEPS: u32 = 10_000;
/// So often they are made for a figure of the table, each time from the beginning: one time takes seven milliseconds, in which the
/// machine is still busy with having done something else before.
const ROUNDS: u32 = 10;
/// A record is produced at an interval in steps.
const STEPS_PER_RECORD: u32 = 40;
/// Steps of the long run.
const LONG_RUN: Position = 100_000;
/// How often the long run is sought in, for each figure.
const SEEKS: u32 = 200;
/// Runs of which a figure is the median.
const RUNS: usize = 5;
/// Clones of one measurement.
const CLONES: u32 = 10_000;
/// Digests of one measurement.
const DIGESTS: u32 = 20;
/// Messages of the run with many partitions.
const MESSAGES: u32 = 30;
/// Steps that the browser test measures in WebAssembly, with their history.
const BROWSER_STEPS: u32 = 200_000;

fn main() {
    if std::env::args().any(|argument| argument == "--table") {
        table();
        return;
    }
    let mut criterion = Criterion::default().measurement_time(Duration::from_secs(5)).configure_from_args();
    let mut group = criterion.benchmark_group("engine");
    group.throughput(Throughput::Elements(u64::from(STEPS))).sample_size(20);
    for (name, fresh) in clusters() {
        group.bench_function(format!("steps, {name}"), |bencher| {
            bencher.iter_batched(|| fresh.clone(), |cluster| black_box(run(cluster, STEPS)), BatchSize::LargeInput);
        });
    }
    group.finish();
    criterion.final_summary();
}

/// The clusters that are stepped.
fn clusters() -> [(&'static str, Cluster); 3] {
    let opened = |brokers, partitions| {
        let config = cluster(brokers, partitions);
        Cluster::new(&config, 1).expect("the cluster is valid")
    };
    [
        ("first page's cluster", Cluster::new(&default_cluster(), 1).expect("the default cluster is valid")),
        ("50 partitions × 5 brokers", opened(5, 50)),
        ("100 partitions × 10 brokers", opened(10, 100)),
    ]
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

/// Rounds of the calibration loop.
const CALIBRATION_ROUNDS: u64 = 1_000_000;

/// What does not change with the engine: ordered maps, small allocations and arithmetic, as an engine's steps are made of.
/// Its rate says how fast the machine is at this moment; figures of different runs compare by their ratio to it.
fn calibrate() -> Duration {
    let began = Clock::now();
    let mut map: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut state = 1_u64;
    for round in 0..CALIBRATION_ROUNDS {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        map.insert(state >> 54, vec![state, round]);
        if let Some(values) = map.get_mut(&(round & 0x3ff)) {
            values.push(state);
        }
    }
    black_box(&map);
    began.elapsed()
}

/// The median of five.
fn median<T: Copy + PartialOrd>(mut figures: [T; RUNS]) -> T {
    figures.sort_by(|one, other| one.partial_cmp(other).unwrap_or(Ordering::Equal));
    figures[RUNS / 2]
}

/// Measures five times, each time beside the calibration loop, and prints the medians: of the figure, of the loop and of
/// the two's ratio. `per` makes the figure of the time that `work` took: how often a second, or how long.
fn measure(what: &str, digits: usize, mut work: impl FnMut() -> Duration, figure: impl Fn(f64) -> f64) {
    let rounds: [(f64, f64); RUNS] = std::array::from_fn(|_| {
        let (before, took, after) = (calibrate(), work(), calibrate());
        let loops = 2.0 * CALIBRATION_ROUNDS as f64 / (before + after).as_secs_f64();
        (took.as_secs_f64(), loops)
    });
    let measured = median(rounds.map(|(seconds, _)| figure(seconds)));
    let loops = median(rounds.map(|(_, loops)| loops));
    // Work for each round of the loop, or rounds of the loop in the time of the work: either way free of the machine.
    let ratio = median(rounds.map(|(seconds, loops)| {
        let value = figure(seconds);
        if figure(2.0) < figure(1.0) { value / loops } else { seconds * loops }
    }));
    println!("| {what} | {measured:.digits$} | {loops:.0} | {ratio:.4} |");
}

/// How long something takes, without the clearing away of what it gives.
fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let began = Clock::now();
    let result = black_box(work());
    let took = began.elapsed();
    drop(result);
    took
}

fn table() {
    println!("\n| what | median of five | calibration loop, rounds a second | ratio |\n|---|---|---|---|");
    let clusters = clusters();
    for (name, fresh) in &clusters {
        let work = || {
            let fresh: Vec<Cluster> = (0..ROUNDS).map(|_| fresh.clone()).collect();
            timed(|| fresh.into_iter().map(|cluster| run(cluster, STEPS)).collect::<Vec<_>>())
        };
        let per_second = |seconds| f64::from(ROUNDS * STEPS) / seconds;
        measure(&format!("micro steps a second, {name}"), 0, work, per_second);
    }
    // The same loop as `benchSteps` of the page: what WebAssembly makes is compared with this.
    let first_page = presets().into_iter().next().expect("there is a first page").scenario;
    let work = || {
        let mut history = History::new(first_page.clone()).expect("the first page's cluster is valid");
        timed(move || {
            (0..BROWSER_STEPS).take_while(|_| history.step().is_some()).for_each(drop);
            history
        })
    };
    let per_second = |seconds| f64::from(BROWSER_STEPS) / seconds;
    measure("the browser's loop: micro steps a second with their history, first page", 0, work, per_second);
    for (name, fresh) in &clusters {
        // Run a while: a cluster that was stepped has more in it than one that was just opened.
        let stepped = run(fresh.clone(), STEPS);
        let work = || {
            timed(|| {
                for _ in 0..CLONES {
                    black_box(stepped.clone());
                }
            })
        };
        measure(&format!("a clone, µs, {name}"), 2, work, |seconds| seconds * 1e6 / f64::from(CLONES));
        let work = || {
            timed(|| {
                for _ in 0..DIGESTS {
                    black_box(stepped.digest());
                }
            })
        };
        measure(&format!("a digest, µs, {name}"), 1, work, |seconds| seconds * 1e6 / f64::from(DIGESTS));
    }
    let many = cluster(3, 1_600);
    let open = || timed(|| History::new(Scenario::new(many.clone(), 1)).expect("the cluster is valid"));
    measure("open 1,600 partitions × 3 brokers, ms", 1, open, |seconds| seconds * 1e3);
    let opened = History::new(Scenario::new(many.clone(), 1)).expect("the cluster is valid");
    let messages = || {
        let mut history = opened.clone();
        timed(move || {
            let _refused = history.act(produce(0));
            for _ in 0..MESSAGES {
                history.forward(Size::Message);
            }
            history
        })
    };
    measure("30 messages there, ms", 1, messages, |seconds| seconds * 1e3);
    let (mut history, allocated) = allocator::count(long_history);
    let long = || timed(long_history);
    measure(&format!("{LONG_RUN} steps with their history, ms"), 0, long, |seconds| seconds * 1e3);
    let mut random = Random::for_purpose(1, Purpose::Actor(900_001));
    let mut seek = |distance: Option<Position>| {
        let mut took: Vec<Duration> = (0..SEEKS)
            .map(|_| {
                let position = Position::try_from(random.between(1, u64::from(LONG_RUN))).unwrap_or(1);
                history.seek(distance.map_or(LONG_RUN, |_| position));
                let began = Clock::now();
                history.seek(position - distance.unwrap_or(0));
                began.elapsed()
            })
            .collect();
        took.sort();
        took
    };
    for (what, distance, percent) in [
        (format!("seek back from step {LONG_RUN} to any step, ms, p50"), None, 50),
        (format!("seek back from step {LONG_RUN} to any step, ms, p99"), None, 99),
        ("one step back anywhere in it, ms, p99".to_owned(), Some(1), 99),
    ] {
        let work = || {
            let took = seek(distance);
            took[(took.len() - 1) * percent / 100]
        };
        measure(&what, 2, work, |seconds| seconds * 1e3);
    }
    let mebibytes = allocated as f64 / f64::from(1 << 20);
    println!("| memory of those {LONG_RUN} steps, MiB | {mebibytes:.1} | | |");
}
