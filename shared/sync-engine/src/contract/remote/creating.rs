//! Copies of the other side's records.

use std::collections::BTreeSet;

use futures::future::join_all;
use sync_core::change::{Change, Observed};
use sync_core::failure::{Class, Failure};
use sync_core::id::RemoteId;
use sync_core::port::{Create, CreateSeries, Created, Remote};

use super::samples::ZONE;
use super::{
    Hands, Sample, Trouble, Whose, asked, at_work, changes, copy_of, differing, is_passing, only, origin,
    present, seen, told, writes_end,
};

/// Runs until one goes through, as the schedule starts them.
const RUNS_MAX: usize = 8;

/// The same original gives the same name in every run, and no other gives it.
pub(super) async fn names_are_derived<R: Sample>(hands: &impl Hands<R>) {
    let mut names = BTreeSet::new();
    for origin in [
        RemoteId::new("one", "a"),
        RemoteId::new("one", "A"),
        RemoteId::new("onea", ""),
        RemoteId::new("two", "a"),
    ] {
        for generation in [0, 1, 11] {
            let name = hands.door().derived_id(&origin, generation);
            assert_eq!(name, hands.door().derived_id(&origin, generation));
            assert!(names.insert(name), "{origin} in generation {generation}");
        }
    }
    assert_eq!(hands.requests(), (0, 0), "deriving a name asks nobody");
}

/// What a creation returns is what is there: to a reading by name, to the next delta and to a whole reading, under the
/// same version, with our sign on it.
pub(super) async fn a_copy_is_what_every_reading_shows<R: Sample>(hands: &impl Hands<R>) {
    let door = hands.door();
    let before = door.changes(&asked(None)).await.unwrap();
    let copy = copy_of::<R>("Copy");
    let created = door.create(&copy).await.unwrap();
    let observed = &created.observed;
    assert_eq!((created.generation, created.adopted), (0, false));
    let lost = differing(&observed.record, &copy.record, &door.limits());
    assert!(
        lost.is_empty(),
        "{lost:?} of {:?} became {observed:?}",
        copy.record
    );
    assert_eq!(hands.living(), 1);
    is_known_again(&*door, &copy, observed);

    assert_eq!(seen(hands, &observed.id).await, *observed);
    let delta = changes(hands, Some(&before.cursor)).await;
    assert_eq!(
        told(&delta, &observed.id),
        Some(&Change::Present(observed.clone()))
    );
    assert_eq!(only(&changes(hands, None).await), *observed);

    assert!(hands.is_whole(&observed.id));
    let row = hands.row(&observed.id);
    hands.door().complete(&observed.id).await.unwrap();
    assert_eq!(hands.row(&observed.id), row, "a whole copy lacks nothing");
    assert_eq!(seen(hands, &observed.id).await, *observed);
    assert_eq!(hands.mails(), 0);
    // Whatever people make of it, it is known again.
    hands.rename(&observed.id, "Renamed");
    is_known_again(&*door, &copy, &seen(hands, &observed.id).await);
}

fn is_known_again<R: Sample>(door: &dyn Remote<R>, copy: &Create<R>, observed: &Observed<R>) {
    let by_name = observed.goes_by(&door.derived_id(&copy.origin, copy.generation));
    let by_mark = observed.traits.made_from.as_ref() == Some(&copy.origin);
    assert!(
        by_name || by_mark || door.leaves_copies_unmarked(),
        "no sign of ours on {observed:?}"
    );
}

/// A creation that is sent again, in the same run or another one, meets the first.
pub(super) async fn a_creation_repeated_finds_the_first<R: Sample>(hands: &impl Hands<R>) {
    if !hands.habits().finds_copies {
        return;
    }
    let door = at_work(hands).await;
    let first = door.create(&copy_of::<R>("Copy")).await.unwrap().observed;
    let row = hands.row(&first.id);
    let other_words = Create {
        record: R::sample("Another"),
        ..copy_of("Copy")
    };
    for door in [door, hands.door()] {
        let again = door.create(&other_words).await.unwrap();
        assert!(again.adopted && again.generation == 0);
        assert_eq!(again.observed, first);
    }
    assert_eq!((hands.living(), hands.row(&first.id)), (1, row));
}

/// The id of what a person has deleted is never brought back to life.
pub(super) async fn a_deleted_copy_is_made_anew<R: Sample>(hands: &impl Hands<R>) {
    let copy = copy_of::<R>("Copy");
    let first = at_work(hands).await.create(&copy).await.unwrap().observed;
    hands.delete(&first.id);
    let anew = at_work(hands).await.create(&copy).await.unwrap();
    assert!(!anew.adopted);
    assert_ne!(anew.observed.id, first.id);
    assert_eq!(hands.living(), 1);
    assert_eq!(seen(hands, &anew.observed.id).await, anew.observed);
    let known = Create {
        generation: anew.generation,
        ..copy
    };
    is_known_again(&*hands.door(), &known, &anew.observed);
}

/// Runs make many copies at once, and none of them takes another's place.
pub(super) async fn many_copies_are_made_side_by_side<R: Sample>(hands: &impl Hands<R>) {
    const MANY: usize = 12;
    let door = at_work(hands).await;
    let copies: Vec<Create<R>> = (0..MANY)
        .map(|number| copy_of(&format!("Copy {number}")))
        .collect();
    let made = join_all(copies.iter().map(|copy| door.create(copy))).await;
    let mut ids = BTreeSet::new();
    for (copy, created) in copies.iter().zip(made) {
        let created = created.unwrap();
        assert_eq!(created.observed.record.name(), copy.record.name());
        is_known_again(&*door, copy, &created.observed);
        ids.insert(created.observed.id);
    }
    assert_eq!((ids.len(), hands.living()), (MANY, MANY));
    assert_eq!(present(&changes(hands, None).await).len(), MANY);
}

/// A series made from rows is there once, though the answer to its making was lost; its occurrences say what the rows
/// say, and are known as ours. A side that has no rules, and what does not recur, is asked for none.
pub(super) async fn a_series_is_there_once<R: Sample>(hands: &impl Hands<R>) {
    let rows = R::weekly();
    let door = at_work(hands).await;
    let Some(series) = R::series_of(&rows, ZONE, &door.limits()) else {
        return;
    };
    let create = CreateSeries {
        origin: origin("Rows"),
        generation: 0,
        series,
    };
    let cursor = changes(hands, None).await.cursor;
    writes_end(hands, Trouble::LostAnswer, 1);
    let made = door.create_series(&create).await.unwrap();
    hands.calm();
    assert_eq!(made.occurrences.len(), rows.len());
    for (row, occurrence) in rows.iter().zip(&made.occurrences) {
        let lost = differing(&occurrence.record, row, &door.limits());
        assert!(lost.is_empty(), "{lost:?} of {row:?} became {occurrence:?}");
        assert_eq!(occurrence.traits.series_made_from.as_ref(), Some(&create.origin));
        assert_eq!(seen(hands, &occurrence.id).await, *occurrence);
    }
    let again = at_work(hands).await.create_series(&create).await.unwrap();
    assert!(again.adopted && again.occurrences == made.occurrences);
    assert_eq!((hands.living(), hands.mails()), (1, 0));
    for cursor in [None, Some(&cursor)] {
        let set = changes(hands, cursor).await;
        let series = made.occurrences[0].traits.series.clone().unwrap();
        let Some(Change::Series { occurrences, .. }) = told(&set, &series) else {
            panic!("no series: {set:?}")
        };
        assert_eq!(*occurrences, made.occurrences);
    }
}

/// Whatever becomes of the requests that make a copy, it is there once when the runs are over, and says what it shall.
pub(super) async fn a_copy_is_there_once_whatever_happens<R: Sample>(
    hands: &impl Hands<R>,
    trouble: Trouble,
) {
    let bystander = hands.make(Whose::Theirs, "Bystander");
    let mut made = 1;
    for times in [1, 2] {
        let name = format!("{trouble:?} {times}");
        let copy = copy_of::<R>(&name);
        let about = format!("{trouble:?}, {times} times");
        let door = at_work(hands).await;
        writes_end(hands, trouble, times);
        let mut outcome = door.create(&copy).await;
        for _ in 0..RUNS_MAX {
            let Err(failure) = &outcome else { break };
            // A server that fails inside whenever it is sent this very record may have it parked.
            let parked = failure.class == Class::Permanent && inside(trouble);
            assert!(is_passing(failure, trouble) || parked, "{about}: {failure:?}");
            assert!(hands.living() <= made + 1, "{about}: it is there twice");
            outcome = next_run(hands, &copy).await;
        }
        hands.calm();
        made += 1;
        let observed = outcome.unwrap().observed;
        assert_eq!(hands.living(), made, "{about}");
        assert!(hands.is_whole(&observed.id), "{about}");
        let lost = differing(&observed.record, &copy.record, &hands.door().limits());
        assert!(lost.is_empty(), "{about}: {lost:?} of {observed:?}");
        assert_eq!(seen(hands, &observed.id).await, observed, "{about}");
    }
    assert_eq!(seen(hands, &bystander).await.record.name(), "Bystander");
    assert_eq!(hands.mails(), 0);
}

fn inside(trouble: Trouble) -> bool {
    matches!(trouble, Trouble::Away(500) | Trouble::Failed(500))
}

/// What the next run does: it reads, and makes the copy where it finds none of it.
async fn next_run<R: Sample>(hands: &impl Hands<R>, copy: &Create<R>) -> Result<Created<R>, Failure> {
    let door = hands.door();
    let set = door.changes(&asked(None)).await?;
    let derived = door.derived_id(&copy.origin, 0);
    let is_it = |seen: &Observed<R>| {
        let marked = seen.goes_by(&derived) || seen.traits.made_from == Some(copy.origin.clone());
        marked || door.leaves_copies_unmarked() && seen.record.name() == copy.record.name()
    };
    match present(&set).into_iter().find(is_it) {
        Some(found) if !hands.habits().finds_copies => Ok(Created {
            observed: found,
            generation: 0,
            adopted: true,
        }),
        Some(_) | None => door.create(copy).await,
    }
}
