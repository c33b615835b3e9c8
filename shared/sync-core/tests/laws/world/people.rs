//! What people do to a world.

use sync_core::change::ReadOnly;
use sync_core::id::RemoteId;
use sync_core::side::Side;

use super::World;
use super::server::{Server, collection, elsewhere};
use crate::history::{Content, Deed, History, On, Start, What};
use crate::played::Played;

impl<R: Played> World<R> {
    /// Puts there what there is in the beginning.
    pub(super) fn fill(&mut self, history: &History<R::Field>) {
        for (about, start) in history.items.iter().enumerate() {
            let second = |what: Content, alike: bool| Content {
                title: what.title + usize::from(!alike),
                description: what.description + 1,
                ..what
            };
            match start.on {
                On::Crm => self.make(about, start, Side::Crm, start.what),
                On::Google => self.make(about, start, Side::Google, start.what),
                On::Both { alike } => {
                    self.make(about, start, Side::Crm, start.what);
                    self.make(about, start, Side::Google, second(start.what, alike));
                }
                On::Nowhere => {}
            }
        }
    }

    fn make(&mut self, about: usize, start: &Start, side: Side, what: Content) {
        self.clock += 1;
        let item = self.joined.len();
        self.joined.push(item);
        let other = self.has_other_secrets(side, start.what.private);
        let mut held = Server::held(about, item, R::of(what, other), self.clock);
        match side {
            Side::Crm => held.record_type = Some(if start.call { "call" } else { "meeting" }),
            Side::Google => held.read_only = start.read_only,
        }
        let id = RemoteId::new(collection(side), format!("{item}"));
        self.servers.get_mut(side).put(id, held);
    }

    /// Whether what a person writes into an original there is said otherwise in this world.
    fn has_other_secrets(&self, side: Side, is_secret: bool) -> bool {
        is_secret && self.secrets_of == Some(side)
    }

    /// One deed.
    pub(super) fn person_does(&mut self, history: &History<R::Field>, deed: Deed<R::Field>) {
        self.clock += 1;
        let now = self.clock;
        let Deed { about, side, what } = deed;
        let about = about % history.items.len();
        // A copy of which nobody knows yet, because its making was not answered, is not found again once either record
        // was moved, given away or restored. So these are not done where answers are lost.
        let is_calm = history.faults.is_empty();
        let Some(start) = history.items.get(about) else {
            return;
        };
        let found = |server: &Server<R>| {
            let mut records = server.records.iter();
            records
                .find(|(_, held)| held.about == about)
                .map(|(id, held)| (id.clone(), held.item, held.is_copy))
        };
        let is_nowhere = Side::BOTH.iter().all(|side| {
            let server = self.servers.get(*side);
            found(server).is_none() && server.bin.values().all(|held| held.about != about)
        });
        if let What::Make = what {
            if is_nowhere {
                self.make(about, start, side, start.what);
            }
            return;
        }
        let Some((id, item, is_copy)) = found(self.servers.get(side)) else {
            if let What::Return = what
                && is_calm
            {
                self.restore(about, side);
            }
            return;
        };
        let other = self.has_other_secrets(side, start.what.private && !is_copy);
        let is_mine = self
            .servers
            .get(side)
            .records
            .get(&id)
            .is_some_and(|held| held.mine);
        let server = self.servers.get_mut(side);
        match what {
            What::Edit(field, value) if is_mine => {
                server.touch(&id, now, |held| held.record.edit(field, value, other));
            }
            What::Save if is_mine => server.touch(&id, now, |_| {}),
            What::Delete => {
                server.delete(&id);
                self.deleted.insert((side, item));
            }
            // What was moved and given away in one breath is told from what was deleted by nobody.
            What::Leave if !self.something_moved && is_calm => {
                server.touch(&id, now, |held| held.mine = false);
                self.came_or_went = true;
            }
            What::Return if !is_mine => {
                server.touch(&id, now, |held| {
                    held.mine = true;
                    held.returned = true;
                });
                self.returned(item);
            }
            What::Move if is_mine && is_calm && !self.came_or_went => {
                server.move_to_other_collection(side, &id);
                self.something_moved = true;
                self.returned(item);
            }
            What::Edit(_, _) | What::Save | What::Leave | What::Return | What::Move | What::Make => {}
        }
    }

    fn restore(&mut self, about: usize, side: Side) {
        let server = self.servers.get(side);
        let binned = server.bin.iter().find(|(_, held)| held.about == about);
        let Some(id) = binned.map(|(id, _)| id.clone()) else {
            return;
        };
        if let Some(mut held) = self.servers.get_mut(side).bin.remove(&id) {
            self.came_or_went = true;
            held.returned = true;
            let item = held.item;
            // It may have been made anew meanwhile: then this is a second one of a person's own making.
            held.item = self.joined.len();
            self.joined.push(held.item);
            self.servers.get_mut(side).put(id, held);
            self.returned(item);
        }
    }

    /// What is put back, or elsewhere, counts like an edit.
    fn returned(&mut self, item: usize) {
        let thing = self.thing(item);
        let others: Vec<_> = self.deleted.iter().copied().collect();
        for (side, other) in others {
            if self.thing(other) == thing {
                self.deleted.remove(&(side, other));
            }
        }
    }

    /// Whether a person deleted the thing on that side, and did not put it back.
    pub(super) fn was_deleted(&self, side: Side, item: usize) -> bool {
        let thing = self.thing(item);
        let mut deleted = self.deleted.iter();
        deleted.any(|(on, other)| *on == side && self.thing(*other) == thing)
    }
}

impl<R: Played> Server<R> {
    fn move_to_other_collection(&mut self, side: Side, id: &RemoteId) {
        let name = RemoteId::new(elsewhere(side, &id.collection), id.id.clone());
        if self.records.contains_key(&name) || self.bin.contains_key(&name) {
            return;
        }
        if let Some(mut held) = self.records.remove(id) {
            held.moved = true;
            self.note(id);
            self.put(name, held);
        }
    }
}

/// Whether a record that may not be written is left out of the sync altogether.
pub(crate) fn is_left_out(read_only: Option<ReadOnly>) -> bool {
    match read_only {
        None | Some(ReadOnly::NotOrganizer | ReadOnly::Calendar) => false,
        Some(ReadOnly::EventType | ReadOnly::HiddenDetails) => true,
    }
}
