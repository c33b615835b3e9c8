//! Texts that one side cannot hold as they are: stable after one round, and never worse on the side that can.

use serde_json::{Value, json};

use crate::rig::{ANNA_MAIL, Kind, Options, Rig, at, over_every_crm};

const LONG: &str = "Quarterly business review with the whole management board of Müller & Söhne GmbH";

/// Titles, on one line.
const TITLES: [&str; 16] = [
    LONG,
    "Exactly fifty characters are in this one title 50.",
    "A title whose fiftieth character is a blank space and more",
    "Ünïcödé ünd ßonderzeichen in einem Titel, der länger als fünfzig ist",
    "Müller & Söhne <info@example.com>",
    "a<b and b>c",
    "1<2, 5 > 3, <3",
    "Tom's \"quoted\" title",
    "Ampersands & entities: &amp; &lt;b&gt; &quot; &#039;",
    "<b>bold</b> and <script>alert(1)</script>",
    "Birthday 🎂🎉",
    "Family 👨‍👩‍👧‍👦 and flag 🇮🇹 far beyond what fifty characters can hold",
    "مرحبا بالعالم",
    "日本語のタイトル、五十文字を超えるために長く長く長く長く長く長く長く書かれている、まだまだ続く長い題名",
    "e\u{301} and \u{e9} look the same",
    "100% {curly} [square] \\ backslash / slash",
];

/// Descriptions.
const DESCRIPTIONS: [&str; 8] = [
    "One line",
    "Two lines\nand a third\n\nafter a gap",
    "Angle <brackets@example.com> & \"quotes\" it's",
    "<p>A paragraph with <b>bold</b> &amp; a <a href=\"https://example.com/?a=1&amp;b=2\">link</a></p><ul><li>one</li><li>two</li></ul>",
    "  leading, double  and trailing blanks  ",
    "Emoji 🎂 in a text\r\nwith a Windows line end",
    "&lt;not a tag&gt; &amp;amp; 5 < 6 > 4",
    "https://example.com/?a=1&b=2#c",
];

fn texts() -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = TITLES
        .iter()
        .map(|title| ((*title).to_owned(), "Described".to_owned()))
        .collect();
    for (number, description) in DESCRIPTIONS.iter().enumerate() {
        texts.push((format!("Described {number}"), (*description).to_owned()));
    }
    texts.push(("Very long".to_owned(), "Word and word. ".repeat(500)));
    texts
}

async fn rig_with(kind: Kind, three_byte_text: bool) -> Rig {
    let mut options = Options::of(kind);
    options.crm.three_byte_text = three_byte_text;
    let rig = Rig::with(options).await;
    rig.link(crate::rig::ANNA, ANNA_MAIL).await;
    rig
}

/// What a person sees in Google: id, title, description.
fn shown(rig: &Rig) -> Vec<(String, Value, Value)> {
    let mut shown: Vec<_> = rig
        .anna_at_google()
        .events("primary")
        .iter()
        .map(|event| {
            let id = event["id"].as_str().unwrap().to_owned();
            (id, event["summary"].clone(), event["description"].clone())
        })
        .collect();
    shown.sort_by(|a, b| a.0.cmp(&b.0));
    shown
}

async fn texts_of_google_rest_after_one_round_and_stay_as_they_were_written(kind: Kind) {
    for three_byte_text in [false, true] {
        let rig = rig_with(kind, three_byte_text).await;
        for (number, (title, description)) in texts().iter().enumerate() {
            let event = json!({ "summary": title, "description": description,
                "start": { "dateTime": format!("2026-11-24T{:02}:00:00Z", number % 24) },
                "end": { "dateTime": format!("2026-11-24T{:02}:30:00Z", number % 24) } });
            rig.anna_at_google().create("primary", &event).unwrap();
        }
        let untouched = rig.google.snapshot();
        rig.sync_to_rest().await;
        assert_eq!(rig.google.snapshot(), untouched);

        // Somebody moves every meeting in the CRM: the texts in Google still are the long originals.
        let texts_before = shown(&rig);
        rig.later(20);
        for row in rig.crm.rows("Meetings") {
            let id = row["id"].as_str().unwrap();
            rig.anna()
                .edit(
                    "Meetings",
                    id,
                    &json!({ "location": "Room 5", "duration_minutes": 45 }),
                )
                .unwrap();
        }
        let run = rig.sync_to_rest().await;
        assert_eq!(
            (run.to_crm(), run.to_google()),
            ((0, 0, 0), (0, texts().len() as u64, 0))
        );
        assert_eq!(shown(&rig), texts_before);
    }
}

async fn texts_of_the_crm_rest_after_one_round_and_stay_as_they_were_written(kind: Kind) {
    for three_byte_text in [false, true] {
        let rig = rig_with(kind, three_byte_text).await;
        for (number, (title, description)) in texts().iter().enumerate() {
            let meeting = json!({ "name": title, "description": description, "duration_hours": 1,
                                  "date_start": format!("2026-11-24 {:02}:00:00", number % 24) });
            rig.anna().create("Meetings", &meeting).unwrap();
        }
        let untouched = rig.crm.snapshot();
        let run = rig.sync_to_rest().await;
        assert_eq!(run.to_google().0, texts().len() as u64);
        assert_eq!(rig.crm.snapshot(), untouched);

        // Somebody moves every event in Google: the CRM's texts stay.
        let names = |rig: &Rig| -> Vec<_> {
            let rows = rig.crm.rows("Meetings").into_iter();
            rows.map(|row| (row["name"].clone(), row.get("description").cloned()))
                .collect()
        };
        let before = names(&rig);
        rig.later(20);
        for (id, _, _) in shown(&rig) {
            rig.anna_at_google()
                .reschedule("primary", &id, at("2026-11-25T10:00"), at("2026-11-25T11:00"))
                .unwrap();
        }
        let run = rig.sync_to_rest().await;
        assert_eq!(
            (run.to_google(), run.to_crm().1),
            ((0, 0, 0), texts().len() as u64)
        );
        assert_eq!(names(&rig), before);
    }
}

async fn what_the_crm_shows_is_what_the_other_side_reads(kind: Kind) {
    let rig = rig_with(kind, false).await;
    let meeting = json!({ "name": "Müller & Söhne: 5 < 6, \"quoted\"", "date_start": "2026-11-24 10:00:00",
                          "duration_hours": 1, "location": "Tom's & Co" });
    rig.anna().create("Meetings", &meeting).unwrap();
    rig.sync_to_rest().await;
    let event = &rig.anna_at_google().events("primary")[0];
    assert_eq!(event["summary"], "Müller & Söhne: 5 < 6, \"quoted\"");
    assert_eq!(event["location"], "Tom's & Co");
}

async fn a_title_that_a_person_shortens_in_the_crm_is_short_on_both_sides(kind: Kind) {
    let rig = rig_with(kind, false).await;
    let event = json!({ "summary": LONG, "start": { "dateTime": "2026-11-24T10:00:00Z" },
                        "end": { "dateTime": "2026-11-24T10:30:00Z" } });
    rig.anna_at_google().create("primary", &event).unwrap();
    rig.sync_to_rest().await;
    let id = rig.crm.rows("Meetings")[0]["id"].as_str().unwrap().to_owned();
    rig.later(20);
    rig.anna()
        .edit("Meetings", &id, &json!({ "name": "Board review" }))
        .unwrap();
    rig.sync_to_rest().await;
    assert_eq!(
        rig.anna_at_google().events("primary")[0]["summary"],
        "Board review"
    );
}

over_every_crm! {
    #[tokio::test]
    texts_of_google_rest_after_one_round_and_stay_as_they_were_written,
    texts_of_the_crm_rest_after_one_round_and_stay_as_they_were_written,
    what_the_crm_shows_is_what_the_other_side_reads,
    a_title_that_a_person_shortens_in_the_crm_is_short_on_both_sides,
}
