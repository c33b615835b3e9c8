//! Values that give way to others: where there is room for them, and where they are told as lost.

use sync_core::kind::contact::{ContactField, ContactRecord};
use sync_core::plan::{Lost, Plan};
use sync_core::policy::{ConflictWinner, ContactSettings, Direction};
use sync_core::side::Side;

use crate::kinds::{contact, contact_plan, contacts, writes};

fn with(work: &str, other: &str) -> ContactRecord {
    ContactRecord {
        email_work: work.to_owned(),
        email_other: other.to_owned(),
        ..contact("Anna")
    }
}

fn lost(plan: &Plan<ContactRecord>) -> &[Lost<ContactRecord>] {
    plan.steps.first().map_or(&[], |step| &step.lost)
}

#[test]
fn what_moved_on_one_side_alone_waits_there() {
    let settings = ContactSettings {
        direction: Direction::CrmToGoogle,
        ..contacts()
    };
    let plan = contact_plan(
        &settings,
        Some(&with("", "")),
        Some(with("c@example.com", "")),
        Some(with("g@example.com", "")),
    );
    assert!(lost(&plan).is_empty());
    let written = writes(&plan);
    assert!(written.crm.is_none());
    assert_eq!(
        written.google.map(|write| write.fields),
        Some(vec![ContactField::EmailWork, ContactField::EmailOther])
    );
    let waiting = plan.steps.first().map(|step| step.waiting.google.as_slice());
    assert_eq!(
        waiting,
        Some([ContactField::EmailOther].as_slice()),
        "the next one that the CRM adds would overwrite it silently"
    );
}

#[test]
fn there_is_no_room_on_a_side_that_may_not_be_written() {
    let settings = ContactSettings {
        direction: Direction::GoogleToCrm,
        ..contacts()
    };
    let plan = contact_plan(
        &settings,
        Some(&with("", "o@example.com")),
        Some(with("c@example.com", "o@example.com")),
        Some(with("g@example.com", "o@example.com")),
    );
    // Google alone has a third e-mail.
    assert_eq!(
        lost(&plan),
        [Lost {
            side: Side::Crm,
            field: ContactField::EmailWork
        }]
    );
    assert!(writes(&plan).google.is_none());
}

#[test]
fn what_leaves_its_side_is_told_as_well() {
    let plan = contact_plan(
        &contacts(),
        Some(&with("", "o@example.com")),
        Some(with("c@example.com", "o@example.com")),
        Some(with("g@example.com", "o@example.com")),
    );
    let written = writes(&plan).google;
    assert_eq!(
        written.map(|write| (write.fields, write.record.email_home)),
        Some((vec![ContactField::EmailHome], "c@example.com".to_owned()))
    );
    assert_eq!(
        lost(&plan).len(),
        1,
        "Google may refuse it, and the CRM has it no more"
    );
}

#[test]
fn a_value_is_not_there_already_where_it_is_written_over() {
    let settings = ContactSettings {
        conflict_winner: ConflictWinner::Crm,
        ..contacts()
    };
    let plan = contact_plan(
        &settings,
        Some(&with("", "o@example.com")),
        Some(with("c@example.com", "o@example.com")),
        // Put into the first place, and another one into its own.
        Some(with("o@example.com", "n@example.com")),
    );
    let written = writes(&plan).crm.map(|write| write.record.email_other);
    assert_eq!(written.as_deref(), Some("n@example.com"));
    assert_eq!(
        lost(&plan),
        [Lost {
            side: Side::Google,
            field: ContactField::EmailWork
        }]
    );
}

#[test]
fn a_value_that_only_the_other_side_has_is_told_as_lost() {
    let settings = ContactSettings {
        direction: Direction::GoogleToCrm,
        ..contacts()
    };
    let mobile = |work: &str, mobile: &str| ContactRecord {
        phone_work: work.to_owned(),
        phone_mobile: mobile.to_owned(),
        ..contact("Anna")
    };
    let plan = contact_plan(
        &settings,
        Some(&mobile("030 1234567", "")),
        // Moved to where it belongs, which Google is not told of.
        Some(mobile("", "030 1234567")),
        Some(mobile("030 1234567", "0170 7654321")),
    );
    let written = writes(&plan).crm.map(|write| write.fields);
    assert_eq!(written, Some(vec![ContactField::PhoneMobile]));
    assert_eq!(
        lost(&plan),
        [Lost {
            side: Side::Crm,
            field: ContactField::PhoneMobile
        }]
    );
}
