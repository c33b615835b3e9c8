//! What Google has first arrives once in the CRM, whatever happens on the way.

use std::time::Duration;

use futures::future::join;
use simulators::crm::suitecrm::SuiteCrmOptions;
use simulators::{Fault, FaultRule, When as Strikes};
use sync_core::failure::Class;
use sync_core::kind::event::EventField;

use crate::hands::{Crm, change};

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
    // What the reading shows later is what the answer to the writing showed.
    let set = crm.changes(None).await;
    assert_eq!(
        set.changes,
        [sync_core::change::Change::Present(created.observed)]
    );
}

#[tokio::test]
async fn no_fault_doubles_or_loses_a_copy() {
    let faults = [
        Fault::LostAnswer,
        Fault::CutBody,
        Fault::ServerErrorAfter(500),
        Fault::ServerErrorBefore(502),
        Fault::DropBefore,
        Fault::Html(200),
    ];
    for fault in faults {
        let crm = Crm::start(SuiteCrmOptions::default()).await;
        crm.events().limits();
        let strike = FaultRule::new(
            fault.clone(),
            Strikes::Chance {
                probability: 0.5,
                seed: 7,
            },
        )
        .methods(&["POST"]);
        crm.connect().user(&crm.user()).await.unwrap();
        crm.sim
            .faults()
            .add(strike.paths(|path| path.ends_with("/V8/module")));
        for number in 0..6 {
            // As runs do: what failed is tried again by the next.
            let mut runs = 0;
            while crm.events().create(&crm.copy(number, "Talk")).await.is_err() {
                runs += 1;
                assert!(runs < 40, "{fault:?}");
            }
        }
        assert_eq!(crm.sim.rows("Meetings").len(), 6, "{fault:?}");
        assert_eq!(crm.sim.in_calendar_of(&crm.user()).len(), 6, "{fault:?}");
    }
}

#[tokio::test]
async fn a_deleted_copy_is_made_anew_under_the_next_id() {
    let crm = Crm::start(SuiteCrmOptions::default()).await;
    let first = crm.events().create(&crm.copy(1, "Talk")).await.unwrap();
    crm.person().delete("Meetings", &first.observed.id.id).unwrap();
    let second = crm.events().create(&crm.copy(1, "Talk")).await.unwrap();
    assert_eq!((second.generation, second.adopted), (1, false));
    assert_eq!(crm.sim.rows("Meetings").len(), 1);
}

#[tokio::test]
async fn long_and_odd_texts_come_back_as_the_site_can_hold_them() {
    for three_byte_text in [false, true] {
        let crm = Crm::start(SuiteCrmOptions {
            three_byte_text,
            ..SuiteCrmOptions::default()
        })
        .await;
        let events = crm.events();
        let title = format!("Ask <bob@example.com> & \"Ann\" \u{1f600} {}", "long ".repeat(20));
        let created = events.create(&crm.copy(1, &title)).await.unwrap();
        let returned = &created.observed.record.title;
        assert!(
            returned.starts_with("Ask < bob@example.com> & \"Ann\""),
            "{returned}"
        );
        assert!(returned.chars().count() <= 50);
        assert_eq!(events.limits().four_byte_characters, !three_byte_text);
    }
}

#[tokio::test]
async fn of_two_changes_at_once_none_is_lost_in_silence() {
    let options = SuiteCrmOptions {
        write_gap: Duration::from_millis(30),
        ..SuiteCrmOptions::default()
    };
    let crm = Crm::start(options).await;
    let events = crm.events();
    let seen = events.create(&crm.copy(1, "Talk")).await.unwrap().observed;
    let title = change(
        &seen,
        |record| record.title = "New title".to_owned(),
        &[EventField::Title],
    );
    let place = change(
        &seen,
        |record| record.location = "Garden".to_owned(),
        &[EventField::Location],
    );
    let (one, two) = join(events.update(&title), events.update(&place)).await;
    let row = crm.sim.row("Meetings", &seen.id.id).unwrap();
    assert_eq!(one.is_ok(), row["name"] == "New title");
    assert_eq!(two.is_ok(), row["location"] == "Garden");
    assert_eq!([&one, &two].iter().filter(|result| result.is_ok()).count(), 1);
    let refused = one.err().or(two.err()).unwrap();
    assert_eq!(refused.class, Class::Conflict);
}

#[tokio::test]
async fn a_persons_edit_just_before_the_write_is_a_conflict() {
    let crm = Crm::start(SuiteCrmOptions::default()).await;
    let events = crm.events();
    let seen = events.create(&crm.copy(1, "Talk")).await.unwrap().observed;
    crm.person()
        .edit("Meetings", &seen.id.id, &serde_json::json!({"name": "Anna's"}))
        .unwrap();
    let update = change(
        &seen,
        |record| record.title = "Ours".to_owned(),
        &[EventField::Title],
    );
    assert_eq!(events.update(&update).await.unwrap_err().class, Class::Conflict);
    assert_eq!(
        events.delete(&seen.id, &seen.version).await.unwrap_err().class,
        Class::Conflict
    );
    assert_eq!(crm.sim.row("Meetings", &seen.id.id).unwrap()["name"], "Anna's");
}

#[tokio::test]
async fn what_is_not_carried_is_as_before_after_every_write() {
    let crm = Crm::start(SuiteCrmOptions::default()).await;
    let events = crm.events();
    let seen = events.create(&crm.copy(1, "Talk")).await.unwrap().observed;
    let others =
        serde_json::json!({"status": "Held", "outlook_id": "x", "parent_type": "Accounts", "parent_id": "p"});
    crm.person().edit("Meetings", &seen.id.id, &others).unwrap();
    crm.person()
        .invite("Meetings", &seen.id.id, &crm.sim.users()[2].id);
    let before = crm.sim.row("Meetings", &seen.id.id).unwrap();
    let update = change(
        &seen,
        |record| record.title = "New".to_owned(),
        &[EventField::Title],
    );
    events.update(&update).await.unwrap();
    let after = crm.sim.row("Meetings", &seen.id.id).unwrap();
    let changed: Vec<&String> = before
        .keys()
        .filter(|name| before.get(*name) != after.get(*name))
        .collect();
    // The CRM itself rewrites the whole row on every save, and cuts the seconds of its own dates.
    let its_own = ["name", "date_modified", "modified_user_id", "date_entered"];
    assert!(
        changed.iter().all(|name| its_own.contains(&name.as_str())),
        "{changed:?}"
    );
    assert_eq!(crm.sim.in_calendar_of(&crm.sim.users()[2].id).len(), 1);
}
