//! The plan of the next run, with nothing written.

use sync_core::id::AccountLinkId;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::kind::{Kind, Record};
use sync_core::plan::{Action, Plan, Step};
use sync_core::port::Remote;
use sync_core::reconcile::reconcile;
use sync_core::side::{PerSide, Side};

use super::asking::Asking;
use super::mapping::ground;
use super::reading::{read_both, window};
use super::session::enabled;
use super::tally::problem;
use super::{Engine, Refusal};
use crate::connections::{Kept, Opened};
use crate::memory::AccountLink;
use crate::report::{Changes, KindChanges, Preview, PreviewItem, Problem};

/// Examples that a preview shows.
const EXAMPLES: usize = 50;

pub(super) async fn preview(engine: &Engine, id: &AccountLinkId) -> Result<Preview, Refusal> {
    let doors = &engine.doors;
    let link = doors.memory.account_link(id).await?.ok_or(Refusal::Unknown)?;
    if link.reauthorization_reason().is_some() {
        return Err(Refusal::NeedsAuthorization);
    }
    let opened = doors
        .connections
        .open_to_look(&link)
        .await
        .map_err(|(_, failure)| Refusal::Failed(failure))?;
    let mut preview = Preview {
        changes: Changes::default(),
        held: false,
        examples: Vec::new(),
        problems: Vec::new(),
    };
    for kind in enabled(&link) {
        match kind {
            Kind::Event => add::<EventRecord>(engine, &link, &*opened, &mut preview).await?,
            Kind::Task => add::<TaskRecord>(engine, &link, &*opened, &mut preview).await?,
            Kind::Contact => add::<ContactRecord>(engine, &link, &*opened, &mut preview).await?,
        }
    }
    Ok(preview)
}

/// Adds what the next run would do to one kind.
async fn add<R: Kept>(
    engine: &Engine,
    link: &AccountLink,
    opened: &dyn Opened,
    preview: &mut Preview,
) -> Result<(), Refusal> {
    let Some(sides) = R::of(opened) else { return Ok(()) };
    let now = engine.doors.clock.now();
    let window = window(link, now);
    let read = read_both(&engine.doors.memory, link, &sides, Asking::Both, (None, now))
        .await
        .map_err(|(_, failure)| Refusal::Failed(failure))?;
    let limits = sides.map(Remote::limits);
    let ground = ground(link, &read, window, limits.as_ref(), &sides);
    let plan = reconcile(&ground, read.pairs, read.changes);
    *preview.changes.of(R::KIND) = counts(&plan);
    preview.held |= plan.braked;
    preview
        .examples
        .extend(plan.steps.iter().filter_map(example).take(EXAMPLES));
    preview.problems.extend(problems(&plan));
    Ok(())
}

fn counts<R: Record>(plan: &Plan<R>) -> KindChanges {
    let mut counts = KindChanges::default();
    for step in &plan.steps {
        match &step.action {
            Action::Create { on, .. } | Action::CreateSeries { on, .. } => counts.side(*on).created += 1,
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

fn example<R: Record>(step: &Step<R>) -> Option<PreviewItem> {
    let (side, action) = match &step.action {
        Action::Create { on, .. } | Action::CreateSeries { on, .. } => (*on, "create"),
        Action::Delete { on, .. } => (*on, "delete"),
        Action::Write(writes) => match (&writes.crm, &writes.google) {
            (Some(_), _) => (Side::Crm, "update"),
            (None, Some(_)) => (Side::Google, "update"),
            (None, None) if step.base.is_none() => (Side::Google, "pair"),
            (None, None) => return None,
        },
        Action::Remember(_) | Action::Forget => return None,
    };
    let row = match &step.action {
        Action::CreateSeries { rows, .. } => rows.first(),
        Action::Create { .. }
        | Action::Write(_)
        | Action::Delete { .. }
        | Action::Remember(_)
        | Action::Forget => None,
    };
    let record = Side::BOTH
        .iter()
        .find_map(|side| step.seen.get(*side).as_deref())
        .or(row)
        .map(|seen| &seen.record);
    Some(PreviewItem {
        kind: R::KIND,
        side,
        action: action.to_owned(),
        title: record.map(|record| record.title().into_owned()),
        starts_at: record.and_then(Record::starts_at),
        crm_id: step.id(Side::Crm).map(|id| id.id.clone()),
        google_id: step.id(Side::Google).map(|id| id.id.clone()),
    })
}

fn problems<R: Record>(plan: &Plan<R>) -> Vec<Problem> {
    plan.unreadable
        .iter()
        .map(|unreadable| {
            let mut ids = PerSide::default();
            *ids.get_mut(unreadable.side) = Some(unreadable.id.clone());
            let failure = sync_core::failure::Failure::permanent(unreadable.code, unreadable.message.clone());
            problem(R::KIND, &ids, &failure, None)
        })
        .collect()
}
