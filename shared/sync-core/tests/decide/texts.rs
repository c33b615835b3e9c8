//! The normal form of texts, and comparing at the precision of the poorer side.

use proptest::prelude::*;
use sync_core::kind::event::{normal_text, same_text};
use sync_core::kind::line::one_line;

proptest! {
    #[test]
    fn a_normal_text_is_its_own_normal_form(text in any::<String>()) {
        let once = normal_text(&text);
        prop_assert_eq!(normal_text(&once), once);
    }

    #[test]
    fn no_text_passes_for_normal_that_is_not(text in "[ab \\t\\n\\r\u{a0}\u{2028}\u{2003}\u{7}]{0,8}") {
        let normal = normal_text(&text);
        let blank = |c: char| c.is_whitespace();
        let odd = ['\r', '\u{a0}', '\u{2028}', '\u{7}'];
        prop_assert!(!normal.contains(odd));
        prop_assert!(!normal.starts_with(blank) && !normal.split('\n').any(|line| line.ends_with(blank)));
        prop_assert!(!normal.ends_with(blank));
        let line = one_line(&text);
        let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == '\u{7}').collect();
        prop_assert!(!line.contains("  ") && !line.contains(|c: char| c.is_whitespace() && c != ' '));
        prop_assert_eq!(words.concat(), line.replace(' ', ""));
    }

    #[test]
    fn what_a_side_cut_is_the_same(text in "[a-z <&é🎉]{0,40}", most in 0_usize..30) {
        let text = normal_text(&text);
        let cut: String = text.chars().take(most).collect();
        prop_assert!(same_text(&text, cut.trim_end(), Some(most), None, true));
    }

    #[test]
    fn what_a_side_cut_by_bytes_is_the_same(text in "[a-zé🎉]{0,40}", most in 0_usize..60) {
        let keep = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        prop_assert!(same_text(&text, text.split_at(keep).0, None, Some(most), true));
    }

    #[test]
    fn a_difference_within_the_limits_is_one(text in "[a-z]{1,20}", at in 0_usize..20) {
        let changed: String =
            text.chars().enumerate().map(|(n, c)| if n == at % text.len() { '_' } else { c }).collect();
        prop_assert!(!same_text(&text, &changed, Some(20), Some(20), true));
    }
}

#[test]
fn question_marks_for_four_bytes_are_the_same_where_a_side_has_no_better() {
    assert!(same_text("party 🎉", "party ????", None, None, false));
    assert!(!same_text("party 🎉", "party ????", None, None, true));
    assert!(same_text("party 🎉 long", "party ????", Some(10), None, false));
}

#[test]
fn line_ends_blanks_and_controls_are_unified() {
    assert_eq!(
        normal_text(" a \r\nb\r\u{7}c\u{a0}d\u{2028}e \n\n"),
        "a\nb\nc d\ne"
    );
}
