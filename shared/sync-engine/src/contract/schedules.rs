//! The laws of [`Schedules`] that can be seen through the door itself: what is accepted, refused and repeatable.

use std::sync::Arc;
use std::time::Duration;

use sync_core::id::AccountLinkId;
use sync_core::port::{Schedules, SchedulesFailure, Trigger};

/// Runs every law over one scheduler. It may hold no schedule of the CRM `contract`.
pub async fn run(schedules: Arc<dyn Schedules>) {
    let schedules = schedules.as_ref();
    every_account_link_can_be_scheduled(schedules).await;
    setting_and_removing_may_be_repeated(schedules).await;
    a_single_run_may_be_asked_for_twice(schedules).await;
    an_interval_of_nothing_is_refused(schedules).await;
}

async fn every_account_link_can_be_scheduled(schedules: &dyn Schedules) {
    // The CRM's own ids may hold anything and have any length.
    for user in [
        "1",
        "seed_will_id",
        "a b/c#d",
        "ü😀",
        &"x".repeat(300),
        "x-y",
        "x_y",
    ] {
        let link = AccountLinkId::new("contract", user);
        schedules.set(&link, 15, false).await.unwrap();
        schedules
            .run_soon(&link, Trigger::Manual, "0190-run")
            .await
            .unwrap();
        schedules.remove(&link).await.unwrap();
    }
    for minutes in [1, 5, 15, 60, 1440] {
        schedules
            .set(&AccountLinkId::new("contract", "interval"), minutes, false)
            .await
            .unwrap();
    }
}

async fn setting_and_removing_may_be_repeated(schedules: &dyn Schedules) {
    let link = AccountLinkId::new("contract", "repeated");
    schedules.remove(&link).await.unwrap();
    schedules.set(&link, 15, false).await.unwrap();
    schedules.set(&link, 15, false).await.unwrap();
    schedules.set(&link, 30, true).await.unwrap();
    schedules.set(&link, 30, true).await.unwrap();
    schedules.set(&link, 15, false).await.unwrap();
    schedules.remove(&link).await.unwrap();
    schedules.remove(&link).await.unwrap();
    schedules.set(&link, 15, false).await.unwrap();
    schedules.remove(&link).await.unwrap();
}

async fn a_single_run_may_be_asked_for_twice(schedules: &dyn Schedules) {
    let link = AccountLinkId::new("contract", "single");
    for trigger in [
        Trigger::Manual,
        Trigger::Manual,
        Trigger::GooglePush,
        Trigger::CrmHook,
        Trigger::Continuation,
    ] {
        schedules.run_soon(&link, trigger, "0190-same").await.unwrap();
    }
    let in_an_hour = Duration::from_hours(1);
    for _ in 0..2 {
        schedules
            .run_after(in_an_hour, &link, Trigger::Continuation, "0190-later")
            .await
            .unwrap();
    }
}

async fn an_interval_of_nothing_is_refused(schedules: &dyn Schedules) {
    let link = AccountLinkId::new("contract", "nothing");
    assert!(matches!(
        schedules.set(&link, 0, false).await,
        Err(SchedulesFailure::Refused(_))
    ));
    assert!(matches!(
        schedules.run_soon(&link, Trigger::Manual, "").await,
        Err(SchedulesFailure::Refused(_))
    ));
}
