//! Secrets Manager: names, deletions under way, lost answers.

use secrecy::ExposeSecret as _;
use serde_json::json;
use sync_core::port::{SecretText, Secrets};

use crate::bench::Bench;
use crate::proxy::{Fate, Proxy};

async fn read(secrets: &dyn Secrets, name: &str) -> Option<String> {
    secrets
        .get(name)
        .await
        .unwrap()
        .map(|value| value.expose_secret().to_owned())
}

#[tokio::test]
async fn secrets_lie_under_the_prefix() {
    let bench = Bench::new("secrets-prefix").await;
    let aws = bench.aws();
    aws.secrets()
        .put("link/acme/1", &SecretText::from("value"))
        .await
        .unwrap();
    let full_name = format!("{}/link/acme/1", bench.name);
    let (_, answer) = bench
        .secrets_manager("GetSecretValue", &json!({ "SecretId": full_name }))
        .await;
    assert_eq!(answer["SecretString"], "value");
    assert_eq!(
        read(&aws.secrets_with_prefix(""), &full_name).await.as_deref(),
        Some("value")
    );
    assert_eq!(
        read(&aws.secrets_with_prefix("other/"), "link/acme/1").await,
        None
    );
}

#[tokio::test]
async fn a_secret_that_somebody_is_deleting_counts_as_deleted_and_can_be_written() {
    let bench = Bench::new("secrets-pending").await;
    let secrets = bench.aws().secrets();
    let full_name = format!("{}/name", bench.name);
    for round in ["first", "second"] {
        secrets.put("name", &SecretText::from(round)).await.unwrap();
        let by_hand = json!({ "SecretId": full_name, "RecoveryWindowInDays": 7 });
        assert_eq!(bench.secrets_manager("DeleteSecret", &by_hand).await.0, 200);
        assert_eq!(read(&secrets, "name").await, None);
        secrets.put("name", &SecretText::from("again")).await.unwrap();
        assert_eq!(read(&secrets, "name").await.as_deref(), Some("again"));
        assert_eq!(bench.secrets_manager("DeleteSecret", &by_hand).await.0, 200);
        secrets.delete("name").await.unwrap();
        assert_eq!(read(&secrets, "name").await, None);
        let (status, _) = bench
            .secrets_manager("DescribeSecret", &json!({ "SecretId": full_name }))
            .await;
        assert_eq!(status, 400, "the secret is still there");
    }
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_written() {
    let bench = Bench::new("secrets-lost").await;
    let straight = bench.aws().secrets();
    for (name, lost) in [
        ("a", "PutSecretValue"),
        ("b", "CreateSecret"),
        ("b", "PutSecretValue"),
        ("b", "DeleteSecret"),
    ] {
        let proxy = Proxy::start(&bench.emulator, move |number, operation| {
            if operation == lost && number < 2 {
                Fate::LoseAnswer
            } else {
                Fate::Pass
            }
        })
        .await;
        let secrets = bench.aws_at(&proxy.address, bench.clock.clone()).secrets();
        if lost == "DeleteSecret" {
            secrets.delete(name).await.unwrap();
            assert_eq!(read(&straight, name).await, None);
        } else {
            secrets.put(name, &SecretText::from(lost)).await.unwrap();
            assert_eq!(read(&straight, name).await.as_deref(), Some(lost));
        }
        assert!(
            proxy
                .operations()
                .iter()
                .filter(|operation| *operation == lost)
                .count()
                > 1
        );
    }
}
