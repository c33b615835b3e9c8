//! `sync`: one run now.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use sync_core::id::AccountLinkId;
use sync_core::port::Trigger;
use sync_engine::report::{Outcome, RunRecord};
use sync_engine::run::RunRequest;

use crate::command::SyncArguments;
use crate::ending::{Ending, Trouble};
use crate::installation::{Installation, Machine, Setup};
use crate::say;
use crate::timetable::Timetable;

/// Nothing hurries a run at the terminal; its end is when it is done.
const BUDGET: Duration = Duration::from_hours(24);

/// A run that takes longer than this says how far it is, and again each time it has passed.
const REMARK_EVERY: Duration = Duration::from_secs(3);

/// Runs the account link once and says how it went.
///
/// # Errors
/// Where the data folder is not there, cannot be opened, or is another process's.
pub async fn sync(arguments: &SyncArguments, setup: Setup, machine: Machine) -> Result<Ending, Trouble> {
    if !arguments.data.is_dir() {
        return Err(Trouble::Usage(format!(
            "there is no data folder {}",
            arguments.data.display()
        )));
    }
    let timetable = Timetable::new(std::sync::Arc::clone(&machine.clock));
    let installation = Installation::open(&arguments.data, setup, machine, timetable)?;
    let link = AccountLinkId::new(arguments.crm.as_str(), arguments.user.as_str());
    let request = RunRequest {
        link: link.clone(),
        trigger: Trigger::Manual,
        run_id: None,
    };
    let (began, on_terminal) = (Instant::now(), std::io::stderr().is_terminal());
    let remarks = async {
        loop {
            tokio::time::sleep(REMARK_EVERY).await;
            say::progress(
                &installation.progress.line(&link, began.elapsed().as_secs()),
                on_terminal,
            );
        }
    };
    let record = tokio::select! {
        record = installation.engine.run(request, BUDGET) => record,
        () = remarks => return Err(Trouble::Other("the run was left".to_owned())),
        () = crate::stop::asked_to() => {
            say::remark("stopped; nothing is lost, the next run goes on from here");
            return Ok(Ending::Failed);
        }
    };
    if began.elapsed() > REMARK_EVERY {
        say::progress_ended(on_terminal);
    }
    if arguments.json {
        let text = serde_json::to_string_pretty(&record)
            .map_err(|_| Trouble::Other("the record could not be written as JSON".to_owned()))?;
        say::answer(&text);
    } else {
        for line in told(&record) {
            say::answer(&line);
        }
    }
    if record.reason.as_deref() == Some("unknown") {
        say::remark(&format!(
            "there is no account link {link} in {}",
            arguments.data.display()
        ));
    }
    Ok(Ending::of(&record))
}

/// The record for a person.
fn told(record: &RunRecord) -> Vec<String> {
    let reason = record
        .reason
        .as_deref()
        .map(|reason| format!(" ({reason})"))
        .unwrap_or_default();
    let mut lines = vec![format!(
        "{}/{}: {}{reason}",
        record.crm,
        record.user,
        record.outcome.as_str()
    )];
    if record.outcome == Outcome::Skipped {
        return lines;
    }
    let changes = record.changes.of_all_kinds();
    for (name, side, requests) in [
        ("CRM", &changes.crm, record.requests.crm),
        ("Google", &changes.google, record.requests.google),
    ] {
        lines.push(format!(
            "  {name:<6}  {} created, {} updated, {} deleted, {requests} requests",
            side.created, side.updated, side.deleted
        ));
    }
    if changes.paired > 0 {
        lines.push(format!("  {} found to be on both sides already", changes.paired));
    }
    if changes.conflicts > 0 {
        lines.push(format!(
            "  {} fields changed on both sides; the values that lost are in the journal",
            changes.conflicts
        ));
    }
    for problem in &record.problems {
        let id = problem
            .crm_id
            .as_deref()
            .or(problem.google_id.as_deref())
            .unwrap_or("?");
        lines.push(format!(
            "  {} {id}: {} ({})",
            problem.kind, problem.message, problem.code
        ));
    }
    lines
}
