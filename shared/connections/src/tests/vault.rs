//! The sealing key.

use crate::{SealingKey, TokenStorage};

use super::setting::Setting;

#[tokio::test(start_paused = true)]
async fn processes_that_start_together_agree_on_one_key() {
    let setting = Setting::new().await;
    let connectors: Vec<_> = (0..8)
        .map(|_| setting.connector(SealingKey::InSecrets, TokenStorage::Sealed))
        .collect();
    let sealers = futures::future::try_join_all(connectors.iter().map(crate::Connector::sealer))
        .await
        .unwrap();
    let sealed = sealers[0].seal("place", b"text", [1; 24]);
    for sealer in &sealers {
        assert_eq!(sealer.open("place", &sealed).unwrap().as_slice(), b"text");
    }
    assert_eq!(setting.secrets.count("put sealing-key"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_maker_that_dies_is_replaced() {
    let setting = Setting::new().await;
    let until = "2026-03-01T08:00:30Z".parse().unwrap();
    assert!(
        setting
            .memory
            .remember_once("sealing-key", "is being made", until)
            .await
            .unwrap()
    );
    let connector = setting.connector(SealingKey::InSecrets, TokenStorage::Sealed);
    // While its row stands the key is awaited, and the wait ends with "try again".
    let failure = connector.sealer().await.unwrap_err();
    assert_eq!(failure.code, "sealing_key_missing");
    setting.clock.forward(chrono::Duration::seconds(31));
    connector.sealer().await.unwrap();
    assert_eq!(setting.secrets.count("put sealing-key"), 1);
}

#[tokio::test]
async fn the_key_is_read_once_in_a_process() {
    let setting = Setting::new().await;
    let connector = setting.connector(SealingKey::InSecrets, TokenStorage::Sealed);
    connector.sealer().await.unwrap();
    let reads = setting.secrets.count("get sealing-key");
    for _ in 0..5 {
        connector.sealer().await.unwrap();
    }
    assert_eq!(setting.secrets.count("get sealing-key"), reads);
}

#[tokio::test]
async fn a_damaged_key_is_told_and_never_replaced() {
    let setting = Setting::new().await;
    setting.secrets.set("sealing-key", "not a key").await;
    let connector = setting.connector(SealingKey::InSecrets, TokenStorage::Sealed);
    assert_eq!(
        connector.sealer().await.unwrap_err().code,
        "sealing_key_unreadable"
    );
    assert_eq!(
        setting.secrets.text("sealing-key").await.as_deref(),
        Some("not a key")
    );
}
