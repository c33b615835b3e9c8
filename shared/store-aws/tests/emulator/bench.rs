//! An emulator's table, prefix and schedule group for each test, and raw calls past the code under test.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Arc;

use connector_http::client::HttpClient;
use serde_json::{Value, json};
use store_aws::{Aws, AwsConfig};
use sync_core::port::{Clock, SecretText};
use sync_engine::contract::{SetClock, TestEntropy};

pub(crate) const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:sync";
pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/schedules";
pub(crate) const DEAD_LETTERS: &str = "arn:aws:sqs:us-east-1:000000000000:dead-letters";

/// One test's own corner of the emulator.
pub(crate) struct Bench {
    pub(crate) emulator: String,
    /// Its table, prefix and group are called this.
    pub(crate) name: String,
    pub(crate) clock: Arc<SetClock>,
    http: HttpClient,
}

/// The emulator's address. Without one the tests fail: skipped tests would pass for passed ones.
fn emulator() -> String {
    std::env::var("AWS_ENDPOINT_URL").unwrap_or_else(|_| {
        panic!(
            "AWS_ENDPOINT_URL is not set: these tests need an AWS emulator. The test command in README.md, `bash \
             tests/run`, starts one and sets it"
        )
    })
}

impl Bench {
    /// Makes the corner. The name must be the test's own; the process's id keeps two test runs apart.
    pub(crate) async fn new(test: &str) -> Self {
        let bench = Self {
            emulator: emulator(),
            name: format!("store-aws-{test}-{}", std::process::id()),
            clock: Arc::new(SetClock::new()),
            http: HttpClient::unguarded().unwrap(),
        };
        let table = json!({
            "TableName": bench.name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                { "AttributeName": "pk", "AttributeType": "S" },
                { "AttributeName": "sk", "AttributeType": "S" },
            ],
            "KeySchema": [
                { "AttributeName": "pk", "KeyType": "HASH" },
                { "AttributeName": "sk", "KeyType": "RANGE" },
            ],
        });
        assert_eq!(bench.dynamo("CreateTable", &table).await.0, 200);
        let group = bench
            .rest("POST", &format!("/schedule-groups/{}", bench.name), &json!({}))
            .await;
        assert_eq!(group.0, 200, "{group:?}");
        bench
    }

    /// The doors, at this address, by this clock.
    pub(crate) fn aws_at(&self, address: &str, clock: Arc<dyn Clock>) -> Aws {
        let config = AwsConfig {
            region: "us-east-1".to_owned(),
            endpoint_url: Some(address.to_owned()),
            access_key_id: "test".to_owned(),
            secret_access_key: SecretText::from("test"),
            session_token: None,
            table_name: self.name.clone(),
            secrets_prefix: format!("{}/", self.name),
            schedule_group: self.name.clone(),
            schedule_role_arn: ROLE.to_owned(),
            sync_function_arn: FUNCTION.to_owned(),
            schedule_dlq_arn: Some(DEAD_LETTERS.to_owned()),
        };
        // An emulator remembers the tokens of all tests before: each pair of doors needs bytes of its own.
        let seed = RandomState::new().build_hasher().finish();
        Aws::new(config, self.http.clone(), clock, Arc::new(TestEntropy::new(seed)))
    }

    /// The doors, straight at the emulator.
    pub(crate) fn aws(&self) -> Aws {
        self.aws_at(&self.emulator, self.clock.clone())
    }

    pub(crate) async fn dynamo(&self, operation: &str, body: &Value) -> (u16, Value) {
        self.call(
            "dynamodb",
            "POST",
            "/",
            Some(&format!("DynamoDB_20120810.{operation}")),
            body,
        )
        .await
    }

    pub(crate) async fn secrets_manager(&self, operation: &str, body: &Value) -> (u16, Value) {
        self.call(
            "secretsmanager",
            "POST",
            "/",
            Some(&format!("secretsmanager.{operation}")),
            body,
        )
        .await
    }

    pub(crate) async fn rest(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.call("scheduler", method, path, None, body).await
    }

    /// The schedule of this name as the emulator has it.
    pub(crate) async fn schedule(&self, name: &str) -> (u16, Value) {
        self.rest(
            "GET",
            &format!("/schedules/{name}?groupName={}", self.name),
            &Value::Null,
        )
        .await
    }

    /// The names of all schedules of the test's group.
    pub(crate) async fn schedule_names(&self) -> Vec<String> {
        let (status, listed) = self
            .rest(
                "GET",
                &format!("/schedules?ScheduleGroup={}", self.name),
                &Value::Null,
            )
            .await;
        assert_eq!(status, 200);
        let schedules = listed["Schedules"].as_array().unwrap();
        schedules
            .iter()
            .map(|schedule| schedule["Name"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn call(
        &self,
        service: &str,
        method: &str,
        path: &str,
        target: Option<&str>,
        body: &Value,
    ) -> (u16, Value) {
        let signed_by = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260301/us-east-1/{service}/aws4_request, SignedHeaders=host, \
             Signature=none"
        );
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.emulator))
            .header("authorization", signed_by)
            .header("content-type", "application/x-amz-json-1.0");
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        let sent = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        let answer = self.http.send(request.body(sent).unwrap()).await.unwrap();
        (answer.status, answer.json().unwrap_or(Value::Null))
    }
}
