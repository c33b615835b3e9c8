//! Reading: whole, by what changed, and one at a time.

use axum::http::Method;
use chrono::TimeDelta;
use sync_core::change::{Change, Reading};
use sync_core::failure::Class;
use sync_core::id::RemoteId;

use super::site::{ANNA, BEN, Habit, Site, Trouble, refusal, reported, since};

const TOMORROW: &str = "2026-12-01 15:00:00";

#[tokio::test]
async fn an_expired_token_costs_one_sign_in_at_the_known_place() {
    let mut site = Site::start().await;
    site.inside().place = "legacy/Api/";
    let first = site.events().changes(&since(None)).await.unwrap();
    site.inside().requests();
    site.pass(TimeDelta::minutes(61));
    site.events().changes(&since(Some(&first.cursor))).await.unwrap();
    let asked = site.inside().requests();
    assert_eq!(asked.len(), 5, "{asked:?}");
    assert!(asked[0].1.ends_with("/legacy/Api/access_token"));
}

#[tokio::test]
async fn a_revoked_token_is_replaced_once_for_all_calls() {
    let site = Site::start().await;
    let first = site.events().changes(&since(None)).await.unwrap();
    site.inside().revoke();
    site.inside().requests();
    site.events().changes(&since(Some(&first.cursor))).await.unwrap();
    let signed_in = site
        .inside()
        .requests()
        .iter()
        .filter(|(_, path, _)| path.contains("access_token"))
        .count();
    assert_eq!(signed_in, 1);
}

#[tokio::test]
async fn a_token_that_is_refused_for_good_is_a_lost_authorisation() {
    let site = Site::start().await;
    let denied = r#"{"error":"access_denied"}"#.to_owned();
    site.inside()
        .trouble(Method::GET, "V8/", 100, Trouble::Instead(401, denied));
    let failure = site.events().changes(&since(None)).await.unwrap_err();
    assert_eq!(failure.class, Class::Reauth);
}

#[tokio::test]
async fn a_whole_reading_names_every_record_of_the_user_and_nobody_elses() {
    let site = Site::start().await;
    let mut expected = Vec::new();
    for number in 1..=450 {
        let id = site.inside().put("Meetings", number, ANNA, TOMORROW);
        expected.push(format!("Meetings/{id}"));
    }
    let call = site.inside().put("Calls", 7, ANNA, TOMORROW);
    site.inside().put("Meetings", 999, BEN, TOMORROW);
    site.inside().put("Meetings", 1000, ANNA, "2025-06-01 10:00:00");
    expected.insert(0, format!("Calls/{call}"));
    let set = site.events().changes(&since(None)).await.unwrap();
    assert_eq!(reported(&set), expected);
    assert_eq!(
        set.complete.into_iter().collect::<Vec<_>>(),
        ["Calls", "Meetings"]
    );
}

#[tokio::test]
async fn a_delta_names_what_changed_and_what_was_deleted() {
    let mut site = Site::start().await;
    let ids: Vec<String> = (1..=6)
        .map(|number| site.inside().put("Meetings", number, ANNA, TOMORROW))
        .collect();
    let call = site.inside().put("Calls", 1, ANNA, TOMORROW);
    let foreign = site.inside().put("Calls", 2, BEN, TOMORROW);
    site.pass(TimeDelta::minutes(15));
    let first = site.events().changes(&since(None)).await.unwrap();
    site.pass(TimeDelta::minutes(15));
    {
        let mut inside = site.inside();
        inside.edit("Meetings", &ids[0], "name", "Moved");
        inside.edit("Meetings", &ids[1], "deleted", "1");
        inside.edit("Meetings", &ids[4], "deleted", "1");
        inside.edit("Meetings", &ids[5], "date_start", "");
        inside.edit("Calls", &call, "deleted", "1");
        inside.edit("Calls", &foreign, "deleted", "1");
    }
    let delta = site.events().changes(&since(Some(&first.cursor))).await.unwrap();
    let mut expected = vec![
        format!("-Meetings/{}", ids[1]),
        format!("-Meetings/{}", ids[4]),
        format!("-Calls/{call}"),
        format!("Meetings/{}", ids[0]),
        format!("Meetings/{}?no_start", ids[5]),
    ];
    expected.sort();
    assert_eq!(reported(&delta), expected);
}

#[tokio::test]
async fn a_save_that_shows_late_is_still_seen() {
    let mut site = Site::start().await;
    let first = site.events().changes(&since(None)).await.unwrap();
    // Saved a minute before the reading, seen only after it.
    let started = site.inside().now;
    site.inside().now = started - TimeDelta::seconds(60);
    let id = site.inside().put("Meetings", 1, ANNA, TOMORROW);
    site.inside().now = started;
    site.pass(TimeDelta::minutes(15));
    let delta = site.events().changes(&since(Some(&first.cursor))).await.unwrap();
    assert_eq!(reported(&delta), [format!("Meetings/{id}")]);
}

#[tokio::test]
async fn our_own_clock_does_not_count() {
    let mut site = Site::start().await;
    site.set_ahead(TimeDelta::minutes(10));
    let first = site.events().changes(&since(None)).await.unwrap();
    site.pass(TimeDelta::minutes(1));
    let id = site.inside().put("Calls", 1, ANNA, TOMORROW);
    let delta = site.events().changes(&since(Some(&first.cursor))).await.unwrap();
    assert_eq!(reported(&delta), [format!("Calls/{id}")]);
}

#[tokio::test]
async fn a_site_that_lists_its_deletions_is_understood_and_one_that_lists_the_living_deletes_nothing() {
    let mut site = Site::start().await;
    let dead = site.inside().put("Meetings", 1, ANNA, TOMORROW);
    let living = site.inside().put("Meetings", 2, ANNA, TOMORROW);
    let first = site.events().changes(&since(None)).await.unwrap();
    site.pass(TimeDelta::minutes(15));
    site.inside().edit("Meetings", &dead, "deleted", "1");
    site.inside().edit("Meetings", &living, "name", "Still here");
    site.inside().take_up(Habit::ListsDeleted);
    let delta = site.events().changes(&since(Some(&first.cursor))).await.unwrap();
    assert_eq!(
        reported(&delta),
        [format!("-Meetings/{dead}"), format!("Meetings/{living}")]
    );
    site.inside().edit("Meetings", &dead, "assigned_user_id", BEN);
    site.inside().take_up(Habit::IgnoresDeletedFilter);
    let delta = site.events().changes(&since(Some(&first.cursor))).await.unwrap();
    assert_eq!(reported(&delta), [format!("Meetings/{living}")]);
}

#[tokio::test]
async fn a_site_that_hands_out_less_than_asked_hides_nothing() {
    let mut site = Site::start().await;
    site.inside().page_cap = 20;
    for number in 1..=55 {
        site.inside().put("Meetings", number, ANNA, TOMORROW);
    }
    site.pass(TimeDelta::minutes(15));
    let first = site.events().changes(&since(None)).await.unwrap();
    assert_eq!(first.changes.len(), 55);
    site.pass(TimeDelta::minutes(15));
    for number in 100..=145 {
        site.inside().put("Meetings", number, ANNA, TOMORROW);
    }
    site.pass(TimeDelta::minutes(15));
    let delta = site.events().changes(&since(Some(&first.cursor))).await.unwrap();
    assert_eq!(delta.changes.len(), 46);
    site.pass(TimeDelta::minutes(15));
    site.inside().requests();
    site.events().changes(&since(Some(&delta.cursor))).await.unwrap();
    assert_eq!(site.inside().requests().len(), 4);
}

#[tokio::test]
async fn a_row_that_vanishes_while_it_is_listed_hides_no_other() {
    for gone in [1, 3, 5] {
        let site = Site::start().await;
        let ids: Vec<String> = (1..=5)
            .map(|number| site.inside().put("Meetings", number, ANNA, TOMORROW))
            .collect();
        site.inside().vanishes_in_lists.insert(ids[gone - 1].clone());
        let set = site.events().changes(&since(None)).await.unwrap();
        let expected: Vec<String> = ids
            .iter()
            .filter(|id| **id != ids[gone - 1])
            .map(|id| format!("Meetings/{id}"))
            .collect();
        assert_eq!(reported(&set), expected);
    }
}

#[tokio::test]
async fn a_site_without_the_built_in_sync_is_read_without_its_column() {
    let mut site = Site::start().await;
    site.inside().take_up(Habit::NoBuiltInSync);
    let described = r#"{"errors":{"detail":"[SuiteCRM] [Not Allowed]"}}"#.to_owned();
    site.inside()
        .trouble(Method::GET, "meta/fields", 2, Trouble::Instead(400, described));
    let id = site.inside().put("Meetings", 1, ANNA, TOMORROW);
    let first = site.events().changes(&since(None)).await.unwrap();
    assert_eq!(reported(&first), [format!("Meetings/{id}")]);
    site.pass(TimeDelta::minutes(15));
    site.inside().requests();
    site.events().changes(&since(Some(&first.cursor))).await.unwrap();
    assert_eq!(site.inside().requests().len(), 4, "it is remembered");
}

#[tokio::test]
async fn one_record_reads_as_present_gone_out_of_reach_or_unreadable() {
    let site = Site::start().await;
    let (mine, bens, secret, dead, dateless) = {
        let mut inside = site.inside();
        let mine = inside.put("Meetings", 1, ANNA, TOMORROW);
        let bens = inside.put("Meetings", 2, BEN, TOMORROW);
        let secret = inside.put("Meetings", 3, ANNA, TOMORROW);
        let dead = inside.put("Meetings", 4, ANNA, TOMORROW);
        let dateless = inside.put("Meetings", 5, ANNA, "");
        inside.forbidden.insert(secret.clone());
        inside.edit("Meetings", &dead, "deleted", "1");
        (mine, bens, secret, dead, dateless)
    };
    let events = site.events();
    let mut read = Vec::new();
    for id in [mine, bens, secret, dead, dateless] {
        read.push(match events.read(&RemoteId::new("Meetings", id)).await.unwrap() {
            Reading::Present(observed) => observed.record.title,
            Reading::Gone => "gone".to_owned(),
            Reading::OutOfReach => "out of reach".to_owned(),
            Reading::Unreadable { code, message } => {
                assert!(!message.is_empty());
                code.to_owned()
            }
        });
    }
    assert_eq!(
        read,
        ["Record 1", "out of reach", "out of reach", "gone", "no_start"]
    );
}

#[tokio::test]
async fn trouble_is_never_an_absence() {
    let site = Site::start().await;
    let id = site.inside().put("Meetings", 1, ANNA, TOMORROW);
    let events = site.events();
    let answers = [
        (200, "<html>Maintenance</html>".to_owned(), true),
        (200, r#"{"data":{"id":"1","attr"#.to_owned(), true),
        (400, refusal("Users module with id 1 is not found"), false),
        (400, refusal("Not found"), false),
        (404, r#"{"message":"Not found"}"#.to_owned(), false),
        (400, refusal("Something new"), false),
    ];
    for (status, body, retried) in answers {
        site.inside().trouble(
            Method::GET,
            "module/Meetings",
            1,
            Trouble::Instead(status, body.clone()),
        );
        let failure = events.read(&RemoteId::new("Meetings", &id)).await.unwrap_err();
        assert_eq!(
            matches!(failure.class, Class::Retryable { .. }),
            retried,
            "{body}: {failure:?}"
        );
    }
}

#[tokio::test]
async fn a_change_that_is_not_carried_leaves_the_version_alone() {
    let site = Site::start().await;
    let id = site.inside().put("Meetings", 1, ANNA, TOMORROW);
    let events = site.events();
    let mut versions = Vec::new();
    for (attribute, value) in [
        ("status", "Held"),
        ("status", "Not Held"),
        ("name", "Other"),
        ("duration_hours", "2"),
    ] {
        site.inside().edit("Meetings", &id, attribute, value);
        let set = events.changes(&since(None)).await.unwrap();
        let Change::Present(observed) = &set.changes[0] else {
            panic!("not present")
        };
        versions.push(observed.version.clone());
    }
    assert_eq!(versions[0], versions[1]);
    assert!(versions[1] != versions[2] && versions[2] != versions[3]);
}
