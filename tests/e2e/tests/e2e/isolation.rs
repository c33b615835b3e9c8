//! Users and CRMs do not see each other.

use std::time::Duration;

use serde_json::json;
use simulators::{Fault, FaultRule, When};

use crate::rig::{
    ANNA, ANNA_MAIL, BEN, BEN_MAIL, Browser, CRM, Crm, CrmOptions, Kind, Rig, assert_same, at, crm_items,
    google_items, linked_to, over_every_crm,
};

const HALF_AN_HOUR: Duration = Duration::from_mins(30);

async fn two_users_of_one_crm_get_their_own_and_nothing_of_the_other(kind: Kind) {
    let rig = Rig::linked(kind).await;
    rig.link(BEN, BEN_MAIL).await;
    rig.anna()
        .create_meeting("Anna's", at("2026-11-24T10:00"), HALF_AN_HOUR)
        .unwrap();
    rig.crm
        .person(BEN)
        .create_meeting("Ben's", at("2026-11-24T11:00"), HALF_AN_HOUR)
        .unwrap();
    rig.google
        .person(BEN_MAIL)
        .create_timed(
            "primary",
            "Ben's own",
            at("2026-11-25T11:00"),
            at("2026-11-25T12:00"),
        )
        .unwrap();
    let of_ben = (crm_items(&rig.crm, BEN), google_items(&rig.google, BEN_MAIL));
    rig.sync_to_rest().await;
    assert_eq!(
        (crm_items(&rig.crm, BEN), google_items(&rig.google, BEN_MAIL)),
        of_ben,
        "Anna's run touched Ben's"
    );
    assert_eq!(google_items(&rig.google, ANNA_MAIL).len(), 1);
    let of_anna = (crm_items(&rig.crm, ANNA), google_items(&rig.google, ANNA_MAIL));
    rig.sync_of(CRM, BEN).await.ok();
    assert_eq!(
        (crm_items(&rig.crm, ANNA), google_items(&rig.google, ANNA_MAIL)),
        of_anna,
        "Ben's run touched Anna's"
    );
    assert_same(&rig, ANNA, ANNA_MAIL);
    assert_same(&rig, BEN, BEN_MAIL);

    // Ben withdraws his access: Anna's goes on.
    rig.google.revoke_access(BEN_MAIL);
    assert_eq!(rig.sync_of(CRM, BEN).await.outcome, "needs_authorization");
    assert_eq!(rig.state(ANNA).await, "active");
    rig.sync_to_rest().await;
}

async fn a_meeting_handed_to_a_colleague_goes_to_his_calendar_and_is_doubled_nowhere(kind: Kind) {
    let rig = Rig::linked(kind).await;
    rig.link(BEN, BEN_MAIL).await;
    let meeting = rig
        .anna()
        .create_meeting("Handed over", at("2026-11-24T10:00"), HALF_AN_HOUR)
        .unwrap();
    rig.sync_to_rest().await;
    rig.sync_of(CRM, BEN).await.ok();
    rig.later(20);
    rig.anna()
        .edit("Meetings", &meeting, &json!({ "assigned_user_id": BEN }))
        .unwrap();
    for _ in 0..3 {
        rig.sync().await.ok();
        rig.sync_of(CRM, BEN).await.ok();
        rig.later(20);
    }
    assert_eq!(rig.crm.rows("Meetings").len(), 1, "the meeting is still one");
    assert_same(&rig, BEN, BEN_MAIL);
    rig.sync().await.ok().changed_nothing();
    rig.sync_of(CRM, BEN).await.ok().changed_nothing();
}

async fn two_crms_share_no_key_no_trouble_and_no_end(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let options = CrmOptions {
        clock: rig.clock.clone(),
        seed: 2,
        ..CrmOptions::of(kind)
    };
    let second = Crm::start(options).await;
    rig.register("second", &second).await;
    rig.link_in("second", BEN, BEN_MAIL).await;

    // A link signed by one CRM opens nothing of the other, whatever it says of itself.
    let of_second = rig.token("second", ANNA).await;
    for claimed in [CRM, "second"] {
        let mut token = of_second.clone();
        token.claims["iss"] = json!(claimed);
        token.claims.as_object_mut().unwrap().remove("return_url");
        let page = Browser::new()
            .open(&rig.authorize_url(CRM, &token.signed()))
            .await;
        assert_eq!(page.status, 400, "{claimed}: {}", page.text);
    }
    assert_eq!(linked_to(&rig, "second", ANNA).await, None);

    // Trouble in one is no trouble in the other.
    second
        .person(BEN)
        .create_meeting("Second's", at("2026-11-24T11:00"), HALF_AN_HOUR)
        .unwrap();
    rig.anna()
        .create_meeting("Main's", at("2026-11-24T10:00"), HALF_AN_HOUR)
        .unwrap();
    second
        .faults()
        .add(FaultRule::new(Fault::Html(502), When::Always));
    let (mine, theirs) = futures::join!(rig.sync(), rig.sync_of("second", BEN));
    mine.ok();
    assert_eq!(theirs.outcome, "failed", "{theirs:#?}");
    second.faults().clear();
    rig.sync_of("second", BEN).await.ok();
    assert_eq!(crm_items(&second, BEN), google_items(&rig.google, BEN_MAIL));
    assert_same(&rig, ANNA, ANNA_MAIL);
    assert!(crm_items(&rig.crm, BEN).is_empty());

    // The end of one is not the end of the other.
    let answer = rig.call("DELETE", "/crms/second", None).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(rig.state(ANNA).await, "active");
    rig.assert_at_rest().await;
}

over_every_crm! {
    #[tokio::test]
    two_users_of_one_crm_get_their_own_and_nothing_of_the_other,
    a_meeting_handed_to_a_colleague_goes_to_his_calendar_and_is_doubled_nowhere,
    two_crms_share_no_key_no_trouble_and_no_end,
}
