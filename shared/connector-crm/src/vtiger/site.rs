//! What one site is made of, as far as one kind of record goes; learnt once and kept in the cursor.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::shape::Shape;
use super::wire::{Module, WireId};

/// What one site is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Site {
    /// The class of the records.
    class: u32,
    /// The class that they can pass to under the same number.
    twin: Option<u32>,
    /// Whether the site has been asked, and has told.
    pub(crate) is_described: bool,
    /// Columns that the site does not have, or keeps from the API user.
    lacking: BTreeSet<String>,
    /// The values that a copy gets in columns with a list, where they are not the usual ones.
    choices: BTreeMap<String, String>,
    /// The values of the list of forms of address; empty where it is not told.
    pub(crate) salutations: Vec<String>,
    /// The columns of checkboxes of the site's own, by their names and by what people call them, in small letters.
    pub(crate) checkboxes: BTreeMap<String, String>,
    /// Whether characters of four bytes survive.
    pub(crate) four_byte_characters: bool,
}

impl Site {
    /// What holds of a site that was not asked.
    pub(crate) fn of(module: Module, twin: Option<Module>) -> Self {
        Self {
            class: module.usual_class(),
            twin: twin.map(Module::usual_class),
            is_described: false,
            lacking: BTreeSet::new(),
            choices: BTreeMap::new(),
            salutations: Vec::new(),
            checkboxes: BTreeMap::new(),
            four_byte_characters: true,
        }
    }

    /// Whether the records have that column.
    pub(crate) fn has(&self, column: &str) -> bool {
        !self.lacking.contains(column)
    }

    /// The id of the record with that number.
    pub(crate) fn id(&self, number: u64) -> WireId {
        WireId {
            prefix: self.class,
            number,
        }
    }

    /// The id that the record with that number has once it has passed to the other class.
    pub(crate) fn twin(&self, number: u64) -> Option<WireId> {
        self.twin.map(|prefix| WireId { prefix, number })
    }

    /// The value that a copy gets in a column with a list.
    pub(crate) fn choice(&self, column: &str, usual: &str) -> String {
        self.choices
            .get(column)
            .cloned()
            .unwrap_or_else(|| usual.to_owned())
    }

    /// Takes over what the description of the module says; what it does not say stays as it was.
    pub(crate) fn learn<S: Shape>(&mut self, shape: &S, described: &Value) {
        let described = Described::of(described);
        self.class = described.prefix.unwrap_or(self.class);
        if described.fields.is_empty() {
            return;
        }
        self.is_described = true;
        self.lacking = S::COLUMNS
            .iter()
            .filter(|column| !S::NEEDED.contains(*column) && described.field(column).is_none())
            .map(|column| (*column).to_owned())
            .collect();
        shape.learn(self, &described);
    }

    /// Takes over what the description of the other class says.
    pub(crate) fn learn_twin(&mut self, described: &Value) {
        self.twin = Described::of(described).prefix.or(self.twin);
    }

    /// Notes that the records do not have a column that is read apart.
    pub(crate) fn lacks(&mut self, column: &str) {
        self.lacking.insert(column.to_owned());
    }

    /// Chooses the value that a copy gets in a column with a list: the usual one, or where the administrator has
    /// renamed it the first that fits.
    pub(crate) fn choose(
        &mut self,
        described: &Described,
        column: &str,
        usual: &str,
        fits: impl Fn(&str) -> bool,
    ) {
        let values = described.field(column).map(|field| field.values.as_slice());
        let values = values.unwrap_or_default();
        let chosen = if values.iter().any(|value| value == usual) {
            None
        } else {
            values.iter().find(|value| fits(value))
        };
        match chosen {
            Some(chosen) => self.choices.insert(column.to_owned(), chosen.clone()),
            None => self.choices.remove(column),
        };
    }
}

/// The description of a module, as far as it matters.
#[derive(Debug, Default)]
pub(crate) struct Described {
    /// The class of its records.
    pub(crate) prefix: Option<u32>,
    /// Its fields.
    pub(crate) fields: Vec<Field>,
    /// Whether records may be made, changed and deleted.
    pub(crate) writable: bool,
}

/// A field of a module.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// What people call it.
    pub(crate) label: String,
    /// Whether it is a checkbox.
    pub(crate) is_checkbox: bool,
    /// The modules whose records it can name.
    pub(crate) refers_to: Vec<String>,
    /// Whether a record needs a value in it, and none is given by itself.
    pub(crate) is_demanded: bool,
    /// The values of its list.
    pub(crate) values: Vec<String>,
}

impl Described {
    /// Reads a description.
    pub(crate) fn of(described: &Value) -> Self {
        let yes = |value: &Value, name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(false);
        let text = |value: &Value, path: &str| {
            let text = value.pointer(path).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let prefix = described.get("idPrefix").and_then(|prefix| match prefix {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_u64()?.try_into().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        });
        let fields = described.get("fields").and_then(Value::as_array);
        let fields = fields.into_iter().flatten().filter_map(|field| {
            let listed = |path: &str| {
                field
                    .pointer(path)
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
            };
            let values = listed("/type/picklistValues")
                .filter_map(|value| value.get("value")?.as_str().map(str::to_owned))
                .collect();
            let refers_to = listed("/type/refersTo")
                .filter_map(|module| module.as_str().map(str::to_owned))
                .collect();
            Some(Field {
                name: field.get("name")?.as_str()?.to_owned(),
                label: text(field, "/label"),
                is_checkbox: text(field, "/type/name") == "boolean",
                refers_to,
                is_demanded: yes(field, "mandatory") && text(field, "/default").is_empty(),
                values,
            })
        });
        let writable = ["createable", "updateable", "deleteable"]
            .iter()
            .all(|right| yes(described, right));
        Self {
            prefix,
            fields: fields.collect(),
            writable,
        }
    }

    /// The checkboxes that the site's administrator has added.
    pub(crate) fn own_checkboxes(&self) -> impl Iterator<Item = &Field> {
        let fields = self.fields.iter();
        fields.filter(|field| field.is_checkbox && field.name.starts_with("cf_"))
    }

    /// The field of that name.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
