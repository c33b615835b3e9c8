//! The benchmark: every figure beside the least that is possible, measured in the same run.
//!
//! ```text
//! cargo run --release -p bench              everything, some eight minutes once it is built
//! cargo run --release -p bench -- --quick   without the run at Google's quota and the first syncs of the other kinds
//! cargo run --release -p bench -- idle      one part; `--help` names them
//! ```
//!
//! Absolute times say more about the machine than about the program, so each row is a ratio to a floor: a function
//! that does nothing, the same requests without anything around them, the time that the quota itself takes. The
//! simulators answer on a thread of their own; the engine runs on one thread, as it does in the function.
//!
//! | module | measures or holds |
//! |---|---|
//! | `start` | from the start of a function's process to its first poll of the runtime interface |
//! | `memory` | peak memory of the real sync function, with an AWS emulator behind it |
//! | `size` | what is uploaded |
//! | `idle` | a run that finds nothing to do |
//! | `first_sync` | 2,000 meetings for the first time, with the quota off and on |
//! | `first_sync_of` | the same of contacts and tasks, and in Vtiger |
//! | `requests` | requests and store calls of everyday runs, and of idle ones of every kind and in Vtiger |
//! | `lambda` | a stand-in for Lambda's runtime interface |
//! | `emulator` | an AWS emulator |
//! | `programs` | builds and finds the functions |
//! | `world` | both simulators, and an account link between them |
//! | `crm` | the simulated CRMs, in one vocabulary |
//! | `counted` | doors that count |
//! | `bare` | the same requests without anything around them |
//! | `table` | rows, verdicts, and how they are shown |

mod bare;
mod counted;
mod crm;
mod emulator;
mod first_sync;
mod first_sync_of;
mod idle;
mod lambda;
mod memory;
mod programs;
mod requests;
mod size;
mod start;
mod table;
mod world;

use std::process::ExitCode;

use tokio::runtime::{Builder, Handle};

use table::{Row, Table, Verdict, say};

/// Why the benchmark could not go on.
type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The parts, in the order in which they are measured.
const PARTS: [&str; 9] = [
    "size",
    "start",
    "memory",
    "idle",
    "requests",
    "kinds",
    "first-sync",
    "first-sync-kinds",
    "quota",
];

/// The parts that `--quick` leaves out.
const SLOW: [&str; 2] = ["first-sync-kinds", "quota"];

fn main() -> ExitCode {
    match chosen().and_then(|parts| parts.map_or(Ok(()), |parts| measure(&parts))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            say(&format!("The benchmark could not go on: {failed}"));
            ExitCode::FAILURE
        }
    }
}

/// The parts asked for; `None` where only help is wanted.
fn chosen() -> Result<Option<Vec<&'static str>>, Failed> {
    let mut parts = Vec::new();
    let mut quick = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quick" => quick = true,
            "--help" | "-h" => {
                say(&format!(
                    "cargo run --release -p bench -- [--quick] [PART ...]\n\nParts: {}. Without a name all of them; \
                     --quick leaves out {}, which take five minutes.",
                    PARTS.join(", "),
                    SLOW.join(" and ")
                ));
                return Ok(None);
            }
            name => {
                let known = PARTS.into_iter().find(|part| *part == name);
                parts.push(known.ok_or_else(|| format!("{name} is no part; --help names them"))?);
            }
        }
    }
    if parts.is_empty() {
        parts = PARTS.into();
    }
    parts.retain(|part| !(quick && SLOW.contains(part)));
    Ok(Some(parts))
}

fn measure(parts: &[&str]) -> Result<(), Failed> {
    if cfg!(debug_assertions) {
        say("This is a build for development: the engine's times mean nothing. Use --release.");
    }
    // Whatever stands in for other people's servers has a thread of its own.
    let servers = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut table = Table::default();
    let mut all_measured = true;
    let programs = if parts
        .iter()
        .any(|part| ["size", "start", "memory"].contains(part))
    {
        say("Building the functions ...");
        Some(programs::build()?)
    } else {
        None
    };
    for part in parts {
        say(&format!("Measuring: {part} ..."));
        let measured = runtime.block_on(one(part, servers.handle(), programs.as_ref(), &mut table));
        if let Err(failed) = measured {
            // The others are worth seeing all the same.
            table.push(Row::counts(part, String::new(), "", Verdict::NotMeasured).noted(failed.to_string()));
            all_measured = false;
        }
    }
    say(&table.shown());
    if all_measured {
        Ok(())
    } else {
        Err("a part could not be measured; its note says why".into())
    }
}

async fn one(
    part: &str,
    servers: &Handle,
    programs: Option<&programs::Programs>,
    table: &mut Table,
) -> Result<(), Failed> {
    match (part, programs) {
        ("size", Some(programs)) => size::measure(programs, table),
        ("start", Some(programs)) => Box::pin(start::measure(programs, servers, table)).await,
        ("memory", Some(programs)) => Box::pin(memory::measure(programs, servers, table)).await,
        ("idle", _) => Box::pin(idle::measure(servers, table)).await,
        ("requests", _) => Box::pin(requests::measure(servers, table)).await,
        ("kinds", _) => Box::pin(requests::of_kinds(servers, table)).await,
        ("first-sync-kinds", _) => Box::pin(first_sync_of::measure(servers, table)).await,
        ("first-sync", _) => Box::pin(first_sync::without_quota(servers, table)).await,
        ("quota", _) => Box::pin(first_sync::at_quota(servers, table)).await,
        (part, _) => Err(format!("{part} cannot be measured").into()),
    }
}
