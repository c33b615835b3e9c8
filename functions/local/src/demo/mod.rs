//! `demo`: the whole product on this machine, with nothing real outside.
//!
//! A simulated Google and a simulated SuiteCRM listen on the loopback address. The CRM is registered, the Google
//! client installed and one user linked through the same calls and pages that a customer uses; from then on the
//! built-in schedule runs every few seconds. The page shows both calendars side by side; its forms are the hands of
//! a person at either side, and never touch the sync itself.
//!
//! | file | holds |
//! |---|---|
//! | `world` | the simulated servers and who lives in them |
//! | `setup` | registering, installing, linking, as an administrator and a user do it |
//! | `browser` | the browser with which they do it |
//! | `agenda` | both calendars of one week, ready to be shown |
//! | `edits` | what a person does on either side |
//! | `feed` | the records of the runs, as they happen |
//! | `pages`, `views` | the page itself, and what its templates read |

mod agenda;
mod browser;
mod edits;
mod feed;
mod pages;
mod setup;
mod views;
mod world;

use std::sync::Arc;

use connector_http::client::HttpClient;
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::command::{DemoArguments, PORT};
use crate::ending::{Ending, Trouble};
use crate::installation::{Installation, Machine, Setup};
use crate::serve::{listen, local_address, work};
use crate::timetable::Timetable;
use crate::{say, stop};
use browser::Browser;
use feed::{FedRuns, Feed};
use pages::Demo;
use world::World;

/// Time between two runs: soon enough to watch, long enough to see that nothing happens in between.
const EVERY_SECONDS: i64 = 3;

/// Runs the demo until it is asked to stop.
///
/// # Errors
/// Where the data folder or the port cannot be had, or the demo's own set-up fails.
pub async fn demo(arguments: &DemoArguments, setup: Setup, machine: Machine) -> Result<Ending, Trouble> {
    let world = World::start().await?;
    // Removed when it is dropped, at the end.
    let passing = match &arguments.data {
        Some(_) => None,
        None => Some(
            tempfile::Builder::new()
                .prefix("crm-google-sync-demo-")
                .tempdir()
                .map_err(|error| {
                    Trouble::Other(format!("no temporary folder can be made ({})", error.kind()))
                })?,
        ),
    };
    let folder = match (&arguments.data, &passing) {
        (Some(folder), _) => folder.as_path(),
        (None, Some(passing)) => passing.path(),
        (None, None) => return Err(Trouble::Other("there is no folder for the data".to_owned())),
    };
    let setup = Setup {
        google: world.google_endpoints(),
        allow_private_crm: true,
        ..setup
    };
    let every = chrono::Duration::seconds(EVERY_SECONDS);
    let timetable = Timetable::with_interval(Arc::clone(&machine.clock), every);
    let mut installation = Installation::open(folder, setup, machine.clone(), timetable)?;
    // Whoever watches runs come every few seconds expects each of them to look at everything.
    installation.engine = installation.engine.asking_always();
    setup::forget_earlier(&installation).await?;

    let listener = listener(arguments.port).await?;
    let origin = format!("http://{}", local_address(&listener)?);
    let admin_key = installation.admin_key().await?;
    let app = installation.app(Some(origin.clone())).await?;
    let feed = Arc::new(Feed::default());
    let demo = Arc::new(Demo::new(
        &installation,
        &world,
        Arc::clone(&feed),
        origin.clone(),
        machine,
    ));
    let router = web::router(app).merge(pages::routes(Arc::clone(&demo)));
    let runs = FedRuns::new(&installation, feed);

    let (fail, failed) = oneshot::channel::<Trouble>();
    let setting_up = async {
        let http = HttpClient::unguarded().map_err(|failure| Trouble::Other(failure.to_string()))?;
        let key = setup::link_anna(Browser::new(http), &origin, &admin_key, &world, &demo).await?;
        demo.is_linked(key);
        Ok::<(), Trouble>(())
    };
    let announcing = async {
        say::remark("setting up the demo…");
        match setting_up.await {
            Ok(()) => {
                say::answer(&format!("the demo:             {origin}/demo"));
                say::answer(&format!("administration:       {origin}/admin"));
                say::answer(&format!("administrator's key:  {}", admin_key.expose_secret()));
                say::answer("Ctrl-C stops it");
            }
            Err(trouble) => {
                // The receiver is there as long as the server runs.
                let _sent = fail.send(trouble);
            }
        }
    };
    let mut failure = None;
    let stopping = async {
        tokio::select! {
            () = stop::asked_to() => {}
            Ok(trouble) = failed => failure = Some(trouble),
        }
    };
    futures::join!(
        work(
            &installation.timetable,
            Arc::new(runs),
            listener,
            router,
            stopping
        ),
        announcing
    );
    if let Some(trouble) = failure {
        return Err(trouble);
    }
    say::remark("stopped");
    Ok(Ending::Ok)
}

/// The port asked for; else the usual one, or any where that is taken.
async fn listener(port: Option<u16>) -> Result<TcpListener, Trouble> {
    match port {
        Some(port) => listen(port).await,
        None => match listen(PORT).await {
            Ok(listener) => Ok(listener),
            Err(_) => listen(0).await,
        },
    }
}
