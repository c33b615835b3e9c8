//! Tasks and contacts: the same decision, and what is their own in it.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sync_core::base::{Half, Pair, PairState};
use sync_core::change::{Change, ChangeSet, Observed, Traits, Window};
use sync_core::id::{Cursor, RemoteId, Version};
use sync_core::kind::Record;
use sync_core::kind::contact::{ContactField, ContactLimits, ContactRecord};
use sync_core::kind::task::{Due, Status, TaskField, TaskLimits, TaskRecord};
use sync_core::plan::{Action, Plan};
use sync_core::policy::{ContactScope, ContactSettings, Deletions, Direction, TaskSettings};
use sync_core::port::Update;
use sync_core::reconcile::{CopyNames, Ground, reconcile};
use sync_core::settle::{Did, settle};
use sync_core::side::{PerSide, Side};

use crate::ground::at;

#[derive(Debug)]
struct Names;

impl CopyNames for Names {
    fn copy_of(&self, side: Side, origin: &RemoteId, generation: u32) -> RemoteId {
        RemoteId::new(side.as_str(), format!("copy-{generation}-{}", origin.id))
    }
}

pub(crate) fn observed<R: Record>(side: Side, name: &str, version: &str, record: R) -> Observed<R> {
    Observed {
        id: RemoteId::new(side.as_str(), name),
        version: Version(version.to_owned()),
        modified_at: Some(at(if side == Side::Google { 2 } else { 1 })),
        record,
        traits: Traits::default(),
    }
}

pub(crate) fn pair<R: Record>(crm: &R, google: &R) -> Pair {
    Pair {
        kind: R::KIND,
        half: PerSide {
            crm: Half::agreed(&observed(Side::Crm, "a", "1", crm.clone())),
            google: Half::agreed(&observed(Side::Google, "a", "1", google.clone())),
        },
        origin: Side::Crm,
        generation: 0,
        state: PairState::Living,
        veiled: false,
    }
}

pub(crate) fn plan<R: Record>(
    settings: &R::Settings,
    limits: PerSide<&R::Limits>,
    pairs: Vec<Pair>,
    seen: PerSide<Vec<Observed<R>>>,
) -> Plan<R> {
    let ground = Ground {
        settings,
        window: Window {
            from: at(-24 * 30),
            until: at(24 * 365),
        },
        limits,
        pairs_in_all: pairs.len() as u64,
        deletions_confirmed: 0,
        copies: &Names,
        guests_told_after: None,
        zone: chrono_tz::Tz::UTC,
    };
    let changes = seen.map(|seen| ChangeSet {
        changes: seen.into_iter().map(Change::Present).collect(),
        complete: BTreeSet::new(),
        cursor: Cursor(String::new()),
        time_zone: None,
    });
    reconcile(&ground, pairs, changes)
}

/// What a plan of one step writes to each side.
pub(crate) fn writes<R: Record>(plan: &Plan<R>) -> PerSide<Option<Update<R>>> {
    let [step] = plan.steps.as_slice() else {
        panic!("one step was expected, not {}", plan.steps.len())
    };
    let Action::Write(writes) = &step.action else {
        panic!("a write was expected, not {:?}", step.action)
    };
    writes.clone().map(|write| write.map(|write| *write))
}

/// Whether a plan notes something and writes nothing.
pub(crate) fn is_quiet<R: Record>(plan: &Plan<R>) -> bool {
    let writes = writes(plan);
    writes.crm.is_none() && writes.google.is_none()
}

pub(crate) fn contacts() -> ContactSettings {
    ContactSettings {
        enabled: true,
        ..ContactSettings::default()
    }
}

/// A CRM with two e-mails.
fn crm_limits() -> ContactLimits {
    let mut limits = ContactLimits::none();
    limits.fields.remove(&ContactField::EmailHome);
    limits.birthday_without_year = false;
    limits
}

pub(crate) fn contact(name: &str) -> ContactRecord {
    ContactRecord {
        given_name: name.to_owned(),
        labelled: true,
        ..ContactRecord::default()
    }
}

pub(crate) fn contact_plan(
    settings: &ContactSettings,
    base: Option<&ContactRecord>,
    crm: Option<ContactRecord>,
    google: Option<ContactRecord>,
) -> Plan<ContactRecord> {
    let (crm_limits, google_limits) = (crm_limits(), ContactLimits::none());
    let limits = PerSide {
        crm: &crm_limits,
        google: &google_limits,
    };
    let seen = |side, record: Option<ContactRecord>| {
        record
            .into_iter()
            .map(|record| observed(side, "a", "2", record))
            .collect()
    };
    let seen = PerSide {
        crm: seen(Side::Crm, crm),
        google: seen(Side::Google, google),
    };
    let pairs = base.map(|base| pair(base, base)).into_iter().collect();
    plan(settings, limits, pairs, seen)
}

#[test]
fn two_people_who_add_different_numbers_keep_both() {
    let base = contact("Anna");
    let with = |phone: &str| ContactRecord {
        phone_mobile: phone.to_owned(),
        ..base.clone()
    };
    let plan = contact_plan(
        &contacts(),
        Some(&base),
        Some(with("111 1111")),
        Some(with("222 2222")),
    );
    assert!(plan.steps[0].lost.is_empty());
    let writes = writes(&plan);
    let (crm, google) = (writes.crm.unwrap(), writes.google.unwrap());
    // Google is newer, so its number keeps the slot on both sides, and the CRM's has another one on both.
    assert_eq!(crm.fields, [ContactField::PhoneMobile, ContactField::PhoneWork]);
    assert_eq!(
        (crm.record.phone_mobile.as_str(), crm.record.phone_work.as_str()),
        ("222 2222", "111 1111")
    );
    assert_eq!(google.fields, [ContactField::PhoneWork]);
    assert_eq!(
        (
            google.record.phone_mobile.as_str(),
            google.record.phone_work.as_str()
        ),
        ("222 2222", "111 1111")
    );
}

#[test]
fn a_number_that_both_have_changed_has_a_loser() {
    let with = |phone: &str| ContactRecord {
        phone_mobile: phone.to_owned(),
        ..contact("Anna")
    };
    let base = with("000 0000");
    let plan = contact_plan(
        &contacts(),
        Some(&base),
        Some(with("111 1111")),
        Some(with("222 2222")),
    );
    assert_eq!(plan.steps[0].lost.len(), 1);
    let writes = writes(&plan);
    assert_eq!(writes.crm.unwrap().fields, [ContactField::PhoneMobile]);
    assert!(writes.google.is_none());
}

#[test]
fn what_moved_and_was_refused_on_one_side_still_travels() {
    let base = contact("Anna");
    let with = |email: &str| ContactRecord {
        email_work: email.to_owned(),
        ..base.clone()
    };
    for refusing in Side::BOTH {
        let (mut crm, mut google) = (with("c@example.com"), with("g@example.com"));
        let mut plan = contact_plan(&contacts(), Some(&base), Some(crm.clone()), Some(google.clone()));
        let step = plan.steps.remove(0);
        let Action::Write(writes) = &step.action else {
            panic!("no write")
        };
        let answers = PerSide::from_fn(|side| {
            writes.get(side).as_ref().map(|write| {
                if side == refusing {
                    return Err(sync_core::failure::Failure::permanent("refused", "no"));
                }
                let record = match side {
                    Side::Crm => &mut crm,
                    Side::Google => &mut google,
                };
                for field in &write.fields {
                    record.take(*field, &write.record);
                }
                Ok(observed(side, "a", "3", record.clone()))
            })
        });
        let settled = settle(step, Did::Wrote(answers)).after.unwrap();
        // Once more, with both sides willing.
        let (crm_limits, google_limits) = (crm_limits(), ContactLimits::none());
        let limits = PerSide {
            crm: &crm_limits,
            google: &google_limits,
        };
        let seen = PerSide {
            crm: vec![observed(
                Side::Crm,
                "a",
                if refusing == Side::Crm { "2" } else { "3" },
                crm.clone(),
            )],
            google: vec![observed(
                Side::Google,
                "a",
                if refusing == Side::Google { "2" } else { "3" },
                google.clone(),
            )],
        };
        let again = plan_of(&contacts(), limits, settled, seen);
        for (side, record) in [(Side::Crm, &mut crm), (Side::Google, &mut google)] {
            if let Some(write) = again.get(side) {
                for field in &write.fields {
                    record.take(*field, &write.record);
                }
            }
        }
        for record in [&crm, &google] {
            let emails = BTreeSet::from([record.email_work.as_str(), record.email_other.as_str()]);
            assert_eq!(
                emails,
                BTreeSet::from(["c@example.com", "g@example.com"]),
                "{refusing} refused"
            );
        }
    }
}

fn plan_of(
    settings: &ContactSettings,
    limits: PerSide<&ContactLimits>,
    pair: Pair,
    seen: PerSide<Vec<Observed<ContactRecord>>>,
) -> PerSide<Option<Update<ContactRecord>>> {
    writes(&plan(settings, limits, vec![pair], seen))
}

#[test]
fn losing_the_label_takes_the_tag_off_and_is_no_deletion() {
    let base = contact("Anna");
    let off = ContactRecord {
        labelled: false,
        given_name: "Edited".to_owned(),
        ..base.clone()
    };
    let plan = contact_plan(&contacts(), Some(&base), None, Some(off.clone()));
    let writes = writes(&plan);
    // The edit made with it stays where it was made.
    assert_eq!(writes.crm.unwrap().fields, [ContactField::Labelled]);
    assert!(writes.google.is_none());
    // New, and without a label, it is nobody's business.
    assert!(
        contact_plan(&contacts(), None, None, Some(off.clone()))
            .steps
            .is_empty()
    );
    let all = ContactSettings {
        scope: ContactScope::All,
        ..contacts()
    };
    assert_eq!(contact_plan(&all, None, None, Some(off)).steps.len(), 1);
}

#[test]
fn a_tagged_contact_finds_the_unlabelled_one_and_empties_nothing() {
    let crm = ContactRecord {
        email_work: "Anna@Example.com".to_owned(),
        job_title: "Boss".to_owned(),
        ..contact("Anna")
    };
    let google = ContactRecord {
        email_home: "anna@example.com".to_owned(),
        phone_mobile: "111 1111".to_owned(),
        job_title: String::new(),
        labelled: false,
        ..contact("Anna")
    };
    for direction in [Direction::Both, Direction::CrmToGoogle] {
        let settings = ContactSettings {
            direction,
            deletions: Deletions::Keep,
            ..contacts()
        };
        let writes = writes(&contact_plan(
            &settings,
            None,
            Some(crm.clone()),
            Some(google.clone()),
        ));
        let to_google = writes.google.unwrap();
        assert!(to_google.record.labelled && to_google.record.job_title == "Boss");
        assert_eq!(to_google.record.phone_mobile, "111 1111");
        let to_crm = writes.crm.map(|write| write.fields);
        match direction {
            Direction::Both => assert_eq!(to_crm, Some(vec![ContactField::PhoneMobile])),
            Direction::CrmToGoogle | Direction::GoogleToCrm => assert_eq!(to_crm, None),
        }
    }
}

#[test]
fn namesakes_are_left_to_a_person_and_colleagues_told_apart() {
    let (crm_limits, google_limits) = (crm_limits(), ContactLimits::none());
    let limits = PerSide {
        crm: &crm_limits,
        google: &google_limits,
    };
    let with = |name: &str, email: &str, phone: &str| ContactRecord {
        email_work: email.to_owned(),
        phone_mobile: phone.to_owned(),
        ..contact(name)
    };
    let told = |crm: Vec<ContactRecord>, google: Vec<ContactRecord>| {
        let seen = |side, records: Vec<ContactRecord>| {
            let named = records.into_iter().enumerate();
            named
                .map(|(at, record)| observed(side, &at.to_string(), "1", record))
                .collect()
        };
        let seen = PerSide {
            crm: seen(Side::Crm, crm),
            google: seen(Side::Google, google),
        };
        let plan = plan(&contacts(), limits, Vec::new(), seen);
        let joined = plan
            .steps
            .iter()
            .filter(|step| matches!(step.action, Action::Write(_)))
            .count();
        (joined, plan.steps.len() - joined, plan.unreadable.len())
    };
    let info = |name: &str| with(name, "info@example.com", "");
    assert_eq!(
        told(vec![info("Anna"), info("Ben")], vec![info("Ben"), info("Anna")]),
        (2, 0, 0)
    );
    assert_eq!(told(vec![info("Anna")], vec![info("Ben")]), (1, 0, 0));
    assert_eq!(
        told(vec![info("Anna")], vec![info("Ben"), info("Carla")]),
        (0, 0, 3)
    );
    let by_phone = |phone: &str| with("Anna", "", phone);
    assert_eq!(
        told(vec![by_phone("+39 333 1234567")], vec![by_phone("333 123 4567")]),
        (1, 0, 0)
    );
    assert_eq!(
        told(vec![by_phone("+39 333 1234567")], vec![by_phone("333 123 4568")]),
        (0, 2, 0)
    );
    // Two of one side share an address each with one of the other: nobody can say which it is.
    let two = ContactRecord {
        email_other: "b@example.com".to_owned(),
        ..with("", "a@example.com", "")
    };
    let singles = vec![with("", "a@example.com", ""), with("", "b@example.com", "")];
    assert_eq!(told(vec![two], singles), (0, 0, 3));
}

#[test]
fn a_birthday_without_a_year_stays_where_there_can_be_one() {
    let base = contact("Anna");
    let born = |year| ContactRecord {
        birthday: sync_core::kind::contact::Birthday::new(year, 5, 12),
        ..base.clone()
    };
    // Two changed, the CRM not at all: nothing it could hold.
    let plan = contact_plan(&contacts(), Some(&base), Some(base.clone()), Some(born(None)));
    assert!(is_quiet(&plan));
    let plan = contact_plan(&contacts(), Some(&born(None)), Some(born(Some(1980))), None);
    assert_eq!(writes(&plan).google.unwrap().fields, [ContactField::Birthday]);
}

#[test]
fn a_renamed_contact_keeps_its_pair() {
    let (crm_limits, google_limits) = (crm_limits(), ContactLimits::none());
    let limits = PerSide {
        crm: &crm_limits,
        google: &google_limits,
    };
    let base = contact("Anna");
    let mut seen = observed(Side::Google, "new", "2", contact("Edited"));
    seen.traits.former_ids = vec![RemoteId::new("google", "a")];
    let seen = PerSide {
        crm: Vec::new(),
        google: vec![seen],
    };
    let plan = plan(&contacts(), limits, vec![pair(&base, &base)], seen);
    assert_eq!(writes(&plan).crm.unwrap().record.given_name, "Edited");
    let pair = plan.steps[0].base.clone().unwrap();
    assert_eq!(pair.half.google.id.id, "new");
    assert_eq!(pair.half.google.former_id, Some(RemoteId::new("google", "a")));
}

#[test]
fn a_second_copy_of_ours_is_told_and_not_copied_back() {
    let (crm_limits, google_limits) = (crm_limits(), ContactLimits::none());
    let limits = PerSide {
        crm: &crm_limits,
        google: &google_limits,
    };
    let base = contact("Anna");
    let copy = |name: &str| {
        let mut copy = observed(Side::Google, name, "1", base.clone());
        copy.traits.made_from = Some(RemoteId::new("crm", "a"));
        copy
    };
    let of =
        |crm: Vec<Observed<ContactRecord>>, google: Vec<Observed<ContactRecord>>| PerSide { crm, google };
    // Seen when the first one is paired, or together with it after the store was lost.
    let late = plan(
        &contacts(),
        limits,
        vec![pair(&base, &base)],
        of(vec![], vec![copy("b")]),
    );
    assert_eq!((late.steps.len(), late.unreadable.len()), (0, 1));
    let crm = vec![observed(Side::Crm, "a", "1", base.clone())];
    let anew = plan(
        &contacts(),
        limits,
        Vec::new(),
        of(crm, vec![copy("b"), copy("c")]),
    );
    assert_eq!((anew.steps.len(), anew.unreadable.len()), (1, 1));
    assert_eq!(anew.unreadable[0].code, "second_copy");
}

pub(crate) fn task(title: &str, hour: Option<u32>) -> TaskRecord {
    TaskRecord {
        title: title.to_owned(),
        notes: String::new(),
        due: Some(Due {
            day: NaiveDate::from_ymd_opt(2026, 6, 3).expect("a day"),
            time: hour.and_then(|hour| NaiveTime::from_hms_opt(hour, 0, 0)),
        }),
        status: Status::Open,
    }
}

pub(crate) fn task_limits() -> PerSide<TaskLimits> {
    PerSide {
        crm: TaskLimits {
            completed_step_seconds: None,
            ..TaskLimits::none()
        },
        google: TaskLimits {
            has_due_time: false,
            ..TaskLimits::none()
        },
    }
}

#[test]
fn a_time_of_day_that_changes_costs_no_write_and_survives_a_move() {
    let (limits, settings) = (task_limits(), TaskSettings::default());
    let pair = || pair(&task("A", Some(15)), &task("A", None));
    let of = |crm: Vec<TaskRecord>, google: Vec<TaskRecord>| PerSide {
        crm: crm
            .into_iter()
            .map(|record| observed(Side::Crm, "a", "2", record))
            .collect(),
        google: google
            .into_iter()
            .map(|record| observed(Side::Google, "a", "2", record))
            .collect(),
    };
    let later = plan(
        &settings,
        limits.as_ref(),
        vec![pair()],
        of(vec![task("A", Some(16))], vec![]),
    );
    assert!(is_quiet(&later));
    let mut moved = task("A", None);
    moved.due = moved.due.map(|due| Due {
        day: NaiveDate::from_ymd_opt(2026, 6, 4).unwrap(),
        ..due
    });
    let moved = plan(
        &settings,
        limits.as_ref(),
        vec![pair()],
        of(vec![task("A", Some(15))], vec![moved]),
    );
    let due = writes(&moved).crm.unwrap().record.due.unwrap();
    assert_eq!(
        (due.day.to_string().as_str(), due.time),
        ("2026-06-04", NaiveTime::from_hms_opt(15, 0, 0))
    );
    let done = TaskRecord {
        status: Status::Completed { at: Some(Utc::now()) },
        ..task("A", None)
    };
    let done = plan(&settings, limits.as_ref(), vec![pair()], of(vec![], vec![done]));
    assert_eq!(writes(&done).crm.unwrap().fields, [TaskField::Status]);
}

#[test]
fn what_was_done_before_the_start_is_left_alone_on_both_sides() {
    let (limits, settings) = (task_limits(), TaskSettings::default());
    let long_ago = at(-24 * 31);
    let of = |side, status, modified: Option<DateTime<Utc>>| {
        let undated = TaskRecord {
            status,
            due: None,
            ..task("Call", None)
        };
        Observed {
            modified_at: modified,
            ..observed(side, "a", "1", undated)
        }
    };
    let carried = |seen: Observed<TaskRecord>, side| {
        let mut both: PerSide<Vec<_>> = PerSide::default();
        both.get_mut(side).push(seen);
        plan(&settings, limits.as_ref(), Vec::new(), both).steps.len()
    };
    let done = |when| Status::Completed { at: when };
    // A CRM knows that a task is done and not since when: it was not touched since.
    assert_eq!(carried(of(Side::Crm, done(None), Some(long_ago)), Side::Crm), 0);
    assert_eq!(carried(of(Side::Crm, done(None), Some(at(-1))), Side::Crm), 1);
    assert_eq!(carried(of(Side::Crm, done(None), None), Side::Crm), 1);
    let google = |when, touched| carried(of(Side::Google, done(Some(when)), Some(touched)), Side::Google);
    assert_eq!(google(long_ago, at(-1)), 0, "whatever was done to it later");
    assert_eq!(google(at(-1), at(-1)), 1);
    // What is still to be done is to be done, however old it is.
    assert_eq!(carried(of(Side::Crm, Status::Open, Some(long_ago)), Side::Crm), 1);
}

#[test]
fn a_copy_whose_answer_was_lost_is_joined_and_not_made_again() {
    let (limits, settings) = (task_limits(), TaskSettings::default());
    let named = |notes: &str| TaskRecord {
        notes: notes.to_owned(),
        ..task("Call", Some(9))
    };
    let crm: Vec<_> = ["one", "two", "three"]
        .iter()
        .map(|notes| observed(Side::Crm, notes, "1", named(notes)))
        .collect();
    let google: Vec<_> = ["three", "two"]
        .iter()
        .map(|notes| {
            observed(
                Side::Google,
                &format!("g-{notes}"),
                "1",
                TaskRecord {
                    due: task("Call", None).due,
                    ..named(notes)
                },
            )
        })
        .collect();
    let plan = plan(&settings, limits.as_ref(), Vec::new(), PerSide { crm, google });
    let mut joined = 0;
    for step in &plan.steps {
        if let Action::Write(writes) = &step.action {
            joined += 1;
            assert!(
                writes.crm.is_none() && writes.google.is_none(),
                "each is joined with its own"
            );
        } else if let Action::Create { create, .. } = &step.action {
            assert_eq!(create.record.notes, "one");
        } else {
            panic!("{:?}", step.action);
        }
    }
    assert_eq!(joined, 2);
}
