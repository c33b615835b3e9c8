//! Set-ups that cannot work are told by the field at fault.

use connector_crm::crm::Level;
use serde_json::json;
use simulators::crm::suitecrm::{CrmUser, SuiteCrmOptions};

use crate::hands::Crm;

async fn error_of(crm: &Crm, auth: &serde_json::Value) -> (Option<String>, &'static str) {
    let report = crm.connect_with(auth).check().await;
    assert!(!report.ok, "{report:?}");
    let error = report
        .findings
        .into_iter()
        .find(|finding| finding.level == Level::Error)
        .unwrap();
    assert!(!error.message.contains("wrong-one"), "{}", error.message);
    (error.field, error.code)
}

#[tokio::test]
async fn both_ways_of_signing_in_pass() {
    for legacy_path in [false, true] {
        let crm = Crm::start(SuiteCrmOptions {
            legacy_path,
            ..SuiteCrmOptions::default()
        })
        .await;
        let report = crm.connect().check().await;
        assert!(report.ok, "{report:?}");
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
async fn wrong_credentials_are_named() {
    let crm = Crm::start(SuiteCrmOptions::default()).await;
    let (client, user) = (&crm.sim.clients()[1], &crm.sim.users()[0]);
    let auth = |id: &str, secret: &str, name: &str, password: &str| json!({"client_id": id, "client_secret": secret, "username": name, "password": password});
    let cases = [
        (
            auth(&client.id, "wrong-one", &user.user_name, &user.password),
            "auth.client_secret",
        ),
        (
            auth(
                "c0ffee00-0000-4000-8000-0000000000ff",
                &client.secret,
                &user.user_name,
                &user.password,
            ),
            "auth.client_id",
        ),
        (
            auth(&client.id, &client.secret, &user.user_name, "wrong-one"),
            "auth.password",
        ),
        (
            auth(&client.id, &client.secret, "nobody", &user.password),
            "auth.username",
        ),
    ];
    for (auth, field) in cases {
        assert_eq!(error_of(&crm, &auth).await.0.as_deref(), Some(field));
    }
}

#[tokio::test]
async fn a_site_without_keys_and_a_user_in_another_zone_are_told() {
    let crm = Crm::start(SuiteCrmOptions {
        missing_keys: true,
        ..SuiteCrmOptions::default()
    })
    .await;
    let client = crm.sim.clients()[0].clone();
    let auth = json!({"client_id": client.id, "client_secret": client.secret});
    assert_eq!(error_of(&crm, &auth).await, (None, "keys_missing"));
    let mut options = SuiteCrmOptions::default();
    options.users[0].time_zone = chrono_tz::America::New_York;
    let crm = Crm::start(options).await;
    assert_eq!(error_of(&crm, &auth).await, (None, "time_zone_not_utc"));
}

#[tokio::test]
async fn a_changed_secret_is_a_lost_authorisation_and_a_revoked_token_is_not() {
    let crm = Crm::start(SuiteCrmOptions::default()).await;
    let client = crm.sim.clients()[0].clone();
    let auth = json!({"client_id": client.id, "client_secret": client.secret});
    crm.connect_with(&auth).user(&crm.user()).await.unwrap().unwrap();
    crm.sim.expire_access_tokens();
    crm.connect_with(&auth).user(&crm.user()).await.unwrap().unwrap();
    crm.sim.change_client_secret("another");
    crm.sim.expire_access_tokens();
    let failure = crm.connect_with(&auth).user(&crm.user()).await.unwrap_err();
    assert_eq!(failure.class, sync_core::failure::Class::Reauth);
}

#[tokio::test]
async fn users_are_found_by_address_with_their_zone() {
    let crm = Crm::start(SuiteCrmOptions::default()).await;
    let anna = &crm.sim.users()[1];
    let found = crm
        .connect()
        .users_by_email(&anna.email.to_uppercase())
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0].id, found[0].time_zone),
        (&anna.id, Some(anna.time_zone))
    );
    assert_eq!(
        crm.connect().user(&anna.id).await.unwrap(),
        Some(found[0].clone())
    );
    assert!(found[0].name.contains(&anna.last_name));
}

#[tokio::test]
async fn a_user_who_has_left_is_not_found_by_address() {
    let crm = Crm::start(SuiteCrmOptions::default()).await;
    let id = "0000000a-aaaa-4bbb-8ccc-0000000000ee";
    let mut gone = CrmUser::new(id, "gone", "Gone", "User", "gone@example.com");
    gone.active = false;
    crm.sim.add_user(gone.clone());
    assert!(
        crm.connect()
            .users_by_email(&gone.email)
            .await
            .unwrap()
            .is_empty()
    );
}
