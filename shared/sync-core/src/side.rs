//! The two sides of an account link.

use serde::{Deserialize, Serialize};

/// One of the two sides that a pair joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The customer's CRM.
    Crm,
    /// The user's Google account.
    Google,
}

impl Side {
    /// Both sides, CRM first.
    pub const BOTH: [Side; 2] = [Side::Crm, Side::Google];

    /// The side across.
    #[must_use]
    pub fn other(self) -> Side {
        match self {
            Side::Crm => Side::Google,
            Side::Google => Side::Crm,
        }
    }

    /// The word used in logs, keys and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Crm => "crm",
            Side::Google => "google",
        }
    }
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One value for each side, instead of twin fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "PerSideOf{T}")
)]
pub struct PerSide<T> {
    /// The CRM's value.
    pub crm: T,
    /// Google's value.
    pub google: T,
}

impl<T> PerSide<T> {
    /// Makes the value of each side from a function of the side.
    pub fn from_fn(mut make: impl FnMut(Side) -> T) -> Self {
        Self {
            crm: make(Side::Crm),
            google: make(Side::Google),
        }
    }

    /// The value of one side.
    pub fn get(&self, side: Side) -> &T {
        match side {
            Side::Crm => &self.crm,
            Side::Google => &self.google,
        }
    }

    /// The value of one side, to change it.
    pub fn get_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Crm => &mut self.crm,
            Side::Google => &mut self.google,
        }
    }

    /// Both values by reference.
    pub fn as_ref(&self) -> PerSide<&T> {
        PerSide {
            crm: &self.crm,
            google: &self.google,
        }
    }

    /// Both values through a function.
    pub fn map<U>(self, mut to: impl FnMut(T) -> U) -> PerSide<U> {
        PerSide {
            crm: to(self.crm),
            google: to(self.google),
        }
    }
}
