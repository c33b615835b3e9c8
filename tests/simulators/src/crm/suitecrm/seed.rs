//! Sample data.

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta, Weekday};
use serde_json::{Map, Value, json};

use super::sim::SuiteCrmSim;

/// Everyday meetings: name, place, days from the Monday of this week, hour (UTC), minutes, status.
const MEETINGS: [(&str, &str, u64, i64, i64, &str); 18] = [
    ("Visit Bianchi & Sons", "Their office", 0, 9, 60, "Held"),
    ("Offer review", "Room 1", 0, 14, 30, "Held"),
    ("Demo for Müller GmbH", "", 1, 8, 45, "Planned"),
    ("Negotiation: framework contract", "Room 2", 1, 13, 90, "Planned"),
    ("Welcome of a new customer", "", 2, 10, 60, "Planned"),
    (
        "Quarterly review with the bank",
        "Bank, 2nd floor",
        2,
        15,
        60,
        "Planned",
    ),
    ("Joint planning", "Room 3", 3, 9, 120, "Planned"),
    ("Complaint: late delivery", "", 3, 13, 30, "Not Held"),
    ("Site inspection", "Warehouse B", 4, 8, 180, "Planned"),
    ("Farewell lunch", "Trattoria", 4, 11, 90, "Planned"),
    ("Project kick-off", "Room 1", 7, 9, 60, "Planned"),
    ("Workshop \"Needs\"", "Room 3", 7, 13, 180, "Planned"),
    ("Reference visit", "", 8, 9, 120, "Planned"),
    ("Price talk <final>", "Room 2", 8, 14, 45, "Planned"),
    ("Contract signing", "Notary", 9, 10, 60, "Planned"),
    ("Lessons learnt", "", 9, 15, 60, "Planned"),
    ("Strategy day", "Hotel Lago", 10, 0, 1440, "Planned"),
    ("Forecast", "", 11, 12, 30, "Planned"),
];

/// Everyday calls.
const CALLS: [(&str, u64, i64, i64, &str); 8] = [
    ("Call back Mr Conti", 0, 11, 15, "Outbound"),
    ("Reminder of payment", 1, 10, 15, "Outbound"),
    ("Question about the invoice", 2, 8, 15, "Inbound"),
    ("Arrange a date", 3, 11, 15, "Outbound"),
    ("Satisfaction call", 4, 13, 30, "Outbound"),
    ("Renewal", 7, 11, 15, "Outbound"),
    ("Support escalation", 8, 12, 30, "Inbound"),
    ("Congratulations", 9, 8, 15, "Outbound"),
];

/// A few dozen records around this week, for every user but the API user.
pub(super) fn sample(sim: &SuiteCrmSim) {
    let monday = sim.clock().now().date_naive().week(Weekday::Mon).first_day();
    for user in sim.users().iter().skip(1) {
        let person = sim.person(&user.id);
        for (module, attributes) in samples(monday) {
            // The samples are well-formed; a refusal would only leave one of them out.
            drop(person.create(module, &attributes));
        }
    }
}

/// This many plain meetings of half an hour, one after the other through working days from tomorrow on.
pub(super) fn many(sim: &SuiteCrmSim, user: &str, count: usize) {
    let person = sim.person(user);
    let midnight = (sim.clock().now().date_naive() + Days::new(1))
        .and_time(NaiveTime::MIN)
        .and_utc();
    for number in 0..count {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let start = midnight + TimeDelta::days(number / 18) + TimeDelta::minutes(8 * 60 + 30 * (number % 18));
        let name = format!("Generated meeting {number}");
        drop(person.create_meeting(&name, start, std::time::Duration::from_mins(30)));
    }
}

/// This many tasks, due one after the other from tomorrow on, every tenth of them on no day.
pub(super) fn many_tasks(sim: &SuiteCrmSim, user: &str, count: usize) {
    let person = sim.person(user);
    let today = sim.clock().now().date_naive();
    for number in 0..count {
        let day = today + Days::new(1 + u64::try_from(number % 365).unwrap_or_default());
        let due = if number % 10 == 0 {
            String::new()
        } else {
            format!("{day} 16:00:00")
        };
        let task = json!({ "name": format!("CRM task {number}"), "status": "Not Started", "date_due": due });
        drop(person.create("Tasks", &task));
    }
}

/// This many contacts, each with an e-mail address and a phone number of their own.
pub(super) fn many_contacts(sim: &SuiteCrmSim, user: &str, count: usize, checkbox: Option<&str>) {
    let person = sim.person(user);
    for number in 0..count {
        let contact = json!({
            "first_name": format!("Customer {number}"), "last_name": "Generated",
            "email1": format!("customer{number}@example.org"), "phone_work": format!("+39 011 {number:06}"),
        });
        let id = person.create("Contacts", &contact);
        if let (Ok(id), Some(checkbox)) = (id, checkbox) {
            let ticked = Map::from_iter([(checkbox.to_owned(), json!("1"))]);
            drop(person.edit("Contacts", &id, &Value::Object(ticked)));
        }
    }
}

fn samples(monday: NaiveDate) -> Vec<(&'static str, Value)> {
    let at = |day: u64, hour: i64| {
        let start = (monday + Days::new(day)).and_time(NaiveTime::MIN) + TimeDelta::hours(hour);
        start.format("%Y-%m-%d %H:%M:%S").to_string()
    };
    let mut records: Vec<(&'static str, Value)> = Vec::new();
    for (name, location, day, hour, minutes, status) in MEETINGS {
        records.push((
            "Meetings",
            json!({ "name": name, "location": location, "date_start": at(day, hour), "status": status,
                    "duration_hours": minutes / 60, "duration_minutes": minutes % 60 }),
        ));
    }
    for (name, day, hour, minutes, direction) in CALLS {
        records.push((
            "Calls",
            json!({ "name": name, "date_start": at(day, hour), "direction": direction,
                    "duration_hours": minutes / 60, "duration_minutes": minutes % 60 }),
        ));
    }
    records.push((
        "Tasks",
        json!({ "name": "Send the brochure", "date_due": at(2, 16), "status": "Not Started" }),
    ));
    records.push((
        "Tasks",
        json!({ "name": "Prepare the offer", "date_due": at(4, 16), "priority": "High" }),
    ));
    records.push((
        "Contacts",
        json!({ "first_name": "Carla", "last_name": "Verdi", "email1": "carla@example.org" }),
    ));
    records
}
