//! `ctx.credentials`: a key does its work, and nobody sees it.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::bed::{Recording, ask, data, failure, plug, tries, written};
use crate::support::{Host, Options, eventually};

/// What no log, event, record or answer may show.
const KEY: &str = "key_planted_0815_do_not_show";

const USES: &str = r##"
function tries.get(ctx, p)
  local one = ctx.credentials:get(p.domain, p.name)
  if not one then return { none = true } end
  local text = tostring(one) .. tostring(one.api_key) .. tostring(one.key)
  ctx.log.info("got one", { who = one.agent_id })
  return { agent_id = one.agent_id, agent_name = one.agent_name, domain = one.domain, permissions = one.permissions, text = text }
end
function tries.list(ctx, p)
  local ids = host.json.array({})
  for i, one in ipairs(ctx.credentials:list(p.domain)) do ids[i] = one.agent_id end
  return { ids = ids }
end
function tries.secret(ctx, p) return { length = #ctx.credentials:get(p.domain):secret() } end
function tries.return_it(ctx, p) return { it = ctx.credentials:get(p.domain) } end
function tries.raise_it(ctx, p) error(ctx.credentials:get(p.domain)) end
function tries.send(ctx, p)
  return ctx.http:request({ url = p.url, credential = ctx.credentials:get(p.domain), credential_header = p.header })
end
function tries.forge(ctx, p)
  return ctx.http:request({ url = p.url, credential = { agent_id = "agent_1", domain = p.domain } })
end
function tries.fill(ctx, p)
  local field = ctx.page:locate(p.index and { index = p.index } or { selector = p.selector })
  field:fill_credential(ctx.credentials:get(p.domain))
  local elements = host.json.encode(ctx.page:snapshot())
  return { value = field:value(), text = field:text(), attribute = field:attribute("value"), elements = elements }
end
"##;

const PAGE: &str = r#"<title>T</title><input id=word type=password><input id=open><input id=off disabled><p id=p>text</p>
<script>
  const sum = (text) => [...text].reduce((n, c) => (n * 31 + c.charCodeAt(0)) % 1000003, 7);
  for (const field of document.querySelectorAll("input"))
    for (const kind of ["input", "change"])
      field.addEventListener(kind, () => { document.body.dataset[field.id + "_" + kind] = sum(field.value); });
</script>"#;

/// What the page makes of the key; so a test can ask whether it is there without saying it.
fn sum() -> u64 {
    KEY.bytes().fold(7, |n, c| (n * 31 + u64::from(c)) % 1_000_003)
}

struct Bed {
    host: Host,
    site: Recording,
    other: Recording,
    folder: TempDir,
    domain: String,
}

/// A host whose registry knows a key for `localhost:PORT` of `site`; the room `r` shows that site.
async fn bed() -> Bed {
    let site = Recording::start(&[("/", PAGE), ("/frame", PAGE)]).await;
    let other = Recording::start(&[("/", PAGE)]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let domain = format!("localhost:{}", site.site.port);
    let entry = |id: &str, name: &str, domain: &str, changes: Value| {
        let mut entry = json!({ "id": id, "default": false, "created_at": "2026-01-01T00:00:00", "agent_id": id,
            "agent_name": name, "domain": domain, "awi_name": "Shop", "api_key": KEY, "permissions": ["read", "write"],
            "description": null, "agent_type": "browser-use", "framework": "python", "last_used": null, "session_count": 1,
            "expires_at": null, "is_active": true, "manifest_version": null, "notes": null });
        let changes = changes.as_object().cloned().unwrap_or_default();
        entry.as_object_mut().expect("an object").extend(changes);
        (id.to_owned(), entry)
    };
    let entries: serde_json::Map<_, _> = [
        entry("agent_1", "Reader", &domain, json!({})),
        entry(
            "agent_2",
            "Writer",
            &domain,
            json!({ "last_used": "2026-02-02T00:00:00.000001" }),
        ),
        entry(
            "agent_3",
            "Over",
            &domain,
            json!({ "expires_at": "2026-02-02T00:00:00" }),
        ),
        entry("agent_4", "Else", "else.test", json!({})),
    ]
    .into_iter()
    .collect();
    let file = folder.path().join("config.json");
    let registry = json!({ "browser_profile": {}, "llm": {}, "agent": {}, "agent_credentials": entries });
    fs::write(&file, registry.to_string()).expect("a file");
    let host = Host::with(Options {
        settings: vec![("telemetry.log", "trace".to_owned())],
        environment: vec![("BROWSER_USE_CONFIG_PATH", file.display().to_string())],
    })
    .await;
    let granted = format!("[permissions]\nhttp = ['localhost', '127.0.0.1']\ncredentials = ['{domain}']\n");
    let reads = format!("{granted}secrets = true\n");
    let plugins = [
        ("uses", granted.as_str(), tries(USES)),
        ("reads", reads.as_str(), tries(USES)),
        ("bare", "", tries(USES)),
    ];
    plug(&host, &plugins).await;
    host.open("r", &site.at("localhost", "/")).await;
    Bed {
        host,
        site,
        other,
        folder,
        domain,
    }
}

impl Bed {
    /// Asks, with `domain` filled in; no answer may show the key.
    async fn ask(&self, plugin: &str, what: &str, mut params: Value) -> Value {
        if params.get("domain").is_none() {
            params["domain"] = self.domain.as_str().into();
        }
        let answer = ask(&self.host, "r", plugin, what, params).await;
        assert!(!answer.to_string().contains(KEY), "{what} shows the key: {answer}");
        answer
    }

    async fn go(&self, url: &str) {
        let went = self.host.action("r", "navigate", json!({ "url": url })).await;
        assert_eq!(went["success"], true, "{went}");
    }

    /// No file that the host has written may show the key.
    fn check_files(&self) {
        let text = written(self.host.folder.path());
        assert!(text.len() > 1000, "the host has written a log");
        let lines: Vec<_> = text.lines().filter(|line| line.contains(KEY)).collect();
        assert!(lines.is_empty(), "{lines:#?}");
    }
}

#[tokio::test]
async fn a_credential_is_found_and_its_key_is_not_shown() {
    let bed = bed().await;
    let mut events = bed.host.events("r", None).await;
    let found = bed.ask("uses", "get", json!({})).await;
    let told = data(&found);
    assert_eq!(
        (&told["agent_id"], &told["agent_name"]),
        (&json!("agent_2"), &json!("Writer"))
    );
    assert_eq!(
        (&told["domain"], &told["permissions"]),
        (&json!(bed.domain), &json!(["read", "write"]))
    );
    let named = bed
        .ask(
            "uses",
            "get",
            json!({ "name": "Reader", "domain": format!("http://{}/x", bed.domain) }),
        )
        .await;
    assert_eq!(data(&named)["agent_id"], "agent_1");
    assert_eq!(
        data(&bed.ask("uses", "get", json!({ "name": "Over" })).await)["none"],
        true
    );
    let all = bed.ask("uses", "list", json!({ "domain": null })).await;
    assert_eq!(
        data(&all)["ids"],
        json!(["agent_2", "agent_1"]),
        "only of the sites that it may use"
    );

    let denied = bed.ask("uses", "get", json!({ "domain": "else.test" })).await;
    let sentence = failure(&denied, "permission_denied");
    assert!(
        sentence.contains("add \"else.test\" to `credentials` under [permissions] in plugins/uses/plugin.toml"),
        "{sentence}"
    );
    for (what, params) in [
        ("get", json!({})),
        ("list", json!({})),
        ("list", json!({ "domain": null })),
    ] {
        let bare = bed.ask("bare", what, params).await;
        assert!(
            failure(&bare, "permission_denied").contains("plugins/bare/plugin.toml"),
            "{bare}"
        );
    }
    failure(
        &bed.ask("uses", "get", json!({ "domain": "no site" })).await,
        "invalid_params",
    );
    let secret = bed.ask("uses", "secret", json!({})).await;
    assert!(
        failure(&secret, "permission_denied").contains("`secrets = true`"),
        "{secret}"
    );
    assert_eq!(data(&bed.ask("reads", "secret", json!({})).await)["length"], KEY.len());
    failure(&bed.ask("uses", "return_it", json!({})).await, "handler_error");
    failure(&bed.ask("uses", "raise_it", json!({})).await, "handler_error");

    fs::write(
        bed.folder.path().join("config.json"),
        format!("{{ \"api_key\": \"{KEY}\", oops"),
    )
    .expect("a file");
    failure(&bed.ask("uses", "get", json!({})).await, "credential_error");
    events
        .until("the last failure", |e| e["error_type"] == "credential_error")
        .await;
    let shown: Vec<_> = events.seen.iter().filter(|e| e.to_string().contains(KEY)).collect();
    assert!(shown.is_empty(), "{shown:#?}");
    bed.check_files();
}

#[tokio::test]
async fn a_key_goes_to_its_own_site_and_no_other() {
    let bed = bed().await;
    let own = bed.site.at("localhost", "/echo");
    let sent = bed.ask("uses", "send", json!({ "url": own })).await;
    let header = |n: usize, name: &str| {
        bed.site.got()[n]
            .headers
            .get(name)
            .map(|v| v.to_str().expect("text").to_owned())
    };
    assert_eq!(header(0, "x-agent-api-key").as_deref(), Some(KEY), "the site got it");
    assert_eq!(
        data(&sent)["json"]["headers"]["x-agent-api-key"],
        "***",
        "the echo of it is starred"
    );
    bed.ask("uses", "send", json!({ "url": own, "header": "Authorization" }))
        .await;
    assert_eq!(header(1, "authorization"), Some(format!("Bearer {KEY}")));
    assert_eq!(bed.site.got()[1].method, "GET");

    let other = bed.other.at("localhost", "/echo");
    let denied = bed.ask("uses", "send", json!({ "url": other })).await;
    assert!(
        failure(&denied, "permission_denied").contains("goes to no other site"),
        "{denied}"
    );
    let address = bed.site.at("127.0.0.1", "/echo");
    failure(
        &bed.ask("uses", "send", json!({ "url": address })).await,
        "permission_denied",
    );
    failure(&bed.ask("uses", "forge", json!({ "url": own })).await, "invalid_params");
    assert!(bed.other.is_untouched());

    // A redirect to another site takes no key along, and none back.
    let away = bed.site.at("localhost", &format!("/to?{other}"));
    let moved = bed.ask("uses", "send", json!({ "url": away, "header": "X-Own" })).await;
    assert_eq!(data(&moved)["status"], 200);
    let back = bed.site.at(
        "localhost",
        &format!("/to?{}", bed.other.at("localhost", &format!("/to?{own}"))),
    );
    data(
        &bed.ask("uses", "send", json!({ "url": back, "header": "Authorization" }))
            .await,
    );
    for got in bed.other.got() {
        let shown = got
            .headers
            .values()
            .any(|value| value.as_bytes().ends_with(KEY.as_bytes()));
        assert!(!shown, "{got:?}");
    }
    let last = bed.site.got().pop().expect("a request");
    assert!(
        last.path == "/echo" && !last.headers.contains_key("authorization"),
        "{last:?}"
    );
    let same = bed.site.at("localhost", "/to?/echo");
    bed.ask("uses", "send", json!({ "url": same })).await;
    let last = bed.site.got().len() - 1;
    assert_eq!(
        header(last, "x-agent-api-key").as_deref(),
        Some(KEY),
        "within the site it stays"
    );
    bed.check_files();
    eventually(
        "the record says who used the key",
        std::time::Duration::from_secs(5),
        || async {
            let record = fs::read_to_string(bed.host.folder.path().join("data/audit.jsonl")).ok()?;
            let line = record.lines().find(|line| line.contains("\"kind\":\"credential\""))?;
            let is_whole =
                line.contains(&bed.domain) && line.contains("the key of agent_2 was sent in a request by plugins/uses");
            is_whole.then_some(())
        },
    )
    .await;
}

#[tokio::test]
async fn a_key_is_put_into_pages_of_its_own_site_only() {
    let bed = bed().await;
    for selector in ["#word", "#open"] {
        let filled = bed.ask("uses", "fill", json!({ "selector": selector })).await;
        assert_eq!(data(&filled)["value"], Value::Null, "nobody reads it back: {filled}");
        for kind in ["input", "change"] {
            let code = format!("document.body.dataset[{:?}]", format!("{}_{kind}", &selector[1..]));
            assert_eq!(bed.host.page("r", &code).await, sum().to_string(), "{selector} {kind}");
        }
    }
    let dots = bed
        .host
        .page(
            "r",
            "getComputedStyle(document.querySelector('#open')).webkitTextSecurity",
        )
        .await;
    assert_eq!(dots, "disc", "nor does the picture show it");
    failure(
        &bed.ask("uses", "fill", json!({ "selector": "#off" })).await,
        "not_interactable",
    );
    failure(
        &bed.ask("uses", "fill", json!({ "selector": "#p" })).await,
        "not_interactable",
    );

    bed.go(&bed.site.at("127.0.0.1", "/")).await;
    let denied = bed.ask("uses", "fill", json!({ "selector": "#word" })).await;
    assert!(
        failure(&denied, "permission_denied").contains("goes to no other site"),
        "{denied}"
    );
    // The site's own page in somebody else's frame, and somebody else's page in a frame of the site's.
    for (page, frame) in [(&bed.other, &bed.site), (&bed.site, &bed.other)] {
        bed.go(&page.at("localhost", "/")).await;
        let code = format!(
            "document.body.innerHTML = '<iframe src=\"{}\" width=600 height=400>'; \
             await new Promise((done) => {{ document.querySelector('iframe').onload = done; }})",
            frame.at("localhost", "/")
        );
        bed.host.page("r", &code).await;
        let screen = bed.host.call("get_screen_content", json!({ "room_name": "r" })).await;
        assert!(
            screen["dom_summary"]
                .as_str()
                .is_some_and(|text| text.contains("password")),
            "{screen}"
        );
        let framed = bed.ask("uses", "fill", json!({ "index": 0 })).await;
        failure(&framed, "permission_denied");
    }
    bed.go(&bed.site.at("localhost", "/")).await;
    let code = "document.body.innerHTML = '<iframe sandbox=\"allow-scripts\" srcdoc=\"<input type=password>\">'; \
         await new Promise((done) => { document.querySelector('iframe').onload = done; })";
    bed.host.page("r", code).await;
    bed.host.call("get_screen_content", json!({ "room_name": "r" })).await;
    let nobody = bed.ask("uses", "fill", json!({ "index": 0 })).await;
    assert!(
        failure(&nobody, "permission_denied").contains("without an origin"),
        "{nobody}"
    );
    bed.check_files();
}
