//! A series with a rule, made from rows.

use chrono_tz::Tz;
use serde_json::json;
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::event::EventRecord;
use sync_core::port::{CreateSeries, SeriesCreated};

use super::GoogleCalendar;
use super::marker::Marker;
use super::occurrences::Occurrences;
use super::write::new_times;

impl GoogleCalendar {
    /// Makes a series and reads its occurrences. A repeat is harmless, as for every copy: it meets the first one under
    /// its derived id.
    ///
    /// # Source
    /// Recurring events guide: a series needs a named zone, or its occurrences drift when the clocks change.
    pub(super) async fn insert_series(
        &self,
        create: &CreateSeries<EventRecord>,
    ) -> Result<SeriesCreated<EventRecord>, Failure> {
        let origin = Marker::series_origin(&create.origin);
        let series = &create.series;
        let zone = series.rule.zone();
        let body = |id: &str, generation| {
            let mut body = self.new_event(id, &origin, &series.first, generation);
            let (start, end) = new_times(&series.first.when, zone.map(Tz::name));
            body.insert("start".to_owned(), start);
            body.insert("end".to_owned(), end);
            body.insert("recurrence".to_owned(), json!(series.rule.lines()));
            body
        };
        let inserted = self.insert_under(&origin, create.generation, false, body).await?;
        let id = RemoteId::new(self.target.clone(), inserted.event.id);
        let occurrences = match self.list_occurrences(&id, None).await? {
            Occurrences::Found(occurrences) => occurrences,
            // Deleted, or made into something else, by somebody who was quick: the next reading says so.
            Occurrences::Gone | Occurrences::TooMany => Vec::new(),
        };
        Ok(SeriesCreated {
            occurrences,
            generation: inserted.generation,
            adopted: inserted.adopted,
        })
    }
}
