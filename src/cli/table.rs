//! Tables on a terminal.

use comfy_table::{ContentArrangement, Table, presets};

/// A table with the field's usual look: bold nothing, lines only where they help.
pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    table
}

/// A cell without characters that could steer the terminal: titles and addresses come from pages.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '·' } else { c }).collect()
}
