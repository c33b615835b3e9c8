//! Lists, with their paging.
//!
//! # Source
//! Field guide, section 3.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value, json};

use super::crm::Call;
use super::error::Refused;
use super::fields::Module;
use super::filter::Query;
use super::record::resource;
use super::table::{Row, Table};

/// The answer where nothing is found: the only sign that a walk through pages has ended.
pub(super) const NOTHING: &str = "Request was successful, but there is no result";

/// `GET /module/{module}`.
pub(super) fn answer(call: &Call<'_>, module: &str) -> Result<Value, Refused> {
    let module = call.world.module(module)?;
    if call.world.forbidden_modules.contains(module.name) {
        return Err(Refused::access_denied());
    }
    let query = Query::read(module, call.request, true)?;
    let table = call.world.table(module.name)?;
    let size = query.size.unwrap_or(call.world.options.list_size);
    // A number without a size is passed over.
    let number = query.number.filter(|_| query.size.is_some()).unwrap_or(1);
    let rows = page(call, module, table, &query, size, number);
    if query.deleted_rows && !call.world.options.deleted_filter_fixed {
        // The rows are found, and then each is loaded as if it were alive.
        if let Some(row) = rows.first() {
            return Err(Refused::not_found(module.name, &row.id));
        }
    }
    if rows.is_empty() {
        return Ok(json!({ "meta": { "message": NOTHING }, "data": [] }));
    }
    let data: Vec<Value> = rows
        .iter()
        .map(|row| {
            let place = format!("{}/{}", api_path(call), row.id);
            resource(call, module, row, query.fields.as_deref(), &place)
        })
        .collect();
    let mut body = Map::from_iter([("data".to_owned(), Value::Array(data))]);
    if query.size.is_some() {
        // The count knows nothing of roles and groups, and `next` nothing of the page that was not asked for by
        // number.
        let pages = table.live.div_ceil(size).max(1);
        body.insert(
            "meta".to_owned(),
            json!({ "total-pages": pages, "records-on-this-page": rows.len() }),
        );
        body.insert("links".to_owned(), links(call, query.number, pages));
    }
    Ok(Value::Object(body))
}

fn page<'a>(
    call: &Call<'a>,
    module: &Module,
    table: &'a Table,
    query: &Query,
    size: usize,
    number: usize,
) -> Vec<&'a Row>
where
{
    let seen = |row: &&'a Row| query.takes(row) && call.world.may_see(module.name, &row.id);
    let skipped = (number - 1).saturating_mul(size);
    let by_id = matches!(query.sort, Some(("id", false)));
    if by_id {
        let from = query.ids_after().unwrap_or_default();
        return table
            .rows
            .range(from..)
            .map(|(_, row)| row)
            .filter(seen)
            .skip(skipped)
            .take(size)
            .collect();
    }
    let mut rows: Vec<(&Row, u64)> = table
        .rows
        .values()
        .filter(seen)
        .map(|row| (row, tie(&row.id, number)))
        .collect();
    // Rows with equal keys come in another order on every page: paging by anything but the id loses some.
    rows.sort_by(|(left, left_tie), (right, right_tie)| {
        query.order(module, left, right).then(left_tie.cmp(right_tie))
    });
    rows.into_iter()
        .map(|(row, _)| row)
        .skip(skipped)
        .take(size)
        .collect()
}

fn tie(id: &str, page: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    (id, page).hash(&mut hasher);
    hasher.finish()
}

fn api_path(call: &Call<'_>) -> String {
    match call.request.path.find("/V8/") {
        Some(place) => call.request.path.get(place..).unwrap_or_default().to_owned(),
        None => call.request.path.clone(),
    }
}

fn links(call: &Call<'_>, number: Option<usize>, pages: usize) -> Value {
    let link = |number: usize| {
        let mut pairs: Vec<String> = call
            .request
            .query
            .iter()
            .filter(|(name, _)| name != "page[number]")
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.push(format!("page[number]={number}"));
        format!("{}?{}", api_path(call), pairs.join("&"))
    };
    let asked = number.unwrap_or(0);
    let mut links = Map::new();
    let first = (asked > 1).then(|| link(1));
    let previous = (asked > 1).then(|| link(asked - 1));
    let next = (asked < pages).then(|| link(asked + 1));
    let last = (asked < pages).then(|| link(pages));
    for (name, value) in [
        ("first", first),
        ("prev", previous),
        ("next", next),
        ("last", last),
    ] {
        links.insert(name.to_owned(), json!(value));
    }
    Value::Object(links)
}
