//! What the crate is told, and the doors made from it.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use connector_http::client::HttpClient;
use secrecy::ExposeSecret as _;
use sync_core::port::{Clock, Entropy, SecretText};

use crate::connector::Connector;
use crate::{DynamoStore, EventBridgeSchedules, SecretsManagerSecrets};

/// Longest wait for one try. The three services answer within a second, or something is wrong with this one.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(8);

/// Longest wait for all tries of a call together, within the 29 seconds that a page has.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(25);

/// Tries of a call that gets no answer or is throttled, the first one included.
const ATTEMPTS_MAX: u32 = 4;

/// Pause before the second try; it doubles, and the SDK scatters it.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Values from the function's environment. Credentials come from there alone: in a function they are always there,
/// and looking elsewhere costs time at every start.
#[derive(Debug, Clone)]
pub struct AwsConfig {
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ENDPOINT_URL`: all three services at another address, such as an emulator's.
    pub endpoint_url: Option<String>,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: SecretText,
    /// `AWS_SESSION_TOKEN`.
    pub session_token: Option<SecretText>,
    /// `TABLE_NAME`.
    pub table_name: String,
    /// `SECRETS_PREFIX`.
    pub secrets_prefix: String,
    /// `SCHEDULE_GROUP`.
    pub schedule_group: String,
    /// `SCHEDULE_ROLE_ARN`: as whom the scheduler starts the function.
    pub schedule_role_arn: String,
    /// `SYNC_FUNCTION_ARN`: what it starts.
    pub sync_function_arn: String,
    /// `SCHEDULE_DLQ_ARN`: where starts go that could not be delivered.
    pub schedule_dlq_arn: Option<String>,
}

/// Makes the doors; they share one HTTP client and its connections.
#[derive(Debug)]
pub struct Aws {
    config: AwsConfig,
    sdk: SdkConfig,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Aws {
    /// Talks to no one yet.
    pub fn new(
        config: AwsConfig,
        http: HttpClient,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let credentials = Credentials::new(
            config.access_key_id.clone(),
            config.secret_access_key.expose_secret(),
            config
                .session_token
                .as_ref()
                .map(|token| token.expose_secret().to_owned()),
            None,
            "environment",
        );
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS_MAX)
            .with_initial_backoff(FIRST_PAUSE);
        let mut sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(config.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(Connector::new(http))
            .timeout_config(timeouts)
            .retry_config(retries);
        if let Some(url) = &config.endpoint_url {
            sdk = sdk.endpoint_url(url);
        }
        Self {
            sdk: sdk.build(),
            config,
            clock,
            entropy,
        }
    }

    /// The rows.
    pub fn store(&self) -> DynamoStore {
        DynamoStore::new(
            aws_sdk_dynamodb::Client::new(&self.sdk),
            self.config.table_name.clone(),
            Arc::clone(&self.clock),
            Arc::clone(&self.entropy),
        )
    }

    /// The secrets under the deployment's prefix.
    pub fn secrets(&self) -> SecretsManagerSecrets {
        self.secrets_with_prefix(&self.config.secrets_prefix)
    }

    /// The secrets under another prefix; an empty one reaches those that the template names in full.
    pub fn secrets_with_prefix(&self, prefix: &str) -> SecretsManagerSecrets {
        SecretsManagerSecrets::new(
            aws_sdk_secretsmanager::Client::new(&self.sdk),
            prefix.to_owned(),
            Arc::clone(&self.entropy),
        )
    }

    /// The clockwork.
    pub fn schedules(&self) -> EventBridgeSchedules {
        EventBridgeSchedules::new(
            aws_sdk_scheduler::Client::new(&self.sdk),
            &self.config,
            Arc::clone(&self.clock),
            Arc::clone(&self.entropy),
        )
    }
}
