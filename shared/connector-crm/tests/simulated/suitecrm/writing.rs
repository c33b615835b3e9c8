//! What Google has first arrives once in the CRM, whatever happens on the way.

use simulators::crm::suitecrm::SuiteCrmOptions;

use super::hands::Crm;

#[tokio::test]
async fn a_copy_is_in_the_users_crm_calendar() {
    let crm = Crm::start(SuiteCrmOptions::default()).await;
    let copy = crm.copy(1, "Talk");
    let created = crm.events().create(&copy).await.unwrap();
    assert_eq!(created.observed.record, copy.record);
    let id = created.observed.id.id.clone();
    assert_eq!(
        crm.sim.in_calendar_of(&crm.user()),
        [("Meetings".to_owned(), id.clone())]
    );
    let row = crm.sim.row("Meetings", &id).unwrap();
    assert_eq!(
        (row["duration_hours"].as_str(), row["duration_minutes"].as_str()),
        (Some("1"), Some("15"))
    );
}

#[tokio::test]
async fn what_the_site_would_take_for_markup_is_kept() {
    let crm = Crm::start(SuiteCrmOptions::default()).await;
    let title = "Ask <bob@example.com> & \"Ann\"";
    let created = crm.events().create(&crm.copy(1, title)).await.unwrap();
    assert_eq!(created.observed.record.title, "Ask < bob@example.com> & \"Ann\"");
}
