//! What the simulation has to know of each kind of record: how providers keep it, what people write into it, and what
//! may be shown of it.

mod contact;
mod event;
mod task;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rand::rngs::SmallRng;
use sync_core::id::RemoteId;
use sync_core::kind::{Kind, Series};
use sync_core::policy::Settings;
use sync_core::side::{PerSide, Side};
use sync_engine::connections::Kept;

use crate::door::POISON;
use crate::log::{Entry, Of};
use crate::people::People;
use crate::server::{Nature, Server};
use crate::world::{Provider, World};
pub(crate) use event::{repeat, repeat_in_rows};

/// How a record may be shown on the other side, whatever the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Whole,
    Busy,
    Not,
}

/// A kind of record that is played with.
pub(crate) trait Played: Kept {
    /// Where each side keeps it.
    const COLLECTIONS: PerSide<&'static str>;
    /// Which fields people edit, as often as they stand here.
    const EDITED: &'static [Self::Field];

    /// The provider's records of the kind.
    fn at(provider: &Provider) -> &Arc<Server<Self>>;
    /// Something that happened, for the log.
    fn entry(of: Of<Self>) -> Entry;
    /// What of the log is about this kind.
    fn of_entry(entry: &Entry) -> Option<&Of<Self>>;

    /// What a side makes of it.
    fn rewritten(&self, nature: &Nature<Self>) -> Self;
    /// What a side adds when it takes the record down.
    fn stamped(self, _nature: &Nature<Self>, _now: DateTime<Utc>) -> Self {
        self
    }
    /// Takes away the tag or label by which it is in scope, if it is of such a kind.
    fn lose_label(&mut self) {}
    /// Everything it says in words. Each begins with a number that nobody wrote before, or is empty.
    fn texts(&self) -> Vec<&str>;
    /// The text that people poison.
    fn poisonable(&mut self) -> &mut String;
    /// Whether no side ever takes it.
    fn is_poisoned(&self) -> bool {
        self.texts().iter().any(|text| text.contains(POISON))
    }

    /// A record that nobody has written before; often longer, or stranger, than some sides keep.
    fn written(people: &mut People, random: &mut SmallRng, now: DateTime<Utc>) -> Self;
    /// A person changes one field.
    fn edit(&mut self, field: Self::Field, people: &mut People, random: &mut SmallRng, now: DateTime<Utc>);
    /// What a person's copy of it on both sides must not say.
    fn made_by_hand_twice(self) -> Self {
        self
    }
    /// What people do to this kind alone; `false` where there is nothing.
    fn act_specially(_people: &mut People, _world: &World, _link: usize, _random: &mut SmallRng) -> bool {
        false
    }
    /// The occurrences of a series, counted out by its rule.
    fn occurrences(_series: &Series<Self>) -> Vec<Self> {
        Vec::new()
    }
    /// The name of a record that a person makes.
    fn name(_side: Side, number: u64, _random: &mut SmallRng) -> String {
        format!("person-{number}")
    }

    /// Whether nobody would take a copy that says this for anything else; `is_new` where it never had another copy.
    fn is_recognised_as(&self, copy: &Self, _is_new: bool) -> bool {
        self == copy
    }
    /// The fields into which another value of this one can move.
    fn slots(_field: Self::Field) -> &'static [Self::Field] {
        &[]
    }
    /// What a write took away that nobody had asked for.
    fn spoilt(&self, _field: Self::Field, _after: &Self) -> bool {
        false
    }

    /// What the settings say of this kind.
    fn of_kind(settings: &Settings) -> String {
        match Self::KIND {
            Kind::Event => format!("{:?}", settings.events),
            Kind::Task => format!("{:?}", settings.tasks),
            Kind::Contact => format!("{:?}", settings.contacts),
        }
    }
    /// How it may be shown on the other side, as the settings say and so far as time has no say in it.
    fn shown(&self, settings: &Settings, side: Side, id: &RemoteId, across: &Nature<Self>) -> Shown;
    /// Whether only the side's clock tells its place in time.
    fn is_placed_by_clock(&self) -> bool {
        false
    }
    /// Whether a field is what a private record keeps to itself.
    fn is_content(_field: Self::Field) -> bool {
        false
    }
    /// Whether a field is a flag: set and taken back, it says nothing.
    fn is_flag(_field: Self::Field) -> bool {
        false
    }
    /// Whether a field's value may be mixed from what both sides say.
    fn is_mixed(_field: Self::Field) -> bool {
        false
    }
    /// Whether a field is the record's place in time.
    fn is_place(_field: Self::Field) -> bool {
        false
    }
}
