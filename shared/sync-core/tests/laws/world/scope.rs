//! What is carried, told from the rules and not from the program.

use sync_core::kind::Record;
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_core::policy::PrivateMode;
use sync_core::side::Side;

use super::World;
use super::people::is_left_out;
use super::server::Held;
use crate::history::at;

/// How a record is carried to the other side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Carried {
    /// As it is.
    Whole,
    /// As "Busy".
    Busy,
    /// Not, and a copy of it may not be there.
    Hidden,
    /// Not; what is there stays.
    Not,
}

impl Carried {
    /// Whether it is carried at all.
    pub(crate) fn is(self) -> bool {
        self == Carried::Whole || self == Carried::Busy
    }
}

impl World {
    /// How a record of that side is carried.
    pub(crate) fn carried(&self, side: Side, held: &Held, record: &EventRecord) -> Carried {
        let policy = &self.policy;
        let starts_at = record.when.starts_at();
        let late = if policy.late_start { at(10) } else { at(-24 * 30) };
        let inside_hours = match &record.when {
            When::Timed { start, .. } => {
                // Every day of these worlds is a working day.
                let minutes = (*start - at(0)).num_minutes().rem_euclid(24 * 60);
                (8 * 60..12 * 60).contains(&minutes)
            }
            When::AllDay { .. } => true,
        };
        if !policy.travels(side)
            || starts_at < late
            || is_left_out(held.read_only)
            || (policy.meetings_only && held.record_type == Some("call"))
            || (policy.hours && !inside_hours)
        {
            return Carried::Not;
        }
        if !record.private {
            return Carried::Whole;
        }
        let allowed = match policy.private {
            PrivateMode::Both => true,
            PrivateMode::ToGoogle => side == Side::Crm,
            PrivateMode::ToCrm => side == Side::Google,
            PrivateMode::None => false,
        };
        let keeps_secrets = self.servers.get(side.other()).limits.has_private;
        match (allowed, policy.as_busy || !keeps_secrets) {
            (false, _) => Carried::Hidden,
            (true, true) => Carried::Busy,
            (true, false) => Carried::Whole,
        }
    }

    /// Whether both sides show the same, as far as both can.
    pub(crate) fn shows_the_same(&self, field: EventField, crm: &EventRecord, google: &EventRecord) -> bool {
        let is = |one: &EventRecord, other: &EventRecord| one.fingerprint(field) == other.fingerprint(field);
        let in_crm = self.servers.crm.keeps(google);
        let in_google = self.servers.google.keeps(crm);
        is(crm, &in_crm)
            || is(google, &in_google)
            || is(
                &self.servers.google.keeps(&in_crm),
                &self.servers.crm.keeps(&in_google),
            )
            || is(&in_crm, &self.servers.crm.keeps(&in_google))
    }
}

/// Whether a field is among those that a veiled copy does not show.
pub(crate) fn is_content(field: EventField) -> bool {
    match field {
        EventField::Title | EventField::Description | EventField::Location => true,
        EventField::When | EventField::Private => false,
    }
}
