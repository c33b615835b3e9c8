//! Engines broken on purpose: the proof that the tests can fail.
//!
//! Each [`Mutation`] is one mistake that somebody could have made in one place, where the code asks [`on`] about it.
//! The suites break the engine so, one mistake at a time, and fail unless they notice. Only the feature `mutations`
//! makes that possible; without it, and so in everything that is shipped, [`on`] is `false` when it is compiled and
//! nothing is left of the question.
//!
//! A mistake that a provider's or the store's own side of a door expresses is no variant here: the simulation wraps
//! the door.

/// One mistake, in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mutation {
    /// `policy`: changes travel both ways, whatever the direction.
    OneWayBothWays,
    /// `base`: a record of which one field changed counts as changed in all of them.
    WholeRecordChanged,
    /// `merge`: the newest wins, whatever the settings say.
    ClockDecides,
    /// `matrix`: a deletion is carried over although the other record was edited.
    DeletionBeatsEdit,
    /// `brake`: any number of deletions is done at once.
    NoBrake,
    /// `first`: records that stand in no pair are never found to be one thing.
    NothingMatched,
    /// `series`: rows and the occurrences made from them are never found to be one thing.
    RowsForgotten,
    /// `renamed`: rows that were made anew with their series are taken for others.
    RowsMadeAnewUnfollowed,
    /// `first`: hidden content is compared to find out what is one thing.
    SecretsCompared,
    /// `gather`: what a partial reading lacks is taken for deleted.
    AbsenceDeletes,
    /// `gather`: a record that is reported twice counts as not reported.
    RepeatedReportDropped,
    /// `matrix`: what was deleted is made anew from a record that nobody edited.
    DeletedIsMadeAnew,
    /// `merge`: that both sides changed a field is not told.
    LossUntold,
    /// `merge`: a change of the CRM's is dropped where Google changed something as well.
    OneSideDropped,
    /// `merge`: a field is written although the other side says the same.
    SameIsWritten,
    /// `merge`: a change is found against the other side's base.
    OthersBase,
    /// `merge`: guests are told of whatever is written.
    GuestsToldOfAll,
    /// `scope`: what is outside of the hours is hidden.
    OutsideIsHidden,
    /// `room`: a value that gives way to another one is neither moved nor told.
    SecondValueDropped,
    /// `scope`: a contact that lost its tag is hidden.
    UntaggedIsHidden,
    /// `task`: a time of day counts on a side that has none.
    TimeOfDayCompared,
    /// `scope`: a private record travels in clear.
    VeilForgotten,
    /// `room`: where both sides have added a value to one slot, the second one finds no room.
    RoomForgotten,
    /// `task`: a side without times of day takes the time away that the other one has.
    TimeOfDayDropped,
    /// `settle`: a write counts as done although the side refused it.
    RefusedIsAgreed,
    /// `settle`: the base holds what was sent to a side, not what the side returned.
    BaseHoldsWhatWasSent,
    /// `settle`: a pair is forgotten although the deletion did not get through.
    ForgottenBeforeDeleted,
    /// `reading`: a change of settings asks for no whole reading.
    SettingsUnnoticed,
    /// `reading`: what a whole list lacks counts as deleted without a second look.
    AbsenceBelieved,
    /// `reading`: a record whose side's clock says that it was changed before the last run is left out.
    ForeignClockBelieved,
    /// `mapping`: the cursors move on although the work behind them stopped.
    CursorsBeforeWork,
    /// `mapping`: guests are told by a run that starts anew as well.
    RecoveryTellsGuests,
    /// `orphans`: the notes of copies that a dead run was making are not read where the originals are gone.
    MakingsUnread,
    /// `journaling`: an overwritten value is not noted down.
    LosersUnjournaled,
    /// `step`: a record that a side refuses stops its neighbours.
    RefusalStopsAll,
    /// `parking`: a refused record is tried again in every run.
    RetriedAtOnce,
    /// `parking`: a refused record is told of in every run.
    ToldEveryTime,
    /// `recurrence`: a rule that holds by the clock of UTC is said to hold by the user's.
    ClockChangesForgotten,
    /// `restore`: a journal entry counts as put back although nothing was written.
    RestoredUnwritten,
    /// `session`: runs go on although the authorisation is gone.
    UnauthorisedGoesOn,
}

/// Whether this mistake is to be made now.
#[cfg(not(feature = "mutations"))]
#[inline]
pub const fn on(_: Mutation) -> bool {
    false
}

#[cfg(feature = "mutations")]
pub use made::{on, with};

#[cfg(feature = "mutations")]
mod made {
    use std::cell::Cell;

    use super::Mutation;

    thread_local! {
        static MADE: Cell<Option<Mutation>> = const { Cell::new(None) };
    }

    /// Whether this mistake is to be made now.
    pub fn on(mutation: Mutation) -> bool {
        MADE.get() == Some(mutation)
    }

    /// Does something on this thread with one mistake made throughout, however it ends.
    pub fn with<T>(mutation: Mutation, work: impl FnOnce() -> T) -> T {
        struct Before(Option<Mutation>);
        impl Drop for Before {
            fn drop(&mut self) {
                MADE.set(self.0);
            }
        }
        let _before = Before(MADE.replace(Some(mutation)));
        work()
    }
}
