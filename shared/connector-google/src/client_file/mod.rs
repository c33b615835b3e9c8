//! The client file from Google's console, read and checked.

use serde_json::{Map, Value};
use sync_core::policy::FieldError;
use sync_core::port::SecretText;

/// Largest file taken; Google's own are under 1 KiB.
pub const CLIENT_FILE_BYTES_MAX: usize = 64 * 1024;

/// Google's name and password for us.
#[derive(Debug, Clone)]
pub struct GoogleClient {
    /// Public name.
    pub client_id: String,
    /// Its password.
    pub client_secret: SecretText,
}

/// Reads the JSON file that Google's console offers for a client of type "Web application", or the short form
/// `{"client_id", "client_secret"}`. The addresses inside it are never used.
///
/// `redirect` is our own redirect address; a full file must list it, since Google would refuse every sign-in
/// otherwise.
///
/// # Errors
/// Everything that is wrong, each with the field and what to do about it.
pub fn read_client_file(bytes: &[u8], redirect: &str) -> Result<GoogleClient, Vec<FieldError>> {
    if bytes.len() > CLIENT_FILE_BYTES_MAX {
        return wrong(
            "",
            format!(
                "the file is larger than {} KiB: this is not a client file",
                CLIENT_FILE_BYTES_MAX / 1024
            ),
        );
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        return wrong(
            "",
            "the file is not JSON: upload the file as Google's console gave it",
        );
    };
    let Value::Object(file) = value else {
        return wrong(
            "",
            "the file is not a JSON object: upload the file as Google's console gave it",
        );
    };
    if let Some(web) = file.get("web") {
        let Value::Object(web) = web else {
            return wrong("web", "must be an object, as in the file from Google's console");
        };
        return full(web, redirect);
    }
    if file.contains_key("installed") {
        return wrong(
            "installed",
            "this is a client of type \"Desktop app\": make one of type \"Web application\" in Google's console \
             and upload its file",
        );
    }
    if file.contains_key("private_key") || file.get("type").is_some_and(|kind| kind == "service_account") {
        return wrong(
            "type",
            "this is the key of a service account: make an OAuth client of type \"Web application\" in Google's \
             console and upload its file",
        );
    }
    if !file.contains_key("client_id") && !file.contains_key("client_secret") {
        return wrong(
            "web",
            "is missing: upload the file of an OAuth client of type \"Web application\" from Google's console",
        );
    }
    credentials(&file, "")
}

fn full(web: &Map<String, Value>, redirect: &str) -> Result<GoogleClient, Vec<FieldError>> {
    let (client, mut errors) = match credentials(web, "web.") {
        Ok(client) => (Some(client), Vec::new()),
        Err(errors) => (None, errors),
    };
    let listed = web.get("redirect_uris").and_then(Value::as_array);
    if !listed.is_some_and(|addresses| addresses.iter().any(|address| address == redirect)) {
        errors.push(FieldError::new(
            "web.redirect_uris",
            format!(
                "does not list {redirect}: add it to the client's authorised redirect URIs in Google's console, \
                 letter by letter, and download the file again"
            ),
        ));
    }
    match client {
        Some(client) if errors.is_empty() => Ok(client),
        _ => Err(errors),
    }
}

fn credentials(object: &Map<String, Value>, at: &str) -> Result<GoogleClient, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut text = |name: &str, advice: &str| match object.get(name) {
        Some(Value::String(text)) if is_plain(text) => Some(text.clone()),
        Some(Value::String(text)) if !text.is_empty() => {
            errors.push(FieldError::new(
                format!("{at}{name}"),
                "holds blanks or other characters that Google's never do: copy it again",
            ));
            None
        }
        None | Some(_) => {
            errors.push(FieldError::new(
                format!("{at}{name}"),
                format!("is missing: {advice}"),
            ));
            None
        }
    };
    let id = text("client_id", "upload the file as Google's console gave it");
    let secret = text(
        "client_secret",
        "add a secret to the client in Google's console and download the file again",
    );
    match (id, secret) {
        (Some(client_id), Some(secret)) => Ok(GoogleClient {
            client_id,
            client_secret: SecretText::from(secret),
        }),
        _ => Err(errors),
    }
}

/// Ids and secrets go into forms and addresses; anything but visible ASCII is a slip of copying.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.len() <= 1024 && text.chars().all(|c| c.is_ascii_graphic())
}

fn wrong<T>(field: &str, message: impl Into<String>) -> Result<T, Vec<FieldError>> {
    Err(vec![FieldError::new(field, message)])
}

#[cfg(test)]
mod tests;
