//! Peak memory of the real sync function, with an AWS emulator behind it.

use std::path::Path;
use std::sync::Arc;

use connector_http::client::HttpClient;
use serde_json::{Value, json};
use store_aws::{Aws, AwsConfig};
use sync_core::port::{Clock, Entropy, SecretText};
use sync_engine::memory::Memory;
use tokio::runtime::Handle;

use crate::Failed;
use crate::emulator::Emulator;
use crate::lambda::{Function, RuntimeApi};
use crate::programs::Programs;
use crate::start::environment;
use crate::table::{Row, Table, Verdict};
use crate::world::{MachineEntropy, World};

/// Most megabytes (of a million bytes) that the function ever has.
const AIM: f64 = 16.0;
/// Meetings in step on both sides.
const MEETINGS: usize = 30;
/// Meetings of the run that is not idle: as many as the quota lets through in one minute.
const MEETINGS_MANY: usize = 500;

pub(crate) async fn measure(programs: &Programs, servers: &Handle, table: &mut Table) -> Result<(), Failed> {
    let Some(emulator) = Emulator::find()? else {
        table.push(
            Row::counts("peak memory of an idle run", String::new(), "≤ 16 MB", Verdict::NotMeasured).noted(
                "There is no AWS emulator: `bash tests/run template` installs the test tools with one, or set \
                 AWS_ENDPOINT_URL to one that is running.",
            ),
        );
        return Ok(());
    };
    let minimal = {
        let mut api = RuntimeApi::start(servers).await?;
        let function = api.run(&programs.minimal, &[])?;
        api.polled().await?;
        api.invoke(&json!({})).await?;
        function.peak_memory()?
    };
    let idle = of_runs(&programs.sync, servers, &emulator, ("idle", MEETINGS)).await?;
    let first = of_runs(&programs.sync, servers, &emulator, ("first", MEETINGS_MANY)).await?;
    table.push(
        Row::at_most("peak memory of an idle run", idle.idle, AIM, "MB")
            .over(format!("{minimal:.2} MB"))
            .noted(
                "Peak memory: the kernel's high-water mark (VmHWM, MB of 1,000,000 bytes) of the real function's process, \
                 started anew and invoked once by a stand-in for the runtime interface; rows and secrets in an AWS \
                 emulator; everything over plain HTTP, so without the memory of TLS sessions. Floor: the minimal function \
                 after one event.",
            ),
    );
    table.push(Row::counts(
        "peak memory of an idle run, 500 pairs",
        format!("{:.2} MB", first.idle),
        "",
        Verdict::None,
    ));
    table.push(Row::counts(
        "peak memory of the first sync of 500",
        format!("{:.2} MB", first.first),
        "",
        Verdict::None,
    ));
    Ok(())
}

/// Peak memory of two processes.
#[derive(Debug)]
struct Peaks {
    /// The one that brought everything in step.
    first: f64,
    /// A new one that found nothing to do.
    idle: f64,
}

async fn of_runs(
    program: &Path,
    servers: &Handle,
    emulator: &Emulator,
    (name, meetings): (&str, usize),
) -> Result<Peaks, Failed> {
    let world = World::start(servers, meetings, None).await?;
    let name = format!("bench-{name}-{}", std::process::id());
    link(&world, &emulator.address, &name).await?;
    let environment = function_environment(&world, &emulator.address, &name);
    let event = json!({ "crm": world.link.crm, "user": world.link.user });

    let (api, function) = &mut started(program, servers, &environment).await?;
    let record = api.invoke(&event).await?;
    expect(&record, "created", meetings)?;
    let first = function.peak_memory()?;
    // The next run sees our own writes once more.
    expect(&api.invoke(&event).await?, "created", 0)?;

    let (api, function) = &mut started(program, servers, &environment).await?;
    let record = api.invoke(&event).await?;
    expect(&record, "created", 0)?;
    let requests = |side: &str| {
        record
            .pointer(&format!("/requests/{side}"))
            .and_then(Value::as_u64)
    };
    if requests("google") != Some(1) || requests("crm").is_none_or(|count| count > 4) {
        return Err(format!("the run was not idle: {record}").into());
    }
    Ok(Peaks {
        first,
        idle: function.peak_memory()?,
    })
}

async fn started(
    program: &Path,
    servers: &Handle,
    environment: &[(&str, String)],
) -> Result<(RuntimeApi, Function), Failed> {
    let mut api = RuntimeApi::start(servers).await?;
    let function = api.run(program, environment)?;
    api.polled().await?;
    Ok((api, function))
}

fn expect(record: &Value, what: &str, count: usize) -> Result<(), Failed> {
    let found = record
        .pointer(&format!("/changes/events/google/{what}"))
        .and_then(Value::as_u64);
    let well = record.get("outcome").and_then(Value::as_str) == Some("ok");
    if well && found == Some(u64::try_from(count)?) {
        Ok(())
    } else {
        Err(format!("the function's run went otherwise than it must: {record}").into())
    }
}

/// A table of its own, with Anna's account link in it.
async fn link(world: &World, emulator: &str, name: &str) -> Result<(), Failed> {
    let http = HttpClient::unguarded()?;
    let table = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "sk", "AttributeType": "S" },
        ],
        "KeySchema": [
            { "AttributeName": "pk", "KeyType": "HASH" },
            { "AttributeName": "sk", "KeyType": "RANGE" },
        ],
    });
    // An emulator looks at no signature.
    let signed = "AWS4-HMAC-SHA256 Credential=test/20260301/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, \
                  Signature=none";
    let request = http::Request::post(emulator)
        .header("authorization", signed)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "DynamoDB_20120810.CreateTable")
        .body(table.to_string().into_bytes())?;
    let answer = http.send(request).await?;
    if !answer.is_success() {
        return Err(format!("the emulator made no table: {}", answer.status).into());
    }
    let function = "arn:aws:lambda:eu-west-1:000000000000:function:bench";
    let config = AwsConfig {
        region: "eu-west-1".to_owned(),
        endpoint_url: Some(emulator.to_owned()),
        access_key_id: "test".to_owned(),
        secret_access_key: SecretText::from("test"),
        session_token: None,
        table_name: name.to_owned(),
        secrets_prefix: format!("{name}/"),
        schedule_group: name.to_owned(),
        schedule_role_arn: "arn:aws:iam::000000000000:role/bench".to_owned(),
        sync_function_arn: function.to_owned(),
        schedule_dlq_arn: None,
    };
    let clock: Arc<dyn Clock> = Arc::new(world.clock.clone());
    let entropy: Arc<dyn Entropy> = Arc::new(MachineEntropy);
    let aws = Aws::new(config, http, clock, entropy);
    let memory = Memory::new(Arc::new(aws.store()));
    world.link(&memory, Arc::new(aws.secrets())).await
}

fn function_environment(world: &World, emulator: &str, name: &str) -> Vec<(&'static str, String)> {
    let mut all = environment(emulator);
    all.retain(|(variable, _)| !["TABLE_NAME", "SECRETS_PREFIX"].contains(variable));
    let google = world.endpoints();
    all.extend([
        ("TABLE_NAME", name.to_owned()),
        ("SECRETS_PREFIX", format!("{name}/")),
        ("ALLOW_PRIVATE_CRM", "true".to_owned()),
        ("GOOGLE_TOKEN_URL", google.token),
        ("GOOGLE_CALENDAR_URL", google.calendar),
    ]);
    all
}
