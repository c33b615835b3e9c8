//! What the service shows of a record, and to whom.

use serde_json::{Map, Value, json};

use super::columns::{Kind, Module};
use super::crm::World;
use super::options::Version;
use super::record::{Record, stamp};
use super::text::escaped;

/// Columns of every module beside its own.
pub(super) const OF_ALL: [&str; 4] = ["createdtime", "modifiedtime", "modifiedby", "starred"];

impl World {
    /// Whether a user may read a record by its id (section 3.1). Contacts and accounts are open to everybody.
    pub(super) fn may_read(&self, user: u64, record: &Record) -> bool {
        !record.module().is_activity()
            || record.owner == user
            || self.user(user).is_some_and(|user| user.is_admin)
            || (record.module() == Module::Events && record.cell("visibility") == "Public")
    }

    /// Whether a query by a user finds a record: on 8.2 every record, private ones included.
    pub(super) fn finds(&self, user: u64, record: &Record) -> bool {
        match self.options.version {
            Version::V8_2 => true,
            Version::V8_4 => self.may_read(user, record),
        }
    }

    /// An empty reference or date: 8.2 sends one, 8.4 the other.
    fn nothing(&self) -> Value {
        match self.options.version {
            Version::V8_2 => json!(""),
            Version::V8_4 => Value::Null,
        }
    }

    /// The checkboxes that an administrator has added to a module, with their labels.
    pub(super) fn checkboxes(&self, module: Module) -> &[(String, String)] {
        if module == Module::Contacts {
            &self.options.contact_checkboxes
        } else {
            &[]
        }
    }

    /// How a column of a module is kept, checkboxes of the site's own included.
    pub(super) fn kind(&self, module: Module, column: &str) -> Option<Kind> {
        let mut own = self.checkboxes(module).iter();
        module
            .kind(column)
            .or_else(|| own.any(|(name, _)| name == column).then_some(Kind::Flag))
    }

    /// The columns that `*` stands for.
    pub(super) fn columns(&self, module: Module) -> impl Iterator<Item = &str> {
        let own = module.columns().iter().map(|(name, _)| *name);
        let added = self.checkboxes(module).iter().map(|(name, _)| name.as_str());
        let contact = module.is_activity().then_some("contact_id");
        own.chain(added).chain(OF_ALL).chain(contact)
    }

    pub(super) fn is_living(&self, number: u64) -> bool {
        self.records.get(&number).is_some_and(Record::is_living)
    }

    /// An activity's contacts that are not deleted.
    pub(super) fn living_contacts(&self, record: &Record) -> impl Iterator<Item = u64> {
        let contacts = record.contacts.iter().copied();
        contacts.filter(|contact| self.is_living(*contact))
    }

    /// A column of a record as a user's session shows it, with the contact that its row of the join has.
    pub(super) fn shown(&self, record: &Record, column: &str, contact: Option<u64>, user: u64) -> Value {
        let module = record.module();
        match column {
            "id" => return json!(self.id(module, record.number)),
            "assigned_user_id" => return json!(self.id(Module::Users, record.owner)),
            "modifiedby" => return json!(self.id(Module::Users, record.modified_by)),
            "createdtime" => return json!(stamp(record.created, self.options.database_zone)),
            "modifiedtime" => return json!(stamp(record.modified, self.options.database_zone)),
            "starred" => {
                let star = record.marks.star_of(user);
                return star.map_or_else(|| self.nothing(), |star| json!(star));
            }
            "tags" => return json!(record.marks.tags_for(user)),
            "contact_id" if module.is_activity() => {
                return contact.map_or_else(
                    || self.nothing(),
                    |number| json!(self.id(Module::Contacts, number)),
                );
            }
            _ => {}
        }
        let cell = record.cell(column);
        match self.kind(module, column) {
            // A reference to what is deleted or was never there reads like none.
            Some(Kind::Reference(_)) if !module.is_activity() => {
                let number = cell.rsplit('x').next().and_then(|number| number.parse().ok());
                let living = number.is_some_and(|number| self.is_living(number));
                if living { json!(cell) } else { self.nothing() }
            }
            Some(Kind::Reference(_) | Kind::Date | Kind::Day) if cell.is_empty() => self.nothing(),
            Some(Kind::Flag) if cell.is_empty() => json!("0"),
            Some(_) | None => json!(cell),
        }
    }

    /// A whole record as a create, a change or a retrieval shows it: with the contact of the lowest number, and an
    /// escaped label.
    pub(super) fn whole(&self, record: &Record, user: u64) -> Value {
        let contact = self.living_contacts(record).next();
        let columns = self.columns(record.module()).chain(["id", "tags"]);
        let mut shown: Map<String, Value> = columns
            .map(|column| (column.to_owned(), self.shown(record, column, contact, user)))
            .collect();
        shown.insert("label".to_owned(), json!(escaped(&record.label())));
        Value::Object(shown)
    }
}
