//! What a side shows, whole and by what changed.

use std::collections::BTreeSet;

use sync_core::change::{Change, ChangeSet, Observed, Reading};
use sync_core::failure::Class;
use sync_core::id::{Cursor, RemoteId};
use sync_core::kind::Record;

use super::{Hands, Sample, Whose, asked, change_to, changes, present, seen, told};

/// More records than any server puts on a page of the laws.
const MORE_THAN_A_PAGE: usize = 251;

fn names<R: Sample>(set: &ChangeSet<R>) -> Vec<String> {
    let mut names: Vec<String> = present(set)
        .iter()
        .map(|seen| seen.record.name().to_owned())
        .collect();
    names.sort();
    names
}

/// Whatever people do after a cursor is told from it, also in the second of the reading; afterwards a reading costs
/// little and brings nothing.
pub(super) async fn what_people_do_is_told<R: Sample>(hands: &impl Hands<R>) {
    hands.make(Whose::Theirs, "Kept");
    let edited = hands.make(Whose::Theirs, "Edited");
    let deleted = hands.make(Whose::Theirs, "Deleted");
    hands.make(Whose::SomebodyElses, "Somebody else's");
    let first = changes(hands, None).await;
    assert_eq!(names(&first), ["Deleted", "Edited", "Kept"]);
    let collections: BTreeSet<&str> = first.complete.iter().map(String::as_str).collect();
    assert!(
        present(&first)
            .iter()
            .all(|seen| collections.contains(seen.id.collection.as_str()))
    );

    hands.rename(&edited, "Edited since");
    hands.delete(&deleted);
    let made = hands.make(Whose::Theirs, "Made");
    hands.make(Whose::SomebodyElses, "Another of somebody else's");
    let second = changes(hands, Some(&first.cursor)).await;
    assert!(second.complete.is_empty(), "absence says nothing in a delta");
    for id in [&edited, &made] {
        let shown = Change::Present(seen(hands, id).await);
        assert_eq!(told(&second, id), Some(&shown));
    }
    assert_eq!(told(&second, &deleted), Some(&Change::Removed(deleted.clone())));
    assert!(
        present(&second)
            .iter()
            .all(|seen| !seen.record.name().contains("omebody"))
    );

    // Past the time for which changes are told again, one reading more, and then nothing.
    let habits = hands.habits();
    hands.pass(habits.tells_again_for);
    let third = changes(hands, Some(&second.cursor)).await;
    hands.pass(habits.tells_again_for);
    let (requests, writes) = hands.requests();
    let idle = changes(hands, Some(&third.cursor)).await;
    assert!(idle.changes.is_empty() && idle.complete.is_empty(), "{idle:?}");
    let spent = (hands.requests().0 - requests, hands.requests().1 - writes);
    assert!(spent.0 <= habits.idle_requests && spent.1 == 0, "{spent:?}");
    hands.rename(&edited, "Edited again");
    let last = changes(hands, Some(&idle.cursor)).await;
    assert_eq!(
        told(&last, &edited),
        Some(&Change::Present(seen(hands, &edited).await))
    );
}

/// Readings from one cursor are the same as often as they are made, and so are whole ones, also over new connections.
pub(super) async fn a_reading_repeated_is_the_same<R: Sample>(hands: &impl Hands<R>) {
    let edited = hands.make(Whose::Theirs, "Edited");
    let deleted = hands.make(Whose::Theirs, "Deleted");
    let cursor = changes(hands, None).await.cursor;
    hands.rename(&edited, "Edited since");
    hands.delete(&deleted);
    for cursor in [None, Some(&cursor)] {
        let first = changes(hands, cursor).await;
        let door = hands.door();
        for _ in 0..2 {
            let again = door.changes(&asked(cursor)).await.unwrap();
            assert_eq!(by_name(&again), by_name(&first));
            assert_eq!(again.complete, first.complete);
        }
    }
}

/// What was told, in the order of names.
pub(super) fn by_name<R: Record>(set: &ChangeSet<R>) -> Vec<(RemoteId, Change<R>)> {
    let name = |change: &Change<R>| match change {
        Change::Present(Observed { id, .. })
        | Change::Removed(id)
        | Change::Left(id)
        | Change::Series { id, .. }
        | Change::Unreadable { id, .. } => id.clone(),
    };
    let mut by_name: Vec<_> = set
        .changes
        .iter()
        .map(|change| (name(change), change.clone()))
        .collect();
    by_name.sort_by(|one, other| one.0.cmp(&other.0));
    by_name
}

/// What is deleted is gone, and what has passed to somebody else is not: neither deleted nor there.
pub(super) async fn gone_and_out_of_reach_are_told_apart<R: Sample>(hands: &impl Hands<R>) {
    let [there, gone, given] = ["There", "Gone", "Given"].map(|name| hands.make(Whose::Theirs, name));
    let cursor = changes(hands, None).await.cursor;
    hands.delete(&gone);
    let left = hands.give_away(&given);
    let door = hands.door();
    assert!(matches!(door.read(&there).await, Ok(Reading::Present(_))));
    assert_eq!(door.read(&gone).await, Ok(Reading::Gone));
    let delta = changes(hands, Some(&cursor)).await;
    assert_eq!(told(&delta, &gone), Some(&Change::Removed(gone.clone())));
    if left {
        assert_eq!(door.read(&given).await, Ok(Reading::OutOfReach));
        let expected = hands
            .habits()
            .tells_what_left
            .then(|| Change::Left(given.clone()));
        assert_eq!(told(&delta, &given), expected.as_ref());
        assert_eq!(names(&changes(hands, None).await), ["There"]);
    }
}

/// A cursor that cannot be read, or that the server no longer takes, has everything read: at once, or after the
/// engine was told. It never passes for a time in which nothing happened.
pub(super) async fn a_cursor_that_is_refused_is_never_an_empty_answer<R: Sample>(hands: &impl Hands<R>) {
    let ids = ["One", "Two"].map(|name| hands.make(Whose::Theirs, name));
    let good = changes(hands, None).await.cursor.0;
    let (half, _) = good.split_at(good.floor_char_boundary(good.len() / 2));
    let garbled = [
        "",
        "{}",
        "null",
        "[]",
        "nonsense",
        half,
        &good.replace("\"schema\":", "\"schema\":7"),
        &good.replace("\":\"", "\":\"!"),
    ];
    for text in garbled {
        asks_for_everything(hands, &Cursor(text.to_owned()), &ids).await;
    }
    hands.refuse_cursors();
    let refused = hands.door().changes(&asked(Some(&Cursor(good)))).await;
    let refused = refused.unwrap();
    assert!(refused.complete.is_empty() || present(&refused).len() == ids.len());
    hands.rename(&ids[0], "One since");
    let next = changes(hands, Some(&refused.cursor)).await;
    assert!(told(&next, &ids[0]).is_some(), "reading goes on from there");
}

async fn asks_for_everything<R: Sample>(hands: &impl Hands<R>, cursor: &Cursor, ids: &[RemoteId]) {
    match hands.door().changes(&asked(Some(cursor))).await {
        Err(failure) => assert_eq!(failure.class, Class::Resync, "{cursor:?}: {failure:?}"),
        Ok(set) => {
            assert!(!set.complete.is_empty(), "{cursor:?}");
            assert!(ids.iter().all(|id| told(&set, id).is_some()), "{cursor:?}");
        }
    }
}

/// More records than a page come whole, each once, and a change of any of them is found.
pub(super) async fn more_than_a_page_comes_whole<R: Sample>(hands: &impl Hands<R>) {
    hands.seed(MORE_THAN_A_PAGE);
    let first = changes(hands, None).await;
    let shown = present(&first);
    assert_eq!(
        (first.changes.len(), shown.len()),
        (MORE_THAN_A_PAGE, MORE_THAN_A_PAGE)
    );
    let again = changes(hands, None).await;
    assert_eq!(present(&again), shown);
    hands.pass(hands.habits().tells_again_for);
    let mut cursor = changes(hands, Some(&first.cursor)).await.cursor;
    for place in [0, MORE_THAN_A_PAGE / 2, MORE_THAN_A_PAGE - 1] {
        let id = &shown[place].id;
        hands.rename(id, "Renamed");
        let delta = changes(hands, Some(&cursor)).await;
        assert_eq!(
            told(&delta, id),
            Some(&Change::Present(seen(hands, id).await)),
            "at {place}"
        );
        hands.delete(id);
        let delta = changes(hands, Some(&delta.cursor)).await;
        assert_eq!(told(&delta, id), Some(&Change::Removed(id.clone())), "at {place}");
        cursor = delta.cursor;
    }
}

/// The records of other users are not shown, not read, not changed and not deleted, even where one of the user's own
/// says the very same.
pub(super) async fn nobody_elses_records_are_touched<R: Sample>(hands: &impl Hands<R>) {
    let cursor = changes(hands, None).await.cursor;
    let id = hands.make(Whose::SomebodyElses, "Namesake");
    let own = hands.make(Whose::Theirs, "Namesake");
    let row = hands.row(&id).unwrap();
    for cursor in [None, Some(&cursor)] {
        let shown = present(&changes(hands, cursor).await);
        assert!(shown.iter().all(|seen| seen.id == own), "{shown:?}");
    }
    let door = hands.door();
    let read = door.read(&id).await.unwrap();
    assert!(matches!(read, Reading::OutOfReach | Reading::Gone), "{read:?}");
    let forged = Observed {
        id: id.clone(),
        ..seen(hands, &own).await
    };
    let update = change_to(&forged, &forged.record.edited(), R::FIELDS);
    assert!(door.update(&update).await.is_err());
    assert_ne!(door.delete(&id, &forged.version).await, Ok(true));
    assert_eq!(hands.row(&id), Some(row));
}
