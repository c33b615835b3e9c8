//! What the modules are made of (section 2).

use serde_json::{Value, json};

use super::crm::Call;
use super::error::{Refused, success};
use super::record::Module;
use crate::front::Answer;

pub(super) fn list_types(call: &Call<'_>) -> Answer {
    let modules = [Module::Calendar, Module::Contacts, Module::Events, Module::Users];
    let names: Vec<&str> = modules.into_iter().map(name).collect();
    let information: serde_json::Map<String, Value> = modules
        .into_iter()
        .map(|module| {
            let about = json!({ "isEntity": true, "label": name(module), "singular": name(module),
                                "idPrefix": call.world.class(module).to_string() });
            (name(module).to_owned(), about)
        })
        .collect();
    success(&json!({ "types": names, "information": information }))
}

fn name(module: Module) -> &'static str {
    match module {
        Module::Events => "Events",
        Module::Calendar => "Calendar",
        Module::Contacts => "Contacts",
        Module::Users => "Users",
    }
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
        .map(|(column, _)| {
            let is_picklist = ["eventstatus", "activitytype", "visibility", "taskstatus"].contains(column);
            let kind = if is_picklist {
                let values: Vec<Value> = values(column)
                    .iter()
                    .map(|value| json!({ "label": value, "value": value }))
                    .collect();
                json!({ "name": "picklist", "picklistValues": values, "defaultValue": "" })
            } else {
                json!({ "name": "string" })
            };
            // The source is told as not editable, and is taken all the same (section 5.2).
            field(
                column,
                module.mandatory().contains(column),
                *column != "source",
                &kind,
            )
        })
        .collect();
    for column in ["createdtime", "modifiedtime", "modifiedby", "contact_id"] {
        fields.push(field(
            column,
            false,
            column == "contact_id",
            &json!({ "name": "string" }),
        ));
    }
    if let (Module::Events, Some(demanded)) = (module, &call.world.options.demanded_field) {
        fields.push(field(demanded, true, true, &json!({ "name": "string" })));
    }
    Ok(success(&json!({
        "label": name(module), "name": name(module), "createable": true, "updateable": true, "deleteable": true,
        "retrieveable": true, "fields": fields, "idPrefix": call.world.class(module).to_string(), "isEntity": true,
    })))
}

fn field(name: &str, mandatory: bool, editable: bool, kind: &Value) -> Value {
    json!({ "name": name, "label": name, "mandatory": mandatory, "type": kind, "nullable": !mandatory,
            "editable": editable, "default": "" })
}

fn values(column: &str) -> &'static [&'static str] {
    match column {
        "eventstatus" => &["Planned", "Held", "Not Held"],
        "activitytype" => &["Call", "Meeting", "Mobile Call"],
        "visibility" => &["Private", "Public"],
        _ => &[
            "Not Started",
            "In Progress",
            "Completed",
            "Pending Input",
            "Deferred",
            "Planned",
        ],
    }
}
