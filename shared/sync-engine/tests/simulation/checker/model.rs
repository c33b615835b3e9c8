//! What the checker keeps in mind: items, and how the records of each stand on both sides.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Timelike, Utc};
use serde_json::Value;
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_core::policy::{Direction, PrivateMode, Settings};
use sync_core::side::{PerSide, Side};

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
pub(super) struct Standing {
    pub(super) id: RemoteId,
    /// What it says; `None` once it is deleted.
    pub(super) record: Option<EventRecord>,
    /// A person deleted it.
    pub(super) deleted_by_person: bool,
    /// It was deleted while that was not to be carried over: its partner stays.
    pub(super) stays_deleted: bool,
    /// What people last wrote into it and the other side has not shown yet.
    pub(super) unsent: BTreeMap<EventField, Value>,
    /// A person changed it in this round.
    pub(super) touched: bool,
    /// A run made it, and when it was in this round, it may have died before it could say so.
    pub(super) made: Made,
    /// It was private at some time in this round, or since a veil could be lifted last.
    pub(super) private_lately: bool,
    /// Its series was moved in this round, so that it goes by another name.
    pub(super) renamed: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Item {
    pub(super) at: PerSide<Option<Standing>>,
    /// People made it on both sides by hand: only its likeness tells that it is one thing.
    pub(super) by_hand: bool,
}

impl Item {
    pub(super) fn living(&self, side: Side) -> Option<&EventRecord> {
        self.at.get(side).as_ref()?.record.as_ref()
    }
}

/// One account link: its items, and what is allowed as things are.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that happened, or did not"
)]
pub(super) struct Link {
    pub(super) natures: PerSide<Nature>,
    pub(super) settings: Settings,
    pub(super) items: Vec<Item>,
    pub(super) index: BTreeMap<(Side, RemoteId), usize>,
    /// What people of this link ever wrote, by the number each text begins with.
    pub(super) authored: BTreeSet<String>,
    /// Overwritten edits that the journal has to hold.
    pub(super) losses: Vec<(EventField, Value)>,
    pub(super) clean: bool,
    /// When each write was refused since there were no more faults; none as long as there are.
    pub(super) refused: Option<BTreeMap<String, Vec<DateTime<Utc>>>>,
    pub(super) quiet: bool,
    pub(super) unauthorised: bool,
    pub(super) confirmed: bool,
    pub(super) settings_changed: bool,
    /// Nothing was remembered of what both sides agreed on: in the beginning, and after the store was lost.
    pub(super) store_lost: bool,
    /// The store was lost when both sides agreed, and nobody did anything since.
    pub(super) untouched_since_loss: bool,
    /// Up to where the last whole reading looked.
    pub(super) read_until: Option<DateTime<Utc>>,
}

pub(super) fn travels(settings: &Settings, from: Side) -> bool {
    match settings.events.direction {
        Direction::Both => true,
        Direction::CrmToGoogle => from == Side::Crm,
        Direction::GoogleToCrm => from == Side::Google,
    }
}

/// The number that every text of a person begins with.
pub(super) fn token(text: &str) -> String {
    text.chars().take_while(char::is_ascii_digit).collect()
}

/// Whether a field is what a private event keeps to itself.
pub(super) fn is_content(field: EventField) -> bool {
    match field {
        EventField::Title | EventField::Description | EventField::Location => true,
        EventField::When | EventField::Private => false,
    }
}

/// How a record may be shown on the other side, whatever the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Whole,
    Busy,
    Not,
}

impl Link {
    pub(super) fn shown(
        &self,
        settings: &Settings,
        side: Side,
        id: &RemoteId,
        record: &EventRecord,
    ) -> Shown {
        let events = &settings.events;
        let from = settings
            .start_from
            .map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
        let too_early = from.is_some_and(|from| record.when.starts_at() < from);
        let at_night = events.hours.is_some()
            && matches!(&record.when, When::Timed { start, .. } if !(8..19).contains(&start.hour()));
        let kind = if id.id.ends_with("call") {
            "call"
        } else {
            "meeting"
        };
        let other_type = side == Side::Crm && !events.record_types.iter().any(|wanted| wanted == kind);
        if too_early || at_night || other_type {
            return Shown::Not;
        }
        if !record.private {
            return Shown::Whole;
        }
        let allowed = match events.private {
            PrivateMode::Both => true,
            PrivateMode::ToGoogle => side == Side::Crm,
            PrivateMode::ToCrm => side == Side::Google,
            PrivateMode::None => false,
        };
        if !allowed {
            Shown::Not
        } else if events.private_as_busy || !self.natures.get(side.other()).limits.has_private {
            Shown::Busy
        } else {
            Shown::Whole
        }
    }

    /// Whether both records say the same of a field, as far as both sides can hold it.
    pub(super) fn agree(&self, field: EventField, crm: &EventRecord, google: &EventRecord) -> bool {
        let value = |record: &EventRecord| record.journal_value(field);
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
            let shown = |record| self.shown(&self.settings, side, &one.id, record);
            one.record
                .as_ref()
                .is_some_and(|record| shown(record) == Shown::Busy)
        })
    }

    /// Takes what has arrived off the list of what has to.
    pub(super) fn note_arrivals(&mut self, item: usize) {
        let known = &self.items[item];
        let (Some(crm), Some(google)) = (known.living(Side::Crm), known.living(Side::Google)) else {
            return;
        };
        let arrived: Vec<EventField> = EventRecord::FIELDS
            .iter()
            .copied()
            .filter(|field| self.agree(*field, crm, google))
            .collect();
        let veiled = PerSide {
            crm: self.is_veiled(item, Side::Crm),
            google: self.is_veiled(item, Side::Google),
        };
        for side in Side::BOTH {
            if let Some(standing) = self.items[item].at.get_mut(side) {
                // Of what is shown as "Busy" nothing else has to arrive.
                let stays = |field: &EventField| *veiled.get(side) && is_content(*field);
                standing
                    .unsent
                    .retain(|field, _| !arrived.contains(field) && !stays(field));
            }
        }
    }
}
