//! Making, changing and deleting records through the service (section 5).

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde_json::{Map, Value, json};

use super::columns::{Kind, Module, Target};
use super::crm::{Call, World};
use super::error::{Refused, success};
use super::options::Version;
use super::record::{Record, Table};
use super::text::{is_on, kept, reminder_minutes};
use crate::front::Answer;

/// The class and the number that an id holds, whose class must be one that is known.
pub(super) fn named(call: &Call<'_>, id: &str) -> Result<(Module, u64), Refused> {
    let (class, number) = id.split_once('x').ok_or_else(invalid_id)?;
    let number = number.parse().map_err(|_| invalid_id())?;
    Module::ALL
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
    let module = Module::parse(call.parameter("elementType"));
    let Some((module, table)) = module.and_then(|module| Some((module, Table::of(module)?))) else {
        return Err(Refused::new(
            "ACCESS_DENIED",
            "Permission to perform the operation is denied",
        ));
    };
    let element = element(call)?;
    check_mandatory(call.world, module, &element)?;
    check_references(call.world, module, &element)?;
    let number = call.world.next_number();
    let mut record = Record::new(number, table, user, call.now);
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
    let outcome = call.world.save(&mut record, module, user, &element);
    if outcome == Err(Refused::Dump) {
        record.is_orphan = true;
    }
    if module.is_activity() {
        record.contacts.extend(numbers(call.parameter("contactidlist")));
        record.invitees = numbers(call.parameter("inviteesid")).collect();
    }
    call.world.put(record);
    outcome?;
    Ok(success(&call.world.answered(number, module, user)))
}

impl World {
    /// Saves a record. A contact of the customer portal is mailed its new access when its address changes.
    pub(super) fn put(&mut self, record: Record) {
        let before = self.records.get(&record.number);
        let address = record.cell("email");
        let moved = before.is_none_or(|before| before.cell("email") != address);
        if record.cell("portal") == "1" && moved && !address.is_empty() {
            self.portal_mails.push((record.number, address.to_owned()));
        }
        self.records.insert(record.number, record);
    }

    /// The whole record; in the module it was made in, though it may have become one of another.
    fn answered(&self, number: u64, made_in: Module, user: u64) -> Value {
        let Some(record) = self.records.get(&number) else {
            return Value::Null;
        };
        let mut whole = self.whole(record, user);
        if let Some(whole) = whole.as_object_mut() {
            whole.insert("id".to_owned(), json!(self.id(made_in, number)));
        }
        whole
    }

    /// Sets what the element names, as far as it is known. What fails in the middle leaves what came before.
    fn save(
        &self,
        record: &mut Record,
        module: Module,
        user: u64,
        element: &Map<String, Value>,
    ) -> Result<(), Refused> {
        if let Some(owner) = element.get("assigned_user_id").map(text_of) {
            let number = owner.rsplit('x').next().and_then(|number| number.parse().ok());
            let number: u64 = number.ok_or(Refused::RestrictedFile)?;
            if self.user(number).is_none() {
                return Err(Refused::RestrictedFile);
            }
            record.owner = number;
        }
        if let Some(star) = element.get("starred").map(text_of) {
            record.marks.star(user, is_on(&star));
        }
        let contact = element.get("contact_id").filter(|_| module.is_activity());
        if let Some(contact) = contact.map(text_of) {
            record.contacts = contact
                .rsplit('x')
                .next()
                .and_then(|n| n.parse().ok())
                .into_iter()
                .collect();
        }
        let kind = element.get("activitytype").map(text_of);
        let is_task = kind.map_or(record.module() == Module::Calendar, |kind| kind == "Task");
        let own = module.columns().iter().copied();
        let added = self.checkboxes(module).iter();
        for (column, kind) in own.chain(added.map(|(name, _)| (name.as_str(), Kind::Flag))) {
            let Some(value) = element.get(column).map(text_of) else {
                continue;
            };
            let value = match (column, kind) {
                ("source", _) | (_, Kind::Owner | Kind::Number) => continue,
                // A task has none.
                ("time_end", _) if is_task => continue,
                ("reminder_time", _) => reminder_minutes(&value),
                (_, Kind::Date) if value.contains('T') => return Err(Refused::Dump),
                _ => kept(&value, kind, &self.options),
            };
            record.set(column, value);
        }
        if is_task && time(record, "time_start").is_none() {
            return Err(Refused::internal());
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
    Some(NaiveDateTime::new(day, self::time(record, time)?).and_utc())
}

fn time(record: &Record, column: &str) -> Option<NaiveTime> {
    let time = record.cell(column);
    ["%H:%M:%S", "%H:%M"]
        .into_iter()
        .find_map(|shape| NaiveTime::parse_from_str(time, shape).ok())
}

fn check_mandatory(world: &World, module: Module, element: &Map<String, Value>) -> Result<(), Refused> {
    let demanded = world.options.demanded_field.as_deref();
    let demanded = demanded.filter(|_| module == Module::Events);
    for column in module.mandatory().iter().copied().chain(demanded) {
        if element.get(column).map(text_of).unwrap_or_default().is_empty() {
            return Err(missing(column));
        }
    }
    Ok(())
}

/// A partial change may leave mandatory columns out, and not send them empty; `null` passes.
fn check_emptied(module: Module, element: &Map<String, Value>) -> Result<(), Refused> {
    let mut mandatory = module.mandatory().iter();
    match mandatory.find(|column| element.get(**column).is_some_and(|value| value == "")) {
        Some(column) => Err(missing(column)),
        None => Ok(()),
    }
}

fn missing(column: &str) -> Refused {
    Refused::new(
        "MANDATORY_FIELDS_MISSING",
        format!("{column} does not have a value"),
    )
}

/// A reference must be of a class that the column takes; whether the record is there does not matter.
fn check_references(world: &World, module: Module, element: &Map<String, Value>) -> Result<(), Refused> {
    let contact = module
        .is_activity()
        .then_some(("contact_id", Kind::Reference(Target::Contacts)));
    for (column, kind) in module.columns().iter().copied().chain(contact) {
        let (Kind::Reference(target), Some(value)) = (kind, element.get(column).map(text_of)) else {
            continue;
        };
        let class = value
            .split_once('x')
            .and_then(|(class, number)| number.parse::<u64>().ok().and(class.parse::<u32>().ok()));
        let fits = class.is_some_and(|class| match target {
            Target::Accounts => class == world.class(Module::Accounts),
            Target::Contacts => class == world.class(Module::Contacts),
            Target::Parents => ![Module::Events, Module::Calendar, Module::Contacts, Module::Users]
                .iter()
                .any(|module| class == world.class(*module)),
        });
        if !value.is_empty() && !fits {
            return Err(Refused::new(
                "REFERENCE_INVALID",
                format!("Invalid reference specified for {column}"),
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
    } else {
        check_emptied(module, &element)?;
    }
    check_references(call.world, module, &element)?;
    let contacts_before = record.contacts.clone();
    let outcome = call.world.save(&mut record, module, user, &element);
    record.modified = call.now;
    record.modified_by = user;
    // Tasks go the same way.
    if module.is_activity() {
        keep_what_was_sent(call, &mut record, &element, &contacts_before);
    }
    call.world.put(record);
    outcome?;
    let now_in = call.world.records.get(&number).map_or(module, Record::module);
    Ok(success(&call.world.answered(number, now_in, user)))
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
