//! `admin-key`: the administrator's key.

use std::sync::Arc;

use secrecy::ExposeSecret;

use crate::command::AdminKeyArguments;
use crate::ending::{Ending, Trouble};
use crate::installation::{Installation, Machine, Setup};
use crate::say;
use crate::timetable::Timetable;

/// Prints the administrator's key and nothing else.
///
/// # Errors
/// Where the data folder cannot be opened, or is another process's.
pub async fn admin_key(
    arguments: &AdminKeyArguments,
    setup: Setup,
    machine: Machine,
) -> Result<Ending, Trouble> {
    let timetable = Timetable::new(Arc::clone(&machine.clock));
    let installation = Installation::open(&arguments.data, setup, machine, timetable)?;
    say::answer(installation.admin_key().await?.expose_secret());
    Ok(Ending::Ok)
}
