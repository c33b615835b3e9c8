//! Makes one series from rows, and pairs each row with its occurrence.

use std::collections::BTreeSet;

use sync_core::change::Observed;
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::plan::Step;
use sync_core::port::{CreateSeries, SeriesCreated, StoreFailure};
use sync_core::reconcile::{Ground, Stands, pairs_of_series, step_for_new, step_for_pair};
use sync_core::settle::{Done, Settled};
use sync_core::side::Side;

use super::applying::Site;
use super::making::{self, COPIES_A_NOTE};
use super::step::{self, Carried, stopping, unchanged};
use crate::connections::Sides;

/// Makings of a series that are tried because an earlier one stands in other pairs by now.
const GENERATIONS: usize = 3;

/// Makes the series, then writes on single occurrences what their rows say otherwise. A series that the side will
/// not have becomes single records.
///
/// Harmless to repeat: a series whose pairs were not kept is met again under its derived id, or among what both
/// sides show, and its occurrences are paired with the same rows.
pub(super) async fn carry_out<R: Record>(
    site: &Site<'_>,
    ground: &Ground<'_, R>,
    sides: &Sides<'_, R>,
    step: &Step<R>,
    (on, create, rows): (Side, &CreateSeries<R>, &[Observed<R>]),
) -> Carried {
    let mut create = create.clone();
    for _ in 0..GENERATIONS {
        let made = match sides.get(on).create_series(&create).await {
            Ok(made) => made,
            Err(failure) if stopping(&failure) => return Carried::Stopped(on, failure),
            Err(failure) => {
                tracing::info!(
                    failure.code = failure.code,
                    "a series becomes single records: {failure}"
                );
                return single_records(site, ground, sides, on.other(), rows).await;
            }
        };
        let taken = match taken(site, step, on, &made).await {
            Ok(taken) => taken,
            Err(failure) => return Carried::Unkept(failure),
        };
        if taken.is_empty() || taken.len() < made.occurrences.len() {
            return pair(site, ground, sides, step, (on, rows, made, &taken)).await;
        }
        create.generation = made.generation + 1;
    }
    single_records(site, ground, sides, on.other(), rows).await
}

/// The occurrences of a series met again that stand in other pairs by now.
async fn taken<R: Record>(
    site: &Site<'_>,
    step: &Step<R>,
    on: Side,
    made: &SeriesCreated<R>,
) -> Result<BTreeSet<RemoteId>, StoreFailure> {
    if !made.adopted {
        return Ok(BTreeSet::new());
    }
    let met: Vec<&Observed<R>> = made.occurrences.iter().collect();
    step::others(site, step, on, &met).await
}

/// Pairs each row with its occurrence. A row whose occurrence is taken becomes a single record.
async fn pair<R: Record>(
    site: &Site<'_>,
    ground: &Ground<'_, R>,
    sides: &Sides<'_, R>,
    step: &Step<R>,
    (on, rows, made, taken): (Side, &[Observed<R>], SeriesCreated<R>, &BTreeSet<RemoteId>),
) -> Carried {
    let (theirs, free): (Vec<_>, Vec<_>) = made
        .occurrences
        .into_iter()
        .partition(|occurrence| taken.contains(&occurrence.id));
    let is_taken = |row: &Observed<R>| {
        let at = row.record.starts_at();
        theirs
            .iter()
            .any(|occurrence| occurrence.record.starts_at() == at)
    };
    let (without, rows): (Vec<_>, Vec<_>) = rows.iter().cloned().partition(is_taken);
    let mut settled: Vec<Settled> = Vec::with_capacity(rows.len());
    for (pair, seen) in pairs_of_series(ground, step, &rows, &free, made.generation) {
        let item = match step_for_pair(
            ground,
            pair.clone(),
            seen.map(|seen| Stands::Present(Box::new(seen))),
        ) {
            Some(next) => match step::carry_out(site, ground, sides, next).await {
                Carried::Settled(items) => items,
                other @ (Carried::Stopped(..) | Carried::Unkept(_)) => return other,
            },
            None => vec![unchanged(Some(pair))],
        };
        // Nothing of the pair is stored yet.
        settled.extend(item.into_iter().map(|item| Settled { before: None, ..item }));
    }
    if let (false, Some(first)) = (made.adopted, settled.first_mut()) {
        first.done.insert(0, (on, Done::Created));
    }
    match single_records(site, ground, sides, on.other(), &without).await {
        Carried::Settled(items) => settled.extend(items),
        other @ (Carried::Stopped(..) | Carried::Unkept(_)) => return other,
    }
    Carried::Settled(settled)
}

async fn single_records<R: Record>(
    site: &Site<'_>,
    ground: &Ground<'_, R>,
    sides: &Sides<'_, R>,
    from: Side,
    rows: &[Observed<R>],
) -> Carried {
    let steps = rows
        .iter()
        .filter_map(|row| step_for_new(ground, from, row.clone()));
    let steps: Vec<Step<R>> = steps.collect();
    let mut settled = Vec::with_capacity(steps.len());
    for some in steps.chunks(COPIES_A_NOTE) {
        if let Err(failure) = making::note(site, sides, some).await {
            return Carried::Unkept(failure);
        }
    }
    for step in steps {
        match step::carry_out(site, ground, sides, step).await {
            Carried::Settled(items) => settled.extend(items),
            other @ (Carried::Stopped(..) | Carried::Unkept(_)) => return other,
        }
    }
    Carried::Settled(settled)
}
