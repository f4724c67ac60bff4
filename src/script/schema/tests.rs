//! Parameters as clients send them, and the sentences they get back.

use serde_json::json;

use super::*;

fn params(schema: Value) -> Params {
    Params::new(Some(schema)).expect("a schema")
}

fn check(schema: Value, given: Value) -> Result<Value, String> {
    let given = given.as_object().expect("an object").clone();
    params(schema)
        .check("click", &given)
        .map(Value::Object)
        .map_err(|failure| {
            assert_eq!(failure.error_type, ErrorType::InvalidParams);
            failure.message
        })
}

fn click() -> Value {
    json!({
        "properties": {
            "index": {"type": "integer", "minimum": 0, "description": "Number in the snapshot."},
            "selector": {"type": "string", "minLength": 1},
            "button": {"type": "string", "enum": ["left", "right"], "default": "left"},
            "options": {"type": "object", "properties": {"delay": {"type": "number", "default": 5}}, "additionalProperties": false},
            "keys": {"type": "array", "items": {"type": "string"}},
        },
        "anyOf": [{"required": ["index"]}, {"required": ["selector"]}],
    })
}

#[test]
fn defaults_are_filled_in_and_nulls_of_clients_dropped() {
    let got = check(click(), json!({"index": 3, "selector": null, "options": {}})).expect("valid");
    assert_eq!(got, json!({"index": 3, "options": {"delay": 5}, "button": "left"}));
}

#[test]
fn sentences_name_the_parameter_and_what_is_expected() {
    let cases = [
        (
            json!({"index": "five"}),
            "`index` of `click` must be an integer of at least 0, not the string \"five\".",
        ),
        (
            json!({"index": -1}),
            "`index` of `click` must be an integer of at least 0, not -1.",
        ),
        (json!({}), "`click` needs `index` or `selector`."),
        (
            json!({"index": 1, "button": "middle"}),
            "`button` of `click` must be one of \"left\", \"right\", not the string \"middle\".",
        ),
        (
            json!({"indx": 1}),
            "`click` knows no parameter `indx`; did you mean `index`? It takes `index`, `selector`, `button`, `options` and `keys`.",
        ),
        (
            json!({"index": 1, "keys": ["a", 2]}),
            "`keys[1]` of `click` must be a string, not 2.",
        ),
        (
            json!({"index": 1, "options": {"dely": 2}}),
            "`options` of `click` knows no field `dely`; did you mean `delay`?",
        ),
    ];
    for (given, sentence) in cases {
        assert_eq!(check(click(), given.clone()).expect_err("invalid"), sentence, "{given}");
    }
}

#[test]
fn a_missing_parameter_is_described() {
    let schema =
        json!({"properties": {"url": {"type": "string", "description": "The address to open."}}, "required": ["url"]});
    let said = check(schema, json!({})).expect_err("missing");
    assert_eq!(
        said,
        "`click` needs the parameter `url`: a string (The address to open)."
    );
}

#[test]
fn no_schema_means_no_parameters_and_an_open_one_lets_all_through() {
    let none = Params::new(None).expect("nothing");
    let given = json!({"x": 1}).as_object().expect("an object").clone();
    let said = none.check("refresh", &given).expect_err("unknown").message;
    assert_eq!(said, "`refresh` knows no parameter `x`; it takes no parameters.");
    assert_eq!(
        check(json!({"additionalProperties": true}), json!({"x": 1})),
        Ok(json!({"x": 1}))
    );
}

#[test]
fn empty_lua_tables_become_lists_where_lists_belong() {
    let schema = json!({"properties": {"tags": {"type": "array", "default": {}}}, "required": {}});
    assert_eq!(check(schema.clone(), json!({})), Ok(json!({"tags": []})));
    assert_eq!(params(schema).schema()["required"], json!([]));
}

#[test]
fn a_wrong_schema_is_refused_with_a_sentence() {
    for (schema, said) in [
        (json!({"type": "array"}), "must describe an object"),
        (json!({"properties": {"a": 5}}), "one JSON Schema a parameter"),
        (json!({"properties": {"a": {"type": "strng"}}}), "no valid JSON Schema"),
        (json!(5), "must be a JSON Schema object"),
    ] {
        let error = Params::new(Some(schema)).err().expect("refused");
        assert!(error.contains(said), "{error}");
    }
}
