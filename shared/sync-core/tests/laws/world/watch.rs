//! What every plan and every write must keep to, whatever came before.

use std::collections::BTreeSet;

use sync_core::base::Pair;
use sync_core::change::Observed;
use sync_core::id::{RemoteId, Version};
use sync_core::plan::{Action, Plan, Step, Why};
use sync_core::policy::Deletions;
use sync_core::port::{Create, Update};
use sync_core::reconcile::Ground;
use sync_core::side::{PerSide, Side};

use super::server::Held;
use super::{Ran, World};
use crate::played::{Carried, Played};
use crate::replay::{Law, Verdict, demand};

/// A plan names each record once.
pub(super) fn plan<R: Played>(plan: &Plan<R>) -> Verdict {
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

fn is_same<R: Played>(field: R::Field, one: &R, other: &R) -> bool {
    one.fingerprint(field) == other.fingerprint(field)
}

/// Whether a step is about a pair that both of its records were in before.
fn has_base<R: Played>(step: &Step<R>) -> bool {
    step.base.as_ref().is_some_and(|pair| {
        let is_half = |side: Side| step.id(side) == Some(&pair.half.get(side).id);
        is_half(Side::Crm) && is_half(Side::Google)
    })
}

/// Whether a value gives way to another one, and moves here from its slot.
pub(super) fn moves_in<R: Played>(step: &Step<R>, shown: &R, field: R::Field) -> bool {
    let (Some(crm), Some(google)) = (&step.seen.crm, &step.seen.google) else {
        return false;
    };
    let stays = |record: &R| is_same(field, shown, record);
    if stays(&crm.record) || stays(&google.record) {
        return false;
    }
    let contested = |slot: &R::Field| *slot != field && !is_same(*slot, &crm.record, &google.record);
    let moves = |slot: R::Field, from: &R| from.fingerprint(slot) == shown.fingerprint(field);
    let mut slots = R::slots(field).iter().copied().filter(contested);
    slots.any(|slot| moves(slot, &crm.record) || moves(slot, &google.record))
}

impl<R: Played> World<R> {
    fn watch_direction(&self, on: Side) -> Verdict {
        demand(self.policy.travels(on.other()), Law::Direction, || {
            format!("a write to {on} under {:?}", self.policy.direction)
        })
    }

    /// A copy shows what its original lets it show.
    fn watch_content(&self, step: &Step<R>, on: Side, shown: &R, field: R::Field) -> Verdict {
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
        // What is found to be one thing with a record in scope is in scope itself.
        let leaves = carried == Carried::Leaving && has_base(step) && !moves_in(step, shown, field);
        demand(!leaves || R::LEAVING == Some(field), Law::Settings, || {
            format!("{field:?} of what left the scope is shown to {on}: {shown:?}")
        })?;
        let veiled = seen.record.busy();
        if carried == Carried::Whole || !R::is_content(field) {
            let there = step.seen.get(on).as_ref().map(|there| &there.record);
            let written = seen.record.written_over(field, there);
            let is_its_own = is_same(field, shown, &written) || moves_in(step, shown, field);
            return demand(is_its_own, Law::Preservation, || {
                format!("{field:?} written to {on} is not what the other side shows")
            });
        }
        demand(is_same(field, shown, &veiled), Law::Privacy, || {
            format!("{field:?} of a private record is shown to {on}: {shown:?}")
        })
    }

    pub(super) fn watch_create(&self, step: &Step<R>, on: Side, create: &Create<R>) -> Verdict {
        self.watch_direction(on)?;
        demand(!create.notify, Law::Silence, || {
            "guests are told of a copy".to_owned()
        })?;
        for field in R::FIELDS {
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
            Some(pair) => R::FIELDS
                .iter()
                .any(|field| pair.half.get(on.other()).differs(*field, &seen.record)),
            None => self.was_disturbed || R::FIELDS.iter().any(|field| held.is_edited(*field)),
        };
        demand(
            is_edited || held.returned || !self.was_deleted(on, held.item),
            Law::NoResurrection,
            || format!("what was deleted on {on} is made again: {:?}", create.record),
        )
    }

    pub(super) fn watch_update(
        &self,
        ground: &Ground<'_, R>,
        step: &Step<R>,
        on: Side,
        update: &Update<R>,
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
            for field in R::FIELDS {
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
            let has_base = has_base(step);
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
            let is_veil = R::is_content(*field)
                && step.base.as_ref().is_some_and(|pair| pair.veiled)
                && is_same(*field, &held.record, &held.record.busy());
            demand(
                is_lost
                    || is_back
                    || is_veil
                    || !says
                    || !held.is_edited(*field)
                    || self.is_shown(on, *field, &update.record, &held.record)
                    || self.is_kept_elsewhere(step, on, *field, held),
                Law::NoLoss,
                || format!("{field:?} of {:?} on {on} is overwritten silently", held.record),
            )?;
            let across = self.servers.get(on.other());
            let cut = across.keeps(&held.record);
            // A text written otherwise may cost one write where it is not known any more who wrote it so; a cut one none.
            let is_agreed = |pair: &Pair| pair.half.get(on).fields.contains_key(R::field_name(*field));
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
    fn is_shown(&self, on: Side, field: R::Field, written: &R, there: &R) -> bool {
        self.servers.get(on).keeps(written).is_one(field, there, field)
    }

    /// Whether a value that gives way is in another slot of one of the records once the step is done.
    fn is_kept_elsewhere(&self, step: &Step<R>, on: Side, field: R::Field, gives_way: &Held<R>) -> bool {
        let Action::Write(writes) = &step.action else {
            return false;
        };
        Side::BOTH.iter().any(|side| {
            let server = self.servers.get(*side);
            let held = step.id(*side).and_then(|id| server.records.get(id));
            held.is_some_and(|held| {
                let mut after = held.record.clone();
                if let Some(write) = writes.get(*side) {
                    for field in &write.fields {
                        after.take(*field, &write.record);
                    }
                }
                let after = server.keeps(&after);
                let mut slots = R::slots(field)
                    .iter()
                    .filter(|slot| *side != on || **slot != field);
                slots.any(|slot| gives_way.record.is_one(field, &after, *slot))
            })
        })
    }

    fn watch_notice(ground: &Ground<'_, R>, step: &Step<R>, on: Side, update: &Update<R>) -> Verdict {
        let moved_by_a_person = step
            .base
            .as_ref()
            .zip(step.seen.crm.as_ref())
            .zip(R::TOLD)
            .is_some_and(|((pair, seen), field)| pair.half.crm.differs(field, &seen.record));
        let lies_ahead = ground
            .guests_told_after
            .zip(update.record.starts_at())
            .is_some_and(|(after, starts_at)| starts_at > after);
        let may = on == Side::Google
            && R::TOLD.is_some_and(|field| update.fields.contains(&field))
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
        step: &Step<R>,
        on: Side,
        (id, expected): (&RemoteId, &Version),
        why: Why,
        ran: &Ran,
    ) -> Verdict {
        self.watch_direction(on)?;
        let Some(pair) = &step.base else {
            // A copy of ours that a run made and could not remember, of what must not be seen there any more.
            let says_the_same = |original: &Observed<R>, copy: &Observed<R>| {
                let limits = PerSide::from_fn(|side| &self.servers.get(side).limits);
                let mut content = R::FIELDS.iter().filter(|field| R::is_content(**field));
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
        let edited = R::FIELDS
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
