//! What planning costs, kind by kind: `cargo bench -p sync-core`, or `cargo bench -p sync-core -- contact` for one kind.
//!
//! Each line is the median of some rounds in time on the processor, held against a floor measured in turns with it:
//! cloning the same change sets and hashing every field in them once, which is the least that looking at a record can
//! cost. Peak memory is the high-water mark of a process of its own that does nothing else, less that of one which only
//! holds the input.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement prints its table, and stops where it cannot go on"
)]

mod sample;

use std::collections::BTreeSet;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration as Span, Instant};

use chrono::Duration;
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use sync_core::base::{Half, Pair, PairState, fingerprints};
use sync_core::change::{Change, ChangeSet, Observed, Traits, Window};
use sync_core::id::{Cursor, RemoteId, Version};
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::kind::{Kind, Record};
use sync_core::reconcile::{CopyNames, Ground, reconcile};
use sync_core::side::{PerSide, Side};

use sample::{Sample, start};

/// Pairs that there are of each kind.
const PAIRS: usize = 10_000;
/// Rounds of each measurement.
const ROUNDS: usize = 21;
/// Asks a process of its own for its peak memory.
const PEAK: &str = "--peak-of";

/// Names as the connectors make them: one SHA-256 each.
#[derive(Debug)]
struct Names(Kind);

impl CopyNames for Names {
    fn copy_of(&self, side: Side, origin: &RemoteId, generation: u32) -> RemoteId {
        let digest = Sha256::digest(format!("link/{}/{}/{generation}", origin.collection, origin.id));
        let name = digest
            .iter()
            .take(16)
            .fold(0_u128, |name, byte| (name << 8) | u128::from(*byte));
        RemoteId::new(collection(self.0, side), format!("{name:032x}"))
    }
}

fn collection(kind: Kind, side: Side) -> &'static str {
    match (kind, side) {
        (Kind::Event, Side::Crm) => "Meetings",
        (Kind::Event, Side::Google) => "primary",
        (Kind::Task, Side::Crm) => "Tasks",
        (Kind::Task, Side::Google) => "@default",
        (Kind::Contact, Side::Crm) => "Contacts",
        (Kind::Contact, Side::Google) => "people",
    }
}

fn seen<R: Sample>(side: Side, number: usize) -> Observed<R> {
    Observed {
        id: RemoteId::new(
            collection(R::KIND, side),
            format!("0f9d2c1e-77aa-4b1c-{side}-{number:012}"),
        ),
        version: Version("1".to_owned()),
        modified_at: Some(start()),
        record: R::numbered(number),
        traits: Traits::default(),
    }
}

fn pair<R: Sample>(number: usize) -> Pair {
    Pair {
        kind: R::KIND,
        half: PerSide::from_fn(|side| Half::agreed(&seen::<R>(side, number))),
        origin: Side::Crm,
        generation: 0,
        state: PairState::Living,
        veiled: false,
    }
}

/// What a run has in its hands.
struct Input<R> {
    name: &'static str,
    /// Records that are reported and did not change.
    unchanged: usize,
    /// Records that changed, are new or are gone.
    changed: usize,
    /// Steps that must come of it.
    steps: usize,
    pairs: Vec<Pair>,
    changes: PerSide<ChangeSet<R>>,
}

fn set<R: Record>(side: Side, seen: Vec<Observed<R>>, whole: bool) -> ChangeSet<R> {
    let complete = whole.then(|| collection(R::KIND, side).to_owned());
    ChangeSet {
        changes: seen.into_iter().map(Change::Present).collect(),
        complete: complete.into_iter().collect::<BTreeSet<_>>(),
        cursor: Cursor(String::new()),
        time_zone: None,
    }
}

/// A reading in which so many of the pairs changed on both sides, in different fields.
fn reading<R: Sample>(name: &'static str, changed: usize, whole: bool) -> Input<R> {
    let reported = if whole { PAIRS } else { changed };
    let of = |side: Side| {
        let one = |number: usize| {
            let mut seen = seen::<R>(side, number);
            if number < changed {
                seen.version = Version("2".to_owned());
                seen.record.edit(side);
            }
            seen
        };
        set(side, (0..reported).map(one).collect(), whole)
    };
    Input {
        name,
        unchanged: 2 * (reported - changed),
        changed: 2 * changed,
        steps: changed,
        pairs: (0..reported).map(pair::<R>).collect(),
        changes: PerSide::from_fn(of),
    }
}

fn first_run<R: Sample>() -> Input<R> {
    let of = |side: Side| set(side, (0..PAIRS).map(|number| seen(side, number)).collect(), true);
    Input {
        name: "first run, all on both sides",
        unchanged: 0,
        changed: 2 * PAIRS,
        steps: PAIRS,
        pairs: Vec::new(),
        changes: PerSide::from_fn(of),
    }
}

/// A reading in which the CRM has lost every record, and has as many new ones.
fn replaced<R: Sample>() -> Input<R> {
    let new = |number| seen(Side::Crm, PAIRS + number);
    let kept = |number| seen(Side::Google, number);
    Input {
        name: "all replaced on one side",
        unchanged: PAIRS,
        changed: 2 * PAIRS,
        steps: 2 * PAIRS,
        pairs: (0..PAIRS).map(pair::<R>).collect(),
        changes: PerSide {
            crm: set(Side::Crm, (0..PAIRS).map(new).collect(), true),
            google: set(Side::Google, (0..PAIRS).map(kept).collect(), true),
        },
    }
}

fn inputs<R: Sample>() -> Vec<fn() -> Input<R>> {
    vec![
        || reading("nothing changed, nothing reported", 0, false),
        || reading("1 % changed", PAIRS / 100, false),
        || reading("all changed, on both sides", PAIRS, false),
        || reading("whole reading, nothing changed", 0, true),
        || reading("whole reading, 1 % changed", PAIRS / 100, true),
        first_run,
        replaced,
    ]
}

fn plan<R: Sample>(pairs: Vec<Pair>, changes: PerSide<ChangeSet<R>>) -> usize {
    let settings = R::Settings::default();
    let limits = R::no_limits();
    let ground = Ground {
        settings: &settings,
        window: Window {
            from: start() - Duration::days(30),
            until: start() + Duration::days(3660),
        },
        limits: PerSide {
            crm: &limits,
            google: &limits,
        },
        pairs_in_all: PAIRS as u64,
        deletions_confirmed: 0,
        copies: &Names(R::KIND),
        guests_told_after: None,
        zone: Tz::UTC,
    };
    reconcile(&ground, pairs, changes).steps.len()
}

/// The least that looking at what was reported can cost.
fn look<R: Record>(changes: &PerSide<ChangeSet<R>>) -> usize {
    let mut fields = 0;
    for side in Side::BOTH {
        for change in changes.get(side).clone().changes {
            if let Change::Present(seen) = change {
                fields += fingerprints(&seen.record).len();
            }
        }
    }
    fields
}

fn median(mut spans: Vec<Span>) -> Span {
    spans.sort();
    spans.get(spans.len() / 2).copied().unwrap_or_default()
}

/// How long something takes this thread: on the processor, so that what other programs take of it meanwhile does not
/// count, or by the clock where the kernel does not tell.
fn timed(work: impl FnOnce() -> usize) -> Span {
    let (began, before) = (Instant::now(), on_processor());
    black_box(work());
    let elapsed = began.elapsed();
    before
        .zip(on_processor())
        .map_or(elapsed, |(before, after)| after.saturating_sub(before))
}

/// How long this thread has been on the processor, by the kernel's account. Yielding brings the account up to date.
fn on_processor() -> Option<Span> {
    std::thread::yield_now();
    let account = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    account.split(' ').next()?.parse().ok().map(Span::from_nanos)
}

/// The kernel's high-water mark of this process, in kilobytes of 1,024 bytes.
fn high_water() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

/// The peak memory of planning one input, in a process of its own.
fn peak(kind: Kind, number: usize, plans: bool) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new(program)
        .args([PEAK, kind.as_str(), &number.to_string(), &plans.to_string()])
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Holds one input, and plans it where asked to; then tells this process's peak.
fn tell_peak<R: Sample>(number: usize, plans: bool) {
    let input = inputs::<R>().get(number).expect("an input")();
    if plans {
        black_box(plan(input.pairs, input.changes));
    } else {
        black_box(&input.changes);
    }
    println!("{}", high_water());
}

/// The rows of one kind.
fn measure<R: Sample>() {
    for (number, input) in inputs::<R>().iter().map(|make| make()).enumerate() {
        let steps = plan(input.pairs.clone(), input.changes.clone());
        assert_eq!(steps, input.steps, "{}", input.name);
        let mut spans = PerSide::<Vec<Span>>::default();
        for _ in 0..ROUNDS {
            let (pairs, changes) = (input.pairs.clone(), input.changes.clone());
            spans.crm.push(timed(|| plan(pairs, changes)));
            spans.google.push(timed(|| look(&input.changes)));
        }
        let (planned, floor) = (median(spans.crm), median(spans.google));
        let micros = planned.as_secs_f64() * 1e6;
        let count = |records: usize| f64::from(u32::try_from(records).unwrap_or(u32::MAX));
        let each = |records: usize| format!("{:.2} µs", micros / count(records));
        // Where both are reported, what each of them costs cannot be told apart.
        let (per_changed, per_unchanged) = match (input.changed, input.unchanged) {
            (0, unchanged) if unchanged > 0 => ("–".to_owned(), each(unchanged)),
            (changed, 0) if changed > 0 => (each(changed), "–".to_owned()),
            _ => ("–".to_owned(), "–".to_owned()),
        };
        let ratio = if input.changed + input.unchanged > 0 {
            format!("{:.2}×", planned.as_secs_f64() / floor.as_secs_f64())
        } else {
            "–".to_owned()
        };
        let memory = peak(R::KIND, number, true)
            .zip(peak(R::KIND, number, false))
            .map_or("?".to_owned(), |(with, without)| {
                format!(
                    "{:.1} MB",
                    f64::from(u32::try_from(with.saturating_sub(without)).unwrap_or(u32::MAX)) * 1024.0 / 1e6
                )
            });
        println!(
            "| {} | {} | {} | {} | {steps} | {:.3} ms | {:.3} ms | {ratio} | {per_changed} | {per_unchanged} | {memory} |",
            R::KIND.as_str(),
            input.name,
            input.changed,
            input.unchanged,
            planned.as_secs_f64() * 1e3,
            floor.as_secs_f64() * 1e3,
        );
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, kind, number, plans] = arguments.as_slice()
        && flag == PEAK
    {
        let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind);
        let number: usize = number.parse().expect("a number");
        let plans = plans == "true";
        return match kind.expect("a kind") {
            Kind::Event => tell_peak::<EventRecord>(number, plans),
            Kind::Task => tell_peak::<TaskRecord>(number, plans),
            Kind::Contact => tell_peak::<ContactRecord>(number, plans),
        };
    }
    println!("{PAIRS} pairs of each kind; median of {ROUNDS}; a record is one side's");
    println!(
        "| kind | input | changed | reported unchanged | steps | plan | floor | ratio | a changed record | an unchanged one | peak |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for kind in Kind::ALL {
        let named = |other: &Kind| arguments.iter().any(|argument| argument == other.as_str());
        if named(&kind) || !Kind::ALL.iter().any(named) {
            match kind {
                Kind::Event => measure::<EventRecord>(),
                Kind::Task => measure::<TaskRecord>(),
                Kind::Contact => measure::<ContactRecord>(),
            }
        }
    }
}
