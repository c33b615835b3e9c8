//! Registered CRMs and their link keys.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::paths::CrmPath;
use super::query::{Paging, page};
use super::shapes;
use crate::messages;
use crate::operations::{client_check, crms, link_keys};
use crate::origin::Origin;
use crate::problem::{Answered, Problem};
use crate::session::Shared;

pub(super) async fn list(State(app): Shared, paging: Paging, headers: HeaderMap) -> Answered<Json<Value>> {
    let origin = Origin::of(&app, &headers);
    let all = app.memory.crms().await?;
    let mut rest = all
        .iter()
        .filter(|found| paging.cursor.as_ref().is_none_or(|cursor| found.crm > *cursor));
    let some: Vec<_> = rest.by_ref().take(paging.limit).collect();
    let next = rest
        .next()
        .and_then(|_| some.last())
        .map(|last| last.crm.as_str());
    Ok(Json(page(
        &some
            .iter()
            .map(|found| shapes::crm(found, &origin))
            .collect::<Vec<_>>(),
        next,
    )))
}

pub(super) async fn read(
    State(app): Shared,
    CrmPath(crm): CrmPath,
    headers: HeaderMap,
) -> Answered<Json<Value>> {
    let found = crms::find(&app, &crm).await?;
    Ok(Json(shapes::crm(&found.value, &Origin::of(&app, &headers))))
}

pub(super) async fn put(
    State(app): Shared,
    CrmPath(crm): CrmPath,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Answered<(StatusCode, Json<Value>)> {
    let wanted = crms::Wanted::read(&crm, &body, false)?;
    let (registration, is_new) = crms::register(&app, &crm, wanted).await?;
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((
        status,
        Json(shapes::crm(&registration, &Origin::of(&app, &headers))),
    ))
}

pub(super) async fn delete(State(app): Shared, CrmPath(crm): CrmPath) -> Answered<StatusCode> {
    crms::remove(&app, &crm).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn check(
    State(app): Shared,
    CrmPath(crm): CrmPath,
    headers: HeaderMap,
) -> Answered<Json<Value>> {
    let found = crms::find(&app, &crm).await?.value;
    let redirect_uri = Origin::of(&app, &headers).redirect_uri();
    let (report, client) = futures::try_join!(
        crms::check(&app, &found),
        client_check::check(&app, &found, &redirect_uri)
    )?;
    let mut faults = crms::faults(&report);
    faults.extend(client.fault());
    if !faults.is_empty() {
        let fields: BTreeSet<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        tracing::info!(crm, faults = fields.len(), "a check found faults");
        return Err(Problem {
            title: messages::CHECK_FAILED,
            detail: messages::CHECK_FAILED_DETAIL.to_owned(),
            ..Problem::fields(faults)
        });
    }
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            json!({ "field": finding.field, "level": finding.level.as_str(), "code": finding.code, "message": finding.message })
        })
        .collect();
    Ok(Json(
        json!({ "status": "ok", "findings": findings, "google_client": client.word() }),
    ))
}

pub(super) async fn new_link_key(State(app): Shared, CrmPath(crm): CrmPath) -> Answered<Json<Value>> {
    let new = link_keys::rotate(&app, &crm).await?;
    Ok(Json(
        json!({ "key_id": new.key_id, "key": new.key.expose_secret() }),
    ))
}
