//! Relationships: who is invited to what, who has chosen whom.
//!
//! # Source
//! Field guide, sections 6 (invitees) and 8 (who chose a contact, e-mail addresses). None of this touches `date_modified`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::addresses;
use super::crm::Call;
use super::error::{Refused, document};
use super::fields::Link;
use super::filter::Query;
use super::list::NOTHING;
use super::record::{json_body, living, resource};
use super::table::Row;
use crate::front::Answer;

/// Module and id in lower case.
pub(super) type Node = (String, String);

/// Which records are related, both ways.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<(Node, String), BTreeSet<Node>>);

impl Links {
    /// Relates two records; a second time changes nothing.
    pub(super) fn add(&mut self, from: (&str, &str), link: &Link, to: (&str, &str)) {
        self.add_one(from, link.name, to);
        self.add_one(to, link.back, from);
    }

    pub(super) fn remove(&mut self, from: (&str, &str), link: &Link, to: (&str, &str)) -> bool {
        self.remove_one(to, link.back, from);
        self.remove_one(from, link.name, to)
    }

    /// The records behind a link, with their modules.
    pub(super) fn behind(&self, from: (&str, &str), link: &str) -> impl Iterator<Item = &Node> {
        self.0.get(&(node(from), link.to_owned())).into_iter().flatten()
    }

    /// Everything, for snapshots.
    pub(super) fn all(&self) -> Map<String, Value> {
        let shown = self
            .0
            .iter()
            .filter(|(_, to)| !to.is_empty())
            .map(|(((module, id), link), to)| {
                (
                    format!("{module}/{id}/{link}"),
                    json!(to.iter().map(|(_, id)| id).collect::<Vec<_>>()),
                )
            });
        shown.collect()
    }

    fn add_one(&mut self, from: (&str, &str), link: &str, to: (&str, &str)) {
        self.0
            .entry((node(from), link.to_owned()))
            .or_default()
            .insert(node(to));
    }

    fn remove_one(&mut self, from: (&str, &str), link: &str, to: (&str, &str)) -> bool {
        self.0
            .get_mut(&(node(from), link.to_owned()))
            .is_some_and(|known| known.remove(&node(to)))
    }
}

pub(super) fn node((module, id): (&str, &str)) -> Node {
    (module.to_owned(), id.to_lowercase())
}

/// `GET …/relationships/{link}`: filter, sort and page work, `fields` does not.
pub(super) fn list(call: &Call<'_>, module: &str, id: &str, link: &str) -> Result<Answer, Refused> {
    let module = call.world.module(module)?;
    let row = living(call, module, id)?;
    let target = module
        .link(link)
        .ok_or_else(|| unknown_link(link, module.object))?;
    let Ok(target) = call.world.module(target.target) else {
        return Ok(document(
            200,
            &json!({ "meta": { "message": NOTHING }, "data": [] }),
        ));
    };
    let query = Query::read(target, call.request, false)?;
    let table = call.world.table(target.name)?;
    let from = (module.name, row.id.as_str());
    let behind: Vec<String> = if link == addresses::LINK {
        // Nothing tells which of them is the primary one.
        call.world.addresses.of(from)
    } else {
        let behind = call.world.links.behind(from, link);
        behind.map(|(_, id)| id.clone()).collect()
    };
    let mut rows: Vec<&Row> = behind
        .iter()
        .filter_map(|id| table.living(id))
        .filter(|row| query.takes(row))
        .collect();
    rows.sort_by(|left, right| query.order(target, left, right));
    let size = query.size.unwrap_or(call.world.options.list_size);
    let number = query.number.filter(|_| query.size.is_some()).unwrap_or(1);
    let rows = rows
        .into_iter()
        .skip((number - 1).saturating_mul(size))
        .take(size);
    let data: Vec<Value> = rows
        .map(|row| {
            resource(
                call,
                target,
                row,
                None,
                &format!("/V8/module/{}/{}", target.name, row.id),
            )
        })
        .collect();
    if data.is_empty() {
        let message = format!(
            "There is no relationship set in {} module with {link} link field",
            module.object
        );
        return Ok(document(
            200,
            &json!({ "meta": { "message": message }, "data": [] }),
        ));
    }
    Ok(document(200, &json!({ "data": data })))
}

/// `POST …/relationships[/{link}]`.
pub(super) fn add(
    call: &mut Call<'_>,
    module: &str,
    id: &str,
    link: Option<&str>,
) -> Result<Answer, Refused> {
    let body = json_body(call);
    let data = body.get("data").ok_or_else(|| Refused::missing("data"))?;
    let part = |name: &str| {
        data.get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| Refused::missing(name))
    };
    let (related_module, related_id) = (part("type")?.to_owned(), part("id")?.to_owned());
    let source = call.world.module(module)?;
    let source_id = living(call, source, id)?.id.clone();
    // Without a link's name the server guesses one from the type, and guesses none for leads.
    let link = match link {
        Some(link) => link.to_owned(),
        None => source
            .links
            .iter()
            .find(|link| link.target == related_module && link.name != "leads")
            .map(|link| link.name.to_owned())
            .ok_or_else(|| {
                Refused::new(format!(
                    "Link field has not found in {} to determine relationship for {related_module}",
                    source.object
                ))
            })?,
    };
    let related = call.world.module(&related_module)?;
    if source.link(&link).is_none_or(|link| link.target != related.name) {
        return Err(unknown_link(&link, source.object));
    }
    let related_id = living(call, related, &related_id)?.id.clone();
    let message = format!(
        "{} with id {related_id} has been added to {} with id {source_id}",
        related.object, source.object
    );
    let from = (source.name, source_id.as_str());
    if link == addresses::LINK {
        call.world.link_address(from, &related_id, false);
    } else {
        call.world.relate(from, &link, &related_id);
    }
    Ok(document(
        201,
        &json!({ "meta": { "message": message }, "data": [] }),
    ))
}

/// `DELETE …/relationships/{link}/{related}`: one person a request, and not twice.
pub(super) fn remove(
    call: &mut Call<'_>,
    from: (&str, &str),
    link: &str,
    related: &str,
) -> Result<Answer, Refused> {
    let source = call.world.module(from.0)?;
    let source_id = living(call, source, from.1)?.id.clone();
    let target = source
        .link(link)
        .ok_or_else(|| unknown_link(link, source.object))?;
    let (from, object, target) = ((source.name, source_id.as_str()), source.object, target.target);
    let was = if link == addresses::LINK {
        call.world.unlink_address(from, related)
    } else {
        call.world.part(from, link, related)
    };
    if !was {
        return Err(Refused::new(format!(
            "Module with {related} id is not related to {object}"
        )));
    }
    let message = format!(
        "Relationship has been deleted between {object} with id {source_id} and {target} with id {related}"
    );
    Ok(document(
        200,
        &json!({ "meta": { "message": message }, "data": [] }),
    ))
}

fn unknown_link(link: &str, object: &str) -> Refused {
    Refused::new(format!("Cannot load relationship {link} for module {object}"))
}
