//! The simulators as a program of their own, for tests that are not written in Rust.
//!
//! It prints one line of JSON with everything that a caller needs to know, then answers each line of JSON on its
//! input with one on its output, and ends with its input.
//!
//! | `do` | with | answers |
//! |---|---|---|
//! | `client_file` | `redirect_uri` | the file of Google's console, with that redirect address registered |
//! | `google_events` | `email` | the living events of that account's primary calendar |
//! | `google_create` | `email`, `summary`, `start`, `end` | the id of a new event that a person made |
//! | `google_edit` | `email`, `id`, `patch` | changes an event as a person does |
//! | `google_delete` | `email`, `id` | deletes it |
//! | `google_calendar` | `email`, `summary` | the id of a new calendar |
//! | `google_revoke` | `email` | ends every grant of that account, as its owner can |
//! | `google_mails` | | the mails that guests got |
//! | `crm_rows` | `module` | the living rows of a module |
//! | `crm_create_meeting` | `user`, `name`, `start`, `minutes` | the id of a new meeting that a person made |
//! | `crm_edit` | `user`, `module`, `id`, `attributes` | changes a row as a person does |
//! | `crm_delete` | `user`, `module`, `id` | deletes it |
//! | `crm_calendar` | `user` | module and id of what is in a user's CRM calendar |
//! | `vtiger_events` | | the living events of the Vtiger |
//! | `vtiger_create_meeting` | `user`, `name`, `start`, `minutes` | the number of a new meeting that a person made there |

use std::io::{BufRead, Write, stdin, stdout};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use simulators::crm::suitecrm::{SuiteCrmOptions, SuiteCrmSim};
use simulators::crm::vtiger::{VtigerOptions, VtigerSim};
use simulators::google::{GoogleOptions, GoogleSim};
use tokio::sync::oneshot;

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let google = GoogleSim::start(GoogleOptions::default()).await?;
    let crm = SuiteCrmSim::start(SuiteCrmOptions::default()).await?;
    let vtiger = VtigerSim::start(VtigerOptions::default()).await?;
    let sims = Sims { google, crm, vtiger };
    say(&addresses(&sims))?;
    let (finished, until_finished) = oneshot::channel();
    // Reading waits, and the simulators must not: they live on this thread.
    std::thread::spawn(move || finished.send(serve(&sims)));
    until_finished.await?
}

/// Everything that runs here.
struct Sims {
    google: GoogleSim,
    crm: SuiteCrmSim,
    vtiger: VtigerSim,
}

/// Everything there is to know about them.
fn addresses(sims: &Sims) -> Value {
    let Sims { google, crm, vtiger } = sims;
    let clients: Vec<Value> = crm
        .clients()
        .iter()
        .map(|client| json!({ "client_id": client.id, "client_secret": client.secret }))
        .collect();
    let users: Vec<Value> = crm
        .users()
        .iter()
        .map(|user| json!({ "id": user.id, "user_name": user.user_name, "email": user.email }))
        .collect();
    let vtiger_users: Vec<Value> = vtiger
        .users()
        .iter()
        .map(|user| {
            json!({ "id": user.number, "user_name": user.user_name, "email": user.email,
                    "access_key": user.access_key })
        })
        .collect();
    json!({
        "google": {
            "auth_url": google.auth_url(),
            "token_url": google.token_url(),
            "revoke_url": google.revoke_url(),
            "userinfo_url": google.userinfo_url(),
            "calendar_url": google.calendar_url(),
            "accounts": google.accounts(),
        },
        "crm": { "base_url": crm.base_url(), "clients": clients, "users": users },
        "vtiger": { "base_url": vtiger.base_url(), "users": vtiger_users },
    })
}

fn serve(sims: &Sims) -> Result<(), Failed> {
    for line in stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        say(&answer(sims, &asked).unwrap_or_else(|failed| json!({ "error": failed.to_string() })))?;
    }
    Ok(())
}

fn answer(sims: &Sims, asked: &Value) -> Result<Value, Failed> {
    let Sims { google, crm, vtiger } = sims;
    Ok(match text(asked, "do")? {
        "client_file" => google.client_file(text(asked, "redirect_uri")?),
        "google_events" => google.person(text(asked, "email")?).events("primary").into(),
        "google_create" => google
            .person(text(asked, "email")?)
            .create_timed(
                "primary",
                text(asked, "summary")?,
                instant(asked, "start")?,
                instant(asked, "end")?,
            )
            .map_err(|refusal| format!("{refusal:?}"))?
            .into(),
        "google_edit" => google
            .person(text(asked, "email")?)
            .edit(
                "primary",
                text(asked, "id")?,
                asked.get("patch").unwrap_or(&Value::Null),
            )
            .map_err(|refusal| format!("{refusal:?}"))?
            .into(),
        "google_delete" => google
            .person(text(asked, "email")?)
            .delete("primary", text(asked, "id")?)
            .map_err(|refusal| format!("{refusal:?}"))?
            .into(),
        "google_calendar" => google
            .person(text(asked, "email")?)
            .create_calendar(text(asked, "summary")?)
            .map_err(|refusal| format!("{refusal:?}"))?
            .into(),
        "google_revoke" => {
            google.revoke_access(text(asked, "email")?);
            google.expire_access_tokens();
            Value::Null
        }
        "google_mails" => google.mails().len().into(),
        "crm_rows" => json!(crm.rows(text(asked, "module")?)),
        "crm_create_meeting" => {
            let length = minutes(asked)?;
            crm.person(text(asked, "user")?)
                .create_meeting(text(asked, "name")?, instant(asked, "start")?, length)?
                .into()
        }
        "crm_edit" => json!(crm.person(text(asked, "user")?).edit(
            text(asked, "module")?,
            text(asked, "id")?,
            asked.get("attributes").unwrap_or(&Value::Null),
        )?),
        "crm_delete" => json!(
            crm.person(text(asked, "user")?)
                .delete(text(asked, "module")?, text(asked, "id")?)?
        ),
        "crm_calendar" => json!(crm.in_calendar_of(text(asked, "user")?)),
        "vtiger_events" => json!(vtiger.events()),
        "vtiger_create_meeting" => {
            let length = minutes(asked)?;
            vtiger
                .person(text(asked, "user")?.parse()?)
                .create_meeting(text(asked, "name")?, instant(asked, "start")?, length)?
                .into()
        }
        other => return Err(format!("{other} is not something to do").into()),
    })
}

fn minutes(asked: &Value) -> Result<Duration, Failed> {
    let minutes = asked
        .get("minutes")
        .and_then(Value::as_u64)
        .ok_or("minutes is missing")?;
    Ok(Duration::from_secs(minutes * 60))
}

fn text<'a>(asked: &'a Value, field: &str) -> Result<&'a str, Failed> {
    Ok(asked
        .get(field)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("{field} is missing"))?)
}

fn instant(asked: &Value, field: &str) -> Result<DateTime<Utc>, Failed> {
    Ok(text(asked, field)?.parse()?)
}

fn say(value: &Value) -> Result<(), Failed> {
    let mut output = stdout().lock();
    writeln!(output, "{value}")?;
    Ok(output.flush()?)
}
