//! Registered CRMs and their link keys.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use secrecy::ExposeSecret;

use super::answers::{Done, Put};
use super::body::JsonBody;
use super::paths::CrmPath;
use super::query::{Paging, page};
use super::shapes::{CheckShown, CrmShown, FindingShown, LinkKeyShown, PageShown};
use crate::messages;
use crate::operations::{client_check, crms, link_keys};
use crate::origin::Origin;
use crate::problem::{Answered, Problem};
use crate::session::Shared;

pub(super) async fn list(
    State(app): Shared,
    paging: Paging,
    headers: HeaderMap,
) -> Answered<Json<PageShown<CrmShown>>> {
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
    let items = some.into_iter().map(|found| CrmShown::of(found, &origin));
    Ok(Json(page(items, next)))
}

pub(super) async fn read(
    State(app): Shared,
    CrmPath(crm): CrmPath,
    headers: HeaderMap,
) -> Answered<Json<CrmShown>> {
    let found = crms::find(&app, &crm).await?;
    Ok(Json(CrmShown::of(&found.value, &Origin::of(&app, &headers))))
}

pub(super) async fn put(
    State(app): Shared,
    CrmPath(crm): CrmPath,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Answered<Put<CrmShown>> {
    let wanted = crms::Wanted::read(&crm, &body, false)?;
    let (registration, is_new) = crms::register(&app, &crm, wanted).await?;
    Ok(Put {
        is_new,
        now: CrmShown::of(&registration, &Origin::of(&app, &headers)),
    })
}

pub(super) async fn delete(State(app): Shared, CrmPath(crm): CrmPath) -> Answered<Done> {
    crms::remove(&app, &crm).await?;
    Ok(Done)
}

pub(super) async fn check(
    State(app): Shared,
    CrmPath(crm): CrmPath,
    headers: HeaderMap,
) -> Answered<Json<CheckShown>> {
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
    let findings = report.findings.into_iter().map(|finding| FindingShown {
        field: finding.field,
        level: finding.level.as_str(),
        code: finding.code,
        message: finding.message,
    });
    Ok(Json(CheckShown {
        status: "ok",
        findings: findings.collect(),
        google_client: client.word(),
    }))
}

pub(super) async fn new_link_key(State(app): Shared, CrmPath(crm): CrmPath) -> Answered<Json<LinkKeyShown>> {
    let new = link_keys::rotate(&app, &crm).await?;
    Ok(Json(LinkKeyShown {
        key_id: new.key_id,
        key: new.key.expose_secret().to_owned(),
    }))
}
