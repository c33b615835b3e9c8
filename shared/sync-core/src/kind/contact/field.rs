//! The units in which contacts are merged.

use serde::{Deserialize, Serialize};

/// The units in which two people's edits of one contact are merged.
///
/// E-mails, phones, addresses and web sites are slots: each holds one value, so that two people who add different
/// numbers keep both. A provider with a free list of values deals its values out to the slots, and keeps those for
/// which there is none where they are; a provider with two e-mail fields has two slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactField {
    /// What stands before the name: Dr., Ms.
    Prefix,
    /// First name.
    GivenName,
    /// What stands between the names.
    MiddleName,
    /// Last name.
    FamilyName,
    /// What stands behind the name: Jr.
    Suffix,
    /// E-mail at work; the main one where the side does not tell them apart.
    EmailWork,
    /// Private e-mail.
    EmailHome,
    /// Another e-mail; the second one where the side does not tell them apart.
    EmailOther,
    /// Mobile phone.
    PhoneMobile,
    /// Phone at work.
    PhoneWork,
    /// Private phone.
    PhoneHome,
    /// Another phone.
    PhoneOther,
    /// Fax.
    PhoneFax,
    /// Address at work; the main one where the side does not tell them apart.
    AddressWork,
    /// Private address.
    AddressHome,
    /// Another address; the second one where the side does not tell them apart.
    AddressOther,
    /// Employer.
    Organization,
    /// Department there.
    Department,
    /// Job title there.
    JobTitle,
    /// Birthday, with or without a year.
    Birthday,
    /// Main web site.
    Website,
    /// Another web site.
    WebsiteOther,
    /// Notes, plain text.
    Notes,
    /// Whether it carries the tag or label that puts it in scope.
    Labelled,
}

/// Slots that hold values of the same sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// E-mail addresses.
    Email,
    /// Phone and fax numbers.
    Phone,
    /// Postal addresses.
    Address,
    /// Web sites.
    Website,
}

impl ContactField {
    /// Every field, in a fixed order.
    pub const ALL: &'static [ContactField] = &[
        ContactField::Prefix,
        ContactField::GivenName,
        ContactField::MiddleName,
        ContactField::FamilyName,
        ContactField::Suffix,
        ContactField::EmailWork,
        ContactField::EmailHome,
        ContactField::EmailOther,
        ContactField::PhoneMobile,
        ContactField::PhoneWork,
        ContactField::PhoneHome,
        ContactField::PhoneOther,
        ContactField::PhoneFax,
        ContactField::AddressWork,
        ContactField::AddressHome,
        ContactField::AddressOther,
        ContactField::Organization,
        ContactField::Department,
        ContactField::JobTitle,
        ContactField::Birthday,
        ContactField::Website,
        ContactField::WebsiteOther,
        ContactField::Notes,
        ContactField::Labelled,
    ];

    /// The field's name in the store, the journal and settings.
    pub fn name(self) -> &'static str {
        match self {
            ContactField::Prefix => "prefix",
            ContactField::GivenName => "given_name",
            ContactField::MiddleName => "middle_name",
            ContactField::FamilyName => "family_name",
            ContactField::Suffix => "suffix",
            ContactField::EmailWork => "email_work",
            ContactField::EmailHome => "email_home",
            ContactField::EmailOther => "email_other",
            ContactField::PhoneMobile => "phone_mobile",
            ContactField::PhoneWork => "phone_work",
            ContactField::PhoneHome => "phone_home",
            ContactField::PhoneOther => "phone_other",
            ContactField::PhoneFax => "phone_fax",
            ContactField::AddressWork => "address_work",
            ContactField::AddressHome => "address_home",
            ContactField::AddressOther => "address_other",
            ContactField::Organization => "organization",
            ContactField::Department => "department",
            ContactField::JobTitle => "job_title",
            ContactField::Birthday => "birthday",
            ContactField::Website => "website",
            ContactField::WebsiteOther => "website_other",
            ContactField::Notes => "notes",
            ContactField::Labelled => "labelled",
        }
    }

    /// The sort of slot it is; `None` where it is no slot.
    pub fn family(self) -> Option<Family> {
        match self {
            ContactField::EmailWork | ContactField::EmailHome | ContactField::EmailOther => {
                Some(Family::Email)
            }
            ContactField::PhoneMobile
            | ContactField::PhoneWork
            | ContactField::PhoneHome
            | ContactField::PhoneOther
            | ContactField::PhoneFax => Some(Family::Phone),
            ContactField::AddressWork | ContactField::AddressHome | ContactField::AddressOther => {
                Some(Family::Address)
            }
            ContactField::Website | ContactField::WebsiteOther => Some(Family::Website),
            ContactField::Prefix
            | ContactField::GivenName
            | ContactField::MiddleName
            | ContactField::FamilyName
            | ContactField::Suffix
            | ContactField::Organization
            | ContactField::Department
            | ContactField::JobTitle
            | ContactField::Birthday
            | ContactField::Notes
            | ContactField::Labelled => None,
        }
    }
}

impl Family {
    /// Its slots, in the order in which values without a slot of their own are dealt out: a fax number takes no
    /// phone's place before every other one is taken.
    pub fn slots(self) -> &'static [ContactField] {
        match self {
            Family::Email => &[
                ContactField::EmailWork,
                ContactField::EmailOther,
                ContactField::EmailHome,
            ],
            Family::Phone => &[
                ContactField::PhoneWork,
                ContactField::PhoneMobile,
                ContactField::PhoneOther,
                ContactField::PhoneHome,
            ],
            Family::Address => &[
                ContactField::AddressWork,
                ContactField::AddressOther,
                ContactField::AddressHome,
            ],
            Family::Website => &[ContactField::Website, ContactField::WebsiteOther],
        }
    }
}
