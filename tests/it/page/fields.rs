//! Form fields: text, keys, choices, and secrets.

use perilune::browser::{Choice, PageError};
use serde_json::{Value, json};

use super::Stage;

const FIELDS: (&str, &str) = ("/", include_str!("../../pages/fields.html"));

#[tokio::test(flavor = "multi_thread")]
async fn fields_take_any_text() {
    let stage = Stage::new(&[FIELDS]).await;
    let text = "Hello, World! 123 äöü→🙂é ~`\"'";
    for (selector, old, typed) in [
        ("#text", "", text),
        ("#area", "", text),
        ("#editable", "old", text),
        ("#email", "x@y", "z.de"),
    ] {
        let field = stage.find(selector).await;
        field.focus_at_end().await.expect("focused");
        stage.tab.type_text(typed).await.expect("typed");
        assert_eq!(
            field.value().await.expect("a value"),
            format!("{old}{typed}"),
            "{selector}"
        );
        field.fill("neu ß").await.expect("filled");
        assert_eq!(field.value().await.expect("a value"), "neu ß", "{selector}");
        field.clear().await.expect("cleared");
        assert_eq!(field.text().await.expect("a text").trim(), "", "{selector}");
    }
    let area = stage.find("#area").await;
    area.focus().await.expect("focused");
    // Letters with a key and letters without one keep their order.
    let mixed = "aäb".repeat(500);
    stage.tab.type_text(&mixed).await.expect("typed");
    assert_eq!(area.value().await.expect("a value"), mixed.as_str());
    for (selector, value) in [("#date", "2024-02-03"), ("#range", "70")] {
        let field = stage.find(selector).await;
        field.fill(value).await.expect(selector);
        assert_eq!(field.value().await.expect("a value"), value);
    }
    let refused = stage.find("#readonly").await.fill("2").await;
    assert!(matches!(refused, Err(PageError::NotInteractable { .. })), "{refused:?}");
    let long = "y".repeat(100_000);
    area.fill(&long).await.expect("100 kB");
    assert_eq!(stage.js("area.value.length").await, 100_000);
    let refused = stage.tab.type_text(&"x".repeat(10 << 20)).await;
    assert!(matches!(refused, Err(PageError::TooLarge { .. })), "{refused:?}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_do_what_they_do_in_a_browser() {
    let stage = Stage::new(&[FIELDS]).await;
    let area = stage.find("#area").await;
    area.fill("to be replaced").await.expect("filled");
    area.focus().await.expect("focused");
    let press = async |keys: &str| stage.tab.press(keys).await.expect(keys);
    press("Control+A").await;
    stage.tab.type_text("one\ntwo").await.expect("typed");
    press("Home Shift+End Delete ArrowUp End").await;
    stage.tab.type_text("X").await.expect("typed");
    assert_eq!(area.value().await.expect("a value"), "oneX\n");
    press("Control+a Control+x").await;
    let query = stage.find("#query").await;
    query.focus().await.expect("focused");
    press("Control+V").await;
    assert_eq!(query.value().await.expect("a value"), "oneX");
    press("Shift+Tab").await;
    assert_eq!(stage.js("document.activeElement.id").await, "many");
    press("Tab").await;
    press("Enter").await;
    assert_eq!(stage.js("window.sent").await, 1);
    let wrong = stage.tab.press("Control+Nothing").await;
    assert!(matches!(wrong, Err(PageError::InvalidKeys { .. })), "{wrong:?}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_take_choices_by_value_label_and_place() {
    let stage = Stage::new(&[FIELDS]).await;
    let list = stage.find("#list").await;
    for choice in [
        Choice::Value("2".into()),
        Choice::Label("two  Words".into()),
        Choice::Index(1),
    ] {
        let chosen = list.select(std::slice::from_ref(&choice)).await;
        assert_eq!(chosen.expect("chosen")[0].value, "2", "{choice:?}");
    }
    assert_eq!(
        stage.js("events.join()").await,
        "input,change,input,change,input,change"
    );
    let none = list.select(&[Choice::Label("Four".into())]).await;
    assert!(matches!(none, Err(PageError::NoOption { .. })), "{none:?}");
    let disabled = list.select(&[Choice::Index(2)]).await;
    assert!(
        matches!(disabled, Err(PageError::NotInteractable { .. })),
        "{disabled:?}"
    );
    let no_list = stage.find("#query").await.select(&[Choice::Index(2)]).await;
    assert!(matches!(no_list, Err(PageError::NotInteractable { .. })), "{no_list:?}");
    assert_eq!(
        list.value().await.expect("a value"),
        "2",
        "what is refused changes nothing"
    );
    let many = stage.find("#many").await;
    many.select(&[Choice::Index(0), Choice::Label("z".into())])
        .await
        .expect("two");
    assert_eq!(many.value().await.expect("a value"), json!(["x", "z"]));
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_can_be_typed_and_are_never_told() {
    let stage = Stage::new(&[FIELDS]).await;
    let password = stage.find("#password").await;
    password.fill("geheim").await.expect("filled");
    assert_eq!(password.value().await.expect("a value"), Value::Null);
    assert_eq!(password.attribute("value").await.expect("an attribute"), None);
    assert_eq!(stage.js("password.value").await, "geheim");
    let snapshot = serde_json::to_string(&stage.snapshot().await).expect("JSON");
    assert!(
        !snapshot.contains("geheim") && !snapshot.contains("secret"),
        "{snapshot}"
    );
    stage.end().await;
}
