//! What travels: the envelope of Vtiger's web service, its rows, and the text of its queries.
//!
//! A query is text that the server pastes into SQL, with an escape that can be left. So nothing foreign ever stands
//! in one: [`Query`] is put together from numbers, instants and keys of our own, and from nothing else.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Rows that a query gives at most, whatever it asks for.
///
/// # Source
/// Measured on 8.2.0 and 8.4.0.
pub(crate) const PAGE_ROWS: usize = 100;

/// The modules that are asked, by the names the service knows them by; they are case-sensitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Module {
    /// Meetings, calls and whatever else is no task.
    Events,
    /// Tasks.
    Calendar,
    /// People.
    Contacts,
    /// The organisations that people belong to.
    Accounts,
    /// Users.
    Users,
}

impl Module {
    /// Its name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Module::Events => "Events",
            Module::Calendar => "Calendar",
            Module::Contacts => "Contacts",
            Module::Accounts => "Accounts",
            Module::Users => "Users",
        }
    }

    /// The module of that name, if records of it are kept in step.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let kept = [Module::Events, Module::Calendar, Module::Contacts];
        kept.into_iter().find(|module| module.as_str() == name)
    }

    /// The class of its records, where the site does not tell another one.
    ///
    /// # Source
    /// Measured on 8.2.0 and 8.4.0.
    pub(crate) fn usual_class(self) -> u32 {
        match self {
            Module::Calendar => 9,
            Module::Accounts => 11,
            Module::Contacts => 12,
            Module::Events => 18,
            Module::Users => 19,
        }
    }

    /// What people call one of its records.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Module::Events => "event",
            Module::Calendar => "task",
            Module::Contacts => "contact",
            Module::Accounts => "account",
            Module::Users => "user",
        }
    }
}

/// A record's or a user's id: the number of its class, `x`, its own number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct WireId {
    /// The number of the class, which differs between sites.
    pub(crate) prefix: u32,
    /// The record's number, unique in the whole CRM.
    pub(crate) number: u64,
}

impl WireId {
    /// Reads an id.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (prefix, number) = text.split_once('x')?;
        Some(Self {
            prefix: digits(prefix)?.try_into().ok()?,
            number: digits(number)?,
        })
    }
}

impl std::fmt::Display for WireId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.prefix, self.number)
    }
}

/// A user's number, from either way of naming one: `7`, as the CRM's own pages do, or `19x7`.
pub(crate) fn user_number(text: &str) -> Option<u64> {
    WireId::parse(text)
        .map(|id| id.number)
        .or_else(|| digits(text))
        .filter(|number| *number > 0)
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// One row. `null` and the empty text are the same: 8.2 sends one, 8.4 the other.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Row(pub(crate) Map<String, Value>);

impl Row {
    /// A column as text; empty where it is absent or null.
    pub(crate) fn text(&self, name: &str) -> String {
        match self.0.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(yes)) => u8::from(*yes).to_string(),
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => String::new(),
        }
    }

    /// The same, without blanks around it; `None` where nothing is left.
    pub(crate) fn filled(&self, name: &str) -> Option<String> {
        Some(self.text(name).trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A column that names a record or a user.
    pub(crate) fn id(&self, name: &str) -> Option<WireId> {
        WireId::parse(self.text(name).trim())
    }
}

/// What every operation answers with.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope {
    /// Whether it went well.
    pub(crate) success: bool,
    /// What was asked for.
    #[serde(default)]
    pub(crate) result: Value,
    /// What went wrong.
    pub(crate) error: Option<Refusal>,
}

/// A refusal. Its message goes no further: it may hold what was sent.
#[derive(Debug, Deserialize)]
pub(crate) struct Refusal {
    #[serde(default)]
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) message: String,
}

/// Reads the envelope of an answer. Hosts that show PHP's warnings put them in front of it, and stored control
/// characters come back as they are.
///
/// # Source
/// cammUtils-vTigerNetApi issue 27 for 8.3; control characters measured on 8.4.0.
pub(crate) fn envelope(body: &[u8]) -> Option<Envelope> {
    // Where something has put the envelope in another order, it still is the first object.
    let beginnings: [&[u8]; 2] = [b"{\"success\"", b"{\""];
    beginnings.into_iter().find_map(|beginning| {
        let at = body
            .windows(beginning.len())
            .position(|window| window == beginning)?;
        let plain: Vec<u8> = body
            .get(at..)?
            .iter()
            .map(|byte| if *byte < b' ' { b' ' } else { *byte })
            .collect();
        serde_json::Deserializer::from_slice(&plain)
            .into_iter::<Envelope>()
            .next()?
            .ok()
    })
}

/// An instant as the CRM writes times of change.
pub(crate) fn stamp(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Reads a time of change.
pub(crate) fn parse_stamp(text: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%d %H:%M:%S")
        .ok()
        .map(|date| date.and_utc())
}

/// The text of a query.
#[derive(Debug, Clone)]
pub(crate) struct Query(String);

impl Query {
    /// Asks for columns of a module. Without `contact_id` among them: with it, rows are counted once a contact, and
    /// pages are short in the middle.
    pub(crate) fn select(columns: &str, module: Module) -> Self {
        Self(format!("select {columns} from {}", module.as_str()))
    }

    /// Begins the conditions, or adds one that must hold too.
    fn and(self, condition: std::fmt::Arguments<'_>) -> Self {
        let word = if self.0.contains(" where ") {
            "and"
        } else {
            "where"
        };
        Self(format!("{} {word} {condition}", self.0))
    }

    /// Only a user's.
    pub(crate) fn owned_by(self, owner: WireId) -> Self {
        self.and(format_args!("assigned_user_id = '{owner}'"))
    }

    /// Only this one.
    pub(crate) fn with_id(self, id: WireId) -> Self {
        self.and(format_args!("id = '{id}'"))
    }

    /// Only these.
    pub(crate) fn with_ids(self, ids: &[WireId]) -> Self {
        let listed: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
        self.and(format_args!("id in ({})", listed.join(",")))
    }

    /// Only those behind this one; ids compare as numbers.
    pub(crate) fn behind(self, id: WireId) -> Self {
        self.and(format_args!("id > '{id}'"))
    }

    /// Only those that begin on that day or later, where there is one.
    pub(crate) fn starting_from(self, day: Option<NaiveDate>) -> Self {
        match day {
            Some(day) => self.and(format_args!("date_start >= '{day}'")),
            None => self,
        }
    }

    /// Only those changed at that instant or later.
    pub(crate) fn changed_since(self, instant: DateTime<Utc>) -> Self {
        self.and(format_args!("modifiedtime >= '{}'", stamp(instant)))
    }

    /// Only a user's that come behind this one in the order of change. There are no parentheses, and `and` binds
    /// tighter than `or`.
    pub(crate) fn owned_and_changed_behind(self, owner: WireId, instant: DateTime<Utc>, id: WireId) -> Self {
        let at = stamp(instant);
        self.and(format_args!(
            "assigned_user_id = '{owner}' and modifiedtime > '{at}' \
             or assigned_user_id = '{owner}' and modifiedtime = '{at}' and id > '{id}'"
        ))
    }

    /// Only what bears this key of ours.
    pub(crate) fn with_key(self, key: &Key) -> Self {
        self.and(format_args!("source = '{}'", key.0))
    }

    /// Only what bears a key that begins so.
    pub(crate) fn with_key_beginning(self, beginning: &Key) -> Self {
        self.and(format_args!("source like '{}%'", beginning.0))
    }

    /// Only those whose name is like this one.
    pub(crate) fn named_like(self, column: &str, name: &Likeness) -> Self {
        self.and(format_args!("{column} like '{}'", name.0))
    }

    /// In the order of these columns, so many rows from that place on.
    pub(crate) fn ordered(self, columns: &str, from: usize, rows: usize) -> Self {
        Self(format!("{} order by {columns} limit {from},{rows}", self.0))
    }

    /// The query as it is sent.
    pub(crate) fn text(&self) -> String {
        format!("{};", self.0)
    }
}

/// A foreign name as it may stand in a query: letters and digits as they are, anything else as "some character".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Likeness(String);

impl Likeness {
    /// What is like that name. Names compare in the database by its own rules, so what is found has to be compared
    /// once more.
    pub(crate) fn of(name: &str) -> Self {
        let safe = |character: char| {
            let plain = character.is_ascii_alphanumeric() || character == ' ';
            if plain { character } else { '_' }
        };
        Self(name.chars().map(safe).collect())
    }
}

/// A key of ours in the column `source`: capital letters, digits and colons, so that it can stand in a query.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(String);

impl Key {
    /// A key from its parts, which are hexadecimal.
    pub(crate) fn of(parts: &[&str]) -> Self {
        let plain = |text: &str| -> String {
            let kept = text.chars().filter(char::is_ascii_alphanumeric);
            kept.map(|character| character.to_ascii_uppercase()).collect()
        };
        let parts: Vec<String> = parts.iter().map(|part| plain(part)).collect();
        Self(format!("{KEYS_BEGIN}{}", parts.join(":")))
    }

    /// The key that a column holds, if it is one of ours.
    pub(crate) fn read(source: &str) -> Option<Self> {
        source.starts_with(KEYS_BEGIN).then(|| Self(source.to_owned()))
    }

    /// As it is kept.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// How keys of ours begin. People see them as a record's source. Changing it would orphan every copy whose pair is
/// lost.
const KEYS_BEGIN: &str = "GSYNC:";
