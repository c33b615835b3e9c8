//! The Google client of a CRM: the one name and password under which its users' consents are asked for.

use connector_google::client_file::{GoogleClient, read_client_file};
use http::StatusCode;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sync_core::policy::FieldError;
use sync_core::port::{SecretText, StoreFailure};
use sync_engine::memory::CrmRegistration;

use super::crms::{OVERTAKEN_MAX, find};
use crate::app::App;
use crate::problem::{Answered, Problem};

/// The field named where the file as a whole is at fault.
const WHOLE_FILE: &str = "file";

/// The client as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    client_id: String,
    client_secret: String,
}

/// Installs a client from the file of Google's console, or replaces the one there is. Answers with its id.
pub(crate) async fn install(app: &App, crm: &str, file: &[u8], redirect_uri: &str) -> Answered<String> {
    find(app, crm).await?;
    let client = read_client_file(file, redirect_uri).map_err(|errors| refused(file, errors))?;
    let name = CrmRegistration::google_client_secret(crm);
    let former = app.secrets.get(&name).await?;
    let kept = Kept {
        client_id: client.client_id.clone(),
        client_secret: client.client_secret.expose_secret().to_owned(),
    };
    let text = serde_json::to_string(&kept).map_err(|_| Problem::internal())?;
    app.secrets.put(&name, &SecretText::from(text)).await?;
    if let Err(problem) = note_client(app, crm, Some(&client.client_id)).await {
        // The registration still names the former client, so its secret shall be there too.
        let undone = match &former {
            Some(secret) => app.secrets.put(&name, secret).await,
            None => app.secrets.delete(&name).await,
        };
        if let Err(failure) = undone {
            tracing::error!(crm, "the former Google client could not be put back: {failure}");
        }
        return Err(problem);
    }
    tracing::info!(crm, "Google client installed");
    Ok(client.client_id)
}

/// Removes the client. Users stay linked, and cannot be synced before one is installed again.
pub(crate) async fn remove(app: &App, crm: &str) -> Answered<()> {
    find(app, crm).await?;
    note_client(app, crm, None).await?;
    app.secrets
        .delete(&CrmRegistration::google_client_secret(crm))
        .await?;
    app.connector.forget_crm(crm);
    Ok(())
}

/// The client, if one is installed.
pub(crate) async fn installed(app: &App, registration: &CrmRegistration) -> Answered<Option<GoogleClient>> {
    if registration.google_client_id.is_none() {
        return Ok(None);
    }
    let Some(text) = app
        .secrets
        .get(&CrmRegistration::google_client_secret(&registration.crm))
        .await?
    else {
        return Ok(None);
    };
    let kept: Kept = serde_json::from_str(text.expose_secret()).map_err(|_| {
        tracing::error!(crm = registration.crm, "the stored Google client cannot be read");
        Problem::internal()
    })?;
    Ok(Some(GoogleClient {
        client_id: kept.client_id,
        client_secret: SecretText::from(kept.client_secret),
    }))
}

async fn note_client(app: &App, crm: &str, client_id: Option<&str>) -> Answered<()> {
    for _ in 0..OVERTAKEN_MAX {
        let mut registration = find(app, crm).await?;
        registration.value.google_client_id = client_id.map(str::to_owned);
        registration.value.updated_at = app.now();
        match app
            .memory
            .put_crm(&registration.value, Some(registration.version))
            .await
        {
            Ok(()) => {
                app.connector.forget_crm(crm);
                return Ok(());
            }
            Err(StoreFailure::ConditionFailed) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    Err(StoreFailure::ConditionFailed.into())
}

fn refused(file: &[u8], errors: Vec<FieldError>) -> Problem {
    let named = errors.into_iter().map(|error| match error.field.as_str() {
        "" => FieldError::new(WHOLE_FILE, error.message),
        _ => error,
    });
    let problem = Problem::fields(named.collect());
    let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    if serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok() {
        return problem;
    }
    Problem {
        status: StatusCode::BAD_REQUEST,
        errors: problem.errors,
        ..Problem::not_json()
    }
}
