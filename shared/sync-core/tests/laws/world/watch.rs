//! What every plan and every write must keep to, whatever came before.

use std::collections::BTreeSet;

use sync_core::base::Pair;
use sync_core::change::Observed;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::Record;
use sync_core::kind::event::{EventField, EventRecord};
use sync_core::plan::{Plan, Step, Why};
use sync_core::policy::Deletions;
use sync_core::port::{Create, Update};
use sync_core::reconcile::Ground;
use sync_core::side::{PerSide, Side};

use super::people::busy;
use super::scope::{Carried, is_content};
use super::{Ran, World};
use crate::replay::{Law, Verdict, demand};

type Event = EventRecord;

/// A plan names each record once.
pub(super) fn plan(plan: &Plan<Event>) -> Verdict {
    for side in Side::BOTH {
        let mut named = BTreeSet::new();
        for id in plan.steps.iter().filter_map(|step| step.id(side)) {
            demand(named.insert(id), Law::Bijection, || {
                format!("{id} on {side} is in two steps")
            })?;
        }
    }
    Ok(())
}

fn is_same(field: EventField, one: &Event, other: &Event) -> bool {
    one.fingerprint(field) == other.fingerprint(field)
}

impl World {
    fn watch_direction(&self, on: Side) -> Verdict {
        demand(self.policy.travels(on.other()), Law::Direction, || {
            format!("a write to {on} under {:?}", self.policy.direction)
        })
    }

    /// A copy shows what its original lets it show.
    fn watch_content(&self, step: &Step<Event>, on: Side, shown: &Event, field: EventField) -> Verdict {
        let Some(seen) = step.seen.get(on.other()) else {
            return demand(false, Law::Preservation, || {
                "a value that nobody has read is written".to_owned()
            });
        };
        let server = self.servers.get(on.other());
        let Some(held) = server.records.get(&seen.id).or_else(|| server.bin.get(&seen.id)) else {
            return Ok(());
        };
        let carried = self.carried(on.other(), held, &seen.record);
        let veiled = busy(&seen.record);
        if carried == Carried::Whole || !is_content(field) {
            return demand(is_same(field, shown, &seen.record), Law::Preservation, || {
                format!("{field:?} written to {on} is not what the other side shows")
            });
        }
        demand(is_same(field, shown, &veiled), Law::Privacy, || {
            format!("{field:?} of a private record is shown to {on}: {shown:?}")
        })
    }

    pub(super) fn watch_create(&self, step: &Step<Event>, on: Side, create: &Create<Event>) -> Verdict {
        self.watch_direction(on)?;
        demand(!create.notify, Law::Silence, || {
            "guests are told of a copy".to_owned()
        })?;
        for field in Event::FIELDS {
            self.watch_content(step, on, &create.record, *field)?;
        }
        let Some(seen) = step.seen.get(on.other()) else {
            return Ok(());
        };
        let Some(held) = self.servers.get(on.other()).records.get(&seen.id) else {
            return Ok(());
        };
        demand(
            self.carried(on.other(), held, &seen.record).is(),
            Law::Settings,
            || format!("a copy of what is out of scope: {:?}", seen.record),
        )?;
        let is_edited = match &step.base {
            Some(pair) => Event::FIELDS
                .iter()
                .any(|field| pair.half.get(on.other()).differs(*field, &seen.record)),
            None => self.was_disturbed || Event::FIELDS.iter().any(|field| held.is_edited(*field)),
        };
        demand(
            is_edited || held.returned || !self.was_deleted(on, held.item),
            Law::NoResurrection,
            || format!("what was deleted on {on} is made again: {:?}", create.record),
        )
    }

    pub(super) fn watch_update(
        &self,
        ground: &Ground<'_, Event>,
        step: &Step<Event>,
        on: Side,
        update: &Update<Event>,
    ) -> Verdict {
        self.watch_direction(on)?;
        Self::watch_notice(ground, step, on, update)?;
        let fields: BTreeSet<_> = update.fields.iter().copied().collect();
        demand(
            !fields.is_empty() && fields.len() == update.fields.len(),
            Law::Preservation,
            || format!("a write of {:?}", update.fields),
        )?;
        if let Some(there) = step.seen.get(on) {
            for field in Event::FIELDS {
                demand(
                    fields.contains(field) != is_same(*field, &update.record, &there.record),
                    Law::Preservation,
                    || {
                        format!(
                            "{field:?} is written though it is the same, or changed though it is not named"
                        )
                    },
                )?;
            }
        }
        for field in &fields {
            self.watch_content(step, on, &update.record, *field)?;
        }
        let Some(held) = self.servers.get(on).records.get(&update.id) else {
            return Ok(());
        };
        if self.is_stale(on, &update.id, &update.expected) {
            return Ok(());
        }
        for field in &fields {
            let comes_from = step
                .seen
                .get(on.other())
                .as_ref()
                .and_then(|seen| self.servers.get(on.other()).records.get(&seen.id));
            // Without a base, nobody knows that a text was emptied: an empty one takes the other's value.
            let has_base = step.base.as_ref().is_some_and(|pair| {
                let is_half = |side: Side| step.id(side) == Some(&pair.half.get(side).id);
                is_half(Side::Crm) && is_half(Side::Google)
            });
            let says = has_base && held.was_agreed(*field) || !held.record.is_empty(*field);
            let is_lost = step
                .lost
                .iter()
                .any(|lost| lost.side == on && lost.field == *field);
            // A value that was changed, and changed back before anybody knew that the change had arrived over there.
            let is_back = self.was_disturbed
                && has_base
                && step
                    .base
                    .as_ref()
                    .is_some_and(|pair| !pair.half.get(on).differs(*field, &held.record));
            // What a veiled copy shows is nobody's words.
            let is_veil = is_content(*field)
                && step.base.as_ref().is_some_and(|pair| pair.veiled)
                && is_same(*field, &held.record, &busy(&held.record));
            demand(
                is_lost
                    || is_back
                    || is_veil
                    || !says
                    || !held.is_edited(*field)
                    || self.is_shown(on, *field, &update.record, &held.record),
                Law::NoLoss,
                || format!("{field:?} of {:?} on {on} is overwritten silently", held.record),
            )?;
            let across = self.servers.get(on.other());
            let cut = across.keeps(&held.record);
            // A text written otherwise may cost one write where it is not known any more who wrote it so; a cut one none.
            let is_agreed = |pair: &Pair| {
                pair.half
                    .get(on)
                    .fields
                    .contains_key(EventRecord::field_name(*field))
            };
            let is_known = step.base.as_ref().is_some_and(is_agreed);
            let may_cost_one = across.rewrites && (!is_known || self.was_disturbed);
            demand(
                may_cost_one
                    || !is_same(*field, &update.record, &cut)
                    || comes_from.is_none_or(|held| held.is_edited(*field))
                    || held.is_edited(*field),
                Law::StableForm,
                || format!("{field:?} comes back to {on} as the other side keeps it"),
            )?;
        }
        Ok(())
    }

    /// Whether the other side's server makes of what is written what is there already.
    fn is_shown(&self, on: Side, field: EventField, written: &Event, there: &Event) -> bool {
        is_same(field, &self.servers.get(on).keeps(written), there)
    }

    fn watch_notice(
        ground: &Ground<'_, Event>,
        step: &Step<Event>,
        on: Side,
        update: &Update<Event>,
    ) -> Verdict {
        let moved_by_a_person = step
            .base
            .as_ref()
            .zip(step.seen.crm.as_ref())
            .is_some_and(|(pair, seen)| pair.half.crm.differs(EventField::When, &seen.record));
        let lies_ahead = ground
            .guests_told_after
            .is_some_and(|after| update.record.when.starts_at() > after);
        let may = on == Side::Google
            && update.fields.contains(&EventField::When)
            && moved_by_a_person
            && lies_ahead;
        demand(may || !update.notify, Law::Silence, || {
            format!("guests are told of {:?}", update.fields)
        })
    }

    fn is_stale(&self, on: Side, id: &RemoteId, expected: &Version) -> bool {
        self.servers.get(on).version(id).as_ref() != Some(expected)
    }

    pub(super) fn watch_delete(
        &self,
        step: &Step<Event>,
        on: Side,
        (id, expected): (&RemoteId, &Version),
        why: Why,
        ran: &Ran,
    ) -> Verdict {
        self.watch_direction(on)?;
        let Some(pair) = &step.base else {
            // A copy of ours that a run made and could not remember, of what must not be seen there any more.
            let says_the_same = |original: &Observed<Event>, copy: &Observed<Event>| {
                let limits = PerSide::from_fn(|side| &self.servers.get(side).limits);
                let mut content = Event::FIELDS.iter().filter(|field| is_content(**field));
                content.all(|field| original.record.same(*field, &copy.record, limits))
            };
            let both = step.seen.get(on.other()).as_ref().zip(step.seen.get(on).as_ref());
            let is_copy =
                why == Why::Hidden && both.is_some_and(|(original, copy)| says_the_same(original, copy));
            return demand(is_copy, Law::SafeDeletion, || {
                "what stands in no pair is deleted".to_owned()
            });
        };
        let Some(held) = self.servers.get(on).records.get(id) else {
            return Ok(());
        };
        if self.is_stale(on, id, expected) {
            return Ok(());
        }
        let edited = Event::FIELDS
            .iter()
            .find(|field| pair.half.get(on).differs(**field, &held.record));
        demand(edited.is_none() && held.mine, Law::SafeDeletion, || {
            format!(
                "{:?} on {on} is deleted though {edited:?} was changed there",
                held.record
            )
        })?;
        let original = &pair.half.get(on.other()).id;
        let there = self.servers.get(on.other()).records.get(original);
        match why {
            Why::Deleted => {
                let is_gone = there.is_none() || !ran.there.get(on.other()).contains(original);
                demand(is_gone, Law::SafeDeletion, || {
                    format!("{id} on {on} is deleted though the other one is there")
                })?;
                demand(
                    self.policy.deletions == Deletions::Propagate,
                    Law::SafeDeletion,
                    || format!("{id} on {on} is deleted though it is to be kept"),
                )
            }
            Why::Hidden => {
                let seen = step.seen.get(on.other()).as_ref().map(|seen| &seen.record);
                let is_hidden = there.is_some_and(|there| {
                    let record = seen.unwrap_or(&there.record);
                    self.carried(on.other(), there, record) == Carried::Hidden
                });
                demand(is_hidden || there.is_none(), Law::Settings, || {
                    format!("{id} on {on} is hidden for no reason")
                })
            }
        }
    }
}
