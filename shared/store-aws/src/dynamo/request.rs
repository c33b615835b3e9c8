//! Expressions with the names and values that they use.
//!
//! DynamoDB has hundreds of reserved words and refuses names and values that an expression does not use. So every
//! attribute is written `#name`, and the names handed over are those found in the expressions.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{Item, number};

/// True of a row that is there, and of none at all: that it has not expired.
pub(super) const NOT_EXPIRED: &str = "(attribute_not_exists(#exp) OR #exp > :now)";

/// True where there is no row, or only an expired one.
pub(super) const ABSENT: &str = "(attribute_not_exists(#pk) OR #exp <= :now)";

/// Expressions under way.
#[derive(Debug, Clone)]
pub(super) struct Expressions {
    pub(super) update: Option<String>,
    pub(super) condition: String,
    values: Item,
}

impl Expressions {
    /// A condition that looks at expiry.
    pub(super) fn with_condition(condition: impl Into<String>, now: i64) -> Self {
        let values = HashMap::from([(":now".to_owned(), number(now))]);
        Self {
            update: None,
            condition: condition.into(),
            values,
        }
    }

    /// Adds what shall be done.
    pub(super) fn update(mut self, update: impl Into<String>) -> Self {
        self.update = Some(update.into());
        self
    }

    /// Adds a value that an expression uses.
    pub(super) fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    /// The names used.
    pub(super) fn names(&self) -> HashMap<String, String> {
        names_in([
            self.condition.as_str(),
            self.update.as_deref().unwrap_or_default(),
        ])
    }

    /// The values used.
    pub(super) fn values(&self) -> Item {
        self.values.clone()
    }
}

/// Every `#name` in the expressions, with the attribute that it stands for.
pub(super) fn names_in<'a>(expressions: impl IntoIterator<Item = &'a str>) -> HashMap<String, String> {
    let is_of_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    expressions
        .into_iter()
        .flat_map(|expression| expression.split('#').skip(1))
        .map(|rest| {
            rest.chars()
                .take_while(|character| is_of_name(*character))
                .collect::<String>()
        })
        .map(|name| (format!("#{name}"), name))
        .collect()
}
