//! What to paste into a CRM, so that its users find the way: a signed link where the CRM runs code of one's own, a
//! plain address where it does not.

use askama::Template;
use connector_crm::registry::CrmKind;
use secrecy::ExposeSecret;

use crate::operations::link_keys::NewKey;

/// What stands for the key where it is not known any more.
const KEY_ID: &str = "KEY-ID";
const KEY: &str = "KEY";

/// Where the snippets are for.
pub(super) struct Place<'a> {
    pub(super) kind: Option<CrmKind>,
    pub(super) crm: &'a str,
    pub(super) authorize_url: &'a str,
    /// A key just made goes right into them.
    pub(super) new_key: Option<&'a NewKey>,
}

/// The snippets of one CRM.
pub(super) struct Snippets {
    pub(super) signed: Vec<Snippet>,
    /// What to do when they are in place, and where people then find the link; a key of the catalogue.
    pub(super) then: Option<&'static str>,
}

/// One text to paste.
pub(super) struct Snippet {
    /// What to do with it; a key of the catalogue.
    pub(super) key: &'static str,
    /// The file it goes into, where it is one.
    pub(super) file: Option<&'static str>,
    pub(super) text: String,
}

#[derive(Template)]
#[template(path = "snippets/suitecrm_registry.php", escape = "none")]
struct SuiteRegistry;

#[derive(Template)]
#[template(path = "snippets/suitecrm_menu.php", escape = "none")]
struct SuiteMenu;

#[derive(Template)]
#[template(path = "snippets/suitecrm_link.php", escape = "none")]
struct SuiteLink {
    signing: String,
}

#[derive(Template)]
#[template(path = "snippets/vtiger_link.php", escape = "none")]
struct VtigerLink {
    signing: String,
}

#[derive(Template)]
#[template(path = "snippets/signing.php", escape = "none")]
struct SigningPhp<'a> {
    crm: String,
    authorize_url: String,
    key_id: &'a str,
    key: &'a str,
}

#[derive(Template)]
#[template(path = "snippets/claims.json", escape = "none")]
struct ClaimsJson<'a> {
    crm: &'a str,
    key_id: &'a str,
    authorize_url: &'a str,
}

impl Snippets {
    /// The snippets for a CRM.
    pub(super) fn of(place: &Place<'_>) -> Self {
        let (key_id, key) = match place.new_key {
            Some(new) => (new.key_id.as_str(), new.key.expose_secret()),
            None => (KEY_ID, KEY),
        };
        let php = || {
            text(&SigningPhp {
                crm: in_quotes(place.crm),
                authorize_url: in_quotes(place.authorize_url),
                key_id,
                key,
            })
        };
        match place.kind {
            Some(CrmKind::SuiteCrm) => Self {
                signed: vec![
                    Snippet {
                        key: "snippet-suitecrm-link",
                        file: Some("custom/google_sync.php"),
                        text: text(&SuiteLink { signing: php() }),
                    },
                    Snippet {
                        key: "snippet-suitecrm-registry",
                        file: Some("custom/Extension/application/Ext/EntryPointRegistry/google_sync.php"),
                        text: text(&SuiteRegistry),
                    },
                    Snippet {
                        key: "snippet-suitecrm-menu",
                        file: Some("custom/Extension/application/Ext/GlobalLinks/google_sync.php"),
                        text: text(&SuiteMenu),
                    },
                ],
                then: Some("snippet-suitecrm-then"),
            },
            Some(CrmKind::Vtiger) => Self {
                signed: vec![Snippet {
                    key: "snippet-vtiger-link",
                    file: Some("google_sync.php"),
                    text: text(&VtigerLink { signing: php() }),
                }],
                then: Some("snippet-vtiger-then"),
            },
            Some(CrmKind::Open) => Self {
                signed: vec![Snippet {
                    key: "snippet-open-claims",
                    file: None,
                    text: text(&ClaimsJson {
                        crm: place.crm,
                        key_id,
                        authorize_url: place.authorize_url,
                    }),
                }],
                then: None,
            },
            // Nothing of one's own runs there that could sign.
            Some(CrmKind::Creatio | CrmKind::Socrate) | None => Self {
                signed: Vec::new(),
                then: None,
            },
        }
    }

    /// Whether the CRM can sign its links.
    pub(super) fn can_sign(&self) -> bool {
        !self.signed.is_empty()
    }
}

fn text(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!("a snippet could not be made: {error}");
        String::new()
    })
}

/// As it stands between single quotes in PHP.
fn in_quotes(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'")
}
