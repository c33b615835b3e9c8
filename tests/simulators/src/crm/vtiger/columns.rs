//! The modules, their columns, and how each is kept (sections 2 and 7).
//!
//! # Source
//! Names from the guide; lengths of contacts and accounts from `schema/DatabaseSchema.xml` of Vtiger 8.

/// The modules that the service knows here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Module {
    Events,
    Calendar,
    Contacts,
    Accounts,
    Users,
}

/// How a column is kept and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Cut in silence at a number of characters.
    Text(usize),
    /// As long as it is.
    LongText,
    /// The same, with the values that the forms offer; others are kept as well.
    Picklist(&'static [&'static str]),
    /// A time of day, kept as it is given.
    Time,
    /// A day of an activity; the database refuses what is none.
    Date,
    /// A birthday: what is no full date becomes `0000-00-00`.
    Day,
    /// A checkbox: on or off, never empty.
    Flag,
    /// The id of a record of another module.
    Reference(Target),
    /// The responsible user, kept outside of the cells.
    Owner,
    /// Drawn by the CRM and never changed.
    Number,
}

/// What a reference may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Accounts,
    Contacts,
    /// Accounts, leads, potentials and what else an activity can belong to; nothing that is a module of its own here.
    Parents,
}

/// A column's name and kind.
pub(super) type Column = (&'static str, Kind);

impl Module {
    /// All of them.
    pub(super) const ALL: [Module; 5] = [
        Module::Accounts,
        Module::Calendar,
        Module::Contacts,
        Module::Events,
        Module::Users,
    ];

    /// The module of that name; names are case-sensitive.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|module| module.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Module::Events => "Events",
            Module::Calendar => "Calendar",
            Module::Contacts => "Contacts",
            Module::Accounts => "Accounts",
            Module::Users => "Users",
        }
    }

    /// Whether it is one of the two that share a table.
    pub(super) fn is_activity(self) -> bool {
        matches!(self, Module::Events | Module::Calendar)
    }

    /// The columns that are stored.
    pub(super) fn columns(self) -> &'static [Column] {
        match self {
            Module::Events | Module::Calendar => &ACTIVITY,
            Module::Contacts => &CONTACT,
            Module::Accounts => &ACCOUNT,
            Module::Users => &USER,
        }
    }

    /// How a column is kept.
    pub(super) fn kind(self, name: &str) -> Option<Kind> {
        let columns = self.columns().iter();
        columns
            .copied()
            .find_map(|(column, kind)| (column == name).then_some(kind))
    }

    /// The columns that have to be filled.
    pub(super) fn mandatory(self) -> &'static [&'static str] {
        match self {
            Module::Events => &[
                "subject",
                "assigned_user_id",
                "date_start",
                "time_start",
                "due_date",
                "time_end",
                "duration_hours",
                "eventstatus",
                "activitytype",
            ],
            Module::Calendar => &[
                "subject",
                "assigned_user_id",
                "date_start",
                "time_start",
                "due_date",
                "taskstatus",
            ],
            Module::Contacts => &["lastname", "assigned_user_id"],
            Module::Accounts => &["accountname", "assigned_user_id"],
            Module::Users => &[],
        }
    }
}

const ACTIVITY: [Column; 20] = [
    ("subject", Kind::Text(255)),
    ("date_start", Kind::Date),
    ("time_start", Kind::Time),
    ("due_date", Kind::Date),
    ("time_end", Kind::Time),
    ("duration_hours", Kind::LongText),
    ("duration_minutes", Kind::LongText),
    ("eventstatus", Kind::Picklist(&["Planned", "Held", "Not Held"])),
    (
        "taskstatus",
        Kind::Picklist(&[
            "Not Started",
            "In Progress",
            "Completed",
            "Pending Input",
            "Deferred",
            "Planned",
        ]),
    ),
    (
        "activitytype",
        Kind::Picklist(&["Call", "Meeting", "Mobile Call"]),
    ),
    ("visibility", Kind::Picklist(&["Private", "Public"])),
    ("location", Kind::Text(150)),
    ("description", Kind::LongText),
    ("recurringtype", Kind::Text(200)),
    ("reminder_time", Kind::LongText),
    ("taskpriority", Kind::Picklist(&["High", "Medium", "Low"])),
    ("parent_id", Kind::Reference(Target::Parents)),
    ("sendnotification", Kind::Text(3)),
    ("assigned_user_id", Kind::Owner),
    ("source", Kind::Text(100)),
];

const CONTACT: [Column; 38] = [
    (
        "salutationtype",
        Kind::Picklist(&["", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."]),
    ),
    ("firstname", Kind::Text(40)),
    ("lastname", Kind::Text(80)),
    ("contact_no", Kind::Number),
    ("phone", Kind::Text(50)),
    ("mobile", Kind::Text(50)),
    ("homephone", Kind::Text(50)),
    ("otherphone", Kind::Text(50)),
    ("fax", Kind::Text(50)),
    ("assistant", Kind::Text(30)),
    ("assistantphone", Kind::Text(50)),
    ("account_id", Kind::Reference(Target::Accounts)),
    ("contact_id", Kind::Reference(Target::Contacts)),
    ("leadsource", Kind::Text(200)),
    ("title", Kind::Text(50)),
    ("department", Kind::Text(30)),
    ("birthday", Kind::Day),
    ("email", Kind::Text(100)),
    ("secondaryemail", Kind::Text(100)),
    ("donotcall", Kind::Flag),
    ("emailoptout", Kind::Flag),
    ("portal", Kind::Flag),
    ("imagename", Kind::Text(150)),
    ("mailingstreet", Kind::Text(250)),
    ("mailingpobox", Kind::Text(30)),
    ("mailingcity", Kind::Text(40)),
    ("mailingstate", Kind::Text(30)),
    ("mailingzip", Kind::Text(30)),
    ("mailingcountry", Kind::Text(40)),
    ("otherstreet", Kind::Text(250)),
    ("otherpobox", Kind::Text(30)),
    ("othercity", Kind::Text(40)),
    ("otherstate", Kind::Text(50)),
    ("otherzip", Kind::Text(30)),
    ("othercountry", Kind::Text(30)),
    ("description", Kind::LongText),
    ("assigned_user_id", Kind::Owner),
    ("source", Kind::Text(100)),
];

const ACCOUNT: [Column; 8] = [
    ("accountname", Kind::Text(100)),
    ("account_no", Kind::Number),
    ("phone", Kind::Text(30)),
    ("website", Kind::Text(100)),
    ("email1", Kind::Text(100)),
    ("description", Kind::LongText),
    ("assigned_user_id", Kind::Owner),
    ("source", Kind::Text(100)),
];

const USER: [Column; 7] = [
    ("user_name", Kind::LongText),
    ("first_name", Kind::LongText),
    ("last_name", Kind::LongText),
    ("email1", Kind::LongText),
    ("status", Kind::LongText),
    ("time_zone", Kind::LongText),
    ("is_admin", Kind::LongText),
];
