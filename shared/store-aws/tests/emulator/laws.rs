//! The contract suites.

use std::sync::Arc;

use sync_engine::contract;

use crate::bench::Bench;

#[tokio::test]
async fn the_store_keeps_the_laws() {
    let bench = Bench::new("store-laws").await;
    contract::store::run(async |clock| Arc::new(bench.aws_at(&bench.emulator, clock).store()) as Arc<_>)
        .await;
}

#[tokio::test]
async fn the_secrets_keep_the_laws() {
    let bench = Bench::new("secrets-laws").await;
    contract::secrets::run(Arc::new(bench.aws().secrets())).await;
}

#[tokio::test]
async fn the_schedules_keep_the_laws() {
    let bench = Bench::new("schedules-laws").await;
    contract::schedules::run(Arc::new(bench.aws().schedules())).await;
}
