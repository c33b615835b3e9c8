//! The laws of [`Store`].
//!
//! | module | laws |
//! |---|---|
//! | `writes` | what is put is read; versions count; demands hold |
//! | `transactions` | all or nothing |
//! | `queries` | order, prefix, paging, Unicode |
//! | `expiry` | an expired row does not exist |
//! | `leases` | one holder, growing fences, a stale holder writes nothing |
//! | `limits` | what AWS would refuse is refused |
//! | `concurrency` | no update is lost |
//! | `model` | random histories give the same answers as the store in memory |

mod concurrency;
mod expiry;
mod leases;
mod limits;
mod model;
mod queries;
mod transactions;
mod writes;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use sync_core::port::{Clock, Expect, Key, Order, Row, Store, Write};

use super::SetClock;

/// Runs every law over one empty store, made for the clock handed out.
pub async fn run<F>(make: impl FnOnce(Arc<dyn Clock>) -> F)
where
    F: Future<Output = Arc<dyn Store>>,
{
    let clock = Arc::new(SetClock::new());
    let handle: Arc<dyn Clock> = clock.clone();
    let bench = Bench {
        store: make(handle).await,
        clock,
    };
    writes::run(&bench).await;
    transactions::run(&bench).await;
    queries::run(&bench).await;
    expiry::run(&bench).await;
    leases::run(&bench).await;
    limits::run(&bench).await;
    concurrency::run(&bench).await;
    model::run(&bench).await;
}

/// A store under test and its clock.
struct Bench {
    store: Arc<dyn Store>,
    clock: Arc<SetClock>,
}

impl Bench {
    fn in_seconds(&self, seconds: i64) -> DateTime<Utc> {
        self.clock.now() + Duration::seconds(seconds)
    }

    async fn get(&self, key: &Key) -> Option<Row> {
        self.store.get(key).await.unwrap()
    }

    /// Puts a row whatever is there.
    async fn put(&self, key: &Key, body: &str) {
        self.store
            .write(&[put(key, body, Expect::Anything)])
            .await
            .unwrap();
    }

    /// Lists a partition to its end, page by page.
    async fn list(&self, pk: &str, prefix: &str, limit: usize, order: Order) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self
                .store
                .query(pk, prefix, after.as_deref(), limit, order)
                .await
                .unwrap();
            assert!(
                page.rows.len() <= limit,
                "a page of {limit} has {} rows",
                page.rows.len()
            );
            rows.extend(page.rows);
            match page.next {
                None => return rows,
                next => {
                    assert_ne!(next, after, "a cursor that does not move");
                    after = next;
                }
            }
        }
    }
}

/// A put without expiry.
fn put(key: &Key, body: &str, expect: Expect) -> Write {
    Write::Put {
        key: key.clone(),
        body: body.to_owned(),
        expires_at: None,
        expect,
    }
}

/// A put that expires.
fn put_until(key: &Key, body: &str, until: DateTime<Utc>, expect: Expect) -> Write {
    Write::Put {
        key: key.clone(),
        body: body.to_owned(),
        expires_at: Some(until),
        expect,
    }
}

fn delete(key: &Key, expect: Expect) -> Write {
    Write::Delete {
        key: key.clone(),
        expect,
    }
}
