//! Whether Google knows the installed client.

use connector_google::oauth::{CodeExchange, GoogleOauth, new_verifier};
use sync_core::failure::Class;
use sync_core::policy::FieldError;
use sync_core::port::SecretText;
use sync_engine::memory::CrmRegistration;

use super::google_client;
use crate::app::App;
use crate::messages;
use crate::problem::Answered;

/// What Google says about the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientCheck {
    /// It knows it, and takes our redirect address.
    Good,
    /// None is installed yet.
    NotConfigured,
    /// Id or secret is wrong.
    WrongClient,
    /// The redirect address is not one of its own.
    WrongRedirect,
    /// Google did not say.
    Unknown,
}

impl ClientCheck {
    /// The word used in answers.
    pub(crate) fn word(self) -> &'static str {
        match self {
            ClientCheck::Good => "ok",
            ClientCheck::NotConfigured => "not_configured",
            ClientCheck::WrongClient => "wrong_client",
            ClientCheck::WrongRedirect => "wrong_redirect",
            ClientCheck::Unknown => "unknown",
        }
    }

    /// The field at fault, if one is.
    pub(crate) fn fault(self) -> Option<FieldError> {
        match self {
            ClientCheck::WrongClient => Some(FieldError::new(
                "google_client.client_secret",
                messages::WRONG_CLIENT,
            )),
            ClientCheck::WrongRedirect => Some(FieldError::new(
                "google_client.redirect_uris",
                messages::WRONG_REDIRECT,
            )),
            ClientCheck::Good | ClientCheck::NotConfigured | ClientCheck::Unknown => None,
        }
    }
}

/// Asks Google to take a code that cannot be one. It looks at the client first, so that its answer tells a good
/// client (the code is refused) from a wrong one (the client is).
pub(crate) async fn check(
    app: &App,
    registration: &CrmRegistration,
    redirect: &str,
) -> Answered<ClientCheck> {
    let Some(client) = google_client::installed(app, registration).await? else {
        return Ok(ClientCheck::NotConfigured);
    };
    let exchange = CodeExchange {
        code: &SecretText::from("check"),
        redirect,
        verifier: &new_verifier(app.entropy.as_ref()),
        nonce: "check",
        now: app.now(),
    };
    let answer = GoogleOauth::new(app.google.clone(), client, app.http.clone())
        .exchange(&exchange)
        .await;
    Ok(match answer {
        Err(failure) => match (failure.class, failure.code) {
            (Class::Reauth, _) => ClientCheck::Good,
            (_, "invalid_client" | "unauthorized_client") => ClientCheck::WrongClient,
            (_, "redirect_uri_mismatch") => ClientCheck::WrongRedirect,
            _ => ClientCheck::Unknown,
        },
        Ok(_) => ClientCheck::Unknown,
    })
}
