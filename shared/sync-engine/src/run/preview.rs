//! The plan of the next run, with nothing written.

use sync_core::id::AccountLinkId;
use sync_core::kind::Kind;
use sync_core::kind::event::EventRecord;
use sync_core::plan::{Action, Plan, Step};
use sync_core::port::Remote;
use sync_core::reconcile::reconcile;
use sync_core::side::{PerSide, Side};

use super::reading::{read_both, window};
use super::session::ground;
use super::tally::problem;
use super::{Engine, Refusal};
use crate::report::{Changes, KindChanges, Preview, PreviewItem, Problem};

/// Examples that a preview shows.
const EXAMPLES: usize = 50;

pub(super) async fn preview(engine: &Engine, id: &AccountLinkId) -> Result<Preview, Refusal> {
    let doors = &engine.doors;
    let link = doors.memory.account_link(id).await?.ok_or(Refusal::Unknown)?;
    if link.reauthorization_reason().is_some() {
        return Err(Refusal::NeedsAuthorization);
    }
    let told = |(_, failure)| Refusal::Failed(failure);
    let opened = doors.connections.open(&link).await.map_err(told)?;
    let sides = opened.events();
    let now = doors.clock.now();
    let window = window(&link, now);
    let read = read_both(&doors.memory, &link, &sides, window, now)
        .await
        .map_err(told)?;
    let limits = sides.map(Remote::limits);
    let ground = ground(
        &link.body.value.settings,
        &read,
        window,
        limits.as_ref(),
        &sides,
        &link,
    );
    let plan = reconcile(&ground, read.pairs, read.changes);
    Ok(Preview {
        changes: Changes {
            events: counts(&plan),
        },
        held: plan.braked,
        examples: plan.steps.iter().filter_map(example).take(EXAMPLES).collect(),
        problems: problems(&plan),
    })
}

fn counts(plan: &Plan<EventRecord>) -> KindChanges {
    let mut counts = KindChanges::default();
    for step in &plan.steps {
        match &step.action {
            Action::Create { on, create: _ } => counts.side(*on).created += 1,
            Action::Delete { on, .. } => counts.side(*on).deleted += 1,
            Action::Write(writes) => {
                for side in Side::BOTH {
                    counts.side(side).updated += u64::from(writes.get(side).is_some());
                }
                counts.paired += u64::from(step.base.is_none());
            }
            Action::Remember(_) | Action::Forget => {}
        }
        counts.conflicts += step.lost.len() as u64;
    }
    counts
}

fn example(step: &Step<EventRecord>) -> Option<PreviewItem> {
    let (side, action) = match &step.action {
        Action::Create { on, create: _ } => (*on, "create"),
        Action::Delete { on, .. } => (*on, "delete"),
        Action::Write(writes) => match (&writes.crm, &writes.google) {
            (Some(_), _) => (Side::Crm, "update"),
            (None, Some(_)) => (Side::Google, "update"),
            (None, None) if step.base.is_none() => (Side::Google, "pair"),
            (None, None) => return None,
        },
        Action::Remember(_) | Action::Forget => return None,
    };
    let record = Side::BOTH
        .iter()
        .find_map(|side| step.seen.get(*side).as_ref())
        .map(|seen| &seen.record);
    Some(PreviewItem {
        side,
        action: action.to_owned(),
        title: record.map(|record| record.title.clone()),
        starts_at: record.map(|record| record.when.starts_at()),
        crm_id: step.id(Side::Crm).map(|id| id.id.clone()),
        google_id: step.id(Side::Google).map(|id| id.id.clone()),
    })
}

fn problems(plan: &Plan<EventRecord>) -> Vec<Problem> {
    plan.unreadable
        .iter()
        .map(|unreadable| {
            let mut ids = PerSide::default();
            *ids.get_mut(unreadable.side) = Some(unreadable.id.clone());
            let failure = sync_core::failure::Failure::permanent(unreadable.code, unreadable.message.clone());
            problem(Kind::Event, &ids, &failure, None)
        })
        .collect()
}
