//! The page: both calendars side by side, a form for either, and the runs as they happen.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use askama::Template;
use axum::extract::{Query, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use chrono::{DateTime, NaiveDate, Utc};
use connector_http::client::HttpClient;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use sync_core::id::AccountLinkId;
use sync_core::kind::Kind;
use sync_core::port::{Schedules as _, Trigger};
use sync_core::side::Side;
use sync_engine::memory::Memory;
use sync_engine::report::Outcome;
use sync_engine::run::Engine;

use super::agenda::{Item, Standings, Week, in_crm, in_google, on_day};
use super::edits::{Change, carry_out};
use super::feed::Feed;
use super::setup::LinkKey;
use super::views::{ColumnView, DayView, FormView, ItemView, Live, LivePage, Page, RunView, sentence};
use super::world::{CRM, World};
use crate::ending::Trouble;
use crate::installation::{Installation, Machine};
use crate::timetable::Timetable;

/// What the page may read at Google.
const READ_SCOPE: &str = "https://www.googleapis.com/auth/calendar.events.readonly";

/// Everything behind the page.
#[derive(Debug)]
pub(super) struct Demo {
    world: World,
    feed: Arc<Feed>,
    memory: Memory,
    engine: Engine,
    timetable: Timetable,
    link: AccountLinkId,
    origin: String,
    machine: Machine,
    link_key: OnceLock<LinkKey>,
    /// The page's own token at the simulated Google.
    token: Mutex<Option<String>>,
    http: OnceLock<HttpClient>,
}

type Shared = State<Arc<Demo>>;

/// All addresses of the demo.
pub(super) fn routes(demo: Arc<Demo>) -> Router {
    Router::new()
        .route("/demo", get(page))
        .route("/demo/live", get(live))
        .route("/demo/change", post(change))
        .route("/demo/sync", post(sync))
        .route("/demo/me", get(me))
        .route(
            "/demo/style.css",
            get(|| async { asset("text/css; charset=utf-8", include_str!("../../assets/demo.css")) }),
        )
        .route(
            "/demo/script.js",
            get(|| async {
                asset(
                    "text/javascript; charset=utf-8",
                    include_str!("../../assets/demo.js"),
                )
            }),
        )
        .layer(from_fn(secured))
        .with_state(demo)
}

impl Demo {
    pub(super) fn new(
        installation: &Installation,
        world: &World,
        feed: Arc<Feed>,
        origin: String,
        machine: Machine,
    ) -> Self {
        Self {
            world: world.clone(),
            feed,
            memory: installation.memory.clone(),
            engine: installation.engine.clone(),
            timetable: installation.timetable.clone(),
            link: AccountLinkId::new(CRM, world.anna.id.clone()),
            origin,
            machine,
            link_key: OnceLock::new(),
            token: Mutex::default(),
            http: OnceLock::new(),
        }
    }

    /// Anna is linked; from now on the CRM can send her here.
    pub(super) fn is_linked(&self, key: LinkKey) {
        // Linking happens once in a process.
        let _known = self.link_key.set(key);
    }

    /// An address as the CRM's button would have it.
    pub(super) fn authorize_address(&self, key: &LinkKey) -> Result<String, Trouble> {
        key.authorize_address(
            &self.origin,
            &self.world,
            self.now(),
            self.machine.entropy.as_ref(),
        )
    }

    fn now(&self) -> DateTime<Utc> {
        self.machine.clock.now()
    }

    fn today(&self) -> NaiveDate {
        self.now().with_timezone(&self.world.zone).date_naive()
    }

    fn http(&self) -> Result<&HttpClient, Trouble> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let made = HttpClient::unguarded().map_err(|failure| Trouble::Other(failure.to_string()))?;
        Ok(self.http.get_or_init(|| made))
    }

    async fn items(&self, week: Week) -> Result<Vec<Item>, Trouble> {
        let mut items = in_crm(&self.world);
        items.extend(self.google_items(week).await?);
        Ok(items)
    }

    async fn google_items(&self, week: Week) -> Result<Vec<Item>, Trouble> {
        let held = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(token) = held
            && let Some(items) = in_google(self.http()?, &self.world, &token, week).await?
        {
            return Ok(items);
        }
        // None yet, or an hour has passed, or Anna has withdrawn what was granted to the client.
        let refused = || Trouble::Other("the simulated Google does not let its calendar be read".to_owned());
        let tokens = self
            .world
            .google
            .issue_tokens(&self.world.email, &[READ_SCOPE])
            .ok_or_else(refused)?;
        let items = in_google(self.http()?, &self.world, &tokens.access_token, week)
            .await?
            .ok_or_else(refused)?;
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(tokens.access_token);
        Ok(items)
    }

    async fn live(&self, week: Week) -> Result<Live, Trouble> {
        let items = self.items(week).await?;
        let failed = |failure: sync_core::port::StoreFailure| Trouble::Other(failure.to_string());
        let pairs = self.memory.pairs(&self.link, Kind::Event).await.map_err(failed)?;
        let runs = self.feed.runs();
        let has_run = runs.iter().any(|entry| entry.run.outcome != Outcome::Skipped);
        let standings = Standings::new(&pairs, self.feed.waiting(), has_run);
        let (crm, google): (Vec<Item>, Vec<Item>) =
            items.into_iter().partition(|item| item.side == Side::Crm);
        let today = self.today();
        let days = week
            .days()
            .map(|day| DayView {
                date: day.to_string(),
                title: day.format("%a\u{a0}%-d %b").to_string(),
                today: day == today,
                columns: [(Side::Crm, &crm), (Side::Google, &google)].map(|(side, items)| ColumnView {
                    side,
                    items: on_day(items, day)
                        .into_iter()
                        .map(|item| ItemView::new(item, &standings))
                        .collect(),
                }),
            })
            .collect();
        let state = match self.memory.account_link(&self.link).await.map_err(failed)? {
            Some(link) => sentence(&link, pairs.len(), runs.first()),
            None => "Nobody is linked. Open Anna's page to link her account.".to_owned(),
        };
        Ok(Live {
            week: week.monday.to_string(),
            sentence: state,
            days,
            runs: runs
                .iter()
                .map(|entry| RunView::new(entry, self.world.zone))
                .collect(),
        })
    }
}

/// Which week, and which form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    week: String,
    new: String,
    edit: String,
    side: String,
    day: String,
    done: String,
}

impl Asked {
    fn week(&self, demo: &Demo) -> Week {
        Week::of(self.week.parse().unwrap_or_else(|_| demo.today()))
    }

    fn told(&self) -> Option<&'static str> {
        Some(match self.done.as_str() {
            "created" => "Created. The next run brings it to the other side.",
            "saved" => "Saved. The next run brings it to the other side.",
            "moved" => "Moved. The next run brings it to the other side.",
            "deleted" => "Deleted. The next run deletes it on the other side.",
            "started" => "A run has been asked for.",
            _ => return None,
        })
    }
}

async fn page(State(demo): Shared, Query(asked): Query<Asked>) -> Response {
    let week = asked.week(&demo);
    let form = match form(&demo, &asked, week).await {
        Ok(form) => form,
        Err(trouble) => return failed(&trouble),
    };
    show(&demo, week, form, asked.told(), StatusCode::OK).await
}

async fn form(demo: &Demo, asked: &Asked, week: Week) -> Result<Option<FormView>, Trouble> {
    if let Some(side) = Side::BOTH.into_iter().find(|side| side.as_str() == asked.new) {
        let today = demo.today();
        let shown = if Week::of(today) == week {
            today
        } else {
            week.monday
        };
        let day = asked.day.parse().unwrap_or(shown);
        return Ok(Some(FormView::new(Change::new_on(side, day), None)));
    }
    if asked.edit.is_empty() {
        return Ok(None);
    }
    let items = demo.items(week).await?;
    let wanted = items
        .iter()
        .find(|item| item.id == asked.edit && item.side.as_str() == asked.side);
    Ok(wanted.map(|item| FormView::new(Change::of(item), None)))
}

async fn show(
    demo: &Demo,
    week: Week,
    form: Option<FormView>,
    told: Option<&'static str>,
    status: StatusCode,
) -> Response {
    let live = match demo.live(week).await {
        Ok(live) => live,
        Err(trouble) => return failed(&trouble),
    };
    let last = week.monday + chrono::Days::new(6);
    let page = Page {
        person: format!("{} {}", demo.world.anna.first_name, demo.world.anna.last_name),
        email: demo.world.email.clone(),
        zone: demo.world.zone.name(),
        week_title: format!("{} – {}", week.monday.format("%-d %b"), last.format("%-d %b %Y")),
        previous: week.away(-1).monday.to_string(),
        next: week.away(1).monday.to_string(),
        form,
        told,
        live,
    };
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => failed(&Trouble::Other(error.to_string())),
    }
}

async fn live(State(demo): Shared, Query(asked): Query<Asked>) -> Response {
    let page = match demo.live(asked.week(&demo)).await {
        Ok(live) => LivePage { live },
        Err(trouble) => return failed(&trouble),
    };
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => failed(&Trouble::Other(error.to_string())),
    }
}

async fn change(State(demo): Shared, headers: HeaderMap, Form(change): Form<Change>) -> Response {
    if !is_own(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let week = Week::of(change.week.parse().unwrap_or_else(|_| demo.today()));
    let item = match demo.items(week).await {
        Ok(items) => items
            .into_iter()
            .find(|item| item.id == change.id && Some(item.side) == change.side()),
        Err(trouble) => return failed(&trouble),
    };
    match carry_out(&demo.world, &change, item.as_ref()) {
        Ok((id, done)) => {
            if let Some(side) = change.side() {
                demo.feed.touched(side, &id);
            }
            let shown = change.day.parse().map_or(week, Week::of);
            Redirect::to(&format!("/demo?week={}&done={done}", shown.monday)).into_response()
        }
        Err(wrong) => {
            let form = FormView::new(change, Some(wrong));
            show(&demo, week, Some(form), None, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn sync(State(demo): Shared, headers: HeaderMap, Form(asked): Form<Asked>) -> Response {
    if !is_own(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let run_id = demo.engine.new_run_id();
    match demo
        .timetable
        .run_soon(&demo.link, Trigger::Manual, &run_id)
        .await
    {
        Ok(()) => {
            Redirect::to(&format!("/demo?week={}&done=started", asked.week(&demo).monday)).into_response()
        }
        Err(failure) => failed(&Trouble::Other(failure.to_string())),
    }
}

/// Where the CRM's own button would lead Anna.
async fn me(State(demo): Shared) -> Response {
    let Some(key) = demo.link_key.get() else {
        return Redirect::to("/demo").into_response();
    };
    match demo.authorize_address(key) {
        Ok(address) => Redirect::to(&address).into_response(),
        Err(trouble) => failed(&trouble),
    }
}

fn failed(trouble: &Trouble) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, trouble.to_string()).into_response()
}

fn asset(content_type: &'static str, content: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type)], content).into_response()
}

/// Another site's page may not press the buttons of this one. Programs send no `Origin`.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.strip_prefix("http://") == Some(host),
        (Some(_), None) => false,
    }
}

async fn secured(request: Request, next: Next) -> Response {
    const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
         img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let mut response = next.run(request).await;
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
