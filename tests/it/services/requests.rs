//! `ctx.http`: what is reached, what is not, and what it costs to try.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::bed::{Recording, ask, data, failure, plug, tries};
use crate::support::{Host, Options, Site};

const ASKS: &str = r#"
function tries.request(ctx, p) return ctx.http:request(p.request) end
function tries.get(ctx, p) return ctx.http:get(p.url, p.options) end
function tries.post(ctx, p) return ctx.http:post(p.url, p.options) end
function tries.many(ctx, p)
  local tasks = {}
  for i = 1, p.count do tasks[i] = ctx.spawn(function() return ctx.http:get(p.url).status end) end
  local statuses = {}
  for i = 1, p.count do statuses[i] = tasks[i]:wait() end
  return { statuses = statuses }
end
"#;

/// A host with a plugin `asks` that may reach these, and one `bare` that may reach nothing.
async fn host(http: &str) -> Host {
    let host = Host::start().await;
    let manifest = format!("[permissions]\nhttp = [{http}]\n");
    plug(
        &host,
        &[("asks", manifest.as_str(), tries(ASKS)), ("bare", "", tries(ASKS))],
    )
    .await;
    host
}

async fn get(host: &Host, url: &str, options: Value) -> Value {
    ask(host, "r", "asks", "get", json!({ "url": url, "options": options })).await
}

#[tokio::test]
async fn what_is_granted_is_reached_and_nothing_else() {
    let (site, forbidden) = (
        Recording::start(&[("/", "<title>T</title>")]).await,
        Recording::start(&[]).await,
    );
    let host = host(&format!("'localhost:{}'", site.site.port)).await;
    host.open("r", &site.at("localhost", "/")).await;

    let answer = get(
        &host,
        &site.at("localhost", "/echo?a=1"),
        json!({ "headers": { "X-One": "1" } }),
    )
    .await;
    let told = data(&answer);
    assert_eq!((&told["status"], &told["json"]["query"]), (&json!(200), &json!("a=1")));
    assert_eq!(told["json"]["headers"]["x-one"], "1");
    assert_eq!(told["json"]["headers"]["host"], format!("localhost:{}", site.site.port));
    assert_eq!(told["headers"]["content-type"], "application/json");
    let url = site.at("localhost", "/echo");
    let posted = ask(
        &host,
        "r",
        "asks",
        "post",
        json!({ "url": url, "options": { "json": { "n": [1] } } }),
    )
    .await;
    assert_eq!(data(&posted)["json"]["body"], "{\"n\":[1]}");
    let teapot = get(&host, &site.at("localhost", "/teapot"), json!({})).await;
    assert_eq!(
        (&data(&teapot)["status"], &teapot["data"]["headers"]["x-note"]),
        (&json!(418), &json!("short and stout"))
    );
    let moved = get(&host, &site.at("localhost", "/to?/echo"), json!({})).await;
    assert_eq!(
        (&data(&moved)["status"], &moved["data"]["url"]),
        (&json!(200), &json!(url))
    );
    let still = get(&host, &site.at("localhost", "/to?/echo"), json!({ "redirects": 0 })).await;
    assert_eq!(
        (&data(&still)["status"], &still["data"]["headers"]["location"]),
        (&json!(307), &json!("/echo"))
    );

    // The other site, by every way there is.
    let other = forbidden.at("127.0.0.1", "/echo");
    let denied = get(&host, &other, json!({})).await;
    let sentence = failure(&denied, "permission_denied");
    let line = format!(
        "add \"127.0.0.1:{}\" to `http` under [permissions] in plugins/asks/plugin.toml",
        forbidden.site.port
    );
    assert!(sentence.contains(&line), "{sentence}");
    let port = forbidden.site.port;
    for way in [
        site.at("localhost", &format!("/to?{other}")),
        format!("http://[::ffff:127.0.0.1]:{port}/echo"),
        format!("http://[::1]:{port}/echo"),
        format!("http://0x7f.1:{port}/echo"),
        format!("http://localhost.:{port}/echo"),
        format!("http://localhost:{port}/echo"),
        format!("http://localhost:{}.evil.test:{port}/echo", "x"),
    ] {
        let answer = get(&host, &way, json!({})).await;
        let kind = answer["error_type"].as_str().unwrap_or_default().to_owned();
        assert!(
            ["permission_denied", "invalid_params"].contains(&kind.as_str()),
            "{way}: {answer}"
        );
    }
    let bare = ask(&host, "r", "bare", "get", json!({ "url": url })).await;
    assert!(
        failure(&bare, "permission_denied").contains("plugins/bare/plugin.toml"),
        "{bare}"
    );
    for (url, kind) in [
        ("file:///etc/passwd", "domain_blocked"),
        ("ftp://localhost/", "domain_blocked"),
        ("javascript:alert(1)", "domain_blocked"),
        ("about:blank", "permission_denied"),
        ("http://me:word@localhost/", "invalid_params"),
        ("localhost", "invalid_params"),
    ] {
        failure(&get(&host, url, json!({})).await, kind);
    }
    for location in ["file:///etc/passwd", "ftp://localhost/x"] {
        let answer = get(&host, &site.at("localhost", &format!("/to?{location}")), json!({})).await;
        failure(&answer, "domain_blocked");
    }
    let asked = site.got().len();
    let split = json!({ "headers": { "X-One": "1\r\nHost: evil.test\r\n\r\nGET /echo HTTP/1.1" } });
    failure(&get(&host, &url, split).await, "invalid_params");
    assert_eq!(site.got().len(), asked, "nothing of a split request is sent");
    assert!(forbidden.is_untouched(), "{:?}", forbidden.got());
}

#[tokio::test]
async fn the_sessions_rules_hold_whatever_a_plugin_may() {
    let (site, hidden) = (
        Recording::start(&[("/", "<title>T</title>")]).await,
        Recording::start(&[]).await,
    );
    let host = host("'localhost', '127.0.0.1', 'example.com'").await;
    // The port of the hidden site is forbidden by its address, which a name leads to as well.
    let rules = json!({ "room_name": "r", "initial_url": site.at("localhost", "/"),
        "allowed_domains": ["localhost", "127.0.0.1"], "prohibited_domains": [format!("127.0.0.1:{}", hidden.site.port),
        format!("[::1]:{}", hidden.site.port)] });
    assert_eq!(host.call("start_browser_session", rules).await["success"], true);
    data(&get(&host, &site.at("localhost", "/echo"), json!({})).await);
    for url in [
        hidden.at("127.0.0.1", "/echo"),
        hidden.at("localhost", "/echo"),
        site.at("localhost", &format!("/to?{}", hidden.at("localhost", "/echo"))),
        "http://example.com/".to_owned(),
    ] {
        failure(&get(&host, &url, json!({})).await, "domain_blocked");
    }
    assert!(hidden.is_untouched(), "{:?}", hidden.got());
    let strict = json!({ "room_name": "s", "private_addresses": false });
    assert_eq!(host.call("start_browser_session", strict).await["success"], true);
    let url = site.at("127.0.0.1", "/echo");
    let denied = ask(&host, "s", "asks", "get", json!({ "url": url })).await;
    assert!(failure(&denied, "domain_blocked").contains("loopback"), "{denied}");
}

#[tokio::test]
async fn an_answer_that_is_too_large_too_late_or_none_is_told_as_that() {
    let site = Recording::start(&[("/", "<title>T</title>")]).await;
    let host = host("'localhost'").await;
    host.open("r", &site.at("localhost", "/")).await;
    for (path, part) in [
        ("/huge", "larger than"),
        ("/endless", "larger than"),
        ("/loop", "more than 5 redirects"),
        ("/cut", "before its answer was complete"),
    ] {
        let answer = get(&host, &site.at("localhost", path), json!({})).await;
        assert!(failure(&answer, "network_error").contains(part), "{path}: {answer}");
    }
    assert_eq!(site.got().iter().filter(|got| got.path == "/loop").count(), 6);
    let began = Instant::now();
    let slow = get(&host, &site.at("localhost", "/slow"), json!({ "timeout_ms": 300 })).await;
    assert!(failure(&slow, "timeout").contains("300ms"), "{slow}");
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "it took {:?}",
        began.elapsed()
    );
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback")
        .local_addr()
        .expect("bound");
    let nobody = get(&host, &format!("http://localhost:{}/", free.port()), json!({})).await;
    assert!(
        failure(&nobody, "network_error").contains("cannot be reached"),
        "{nobody}"
    );
    let unknown = get(&host, "http://no-such-host.localhost.invalid/", json!({})).await;
    failure(&unknown, "permission_denied");

    // Eight at a time, however many are asked for at once.
    let crowd = Crowd::start().await;
    let params = json!({ "url": format!("http://localhost:{}/", crowd.port), "count": 20 });
    let answer = ask(&host, "r", "asks", "many", params).await;
    assert_eq!(data(&answer)["statuses"], json!(vec![200; 20]));
    assert_eq!(crowd.most(), 8, "at most, and all of them used");
}

#[tokio::test]
async fn https_needs_a_certificate_that_the_machine_trusts() {
    let site = Site::start(&[("/", "<title>T</title>")]).await;
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let port = encrypted(&made).await;
    let folder = tempfile::tempdir().expect("a folder");
    let trusted = folder.path().join("trusted.pem");
    fs::write(&trusted, pem(&made)).expect("a file");
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let strange = folder.path().join("strange.pem");
    fs::write(&strange, pem(&other)).expect("a file");
    for (certificates, trusts) in [(trusted, true), (strange, false)] {
        let environment = vec![("SSL_CERT_FILE", certificates.display().to_string())];
        let host = Host::with(Options {
            environment,
            ..Options::default()
        })
        .await;
        let manifest = "[permissions]\nhttp = ['https://localhost', 'localhost', '127.0.0.1']\n";
        plug(&host, &[("asks", manifest, tries(ASKS))]).await;
        host.open("r", &site.url("/")).await;
        let answer = get(&host, &format!("https://localhost:{port}/x"), json!({})).await;
        if trusts {
            assert_eq!(data(&answer)["body"], "encrypted", "{answer}");
            // The certificate is for a name; the address has none.
            let address = get(&host, &format!("https://127.0.0.1:{port}/x"), json!({})).await;
            assert!(
                failure(&address, "network_error").contains("no encrypted connection"),
                "{address}"
            );
        } else {
            assert!(
                failure(&answer, "network_error").contains("no encrypted connection"),
                "{answer}"
            );
        }
    }
}

/// A certificate as files of certificates have it.
fn pem(made: &rcgen::CertifiedKey<rcgen::KeyPair>) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(made.cert.der());
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

/// A site by https that says one word.
async fn encrypted(made: &rcgen::CertifiedKey<rcgen::KeyPair>) -> u16 {
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a certificate with its key");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut request = [0; 2048];
                if stream.read(&mut request).await.is_ok_and(|n| n > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nencrypted";
                    let _ = stream.write_all(answer).await;
                    let _ = stream.shutdown().await;
                }
            });
        }
    });
    port
}

/// A site that lets everybody wait until no more come, and counts how many waited at once.
struct Crowd {
    port: u16,
    most: Arc<AtomicUsize>,
}

impl Crowd {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let port = listener.local_addr().expect("bound").port();
        let most = Arc::<AtomicUsize>::default();
        let counted = most.clone();
        tokio::spawn(async move {
            let mut waiting = Vec::new();
            loop {
                let came = tokio::time::timeout(Duration::from_millis(1500), listener.accept()).await;
                match came {
                    Ok(Ok((stream, _))) => waiting.push(stream),
                    Ok(Err(_)) => return,
                    Err(_) => {
                        counted.fetch_max(waiting.len(), Ordering::SeqCst);
                        for mut stream in waiting.drain(..) {
                            let mut request = [0; 2048];
                            let _ = stream.read(&mut request).await;
                            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                        }
                    }
                }
            }
        });
        Self { port, most }
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}
