//! What is particular to this store; the laws of the doors come from the contract suites.

mod crash;
mod folder;
mod keeping;

use std::path::Path;
use std::sync::Arc;

use sync_core::port::{Entropy, Expect, Key, Write};
use sync_engine::contract::{self, SetClock, TestEntropy};

use crate::{DataFolder, DataFolderError};

#[tokio::test]
async fn the_store_keeps_the_laws() {
    let folder = tempfile::tempdir().unwrap();
    let data = open(folder.path()).unwrap();
    contract::store::run(async |clock| Arc::new(data.store(clock)) as Arc<_>).await;
}

#[tokio::test]
async fn the_secrets_keep_the_laws() {
    let folder = tempfile::tempdir().unwrap();
    contract::secrets::run(Arc::new(open(folder.path()).unwrap().secrets())).await;
}

fn open(folder: &Path) -> Result<DataFolder, DataFolderError> {
    DataFolder::open(folder, entropy(1))
}

fn entropy(seed: u64) -> Arc<dyn Entropy> {
    Arc::new(TestEntropy::new(seed))
}

fn clock() -> Arc<SetClock> {
    Arc::new(SetClock::new())
}

fn put(key: &Key, body: &str) -> Write {
    Write::Put {
        key: key.clone(),
        body: body.to_owned(),
        expires_at: None,
        expect: Expect::Anything,
    }
}
