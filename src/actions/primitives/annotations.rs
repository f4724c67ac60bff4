//! Editor annotations (`scripts/types/perilune.lua`), written from the nouns' own lists.

mod luau;
mod shapes;

use std::fmt::Write;

use super::nouns;
use crate::protocol::ErrorType;
pub use luau::definitions;
use shapes::{SHAPES, Type, shapes};

/// The text of `scripts/types/perilune.lua`, for Lua's language servers.
pub fn annotations() -> String {
    let mut text = String::from(
        "---@meta\n-- Written by `perilune script types` from the host's own list of functions; do not edit.\n",
    );
    for noun in nouns() {
        let _ = write!(text, "\n-- {}\n---@class {}\n", noun.meaning, noun.class);
        for primitive in noun.primitives {
            let _ = writeln!(
                text,
                "---@field {} {} {}",
                primitive.name, primitive.signature, primitive.meaning
            );
        }
    }
    text.push_str("\n---@alias perilune.ErrorType\n");
    for kind in ErrorType::ALL {
        let _ = writeln!(text, "---| '{}' # {}", kind.code(), kind.meaning());
    }
    text.push('\n');
    text.push_str(SHAPES.trim_start_matches("---@meta\n"));
    text
}

/// The fields of `ctx` that are nouns, and which noun each is: `("page", "perilune.Page")`.
pub(in crate::actions) fn nouns_of_context() -> Vec<(String, String)> {
    let context = shapes().into_iter().find(|shape| shape.name == "perilune.Context");
    let fields = context.map(|context| context.fields).unwrap_or_default();
    let is_noun = |class: &String| nouns().iter().any(|noun| noun.class == class);
    let noun = |field: shapes::Field| match field.of {
        Type::Name(class) => Some((field.name, class)).filter(|(_, class)| is_noun(class)),
        _ => None,
    };
    fields.into_iter().filter_map(noun).collect()
}

/// What `ctx` has: `("ctx", its fields)` and, for each noun in it, `("ctx.page", that noun's methods)`.
pub fn context_names() -> Vec<(String, Vec<String>)> {
    let mut all = vec![("ctx".to_owned(), fields_of_context())];
    for (field, class) in nouns_of_context() {
        let noun = nouns().into_iter().find(|noun| noun.class == class);
        let methods = noun
            .iter()
            .flat_map(|noun| noun.primitives)
            .map(|one| one.name.to_owned());
        all.push((format!("ctx.{field}"), methods.collect()));
    }
    all
}

/// The names of all fields of `ctx`.
pub(in crate::actions) fn fields_of_context() -> Vec<String> {
    let context = shapes().into_iter().find(|shape| shape.name == "perilune.Context");
    let fields = context.map(|context| context.fields).unwrap_or_default();
    fields.into_iter().map(|field| field.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_noun_and_method_is_in_both_texts() {
        let (lua, luau) = (annotations(), definitions());
        for noun in nouns() {
            let class = format!("---@class {}\n", noun.class);
            let mine = &lua[lua.find(&class).unwrap_or_else(|| panic!("{class}"))..];
            let extern_type = format!(
                "declare extern type {} with\n",
                noun.class.replace('.', "").replace("perilune", "Perilune")
            );
            let theirs = &luau[luau.find(&extern_type).unwrap_or_else(|| panic!("{extern_type}"))..];
            let theirs = &theirs[..theirs.find("\nend\n").expect("an end")];
            for primitive in noun.primitives {
                assert!(
                    mine.contains(&format!("---@field {} {} ", primitive.name, primitive.signature)),
                    "{primitive:?}"
                );
                let is_function = primitive.signature.starts_with("fun(");
                let (before, after) = if is_function {
                    ("    function ", "(self")
                } else {
                    ("    ", ": ")
                };
                assert!(
                    theirs.contains(&format!("{before}{}{after}", primitive.name)),
                    "{primitive:?}"
                );
            }
            let functions = noun.primitives.iter().filter(|one| one.signature.starts_with("fun("));
            assert_eq!(
                theirs.matches("    function ").count(),
                functions.count(),
                "{}",
                noun.class
            );
        }
    }

    /// What scripts can call is registered by the lists of nouns, and by nothing beside them.
    #[test]
    fn no_method_is_registered_beside_the_lists() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/actions/primitives");
        for entry in std::fs::read_dir(folder).expect("the primitives").flatten() {
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            let is_list = entry.file_name() == "mod.rs" || entry.file_name() == "annotations.rs";
            assert!(
                is_list || !text.contains("UserData for"),
                "{:?}: use noun!",
                entry.path()
            );
        }
    }

    #[test]
    fn the_context_has_its_nouns() {
        let fields = nouns_of_context();
        let of = |name: &str| {
            fields
                .iter()
                .find(|(field, _)| field == name)
                .map(|(_, class)| class.as_str())
        };
        assert_eq!(of("page"), Some("perilune.Page"));
        assert_eq!(of("sleep"), None);
        assert!(fields_of_context().contains(&"sleep".to_owned()));
    }

    #[test]
    fn the_file_in_the_repository_is_what_the_list_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/types/perilune.lua");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(
            written,
            annotations(),
            "write it anew: perilune script types > scripts/types/perilune.lua"
        );
    }

    #[test]
    fn every_type_that_is_named_is_there() {
        let text = annotations();
        for (at, _) in text.match_indices("perilune.") {
            let name: String = text[at..]
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '.')
                .collect();
            let name = name.trim_end_matches('.');
            let known = text.contains(&format!("@class {name}\n")) || text.contains(&format!("@alias {name}\n"));
            assert!(known || name == "perilune.lua", "{name} is nowhere described");
        }
    }
}
