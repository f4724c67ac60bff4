//! Which IP addresses are not the public internet, however they are written.
//!
//! A page of the public web must not reach the host's own network, and an address can hide another one: IPv6 has five
//! ways to carry an IPv4 address. [`class`] looks through all of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address does not belong to the public internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// 127.0.0.0/8 and ::1.
    Loopback,
    /// 10/8, 172.16/12, 192.168/16, fc00::/7, fec0::/10 and the local NAT64 prefix.
    Private,
    /// 169.254/16 and fe80::/10.
    LinkLocal,
    /// 100.64/10, between a provider and its customers.
    Shared,
    /// Where a cloud gives its machines their keys.
    Metadata,
    /// 0/8 and ::, which reach the machine itself.
    Unspecified,
    /// 224/4 and ff00::/8, and broadcast.
    Multicast,
    /// Set aside for documents, measurements, or nothing yet.
    Reserved,
}

impl Class {
    /// The class with its article, for sentences.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Loopback => "a loopback address",
            Self::Private => "an address of a private network",
            Self::LinkLocal => "a link-local address",
            Self::Shared => "a shared address of a provider's network",
            Self::Metadata => "a cloud metadata address",
            Self::Unspecified => "an unspecified address",
            Self::Multicast => "a multicast or broadcast address",
            Self::Reserved => "a reserved address",
        }
    }
}

/// The class of an address, or none for one of the public internet.
pub fn class(ip: IpAddr) -> Option<Class> {
    match ip {
        IpAddr::V4(v4) => class_v4(v4),
        IpAddr::V6(v6) => class_v6(v6),
    }
}

/// The IPv4 address that an IPv6 address stands for or leads to: mapped, compatible, translated, NAT64, 6to4, Teredo
/// and ISATAP.
pub fn embedded_v4(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = v6.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    let last = join(s[6], s[7]);
    match s {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,             // :: and ::1 are no compatible addresses
        [0, 0, 0, 0, 0, 0, _, _]                          // compatible
        | [0, 0, 0, 0, 0, 0xffff, _, _]                   // mapped
        | [0, 0, 0, 0, 0xffff, 0, _, _]                   // translated (SIIT)
        | [0x64, 0xff9b, 0, 0, 0, 0, _, _]                // NAT64
        | [_, _, _, _, 0 | 0x200, 0x5efe, _, _] => Some(last), // ISATAP
        [0x2002, high, low, ..] => Some(join(high, low)), // 6to4
        [0x2001, 0, ..] => Some(join(!s[6], !s[7])),      // Teredo, whose client address is inverted
        _ => None,
    }
}

fn class_v4(ip: Ipv4Addr) -> Option<Class> {
    let class = match ip.octets() {
        // 169.254.170.2 is the container variant of one cloud; 168.63.129.16 and 192.0.0.192 are those of two others.
        [169, 254, 169, 254] | [169, 254, 170, 2] | [100, 100, 100, 200] | [168, 63, 129, 16] | [192, 0, 0, 192] => {
            Class::Metadata
        }
        [0, ..] => Class::Unspecified,
        [127, ..] => Class::Loopback,
        [10, ..] | [192, 168, ..] | [172, 16..=31, ..] => Class::Private,
        [169, 254, ..] => Class::LinkLocal,
        [100, 64..=127, ..] => Class::Shared,
        [255, 255, 255, 255] | [224..=239, ..] => Class::Multicast,
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18..=19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => {
            Class::Reserved
        }
        [240..=255, ..] => Class::Reserved,
        _ => return None,
    };
    Some(class)
}

fn class_v6(ip: Ipv6Addr) -> Option<Class> {
    let class = match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Class::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Class::Loopback,
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => Class::Metadata,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] | [0x64, 0xff9b, 1, ..] => Class::Private,
        [0xfe80..=0xfebf, ..] => Class::LinkLocal,
        [0xff00..=0xffff, ..] => Class::Multicast,
        [0x100, 0, 0, ..]
        | [0x2001, 0xdb8, ..]
        | [0x2001, 0x10..=0x2f, ..]
        | [0x3fff, 0..=0xfff, ..]
        | [0x5f00, ..] => Class::Reserved,
        _ => return embedded_v4(ip).and_then(class_v4),
    };
    Some(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_has_its_class() {
        let cases = [
            (
                Class::Loopback,
                "127.0.0.1 127.255.255.254 ::1 ::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 2002:7f00:1::",
            ),
            (
                Class::Loopback,
                "::ffff:0:127.0.0.1 2001:0:1:2:3:4:80ff:fffe fe80::1:0:5efe:7f00:1",
            ),
            (
                Class::Private,
                "10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 fc00::1 fd12::1 fec0::1 64:ff9b:1::1",
            ),
            (Class::Private, "::ffff:10.1.2.3 64:ff9b::c0a8:101 2002:a00:1::1"),
            (Class::LinkLocal, "169.254.1.1 fe80::1 ::ffff:169.254.1.1"),
            (Class::Shared, "100.64.0.1 100.127.255.255"),
            (
                Class::Metadata,
                "169.254.169.254 168.63.129.16 fd00:ec2::254 ::ffff:169.254.169.254 2002:a9fe:a9fe::",
            ),
            (Class::Unspecified, "0.0.0.0 0.1.2.3 :: ::ffff:0.0.0.0"),
            (Class::Multicast, "224.0.0.1 239.255.255.250 255.255.255.255 ff02::1"),
            (
                Class::Reserved,
                "192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 240.0.0.1 2001:db8::1 100::1",
            ),
        ];
        for (expect, addresses) in cases {
            for text in addresses.split(' ') {
                let ip: IpAddr = text.parse().expect("an address");
                // An ISATAP address with a link-local prefix is link-local before anything else.
                let expect = if text.starts_with("fe80") {
                    Class::LinkLocal
                } else {
                    expect
                };
                assert_eq!(class(ip), Some(expect), "{text}");
            }
        }
    }

    #[test]
    fn public_addresses_have_none() {
        for text in "1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.0 172.15.0.1 172.32.0.1 126.255.255.255 128.0.0.1 \
                     192.167.0.1 223.255.255.255 2606:4700::1111 2002:101:101:: 64:ff9b::808:808 ::ffff:8.8.8.8 \
                     2001:4860:4860::8888 2a00::1:0:5efe:808:808"
            .split_whitespace()
        {
            assert_eq!(class(text.parse().expect("an address")), None, "{text}");
        }
        assert_eq!(
            class("2a00::1:0:5efe:7f00:1".parse().expect("an address")),
            Some(Class::Loopback)
        );
    }
}
