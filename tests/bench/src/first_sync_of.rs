//! Contacts and tasks for the first time, and meetings out of Vtiger.

use std::time::Duration;

use connector_google::calendar::CALENDAR_CONCURRENCY;
use connector_google::tasks::TASKS_CONCURRENCY;
use simulators::Logged;
use sync_core::kind::Kind;
use tokio::runtime::Handle;

use crate::Failed;
use crate::bare::{Sender, milliseconds};
use crate::crm::Product;
use crate::table::{Row, Table, Verdict};
use crate::world::{Scene, World};

/// What every call takes.
const LATENCY: Duration = Duration::from_millis(50);
/// Most times the least possible, as for SuiteCRM's meetings.
const AIM: f64 = 1.2;

/// A first sync from the CRM to a Google in which there is nothing.
#[derive(Debug)]
struct First {
    product: Product,
    kind: Kind,
    count: usize,
    what: &'static str,
    /// How many calls that make something may be under way at Google at once.
    at_once: usize,
}

/// The first syncs, in the order in which they are measured.
const FIRSTS: [First; 3] = [
    First {
        product: Product::SuiteCrm,
        kind: Kind::Contact,
        count: 2_000,
        what: "2,000 contacts",
        // Google wants the writes of one user one after another.
        at_once: 1,
    },
    First {
        product: Product::SuiteCrm,
        kind: Kind::Task,
        count: 1_000,
        what: "1,000 tasks",
        at_once: TASKS_CONCURRENCY,
    },
    First {
        product: Product::Vtiger,
        kind: Kind::Event,
        count: 2_000,
        what: "2,000 events in Vtiger",
        at_once: CALENDAR_CONCURRENCY,
    },
];

/// Each with the quotas off, against the same listing and the same creations sent bare.
pub(crate) async fn measure(servers: &Handle, table: &mut Table) -> Result<(), Failed> {
    for first in &FIRSTS {
        Box::pin(of(servers, first, table)).await?;
    }
    Ok(())
}

async fn of(servers: &Handle, first: &First, table: &mut Table) -> Result<(), Failed> {
    let scene = Scene {
        product: first.product,
        records: &[(first.kind, first.count)],
        quota_per_minute: None,
    };
    let world = World::of(servers, &scene).await?;
    world.set_latency(LATENCY);
    let installation = world.install(false).await?;
    let (took, mut record) = milliseconds(installation.run()).await?;
    let created = record.changes.of(first.kind).google.created;
    if usize::try_from(created)? != first.count {
        return Err(format!("{created} of {} were made", first.what).into());
    }
    let (crm, google) = (world.crm.traffic().log(), world.google.traffic().log());
    let crm_at_once = world.crm.traffic().peak_concurrency();
    let refused = world.google.traffic().refusals() + world.crm.traffic().refusals();

    // All of it but the signing in, which can be done but once.
    let asked: Vec<&Logged> = crm
        .iter()
        .filter(|logged| logged.method == "GET" && !logged.target.contains("getchallenge"))
        .collect();
    let to_crm = Sender::to_crm(&world, &installation.clients).await?;
    let (listing, ()) = milliseconds(to_crm.side_by_side(&asked, crm_at_once)).await?;
    let made: Vec<&Logged> = google.iter().filter(|logged| makes(first.kind, logged)).collect();
    // An event's id is given, and free in the calendar of somebody else; the others' are Google's to draw, and a
    // contact's label is hers.
    let owner = match first.kind {
        Kind::Event => &world.ben,
        Kind::Task | Kind::Contact => &world.anna,
    };
    let to_google = Sender::to_google(&world, &installation.clients, &owner.email)?;
    let (making, ()) = milliseconds(to_google.side_by_side(&made, first.at_once)).await?;

    let least = (listing + making) / 1e3;
    table.push(
        Row::ratio(
            &format!("first sync of {}, 50 ms a call, quota off", first.what),
            (took / 1e3, least),
            "s",
            Some(AIM),
        )
        .noted(format!(
            "As for SuiteCRM's meetings. Floor: the {} calls that list the CRM, {crm_at_once} at a time ({:.2} s), then the \
             {} calls that make the {}, {} at a time ({:.2} s), all sent bare.",
            asked.len(),
            listing / 1e3,
            made.len(),
            first.what,
            first.at_once,
            making / 1e3,
        )),
    );
    table.push(
        Row::counts(
            &format!("requests of the first sync of {}", first.what),
            format!("Google {}, CRM {}", record.requests.google, record.requests.crm),
            "",
            Verdict::None,
        )
        .noted(format!("Refused: {refused}.")),
    );
    Ok(())
}

/// Whether a call to Google made records.
fn makes(kind: Kind, logged: &Logged) -> bool {
    let target = match kind {
        Kind::Event => "/events",
        Kind::Task => "/tasks",
        Kind::Contact => "people:",
    };
    logged.method == "POST" && logged.target.contains(target)
}
