//! What people do on both sides, and what must have become of it.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate, TimeZone, Utc};
use rand::RngExt;
use rand::rngs::SmallRng;
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_core::port::Remote;
use sync_core::side::{PerSide, Side};
use sync_engine::memory::Loss;

use crate::door::EDITED;
use crate::oracle::root;
use crate::rig::Rig;

/// Keeps account of what people did since both sides last agreed.
#[derive(Debug, Default)]
pub(crate) struct People {
    names: u64,
    deeds: BTreeMap<(Side, RemoteId), PerSide<Deeds>>,
}

/// What people did to one item on one side.
#[derive(Debug, Default, Clone)]
struct Deeds {
    deleted: bool,
    edited: BTreeMap<EventField, EventRecord>,
}

impl People {
    fn value(&mut self, random: &mut SmallRng) -> EventRecord {
        self.names += 1;
        let name = self.names;
        let start =
            Utc.with_ymd_and_hms(2026, 6, 1, 9, 0, 0).unwrap() + Duration::hours(random.random_range(0..40));
        let when = if random.random_bool(0.3) {
            let day =
                NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() + Duration::days(random.random_range(0..20));
            When::AllDay {
                start: day,
                end: day + Duration::days(random.random_range(1..3)),
            }
        } else {
            When::Timed {
                start,
                end: start + Duration::minutes(random.random_range(0..3) * 30),
            }
        };
        // Often longer than the simulated CRM keeps, so that cutting is met.
        let title = if random.random_bool(0.5) {
            format!("{name}")
        } else {
            format!("{name} and a long tail")
        };
        EventRecord {
            title,
            description: format!("about {name}"),
            location: format!("room {name}"),
            when,
            private: false,
        }
    }

    pub(crate) fn fill(&mut self, rig: &Rig, random: &mut SmallRng) {
        for side in Side::BOTH {
            for _ in 0..random.random_range(0..5) {
                let record = self.value(random);
                rig.sides
                    .get(side)
                    .person_creates(&format!("person-{}", self.names), record);
            }
        }
    }

    /// Both sides agree: from here on deeds are counted.
    pub(crate) fn begin(&mut self, _: &Rig) {
        self.deeds.clear();
    }

    pub(crate) fn act(&mut self, rig: &Rig, random: &mut SmallRng) {
        let everything = rig.everything();
        for side in Side::BOTH {
            for id in rig.sides.get(side).living().keys() {
                let item = root(&everything, side, id);
                if random.random_bool(0.2) {
                    rig.sides.get(side).person_deletes(id);
                    self.deeds.entry(item).or_default().get_mut(side).deleted = true;
                    continue;
                }
                for field in EDITED {
                    if random.random_bool(0.25) {
                        let value = self.value(random);
                        let before = rig.sides.get(side).records()[id].record.clone();
                        rig.sides
                            .get(side)
                            .person_edits(id, |record| record.take(field, &value));
                        let there = rig.sides.get(side).records()[id].record.clone();
                        if before.fingerprint(field) == there.fingerprint(field) {
                            continue;
                        }
                        let deeds = self.deeds.entry(item.clone()).or_default();
                        deeds.get_mut(side).edited.insert(field, there);
                    }
                }
            }
        }
        self.fill(rig, random);
    }

    /// Every deed counts: edits of different fields both survive, of two edits of one field one survives and the
    /// other is in the journal, an edit beats a delete, and a delete that nobody contradicted happened.
    pub(crate) async fn check(&self, rig: &Rig) -> Result<(), String> {
        let everything = rig.everything();
        let limits = rig.sides.as_ref().map(|side| side.limits());
        let journal = rig.memory.journal(&rig.link, None, 10_000).await.unwrap().items;
        for (item, deeds) in &self.deeds {
            let standing = |side: Side| {
                let living = rig.sides.get(side).living();
                living
                    .into_iter()
                    .find(|(id, _)| root(&everything, side, id) == *item)
                    .map(|(_, lying)| lying.record)
            };
            let (crm, google) = (standing(Side::Crm), standing(Side::Google));
            for side in Side::BOTH {
                let (mine, theirs) = (deeds.get(side), deeds.get(side.other()));
                if mine.deleted
                    && (theirs.deleted || theirs.edited.is_empty())
                    && (crm.is_some() || google.is_some())
                {
                    return Err(format!("{item:?} was deleted in {side} and is back"));
                }
                if mine.deleted {
                    continue;
                }
                for (field, wanted) in &mine.edited {
                    let (Some(crm), Some(google)) = (&crm, &google) else {
                        return Err(format!("{item:?} was edited in {side} and is gone"));
                    };
                    let survives = wanted.same(*field, crm, limits.as_ref())
                        && wanted.same(*field, google, limits.as_ref());
                    let contested = !theirs.deleted && theirs.edited.contains_key(field);
                    let journaled = journal.iter().any(|entry| match &entry.loss {
                        Loss::Field { field: name, value } => {
                            name == EventRecord::field_name(*field) && *value == wanted.journal_value(*field)
                        }
                        Loss::Record(_) => false,
                    });
                    if !(survives || contested && journaled) {
                        return Err(format!(
                            "the edit of {field:?} of {item:?} in {side} is lost (contested: {contested}, journaled: \
                             {journaled}): wanted {wanted:?}, CRM {crm:?}, Google {google:?}"
                        ));
                    }
                }
            }
        }
        for side in Side::BOTH {
            for (id, lying) in everything.get(side) {
                let expected = match &lying.made_from {
                    None => format!("unmapped of {}", id.id),
                    Some(_) => String::new(),
                };
                if lying.unmapped != expected {
                    return Err(format!("{id}: a field that is not ours was touched"));
                }
            }
        }
        Ok(())
    }
}
