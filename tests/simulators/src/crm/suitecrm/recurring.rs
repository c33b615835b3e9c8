//! Series as the calendar page makes them: every occurrence a row of its own.
//!
//! # Source
//! Field guide, section 6: four rows for four weeks, all with the same `repeat_*`; the first has no parent, the others
//! name it and have `recurring_source` "Sugar". "Edit all" deletes all children and makes new ones. Deleting the root
//! hands the children to the next one by SQL, without a trace in `date_modified`.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::crm::World;
use super::date::stored;
use super::person::{CrmPerson, EditRefused};
use super::table::Row;

impl CrmPerson {
    /// Makes a series of meetings at these starts, which the page has worked out from the rule that the attributes
    /// bear (`repeat_type` and its like). Returns the rows' ids, the root first.
    ///
    /// # Errors
    /// For an unknown attribute.
    pub fn create_series(
        &self,
        attributes: &Value,
        starts: &[DateTime<Utc>],
    ) -> Result<Vec<String>, EditRefused> {
        let mut ids: Vec<String> = Vec::with_capacity(starts.len());
        for start in starts {
            let mut row = attributes.as_object().cloned().unwrap_or_default();
            row.insert("date_start".to_owned(), json!(stored(*start)));
            if let Some(root) = ids.first() {
                row.insert("repeat_parent_id".to_owned(), json!(root));
                row.insert("recurring_source".to_owned(), json!("Sugar"));
            }
            ids.push(self.create("Meetings", &Value::Object(row))?);
        }
        Ok(ids)
    }

    /// "Edit all": the root is changed, every other row deleted and made anew under a new id. Returns the rows' ids,
    /// the root first.
    ///
    /// # Errors
    /// For an unknown attribute, and for a root that is not there.
    pub fn edit_series(
        &self,
        root: &str,
        attributes: &Value,
        starts: &[DateTime<Utc>],
    ) -> Result<Vec<String>, EditRefused> {
        for child in self.rows_of(root) {
            self.delete("Meetings", &child)?;
        }
        let mut ids = vec![root.to_owned()];
        for (number, start) in starts.iter().enumerate() {
            let mut row: Map<String, Value> = attributes.as_object().cloned().unwrap_or_default();
            row.insert("date_start".to_owned(), json!(stored(*start)));
            if number == 0 {
                self.edit("Meetings", root, &Value::Object(row))?;
                continue;
            }
            row.insert("repeat_parent_id".to_owned(), json!(root));
            row.insert("recurring_source".to_owned(), json!("Sugar"));
            ids.push(self.create("Meetings", &Value::Object(row))?);
        }
        Ok(ids)
    }
}

/// Hands the rows of a series to the next one when its root has been deleted.
pub(super) fn re_parent(world: &mut World, module: &str, deleted: &Row) {
    let Ok(table) = world.table(module) else { return };
    let mut children: Vec<Row> = table
        .rows
        .values()
        .filter(|row| !row.deleted() && row.cell("repeat_parent_id") == Some(deleted.id.as_str()))
        .cloned()
        .collect();
    children.sort_by_key(|row| row.cell("date_start").map(str::to_owned));
    let Some(next) = children.first().map(|row| row.id.clone()) else {
        return;
    };
    for mut row in children {
        let parent = if row.id == next { "0" } else { &next };
        row.cells.insert("repeat_parent_id", parent.to_owned());
        world.put(module, row);
    }
}
