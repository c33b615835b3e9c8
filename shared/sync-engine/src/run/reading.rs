//! Both sides' changes, the pairs they name, and what has to be looked at once more.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use sync_core::base::Pair;
use sync_core::change::{Change, ChangeSet, Reading, Window};
use sync_core::failure::Failure;
use sync_core::id::{Cursor, RemoteId};
use sync_core::kind::Record;
use sync_core::mutation::{self, Mutation};
use sync_core::policy::KindSettings;
use sync_core::reconcile::{absent, deletions_allowed};
use sync_core::side::{PerSide, Side};

use super::asking::{Asking, read_as_asked};
use super::orphans::{self, Begun};
use super::restore::RESTORED;
use super::{parking, store_failure};
use crate::connections::Sides;
use crate::memory::{AccountLink, KindProgress, Memory, ParkedRecord};

/// Occurrences of series are carried this far ahead.
const HORIZON_DAYS: i64 = 366;
/// Days before the day of linking from which items are carried, unless the user chose another day.
const LOOK_BACK_DAYS: i64 = 30;
/// Both sides are read whole this often: it carries the horizon on, and finds what no change query shows
/// (rows removed from the database, relationships, a record that passed to somebody else).
const WHOLE_READING_EVERY_DAYS: i64 = 7;
/// Single records read side by side; the lanes below hold back what a provider does not stand.
const READS_AT_ONCE: usize = 8;

/// What was read, ready to be planned.
#[derive(Debug)]
pub(super) struct ReadBoth<R> {
    /// Every pair that a change touches; every pair there is, where something was listed whole.
    pub(super) pairs: Vec<Pair>,
    /// What the sides reported.
    pub(super) changes: PerSide<ChangeSet<R>>,
    /// Whether both sides were read whole.
    pub(super) whole: bool,
    /// Whether both sides were asked; one that is asked sparingly may not have been.
    pub(super) all_asked: bool,
    /// Every parked record, where some were due or something was reported; else none.
    pub(super) parked: BTreeMap<(Side, RemoteId), ParkedRecord>,
    /// Those that were looked at again.
    pub(super) retried: BTreeSet<(Side, RemoteId)>,
    /// Pairs of a dead run that are remembered only now.
    pub(super) remembered: u64,
}

impl<R> ReadBoth<R> {
    /// Where the next run resumes.
    pub(super) fn cursors(&self) -> PerSide<Option<Cursor>> {
        self.changes.as_ref().map(|set| Some(set.cursor.clone()))
    }
}

/// The part of time in scope.
pub(super) fn window(link: &AccountLink, now: DateTime<Utc>) -> Window {
    let settings = &link.body.value.settings;
    let from = settings
        .start_from
        .unwrap_or_else(|| (link.body.value.linked_at - Duration::days(LOOK_BACK_DAYS)).date_naive());
    Window {
        from: from.and_time(NaiveTime::MIN).and_utc(),
        until: now + Duration::days(HORIZON_DAYS),
    }
}

/// A fingerprint of the settings that decide what is in scope: another one asks for a whole reading.
pub(super) fn reading_settings<R: Record>(link: &AccountLink) -> String {
    let settings = &link.body.value.settings;
    let decisive = R::Settings::of(settings).decisive();
    if mutation::on(Mutation::SettingsUnnoticed) {
        return String::new();
    }
    format!("{:?} {decisive}", settings.start_from)
}

/// Where each side resumes: nowhere, where a whole reading is due.
fn cursors<R: Record>(link: &AccountLink, now: DateTime<Utc>) -> PerSide<Option<Cursor>> {
    let KindProgress {
        cursors,
        reading_settings: settings_then,
        read_whole_at,
        pairs: _,
        asked_at: _,
        changed_at: _,
        asked_to_wait: _,
    } = link.progress.of(R::KIND);
    let due = read_whole_at.is_none_or(|at| at + Duration::days(WHOLE_READING_EVERY_DAYS) <= now);
    let same = settings_then.as_deref() == Some(reading_settings::<R>(link).as_str());
    if due || !same {
        PerSide::default()
    } else {
        cursors.clone()
    }
}

/// Reads both sides, then what their changes call for.
pub(super) async fn read_both<R: Record>(
    memory: &Memory,
    link: &AccountLink,
    sides: &Sides<'_, R>,
    asking: Asking,
    (begun, now): (Option<Begun<'_>>, DateTime<Utc>),
) -> Result<ReadBoth<R>, (Side, Failure)> {
    let window = window(link, now);
    let cursors = cursors::<R>(link, now);
    let whole = cursors.crm.is_none() && cursors.google.is_none();
    let (mut changes, all_asked) = read_as_asked(sides, asking, cursors, window).await?;
    if let (Some(last), true) = (
        &link.progress.last_run,
        mutation::on(Mutation::ForeignClockBelieved),
    ) {
        let is_late = |change: &Change<R>| match change {
            Change::Present(seen) => seen.modified_at.is_none_or(|at| at > last.started_at),
            Change::Removed(_) | Change::Left(_) | Change::Series { .. } | Change::Unreadable { .. } => true,
        };
        changes.crm.changes.retain(is_late);
        changes.google.changes.retain(is_late);
    }
    let (parked, retried) = read_parked(memory, link, sides, &mut changes, now).await?;
    let remembered = match begun {
        Some(begun) => orphans::remember(begun, memory, &link.id, sides, &mut changes).await?,
        None => 0,
    };
    let unkept = |failure| (Side::Crm, failure);
    let mut pairs = load_pairs(memory, link, &changes).await.map_err(unkept)?;
    if resolve_markers(sides, &pairs, &mut changes).await? {
        pairs = load_pairs(memory, link, &changes).await.map_err(unkept)?;
    }
    look_for_absent(link, sides, &pairs, &mut changes, window).await?;
    read_pending(sides, &pairs, &mut changes).await?;
    Ok(ReadBoth {
        pairs,
        changes,
        whole,
        all_asked,
        parked,
        retried,
        remembered,
    })
}

/// A record put back from the journal is named after its entry, which is no record on the other side: it is a new
/// one like any that a person makes.
pub(super) fn count_restored_as_original<R: Record>(change: &mut Change<R>) {
    let seen = match change {
        Change::Present(seen) => std::slice::from_mut(seen),
        Change::Series {
            id: _,
            occurrences,
            whole: _,
        } => occurrences.as_mut_slice(),
        Change::Removed(_) | Change::Left(_) | Change::Unreadable { .. } => return,
    };
    for seen in seen {
        seen.traits
            .made_from
            .take_if(|origin| origin.collection == RESTORED);
    }
}

/// Every parked record by name, and the names of those that were looked at again.
type Parked = (
    BTreeMap<(Side, RemoteId), ParkedRecord>,
    BTreeSet<(Side, RemoteId)>,
);

/// Looks again at the parked records that are due, and at the partner of one that is reported: two records that no
/// pair joins yet are only known to be one thing where both are seen.
async fn read_parked<R: Record>(
    memory: &Memory,
    link: &AccountLink,
    sides: &Sides<'_, R>,
    changes: &mut PerSide<ChangeSet<R>>,
    now: DateTime<Utc>,
) -> Result<Parked, (Side, Failure)> {
    let due = link.progress.parked.due;
    let reported = !(changes.crm.changes.is_empty() && changes.google.changes.is_empty());
    if due.is_none_or(|due| due > now && !reported) {
        return Ok(Parked::default());
    }
    let parked = parking::all(memory, &link.id, R::KIND)
        .await
        .map_err(|failure| (Side::Crm, store_failure(&failure)))?;
    let shown = changes.as_ref().map(named);
    let mut names = BTreeSet::new();
    for parked in parked.values() {
        let own = (parked.side, parked.id.clone());
        let partner = parked.partner.clone().map(|id| (parked.side.other(), id));
        let both = || std::iter::once(own.clone()).chain(partner.clone());
        let is_met = |(side, id): &(Side, RemoteId)| shown.get(*side).contains(id);
        let met = both().any(|name| is_met(&name));
        if parked.retry_at <= now {
            names.extend(both());
        } else if met && partner.is_some() {
            names.extend(both().filter(|name| !is_met(name)));
        }
    }
    let due = parked.values().filter(|parked| parked.retry_at <= now);
    let retried = due.map(|parked| (parked.side, parked.id.clone())).collect();
    read_each(sides, names.into_iter().collect(), changes).await?;
    Ok((parked, retried))
}

/// Reads single records and adds them to what the sides reported.
pub(super) async fn read_each<R: Record>(
    sides: &Sides<'_, R>,
    names: Vec<(Side, RemoteId)>,
    changes: &mut PerSide<ChangeSet<R>>,
) -> Result<(), (Side, Failure)> {
    let readings: Vec<(Side, RemoteId, Reading<R>)> = stream::iter(names)
        .map(|(side, id)| async move {
            let reading = sides
                .get(side)
                .read(&id)
                .await
                .map_err(|failure| (side, failure))?;
            Ok((side, id, reading))
        })
        .buffer_unordered(READS_AT_ONCE)
        .try_collect()
        .await?;
    for (side, id, reading) in readings {
        let mut change = match reading {
            Reading::Present(seen) => Change::Present(seen),
            Reading::Gone => Change::Removed(id),
            Reading::OutOfReach => Change::Left(id),
            Reading::Unreadable { code, message } => Change::Unreadable { id, code, message },
        };
        count_restored_as_original(&mut change);
        changes.get_mut(side).changes.push(change);
    }
    Ok(())
}

/// The pairs that the changes name, or all of them where something was listed whole.
async fn load_pairs<R: Record>(
    memory: &Memory,
    link: &AccountLink,
    changes: &PerSide<ChangeSet<R>>,
) -> Result<Vec<Pair>, Failure> {
    let mut named: PerSide<BTreeSet<RemoteId>> = PerSide::default();
    let mut removed: PerSide<BTreeSet<RemoteId>> = PerSide::default();
    let mut all = false;
    for side in Side::BOTH {
        let set = changes.get(side);
        all |= !set.complete.is_empty();
        for change in &set.changes {
            match change {
                Change::Present(seen) => {
                    named.get_mut(side).insert(seen.id.clone());
                    named.get_mut(side).extend(seen.traits.former_ids.iter().cloned());
                    if let Some(origin) = &seen.traits.made_from {
                        named.get_mut(side.other()).insert(origin.clone());
                    }
                }
                Change::Removed(id) => {
                    named.get_mut(side).insert(id.clone());
                    removed.get_mut(side).insert(id.clone());
                }
                Change::Left(id) | Change::Unreadable { id, .. } => {
                    named.get_mut(side).insert(id.clone());
                }
                Change::Series { .. } => all = true,
            }
        }
    }
    let told = |failure| store_failure(&failure);
    if all {
        return memory.pairs(&link.id, R::KIND).await.map_err(told);
    }
    let pairs = memory
        .pairs_of(&link.id, R::KIND, &named.crm, &named.google)
        .await
        .map_err(told)?;
    let unknown = Side::BOTH.iter().any(|side| {
        removed
            .get(*side)
            .iter()
            .any(|id| pairs.iter().all(|pair| pair.half.get(*side).id != *id))
    });
    // A removed record in no pair may be a series whose occurrences are. A dead run has not counted what it paired.
    if unknown {
        return memory.pairs(&link.id, R::KIND).await.map_err(told);
    }
    Ok(pairs)
}

/// A record that bears our marker, while what it was made from was neither reported nor is paired: looks at the
/// original, so that the copy is joined with it again, or left alone where it passed to somebody else. Says whether an
/// original goes by another name now, under which it may be paired.
async fn resolve_markers<R: Record>(
    sides: &Sides<'_, R>,
    pairs: &[Pair],
    changes: &mut PerSide<ChangeSet<R>>,
) -> Result<bool, (Side, Failure)> {
    let paired: BTreeSet<&RemoteId> = pairs
        .iter()
        .flat_map(|pair| [&pair.half.crm.id, &pair.half.google.id])
        .collect();
    let mut orphans: BTreeSet<(Side, RemoteId)> = BTreeSet::new();
    for side in Side::BOTH {
        let across: BTreeSet<&RemoteId> = changes
            .get(side.other())
            .changes
            .iter()
            .filter_map(present)
            .collect();
        for change in &changes.get(side).changes {
            if let Change::Present(seen) = change
                && let Some(origin) = &seen.traits.made_from
                && !paired.contains(&seen.id)
                && !paired.contains(origin)
                && !across.contains(origin)
            {
                orphans.insert((side.other(), origin.clone()));
            }
        }
    }
    if orphans.is_empty() {
        return Ok(false);
    }
    read_each(sides, orphans.iter().cloned().collect(), changes).await?;
    let renamed = orphans.iter().any(|(side, id)| {
        let mut changes = changes.get(*side).changes.iter();
        changes.any(|change| matches!(change, Change::Present(seen) if seen.traits.former_ids.contains(id)))
    });
    for side in Side::BOTH {
        let left: BTreeSet<RemoteId> = changes
            .get(side.other())
            .changes
            .iter()
            .filter_map(|change| match change {
                Change::Left(id) | Change::Unreadable { id, .. } => Some(id.clone()),
                Change::Present(_) | Change::Removed(_) | Change::Series { .. } => None,
            })
            .collect();
        changes.get_mut(side).changes.retain(|change| match change {
            Change::Present(seen) => {
                paired.contains(&seen.id)
                    || seen
                        .traits
                        .made_from
                        .as_ref()
                        .is_none_or(|origin| !left.contains(origin))
            }
            Change::Removed(_) | Change::Left(_) | Change::Series { .. } | Change::Unreadable { .. } => true,
        });
    }
    Ok(renamed)
}

fn present<R: Record>(change: &Change<R>) -> Option<&RemoteId> {
    match change {
        Change::Present(seen) => Some(&seen.id),
        Change::Removed(_) | Change::Left(_) | Change::Series { .. } | Change::Unreadable { .. } => None,
    }
}

/// Paired records that a whole listing lacks are looked at one by one before they count as deleted. Where they
/// are more than a run may delete anyway, they are not: the brake holds them.
async fn look_for_absent<R: Record>(
    link: &AccountLink,
    sides: &Sides<'_, R>,
    pairs: &[Pair],
    changes: &mut PerSide<ChangeSet<R>>,
    window: Window,
) -> Result<(), (Side, Failure)> {
    if changes.crm.complete.is_empty()
        && changes.google.complete.is_empty()
        && !changes
            .google
            .changes
            .iter()
            .any(|change| matches!(change, Change::Series { .. }))
    {
        return Ok(());
    }
    if mutation::on(Mutation::AbsenceBelieved) {
        return Ok(());
    }
    let missing = absent(pairs, changes, window);
    let confirmed = link.deletions_confirmed();
    if missing.len() > deletions_allowed(pairs.len() as u64).max(confirmed) {
        return Ok(());
    }
    read_each(sides, missing, changes).await
}

/// A pair with a change that waits on one side, while the other side was reported, be it as deleted: the waiting side
/// is read, so that what would be overwritten or deleted is known.
async fn read_pending<R: Record>(
    sides: &Sides<'_, R>,
    pairs: &[Pair],
    changes: &mut PerSide<ChangeSet<R>>,
) -> Result<(), (Side, Failure)> {
    let reported = changes.as_ref().map(named);
    let mut names = Vec::new();
    for pair in pairs {
        for side in Side::BOTH {
            let (half, across) = (pair.half.get(side), pair.half.get(side.other()));
            let others = reported.get(side.other());
            let told = others.contains(&across.id)
                || across
                    .series
                    .as_ref()
                    .is_some_and(|series| others.contains(series));
            if half.pending && told && !reported.get(side).contains(&half.id) {
                names.push((side, half.id.clone()));
            }
        }
    }
    read_each(sides, names, changes).await
}

/// The records that a change set shows or says to be deleted, and the series.
fn named<R: Record>(set: &ChangeSet<R>) -> BTreeSet<&RemoteId> {
    let mut names = BTreeSet::new();
    for change in &set.changes {
        match change {
            Change::Present(seen) => {
                names.insert(&seen.id);
            }
            Change::Removed(id) => {
                names.insert(id);
            }
            // Its occurrences may go by other names than those we know.
            Change::Series {
                id,
                occurrences,
                whole: _,
            } => {
                names.insert(id);
                names.extend(occurrences.iter().map(|seen| &seen.id));
            }
            Change::Left(_) | Change::Unreadable { .. } => {}
        }
    }
    names
}
