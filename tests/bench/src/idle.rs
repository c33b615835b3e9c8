//! A run that finds nothing to do, against the calls that it cannot do without.

use std::time::Duration;

use simulators::Logged;
use tokio::runtime::Handle;

use crate::Failed;
use crate::bare::{Sender, milliseconds};
use crate::table::{Row, Table, median};
use crate::world::World;

/// Meetings in step on both sides.
const MEETINGS: usize = 30;
/// Runs measured at each speed; the bare requests take turns with them.
const RUNS: usize = 41;
/// Most times the longest chain of calls.
const AIM: f64 = 1.3;

pub(crate) async fn measure(servers: &Handle, table: &mut Table) -> Result<(), Failed> {
    let world = World::start(servers, MEETINGS, None).await?;
    let installation = world.install(false).await?;
    installation.run().await?;
    installation.settle().await?;

    world.crm.traffic().reset();
    world.google.traffic().reset();
    installation.run().await?;
    let (crm, google) = (world.crm.traffic().log(), world.google.traffic().log());
    let (crm, google): (Vec<&Logged>, Vec<&Logged>) = (crm.iter().collect(), google.iter().collect());
    let to_crm = Sender::to_crm(&world, &installation.clients).await?;
    let to_google = Sender::to_google(&world, &installation.clients, &world.anna.email)?;
    // At most two calls may be under way at the CRM, so four make a chain of two.
    let chain: Vec<&Logged> = crm.iter().copied().step_by(2).collect();

    for latency in [0, 50] {
        world.set_latency(Duration::from_millis(latency));
        let (mut runs, mut chains, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=RUNS {
            let (run, _) = milliseconds(installation.run()).await?;
            let (alone, ()) = milliseconds(to_crm.chain(&chain)).await?;
            let beside = async {
                futures::try_join!(to_crm.side_by_side(&crm, 2), to_google.chain(&google)).map(drop)
            };
            let (together, ()) = milliseconds(beside).await?;
            if round > 0 {
                runs.push(run);
                chains.push(alone);
                all.push(together);
            }
        }
        let run = median(runs);
        table.push(
            Row::ratio(
                &format!("idle run, {latency} ms a call, over its chain"),
                (run, median(chains)),
                "ms",
                Some(AIM),
            )
            .noted(format!(
                "Idle run: median of {RUNS} in a warm process, rows and secrets held in memory; {} calls to the CRM, two \
                 at a time, and {} to Google beside them; the longest chain is {} calls to the CRM, sent bare by the \
                 same client in turns with the runs.",
                crm.len(),
                google.len(),
                chain.len(),
            )),
        );
        table.push(
            Row::ratio(
                &format!("idle run, {latency} ms a call, over all its calls"),
                (run, median(all)),
                "ms",
                None,
            )
            .noted(
                "The same calls, all of them, bare and as many at a time as in the run: what is above this is the \
                 program's own.",
            ),
        );
    }
    Ok(())
}
