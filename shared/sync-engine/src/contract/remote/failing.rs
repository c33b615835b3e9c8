//! Failures, and what they leave behind.

use std::time::Duration;

use futures::FutureExt;
use futures::future::{join_all, join3};
use sync_core::change::{Observed, Reading};
use sync_core::failure::{Class, Failure};
use sync_core::id::Cursor;

use super::reading::by_name;
use super::{
    Hands, Sample, Strike, Trouble, Which, Whose, asked, change_to, changes, copy_of, is_passing, present,
    seen,
};

/// What a server that is away says, and nothing is carried out.
pub(super) const AWAY: [Trouble; 6] = [
    Trouble::Dropped,
    Trouble::Away(500),
    Trouble::Away(502),
    Trouble::Away(503),
    Trouble::Page(200),
    Trouble::Page(503),
];
/// What becomes of an answer on its way that says nothing any more.
pub(super) const HALVES: [Trouble; 2] = [Trouble::CutBody, Trouble::Page(200)];
/// Longer than a run waits for one call.
const PATIENCE: Duration = Duration::from_mins(2);
/// How a server asks for patience, itself or by what stands in front of it.
pub(super) const BUSY: [Trouble; 2] = [busy(429, PATIENCE), busy(503, PATIENCE)];
/// How it asks for a moment of it.
pub(super) const BRIEFLY_BUSY: [Trouble; 2] = [busy(429, Duration::ZERO), busy(503, Duration::ZERO)];

const fn busy(status: u16, after: Duration) -> Trouble {
    Trouble::Busy { status, after }
}

/// How every operation ends, each over a connection of its own and all at the same time.
async fn every_operation<R: Sample>(
    hands: &impl Hands<R>,
    cursor: &Cursor,
    last: &Observed<R>,
) -> Vec<(&'static str, Result<(), Failure>)> {
    let copy = copy_of::<R>("Copy");
    let update = change_to(last, &last.record.edited(), &[R::NAME]);
    let doors: Vec<_> = (0..6).map(|_| hands.door()).collect();
    let (whole, delta) = (asked(None), asked(Some(cursor)));
    let operations = vec![
        doors[0].changes(&whole).map(|outcome| outcome.map(drop)).boxed(),
        doors[1].changes(&delta).map(|outcome| outcome.map(drop)).boxed(),
        doors[2].read(&last.id).map(|outcome| outcome.map(drop)).boxed(),
        doors[3].create(&copy).map(|outcome| outcome.map(drop)).boxed(),
        doors[4].update(&update).map(|outcome| outcome.map(drop)).boxed(),
        doors[5]
            .delete(&last.id, &last.version)
            .map(|outcome| outcome.map(drop))
            .boxed(),
    ];
    let names = ["whole", "delta", "read", "create", "update", "delete"];
    names.into_iter().zip(join_all(operations).await).collect()
}

/// A side that is away is no absence, no lost authorisation and no success: everything waits for the next run, and
/// finds it as it was.
pub(super) async fn a_side_that_is_away_is_asked_again_later<R: Sample>(
    hands: &impl Hands<R>,
    trouble: Trouble,
) {
    let (cursor, last, row) = settled(hands).await;
    everything_fails(hands, trouble);
    for (operation, outcome) in every_operation(hands, &cursor, &last).await {
        let failure = failed(operation, outcome);
        assert!(
            is_passing(&failure, trouble),
            "{operation} while {trouble:?}: {failure:?}"
        );
    }
    hands.calm();
    is_as_before(hands, &cursor, &last, row.as_ref()).await;
}

/// An answer that is lost in the middle of a reading is no shorter list: whatever request it was, the reading brings
/// what it would have brought, or nothing.
pub(super) async fn a_reading_that_meets_trouble_is_whole_or_none<R: Sample>(
    hands: &impl Hands<R>,
    trouble: Trouble,
) {
    let edited = hands.make(Whose::Theirs, "Edited");
    let deleted = hands.make(Whose::Theirs, "Deleted");
    hands.make(Whose::Theirs, "Kept");
    let cursor = changes(hands, None).await.cursor;
    hands.pass(hands.habits().tells_again_for);
    hands.rename(&edited, "Edited since");
    hands.delete(&deleted);
    for cursor in [None, Some(&cursor)] {
        let expected = changes(hands, cursor).await;
        let mut met = 0;
        for number in 1..=6 {
            hands.strike(Strike {
                trouble,
                writes_only: false,
                which: Which::Only(number),
            });
            match hands.door().changes(&asked(cursor)).await {
                Ok(set) => {
                    assert_eq!(by_name(&set), by_name(&expected), "{trouble:?} at {number}");
                    assert_eq!(set.complete, expected.complete, "{trouble:?} at {number}");
                }
                Err(failure) => {
                    met += 1;
                    assert!(
                        is_passing(&failure, trouble),
                        "{trouble:?} at {number}: {failure:?}"
                    );
                }
            }
            hands.calm();
        }
        assert!(met > 0 || trouble == Trouble::CutBody, "nothing was met");
    }
}

/// Where every answer breaks off in the middle, there is none to go by.
pub(super) async fn half_an_answer_is_none<R: Sample>(hands: &impl Hands<R>) {
    let (cursor, last, row) = settled(hands).await;
    everything_fails(hands, Trouble::CutBody);
    let (whole, delta) = (asked(None), asked(Some(&cursor)));
    let [one, other, third] = [hands.door(), hands.door(), hands.door()];
    let (whole, delta, read) = join3(one.changes(&whole), other.changes(&delta), third.read(&last.id)).await;
    for failure in [whole.unwrap_err(), delta.unwrap_err(), read.unwrap_err()] {
        assert!(is_passing(&failure, Trouble::CutBody), "{failure:?}");
    }
    hands.calm();
    is_as_before(hands, &cursor, &last, row.as_ref()).await;
}

/// Whoever is asked to wait longer than a run lasts sends nothing more, and the run is told for how long.
pub(super) async fn a_side_that_asks_for_patience_gets_it<R: Sample>(
    hands: &impl Hands<R>,
    trouble: Trouble,
) {
    let (cursor, last, row) = settled(hands).await;
    everything_fails(hands, trouble);
    let (requests, _) = hands.requests();
    let outcomes = every_operation(hands, &cursor, &last).await;
    let most = 2 * u64::try_from(outcomes.len()).unwrap();
    assert!(
        hands.requests().0 - requests <= most,
        "each asks no more than what it does at once"
    );
    for (operation, outcome) in outcomes {
        let expected = Class::Retryable {
            after: Some(PATIENCE),
        };
        let failure = failed(operation, outcome);
        assert_eq!(failure.class, expected, "{operation}: {failure:?}");
    }
    hands.calm();
    is_as_before(hands, &cursor, &last, row.as_ref()).await;
}

/// Whoever is asked to wait a moment waits and asks again, and nothing is done twice.
pub(super) async fn a_side_that_is_busy_for_a_moment_is_asked_again<R: Sample>(
    hands: &impl Hands<R>,
    trouble: Trouble,
) {
    let (cursor, last, _) = settled(hands).await;
    let briefly = || {
        hands.calm();
        hands.strike(Strike {
            trouble,
            writes_only: false,
            which: Which::First(2),
        });
        hands.door()
    };
    briefly().changes(&asked(None)).await.unwrap();
    briefly().changes(&asked(Some(&cursor))).await.unwrap();
    assert_eq!(briefly().read(&last.id).await, Ok(Reading::Present(last.clone())));
    let copy = briefly().create(&copy_of::<R>("Copy")).await.unwrap().observed;
    let update = change_to(&last, &last.record.edited(), &[R::NAME]);
    let now = briefly().update(&update).await.unwrap();
    assert_eq!(briefly().delete(&now.id, &now.version).await, Ok(true));
    hands.calm();
    assert_eq!((seen(hands, &copy.id).await, hands.living()), (copy, 1));
}

/// A withdrawn authorisation ends every operation as such, and changes nothing.
pub(super) async fn a_lost_authorisation_is_no_data<R: Sample>(hands: &impl Hands<R>) {
    let (cursor, last, row) = settled(hands).await;
    hands.withdraw();
    for (operation, outcome) in every_operation(hands, &cursor, &last).await {
        let failure = failed(operation, outcome);
        assert_eq!(failure.class, Class::Reauth, "{operation}: {failure:?}");
    }
    assert_eq!((hands.living(), hands.row(&last.id)), (1, row));
}

/// Sessions and short-lived tokens end by themselves: nobody is told, and everything goes on.
pub(super) async fn a_session_that_ended_is_renewed<R: Sample>(hands: &impl Hands<R>) {
    let (cursor, last, row) = settled(hands).await;
    let old = hands.door();
    assert_eq!(present(&old.changes(&asked(None)).await.unwrap()).len(), 1);
    for door in [old, hands.door()] {
        hands.end_sessions();
        assert!(door.changes(&asked(Some(&cursor))).await.is_ok());
        hands.end_sessions();
        assert_eq!(seen(hands, &last.id).await, last);
    }
    is_as_before(hands, &cursor, &last, row.as_ref()).await;
    hands.end_sessions();
    let update = change_to(&last, &last.record.edited(), &[R::NAME]);
    let now = hands.door().update(&update).await.unwrap();
    hands.end_sessions();
    assert_eq!(hands.door().delete(&now.id, &now.version).await, Ok(true));
    hands.end_sessions();
    hands.door().create(&copy_of::<R>("Copy")).await.unwrap();
    assert_eq!(hands.living(), 1);
}

fn everything_fails<R: Sample>(hands: &impl Hands<R>, trouble: Trouble) {
    hands.strike(Strike {
        trouble,
        writes_only: false,
        which: Which::All,
    });
}

fn failed(operation: &str, outcome: Result<(), Failure>) -> Failure {
    let Err(failure) = outcome else {
        panic!("{operation} went through");
    };
    failure
}

type Row = serde_json::Map<String, serde_json::Value>;

/// One record, long since told, with a cursor behind it.
async fn settled<R: Sample>(hands: &impl Hands<R>) -> (Cursor, Observed<R>, Option<Row>) {
    let id = hands.make(Whose::Theirs, "Here");
    let first = changes(hands, None).await;
    hands.pass(hands.habits().tells_again_for);
    let cursor = changes(hands, Some(&first.cursor)).await.cursor;
    (cursor, seen(hands, &id).await, hands.row(&id))
}

async fn is_as_before<R: Sample>(
    hands: &impl Hands<R>,
    cursor: &Cursor,
    last: &Observed<R>,
    row: Option<&Row>,
) {
    assert_eq!((hands.living(), hands.row(&last.id).as_ref()), (1, row));
    assert_eq!(seen(hands, &last.id).await, *last);
    assert_eq!(present(&changes(hands, None).await), std::slice::from_ref(last));
    assert!(
        present(&changes(hands, Some(cursor)).await)
            .iter()
            .all(|seen| seen == last)
    );
}
