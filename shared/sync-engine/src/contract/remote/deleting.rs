//! Deletions.

use sync_core::change::{Change, Reading};
use sync_core::failure::Class;

use super::{
    Hands, Sample, Trouble, Whose, at_work, changes, copy_of, is_passing, present, seen, told, writes_end,
};

/// So many times a deletion is tried again that met trouble, as runs do.
const RUNS_MAX: usize = 8;

/// A deletion says whether there was something to delete, is told by the next delta, and harms nothing when it comes
/// again, under whatever version.
pub(super) async fn deleting_twice_is_deleting_once<R: Sample>(hands: &impl Hands<R>) {
    let bystander = hands.make(Whose::Theirs, "Bystander");
    let door = at_work(hands).await;
    let copy = door.create(&copy_of::<R>("Copy")).await.unwrap().observed;
    let cursor = changes(hands, None).await.cursor;
    assert_eq!(door.delete(&copy.id, &copy.version).await, Ok(true));
    assert_eq!((hands.row(&copy.id), hands.living()), (None, 1));
    for door in [door, hands.door()] {
        assert_eq!(door.delete(&copy.id, &copy.version).await, Ok(false));
        assert_eq!(door.read(&copy.id).await, Ok(Reading::Gone));
    }
    let delta = changes(hands, Some(&cursor)).await;
    assert_eq!(told(&delta, &copy.id), Some(&Change::Removed(copy.id.clone())));
    let whole = changes(hands, None).await;
    assert!(present(&whole).iter().all(|other| other.id == bystander));

    let id = hands.make(Whose::Theirs, "Deleted by a person");
    let last = seen(hands, &id).await;
    hands.delete(&id);
    assert_eq!(hands.door().delete(&id, &last.version).await, Ok(false));
    assert_eq!(seen(hands, &bystander).await.record.name(), "Bystander");
    assert_eq!(hands.mails(), 0);
}

/// Whatever becomes of the request, the record is deleted after some runs, and is said to be there until then.
pub(super) async fn a_deletion_is_done_once_whatever_happens<R: Sample>(
    hands: &impl Hands<R>,
    trouble: Trouble,
) {
    let bystander = hands.make(Whose::Theirs, "Bystander");
    for times in [1, 2] {
        let about = format!("{trouble:?}, {times} times");
        let id = hands.make(Whose::Theirs, "Doomed");
        let last = seen(hands, &id).await;
        let door = at_work(hands).await;
        writes_end(hands, trouble, times);
        let mut outcome = door.delete(&id, &last.version).await;
        for _ in 0..RUNS_MAX {
            let Err(failure) = &outcome else { break };
            assert!(
                is_passing(failure, trouble) || failure.class == Class::Permanent,
                "{about}: {failure:?}"
            );
            let is_there = hands.row(&id).is_some();
            let read = hands.door().read(&id).await.unwrap();
            assert_eq!(matches!(read, Reading::Present(_)), is_there, "{about}: {read:?}");
            outcome = hands.door().delete(&id, &last.version).await;
        }
        hands.calm();
        outcome.unwrap();
        assert_eq!((hands.row(&id), hands.living()), (None, 1), "{about}");
    }
    assert_eq!(seen(hands, &bystander).await.record.name(), "Bystander");
}
