//! Set-ups that cannot work are told by the field at fault.

use connector_crm::crm::Level;
use serde_json::{Value, json};
use simulators::crm::vtiger::{VtigerOptions, VtigerUser};
use simulators::{Fault, FaultRule, When as Strikes};
use sync_core::failure::Class;

use crate::hands::{BEN, Crm, SYNC, newest, releases};

async fn error_of(crm: &Crm, auth: &Value) -> (Option<String>, &'static str) {
    let report = crm.connect_with(auth, std::sync::Arc::default()).check().await;
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
async fn a_good_set_up_passes_and_nothing_is_written() {
    for options in releases() {
        let crm = Crm::start(options).await;
        crm.sim.seed_sample();
        let report = crm.connect().check().await;
        assert!(report.ok, "{report:?}");
        assert_eq!(crm.sim.traffic().writes(), 0);
        let careful = crm.auth("keep");
        let report = crm
            .connect_with(&careful, std::sync::Arc::default())
            .check()
            .await;
        assert!(report.ok, "{report:?}");
        let warned = |finding: &&connector_crm::crm::Finding| finding.code == "invited_users_kept";
        let warning = report.findings.iter().find(warned).unwrap();
        assert_eq!(warning.level, Level::Warning);
    }
}

#[tokio::test]
async fn wrong_credentials_are_named() {
    let crm = Crm::start(newest()).await;
    let (sync, ben) = (crm.sim.users()[0].clone(), crm.sim.users()[2].clone());
    let auth = |name: &str, key: &str| json!({"username": name, "access_key": key});
    let cases = [
        (
            auth(&sync.user_name, "wrong-one"),
            "auth.access_key",
            "invalid_access_key",
        ),
        (auth("nobody", &sync.access_key), "auth.username", "unknown_user"),
        (
            auth(&ben.user_name, &ben.access_key),
            "auth.username",
            "not_administrator",
        ),
    ];
    for (auth, field, code) in cases {
        assert_eq!(error_of(&crm, &auth).await, (Some(field.to_owned()), code));
    }
    // Names are found without regard to case.
    let shouted = auth(&sync.user_name.to_uppercase(), &sync.access_key);
    assert!(
        crm.connect_with(&shouted, std::sync::Arc::default())
            .check()
            .await
            .ok
    );
}

#[tokio::test]
async fn demanded_fields_and_a_clock_that_is_wrong_are_told() {
    let crm = Crm::start(VtigerOptions {
        demanded_field: Some("cf_851".to_owned()),
        ..newest()
    })
    .await;
    let report = crm.connect().check().await;
    let told = |code: &str| report.findings.iter().find(|finding| finding.code == code);
    let demanded = told("fields_demanded").expect("it is told");
    assert!(report.ok && demanded.level == Level::Warning && demanded.message.contains("cf_851"));
}

#[tokio::test]
async fn every_kind_is_looked_at_and_what_can_choose_contacts_is_told() {
    for (checkboxes, code, word) in [
        (vec![("cf_9".to_owned(), "Sync".to_owned())], "checkboxes", "Sync"),
        (Vec::new(), "no_checkboxes", "shared tag"),
    ] {
        let crm = Crm::start(VtigerOptions {
            contact_checkboxes: checkboxes,
            ..newest()
        })
        .await;
        let report = crm.connect().check().await;
        let told = |code: &str| report.findings.iter().find(|finding| finding.code == code);
        for code in ["events_writable", "tasks_writable", "contacts_writable"] {
            assert_eq!(told(code).map(|finding| finding.level), Some(Level::Ok), "{code}");
        }
        assert!(told(code).is_some_and(|finding| finding.message.contains(word)));
    }
}

#[tokio::test]
async fn a_module_that_is_switched_off_is_a_warning_where_events_do_not_need_it() {
    for (module, level, ok) in [
        ("Contacts", Level::Warning, true),
        ("Calendar", Level::Warning, true),
        ("Events", Level::Error, false),
    ] {
        let crm = Crm::start(newest()).await;
        let strike = FaultRule::new(Fault::Html(404), Strikes::Always);
        let described = format!("elementType={module}");
        crm.sim.faults().add(strike.path_contains(&described));
        let report = crm.connect().check().await;
        assert_eq!(report.ok, ok, "{module}: {report:?}");
        let told = report
            .findings
            .iter()
            .find(|finding| finding.code == "html_answer");
        assert_eq!(told.map(|finding| finding.level), Some(level), "{module}");
    }
}

#[tokio::test]
async fn a_changed_key_is_a_lost_authorisation_and_a_lapsed_session_is_not() {
    let crm = Crm::start(newest()).await;
    let auth = crm.auth("drop");
    let connect = || crm.connect_with(&auth, std::sync::Arc::default());
    connect().user("7").await.unwrap().unwrap();
    crm.sim.forget_sessions();
    connect().user("7").await.unwrap().unwrap();
    crm.sim.change_access_key(SYNC, "another");
    let failure = connect().user("7").await.unwrap_err();
    assert_eq!(failure.class, Class::Reauth);
}

#[tokio::test]
async fn users_are_found_by_address_with_their_zone() {
    for options in releases() {
        let crm = Crm::start(options).await;
        for number in 100..350 {
            let name = format!("user{number}");
            let email = format!("{name}@example.com");
            crm.sim
                .add_user(VtigerUser::new(number, &name, "One", "Of many", &email));
        }
        let anna = crm.sim.users()[1].clone();
        let found = crm
            .connect()
            .users_by_email(&anna.email.to_uppercase())
            .await
            .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].id.as_str(), found[0].time_zone),
            ("7", Some(anna.time_zone))
        );
        assert_eq!(found[0].name, "Anna Rossi");
        for id in ["7", "19x7"] {
            assert_eq!(crm.connect().user(id).await.unwrap(), Some(found[0].clone()));
        }
        assert_eq!(crm.connect().user("999").await, Ok(None));
        assert_eq!(crm.connect().user("seven").await, Ok(None));
        let last = crm.connect().users_by_email("user349@example.com").await.unwrap();
        assert_eq!(last.len(), 1);
    }
}

#[tokio::test]
async fn a_user_who_has_left_is_not_found_by_address() {
    let mut options = newest();
    options
        .users
        .iter_mut()
        .filter(|user| user.number == BEN)
        .for_each(|user| user.is_active = false);
    let crm = Crm::start(options).await;
    assert!(
        crm.connect()
            .users_by_email("ben@example.com")
            .await
            .unwrap()
            .is_empty()
    );
}
