//! Descriptions there and back.

use proptest::prelude::*;
use sync_core::kind::event::normal_text;
use sync_core::policy::Description;

use crate::calendar::text::{meet_block, one_line, plain_description, written_description};

const MEET: &str = "-::~:~::~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~::~:~::-\n\
    Join with Google Meet: https://meet.example.com/abc-defg-hij\n\n\
    Please do not edit this section.\n\
    -::~:~::~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~::~:~::-";

/// Texts full of what HTML makes something of.
fn awkward() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "Zoë",
        "日本",
        "😀",
        " ",
        "  ",
        "\n",
        "\n\n",
        "<",
        ">",
        "&",
        ";",
        "/",
        "<br>",
        "</p>",
        "<b>",
        "&amp;",
        "&nbsp;",
        "&#39;",
        "\"",
        "'",
        "a < b > c",
        "https://example.com/?a=1&b=2",
        "-",
        "*",
        "1.",
        "|",
        "─",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| normal_text(&pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_text_comes_back_as_it_was_written(text in awkward(), html in any::<bool>(), meet in any::<bool>()) {
        let mode = if html { Description::Html } else { Description::Text };
        let written = written_description(&text, mode, meet.then_some(MEET));
        prop_assert_eq!(&plain_description(&written), &text, "{:?}", written);
        prop_assert_eq!(meet_block(&written), meet.then_some(MEET));
    }

    #[test]
    fn what_is_read_is_in_normal_form(text in "\\PC*|[<>&a-z ;/\\n\\r\\t\"=]*") {
        let plain = plain_description(&text);
        prop_assert_eq!(&normal_text(&plain), &plain);
        let line = one_line(&text);
        prop_assert!(!line.contains('\n'));
        prop_assert_eq!(&one_line(&line), &line);
    }
}

#[test]
fn html_reads_as_the_text_a_person_sees() {
    for (html, text) in [
        ("plain text, 3 < 4 & 5 > 4", "plain text, 3 < 4 & 5 > 4"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<b>bold</b> and <i>slanted</i>", "bold and slanted"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"),
        (
            "<a href=\"https://example.com/\">https://example.com/</a>",
            "https://example.com/",
        ),
        (
            "see <a href=\"https://example.com/x\">the page</a>.",
            "see the page <https://example.com/x>.",
        ),
        (
            "<a href=\"mailto:anna@example.com\">anna@example.com</a>",
            "anna@example.com",
        ),
        ("Bob&#039;s &lt;b&gt;Q&amp;A", "Bob's <b>Q&A"),
        ("<html-blob>one<br>two</html-blob>", "one\ntwo"),
        ("<script>alert(1)</script><p>text</p>", "text"),
        ("above<hr>below", "above\n---\nbelow"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
    ] {
        assert_eq!(plain_description(html), text, "{html}");
    }
}

#[test]
fn a_long_line_stays_one_line() {
    let line = "word ".repeat(1_600);
    assert_eq!(plain_description(&format!("<b>{line}</b>")), line.trim_end());
}

#[test]
fn a_meet_block_never_travels_and_is_kept() {
    for (description, text) in [
        (MEET.to_owned(), ""),
        (format!("Agenda\n\n{MEET}"), "Agenda"),
        (format!("<b>Agenda</b><br><br>{MEET}"), "Agenda"),
        (format!("Agenda\n\n{MEET}\nPS"), "Agenda\n\n\nPS"),
    ] {
        assert_eq!(plain_description(&description), text);
        assert_eq!(meet_block(&description), Some(MEET));
    }
    let unfinished = "Agenda\n-::~:~::~:~:~:~ Join with";
    assert_eq!(plain_description(unfinished), "Agenda");
    assert_eq!(written_description("", Description::Text, Some(MEET)), MEET);
}
