//! What the checker keeps in mind: items, and how the records of each stand on both sides.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;
use sync_core::id::RemoteId;
use sync_core::policy::{Direction, KindSettings, Settings};
use sync_core::side::{PerSide, Side};

use crate::kinds::{Played, Shown};
use crate::log::End;
use crate::server::Nature;

/// Who made a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    ByAPerson,
    ByARun,
    JustNow,
}

/// One record of an item.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that happened, or did not"
)]
pub(super) struct Standing<R: Played> {
    pub(super) id: RemoteId,
    /// What it says; `None` once it is deleted.
    pub(super) record: Option<R>,
    /// A person deleted it.
    pub(super) deleted_by_person: bool,
    /// It was deleted while that was not to be carried over: its partner stays.
    pub(super) stays_deleted: bool,
    /// It lay before the day to start from when a person deleted it.
    pub(super) deleted_too_early: bool,
    /// What people last wrote into it and the other side has not shown yet.
    pub(super) unsent: BTreeMap<R::Field, Value>,
    /// The flags that people have set or taken back, as long as the other side does not show it.
    pub(super) flags: BTreeSet<R::Field>,
    /// A person changed it in this round.
    pub(super) touched: bool,
    /// Who made it.
    pub(super) made: Made,
    /// A run made it in this round, may have died before it could say so, and its side has kept something else than
    /// anybody could foresee: nobody can tell that from a person's edit.
    pub(super) made_otherwise: bool,
    /// A run made it in this round that had not read its side whole. Where the side keeps no mark, one that reads it
    /// whole cannot tell it from a record that was there before.
    pub(super) made_in_part: bool,
    /// A run wrote into it in this round; it may have died before it could say so.
    pub(super) written: bool,
    /// It was private at some time in this round, or since a veil could be lifted last.
    pub(super) private_lately: bool,
    /// What it said when both sides were in step last.
    pub(super) agreed: Option<R>,
    /// Its series was moved in this round, so that it goes by another name.
    pub(super) renamed: bool,
    /// The change by which its name changed is about to follow.
    pub(super) renaming: bool,
    /// It was changed by itself as well: before, so that it lies elsewhere than its series has it, or in the round in
    /// which its series was moved.
    pub(super) apart: bool,
}

#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that happened, or did not"
)]
pub(super) struct Item<R: Played> {
    pub(super) at: PerSide<Option<Standing<R>>>,
    /// People made it on both sides by hand: only its likeness tells that it is one thing.
    pub(super) by_hand: bool,
    /// The item that has the other half of what people made by hand on both sides, since each half was copied for itself.
    pub(super) twin: Option<usize>,
    /// Both sides agreed on it once, so that it was remembered that it is one thing.
    pub(super) joined: bool,
    /// When its record in the CRM ever started: a series is made from rows as they were read.
    pub(super) starts: BTreeSet<DateTime<Utc>>,
    /// A person moved or deleted one of its records in this round.
    pub(super) disturbed: bool,
    /// All that its records ever said.
    pub(super) said: PerSide<Vec<R>>,
    /// The fields that said something else on each side when the memory was lost: without a base both count as said
    /// (state table, *never paired*), however long what one of them says may not travel.
    pub(super) unbased: BTreeSet<R::Field>,
    /// It was never known to be one thing since the memory was lost, because no side takes what the other one says.
    pub(super) unjoinable: bool,
    /// It is one of a series of rows, and nobody can tell any more which of them is which occurrence.
    pub(super) untold: bool,
}

impl<R: Played> Standing<R> {
    /// Whether it says something of a person's that the other side does not show.
    pub(super) fn waits(&self) -> bool {
        !self.unsent.is_empty() || !self.flags.is_empty()
    }

    /// Both sides are in step. A flag of a side that does not send is not agreed on: the other one may not hold it at
    /// all, and then nothing shows that it waits.
    pub(super) fn agree(&mut self, sends: bool) {
        let before = std::mem::replace(&mut self.agreed, self.record.clone());
        if let (false, Some(before), Some(agreed)) = (sends, &before, &mut self.agreed) {
            for flag in R::FIELDS.iter().filter(|field| R::is_flag(**field)) {
                agreed.take(*flag, before);
            }
        }
    }
}

impl<R: Played> Item<R> {
    pub(super) fn new() -> Self {
        Self {
            at: PerSide {
                crm: None,
                google: None,
            },
            by_hand: false,
            twin: None,
            joined: false,
            starts: BTreeSet::new(),
            disturbed: false,
            said: PerSide {
                crm: Vec::new(),
                google: Vec::new(),
            },
            unjoinable: false,
            unbased: BTreeSet::new(),
            untold: false,
        }
    }

    /// One of its records says this.
    pub(super) fn note_said(&mut self, side: Side, record: Option<&R>) {
        if side == Side::Crm {
            self.starts.extend(record.and_then(R::starts_at));
        }
        self.said.get_mut(side).extend(record.cloned());
    }

    /// Whether the record on the other side ever said this, as far as this side can hold it, be it in another slot.
    pub(super) fn was_said(&self, side: Side, nature: &Nature<R>, field: R::Field, value: &Value) -> bool {
        let mut said = self
            .said
            .get(side.other())
            .iter()
            .map(|record| nature.rewritten(record));
        said.any(|record| {
            let mut slots = R::slots(field).iter().chain([&field]);
            slots.any(|slot| record.journal_value(*slot) == *value)
        })
    }

    pub(super) fn living(&self, side: Side) -> Option<&R> {
        self.at.get(side).as_ref()?.record.as_ref()
    }
}

/// What a run may write, once everything is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quiet {
    /// Not everything is done.
    No,
    /// Nothing.
    Yes,
    /// Nothing, though a setting is made narrower and put back; of private items, what must be hidden and shown again.
    Turning { about_privacy: bool },
}

/// One account link: its items, and what is allowed as things are.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that happened, or did not"
)]
pub(super) struct Link<R: Played> {
    pub(super) natures: PerSide<Nature<R>>,
    pub(super) settings: Settings,
    pub(super) items: Vec<Item<R>>,
    pub(super) index: BTreeMap<(Side, RemoteId), usize>,
    /// The series that the CRM keeps as rows: which one a row belongs to, by the first row that it ever named.
    pub(super) rows: BTreeMap<RemoteId, RemoteId>,
    /// What people of this link ever wrote, by the number each text begins with.
    pub(super) authored: BTreeSet<String>,
    /// Overwritten edits that the journal has to hold.
    pub(super) losses: Vec<(usize, R::Field, Value)>,
    pub(super) clean: bool,
    /// When each write was refused since there were no more faults; none as long as there are.
    pub(super) refused: Option<BTreeMap<String, Vec<DateTime<Utc>>>>,
    pub(super) quiet: Quiet,
    pub(super) unauthorised: bool,
    pub(super) confirmed: bool,
    pub(super) settings_changed: bool,
    /// Nothing was remembered of what both sides agreed on: in the beginning, and after the store was lost.
    pub(super) store_lost: bool,
    /// The store was lost when both sides agreed, and nobody did anything since.
    pub(super) untouched_since_loss: bool,
    /// Whether the last run came to a good end.
    pub(super) ended_well: bool,
    /// Whether another day to start from was ever chosen.
    pub(super) has_moved_start: bool,
    /// Up to where the last whole reading looked.
    pub(super) read_until: Option<DateTime<Utc>>,
    /// Up to where it had looked when a setting was turned.
    pub(super) horizon_before: Option<DateTime<Utc>>,
}

pub(super) fn travels<R: Played>(settings: &Settings, from: Side) -> bool {
    match R::Settings::of(settings).direction() {
        Direction::Both => true,
        Direction::CrmToGoogle => from == Side::Crm,
        Direction::GoogleToCrm => from == Side::Google,
    }
}

/// The number that every text of a person begins with.
pub(super) fn token(text: &str) -> String {
    text.chars().take_while(char::is_ascii_digit).collect()
}

impl<R: Played> Link<R> {
    /// A record is a row of the series that goes by this first row. Where that one is another row's follower itself, it
    /// has taken the place of one that was deleted.
    pub(super) fn note_row(&mut self, id: &RemoteId, of: &RemoteId) {
        let series = self.rows.get(of).unwrap_or(of).clone();
        self.rows.insert(id.clone(), series);
    }

    /// The items of each series of rows.
    fn series(&self) -> BTreeMap<&RemoteId, BTreeSet<usize>> {
        let mut series: BTreeMap<&RemoteId, BTreeSet<usize>> = BTreeMap::new();
        for (row, of) in &self.rows {
            let item = self.index.get(&(Side::Crm, row.clone()));
            series.entry(of).or_default().extend(item);
        }
        series
    }

    /// Where two of a series were moved or deleted while nobody remembers which row is which occurrence, or one was moved to
    /// where another one is, it cannot be told from what both sides show: a row and an occurrence that start at other
    /// times may be one thing or two (*never paired*: strict equality). That is so once the memory is lost, and from the making of a series until the run that made it has come to its end.
    pub(super) fn lose_track(&mut self) {
        let is_remembered = |item: &usize| {
            let google = self.items[*item].at.google.as_ref();
            !self.store_lost && google.is_none_or(|one| one.made != Made::JustNow)
        };
        let lost: BTreeSet<usize> = self
            .series()
            .into_values()
            .filter(|items| !items.iter().all(is_remembered))
            .filter(
                |items| match items.iter().filter(|item| self.items[**item].disturbed).count() {
                    0 => false,
                    1 => Side::BOTH.iter().any(|side| self.meet(items, *side)),
                    _ => true,
                },
            )
            .flatten()
            .collect();
        for item in lost {
            self.items[item].untold = true;
        }
    }

    /// Two halves that were copied each for itself are one thing again where people deleted both copies and the memory
    /// is lost: nobody knows any more that they were two, and only their likeness counts (state table, *never paired*).
    /// Says whether there were any.
    pub(super) fn reunite(&mut self) -> bool {
        let stands_alone = |item: &Item<R>, side: Side| {
            let copy = item.at.get(side.other()).as_ref();
            item.living(side).is_some() && copy.is_some_and(|copy| copy.deleted_by_person)
        };
        let halves: Vec<(usize, usize)> = self
            .items
            .iter()
            .enumerate()
            .filter_map(|(half, item)| Some((half, item.twin?)))
            .filter(|(half, twin)| {
                stands_alone(&self.items[*half], Side::Crm) && stands_alone(&self.items[*twin], Side::Google)
            })
            .collect();
        for (half, twin) in &halves {
            let said = self.items[*half].said.crm.clone();
            let copy = self.items[*twin].at.crm.take();
            let left = std::mem::replace(&mut self.items[*half].at.crm, copy);
            self.items[*twin].at.crm = left;
            for item in [*half, *twin] {
                let name = self.items[item].at.crm.as_ref().map(|one| one.id.clone());
                self.index.extend(name.map(|id| ((Side::Crm, id), item)));
                self.items[item].twin = None;
            }
            let joined = &mut self.items[*twin];
            joined.by_hand = true;
            for record in &said {
                joined.note_said(Side::Crm, Some(record));
            }
            self.note_arrivals(*twin);
        }
        !halves.is_empty()
    }

    /// Whether two of some items start at the same time.
    fn meet(&self, items: &BTreeSet<usize>, side: Side) -> bool {
        let starts = || {
            let living = items.iter().filter_map(|item| self.items[*item].living(side));
            living.filter_map(R::starts_at)
        };
        starts().collect::<BTreeSet<_>>().len() < starts().count()
    }

    /// The item of which a new occurrence is one: of all rows of the series that was made from `first`, the one that
    /// starts when the occurrence does, or started so when it was read.
    pub(super) fn item_of_row(&self, first: &RemoteId, occurrence: &R) -> Option<usize> {
        let series = self.rows.get(first)?;
        let at = occurrence.starts_at()?;
        let mut items: Vec<usize> = self
            .rows
            .iter()
            .filter(|(_, of)| *of == series)
            .filter_map(|(row, _)| self.index.get(&(Side::Crm, row.clone())).copied())
            .filter(|item| self.items[*item].starts.contains(&at))
            .collect();
        items.sort_unstable();
        items.dedup();
        items.into_iter().min_by_key(|item| {
            let item = &self.items[*item];
            let now = item.living(Side::Crm).and_then(R::starts_at);
            (item.living(Side::Google).is_some(), now != Some(at))
        })
    }

    /// A run came to its end; what it has written is remembered, if that was a good one.
    pub(super) fn ended(&mut self, well: bool) {
        self.ended_well |= well;
        for standing in self
            .items
            .iter_mut()
            .flat_map(|item| [&mut item.at.crm, &mut item.at.google])
        {
            if let Some(standing) = standing.as_mut().filter(|_| well) {
                standing.written = false;
                standing.made_otherwise = false;
                standing.made_in_part = false;
                if standing.made == Made::JustNow {
                    standing.made = Made::ByARun;
                }
            }
        }
    }

    /// Whether these settings say the same of this kind as those that hold.
    pub(super) fn has_settings(&self, settings: &Settings) -> bool {
        let of = |settings: &Settings| (settings.enabled, settings.start_from, R::of_kind(settings));
        of(settings) == of(&self.settings)
    }

    pub(super) fn direction(&self) -> Direction {
        R::Settings::of(&self.settings).direction()
    }

    /// Whether a record lies before the day to start from.
    pub(super) fn is_too_early(&self, record: &R) -> bool {
        let from = self.settings.start_from;
        let from = from.map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
        from.zip(record.starts_at())
            .is_some_and(|(from, starts_at)| starts_at < from)
    }

    pub(super) fn shown(&self, side: Side, id: &RemoteId, record: &R) -> Shown {
        let may_be_too_early = record.is_placed_by_clock() && self.has_moved_start;
        if self.is_too_early(record) || may_be_too_early {
            return Shown::Not;
        }
        record.shown(&self.settings, side, id, self.natures.get(side.other()))
    }

    /// Whether both records say the same of a field, as far as both sides can hold it.
    pub(super) fn agree(&self, field: R::Field, crm: &R, google: &R) -> bool {
        let value = |record: &R| record.journal_value(field);
        value(&self.natures.crm.rewritten(google)) == value(crm)
            || value(&self.natures.google.rewritten(crm)) == value(google)
    }

    /// Whether a record that a person made may show no more than "Busy" on the other side.
    pub(super) fn is_veiled(&self, item: usize, side: Side) -> bool {
        let standing = self.items[item].at.get(side).as_ref();
        standing.is_some_and(|one| {
            if one.made != Made::ByAPerson {
                return false;
            }
            let shown = |record| self.shown(side, &one.id, record);
            one.record
                .as_ref()
                .is_some_and(|record| shown(record) == Shown::Busy)
        })
    }

    /// Whether a run may write to an item although everything is done and nobody did anything but turn a setting.
    pub(super) fn may_be_written(&self, end: End, item: Option<usize>, after: Option<&R>) -> bool {
        let about_privacy = match self.quiet {
            Quiet::No => return true,
            Quiet::Yes => return false,
            Quiet::Turning { about_privacy } => about_privacy,
        };
        let Some(item) = item else { return false };
        let known = |side: Side| self.items[item].at.get(side).as_ref();
        // Other settings ask for a whole reading, and that carries the horizon on (*Time*).
        let horizon = self.horizon_before.zip(after.and_then(R::starts_at));
        let comes_into_sight = horizon.is_some_and(|(until, at)| until <= at)
            && known(end.side).is_none()
            && known(end.side.other()).is_some_and(|one| one.id.id.contains('_'));
        // What a side never takes was never in step; where less may travel, the rest can (I15).
        let is_stuck = Side::BOTH
            .iter()
            .any(|side| self.items[item].living(*side).is_some_and(R::is_poisoned));
        // A private item's copy that was only veiled, because a person had worked on it, may go for good at any time.
        let is_hidden = after.is_none() && self.is_private(item);
        comes_into_sight || is_stuck || is_hidden || about_privacy && self.is_private(item)
    }

    /// Whether a person made one of an item's records private.
    pub(super) fn is_private(&self, item: usize) -> bool {
        Side::BOTH.iter().any(|side| {
            let standing = self.items[item].at.get(*side).as_ref();
            standing.is_some_and(|one| one.private_lately || one.record.as_ref().is_some_and(R::is_secret))
        })
    }

    /// Takes what has arrived off the list of what has to.
    pub(super) fn note_arrivals(&mut self, item: usize) {
        let known = &self.items[item];
        let (Some(crm), Some(google)) = (known.living(Side::Crm), known.living(Side::Google)) else {
            return;
        };
        let arrived: Vec<R::Field> = R::FIELDS
            .iter()
            .copied()
            .filter(|field| self.agree(*field, crm, google))
            .collect();
        let veiled = PerSide {
            crm: self.is_veiled(item, Side::Crm),
            google: self.is_veiled(item, Side::Google),
        };
        self.items[item].unbased.retain(|field| !arrived.contains(field));
        for side in Side::BOTH {
            if let Some(standing) = self.items[item].at.get_mut(side) {
                // Of what is shown as "Busy" nothing else has to arrive.
                let stays = |field: &R::Field| *veiled.get(side) && R::is_content(*field);
                standing
                    .unsent
                    .retain(|field, _| !arrived.contains(field) && !stays(field));
                standing.flags.retain(|field| !arrived.contains(field));
            }
        }
    }
}
