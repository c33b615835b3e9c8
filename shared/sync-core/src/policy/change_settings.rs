//! Changes to settings: a merge-patch, every wrong field of which is named.

use serde_json::{Map, Value};

use super::settings::{FieldError, Settings};

impl Settings {
    /// These settings with a merge-patch (RFC 7396) applied; a `null` puts the default back.
    ///
    /// # Errors
    /// Every field of the patch that is unknown or wrong, by its path; the settings stand as before.
    pub fn patched(&self, patch: &Value) -> Result<Self, Vec<FieldError>> {
        let Value::Object(patch) = patch else {
            return Err(vec![FieldError::new("", "must be a JSON object")]);
        };
        let defaults = to_object(&Self::default());
        let mut merged = to_object(self);
        let mut errors = Vec::new();
        merge(&mut merged, patch, &defaults, "", &mut errors);
        let mut settings = self.clone();
        // One field at a time, so that every wrong one is named and not only the first.
        for (path, value) in leaves(&merged, &defaults, "") {
            let mut candidate = to_object(&settings);
            set(&mut candidate, &path, value);
            match serde_json::from_value::<Self>(Value::Object(candidate)) {
                Ok(next) => settings = next,
                Err(error) => errors.push(FieldError::new(path, plain(&error))),
            }
        }
        errors.extend(settings.problems());
        if errors.is_empty() {
            Ok(settings)
        } else {
            errors.sort_by(|a, b| a.field.cmp(&b.field));
            errors.dedup_by(|a, b| a.field == b.field);
            Err(errors)
        }
    }
}

fn to_object(settings: &Settings) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(object)) => object,
        Ok(_) | Err(_) => Map::new(),
    }
}

fn merge(
    target: &mut Map<String, Value>,
    patch: &Map<String, Value>,
    defaults: &Map<String, Value>,
    at: &str,
    errors: &mut Vec<FieldError>,
) {
    for (name, value) in patch {
        let full = if at.is_empty() {
            name.clone()
        } else {
            format!("{at}.{name}")
        };
        let Some(default) = defaults.get(name) else {
            errors.push(FieldError::new(full, "is not a setting"));
            continue;
        };
        match (default, value) {
            (Value::Object(inner_defaults), Value::Object(inner)) => {
                if let Some(Value::Object(inner_target)) = target.get_mut(name) {
                    merge(inner_target, inner, inner_defaults, &full, errors);
                }
            }
            (Value::Object(_), Value::Null) => {
                target.insert(name.clone(), default.clone());
            }
            (Value::Object(_), _) => errors.push(FieldError::new(full, "must be an object")),
            (_, Value::Null) => {
                target.insert(name.clone(), default.clone());
            }
            (_, value) => {
                target.insert(name.clone(), whole_number(value));
            }
        }
    }
}

/// `15.0` is the number 15, and some languages write it so.
fn whole_number(value: &Value) -> Value {
    // Whole numbers of that size have no two ways of being written.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    match value.as_f64() {
        Some(number) if number.fract() == 0.0 && number.abs() < EXACT_MAX && !value.is_i64() => {
            format!("{number:.0}")
                .parse()
                .map_or_else(|_| value.clone(), |whole: i64| Value::from(whole))
        }
        Some(_) | None => value.clone(),
    }
}

/// Every setting with its path. What is one value by default (the hours, whose parts only make sense together) is one
/// whatever it holds.
fn leaves(object: &Map<String, Value>, defaults: &Map<String, Value>, at: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, value) in object {
        let full = if at.is_empty() {
            name.clone()
        } else {
            format!("{at}.{name}")
        };
        match (value, defaults.get(name)) {
            (Value::Object(inner), Some(Value::Object(defaults))) => {
                found.extend(leaves(inner, defaults, &full));
            }
            (value, _) => found.push((full, value.clone())),
        }
    }
    found
}

fn set(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), value);
        }
        Some((first, rest)) => {
            if let Some(Value::Object(inner)) = object.get_mut(first) {
                set(inner, rest, value);
            }
        }
    }
}

/// What is expected instead, without saying back what was given: a secret may have slipped into the wrong field.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    match text.rsplit_once(", expected ") {
        Some((_, "u32")) => "must be a whole number".to_owned(),
        Some((_, "a sequence")) => "must be a list".to_owned(),
        Some((_, expected)) => format!("must be {expected}"),
        None => "is not a value of this setting".to_owned(),
    }
}
