//! What the site holds and how it answers.

use std::collections::{BTreeMap, HashSet};

use axum::http::{HeaderMap, Method, Uri, header};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// What a request met.
#[derive(Clone)]
pub(in super::super) enum Trouble {
    /// This is answered and nothing is done.
    Instead(u16, String),
    /// It is done, then this is answered.
    After(u16, String),
}

struct Rule {
    method: Method,
    contains: &'static str,
    left: usize,
    trouble: Trouble,
}

/// What some sites do and others do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in super::super) enum Habit {
    /// The built-in sync was removed, its column with it.
    NoBuiltInSync,
    /// Deleted records can be listed, as the published fix has it.
    ListsDeleted,
    /// The filter for deleted records is not heeded.
    IgnoresDeletedFilter,
    /// Every date is emptied.
    EmptiesDates,
    /// Other users' preferences are for administrators.
    HidesPreferences,
}

/// Everything the site holds, and its habits.
pub(in super::super) struct Inside {
    pub(in super::super) now: DateTime<Utc>,
    pub(in super::super) place: &'static str,
    pub(in super::super) records: BTreeMap<(String, String), Map<String, Value>>,
    pub(in super::super) linked: HashSet<(String, String)>,
    pub(in super::super) habits: HashSet<Habit>,
    pub(in super::super) page_cap: usize,
    pub(in super::super) title_chars: usize,
    pub(in super::super) forbidden: HashSet<String>,
    pub(in super::super) vanishes_in_lists: HashSet<String>,
    pub(in super::super) sign_in: Option<(u16, String)>,
    pub(in super::super) zone: Option<&'static str>,
    pub(in super::super) time_format: &'static str,
    rules: Vec<Rule>,
    tokens: u32,
    log: Vec<(Method, String, Value)>,
}

impl Inside {
    /// An empty site of the usual habits.
    pub(super) fn new() -> Self {
        Self {
            now: DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
            place: "Api/",
            records: BTreeMap::new(),
            linked: HashSet::new(),
            habits: HashSet::new(),
            page_cap: 5_000,
            title_chars: 50,
            forbidden: HashSet::new(),
            vanishes_in_lists: HashSet::new(),
            sign_in: None,
            zone: Some("UTC"),
            time_format: "H:i",
            rules: Vec::new(),
            tokens: 0,
            log: Vec::new(),
        }
    }

    /// Makes a record that lasts an hour, and returns its id.
    pub(in super::super) fn put(&mut self, module: &str, number: u32, owner: &str, start: &str) -> String {
        let id = format!("{number:08x}-aaaa-4bbb-8ccc-000000000001");
        let Value::Object(attributes) = json!({
            "name": format!("Record {number}"), "description": "", "location": "", "date_start": start,
            "duration_hours": "1", "duration_minutes": "0", "assigned_user_id": owner, "deleted": "0",
            "date_modified": text(self.now), "status": "Planned", "gsync_id": "",
        }) else {
            panic!("no map")
        };
        self.records.insert((module.to_owned(), id.clone()), attributes);
        id
    }

    /// Takes up a habit.
    pub(in super::super) fn take_up(&mut self, habit: Habit) {
        self.habits.insert(habit);
    }

    fn has(&self, habit: Habit) -> bool {
        self.habits.contains(&habit)
    }

    /// Changes a record as somebody in the CRM would.
    pub(in super::super) fn edit(&mut self, module: &str, id: &str, attribute: &str, value: &str) {
        let modified = text(self.now);
        let record = self.records.get_mut(&(module.to_owned(), id.to_owned())).unwrap();
        record.insert(attribute.to_owned(), value.into());
        record.insert("date_modified".to_owned(), modified.into());
    }

    pub(in super::super) fn attribute(&self, module: &str, id: &str, attribute: &str) -> String {
        let record = &self.records[&(module.to_owned(), id.to_owned())];
        record[attribute].as_str().unwrap_or_default().to_owned()
    }

    fn alive(&self, module: &str) -> usize {
        self.records
            .iter()
            .filter(|((of, _), record)| of == module && record["deleted"] == "0")
            .count()
    }

    /// How many records of both modules are alive.
    pub(in super::super) fn count(&self) -> usize {
        self.alive("Meetings") + self.alive("Calls")
    }

    /// How many records are alive, and how many links there are to users.
    pub(in super::super) fn count_and_links(&self) -> (usize, usize) {
        (self.count(), self.linked.len())
    }

    /// The next requests of that method and path meet that.
    pub(in super::super) fn trouble(
        &mut self,
        method: Method,
        contains: &'static str,
        times: usize,
        trouble: Trouble,
    ) {
        self.rules.push(Rule {
            method,
            contains,
            left: times,
            trouble,
        });
    }

    /// Forgets the token that it gave out last.
    pub(in super::super) fn revoke(&mut self) {
        self.tokens += 1;
    }

    /// The requests so far, and forgets them.
    pub(in super::super) fn requests(&mut self) -> Vec<(Method, String, Value)> {
        std::mem::take(&mut self.log)
    }

    pub(super) fn answer(
        &mut self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> (u16, String) {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let path = uri.path().trim_start_matches('/').to_owned();
        self.log.push((method.clone(), uri.to_string(), body.clone()));
        // Address rewriting leads to the same script that can be named.
        let path = path
            .strip_prefix(self.place)
            .map(|rest| rest.strip_prefix("index.php/").unwrap_or(rest));
        let Some(path) = path else {
            return (404, "<!DOCTYPE html><title>Not found</title>".to_owned());
        };
        let target = uri.to_string();
        let rule = self
            .rules
            .iter_mut()
            .find(|rule| rule.left > 0 && rule.method == *method && target.contains(rule.contains));
        let trouble = rule.map(|rule| {
            rule.left -= 1;
            rule.trouble.clone()
        });
        match trouble {
            Some(Trouble::Instead(status, body)) => (status, body),
            Some(Trouble::After(status, answer)) => {
                self.carry_out(method, path, uri, headers, &body);
                (status, answer)
            }
            None => self.carry_out(method, path, uri, headers, &body),
        }
    }

    fn carry_out(
        &mut self,
        method: &Method,
        path: &str,
        uri: &Uri,
        headers: &HeaderMap,
        body: &Value,
    ) -> (u16, String) {
        if path == "access_token" {
            if let Some((status, body)) = &self.sign_in {
                return (*status, body.clone());
            }
            self.tokens += 1;
            return ok(
                &json!({"token_type": "Bearer", "expires_in": 3600, "access_token": format!("t{}", self.tokens)}),
            );
        }
        let bearer = format!("Bearer t{}", self.tokens);
        if headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            != Some(bearer.as_str())
        {
            return (
                401,
                json!({"error": "access_denied", "hint": "Access token has been revoked"}).to_string(),
            );
        }
        let parts: Vec<&str> = path.trim_start_matches("V8/").split('/').collect();
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        match (method.as_str(), parts.as_slice()) {
            ("GET", ["current-user"]) => ok(&json!({"data": {"type": "User", "id": "1", "attributes": {}}})),
            ("GET", ["user-preferences", id]) => {
                if *id != "1" && self.has(Habit::HidesPreferences) {
                    return refuse("[SuiteCRM] [AccessDeniedException] ");
                }
                let mut global = json!({"timef": self.time_format});
                if let Some(zone) = self.zone {
                    global["timezone"] = zone.into();
                }
                ok(&json!({"data": {"type": "UserPreference", "id": id, "attributes": {"global": global}}}))
            }
            ("GET", ["meta", "fields", _]) => ok(&json!({"data": {"type": "fields", "attributes": {
                "name": {"type": "name", "len": self.title_chars.to_string()},
                "last_name": {"type": "varchar", "len": "100"},
                "location": {"type": "varchar", "len": 50},
                "gsync_id": if self.has(Habit::NoBuiltInSync) { Value::Null } else { json!({"len": "1024"}) },
            }}})),
            ("GET", ["module", module]) => self.list(module, &query),
            ("GET", ["module", module, id]) => match self.shown(module, id, &query) {
                Ok(resource) => ok(&json!({"data": resource})),
                Err(refusal) => refusal,
            },
            ("POST", ["module"]) => self.create(body),
            ("PATCH", ["module"]) => {
                let (module, id) = named(body);
                if let Err(refusal) = self.shown(&module, &id, &[]) {
                    return refusal;
                }
                self.store(&module, &id, body);
                (
                    201,
                    json!({"data": self.shown(&module, &id, &[]).unwrap()}).to_string(),
                )
            }
            ("DELETE", ["module", module, id]) => {
                if let Err(refusal) = self.shown(module, id, &[]) {
                    return refusal;
                }
                self.edit(module, id, "deleted", "1");
                ok(&json!({"meta": {"message": format!("Record with id {id} is deleted")}}))
            }
            ("POST", ["module", "Meetings", id, "relationships", "users"]) => {
                self.linked
                    .insert(((*id).to_owned(), body["data"]["id"].as_str().unwrap().to_owned()));
                (201, json!({"meta": {"message": "added"}}).to_string())
            }
            _ => (405, json!({"message": "Method not allowed"}).to_string()),
        }
    }

    fn create(&mut self, body: &Value) -> (u16, String) {
        let (module, id) = named(body);
        if self.records.contains_key(&(module.clone(), id.clone())) {
            return refuse(&format!("Bean {module} with id {id} is already exist"));
        }
        let Value::Object(empty) = json!({"deleted": "0", "name": "", "description": "", "location": "",
            "date_start": "", "duration_hours": "", "duration_minutes": "", "assigned_user_id": "", "gsync_id": ""})
        else {
            panic!("no map")
        };
        self.records.insert((module.clone(), id.clone()), empty);
        self.store(&module, &id, body);
        (
            201,
            json!({"data": self.shown(&module, &id, &[]).unwrap()}).to_string(),
        )
    }

    fn store(&mut self, module: &str, id: &str, body: &Value) {
        for (name, value) in body["data"]["attributes"].as_object().unwrap() {
            let mut value = value.as_str().unwrap().to_owned();
            if name == "name" {
                value = value.chars().take(self.title_chars).collect();
            }
            if name == "date_start" && self.has(Habit::EmptiesDates) {
                value.clear();
            }
            self.edit(module, id, name, &value);
        }
    }

    fn shown(&self, module: &str, id: &str, query: &[(String, String)]) -> Result<Value, (u16, String)> {
        let record = self
            .records
            .get(&(module.to_owned(), id.to_owned()))
            .filter(|record| record["deleted"] == "0");
        let Some(record) = record else {
            return Err(refuse(&format!("{module} module with id {id} is not found")));
        };
        if self.forbidden.contains(id) {
            return Err(refuse("[SuiteCRM] [AccessDeniedException] "));
        }
        let fields = query.iter().find(|(name, _)| name.starts_with("fields["));
        let mut shown = Map::new();
        for (name, value) in record {
            if fields.is_some_and(|(_, fields)| !fields.split(',').any(|field| field == name)) {
                continue;
            }
            let text = value.as_str().unwrap_or_default();
            let text = match name.as_str() {
                // Rounded down to the minute, with an offset that means nothing.
                "date_start" | "date_modified" if !text.is_empty() => {
                    format!(
                        "{}:00-05:00",
                        text.replacen(' ', "T", 1).rsplit_once(':').unwrap().0
                    )
                }
                _ => text
                    .replace('<', "&lt;")
                    .replace('>', "&gt;")
                    .replace('\'', "&#039;"),
            };
            shown.insert(name.clone(), text.into());
        }
        Ok(json!({"type": module.trim_end_matches('s'), "id": id, "attributes": shown, "relationships": {}}))
    }

    fn list(&mut self, module: &str, query: &[(String, String)]) -> (u16, String) {
        let value = |name: &str| {
            query
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let fields = value(&format!("fields[{module}]")).unwrap_or_default();
        if self.has(Habit::NoBuiltInSync) && fields.contains("gsync_id") {
            return refuse(&format!("Property gsync_id in {module} module is invalid"));
        }
        assert_eq!(
            (value("sort"), value("page[number]")),
            (Some("id"), Some("1")),
            "unstable paging"
        );
        let deleted = value("filter[deleted][eq]") == Some("1");
        let holds = |id: &str, record: &Map<String, Value>| {
            query.iter().all(|(key, wanted)| {
                let Some((field, operator)) = key
                    .strip_prefix("filter[")
                    .and_then(|rest| rest.strip_suffix(']')?.split_once("]["))
                else {
                    return true;
                };
                if field == "deleted" {
                    return true;
                }
                let is = if field == "id" {
                    id
                } else {
                    record.get(field).and_then(Value::as_str).unwrap_or_default()
                };
                match operator {
                    "eq" => is == wanted,
                    "gt" => is > wanted.as_str(),
                    "gte" => is >= wanted.as_str(),
                    "lt" => is < wanted.as_str(),
                    other => panic!("operator {other}"),
                }
            })
        };
        let ids: Vec<String> = self
            .records
            .iter()
            .filter(|((of, id), record)| {
                let right = (record["deleted"] == "1") == deleted || self.has(Habit::IgnoresDeletedFilter);
                of == module && right && holds(id, record)
            })
            .map(|((_, id), _)| id.clone())
            .take(
                value("page[size]")
                    .unwrap()
                    .parse::<usize>()
                    .unwrap()
                    .min(self.page_cap),
            )
            .collect();
        if let Some(gone) = ids.iter().find(|id| self.vanishes_in_lists.remove(*id)) {
            let gone = gone.clone();
            self.edit(module, &gone, "deleted", "1");
            return refuse(&format!("{module} module with id {gone} is not found"));
        }
        let mut rows = Vec::new();
        for id in &ids {
            match self.shown(module, id, query) {
                Ok(row) => rows.push(row),
                Err(_) if deleted && self.has(Habit::ListsDeleted) => {
                    rows.push(json!({"type": "x", "id": id, "attributes": []}));
                }
                Err(refusal) => return refusal,
            }
        }
        if rows.is_empty() {
            return ok(
                &json!({"meta": {"message": "Request was successful, but there is no result"}, "data": []}),
            );
        }
        ok(&json!({"meta": {"total-pages": 99, "records-on-this-page": rows.len()}, "data": rows}))
    }
}

fn named(body: &Value) -> (String, String) {
    let text = |name: &str| body["data"][name].as_str().unwrap().to_owned();
    (text("type"), text("id"))
}

fn ok(body: &Value) -> (u16, String) {
    (200, body.to_string())
}

fn refuse(detail: &str) -> (u16, String) {
    (400, refusal(detail))
}

/// The body of a refusal.
pub(in super::super) fn refusal(detail: &str) -> String {
    json!({"errors": {"status": 400, "title": null, "detail": detail}}).to_string()
}

/// An instant as the database writes it.
pub(in super::super) fn text(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d %H:%M:%S").to_string()
}
