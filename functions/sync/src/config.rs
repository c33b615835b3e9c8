//! The function's environment: the only place that reads it. An empty variable counts as not set.

use connections::{TokenStorage, variables};
use connector_google::endpoints::GoogleEndpoints;
use store_aws::AwsConfig;
use sync_core::policy::FieldError;
use sync_core::port::SecretText;

/// What the operator chose.
#[derive(Debug, Clone)]
pub struct Config {
    /// `AWS_*`, `TABLE_NAME`, `SECRETS_PREFIX`, `SCHEDULE_*`, `SYNC_FUNCTION_ARN`.
    pub aws: AwsConfig,
    /// `TOKEN_STORAGE`: where refresh tokens are kept.
    pub token_storage: TokenStorage,
    /// `GOOGLE_*_URL`: Google's addresses.
    pub google: GoogleEndpoints,
    /// `ALLOW_PRIVATE_CRM`: whether a CRM may have a private address.
    pub allow_private_crm: bool,
    /// `LOG_FORMAT`: whether it is logged as JSON.
    pub log_json: bool,
    /// `RUST_LOG`: what is logged.
    pub log_filter: String,
}

impl Config {
    /// Reads the environment of this process.
    ///
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn from_environment() -> Result<Self, Vec<FieldError>> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads variables from wherever they are.
    ///
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<FieldError>> {
        let set = |name: &str| variable(name).filter(|text| !text.is_empty());
        let mut errors = Vec::new();
        let mut needed = |name: &str| {
            set(name).unwrap_or_else(|| {
                errors.push(FieldError::new(name, "is not set"));
                String::new()
            })
        };
        let aws = AwsConfig {
            region: needed("AWS_REGION"),
            endpoint_url: set("AWS_ENDPOINT_URL"),
            access_key_id: needed("AWS_ACCESS_KEY_ID"),
            secret_access_key: SecretText::from(needed("AWS_SECRET_ACCESS_KEY")),
            session_token: set("AWS_SESSION_TOKEN").map(SecretText::from),
            table_name: needed("TABLE_NAME"),
            secrets_prefix: needed("SECRETS_PREFIX"),
            schedule_group: needed("SCHEDULE_GROUP"),
            schedule_role_arn: needed("SCHEDULE_ROLE_ARN"),
            sync_function_arn: needed("SYNC_FUNCTION_ARN"),
            schedule_dlq_arn: set("SCHEDULE_DLQ_ARN"),
        };
        let token_storage = variables::token_storage(set)
            .map_err(|error| errors.push(error))
            .unwrap_or_default();
        let allow_private_crm = variables::allow_private_crm(set, false)
            .map_err(|error| errors.push(error))
            .unwrap_or_default();
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            aws,
            token_storage,
            google: variables::google_endpoints(set),
            allow_private_crm,
            log_json: set("LOG_FORMAT").as_deref() != Some("pretty"),
            log_filter: set("RUST_LOG").unwrap_or_else(|| "info".to_owned()),
        })
    }
}
