//! A snapshot as text for agents: one line an element, what shows first, never longer than asked for.

use std::fmt::Write;

use super::snapshot::{Snapshot, SnapshotElement};

/// Characters of a text unless the caller says otherwise.
pub const TEXT_LIMIT: usize = 12_000;
/// Room kept for the last sentence.
const LAST_SENTENCE: usize = 160;
/// Longest part of a line that comes from the page.
const PART: usize = 100;

impl Snapshot {
    /// Lines such as `Element 13: <input type='email' placeholder='Email'>`, elements in view first, of at most `limit`
    /// characters; the last line says how many are left out.
    pub fn text(&self, limit: usize) -> String {
        let room = limit.saturating_sub(LAST_SENTENCE);
        let (seen, unseen): (Vec<_>, Vec<_>) = self.elements.iter().partition(|element| element.in_viewport);
        let mut text = String::new();
        let mut used = 0;
        let mut left_out = 0;
        let heading = (!unseen.is_empty() && !seen.is_empty()).then_some("Outside of the visible part:\n");
        for (position, element) in seen.iter().chain(&unseen).enumerate() {
            let mut line = String::new();
            if position == seen.len() {
                line.push_str(heading.unwrap_or_default());
            }
            self.write_line(&mut line, element);
            let length = line.chars().count();
            if used + length > room {
                left_out = self.elements.len() - position;
                break;
            }
            used += length;
            text.push_str(&line);
        }
        left_out += self.total_elements - self.elements.len();
        let last = match (self.total_elements, left_out) {
            (0, _) => "There are no interactive elements on this page.".to_owned(),
            (_, 0) => return text.trim_end().to_owned(),
            (_, 1) => "1 further element is left out; scroll to it or ask for a longer list.".to_owned(),
            (_, n) => format!("{n} further elements are left out; scroll to them or ask for a longer list."),
        };
        text.push_str(&last);
        if text.chars().count() > limit {
            text.chars().take(limit).collect()
        } else {
            text
        }
    }

    fn write_line(&self, line: &mut String, element: &SnapshotElement) {
        let _ = write!(line, "Element {}: <{}", element.index, element.tag);
        attributes(line, element);
        line.push('>');
        let is_field = matches!(element.tag.as_str(), "input" | "select" | "textarea");
        if let Some(text) = &element.text {
            if is_field {
                let _ = write!(line, " {}", part(text));
            } else {
                let _ = write!(line, "{}</{}>", part(text), element.tag);
            }
        }
        for (holds, word) in [
            (element.disabled, "disabled"),
            (element.checked == Some(true), "checked"),
            (element.checked == Some(false), "not checked"),
            (element.selected == Some(true), "selected"),
            (element.expanded == Some(true), "expanded"),
            (element.expanded == Some(false), "collapsed"),
        ] {
            if holds {
                let _ = write!(line, " ({word})");
            }
        }
        if element.frame > 0 {
            let url = self.frames.get(element.frame as usize).map_or("", String::as_str);
            let _ = write!(line, " [frame {}]", part(url));
        }
        line.push('\n');
    }
}

fn attributes(line: &mut String, element: &SnapshotElement) {
    let mut put = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            let _ = write!(line, " {name}='{}'", part(value));
        }
    };
    put("type", &element.kind);
    put("placeholder", &element.placeholder);
    if element.text.is_none() && element.placeholder.is_none() {
        // Without words for people, the page's own names help.
        put("name", &element.name);
        put("id", &element.id);
        put("class", &element.class);
    }
    put("value", &element.value);
    put("href", &element.href);
    if is_role_told(element) {
        put("role", &element.role);
    }
    if let Some(options) = &element.options {
        let more = element.options_total.unwrap_or(0) as usize > options.len();
        let _ = write!(
            line,
            " options='{}{}'",
            part(&options.join("|")),
            if more { "|…" } else { "" }
        );
    }
}

/// A role is told when the tag does not tell it.
fn is_role_told(element: &SnapshotElement) -> bool {
    !matches!(
        element.tag.as_str(),
        "a" | "area" | "button" | "input" | "select" | "textarea" | "summary" | "video" | "audio"
    ) || element
        .role
        .as_deref()
        .is_some_and(|role| matches!(role, "tab" | "switch" | "menuitem" | "combobox" | "option"))
        && element.tag != "select"
}

/// Text of the page inside quotes: on one line, and short.
fn part(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(PART));
    for (position, char) in text.chars().enumerate() {
        match char {
            _ if position == PART => {
                out.push('…');
                break;
            }
            '\'' => out.push('’'),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(elements: Vec<SnapshotElement>) -> Snapshot {
        let mut snapshot = Snapshot::empty(1);
        snapshot.total_elements = elements.len();
        snapshot.frames = vec!["http://x/".into()];
        snapshot.elements = elements;
        snapshot
    }

    fn field(index: u32, in_viewport: bool) -> SnapshotElement {
        let (tag, kind, placeholder) = ("input".to_owned(), Some("email".to_owned()), Some("Email".to_owned()));
        SnapshotElement {
            index,
            tag,
            kind,
            placeholder,
            in_viewport,
            ..SnapshotElement::default()
        }
    }

    #[test]
    fn lines_have_the_known_form_and_what_shows_comes_first() {
        let text = snapshot(vec![field(0, false), field(13, true)]).text(TEXT_LIMIT);
        assert_eq!(
            text,
            "Element 13: <input type='email' placeholder='Email'>\nOutside of the visible part:\n\
             Element 0: <input type='email' placeholder='Email'>"
        );
    }

    #[test]
    fn a_long_list_ends_with_what_is_left_out() {
        let text = snapshot((0..1000).map(|index| field(index, true)).collect()).text(2000);
        assert!(text.chars().count() <= 2000, "{}", text.len());
        let shown = text.lines().count() - 1;
        assert!(text.ends_with(&format!(
            "{} further elements are left out; scroll to them or ask for a longer list.",
            1000 - shown
        )));
    }
}
