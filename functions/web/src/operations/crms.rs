//! Registering, checking and removing CRMs.

use std::collections::BTreeSet;
use std::time::Duration;

use connector_crm::crm::{CheckReport, Level};
use connector_crm::registry::{self, CrmKind};
use futures::{StreamExt, TryStreamExt, stream};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use sync_core::policy::{FieldError, Settings};
use sync_core::port::{SecretText, StoreFailure};
use sync_engine::memory::{CrmRegistration, Stored};
use url::{Host, Url};

use super::grants::Leaving;
use super::links;
use crate::app::App;
use crate::messages;
use crate::problem::{Answered, Problem};

/// Longest address of a CRM, as browsers have it.
const ADDRESS_BYTES_MAX: usize = 2048;
/// Longest name for people.
const LABEL_CHARACTERS_MAX: usize = 100;
/// Longest slug.
const SLUG_BYTES_MAX: usize = 40;
/// How often a write is tried again that another one has overtaken.
pub(super) const OVERTAKEN_MAX: usize = 5;
/// Account links removed at once when their CRM is.
const REMOVED_AT_ONCE: usize = 8;
/// Longest wait for a name's addresses. A name that does not resolve is not refused: its server may be set up
/// later, and every connection is guarded again.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(3);

/// The parts of a sign-in that are no secret.
const SHOWN: [&str; 6] = [
    "client_id",
    "username",
    "email",
    "identity_url",
    "token_url",
    "invited_users",
];

/// What is asked to be registered, its shape checked.
#[derive(Debug)]
pub(crate) struct Wanted {
    kind: CrmKind,
    label: String,
    base_url: Url,
    /// `None` keeps the sign-in there is.
    auth: Option<Map<String, Value>>,
    settings: Value,
    allow_framing: bool,
}

/// A registered CRM.
pub(crate) async fn find(app: &App, crm: &str) -> Answered<Stored<CrmRegistration>> {
    if !is_slug(crm) {
        return Err(Problem::not_found(messages::UNKNOWN_CRM));
    }
    app.memory
        .crm(crm)
        .await?
        .ok_or_else(|| Problem::not_found(messages::UNKNOWN_CRM))
}

/// Registers a CRM or replaces its registration; its Google client, keys and account links stay. Answers with
/// the registration and whether it is new. Nothing is written before everything is checked.
pub(crate) async fn register(app: &App, crm: &str, wanted: Wanted) -> Answered<(CrmRegistration, bool)> {
    check_address(app, "base_url", &wanted.base_url).await?;
    for (field, address) in wanted.addresses_in_auth() {
        check_address(app, &field, &address?).await?;
    }
    let name = CrmRegistration::auth_secret(crm);
    let former_auth = app.secrets.get(&name).await?;
    for _ in 0..OVERTAKEN_MAX {
        let former = app.memory.crm(crm).await?;
        let auth = match (&wanted.auth, &former, &former_auth) {
            (Some(auth), _, _) => auth.clone(),
            (None, Some(former), Some(secret)) if keeps_its_secret(&former.value, &wanted) => opened(secret)?,
            (None, _, _) => return Err(Problem::field("auth", messages::AUTH_NEEDED)),
        };
        let now = app.now();
        let registration = CrmRegistration {
            crm: crm.to_owned(),
            kind: wanted.kind.as_str().to_owned(),
            label: wanted.label.clone(),
            base_url: wanted.base_url.as_str().trim_end_matches('/').to_owned(),
            auth_shown: auth
                .iter()
                .filter(|(name, _)| SHOWN.contains(&name.as_str()))
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect(),
            settings: wanted.settings.clone(),
            allow_framing: wanted.allow_framing,
            google_client_id: former
                .as_ref()
                .and_then(|former| former.value.google_client_id.clone()),
            created_at: former.as_ref().map_or(now, |former| former.value.created_at),
            updated_at: now,
        };
        if wanted.auth.is_some() {
            app.secrets
                .put(&name, &SecretText::from(Value::Object(auth).to_string()))
                .await?;
        }
        match app
            .memory
            .put_crm(&registration, former.as_ref().map(|former| former.version))
            .await
        {
            Ok(()) => {
                app.connector.forget_crm(crm);
                return Ok((registration, former.is_none()));
            }
            Err(StoreFailure::ConditionFailed) => {}
            Err(failure) => {
                // The registration stands as before, so its sign-in shall too.
                let undone = match &former_auth {
                    Some(secret) => app.secrets.put(&name, secret).await,
                    None => app.secrets.delete(&name).await,
                };
                if let Err(failure) = undone {
                    tracing::error!(crm, "the former sign-in could not be put back: {failure}");
                }
                return Err(failure.into());
            }
        }
    }
    Err(StoreFailure::ConditionFailed.into())
}

/// A sign-in is kept only for the place it was given for, else a changed address would be sent another's secret.
fn keeps_its_secret(former: &CrmRegistration, wanted: &Wanted) -> bool {
    former.kind == wanted.kind.as_str()
        && Url::parse(&former.base_url).is_ok_and(|url| url.origin() == wanted.base_url.origin())
}

fn opened(secret: &SecretText) -> Answered<Map<String, Value>> {
    serde_json::from_str(secret.expose_secret()).map_err(|_| Problem::internal())
}

/// Removes a CRM with its account links, keys and sign-in. Nobody's data is touched.
pub(crate) async fn remove(app: &App, crm: &str) -> Answered<()> {
    find(app, crm).await?;
    loop {
        let page = app.memory.account_links(crm, None, 100).await?;
        if page.items.is_empty() && page.next_cursor.is_none() {
            break;
        }
        stream::iter(page.items)
            .map(|link| async move { links::disconnect(app, &link.id, Leaving::WholeCrm).await })
            .buffer_unordered(REMOVED_AT_ONCE)
            .try_collect::<Vec<_>>()
            .await?;
    }
    for name in [
        CrmRegistration::auth_secret(crm),
        CrmRegistration::google_client_secret(crm),
        CrmRegistration::link_keys_secret(crm),
    ] {
        app.secrets.delete(&name).await?;
    }
    app.memory.remove_crm(crm).await?;
    app.connector.forget_crm(crm);
    Ok(())
}

/// Whether a name can be a CRM's: `[a-z0-9-]{1,40}`.
pub(crate) fn is_slug(text: &str) -> bool {
    (1..=SLUG_BYTES_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

impl Wanted {
    /// The further addresses that a sign-in may name; they are called like the CRM's own, so they are guarded like it.
    fn addresses_in_auth(&self) -> Vec<(String, Answered<Url>)> {
        let auth = self.auth.iter().flatten();
        auth.filter(|(name, _)| name.ends_with("_url"))
            .map(|(name, value)| {
                let field = format!("auth.{name}");
                let url = value.as_str().and_then(|text| Url::parse(text.trim()).ok());
                let url = url.ok_or_else(|| Problem::field(&field, messages::ADDRESS));
                (field, url)
            })
            .collect()
    }

    /// Reads what is asked for.
    ///
    /// # Errors
    /// Every field that is missing, unknown or wrong.
    pub(crate) fn read(crm: &str, body: &Value, auth_may_stay: bool) -> Result<Self, Problem> {
        let Value::Object(body) = body else {
            return Err(Problem::field("", messages::MUST_BE_OBJECT));
        };
        let mut errors = Vec::new();
        if !is_slug(crm) {
            errors.push(FieldError::new("crm", messages::SLUG));
        }
        let known: BTreeSet<&str> = ["kind", "label", "base_url", "auth", "settings", "allow_framing"].into();
        errors.extend(
            body.keys()
                .filter(|name| !known.contains(name.as_str()))
                .map(|name| FieldError::new(name, messages::UNKNOWN_FIELD)),
        );
        let kind = read_kind(body.get("kind"), &mut errors);
        let label = read_label(body.get("label"), crm, &mut errors);
        let base_url = read_address(body.get("base_url"), &mut errors);
        let auth = match body.get("auth") {
            Some(Value::Object(auth)) => Some(auth.clone()),
            None if auth_may_stay => None,
            Some(_) | None => {
                errors.push(FieldError::new("auth", messages::AUTH_NEEDED));
                None
            }
        };
        if let (Some(kind), Some(auth)) = (kind, &auth)
            && let Err(wrong) = registry::check_auth(kind, &Value::Object(auth.clone()))
        {
            errors.extend(wrong);
        }
        let settings = match body.get("settings") {
            None | Some(Value::Null) => Value::Object(Map::new()),
            Some(settings) => settings.clone(),
        };
        if let Err(wrong) = Settings::default().patched(&settings) {
            errors.extend(wrong.into_iter().map(|error| {
                let path = if error.field.is_empty() {
                    "settings".to_owned()
                } else {
                    format!("settings.{}", error.field)
                };
                FieldError::new(path, error.message)
            }));
        }
        let allow_framing = match body.get("allow_framing") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(allowed)) => *allowed,
            Some(_) => {
                errors.push(FieldError::new("allow_framing", messages::TRUE_OR_FALSE));
                false
            }
        };
        match (kind, label, base_url) {
            (Some(kind), Some(label), Some(base_url)) if errors.is_empty() => Ok(Self {
                kind,
                label,
                base_url,
                auth,
                settings,
                allow_framing,
            }),
            _ => Err(Problem::fields(errors)),
        }
    }
}

fn read_kind(value: Option<&Value>, errors: &mut Vec<FieldError>) -> Option<CrmKind> {
    match registry::parse_supported(value.and_then(Value::as_str).unwrap_or_default()) {
        Ok(kind) => Some(kind),
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

fn read_label(value: Option<&Value>, crm: &str, errors: &mut Vec<FieldError>) -> Option<String> {
    let label = match value {
        None | Some(Value::Null) => Some(crm),
        Some(value) => value.as_str().map(str::trim),
    };
    let good = label.filter(|label| {
        (1..=LABEL_CHARACTERS_MAX).contains(&label.chars().count()) && !label.contains(char::is_control)
    });
    if good.is_none() {
        errors.push(FieldError::new("label", messages::LABEL));
    }
    good.map(str::to_owned)
}

fn read_address(value: Option<&Value>, errors: &mut Vec<FieldError>) -> Option<Url> {
    let url = value
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|text| text.len() <= ADDRESS_BYTES_MAX)
        .and_then(|text| Url::parse(text).ok())
        .filter(|url| url.query().is_none() && url.fragment().is_none() && url.has_host());
    if url.is_none() {
        errors.push(FieldError::new("base_url", messages::ADDRESS));
    }
    url
}

/// The guard, at registration: what can be seen of the address, and where its name leads now.
async fn check_address(app: &App, field: &str, url: &Url) -> Answered<()> {
    let guard = app.config.crm_guard;
    let refused = |why: connector_http::guard::AddressRefused| Problem::field(field, why.to_string());
    guard.check_url(url).map_err(refused)?;
    let Some(Host::Domain(name)) = url.host() else {
        return Ok(());
    };
    let found = tokio::time::timeout(RESOLVE_TIMEOUT, tokio::net::lookup_host((name, 0))).await;
    let Ok(Ok(addresses)) = found else { return Ok(()) };
    let mut why = None;
    for address in addresses {
        match guard.check_ip(address.ip()) {
            Ok(()) => return Ok(()),
            Err(refusal) => why = Some(refusal),
        }
    }
    why.map_or(Ok(()), |why| Err(refused(why)))
}

/// Signs in to the CRM and reports what was found.
pub(crate) async fn check(app: &App, registration: &CrmRegistration) -> Answered<CheckReport> {
    Ok(app.connector.crm(&registration.crm).await?.check().await)
}

/// The findings that are errors, as fields at fault.
pub(crate) fn faults(report: &CheckReport) -> Vec<FieldError> {
    let wrong = report
        .findings
        .iter()
        .filter(|finding| finding.level == Level::Error);
    wrong
        .map(|finding| FieldError::new(finding.field.clone().unwrap_or_default(), finding.message.clone()))
        .collect()
}
