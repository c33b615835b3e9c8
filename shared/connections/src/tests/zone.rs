//! The zone of the CRM's user.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use connector_crm::crm::{CheckReport, CrmConnection, CrmUser, EventsFor};
use sync_core::failure::{Class, Failure};
use sync_core::kind::event::EventRecord;
use sync_core::port::Remote;
use sync_engine::memory::AccountLink;

use serde_json::json;

use super::setting::{Setting, link};
use crate::opened::user_zone;

/// A CRM that is only ever asked for its user.
#[derive(Debug)]
struct Crm {
    answer: Result<Option<CrmUser>, Failure>,
    asked: AtomicUsize,
}

#[async_trait]
impl CrmConnection for Crm {
    fn events(&self, _: EventsFor) -> Option<Box<dyn Remote<EventRecord>>> {
        None
    }

    async fn user(&self, id: &str) -> Result<Option<CrmUser>, Failure> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(self.answer.clone()?.filter(|user| user.id == id))
    }

    async fn users_by_email(&self, _: &str) -> Result<Vec<CrmUser>, Failure> {
        Ok(Vec::new())
    }

    async fn check(&self) -> CheckReport {
        CheckReport::of(Vec::new())
    }
}

/// The user, with that zone in the CRM.
fn in_zone(time_zone: Option<Tz>) -> CrmUser {
    CrmUser {
        id: "42".to_owned(),
        name: String::new(),
        email: None,
        time_zone,
    }
}

const ROME: Tz = Tz::Europe__Rome;
const LISBON: Tz = Tz::Europe__Lisbon;

fn now() -> DateTime<Utc> {
    "2026-03-01T08:00:00Z".parse().unwrap()
}

/// An account link that keeps Rome, read whole so many days ago.
fn kept(days_ago: Option<i64>) -> AccountLink {
    let mut link = link(None);
    link.progress.time_zone = Some(ROME.name().to_owned());
    link.progress.events.read_whole_at = days_ago.map(|days| now() - TimeDelta::days(days));
    link
}

async fn zone(
    link: &AccountLink,
    answer: Result<Option<CrmUser>, Failure>,
) -> (Result<Option<Tz>, Failure>, usize) {
    let crm = Crm {
        answer,
        asked: AtomicUsize::new(0),
    };
    let zone = user_zone(link, &crm, now()).await;
    (zone, crm.asked.load(Ordering::SeqCst))
}

#[tokio::test]
async fn an_ordinary_run_does_not_ask() {
    assert_eq!(
        zone(&kept(Some(6)), Ok(Some(in_zone(Some(LISBON))))).await,
        (Ok(Some(ROME)), 0)
    );
}

#[tokio::test]
async fn it_is_asked_for_when_both_sides_are_read_whole() {
    for days_ago in [None, Some(7), Some(400)] {
        assert_eq!(
            zone(&kept(days_ago), Ok(Some(in_zone(Some(LISBON))))).await,
            (Ok(Some(LISBON)), 1)
        );
    }
    assert_eq!(
        zone(&link(None), Ok(Some(in_zone(Some(LISBON))))).await,
        (Ok(Some(LISBON)), 1)
    );
}

#[tokio::test]
async fn a_crm_that_keeps_its_users_to_itself_leaves_what_was_known() {
    let forbidden = Failure::permanent("users_forbidden", "the API user may not read users");
    assert_eq!(zone(&kept(None), Err(forbidden.clone())).await.0, Ok(Some(ROME)));
    assert_eq!(zone(&link(None), Err(forbidden)).await.0, Ok(None));
    assert_eq!(zone(&kept(None), Ok(Some(in_zone(None)))).await.0, Ok(Some(ROME)));
}

#[tokio::test]
async fn a_crm_that_is_away_is_not_guessed_about_and_a_user_who_is_gone_is_told() {
    let away = Failure::retryable("timeout", "the server did not answer in time", None);
    assert_eq!(zone(&kept(None), Err(away.clone())).await.0, Err(away));
    let gone = zone(&kept(None), Ok(None)).await.0.unwrap_err();
    assert_eq!((gone.class, gone.code), (Class::Permanent, "unknown_user"));
}

#[tokio::test]
async fn for_want_of_the_crms_zone_it_is_that_of_the_users_own_calendar() {
    let setting = Setting::new().await;
    let connector = setting.plain();
    let list = json!({ "items": [
        { "id": "team@example.com", "timeZone": "Asia/Tokyo" },
        { "id": "anna@example.com", "primary": true, "timeZone": "Europe/Lisbon" },
    ] });
    setting.server.will_give("access");
    setting.server.will_answer(200, &list);
    let google = connector.google_way(&link(None));
    assert_eq!(connector.calendar_zone(&google).await, Ok(Some(LISBON)));
    // A user who did not tick that box is no reason to ask for the authorisation again.
    let refusal = json!({ "error": { "code": 403, "errors": [{ "reason": "insufficientPermissions" }] } });
    setting.server.will_answer(403, &refusal);
    assert_eq!(connector.calendar_zone(&google).await, Ok(None));
}
