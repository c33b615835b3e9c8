//! Carries a step out as the engine does: faults on the way, and a new decision where a record had changed.

use sync_core::base::{Pair, PairState};
use sync_core::change::{Observed, Reading};
use sync_core::failure::{Class, Failure};
use sync_core::id::RemoteId;
use sync_core::plan::{Action, Step, Why};
use sync_core::port::{Create, Created, Update};
use sync_core::reconcile::{Ground, Stands, step_again, step_for_match};
use sync_core::settle::{Did, Settled, settle, settle_part};
use sync_core::side::{PerSide, Side};

use super::watch::moves_in;
use super::{Ran, World};
use crate::history::Fault;
use crate::played::Played;
use crate::replay::{Broken, Verdict};

/// How often a step is decided again because the record had changed meanwhile.
const ROUNDS: usize = 3;

enum Again<R: Played> {
    Step(Box<Step<R>>),
    Nothing,
    Settle,
}

impl<R: Played> World<R> {
    pub(super) fn carry_out(
        &mut self,
        ground: &Ground<'_, R>,
        step: Step<R>,
        faults: &mut Vec<Fault>,
        ran: &mut Ran,
    ) -> Verdict {
        let base = step.base.clone();
        let names = PerSide::from_fn(|side| step.id(side).cloned());
        let mut step = step;
        let mut born: Option<(Side, u32)> = None;
        for _ in 0..ROUNDS {
            let did = self.perform(ground, &step, faults, ran)?;
            let again = match (&step.action, &did) {
                (Action::Create { on, create }, Did::Created(Ok(created)))
                    if created.adopted && self.is_taken(*on, &created.observed.id, step.base.as_ref()) =>
                {
                    next_generation(&step, *on, create, created.generation)
                }
                (Action::Create { on, .. }, Did::Created(Ok(created))) if created.adopted => {
                    born = Some((on.other(), created.generation));
                    adopted(ground, &step, *on, created)
                }
                _ if conflicts(&did) => {
                    self.was_disturbed = true;
                    if let Some(part) = settle_part(&step, &did) {
                        step.base = part.after;
                    }
                    self.decide_again(ground, &step)
                }
                _ => Again::Settle,
            };
            match again {
                Again::Step(next) => step = *next,
                Again::Nothing => return self.commit(known(base, step.base)),
                Again::Settle => return self.settle(step, did, base, born, ran),
            }
        }
        self.park(&names, ran);
        self.commit(known(base, step.base))
    }

    fn settle(
        &mut self,
        step: Step<R>,
        did: Did<R>,
        base: Option<Pair>,
        born: Option<(Side, u32)>,
        ran: &mut Ran,
    ) -> Verdict {
        let names = PerSide::from_fn(|side| step.id(side).cloned());
        let seen = step.seen.clone();
        let written: Vec<R::Field> = match &step.action {
            Action::Write(writes) => [&writes.crm, &writes.google]
                .into_iter()
                .flatten()
                .flat_map(|update| update.fields.clone())
                .collect(),
            _ => Vec::new(),
        };
        let mut settled: Settled = settle(step, did);
        settled.before = base;
        // What was not reported was as it had been.
        let shown = PerSide::from_fn(|side| {
            let id = names.get(side).as_ref()?;
            let reported = seen.get(side).as_ref().map(|seen| &seen.record);
            let record = reported.or_else(|| self.shown.get(side).get(id))?;
            Some((id.clone(), record.clone()))
        });
        if let (Some(crm), Some(google), Some(_)) = (&shown.crm, &shown.google, &settled.after) {
            self.agree_on(crm, google, &written);
        }
        if let (Some((origin, generation)), Some(pair)) = (born, settled.after.as_mut()) {
            pair.origin = origin;
            pair.generation = generation;
        }
        if settled
            .failed
            .as_ref()
            .is_some_and(|(_, _, failure)| failure.class == Class::Permanent)
        {
            self.park(&names, ran);
        }
        self.commit(settled)
    }

    /// Where both sides showed the same when they were read, they are agreed, whatever became of it meanwhile.
    fn agree_on(&mut self, crm: &(RemoteId, R), google: &(RemoteId, R), written: &[R::Field]) {
        let fields = R::FIELDS.iter().copied().filter(|field| !written.contains(field));
        let is_alike = self.shown_alike(&crm.1, &google.1);
        let same: Vec<_> = fields.filter(|field| is_alike(*field)).collect();
        for (side, (id, record)) in [(Side::Crm, crm), (Side::Google, google)] {
            if let Some(held) = self.servers.get_mut(side).records.get_mut(id) {
                held.agree(&same, record);
            }
        }
    }

    fn park(&mut self, names: &PerSide<Option<RemoteId>>, ran: &mut Ran) {
        ran.refused = true;
        for side in Side::BOTH {
            self.parked.extend(names.get(side).clone().map(|id| (side, id)));
        }
    }

    fn perform(
        &mut self,
        ground: &Ground<'_, R>,
        step: &Step<R>,
        faults: &mut Vec<Fault>,
        ran: &mut Ran,
    ) -> Result<Did<R>, Broken> {
        Ok(match &step.action {
            Action::Create { on, create } => {
                self.watch_create(step, *on, create)?;
                self.ask(ran, *on, || format!("create {create:?}"));
                Did::Created(self.meet(faults, ran, |world| world.create(step, *on, create)))
            }
            Action::Write(writes) => {
                let mut answers = PerSide::default();
                for on in Side::BOTH {
                    if let Some(update) = writes.get(on) {
                        self.watch_update(ground, step, on, update)?;
                        // Whether a record may be written is known only once it is read: one refusal tells it.
                        if !self.is_read_only(on, &update.id) {
                            self.ask(ran, on, || format!("update {update:?}"));
                        }
                        let answer = self.meet(faults, ran, |world| world.update(step, on, update));
                        *answers.get_mut(on) = Some(answer);
                    }
                }
                Did::Wrote(answers)
            }
            Action::Delete {
                on,
                id,
                expected,
                why,
            } => {
                self.watch_delete(step, *on, (id, expected), *why, ran)?;
                ran.hides += usize::from(*why == Why::Hidden);
                self.ask(ran, *on, || format!("delete {id:?} {expected:?} {why:?}"));
                Did::Deleted(self.meet(faults, ran, |world| {
                    world.servers.get_mut(*on).remove(id, expected)
                }))
            }
            Action::Remember(state) => {
                if let (PairState::Gone(gone), Some(base)) = (state, &step.base) {
                    let kept = gone.other();
                    let seen = step.seen.get(kept).as_ref();
                    let is_edited = seen.is_some_and(|seen| !base.half.get(kept).changed(seen).is_empty());
                    self.kept_for_edits
                        .extend(is_edited.then(|| (kept, base.half.get(kept).id.clone())));
                }
                Did::Nothing
            }
            // No record of these worlds is the row of a series.
            Action::CreateSeries { .. } | Action::Forget => Did::Nothing,
        })
    }

    fn ask(&mut self, ran: &mut Ran, on: Side, in_words: impl FnOnce() -> String) {
        *ran.writes.get_mut(on) += 1;
        if self.listens {
            self.traffic.get_mut(on).push(in_words());
        }
    }

    fn is_read_only(&self, on: Side, id: &RemoteId) -> bool {
        let held = self.servers.get(on).records.get(id);
        held.is_some_and(|held| held.read_only.is_some())
    }

    /// A call, and what becomes of it.
    fn meet<T>(
        &mut self,
        faults: &mut Vec<Fault>,
        ran: &mut Ran,
        work: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.clock += 1;
        let fault = if faults.is_empty() {
            Fault::None
        } else {
            faults.remove(0)
        };
        self.was_disturbed |= fault != Fault::None;
        match fault {
            Fault::None => work(self),
            Fault::Refused => Err(Failure::permanent("refused", "No.")),
            Fault::Lost => {
                work(self)?;
                ran.stays = true;
                Err(Failure::retryable("lost", "No answer.", None))
            }
            Fault::Away => {
                ran.stays = true;
                Err(Failure::retryable("away", "No answer.", None))
            }
        }
    }

    fn create(&mut self, step: &Step<R>, on: Side, create: &Create<R>) -> Result<Created<R>, Failure> {
        let Some(seen) = step.seen.get(on.other()) else {
            return Err(Failure::bug("unseen", "A copy of something that was not read."));
        };
        let original = self.servers.get(on.other()).held_as(&seen.id);
        let about = original.map_or((0, 0), |held| (held.about, held.item));
        let now = self.clock;
        let created = self.servers.get_mut(on).create(create, about, now)?;
        let thing = self.thing(about.1);
        let deleted = std::mem::take(&mut self.deleted);
        let stays = |(side, item): &(Side, usize)| *side != on || self.thing(*item) != thing;
        self.deleted = deleted.into_iter().filter(stays).collect();
        if !created.adopted
            && let Some(held) = self.servers.get_mut(on.other()).records.get_mut(&seen.id)
        {
            held.agree(R::FIELDS, &seen.record);
        }
        Ok(created)
    }

    fn update(&mut self, step: &Step<R>, on: Side, update: &Update<R>) -> Result<Observed<R>, Failure> {
        let now = self.clock;
        let answer = self.servers.get_mut(on).update(update, now)?;
        // What moved to another slot is agreed once both sides show it.
        let stayed = |field: &R::Field| !moves_in(step, &update.record, *field);
        let fields: Vec<_> = update.fields.iter().copied().filter(stayed).collect();
        if let Some(held) = self.servers.get_mut(on).records.get_mut(&update.id) {
            held.agree(&fields, &answer.record);
        }
        if let Some(seen) = step.seen.get(on.other())
            && let Some(held) = self.servers.get_mut(on.other()).records.get_mut(&seen.id)
        {
            held.agree(&fields, &seen.record);
        }
        Ok(answer)
    }

    /// Whether a copy that was met again stands in another pair by now.
    fn is_taken(&self, on: Side, copy: &RemoteId, base: Option<&Pair>) -> bool {
        self.pairs
            .iter()
            .any(|pair| pair.half.get(on).id == *copy && base.is_none_or(|base| !base.is_stored_as(pair)))
    }

    /// Reads both records of a step again and decides anew.
    fn decide_again(&self, ground: &Ground<'_, R>, step: &Step<R>) -> Again<R> {
        let stands = PerSide::from_fn(|side| match step.id(side) {
            None => Stands::Unread,
            Some(id) => match self.servers.get(side).read(id) {
                Reading::Present(seen)
                    if seen.id != *id && self.is_taken(side, &seen.id, step.base.as_ref()) =>
                {
                    Stands::Gone
                }
                Reading::Present(seen) => Stands::Present(Box::new(seen)),
                Reading::Gone => Stands::Gone,
                Reading::OutOfReach => Stands::Left,
                Reading::Unreadable { .. } => Stands::Unread,
            },
        });
        let next = step_again(ground, step, stands);
        next.map_or(Again::Nothing, |step| Again::Step(Box::new(step)))
    }
}

fn conflicts<R: Played>(did: &Did<R>) -> bool {
    let conflict = |failure: &Failure| failure.class == Class::Conflict;
    match did {
        Did::Nothing => false,
        Did::Created(answer) => answer.as_ref().is_err_and(conflict),
        Did::Deleted(answer) => answer.as_ref().is_err_and(conflict),
        Did::Wrote(answers) => [&answers.crm, &answers.google]
            .into_iter()
            .flatten()
            .any(|answer| answer.as_ref().is_err_and(conflict)),
    }
}

/// The same copy under the next name.
fn next_generation<R: Played>(step: &Step<R>, on: Side, create: &Create<R>, generation: u32) -> Again<R> {
    let create = Create {
        generation: generation + 1,
        ..create.clone()
    };
    let create = Box::new(create);
    let action = Action::Create { on, create };
    Again::Step(Box::new(Step {
        action,
        ..step.clone()
    }))
}

fn adopted<R: Played>(ground: &Ground<'_, R>, step: &Step<R>, on: Side, copy: &Created<R>) -> Again<R> {
    let Some(original) = step.seen.get(on.other()).clone() else {
        return Again::Settle;
    };
    let copy = copy.observed.clone();
    let joined = match on {
        Side::Crm => step_for_match(ground, copy, original),
        Side::Google => step_for_match(ground, original, copy),
    };
    Again::Step(Box::new(joined))
}

/// What is known of a pair of which nothing more was done.
fn known(before: Option<Pair>, after: Option<Pair>) -> Settled {
    Settled {
        before,
        after,
        conflicts: 0,
        done: Vec::new(),
        joined: false,
        failed: None,
        partner: None,
    }
}
