//! The program killed at random moments in the middle of its work: nothing is doubled and nothing is lost.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use simulators::SimClock;
use simulators::google::{GoogleOptions, GoogleSim};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::rig::{
    ADMIN_KEY, ANNA, ANNA_MAIL, CRM, Crm, CrmOptions, Item, Kind, Rig, Run, crm_items, google_items,
    over_crms,
};

/// How often it is killed.
const ROUNDS: u64 = 20;
/// Records there are at first, on each side.
const SEEDED: usize = 75;
/// The longest time before it is killed, in milliseconds: about as long as the whole first sync takes.
const LONGEST_LIFE: u64 = 1_600;
/// Each call takes so long, so that there are moments to be killed at.
const LATENCY: Duration = Duration::from_millis(8);

/// The program as it is built for this workspace.
///
/// Cargo tells a package's own tests where its program is, and no other's. Asked with the features that the tests
/// of the whole workspace are built with, it has nothing to do where those were built before.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let profile_folder = own.parent().and_then(Path::parent).unwrap();
    let profile = match profile_folder.file_name().and_then(|name| name.to_str()).unwrap() {
        "debug" => "dev",
        other => other,
    };
    let built = std::process::Command::new(env!("CARGO"))
        .args(["build", "--workspace", "--bin", "local", "--test", "tidy"])
        .args(["--message-format", "json-render-diagnostics", "--quiet"])
        .args(["--profile", profile, "--target-dir"])
        .arg(profile_folder.parent().unwrap())
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(built.status.success(), "the program cannot be built");
    let told = String::from_utf8(built.stdout).unwrap();
    let mut messages = told
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let found = messages.find_map(|message| {
        let is_program = message["target"]["name"] == "local" && message["target"]["kind"] == json!(["bin"]);
        let path = message["executable"].as_str().filter(|_| is_program);
        path.map(PathBuf::from)
    });
    found.expect("cargo names the program")
}

/// The program, its data and the servers it works between.
struct Ground {
    program: PathBuf,
    folder: TempDir,
    google: GoogleSim,
    crm: Crm,
    clock: SimClock,
}

impl Ground {
    async fn new(kind: Kind) -> Self {
        let clock = SimClock::real();
        // What a killed run has used of the quota nobody remembers; quotas have scenarios of their own.
        let google = GoogleSim::start(GoogleOptions {
            clock: clock.clone(),
            quota_per_minute: None,
            ..GoogleOptions::default()
        });
        let crm = Crm::start(CrmOptions {
            clock: clock.clone(),
            ..CrmOptions::of(kind)
        });
        Self {
            program: tokio::task::spawn_blocking(program).await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
            google: google.await.unwrap(),
            crm: crm.await,
            clock,
        }
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(subcommand)
            .arg("--data")
            .arg(self.folder.path().join("data"))
            .env("ADMIN_KEY", ADMIN_KEY)
            .env("GOOGLE_AUTH_URL", self.google.auth_url())
            .env("GOOGLE_TOKEN_URL", self.google.token_url())
            .env("GOOGLE_REVOKE_URL", self.google.revoke_url())
            .env("GOOGLE_USERINFO_URL", self.google.userinfo_url())
            .env("GOOGLE_CALENDAR_URL", self.google.calendar_url())
            .env("RUST_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Starts `serve` and waits until it says where.
    async fn serve(&self) -> (Child, Rig) {
        let mut child = self.command("serve").args(["--port", "0"]).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let base = loop {
            let line = lines
                .next_line()
                .await
                .unwrap()
                .expect("it says where it listens");
            if let Some(address) = line.strip_prefix("listening on ") {
                break address.trim_end_matches('/').to_owned();
            }
        };
        let (google, crm) = (self.google.clone(), self.crm.clone());
        (child, Rig::outside(google, crm, self.clock.clone(), base))
    }

    fn start_sync(&self) -> Child {
        self.command("sync")
            .args(["--crm", CRM, "--user", &self.crm.id_of(ANNA), "--json"])
            .spawn()
            .unwrap()
    }

    /// One run from beginning to end.
    async fn sync(&self) -> Run {
        let output = self.start_sync().wait_with_output().await.unwrap();
        let run: Run = serde_json::from_slice(&output.stdout).expect("the record is on standard output");
        assert_eq!(output.status.success(), run.outcome == "ok", "{run:#?}");
        run
    }

    fn set_latency(&self, latency: Duration) {
        self.google.set_latency(latency);
        self.crm.set_latency(latency);
    }
}

/// What people did, so that it is known what must stand on both sides in the end.
struct People {
    random: StdRng,
    expected: Vec<Item>,
    made: u32,
}

impl People {
    /// Somebody makes, renames, moves or deletes something on one of the sides.
    fn act(&mut self, ground: &Ground) {
        let in_crm = self.random.random_bool(0.5);
        // Only what stands on that side by now can be touched there, and only what nobody has touched before: a
        // record that two people change at once has scenarios of its own.
        let known: Vec<(String, Item)> = if in_crm {
            meetings(&ground.crm)
        } else {
            events(&ground.google)
        };
        let untouched: Vec<_> = known
            .into_iter()
            .filter(|(_, item)| item.title.starts_with("Generated") && self.expected.contains(item))
            .collect();
        let choice = self.random.random_range(0..4);
        if choice == 0 || untouched.is_empty() {
            self.make(ground, in_crm);
            return;
        }
        let (id, item) = untouched[self.random.random_range(0..untouched.len())].clone();
        let place = self.expected.iter().position(|one| *one == item).unwrap();
        self.made += 1;
        let renamed = format!("Renamed {}", self.made);
        let mut after = item.clone();
        after.title.clone_from(&renamed);
        let (anna, online) = (ground.crm.person(ANNA), ground.google.person(ANNA_MAIL));
        match (choice, in_crm) {
            (1, true) => {
                anna.delete("Meetings", &id).unwrap();
                self.expected.remove(place);
                return;
            }
            (1, false) => {
                online.delete("primary", &id).unwrap();
                self.expected.remove(place);
                return;
            }
            (2, true) => anna.edit("Meetings", &id, &json!({ "name": renamed })).unwrap(),
            (2, false) => drop(
                online
                    .edit("primary", &id, &json!({ "summary": renamed }))
                    .unwrap(),
            ),
            (_, true) => {
                after.start += TimeDelta::days(100);
                let edit = json!({ "name": renamed,
                                   "date_start": after.start.format("%Y-%m-%d %H:%M:%S").to_string() });
                anna.edit("Meetings", &id, &edit).unwrap();
            }
            (_, false) => {
                after.start += TimeDelta::days(100);
                let point = |at: DateTime<Utc>| json!({ "dateTime": at.to_rfc3339() });
                let patch = json!({ "summary": renamed, "start": point(after.start),
                                    "end": point(after.start + TimeDelta::minutes(after.minutes)) });
                online.edit("primary", &id, &patch).unwrap();
            }
        }
        self.expected[place] = after;
    }

    fn make(&mut self, ground: &Ground, in_crm: bool) {
        self.made += 1;
        let midnight = ground
            .clock
            .now()
            .date_naive()
            .and_hms_opt(0, 0, 0)
            .unwrap()
            .and_utc();
        let item = Item {
            title: format!("Made {}", self.made),
            start: midnight + TimeDelta::days(200) + TimeDelta::minutes(30 * i64::from(self.made)),
            minutes: 30,
        };
        if in_crm {
            let length = Duration::from_mins(30);
            ground
                .crm
                .person(ANNA)
                .create_meeting(&item.title, item.start, length)
                .unwrap();
        } else {
            let end = item.start + TimeDelta::minutes(30);
            let online = ground.google.person(ANNA_MAIL);
            online
                .create_timed("primary", &item.title, item.start, end)
                .unwrap();
        }
        self.expected.push(item);
    }

    fn expected(&self) -> Vec<Item> {
        let mut items = self.expected.clone();
        items.sort();
        items
    }
}

/// Id and content of Anna's meetings.
fn meetings(crm: &Crm) -> Vec<(String, Item)> {
    let items = crm.rows("Meetings").into_iter().map(|row| {
        let item = crate::rig::item_of_row(&row);
        (row["id"].as_str().unwrap().to_owned(), item)
    });
    items.collect()
}

/// Id and content of Anna's events.
fn events(google: &GoogleSim) -> Vec<(String, Item)> {
    let events = google.person(ANNA_MAIL).events("primary").into_iter();
    events
        .map(|event| {
            (
                event["id"].as_str().unwrap().to_owned(),
                crate::rig::item_of_event(&event),
            )
        })
        .collect()
}

async fn killed_at_any_moment_it_loses_nothing_and_doubles_nothing(kind: Kind) {
    let ground = Ground::new(kind).await;
    let (mut child, rig) = ground.serve().await;
    rig.register(CRM, &ground.crm).await;
    rig.set_defaults_off().await;
    rig.link(ANNA, ANNA_MAIL).await;
    ground.crm.seed_meetings(ANNA, SEEDED);
    ground.google.seed_events(ANNA_MAIL, SEEDED);
    let mut people = People {
        random: StdRng::seed_from_u64(20_261_123),
        expected: [
            crm_items(&ground.crm, ANNA),
            google_items(&ground.google, ANNA_MAIL),
        ]
        .concat(),
        made: 0,
    };
    assert_eq!(people.expected.len(), 2 * SEEDED);
    ground.set_latency(LATENCY);
    rig.set(&json!({ "enabled": true })).await;
    child.kill().await.unwrap();

    let mut killed_at_work = 0;
    for round in 0..ROUNDS {
        let life = Duration::from_millis(people.random.random_range(20..LONGEST_LIFE));
        let writes = || ground.google.traffic().writes() + ground.crm.traffic().writes();
        let before = writes();
        let begun = Instant::now();
        // Either the program that runs once, or the one that serves and is asked for a run.
        let (mut child, asked) = if round % 3 == 2 {
            let (child, rig) = ground.serve().await;
            let asked = tokio::spawn(async move {
                let path = format!("{}/sync?wait=true", rig.link_path(CRM, ANNA));
                rig.try_call("POST", &path).await;
            });
            (child, Some(asked))
        } else {
            (ground.start_sync(), None)
        };
        while begun.elapsed() < life {
            people.act(&ground);
            sleep(Duration::from_millis(people.random.random_range(20..200))).await;
        }
        // SIGKILL: nothing of the program gets to run any more.
        let ended_by_itself = child.try_wait().unwrap().is_some();
        child.kill().await.unwrap();
        if let Some(asked) = asked {
            asked.await.unwrap();
        }
        killed_at_work += u64::from(!ended_by_itself && writes() > before);
    }
    assert!(
        killed_at_work >= ROUNDS / 3,
        "killed in the middle of writing {killed_at_work} times only"
    );

    ground.set_latency(Duration::ZERO);
    for _ in 0..2 {
        let run = ground.sync().await;
        assert_eq!(run.outcome, "ok", "{run:#?}");
    }
    let expected = people.expected();
    assert_eq!(crm_items(&ground.crm, ANNA), expected, "in the CRM");
    assert_eq!(google_items(&ground.google, ANNA_MAIL), expected, "in Google");
    assert_eq!(ground.crm.in_calendar_of(ANNA).len(), expected.len());
    assert_eq!(ground.google.mails(), []);
    let at_rest = ground.sync().await;
    at_rest.changed_nothing();
    assert_eq!(at_rest.outcome, "ok");
}

over_crms! {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)] suitecrm = SuiteCrm:
    killed_at_any_moment_it_loses_nothing_and_doubles_nothing,
}

over_crms! {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)] vtiger_8_4 = Vtiger84:
    killed_at_any_moment_it_loses_nothing_and_doubles_nothing,
}
