//! One world: two servers, people, and the sync between them, without a network and without an engine.
//!
//! Reading, doing and committing follow the engine's rules, so that a plan meets here what it meets there: records
//! that changed since they were read, answers that are lost, refusals, cursors that stay. What is asked of a plan is
//! in `watch`; what is asked of a world that has come to rest is in `rest`.

mod carry_out;
mod people;
mod reading;
pub(crate) mod rest;
pub(crate) mod scope;
pub(crate) mod server;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use sync_core::base::Pair;
use sync_core::id::RemoteId;
use sync_core::plan::Plan;
use sync_core::reconcile::{Ground, reconcile};
use sync_core::settle::Settled;
use sync_core::side::{PerSide, Side};

use crate::history::{Deed, Fault, History, Policy, now};
use crate::played::Played;
use crate::replay::{Broken, Law, Verdict, demand};
use server::{Names, Server};

/// A world.
#[derive(Debug, Clone)]
pub(crate) struct World<R: Played> {
    pub(crate) servers: PerSide<Server<R>>,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) policy: Policy,
    /// Where the next run resumes; nowhere, where a whole reading is due.
    cursors: PerSide<Option<usize>>,
    /// Records that were refused; they are looked at again in the next run.
    parked: BTreeSet<(Side, RemoteId)>,
    /// Counts up with everything that happens, in minutes.
    clock: i64,
    /// Which records of people's were found to be one thing: for each the one that stands for it.
    joined: Vec<usize>,
    /// What a person deleted on a side, by the record of a person's that it is or was made from.
    deleted: BTreeSet<(Side, usize)>,
    /// Records that were kept though the other one of their pair was deleted, because somebody had worked on them.
    pub(super) kept_for_edits: BTreeSet<(Side, RemoteId)>,
    /// Whether some call was not answered as it should be.
    pub(crate) was_disturbed: bool,
    /// Records about which a person was asked: several are like them, or they are second copies.
    told: BTreeSet<(Side, RemoteId)>,
    /// What each side showed when the run read it.
    shown: PerSide<BTreeMap<RemoteId, R>>,
    /// What they said when people had been at work in it.
    left: PerSide<BTreeMap<RemoteId, R>>,
    went_well: bool,
    /// Whether the last run did not come to its end, so that its notes are left.
    is_cut_off: bool,
    runs: usize,
    /// Everything that was asked of each side, in words.
    pub(crate) traffic: PerSide<Vec<String>>,
    /// Whether `traffic` is kept.
    pub(crate) listens: bool,
    /// Whether a record ever passed to somebody else, or was restored.
    came_or_went: bool,
    something_moved: bool,
    /// The side whose secrets say something else than in the history.
    secrets_of: Option<Side>,
}

/// What became of a run.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    /// Steps that were planned.
    pub(crate) steps: usize,
    /// Writes that were asked of each side.
    pub(crate) writes: PerSide<usize>,
    /// Copies among them that were taken away because they may not be seen there.
    pub(crate) hides: usize,
    /// Whether the cursors stay.
    stays: bool,
    /// Whether a record was refused.
    refused: bool,
    /// The records that were there when both sides were read.
    there: PerSide<BTreeSet<RemoteId>>,
}

impl Ran {
    /// Writes that were asked of both sides.
    pub(crate) fn writes_in_all(&self) -> usize {
        self.writes.crm + self.writes.google
    }
}

impl<R: Played> World<R> {
    /// The world in the beginning.
    pub(crate) fn new(history: &History<R::Field>) -> Self {
        Self::with_other_secrets(history, None)
    }

    /// The same world, in which the secrets of a side say something else.
    pub(crate) fn with_other_secrets(history: &History<R::Field>, secrets_of: Option<Side>) -> Self {
        let server = |side: Side| {
            let kept = *history.servers.get(side);
            Server::new(side, R::limits(kept), kept == crate::history::Kept::Rewritten)
        };
        let mut world = Self {
            servers: PerSide::from_fn(server),
            pairs: Vec::new(),
            policy: history.policy,
            cursors: PerSide::default(),
            parked: BTreeSet::new(),
            clock: 0,
            joined: Vec::new(),
            deleted: BTreeSet::new(),
            kept_for_edits: BTreeSet::new(),
            was_disturbed: false,
            told: BTreeSet::new(),
            shown: PerSide::default(),
            left: PerSide::default(),
            went_well: true,
            is_cut_off: false,
            runs: 0,
            traffic: PerSide::default(),
            listens: false,
            came_or_went: false,
            something_moved: false,
            secrets_of,
        };
        world.fill(history);
        world
    }

    /// What people do.
    pub(crate) fn people_do(&mut self, history: &History<R::Field>, deeds: &[Deed<R::Field>]) {
        for deed in deeds {
            self.person_does(history, *deed);
        }
    }

    /// The user sets something; the next run reads both sides whole.
    pub(crate) fn set(&mut self, policy: Policy) {
        if self.policy != policy {
            self.policy = policy;
            self.cursors = PerSide::default();
        }
    }

    /// A run in which everything is answered.
    pub(crate) fn calm_run(&mut self, history: &History<R::Field>, whole: bool) -> Result<Ran, Broken> {
        self.run(history, whole, &mut Vec::new(), &[])
    }

    /// A run. The first faults in the list meet its calls; people are at work between its reading and its writing.
    pub(crate) fn run(
        &mut self,
        history: &History<R::Field>,
        whole: bool,
        faults: &mut Vec<Fault>,
        during: &[Deed<R::Field>],
    ) -> Result<Ran, Broken> {
        let settings = R::settings(&self.policy);
        let limits = PerSide::from_fn(|side| self.servers.get(side).limits.clone());
        let whole = whole || self.cursors.crm.is_none() || self.cursors.google.is_none();
        let tells = self.policy.notify && self.runs > 0 && self.went_well && !whole;
        let ground = Ground {
            settings: &settings,
            window: self.policy.window(),
            limits: limits.as_ref(),
            pairs_in_all: self.pairs.len() as u64,
            deletions_confirmed: 0,
            copies: &Names,
            guests_told_after: tells.then(now),
            zone: chrono_tz::Tz::UTC,
        };
        let mut ran = Ran {
            there: PerSide::from_fn(|side| self.servers.get(side).records.keys().cloned().collect()),
            ..Ran::default()
        };
        let cursors = PerSide::from_fn(|side| Some(self.servers.get(side).cursor()));
        let retried = self.parked.clone();
        let (pairs, changes) = self.read(whole, ground.window);
        let plan = reconcile(&ground, pairs, changes);
        watch::plan(&plan)?;
        ran.steps = plan.steps.len();
        self.told = plan
            .unreadable
            .iter()
            .map(|told| (told.side, told.id.clone()))
            .collect();
        demand(
            R::TELLS_AMBIGUITY || self.told.is_empty(),
            Law::Convergence,
            || format!("a person is asked about {:?}", plan.unreadable),
        )?;
        self.parked.extend(self.told.iter().cloned());
        self.shown = self.all_records();
        self.people_do(history, during);
        self.left = self.all_records();
        self.carry_out_all(&ground, plan, faults, &mut ran)?;
        if ran.stays {
            self.parked.extend(retried);
        } else {
            self.cursors = cursors;
            self.agree(&self.pairs.clone());
        }
        self.runs += 1;
        self.went_well = !ran.stays && !ran.refused;
        self.is_cut_off = ran.stays;
        Ok(ran)
    }

    /// Creations and changes first, deletions after them.
    fn carry_out_all(
        &mut self,
        ground: &Ground<'_, R>,
        plan: Plan<R>,
        faults: &mut Vec<Fault>,
        ran: &mut Ran,
    ) -> Verdict {
        demand(!plan.braked, Law::SafeDeletion, || {
            "a few deletions were held".to_owned()
        })?;
        let (deletions, others): (Vec<_>, Vec<_>) = plan
            .steps
            .into_iter()
            .partition(|step| step.deletes_on().is_some());
        for step in others.into_iter().chain(deletions) {
            self.carry_out(ground, step, faults, ran)?;
        }
        Ok(())
    }

    /// Stores what was learnt of a step.
    fn commit(&mut self, settled: Settled) -> Verdict {
        if let Some(before) = &settled.before {
            let stored = before.half.as_ref().map(|half| half.stored_id().clone());
            self.pairs
                .retain(|pair| pair.half.crm.id != stored.crm || pair.half.google.id != stored.google);
        }
        let Some(mut after) = settled.after else {
            return Ok(());
        };
        for side in Side::BOTH {
            after.half.get_mut(side).former_id = None;
            let id = &after.half.get(side).id;
            demand(
                self.pairs.iter().all(|pair| pair.half.get(side).id != *id),
                Law::Bijection,
                || format!("{id} on {side} is in two pairs"),
            )?;
        }
        let items = after.half.as_ref().map(|half| half.id.clone());
        if let (Some(crm), Some(google)) = (
            self.item_of(Side::Crm, &items.crm),
            self.item_of(Side::Google, &items.google),
        ) {
            let (crm, google) = (self.thing(crm), self.thing(google));
            if let Some(stands_for) = self.joined.get_mut(crm) {
                *stands_for = google;
            }
        }
        self.agree(std::slice::from_ref(&after));
        self.pairs.push(after);
        Ok(())
    }

    /// Which record of a person's a record is, or is a copy of.
    fn item_of(&self, side: Side, id: &RemoteId) -> Option<usize> {
        let server = self.servers.get(side);
        server
            .records
            .get(id)
            .or_else(|| server.bin.get(id))
            .map(|held| held.item)
    }

    /// The thing that a person's record is one of, once it was found to be the same as others.
    pub(crate) fn thing(&self, item: usize) -> usize {
        match self.joined.get(item) {
            Some(stands_for) if *stands_for != item => self.thing(*stands_for),
            _ => item,
        }
    }

    fn all_records(&self) -> PerSide<BTreeMap<RemoteId, R>> {
        self.servers.as_ref().map(|server| {
            let records = server.records.iter();
            records
                .map(|(id, held)| (id.clone(), held.record.clone()))
                .collect()
        })
    }

    /// Whether a person has edited a field since the run read the record.
    fn was_edited(&self, side: Side, id: &RemoteId, field: R::Field) -> bool {
        let says = |records: &PerSide<BTreeMap<RemoteId, R>>| {
            let record = records.get(side).get(id);
            record.map(|record| record.fingerprint(field))
        };
        let (read, left) = (says(&self.shown), says(&self.left));
        read.zip(left).is_some_and(|(read, left)| read != left)
    }

    /// What the sync knows from now on: where both sides show the same, nothing is left to travel, unless a person has
    /// edited it since it was read.
    fn agree(&mut self, pairs: &[Pair]) {
        for pair in pairs {
            let ids = pair.half.as_ref().map(|half| &half.id);
            let records =
                PerSide::from_fn(|side| self.servers.get(side).records.get(*ids.get(side)).cloned());
            let (Some(crm), Some(google)) = (records.crm, records.google) else {
                continue;
            };
            let is_alike = self.shown_alike(&crm.record, &google.record);
            let fields: Vec<_> = R::FIELDS
                .iter()
                .copied()
                .filter(|field| is_alike(*field))
                .filter(|field| {
                    Side::BOTH
                        .iter()
                        .all(|side| !self.was_edited(*side, ids.get(*side), *field))
                })
                .collect();
            for side in Side::BOTH {
                if let Some(held) = self.servers.get_mut(side).records.get_mut(*ids.get(side)) {
                    held.agree(&fields, &held.record.clone());
                }
            }
        }
    }
}
