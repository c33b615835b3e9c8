//! What must be true once there is calm.

use chrono::{DateTime, TimeDelta, Utc};
use sync_core::kind::Record;
use sync_core::kind::event::{EventField, EventRecord};
use sync_core::policy::Direction;
use sync_core::side::Side;

use super::model::{Item, Link, Made, Shown, is_content, travels};
use super::{Checker, Journaled};
use crate::door::POISON;

impl Checker {
    /// Both sides should agree now, and what was overwritten should be in the journal.
    pub(crate) fn calm(&mut self, at: DateTime<Utc>, link: usize, journal: &[Journaled]) {
        let mut wrong = Vec::new();
        let known = &mut self.links[link];
        for (field, value) in std::mem::take(&mut known.losses) {
            let name = EventRecord::field_name(field);
            let kept = journal
                .iter()
                .any(|entry| entry.field.as_deref() == Some(name) && entry.value == value);
            if !kept {
                wrong.push(format!(
                    "{name} {value} was overwritten and is not in the journal"
                ));
            }
        }
        for item in 0..known.items.len() {
            let item = known.items[item].clone();
            wrong.extend(match (item.living(Side::Crm), item.living(Side::Google)) {
                (Some(crm), Some(google)) => known.both_stand(&item, crm, google),
                (Some(record), None) => known.one_stands(&item, Side::Crm, record),
                (None, Some(record)) => known.one_stands(&item, Side::Google, record),
                (None, None) => None,
            });
        }
        // One way, a veil that was drawn cannot be lifted: what lay under it stays apart.
        let lifted = known.settings.events.direction == Direction::Both;
        for item in &mut known.items {
            for side in Side::BOTH {
                let alone = item.living(side.other()).is_some();
                if let Some(standing) = item.at.get_mut(side) {
                    // What still stands alone now was kept for good.
                    standing.stays_deleted |= standing.deleted_by_person && alone;
                    standing.touched = false;
                    standing.renamed = false;
                    standing.private_lately &= !lifted;
                    standing.private_lately |= standing.record.as_ref().is_some_and(|record| record.private);
                    if standing.made == Made::JustNow {
                        standing.made = Made::ByARun;
                    }
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

fn is_poisoned(record: &EventRecord) -> bool {
    record.location.contains(POISON)
}

impl Link {
    fn both_stand(&self, item: &Item, crm: &EventRecord, google: &EventRecord) -> Option<String> {
        let (at_crm, at_google) = (item.at.crm.as_ref()?, item.at.google.as_ref()?);
        if is_poisoned(crm) || is_poisoned(google) {
            return None;
        }
        let shown = [
            self.shown(&self.settings, Side::Crm, &at_crm.id, crm),
            self.shown(&self.settings, Side::Google, &at_google.id, google),
        ];
        if shown.contains(&Shown::Not) {
            return None;
        }
        let fields: &[EventField] = if shown.contains(&Shown::Busy) {
            &[EventField::When]
        } else {
            EventRecord::FIELDS
        };
        for field in fields {
            if *field == EventField::Private && self.settings.events.direction != Direction::Both {
                continue;
            }
            let hidden_before = Side::BOTH
                .iter()
                .any(|side| item.at.get(*side).as_ref().is_some_and(|one| one.private_lately));
            if hidden_before && is_content(*field) && self.settings.events.direction != Direction::Both {
                // Whether the veil is lifted is for the original's side to say, and it may not send.
                continue;
            }
            // A change that may not travel waits where it was made.
            let waits = Side::BOTH.iter().any(|side| {
                let here = item.at.get(*side).as_ref();
                !travels(&self.settings, *side) && here.is_some_and(|one| one.unsent.contains_key(field))
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

    fn one_stands(&self, item: &Item, side: Side, record: &EventRecord) -> Option<String> {
        let here = item.at.get(side).as_ref()?;
        let there = item.at.get(side.other()).as_ref();
        let not_yet = here.id.id.contains('_')
            && self
                .read_until
                // A whole reading whose run died may have been a week ahead of the last one that was kept.
                .is_none_or(|until| record.when.starts_at() >= until - TimeDelta::days(7));
        if is_poisoned(record) || not_yet || self.shown(&self.settings, side, &here.id, record) == Shown::Not
        {
            return None;
        }
        match there {
            Some(there) if there.deleted_by_person => {
                let kept = there.stays_deleted || self.settings_changed || self.store_lost;
                // What a veil covers brings nothing back: the copy would say the same as before.
                let veiled = self.shown(&self.settings, side, &here.id, record) == Shown::Busy;
                let edited = here.unsent.keys().any(|field| !(veiled && is_content(*field)));
                if edited && travels(&self.settings, side) && !self.settings_changed {
                    Some(format!(
                        "{} was edited after its partner was deleted, and has none",
                        here.id
                    ))
                } else if kept || edited || here.touched || !travels(&self.settings, side.other()) {
                    None
                } else {
                    Some(format!(
                        "{} stands although a person deleted its partner",
                        here.id
                    ))
                }
            }
            // Hidden from the other side by a run.
            Some(_) if record.private => None,
            Some(_) | None => {
                travels(&self.settings, side).then(|| format!("{} has no partner: {record:?}", here.id))
            }
        }
    }
}
