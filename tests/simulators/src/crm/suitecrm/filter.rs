//! What a list is asked for, and which rows answer it.
//!
//! # Source
//! Field guide, section 3.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::date::filter_value;
use super::error::Refused;
use super::fields::{Kind, Module};
use super::table::Row;
use crate::front::Request;

/// A list request, read.
#[derive(Debug, Clone, Default)]
pub(super) struct Query {
    pub(super) fields: Option<Vec<String>>,
    pub(super) terms: Vec<Term>,
    pub(super) any: bool,
    /// `filter[deleted][eq]=1`: the rows are found, and then cannot be loaded.
    pub(super) deleted_rows: bool,
    pub(super) sort: Option<(&'static str, bool)>,
    pub(super) size: Option<usize>,
    pub(super) number: Option<usize>,
}

/// One comparison.
#[derive(Debug, Clone)]
pub(super) struct Term {
    field: &'static str,
    kind: Kind,
    operator: Operator,
    value: String,
    /// The value as the database reads a date; `None` where it is none.
    date: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operator {
    Eq,
    Neq,
    Gt,
    Gte,
    Lt,
    Lte,
    Like,
}

impl Operator {
    fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "eq" => Operator::Eq,
            "neq" => Operator::Neq,
            "gt" => Operator::Gt,
            "gte" => Operator::Gte,
            "lt" => Operator::Lt,
            "lte" => Operator::Lte,
            "like" => Operator::Like,
            _ => return None,
        })
    }
}

impl Query {
    /// Reads the query of a list.
    pub(super) fn read(module: &Module, request: &Request, with_fields: bool) -> Result<Self, Refused> {
        let mut query = Self::default();
        // PHP keeps the last of several values under one key.
        let pairs: BTreeMap<&str, &str> = request
            .query
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let mut database = false;
        for (key, value) in pairs {
            match path(key).as_slice() {
                ["fields", _] if with_fields => query.fields = Some(fields(module, value)?),
                ["filter", "operator"] => {
                    query.any = match value.to_ascii_lowercase().as_str() {
                        "or" => true,
                        "and" => false,
                        _ => return Err(Refused::new(format!("Filter operator {value} is invalid"))),
                    };
                }
                ["filter", "deleted", operator] if operator.eq_ignore_ascii_case("eq") => {
                    query.deleted_rows = value == "1";
                }
                ["filter", field, operator] => {
                    let term = term(module, field, operator, value)?;
                    database |= term.is_none();
                    query.terms.extend(term);
                }
                ["sort"] => {
                    let (name, descending) = match value.strip_prefix('-') {
                        Some(name) => (name, true),
                        None => (value, false),
                    };
                    let field = module.field(name).ok_or_else(|| {
                        Refused::new(format!(
                            "Sort field {value} in {} module is not found",
                            module.object
                        ))
                    })?;
                    // Addresses are shown and filtered by, but the table has no such column.
                    database |= !field.stored() || field.kind == Kind::Email;
                    query.sort = Some((field.name, descending));
                }
                ["page", "size"] => query.size = Some(positive("size", value)?),
                ["page", "number"] => query.number = Some(positive("number", value)?),
                _ => {
                    return Err(Refused::new(format!(
                        "The option \"{key}\" does not exist. Defined options are: \"fields\", \"filter\", \"page\", \"sort\"."
                    )));
                }
            }
        }
        if database {
            Err(Refused::database())
        } else {
            Ok(query)
        }
    }

    /// Whether a row answers the conditions.
    pub(super) fn takes(&self, row: &Row) -> bool {
        if row.deleted() != self.deleted_rows {
            return false;
        }
        if self.terms.is_empty() {
            return true;
        }
        if self.any {
            self.terms.iter().any(|term| term.holds(row))
        } else {
            self.terms.iter().all(|term| term.holds(row))
        }
    }

    /// Where a walk in the order of ids may start: nothing at or before this id answers.
    pub(super) fn ids_after(&self) -> Option<String> {
        let after =
            |term: &&Term| term.field == "id" && matches!(term.operator, Operator::Gt | Operator::Gte);
        let bounds = self
            .terms
            .iter()
            .filter(after)
            .map(|term| term.value.to_lowercase());
        if self.any { None } else { bounds.max() }
    }

    /// Two rows in the order asked for.
    pub(super) fn order(&self, module: &Module, left: &Row, right: &Row) -> Ordering {
        let Some((name, descending)) = self.sort else {
            return Ordering::Equal;
        };
        let numeric = module.field(name).is_some_and(|field| is_number(field.kind));
        let order = match (left.cell(name), right.cell(name)) {
            (Some(left), Some(right)) if numeric => number(left).cmp(&number(right)),
            (left, right) => left.map(str::to_lowercase).cmp(&right.map(str::to_lowercase)),
        };
        if descending { order.reverse() } else { order }
    }
}

impl Term {
    /// NULL answers no comparison, not even `neq`.
    fn holds(&self, row: &Row) -> bool {
        if self.kind == Kind::Email && self.operator == Operator::Eq {
            // The rows that once had the address are among the answers.
            return row.addresses_ever.contains(&self.value.to_lowercase());
        }
        let Some(cell) = row.cell(self.field) else {
            return false;
        };
        if self.operator == Operator::Like {
            return like(&cell.to_lowercase(), &self.value.to_lowercase());
        }
        let order = match self.kind {
            Kind::DateTime => {
                let Some(value) = &self.date else {
                    return self.operator == Operator::Neq;
                };
                cell.cmp(value)
            }
            Kind::Number | Kind::RealNumber | Kind::Flag | Kind::RealFlag => {
                number(cell).cmp(&number(&self.value))
            }
            Kind::Text(_)
            | Kind::LongText
            | Kind::Email
            | Kind::Date
            | Kind::Id
            | Kind::NameOf(_)
            | Kind::FullName
            | Kind::Link
            | Kind::Blank
            | Kind::Hidden(_) => cell.to_lowercase().cmp(&self.value.to_lowercase()),
        };
        match self.operator {
            Operator::Eq => order == Ordering::Equal,
            Operator::Neq => order != Ordering::Equal,
            Operator::Gt => order == Ordering::Greater,
            Operator::Gte => order != Ordering::Less,
            Operator::Lt => order == Ordering::Less,
            Operator::Lte => order != Ordering::Greater,
            Operator::Like => false,
        }
    }
}

/// `filter[name][eq]` as its parts.
fn path(key: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for (place, part) in key.split('[').enumerate() {
        parts.push(if place == 0 {
            part
        } else {
            part.strip_suffix(']').unwrap_or(part)
        });
    }
    parts
}

fn fields(module: &Module, value: &str) -> Result<Vec<String>, Refused> {
    let names: Vec<String> = value.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| module.field(name).is_none()) {
        Some(unknown) => Err(Refused::property(unknown, module.name)),
        None => Ok(names),
    }
}

/// `None` where the database has no such column.
fn term(module: &Module, field: &str, operator: &str, value: &str) -> Result<Option<Term>, Refused> {
    let known = module.field(field).ok_or_else(|| {
        Refused::new(format!(
            "Filter field {field} in {} module is not found",
            module.object
        ))
    })?;
    let operator = Operator::parse(operator)
        .ok_or_else(|| Refused::new(format!("Filter operator {operator} is invalid")))?;
    if !known.stored() {
        return Ok(None);
    }
    Ok(Some(Term {
        field: known.name,
        kind: known.kind,
        operator,
        value: value.to_owned(),
        date: filter_value(value),
    }))
}

fn positive(name: &str, value: &str) -> Result<usize, Refused> {
    value
        .parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| Refused::option(name, value))
}

fn is_number(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Number | Kind::RealNumber | Kind::Flag | Kind::RealFlag
    )
}

fn number(text: &str) -> i64 {
    text.trim().parse().unwrap_or_default()
}

/// SQL's `LIKE`: `%` for any text, `_` for any character.
fn like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    let mut reachable = vec![true];
    reachable.resize(text.len() + 1, false);
    for part in pattern {
        let mut next = vec![false; text.len() + 1];
        let mut seen = false;
        for (place, slot) in next.iter_mut().enumerate() {
            let here = reachable.get(place).copied().unwrap_or_default();
            let before = place.checked_sub(1);
            let reached = before.is_some_and(|before| reachable.get(before).copied().unwrap_or_default());
            let letter = before.and_then(|before| text.get(before));
            seen |= here;
            *slot = match part {
                '%' => seen,
                '_' => reached,
                other => reached && letter == Some(&other),
            };
        }
        reachable = next;
    }
    reachable.last().copied().unwrap_or_default()
}
