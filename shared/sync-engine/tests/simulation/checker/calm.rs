//! What must be true once there is calm.

use chrono::{DateTime, TimeDelta, Utc};
use sync_core::policy::{Direction, KindSettings};
use sync_core::side::{PerSide, Side};

use super::model::{Item, Link, Standing, travels};
use super::{Book, Journaled};
use crate::kinds::{Played, Shown};

impl<R: Played> Book<R> {
    /// Both sides should agree now, and what was overwritten should be in the journal.
    pub(super) fn calm(&mut self, at: DateTime<Utc>, link: usize, journal: &[Journaled]) {
        let mut wrong = Vec::new();
        let known = &mut self.links[link];
        if !R::Settings::of(&known.settings).enabled() {
            return;
        }
        for (item, field, value) in std::mem::take(&mut known.losses) {
            let name = R::field_name(field);
            let kept = journal.iter().any(|entry| {
                entry.kind == R::KIND && entry.field.as_deref() == Some(name) && entry.value == value
            });
            // A value that moved to another slot of the same item is not lost (I2).
            let item = &known.items[item];
            let moved = Side::BOTH.iter().any(|side| {
                let says = |slot: &R::Field| {
                    item.living(*side)
                        .is_some_and(|now| now.journal_value(*slot) == value)
                };
                R::slots(field).iter().any(says)
            });
            if !kept && !moved && !item.untold {
                wrong.push(format!(
                    "{name} {value} was overwritten and is not in the journal"
                ));
            }
        }
        for item in 0..known.items.len() {
            let item = known.items[item].clone();
            if item.untold {
                continue;
            }
            wrong.extend(match (item.living(Side::Crm), item.living(Side::Google)) {
                (Some(crm), Some(google)) => known.both_stand(&item, crm, google),
                (Some(record), None) => known.one_stands(&item, Side::Crm, record),
                (None, Some(record)) => known.one_stands(&item, Side::Google, record),
                (None, None) => None,
            });
        }
        // One way, a veil that was drawn cannot be lifted by a side that may not send (I13): what lay under it stays apart.
        let lifted = known.direction() == Direction::Both;
        let unseen: Vec<PerSide<bool>> = known
            .items
            .iter()
            .map(|item| PerSide::from_fn(|side| known.is_out_of_sight(item, side)))
            .collect();
        let sends = PerSide::from_fn(|side| travels::<R>(&known.settings, side));
        for (item, unseen) in known.items.iter_mut().zip(unseen) {
            let both = item.living(Side::Crm).zip(item.living(Side::Google));
            item.joined |= both.is_some_and(|(crm, google)| !crm.is_poisoned() && !google.is_poisoned());
            // What no side takes is never in step (I15), nor is what stands alone since its partner was deleted: what was
            // agreed before stays the base (state table, *deleted*).
            let is_poisoned = |side: &Side| item.living(*side).is_some_and(R::is_poisoned);
            let is_stuck = Side::BOTH.iter().any(is_poisoned);
            item.disturbed &= is_stuck;
            item.unjoinable = is_stuck && !item.joined;
            let widowed = PerSide::from_fn(|side| {
                let there = item.at.get(side.other()).as_ref();
                there.is_some_and(|there| there.deleted_by_person)
            });
            for side in Side::BOTH {
                let alone = item.living(side.other()).is_some();
                if let Some(standing) = item.at.get_mut(side) {
                    // What still stands alone now was kept for good.
                    standing.stays_deleted |= standing.deleted_by_person && alone;
                    standing.touched = false;
                    standing.written = false;
                    if !is_stuck && !*widowed.get(side) {
                        standing.agree(*sends.get(side));
                    }
                    // What lies outside of what is read may have any name: it is left alone (I21).
                    standing.apart &= !standing.renamed;
                    standing.renamed &= *unseen.get(side);
                    standing.private_lately &= !lifted;
                    standing.private_lately |= standing.record.as_ref().is_some_and(R::is_secret);
                }
            }
        }
        known.settings_changed = false;
        known.store_lost = false;
        known.untouched_since_loss = false;
        known.confirmed = false;
        for what in wrong {
            self.complain(at, &what);
        }
    }
}

impl<R: Played> Link<R> {
    fn is_out_of_sight(&self, item: &Item<R>, side: Side) -> bool {
        let standing = item.at.get(side).as_ref();
        standing.is_some_and(|one| {
            let record = one.record.as_ref();
            record.is_some_and(|record| self.shown(side, &one.id, record) == Shown::Not)
        })
    }

    fn both_stand(&self, item: &Item<R>, crm: &R, google: &R) -> Option<String> {
        let (at_crm, at_google) = (item.at.crm.as_ref()?, item.at.google.as_ref()?);
        if crm.is_poisoned() || google.is_poisoned() {
            // Told of with a reason, and apart until somebody changes it (I3, I15).
            return None;
        }
        let shown = [
            self.shown(Side::Crm, &at_crm.id, crm),
            self.shown(Side::Google, &at_google.id, google),
        ];
        if shown.contains(&Shown::Not) {
            return None;
        }
        let busy = shown.contains(&Shown::Busy);
        for field in R::FIELDS.iter().filter(|field| !busy || R::is_place(**field)) {
            // One way, a flag waits where it was set or taken back, like any change that may not travel (I13); without a
            // base, one that says nothing takes nothing away (state table, *never paired*).
            let flagged = |side: &Side| {
                let here = item.at.get(*side).as_ref();
                !travels::<R>(&self.settings, *side) && here.is_some_and(|one| one.flags.contains(field))
            };
            if Side::BOTH.iter().any(flagged) || R::is_flag(*field) && item.unbased.contains(field) {
                continue;
            }
            let hidden_before = Side::BOTH
                .iter()
                .any(|side| item.at.get(*side).as_ref().is_some_and(|one| one.private_lately));
            if hidden_before && R::is_content(*field) && self.direction() != Direction::Both {
                // Whether the veil is lifted is for the original's side to say, and it may not send (I13).
                continue;
            }
            // A change that may not travel waits where it was made (I13).
            let waits = Side::BOTH.iter().any(|side| {
                let here = item.at.get(*side).as_ref();
                !travels::<R>(&self.settings, *side) && here.is_some_and(|one| one.unsent.contains_key(field))
            });
            if !waits && !self.agree(*field, crm, google) {
                return Some(format!(
                    "{} and {} differ in {field:?}: {crm:?} and {google:?}",
                    at_crm.id, at_google.id
                ));
            }
        }
        None
    }

    fn one_stands(&self, item: &Item<R>, side: Side, record: &R) -> Option<String> {
        let here = item.at.get(side).as_ref()?;
        let there = item.at.get(side.other()).as_ref();
        // Of a series, only what begins before the horizon is carried, and only there is anything missed (*Time*).
        let of_series = |one: &Standing<R>| one.id.id.contains('_');
        let not_yet = (of_series(here) || there.is_some_and(of_series))
            && self
                .read_until
                // A whole reading whose run died may have been a week ahead of the last one that was kept.
                .is_none_or(|until| {
                    record
                        .starts_at()
                        .is_none_or(|at| at >= until - TimeDelta::days(7))
                });
        if record.is_poisoned() || not_yet || self.shown(side, &here.id, record) == Shown::Not {
            return None;
        }
        match there {
            Some(there) if there.deleted_by_person => {
                // Earlier items are left alone on both sides (Policy, *start_from*), and so is what becomes of them.
                let kept = there.stays_deleted
                    || there.deleted_too_early
                    || self.settings_changed
                    || self.store_lost;
                // What a veil covers brings nothing back: the copy would say the same as before (I12).
                let veiled = self.shown(side, &here.id, record) == Shown::Busy;
                let edited = here.unsent.keys().any(|field| !(veiled && R::is_content(*field)));
                // A flag that the other side cannot hold has nowhere to arrive, and is an edit all the same.
                let is_set = |field: &R::Field| {
                    let agreed = here.agreed.as_ref().map(|agreed| agreed.journal_value(*field));
                    R::is_flag(*field) && agreed.is_some_and(|agreed| agreed != record.journal_value(*field))
                };
                let is_flagged = R::FIELDS.iter().any(is_set);
                if edited && travels::<R>(&self.settings, side) && !self.settings_changed {
                    Some(format!(
                        "{} was edited after its partner was deleted, and has none",
                        here.id
                    ))
                } else if kept
                    || edited
                    || is_flagged
                    // What was taken back may have been read meanwhile, and then it was an edit (I7). Under a veil an edit
                    // brings nothing back, and is not thrown away either.
                    || here.touched && (veiled || !self.clean)
                    || !travels::<R>(&self.settings, side.other())
                {
                    None
                } else {
                    Some(format!(
                        "{} stands although a person deleted its partner",
                        here.id
                    ))
                }
            }
            // Hidden from the other side by a run.
            Some(_) if record.is_secret() => None,
            Some(_) | None => {
                travels::<R>(&self.settings, side).then(|| format!("{} has no partner: {record:?}", here.id))
            }
        }
    }
}
