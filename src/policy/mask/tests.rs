//! What must not be seen, and what must stay as it is.

use serde_json::json;

use super::*;

fn object(value: Value) -> Object {
    value.as_object().expect("an object").clone()
}

#[test]
fn secret_names_are_known_in_every_spelling() {
    for name in
        "password PASSWORD user_password token accessToken api_key apiKey API-KEY X-Agent-API-Key authorization \
                 Set-Cookie cookie livekit_api_secret client_secret refresh_token apikey api.token auth privateKey pwd"
            .split_whitespace()
    {
        assert!(is_secret_name(name), "{name}");
    }
    for name in "keys text url max_tokens tokenizer index passenger author cookiecutter key value secretary".split(' ')
    {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn values_of_secret_keys_become_stars_at_every_depth() {
    let shown = redact(&object(json!({
        "livekit_api_secret": "s3cret", "text": "hello", "index": 3, "password": "",
        "authentication": {"username": "ann", "password": "pw"},
        "headers": [{"name": "Authorization", "value": "Token abc"}, {"name": "Accept", "value": "text/html"}],
        "field_values": [{"field_name": "api_key", "value": 12345}],
        "cookies": [{"name": "a", "value": "b"}],
        "fields": [{"selector": "#new-password", "value": "pw"}, {"selector": "#city", "value": "Bern"}],
        "typed": {"selector": "input[name=passwd]", "text": "pw"},
    })));
    let expected = json!({
        "livekit_api_secret": "***", "text": "hello", "index": 3, "password": "",
        "authentication": {"username": "ann", "password": "***"},
        "headers": [{"name": "Authorization", "value": "***"}, {"name": "Accept", "value": "text/html"}],
        "field_values": [{"field_name": "api_key", "value": "***"}],
        "cookies": "***",
        "fields": [{"selector": "#new-password", "value": "***"}, {"selector": "#city", "value": "Bern"}],
        "typed": {"selector": "input[name=passwd]", "text": "***"},
    });
    assert_eq!(Value::Object(shown), expected);
}

#[test]
fn long_texts_are_cut_and_say_how_long_they_were() {
    let shown = redact(&object(json!({ "text": "ü".repeat(5000), "short": "ü".repeat(2000) })));
    let text = shown["text"].as_str().expect("a text");
    assert!(text.ends_with("ü... (5000 characters)"), "{}", &text[text.len() - 40..]);
    assert!(text.chars().count() < 2050);
    assert_eq!(shown["short"].as_str().map(|t| t.chars().count()), Some(2000));
}

#[test]
fn secrets_inside_texts_are_found() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh-_x";
    let cases = [
        ("http://ann:pw@example.com/a?b=1", "http://example.com/a?b=1"),
        ("redis://:p@ss@10.0.0.1:6379/0", "redis://10.0.0.1:6379/0"),
        (
            "https://a.com/?token=abc&x=1&api_key=2#access_token=3",
            "https://a.com/?token=***&x=1&api_key=***#access_token=***",
        ),
        ("wss://lk/rtc?access_token=abc", "wss://lk/rtc?access_token=***"),
        (
            "https://a.com/cb?code=xyz&state=1&KEY=q",
            "https://a.com/cb?code=***&state=1&KEY=***",
        ),
        ("Authorization: Bearer abcdefgh.ijk", "Authorization: Bearer ***"),
        ("authorization=\"Bearer abc\"", "authorization=\"***\""),
        (
            "{\"password\": \"hush\", \"a\": 1}",
            "{\"password\": \"***\", \"a\": 1}",
        ),
        ("{\\\"password\\\":\\\"hush\\\"}", "{\\\"password\\\":\\\"***\\\"}"),
        (
            "Access { api_key: \"k\", url: \"u\" }",
            "Access { api_key: \"***\", url: \"u\" }",
        ),
        ("password='a b' rest", "password='***' rest"),
        (
            "see http://u:p@a.com and http://v:q@b.com.",
            "see http://a.com and http://b.com.",
        ),
    ];
    for (text, expect) in cases {
        assert_eq!(scrub(text), expect);
    }
    assert_eq!(scrub(&format!("got {jwt}, done")), "got ***, done");
}

#[test]
fn other_texts_stay_as_they_are() {
    for text in [
        "https://example.com/a/b?q=token&page=2#top",
        "mail ann@example.com or see https://example.com/@ann",
        "the token: it is wrong",
        "a == b, x=1; code=5 key=6",
        "été = ß :: “quoted” = 'x'",
        "bearer of news, basic idea, eyJust",
        "=:=://",
        "",
    ] {
        assert!(
            matches!(scrub(text), Cow::Borrowed(same) if same == text),
            "{text}: {}",
            scrub(text)
        );
    }
}

#[test]
fn long_texts_of_any_kind_are_scanned_once() {
    let long = 300_000;
    for piece in [
        "e",
        "eyJ",
        "=",
        ":",
        "://",
        "a=",
        "\"=",
        "token=",
        "password: \"",
        "bearer ",
        "\\\\:",
        "a.b-c%",
    ] {
        let text = piece.repeat(long / piece.len());
        let start = std::time::Instant::now();
        scrub(&text);
        assert!(start.elapsed().as_secs() < 5, "{piece}: {:?}", start.elapsed());
    }
    let cut_token = redact(&object(
        json!({ "text": format!("{} eyJ{}.{}.x", "a".repeat(1990), "b".repeat(90), "c".repeat(9000)) }),
    ));
    assert!(!cut_token["text"].as_str().expect("a text").contains("bbb"));
}
