//! Answers in JSON.

use serde_json::{Value, json};
use sync_engine::memory::{AccountLink, CrmRegistration, JournalEntry, Loss};

use crate::origin::Origin;

/// A registered CRM, without its secrets.
pub(super) fn crm(registration: &CrmRegistration, origin: &Origin) -> Value {
    let CrmRegistration {
        crm,
        kind,
        label,
        base_url,
        auth_shown,
        settings,
        allow_framing,
        google_client_id,
        created_at,
        updated_at,
    } = registration;
    json!({
        "crm": crm,
        "kind": kind,
        "label": label,
        "base_url": base_url,
        "auth": auth_shown,
        "settings": settings,
        "allow_framing": allow_framing,
        "google_client": google_client(google_client_id.as_deref()),
        "redirect_uri": origin.redirect_uri(),
        "authorize_url": format!("{}/authorize?crm={crm}", origin.base),
        "created_at": created_at,
        "updated_at": updated_at,
    })
}

/// The Google client of a CRM, without its secret.
pub(super) fn google_client(client_id: Option<&str>) -> Value {
    match client_id {
        Some(client_id) => json!({ "status": "configured", "client_id": client_id }),
        None => json!({ "status": "not_configured" }),
    }
}

/// An account link.
pub(super) fn link(link: &AccountLink) -> Value {
    let body = &link.body.value;
    let progress = &link.progress;
    json!({
        "crm": link.id.crm,
        "user": link.id.user,
        "name": body.name,
        "email": body.email,
        "google_email": body.google.as_ref().map(|google| &google.email),
        "state": link.state(),
        "reason": link.reauthorization_reason(),
        "linked_at": body.linked_at,
        "authorized_at": body.google.as_ref().map(|google| google.authorized_at),
        "last_run": progress.last_run,
        "next_run_at": link.next_run_at(),
        "pairs": progress.pairs,
        "parked": progress.parked.count,
        "held": progress.held.as_ref().map(|held| json!({
            "since": held.since,
            "deletions": held.deletions,
            "examples": held.examples,
        })),
        "settings": body.settings,
    })
}

/// An entry of the journal.
pub(super) fn entry(entry: &JournalEntry) -> Value {
    let JournalEntry {
        id,
        at,
        run_id,
        kind,
        side,
        ids,
        loss,
        why,
        won_by,
        restored_at,
    } = entry;
    let (field, value) = match loss {
        Loss::Field { field, value } => (Some(field), value),
        Loss::Record(record) => (None, record),
    };
    json!({
        "id": id,
        "at": at,
        "run_id": run_id,
        "kind": kind,
        "side": side,
        "crm_id": ids.crm.as_ref().map(|id| &id.id),
        "google_id": ids.google.as_ref().map(|id| &id.id),
        "field": field,
        "value": value,
        "why": why,
        "won_by": won_by,
        "restored_at": restored_at,
    })
}
