//! The environment: the only place that reads it. An empty variable counts as not set.

use connections::variables;
use connector_google::endpoints::GoogleEndpoints;
use secrecy::SecretString;

/// What the environment says.
#[derive(Debug, Clone)]
pub struct Config {
    /// `ADMIN_KEY`: wins over the stored key.
    pub admin_key: Option<SecretString>,
    /// `PUBLIC_URL`: the external base address.
    pub public_url: Option<String>,
    /// `GOOGLE_*_URL`: Google's addresses.
    pub google: GoogleEndpoints,
    /// `ALLOW_PRIVATE_CRM`: `true` here, where the CRM is often on the same network.
    pub allow_private_crm: bool,
    /// `RUST_LOG`: what is logged.
    pub log_filter: Option<String>,
    /// `LOG_FORMAT`: `json`, or `pretty`.
    pub log_json: bool,
}

impl Config {
    /// Reads the environment of this process.
    ///
    /// # Errors
    /// The first variable that is wrong, in a sentence.
    pub fn from_environment() -> Result<Self, String> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads variables from wherever they are.
    ///
    /// # Errors
    /// The first variable that is wrong, in a sentence.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let set = |name: &str| variable(name).filter(|text| !text.is_empty());
        let log_json = match set("LOG_FORMAT").as_deref() {
            None | Some("pretty") => false,
            Some("json") => true,
            Some(_) => return Err("LOG_FORMAT must be json or pretty".to_owned()),
        };
        Ok(Self {
            admin_key: set("ADMIN_KEY").map(SecretString::from),
            public_url: set("PUBLIC_URL"),
            google: variables::google_endpoints(set),
            allow_private_crm: variables::allow_private_crm(set, true)
                .map_err(|error| format!("{} {}", error.field, error.message))?,
            log_filter: set("RUST_LOG"),
            log_json,
        })
    }
}
