//! Making, changing and deleting records through the service (section 5).

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde_json::{Map, Value, json};

use super::crm::{Call, World};
use super::error::{Refused, success};
use super::options::Version;
use super::record::{Module, Record};
use super::text::{kept, reminder_minutes};
use crate::front::Answer;

/// The class and the number that an id holds, whose class must be one that is known.
pub(super) fn named(call: &Call<'_>, id: &str) -> Result<(Module, u64), Refused> {
    let (class, number) = id.split_once('x').ok_or_else(invalid_id)?;
    let number = number.parse().map_err(|_| invalid_id())?;
    [Module::Events, Module::Calendar, Module::Contacts, Module::Users]
        .into_iter()
        .find(|module| call.world.class(*module).to_string() == class)
        .map(|module| (module, number))
        .ok_or_else(invalid_id)
}

fn invalid_id() -> Refused {
    Refused::new("INVALID_ID_ATTRIBUTE", "Id specified is incorrect")
}

/// A record that a user may reach by its id. Deleted, never there and forbidden are all the same; another class is
/// told.
pub(super) fn reachable<'a>(
    call: &'a Call<'_>,
    user: u64,
    module: Module,
    number: u64,
) -> Result<&'a Record, Refused> {
    let found = call.world.records.get(&number);
    let found = found
        .filter(|record| record.is_living())
        .ok_or_else(Refused::denied)?;
    if found.module() != module {
        return Err(invalid_id());
    }
    if call.world.may_read(user, found) {
        Ok(found)
    } else {
        Err(Refused::denied())
    }
}

fn element(call: &Call<'_>) -> Result<Map<String, Value>, Refused> {
    // Malformed JSON looks like a missing id.
    serde_json::from_str(call.parameter("element")).map_err(|_| Refused::denied())
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => u8::from(*yes).to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

pub(super) fn create(call: &mut Call<'_>, user: u64) -> Result<Answer, Refused> {
    let Some(module) = Module::parse(call.parameter("elementType")).filter(|module| *module != Module::Users)
    else {
        return Err(Refused::new(
            "ACCESS_DENIED",
            "Permission to perform the operation is denied",
        ));
    };
    let element = element(call)?;
    check_mandatory(call.world, module, &element)?;
    let number = call.world.next_number();
    let mut record = Record::new(number, module == Module::Contacts, user, call.now);
    let source = element.get("source").map(text_of).unwrap_or_default();
    let source = if source.is_empty() {
        "WEBSERVICE".to_owned()
    } else {
        source
    };
    // Taken on creation only, in capitals.
    record.set(
        "source",
        source.to_uppercase().chars().take(100).collect::<String>(),
    );
    let outcome = call.world.save(&mut record, module, &element);
    if outcome == Err(Refused::Dump) {
        record.is_orphan = true;
    }
    record.contacts.extend(numbers(call.parameter("contactidlist")));
    record.invitees = numbers(call.parameter("inviteesid")).collect();
    call.world.records.insert(number, record);
    outcome?;
    Ok(success(&call.world.answered(number, module)))
}

impl World {
    /// The whole record; in the module it was made in, though it may have become one of another.
    fn answered(&self, number: u64, made_in: Module) -> Value {
        let Some(record) = self.records.get(&number) else {
            return Value::Null;
        };
        let mut whole = self.whole(record);
        if let Some(whole) = whole.as_object_mut() {
            whole.insert("id".to_owned(), json!(self.id(made_in, number)));
        }
        whole
    }

    /// Sets what the element names, as far as it is known. What fails in the middle leaves what came before.
    fn save(&self, record: &mut Record, module: Module, element: &Map<String, Value>) -> Result<(), Refused> {
        if let Some(owner) = element.get("assigned_user_id").map(text_of) {
            let number = owner.rsplit('x').next().and_then(|number| number.parse().ok());
            let number: u64 = number.ok_or(Refused::RestrictedFile)?;
            if self.user(number).is_none() {
                return Err(Refused::RestrictedFile);
            }
            record.owner = number;
        }
        if let Some(contact) = element.get("contact_id").map(text_of) {
            record.contacts = contact
                .rsplit('x')
                .next()
                .and_then(|n| n.parse().ok())
                .into_iter()
                .collect();
        }
        let whole_is_escaped = self.options.version == Version::V8_4;
        for (column, chars_max) in module.columns() {
            let Some(value) = element.get(*column).map(text_of) else {
                continue;
            };
            let value = match *column {
                "assigned_user_id" | "source" => continue,
                "reminder_time" => reminder_minutes(&value),
                "date_start" | "due_date" if value.contains('T') => return Err(Refused::Dump),
                _ => kept(&value, *chars_max, self.options.three_byte_text, whole_is_escaped),
            };
            record.set(column, value);
        }
        if module != Module::Events {
            return Ok(());
        }
        let start = point(record, "date_start", "time_start");
        let end = point(record, "due_date", "time_end");
        // An impossible time is found after the rows were written.
        let (Some(start), Some(end)) = (start, end) else {
            return Err(Refused::internal());
        };
        let minutes = (end - start).num_minutes();
        record.set("duration_hours", (minutes / 60).to_string());
        record.set("duration_minutes", (minutes % 60).to_string());
        Ok(())
    }
}

fn point(record: &Record, day: &str, time: &str) -> Option<DateTime<Utc>> {
    let day = NaiveDate::parse_from_str(record.cell(day), "%Y-%m-%d").ok()?;
    let time = record.cell(time);
    let time = ["%H:%M:%S", "%H:%M"]
        .into_iter()
        .find_map(|shape| NaiveTime::parse_from_str(time, shape).ok())?;
    Some(NaiveDateTime::new(day, time).and_utc())
}

fn check_mandatory(world: &World, module: Module, element: &Map<String, Value>) -> Result<(), Refused> {
    let demanded = world.options.demanded_field.as_deref();
    let demanded = demanded.filter(|_| module == Module::Events);
    for column in module.mandatory().iter().copied().chain(demanded) {
        if element.get(column).map(text_of).unwrap_or_default().is_empty() {
            return Err(Refused::new(
                "MANDATORY_FIELDS_MISSING",
                format!("{column} does not have a value"),
            ));
        }
    }
    Ok(())
}

fn numbers(list: &str) -> impl Iterator<Item = u64> + '_ {
    list.split(';').filter_map(|number| number.trim().parse().ok())
}

pub(super) fn change(call: &mut Call<'_>, user: u64, whole: bool) -> Result<Answer, Refused> {
    let element = element(call)?;
    let id = element.get("id").map(text_of).unwrap_or_default();
    let (module, number) = named(call, &id)?;
    let mut record = reachable(call, user, module, number)?.clone();
    if whole {
        check_mandatory(call.world, module, &element)?;
    }
    let contacts_before = record.contacts.clone();
    let outcome = call.world.save(&mut record, module, &element);
    record.modified = call.now;
    record.modified_by = user;
    if module == Module::Events {
        keep_what_was_sent(call, &mut record, &element, &contacts_before);
    }
    call.world.records.insert(number, record);
    outcome?;
    let now_in = call.world.records.get(&number).map_or(module, Record::module);
    Ok(success(&call.world.answered(number, now_in)))
}

/// What the form would have sent and a plain change does not is gone (section 5.4).
fn keep_what_was_sent(
    call: &Call<'_>,
    record: &mut Record,
    element: &Map<String, Value>,
    contacts_before: &BTreeSet<u64>,
) {
    if !element.contains_key("reminder_time") {
        record.set("reminder_time", "");
    }
    if let Some(list) = call.given("contactidlist") {
        record.contacts = numbers(list).collect();
    } else if !element.contains_key("contact_id") {
        record.contacts = match call.world.options.version {
            Version::V8_2 => contacts_before.first().copied().into_iter().collect(),
            Version::V8_4 => contacts_before.clone(),
        };
    }
    record.invitees = numbers(call.parameter("inviteesid")).collect();
    let repeats = call.given("recurringtype").filter(|kind| !kind.is_empty());
    record.rule = repeats.map(|kind| {
        let part = |name: &str| call.parameter(name).to_owned();
        format!(
            "{kind} every {} until {}",
            part("repeat_frequency"),
            part("calendar_repeat_limit_date")
        )
    });
}

pub(super) fn delete(call: &mut Call<'_>, user: u64) -> Result<Answer, Refused> {
    let id = call.parameter("id").to_owned();
    let (module, number) = named(call, &id)?;
    reachable(call, user, module, number)?;
    let now = call.now;
    if let Some(record) = call.world.records.get_mut(&number) {
        record.deleted = true;
        record.modified = now;
        record.modified_by = user;
    }
    Ok(success(&json!({ "status": "successful" })))
}
