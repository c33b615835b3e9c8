//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// The port used where none is given.
pub const PORT: u16 = 8080;

/// Keeps a CRM and Google in step, on one machine and without a cloud account.
#[derive(Debug, Parser)]
#[command(name = "crm-google-sync", version, about, max_term_width = 100)]
pub struct CommandLine {
    /// What to do; the demo where nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What can be done.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Everything on this machine: a simulated Google and CRM, sample data, and pages to play with.
    Demo(DemoArguments),
    /// Real Google and real CRM, with an embedded store and a built-in schedule.
    Serve(ServeArguments),
    /// One run of one account link, now.
    ///
    /// Exit code: 0 the run is ok, 1 failed, 2 wrong usage or no such account link, 3 the user must authorise again,
    /// 4 deletions wait for a confirmation, 5 some records did not go through.
    Sync(SyncArguments),
    /// Prints the administrator's key, and makes it on first use.
    AdminKey(AdminKeyArguments),
}

/// How to run the demo.
#[derive(Debug, Clone, Default, Args)]
pub struct DemoArguments {
    /// Port on 127.0.0.1; 8080, or a free one where that is taken.
    #[arg(long)]
    pub port: Option<u16>,
    /// Keep the connector's data in this folder; otherwise in one that is removed at the end.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// How to serve.
#[derive(Debug, Clone, Args)]
pub struct ServeArguments {
    /// The data folder; made where it is not there.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Port on 127.0.0.1.
    #[arg(long, default_value_t = PORT)]
    pub port: u16,
    /// The address under which browsers reach this machine, such as <https://sync.example.com>; wins over PUBLIC_URL.
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
}

/// What to run.
#[derive(Debug, Clone, Args)]
pub struct SyncArguments {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The CRM, by the name under which it is registered.
    #[arg(long)]
    pub crm: String,
    /// The user, by the CRM's own id.
    #[arg(long)]
    pub user: String,
    /// Print the run's record as JSON, and nothing else, on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Whose key.
#[derive(Debug, Clone, Args)]
pub struct AdminKeyArguments {
    /// The data folder; made where it is not there.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}
