//! Which addresses a customer's CRM may have.
//!
//! Whoever registers a CRM chooses an address that we then call. Without a guard, that reaches the cloud's
//! metadata service or a neighbour inside the network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Decides about addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressGuard {
    /// Whether private and loopback addresses are allowed (a CRM on the same machine or network). Link-local
    /// and cloud metadata addresses are refused either way.
    pub allow_private: bool,
}

/// Why an address is refused. Names no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefused {
    /// Neither http nor https.
    #[error("the address must begin with https:// or http://")]
    Scheme,
    /// `user:password@` in the address.
    #[error("the address must not carry a user name or password")]
    UserInfo,
    /// There is no host in it.
    #[error("the address names no host")]
    NoHost,
    /// Link-local, metadata, multicast, unspecified, reserved.
    #[error("the address leads to a link-local, cloud metadata or reserved address, which is never called")]
    Forbidden,
    /// Private or loopback, and that is not allowed here.
    #[error("the address leads to a private or loopback address, which is not allowed here")]
    Private,
}

impl AddressGuard {
    /// Checks all that can be seen without asking for the name's addresses.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check_url(&self, url: &Url) -> Result<(), AddressRefused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressRefused::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressRefused::UserInfo);
        }
        match url.host() {
            None => Err(AddressRefused::NoHost),
            Some(Host::Domain(name)) if !self.allow_private && is_loopback_name(name) => {
                Err(AddressRefused::Private)
            }
            Some(Host::Domain(_)) => Ok(()),
            Some(Host::Ipv4(address)) => self.check_ip(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => self.check_ip(IpAddr::V6(address)),
        }
    }

    /// Checks one address.
    ///
    /// # Errors
    /// `Forbidden` or `Private`.
    pub fn check_ip(&self, address: IpAddr) -> Result<(), AddressRefused> {
        let reach = match address {
            IpAddr::V4(address) => reach_v4(address),
            IpAddr::V6(address) => reach_v6(address),
        };
        match reach {
            Reach::Public => Ok(()),
            Reach::Private if self.allow_private => Ok(()),
            Reach::Private => Err(AddressRefused::Private),
            Reach::Forbidden => Err(AddressRefused::Forbidden),
        }
    }

    pub(crate) fn resolver(self) -> GuardedResolver {
        GuardedResolver { guard: self }
    }
}

/// Names that mean this very machine, whether they resolve or not.
///
/// # Source
/// RFC 6761, section 6.3.
fn is_loopback_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let last = name.rsplit('.').next().unwrap_or(name);
    last.eq_ignore_ascii_case("localhost")
}

/// How far an address reaches; the later, the stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Public,
    Private,
    Forbidden,
}

/// Metadata services outside the link-local range: Alibaba Cloud, Azure's wire server, Oracle Cloud.
const METADATA_V4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(192, 0, 0, 192),
];

/// Metadata services on IPv6: AWS (two), Google Cloud, Scaleway.
const METADATA_V6: [Ipv6Addr; 4] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
];

/// # Source
/// IANA IPv4 Special-Purpose Address Registry (RFC 6890 and its successors).
fn reach_v4(address: Ipv4Addr) -> Reach {
    let [a, b, c, _] = address.octets();
    if METADATA_V4.contains(&address) {
        return Reach::Forbidden;
    }
    match (a, b, c) {
        // This network, link-local, protocol assignments, multicast, reserved and broadcast.
        (0 | 224..=255, _, _) | (169, 254, _) | (192, 0, 0) => Reach::Forbidden,
        // Loopback, private, carrier-grade NAT, benchmarking, documentation.
        (10 | 127, _, _)
        | (172, 16..=31, _)
        | (192, 168, _)
        | (100, 64..=127, _)
        | (198, 18..=19, _)
        | (192, 0, 2)
        | (198, 51, 100)
        | (203, 0, 113) => Reach::Private,
        _ => Reach::Public,
    }
}

/// # Source
/// IANA IPv6 Special-Purpose Address Registry; RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo).
fn reach_v6(address: Ipv6Addr) -> Reach {
    if METADATA_V6.contains(&address) {
        return Reach::Forbidden;
    }
    let embedded = |high: u16, low: u16| reach_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match address.segments() {
        // Loopback, documentation, unique local, and the site-local addresses of old.
        [0, 0, 0, 0, 0, 0, 0, 1] | [0x2001, 0xdb8, ..] | [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => Reach::Private,
        // IPv4-mapped, IPv4-translated and IPv4-compatible; the unspecified address is among the last.
        [0, 0, 0, 0, 0, 0xffff | 0, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        // NAT64 and 6to4.
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => embedded(high, low),
        // The local NAT64 prefix leads wherever its owner likes.
        [0x64, 0xff9b, 1, .., high, low] => Reach::Private.max(embedded(high, low)),
        // Teredo: server in clear, client with its bits turned over.
        [0x2001, 0, server_high, server_low, .., high, low] => {
            embedded(server_high, server_low).max(embedded(!high, !low))
        }
        // Only 2000::/3 is given out to the public; link-local and multicast are among the rest.
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Forbidden,
    }
}

/// Resolves names and leaves out the addresses that the guard refuses. Being asked at every new connection, it
/// sees a name that has begun to lead elsewhere.
#[derive(Debug)]
pub(crate) struct GuardedResolver {
    guard: AddressGuard,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.guard;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let (mut allowed, mut refused) = (Vec::<SocketAddr>::new(), None);
            for address in found {
                match guard.check_ip(address.ip()) {
                    Ok(()) => allowed.push(address),
                    Err(why) => refused = Some(why),
                }
            }
            match (allowed.is_empty(), refused) {
                (true, Some(why)) => Err(why.into()),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}
