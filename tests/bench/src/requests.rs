//! Requests and store calls of everyday runs.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use sync_core::kind::Kind;
use tokio::runtime::Handle;

use crate::Failed;
use crate::counted::Calls;
use crate::crm::Product;
use crate::table::{Row, Table, Verdict};
use crate::world::{Installation, Scene, World};

/// Meetings in step on both sides.
const MEETINGS: usize = 30;
/// Records of each kind in step on both sides, where there are several kinds.
const RECORDS: usize = 30;
/// After which a scheduled run asks Google's tasks again, of a link with runs every quarter of an hour.
const ASKED_AGAIN: Duration = Duration::from_mins(4);

/// The module that is edited.
const MODULE: &str = "Meetings";

pub(crate) async fn measure(servers: &Handle, table: &mut Table) -> Result<(), Failed> {
    let world = World::start(servers, MEETINGS, None).await?;
    let mut installation = world.install(false).await?;
    installation.run().await?;
    installation.settle().await?;

    let stale = aged(&world, &installation).await?;
    let (google, crm) = counted(&world, &installation).await?;
    let idle = installation.counter.take();
    table.push(Row::counts(
        "requests of an idle run",
        shown(google, crm),
        "Google 1, CRM ≤ 4",
        Verdict::of(google == 1 && crm <= 4),
    ));
    let least = Calls {
        reads: 0,
        writes: 2,
        secrets: 0,
    };
    table.push(Row::counts(
        "store calls of an idle run",
        calls(idle),
        "2 writes, 0 reads",
        Verdict::of(idle == least),
    ).noted(format!(
        "Where another run of the same CRM went through the process within five minutes. After that the registration \
         and its sign-in are read anew: {}.",
        calls(stale)
    )));
    installation.start_anew();
    let (google, crm) = counted(&world, &installation).await?;
    let cold = installation.counter.take();
    table.push(
        Row::counts(
            "idle run of a new process",
            format!("{}; {}", shown(google, crm), calls(cold)),
            "",
            Verdict::None,
        )
        .noted(
            "A new process reads the registration, its sign-in and the CRM's sealed token, all at once, and on AWS the \
             key that seals; it knows them for five minutes.",
        ),
    );

    let edits: [(&str, Edit, (u64, u64)); 6] = [
        ("a change, CRM to Google", change_in_crm, (2, 4)),
        ("a change, Google to CRM", change_in_google, (1, 6)),
        ("a new one, CRM to Google", create_in_crm, (2, 4)),
        ("a new one, Google to CRM", create_in_google, (1, 6)),
        ("a deletion, CRM to Google", delete_in_crm, (3, 5)),
        ("a deletion, Google to CRM", delete_in_google, (1, 6)),
    ];
    for (what, edit, (least_google, least_crm)) in edits {
        edit(&world)?;
        // The edit's own minute is over; none of this falls into the overlap of a later reading.
        world.clock.advance(Duration::from_secs(10));
        let (google, crm) = counted(&world, &installation).await?;
        let stored = installation.counter.take();
        table.push(
            Row::counts(
                &format!("requests of {what}"),
                format!("{}; {}", shown(google, crm), calls(stored)),
                &shown(least_google, least_crm),
                Verdict::of(google <= least_google && crm <= least_crm),
            )
            .noted(
                "The least: the idle run's calls and the write itself; SuiteCRM has no conditional write, so a look goes \
                 before each, and a new record's user is a call of its own; it names each deletion in a call; and what is \
                 about to be deleted is read for the journal.",
            ),
        );
        installation.settle().await?;
        aged(&world, &installation).await?;
    }
    Ok(())
}

/// Idle runs of other kinds, and in the other CRM.
pub(crate) async fn of_kinds(servers: &Handle, table: &mut Table) -> Result<(), Failed> {
    let scenes: [(&str, Product, &[Kind]); 3] = [
        ("all kinds", Product::SuiteCrm, &Kind::ALL),
        ("events", Product::Vtiger, &[Kind::Event]),
        ("all kinds", Product::Vtiger, &Kind::ALL),
    ];
    for (what, product, kinds) in scenes {
        let records: Vec<(Kind, usize)> = kinds.iter().map(|kind| (*kind, RECORDS)).collect();
        let scene = Scene {
            product,
            records: &records,
            quota_per_minute: None,
        };
        let world = World::of(servers, &scene).await?;
        let installation = world.install(false).await?;
        installation.run().await?;
        installation.settle().await?;
        aged(&world, &installation).await?;
        // Long enough for tasks to be asked again, not so long that the registration would be.
        world.clock.advance(ASKED_AGAIN);
        let (google, crm) = counted(&world, &installation).await?;
        let stored = installation.counter.take();
        let least_google = u64::try_from(kinds.len())?;
        let least_crm = product.idle_requests(kinds);
        let least = Calls {
            reads: 0,
            writes: 2,
            secrets: 0,
        };
        table.push(
            Row::counts(
                &format!("idle run, {}, {what}", product.as_str()),
                format!("{}; {}", shown(google, crm), calls(stored)),
                &format!("{}; {}", shown(least_google, least_crm), calls(least)),
                Verdict::of(google <= least_google && crm <= least_crm && stored == least),
            )
            .noted(format!(
                "Idle run with {RECORDS} records of each kind in step. The least: a call to Google for each kind (none \
                 for tasks in the runs that do not ask them: quiet for four hours, they are asked once an hour); two to the CRM \
                 for each list, what changed and whether its end still stands where it did (SuiteCRM keeps meetings and \
                 calls in two lists)."
            )),
        );
    }
    Ok(())
}

/// The store calls of an idle run after which the process knows everything again.
async fn aged(world: &World, installation: &Installation<'_>) -> Result<Calls, Failed> {
    installation.counter.take();
    counted(world, installation).await?;
    Ok(installation.counter.take())
}

/// An edit that a person makes on one side.
type Edit = fn(&World) -> Result<(), Failed>;

async fn counted(world: &World, installation: &Installation<'_>) -> Result<(u64, u64), Failed> {
    world.google.traffic().reset();
    world.crm.traffic().reset();
    let record = installation.run().await?;
    let seen = (world.google.traffic().calls(), world.crm.traffic().calls());
    if (record.requests.google, record.requests.crm) == seen {
        Ok(seen)
    } else {
        Err(format!("the record tells {:?}, the servers saw {seen:?}", record.requests).into())
    }
}

fn shown(google: u64, crm: u64) -> String {
    format!("Google {google}, CRM {crm}")
}

fn calls(calls: Calls) -> String {
    let Calls {
        reads,
        writes,
        secrets,
    } = calls;
    let secrets = if secrets == 0 {
        String::new()
    } else {
        format!(", {secrets} secrets")
    };
    format!("{writes} writes, {reads} reads{secrets}")
}

/// The id of one of the records in step on the CRM's side; each edit takes another one.
fn meeting(world: &World, number: usize) -> Result<String, Failed> {
    let rows = world.crm.suitecrm()?.rows(MODULE);
    let id = rows
        .get(number)
        .and_then(|row| row.get("id"))
        .and_then(Value::as_str);
    Ok(id.ok_or("the CRM has too few meetings")?.to_owned())
}

fn event(world: &World, number: usize) -> Result<String, Failed> {
    let events = world.google.person(&world.anna.email).events("primary");
    let id = events
        .get(number)
        .and_then(|event| event.get("id"))
        .and_then(Value::as_str);
    Ok(id.ok_or("Google has too few events")?.to_owned())
}

fn change_in_crm(world: &World) -> Result<(), Failed> {
    let person = world.crm.suitecrm()?.person(&world.anna.id);
    person.edit(
        MODULE,
        &meeting(world, 3)?,
        &json!({ "name": "Changed in the CRM" }),
    )?;
    Ok(())
}

fn create_in_crm(world: &World) -> Result<(), Failed> {
    let person = world.crm.suitecrm()?.person(&world.anna.id);
    let start = world.clock.now() + TimeDelta::days(40);
    person.create_meeting("New in the CRM", start, Duration::from_mins(30))?;
    Ok(())
}

fn delete_in_crm(world: &World) -> Result<(), Failed> {
    world
        .crm
        .suitecrm()?
        .person(&world.anna.id)
        .delete(MODULE, &meeting(world, 5)?)?;
    Ok(())
}

fn change_in_google(world: &World) -> Result<(), Failed> {
    let edited = world.google.person(&world.anna.email).edit(
        "primary",
        &event(world, 7)?,
        &json!({ "summary": "Changed in Google" }),
    );
    refused(edited)
}

fn create_in_google(world: &World) -> Result<(), Failed> {
    let start = world.clock.now() + TimeDelta::days(41);
    let person = world.google.person(&world.anna.email);
    refused(person.create_timed("primary", "New in Google", start, start + TimeDelta::minutes(30)))
}

fn delete_in_google(world: &World) -> Result<(), Failed> {
    refused(
        world
            .google
            .person(&world.anna.email)
            .delete("primary", &event(world, 9)?),
    )
}

fn refused<T, E: std::fmt::Debug>(edit: Result<T, E>) -> Result<(), Failed> {
    edit.map(drop).map_err(|refusal| format!("{refusal:?}").into())
}
