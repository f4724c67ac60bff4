//! Keys of a US keyboard: from a character or a name such as `Control+A` to the events that a keyboard sends.

use super::input::Modifiers;
use super::page_error::PageError;
use super::wire::KeyEvent;

/// Keys that write: code, virtual key code, character without and with Shift.
const WRITING: &[(&str, u32, char, char)] = &[
    ("Backquote", 192, '`', '~'),
    ("Digit1", 49, '1', '!'),
    ("Digit2", 50, '2', '@'),
    ("Digit3", 51, '3', '#'),
    ("Digit4", 52, '4', '$'),
    ("Digit5", 53, '5', '%'),
    ("Digit6", 54, '6', '^'),
    ("Digit7", 55, '7', '&'),
    ("Digit8", 56, '8', '*'),
    ("Digit9", 57, '9', '('),
    ("Digit0", 48, '0', ')'),
    ("Minus", 189, '-', '_'),
    ("Equal", 187, '=', '+'),
    ("BracketLeft", 219, '[', '{'),
    ("BracketRight", 221, ']', '}'),
    ("Backslash", 220, '\\', '|'),
    ("Semicolon", 186, ';', ':'),
    ("Quote", 222, '\'', '"'),
    ("Comma", 188, ',', '<'),
    ("Period", 190, '.', '>'),
    ("Slash", 191, '/', '?'),
    ("Space", 32, ' ', ' '),
];

/// The letters' codes, in order.
const LETTERS: [&str; 26] = [
    "KeyA", "KeyB", "KeyC", "KeyD", "KeyE", "KeyF", "KeyG", "KeyH", "KeyI", "KeyJ", "KeyK", "KeyL", "KeyM", "KeyN",
    "KeyO", "KeyP", "KeyQ", "KeyR", "KeyS", "KeyT", "KeyU", "KeyV", "KeyW", "KeyX", "KeyY", "KeyZ",
];

/// Keys with a name: further names that people use, the name, code, virtual key code.
const NAMED: &[(&[&str], &str, &str, u32)] = &[
    (&["Return", "NumpadEnter"], "Enter", "Enter", 13),
    (&[], "Tab", "Tab", 9),
    (&["Esc"], "Escape", "Escape", 27),
    (&["Back"], "Backspace", "Backspace", 8),
    (&["Del"], "Delete", "Delete", 46),
    (&["Ins"], "Insert", "Insert", 45),
    (&["Up"], "ArrowUp", "ArrowUp", 38),
    (&["Down"], "ArrowDown", "ArrowDown", 40),
    (&["Left"], "ArrowLeft", "ArrowLeft", 37),
    (&["Right"], "ArrowRight", "ArrowRight", 39),
    (&[], "Home", "Home", 36),
    (&[], "End", "End", 35),
    (&["PgUp", "Page_Up"], "PageUp", "PageUp", 33),
    (&["PgDn", "Page_Down"], "PageDown", "PageDown", 34),
    (&[], "CapsLock", "CapsLock", 20),
    (&[], "ContextMenu", "ContextMenu", 93),
    (&[], "Pause", "Pause", 19),
    (&[], "PrintScreen", "PrintScreen", 44),
    (&[], "ScrollLock", "ScrollLock", 145),
    (&[], "NumLock", "NumLock", 144),
    (&[], "F1", "F1", 112),
    (&[], "F2", "F2", 113),
    (&[], "F3", "F3", 114),
    (&[], "F4", "F4", 115),
    (&[], "F5", "F5", 116),
    (&[], "F6", "F6", 117),
    (&[], "F7", "F7", 118),
    (&[], "F8", "F8", 119),
    (&[], "F9", "F9", 120),
    (&[], "F10", "F10", 121),
    (&[], "F11", "F11", 122),
    (&[], "F12", "F12", 123),
];

/// What a key does with the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClipboardKey {
    Copy,
    Cut,
    Paste,
}

/// An editing command that changes nothing. In place of a key's own it keeps Chromium from its clipboard, which all
/// rooms of a process share.
const NOTHING: &[&str] = &["DefaultParagraphSeparator"];

/// One key with what is held beside it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stroke {
    key: Key,
    /// Pressed and released around the key, each by events of its own.
    held: Modifiers,
    /// Only told in the key's own events, as for the Shift of a capital letter.
    implied: Modifiers,
}

#[derive(Clone, Debug, PartialEq)]
struct Key {
    key: String,
    code: &'static str,
    number: u32,
    text: Option<String>,
    location: u32,
}

/// The stroke that writes a character; none if no key does.
pub(super) fn for_char(char: char) -> Option<Stroke> {
    let (key, shift) = match char {
        '\n' | '\r' => (named("Enter")?, false),
        '\t' => (named("Tab")?, false),
        _ => writing(char)?,
    };
    Some(Stroke {
        key,
        held: Modifiers::default(),
        implied: Modifiers {
            shift,
            ..Modifiers::default()
        },
    })
}

/// Strokes of a text such as `Control+A Delete`.
pub(super) fn parse(keys: &str) -> Result<Vec<Stroke>, PageError> {
    let wrong = || PageError::InvalidKeys {
        keys: keys.chars().take(100).collect(),
    };
    if keys == " " {
        return Ok(vec![for_char(' ').ok_or_else(wrong)?]);
    }
    let strokes: Option<Vec<_>> = keys.split_whitespace().map(stroke).collect();
    strokes
        .filter(|strokes| !strokes.is_empty() && strokes.len() <= 100)
        .ok_or_else(wrong)
}

fn stroke(text: &str) -> Option<Stroke> {
    // The plus key itself: `+`, `Control++`.
    let (held, last) = match text.strip_suffix('+') {
        Some("") => ("", "+"),
        Some(rest) => (rest.strip_suffix('+')?, "+"),
        None => text.rsplit_once('+').unwrap_or(("", text)),
    };
    let mut modifiers = Modifiers::default();
    for name in held.split('+').filter(|name| !name.is_empty()) {
        *modifier(&mut modifiers, name)? = true;
    }
    let mut single = last.chars();
    let (key, shift) = match (single.next()?, single.next()) {
        // With Control, Alt or Meta a letter names its key: Control+A is not Control+Shift+A.
        (letter, None) if modifiers.control || modifiers.alt || modifiers.meta => writing(if modifiers.shift {
            letter
        } else {
            letter.to_ascii_lowercase()
        })?,
        (letter, None) => writing(letter)?,
        _ => (
            lone_modifier(last).or_else(|| named(last)).or_else(|| coded(last))?,
            false,
        ),
    };
    let key = if modifiers.shift { shifted(key) } else { key };
    let writes = !(modifiers.control || modifiers.alt || modifiers.meta) || key.key == "Enter";
    let key = Key {
        text: key.text.filter(|_| writes),
        ..key
    };
    Some(Stroke {
        key,
        held: modifiers,
        implied: Modifiers {
            shift: shift && !modifiers.shift,
            ..Modifiers::default()
        },
    })
}

fn modifier<'a>(modifiers: &'a mut Modifiers, name: &str) -> Option<&'a mut bool> {
    match name.to_ascii_lowercase().as_str() {
        "control" | "ctrl" | "controlormeta" | "controlleft" => Some(&mut modifiers.control),
        "shift" | "shiftleft" => Some(&mut modifiers.shift),
        "alt" | "option" | "altleft" => Some(&mut modifiers.alt),
        "meta" | "cmd" | "command" | "super" | "win" | "metaleft" => Some(&mut modifiers.meta),
        _ => None,
    }
}

fn writing(char: char) -> Option<(Key, bool)> {
    let key = |code, number| Key {
        key: char.to_string(),
        code,
        number,
        text: Some(char.to_string()),
        location: 0,
    };
    if char.is_ascii_alphabetic() {
        let position = char.to_ascii_uppercase() as u32 - 'A' as u32;
        return Some((
            key(LETTERS[position as usize], 65 + position),
            char.is_ascii_uppercase(),
        ));
    }
    WRITING.iter().find_map(|&(code, number, plain, shifted)| match char {
        _ if char == plain => Some((key(code, number), false)),
        _ if char == shifted => Some((key(code, number), true)),
        _ => None,
    })
}

/// The same key with Shift held.
fn shifted(key: Key) -> Key {
    let Some(plain) = key.text.as_deref().and_then(|text| text.chars().next()) else {
        return key;
    };
    let upper = WRITING
        .iter()
        .find(|(_, _, char, _)| *char == plain)
        .map_or(plain.to_ascii_uppercase(), |key| key.3);
    if key.key.chars().count() > 1 {
        return key;
    }
    Key {
        key: upper.to_string(),
        text: Some(upper.to_string()),
        ..key
    }
}

fn named(name: &str) -> Option<Key> {
    if name.eq_ignore_ascii_case("space") || name.eq_ignore_ascii_case("spacebar") {
        return writing(' ').map(|(key, _)| key);
    }
    if name.eq_ignore_ascii_case("plus") {
        return writing('+').map(|(key, _)| key);
    }
    let found = |others: &[&str], key: &str| {
        key.eq_ignore_ascii_case(name) || others.iter().any(|other| other.eq_ignore_ascii_case(name))
    };
    NAMED
        .iter()
        .find(|(others, key, ..)| found(others, key))
        .map(|&(_, key, code, number)| {
            let text = (key == "Enter").then(|| "\r".to_owned());
            Key {
                key: key.to_owned(),
                code,
                number,
                text,
                location: 0,
            }
        })
}

/// A key by its code: `KeyC`, `Digit1`, `Slash`.
fn coded(code: &str) -> Option<Key> {
    let letter = LETTERS
        .iter()
        .position(|letter| letter.eq_ignore_ascii_case(code))
        .map(|at| (b'a' + at as u8) as char);
    let sign = || {
        WRITING
            .iter()
            .find(|key| key.0.eq_ignore_ascii_case(code))
            .map(|key| key.2)
    };
    writing(letter.or_else(sign)?).map(|(key, _)| key)
}

/// Control, Shift, Alt or Meta pressed for itself.
fn lone_modifier(name: &str) -> Option<Key> {
    let mut modifiers = Modifiers::default();
    *modifier(&mut modifiers, name)? = true;
    held_keys(modifiers).into_iter().next().map(|(key, _)| key)
}

/// The keys of a set of modifiers and the bit of each.
fn held_keys(modifiers: Modifiers) -> Vec<(Key, u32)> {
    let key = |key: &str, code, number| Key {
        key: key.to_owned(),
        code,
        number,
        text: None,
        location: 1,
    };
    let all = [
        (modifiers.control, key("Control", "ControlLeft", 17), 2),
        (modifiers.alt, key("Alt", "AltLeft", 18), 1),
        (modifiers.meta, key("Meta", "MetaLeft", 91), 4),
        (modifiers.shift, key("Shift", "ShiftLeft", 16), 8),
    ];
    all.into_iter()
        .filter(|(held, ..)| *held)
        .map(|(_, key, bit)| (key, bit))
        .collect()
}

// === impl Stroke ===

impl Stroke {
    /// What it does with the clipboard, in Chromium's table of keys.
    pub(super) fn clipboard(&self) -> Option<ClipboardKey> {
        let Modifiers {
            alt,
            control,
            meta,
            shift,
        } = self.held;
        match (self.key.code, control, shift) {
            _ if alt || meta => None,
            ("KeyC" | "Insert", true, false) => Some(ClipboardKey::Copy),
            ("KeyX", true, false) | ("Delete", false, true) => Some(ClipboardKey::Cut),
            ("KeyV", true, _) | ("Insert", false, true) => Some(ClipboardKey::Paste),
            _ => None,
        }
    }

    /// What a keyboard sends: modifiers down, key down and up, modifiers up in reverse.
    pub(super) fn events(&self) -> Vec<KeyEvent> {
        let held = held_keys(self.held);
        let mut events = Vec::with_capacity(2 + 2 * held.len());
        let mut bits = 0;
        for (key, bit) in &held {
            bits |= bit;
            events.push(key.event("rawKeyDown", bits));
        }
        let all = self.held.bits() | self.implied.bits();
        let down = if self.key.text.is_some() {
            "keyDown"
        } else {
            "rawKeyDown"
        };
        events.push(KeyEvent {
            commands: self.clipboard().map_or(&[], |_| NOTHING),
            ..self.key.event(down, all)
        });
        events.push(self.key.event("keyUp", all));
        for (key, bit) in held.iter().rev() {
            bits &= !bit;
            events.push(key.event("keyUp", bits));
        }
        events
    }
}

impl Key {
    fn event(&self, kind: &'static str, modifiers: u32) -> KeyEvent {
        let text = self.text.clone().filter(|_| kind == "keyDown");
        KeyEvent {
            kind,
            modifiers,
            key: self.key.clone(),
            code: self.code,
            windows_virtual_key_code: self.number,
            native_virtual_key_code: self.number,
            location: self.location,
            unmodified_text: text.clone(),
            text,
            commands: &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keys: &str, expect: &str) {
        let events: Vec<_> = parse(keys)
            .expect("keys")
            .iter()
            .flat_map(Stroke::events)
            .map(|e| {
                format!(
                    "{}{}:{}/{}{}",
                    if e.kind == "keyUp" { "-" } else { "+" },
                    e.key,
                    e.code,
                    e.modifiers,
                    e.text.unwrap_or_default()
                )
            })
            .collect();
        assert_eq!(events.join(" "), expect, "{keys}");
    }

    #[test]
    fn strokes_are_those_of_a_keyboard() {
        check(
            "Control+A",
            "+Control:ControlLeft/2 +a:KeyA/2 -a:KeyA/2 -Control:ControlLeft/0",
        );
        check(
            "ctrl+KeyC",
            "+Control:ControlLeft/2 +c:KeyC/2 -c:KeyC/2 -Control:ControlLeft/0",
        );
        check(
            "Shift+1",
            "+Shift:ShiftLeft/8 +!:Digit1/8! -!:Digit1/8 -Shift:ShiftLeft/0",
        );
        check("A", "+A:KeyA/8A -A:KeyA/8");
        check("Esc Tab", "+Escape:Escape/0 -Escape:Escape/0 +Tab:Tab/0 -Tab:Tab/0");
        check(
            "Control++",
            "+Control:ControlLeft/2 ++:Equal/10 -+:Equal/10 -Control:ControlLeft/0",
        );
        check("Enter", "+Enter:Enter/0\r -Enter:Enter/0");
        for wrong in ["", "hello", "Control+", "Foo+A", "é"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_key_reaches_the_clipboard_of_chromium() {
        for (keys, verb) in [
            ("Control+C", Some(ClipboardKey::Copy)),
            ("ctrl+KeyC", Some(ClipboardKey::Copy)),
            ("Control+Insert", Some(ClipboardKey::Copy)),
            ("Control+x", Some(ClipboardKey::Cut)),
            ("Shift+Delete", Some(ClipboardKey::Cut)),
            ("Control+V", Some(ClipboardKey::Paste)),
            ("Control+Shift+V", Some(ClipboardKey::Paste)),
            ("Shift+Insert", Some(ClipboardKey::Paste)),
            ("Control+Shift+C", None),
            ("Alt+C", None),
            ("c", None),
            ("Delete", None),
        ] {
            let stroke = &parse(keys).expect("keys")[0];
            assert_eq!(stroke.clipboard(), verb, "{keys}");
            let replaced = stroke.events().iter().filter(|event| event.commands == NOTHING).count();
            assert_eq!(replaced, usize::from(verb.is_some()), "{keys}");
        }
    }

    #[test]
    fn every_printable_ascii_character_has_a_key() {
        for char in ' '..='~' {
            let events = for_char(char).expect("a key").events();
            assert_eq!(events[0].text.as_deref(), Some(char.to_string().as_str()));
        }
        assert_eq!(for_char('ü'), None);
    }
}
