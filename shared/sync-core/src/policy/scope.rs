//! Whether a record is in scope, and as what it travels.

use super::settings::{
    ConflictWinner, ContactSettings, Deletions, Direction, EventSettings, Settings, TaskSettings,
};
use crate::mutation::{self, Mutation};
use crate::side::Side;

/// What the settings say about carrying a record from its side to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// It travels as it is.
    Carried,
    /// It travels veiled: as "Busy", without content.
    AsBusy,
    /// It is left alone on both sides; never a deletion.
    Outside,
    /// A person has taken it out of scope: nothing of it travels any more but that.
    Leaving,
    /// It must not be shown to the other side: a copy that was made there is taken away.
    Hidden,
}

impl Scope {
    /// Whether the record travels at all.
    pub fn is_carried(self) -> bool {
        match self {
            Scope::Carried | Scope::AsBusy => true,
            Scope::Outside | Scope::Leaving | Scope::Hidden => false,
        }
    }
}

/// What every kind's settings say.
pub trait KindSettings: Clone + std::fmt::Debug + Send + Sync {
    /// The kind's part of a user's settings.
    fn of(settings: &Settings) -> &Self;
    /// Whether the kind is kept in step.
    fn enabled(&self) -> bool;
    /// Which way changes travel.
    fn direction(&self) -> Direction;
    /// Who wins where the same field changed on both sides.
    fn conflict_winner(&self) -> ConflictWinner;
    /// What a deletion on one side does on the other.
    fn deletions(&self) -> Deletions;
    /// Whether guests are told of changes that a person made in the CRM.
    fn tells_guests(&self) -> bool;
    /// The settings that decide what is in scope, as one text: another one asks for a whole reading.
    fn decisive(&self) -> String;
}

macro_rules! kind_settings {
    ($kind:ty, $part:ident, $tells_guests:expr, [$($decisive:ident),+]) => {
        impl KindSettings for $kind {
            fn of(settings: &Settings) -> &Self {
                &settings.$part
            }

            fn enabled(&self) -> bool {
                self.enabled
            }

            fn direction(&self) -> Direction {
                self.direction
            }

            fn conflict_winner(&self) -> ConflictWinner {
                self.conflict_winner
            }

            fn deletions(&self) -> Deletions {
                self.deletions
            }

            fn tells_guests(&self) -> bool {
                let tells: fn(&Self) -> bool = $tells_guests;
                tells(self)
            }

            fn decisive(&self) -> String {
                serde_json::json!([$(self.$decisive),+]).to_string()
            }
        }
    };
}

kind_settings!(
    EventSettings,
    events,
    |events| events.notify_guests,
    [
        direction,
        calendars,
        target_calendar,
        record_types,
        private,
        private_as_busy,
        hours
    ]
);
kind_settings!(TaskSettings, tasks, |_| false, [direction, list]);
kind_settings!(
    ContactSettings,
    contacts,
    |_| false,
    [direction, scope, tags, label]
);

/// Whether changes of `side` travel to the other one.
pub fn travels(direction: Direction, from: Side) -> bool {
    match direction {
        _ if mutation::on(Mutation::OneWayBothWays) => true,
        Direction::Both => true,
        Direction::CrmToGoogle => from == Side::Crm,
        Direction::GoogleToCrm => from == Side::Google,
    }
}
