//! The neutral records, one folder a kind, and what every kind must be able to do.

pub mod contact;
pub mod event;
mod fingerprint;
pub mod line;
pub mod task;

use std::borrow::Cow;
use std::fmt::Debug;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use fingerprint::{Fingerprint, Fingerprints};

use crate::change::{Observed, Window};
use crate::policy::{KindSettings, Scope};
use crate::recurrence::Rule;
use crate::side::{PerSide, Side};

/// The kinds of record that can be kept in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// CRM meetings and calls with Google Calendar events.
    Event,
    /// CRM tasks with Google Tasks.
    Task,
    /// CRM contacts with Google Contacts.
    Contact,
}

impl Kind {
    /// Every kind, in the order in which a run takes them.
    pub const ALL: [Kind; 3] = [Kind::Event, Kind::Task, Kind::Contact];

    /// The word used in keys, logs and problems.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Event => "event",
            Kind::Task => "task",
            Kind::Contact => "contact",
        }
    }
}

/// A neutral record that can be merged field by field.
///
/// Law: two records with equal fingerprints in every field are the same record to the sync.
pub trait Record: Clone + Debug + PartialEq + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// The units of merging.
    type Field: Copy + Debug + Ord + Send + Sync + 'static;
    /// What a side cannot hold (lengths, characters), by which values are compared at the poorer precision.
    type Limits: Clone + Debug + Send + Sync;
    /// The user's settings for the kind.
    type Settings: KindSettings;

    /// Which kind this is.
    const KIND: Kind;
    /// Every field, in a fixed order.
    const FIELDS: &'static [Self::Field];

    /// The field's name in the store and in the journal.
    fn field_name(field: Self::Field) -> &'static str;
    /// A fingerprint of the field's value in normal form.
    fn fingerprint(&self, field: Self::Field) -> Fingerprint;
    /// Takes one field's value from another record.
    fn take(&mut self, field: Self::Field, from: &Self);
    /// Whether two values of a field differ in nothing that both sides can hold.
    fn same(&self, field: Self::Field, other: &Self, limits: PerSide<&Self::Limits>) -> bool;
    /// Whether two values of a field differ in nothing but the way in which the CRM's own Google sync has written
    /// one of them down. Counts for records that are joined without a base, which then differ in nothing.
    fn stands_for(&self, _field: Self::Field, _other: &Self, _limits: PerSide<&Self::Limits>) -> bool {
        false
    }
    /// Whether both records have the field's value and all of its sort, only in other fields.
    fn is_rearranged(&self, _field: Self::Field, _other: &Self) -> bool {
        false
    }
    /// The fingerprint of the field's value as a side shows it that can hold so much, as far as that is known.
    fn fingerprint_there(&self, field: Self::Field, _limits: &Self::Limits) -> Fingerprint {
        self.fingerprint(field)
    }
    /// The fingerprint of what of the field's value both sides can hold. Where two records have the same, they are the
    /// [`same`](Self::same); where one says less than the other, they may be the same all the same.
    fn shared_fingerprint(&self, field: Self::Field, limits: PerSide<&Self::Limits>) -> Fingerprint;
    /// The field's value as a journal shows and restores it.
    fn journal_value(&self, field: Self::Field) -> serde_json::Value;
    /// Takes a field's value from a journal; `None` where it is no value of that field.
    fn put_journal_value(&mut self, field: Self::Field, value: &serde_json::Value) -> Option<()>;
    /// The instant by which windows place it; `None` for what has no place in time and is inside every window.
    fn starts_at(&self) -> Option<DateTime<Utc>>;
    /// What people call it.
    fn title(&self) -> Cow<'_, str>;
    /// Whether a field says nothing, so that another value takes its place without a loss.
    fn is_empty(&self, field: Self::Field) -> bool;
    /// Whether a side has the field at all.
    fn can_hold(field: Self::Field, limits: &Self::Limits) -> bool;
    /// What two records must share to be taken for one thing without any mark: signs of which any one will do, the
    /// strongest sort of sign first.
    fn likenesses(&self, limits: PerSide<&Self::Limits>) -> Vec<Vec<String>>;
    /// Signs by which a copy of ours is known again that somebody has edited since, where it bears no mark of ours, the
    /// making was under way when the run died, and the copy was not there before. Any one will do.
    fn traces(&self) -> Vec<String> {
        Vec::new()
    }
    /// Whether records that several others are like are told to a person. Where not, they are taken in order.
    const TELLS_AMBIGUITY: bool;
    /// Whether a record of `side` travels to the other one, which can hold so much, and as what.
    fn scope(
        settings: &Self::Settings,
        window: Window,
        side: Side,
        seen: &Observed<Self>,
        target: &Self::Limits,
    ) -> Scope;
    /// The record as it travels under that scope.
    fn outgoing(&self, scope: Scope) -> Cow<'_, Self>;
    /// Whether a copy that travels veiled shows something else for this field than its original.
    fn is_veiled(field: Self::Field) -> bool;
    /// Whether its content is for its owner's eyes only. Nothing else is ever [hidden](Scope::Hidden).
    fn is_secret(&self) -> bool {
        false
    }
    /// Whether a change of the field travels although it took the record out of scope: it is what tells the other
    /// side so.
    fn tells_leaving(_field: Self::Field) -> bool {
        false
    }
    /// Whether what a record shows of the field says nothing about it, so that the other side's value counts.
    fn says_nothing(_field: Self::Field, _seen: &Observed<Self>) -> bool {
        false
    }
    /// Where the loser's value of a field goes when this record keeps the field. Two people who have added different
    /// numbers to one contact keep both.
    fn room_for(
        &self,
        _field: Self::Field,
        _loser: &Self,
        _limits: PerSide<&Self::Limits>,
    ) -> Room<Self::Field> {
        Room::None
    }
    /// Takes another record's value of one field into another field of the same sort.
    fn take_into(&mut self, _slot: Self::Field, _field: Self::Field, _from: &Self) {}
    /// Whether guests may want to hear that the field changed.
    fn concerns_guests(field: Self::Field) -> bool;
    /// The one record with a rule that rows of a series can be on a side that can hold so much; `None` where they
    /// follow no rule, and for kinds that do not recur.
    fn series_of(_rows: &[Self], _zone: Tz, _target: &Self::Limits) -> Option<Series<Self>> {
        None
    }
    /// The field of that name.
    fn field_named(name: &str) -> Option<Self::Field> {
        Self::FIELDS
            .iter()
            .copied()
            .find(|field| Self::field_name(*field) == name)
    }
}

/// A record that recurs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series<R> {
    /// The first occurrence, which says what most of them say.
    pub first: R,
    /// The rule by which the others follow.
    pub rule: Rule,
}

/// What becomes of a value that may not stay in its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room<F> {
    /// The record that keeps the field has the value in this other one already: nothing is lost, as long as it stays there.
    AlreadyThere(F),
    /// It moves to this field, which says nothing in either record.
    Free(F),
    /// There is no room: it is lost, and belongs into the journal.
    None,
}
