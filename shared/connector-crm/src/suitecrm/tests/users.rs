//! Users and their zones.

use chrono_tz::Tz;

use super::site::{ANNA, BEN, Habit, Site};
use crate::crm::CrmConnection;

fn add_users(site: &Site) {
    let mut inside = site.inside();
    for (id, name, email) in [
        (ANNA, "Anna D&#039;Amico", "Anna@Example.com"),
        (BEN, "Ben", "ben@example.com"),
    ] {
        let serde_json::Value::Object(user) = serde_json::json!({
            "full_name": name.replace("&#039;", "'"), "email1": email, "deleted": "0", "date_modified": "",
        }) else {
            panic!("no map")
        };
        inside.records.insert(("Users".to_owned(), id.to_owned()), user);
    }
}

#[tokio::test]
async fn a_user_comes_with_name_address_and_zone() {
    let site = Site::start().await;
    add_users(&site);
    site.inside().zone = Some("America/New_York");
    let user = site.connect().user(ANNA).await.unwrap().unwrap();
    assert_eq!((user.id.as_str(), user.name.as_str()), (ANNA, "Anna D'Amico"));
    assert_eq!(user.email.as_deref(), Some("Anna@Example.com"));
    assert_eq!(user.time_zone, Some(Tz::America__New_York));
    assert_eq!(
        site.connect()
            .user("0000000c-0000-4000-8000-00000000000c")
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn preferences_that_may_not_be_read_only_hide_the_zone() {
    let site = Site::start().await;
    add_users(&site);
    site.inside().take_up(Habit::HidesPreferences);
    let user = site.connect().user(ANNA).await.unwrap().unwrap();
    assert_eq!(user.time_zone, None);
}

#[tokio::test]
async fn users_are_found_by_address_without_regard_to_case() {
    let site = Site::start().await;
    add_users(&site);
    let connection = site.connect();
    let found = connection.users_by_email(" anna@example.COM").await.unwrap();
    assert_eq!(found.into_iter().map(|user| user.id).collect::<Vec<_>>(), [ANNA]);
    assert!(
        connection
            .users_by_email("nobody@example.com")
            .await
            .unwrap()
            .is_empty()
    );
    assert!(connection.users_by_email("").await.unwrap().is_empty());
}
