//! Lists: order, prefix, paging, Unicode.

use sync_core::port::{Expect, Key, Order, StoreFailure};

use super::{Bench, put};

pub(super) async fn run(bench: &Bench) {
    every_page_size_gives_the_same_list(bench).await;
    prefixes_and_partitions_are_kept_apart(bench).await;
    order_is_by_code_point(bench).await;
    going_on_after_any_key_is_possible(bench).await;
    large_rows_come_in_several_pages(bench).await;
    a_page_of_nothing_is_refused(bench).await;
}

async fn fill(bench: &Bench, pk: &str, names: &[&str]) {
    let writes: Vec<_> = names
        .iter()
        .map(|sk| put(&Key::new(pk, *sk), sk, Expect::Absent))
        .collect();
    bench.store.write(&writes).await.unwrap();
}

async fn names(bench: &Bench, pk: &str, prefix: &str, limit: usize, order: Order) -> Vec<String> {
    let rows = bench.list(pk, prefix, limit, order).await;
    assert!(rows.iter().all(|row| row.key.pk == pk && row.body == row.key.sk));
    rows.into_iter().map(|row| row.key.sk).collect()
}

async fn every_page_size_gives_the_same_list(bench: &Bench) {
    let sorted: Vec<String> = (0..23).map(|n| format!("{n:02}")).collect();
    let mut shuffled: Vec<&str> = sorted.iter().map(String::as_str).collect();
    shuffled.sort_by_key(|name| name.bytes().rev().collect::<Vec<_>>());
    fill(bench, "queries pages", &shuffled).await;
    let reversed: Vec<String> = sorted.iter().rev().cloned().collect();
    for limit in [1, 2, 7, 22, 23, 24, 1000] {
        assert_eq!(
            names(bench, "queries pages", "", limit, Order::Ascending).await,
            sorted,
            "{limit}"
        );
        assert_eq!(
            names(bench, "queries pages", "", limit, Order::Descending).await,
            reversed,
            "{limit}"
        );
    }
    assert_eq!(
        names(bench, "queries nothing", "", 5, Order::Ascending).await,
        Vec::<String>::new()
    );
}

async fn prefixes_and_partitions_are_kept_apart(bench: &Bench) {
    fill(
        bench,
        "queries prefix",
        &["A", "A#", "A#1", "A#2", "A$", "B#1", "a#1"],
    )
    .await;
    fill(bench, "queries prefix2", &["A#3"]).await;
    fill(bench, "queries prefi", &["A#0"]).await;
    for (prefix, expected) in [
        ("A#", vec!["A#", "A#1", "A#2"]),
        ("A", vec!["A", "A#", "A#1", "A#2", "A$"]),
        ("A#1", vec!["A#1"]),
        ("A#1x", vec![]),
        ("C", vec![]),
        ("", vec!["A", "A#", "A#1", "A#2", "A$", "B#1", "a#1"]),
    ] {
        for limit in [1, 2, 100] {
            let found = names(bench, "queries prefix", prefix, limit, Order::Ascending).await;
            assert_eq!(found, expected, "{prefix}");
            let mut found = names(bench, "queries prefix", prefix, limit, Order::Descending).await;
            found.reverse();
            assert_eq!(found, expected, "{prefix}");
        }
    }
}

async fn order_is_by_code_point(bench: &Bench) {
    // Ordered by UTF-16 units U+FFFD would come after the emoji, by a dictionary `a` before `B`.
    let sorted = [
        "B",
        "a",
        "e\u{301}",
        "z",
        "é",
        "日",
        "\u{fffd}",
        "😀",
        "😀1",
        "\u{10ffff}",
        "\u{10ffff}x",
    ];
    fill(bench, "queries order", &sorted).await;
    assert_eq!(
        names(bench, "queries order", "", 3, Order::Ascending).await,
        sorted
    );
    for (prefix, expected) in [
        ("😀", vec!["😀", "😀1"]),
        ("\u{10ffff}", vec!["\u{10ffff}", "\u{10ffff}x"]),
        ("e", vec!["e\u{301}"]),
    ] {
        assert_eq!(
            names(bench, "queries order", prefix, 1, Order::Ascending).await,
            expected
        );
        let mut found = names(bench, "queries order", prefix, 1, Order::Descending).await;
        found.reverse();
        assert_eq!(found, expected);
    }
}

async fn going_on_after_any_key_is_possible(bench: &Bench) {
    fill(bench, "queries after", &["a", "b1", "b3", "b5", "c"]).await;
    for (after, order, expected) in [
        ("b1", Order::Ascending, vec!["b3", "b5"]),
        ("b2", Order::Ascending, vec!["b3", "b5"]),
        ("b5", Order::Ascending, vec![]),
        ("a", Order::Ascending, vec!["b1", "b3", "b5"]),
        ("c", Order::Ascending, vec![]),
        ("b", Order::Ascending, vec!["b1", "b3", "b5"]),
        ("b4", Order::Descending, vec!["b3", "b1"]),
        ("b1", Order::Descending, vec![]),
        ("c", Order::Descending, vec!["b5", "b3", "b1"]),
        ("b", Order::Descending, vec![]),
        ("a", Order::Descending, vec![]),
    ] {
        let page = bench
            .store
            .query("queries after", "b", Some(after), 100, order)
            .await
            .unwrap();
        let found: Vec<&str> = page.rows.iter().map(|row| row.key.sk.as_str()).collect();
        assert_eq!(found, expected, "after {after}, {order:?}");
    }
}

async fn large_rows_come_in_several_pages(bench: &Bench) {
    // DynamoDB ends a page at 1 MB whatever the limit; whoever follows the cursor sees all of them.
    let body = "x".repeat(300_000);
    let keys: Vec<Key> = (0..8)
        .map(|n| Key::new("queries large", format!("{n}")))
        .collect();
    for key in &keys {
        bench.put(key, &body).await;
    }
    for order in [Order::Ascending, Order::Descending] {
        let rows = bench.list("queries large", "", 100, order).await;
        assert_eq!(rows.len(), keys.len());
        assert!(rows.iter().all(|row| row.body == body));
    }
    assert_eq!(bench.store.get_many(&keys).await.unwrap().len(), keys.len());
}

async fn a_page_of_nothing_is_refused(bench: &Bench) {
    let refused = bench
        .store
        .query("queries pages", "", None, 0, Order::Ascending)
        .await;
    assert!(matches!(refused, Err(StoreFailure::Refused(_))));
}
