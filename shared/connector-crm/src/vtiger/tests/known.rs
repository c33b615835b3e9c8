//! The packed numbers.

use proptest::prelude::*;

use super::super::known::Known;

fn known(numbers: &[u64]) -> Known {
    let mut known = Known::default();
    for number in numbers {
        known.insert(*number);
    }
    known
}

proptest! {
    #[test]
    fn what_is_packed_is_unpacked(numbers in proptest::collection::vec(1_u64..(1 << 50), 0..200)) {
        let known = known(&numbers);
        prop_assert_eq!(Known::unpacked(&known.packed()), Some(known));
    }

    #[test]
    fn damaged_text_is_refused_or_read_but_never_crashes(text in "[A-Za-z0-9_-]{0,60}") {
        if let Some(known) = Known::unpacked(&text) {
            prop_assert!(known.len() <= text.len());
        }
    }
}

#[test]
fn five_thousand_events_take_a_few_kilobytes() {
    let numbers: Vec<u64> = (0..5_000).map(|place| 40_000 + place * 37).collect();
    assert!(known(&numbers).packed().len() < 7_000);
}

#[test]
fn the_oldest_are_left_out_where_there_are_too_many() {
    let numbers: Vec<u64> = (1..=40_010).collect();
    let known = known(&numbers);
    assert_eq!((known.len(), known.from(0).next()), (40_000, Some(11)));
    assert!(!known.contains(10) && known.contains(40_010));
    assert!(known.packed().len() < 120_000);
}
