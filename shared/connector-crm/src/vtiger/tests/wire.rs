//! Ids, keys and the text of queries.

use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;

use super::super::wire::{Key, Likeness, Module, Query, WireId, user_number};

const OWNER: WireId = WireId {
    prefix: 19,
    number: 7,
};

fn id(number: u64) -> WireId {
    WireId { prefix: 18, number }
}

#[test]
fn queries_read_as_the_service_understands_them() {
    let at: DateTime<Utc> = "2026-11-22T02:17:31Z".parse().unwrap();
    let day = NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
    let table = [
        (
            Query::select("id,subject", Module::Events)
                .owned_by(OWNER)
                .starting_from(Some(day))
                .behind(id(3000))
                .ordered("id", 0, 100),
            "select id,subject from Events where assigned_user_id = '19x7' and date_start >= '2026-01-02' and id > \
             '18x3000' order by id limit 0,100;",
        ),
        (
            Query::select("id", Module::Events)
                .owned_by(OWNER)
                .changed_since(at),
            "select id from Events where assigned_user_id = '19x7' and modifiedtime >= '2026-11-22 02:17:31';",
        ),
        (
            Query::select("id", Module::Events).owned_and_changed_behind(OWNER, at, id(5)),
            "select id from Events where assigned_user_id = '19x7' and modifiedtime > '2026-11-22 02:17:31' or \
             assigned_user_id = '19x7' and modifiedtime = '2026-11-22 02:17:31' and id > '18x5';",
        ),
        (
            Query::select("id", Module::Calendar).with_ids(&[id(1), id(2)]),
            "select id from Calendar where id in ('18x1','18x2');",
        ),
        (
            Query::select("id", Module::Events).with_key(&Key::of(&["ab12", "ff"])),
            "select id from Events where source = 'GSYNC:AB12:FF';",
        ),
        (
            Query::select("id", Module::Accounts).named_like("accountname", &Likeness::of("O'Neil & Söhne")),
            "select id from Accounts where accountname like 'O_Neil _ S_hne';",
        ),
    ];
    for (query, text) in table {
        assert_eq!(query.text(), text);
    }
}

#[test]
fn a_hundred_ids_fit_into_an_address() {
    let ids: Vec<WireId> = (0..100).map(|number| id(10_000_000 + number)).collect();
    let text = Query::select("id", Module::Events).with_ids(&ids).text();
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    assert!(encoded.len() < 4_000, "{} characters", encoded.len());
}

#[test]
fn users_are_named_by_their_number_alone_or_with_their_class() {
    for (text, number) in [
        ("7", Some(7)),
        ("19x7", Some(7)),
        ("0", None),
        ("", None),
        ("x7", None),
        ("19x", None),
        ("-7", None),
        ("7 or 1=1", None),
        ("99999999999999999999", None),
    ] {
        assert_eq!(user_number(text), number, "{text}");
    }
}

proptest! {
    #[test]
    fn ids_read_back(prefix in any::<u32>(), number in 0_u64..1_000_000_000_000) {
        let id = WireId { prefix, number };
        prop_assert_eq!(WireId::parse(&id.to_string()), Some(id));
    }

    #[test]
    fn a_key_holds_nothing_that_could_leave_a_literal(parts in proptest::collection::vec(any::<String>(), 0..4)) {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let key = Key::of(&parts);
        let text = Query::select("id", Module::Accounts)
            .named_like("accountname", &Likeness::of(&parts.concat()))
            .text();
        prop_assert!(!text.contains('\\') && text.matches('\'').count() == 2 && text.ends_with("';"));
        prop_assert!(key.as_str().bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b':'));
    }
}
