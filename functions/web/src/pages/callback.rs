//! Where Google sends people back to.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use connector_google::oauth::{CodeExchange, GoogleOauth};
use http::{StatusCode, Uri};
use sync_core::failure::{Class, Failure};
use sync_core::port::SecretText;
use url::{Url, form_urlencoded};

use super::Refused;
use crate::messages;
use crate::operations::consent::{self, Consent};
use crate::operations::linking::{self, NotLinked};
use crate::operations::{crms, google_client};
use crate::session::{Browser, Shared, UserSession};
use crate::visit::Visit;

/// `GET /oauth/google/callback`.
pub(super) async fn page(State(app): Shared, visit: Visit, uri: Uri) -> Result<Response, Refused> {
    let query = |name: &str| {
        let mut pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        pairs
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.into_owned())
    };
    let unknown = || Refused::new(StatusCode::BAD_REQUEST, messages::STATE_UNKNOWN);
    let (Some(state), Some(browser)) = (query("state"), Browser::known(&visit)) else {
        return Err(unknown());
    };
    let consent = consent::take(&visit, &browser, &state)
        .await?
        .ok_or_else(unknown)?;
    let code = match (query("error"), query("code")) {
        (None, Some(code)) => code,
        (None, None) => return Err(unknown()),
        (Some(word), _) if word == "access_denied" => {
            tracing::info!(crm = consent.crm, "a consent was denied");
            return Ok(back(&consent, "denied")
                .unwrap_or_else(|| Refused::new(StatusCode::OK, messages::DENIED).into_response()));
        }
        (Some(word), _) => return Err(ended_at_google(&consent, &word)),
    };
    let registration = crms::find(&app, &consent.crm).await?.value;
    let Some(client) = google_client::installed(&app, &registration).await? else {
        return Err(Refused::new(
            StatusCode::SERVICE_UNAVAILABLE,
            messages::NO_GOOGLE_CLIENT,
        ));
    };
    let exchange = CodeExchange {
        code: &SecretText::from(code),
        redirect: &consent.redirect_uri,
        verifier: &SecretText::from(consent.verifier.clone()),
        nonce: &consent.nonce,
        now: app.now(),
    };
    let google = GoogleOauth::new(app.google.clone(), client, app.http.clone());
    let grant = google
        .exchange(&exchange)
        .await
        .map_err(|failure| not_granted(&consent, &failure))?;
    let linked = Box::pin(linking::link(&app, &registration, &consent, &grant))
        .await
        .map_err(|why| match why {
            NotLinked::Refused(message) => Refused::new(StatusCode::FORBIDDEN, message),
            NotLinked::Problem(problem) => problem.into(),
        })?;
    let own_page = if linked.switched {
        "/me?done=switched"
    } else {
        "/me?done=linked"
    };
    let mut response = back(&consent, "connected").unwrap_or_else(|| Redirect::to(own_page).into_response());
    // A new session at every sign-in; the one before, whoever's it was, is replaced.
    UserSession::open(&visit, linked.id, linked.subject).give(&visit, &mut response);
    Ok(response)
}

/// Back to where the CRM asked for, with how it went.
fn back(consent: &Consent, how: &str) -> Option<Response> {
    let mut address = Url::parse(consent.return_url.as_deref()?).ok()?;
    address.query_pairs_mut().append_pair("google_sync", how);
    Some(Redirect::to(address.as_str()).into_response())
}

/// Why Google ended the sign-in without anybody's decision.
///
/// # Source
/// RFC 6749, section 4.1.2.1, and the errors that Google's guide for web servers adds to it.
fn ended_at_google(consent: &Consent, word: &str) -> Refused {
    let (known, status, message) = match word {
        "admin_policy_enforced" => (
            "admin_policy_enforced",
            StatusCode::FORBIDDEN,
            messages::DOMAIN_REFUSED,
        ),
        "org_internal" => ("org_internal", StatusCode::FORBIDDEN, messages::DOMAIN_REFUSED),
        "server_error" | "temporarily_unavailable" => (
            "unavailable",
            StatusCode::SERVICE_UNAVAILABLE,
            messages::GOOGLE_AWAY,
        ),
        "invalid_client" | "deleted_client" | "unauthorized_client" => {
            ("client", StatusCode::BAD_GATEWAY, messages::CLIENT_REFUSED)
        }
        "redirect_uri_mismatch" => ("redirect", StatusCode::BAD_GATEWAY, messages::REDIRECT_REFUSED),
        _ => ("other", StatusCode::BAD_REQUEST, messages::GOOGLE_REFUSED),
    };
    // The word itself comes from outside, so only what is known of it is logged.
    tracing::warn!(crm = consent.crm, google.error = known, "Google ended a sign-in");
    Refused::new(status, message)
}

fn not_granted(consent: &Consent, failure: &Failure) -> Refused {
    tracing::warn!(
        crm = consent.crm,
        failure.code = failure.code,
        "a code was not taken: {failure}"
    );
    let (status, message) = match failure.class {
        Class::Reauth => (StatusCode::BAD_REQUEST, messages::CODE_EXPIRED),
        Class::Retryable { after: _ } => (StatusCode::SERVICE_UNAVAILABLE, messages::GOOGLE_AWAY),
        Class::Permanent if failure.code == "redirect_uri_mismatch" => {
            (StatusCode::BAD_GATEWAY, messages::REDIRECT_REFUSED)
        }
        Class::Permanent if failure.code == "identity_unknown" => {
            (StatusCode::FORBIDDEN, messages::EMAIL_NOT_VERIFIED)
        }
        Class::Permanent | Class::Resync | Class::Conflict | Class::Bug => {
            (StatusCode::BAD_GATEWAY, messages::CLIENT_REFUSED)
        }
    };
    Refused::new(status, message)
}
