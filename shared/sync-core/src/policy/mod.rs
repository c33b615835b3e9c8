//! A user's settings and what they mean for a record.

mod change_settings;
mod hours;
mod polling;
mod scope;
mod settings;

pub use hours::Hours;
pub use polling::{asks_again, polling_gap};
pub use scope::{KindSettings, Scope, travels};
pub use settings::{
    ConflictWinner, ContactScope, ContactSettings, Deletions, Description, Direction, EventSettings,
    FieldError, PrivateMode, Settings, TaskSettings,
};
