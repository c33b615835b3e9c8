//! Records that may not be written.

use sync_core::change::{Change, ReadOnly};
use sync_core::side::Side;

use crate::ground::{Case, event, seen};

fn google(why: ReadOnly, title: &str) -> Change<sync_core::kind::event::EventRecord> {
    let mut odd = seen(Side::Google, "a", "1", event(title));
    odd.traits.read_only = Some(why);
    Change::Present(odd)
}

#[test]
fn an_edit_waits_where_the_other_side_may_not_be_written() {
    let case = Case {
        crm: vec![Change::Present(seen(Side::Crm, "a", "2", event("edited")))],
        google: vec![google(ReadOnly::NotOrganizer, "base")],
        ..Case::default()
    };
    assert_eq!(case.told(), ["note"]);
    assert_eq!(case.plan().steps[0].waiting.crm.len(), 1);
}

#[test]
fn two_that_are_one_thing_are_joined_without_writing_the_read_only_one() {
    let mut longer = event("base");
    longer.description = "another".to_owned();
    let case = Case {
        pairs: Vec::new(),
        crm: vec![Change::Present(seen(Side::Crm, "a", "1", longer))],
        google: vec![google(ReadOnly::NotOrganizer, "base")],
        ..Case::default()
    };
    assert_eq!(case.told(), ["write Description to crm, crm loses Description"]);
}

#[test]
fn what_is_left_out_is_nobody_s_counterpart() {
    let case = Case {
        pairs: Vec::new(),
        crm: vec![Change::Present(seen(Side::Crm, "a", "1", event("base")))],
        google: vec![google(ReadOnly::EventType, "base")],
        ..Case::default()
    };
    assert_eq!(case.told(), ["create base in google (generation 0)"]);
}
