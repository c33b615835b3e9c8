//! A person in Google's own pages of contacts.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::super::description::PEOPLE;
use super::super::person::GooglePerson;
use super::super::refusal::Refusal;
use super::fields::{WRITABLE, settle};
use super::groups::regroup;
use super::refusal::Denied;
use super::show::{View, person};
use super::store::{Book, Group};
use super::write::add;

impl GooglePerson {
    /// Makes a contact; the body is a `Person` of the API. Returns its name without `people/`.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn create_contact(&self, contact: &Value) -> Result<String, Refusal> {
        PEOPLE.check_resource("Person", contact)?;
        let now = self.google.front.clock.now();
        let mut guard = self.google.world();
        let world = &mut *guard;
        let book = world
            .people
            .book_mut(&self.email)
            .map_err(|_| Refusal::not_found())?;
        let body = contact.as_object().cloned().unwrap_or_default();
        add(book, &mut world.chance, body, now).map_err(|_| Refusal::invalid("Invalid contact."))
    }

    /// Replaces named fields of a contact; `null` empties one.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn edit_contact(&self, contact: &str, patch: &Value) -> Result<(), Refusal> {
        PEOPLE.check_resource("Person", patch)?;
        let patch = patch.as_object().cloned().unwrap_or_default();
        self.on_contacts(|book, now| {
            let (name, version) = book.living(contact)?;
            let (name, mut fields) = (name.to_owned(), version.fields.clone().unwrap_or_default());
            let named: Vec<String> = patch.keys().cloned().collect();
            let mut settled = settle(patch)?;
            for field in named.iter().filter(|field| WRITABLE.contains(&field.as_str())) {
                match settled.remove(field) {
                    Some(values) => fields.insert(field.clone(), values),
                    None => fields.remove(field),
                };
            }
            book.keep(&name, Some(fields), None, now);
            Ok(())
        })
    }

    /// Deletes a contact.
    ///
    /// # Errors
    /// Where there is none.
    pub fn delete_contact(&self, contact: &str) -> Result<(), Refusal> {
        self.on_contacts(|book, now| {
            let name = book.living(contact)?.0.to_owned();
            book.keep(&name, None, None, now);
            Ok(())
        })
    }

    /// Makes a label, if there is none of that name. Returns its id without `contactGroups/`.
    ///
    /// # Errors
    /// Where there is no such account.
    pub fn create_label(&self, name: &str) -> Result<String, Refusal> {
        let id = self.google.world().chance.text(b"0123456789abcdef", 16);
        self.on_contacts(|book, now| {
            if let Some((id, _)) = book.groups.iter().find(|(_, group)| group.name == name) {
                return Ok(id.clone());
            }
            book.sequence += 1;
            let group = Group {
                name: name.to_owned(),
                system: false,
                sequence: book.sequence,
                updated: now,
            };
            book.groups.insert(id.clone(), group);
            Ok(id)
        })
    }

    /// Puts a contact under a label, or takes it off.
    ///
    /// # Errors
    /// Where there is no such contact.
    pub fn label_contact(&self, contact: &str, label: &str, on: bool) -> Result<(), Refusal> {
        self.on_contacts(|book, now| {
            let name = book.living(contact)?.0.to_owned();
            regroup(book, &name, label, on, now);
            Ok(())
        })
    }

    /// Calls a label otherwise; its contacts stay under it.
    ///
    /// # Errors
    /// Where there is no such account.
    pub fn rename_label(&self, label: &str, name: &str) -> Result<(), Refusal> {
        self.on_contacts(|book, now| {
            book.sequence += 1;
            let sequence = book.sequence;
            if let Some(group) = book.groups.get_mut(label) {
                name.clone_into(&mut group.name);
                (group.sequence, group.updated) = (sequence, now);
            }
            Ok(())
        })
    }

    /// Deletes a label; its contacts stay.
    ///
    /// # Errors
    /// Where there is no such account.
    pub fn delete_label(&self, label: &str) -> Result<(), Refusal> {
        self.on_contacts(|book, now| {
            let names: Vec<String> = book.people.keys().cloned().collect();
            for name in names {
                regroup(book, &name, label, false, now);
            }
            book.groups.remove(label);
            Ok(())
        })
    }

    /// Links a contact with its Google profile: other values are mixed into its fields from then on, and it goes by
    /// another name. Returns the new name.
    ///
    /// # Errors
    /// Where there is no such contact.
    pub fn link_profile(&self, contact: &str, profile: &Value) -> Result<String, Refusal> {
        let new_name = Book::new_name(&mut self.google.world().chance);
        let profile = profile.as_object().cloned().unwrap_or_default();
        self.on_contacts(|book, now| {
            let (name, version) = book.living(contact)?;
            let (name, fields) = (name.to_owned(), version.fields.clone());
            book.renamed.insert(name, new_name.clone());
            book.keep(&new_name, fields, None, now);
            if let Some(stored) = book.people.get_mut(&new_name) {
                stored.profile = Some(profile);
            }
            Ok(new_name.clone())
        })
    }

    /// One contact with all its fields as they are kept.
    pub fn contact(&self, contact: &str) -> Option<Value> {
        let google = self.google.world();
        let book = google.people.book(&self.email).ok()?;
        let (name, version) = book.living(contact).ok()?;
        let mut mask: Vec<String> = WRITABLE.iter().map(|field| (*field).to_owned()).collect();
        mask.push("metadata".to_owned());
        let view = View {
            mask,
            profile: false,
            call: "page",
        };
        Some(person(book, name, version, &view))
    }

    /// The names of all contacts, without `people/`.
    pub fn contacts(&self) -> Vec<String> {
        let google = self.google.world();
        let Ok(book) = google.people.book(&self.email) else {
            return Vec::new();
        };
        book.people
            .iter()
            .filter(|(name, stored)| {
                !book.renamed.contains_key(*name) && stored.now().is_some_and(|now| now.fields.is_some())
            })
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The user's own labels by id.
    pub fn labels(&self) -> Map<String, Value> {
        let google = self.google.world();
        let Ok(book) = google.people.book(&self.email) else {
            return Map::new();
        };
        let own = book.groups.iter().filter(|(_, group)| !group.system);
        own.map(|(id, group)| (id.clone(), json!(group.name))).collect()
    }

    fn on_contacts<T>(&self, act: impl FnOnce(&mut Book, DateTime<Utc>) -> Denied<T>) -> Result<T, Refusal> {
        let now = self.google.front.clock.now();
        let mut world = self.google.world();
        let book = world
            .people
            .book_mut(&self.email)
            .map_err(|_| Refusal::not_found())?;
        act(book, now).map_err(|denial| Refusal::new(denial.status(), "refused", "Google would not have it."))
    }
}
