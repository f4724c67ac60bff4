//! The rules against every spelling that somebody may try.

use super::*;

fn rules(allowed: &[&str], prohibited: &[&str], private: PrivateAddresses) -> Rules {
    let list = |patterns: &[&str]| patterns.iter().map(|p| (*p).to_owned()).collect();
    let config = config::Policy {
        allowed_domains: list(allowed),
        prohibited_domains: list(prohibited),
        private_addresses: private,
        audit: false,
    };
    Rules::new(&config, false).expect("good patterns")
}

fn allows_url(rules: &Rules, url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| rules.check_url(&url).is_ok())
}

fn allows_host(rules: &Rules, host: &str) -> bool {
    rules.check_host(host, 443).is_ok()
}

#[test]
fn no_spelling_of_a_private_address_gets_through() {
    let rules = rules(&[], &[], PrivateAddresses::Auto);
    for host in "127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7F.1 0x7f.0.0.0x1 0177.0.0.1 017700000001 00000177.1 \
                 127.0.0.1. 127.1. 0 0.0.0.0 0x0 0x 10.1 0xa000001 192.168.257 3232235777 0xc0.0250.1 169.254.169.254 \
                 2852039166 0xA9FEA9FE 0251.0376.0251.0376 100.64.0.1 224.0.0.1 255.255.255.255 localhost LOCALHOST \
                 localhost. LocalHost.. a.localhost foo.bar.LOCALHOST. %6c%6f%63alhost %31%32%37.0.0.1 １２７.０.０.１ \
                 ①②⑦.⓪.⓪.① ⓛocalhost 127。0。0。1 loc\u{ad}alhost ::1 [::1] [0:0:0:0:0:0:0:1] [::] [::ffff:127.0.0.1] \
                 [::ffff:7f00:1] ::ffff:10.0.0.1 [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] [fe80::1] [fd00::1] \
                 [FD00:EC2::254] [ff02::1] [2001:0:1:2:3:4:80ff:fffe]"
        .split_whitespace()
    {
        assert!(!allows_host(&rules, host), "host {host}");
        let in_url = if host.starts_with("::") {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        for url in [
            format!("http://{in_url}/"),
            format!("HTTPS://good.com@{in_url}:8080/x"),
            format!("http://a:b@{in_url}"),
        ] {
            assert!(!allows_url(&rules, &url), "{url}");
        }
    }
    for host in
        "example.com 1.1.1.1 8.8.8.8. 0x08.8.8.8 [2606:4700::1111] notlocalhost localhost.example.com".split(' ')
    {
        assert!(allows_host(&rules, host), "{host}");
    }
}

#[test]
fn what_is_no_host_is_denied() {
    let rules = rules(&[], &["x.com"], PrivateAddresses::Allow);
    for host in [
        "",
        ".",
        "a b",
        "a..b",
        "[::1",
        "fe80::1%eth0",
        "1.2.3.4.5",
        "256.1.1.1",
        "exa\0mple",
        "a/b",
        "a@b",
        "xn--\u{ff0e}",
    ] {
        let denied = rules.check_host(host, 80).expect_err(host);
        assert!(denied.reason.contains("no valid host name"), "{host}: {denied}");
    }
    assert!(
        rules
            .check_host(&"a".repeat(10_000), 80)
            .map_or_else(|d| d.reason.len() < 250, |()| true)
    );
}

#[test]
fn patterns_cover_what_they_say() {
    // pattern, destinations it covers, destinations it does not cover
    let cases = [
        (
            "example.com",
            "https://example.com http://EXAMPLE.com.:81",
            "https://www.example.com https://badexample.com",
        ),
        (
            "*.example.com",
            "https://example.com https://a.b.example.com",
            "https://badexample.com https://example.com.evil.com",
        ),
        (
            "http*://*.example.com",
            "http://example.com:81 https://a.example.com",
            "https://example.org",
        ),
        (
            "https://example.com",
            "https://example.com https://EXAMPLE.COM:443",
            "http://example.com https://example.com:8443",
        ),
        (
            "http://example.com:8080",
            "http://example.com:8080",
            "https://example.com:8080 http://example.com",
        ),
        (
            "localhost:5000",
            "http://localhost:5000 https://LOCALHOST.:5000",
            "http://localhost http://127.0.0.1:5000",
        ),
        (
            "0x7f.1",
            "http://127.0.0.1 http://2130706433:9",
            "http://127.0.0.2 http://localhost",
        ),
        (
            "[::1]:80",
            "http://[::1] http://[0::1]:80",
            "http://[::1]:81 http://127.0.0.1",
        ),
        (
            "::ffff:1.2.3.4",
            "http://1.2.3.4 http://[::ffff:102:304]",
            "http://[::1.2.3.4]",
        ),
        (
            "BÜCHER.de",
            "http://bücher.de http://xn--bcher-kva.de http://B%C3%BCCHER.DE",
            "http://bucher.de",
        ),
        ("xn--bcher-kva.de", "http://bücher.de", "http://xn--bcher-kva.com"),
    ];
    for (pattern, yes, no) in cases {
        let rules = rules(&[pattern], &[], PrivateAddresses::Allow);
        for url in yes.split(' ') {
            assert!(allows_url(&rules, url), "{pattern} and {url}");
        }
        for url in no.split(' ') {
            assert!(!allows_url(&rules, url), "{pattern} and {url}");
        }
    }
}

#[test]
fn an_origin_without_port_is_read_narrowly_when_allowing_and_widely_when_forbidding() {
    let allowed = rules(&["https://example.com"], &[], PrivateAddresses::Allow);
    let prohibited = rules(&[], &["https://example.com"], PrivateAddresses::Allow);
    for (port, may, must_not) in [(443, true, true), (80, false, false), (8443, false, true)] {
        assert_eq!(allowed.check_host("example.com", port).is_ok(), may, "{port}");
        assert_eq!(prohibited.check_host("example.com", port).is_err(), must_not, "{port}");
    }
}

#[test]
fn forbidden_names_stay_forbidden_in_every_spelling() {
    let rules = rules(
        &[],
        &["*.evil.com", "localhost", "10.0.0.1", "127.0.0.1:6379"],
        PrivateAddresses::Allow,
    );
    for host in
        "evil.com EVIL.COM evil.com. a.evil.com ｅｖｉｌ.com %65vil.com ⓔvil.com localhost a.localhost 127.1 [::1] \
                 [::ffff:127.0.0.1] 10.1 0xa000001 [::ffff:10.0.0.1] [2002:a00:1::] [64:ff9b::a00:1]"
            .split_whitespace()
    {
        assert!(!allows_host(&rules, host), "{host}");
    }
    for host in "evil.org devil.com evil.com.org 10.0.0.2 192.168.0.1".split(' ') {
        assert!(allows_host(&rules, host), "{host}");
    }
}

#[test]
fn addresses_behind_a_name_are_checked_too() {
    let denying = rules(&[], &[], PrivateAddresses::Deny);
    assert!(
        denying
            .check_address("::ffff:192.168.0.1".parse().expect("an address"))
            .is_err()
    );
    assert!(
        denying
            .check_address("93.184.216.34".parse().expect("an address"))
            .is_ok()
    );
    let ports = rules(&[], &["127.0.0.1:6379", "10.0.0.1"], PrivateAddresses::Allow);
    assert!(ports.check_address("10.0.0.1".parse().expect("an address")).is_err());
    assert!(ports.check_address("127.0.0.1".parse().expect("an address")).is_ok());
    assert!(
        ports
            .check_endpoint("127.0.0.1:6379".parse().expect("an address"))
            .is_err()
    );
    assert!(
        ports
            .check_endpoint("[::ffff:127.0.0.1]:6379".parse().expect("an address"))
            .is_err()
    );
    assert!(
        ports
            .check_endpoint("127.0.0.1:80".parse().expect("an address"))
            .is_ok()
    );
    let named = rules(&["good.com"], &[], PrivateAddresses::Allow);
    assert!(
        named
            .check_address("93.184.216.34".parse().expect("an address"))
            .is_ok(),
        "names were checked before DNS"
    );
}

#[test]
fn only_web_addresses_are_navigated_to() {
    let open = Rules::open();
    for url in [
        "file:///etc/passwd",
        "chrome://version",
        "javascript:1",
        "devtools://x",
        "data:text/html,a",
        "blob:http://a/b",
        "view-source:http://a",
        "ftp://a/",
        "about:srcdoc",
        "about:config",
        "ws://a/",
        "filesystem:http://a/x",
    ] {
        let denied = open.check_url(&Url::parse(url).expect("an address")).expect_err(url);
        assert!(denied.reason.contains("addresses are"), "{denied}");
    }
    assert!(allows_url(&open, "about:blank") && allows_url(&open, "http://127.0.0.1/") && open.is_open());
}

#[test]
fn tightening_never_loosens() {
    let base = rules(&["*.a.com", "b.com"], &["x.a.com"], PrivateAddresses::Deny);
    let own = |list: &[&str]| list.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>();
    let attempts = [
        base.tightened(
            Some(&own(&["*.com", "c.com", "localhost", "127.0.0.1"])),
            &[],
            Some(true),
        ),
        base.tightened(Some(&own(&["a.com"])), &own(&["y.a.com"]), None),
        base.tightened(Some(&[]), &[], Some(true)),
        base.tightened(None, &own(&["b.com"]), Some(false)),
    ];
    for tight in attempts.into_iter().map(|t| t.expect("good patterns")) {
        for host in "a.com x.a.com y.a.com b.com c.com evil.com localhost 127.0.0.1 10.0.0.1".split(' ') {
            assert!(!allows_host(&tight, host) || allows_host(&base, host), "{host}");
        }
        let private: IpAddr = "10.0.0.1".parse().expect("an address");
        assert!(tight.check_address(private).is_err() && !tight.is_open());
    }
    let twice = base
        .tightened(Some(&own(&["a.com", "c.com"])), &[], None)
        .expect("good patterns");
    assert!(allows_host(&twice, "a.com") && !allows_host(&twice, "b.com") && !allows_host(&twice, "c.com"));
    assert!(base.tightened(None, &own(&["*"]), None).is_err());
    let denied = Rules::open()
        .tightened(None, &[], Some(false))
        .expect("good")
        .check_host("127.1", 80)
        .expect_err("private");
    assert_eq!(
        denied.reason,
        "127.0.0.1 is a loopback address, and this session's private_addresses forbids those"
    );
}

#[test]
fn the_sentence_names_the_rule() {
    let rules = rules(&["good.com"], &["*.evil.com"], PrivateAddresses::Deny);
    let reason = |host| rules.check_host(host, 8443).expect_err(host).reason;
    assert_eq!(
        reason("a.evil.com"),
        "a.evil.com:8443 is forbidden by `*.evil.com` of the setting policy.prohibited_domains"
    );
    assert_eq!(
        reason("b.com"),
        "b.com:8443 is not among the setting policy.allowed_domains (good.com)"
    );
    let failure = Failure::from(rules.check_host("b.com", 80).expect_err("denied"));
    assert_eq!(
        (failure.error_type, &failure.details["domain"]),
        (ErrorType::DomainBlocked, &"b.com".into())
    );
}
