//! The schedule under paused time.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration as StdDuration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::*;

/// A clock that goes with tokio's, so that pausing one pauses both.
#[derive(Debug)]
struct TokioClock {
    began: Instant,
}

impl TokioClock {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
        })
    }
}

impl Clock for TokioClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::from_std(self.began.elapsed()).unwrap()
    }
}

/// Runs that take a while; notes who ran when, and refuses two at once of one account link.
#[derive(Default)]
struct Slow {
    takes: StdDuration,
    log: Mutex<Vec<(i64, RunRequest)>>,
    at_work: Mutex<HashSet<AccountLinkId>>,
    most_at_once: AtomicUsize,
    clock: Option<Arc<TokioClock>>,
}

impl Slow {
    fn new(clock: &Arc<TokioClock>, seconds: u64) -> Arc<Self> {
        Arc::new(Self {
            takes: StdDuration::from_secs(seconds),
            clock: Some(Arc::clone(clock)),
            ..Self::default()
        })
    }

    fn starts(&self, user: &str) -> Vec<i64> {
        self.log
            .lock()
            .unwrap()
            .iter()
            .filter(|(_, run)| run.link.user == user)
            .map(|(at, _)| *at)
            .collect()
    }
}

#[async_trait]
impl Runs for Slow {
    async fn run(&self, request: RunRequest) {
        let now = self.clock.as_ref().unwrap().now();
        {
            let mut at_work = self.at_work.lock().unwrap();
            assert!(
                at_work.insert(request.link.clone()),
                "two runs of one account link at a time"
            );
            self.most_at_once.fetch_max(at_work.len(), Ordering::SeqCst);
        }
        self.log.lock().unwrap().push((now.timestamp(), request.clone()));
        tokio::time::sleep(self.takes).await;
        self.at_work.lock().unwrap().remove(&request.link);
        assert!(request.link.user != "panics", "a run that panics");
    }
}

fn link(user: &str) -> AccountLinkId {
    AccountLinkId::new("acme", user)
}

async fn drive_for(seconds: u64, timetable: &Timetable, runs: &Arc<Slow>) {
    let runs: Arc<dyn Runs> = Arc::clone(runs) as Arc<dyn Runs>;
    drive(
        timetable.clone(),
        runs,
        tokio::time::sleep(StdDuration::from_secs(seconds)),
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_account_link_runs_after_each_interval_and_not_before() {
    let clock = TokioClock::new();
    let (timetable, runs) = (Timetable::new(clock.clone()), Slow::new(&clock, 1));
    timetable.set(&link("ann"), 15, false).await.unwrap();
    // Ends between two runs: what is due in the very instant of the end may or may not begin.
    drive_for(3500, &timetable, &runs).await;
    assert_eq!(runs.starts("ann"), [900, 1800, 2700]);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_put_off_starts_at_its_time_and_once() {
    let clock = TokioClock::new();
    let (timetable, runs) = (Timetable::new(clock.clone()), Slow::new(&clock, 1));
    timetable.set(&link("ann"), 15, false).await.unwrap();
    for (seconds, run) in [(300, "late"), (120, "early"), (600, "later")] {
        timetable
            .run_after(
                StdDuration::from_secs(seconds),
                &link("ann"),
                Trigger::Continuation,
                run,
            )
            .await
            .unwrap();
    }
    drive_for(1100, &timetable, &runs).await;
    // The schedule counts from the run before.
    assert_eq!(runs.starts("ann"), [120, 1020]);
}

#[tokio::test(start_paused = true)]
async fn a_paused_one_stays_silent_and_goes_on_after_its_interval() {
    let clock = TokioClock::new();
    let (timetable, runs) = (Timetable::new(clock.clone()), Slow::new(&clock, 1));
    timetable.set(&link("ann"), 5, true).await.unwrap();
    drive_for(3600, &timetable, &runs).await;
    assert!(runs.starts("ann").is_empty());
    timetable.set(&link("ann"), 5, false).await.unwrap();
    drive_for(301, &timetable, &runs).await;
    assert_eq!(runs.starts("ann").len(), 1);
    timetable.remove(&link("ann")).await.unwrap();
    drive_for(3600, &timetable, &runs).await;
    assert_eq!(runs.starts("ann").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn saving_the_same_settings_again_does_not_put_the_next_run_off() {
    let clock = TokioClock::new();
    let (timetable, runs) = (Timetable::new(clock.clone()), Slow::new(&clock, 1));
    timetable.set(&link("ann"), 15, false).await.unwrap();
    tokio::time::sleep(StdDuration::from_secs(800)).await;
    timetable.set(&link("ann"), 15, false).await.unwrap();
    drive_for(150, &timetable, &runs).await;
    assert_eq!(runs.starts("ann"), [900]);
}

#[tokio::test(start_paused = true)]
async fn a_run_longer_than_its_interval_is_never_doubled() {
    let clock = TokioClock::new();
    let (timetable, runs) = (Timetable::new(clock.clone()), Slow::new(&clock, 700));
    timetable.set(&link("ann"), 5, false).await.unwrap();
    drive_for(3000, &timetable, &runs).await;
    // Each begins as the one before ends: `Slow` itself refuses two at once.
    assert_eq!(runs.starts("ann"), [300, 1000, 1700, 2400]);
}

#[tokio::test(start_paused = true)]
async fn a_wanted_run_starts_at_once_under_the_name_it_was_promised() {
    let clock = TokioClock::new();
    let (timetable, runs) = (Timetable::new(clock.clone()), Slow::new(&clock, 1));
    timetable.set(&link("ann"), 15, false).await.unwrap();
    timetable
        .run_soon(&link("ann"), Trigger::Manual, "run-1")
        .await
        .unwrap();
    drive_for(10, &timetable, &runs).await;
    let log = runs.log.lock().unwrap().clone();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].0, 0);
    assert_eq!(log[0].1.run_id.as_deref(), Some("run-1"));
    assert_eq!(log[0].1.trigger, Trigger::Manual);
}

#[tokio::test(start_paused = true)]
async fn a_run_wanted_while_one_is_under_way_waits_for_its_end() {
    let clock = TokioClock::new();
    let (timetable, runs) = (Timetable::new(clock.clone()), Slow::new(&clock, 100));
    timetable
        .run_soon(&link("ann"), Trigger::Manual, "first")
        .await
        .unwrap();
    timetable
        .run_soon(&link("ann"), Trigger::Continuation, "second")
        .await
        .unwrap();
    timetable
        .run_soon(&link("ann"), Trigger::Continuation, "the same again")
        .await
        .unwrap();
    timetable
        .run_soon(&link("bob"), Trigger::Manual, "third")
        .await
        .unwrap();
    drive_for(500, &timetable, &runs).await;
    assert_eq!(runs.starts("ann"), [0, 100]);
    assert_eq!(runs.starts("bob"), [0]);
}

#[tokio::test(start_paused = true)]
async fn many_that_are_due_together_share_the_places() {
    let clock = TokioClock::new();
    let (timetable, runs) = (Timetable::new(clock.clone()), Slow::new(&clock, 10));
    for number in 0..20 {
        timetable.enter(&link(&number.to_string()), 15, clock.now());
    }
    drive_for(60, &timetable, &runs).await;
    assert_eq!(runs.log.lock().unwrap().len(), 20);
    assert_eq!(runs.most_at_once.load(Ordering::SeqCst), RUNS_AT_ONCE);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_panics_is_due_again_after_its_interval() {
    let clock = TokioClock::new();
    let (timetable, runs) = (Timetable::new(clock.clone()), Slow::new(&clock, 1));
    timetable.set(&link("panics"), 5, false).await.unwrap();
    drive_for(700, &timetable, &runs).await;
    assert_eq!(runs.starts("panics"), [300, 600]);
}

#[tokio::test(start_paused = true)]
async fn at_the_end_it_waits_for_the_run_under_way() {
    let clock = TokioClock::new();
    let (timetable, runs) = (Timetable::new(clock.clone()), Slow::new(&clock, 5));
    timetable
        .run_soon(&link("ann"), Trigger::Manual, "run")
        .await
        .unwrap();
    drive_for(1, &timetable, &runs).await;
    assert!(runs.at_work.lock().unwrap().is_empty());
    assert_eq!(clock.now().timestamp(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_run_without_end_does_not_keep_the_process_alive() {
    let clock = TokioClock::new();
    let (timetable, runs) = (Timetable::new(clock.clone()), Slow::new(&clock, 100_000));
    timetable
        .run_soon(&link("ann"), Trigger::Manual, "run")
        .await
        .unwrap();
    drive_for(1, &timetable, &runs).await;
    assert_eq!(
        clock.now().timestamp(),
        1 + i64::try_from(GRACE.as_secs()).unwrap()
    );
}

#[derive(Debug, Clone)]
enum Step {
    Set(u8, u32, bool),
    Remove(u8),
    Soon(u8),
    Take,
    End(u8),
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0_u8..4, 5_u32..20, any::<bool>())
            .prop_map(|(user, minutes, paused)| Step::Set(user, minutes, paused)),
        (0_u8..4).prop_map(Step::Remove),
        (0_u8..4).prop_map(Step::Soon),
        Just(Step::Take),
        (0_u8..4).prop_map(Step::End),
        (0_i64..1200).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 0..60)
}

proptest! {
    /// Whatever happens in whatever order: never two runs of one account link, never more waiting than allowed,
    /// and nothing that is paused or removed starts by the clock.
    #[test]
    fn the_plan_keeps_its_promises(steps in steps()) {
        let mut plan = Plan::default();
        let mut now = DateTime::UNIX_EPOCH;
        let mut running = HashSet::new();
        let mut unpaused: HashMap<AccountLinkId, bool> = HashMap::new();
        for step in steps {
            match step {
                Step::Set(user, minutes, paused) => {
                    plan.set(&link(&user.to_string()), Duration::minutes(i64::from(minutes)), paused, now);
                    unpaused.insert(link(&user.to_string()), !paused);
                }
                Step::Remove(user) => {
                    plan.remove(&link(&user.to_string()));
                    unpaused.remove(&link(&user.to_string()));
                }
                Step::Soon(user) => {
                    let wanted = RunRequest {
                        link: link(&user.to_string()),
                        trigger: Trigger::Manual,
                        run_id: Some("wanted".to_owned()),
                    };
                    let _refused_when_full = plan.queue(wanted, now);
                }
                Step::Take => {
                    if let Some(request) = plan.take(now) {
                        prop_assert!(running.insert(request.link.clone()));
                        if request.trigger == Trigger::Schedule {
                            prop_assert_eq!(unpaused.get(&request.link), Some(&true));
                        }
                    }
                }
                Step::End(user) => {
                    plan.ended(&link(&user.to_string()));
                    running.remove(&link(&user.to_string()));
                }
                Step::Wait(seconds) => now += Duration::seconds(seconds),
            }
            // What is due and free is taken: nothing starves while there is a place.
            let due = plan.next_due().is_some_and(|due_at| due_at <= now);
            if due {
                let taken = plan.take(now);
                prop_assert!(taken.is_some());
                running.insert(taken.unwrap().link);
            }
        }
    }
}
