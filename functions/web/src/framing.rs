//! Who may show a page of ours in a frame: nobody, but for the CRM whose administrator has switched it on, and only
//! its own users' pages.
//!
//! Sessions are cookies of our own site only, so it works where both addresses belong to one site; anywhere else the
//! frame says that nobody is signed in.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::{HeaderMap, Method, Uri, request};
use sync_engine::memory::CrmRegistration;
use url::{Origin, Url};

use crate::app::App;
use crate::session::UserSession;
use crate::visit::Visit;

/// The origin that may frame the page asked for. Nothing is looked up unless a browser says that it fills a frame:
/// one that does not say so is told that nobody may.
pub(crate) async fn allowed(
    app: &Arc<App>,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Option<String> {
    let fills_a_frame = headers
        .get("sec-fetch-dest")
        .is_some_and(|value| value == "iframe");
    let path = uri.path();
    let is_users = path == "/me" || path.starts_with("/me/");
    if !fills_a_frame || !is_users || !matches!(*method, Method::GET | Method::POST) {
        return None;
    }
    let (mut parts, ()) = request::Builder::new().body(()).ok()?.into_parts();
    parts.headers = headers.clone();
    let visit = Visit::from_request_parts(&mut parts, app).await.ok()?;
    let session = UserSession::of(&visit).await.ok()??;
    let found = app.memory.crm(&session.link.crm).await.ok()??;
    origin_of(&found.value)
}

/// The CRM's own origin, where it may.
fn origin_of(registration: &CrmRegistration) -> Option<String> {
    let url = Url::parse(&registration.base_url).ok()?;
    match url.origin() {
        origin @ Origin::Tuple(..) if registration.allow_framing => Some(origin.ascii_serialization()),
        Origin::Tuple(..) | Origin::Opaque(_) => None,
    }
}
