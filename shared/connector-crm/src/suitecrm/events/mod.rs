//! Meetings and calls. Both modules are one side: the collection of a record's id is its module. What Google has first
//! becomes a meeting.

pub(super) mod convert;

use async_trait::async_trait;
use chrono::TimeDelta;
use chrono_tz::Tz;
use connector_http::lane::Repeat;
use http::Method;
use serde_json::{Map, Value};
use sync_core::change::{Observed, Window};
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::event::{EventField, EventLimits, EventRecord};
use url::Url;

use super::call::Api;
use super::shape::{Shape, Unreadable};
use super::site::{DESCRIPTION_BYTES, Site};
use super::wire::{Attributes, Filter, Module, Page, Resource, date_text, link_body, link_path};
use convert::Span;

/// How far before the window a whole reading begins: an all-day event counts from UTC midnight, while the CRM keeps
/// it at local midnight, up to 14 hours earlier.
const WINDOW_MARGIN: TimeDelta = TimeDelta::days(1);
/// The column of the built-in sync, which sites may have removed.
const BUILT_IN_SYNC: &str = "gsync_id";

/// The meetings and calls of one user.
#[derive(Debug)]
pub(crate) struct Events {
    /// The CRM's id of the user.
    pub(crate) user: String,
    /// The zone in which the user's days begin.
    pub(crate) zone: Tz,
}

#[async_trait]
impl Shape for Events {
    type Record = EventRecord;

    const MODULES: &'static [Module] = &[Module::Meetings, Module::Calls];
    const COPIES: Module = Module::Meetings;
    const TEXTS: &'static [&'static str] = &["name", "description", "location"];

    /// The step of time is a minute even where the site shows seconds, because durations are whole minutes.
    fn limits(&self, site: &Site) -> EventLimits {
        EventLimits {
            title_chars: Some(site.chars("name")),
            location_chars: Some(site.chars("location")),
            description_bytes: Some(DESCRIPTION_BYTES),
            has_location: true,
            has_private: false,
            four_byte_characters: site.four_byte_characters,
            time_step_seconds: 60,
            stand_ins: None,
            has_rules: false,
        }
    }

    fn fields(&self, module: Module, site: &Site) -> Vec<String> {
        let location = (module == Module::Meetings).then_some("location");
        let built_in =
            (module == Module::Meetings && !site.lacks.contains(BUILT_IN_SYNC)).then_some(BUILT_IN_SYNC);
        [
            "name",
            "description",
            "date_start",
            "date_end",
            "duration_hours",
            "duration_minutes",
            "date_modified",
            "assigned_user_id",
            "repeat_type",
            "repeat_parent_id",
        ]
        .into_iter()
        .chain(location)
        .chain(built_in)
        .map(str::to_owned)
        .collect()
    }

    fn dispensable(&self) -> &'static [&'static str] {
        &[BUILT_IN_SYNC]
    }

    fn zone(&self) -> Option<Tz> {
        Some(self.zone)
    }

    fn whole(&self, window: Window) -> Option<Filter> {
        let from = window.from.checked_sub_signed(WINDOW_MARGIN);
        Some(("date_start", "gte", date_text(from.unwrap_or(window.from))))
    }

    fn observed(
        &self,
        module: Module,
        resource: &Resource,
        base_url: &Url,
    ) -> Result<Observed<EventRecord>, Unreadable> {
        convert::observed(module, resource, self.zone, base_url)
    }

    fn attributes(
        &self,
        module: Module,
        record: &EventRecord,
        fields: &[EventField],
        _before: Option<&Resource>,
        site: &Site,
    ) -> Map<String, Value> {
        convert::attributes(module, record, fields, site, self.zone)
    }

    fn tells_all(&self, module: Module, attributes: &Attributes) -> bool {
        const NEEDED: [&str; 7] = [
            "name",
            "description",
            "date_start",
            "duration_hours",
            "duration_minutes",
            "date_modified",
            "assigned_user_id",
        ];
        let location = (module == Module::Meetings).then_some("location");
        attributes.have(NEEDED.into_iter().chain(location))
    }

    /// A meeting at no time or at a wrong one helps nobody.
    fn check_kept(
        &self,
        record: &EventRecord,
        fields: &[EventField],
        after: &Resource,
    ) -> Result<(), Failure> {
        let asked = Span::of(&record.when, self.zone);
        let kept = Span::read(&after.attributes).is_ok_and(|kept| asked.is_kept_as(kept));
        if kept || !fields.contains(&EventField::When) {
            return Ok(());
        }
        Err(Failure::permanent(
            "time_not_kept",
            "the CRM did not keep the date and time it was given; is the time zone of its API user UTC?",
        ))
    }

    fn put_back(&self, before: &Resource) -> Map<String, Value> {
        let mut attributes = Map::new();
        if let Ok(span) = Span::read(&before.attributes) {
            span.write(&mut attributes);
        }
        attributes
    }

    /// Puts a copy into the user's own CRM calendar; being assigned is not enough for that.
    async fn finish_copy(
        &self,
        api: &Api,
        id: &RemoteId,
        record: Option<&EventRecord>,
    ) -> Result<bool, Failure> {
        let path = link_path(Module::Meetings.as_str(), &id.id, "users");
        if record.is_none() {
            let invited: Page = api.get(&path).await?;
            if invited
                .data
                .iter()
                .any(|one| one.id.eq_ignore_ascii_case(&self.user))
            {
                return Ok(false);
            }
        }
        let body = link_body("Users", &self.user);
        api.write::<Value>(Method::POST, &path, Some(&body), Repeat::Harmless)
            .await?;
        Ok(false)
    }
}
