//! Holds requests against a published API description.
//!
//! # Source
//! `fixtures/*.json`: extracts of Google's discovery documents, each of which names its revision.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::front::Request;

/// The description of one API.
#[derive(Debug)]
pub(super) struct Description(LazyLock<Value>);

/// Calendar v3.
pub(super) static CALENDAR: Description = Description(LazyLock::new(|| {
    serde_json::from_str(include_str!("../../fixtures/calendar.v3.json")).unwrap_or(Value::Null)
}));
/// Tasks v1.
pub(super) static TASKS: Description = Description(LazyLock::new(|| {
    serde_json::from_str(include_str!("../../fixtures/tasks.v1.json")).unwrap_or(Value::Null)
}));
/// People v1.
pub(super) static PEOPLE: Description = Description(LazyLock::new(|| {
    serde_json::from_str(include_str!("../../fixtures/people.v1.json")).unwrap_or(Value::Null)
}));

impl Description {
    /// Refuses a call for which the token's scopes do not suffice.
    pub(super) fn check_scopes(&self, method: &str, scopes: &BTreeSet<String>) -> Result<(), Refusal> {
        let enough = self
            .described(method, "scopes")
            .and_then(Value::as_array)
            .is_some_and(|allowed| {
                allowed
                    .iter()
                    .filter_map(Value::as_str)
                    .any(|name| scopes.contains(&format!("https://www.googleapis.com/auth/{name}")))
            });
        if enough {
            Ok(())
        } else {
            Err(Refusal::new(
                403,
                "insufficientPermissions",
                "Request had insufficient authentication scopes.",
            ))
        }
    }

    /// Refuses query parameters that the method does not have, or whose values it cannot read.
    pub(super) fn check_query(&self, method: &str, request: &Request) -> Result<(), Refusal> {
        let known = self.described(method, "query").and_then(Value::as_object);
        let mut seen = BTreeSet::new();
        for (name, value) in &request.query {
            let everywhere = self.0.get("parameters").and_then(Value::as_array);
            if everywhere.is_some_and(|names| names.iter().any(|one| one == name.as_str())) {
                if name == "alt" && value != "json" {
                    return Err(bad_value(name, value));
                }
                continue;
            }
            let Some(shape) = known.and_then(|known| known.get(name)) else {
                return Err(Refusal::new(
                    400,
                    "invalidParameter",
                    format!("Unknown name \"{name}\": cannot bind query parameter"),
                )
                .at_parameter(name));
            };
            if !seen.insert(name) && shape.get("repeated").is_none() {
                return Err(Refusal::new(
                    400,
                    "invalidParameter",
                    format!("Parameter {name} cannot be repeated"),
                )
                .at_parameter(name));
            }
            if !fits(shape, value) {
                return Err(bad_value(name, value));
            }
        }
        Ok(())
    }

    /// Reads a body and refuses fields that the method's resource does not have, or values of another type.
    pub(super) fn check_body(&self, method: &str, request: &Request) -> Result<Map<String, Value>, Refusal> {
        let Some(schema) = self.described(method, "body").and_then(Value::as_str) else {
            return Ok(Map::new());
        };
        if !request
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/json"))
        {
            return Err(Refusal::new(400, "badContent", "Unsupported content with type"));
        }
        let body: Value = serde_json::from_slice(&request.body)
            .map_err(|_| Refusal::new(400, "parseError", "Parse Error"))?;
        self.check_object(schema, &body, "")?;
        match body {
            Value::Object(fields) => Ok(fields),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(Refusal::new(400, "parseError", "Parse Error"))
            }
        }
    }

    /// Holds a resource made by hand against the description as well.
    pub(super) fn check_resource(&self, schema: &str, value: &Value) -> Result<(), Refusal> {
        self.check_object(schema, value, "")
    }

    fn described(&self, method: &str, part: &str) -> Option<&Value> {
        self.0.get("methods")?.get(method)?.get(part)
    }

    fn check_object(&self, schema: &str, value: &Value, path: &str) -> Result<(), Refusal> {
        let shape = self.0.get("schemas").and_then(|schemas| schemas.get(schema));
        shape.map_or(Ok(()), |shape| self.check_properties(shape, value, path))
    }

    fn check_properties(&self, shape: &Value, value: &Value, path: &str) -> Result<(), Refusal> {
        let Some(fields) = value.as_object() else {
            return if value.is_null() && !path.is_empty() {
                Ok(())
            } else {
                Err(mistyped(path))
            };
        };
        for (name, inner) in fields {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            let known = shape
                .get("properties")
                .and_then(|properties| properties.get(name))
                .or(shape.get("additional"));
            match known {
                Some(known) => self.check_value(known, inner, &path)?,
                None => {
                    return Err(Refusal::new(
                        400,
                        "badRequest",
                        format!("Invalid JSON payload received. Unknown name \"{path}\": Cannot find field."),
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_value(&self, shape: &Value, value: &Value, path: &str) -> Result<(), Refusal> {
        if value.is_null() {
            return Ok(());
        }
        if let Some(schema) = shape.get("ref").and_then(Value::as_str) {
            return self.check_object(schema, value, path);
        }
        match shape.get("type").and_then(Value::as_str) {
            Some("string") if !value.is_string() => Err(mistyped(path)),
            Some("boolean") if !value.is_boolean() => Err(mistyped(path)),
            Some("integer") if !value.is_i64() => Err(mistyped(path)),
            Some("array") => {
                let items = value.as_array().ok_or_else(|| mistyped(path))?;
                let shape = shape.get("items").unwrap_or(&Value::Null);
                items
                    .iter()
                    .try_for_each(|item| self.check_value(shape, item, path))
            }
            Some("object") => self.check_properties(shape, value, path),
            _ => Ok(()),
        }
    }
}

fn fits(shape: &Value, value: &str) -> bool {
    match shape.get("type").and_then(Value::as_str) {
        Some("boolean") => value == "true" || value == "false",
        Some("integer") => value.parse::<i64>().is_ok_and(|number| {
            let bound = |name: &str| shape.get(name).and_then(Value::as_i64);
            bound("minimum").is_none_or(|least| number >= least)
                && bound("maximum").is_none_or(|most| number <= most)
        }),
        _ => shape
            .get("enum")
            .and_then(Value::as_array)
            .is_none_or(|values| values.iter().any(|one| one == value)),
    }
}

fn bad_value(name: &str, value: &str) -> Refusal {
    Refusal::new(
        400,
        "invalidParameter",
        format!("Invalid value '{value}' for parameter {name}"),
    )
    .at_parameter(name)
}

fn mistyped(path: &str) -> Refusal {
    Refusal::new(400, "badRequest", format!("Invalid value at '{path}'"))
}
