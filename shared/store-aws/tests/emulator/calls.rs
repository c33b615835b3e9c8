//! What calls cost, and what refused calls become.

use chrono::Duration;
use sync_core::port::{Acquired, Claim, Clock as _, Expect, Holder, Key, Store as _, StoreFailure, Write};

use crate::bench::Bench;
use crate::proxy::{Fate, Proxy};

fn put(key: &Key, expect: Expect) -> Write {
    Write::Put {
        key: key.clone(),
        body: "body".to_owned(),
        expires_at: None,
        expect,
    }
}

fn told(code: &str) -> Fate {
    let body = format!(
        "{{\"__type\":\"com.amazonaws.dynamodb.v20120810#{code}\",\"message\":\"seldom-seen-text in {code}\"}}"
    );
    Fate::Answer(400, body)
}

#[tokio::test]
async fn a_run_that_finds_nothing_costs_two_writes_and_no_read() {
    let bench = Bench::new("idle").await;
    let key = Key::new("T#acme", "U#1");
    bench
        .aws()
        .store()
        .write(&[put(&key, Expect::Absent)])
        .await
        .unwrap();
    let proxy = Proxy::start(&bench.emulator, |_, _| Fate::Pass).await;
    let store = bench.aws_at(&proxy.address, bench.clock.clone()).store();
    let now = bench.clock.now();
    let claim = Claim {
        run_id: "run".to_owned(),
        now,
        until: now + Duration::minutes(15),
    };
    let Acquired::Granted(row) = store.acquire(&key, &claim).await.unwrap() else {
        panic!("not granted")
    };
    assert_eq!(row.body, "body");
    let holder = Holder {
        run_id: claim.run_id,
        fence: row.fence,
    };
    store.finish(&key, &holder, "progress").await.unwrap();
    assert_eq!(proxy.operations(), ["UpdateItem", "UpdateItem"]);
}

#[tokio::test]
async fn single_writes_are_not_transactions() {
    let bench = Bench::new("single").await;
    let proxy = Proxy::start(&bench.emulator, |_, _| Fate::Pass).await;
    let store = bench.aws_at(&proxy.address, bench.clock.clone()).store();
    let key = Key::new("p", "s");
    store.write(&[put(&key, Expect::Absent)]).await.unwrap();
    store.write(&[put(&key, Expect::Version(1))]).await.unwrap();
    store.write(&[put(&key, Expect::Anything)]).await.unwrap();
    store.get(&key).await.unwrap();
    store
        .write(&[Write::Delete {
            key: key.clone(),
            expect: Expect::Version(3),
        }])
        .await
        .unwrap();
    store
        .write(&[Write::Delete {
            key: key.clone(),
            expect: Expect::Anything,
        }])
        .await
        .unwrap();
    store.write(&[]).await.unwrap();
    let expected = [
        "PutItem",
        "UpdateItem",
        "UpdateItem",
        "GetItem",
        "TransactWriteItems",
        "DeleteItem",
    ];
    assert_eq!(proxy.operations(), expected);
}

#[tokio::test]
async fn a_busy_table_is_waited_for() {
    let bench = Bench::new("busy").await;
    for code in [
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "InternalServerError",
        "TransactionConflictException",
    ] {
        let proxy = Proxy::start(
            &bench.emulator,
            move |number, _| if number < 2 { told(code) } else { Fate::Pass },
        )
        .await;
        let store = bench.aws_at(&proxy.address, bench.clock.clone()).store();
        let key = Key::new("busy", code);
        let written = store.write(&[put(&key, Expect::Absent)]).await;
        if code == "InternalServerError" {
            // Told with a client's status it is not repeated by the SDK; the caller is told to try again.
            assert!(matches!(written, Err(StoreFailure::Unavailable(_))), "{code}");
        } else {
            written.unwrap();
            assert_eq!(proxy.calls().len(), 3, "{code}");
        }
    }
}

#[tokio::test]
async fn a_table_that_stays_busy_is_told_and_not_waited_for_without_end() {
    let bench = Bench::new("stays-busy").await;
    for code in ["ThrottlingException", "TransactionConflictException"] {
        let proxy = Proxy::start(&bench.emulator, move |_, _| told(code)).await;
        let store = bench.aws_at(&proxy.address, bench.clock.clone()).store();
        let written = store.write(&[put(&Key::new("p", "s"), Expect::Absent)]).await;
        assert!(
            matches!(written, Err(StoreFailure::Unavailable(_))),
            "{written:?}"
        );
        assert!(proxy.calls().len() <= 8, "{}", proxy.calls().len());
    }
    let proxy = Proxy::start(&bench.emulator, |_, _| {
        Fate::Answer(503, "<html>seldom-seen-text</html>".to_owned())
    })
    .await;
    let store = bench.aws_at(&proxy.address, bench.clock.clone()).store();
    assert!(matches!(
        store.get(&Key::new("p", "s")).await,
        Err(StoreFailure::Unavailable(_))
    ));
    let proxy = Proxy::start(&bench.emulator, |_, _| Fate::LoseCall).await;
    let store = bench.aws_at(&proxy.address, bench.clock.clone()).store();
    assert!(matches!(
        store.get(&Key::new("p", "s")).await,
        Err(StoreFailure::Unavailable(_))
    ));
}

#[tokio::test]
async fn a_transaction_that_met_another_goes_out_again_under_a_new_token() {
    let bench = Bench::new("met").await;
    let cancelled = "{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionCanceledException\",\
        \"message\":\"Transaction cancelled\",\"CancellationReasons\":[{\"Code\":\"None\"},{\"Code\":\"TransactionConflict\"}]}";
    let proxy = Proxy::start(&bench.emulator, move |number, _| match number {
        0 => Fate::Answer(400, cancelled.to_owned()),
        _ => Fate::Pass,
    })
    .await;
    let store = bench.aws_at(&proxy.address, bench.clock.clone()).store();
    let keys = [Key::new("p", "1"), Key::new("p", "2")];
    store
        .write(&keys.each_ref().map(|key| put(key, Expect::Absent)))
        .await
        .unwrap();
    assert_eq!(bench.aws().store().get_many(&keys).await.unwrap().len(), 2);
    let tokens: Vec<String> = proxy.calls().iter().map(|call| token_of(&call.body)).collect();
    assert_eq!(tokens.len(), 2);
    assert_ne!(tokens[0], tokens[1]);
}

fn token_of(body: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    body["ClientRequestToken"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_a_service_says_is_not_told_on() {
    let bench = Bench::new("payload").await;
    for code in [
        "ValidationException",
        "AccessDeniedException",
        "ThrottlingException",
    ] {
        let proxy = Proxy::start(&bench.emulator, move |_, _| told(code)).await;
        let aws = bench.aws_at(&proxy.address, bench.clock.clone());
        let failure = aws.store().get(&Key::new("p", "s")).await.unwrap_err();
        let secrets = sync_core::port::Secrets::get(&aws.secrets(), "name")
            .await
            .unwrap_err();
        let link = sync_core::id::AccountLinkId::new("acme", "1");
        let schedules = sync_core::port::Schedules::remove(&aws.schedules(), &link)
            .await
            .unwrap_err();
        let told = format!("{failure:?} {failure} {secrets:?} {secrets} {schedules:?} {schedules}");
        assert!(
            told.contains(code) && !told.contains("seldom-seen-text"),
            "{told}"
        );
        assert!(!format!("{aws:?}").contains("secret_access_key: \"test\""));
    }
}

#[tokio::test]
async fn rows_left_over_by_a_batch_are_asked_for_again() {
    let bench = Bench::new("left-over").await;
    let keys = ["1", "2", "3"].map(|sk| Key::new("p", sk));
    bench
        .aws()
        .store()
        .write(&keys.each_ref().map(|key| put(key, Expect::Absent)))
        .await
        .unwrap();
    let name = bench.name.clone();
    let proxy = Proxy::start(&bench.emulator, move |number, _| {
        let all = serde_json::json!({
            name.as_str(): { "ConsistentRead": true, "Keys": [
                { "pk": { "S": "p" }, "sk": { "S": "1" } },
                { "pk": { "S": "p" }, "sk": { "S": "2" } },
                { "pk": { "S": "p" }, "sk": { "S": "3" } },
            ]}
        });
        match number {
            0 | 1 => Fate::Answer(
                200,
                serde_json::json!({ "Responses": {}, "UnprocessedKeys": all }).to_string(),
            ),
            _ => Fate::Pass,
        }
    })
    .await;
    let store = bench.aws_at(&proxy.address, bench.clock.clone()).store();
    assert_eq!(store.get_many(&keys).await.unwrap().len(), 3);
    assert_eq!(proxy.operations(), ["BatchGetItem"; 3]);
}
