//! Odd texts and times.

use sync_core::failure::Class;

use super::{Hands, Sample, at_work, change_to, copy_of, differing, seen};

/// A server may cut, rewrite or lose what it is sent. What it returned it returns again, to readings and to writes of
/// the very same: so its rewriting costs one write at most, and never comes back over the original.
pub(super) async fn what_was_returned_is_stable<R: Sample>(hands: &impl Hands<R>) {
    let door = at_work(hands).await;
    for (number, record) in R::sample("Copy").odd().into_iter().enumerate() {
        let mut copy = copy_of::<R>(&format!("{number}"));
        copy.record = record;
        let made = door.create(&copy).await.unwrap().observed;
        assert_eq!(seen(hands, &made.id).await, made, "of {:?}", copy.record);
        // As runs do where the other side was edited: what this side showed goes back to it.
        let again = door
            .update(&change_to(&made, &made.record, R::FIELDS))
            .await
            .unwrap();
        assert_eq!(again.record, made.record, "of {:?}", copy.record);
        assert_eq!(seen(hands, &made.id).await.record, made.record);
        // The odd text itself becomes the same once more.
        let resent = door
            .update(&change_to(&again, &copy.record, R::FIELDS))
            .await
            .unwrap();
        assert_eq!(resent.record, made.record, "of {:?}", copy.record);
        // And with other fields it stays as it is.
        let rest = door
            .update(&change_to(&resent, &resent.record.edited(), &[R::REST]))
            .await
            .unwrap();
        let kept = R::FIELDS.iter().filter(|field| **field != R::REST);
        assert!(
            kept.into_iter()
                .all(|field| rest.record.fingerprint(*field) == made.record.fingerprint(*field))
        );
    }
    fits(hands).await;
}

/// What is cut or lost is no more than the limits say.
async fn fits<R: Sample>(hands: &impl Hands<R>) {
    let door = at_work(hands).await;
    let plain = ["Plain", &"Long name ".repeat(200), "Party \u{1f389}"];
    for name in plain {
        let mut copy = copy_of::<R>(&format!("fits {name}"));
        copy.record = R::sample(name.trim_end());
        let made = door.create(&copy).await.unwrap().observed;
        let lost = differing(&made.record, &copy.record, &door.limits());
        assert!(lost.is_empty(), "{lost:?} of {:?} became {made:?}", copy.record);
    }
}

/// What no record can say is refused as what will never go through, and leaves nothing behind; or it is kept as what
/// can be.
pub(super) async fn what_cannot_be_is_never_kept<R: Sample>(hands: &impl Hands<R>) {
    let door = at_work(hands).await;
    let good = door.create(&copy_of::<R>("Good")).await.unwrap().observed;
    let mut living = 1;
    for (number, record) in R::sample("Copy").impossible().into_iter().enumerate() {
        let mut copy = copy_of::<R>(&format!("{number}"));
        copy.record = record;
        match door.create(&copy).await {
            Ok(made) => {
                living += 1;
                assert!(made.observed.record.is_possible(), "{:?}", made.observed);
            }
            Err(failure) => assert_eq!(failure.class, Class::Permanent, "{failure:?}"),
        }
        assert_eq!(hands.living(), living, "{:?}", copy.record);
        let before = seen(hands, &good.id).await;
        match door.update(&change_to(&before, &copy.record, R::FIELDS)).await {
            Ok(after) => assert!(after.record.is_possible(), "{after:?}"),
            Err(failure) => {
                assert_eq!(failure.class, Class::Permanent, "{failure:?}");
                assert_eq!(seen(hands, &good.id).await.record, before.record);
            }
        }
    }
}
