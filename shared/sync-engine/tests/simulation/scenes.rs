//! Single courses of events that once went wrong, or that no history would find.

use std::collections::BTreeSet;

use chrono::Duration;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use sync_core::kind::Kind;
use sync_core::kind::event::{EventRecord, When};
use sync_core::kind::task::{Status, TaskRecord};
use sync_core::mutation::{self, Mutation};
use sync_core::side::Side;

use crate::door::POISON;
use crate::faults::Fault;
use crate::kinds::Played;
use crate::world::World;

/// Plays a scene in a world of one account link.
fn in_a_world<F: Future<Output = ()>>(scene: impl FnOnce(World) -> F) {
    in_a_world_with(Kind::Event, scene);
}

/// The same, in the first world that has records of that kind alone.
fn in_a_world_with<F: Future<Output = ()>>(kind: Kind, scene: impl FnOnce(World) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut worlds = (0..).map(|seed| World::new(&mut SmallRng::seed_from_u64(seed), 1, None));
        let world = worlds
            .find(|world| world.kinds() == [kind])
            .expect("a world with that kind alone");
        world.link(0).await;
        scene(world).await;
    });
}

fn meeting(world: &World, title: &str) -> EventRecord {
    let start = world.now() + Duration::hours(50);
    EventRecord {
        title: title.to_owned(),
        description: String::new(),
        location: String::new(),
        when: When::Timed { start, end: start },
        private: false,
    }
}

/// The memory is lost while an event lies in the bin; its copy is taken for the copy of another one that says the
/// same. When the event comes back, its copy belongs to somebody else.
#[test]
fn a_copy_that_stands_in_another_pair_is_not_adopted() {
    in_a_world(|world| async move {
        let [crm, google] = Side::BOTH.map(|side| world.server::<EventRecord>(0, side));
        let one = meeting(&world, "1");
        let first = google.person_creates(0, "first", one.clone());
        world.run(0).await;
        google.person_deletes(0, &first);
        world.lose_store().await;
        google.person_creates(0, "second", one);
        world.run(0).await;
        assert_eq!(crm.living(0).len(), 1, "the copy is taken for the second one's");

        google.person_restores(0, &first);
        world.run(0).await;
        let pairs = world.memory.pairs(&World::id(0), Kind::Event).await.unwrap();
        let halves: BTreeSet<_> = pairs
            .iter()
            .flat_map(|pair| [&pair.half.crm.id, &pair.half.google.id])
            .collect();
        assert_eq!((pairs.len(), halves.len()), (2, 4));
        assert_eq!(crm.living(0).len(), 2);
    });
}

/// An event is deleted in Google, its record in the CRM with it; what was deleted is put back from the journal. Says
/// how many records each side has then, a run later.
fn after_a_deletion_is_undone() -> [usize; 2] {
    let mut there = [0, 0];
    let counted = &mut there;
    in_a_world(|world| async move {
        let [crm, google] = Side::BOTH.map(|side| world.server::<EventRecord>(0, side));
        let event = google.person_creates(0, "first", meeting(&world, "1"));
        world.run(0).await;
        google.person_deletes(0, &event);
        world.run(0).await;
        assert!(crm.living(0).is_empty(), "the deletion is carried over");
        let journal = world.memory.journal(&World::id(0), None, 10).await.unwrap();
        let entry = journal.items.first().expect("what was deleted is in the journal");
        world.restore(0, &entry.id).await;
        world.run(0).await;
        *counted = [crm.living(0).len(), google.living(0).len()];
    });
    there
}

#[test]
fn a_deletion_can_be_undone() {
    assert_eq!(after_a_deletion_is_undone(), [1, 1]);
    let unwritten = mutation::with(Mutation::RestoredUnwritten, after_a_deletion_is_undone);
    assert_eq!(unwritten, [0, 0]);
}

/// Two records that look like one thing, and that no side takes: first one of the two writes is refused, then both.
/// Whichever of them is told of, it is tried again after a while, and not at once for the other one's sake.
#[test]
fn two_records_that_nobody_takes_are_parked_as_one() {
    in_a_world(|world| async move {
        let [crm, google] = Side::BOTH.map(|side| world.server::<EventRecord>(0, side));
        let plain = meeting(&world, "1");
        let poisoned = EventRecord {
            description: POISON.to_owned(),
            ..plain.clone()
        };
        google.person_creates(0, "here", poisoned);
        let there = crm.person_creates(0, "there", plain);
        for run in 0..4 {
            world.run(0).await;
            let parked = world.memory.parked(&World::id(0), Kind::Event).await.unwrap();
            assert_eq!(parked.len(), 1, "run {run}");
            assert!(
                parked.iter().all(|parked| parked.retry_at > world.now()),
                "run {run}"
            );
            if run == 0 {
                crm.person_edits(0, &there, |now| now.record.location = "3".to_owned());
            }
            tokio::time::sleep(std::time::Duration::from_mins(16)).await;
        }
    });
}

/// What a person does to the copy before the original is deleted.
type Deed<R> = fn(&mut R);

/// A record is copied and the process dies before it can remember that; the original is deleted, and a run later each
/// side has so many records.
fn after_a_death_and_a_deletion<R: Played>(
    record: fn(&World) -> R,
    from: Side,
    deed: Option<Deed<R>>,
) -> [usize; 2] {
    let mut there = [0, 0];
    let counted = &mut there;
    in_a_world_with(R::KIND, |world| async move {
        let [original, copy] = [from, from.other()].map(|side| world.server::<R>(0, side));
        // So that the next run reads no more than what changed.
        world.run(0).await;
        let id = original.person_creates(0, "first", record(&world));
        // Both sides are read, then the copy is made.
        world.faults.stage(2, Fault::CrashAfter);
        world.faulty_runs(&[0], std::time::Duration::ZERO).await;
        let copies: Vec<_> = copy.living(0).into_keys().collect();
        assert_eq!((original.living(0).len(), copies.len()), (1, 1));
        if let Some(deed) = deed {
            copy.person_edits(0, &copies[0], |now| deed(&mut now.record));
        }
        original.person_deletes(0, &id);
        tokio::time::sleep(std::time::Duration::from_mins(15)).await;
        for _ in 0..2 {
            world.run(0).await;
            *counted = [original.living(0).len(), copy.living(0).len()];
        }
    });
    there
}

#[test]
fn what_a_dead_run_copied_goes_with_its_original_unless_somebody_worked_on_it() {
    let event = |world: &World| meeting(world, "1");
    let task = |_: &World| TaskRecord {
        title: "1".to_owned(),
        notes: "2".to_owned(),
        due: None,
        status: Status::Open,
    };
    let renamed: Deed<EventRecord> = |record| record.title = "3".to_owned();
    let noted: Deed<TaskRecord> = |record| record.notes = "3".to_owned();
    for from in Side::BOTH {
        let deleted = || after_a_death_and_a_deletion(event, from, None);
        assert_eq!(deleted(), [0, 0], "an event of {from}");
        assert_eq!(mutation::with(Mutation::MakingsUnread, deleted), [1, 1]);
        let edited = after_a_death_and_a_deletion(event, from, Some(renamed));
        assert_eq!(edited, [1, 1], "an event of {from}");

        let deleted = || after_a_death_and_a_deletion(task, from, None);
        assert_eq!(deleted(), [0, 0], "a task of {from}");
        assert_eq!(mutation::with(Mutation::MakingsUnread, deleted), [1, 1]);
        let edited = after_a_death_and_a_deletion(task, from, Some(noted));
        assert_eq!(edited, [1, 1], "a task of {from}");
    }
}

/// The occurrence of a series that comes into the horizon is copied by a run that dies, while all the others stand in
/// pairs; then it is deleted by itself. A whole listing says nothing of it but that it is not there.
#[test]
fn the_last_occurrence_that_a_dead_run_copied_goes_with_its_original() {
    in_a_world(|world| async move {
        let [crm, google] = Side::BOTH.map(|side| world.server::<EventRecord>(0, side));
        google.person_repeats(0, "series", &meeting(&world, "1"), 14, 28);
        world.run(0).await;
        assert_eq!(crm.living(0).len(), 13, "the horizon ends before the last one");
        tokio::time::sleep(std::time::Duration::from_hours(8 * 24)).await;
        // Whole listings are not counted: the first call of the others makes the copy.
        world.faults.stage(0, Fault::CrashAfter);
        world.faulty_runs(&[0], std::time::Duration::ZERO).await;
        assert_eq!(crm.living(0).len(), 14);
        let occurrences = google.living(0);
        let (last, _) = occurrences.last_key_value().expect("the series");
        google.person_deletes(0, last);
        for _ in 0..2 {
            tokio::time::sleep(std::time::Duration::from_mins(15)).await;
            world.run(0).await;
            assert_eq!([crm.living(0).len(), google.living(0).len()], [13, 13]);
        }
    });
}

/// Copies are noted 24 at a time: for 2,000 of them, the memory is asked to write little more than without.
#[test]
fn a_first_sync_writes_few_notes() {
    in_a_world(|world| async move {
        let [crm, google] = Side::BOTH.map(|side| world.server::<EventRecord>(0, side));
        for number in 0..2_000 {
            let mut event = meeting(&world, &number.to_string());
            event.description = "What is to be talked about, who comes, and what they bring.".to_owned();
            google.person_creates(0, &format!("of-google-{number}"), event);
        }
        world.run(0).await;
        assert_eq!(crm.living(0).len(), 2_000);
        let (all, notes) = *world.store.written.lock().unwrap();
        // 84 notes, taken away again with the last copies and what does not fit in with them.
        assert_eq!((notes.transactions, notes.rows), (86, 2 * 84));
        assert!(notes.bytes * 8 < all.bytes, "{notes:?} of {all:?}");

        // The note of a single one goes with the commit of its pair.
        google.person_creates(0, "one-more", meeting(&world, "one more"));
        world.run(0).await;
        let (then, notes_then) = *world.store.written.lock().unwrap();
        assert_eq!(notes_then.transactions - notes.transactions, 2);
        assert_eq!(
            then.transactions - all.transactions,
            3,
            "note, pair, end of the run"
        );
    });
}
