//! Definitions for Luau's language server and analyser (`scripts/types/perilune.d.luau`), written from the same lists.

use std::fmt::Write;

use super::shapes::{Field, Type, shapes};
use crate::actions::primitives::nouns;
use crate::protocol::ErrorType;

/// The text of `scripts/types/perilune.d.luau`.
pub fn definitions() -> String {
    let mut text = String::from(
        "-- Written by `perilune script types --luau` from the host's own list of functions; do not edit.\n\nexport type PeriluneErrorType =\n",
    );
    for kind in ErrorType::ALL {
        let _ = writeln!(text, "    | \"{}\" -- {}", kind.code(), kind.meaning());
    }
    for shape in shapes() {
        if !shape.choices.is_empty() {
            let choice = luau(&Type::Either(shape.choices));
            let _ = writeln!(text, "\nexport type {} = {choice}", name(&shape.name));
            continue;
        }
        let _ = writeln!(text, "\nexport type {} = {{", name(&shape.name));
        for field in &shape.fields {
            comment(&mut text, &field.meaning);
            let _ = writeln!(text, "    {}: {},", field.name, optional(field));
        }
        text.push_str("}\n");
        if let Some(global) = shape.global {
            let _ = writeln!(text, "declare {global}: {}", name(&shape.name));
        }
    }
    for noun in nouns() {
        let _ = write!(
            text,
            "\n-- {}\ndeclare extern type {} with\n",
            noun.meaning,
            name(noun.class)
        );
        for primitive in noun.primitives {
            comment(&mut text, primitive.meaning);
            let _ = match Type::read(primitive.signature) {
                signature @ Type::Function(..) => {
                    writeln!(text, "    function {}{}", primitive.name, method(&signature))
                }
                of => writeln!(text, "    {}: {}", primitive.name, luau(&of)),
            };
        }
        text.push_str("end\n");
    }
    text.push_str("\ndeclare function require(name: string): any\n");
    text
}

fn comment(text: &mut String, meaning: &str) {
    if !meaning.is_empty() {
        let _ = writeln!(text, "    -- {meaning}");
    }
}

/// `perilune.Page` to `PerilunePage`, a name that the analyser takes.
fn name(class: &str) -> String {
    class.split('.').map(capital).collect()
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_uppercase() + rest
}

/// A field's or parameter's type, nil included where it may be left out.
fn optional(field: &Field) -> String {
    match &field.of {
        Type::Maybe(_) => luau(&field.of),
        of if field.is_optional => luau(&Type::Maybe(Box::new(of.clone()))),
        of => luau(of),
    }
}

fn method(signature: &Type) -> String {
    let Type::Function(parameters, results) = signature else {
        return "(self)".to_owned();
    };
    let parameters: Vec<String> = parameters
        .iter()
        .map(|one| match (one.name.as_str(), &one.of) {
            ("self", _) => "self".to_owned(),
            ("...", of) => format!("...: {}", luau(of)),
            (name, _) => format!("{name}: {}", optional(one)),
        })
        .collect();
    format!("({}): {}", parameters.join(", "), given(results))
}

fn given(results: &[Type]) -> String {
    match results {
        [] => "()".to_owned(),
        [one] => luau(one),
        many => format!("({})", many.iter().map(luau).collect::<Vec<_>>().join(", ")),
    }
}

fn luau(of: &Type) -> String {
    match of {
        Type::Name(name) => plain(name),
        Type::Text(text) => format!("\"{text}\""),
        Type::List(item) => format!("{{ {} }}", luau(item)),
        Type::Map(key, value) => format!("{{ [{}]: {} }}", luau(key), luau(value)),
        Type::Maybe(one) if matches!(**one, Type::Either(_) | Type::Function(..)) => format!("({})?", luau(one)),
        Type::Maybe(one) if **one == Type::Name("any".to_owned()) => "any".to_owned(),
        Type::Maybe(one) => format!("{}?", luau(one)),
        Type::Either(all) => all.iter().map(luau).collect::<Vec<_>>().join(" | "),
        Type::Table(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|field| format!("{}: {}", field.name, optional(field)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Type::Function(parameters, results) => {
            let parameters: Vec<String> = parameters
                .iter()
                .map(|one| match one.name.as_str() {
                    "..." => format!("...{}", luau(&one.of)),
                    name => format!("{name}: {}", optional(one)),
                })
                .collect();
            format!("({}) -> {}", parameters.join(", "), given(results))
        }
    }
}

fn plain(text: &str) -> String {
    match text {
        "integer" => "number".to_owned(),
        "table" => "{ [any]: any }".to_owned(),
        "function" | "fun" => "(...any) -> ...any".to_owned(),
        "self" => "any".to_owned(),
        text if text.starts_with("perilune.") => name(text),
        text => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_in_the_repository_is_what_the_list_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/types/perilune.d.luau");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(written, definitions(), "write it anew: make docs");
    }

    #[test]
    fn every_type_that_is_named_is_there() {
        let text = definitions();
        for (at, _) in text.match_indices("Perilune") {
            let name: String = text[at..].chars().take_while(char::is_ascii_alphanumeric).collect();
            let known =
                text.contains(&format!("export type {name} =")) || text.contains(&format!("extern type {name} with"));
            assert!(known, "{name} is nowhere described");
        }
    }

    /// The compiler reads no definitions, but the same types in functions and locals.
    #[test]
    fn the_types_are_written_as_luau_reads_them() {
        let mut text = String::new();
        for line in definitions().lines() {
            let line = match line.trim_start() {
                l if l.starts_with("declare extern type ") => "do".to_owned(),
                l if l.starts_with("declare function ") => l.replacen("declare", "local", 1) + " end",
                l if l.starts_with("declare ") => l.replacen("declare", "local", 1),
                l if l.starts_with("function ") => format!("local {l} end"),
                // A field of an extern type, and no field of a table.
                l if l.contains(": ") && !l.ends_with(',') && !l.starts_with("--") => format!("local {l}"),
                l => l.to_owned(),
            };
            text += &(line + "\n");
        }
        let compiled = mlua::chunk::Compiler::new().compile(text.as_bytes());
        assert!(compiled.is_ok(), "{:?}\n{text}", compiled.err());
    }
}
