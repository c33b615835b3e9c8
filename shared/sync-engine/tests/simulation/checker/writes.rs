//! What a run may write, and what it may not.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sync_core::id::RemoteId;
use sync_core::policy::{ConflictWinner, Direction, KindSettings};
use sync_core::side::Side;

use super::Book;
use super::model::{Item, Link, Made, Standing, token};
use crate::kinds::Played;
use crate::log::{End, Origin, Snapshot};

/// What stands in for a private event's content.
const BUSY: &str = "Busy";

impl<R: Played> Book<R> {
    pub(super) fn by_a_run(
        &mut self,
        at: DateTime<Utc>,
        opening: usize,
        end: End,
        id: &RemoteId,
        (before, after): (Option<&Snapshot<R>>, Option<&Snapshot<R>>),
        origin: Option<&Origin>,
    ) {
        let link = &self.links[end.link];
        let known = link.index.get(&(end.side, id.clone())).copied();
        let original = match origin {
            Some(Origin::Record(origin)) => link.index.get(&(end.side.other(), origin.clone())).copied(),
            Some(Origin::Series(first)) => after.and_then(|after| link.item_of_row(first, &after.record)),
            None => None,
        };
        let mut wrong = Vec::new();
        if !link.may_be_written(end, known.or(original), after.map(|after| &after.record)) {
            wrong.push(format!(
                "{id} was written although nothing was left to do: {before:?} became {after:?}"
            ));
        }
        if let (Some(before), Some(after)) = (before, after)
            && before.unmapped != after.unmapped
        {
            wrong.push(format!("{id}: a field that is not ours was touched"));
        }
        if let Some(after) = after {
            for text in after.record.texts() {
                let ours = text.is_empty() || text == BUSY || link.authored.contains(&token(text));
                if !ours {
                    wrong.push(format!("{id} says {text:?}, which nobody of this link wrote"));
                }
            }
        }
        let of_item = match (before, after) {
            (None, Some(after)) => self.made(opening, end, id, &after.record, known.or(original)),
            (Some(before), Some(after)) => {
                known.and_then(|item| self.overwritten(end, item, &before.record, &after.record))
            }
            (Some(_), None) => known.and_then(|item| self.deleted(opening, end, item)),
            (None, None) => None,
        };
        let item = known.or(original);
        if let Some(item) = item {
            self.links[end.link].note_arrivals(item);
        }
        let is_untold = item.is_some_and(|item| self.links[end.link].items[item].untold);
        wrong.extend(of_item.filter(|_| !is_untold));
        for what in wrong {
            self.complain(at, &what);
        }
    }

    /// A run made a copy.
    fn made(
        &mut self,
        opening: usize,
        end: End,
        id: &RemoteId,
        record: &R,
        item: Option<usize>,
    ) -> Option<String> {
        let whole = self.openings.get(&opening).map(|opened| &opened.whole);
        let is_whole = |side: Side| whole.is_some_and(|whole| whole.contains(&side));
        let link = &mut self.links[end.link];
        let Some(item) = item else {
            return Some(format!("{id} was made from nothing that is known"));
        };
        let source = link.items[item].at.get(end.side.other()).as_ref();
        let there = link.items[item].at.get(end.side).as_ref();
        // One that a person changes by itself while its whole series moves need not be known again (state table, *never
        // paired*: strict equality), nor one that was left behind by a run that died in the middle of the move.
        let both = || [source, there].into_iter().flatten();
        let may_be_apart = !link.clean || both().any(|one| one.apart);
        let moved_apart = both().any(|one| one.renamed) && may_be_apart;
        if moved_apart || (link.items[item].by_hand && !link.items[item].joined) {
            // Nobody can tell any more that the two are one thing: from here on they are two.
            if let Some(alone) = link.items[item].at.get_mut(end.side).take() {
                let apart = link.items.len();
                link.index.insert((end.side, alone.id.clone()), apart);
                let mut other = Item {
                    untold: link.items[item].untold,
                    twin: (!moved_apart).then_some(item),
                    ..Item::new()
                };
                link.items[item].twin = (!moved_apart).then_some(apart);
                other
                    .said
                    .get_mut(end.side)
                    .clone_from(link.items[item].said.get(end.side));
                *other.at.get_mut(end.side) = Some(alone);
                link.items.push(other);
            }
        }
        // Without a base there is no deletion (state table, *never paired*).
        // And what a private mode hid comes back with it, whoever took the copy away (Policy, *private events*).
        let was_hidden = link.settings_changed && link.is_private(item);
        let may_be_new = link.store_lost || link.items[item].unjoinable || was_hidden;
        let wrong = {
            let there = link.items[item].at.get(end.side).as_ref();
            let source = link.items[item].at.get(end.side.other()).as_ref();
            let across = link.natures.get(end.side.other());
            let is_unmarked = across.draws_names && !across.keeps_marks && is_whole(end.side.other());
            let edited = source.is_some_and(|one| {
                let unknown = one.made_otherwise || one.made_in_part && is_unmarked;
                one.touched || one.written || one.waits() || unknown
            });
            if there.is_some_and(|there| there.record.is_some()) {
                Some(format!("{id} doubles what is there already"))
            } else if there.is_some_and(|there| there.deleted_by_person) && !edited && !may_be_new {
                Some(format!(
                    "{id} brings back what a person deleted and nobody edited"
                ))
            } else if link.untouched_since_loss && there.is_some_and(|there| !there.stays_deleted) {
                Some(format!(
                    "{id} was made after the memory was lost, and nothing had changed"
                ))
            } else {
                None
            }
        };
        let cut = link.natures.get(end.side).without_squeezing();
        let foreseen = link.items[item].living(end.side.other()).is_some_and(|source| {
            let there = cut.rewritten(source);
            let is_kept = |field: &R::Field| there.journal_value(*field) == record.journal_value(*field);
            R::FIELDS.iter().all(is_kept)
        });
        *link.items[item].at.get_mut(end.side) = Some(Standing {
            id: id.clone(),
            record: Some(record.clone()),
            deleted_by_person: false,
            stays_deleted: false,
            deleted_too_early: false,
            unsent: BTreeMap::new(),
            flags: BTreeSet::new(),
            touched: false,
            made: Made::JustNow,
            made_otherwise: !foreseen,
            made_in_part: !is_whole(end.side),
            private_lately: false,
            written: false,
            renamed: false,
            renaming: false,
            apart: false,
            agreed: None,
        });
        link.items[item].note_said(end.side, Some(record));
        link.index.insert((end.side, id.clone()), item);
        wrong
    }

    /// A run wrote over a record.
    fn overwritten(&mut self, end: End, item: usize, before: &R, after: &R) -> Option<String> {
        let link = &mut self.links[end.link];
        let must_win = link.must_win(end.side);
        let clean = link.clean && !link.store_lost;
        let across = link.items[item].at.get(end.side.other()).as_ref();
        let theirs: Vec<R::Field> = across
            .map(|one| one.unsent.keys().copied().collect())
            .unwrap_or_default();
        let cut = link.natures.get(end.side.other()).without_squeezing();
        let is_private = |one: &Standing<R>| one.record.as_ref().is_some_and(R::is_secret);
        let is_private = |one: &Standing<R>| one.private_lately || is_private(one);
        let private = across.is_some_and(is_private);
        let across_agreed = across.map(|one| one.agreed.clone());
        let across_now = across.and_then(|one| one.record.clone());
        let both_ways = link.direction() == Direction::Both;
        let unbased = link.items[item].unbased.clone();
        let joined = link.items[item].joined;
        let too_early = link.is_too_early(before);
        let foreign = link.foreign(end.side, item, before, after);
        link.items[item].note_said(end.side, Some(after));
        let mut wrong = None;
        let standing = link.items[item].at.get_mut(end.side).as_mut()?;
        // What was made private on a copy is not for its original to read.
        let private_here = private || is_private(standing);
        let mut found_elsewhere = Vec::new();
        for field in R::FIELDS.iter().copied() {
            let (was, is) = (before.journal_value(field), after.journal_value(field));
            if was == is {
                continue;
            }
            if !R::is_flag(field) && cut.rewritten(before).journal_value(field) == is {
                wrong = Some(format!(
                    "{} lost the end of {was} to a side that cannot hold it",
                    standing.id
                ));
            }
            if foreign.contains(&field) {
                wrong = Some(format!(
                    "{}: {is} was never said of it on the other side",
                    standing.id
                ));
            }
            if before.spoilt(field, after) {
                wrong = Some(format!(
                    "{}: {was} lost more than anybody changed: {is}",
                    standing.id
                ));
            }
            let moved = R::slots(field)
                .iter()
                .any(|slot| before.is_empty(field) || after.journal_value(*slot) == was);
            // Without a base both count as said (state table, *never paired*): also what nobody wrote since, once it has
            // moved to make room. Where it may not travel, it waits there (I13).
            let is_unsent = standing.unsent.get(&field) == Some(&was);
            if is_unsent || unbased.contains(&field) && !before.is_empty(field) {
                let has_moved_to = |slot: &&R::Field| {
                    after.journal_value(**slot) == was && (is_unsent || before.is_empty(**slot))
                };
                let slot = R::slots(field).iter().find(has_moved_to);
                found_elsewhere.extend(slot.map(|slot| (*slot, was.clone())));
            }
            if is_unsent && !moved {
                let was_empty = |one: &Option<R>| one.as_ref().is_some_and(|agreed| agreed.is_empty(field));
                let added = was_empty(&standing.agreed) && across_agreed.as_ref().is_some_and(was_empty);
                let is_free = |slot: &R::Field| {
                    let free = |record: &R| record.is_empty(*slot);
                    let held = Side::BOTH
                        .iter()
                        .all(|side| R::can_hold(*slot, &link.natures.get(*side).limits));
                    held && free(before) && across_now.as_ref().is_some_and(free)
                };
                if clean && both_ways && added && R::slots(field).iter().any(is_free) {
                    wrong = Some(format!(
                        "{}: {was} gave way to {is}, and there was room",
                        standing.id
                    ));
                }
                // What its original must not show any more is as good as written over by a person (Policy, *private
                // events*). Two records one of which is never taken are not joined yet, and without a base both count as
                // said (I15; state table, *never paired*).
                let contested = theirs.contains(&field)
                    || unbased.contains(&field)
                    || (private && R::is_content(field))
                    || (before.is_poisoned() && !joined);
                if clean && !contested {
                    wrong = Some(format!(
                        "{}: {was} lost against {is}, which nobody had written since",
                        standing.id
                    ));
                }
                if clean && theirs.contains(&field) && must_win && !private_here && !too_early {
                    wrong = Some(format!(
                        "{}: {was} lost against {is}, whatever the settings say",
                        standing.id
                    ));
                }
                if !before.is_empty(field) {
                    link.losses.push((item, field, was));
                }
            }
            standing.unsent.remove(&field);
        }
        // What gave way to another value is a person's still, wherever it is now.
        standing.unsent.extend(found_elsewhere);
        standing.apart |= before.starts_at() != after.starts_at();
        standing.record = Some(after.clone());
        standing.written = true;
        wrong
    }

    /// A run deleted a record.
    fn deleted(&mut self, opening: usize, end: End, item: usize) -> Option<String> {
        let link = &mut self.links[end.link];
        let known = &mut link.items[item];
        let hidden = known.living(end.side.other()).is_some_and(R::is_secret);
        let across = known.at.get(end.side.other()).as_ref();
        let tombstone = across.is_some_and(|one| one.deleted_by_person);
        // As where one is made.
        let here = known.at.get(end.side).as_ref();
        let both = || [across, here].into_iter().flatten();
        let may_be_apart = !link.clean || both().any(|one| one.apart);
        let moved_apart = across.is_none_or(|one| one.renamed && may_be_apart);
        let standing = known.at.get_mut(end.side).as_mut()?;
        let id = standing.id.clone();
        let edits = std::mem::take(&mut standing.unsent);
        standing.record = None;
        let opened = self.openings.get_mut(&opening)?;
        // What a stricter private mode hides does not count: it is the user's own wish (Policy, *private events*).
        opened.deletions += usize::from(tombstone || !hidden);
        if opened.deletions > opened.deletions_allowed {
            return Some(format!(
                "{id}: {} deletions in one run, and nobody let them go on",
                opened.deletions
            ));
        }
        if !hidden && !edits.is_empty() {
            return Some(format!("{id} was deleted with the edits {edits:?}"));
        }
        (!tombstone && !hidden && !moved_apart).then(|| format!("{id} was deleted, and its partner was not"))
    }
}

impl<R: Played> Link<R> {
    /// Whether what this side says has to win where both changed the same.
    fn must_win(&self, side: Side) -> bool {
        let wins = match R::Settings::of(&self.settings).conflict_winner() {
            ConflictWinner::Newest => false,
            ConflictWinner::Crm => side == Side::Crm,
            ConflictWinner::Google => side == Side::Google,
        };
        wins && self.direction() == Direction::Both
    }

    /// The fields into which a run wrote what the item never said on the other side.
    fn foreign(&self, side: Side, item: usize, before: &R, after: &R) -> Vec<R::Field> {
        let is_foreign = |field: &R::Field| {
            let is = after.journal_value(*field);
            let is_said = || self.items[item].was_said(side, self.natures.get(side), *field, &is);
            let is_veiled = after.texts().first() == Some(&BUSY) && R::is_content(*field);
            let mut slots = R::slots(*field).iter();
            let is_moved = slots.any(|slot| before.journal_value(*slot) == is);
            let says_nothing = R::is_flag(*field) || R::is_mixed(*field) || after.is_empty(*field);
            before.journal_value(*field) != is && !says_nothing && !is_veiled && !is_moved && !is_said()
        };
        R::FIELDS.iter().copied().filter(is_foreign).collect()
    }
}
