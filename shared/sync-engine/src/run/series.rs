//! Makes one series from rows, and pairs each row with its occurrence.

use sync_core::change::Observed;
use sync_core::kind::Record;
use sync_core::plan::Step;
use sync_core::port::CreateSeries;
use sync_core::reconcile::{Ground, Stands, pairs_of_series, step_for_new, step_for_pair};
use sync_core::settle::{Done, Settled};
use sync_core::side::Side;

use super::applying::Site;
use super::step::{self, Carried, stopping, unchanged};
use crate::connections::Sides;

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
    let made = match sides.get(on).create_series(create).await {
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
    let mut settled: Vec<Settled> = Vec::with_capacity(rows.len());
    for (pair, seen) in pairs_of_series(ground, step, rows, &made.occurrences, made.generation) {
        let item = match step_for_pair(ground, pair.clone(), seen.map(Stands::Present)) {
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
    Carried::Settled(settled)
}

async fn single_records<R: Record>(
    site: &Site<'_>,
    ground: &Ground<'_, R>,
    sides: &Sides<'_, R>,
    from: Side,
    rows: &[Observed<R>],
) -> Carried {
    let mut settled = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(step) = step_for_new(ground, from, row.clone()) else {
            continue;
        };
        match step::carry_out(site, ground, sides, step).await {
            Carried::Settled(items) => settled.extend(items),
            other @ (Carried::Stopped(..) | Carried::Unkept(_)) => return other,
        }
    }
    Carried::Settled(settled)
}
