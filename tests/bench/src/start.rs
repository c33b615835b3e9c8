//! From the start of a function's process to its first poll of the runtime interface.

use std::path::Path;

use tokio::runtime::Handle;

use crate::Failed;
use crate::lambda::RuntimeApi;
use crate::programs::Programs;
use crate::table::{Row, Table, median};

/// Starts of each program. They take turns, so that whatever else the machine does meets all alike.
const STARTS: usize = 41;

/// Most times the minimal function's start.
const AIM: f64 = 1.6;

pub(crate) async fn measure(programs: &Programs, servers: &Handle, table: &mut Table) -> Result<(), Failed> {
    let mut api = RuntimeApi::start(servers).await?;
    let environment = environment(&api.base());
    let with = |name: &'static str| {
        let mut all = environment.clone();
        all.push((name, "secret".to_owned()));
        all
    };
    let (known, in_secret) = (with("ADMIN_KEY"), with("ADMIN_KEY_SECRET"));
    let candidates: [(&Path, &[(&str, String)]); 4] = [
        (&programs.minimal, &[]),
        (&programs.sync, &environment),
        (&programs.web, &known),
        (&programs.web, &in_secret),
    ];
    let mut times = [const { Vec::new() }; 4];
    // The first round only brings the programs into the machine's memory.
    for round in 0..=STARTS {
        for ((program, environment), times) in candidates.iter().zip(&mut times) {
            let function = api.run(program, environment)?;
            let took = api.polled().await?.duration_since(function.started);
            if round > 0 {
                times.push(took.as_secs_f64() * 1e3);
            }
        }
    }
    let [minimal, sync, web, web_reading] = times.map(median);
    let note = format!(
        "Start: median of {STARTS} starts of each program in turns, from before the process is started to its first \
         request at a stand-in for the runtime interface; floor: a function of `lambda_runtime` that returns its event."
    );
    table.push(Row::ratio("start of `sync`", (sync, minimal), "ms", Some(AIM)).noted(note.clone()));
    table.push(Row::ratio("start of `web`", (web, minimal), "ms", Some(AIM)).noted(note));
    table.push(
        Row::ratio("start of `web`, key in a secret", (web_reading, minimal), "ms", None).noted(
            "As deployed, `web` also waits for one answer of Secrets Manager, while Lambda gives it a whole processor; \
             here a stand-in answers at once, over plain HTTP.",
        ),
    );
    Ok(())
}

/// The environment that both functions need to start.
pub(crate) fn environment(aws: &str) -> Vec<(&'static str, String)> {
    [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", aws),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("TABLE_NAME", "bench"),
        ("SECRETS_PREFIX", "bench/"),
        ("SCHEDULE_GROUP", "bench"),
        ("SCHEDULE_ROLE_ARN", "arn:aws:iam::000000000000:role/bench"),
        (
            "SYNC_FUNCTION_ARN",
            "arn:aws:lambda:eu-west-1:000000000000:function:bench",
        ),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}
