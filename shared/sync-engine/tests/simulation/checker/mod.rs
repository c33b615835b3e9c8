//! The history checker: reads the log of both ends and says what must not have happened.
//!
//! It knows what people did, what was written at both ends and what the settings were, and nothing of the engine: no
//! pair, no base, no cursor, no plan. Of the journal it sees what anybody may read. Its notion of an item is its own:
//! a record that a person made, and whatever was made from it.

mod calm;
mod model;
mod writes;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sync_core::id::RemoteId;
use sync_core::kind::Kind;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::policy::{Deletions, KindSettings, Settings};
use sync_core::side::Side;

use self::model::{Item, Link, Made, Quiet, Standing, token, travels};
use crate::door::REFUSED;
use crate::kinds::Played;
use crate::log::{Asked, By, End, Entry, Mark, Of, Snapshot};
use crate::world::World;

/// A value that the journal holds: the field's name, or none for a whole record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Journaled {
    pub(crate) kind: Kind,
    pub(crate) field: Option<String>,
    pub(crate) value: Value,
}

#[derive(Debug)]
struct Opening {
    link: usize,
    settings: Settings,
    deletions: usize,
    deletions_allowed: usize,
    /// Whether it follows a run that came to a good end, and has read nothing whole.
    is_ordinary: bool,
    /// The sides that it has read whole.
    whole: BTreeSet<Side>,
}

/// Follows a history.
#[derive(Debug)]
pub(crate) struct Checker {
    events: Book<EventRecord>,
    tasks: Book<TaskRecord>,
    contacts: Book<ContactRecord>,
    fences: BTreeMap<String, u64>,
    wrong: Vec<String>,
}

impl Checker {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            events: Book::new(world),
            tasks: Book::new(world),
            contacts: Book::new(world),
            fences: BTreeMap::new(),
            wrong: Vec::new(),
        }
    }

    /// What was wrong so far.
    pub(crate) fn verdict(&self) -> Result<(), String> {
        let mut all = [
            &self.wrong,
            &self.events.wrong,
            &self.tasks.wrong,
            &self.contacts.wrong,
        ]
        .into_iter()
        .flatten();
        match all.next() {
            None => Ok(()),
            Some(first) => Err(format!("{first} ({} in all)", 1 + all.count())),
        }
    }

    /// Reads on.
    pub(crate) fn read(&mut self, entries: &[(DateTime<Utc>, Entry)]) {
        for (at, entry) in entries {
            self.entry(*at, entry);
            self.events.read(*at, entry);
            self.tasks.read(*at, entry);
            self.contacts.read(*at, entry);
        }
    }

    /// Leases know no kinds.
    fn entry(&mut self, at: DateTime<Utc>, entry: &Entry) {
        match entry {
            Entry::Granted { link, fence } => {
                self.fences.insert(link.clone(), *fence);
            }
            Entry::Committed { link, fence } => {
                if self.fences.get(link).is_some_and(|last| last > fence) {
                    let what = format!("{link}: the store took a commit under the stale fence {fence}");
                    self.wrong.push(format!("{at}: {what}"));
                }
            }
            Entry::Mark {
                mark: Mark::StoreLost,
                ..
            } => self.fences.clear(),
            Entry::Event(_)
            | Entry::Task(_)
            | Entry::Contact(_)
            | Entry::Opened { .. }
            | Entry::Ended { .. }
            | Entry::Settings { .. }
            | Entry::Mark { .. } => {}
        }
    }

    /// Both sides should agree now, and what was overwritten should be in the journal.
    pub(crate) fn calm(&mut self, at: DateTime<Utc>, link: usize, journal: &[Journaled]) {
        self.events.calm(at, link, journal);
        self.tasks.calm(at, link, journal);
        self.contacts.calm(at, link, journal);
    }
}

/// What is known of the records of one kind.
#[derive(Debug)]
pub(super) struct Book<R: Played> {
    links: Vec<Link<R>>,
    openings: BTreeMap<usize, Opening>,
    wrong: Vec<String>,
}

impl<R: Played> Book<R> {
    fn new(world: &World) -> Self {
        let links = (0..world.links()).map(|link| Link {
            natures: world.natures(link),
            settings: world.settings(link),
            items: Vec::new(),
            index: BTreeMap::new(),
            rows: BTreeMap::new(),
            authored: BTreeSet::new(),
            losses: Vec::new(),
            clean: false,
            refused: None,
            quiet: Quiet::No,
            unauthorised: false,
            confirmed: false,
            settings_changed: false,
            store_lost: true,
            untouched_since_loss: false,
            ended_well: false,
            has_moved_start: false,
            read_until: None,
            horizon_before: None,
        });
        Self {
            links: links.collect(),
            openings: BTreeMap::new(),
            wrong: Vec::new(),
        }
    }

    fn complain(&mut self, at: DateTime<Utc>, what: &str) {
        self.wrong.push(format!("{at}: {what}"));
    }

    fn read(&mut self, at: DateTime<Utc>, entry: &Entry) {
        if let Some(of) = R::of_entry(entry) {
            self.of(at, of);
        }
        match entry {
            Entry::Opened { opening, link } => {
                let known = &self.links[*link];
                let pairs = known
                    .items
                    .iter()
                    .filter(|item| item.at.crm.is_some() && item.at.google.is_some());
                let deletions_allowed = if known.confirmed {
                    usize::MAX
                } else {
                    10.max(pairs.count() / 5)
                };
                self.openings.insert(
                    *opening,
                    Opening {
                        link: *link,
                        settings: known.settings.clone(),
                        deletions: 0,
                        deletions_allowed,
                        is_ordinary: known.ended_well,
                        whole: BTreeSet::new(),
                    },
                );
                self.links[*link].ended_well = false;
            }
            // One that was not granted the lease has done nothing, and leaves the link as it was.
            Entry::Ended { link, well } => self.links[*link].ended(*well),
            Entry::Settings { link, settings } => {
                let link = &mut self.links[*link];
                link.has_moved_start |= link.settings.start_from != settings.start_from;
                link.settings_changed |= !link.has_settings(settings);
                link.settings = (**settings).clone();
                link.untouched_since_loss = false;
            }
            Entry::Mark { link, mark } => self.marked(*link, *mark),
            Entry::Event(_)
            | Entry::Task(_)
            | Entry::Contact(_)
            | Entry::Granted { .. }
            | Entry::Committed { .. } => {}
        }
    }

    fn of(&mut self, at: DateTime<Utc>, of: &Of<R>) {
        match of {
            Of::Changed {
                by: By::Person,
                end,
                id,
                before,
                after,
                origin: _,
            } => self.by_a_person(*end, id, before.as_ref(), after.as_ref()),
            Of::Changed {
                by: By::Opening(opening),
                end,
                id,
                before,
                after,
                origin,
            } => self.by_a_run(
                at,
                *opening,
                *end,
                id,
                (before.as_ref(), after.as_ref()),
                origin.as_ref(),
            ),
            Of::Renamed { end, from, to } => {
                let link = &mut self.links[end.link];
                // A run may have read it under the name it had.
                if let Some(item) = link.index.get(&(end.side, from.clone())).copied() {
                    link.index.insert((end.side, to.clone()), item);
                    // From here on only its likeness tells what it belongs to.
                    link.items[item].by_hand = true;
                    if let Some(standing) = link.items[item].at.get_mut(end.side) {
                        standing.id = to.clone();
                        standing.apart |= standing.touched;
                        standing.renaming = true;
                        standing.renamed = true;
                    }
                }
            }
            Of::Row { end, id, of } => self.links[end.link].note_row(id, of),
            Of::Unmade { end, id } => {
                let link = &mut self.links[end.link];
                if let Some(item) = link.index.remove(&(end.side, id.clone())) {
                    *link.items[item].at.get_mut(end.side) = None;
                }
            }
            Of::Same { link, crm, google } => {
                let link = &mut self.links[*link];
                let joined = link.index[&(Side::Google, google.clone())];
                let left = link.index[&(Side::Crm, crm.clone())];
                link.items[joined].at.crm = link.items[left].at.crm.take();
                link.items[joined].said.crm = std::mem::take(&mut link.items[left].said.crm);
                link.items[joined].by_hand = true;
                link.index.insert((Side::Crm, crm.clone()), joined);
                link.note_arrivals(joined);
            }
            Of::Called { opening, end, asked } => self.called(at, *opening, *end, asked),
            Of::Answered { end, answer, .. } => self.answered(at, *end, answer),
        }
    }

    fn marked(&mut self, link: usize, mark: Mark) {
        let known = &mut self.links[link];
        match mark {
            Mark::Round { clean } => known.clean = clean,
            Mark::Settling => known.refused = Some(BTreeMap::new()),
            Mark::Calm => {}
            Mark::Quiet => known.quiet = Quiet::Yes,
            Mark::Turning { about_privacy } => {
                known.quiet = Quiet::Turning { about_privacy };
                known.horizon_before = known.read_until;
            }
            Mark::QuietEnds => {
                known.quiet = Quiet::No;
                known.refused = None;
            }
            Mark::StoreLost => {
                let keeps_marks = known.natures.google.keeps_marks;
                let settled =
                    known.items.iter().all(|item| {
                        let apart = item.living(Side::Crm).zip(item.living(Side::Google)).is_some_and(
                            |(crm, google)| R::FIELDS.iter().any(|field| !known.agree(*field, crm, google)),
                        );
                        (keeps_marks || !apart)
                            && Side::BOTH
                                .iter()
                                .all(|side| item.at.get(*side).as_ref().is_none_or(|one| !one.touched))
                    });
                let reunited = known.reunite();
                if !keeps_marks {
                    // From here on only their likeness tells what belongs together.
                    known.items.iter_mut().for_each(|item| item.by_hand = true);
                }
                let apart = |item: &Item<R>| {
                    let both = item.living(Side::Crm).zip(item.living(Side::Google));
                    let differs = |field: &R::Field| {
                        both.is_some_and(|(crm, google)| !known.agree(*field, crm, google))
                    };
                    R::FIELDS.iter().copied().filter(differs).collect::<BTreeSet<_>>()
                };
                let unbased: Vec<_> = known.items.iter().map(apart).collect();
                for (item, unbased) in known.items.iter_mut().zip(unbased) {
                    item.unbased = unbased;
                    item.joined = false;
                    for side in Side::BOTH {
                        if let Some(standing) = item.at.get_mut(side) {
                            // Without a base, nothing is no change (state table, *never paired*): the side that says
                            // something is believed.
                            let record = standing.record.clone();
                            let says_nothing = |field: &R::Field| {
                                record.as_ref().is_some_and(|record| record.is_empty(*field))
                            };
                            standing.unsent.retain(|field, _| !says_nothing(field));
                        }
                    }
                }
                known.store_lost = true;
                known.untouched_since_loss = settled && !reunited && !known.settings_changed;
                known.losses.clear();
                known.lose_track();
            }
            Mark::Confirmed => known.confirmed = true,
            Mark::Unauthorised => known.unauthorised = true,
            Mark::Authorised => known.unauthorised = false,
        }
    }

    fn called(&mut self, at: DateTime<Utc>, opening: usize, end: End, asked: &Asked<R>) {
        let Some(opened) = self.openings.get(&opening) else {
            return;
        };
        let link = opened.link;
        let is_off = !R::Settings::of(&opened.settings).enabled();
        let one_way = asked.is_write() && !travels::<R>(&opened.settings, end.side.other());
        if let (Asked::List { whole: true, until }, Side::Google) = (asked, end.side) {
            self.links[link].read_until = Some(*until);
        }
        if link != end.link {
            self.complain(
                at,
                &format!("a run of link {link} asked {asked:?} of link {}", end.link),
            );
        }
        if is_off {
            self.complain(at, &format!("{asked:?} of a kind that is switched off"));
        }
        if one_way {
            self.complain(
                at,
                &format!("{asked:?} of {}, which is read only by the settings", end.side),
            );
        }
        let whole = matches!(asked, Asked::List { whole: true, .. });
        if let Some(opened) = self.openings.get_mut(&opening).filter(|_| whole) {
            opened.is_ordinary = false;
            opened.whole.insert(end.side);
        }
        if let Some(why) = self.mails_for_nothing(at, opening, end, asked) {
            self.complain(at, &format!("guests are mailed: {asked:?}, {why}"));
        }
        if self.links[link].unauthorised {
            self.complain(
                at,
                &format!("asked although the authorisation is gone: {asked:?}"),
            );
        }
    }

    /// Guests are mailed only of what a person moved in the CRM, never of what is over, never in a first or recovery run.
    fn mails_for_nothing(
        &self,
        at: DateTime<Utc>,
        opening: usize,
        end: End,
        asked: &Asked<R>,
    ) -> Option<&'static str> {
        let id = match asked {
            Asked::Update { id, notify: true, .. } => id,
            Asked::Create { notify: true, .. } => return Some("of a copy just made"),
            Asked::Update { .. }
            | Asked::Create { .. }
            | Asked::List { .. }
            | Asked::Read(_)
            | Asked::Delete(_) => return None,
        };
        let (opened, link) = (self.openings.get(&opening)?, &self.links[end.link]);
        let item = link
            .index
            .get(&(end.side, id.clone()))
            .map(|item| &link.items[*item]);
        let original = item.and_then(|item| item.at.crm.as_ref());
        let moved = original.is_some_and(|one| one.unsent.keys().any(|field| R::is_place(*field)));
        let over = original
            .and_then(|one| one.record.as_ref()?.starts_at())
            .is_some_and(|starts_at| starts_at <= at);
        if !R::Settings::of(&opened.settings).tells_guests() {
            Some("which nobody wants")
        } else if end.side == Side::Crm || !moved {
            Some("which nobody moved in the CRM")
        } else if link.clean && over {
            Some("which is over")
        } else if opened.is_ordinary {
            None
        } else {
            Some("in a run that starts anew")
        }
    }

    /// A write that a side never takes is tried again after a while, then after a longer one.
    fn answered(&mut self, at: DateTime<Utc>, end: End, answer: &str) {
        let Some(refused) = &mut self.links[end.link].refused else {
            return;
        };
        if !answer.contains(REFUSED) {
            return;
        }
        let times = refused.entry(answer.to_owned()).or_default();
        times.push(at);
        // Once more than in turn where the side shows it again.
        if times.len() >= 4 && at - times[times.len() - 4] < TimeDelta::minutes(50) {
            self.complain(at, &format!("tried again and again: {answer}"));
        }
    }

    fn by_a_person(
        &mut self,
        end: End,
        id: &RemoteId,
        before: Option<&Snapshot<R>>,
        after: Option<&Snapshot<R>>,
    ) {
        let link = &mut self.links[end.link];
        link.untouched_since_loss = false;
        let key = (end.side, id.clone());
        let known = link
            .index
            .get(&key)
            .and_then(|item| link.items[*item].at.get(end.side).as_ref());
        if before.is_none() && known.is_some_and(|known| known.id != *id) {
            // Its name was another record's once.
            link.index.remove(&key);
        }
        let item = *link.index.entry(key).or_insert_with(|| {
            link.items.push(Item::new());
            link.items.len() - 1
        });
        link.items[item].note_said(end.side, after.map(|after| &after.record));
        let starts_at = |one: Option<&Snapshot<R>>| one.and_then(|one| one.record.starts_at());
        let has_moved = before.is_some() && starts_at(before) != starts_at(after);
        if has_moved {
            link.items[item].disturbed = true;
            link.lose_track();
        }
        let alone = link.items[item].living(end.side.other()).is_none();
        let stays_deleted = R::Settings::of(&link.settings).deletions() == Deletions::Keep
            || !travels::<R>(&link.settings, end.side);
        let too_early = before.is_some_and(|before| link.is_too_early(&before.record));
        let standing = link.items[item]
            .at
            .get_mut(end.side)
            .get_or_insert_with(|| Standing {
                id: id.clone(),
                record: None,
                deleted_by_person: false,
                stays_deleted: false,
                deleted_too_early: false,
                unsent: BTreeMap::new(),
                flags: BTreeSet::new(),
                touched: false,
                made: Made::ByAPerson,
                made_otherwise: false,
                made_in_part: false,
                private_lately: false,
                written: false,
                renamed: false,
                renaming: false,
                apart: false,
                agreed: None,
            });
        standing.record = after.map(|after| after.record.clone());
        let Some(after) = after else {
            standing.deleted_by_person = true;
            standing.stays_deleted = stays_deleted;
            standing.deleted_too_early = too_early;
            standing.touched = true;
            standing.unsent.clear();
            standing.flags.clear();
            return;
        };
        standing.deleted_by_person = false;
        standing.private_lately |= after.record.is_secret();
        let with_its_series = std::mem::replace(&mut standing.renaming, false);
        standing.apart |= !with_its_series && (standing.renamed || has_moved);
        for field in R::FIELDS.iter().copied() {
            let value = after.record.journal_value(field);
            if before.is_none_or(|before| before.record.journal_value(field) != value) {
                standing.touched = true;
                // A flag that is set and taken back says nothing.
                let agreed = standing.agreed.as_ref();
                let taken_back = agreed.is_some_and(|agreed| agreed.journal_value(field) == value);
                let never_arrived = standing.unsent.contains_key(&field);
                if taken_back && (alone || never_arrived) {
                    // It says again what both sides were agreed on, before the other one was deleted or has heard of
                    // anything else: whoever compares it with what was agreed sees no change (state table, *same as base*).
                    standing.flags.remove(&field);
                    standing.unsent.remove(&field);
                } else if R::is_flag(field) {
                    standing.flags.insert(field);
                } else {
                    standing.unsent.insert(field, value);
                }
            }
        }
        for text in after.record.texts() {
            link.authored.insert(token(text));
        }
        link.note_arrivals(item);
    }
}
