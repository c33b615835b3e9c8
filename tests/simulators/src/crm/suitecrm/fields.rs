//! The modules and their fields.
//!
//! # Source
//! Field guide, sections 5 to 8 for names, lengths and kinds.

/// How a field is stored and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text cut at a number of characters, trimmed.
    Text(usize),
    /// Text cut at 65 535 bytes, not trimmed.
    LongText,
    DateTime,
    Date,
    /// A whole number shown as text.
    Number,
    /// A whole number shown as one.
    RealNumber,
    /// 0 or 1 shown as text.
    Flag,
    /// 0 or 1 shown as a boolean.
    RealFlag,
    Id,
    /// Not a column of the table, though lists can be filtered by it: the address of one of the linked
    /// `EmailAddresses`.
    Email,
    /// Not a column: the name of the user or record whose id is in the named field.
    NameOf(&'static str),
    /// Not a column: first and last name.
    FullName,
    /// Not a column: an empty object stands for the records behind it.
    Link,
    /// Not a column: always empty.
    Blank,
    /// A column that no answer shows.
    Hidden(usize),
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

impl Field {
    /// Whether the database has a column of that name.
    pub(super) fn stored(self) -> bool {
        !matches!(
            self.kind,
            Kind::NameOf(_) | Kind::FullName | Kind::Link | Kind::Blank
        )
    }
}

/// What leads from a record to others, and back.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) name: &'static str,
    /// The module of the records behind it.
    pub(super) target: &'static str,
    /// The link of theirs that leads back.
    pub(super) back: &'static str,
}

/// One module.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) name: &'static str,
    /// The singular, which answers call `type`.
    pub(super) object: &'static str,
    pub(super) fields: Vec<Field>,
    pub(super) links: &'static [Link],
}

impl Module {
    pub(super) fn field(&self, name: &str) -> Option<Field> {
        self.fields.iter().copied().find(|field| field.name == name)
    }

    pub(super) fn link(&self, name: &str) -> Option<&'static Link> {
        self.links.iter().find(|link| link.name == name)
    }
}

use Kind::{
    Blank, Date, DateTime, Email, Flag, FullName, Hidden, Id, LongText, NameOf, Number, RealFlag, RealNumber,
    Text,
};

type Row = (&'static str, Kind);

const COMMON: &[Row] = &[
    ("id", Id),
    ("date_entered", DateTime),
    ("date_modified", DateTime),
    ("modified_user_id", Id),
    ("modified_by_name", NameOf("modified_user_id")),
    ("created_by", Id),
    ("created_by_name", NameOf("created_by")),
    ("description", LongText),
    ("deleted", Flag),
    ("assigned_user_id", Id),
    ("assigned_user_name", NameOf("assigned_user_id")),
];

const ACTIVITY: &[Row] = &[
    ("name", Text(50)),
    ("date_start", DateTime),
    ("date_end", DateTime),
    ("duration_hours", Number),
    ("duration_minutes", Number),
    ("status", Text(100)),
    ("parent_type", Text(100)),
    ("parent_id", Id),
    ("parent_name", Blank),
    ("accept_status", Blank),
    ("set_accept_links", Blank),
    ("reminder_checked", RealFlag),
    ("reminder_time", Number),
    ("email_reminder_checked", RealFlag),
    ("email_reminder_time", Number),
    ("email_reminder_sent", Flag),
    ("reminders", Blank),
    ("outlook_id", Text(255)),
    ("repeat_type", Text(36)),
    ("repeat_interval", RealNumber),
    ("repeat_dow", Text(7)),
    ("repeat_until", Date),
    ("repeat_count", RealNumber),
    ("repeat_parent_id", Id),
    ("recurring_source", Text(36)),
    ("update_vcal", RealFlag),
    ("contact_name", Blank),
    ("contacts", Kind::Link),
    ("users", Kind::Link),
    ("leads", Kind::Link),
];

const MEETING: &[Row] = &[
    ("location", Text(50)),
    ("password", Text(50)),
    ("join_url", Text(600)),
    ("host_url", Text(600)),
    ("displayed_url", Text(400)),
    ("creator", Text(50)),
    ("external_id", Text(50)),
    ("type", Text(255)),
    ("sequence", Number),
    ("gsync_id", Text(1024)),
    ("gsync_lastsync", Number),
    ("jjwg_maps_lat_c", Number),
    ("jjwg_maps_lng_c", Number),
];

const CALL: &[Row] = &[
    ("direction", Text(100)),
    ("reschedule_count", Number),
    ("reschedule_history", Blank),
];

const TASK: &[Row] = &[
    ("name", Text(50)),
    ("status", Text(100)),
    ("priority", Text(100)),
    ("date_start", DateTime),
    ("date_start_flag", Flag),
    ("date_due", DateTime),
    ("date_due_flag", Flag),
    ("parent_type", Text(255)),
    ("parent_id", Id),
    ("parent_name", Blank),
    ("contact_id", Id),
    ("contact_name", Blank),
    ("outlook_id", Text(255)),
];

const PERSON: &[Row] = &[
    ("salutation", Text(255)),
    ("first_name", Text(100)),
    ("last_name", Text(100)),
    ("name", FullName),
    ("full_name", FullName),
    ("title", Text(100)),
    ("department", Text(255)),
    ("phone_home", Text(100)),
    ("phone_mobile", Text(100)),
    ("phone_work", Text(100)),
    ("phone_other", Text(100)),
    ("phone_fax", Text(100)),
    ("email1", Email),
    ("primary_address_street", Text(150)),
    ("primary_address_city", Text(100)),
    ("primary_address_state", Text(100)),
    ("primary_address_postalcode", Text(20)),
    ("primary_address_country", Text(255)),
];

const CONTACT: &[Row] = &[
    ("email2", Email),
    ("email_addresses", Kind::Link),
    ("alt_address_street", Text(150)),
    ("alt_address_city", Text(100)),
    ("alt_address_state", Text(100)),
    ("alt_address_postalcode", Text(20)),
    ("alt_address_country", Text(255)),
    ("assistant", Text(75)),
    ("assistant_phone", Text(100)),
    ("birthdate", Date),
    ("lead_source", Text(255)),
    ("account_id", Id),
    ("account_name", NameOf("account_id")),
    ("reports_to_id", Id),
    // "Sync to Outlook": neither stored nor filled by V8; the link tells.
    ("sync_contact", Blank),
    ("user_sync", Kind::Link),
    ("meetings", Kind::Link),
    ("calls", Kind::Link),
];

const ACCOUNT: &[Row] = &[
    ("name", Text(150)),
    ("account_type", Text(50)),
    ("phone_office", Text(100)),
    ("website", Text(255)),
];

const EMAIL_ADDRESS: &[Row] = &[
    ("email_address", Text(255)),
    ("email_address_caps", Text(255)),
    ("invalid_email", Flag),
    ("opt_out", Flag),
];

const FAVORITE: &[Row] = &[("name", Text(255)), ("parent_type", Text(255)), ("parent_id", Id)];

const USER: &[Row] = &[
    ("user_name", Hidden(60)),
    ("is_admin", Hidden(1)),
    ("status", Hidden(100)),
    ("employee_status", Text(100)),
    ("meetings", Kind::Link),
    ("calls", Kind::Link),
    ("contacts_sync", Kind::Link),
];

const REMINDER: &[Row] = &[
    ("name", Text(255)),
    ("popup", Flag),
    ("email", Flag),
    ("email_sent", Flag),
    ("timer_popup", Text(32)),
    ("timer_email", Text(32)),
    ("related_event_module", Text(32)),
    ("related_event_module_id", Id),
    ("date_willexecute", Number),
    ("popup_viewed", Flag),
];

const REMINDER_INVITEE: &[Row] = &[
    ("name", Text(255)),
    ("reminder_id", Id),
    ("related_invitee_module", Text(32)),
    ("related_invitee_module_id", Id),
];

const fn link(name: &'static str, target: &'static str, back: &'static str) -> Link {
    Link { name, target, back }
}

const OF_MEETINGS: &[Link] = &[
    link("users", "Users", "meetings"),
    link("contacts", "Contacts", "meetings"),
    link("leads", "Leads", "meetings"),
];
const OF_CALLS: &[Link] = &[
    link("users", "Users", "calls"),
    link("contacts", "Contacts", "calls"),
    link("leads", "Leads", "calls"),
];
const OF_CONTACTS: &[Link] = &[
    link("meetings", "Meetings", "contacts"),
    link("calls", "Calls", "contacts"),
    link("user_sync", "Users", "contacts_sync"),
    link("email_addresses", "EmailAddresses", "contacts"),
];
const OF_USERS: &[Link] = &[
    link("meetings", "Meetings", "users"),
    link("calls", "Calls", "users"),
    link("contacts_sync", "Contacts", "user_sync"),
];

/// All modules that the simulator has, with the checkboxes that an administrator has added to contacts.
pub(super) fn modules(contact_checkboxes: &[&'static str]) -> Vec<Module> {
    let added: Vec<Row> = contact_checkboxes.iter().map(|name| (*name, Flag)).collect();
    vec![
        module("Meetings", "Meeting", &[ACTIVITY, MEETING], OF_MEETINGS),
        module("Calls", "Call", &[ACTIVITY, CALL], OF_CALLS),
        module("Tasks", "Task", &[TASK], &[]),
        module("Contacts", "Contact", &[PERSON, CONTACT, &added], OF_CONTACTS),
        module("Accounts", "Account", &[ACCOUNT], &[]),
        module("EmailAddresses", "EmailAddress", &[EMAIL_ADDRESS], &[]),
        module("Favorites", "Favorites", &[FAVORITE], &[]),
        module("Users", "User", &[PERSON, USER], OF_USERS),
        module("Reminders", "Reminder", &[REMINDER], &[]),
        module("Reminders_Invitees", "Reminder_Invitee", &[REMINDER_INVITEE], &[]),
    ]
}

fn module(name: &'static str, object: &'static str, groups: &[&[Row]], links: &'static [Link]) -> Module {
    let rows = COMMON.iter().chain(groups.iter().copied().flatten());
    let fields = rows.map(|(name, kind)| Field { name, kind: *kind }).collect();
    Module {
        name,
        object,
        fields,
        links,
    }
}
