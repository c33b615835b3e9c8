//! `serve`: the pages and calls on a port, and the built-in schedule beside them.

use std::future::IntoFuture as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use url::Url;

use crate::command::ServeArguments;
use crate::ending::{Ending, Trouble};
use crate::installation::{Installation, Machine, Setup};
use crate::runs::EngineRuns;
use crate::timetable::{GRACE, Runs, Timetable, drive};
use crate::{say, stop};

/// Serves until it is asked to stop.
///
/// # Errors
/// Where the data folder or the port cannot be had, or the public address is none.
pub async fn serve(
    arguments: &ServeArguments,
    public_url: Option<String>,
    setup: Setup,
    machine: Machine,
) -> Result<Ending, Trouble> {
    let public_url = arguments
        .public_url
        .clone()
        .or(public_url)
        .map(|url| checked(&url))
        .transpose()?;
    let timetable = Timetable::new(Arc::clone(&machine.clock));
    let given_key = setup.admin_key.is_some();
    let installation = Installation::open(&arguments.data, setup, machine, timetable)?;
    let listener = listen(arguments.port).await?;
    let address = local_address(&listener)?;
    let app = installation.app(public_url.clone()).await?;
    let links = installation.fill_timetable().await?;

    say::answer(&format!("listening on http://{address}/"));
    if let Some(url) = &public_url {
        say::answer(&format!("reached by browsers at {url}/"));
    }
    say::answer(&format!("administration: http://{address}/admin"));
    if !given_key {
        say::answer(&format!(
            "its key: stop this, then `admin-key --data {}`; or set ADMIN_KEY",
            arguments.data.display()
        ));
    }
    say::answer(&format!("{links} account links in the schedule; Ctrl-C stops"));

    let runs = EngineRuns {
        engine: installation.engine.clone(),
        progress: Arc::clone(&installation.progress),
    };
    work(
        &installation.timetable,
        Arc::new(runs),
        listener,
        web::router(app),
        stop::asked_to(),
    )
    .await;
    say::remark("stopped");
    Ok(Ending::Ok)
}

/// Serves and runs until `stop` is ready, then ends both in order.
pub(crate) async fn work(
    timetable: &Timetable,
    runs: Arc<dyn Runs>,
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let (stopped, stopping) = tokio::sync::watch::channel(false);
    let driving = drive(timetable.clone(), runs, told(stopping.clone()));
    let serving = async {
        let server = axum::serve(listener, router).with_graceful_shutdown(told(stopping.clone()));
        let mut server = std::pin::pin!(server.into_future());
        let late = async {
            told(stopping.clone()).await;
            // A browser may keep its connection open without end.
            tokio::time::sleep(GRACE + Duration::from_secs(1)).await;
        };
        tokio::select! {
            _ended = &mut server => {}
            () = late => {}
        }
    };
    let waiting = async {
        stop.await;
        // The receivers live as long as the futures beside this one.
        let _sent = stopped.send(true);
    };
    futures::join!(driving, serving, waiting);
}

async fn told(mut stopping: tokio::sync::watch::Receiver<bool>) {
    // An error means that the sender is gone, which ends everything as well.
    let _told = stopping.wait_for(|stopped| *stopped).await;
}

/// The port on the loopback address.
///
/// # Errors
/// Where it is taken.
pub(crate) async fn listen(port: u16) -> Result<TcpListener, Trouble> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .await
        .map_err(|error| {
            if error.kind() == io::ErrorKind::AddrInUse {
                Trouble::Other(format!(
                    "port {port} is taken by another program: choose another one with --port"
                ))
            } else {
                Trouble::Other(format!("port {port} cannot be opened ({})", error.kind()))
            }
        })
}

pub(crate) fn local_address(listener: &TcpListener) -> Result<SocketAddr, Trouble> {
    listener
        .local_addr()
        .map_err(|error| Trouble::Other(format!("the port is gone ({})", error.kind())))
}

/// The public address without a slash at its end.
fn checked(address: &str) -> Result<String, Trouble> {
    let wrong = || {
        Trouble::Usage(format!(
            "the public address must be like https://sync.example.com, without query or fragment; it is {address:?}"
        ))
    };
    let url = Url::parse(address).map_err(|_| wrong())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if plain {
        Ok(url.as_str().trim_end_matches('/').to_owned())
    } else {
        Err(wrong())
    }
}
