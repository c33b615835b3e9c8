//! The hosted authorize address that the CRM links to, and the way back to Google from the user's own page.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use connector_google::oauth::GoogleOauth;
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use sync_core::id::AccountLinkId;
use sync_core::kind::Kind;
use sync_engine::memory::CrmRegistration;
use url::Url;

use super::form::User;
use super::{Refused, page as made, query};
use crate::app::App;
use crate::link_token::{self, Claims, TokenRefusal};
use crate::messages::{self, Message};
use crate::operations::consent::{self, Asking, Consent, Person, Wants};
use crate::operations::{crms, google_client, link_keys, linking};
use crate::session::{Browser, Shared, mark};
use crate::speech::Words;
use crate::visit::Visit;

/// What the page shows.
#[derive(Template)]
#[template(path = "authorize.html")]
struct AuthorizePage<'a> {
    words: &'a Words,
    label: &'a str,
    address: &'a str,
    person: Option<&'a Person>,
    with_calendar: bool,
    with_tasks: bool,
    with_contacts: bool,
    google: &'a str,
}

/// What is remembered of a token that was shown: by which browser, and the consent it led to.
#[derive(Serialize, Deserialize)]
struct Shown {
    browser: String,
    state: String,
}

/// `GET /authorize?crm=&token=`.
pub(super) async fn page(State(app): Shared, mut visit: Visit, uri: Uri) -> Result<Response, Refused> {
    let query = |name: &str| query(&uri, name);
    let registration = registration(&app, &query("crm").unwrap_or_default()).await?;
    let google = google(&app, &registration).await?;
    let browser = Browser::of(&visit);
    let (state, consent) = match query("token") {
        Some(token) => with_token(&visit, &browser, &registration, &token).await?,
        None => without_token(&visit, &browser, &registration).await?,
    };
    let address = consent.address(&google, &state)?;
    let locale = consent
        .person
        .as_ref()
        .and_then(|person| person.locale.as_deref());
    let claimed = visit.words.claimed(locale, &uri);
    let mut response = made(&AuthorizePage {
        words: &visit.words,
        label: &registration.label,
        address: &registration.base_url,
        person: consent.person.as_ref(),
        with_calendar: consent.wants.kinds.contains(&Kind::Event),
        with_tasks: consent.wants.kinds.contains(&Kind::Task),
        with_contacts: consent.wants.kinds.contains(&Kind::Contact),
        google: address.as_str(),
    });
    browser.give(&visit, &mut response);
    if let Some(language) = claimed {
        language.keep(&visit.origin, &mut response);
    }
    Ok(response)
}

/// `GET /me/authorize`: to Google once more, for the user who is signed in.
pub(super) async fn again(State(app): Shared, user: User) -> Result<Response, Refused> {
    let registration = registration(&app, &user.link.id.crm).await?;
    let google = google(&app, &registration).await?;
    let browser = Browser::of(&user.visit);
    let body = &user.link.body.value;
    let asking = Asking {
        crm: &registration.crm,
        person: Some(Person {
            user: user.link.id.user.clone(),
            name: body.name.clone(),
            email: body.email.clone(),
            locale: body.locale.clone(),
        }),
        return_url: None,
        wants: Wants::of(&body.settings, Some(body)),
    };
    let (state, consent) = consent::begin(&user.visit, &browser, asking).await?;
    let mut response = Redirect::to(consent.address(&google, &state)?.as_str()).into_response();
    browser.give(&user.visit, &mut response);
    Ok(response)
}

async fn registration(app: &App, crm: &str) -> Result<CrmRegistration, Refused> {
    match crms::find(app, crm).await {
        Ok(found) => Ok(found.value),
        Err(problem) if problem.status == StatusCode::NOT_FOUND => {
            Err(Refused::new(StatusCode::NOT_FOUND, messages::CRM_UNKNOWN))
        }
        Err(problem) => Err(problem.into()),
    }
}

async fn google(app: &App, registration: &CrmRegistration) -> Result<GoogleOauth, Refused> {
    match google_client::installed(app, registration).await? {
        Some(client) => Ok(GoogleOauth::new(app.google.clone(), client, app.http.clone())),
        None => Err(Refused::new(
            StatusCode::SERVICE_UNAVAILABLE,
            messages::NO_GOOGLE_CLIENT,
        )),
    }
}

async fn without_token(
    visit: &Visit,
    browser: &Browser,
    registration: &CrmRegistration,
) -> Result<(String, Consent), Refused> {
    let wants = Wants::of(&linking::defaults(registration)?, None);
    let asking = Asking {
        crm: &registration.crm,
        person: None,
        return_url: None,
        wants,
    };
    Ok(consent::begin(visit, browser, asking).await?)
}

async fn with_token(
    visit: &Visit,
    browser: &Browser,
    registration: &CrmRegistration,
    token: &str,
) -> Result<(String, Consent), Refused> {
    let app = &visit.app;
    let claims = verified(app, registration, token).await?;
    if let Some(address) = &claims.return_url
        && !is_on(&registration.base_url, address)
    {
        return Err(refused(messages::RETURN_ELSEWHERE));
    }
    let name = format!("token/{}", mark(&registration.crm, claims.jti.as_bytes()));
    if let Some(shown) = app.memory.look_once(&name).await? {
        return shown_before(visit, browser, &name, &shown).await;
    }
    let id = AccountLinkId::new(&registration.crm, &claims.sub);
    let former = app.memory.account_link(&id).await?.map(|link| link.body.value);
    let settings = match &former {
        Some(body) => body.settings.clone(),
        None => linking::defaults(registration)?,
    };
    let ends: DateTime<Utc> = claims.remember_until();
    let asking = Asking {
        crm: &registration.crm,
        wants: Wants::of(&settings, former.as_ref()),
        return_url: claims.return_url,
        person: Some(Person {
            user: claims.sub,
            name: claims.name,
            email: claims.email,
            locale: claims.locale,
        }),
    };
    let (state, consent) = consent::begin(visit, browser, asking).await?;
    let shown = Shown {
        browser: browser.mark(),
        state: state.clone(),
    };
    let plain = serde_json::to_vec(&shown).unwrap_or_default();
    let sealed = visit.sealer.seal(&name, &plain, app.random());
    // Of two that show the token at the same time, one gets through.
    if app.memory.remember_once(&name, &sealed, ends).await? {
        Ok((state, consent))
    } else {
        Err(refused(messages::LINK_USED))
    }
}

/// A token shown once more: the browser that showed it first may load its page again while the consent is under
/// way.
async fn shown_before(
    visit: &Visit,
    browser: &Browser,
    name: &str,
    sealed: &str,
) -> Result<(String, Consent), Refused> {
    let plain = visit.sealer.open(name, sealed).ok();
    let shown: Option<Shown> = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
    let Some(shown) = shown.filter(|shown| shown.browser == browser.mark()) else {
        return Err(refused(messages::LINK_USED));
    };
    match consent::look(visit, browser, &shown.state).await? {
        Some(consent) => Ok((shown.state, consent)),
        None => Err(refused(messages::LINK_USED)),
    }
}

async fn verified(app: &App, registration: &CrmRegistration, token: &str) -> Result<Claims, Refused> {
    let told = |refusal: TokenRefusal| {
        tracing::info!(crm = registration.crm, "a link token was refused: {refusal}");
        refused(match refusal {
            TokenRefusal::Expired => messages::LINK_EXPIRED,
            TokenRefusal::Form
            | TokenRefusal::UnknownKey
            | TokenRefusal::Signature
            | TokenRefusal::Issuer
            | TokenRefusal::Lifetime => messages::LINK_INVALID,
        })
    };
    let key_id = link_token::key_id(token).map_err(told)?;
    let key = link_keys::find(app, &registration.crm, &key_id).await?;
    let key = key.ok_or_else(|| told(TokenRefusal::UnknownKey))?;
    link_token::verify(token, &key, &registration.crm, app.now()).map_err(told)
}

fn refused(message: Message) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, message)
}

/// Whether an address is on the CRM's own origin: scheme, host and port.
fn is_on(base_url: &str, address: &str) -> bool {
    let (Ok(base), Ok(address)) = (Url::parse(base_url), Url::parse(address)) else {
        return false;
    };
    matches!(address.scheme(), "http" | "https")
        && address.username().is_empty()
        && address.password().is_none()
        && base.origin() == address.origin()
}
