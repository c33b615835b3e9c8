//! Google's addresses.

/// Where Google is. The default is Google's own; tests and the demo point it at a simulator.
///
/// Addresses inside an uploaded client file are never used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleEndpoints {
    /// Consent page.
    pub auth: String,
    /// Token endpoint.
    pub token: String,
    /// Revocation endpoint.
    pub revoke: String,
    /// OpenID Connect userinfo.
    pub userinfo: String,
    /// Base of the Calendar API.
    pub calendar: String,
    /// Base of the Tasks API.
    pub tasks: String,
    /// Base of the People API.
    pub people: String,
}

impl Default for GoogleEndpoints {
    /// # Source
    /// <https://accounts.google.com/.well-known/openid-configuration> and the published API descriptions.
    fn default() -> Self {
        Self {
            auth: "https://accounts.google.com/o/oauth2/v2/auth".to_owned(),
            token: "https://oauth2.googleapis.com/token".to_owned(),
            revoke: "https://oauth2.googleapis.com/revoke".to_owned(),
            userinfo: "https://openidconnect.googleapis.com/v1/userinfo".to_owned(),
            calendar: "https://www.googleapis.com/calendar/v3".to_owned(),
            tasks: "https://tasks.googleapis.com/tasks/v1".to_owned(),
            people: "https://people.googleapis.com/v1".to_owned(),
        }
    }
}
