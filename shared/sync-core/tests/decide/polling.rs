//! How often a side is asked that tells nobody when something changes.

use chrono::TimeDelta;
use sync_core::policy::{asks_again, polling_gap};

#[test]
fn a_quiet_list_is_asked_less_often_and_never_too_seldom() {
    let (minutes, hours) = (TimeDelta::minutes, TimeDelta::hours);
    let cases = [
        (minutes(15), minutes(0), minutes(15)),
        (minutes(15), hours(1), minutes(15)),
        (minutes(15), hours(2), minutes(30)),
        (minutes(15), hours(4), hours(1)),
        (minutes(15), hours(400), hours(1)),
        (minutes(5), minutes(40), minutes(10)),
        (hours(6), hours(400), hours(6)),
    ];
    for (interval, quiet, gap) in cases {
        assert_eq!(polling_gap(interval, quiet), gap, "{interval} {quiet}");
    }
}

/// The questions of a user's day with runs at that interval, when something changes at these minutes of it, and the
/// longest time between two of them. Runs come up to a minute late, as a scheduler's do.
fn questions_of_a_day(interval: i64, changes: &[i64]) -> (usize, i64) {
    // The day before was quiet, and its last question was at its end.
    let (mut asked, mut latest, mut questions, mut longest) = (0, -600_000, 0, 0);
    for run in 1..=(24 * 60 / interval) {
        let now = run * interval * 60 + run % 7 * 10;
        let news = changes.iter().any(|minute| {
            let change = minute * 60;
            asked < change && change <= now
        });
        let (since, quiet) = (now - asked, now - latest);
        if asks_again(
            TimeDelta::minutes(interval),
            TimeDelta::seconds(since),
            TimeDelta::seconds(quiet),
        ) {
            (asked, questions, longest) = (now, questions + 1, longest.max(since));
            latest = if news { now } else { latest };
        }
    }
    (questions, longest / 60)
}

#[test]
fn the_days_of_a_project_are_as_long_as_the_page_of_polling_says() {
    let hourly: Vec<i64> = (9..18).map(|hour| hour * 60 + 5).collect();
    let always: Vec<i64> = (0..24 * 4).map(|quarter| quarter * 15 + 1).collect();
    assert_eq!(questions_of_a_day(15, &[]), (24, 60));
    assert_eq!(questions_of_a_day(15, &[605]).0, 30);
    assert_eq!(questions_of_a_day(15, &hourly).0, 52);
    assert_eq!(questions_of_a_day(15, &always).0, 93);
}

#[test]
fn no_interval_makes_anybody_wait_much_longer_than_an_hour_or_the_interval() {
    for interval in [5, 7, 10, 15, 20, 25, 30, 33, 35, 40, 45, 60, 90, 360] {
        let (questions, longest) = questions_of_a_day(interval, &[]);
        let most = 60.max(interval) + interval / 4 + 1;
        assert!(longest <= most, "{interval}: {longest}");
        assert!(questions <= 42, "{interval}: {questions}");
    }
    // A clock that was set back does not silence anybody.
    assert!(asks_again(
        TimeDelta::minutes(15),
        TimeDelta::hours(-3),
        TimeDelta::hours(9)
    ));
}
