//! The doors held in memory keep the laws of the doors.

use std::sync::Arc;

use sync_core::port::Store;

use super::{InMemorySchedules, InMemorySecrets, InMemoryStore};
use crate::contract;

#[tokio::test]
async fn the_store_keeps_the_laws() {
    contract::store::run(async |clock| Arc::new(InMemoryStore::new(clock)) as Arc<dyn Store>).await;
}

#[tokio::test]
async fn the_secrets_keep_the_laws() {
    contract::secrets::run(Arc::new(InMemorySecrets::new())).await;
}

#[tokio::test]
async fn the_schedules_keep_the_laws() {
    contract::schedules::run(Arc::new(InMemorySchedules::new())).await;
}
