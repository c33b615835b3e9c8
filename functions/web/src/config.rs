//! The function's environment: the only place that reads it. An empty variable counts as not set.

use connections::{TokenStorage, variables};
use connector_google::GoogleEndpoints;
use store_aws::AwsConfig;
use sync_core::policy::FieldError;
use sync_core::port::SecretText;
use url::Url;

/// What the operator chose.
#[derive(Debug, Clone)]
pub struct Config {
    /// `AWS_*`, `TABLE_NAME`, `SECRETS_PREFIX`, `SCHEDULE_*`, `SYNC_FUNCTION_ARN`.
    pub aws: AwsConfig,
    /// `PUBLIC_URL`, without a slash at its end.
    pub public_url: Option<String>,
    /// `ADMIN_KEY` or `ADMIN_KEY_SECRET`.
    pub admin_key: AdminKey,
    /// `TOKEN_STORAGE`: where refresh tokens are kept.
    pub token_storage: TokenStorage,
    /// `GOOGLE_*_URL`: Google's addresses.
    pub google: GoogleEndpoints,
    /// `ALLOW_PRIVATE_CRM`: whether a CRM may have a private address.
    pub allow_private_crm: bool,
    /// `RUST_LOG`: what is logged.
    pub log_filter: String,
    /// `LOG_FORMAT`: whether it is logged as JSON.
    pub log_json: bool,
}

/// Where the administrator's key is.
#[derive(Debug, Clone)]
pub enum AdminKey {
    /// Given.
    Known(SecretText),
    /// In the secret of that full name.
    InSecret(String),
    /// Nowhere: nobody is let in.
    None,
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
        let set = |name: &str| {
            variable(name)
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty())
        };
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
        let public_url = set("PUBLIC_URL").map(|text| base_address(&text)).transpose();
        let public_url = public_url.map_err(|error| errors.push(error)).unwrap_or_default();
        let token_storage = variables::token_storage(set)
            .map_err(|error| errors.push(error))
            .unwrap_or_default();
        let allow_private_crm = variables::allow_private_crm(set, false)
            .map_err(|error| errors.push(error))
            .unwrap_or_default();
        if !errors.is_empty() {
            return Err(errors);
        }
        let admin_key = match (set("ADMIN_KEY"), set("ADMIN_KEY_SECRET")) {
            (Some(key), _) => AdminKey::Known(SecretText::from(key)),
            (None, Some(name)) => AdminKey::InSecret(name),
            (None, None) => AdminKey::None,
        };
        Ok(Self {
            aws,
            public_url,
            admin_key,
            token_storage,
            google: variables::google_endpoints(set),
            allow_private_crm,
            log_filter: set("RUST_LOG").unwrap_or_else(|| "info".to_owned()),
            log_json: set("LOG_FORMAT").is_none_or(|format| format == "json"),
        })
    }
}

/// Checks our own external address and takes the slash from its end.
///
/// # Errors
/// Where it is not an http or https address without user name, query and fragment.
pub fn base_address(text: &str) -> Result<String, FieldError> {
    let good = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    let url = Url::parse(text).ok().filter(good);
    let url = url.ok_or_else(|| {
        FieldError::new(
            "PUBLIC_URL",
            "must be an address such as https://sync.example.com",
        )
    })?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NEEDED: [&str; 8] = [
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "TABLE_NAME",
        "SECRETS_PREFIX",
        "SCHEDULE_GROUP",
        "SCHEDULE_ROLE_ARN",
        "SYNC_FUNCTION_ARN",
    ];

    fn needed(name: &str) -> Option<String> {
        NEEDED.contains(&name).then(|| "given".to_owned())
    }

    proptest! {
        #[test]
        fn every_missing_variable_is_named_and_an_empty_one_is_missing(
            missing in proptest::sample::subsequence(&NEEDED[..], 1..=NEEDED.len()), empty: bool,
        ) {
            let errors = Config::read(|name| {
                if missing.contains(&name) { empty.then(String::new) } else { needed(name) }
            }).unwrap_err();
            let named: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
            prop_assert_eq!(named, missing);
        }
    }

    #[test]
    fn what_is_not_set_has_its_default() {
        let config = Config::read(needed).unwrap();
        assert!(matches!(config.admin_key, AdminKey::None));
        assert_eq!(config.google, GoogleEndpoints::default());
        assert_eq!(
            (config.public_url, config.log_filter.as_str(), config.log_json),
            (None, "info", true)
        );
        assert!(!config.allow_private_crm);
    }

    #[test]
    fn a_public_address_is_checked_and_loses_its_slash() {
        assert_eq!(
            base_address("https://sync.example.com/").unwrap(),
            "https://sync.example.com"
        );
        for wrong in [
            "sync.example.com",
            "ftp://example.com",
            "https://a:b@example.com",
            "https://example.com/?a",
        ] {
            assert_eq!(base_address(wrong).unwrap_err().field, "PUBLIC_URL");
        }
    }

    #[test]
    fn no_secret_shows() {
        let config = Config::read(|name| match name {
            "ADMIN_KEY" | "AWS_SECRET_ACCESS_KEY" => Some("hush-hush".to_owned()),
            name => needed(name),
        });
        assert!(!format!("{config:?}").contains("hush-hush"));
    }
}
