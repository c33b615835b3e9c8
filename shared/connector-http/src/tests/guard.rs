//! Which addresses pass the guard.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use url::Url;

use super::get;
use crate::client::{HttpClient, HttpFailure};
use crate::guard::{AddressGuard, AddressRefused};

const STRICT: AddressGuard = AddressGuard { allow_private: false };
const LENIENT: AddressGuard = AddressGuard { allow_private: true };

#[test]
fn literal_addresses_pass_or_fail_by_their_reach() {
    use AddressRefused::{Forbidden, Private};
    // Address, without private ones, with private ones.
    let table = [
        ("http://8.8.8.8/", Ok(()), Ok(())),
        ("https://crm.example.com/", Ok(()), Ok(())),
        ("http://127.0.0.1:8080/", Err(Private), Ok(())),
        ("http://2130706433/", Err(Private), Ok(())),
        ("http://0x7f.1/", Err(Private), Ok(())),
        ("http://10.0.0.1/", Err(Private), Ok(())),
        ("http://172.16.0.1/", Err(Private), Ok(())),
        ("http://172.32.0.1/", Ok(()), Ok(())),
        ("http://192.168.1.1/", Err(Private), Ok(())),
        ("http://100.64.0.1/", Err(Private), Ok(())),
        ("http://100.128.0.1/", Ok(()), Ok(())),
        ("http://100.100.100.200/", Err(Forbidden), Err(Forbidden)),
        ("http://168.63.129.16/", Err(Forbidden), Err(Forbidden)),
        ("http://192.0.0.192/", Err(Forbidden), Err(Forbidden)),
        ("http://169.254.169.254/latest/", Err(Forbidden), Err(Forbidden)),
        ("http://0.0.0.0/", Err(Forbidden), Err(Forbidden)),
        ("http://224.0.0.1/", Err(Forbidden), Err(Forbidden)),
        ("http://255.255.255.255/", Err(Forbidden), Err(Forbidden)),
        ("http://[::1]/", Err(Private), Ok(())),
        ("http://[::]/", Err(Forbidden), Err(Forbidden)),
        ("http://[fe80::1]/", Err(Forbidden), Err(Forbidden)),
        ("http://[ff02::1]/", Err(Forbidden), Err(Forbidden)),
        ("http://[fc00::1]/", Err(Private), Ok(())),
        ("http://[fd00:ec2::254]/", Err(Forbidden), Err(Forbidden)),
        ("http://[fd20:ce::254]/", Err(Forbidden), Err(Forbidden)),
        ("http://[2606:4700::1111]/", Ok(()), Ok(())),
        ("http://[::ffff:127.0.0.1]/", Err(Private), Ok(())),
        ("http://[::ffff:169.254.169.254]/", Err(Forbidden), Err(Forbidden)),
        ("http://[::ffff:8.8.8.8]/", Ok(()), Ok(())),
        ("http://[64:ff9b::a9fe:a9fe]/", Err(Forbidden), Err(Forbidden)),
        ("http://[64:ff9b::a00:1]/", Err(Private), Ok(())),
        ("http://[64:ff9b:1::808:808]/", Err(Private), Ok(())),
        ("http://[2002:a9fe:a9fe::1]/", Err(Forbidden), Err(Forbidden)),
        ("http://[2002:c0a8:101::1]/", Err(Private), Ok(())),
        (
            "http://[2001:0:808:808::5601:5601]/",
            Err(Forbidden),
            Err(Forbidden),
        ),
    ];
    for (address, strict, lenient) in table {
        let url = Url::parse(address).unwrap();
        assert_eq!(STRICT.check_url(&url), strict, "{address}");
        assert_eq!(
            LENIENT.check_url(&url),
            lenient,
            "{address} with private ones allowed"
        );
    }
}

#[test]
fn names_of_this_machine_are_private_whether_they_resolve_or_not() {
    for name in [
        "localhost",
        "LocalHost",
        "localhost.",
        "crm.localhost",
        "crm.localhost.",
    ] {
        let url = Url::parse(&format!("https://{name}/")).unwrap();
        assert_eq!(STRICT.check_url(&url), Err(AddressRefused::Private), "{name}");
        assert_eq!(LENIENT.check_url(&url), Ok(()), "{name}");
    }
    for name in [
        "localhost.example.com",
        "notlocalhost",
        "localhost-crm.example.com",
    ] {
        let url = Url::parse(&format!("https://{name}/")).unwrap();
        assert_eq!(STRICT.check_url(&url), Ok(()), "{name}");
    }
}

#[test]
fn only_web_addresses_without_passwords_pass() {
    for (address, why) in [
        ("ftp://crm.example.com/", AddressRefused::Scheme),
        ("file:///etc/passwd", AddressRefused::Scheme),
        ("https://user@crm.example.com/", AddressRefused::UserInfo),
        ("https://user:password@crm.example.com/", AddressRefused::UserInfo),
    ] {
        assert_eq!(
            LENIENT.check_url(&Url::parse(address).unwrap()),
            Err(why),
            "{address}"
        );
    }
}

proptest! {
    #[test]
    fn allowing_private_addresses_never_refuses_more(bits in any::<u128>()) {
        let address = IpAddr::V6(Ipv6Addr::from(bits));
        prop_assert!(STRICT.check_ip(address).is_err() || LENIENT.check_ip(address).is_ok());
    }

    #[test]
    fn an_address_is_no_freer_inside_another_form(bits in any::<u32>(), rest in any::<u64>()) {
        let inner = Ipv4Addr::from(bits);
        let [a, b] = [(bits >> 16) as u16, (bits & 0xffff) as u16];
        let [_, d, e, f] = [rest >> 48, rest >> 32, rest >> 16, rest].map(|part| (part & 0xffff) as u16);
        let forms = [
            inner.to_ipv6_mapped(),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a, b),
            Ipv6Addr::new(0x64, 0xff9b, 1, d, e, f, a, b),
            Ipv6Addr::new(0x2002, a, b, d, e, f, 1, 1),
            Ipv6Addr::new(0x2001, 0, 0x808, 0x808, d, e, !a, !b),
        ];
        for guard in [STRICT, LENIENT] {
            for form in forms {
                let plain = guard.check_ip(IpAddr::V4(inner));
                prop_assert!(plain.is_ok() || guard.check_ip(IpAddr::V6(form)).is_err(), "{inner} as {form}");
            }
        }
    }

    #[test]
    fn link_local_addresses_never_pass(low in any::<u16>(), bits in any::<u128>()) {
        let v4 = IpAddr::V4(Ipv4Addr::from(0xa9fe_0000 | u32::from(low)));
        let v6 = IpAddr::V6(Ipv6Addr::from(0xfe80 << 112 | bits >> 10));
        for address in [v4, v6] {
            prop_assert_eq!(LENIENT.check_ip(address), Err(AddressRefused::Forbidden));
        }
    }
}

#[tokio::test]
async fn a_name_that_leads_to_a_refused_address_is_refused_when_it_is_called() {
    let client = HttpClient::guarded(STRICT).unwrap();
    let failure = client.send(get("http://localhost:9/")).await.unwrap_err();
    assert_eq!(failure, HttpFailure::Address(AddressRefused::Private));
    assert!(!failure.outcome_unknown());
    // The same name passes where private addresses do, and finds nobody at home.
    let client = HttpClient::guarded(LENIENT).unwrap();
    assert_eq!(
        client.send(get("http://localhost:1/")).await.unwrap_err(),
        HttpFailure::Connect
    );
}

#[tokio::test]
async fn a_literal_address_is_refused_before_anything_is_sent() {
    let client = HttpClient::guarded(STRICT).unwrap();
    let failure = client
        .send(get("http://169.254.169.254/latest/meta-data/"))
        .await
        .unwrap_err();
    assert_eq!(failure, HttpFailure::Address(AddressRefused::Forbidden));
}
