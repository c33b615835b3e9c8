//! One side's records, found by their names.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use super::{ById, Seen};
use crate::change::Observed;
use crate::id::RemoteId;

/// A side's records by their names, in no order.
///
/// Every record that was reported is put in once and looked for a few times, so finding one costs no walk through the
/// names of others; only those that are left in the end are put in order. Hashing is kept in this file alone: elsewhere
/// in the decision everything has an order.
pub(super) struct Present<R>(HashSet<Named<R>, Hashing>);

/// What is only ever looked up: it is in no order, so nobody walks through it.
pub(super) type Lookup<K, V> = HashMap<K, V, Hashing>;

/// Always the same hash, unlike the one that the standard library draws.
type Hashing = BuildHasherDefault<DefaultHasher>;

/// A record that goes by its name.
struct Named<R>(Seen<R>);

impl<R> Borrow<RemoteId> for Named<R> {
    fn borrow(&self) -> &RemoteId {
        &self.0.id
    }
}

impl<R> PartialEq for Named<R> {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl<R> Eq for Named<R> {}

impl<R> Hash for Named<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

impl<R> Present<R> {
    /// None yet, with room for so many.
    pub(super) fn with_room_for(records: usize) -> Self {
        Self(HashSet::with_capacity_and_hasher(records, Hashing::default()))
    }

    /// Puts a record in, in the place of what was reported of it before.
    pub(super) fn put(&mut self, seen: Observed<R>) {
        self.0.replace(Named(Box::new(seen)));
    }

    /// The record of that name.
    pub(super) fn get(&self, id: &RemoteId) -> Option<&Observed<R>> {
        self.0.get(id).map(|named| &*named.0)
    }

    /// Whether there is a record of that name.
    pub(super) fn contains(&self, id: &RemoteId) -> bool {
        self.0.contains(id)
    }

    /// Takes the record of that name out.
    pub(super) fn take(&mut self, id: &RemoteId) -> Option<Seen<R>> {
        self.0.take(id).map(|named| named.0)
    }

    /// Leaves only some records.
    pub(super) fn retain(&mut self, mut is_left: impl FnMut(&Observed<R>) -> bool) {
        self.0.retain(|named| is_left(&named.0));
    }

    /// The names of all but some, in their order.
    pub(super) fn names_without<'a>(&self, others: impl Iterator<Item = &'a RemoteId>) -> Vec<&RemoteId> {
        let others: HashSet<&RemoteId, Hashing> = others.collect();
        let names = self.0.iter().map(|named| &named.0.id);
        let mut names: Vec<&RemoteId> = names.filter(|id| !others.contains(id)).collect();
        names.sort_unstable();
        names
    }

    /// All of them, in the order of their names.
    pub(super) fn in_order(self) -> ById<R> {
        let named = self.0.into_iter();
        named.map(|Named(seen)| (seen.id.clone(), seen)).collect()
    }
}
