//! Everything on one machine: the pages and calls of the web function, the runs of the sync function, an embedded
//! store and a built-in schedule, in one process.
//!
//! | module | holds |
//! |---|---|
//! | [`command`] | the command line |
//! | [`config`] | the environment |
//! | [`installation`] | everything behind the doors, over one data folder |
//! | [`timetable`], [`runs`] | the built-in schedule, and the runs that it starts |
//! | [`serve`], [`sync_once`], [`admin_key`] | the commands |
//! | [`demo`] | the fourth command: simulated servers and a page with both calendars |
//! | [`progress`], [`say`], [`stop`], [`ending`] | the terminal: how far it is, what is said, when and how it ends |

pub mod admin_key;
pub mod command;
pub mod config;
pub mod demo;
pub mod ending;
pub mod installation;
pub mod progress;
pub mod runs;
pub mod say;
pub mod serve;
pub mod stop;
pub mod sync_once;
pub mod timetable;

use command::Command;
use config::Config;
use ending::{Ending, Trouble};
use installation::{Machine, Setup};

/// Does what the command line says.
///
/// # Errors
/// Why it could not be done, in a sentence for the person at the terminal.
pub async fn run(command: Command, config: Config, machine: Machine) -> Result<Ending, Trouble> {
    let setup = Setup {
        google: config.google,
        allow_private_crm: config.allow_private_crm,
        admin_key: config.admin_key,
    };
    match command {
        Command::Demo(arguments) => Box::pin(demo::demo(&arguments, setup, machine)).await,
        Command::Serve(arguments) => {
            Box::pin(serve::serve(&arguments, config.public_url, setup, machine)).await
        }
        Command::Sync(arguments) => Box::pin(sync_once::sync(&arguments, setup, machine)).await,
        Command::AdminKey(arguments) => Box::pin(admin_key::admin_key(&arguments, setup, machine)).await,
    }
}
