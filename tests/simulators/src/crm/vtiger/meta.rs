//! What the modules are made of (section 2).

use serde_json::{Map, Value, json};

use super::columns::{Kind, Module, Target};
use super::crm::Call;
use super::error::{Refused, success};
use super::shown::OF_ALL;
use crate::front::Answer;

pub(super) fn list_types(call: &Call<'_>) -> Answer {
    let names: Vec<&str> = Module::ALL.into_iter().map(Module::name).collect();
    let information: Map<String, Value> = Module::ALL
        .into_iter()
        .map(|module| {
            let about = json!({ "isEntity": true, "label": module.name(), "singular": module.name(),
                                "idPrefix": call.world.class(module).to_string() });
            (module.name().to_owned(), about)
        })
        .collect();
    success(&json!({ "types": names, "information": information }))
}

pub(super) fn describe(call: &Call<'_>, user: u64) -> Result<Answer, Refused> {
    let Some(module) = Module::parse(call.parameter("elementType")) else {
        return Err(Refused::new(
            "ACCESS_DENIED",
            "Permission to perform the operation is denied",
        ));
    };
    let is_admin = call.world.user(user).is_some_and(|user| user.is_admin);
    if module == Module::Users && !is_admin {
        return Err(Refused::denied());
    }
    let mut fields: Vec<Value> = module
        .columns()
        .iter()
        .map(|(column, kind)| Field {
            mandatory: module.mandatory().contains(column),
            // The source is told as not editable, and is taken all the same (section 5.2).
            editable: *column != "source" && *kind != Kind::Number,
            ..Field::new(column, type_of(*kind))
        })
        .map(|field| field.told())
        .collect();
    fields.extend(call.world.checkboxes(module).iter().map(|(name, label)| {
        let checkbox = Field::new(name, type_of(Kind::Flag));
        Field { label, ..checkbox }.told()
    }));
    if module.is_activity() {
        fields.push(Field::new("contact_id", type_of(Kind::Reference(Target::Contacts))).told());
    }
    for column in OF_ALL.into_iter().chain(["tags"]) {
        let kind = match column {
            "starred" => json!({ "name": "boolean" }),
            "modifiedby" => json!({ "name": "owner" }),
            _ => json!({ "name": "string" }),
        };
        let field = Field {
            editable: column == "starred",
            ..Field::new(column, kind)
        };
        fields.push(field.told());
    }
    if let (Module::Events, Some(demanded)) = (module, &call.world.options.demanded_field) {
        let field = Field {
            mandatory: true,
            ..Field::new(demanded, json!({ "name": "string" }))
        };
        fields.push(field.told());
    }
    Ok(success(&json!({
        "label": module.name(), "name": module.name(), "createable": true, "updateable": true, "deleteable": true,
        "retrieveable": true, "fields": fields, "idPrefix": call.world.class(module).to_string(), "isEntity": true,
    })))
}

/// One field as it is told.
struct Field<'a> {
    name: &'a str,
    label: &'a str,
    mandatory: bool,
    editable: bool,
    kind: Value,
}

impl<'a> Field<'a> {
    fn new(name: &'a str, kind: Value) -> Self {
        Self {
            name,
            label: name,
            mandatory: false,
            editable: true,
            kind,
        }
    }

    fn told(&self) -> Value {
        json!({ "name": self.name, "label": self.label, "mandatory": self.mandatory, "type": self.kind,
                "nullable": !self.mandatory, "editable": self.editable, "default": "" })
    }
}

fn type_of(kind: Kind) -> Value {
    match kind {
        Kind::Picklist(values) => {
            let values: Vec<Value> = values
                .iter()
                .map(|value| json!({ "label": value, "value": value }))
                .collect();
            json!({ "name": "picklist", "picklistValues": values, "defaultValue": "" })
        }
        Kind::Date | Kind::Day => json!({ "name": "date", "format": "yyyy-mm-dd" }),
        Kind::Time => json!({ "name": "time" }),
        Kind::Flag => json!({ "name": "boolean" }),
        Kind::Owner => json!({ "name": "owner" }),
        Kind::LongText => json!({ "name": "text" }),
        Kind::Text(_) | Kind::Number => json!({ "name": "string" }),
        Kind::Reference(target) => {
            let modules = match target {
                Target::Accounts => json!(["Accounts"]),
                Target::Contacts => json!(["Contacts"]),
                Target::Parents => json!(["Accounts", "Leads", "Potentials", "HelpDesk", "Campaigns"]),
            };
            json!({ "name": "reference", "refersTo": modules })
        }
    }
}
