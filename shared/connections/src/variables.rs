//! Environment variables that all functions read alike. They are looked up by the caller: an empty one counts as
//! not set.

use connector_google::endpoints::GoogleEndpoints;
use sync_core::policy::FieldError;

use crate::refresh_tokens::TokenStorage;

/// Google's addresses, with the overrides `GOOGLE_AUTH_URL`, `GOOGLE_TOKEN_URL`, `GOOGLE_REVOKE_URL`,
/// `GOOGLE_USERINFO_URL`, `GOOGLE_CALENDAR_URL`, `GOOGLE_TASKS_URL` and `GOOGLE_PEOPLE_URL`.
pub fn google_endpoints(variable: impl Fn(&str) -> Option<String>) -> GoogleEndpoints {
    let google = GoogleEndpoints::default();
    let address = |name: &str, own: String| {
        let given = variable(name).map(|address| address.trim().trim_end_matches('/').to_owned());
        given.filter(|address| !address.is_empty()).unwrap_or(own)
    };
    GoogleEndpoints {
        auth: address("GOOGLE_AUTH_URL", google.auth),
        token: address("GOOGLE_TOKEN_URL", google.token),
        revoke: address("GOOGLE_REVOKE_URL", google.revoke),
        userinfo: address("GOOGLE_USERINFO_URL", google.userinfo),
        calendar: address("GOOGLE_CALENDAR_URL", google.calendar),
        tasks: address("GOOGLE_TASKS_URL", google.tasks),
        people: address("GOOGLE_PEOPLE_URL", google.people),
    }
}

/// `TOKEN_STORAGE`; one secret for each account link where it is not set.
///
/// # Errors
/// Where it is set to something else than the two storages there are.
pub fn token_storage(variable: impl Fn(&str) -> Option<String>) -> Result<TokenStorage, FieldError> {
    const NAME: &str = "TOKEN_STORAGE";
    match variable(NAME).filter(|text| !text.is_empty()) {
        None => Ok(TokenStorage::default()),
        Some(text) => TokenStorage::parse(&text)
            .ok_or_else(|| FieldError::new(NAME, "must be secrets-manager or sealed")),
    }
}

/// `ALLOW_PRIVATE_CRM`: whether a CRM's address may lead to a private or loopback address.
///
/// # Errors
/// Where it is set to something else than `true` or `false`.
pub fn allow_private_crm(variable: impl Fn(&str) -> Option<String>, unset: bool) -> Result<bool, FieldError> {
    const NAME: &str = "ALLOW_PRIVATE_CRM";
    match variable(NAME).as_deref() {
        None | Some("") => Ok(unset),
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(FieldError::new(NAME, "must be true or false")),
    }
}
