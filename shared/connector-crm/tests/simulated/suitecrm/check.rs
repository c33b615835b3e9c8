//! Set-ups that cannot work are told by the field at fault.

use connector_crm::crm::{Finding, Level};
use serde_json::json;
use simulators::crm::suitecrm::SuiteCrmOptions;

use super::hands::Crm;

#[tokio::test]
async fn both_ways_of_signing_in_pass() {
    for legacy_path in [false, true] {
        let crm = Crm::start(SuiteCrmOptions {
            legacy_path,
            ..SuiteCrmOptions::default()
        })
        .await;
        let (client, user) = (&crm.sim.clients()[1], &crm.sim.users()[0]);
        let auth = json!({"client_id": client.id, "client_secret": client.secret,
            "username": user.user_name, "password": user.password});
        let report = crm.connect_with(&auth).check().await;
        assert!(report.ok, "{report:?}");
        let of =
            |asked: &&simulators::Logged| asked.method != "GET" && !asked.target.ends_with("/access_token");
        assert_eq!(crm.sim.traffic().log().iter().filter(of).count(), 0);
    }
}

#[tokio::test]
async fn a_site_without_keys_and_a_user_in_another_zone_are_told() {
    let crm = Crm::start(SuiteCrmOptions {
        missing_keys: true,
        ..SuiteCrmOptions::default()
    })
    .await;
    assert_eq!(error_of(&crm).await, (None, "keys_missing"));
    let mut options = SuiteCrmOptions::default();
    options.users[0].time_zone = chrono_tz::America::New_York;
    let crm = Crm::start(options).await;
    assert_eq!(error_of(&crm).await, (None, "time_zone_not_utc"));
}

/// What keeps the set-up from working, and the field at fault.
async fn error_of(crm: &Crm) -> (Option<String>, &'static str) {
    let report = crm.connect().check().await;
    let is_error = |finding: &Finding| finding.level == Level::Error;
    let error = report.findings.into_iter().find(is_error).unwrap();
    (error.field, error.code)
}
