//! Everything that the CRM knows, and which part answers which operation.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::columns::Module;
use super::error::{Refused, answer, success};
use super::login::Sessions;
use super::options::{Version, VtigerOptions, VtigerUser};
use super::record::Record;
use super::{login, meta, query, write};
use crate::front::{Answer, Front, Request, Service};

/// The first number that a record gets; those below belong to what every installation has.
const FIRST_NUMBER: u64 = 101;

/// The simulated CRM behind its handle.
#[derive(Debug)]
pub(super) struct Vtiger {
    pub(super) front: Front,
    world: Mutex<World>,
}

/// What it knows.
#[derive(Debug)]
pub(super) struct World {
    pub(super) options: VtigerOptions,
    pub(super) records: BTreeMap<u64, Record>,
    pub(super) sessions: Sessions,
    /// Queries fail inside, which looks like finding nothing.
    pub(super) queries_fail: bool,
    /// What the stock workflow has mailed to contacts of the customer portal: their numbers and addresses.
    pub(super) portal_mails: Vec<(u64, String)>,
    last_number: u64,
}

impl World {
    /// The number of the next record, whatever its module.
    pub(super) fn next_number(&mut self) -> u64 {
        self.last_number = self.last_number.max(FIRST_NUMBER - 1) + 1;
        self.last_number
    }

    pub(super) fn user(&self, number: u64) -> Option<&VtigerUser> {
        self.options.users.iter().find(|user| user.number == number)
    }

    pub(super) fn class(&self, module: Module) -> u32 {
        let [events, tasks, contacts, users] = self.options.classes;
        match module {
            Module::Events => events,
            Module::Calendar => tasks,
            Module::Contacts => contacts,
            Module::Accounts => self.options.accounts_class,
            Module::Users => users,
        }
    }

    pub(super) fn id(&self, module: Module, number: u64) -> String {
        format!("{}x{number}", self.class(module))
    }
}

impl Vtiger {
    pub(super) fn new(front: Front, options: VtigerOptions) -> Self {
        Self {
            front,
            world: Mutex::new(World {
                options,
                records: BTreeMap::new(),
                sessions: Sessions::default(),
                queries_fail: false,
                portal_mails: Vec::new(),
                last_number: 0,
            }),
        }
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The operations that are here, and the method of each.
const OPERATIONS: [(&str, &str, &str); 13] = [
    ("getchallenge", "GET", "/webservice.php/getchallenge"),
    ("login", "POST", "/webservice.php/login"),
    ("extendsession", "POST", "/webservice.php/extendsession"),
    ("logout", "POST", "/webservice.php/logout"),
    ("listtypes", "GET", "/webservice.php/listtypes"),
    ("describe", "GET", "/webservice.php/describe"),
    ("query", "GET", "/webservice.php/query"),
    ("retrieve", "GET", "/webservice.php/retrieve"),
    ("create", "POST", "/webservice.php/create"),
    ("update", "POST", "/webservice.php/update"),
    ("revise", "POST", "/webservice.php/revise"),
    ("delete", "POST", "/webservice.php/delete"),
    ("sync", "GET", "/webservice.php/sync"),
];

/// One request, taken apart: parameters of reads are in the address, those of writes in the body.
pub(super) struct Call<'a> {
    pub(super) world: &'a mut World,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) now: DateTime<Utc>,
}

impl Call<'_> {
    /// A parameter; empty where it is missing.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.given(name).unwrap_or_default()
    }

    /// A parameter, if it was given at all.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

fn parameters(request: &Request) -> Vec<(String, String)> {
    let mut given = request.query.clone();
    if request.method == "POST" {
        given.extend(request.form());
    }
    given
}

fn operation(request: &Request) -> Option<(&'static str, &'static str, &'static str)> {
    if request.path != "/webservice.php" {
        return None;
    }
    let given = parameters(request);
    let named = given.iter().find(|(name, _)| name == "operation")?;
    OPERATIONS.into_iter().find(|(name, _, _)| *name == named.1)
}

impl Service for Vtiger {
    type Begun = ();

    fn route(&self, request: &Request) -> &'static str {
        operation(request).map_or("/not-found", |(_, _, route)| route)
    }

    fn begin(&self, _: &Request) {}

    fn answer(&self, request: &Request, (): ()) -> Answer {
        if request.path != "/webservice.php" {
            return Answer::html(
                404,
                "<!DOCTYPE html><html><head><title>404 Not Found</title></head><body>Not Found</body></html>",
            );
        }
        let now = self.front.clock.now();
        let mut world = self.world();
        let (version, shows_warnings) = (world.options.version, world.options.shows_warnings);
        let call = Call {
            world: &mut world,
            parameters: parameters(request),
            now,
        };
        let mut told = match operation(request) {
            // An unknown operation is fatal (section 1).
            None => answer(Refused::Fatal),
            // The wrong method looks like a missing parameter.
            Some((_, method, _)) if method != request.method => answer(Refused::new(
                "ACCESS_DENIED",
                "Permission to perform the operation is denied for query",
            )),
            Some((name, _, _)) => dispatch(call, name).unwrap_or_else(answer),
        };
        if version == Version::V8_4 {
            // Control characters go out as they are stored (section 1).
            told.body = told.body.replace("\\u0000", "\0");
        }
        if shows_warnings && !told.body.is_empty() {
            told.body = format!(
                "<br />\n<b>Warning</b>:  Undefined array key \"x\" in <b>/var/www/include/utils.php</b> on line <b>7</b><br />\n{}",
                told.body
            );
        }
        told
    }

    fn throttled(&self, status: u16) -> Answer {
        // Vtiger itself has no rate limit; what throttles is in front of it.
        Answer::html(
            status,
            "<html><head><title>Too Many Requests</title></head><body>Too Many Requests</body></html>",
        )
    }

    fn broken(&self, status: u16) -> Answer {
        Answer::empty(status)
    }
}

fn dispatch(mut call: Call<'_>, operation: &str) -> Result<Answer, Refused> {
    match operation {
        "getchallenge" => return login::challenge(&mut call),
        "login" => return login::login(&mut call),
        // It fails under PHP 8, before it looks at anything (section 0).
        "sync" => return Err(Refused::Fatal),
        _ => {}
    }
    let user = login::user(&mut call)?;
    match operation {
        "extendsession" => Ok(login::extended(&call, user)),
        "logout" => Ok(login::logout(&mut call)),
        "listtypes" => Ok(meta::list_types(&call)),
        "describe" => meta::describe(&call, user),
        "query" => query::answer(&call, user),
        "retrieve" => {
            let (module, number) = write::named(&call, call.parameter("id"))?;
            if module == Module::Users {
                return query::retrieve_user(&call, user, number);
            }
            let record = write::reachable(&call, user, module, number)?;
            Ok(success(&call.world.whole(record, user)))
        }
        "create" => write::create(&mut call, user),
        "update" | "revise" => write::change(&mut call, user, operation == "update"),
        "delete" => write::delete(&mut call, user),
        _ => Err(Refused::Fatal),
    }
}
