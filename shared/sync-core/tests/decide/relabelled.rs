//! Another label: that a contact is not under it says nothing, and whoever has the tag is put there.

use sync_core::kind::contact::{ContactField, ContactLimits, ContactRecord};
use sync_core::plan::Plan;
use sync_core::policy::{ContactSettings, Direction};
use sync_core::side::{PerSide, Side};

use crate::kinds::{contact, contacts, is_quiet, observed, pair, plan, writes};

/// The plan of the first reading under another label, of a contact that both sides knew as in scope.
fn under_another_label(settings: &ContactSettings, tagged: bool, labelled: bool) -> Plan<ContactRecord> {
    let limits = ContactLimits::none();
    let known = contact("Anna");
    let shown = |side: Side, labelled: bool| {
        let record = ContactRecord {
            labelled,
            ..known.clone()
        };
        let mut seen = observed(side, "a", "2", record);
        seen.traits.relabelled = side == Side::Google;
        vec![seen]
    };
    let seen = PerSide {
        crm: shown(Side::Crm, tagged),
        google: shown(Side::Google, labelled),
    };
    let limits = PerSide {
        crm: &limits,
        google: &limits,
    };
    plan(settings, limits, vec![pair(&known, &known)], seen)
}

#[test]
fn whoever_has_the_tag_is_put_under_it() {
    let written = writes(&under_another_label(&contacts(), true, false));
    assert!(written.crm.is_none());
    let written = written.google.expect("a write to Google");
    assert_eq!(written.fields, [ContactField::Labelled]);
    assert!(written.record.labelled);
}

#[test]
fn whoever_lost_the_tag_meanwhile_is_not() {
    let plan = under_another_label(&contacts(), false, false);
    assert!(is_quiet(&plan));
}

#[test]
fn whoever_is_under_it_stays() {
    let plan = under_another_label(&contacts(), true, true);
    assert!(is_quiet(&plan));
}

#[test]
fn where_google_alone_decides_the_tag_follows() {
    let settings = ContactSettings {
        direction: Direction::GoogleToCrm,
        ..contacts()
    };
    let written = writes(&under_another_label(&settings, true, false));
    assert!(written.google.is_none());
    let written = written.crm.expect("a write to the CRM");
    assert_eq!(written.fields, [ContactField::Labelled]);
    assert!(!written.record.labelled);
}
