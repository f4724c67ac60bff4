//! Every source, every fault, and that the embedded file is whole.

use std::fs;

use super::*;

fn loader(environment: &[(&str, &str)]) -> Loader {
    Loader::new(
        environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    )
}

fn in_file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("my.toml");
    fs::write(&path, text).expect("writes");
    (folder, path)
}

/// The faults of a file, without its folder.
fn faults(text: &str) -> Vec<String> {
    let (folder, path) = in_file(text);
    let error = loader(&[]).file(path).load().expect_err("faults");
    let folder = format!("{}/", folder.path().display());
    error.problems.into_iter().map(|p| p.replace(&folder, "")).collect()
}

fn env_fault(name: &str, value: &str) -> String {
    loader(&[(name, value)]).load().expect_err("a fault").to_string()
}

#[test]
fn the_embedded_file_is_a_configuration_and_documents_every_key() {
    let loaded = loader(&[]).load().expect("the defaults are good");
    let settings = settings();
    assert_eq!(settings[0].path(), "host.data");
    assert_eq!(loaded.origins.len(), settings.len());
    for setting in settings {
        assert!(setting.comment.len() > 5, "{} has no comment", setting.path());
    }
    assert!(loaded.print().iter().all(|shown| shown.origin == "default"));
}

#[test]
fn each_source_is_stronger_than_the_one_before() {
    let (_folder, path) =
        in_file("[api]\nbind = \"127.0.0.1:1\"\n\n[livekit]\nurl = 'ws://file'\n[telemetry]\nlog='warn'");
    let path_text = path.display().to_string();
    let loaded = loader(&[
        ("PERILUNE_CONFIG", &path_text),
        ("PORT", "2"),
        ("HOST", "localhost"),
        ("LOG_LEVEL", "DEBUG"),
        ("LIVEKIT_URL", "ws://bare"),
        ("PERILUNE_LIVEKIT__URL", "ws://ours"),
        ("REDIS_URL", ""),
        ("PERILUNE_POLICY__ALLOWED_DOMAINS", "a.com, *.b.com"),
        ("PERILUNE_POLICY__PROHIBITED_DOMAINS", "['c.com']"),
        ("PERILUNE_POLICY__AUDIT", "off"),
        ("PERILUNE_URL", "http://not-a-setting"),
    ])
    .flag("browser.viewport_width", "640")
    .flag("api.bind.port", "3")
    .load()
    .expect("good");
    let config = &loaded.config;
    assert_eq!(config.api.bind.to_string(), "127.0.0.1:3");
    assert_eq!(
        (config.livekit.url.as_str(), config.telemetry.log.as_str()),
        ("ws://ours", "debug")
    );
    assert_eq!((config.browser.viewport_width, config.policy.audit), (640, false));
    assert_eq!(config.policy.allowed_domains, ["a.com", "*.b.com"]);
    assert_eq!(config.policy.prohibited_domains, ["c.com"]);
    let origin = |key: &str| loaded.origins[key].to_string();
    assert_eq!(origin("api.bind"), "flag");
    assert_eq!(origin("livekit.url"), "PERILUNE_LIVEKIT__URL");
    assert_eq!(origin("redis.url"), "default");
    let both = loader(&[("HOST", "::1"), ("PORT", "2")]).load().expect("good");
    assert_eq!(
        (both.config.api.bind.to_string(), both.origins["api.bind"].to_string()),
        ("[::1]:2".into(), "HOST, PORT".into())
    );
    let file = loader(&[]).file(&path).load().expect("good");
    assert_eq!(file.origins["livekit.url"], Origin::File { path, line: 5 });
}

#[test]
fn secrets_may_stand_in_files_and_are_never_shown() {
    let (folder, path) = in_file("[redis]\nurl = 'redis://:hush1@h'\n");
    let secret = folder.path().join("secret");
    fs::write(&secret, "hush2\r\n").expect("writes");
    let secret = secret.display().to_string();
    let loaded = loader(&[
        ("LIVEKIT_API_KEY", "key"),
        ("LIVEKIT_API_SECRET_FILE", &secret),
        ("PERILUNE_API__TOKEN_FILE", &secret),
    ])
    .file(path)
    .load()
    .expect("good");
    assert_eq!(
        (
            loaded.config.api.token.reveal(),
            loaded.config.livekit.api_secret.reveal()
        ),
        ("hush2", "hush2")
    );
    let shown = loaded.print();
    assert!(!format!("{shown:?}{:?}", loaded.config).contains("hush"));
    let find = |key: &str| shown.iter().find(|s| s.key == key).expect("a key");
    assert_eq!(
        (find("api.token").value.as_str(), find("api.token").origin.as_str()),
        ("***", "PERILUNE_API__TOKEN_FILE")
    );
    assert_eq!(
        (find("livekit.api_key").value.as_str(), find("api.bind").value.as_str()),
        ("\"key\"", "\"127.0.0.1:8000\"")
    );

    let both = loader(&[("REDIS_URL", "redis://h"), ("REDIS_URL_FILE", &secret)])
        .load()
        .expect_err("two");
    assert_eq!(
        both.to_string(),
        "REDIS_URL_FILE: REDIS_URL is set too; unset one of the two"
    );
    assert!(env_fault("PERILUNE_API__TOKEN_FILE", "/nowhere/x").contains("/nowhere/x cannot be read"));
    for text in [
        "[redis]\nurl = 'hush'",
        "[api]\ntoken = 12345",
        "[redis]\nurl = 'http://:hush@h'",
    ] {
        let faults = faults(text).join("\n");
        assert!(!faults.contains("hush") && !faults.contains("12345"), "{faults}");
    }
}

#[test]
fn what_is_marked_secret_is_what_the_types_hide() {
    for setting in settings().into_iter().filter(|s| s.default.is_str()) {
        let mut tree: toml::Table = EMBEDDED.parse().expect("TOML");
        tree[&setting.section][&setting.key] = "sentinel".into();
        let Ok(config) = tree.try_into::<Config>() else {
            continue;
        };
        assert_eq!(
            !format!("{config:?}").contains("sentinel"),
            setting.secret,
            "{}",
            setting.path()
        );
    }
}

#[test]
fn faults_of_the_file_have_their_line_and_the_nearest_key() {
    let text = "[api]\nbnd = 'x'\nbind = 5\n\n[browsr]\nlocale = 'x'\n[stream]\nmax_fps = 'many'\nbitrate = '5 MB'\n\
                [script]\nviewport_width = 3\n[host]\nqqqqqq = 1\n";
    assert_eq!(
        faults(text),
        [
            "my.toml:3: api.bind: invalid type: integer `5`, expected socket address",
            "my.toml:2: unknown key `api.bnd`; did you mean `api.bind`?",
            "my.toml:5: unknown section `browsr`; did you mean `browser`?",
            "my.toml:13: unknown key `host.qqqqqq`; `perilune config print` shows all of them",
            "my.toml:11: unknown key `script.viewport_width`; did you mean `browser.viewport_width`?",
            "my.toml:9: stream.bitrate: `5 MB` is no rate; write it like 1500kbit/s or 4Mbit/s",
            "my.toml:8: stream.max_fps: invalid type: string \"many\", expected u32",
        ]
    );
    assert_eq!(
        faults("bind = 'x'"),
        ["my.toml:1: unknown key `bind`; did you mean `api.bind`?"]
    );
    assert!(faults("[api]\nbind = \n")[0].starts_with("my.toml:2: "));
    let missing = loader(&[])
        .file("/nowhere/my.toml")
        .load()
        .expect_err("missing")
        .to_string();
    assert!(
        missing.starts_with("/nowhere/my.toml: the file cannot be read"),
        "{missing}"
    );
}

#[test]
fn faults_of_variables_and_flags_name_them() {
    assert_eq!(
        env_fault("PERILUNE_API__BNID", "x"),
        "PERILUNE_API__BNID: unknown key `api.bnid`; did you mean `api.bind`?"
    );
    assert_eq!(
        env_fault("PERILUNE_STREAM__MAX_FPS", "x"),
        "PERILUNE_STREAM__MAX_FPS: `x` is no whole number"
    );
    assert!(env_fault("PERILUNE_API_BIND", "x").ends_with("write PERILUNE_API__BIND"));
    assert!(env_fault("HOST", "my-machine").starts_with("HOST: `my-machine` is no IP address to listen on"));
    assert!(env_fault("PORT", "99999").starts_with("PORT: `99999` is no port"));
    let flag = loader(&[])
        .flag("script.reload", "often")
        .load()
        .expect_err("wrong")
        .to_string();
    assert!(
        flag.starts_with("flag for script.reload: script.reload: unknown variant `often`"),
        "{flag}"
    );
}

#[test]
fn keys_are_checked_together() {
    let cases = [
        (
            "PERILUNE_API__BIND",
            "0.0.0.0:80",
            "PERILUNE_API__BIND: api.bind: 0.0.0.0:80 can be reached from other machines",
        ),
        (
            "PERILUNE_API__BIND",
            "[::ffff:10.0.0.1]:80",
            "can be reached from other machines",
        ),
        (
            "PERILUNE_SCRIPT__WORKERS",
            "0",
            "script.workers: 0 is out of range; give 1 to 64",
        ),
        ("PERILUNE_BROWSER__VIEWPORT_WIDTH", "15", "give 16 to 7680"),
        ("PERILUNE_BROWSER__VIEWPORT_HEIGHT", "7681", "give 16 to 7680"),
        ("PERILUNE_STREAM__MAX_FPS", "61", "give 1 to 60"),
        (
            "PERILUNE_STREAM__MAX_BITRATE",
            "1kbit/s",
            "it is less than stream.bitrate",
        ),
        (
            "PERILUNE_BROWSER__SESSIONS_PER_PROCESS",
            "0",
            "0 is too small; 1 is the least",
        ),
        ("PERILUNE_SCRIPT__TIMEOUT", "0s", "it is too short; 100ms is the least"),
        ("PERILUNE_REDIS__URL", "localhost:6379", "neither `auto` nor an address"),
        (
            "PERILUNE_LIVEKIT__URL",
            "https://lk",
            "it must start with ws:// or wss://",
        ),
        ("PERILUNE_LIVEKIT__API_KEY", "k", "set both or neither"),
        ("PERILUNE_LIVEKIT__API_SECRET", "s", "set both or neither"),
        ("PERILUNE_QUEUE__NAME", "a:b", "cannot name a queue"),
        (
            "PERILUNE_STREAM__PUBLIC_ADDRESS",
            "me",
            "neither `auto` nor an IP address",
        ),
        ("PERILUNE_API__ALLOWED_ORIGINS", "app.example.com", "is no origin"),
    ];
    for (name, value, expect) in cases {
        let fault = env_fault(name, value);
        assert!(fault.contains(expect), "{name}={value}: {fault}");
    }
    let open = loader(&[("HOST", "0.0.0.0"), ("PERILUNE_API__TOKEN", "t")])
        .load()
        .expect("a token is enough");
    assert_eq!(open.config.api.bind.to_string(), "0.0.0.0:8000");
    let checked = loader(&[])
        .check(|_| Err(Problem::new("policy.audit", "not today")))
        .load()
        .expect_err("refused");
    assert_eq!(checked.to_string(), "default: policy.audit: not today");
}
