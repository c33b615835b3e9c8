//! The demo from outside: it comes up by itself, carries what people do from one side to the other, and leaves nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for something that takes a few seconds; only a hang reaches it.
const PATIENCE: Duration = Duration::from_mins(2);

struct Demo {
    child: Child,
    address: String,
    temporary: tempfile::TempDir,
}

impl Demo {
    fn start() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_local"))
            .args(["demo", "--port", "0"])
            .env("TMPDIR", temporary.path())
            .env_remove("ADMIN_KEY")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .split("http://")
            .nth(1)
            .unwrap()
            .trim()
            .trim_end_matches("/demo")
            .to_owned();
        Self {
            child,
            address,
            temporary,
        }
    }

    fn ask(&self, request: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn live(&self, week: &str) -> String {
        self.ask(&format!("GET /demo/live?week={week}"), "", "")
    }

    fn change(&self, body: &str) -> String {
        self.ask(
            "POST /demo/change",
            "Content-Type: application/x-www-form-urlencoded\r\n",
            body,
        )
    }

    /// The lines of records whose title holds the text.
    fn lines(&self, week: &str, title: &str) -> Vec<String> {
        let live = self.live(week);
        live.lines()
            .filter(|line| line.contains("<summary>") && line.contains(title))
            .map(str::to_owned)
            .collect()
    }

    fn wait_until(&self, what: &str, mut ready: impl FnMut(&Self) -> bool) {
        let began = Instant::now();
        while !ready(self) {
            assert!(began.elapsed() < PATIENCE, "waited in vain for: {what}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// The id of the record of that title on that side.
    fn id(&self, week: &str, side: &str, title: &str) -> String {
        let live = self.live(week);
        let start = format!("data-key=\"{side}-");
        let item = live
            .split("<li ")
            .find(|item| item.starts_with(&start) && item.contains(title))
            .unwrap();
        let id = item
            .split("name=\"id\" value=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        id.to_owned()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Ended already, in the test that ends it.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

const WEEK: &str = "2031-03-03";

#[test]
fn what_people_do_on_one_side_arrives_on_the_other() {
    let mut demo = Demo::start();
    let page = demo.ask("GET /demo", "", "");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("default-src 'none'"));
    demo.wait_until("the first run", |demo| demo.live(WEEK).contains("are in step"));

    let made = demo.change(&format!(
        "action=create&side=crm&collection=Meetings&week={WEEK}&title=From+the+CRM&day=2031-03-05&from=09:00&to=10:00"
    ));
    assert!(made.starts_with("HTTP/1.1 303"), "{made}");
    let made = demo.change(&format!(
        "action=create&side=google&collection=primary&week={WEEK}&title=From+Google&day=2031-03-06&from=11:00&to=11:30"
    ));
    assert!(made.starts_with("HTTP/1.1 303"), "{made}");
    for title in ["From the CRM", "From Google"] {
        demo.wait_until(title, |demo| {
            let lines = demo.lines(WEEK, title);
            lines.len() == 2 && lines.iter().all(|line| line.contains("in step"))
        });
    }

    // Moved on the side on which it was not made, renamed on the other.
    let copy = demo.id(WEEK, "google", "From the CRM");
    demo.change(&format!(
        "action=move&side=google&collection=primary&id={copy}&week={WEEK}&minutes=60"
    ));
    demo.wait_until("the move", |demo| {
        demo.lines(WEEK, "From the CRM")
            .iter()
            .filter(|line| line.contains("10:00–11:00"))
            .count()
            == 2
    });
    let copy = demo.id(WEEK, "crm", "From Google");
    demo.change(&format!(
        "action=update&side=crm&collection=Meetings&id={copy}&week={WEEK}&title=Renamed&day=2031-03-06&from=11:00&to=11:30"
    ));
    demo.wait_until("the new name", |demo| {
        demo.lines(WEEK, "Renamed").len() == 2 && demo.lines(WEEK, "From Google").is_empty()
    });
    let copy = demo.id(WEEK, "google", "Renamed");
    demo.change(&format!(
        "action=delete&side=google&collection=primary&id={copy}&week={WEEK}"
    ));
    demo.wait_until("the deletion", |demo| demo.lines(WEEK, "Renamed").is_empty());
    let runs = demo.live(WEEK);
    // Each run's record is there, whole.
    assert!(runs.contains("CRM: 1 deleted") && runs.contains("finished_at"));

    // A form that makes no sense comes back with what was typed.
    let refused = demo.change(&format!(
        "action=create&side=google&collection=primary&week={WEEK}&title=&location=Typed+place&day=2031-03-05&from=9&to=10"
    ));
    assert!(
        refused.starts_with("HTTP/1.1 422")
            && refused.contains("Typed place")
            && refused.contains("role=\"alert\"")
    );
    // Another site's page may not press the buttons.
    let foreign = "Content-Type: application/x-www-form-urlencoded\r\nOrigin: http://evil.example\r\n";
    let answer = demo.ask("POST /demo/change", foreign, "action=delete&side=google&id=x");
    assert!(answer.starts_with("HTTP/1.1 403"));
    // The CRM's button leads to the real authorize page.
    let led = demo.ask("GET /demo/me", "", "");
    assert!(led.contains("/authorize?crm=demo&token="), "{led}");

    let pid = demo.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(demo.child.wait().unwrap().code(), Some(0));
    assert_eq!(
        std::fs::read_dir(demo.temporary.path()).unwrap().count(),
        0,
        "the temporary folder is removed"
    );
}
