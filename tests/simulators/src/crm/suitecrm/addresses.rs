//! E-mail addresses: records of their own, which several contacts can share, and who has which.
//!
//! # Source
//! Field guide, section 8. None of this touches the contact's `date_modified`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::crm::World;
use super::fields::Kind;
use super::related::{Node, node};
use super::table::fresh;

/// The link that leads to a record's addresses.
pub(super) const LINK: &str = "email_addresses";
/// The module of the addresses.
pub(super) const MODULE: &str = "EmailAddresses";

/// One address of one record.
#[derive(Debug, Clone)]
struct Held {
    /// The id of the address' record.
    id: String,
    primary: bool,
    /// It is the record's no more, and filters still find the record by it.
    unlinked: bool,
}

/// Which record has which addresses, in the order in which they were linked.
#[derive(Debug, Default)]
pub(super) struct Addresses(BTreeMap<Node, Vec<Held>>);

impl Addresses {
    /// The ids of a record's addresses, the primary one first. Where none is marked as primary, the first is taken
    /// for it.
    pub(super) fn of(&self, record: (&str, &str)) -> Vec<String> {
        let mut linked: Vec<&Held> = self.linked(record).collect();
        linked.sort_by_key(|held| !held.primary);
        linked.into_iter().map(|held| held.id.clone()).collect()
    }

    fn linked(&self, record: (&str, &str)) -> impl Iterator<Item = &Held> {
        self.all(record).filter(|held| !held.unlinked)
    }

    fn all(&self, record: (&str, &str)) -> impl Iterator<Item = &Held> {
        self.0.get(&node(record)).into_iter().flatten()
    }

    fn link(&mut self, record: (&str, &str), id: &str, primary: bool) {
        let id = id.to_lowercase();
        let held = self.0.entry(node(record)).or_default();
        if !held.iter().any(|held| held.id == id && !held.unlinked) {
            held.push(Held {
                id,
                primary,
                unlinked: false,
            });
        }
    }

    fn unlink(&mut self, record: (&str, &str), id: &str) -> bool {
        let held = self.0.get_mut(&node(record)).into_iter().flatten();
        let found = held
            .filter(|held| !held.unlinked)
            .find(|held| held.id.eq_ignore_ascii_case(id));
        found.map(|held| held.unlinked = true).is_some()
    }

    /// Who has which addresses now, for snapshots.
    pub(super) fn everyones(&self) -> Map<String, Value> {
        let linked = self.0.keys().map(|(module, id)| {
            (
                format!("{module}/{id}/{LINK}"),
                json!(self.of((module.as_str(), id.as_str()))),
            )
        });
        linked.filter(|(_, ids)| *ids != json!([])).collect()
    }
}

impl World {
    /// What becomes of `email1` and `email2` among the attributes of a save. They are good for a record without any
    /// address; a record that has one keeps what it has, and the answer is 201 all the same. An address that is no
    /// valid one is dropped, likewise.
    pub(super) fn save_addresses(
        &mut self,
        record: (&str, &str),
        attributes: &Map<String, Value>,
        now: DateTime<Utc>,
    ) {
        let has_addresses = self
            .module(record.0)
            .is_ok_and(|module| module.link(LINK).is_some());
        if !has_addresses || self.addresses.linked(record).next().is_some() {
            return;
        }
        for name in ["email1", "email2"] {
            if let Some(address) = attributes.get(name).and_then(Value::as_str) {
                self.give_address(record, address, name == "email1", now);
            }
        }
    }

    /// Links a record with an address, whose own record is made where nobody has had it yet.
    fn give_address(&mut self, record: (&str, &str), address: &str, primary: bool, now: DateTime<Utc>) {
        let address = address.trim();
        if !is_valid(address) {
            return;
        }
        let known = self.tables.get(MODULE).and_then(|table| {
            let living = table.rows.values().filter(|row| !row.deleted());
            living
                .filter(|row| {
                    row.cell("email_address")
                        .unwrap_or_default()
                        .eq_ignore_ascii_case(address)
                })
                .map(|row| row.id.clone())
                .next()
        });
        let id = match known {
            Some(id) => id,
            None => self.new_address(address, now),
        };
        self.link_address(record, &id, primary);
    }

    fn new_address(&mut self, address: &str, now: DateTime<Utc>) -> String {
        let id = self.new_id();
        let Ok(module) = self.module(MODULE) else {
            return id;
        };
        let mut row = fresh(module, &id, "", now);
        row.cells.insert("email_address", address.to_owned());
        row.cells.insert("email_address_caps", address.to_uppercase());
        self.put(MODULE, row);
        id
    }

    /// Links a record with an address by its id.
    pub(super) fn link_address(&mut self, record: (&str, &str), id: &str, primary: bool) {
        self.addresses.link(record, id, primary);
        self.show_addresses(record.0, record.1);
    }

    /// Takes an address from a record. With the primary one gone, another is shown in its place.
    pub(super) fn unlink_address(&mut self, record: (&str, &str), id: &str) -> bool {
        let was = self.addresses.unlink(record, id);
        self.show_addresses(record.0, record.1);
        was
    }

    /// Replaces all addresses of a record, as the edit page does.
    pub(super) fn replace_addresses(&mut self, record: (&str, &str), addresses: &[&str], now: DateTime<Utc>) {
        for id in self.addresses.of(record) {
            self.unlink_address(record, &id);
        }
        for (place, address) in addresses.iter().enumerate() {
            self.give_address(record, address, place == 0, now);
        }
    }

    /// Writes a record's addresses where answers and filters find them; a change of an address' own record reaches
    /// everybody who has it.
    pub(super) fn show_addresses(&mut self, module: &str, id: &str) {
        if module == MODULE {
            let id = id.to_lowercase();
            let holders: Vec<Node> = self
                .addresses
                .0
                .iter()
                .filter(|(_, held)| held.iter().any(|held| held.id == id))
                .map(|(holder, _)| holder.clone())
                .collect();
            for (module, id) in holders {
                self.show_addresses(&module, &id);
            }
            return;
        }
        let has_addresses = self
            .module(module)
            .is_ok_and(|module| module.link(LINK).is_some());
        if !has_addresses {
            return;
        }
        let text = |id: &String| {
            let row = self.tables.get(MODULE)?.living(id)?;
            row.cell("email_address").map(str::to_owned)
        };
        let shown: Vec<String> = self.addresses.of((module, id)).iter().filter_map(text).collect();
        let ever = self.addresses.all((module, id)).map(|held| &held.id);
        let ever = ever
            .filter_map(text)
            .map(|address| address.to_lowercase())
            .collect();
        let names: Vec<&'static str> = self.module(module).map_or_else(
            |_| Vec::new(),
            |module| {
                let fields = module.fields.iter().filter(|field| field.kind == Kind::Email);
                fields.map(|field| field.name).collect()
            },
        );
        let row = self
            .tables
            .get_mut(module)
            .and_then(|table| table.rows.get_mut(&id.to_lowercase()));
        if let Some(row) = row {
            for (place, name) in names.into_iter().enumerate() {
                match shown.get(place) {
                    Some(address) => row.cells.insert(name, address.clone()),
                    None => row.cells.remove(name),
                };
            }
            row.addresses_ever = ever;
        }
    }
}

/// What the server takes for an address.
fn is_valid(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return false;
    };
    let dotted = |text: &str| !text.is_empty() && !text.starts_with('.') && !text.ends_with('.');
    let local_ok = dotted(local)
        && !local
            .chars()
            .any(|c| c.is_whitespace() || "@<>()[],;:\\\"".contains(c));
    let domain_ok = dotted(domain)
        && domain.contains('.')
        && domain
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
    local_ok && local.is_ascii() && domain_ok
}
