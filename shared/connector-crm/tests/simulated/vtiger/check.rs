//! Set-ups that cannot work are told by the field at fault.

use std::sync::Arc;

use connector_crm::crm::{Finding, Level};
use serde_json::json;
use simulators::crm::vtiger::VtigerOptions;
use simulators::{Fault, FaultRule, When as Strikes};

use super::hands::{Crm, newest, releases};

#[tokio::test]
async fn invited_users_that_are_kept_are_a_warning() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let careful = crm.auth("keep");
        let report = crm.connect_with(&careful, Arc::default()).check().await;
        assert!(report.ok, "{report:?}");
        let warned = |finding: &&Finding| finding.code == "invited_users_kept";
        let warning = report.findings.iter().find(warned).unwrap();
        assert_eq!(warning.level, Level::Warning);
    }
}

#[tokio::test]
async fn names_are_found_without_regard_to_case() {
    let crm = Crm::start(newest()).await;
    let mut auth = crm.auth("drop");
    auth["username"] = json!(crm.sim.users()[0].user_name.to_uppercase());
    assert!(crm.connect_with(&auth, Arc::default()).check().await.ok);
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
