//! What each kind of CRM is signed in to with, as its form asks for it.

use connector_crm::registry::{CrmKind, supported};

/// One field of a sign-in. Its label is in the catalogue as `label-auth-` and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AuthField {
    /// The name in the registration's `auth`.
    pub(super) name: &'static str,
    /// Whether it is never shown again.
    pub(super) is_secret: bool,
    /// Whether this way of signing in works without it.
    pub(super) is_optional: bool,
}

/// One way of signing in: all of its fields together. A form shows every way its kind has.
pub(super) type Way = &'static [AuthField];

const fn plain(name: &'static str) -> AuthField {
    AuthField {
        name,
        is_secret: false,
        is_optional: false,
    }
}

const fn secret(name: &'static str) -> AuthField {
    AuthField {
        is_secret: true,
        ..plain(name)
    }
}

const fn optional(field: AuthField) -> AuthField {
    AuthField {
        is_optional: true,
        ..field
    }
}

const SUITECRM: [Way; 1] = [&[
    plain("client_id"),
    secret("client_secret"),
    optional(plain("username")),
    optional(secret("password")),
]];
const VTIGER: [Way; 1] = [&[
    plain("username"),
    secret("access_key"),
    optional(plain("invited_users")),
]];
const CREATIO: [Way; 2] = [
    &[plain("username"), secret("password")],
    &[plain("identity_url"), plain("client_id"), secret("client_secret")],
];
const SOCRATE: [Way; 1] = [&[plain("email"), secret("password")]];
const OPEN: [Way; 2] = [
    &[secret("token")],
    &[plain("token_url"), plain("client_id"), secret("client_secret")],
];

/// The ways of signing in to a kind of CRM.
pub(super) fn ways(kind: CrmKind) -> &'static [Way] {
    match kind {
        CrmKind::SuiteCrm => &SUITECRM,
        CrmKind::Vtiger => &VTIGER,
        CrmKind::Creatio => &CREATIO,
        CrmKind::Socrate => &SOCRATE,
        CrmKind::Open => &OPEN,
    }
}

/// Every field of a kind's sign-in, once.
pub(super) fn fields(kind: CrmKind) -> Vec<AuthField> {
    let mut fields: Vec<AuthField> = Vec::new();
    for field in ways(kind).iter().copied().flatten() {
        if fields.iter().all(|known| known.name != field.name) {
            fields.push(*field);
        }
    }
    fields
}

/// The kinds that can be registered.
pub(super) fn offered() -> Vec<CrmKind> {
    CrmKind::ALL.into_iter().filter(|kind| supported(*kind)).collect()
}
