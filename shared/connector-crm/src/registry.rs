//! The one list of CRM kinds.

use std::sync::Arc;

use connector_http::token::TokenCache;
use serde_json::Value;
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::policy::FieldError;
use sync_core::port::{Clock, SecretText};
use url::Url;

use crate::crm::CrmConnection;
use crate::suitecrm::{self, SuiteCrm};
use crate::vtiger::{self, Vtiger};

/// The kinds of CRM that can be named in a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrmKind {
    /// SuiteCRM 7.x and 8.x.
    SuiteCrm,
    /// Vtiger and its family.
    Vtiger,
    /// Creatio, formerly bpm'online.
    Creatio,
    /// SocrateCloud.
    Socrate,
    /// Any CRM that speaks the open contract.
    Open,
}

impl CrmKind {
    /// Every kind there is a name for.
    pub const ALL: [CrmKind; 5] = [
        CrmKind::SuiteCrm,
        CrmKind::Vtiger,
        CrmKind::Creatio,
        CrmKind::Socrate,
        CrmKind::Open,
    ];

    /// The kind of that name; `None` for a name nobody knows.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The name used in registrations, keys and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            CrmKind::SuiteCrm => "suitecrm",
            CrmKind::Vtiger => "vtiger",
            CrmKind::Creatio => "creatio",
            CrmKind::Socrate => "socrate",
            CrmKind::Open => "open",
        }
    }
}

impl std::fmt::Display for CrmKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether this version can open CRMs of that kind.
pub fn supported(kind: CrmKind) -> bool {
    match kind {
        CrmKind::SuiteCrm | CrmKind::Vtiger => true,
        CrmKind::Creatio | CrmKind::Socrate | CrmKind::Open => false,
    }
}

/// The most requests that one CRM of that kind shall have to answer at a time, over all of its users.
pub fn requests_in_flight_max(kind: CrmKind) -> usize {
    match kind {
        CrmKind::SuiteCrm => suitecrm::REQUESTS_IN_FLIGHT_MAX,
        CrmKind::Vtiger => vtiger::REQUESTS_IN_FLIGHT_MAX,
        CrmKind::Creatio | CrmKind::Socrate | CrmKind::Open => 1,
    }
}

/// Where a person sees a record of the CRM in the browser; `None` where its address is not known.
pub fn record_address(kind: CrmKind, base_url: &str, record: &RemoteId) -> Option<String> {
    match kind {
        CrmKind::SuiteCrm => suitecrm::record_address(base_url, record),
        CrmKind::Vtiger => vtiger::record_address(base_url, record),
        CrmKind::Creatio | CrmKind::Socrate | CrmKind::Open => None,
    }
}

/// The kind of that name, if this version can open it: the check behind the field `kind` of a registration.
///
/// # Errors
/// One error for `kind`, whose message tells a name nobody knows from a kind that this version does not speak yet.
pub fn parse_supported(name: &str) -> Result<CrmKind, FieldError> {
    let Some(kind) = CrmKind::parse(name) else {
        let known: Vec<&str> = CrmKind::ALL.into_iter().map(CrmKind::as_str).collect();
        return Err(FieldError::new(
            "kind",
            format!("is not a kind of CRM; must be one of {}", known.join(", ")),
        ));
    };
    if supported(kind) {
        Ok(kind)
    } else {
        Err(FieldError::new("kind", not_supported(kind)))
    }
}

/// Checks the field `auth` of a registration: every field that is missing, unknown or of the wrong type.
///
/// # Errors
/// The fields at fault by their paths, such as `auth.client_id`; `kind` where this version does not speak it.
pub fn check_auth(kind: CrmKind, auth: &Value) -> Result<(), Vec<FieldError>> {
    match kind {
        CrmKind::SuiteCrm => suitecrm::check_auth(auth),
        CrmKind::Vtiger => vtiger::check_auth(auth),
        CrmKind::Creatio | CrmKind::Socrate | CrmKind::Open => {
            Err(vec![FieldError::new("kind", not_supported(kind))])
        }
    }
}

/// A registered CRM, as far as its connection needs it.
#[derive(Debug, Clone)]
pub struct CrmConfig {
    /// The name under which it is registered.
    pub slug: String,
    /// What it is.
    pub kind: CrmKind,
    /// The address people open it at.
    pub base_url: Url,
    /// The field `auth` of the registration, as JSON text.
    pub auth: SecretText,
}

/// Opens a registered CRM. Sends nothing yet.
///
/// # Errors
/// `Permanent` where this version does not speak the kind or the credentials are not as [`check_auth`] wants them.
pub fn open(
    config: CrmConfig,
    lane: connector_http::lane::Lane,
    tokens: Arc<dyn TokenCache>,
    clock: Arc<dyn Clock>,
) -> Result<Box<dyn CrmConnection>, Failure> {
    match config.kind {
        CrmKind::SuiteCrm => Ok(Box::new(SuiteCrm::new(config, lane, tokens, clock)?)),
        CrmKind::Vtiger => Ok(Box::new(Vtiger::new(config, lane, tokens, clock)?)),
        kind @ (CrmKind::Creatio | CrmKind::Socrate | CrmKind::Open) => {
            Err(Failure::permanent("kind_not_supported", not_supported(kind)))
        }
    }
}

fn not_supported(kind: CrmKind) -> String {
    format!("{kind} is not supported by this version")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_is_found_under_its_own_name() {
        for kind in CrmKind::ALL {
            assert_eq!(CrmKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(CrmKind::parse("SuiteCRM"), None);
    }

    #[test]
    fn a_record_is_found_in_the_browser_from_whatever_page_of_the_crm_was_registered() {
        let record = RemoteId::new("Meetings", "a b");
        for base_url in [
            "https://crm.example.com",
            "https://crm.example.com/index.php?module=Home",
        ] {
            assert_eq!(
                record_address(CrmKind::SuiteCrm, base_url, &record).as_deref(),
                Some("https://crm.example.com/index.php?module=Meetings&action=DetailView&record=a+b")
            );
        }
        assert_eq!(record_address(CrmKind::SuiteCrm, "javascript:1", &record), None);
    }

    #[test]
    fn a_kind_that_comes_later_is_told_from_one_nobody_knows() {
        let later = parse_supported("creatio").unwrap_err();
        assert_eq!(
            (
                later.field.as_str(),
                later.message.contains("not supported by this version")
            ),
            ("kind", true)
        );
        let unknown = parse_supported("abacus").unwrap_err();
        assert!(unknown.message.contains("suitecrm") && !unknown.message.contains("this version"));
        assert_eq!(parse_supported("suitecrm"), Ok(CrmKind::SuiteCrm));
        assert_eq!(parse_supported("vtiger"), Ok(CrmKind::Vtiger));
        assert_eq!(
            check_auth(CrmKind::Open, &json!({"token": "t"})).unwrap_err()[0].field,
            "kind"
        );
    }
}
