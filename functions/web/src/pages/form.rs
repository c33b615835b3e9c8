//! What a form sent, once it is certain that it was one of ours, handed out to this very session.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use sync_engine::memory::AccountLink;
use url::form_urlencoded;

use super::Refused;
use crate::api::{BODY_BYTES_MAX, read_body};
use crate::app::App;
use crate::messages;
use crate::problem::Problem;
use crate::session::{AdminSession, Browser, UserSession, form_token_fits};
use crate::visit::Visit;

/// Name of the hidden field with the form token.
pub(super) const TOKEN_FIELD: &str = "form_token";

/// The fields of a form.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, Vec<u8>)>);

impl Fields {
    /// A field's text, without white space around it; empty where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        std::str::from_utf8(self.bytes(name)).unwrap_or_default().trim()
    }

    /// A field's bytes; empty where there is none.
    pub(super) fn bytes(&self, name: &str) -> &[u8] {
        self.0
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_slice())
            .unwrap_or_default()
    }

    /// Whether a box is ticked.
    pub(super) fn ticked(&self, name: &str) -> bool {
        self.0.iter().any(|(found, _)| found == name)
    }

    /// Every value of a name.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.0.iter().filter(|(found, _)| found == name);
        named
            .filter_map(|(_, value)| std::str::from_utf8(value).ok())
            .collect()
    }
}

/// The administrator, signed in, looking at a page.
#[derive(Debug)]
pub(super) struct Admin {
    pub(super) visit: Visit,
    pub(super) session: AdminSession,
}

/// The administrator, signed in, sending a form.
#[derive(Debug)]
pub(super) struct AdminForm {
    pub(super) visit: Visit,
    pub(super) session: AdminSession,
    pub(super) fields: Fields,
}

/// A user, signed in, looking at their page.
#[derive(Debug)]
pub(super) struct User {
    pub(super) visit: Visit,
    pub(super) session: UserSession,
    pub(super) link: AccountLink,
}

/// A user, signed in, sending a form.
#[derive(Debug)]
pub(super) struct UserForm {
    pub(super) user: User,
    pub(super) fields: Fields,
}

/// Somebody not signed in, sending a form.
#[derive(Debug)]
pub(super) struct StrangersForm {
    pub(super) visit: Visit,
    pub(super) fields: Fields,
}

impl FromRequestParts<Arc<App>> for Admin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, app)
            .await
            .map_err(IntoResponse::into_response)?;
        match AdminSession::of(&visit).await {
            Ok(Some(session)) => Ok(Self { visit, session }),
            Ok(None) => Err(Redirect::to("/admin").into_response()),
            Err(problem) => Err(Refused::from(problem).into_response()),
        }
    }
}

impl FromRequest<Arc<App>> for AdminForm {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Admin { visit, session } = Admin::from_request_parts(&mut parts, app).await?;
        let request = Request::from_parts(parts, body);
        let fields = checked(request, &visit, &session.id, app)
            .await
            .map_err(IntoResponse::into_response)?;
        Ok(Self {
            visit,
            session,
            fields,
        })
    }
}

impl FromRequestParts<Arc<App>> for User {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let mut visit = Visit::from_request_parts(parts, app).await?;
        let nobody = || Refused::new(StatusCode::UNAUTHORIZED, messages::NOT_SIGNED_IN);
        let session = UserSession::of(&visit).await?.ok_or_else(nobody)?;
        let link = app.memory.account_link(&session.link).await?;
        match link {
            Some(link) if session.fits(&link) => {
                visit
                    .words
                    .about(&link, &visit.headers, &visit.origin, &parts.uri);
                Ok(Self { visit, session, link })
            }
            Some(_) | None => Err(nobody()),
        }
    }
}

impl FromRequest<Arc<App>> for UserForm {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Refused> {
        let (mut parts, body) = request.into_parts();
        let user = User::from_request_parts(&mut parts, app).await?;
        let fields = checked(
            Request::from_parts(parts, body),
            &user.visit,
            &user.session.id,
            app,
        )
        .await?;
        Ok(Self { user, fields })
    }
}

impl FromRequest<Arc<App>> for StrangersForm {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Refused> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, app).await?;
        let Some(browser) = Browser::known(&visit) else {
            return Err(not_ours());
        };
        let fields = checked(Request::from_parts(parts, body), &visit, &browser.id, app).await?;
        Ok(Self { visit, fields })
    }
}

async fn checked(request: Request, visit: &Visit, id: &str, app: &Arc<App>) -> Result<Fields, Refused> {
    // Browsers tell where a form comes from; those that do not still need the token.
    let from = visit
        .headers
        .get("sec-fetch-site")
        .and_then(|value| value.to_str().ok());
    if from.is_some_and(|from| from != "same-origin") {
        return Err(not_ours());
    }
    let fields = if is_multipart(&visit.headers) {
        parted(request, app).await?
    } else {
        plain(request).await?
    };
    if form_token_fits(visit, id, fields.text(TOKEN_FIELD)) {
        Ok(fields)
    } else {
        Err(not_ours())
    }
}

fn not_ours() -> Refused {
    Refused::new(StatusCode::FORBIDDEN, messages::FORM_EXPIRED)
}

fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    kind.starts_with("multipart/form-data")
}

async fn plain(request: Request) -> Result<Fields, Refused> {
    let bytes = read_body(request).await?;
    let pairs = form_urlencoded::parse(&bytes);
    Ok(Fields(
        pairs
            .map(|(name, value)| (name.into_owned(), value.into_owned().into_bytes()))
            .collect(),
    ))
}

async fn parted(request: Request, app: &Arc<App>) -> Result<Fields, Refused> {
    let unreadable = |status: StatusCode| match status {
        StatusCode::PAYLOAD_TOO_LARGE => Refused::from(Problem::too_large()),
        _ => not_ours(),
    };
    let mut parts = Multipart::from_request(request, app)
        .await
        .map_err(|_| not_ours())?;
    let mut fields = Vec::new();
    while let Some(part) = parts
        .next_field()
        .await
        .map_err(|error| unreadable(error.status()))?
    {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|error| unreadable(error.status()))?;
        if bytes.len() > BODY_BYTES_MAX {
            return Err(Problem::too_large().into());
        }
        fields.push((name, bytes.to_vec()));
    }
    Ok(Fields(fields))
}
