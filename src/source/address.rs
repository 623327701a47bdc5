//! Which addresses of the network a report may be fetched from.
//!
//! Invariant: pure. An address is open to everybody or it is refused; only the configuration can say otherwise. What is
//! not known to be public counts as private, and an IPv4 address inside an IPv6 one is judged as what it is.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Deserializer, de::Error as _};
use url::Host;

/// IPv4 networks that are not the public internet (IANA's registry of special-purpose addresses), and what they are.
const NOT_PUBLIC_V4: [(Ipv4Net, &str); 14] = [
    (v4(0, 0, 0, 0, 8), "this machine"),
    (v4(10, 0, 0, 0, 8), "a private network"),
    (v4(100, 64, 0, 0, 10), "a network between a provider and its customers"),
    (v4(127, 0, 0, 0, 8), "this machine"),
    (v4(169, 254, 0, 0, 16), "a link-local address, where clouds keep their metadata"),
    (v4(172, 16, 0, 0, 12), "a private network"),
    (v4(192, 0, 0, 0, 24), "a reserved network"),
    (v4(192, 0, 2, 0, 24), "a network for documentation"),
    (v4(192, 88, 99, 0, 24), "a reserved network"),
    (v4(192, 168, 0, 0, 16), "a private network"),
    (v4(198, 18, 0, 0, 15), "a network for measurements"),
    (v4(198, 51, 100, 0, 24), "a network for documentation"),
    (v4(203, 0, 113, 0, 24), "a network for documentation"),
    // Multicast, and what was never given out.
    (v4(224, 0, 0, 0, 3), "a multicast or reserved address"),
];

/// The one metadata service that has a public address.
const AZURE_METADATA: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);

/// All of IPv6 that was given out to the public.
const PUBLIC_V6: Ipv6Net = v6([0x2000, 0, 0, 0], 3);

/// What is inside of it and still not public.
const NOT_PUBLIC_V6: [(Ipv6Net, &str); 3] = [
    // Teredo, benchmarks, and others.
    (v6([0x2001, 0, 0, 0], 23), "a reserved network"),
    (v6([0x2001, 0xdb8, 0, 0], 32), "a network for documentation"),
    (v6([0x3fff, 0, 0, 0], 20), "a network for documentation"),
];

/// Networks whose addresses are an IPv4 address, and where it begins in them: NAT64, and 6to4.
const EMBEDDED_V4: [(Ipv6Net, usize); 2] =
    [(v6([0x64, 0xff9b, 0, 0], 96), 12), (v6([0x2002, 0, 0, 0], 16), 2)];

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(groups: [u16; 4], length: u8) -> Ipv6Net {
    let [a, b, c, d] = groups;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), length)
}

/// What an address is that is not open to everybody; nothing for one that is.
pub(super) fn not_public(address: IpAddr) -> Option<&'static str> {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let known = NOT_PUBLIC_V4.iter().find(|(network, _)| network.contains(&address));
            let what = known.map(|(_, what)| *what);
            what.or((address == AZURE_METADATA).then_some("a metadata service"))
        }
        IpAddr::V6(address) => {
            if let Some((_, at)) = EMBEDDED_V4.iter().find(|(network, _)| network.contains(&address)) {
                let [a, b, c, d] = std::array::from_fn(|index| address.octets()[at + index]);
                return not_public(Ipv4Addr::new(a, b, c, d).into());
            }
            if address.is_loopback() || address.is_unspecified() {
                return Some("this machine");
            }
            if !PUBLIC_V6.contains(&address) {
                return Some("a private, link-local or reserved address");
            }
            NOT_PUBLIC_V6.iter().find(|(network, _)| network.contains(&address)).map(|(_, what)| *what)
        }
    }
}

/// The places inside that reports may be fetched from all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Allowed(Vec<Place>);

/// A host by its name, or a network.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Name(String),
    Network(IpNet),
}

/// What was written is neither a host nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a host, such as \"wiki.acme.test\", nor a network, such as \"10.1.0.0/16\"")]
struct ParsePlaceError(String);

impl FromStr for Place {
    type Err = ParsePlaceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParsePlaceError(text.to_owned());
        if let Ok(network) = text.parse() {
            return Ok(Self::Network(network));
        }
        if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        match Host::parse(text).map_err(|_| error())? {
            Host::Domain(name) => Ok(Self::Name(plain(&name))),
            // "10.1" would be an address; nobody means it.
            Host::Ipv4(_) | Host::Ipv6(_) => Err(error()),
        }
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A name without the dot that may end it, in small letters.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_lowercase()
}

/// An address that a report must not be fetched from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{host} is {what}")]
pub struct NotPublic {
    /// The host, with its address where it is a name.
    pub host: String,
    /// What the address is.
    pub what: &'static str,
}

impl Allowed {
    /// Whether the configuration names this host itself, by its name or its address.
    pub(super) fn names(&self, host: &Host<&str>) -> bool {
        let address = match host {
            Host::Domain(name) => {
                return self
                    .0
                    .iter()
                    .any(|place| matches!(place, Place::Name(known) if *known == plain(name)));
            }
            Host::Ipv4(address) => IpAddr::V4(*address),
            Host::Ipv6(address) => IpAddr::V6(*address).to_canonical(),
        };
        self.0.iter().any(|place| matches!(place, Place::Network(network) if network.contains(&address)))
    }

    /// Whether `host` may be spoken to at `address`.
    pub(super) fn check(&self, host: &Host<&str>, address: IpAddr) -> Result<(), NotPublic> {
        let canonical = match address.to_canonical() {
            IpAddr::V4(address) => Host::Ipv4(address),
            IpAddr::V6(address) => Host::Ipv6(address),
        };
        match not_public(address) {
            Some(what) if !self.names(host) && !self.names(&canonical) => {
                let host = match host {
                    Host::Domain(name) => format!("{name} ({address})"),
                    Host::Ipv4(_) | Host::Ipv6(_) => address.to_string(),
                };
                Err(NotPublic { host, what })
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    /// What a browser would connect to.
    fn host(address: &str) -> Host<String> {
        Url::parse(address).unwrap().host().unwrap().to_owned()
    }

    fn borrowed(host: &Host<String>) -> Host<&str> {
        match host {
            Host::Domain(name) => Host::Domain(name),
            Host::Ipv4(address) => Host::Ipv4(*address),
            Host::Ipv6(address) => Host::Ipv6(*address),
        }
    }

    /// The address in a URL that has one instead of a name.
    fn literal(address: &str) -> IpAddr {
        match host(address) {
            Host::Ipv4(address) => address.into(),
            Host::Ipv6(address) => address.into(),
            Host::Domain(name) => panic!("{name} is no address"),
        }
    }

    #[test]
    fn addresses_that_are_not_public_in_every_spelling() {
        for url in [
            // The ordinary spellings.
            "https://127.0.0.1/",
            "https://10.0.0.7/",
            "https://172.16.0.1/",
            "https://172.31.255.255/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://100.64.0.1/",
            "https://100.100.100.200/",
            "https://168.63.129.16/",
            "https://192.0.0.192/",
            "https://198.19.0.1/",
            "https://203.0.113.9/",
            "https://0.0.0.0/",
            "https://224.0.0.251/",
            "https://255.255.255.255/",
            // Short, decimal, octal, hexadecimal, and with a dot at the end.
            "https://127.1/",
            "https://127.0.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://0x7F.0x0.0x0.0x1/",
            "https://127.0.0.1./",
            "https://0/",
            "https://0xa9fea9fe/",
            "https://%31%32%37.0.0.1/",
            "https://①②⑦.⓪.⓪.①/",
            // IPv6, and IPv4 in it.
            "https://[::1]/",
            "https://[::]/",
            "https://[fe80::1]/",
            "https://[fec0::1]/",
            "https://[fc00::1]/",
            "https://[fd00:ec2::254]/",
            "https://[ff02::fb]/",
            "https://[2001:db8::1]/",
            "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[::127.0.0.1]/",
            "https://[::93.184.216.34]/",
            "https://[64:ff9b::10.0.0.1]/",
            "https://[64:ff9b:1::93.184.216.34]/",
            "https://[2002:7f00:1::]/",
            "https://[2002:a9fe:a9fe::1]/",
            "https://[100::1]/",
            "https://[5f00::1]/",
            "https://[4000::1]/",
        ] {
            let address = literal(url);
            assert!(not_public(address).is_some(), "{url} is {address}");
            let host = host(url);
            assert!(Allowed::default().check(&borrowed(&host), address).is_err(), "{url}");
        }
    }

    #[test]
    fn addresses_that_are_public() {
        for url in [
            "https://93.184.216.34/",
            "https://100.63.255.255/",
            "https://100.128.0.1/",
            "https://172.15.0.1/",
            "https://172.32.0.1/",
            "https://192.0.1.1/",
            "https://223.255.255.255/",
            "https://[2606:2800:220:1::1]/",
            "https://[2001:4860:4860::8888]/",
            "https://[2a00:1450:4001::1]/",
            "https://[::ffff:93.184.216.34]/",
            "https://[64:ff9b::93.184.216.34]/",
            "https://[2002:5db8:d822::1]/",
        ] {
            assert_eq!(not_public(literal(url)), None, "{url}");
        }
    }

    fn allowed(places: &[&str]) -> Allowed {
        Allowed(places.iter().map(|place| place.parse().unwrap()).collect())
    }

    #[test]
    fn a_host_or_a_network_that_the_configuration_names_is_open() {
        let inside: IpAddr = "10.1.2.3".parse().unwrap();
        let wiki = &Host::Domain("wiki.acme.test");
        assert!(allowed(&["wiki.acme.test"]).check(wiki, inside).is_ok());
        assert!(allowed(&["Wiki.Acme.Test."]).check(wiki, inside).is_ok());
        assert!(allowed(&["10.1.0.0/16"]).check(wiki, inside).is_ok());
        assert!(allowed(&["10.1.2.3"]).check(wiki, inside).is_ok());
        assert!(allowed(&["10.1.0.0/16"]).check(wiki, "::ffff:10.1.2.3".parse().unwrap()).is_ok());
        assert!(allowed(&["fd00::/8"]).check(wiki, "fd12::1".parse().unwrap()).is_ok());
        for places in
            [&[][..], &["acme.test"], &["wiki.acme.test.evil.test"], &["10.2.0.0/16"], &["fd00::/8"]]
        {
            let refused = allowed(places).check(wiki, inside).unwrap_err();
            assert_eq!(refused.to_string(), "wiki.acme.test (10.1.2.3) is a private network", "{places:?}");
        }
        let refused =
            allowed(&["localhost"]).check(&Host::Ipv4(Ipv4Addr::LOCALHOST), Ipv4Addr::LOCALHOST.into());
        assert_eq!(refused.unwrap_err().to_string(), "127.0.0.1 is this machine");
    }

    #[test]
    fn a_name_is_not_named_by_the_network_it_is_in() {
        assert!(!allowed(&["10.0.0.0/8"]).names(&Host::Domain("wiki.acme.test")));
        assert!(allowed(&["10.0.0.0/8"]).names(&Host::Ipv4(Ipv4Addr::new(10, 1, 2, 3))));
        assert!(allowed(&["wiki"]).names(&Host::Domain("wiki.")));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in ["", "https://wiki.acme.test", "10.0.0.0/33", "10.1", "wiki acme", "wiki:8080", "/"] {
            assert_eq!(text.parse::<Place>(), Err(ParsePlaceError(text.to_owned())), "{text}");
        }
    }
}
