//! Whether an event is in scope, and as what it travels.

use std::borrow::Cow;

use super::{EventField, EventLimits, EventRecord};
use crate::change::{Observed, Window};
use crate::mutation::{self, Mutation};
use crate::policy::{EventSettings, PrivateMode, Scope, travels};
use crate::side::Side;

/// What a private event is called on a side that may not know more.
const BUSY: &str = "Busy";

/// The scope of one event as seen on `side`, when the other side can hold so much.
pub(super) fn scope(
    settings: &EventSettings,
    window: Window,
    side: Side,
    seen: &Observed<EventRecord>,
    target: &EventLimits,
) -> Scope {
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
        if mutation::on(Mutation::OutsideIsHidden) {
            return Scope::Hidden;
        }
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
    // A side that cannot keep a secret is told none.
    match (allowed, settings.private_as_busy || !target.has_private) {
        (false, _) => Scope::Hidden,
        (true, false) => Scope::Carried,
        (true, true) => Scope::AsBusy,
    }
}

/// Whether a veiled copy says something else there than the event itself.
pub(super) fn is_veiled(field: EventField) -> bool {
    match field {
        EventField::Title | EventField::Description | EventField::Location => true,
        EventField::When | EventField::Private => false,
    }
}

/// The event as it travels.
pub(super) fn outgoing(record: &EventRecord, scope: Scope) -> Cow<'_, EventRecord> {
    match scope {
        Scope::Carried | Scope::Outside | Scope::Leaving | Scope::Hidden => Cow::Borrowed(record),
        Scope::AsBusy if mutation::on(Mutation::VeilForgotten) => Cow::Borrowed(record),
        Scope::AsBusy => Cow::Owned(EventRecord {
            title: BUSY.to_owned(),
            description: String::new(),
            location: String::new(),
            when: record.when.clone(),
            private: record.private,
        }),
    }
}
