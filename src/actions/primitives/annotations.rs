//! Editor annotations (`scripts/types/perilune.lua`), written from the nouns' own lists.

use std::fmt::Write;

use super::nouns;
use crate::protocol::ErrorType;

/// Types that nouns take and give, and what an action's `run` gets.
const SHAPES: &str = include_str!("annotations/shapes.lua");

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

#[cfg(test)]
mod tests {
    use super::*;

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
