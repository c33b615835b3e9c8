//! Sample data.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc, Weekday};
use serde_json::json;

use super::sim::VtigerSim;

/// One everyday event.
type Sample = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    u64,
    i64,
    i64,
    &'static str,
);

/// Everyday events: subject, place, type, visibility, days from the Monday of this week, hour (UTC), minutes, status.
const EVENTS: [Sample; 14] = [
    (
        "Visit Bianchi & Sons",
        "Their office",
        "Meeting",
        "Public",
        0,
        9,
        60,
        "Held",
    ),
    ("Offer review", "Room 1", "Meeting", "Public", 0, 14, 30, "Held"),
    (
        "Demo for Müller GmbH",
        "",
        "Meeting",
        "Private",
        1,
        8,
        45,
        "Planned",
    ),
    (
        "Negotiation: framework contract",
        "Room 2",
        "Meeting",
        "Public",
        1,
        13,
        90,
        "Planned",
    ),
    (
        "Complaint: late delivery",
        "",
        "Meeting",
        "Public",
        3,
        13,
        30,
        "Not Held",
    ),
    (
        "Site inspection",
        "Warehouse B",
        "Meeting",
        "Public",
        4,
        8,
        180,
        "Planned",
    ),
    (
        "Workshop \"Needs\"",
        "Room 3",
        "Meeting",
        "Public",
        7,
        13,
        180,
        "Planned",
    ),
    (
        "Price talk <final>",
        "Room 2",
        "Meeting",
        "Private",
        8,
        14,
        45,
        "Planned",
    ),
    (
        "Strategy day",
        "Hotel Lago",
        "Meeting",
        "Public",
        10,
        0,
        1440,
        "Planned",
    ),
    ("Call back Mr Conti", "", "Call", "Public", 0, 11, 15, "Held"),
    ("Reminder of payment", "", "Call", "Public", 1, 10, 15, "Planned"),
    (
        "Satisfaction call",
        "",
        "Mobile Call",
        "Public",
        4,
        13,
        30,
        "Planned",
    ),
    ("Renewal", "", "Call", "Private", 7, 11, 15, "Planned"),
    ("Congratulations", "", "Call", "Public", 9, 8, 15, "Planned"),
];

/// Everyday tasks: subject, days from that Monday, status.
const TASKS: [(&str, u64, &str); 4] = [
    ("Send the brochure", 2, "Not Started"),
    ("Prepare the offer", 4, "In Progress"),
    ("File last month's visits", 0, "Completed"),
    ("Renew the licence", 8, "Deferred"),
];

/// Everyday contacts: first name, last name, e-mail address, mobile.
const CONTACTS: [(&str, &str, &str, &str); 3] = [
    ("Carla", "Verdi", "carla@example.org", "+39 333 1234567"),
    ("Jürgen", "Müller", "juergen@example.net", ""),
    ("", "Conti", "", "+39 011 765432"),
];

/// A few dozen records around this week, for every user but the one of the sync.
pub(super) fn sample(sim: &VtigerSim) {
    let monday = sim.clock().now().date_naive().week(Weekday::Mon).first_day();
    for user in sim.users().iter().skip(1) {
        let person = sim.person(user.number);
        for (subject, location, kind, visibility, day, hour, minutes, status) in EVENTS {
            let start = (monday + Days::new(day)).and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(hour);
            let end = start + TimeDelta::minutes(minutes);
            let day = |at: DateTime<Utc>| at.format("%Y-%m-%d").to_string();
            let time = |at: DateTime<Utc>| at.format("%H:%M:%S").to_string();
            // The samples are well-formed; a refusal would only leave one of them out.
            drop(person.create_event(&json!({
                "subject": subject, "location": location, "activitytype": kind, "visibility": visibility,
                "eventstatus": status, "date_start": day(start), "time_start": time(start),
                "due_date": day(end), "time_end": time(end),
            })));
        }
        for (subject, day, status) in TASKS {
            let due = (monday + Days::new(day)).to_string();
            drop(person.create_task(&json!({
                "subject": subject, "date_start": due, "time_start": "08:00:00", "due_date": due,
                "taskstatus": status,
            })));
        }
        let account = person.create_account("Verdi & Figli");
        let account = account.map(|number| format!("{}x{number}", sim.accounts_class()));
        for (first, last, email, mobile) in CONTACTS {
            drop(person.create_contact(&json!({
                "firstname": first, "lastname": last, "email": email, "mobile": mobile,
                "account_id": account.as_deref().unwrap_or_default(),
            })));
        }
    }
}

/// This many plain meetings of half an hour, one after the other through working days from tomorrow on.
pub(super) fn many(sim: &VtigerSim, user: u64, count: usize) {
    let person = sim.person(user);
    let midnight = (sim.clock().now().date_naive() + Days::new(1))
        .and_time(NaiveTime::MIN)
        .and_utc();
    for number in 0..count {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let start = midnight + TimeDelta::days(number / 18) + TimeDelta::minutes(8 * 60 + 30 * (number % 18));
        let subject = format!("Generated meeting {number}");
        drop(person.create_meeting(&subject, start, std::time::Duration::from_mins(30)));
    }
}

/// This many tasks, due one after the other from tomorrow on.
pub(super) fn many_tasks(sim: &VtigerSim, user: u64, count: usize) {
    let person = sim.person(user);
    let today = sim.clock().now().date_naive();
    for number in 0..count {
        let day = today + Days::new(1 + u64::try_from(number % 365).unwrap_or_default());
        drop(person.create_task(&json!({
            "subject": format!("CRM task {number}"), "date_start": day.to_string(), "time_start": "08:00:00",
            "due_date": day.to_string(),
        })));
    }
}

/// This many contacts, each with an e-mail address and a phone number of their own.
pub(super) fn many_contacts(sim: &VtigerSim, user: u64, count: usize, checkbox: Option<&str>) {
    let person = sim.person(user);
    for number in 0..count {
        let mut contact = json!({
            "firstname": format!("Customer {number}"), "lastname": "Generated",
            "email": format!("customer{number}@example.org"), "phone": format!("+39 011 {number:06}"),
        });
        if let (Some(columns), Some(checkbox)) = (contact.as_object_mut(), checkbox) {
            columns.insert(checkbox.to_owned(), json!("1"));
        }
        drop(person.create_contact(&contact));
    }
}
