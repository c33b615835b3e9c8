//! Engines broken on purpose, each of which the suite has to catch: a proof that the tests can fail.

use sync_core::mutation::{self, Mutation};

use crate::play;

/// One mistake at a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The store takes every commit, whoever holds the lease.
    ForgetsFence,
    /// The store keeps users of the same name in two CRMs under the same keys.
    SharedKeys,
    /// A side gives every copy a name of its own, and no marker.
    NamelessCopies,
    /// A side writes and deletes whatever version it finds.
    IgnoresVersions,
    /// A side writes whole records: what is not ours is emptied.
    WholeRecords,
    /// A side answers a refused cursor with nothing and a new cursor.
    RefusedCursorIsEmpty,
    /// A side leaves later pages of a change list out.
    LosesPages,
    /// A side takes a lost authorisation for an empty calendar.
    UnauthorisedIsEmpty,
    /// Connections are kept by the user's name, whichever CRM it belongs to.
    WrongUser,
}

/// So many histories at most until a broken engine is caught.
const HISTORIES_MAX: u64 = 4_000;

/// Mistakes at the doors, and the invariant that each one breaks.
const AT_DOORS: [(Broken, &str); 9] = [
    (Broken::ForgetsFence, "I19"),
    (Broken::SharedKeys, "I14"),
    (Broken::WrongUser, "I14"),
    (Broken::NamelessCopies, "I1, I8"),
    (Broken::IgnoresVersions, "I2, I6"),
    (Broken::WholeRecords, "I11"),
    (Broken::RefusedCursorIsEmpty, "I9"),
    (Broken::LosesPages, "I9"),
    (Broken::UnauthorisedIsEmpty, "I18"),
];

/// Mistakes of the engine, and the invariant that each one breaks.
const INSIDE: [(Mutation, &str); 26] = [
    (Mutation::GuestsToldOfAll, "I10"),
    (Mutation::RecoveryTellsGuests, "I10"),
    (Mutation::RoomForgotten, "I2"),
    (Mutation::TimeOfDayDropped, "I11"),
    (Mutation::OneWayBothWays, "I13"),
    (Mutation::WholeRecordChanged, "I2"),
    (Mutation::ClockDecides, "I20"),
    (Mutation::DeletionBeatsEdit, "I2, I6"),
    (Mutation::NoBrake, "I6"),
    (Mutation::NothingMatched, "I1"),
    (Mutation::RowsForgotten, "I1"),
    (Mutation::RowsMadeAnewUnfollowed, "I6"),
    (Mutation::RefusedIsAgreed, "I2"),
    (Mutation::BaseHoldsWhatWasSent, "I5, I17"),
    (Mutation::ForgottenBeforeDeleted, "I7"),
    (Mutation::MakingsUnread, "I7, I8"),
    (Mutation::SettingsUnnoticed, "I21"),
    (Mutation::OutsideIsHidden, "I21"),
    (Mutation::AbsenceBelieved, "I6, I9"),
    (Mutation::ForeignClockBelieved, "I20"),
    (Mutation::CursorsBeforeWork, "I8, I9"),
    (Mutation::LosersUnjournaled, "I2"),
    (Mutation::RefusalStopsAll, "I15"),
    (Mutation::RetriedAtOnce, "I15"),
    (Mutation::ToldEveryTime, "I15"),
    (Mutation::UnauthorisedGoesOn, "I18"),
];

/// The first history that notices.
fn caught(play: impl Fn(u64) -> Result<(), String>) -> Option<u64> {
    (0..HISTORIES_MAX).find(|seed| play(*seed).is_err())
}

fn must_catch(name: &str, invariants: &str, play: impl Fn(u64) -> Result<(), String>) {
    assert!(
        caught(play).is_some(),
        "{HISTORIES_MAX} histories do not notice {name}, which breaks {invariants}"
    );
}

#[test]
fn every_mistake_at_the_doors_is_noticed() {
    for (broken, invariants) in AT_DOORS {
        must_catch(&format!("{broken:?}"), invariants, |seed| {
            play(seed, Some(broken)).1
        });
    }
}

#[test]
fn every_mistake_inside_is_noticed() {
    for (mistake, invariants) in INSIDE {
        must_catch(&format!("{mistake:?}"), invariants, |seed| {
            mutation::with(mistake, || play(seed, None).1)
        });
    }
}
