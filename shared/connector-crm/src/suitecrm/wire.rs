//! What travels: the JSON:API shapes of SuiteCRM's V8 API and the addresses they are asked at.
//!
//! Attributes are kept as the loose bag they are: numbers and booleans come as strings or not, links come as `{}`
//! or `""`, and a record with nothing to show has `[]` for attributes.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

/// The modules whose records are kept in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Module {
    /// Meetings.
    Meetings,
    /// Telephone calls.
    Calls,
    /// Tasks.
    Tasks,
    /// Contacts.
    Contacts,
}

impl Module {
    /// All of them.
    pub(crate) const ALL: [Module; 4] = [Module::Meetings, Module::Calls, Module::Tasks, Module::Contacts];

    /// The module's name in addresses, and the collection of its records.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Module::Meetings => "Meetings",
            Module::Calls => "Calls",
            Module::Tasks => "Tasks",
            Module::Contacts => "Contacts",
        }
    }

    /// The module of a collection.
    pub(crate) fn parse(collection: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|module| module.as_str() == collection)
    }

    /// The word for one of its records, in settings, traits and messages.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Module::Meetings => "meeting",
            Module::Calls => "call",
            Module::Tasks => "task",
            Module::Contacts => "contact",
        }
    }
}

impl std::fmt::Display for Module {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The attributes of one record.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Attributes(pub(crate) Map<String, Value>);

impl Attributes {
    /// An attribute as text: numbers are written out, booleans are `1` and `0`. `None` where it is absent, null,
    /// or a place-holder for a link.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(yes) => Some(if *yes { "1" } else { "0" }.to_owned()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// Like [`text`](Self::text), with an empty or blank one counted as none.
    pub(crate) fn filled(&self, name: &str) -> Option<String> {
        self.text(name)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    /// Whether all of these are there.
    pub(crate) fn have(&self, names: impl IntoIterator<Item = &'static str>) -> bool {
        names.into_iter().all(|name| self.0.contains_key(name))
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Object(map) => Ok(Self(map)),
            // PHP writes an empty map as an empty list.
            Value::Array(list) if list.is_empty() => Ok(Self::default()),
            Value::Null => Ok(Self::default()),
            Value::Array(_) | Value::String(_) | Value::Number(_) | Value::Bool(_) => {
                Err(D::Error::custom("attributes are neither a map nor empty"))
            }
        }
    }
}

/// One record. Its `relationships` are ignored: they list only some links, with wrong addresses after a write.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Resource {
    /// The record's id; empty for answers that are about no record.
    #[serde(default)]
    pub(crate) id: String,
    /// What it says.
    #[serde(default)]
    pub(crate) attributes: Attributes,
    /// Whether the user has chosen it, where that is no attribute of its own; looked up beside.
    #[serde(skip)]
    pub(crate) chosen: bool,
}

/// The answer that carries one record.
#[derive(Debug, Deserialize)]
pub(crate) struct One {
    /// The record.
    pub(crate) data: Resource,
}

/// The answer that carries a page of records. Its `meta` and `links` are ignored: the count disregards rights, and
/// the next page of a page without a number is the first.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    /// The records; empty at the end.
    pub(crate) data: Vec<Resource>,
}

/// The answer to a sign-in.
#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    /// The bearer token.
    pub(crate) access_token: String,
    /// Seconds it is good for.
    pub(crate) expires_in: Option<i64>,
}

/// Parses the first JSON value of a body and lets the rest be: after a database failure the JSON is followed by the
/// bare message once more.
///
/// # Source
/// Measured on 7.14.6: `Database failure` answers.
pub(crate) fn first_json<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::Deserializer::from_slice(body)
        .into_iter::<T>()
        .next()?
        .ok()
}

/// Whether a body is a web page: a login form, a maintenance notice, a proxy's error.
pub(crate) fn is_html(body: &[u8]) -> bool {
    let head = body.get(..body.len().min(512)).unwrap_or_default();
    String::from_utf8_lossy(head)
        .trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n'])
        .starts_with('<')
}

/// An instant in the one shape that the CRM takes, in filters and attributes alike. With `T`, `Z` or an offset the
/// date is emptied, and the answer is 201 all the same.
///
/// # Source
/// Measured on 7.14.6 and 7.15.0.
pub(crate) fn date_text(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Reads a date of the CRM. Its digits are UTC; the offset after them is the server's own zone and means nothing.
///
/// # Source
/// Measured on 7.14.6; SuiteCRM issue 9952.
pub(crate) fn parse_date(text: &str) -> Option<DateTime<Utc>> {
    let digits = text.get(..19)?;
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]
        .into_iter()
        .find_map(|shape| NaiveDateTime::parse_from_str(digits, shape).ok())
        .map(|date| date.and_utc())
}

/// A condition of a list: field, operator and value.
pub(crate) type Filter = (&'static str, &'static str, String);

/// A list to ask for, page by page in the order of ids.
///
/// Sorting by anything else loses rows: there is one sort key and no tie-break, so rows move between pages.
///
/// # Source
/// Measured on 7.14.6: 22 of 5,000 rows lost under `sort=date_modified`.
#[derive(Debug, Clone)]
pub(crate) struct ListQuery {
    /// The module.
    pub(crate) module: String,
    /// The attributes to show; none named shows all.
    pub(crate) fields: Vec<String>,
    /// Conditions; all must hold.
    pub(crate) filters: Vec<Filter>,
    /// The id after which the page begins.
    pub(crate) after: Option<String>,
    /// The id before which it ends.
    pub(crate) before: Option<String>,
    /// Rows asked for.
    pub(crate) page_size: usize,
}

impl ListQuery {
    /// A list of everything from its beginning, with all attributes.
    pub(crate) fn of(module: &str, page_size: usize) -> Self {
        Self {
            module: module.to_owned(),
            fields: Vec::new(),
            filters: Vec::new(),
            after: None,
            before: None,
            page_size,
        }
    }

    /// The path under the API's version, with the query.
    pub(crate) fn path(&self) -> String {
        self.path_under(&format!("module/{}", self.module))
    }

    /// The same list of the records behind a link. There all attributes are shown, whatever is asked for.
    pub(crate) fn path_behind(&self, link: &str) -> String {
        self.path_under(link)
    }

    fn path_under(&self, place: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !self.fields.is_empty() {
            query.append_pair(&format!("fields[{}]", self.module), &self.fields.join(","));
        }
        for (field, operator, value) in &self.filters {
            query.append_pair(&format!("filter[{field}][{operator}]"), value);
        }
        if let Some(after) = &self.after {
            query.append_pair("filter[id][gt]", after);
        }
        if let Some(before) = &self.before {
            query.append_pair("filter[id][lt]", before);
        }
        query.append_pair("sort", "id");
        query.append_pair("page[size]", &self.page_size.to_string());
        // Without a number the CRM sends no page information, and its next link would point here again.
        query.append_pair("page[number]", "1");
        format!("{place}?{}", query.finish())
    }
}

/// The path of one record, with the attributes to show.
pub(crate) fn record_path(module: &str, id: &str, fields: &[String]) -> String {
    let mut path = format!("module/{module}/{}", segment(id));
    if !fields.is_empty() {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(&format!("fields[{module}]"), &fields.join(","))
            .finish();
        path.push('?');
        path.push_str(&query);
    }
    path
}

/// The path of a record's links of one name.
pub(crate) fn link_path(module: &str, id: &str, link: &str) -> String {
    format!("module/{module}/{}/relationships/{link}", segment(id))
}

/// A value as one segment of a path.
pub(crate) fn segment(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// The body that creates or changes a record.
pub(crate) fn record_body(module: &str, id: &str, attributes: &Map<String, Value>) -> Value {
    json!({"data": {"type": module, "id": id, "attributes": attributes}})
}

/// The body that links a record to another one.
pub(crate) fn link_body(module: &str, id: &str) -> Value {
    json!({"data": {"type": module, "id": id}})
}
