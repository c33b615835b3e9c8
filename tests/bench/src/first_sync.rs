//! 2,000 meetings for the first time.

use std::time::Duration;

use connector_google::calendar::{CALENDAR_CONCURRENCY, CALENDAR_PACING};
use simulators::Logged;
use tokio::runtime::Handle;

use crate::Failed;
use crate::bare::{Sender, milliseconds};
use crate::table::{Row, Table, Verdict};
use crate::world::World;

/// Meetings in the CRM; Google's calendar is empty.
const MEETINGS: usize = 2_000;
/// What every call takes.
const LATENCY: Duration = Duration::from_millis(50);
/// Most times the least possible, with the quota off.
const AIM: f64 = 1.2;
/// Most times the quota's own time.
const AIM_AT_QUOTA: f64 = 1.05;

/// With the quota off, against the same listing and the same creations sent bare.
pub(crate) async fn without_quota(servers: &Handle, table: &mut Table) -> Result<(), Failed> {
    let world = World::start(servers, MEETINGS, None).await?;
    world.set_latency(LATENCY);
    let installation = world.install(false).await?;
    let (took, record) = milliseconds(installation.run()).await?;
    created(record.changes.events.google.created)?;
    let (crm, google) = (world.crm.traffic().log(), world.google.traffic().log());
    let peak = world.google.traffic().peak_concurrency();

    // The token, who the user is, the fields, and one page after the other; the other module's are beside them.
    let chain: Vec<&Logged> = crm
        .iter()
        .filter(|logged| logged.method == "GET" && !logged.target.contains("Calls"))
        .collect();
    let listing = async {
        Sender::to_crm(&world, &installation.clients)
            .await?
            .chain(&chain)
            .await
    };
    let (listing, ()) = milliseconds(listing).await?;
    let creations: Vec<&Logged> = google
        .iter()
        .filter(|logged| logged.method == "POST" && logged.target.contains("/events"))
        .collect();
    // Into the calendar of somebody else, where their ids are free.
    let to_google = Sender::to_google(&world, &installation.clients, &world.ben.email)?;
    let creating = to_google.side_by_side(&creations, CALENDAR_CONCURRENCY);
    let (creating, ()) = milliseconds(creating).await?;

    let rounds = f64::from(u32::try_from(creations.len().div_ceil(CALENDAR_CONCURRENCY))?);
    let least = (listing + creating) / 1e3;
    table.push(
        Row::ratio(
            "first sync of 2,000, 50 ms a call, quota off",
            (took / 1e3, least),
            "s",
            Some(AIM),
        )
        .noted(format!(
            "First sync, one process that knows nothing, rows held in memory. Floor: the chain of {} calls that lists the \
             CRM ({:.2} s), then the same {} creations, {CALENDAR_CONCURRENCY} at a time ({:.2} s), all sent bare; a bare \
             creation takes {:.1} ms, {} of them the simulator's delay. At most {peak} calls were under way at Google.",
            chain.len() + 1,
            listing / 1e3,
            creations.len(),
            creating / 1e3,
            creating / rounds,
            LATENCY.as_millis(),
        )),
    );
    table.push(requests(&world, record.requests.google, record.requests.crm));
    Ok(())
}

/// With the quota on, against the time that the quota takes.
pub(crate) async fn at_quota(servers: &Handle, table: &mut Table) -> Result<(), Failed> {
    let quota = CALENDAR_PACING.calls;
    let world = World::start(servers, MEETINGS, Some(quota)).await?;
    world.set_latency(LATENCY);
    let installation = world.install(true).await?;
    let (took, record) = milliseconds(installation.run()).await?;
    created(record.changes.events.google.created)?;
    let refusals = world.google.traffic().refusals();
    let paced = u32::try_from(record.requests.google)?;
    // The first minute's calls may all be made at once, the next ones a minute later, and so on.
    let least = f64::from((paced.saturating_sub(1) / quota) * 60);
    table.push(
        Row::ratio("first sync of 2,000 at the quota", (took / 1e3, least), "s", Some(AIM_AT_QUOTA)).noted(format!(
            "Quota: the simulated Google refuses the call after the {quota}th in any 60 seconds; {paced} calls cannot be \
             made in less than the floor, even if they took no time themselves."
        )),
    );
    table.push(Row::counts(
        "refusals met at the quota",
        refusals.to_string(),
        "0",
        Verdict::of(refusals == 0),
    ));
    Ok(())
}

fn created(count: u64) -> Result<(), Failed> {
    if usize::try_from(count)? == MEETINGS {
        Ok(())
    } else {
        Err(format!("{count} of {MEETINGS} events were made").into())
    }
}

fn requests(world: &World, google: u64, crm: u64) -> Row {
    let seen = (world.google.traffic().refusals(), world.crm.traffic().refusals());
    Row::counts(
        "requests of the first sync of 2,000",
        format!("Google {google}, CRM {crm}"),
        "",
        Verdict::None,
    )
    .noted(format!(
        "One creation for each meeting, one list and one token at Google; token, user, fields of both modules, and pages \
         of 200 at the CRM. Refused: {}.",
        seen.0 + seen.1
    ))
}
