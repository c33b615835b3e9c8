//! Changes of single fields.

use futures::future::join;
use sync_core::change::Change;
use sync_core::failure::Class;
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::side::PerSide;

use super::{
    Hands, Sample, Trouble, Whose, at_work, change_to, changes, copy_of, is_passing, moved, seen, told,
    writes_end,
};

/// So many times a change is tried again that met trouble, as runs do.
const RUNS_MAX: usize = 8;

/// For every field: it reads as it was written, the others read as before although the whole record says otherwise,
/// and what the sync does not carry is the same to the letter. What the change returns is what every reading shows.
pub(super) async fn a_change_writes_the_named_fields_only<R: Sample>(hands: &impl Hands<R>) {
    let door = at_work(hands).await;
    let id = door.create(&copy_of::<R>("Copy")).await.unwrap().observed.id;
    hands.adorn(&id);
    let limits = door.limits();
    let both = PerSide {
        crm: &limits,
        google: &limits,
    };
    for field in R::FIELDS.iter().copied() {
        let cursor = changes(hands, None).await.cursor;
        let before = seen(hands, &id).await;
        let row = hands.row(&id).unwrap();
        let edited = before.record.edited();
        let after = hands
            .door()
            .update(&change_to(&before, &edited, &[field]))
            .await
            .unwrap();
        let name = R::field_name(field);
        for other in R::FIELDS.iter().copied().filter(|other| *other != field) {
            let kept = after.record.fingerprint(other) == before.record.fingerprint(other);
            assert!(kept, "{} with {name}: {before:?} {after:?}", R::field_name(other));
        }
        let now = hands.row(&id).unwrap();
        if R::can_hold(field, &limits) {
            assert!(
                after.record.same(field, &edited, both),
                "{name}: {edited:?} {after:?}"
            );
            assert_ne!(after.version, before.version, "{name}");
            let strange: Vec<String> = moved(&row, &now)
                .into_iter()
                .filter(|column| !hands.carried().contains(&column.as_str()))
                .collect();
            assert!(strange.is_empty(), "{name} moved {strange:?}: {row:?} {now:?}");
        } else {
            assert_eq!(now, row, "there is no {name}");
        }
        assert_eq!(seen(hands, &id).await, after, "{name}");
        let delta = changes(hands, Some(&cursor)).await;
        if R::can_hold(field, &limits) {
            assert_eq!(told(&delta, &id), Some(&Change::Present(after)), "{name}");
        }
    }
    assert_eq!((hands.living(), hands.mails()), (1, 0));
}

/// A change that names nothing is no write.
pub(super) async fn a_change_of_nothing_changes_nothing<R: Sample>(hands: &impl Hands<R>) {
    let door = at_work(hands).await;
    let before = door.create(&copy_of::<R>("Copy")).await.unwrap().observed;
    let (row, (_, writes)) = (hands.row(&before.id), hands.requests());
    let nothing = change_to(&before, &before.record.edited(), &[]);
    assert_eq!(door.update(&nothing).await.unwrap(), before);
    assert_eq!((hands.row(&before.id), hands.requests().1), (row, writes));
    hands.rename(&before.id, "Renamed");
    let failure = door.update(&nothing).await.unwrap_err();
    assert_eq!(failure.class, Class::Conflict);
}

/// Whoever has not seen the last change writes nothing over it, and neither over what is gone or somebody else's.
pub(super) async fn nothing_is_written_over_a_change_that_was_not_seen<R: Sample>(hands: &impl Hands<R>) {
    let id = hands.make(Whose::Theirs, "Before");
    let stale = seen(hands, &id).await;
    hands.rename(&id, "After");
    let row = hands.row(&id);
    let update = change_to(&stale, &stale.record.edited(), &[R::REST]);
    for _ in 0..2 {
        let failure = hands.door().update(&update).await.unwrap_err();
        assert_eq!(failure.class, Class::Conflict, "{failure:?}");
        let failure = hands.door().delete(&id, &stale.version).await.unwrap_err();
        assert_eq!(failure.class, Class::Conflict, "{failure:?}");
        assert_eq!(hands.row(&id), row);
    }
    let fresh = seen(hands, &id).await;
    assert_eq!(fresh.record.name(), "After");
    let update = change_to(&fresh, &fresh.record.edited(), &[R::REST]);
    let now = hands.door().update(&update).await.unwrap();
    assert_eq!(now.record.name(), "After");
    if hands.give_away(&id) {
        refuses_to_change(hands, &id, &change_to(&now, &stale.record, &[R::REST])).await;
    }
    let id = hands.make(Whose::Theirs, "Deleted");
    let last = seen(hands, &id).await;
    hands.delete(&id);
    refuses_to_change(hands, &id, &change_to(&last, &last.record.edited(), &[R::REST])).await;
    assert_eq!(hands.row(&id), None, "nothing comes back to life");
}

async fn refuses_to_change<R: Record>(
    hands: &impl Hands<R>,
    id: &RemoteId,
    update: &sync_core::port::Update<R>,
) {
    let row = hands.row(id);
    let failure = hands.door().update(update).await.unwrap_err();
    assert_eq!(failure.class, Class::Conflict, "{failure:?}");
    assert_eq!(hands.row(id), row);
}

/// Two changes of one version at the same time: one goes through, the other one is told.
pub(super) async fn of_two_changes_at_once_one_is_refused<R: Sample>(hands: &impl Hands<R>) {
    let door = at_work(hands).await;
    let before = door.create(&copy_of::<R>("Copy")).await.unwrap().observed;
    let edited = before.record.edited();
    let (name, rest) = (
        change_to(&before, &edited, &[R::NAME]),
        change_to(&before, &edited, &[R::REST]),
    );
    let outcomes = join(door.update(&name), door.update(&rest)).await;
    let now = seen(hands, &before.id).await;
    let wrote = |field| now.record.fingerprint(field) == edited.fingerprint(field);
    let refused = match outcomes {
        (Ok(after), Err(refused)) => {
            assert!(wrote(R::NAME) && !wrote(R::REST) && after == now);
            refused
        }
        (Err(refused), Ok(after)) => {
            assert!(wrote(R::REST) && !wrote(R::NAME) && after == now);
            refused
        }
        both => panic!("{both:?}"),
    };
    assert_eq!(refused.class, Class::Conflict, "{refused:?}");
}

/// Whatever becomes of the requests of a change, the record reads as before or as it shall and not in between, and
/// after some runs as it shall.
pub(super) async fn a_change_is_whole_whatever_happens<R: Sample>(hands: &impl Hands<R>, trouble: Trouble) {
    for times in [1, 2] {
        let about = format!("{trouble:?}, {times} times");
        let id = hands.make(Whose::Theirs, "Before");
        let before = seen(hands, &id).await;
        let wanted = before.record.edited();
        let fields = [R::NAME, R::REST];
        let is = |record: &R, like: &R| {
            let mut fields = fields.into_iter();
            fields.all(|field| record.fingerprint(field) == like.fingerprint(field))
        };
        let door = at_work(hands).await;
        writes_end(hands, trouble, times);
        let mut outcome = door.update(&change_to(&before, &wanted, &fields)).await;
        for _ in 0..RUNS_MAX {
            let now = seen(hands, &id).await;
            let Err(failure) = &outcome else { break };
            // A change whose answer was lost may be a conflict with itself: the next look shows it done.
            let refused = matches!(failure.class, Class::Conflict | Class::Permanent);
            assert!(is_passing(failure, trouble) || refused, "{about}: {failure:?}");
            assert!(
                is(&now.record, &before.record) || is(&now.record, &wanted),
                "{about}: {now:?}"
            );
            outcome = if is(&now.record, &wanted) {
                Ok(now)
            } else {
                hands.door().update(&change_to(&now, &wanted, &fields)).await
            };
        }
        hands.calm();
        let after = outcome.unwrap();
        assert!(is(&after.record, &wanted), "{about}: {after:?}");
        assert_eq!(seen(hands, &id).await, after, "{about}");
    }
    assert_eq!(hands.mails(), 0);
}
