//! What is wrong with a set-up is told by the field at fault.

use axum::http::Method;

use super::site::{Site, Trouble, refusal};
use crate::crm::{CheckReport, CrmConnection, Level};

async fn checked(site: &Site) -> CheckReport {
    site.connect().check().await
}

fn errors(report: &CheckReport) -> Vec<(Option<&str>, &'static str)> {
    let of = report
        .findings
        .iter()
        .filter(|finding| finding.level == Level::Error);
    of.map(|finding| (finding.field.as_deref(), finding.code))
        .collect()
}

#[tokio::test]
async fn a_good_site_passes_and_tells_where_its_api_is() {
    for place in ["Api/", "legacy/Api/", "legacy/Api/index.php/"] {
        let site = Site::start().await;
        site.inside().place = place;
        let report = checked(&site).await;
        assert!(report.ok, "{report:?}");
        assert!(report.findings[0].message.contains(place.trim_end_matches('/')));
        let written = site
            .inside()
            .requests()
            .into_iter()
            .filter(|(method, path, _)| method != Method::GET && !path.contains("access_token"));
        assert_eq!(written.count(), 0);
    }
}

#[tokio::test]
async fn a_page_of_the_site_is_address_enough() {
    let site = Site::start().await;
    for page in ["", "/index.php?module=Home&action=index", "/#/home"] {
        let report = site
            .connect_at(&format!("{}{page}", site.address()))
            .check()
            .await;
        assert!(report.ok, "{page}: {report:?}");
    }
}

#[tokio::test]
async fn the_wrong_field_is_named() {
    let unknown = |text: &str| {
        let body = serde_json::json!({"error": "unknown_error", "error_description": text});
        (500, body.to_string())
    };
    let cases = [
        (
            (401, r#"{"error":"invalid_client"}"#.to_owned()),
            Some("auth.client_secret"),
            "invalid_client",
        ),
        (
            unknown("OAuth2Clients module with id c is not found"),
            Some("auth.client_id"),
            "unknown_client",
        ),
        (
            unknown("The password is invalid: hunter2"),
            Some("auth.password"),
            "invalid_password",
        ),
        (
            unknown("No user found with this username: api"),
            Some("auth.username"),
            "unknown_user",
        ),
        ((500, String::new()), None, "keys_missing"),
        (
            (200, "<html><form>Log in</form></html>".to_owned()),
            Some("base_url"),
            "no_api",
        ),
        ((302, String::new()), Some("base_url"), "no_api"),
    ];
    for (answer, field, code) in cases {
        let site = Site::start().await;
        site.inside().sign_in = Some(answer);
        let report = checked(&site).await;
        assert!(!report.ok);
        assert_eq!(errors(&report), [(field, code)]);
        assert!(!format!("{report:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn an_address_where_nobody_answers_is_named() {
    let site = Site::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let report = site.connect_at(&nobody).check().await;
    assert_eq!(errors(&report), [(Some("base_url"), "unreachable")]);
}

#[tokio::test]
async fn the_api_users_zone_must_be_utc() {
    for (zone, level) in [
        (Some("UTC"), Level::Ok),
        (Some("Etc/UTC"), Level::Ok),
        (Some("Europe/London"), Level::Error),
        (Some("America/New_York"), Level::Error),
        (Some("Mars/Olympus"), Level::Error),
        (None, Level::Warning),
    ] {
        let site = Site::start().await;
        site.inside().zone = zone;
        let report = checked(&site).await;
        let finding = report
            .findings
            .iter()
            .find(|finding| finding.code.starts_with("time_zone"))
            .unwrap();
        assert_eq!(finding.level, level, "{zone:?}");
        assert_eq!(report.ok, level != Level::Error);
        if level == Level::Error {
            assert!(
                finding.message.contains(zone.unwrap()) && finding.message.contains("set Time Zone to UTC")
            );
        }
    }
}

#[tokio::test]
async fn seconds_lengths_and_rights_are_told() {
    let site = Site::start().await;
    site.inside().time_format = "H:i:s";
    site.inside().title_chars = 80;
    let codes: Vec<&str> = checked(&site)
        .await
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect();
    assert_eq!(
        codes,
        [
            "signed_in",
            "time_zone",
            "seconds_shown",
            "module_read",
            "module_read",
            "module_read",
            "module_read"
        ]
    );
    let denied = || Trouble::Instead(400, refusal("[SuiteCRM] [AccessDeniedException] "));
    // Contacts are no matter for a site that keeps none in step.
    site.inside().trouble(Method::GET, "module/Contacts", 1, denied());
    let report = checked(&site).await;
    assert!(report.ok);
    assert!(report.findings.iter().any(|finding| {
        (finding.level, finding.code) == (crate::crm::Level::Warning, "access_denied")
            && finding.message.contains("Contacts")
    }));
    site.inside().trouble(Method::GET, "module/Calls", 1, denied());
    let report = checked(&site).await;
    assert_eq!(errors(&report), [(None, "access_denied")]);
    assert!(
        report
            .findings
            .iter()
            .any(|finding| finding.message.contains("80 characters"))
    );
}
