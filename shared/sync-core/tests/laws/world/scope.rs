//! What is carried, told from the rules and not from the program.

use sync_core::side::Side;

use super::World;
use super::people::is_left_out;
use super::server::Held;
use crate::played::{Carried, Played, Terms};

impl<R: Played> World<R> {
    /// How a record of that side is carried.
    pub(crate) fn carried(&self, side: Side, held: &Held<R>, record: &R) -> Carried {
        if !self.policy.travels(side) || is_left_out(held.read_only) {
            return Carried::Not;
        }
        let terms = Terms {
            policy: self.policy,
            side,
            record_type: held.record_type,
            modified_at: held.modified_at(),
        };
        record.carried(&terms, &self.servers.get(side.other()).limits)
    }

    /// The fields in which both sides show the same, as far as both can.
    pub(crate) fn shown_alike(&self, crm: &R, google: &R) -> impl Fn(R::Field) -> bool + use<R> {
        let (in_crm, in_google) = (self.servers.crm.keeps(google), self.servers.google.keeps(crm));
        let (back_in_crm, back_in_google) = (
            self.servers.crm.keeps(&in_google),
            self.servers.google.keeps(&in_crm),
        );
        let alike = [
            (crm.clone(), in_crm.clone()),
            (google.clone(), in_google),
            (back_in_google, back_in_crm.clone()),
            (in_crm, back_in_crm),
        ];
        move |field| {
            let mut alike = alike.iter();
            alike.any(|(one, other)| one.is_one(field, other, field))
        }
    }
}
