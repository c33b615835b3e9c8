//! Rows of one series: which of them become one series on the other side, and which row is which occurrence.

use std::collections::BTreeMap;

use super::{ById, Ground, Seen, merge};
use crate::base::{Half, Pair, PairState};
use crate::change::Observed;
use crate::id::RemoteId;
use crate::kind::Record;
use crate::mutation::{self, Mutation};
use crate::plan::{Action, Step};
use crate::policy::Scope;
use crate::port::CreateSeries;
use crate::side::{PerSide, Side};

/// The records that stand in no pair, those taken together that are rows of one series.
pub(super) struct Grouped<R: Record> {
    pub(super) series: Vec<Step<R>>,
    pub(super) single: Vec<(Side, Seen<R>)>,
}

/// Takes the rows of each series together where they follow a rule that the other side can hold. The others stay
/// single records.
pub(super) fn group<R: Record>(ground: &Ground<'_, R>, alone: Vec<(Side, Seen<R>)>) -> Grouped<R> {
    let mut grouped = Grouped {
        series: Vec::new(),
        single: Vec::new(),
    };
    let mut rows: BTreeMap<(Side, RemoteId, bool), Vec<Seen<R>>> = BTreeMap::new();
    for (side, seen) in alone {
        let scope = merge::scope(ground, side, &seen);
        match &seen.traits.row_of {
            Some(series) if scope.is_carried() => {
                let key = (side, series.clone(), scope == Scope::AsBusy);
                rows.entry(key).or_default().push(seen);
            }
            Some(_) | None => grouped.single.push((side, seen)),
        }
    }
    for ((side, _, veiled), mut rows) in rows {
        rows.sort_by_key(|row| (row.record.starts_at(), row.id.clone()));
        match step_for_rows(ground, side, veiled, &rows) {
            Some(step) => grouped.series.push(step),
            None => grouped.single.extend(rows.into_iter().map(|row| (side, row))),
        }
    }
    grouped
}

fn step_for_rows<R: Record>(
    ground: &Ground<'_, R>,
    side: Side,
    veiled: bool,
    rows: &[Seen<R>],
) -> Option<Step<R>> {
    let scope = if veiled { Scope::AsBusy } else { Scope::Carried };
    let records: Vec<R> = rows
        .iter()
        .map(|row| row.record.outgoing(scope).into_owned())
        .collect();
    let series = R::series_of(&records, ground.zone, ground.limits.get(side.other()))?;
    let create = CreateSeries {
        origin: rows.first()?.id.clone(),
        generation: 0,
        series,
    };
    Some(Step {
        base: None,
        seen: PerSide::default(),
        action: Action::CreateSeries {
            on: side.other(),
            create: Box::new(create),
            rows: rows.iter().map(|row| Observed::clone(row)).collect(),
        },
        lost: Vec::new(),
        waiting: PerSide::default(),
        origin: side,
        veiled,
    })
}

/// Which of a series' rows, all of them on `side`, is which of its occurrences: those that begin at the same time,
/// then the others in their order. So nothing is made twice, even where some were moved meanwhile.
pub(super) fn in_order<'a, R: Record>(
    rows: &[&'a Observed<R>],
    occurrences: &[&'a Observed<R>],
) -> Vec<(&'a Observed<R>, &'a Observed<R>)> {
    let mut rows = rows.to_vec();
    let mut occurrences = occurrences.to_vec();
    rows.sort_by_key(|row| row.record.starts_at());
    occurrences.sort_by_key(|occurrence| occurrence.record.starts_at());
    let mut found = Vec::new();
    rows.retain(|row| {
        let same = occurrences
            .iter()
            .position(|occurrence| occurrence.record.starts_at() == row.record.starts_at());
        found.extend(same.map(|at| (*row, occurrences.remove(at))));
        same.is_none()
    });
    found.extend(rows.into_iter().zip(occurrences));
    found
}

/// Rows and occurrences of series that we made from rows.
pub(super) fn by_own_series<R: Record>(
    _: &Ground<'_, R>,
    left: &PerSide<ById<R>>,
) -> Vec<(RemoteId, RemoteId)> {
    if mutation::on(Mutation::RowsForgotten) {
        return Vec::new();
    }
    let mut rows: BTreeMap<&RemoteId, Vec<&Observed<R>>> = BTreeMap::new();
    for seen in left.crm.values() {
        if let Some(series) = &seen.traits.row_of {
            rows.entry(series).or_default().push(seen.as_ref());
        }
    }
    let mut series: BTreeMap<&RemoteId, Vec<&Observed<R>>> = BTreeMap::new();
    for seen in left.google.values() {
        if let Some(first) = &seen.traits.series_made_from {
            series.entry(first).or_default().push(seen.as_ref());
        }
    }
    let mut names = Vec::new();
    for (first, occurrences) in series {
        // The first row may be paired already, and goes by the series' name then; or it is gone, and the rows are those
        // that begin when the occurrences do.
        let of_first = left.crm.get(first).and_then(|row| row.traits.row_of.as_ref());
        let known_as = of_first.or_else(|| rows.contains_key(first).then_some(first));
        let shares_a_start = |rows: &Vec<&Observed<R>>| {
            rows.iter().any(|row| {
                occurrences
                    .iter()
                    .any(|occurrence| occurrence.record.starts_at() == row.record.starts_at())
            })
        };
        let rows = match known_as {
            Some(series) => rows.get(series),
            None => rows.values().find(|rows| shares_a_start(rows)),
        };
        for (row, occurrence) in in_order(rows.map_or(&[][..], Vec::as_slice), &occurrences) {
            names.push((row.id.clone(), occurrence.id.clone()));
        }
    }
    names
}

/// The pairs that a series just made and its rows are, as if both had agreed on what the occurrences say: what a row
/// says otherwise is a change of it that still has to travel.
pub fn pairs_of_series<R: Record>(
    ground: &Ground<'_, R>,
    step: &Step<R>,
    rows: &[Observed<R>],
    occurrences: &[Observed<R>],
    generation: u32,
) -> Vec<(Pair, PerSide<Observed<R>>)> {
    let rows: Vec<&Observed<R>> = rows.iter().collect();
    let occurrences: Vec<&Observed<R>> = occurrences.iter().collect();
    let scope = if step.veiled {
        Scope::AsBusy
    } else {
        Scope::Carried
    };
    in_order(&rows, &occurrences)
        .into_iter()
        .map(|(row, occurrence)| {
            let mut half = Half::agreed(row);
            let out = row.record.outgoing(scope);
            for field in R::FIELDS.iter().copied() {
                if !out.same(field, &occurrence.record, ground.limits) {
                    let agreed = occurrence.record.fingerprint(field);
                    half.fields.insert(R::field_name(field), agreed);
                    half.pending = true;
                }
            }
            let copy = Half::agreed(occurrence);
            let of = |side: Side| if side == step.origin { &half } else { &copy };
            let pair = Pair {
                kind: R::KIND,
                half: PerSide::from_fn(|side| of(side).clone()),
                origin: step.origin,
                generation,
                state: PairState::Living,
                veiled: step.veiled,
            };
            let seen = |side: Side| if side == step.origin { row } else { occurrence };
            (pair, PerSide::from_fn(|side| seen(side).clone()))
        })
        .collect()
}
