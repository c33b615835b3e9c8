//! Whether a record is in scope, and as what it travels.

use super::settings::{Direction, EventSettings, PrivateMode};
use crate::change::{Observed, Window};
use crate::kind::event::EventRecord;
use crate::side::Side;

/// What the settings say about carrying a record from its side to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// It travels as it is.
    Carried,
    /// It travels as "Busy", without content.
    AsBusy,
    /// It is left alone on both sides; never a deletion.
    Outside,
}

/// Whether changes of `side` travel to the other one.
pub fn travels(direction: Direction, from: Side) -> bool {
    match direction {
        Direction::Both => true,
        Direction::CrmToGoogle => from == Side::Crm,
        Direction::GoogleToCrm => from == Side::Google,
    }
}

/// The scope of one event as seen on `side`.
pub fn scope_of(settings: &EventSettings, window: Window, side: Side, seen: &Observed<EventRecord>) -> Scope {
    let record = &seen.record;
    if !travels(settings.direction, side) || record.when.starts_at() < window.from {
        return Scope::Outside;
    }
    if seen.traits.read_only.is_some_and(|why| !why.is_carried()) {
        return Scope::Outside;
    }
    if let Some(record_type) = seen.traits.record_type
        && !settings.record_types.iter().any(|wanted| wanted == record_type)
    {
        return Scope::Outside;
    }
    if settings
        .hours
        .as_ref()
        .is_some_and(|hours| !hours.hold(&record.when))
    {
        return Scope::Outside;
    }
    if !record.private {
        return Scope::Carried;
    }
    let allowed = match settings.private {
        PrivateMode::Both => true,
        PrivateMode::ToGoogle => side == Side::Crm,
        PrivateMode::ToCrm => side == Side::Google,
        PrivateMode::None => false,
    };
    match (allowed, settings.private_as_busy) {
        (false, _) => Scope::Outside,
        (true, false) => Scope::Carried,
        (true, true) => Scope::AsBusy,
    }
}
