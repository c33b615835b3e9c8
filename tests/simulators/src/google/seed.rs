//! Sample data.

use chrono::{Datelike, Days, NaiveDate, TimeDelta, Weekday};
use serde_json::{Value, json};

use super::sim::GoogleSim;

/// Everyday shapes: title, place, days from the Monday of this week, hour, minutes.
const TIMED: [(&str, &str, u64, u32, u32); 20] = [
    ("Weekly planning", "Room 2", 0, 9, 60),
    ("Call with the supplier", "", 0, 11, 30),
    ("Dentist", "Via Roma 12", 0, 17, 45),
    ("Budget review", "Room 1", 1, 10, 90),
    ("Lunch with Marco", "Trattoria da Ugo", 1, 13, 60),
    ("Interview: sales assistant", "Room 2", 1, 15, 60),
    ("Product demo", "", 2, 9, 45),
    ("Site visit", "Industrial park, gate 3", 2, 14, 120),
    ("Follow-up on the offer", "", 3, 10, 30),
    ("Team retrospective", "Room 1", 3, 16, 60),
    ("Contract signing", "Notary's office", 4, 11, 60),
    ("Quarterly numbers", "", 4, 14, 90),
    ("Kick-off of the new project", "Room 3", 7, 10, 60),
    ("Training: first aid", "Main hall", 8, 9, 240),
    ("Price negotiation", "", 8, 15, 60),
    ("Breakfast with partners", "Café Centrale", 9, 8, 60),
    ("Release review", "", 9, 16, 45),
    ("Customer workshop", "Room 3", 10, 9, 180),
    ("Parents' evening", "School", 10, 18, 90),
    ("Week's end round-up", "", 11, 16, 30),
];

/// A few dozen events around this week, for every account.
pub(super) fn sample(sim: &GoogleSim) {
    let today = sim.clock().now().date_naive();
    let monday = today.week(Weekday::Mon).first_day();
    for email in sim.accounts() {
        for event in samples(monday, &email) {
            // The samples are well-formed; a refusal would only leave one of them out.
            drop(sim.person(&email).create(&email, &event));
        }
    }
}

/// This many plain events of half an hour, one after the other through working days from tomorrow on.
pub(super) fn many(sim: &GoogleSim, email: &str, count: usize) {
    let tomorrow = sim.clock().now().date_naive() + Days::new(1);
    let person = sim.person(email);
    let midnight = tomorrow.and_time(chrono::NaiveTime::MIN).and_utc();
    for number in 0..count {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let start = midnight + TimeDelta::days(number / 18) + TimeDelta::minutes(8 * 60 + 30 * (number % 18));
        let summary = format!("Generated event {number}");
        drop(person.create_timed(email, &summary, start, start + TimeDelta::minutes(30)));
    }
}

/// This many plain tasks, one due a day from tomorrow on.
pub(super) fn many_tasks(sim: &GoogleSim, email: &str, count: usize) {
    let tomorrow = sim.clock().now().date_naive() + Days::new(1);
    let person = sim.person(email);
    for (number, day) in (0..count).zip(tomorrow.iter_days()) {
        let task = json!({
            "title": format!("Generated task {number}"), "notes": format!("Step {number}"),
            "due": format!("{day}T00:00:00.000Z"),
        });
        drop(person.create_task("@default", &task));
    }
}

/// This many plain contacts.
pub(super) fn many_contacts(sim: &GoogleSim, email: &str, count: usize, label: Option<&str>) {
    let person = sim.person(email);
    let label = label.and_then(|label| person.create_label(label).ok());
    for number in 0..count {
        let mut groups = vec!["myContacts".to_owned()];
        groups.extend(label.clone());
        let memberships: Vec<Value> = groups
            .iter()
            .map(|group| json!({ "contactGroupMembership": { "contactGroupResourceName": format!("contactGroups/{group}") } }))
            .collect();
        let contact = json!({
            "names": [{ "givenName": "Generated", "familyName": format!("Contact {number}") }],
            "emailAddresses": [{ "value": format!("contact{number}@example.com"), "type": "work" }],
            "phoneNumbers": [{ "value": format!("+39 06 {number:07}"), "type": "mobile" }],
            "memberships": memberships,
        });
        drop(person.create_contact(&contact));
    }
}

fn samples(monday: NaiveDate, email: &str) -> Vec<Value> {
    let at = |day: u64, hour: u32, minute: u32| {
        let date = monday + Days::new(day);
        json!({ "dateTime": format!("{date}T{hour:02}:{minute:02}:00"), "timeZone": "Europe/Rome" })
    };
    let date = |day: u64| json!({ "date": (monday + Days::new(day)).to_string() });
    let mut events: Vec<Value> = TIMED
        .iter()
        .map(|(title, place, day, hour, minutes)| {
            let end = hour * 60 + minutes;
            json!({ "summary": title, "location": place, "start": at(*day, *hour, 0), "end": at(*day, end / 60, end % 60) })
        })
        .collect();
    events.extend([
        json!({ "summary": "Trade fair", "start": date(14), "end": date(17), "location": "Milan" }),
        json!({ "summary": "Holiday", "start": date(21), "end": date(26), "transparency": "transparent" }),
        json!({ "summary": "Sales meeting", "start": at(0, 8, 30), "end": at(0, 9, 0),
                "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=12"] }),
        json!({ "summary": "Pay day", "start": date(4), "end": date(5), "recurrence": ["RRULE:FREQ=MONTHLY;COUNT=6"],
                "transparency": "transparent" }),
        json!({ "summary": "Doctor", "visibility": "private", "description": "Results of the test",
                "start": at(3, 8, 0), "end": at(3, 8, 45) }),
        json!({ "summary": "Presentation for the board", "start": at(11, 10, 0), "end": at(11, 11, 0),
                "description": "<b>Agenda</b><ul><li>Numbers</li><li>Plan</li></ul>",
                "attendees": [{ "email": email, "responseStatus": "accepted" }, { "email": "carla@example.org" }],
                "conferenceData": { "conferenceId": "aaa-bbbb-ccc", "entryPoints":
                    [{ "entryPointType": "video", "uri": "https://meet.example.com/aaa-bbbb-ccc" }] } }),
        json!({ "summary": "Invitation: joint planning", "start": at(9, 11, 0), "end": at(9, 12, 0),
                "organizer": { "email": "dario@example.org", "displayName": "Dario" },
                "attendees": [{ "email": "dario@example.org", "responseStatus": "accepted" }, { "email": email }] }),
        json!({ "summary": "Focus time", "eventType": "focusTime", "start": at(2, 11, 0), "end": at(2, 13, 0) }),
        json!({ "summary": "Flight to Berlin", "eventType": "fromGmail", "start": at(16, 7, 0), "end": at(16, 9, 0) }),
        json!({ "summary": "Birthday of Elena 🎂", "eventType": "birthday", "start": date(12), "end": date(13),
                "recurrence": ["RRULE:FREQ=YEARLY"], "transparency": "transparent", "visibility": "private" }),
        json!({ "summary": format!("A title that is longer than the fifty characters a CRM keeps, {}", monday.year()),
                "start": at(8, 12, 0), "end": at(8, 12, 30) }),
    ]);
    events
}
