//! One CRM: what is missing, Google client, users, the way in for them.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use connector_crm::crm::{CheckReport, Level};
use connector_crm::registry::CrmKind;
use http::Uri;
use secrecy::ExposeSecret;
use sync_core::policy::FieldError;
use sync_engine::memory::CrmRegistration;
use url::form_urlencoded;

use super::snippets::{Place, Snippets};
use super::users::LinkShown;
use crate::messages;
use crate::operations::client_check::{self, ClientCheck};
use crate::operations::link_keys::NewKey;
use crate::operations::{crms, link_keys};
use crate::pages::form::Admin;
use crate::pages::{Refused, page as made, query};
use crate::session::{AdminSession, form_token};
use crate::speech::Words;
use crate::visit::Visit;

/// Users on one page.
const LINKS_SHOWN: usize = 25;

#[derive(Template)]
#[template(path = "admin_crm.html")]
struct CrmPage {
    words: Words,
    form_token: String,
    done: Option<&'static str>,
    crm: CrmRegistration,
    kind: String,
    redirect_uri: String,
    authorize_url: String,
    can_sign: bool,
    has_link_key: bool,
    links: Vec<LinkShown>,
    has_links: bool,
    next: Option<String>,
    client_errors: Vec<FieldError>,
    check: Option<CheckShown>,
    new_key: Option<NewKey>,
    snippets: Snippets,
}

impl CrmPage {
    /// The new key as it is shown, once.
    fn key_text(key: &NewKey) -> &str {
        key.key.expose_secret()
    }
}

/// What a check found.
pub(super) struct CheckShown {
    findings: Vec<FindingShown>,
    client: ClientCheck,
    client_fault: Option<String>,
}

struct FindingShown {
    level: Level,
    message: String,
    /// The field of the registration that is at fault.
    field: Option<String>,
}

/// What an action adds to the page.
#[derive(Default)]
pub(super) struct Added {
    pub(super) done: Option<&'static str>,
    pub(super) cursor: Option<String>,
    pub(super) client_errors: Vec<FieldError>,
    pub(super) check: Option<CheckShown>,
    pub(super) new_key: Option<NewKey>,
}

/// `GET /admin/crms/{crm}`.
pub(super) async fn page(Path(crm): Path<String>, admin: Admin, uri: Uri) -> Result<Response, Refused> {
    let added = Added {
        done: query(&uri, "done").as_deref().and_then(messages::done),
        cursor: query(&uri, "cursor"),
        ..Added::default()
    };
    full(&admin.visit, &admin.session, &crm, added).await
}

/// The page, with what an action adds to it.
pub(super) async fn full(
    visit: &Visit,
    session: &AdminSession,
    crm: &str,
    added: Added,
) -> Result<Response, Refused> {
    let app = &visit.app;
    let found = crms::find(app, crm).await?.value;
    let page = app
        .memory
        .account_links(crm, added.cursor.as_deref(), LINKS_SHOWN)
        .await?;
    let next = page
        .next_cursor
        .map(|cursor| form_urlencoded::byte_serialize(cursor.as_bytes()).collect());
    let authorize_url = format!("{}/authorize?crm={crm}", visit.origin.base);
    let kind = CrmKind::parse(&found.kind);
    let snippets = Snippets::of(&Place {
        kind,
        crm,
        authorize_url: &authorize_url,
        new_key: added.new_key.as_ref(),
    });
    Ok(made(&CrmPage {
        form_token: form_token(visit, &session.id),
        done: added.done,
        kind: visit.words.say(format!("crm-{}", found.kind)),
        redirect_uri: visit.origin.redirect_uri(),
        authorize_url,
        can_sign: snippets.can_sign(),
        has_link_key: link_keys::exist(app, crm).await?,
        has_links: !page.items.is_empty() || added.cursor.is_some(),
        links: page
            .items
            .iter()
            .map(|link| LinkShown::of(&visit.words, link))
            .collect(),
        next,
        client_errors: added.client_errors,
        check: added.check,
        new_key: added.new_key,
        snippets,
        crm: found,
        words: visit.words.clone(),
    }))
}

/// The page with what a check of the CRM found, and one of the Google client beside it.
pub(super) async fn after_check(
    visit: &Visit,
    session: &AdminSession,
    crm: &str,
    report: CheckReport,
) -> Result<Response, Refused> {
    let found = crms::find(&visit.app, crm).await?.value;
    let client = client_check::check(&visit.app, &found, &visit.origin.redirect_uri()).await?;
    let words = &visit.words;
    let findings = report.findings.into_iter().map(|finding| FindingShown {
        level: finding.level,
        message: words.told(&finding.message).into_owned(),
        field: finding.field,
    });
    let check = CheckShown {
        findings: findings.collect(),
        client,
        client_fault: client.fault().map(|fault| words.wrong(&fault)),
    };
    let added = Added {
        check: Some(check),
        ..Added::default()
    };
    full(visit, session, crm, added).await
}

/// The name by which the form knows a field of the registration.
fn anchor(field: &str) -> &str {
    field.rsplit('.').next().unwrap_or(field)
}
