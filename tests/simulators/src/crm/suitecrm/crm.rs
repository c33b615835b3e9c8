//! Everything that the CRM knows, and which part answers which address.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use uuid::Uuid;

use super::addresses::Addresses;
use super::date::Display;
use super::error::{Refused, document, method_not_allowed, php_failure};
use super::fields::{Module, modules};
use super::login::Tokens;
use super::options::{CrmUser, SuiteCrmOptions};
use super::recurring::re_parent;
use super::related::Links;
use super::table::{Row, Site, Table, fresh};
use super::{list, login, meta, record, related};
use crate::front::{Answer, Front, Request, Service};

/// The simulated CRM behind its handle.
#[derive(Debug)]
pub(super) struct SuiteCrm {
    pub(super) front: Front,
    world: Mutex<World>,
}

/// What it knows.
#[derive(Debug)]
pub(super) struct World {
    pub(super) options: SuiteCrmOptions,
    pub(super) modules: Vec<Module>,
    pub(super) tables: BTreeMap<&'static str, Table>,
    pub(super) links: Links,
    pub(super) addresses: Addresses,
    pub(super) tokens: Tokens,
    /// Records that roles or groups keep from API users, and whole modules, by name.
    pub(super) forbidden: BTreeSet<(String, String)>,
    pub(super) forbidden_modules: BTreeSet<String>,
    chance: StdRng,
}

impl World {
    fn new(options: SuiteCrmOptions, now: DateTime<Utc>) -> Self {
        let modules = modules(&options.contact_checkboxes);
        let mut world = Self {
            tables: modules
                .iter()
                .map(|module| (module.name, Table::default()))
                .collect(),
            modules,
            links: Links::default(),
            addresses: Addresses::default(),
            tokens: Tokens::default(),
            forbidden: BTreeSet::new(),
            forbidden_modules: BTreeSet::new(),
            chance: StdRng::seed_from_u64(options.seed),
            options,
        };
        for user in world.options.users.clone() {
            world.add_user(&user, now);
        }
        world
    }

    pub(super) fn add_user(&mut self, user: &CrmUser, now: DateTime<Utc>) {
        let Some(module) = self.modules.iter().find(|module| module.name == "Users") else {
            return;
        };
        let mut row = fresh(module, &user.id, &user.id, now);
        let status = if user.active { "Active" } else { "Inactive" };
        let cells = [
            ("first_name", user.first_name.as_str()),
            ("last_name", &user.last_name),
            ("user_name", &user.user_name),
            ("email1", &user.email),
            ("status", status),
            ("employee_status", "Active"),
            ("is_admin", "0"),
        ];
        row.cells
            .extend(cells.map(|(name, value)| (name, value.to_owned())));
        row.addresses_ever.insert(user.email.to_lowercase());
        if let Some(table) = self.tables.get_mut("Users") {
            table.put(row);
        }
    }

    pub(super) fn site(&self) -> Site {
        Site {
            three_byte: self.options.three_byte_text,
            server_zone: self.options.server_zone,
        }
    }

    pub(super) fn module(&self, name: &str) -> Result<&Module, Refused> {
        // The one module that goes by its singular as well.
        let name = if name == "EmailAddress" {
            "EmailAddresses"
        } else {
            name
        };
        self.modules
            .iter()
            .find(|module| module.name == name)
            .ok_or_else(|| Refused::new(format!("Module with name {name} is not found")))
    }

    pub(super) fn table(&self, name: &str) -> Result<&Table, Refused> {
        self.tables
            .get(name)
            .ok_or_else(|| Refused::new(format!("Module with name {name} is not found")))
    }

    pub(super) fn put(&mut self, module: &str, row: Row) {
        let id = row.id.clone();
        let deleted = row.deleted().then(|| row.clone());
        if let Some(table) = self.tables.get_mut(module) {
            table.put(row);
        }
        if let Some(deleted) = deleted {
            re_parent(self, module, &deleted);
        }
        self.show_addresses(module, &id);
    }

    pub(super) fn user(&self, id: &str) -> Option<&CrmUser> {
        self.options
            .users
            .iter()
            .find(|user| user.id.eq_ignore_ascii_case(id))
    }

    pub(super) fn display(&self, user: &str) -> Display {
        match self.user(user) {
            Some(user) => Display {
                zone: user.time_zone,
                time: user.time_format,
            },
            None => Display {
                zone: chrono_tz::Tz::UTC,
                time: super::options::TimeFormat::Minutes,
            },
        }
    }

    /// The name of a user or an account.
    pub(super) fn name_of(&self, id: &str) -> String {
        let user = self.user(id);
        let account = || self.table("Accounts").ok()?.living(id)?.cell("name");
        user.map(|user| format!("{} {}", user.first_name, user.last_name))
            .or_else(|| account().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Relates two records; a second time changes nothing.
    pub(super) fn relate(&mut self, from: (&str, &str), link: &str, to: &str) {
        if let Some(link) = self.module(from.0).ok().and_then(|module| module.link(link)) {
            self.links.add(from, link, (link.target, to));
        }
    }

    /// Whether two records were related; now they are not.
    pub(super) fn part(&mut self, from: (&str, &str), link: &str, to: &str) -> bool {
        let link = self.module(from.0).ok().and_then(|module| module.link(link));
        link.is_some_and(|link| self.links.remove(from, link, (link.target, to)))
    }

    pub(super) fn may_see(&self, module: &str, id: &str) -> bool {
        !self.forbidden_modules.contains(module)
            && !self.forbidden.contains(&(module.to_owned(), id.to_lowercase()))
    }

    pub(super) fn new_id(&mut self) -> String {
        Uuid::from_bytes(self.chance.random()).to_string()
    }
}

impl SuiteCrm {
    pub(super) fn new(front: Front, options: SuiteCrmOptions) -> Self {
        let world = World::new(options, front.clock.now());
        Self {
            front,
            world: Mutex::new(world),
        }
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a write has read when it arrives; by the time it writes, others may have written.
#[derive(Debug, Default)]
pub(super) struct Begun {
    pub(super) row: Option<Row>,
}

/// The path behind the API's address; `None` where the API is not there.
fn api<'request>(world: &World, request: &'request Request) -> Option<Vec<&'request str>> {
    let segments = request.route();
    let mut rest = segments.as_slice();
    if world.options.legacy_path {
        rest = rest.strip_prefix(&["legacy"])?;
    }
    rest = rest.strip_prefix(&["Api"])?;
    rest = rest.strip_prefix(&["index.php"]).unwrap_or(rest);
    Some(rest.to_vec())
}

impl Service for SuiteCrm {
    type Begun = Begun;

    fn route(&self, request: &Request) -> &'static str {
        let world = self.world();
        let Some(path) = api(&world, request) else {
            return "/not-found";
        };
        match path.as_slice() {
            ["access_token"] => "/Api/access_token",
            ["V8", "logout"] => "/Api/V8/logout",
            ["V8", "current-user"] => "/Api/V8/current-user",
            ["V8", "user-preferences", _] => "/Api/V8/user-preferences/{id}",
            ["V8", "meta", "modules"] => "/Api/V8/meta/modules",
            ["V8", "meta", "fields", _] => "/Api/V8/meta/fields/{module}",
            ["V8", "module"] => "/Api/V8/module",
            ["V8", "module", _] => "/Api/V8/module/{module}",
            ["V8", "module", _, _] => "/Api/V8/module/{module}/{id}",
            ["V8", "module", _, _, "relationships"] => "/Api/V8/module/{module}/{id}/relationships",
            ["V8", "module", _, _, "relationships", _] => "/Api/V8/module/{module}/{id}/relationships/{link}",
            ["V8", "module", _, _, "relationships", _, _] => {
                "/Api/V8/module/{module}/{id}/relationships/{link}/{related}"
            }
            _ => "/not-found",
        }
    }

    fn begin(&self, request: &Request) -> Begun {
        if !(matches!(request.method.as_str(), "POST" | "PATCH") && request.path.ends_with("/module")) {
            return Begun::default();
        }
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
            return Begun::default();
        };
        let part = |name: &str| {
            body.get("data")
                .and_then(|data| data.get(name))
                .and_then(Value::as_str)
        };
        let (Some(module), Some(id)) = (part("type"), part("id")) else {
            return Begun::default();
        };
        let world = self.world();
        Begun {
            row: world.tables.get(module).and_then(|table| table.get(id)).cloned(),
        }
    }

    fn answer(&self, request: &Request, begun: Begun) -> Answer {
        let now = self.front.clock.now();
        let mut world = self.world();
        let world = &mut *world;
        let Some(path) = api(world, request) else {
            return Answer::html(
                404,
                "<html><head><title>404 Not Found</title></head><body>Not Found</body></html>",
            );
        };
        if path.as_slice() == ["access_token"] {
            return login::answer(world, request, now);
        }
        let user = match login::user(world, request, now) {
            Ok(user) => user,
            Err(answer) => return answer,
        };
        let mut call = Call {
            world,
            request,
            user: &user,
            now,
        };
        dispatch(&mut call, &path, begun).unwrap_or_else(Answer::from)
    }

    fn throttled(&self, status: u16) -> Answer {
        // SuiteCRM itself has no rate limit; what throttles is in front of it.
        Answer::html(
            status,
            "<html><head><title>Too Many Requests</title></head><body>Too Many Requests</body></html>",
        )
    }

    fn broken(&self, status: u16) -> Answer {
        if status == 500 {
            return php_failure(status);
        }
        // The other ones come from what stands in front of PHP.
        Answer::html(
            status,
            "<html><head><title>Bad Gateway</title></head><body>Bad Gateway</body></html>",
        )
    }
}

/// One authorised request.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) world: &'a mut World,
    pub(super) request: &'a Request,
    pub(super) user: &'a str,
    pub(super) now: DateTime<Utc>,
}

fn dispatch(call: &mut Call<'_>, path: &[&str], begun: Begun) -> Result<Answer, Refused> {
    let method = call.request.method.as_str();
    match (method, path) {
        ("POST", ["V8", "logout"]) => Ok(login::logout(call.world, call.request)),
        ("GET", ["V8", "current-user"]) => meta::current_user(call),
        ("GET", ["V8", "user-preferences", id]) => meta::preferences(call, id),
        ("GET", ["V8", "meta", "modules"]) => Ok(meta::module_list(call)),
        ("GET", ["V8", "meta", "fields", module]) => meta::field_list(call, module),
        ("POST", ["V8", "module"]) => record::create(call, &begun),
        ("PATCH", ["V8", "module"]) => record::update(call, begun),
        ("GET", ["V8", "module", module]) => list::answer(call, module).map(|body| document(200, &body)),
        ("GET", ["V8", "module", module, id]) => record::get(call, module, id),
        ("DELETE", ["V8", "module", module, id]) => record::delete(call, module, id),
        ("GET", ["V8", "module", module, id, "relationships", link]) => related::list(call, module, id, link),
        ("POST", ["V8", "module", module, id, "relationships"]) => related::add(call, module, id, None),
        ("POST", ["V8", "module", module, id, "relationships", link]) => {
            related::add(call, module, id, Some(link))
        }
        ("DELETE", ["V8", "module", module, id, "relationships", link, related]) => {
            related::remove(call, (module, id), link, related)
        }
        (_, ["V8", "module"]) => Ok(method_not_allowed("POST, PATCH")),
        (_, ["V8", "module", _]) => Ok(method_not_allowed("GET")),
        (_, ["V8", "module", _, _]) => Ok(method_not_allowed("GET, DELETE")),
        (_, ["V8", "current-user"] | ["V8", "user-preferences", _] | ["V8", "meta", ..]) => {
            Ok(method_not_allowed("GET"))
        }
        (_, ["V8", "logout"]) => Ok(method_not_allowed("POST")),
        _ => Ok(Answer::new(
            404,
            "text/html",
            "<html><head><title>Page Not Found</title></head></html>",
        )),
    }
}
