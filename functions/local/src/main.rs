//! The local mode: clock, randomness, log and runtime, then [`local::run`].

use std::process::ExitCode;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Parser as _;
use local::command::{Command, CommandLine, DemoArguments};
use local::config::Config;
use local::ending::Ending;
use local::installation::Machine;
use local::say;
use sync_core::port::{Clock, Entropy};
use tracing_subscriber::EnvFilter;

#[derive(Debug)]
struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

#[derive(Debug)]
struct MachineEntropy;

impl Entropy for MachineEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        rand::fill(buffer);
    }
}

fn main() -> ExitCode {
    let command = CommandLine::parse()
        .command
        .unwrap_or_else(|| Command::Demo(DemoArguments::default()));
    let config = match Config::from_environment() {
        Ok(config) => config,
        Err(problem) => {
            say::remark(&problem);
            return Ending::WrongUsage.into();
        }
    };
    start_log(&config, matches!(command, Command::Serve(_)));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say::remark(&format!("the process could not be set up: {error}"));
            return Ending::Failed.into();
        }
    };
    let machine = Machine {
        clock: Arc::new(MachineClock),
        entropy: Arc::new(MachineEntropy),
    };
    match runtime.block_on(local::run(command, config, machine)) {
        Ok(ending) => ending.into(),
        Err(trouble) => {
            say::remark(&trouble.to_string());
            trouble.ending().into()
        }
    }
}

/// The log goes to standard error, so that standard output holds what was asked for and nothing else. A person at
/// the terminal is told the rest in words, so there it begins at warnings.
fn start_log(config: &Config, serving: bool) {
    let unset = if serving { "info" } else { "warn" };
    let filter = config.log_filter.as_deref().unwrap_or(unset);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    if config.log_json {
        builder.json().init();
    } else {
        builder.init();
    }
}
