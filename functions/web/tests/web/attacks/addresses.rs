//! Addresses of a CRM that lead to where nobody shall be led.

use connector_http::guard::AddressGuard;
use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::ground::{Ground, Setup};

fn strict() -> Setup {
    Setup {
        allow_private: false,
        ..Setup::default()
    }
}

#[tokio::test]
async fn no_spelling_of_an_inner_address_is_registered() {
    let strict = Ground::with(strict()).await;
    let lenient = Ground::new().await;
    // Loopback and private addresses in every spelling that programs have been fooled by.
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "[fc00::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "%31%32%37.0.0.1",
    ] {
        for scheme in ["http", "https"] {
            let mut registration = strict.registration();
            registration["base_url"] = json!(format!("{scheme}://{host}/"));
            let answer = strict.put("/api/v1/crms/acme", &registration).await;
            assert_eq!(answer.problem(422), ["base_url"], "{scheme}://{host}/");
        }
    }
    // The cloud's metadata and link-local addresses are refused even where private ones are not.
    for host in [
        "169.254.169.254",
        "0xA9FEA9FE",
        "2852039166",
        "[::ffff:169.254.169.254]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "169.254.170.2",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",
        "0",
        "[::]",
        "224.0.0.1",
        "255.255.255.255",
        "[64:ff9b::a9fe:a9fe]",
    ] {
        let mut registration = lenient.registration();
        registration["base_url"] = json!(format!("http://{host}/latest/meta-data"));
        let answer = lenient.put("/api/v1/crms/acme", &registration).await;
        assert_eq!(answer.problem(422), ["base_url"], "{host}");
    }
    for address in [
        "file:///etc/passwd",
        "gopher://crm.example.com/",
        "ftp://crm.example.com/",
        "javascript:alert(1)",
        "//crm.example.com",
        "https://user:password@crm.example.com/",
        "https://crm.example.com@169.254.169.254/",
        "https://crm.example.com/?a=b",
        "https://crm.example.com/#x",
        "https://",
        "data:text/html,x",
        "https://crm.example.com:99999/",
        "\u{0}",
    ] {
        let mut registration = lenient.registration();
        registration["base_url"] = json!(address);
        let answer = lenient.put("/api/v1/crms/acme", &registration).await;
        assert_eq!(answer.problem(422), ["base_url"], "{address}");
    }
    assert_eq!(lenient.get("/api/v1/crms").await.json()["items"], json!([]));
}

/// A name that led elsewhere when it was registered leads to this machine now: what is connected to is checked, and not
/// what was looked up before.
#[tokio::test]
async fn a_name_that_has_begun_to_lead_inside_is_not_called() {
    let ground = Ground::with(strict()).await;
    let mut registration = ground.registration();
    registration["base_url"] = json!("https://crm.invalid/");
    assert_eq!(
        ground.put("/api/v1/crms/acme", &registration).await.status,
        201,
        "a name that does not resolve yet may be registered"
    );
    for (address, before) in [
        (ground.crm.base_url().replace("127.0.0.1", "localhost"), "a name"),
        (ground.crm.base_url().to_owned(), "a number"),
    ] {
        let mut stored = ground.memory.crm("acme").await.unwrap().unwrap();
        stored.value.base_url = address;
        stored.value.updated_at += chrono::TimeDelta::seconds(1);
        ground
            .memory
            .put_crm(&stored.value, Some(stored.version))
            .await
            .unwrap();
        ground.clock.advance(std::time::Duration::from_hours(1));
        let answer = ground.post("/api/v1/crms/acme/check").await;
        assert_eq!(answer.problem(422), ["base_url"], "{before}");
        assert!(answer.body.contains("not allowed here"), "{}", answer.body);
    }
    assert_eq!(ground.crm.traffic().calls(), 0, "nothing was sent");
    let guard = AddressGuard { allow_private: false };
    assert!(guard.check_ip("127.0.0.1".parse().unwrap()).is_err());
}

/// A CRM that answers every request by sending it on to an address inside.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let ground = Ground::new().await;
    let inside = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let there = format!("http://{}/latest/meta-data", inside.local_addr().unwrap());
    let address = format!("http://{}/", door.local_addr().unwrap());
    let sending_on = tokio::spawn(async move {
        let mut sent = 0;
        loop {
            let Ok((mut stream, _)) = door.accept().await else {
                return;
            };
            let mut request = [0; 4096];
            let _read = stream.read(&mut request).await.unwrap();
            let status = [301, 302, 303, 307, 308][sent % 5];
            let answer = format!(
                "HTTP/1.1 {status} Elsewhere\r\nLocation: {there}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
            sent += 1;
        }
    });
    let mut registration = ground.registration();
    registration["base_url"] = json!(address);
    assert_eq!(ground.put("/api/v1/crms/acme", &registration).await.status, 201);
    let answer = ground.post("/api/v1/crms/acme/check").await;
    assert!(!answer.problem(422).is_empty(), "{}", answer.body);
    let came = tokio::time::timeout(std::time::Duration::from_millis(300), inside.accept()).await;
    assert!(came.is_err(), "the redirect was followed");
    sending_on.abort();
}

#[tokio::test]
async fn whoever_registers_learns_nothing_of_what_an_address_answers() {
    let ground = Ground::new().await;
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", door.local_addr().unwrap());
    let answering = tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = door.accept().await else {
                return;
            };
            let mut request = [0; 4096];
            let _read = stream.read(&mut request).await.unwrap();
            let body = r#"{"AccessKeyId":"inner-secret","error":"inner-secret","message":"inner-secret"}"#;
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Inner: inner-secret\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let mut registration = ground.registration();
    registration["base_url"] = json!(address);
    assert_eq!(ground.put("/api/v1/crms/acme", &registration).await.status, 201);
    let answer = ground.call(Method::POST, "/api/v1/crms/acme/check", "").await;
    assert!(!answer.body.contains("inner-secret"), "{}", answer.body);
    answering.abort();
}
