//! What is wrong in a script, as compilers tell it: file, line, a sentence, the line's text, and what to do about it.

use std::fmt;

use serde::Serialize;

use super::loader::Problem;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The script is not loaded, or fails where it gets there.
    Error,
    /// It works and is likely not what was meant.
    Warning,
}

/// One thing that is wrong in a script.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Diagnosis {
    /// The file, as the host's messages name it.
    pub file: String,
    /// The line, where known.
    pub line: Option<u32>,
    /// Where in the line it begins, from 1, where known.
    pub column: Option<u32>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub error: String,
    /// The line's text.
    pub text: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Words of other languages in a line that does not compile, and what Lua says instead.
const FOREIGN: &[(&str, &str)] = &[
    ("!=", "Lua writes ~= for \"not equal\""),
    ("&&", "Lua writes `and`"),
    ("||", "Lua writes `or`"),
    ("else if ", "Lua writes `elseif`; `else if` needs an `end` of its own"),
    ("++", "Lua writes x = x + 1"),
    ("//", "comments begin with --"),
    ("=>", "Lua writes function(x) ... end"),
    ("const ", "Lua writes `local`"),
    ("let ", "Lua writes `local`"),
    ("var ", "Lua writes `local`"),
];

/// What Lua says, and what it often means.
const MEANINGS: &[(&str, &str)] = &[
    (
        "attempt to call a nil value",
        "nothing of that name is a function here; is it spelled right, and defined above?",
    ),
    (
        "attempt to call missing method",
        "the object has no such method; `perilune script types` lists what there is",
    ),
    (
        "attempt to index nil",
        "what stands before the dot or bracket is nil; check it first, or find out why it is not set",
    ),
    (
        "Expected 'end'",
        "a function, if, for or while further up is not closed",
    ),
    (
        "Expected identifier when parsing expression, got 'end'",
        "something is missing before this `end`",
    ),
    (
        "got '='",
        "a comparison needs ==; an assignment stands alone and is no value",
    ),
    (
        "requires itself",
        "move what both need into a third file of the lib folder",
    ),
    ("ends with `return`", "write `return { ... }` at the end of the file"),
    (
        "must return a table with a function `run`",
        "write return { description = \"...\", run = function(ctx, params) ... end }",
    ),
    (
        "while it was loaded",
        "the top level of a file only defines things; the work belongs into its functions",
    ),
];

impl Diagnosis {
    /// An error in a file.
    pub(super) fn new(file: &str, line: Option<u32>, error: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            column: None,
            severity: Severity::Error,
            error: error.into(),
            text: None,
            hint: None,
        }
    }

    /// Whether it keeps the script from working.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// A problem of loading; `text` is the file's.
    pub(super) fn of(problem: &Problem, text: Option<&str>) -> Self {
        let place = problem.line.map_or(format!("{}: ", problem.file), |line| {
            format!("{}:{line}: ", problem.file)
        });
        let error = problem.error.strip_prefix(&place).unwrap_or(&problem.error);
        Self::new(&problem.file, problem.line, error).explained(text)
    }

    /// With the line's text and a hint, as far as there are some.
    pub(super) fn explained(mut self, text: Option<&str>) -> Self {
        let line = self
            .line
            .and_then(|line| text?.lines().nth(line.checked_sub(1)? as usize));
        self.text = line.map(str::to_owned);
        let is_syntax =
            self.error.contains("xpected") || self.error.contains("Incomplete") || self.error.contains("ambiguous");
        let foreign = line.filter(|_| is_syntax).and_then(|line| {
            let code = line.split("--").next().unwrap_or(line);
            FOREIGN.iter().find(|(word, _)| code.contains(word))
        });
        let meaning = || MEANINGS.iter().find(|(words, _)| self.error.contains(words));
        let hint = foreign.or_else(meaning).map(|(_, hint)| (*hint).to_owned());
        self.hint = self.hint.take().or(hint);
        if self.column.is_none() {
            self.column = line.and_then(|line| column(line, &self.error));
        }
        self
    }
}

/// Where in the line the message's first quoted word stands.
fn column(line: &str, error: &str) -> Option<u32> {
    let quoted = |mark: char| error.split(mark).nth(1).filter(|word| !word.is_empty());
    let at = word(line, quoted('`').or_else(|| quoted('\''))?)?;
    u32::try_from(at + 1).ok()
}

/// Where a whole word stands in a line, in characters.
pub(super) fn word(line: &str, word: &str) -> Option<usize> {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let found = line.match_indices(word).find(|(at, _)| {
        let (before, after) = (line[..*at].chars().next_back(), line[at + word.len()..].chars().next());
        !(is_part(before) && is_part(word.chars().next()) || is_part(after) && is_part(word.chars().next_back()))
    });
    found.map(|(at, _)| line[..at].chars().count())
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{}:", self.file)?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {severity}: {}", self.error)?;
        if let (Some(text), Some(line)) = (&self.text, self.line) {
            let number = line.to_string();
            // Tabs would move the mark away from its word.
            write!(f, "\n  {number} | {}", text.replace('\t', " "))?;
            if let Some(column) = self.column {
                let pad = " ".repeat(number.len());
                write!(f, "\n  {pad} | {}^", " ".repeat(column.saturating_sub(1) as usize))?;
            }
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_with_its_line_a_mark_and_a_hint() {
        let problem = Problem {
            file: "actions/a.lua".to_owned(),
            line: Some(2),
            error: "actions/a.lua:2: Expected 'then' when parsing if statement, got '!'".to_owned(),
        };
        let told = Diagnosis::of(&problem, Some("local a = 1\nif a != 2 then\nend")).to_string();
        assert_eq!(
            told,
            "actions/a.lua:2: error: Expected 'then' when parsing if statement, got '!'\n  2 | if a != 2 then\n    |           ^\n  \
             hint: Lua writes ~= for \"not equal\""
        );
    }

    #[test]
    fn marks_stand_under_whole_words() {
        assert_eq!(word("local printer = print(x)", "print"), Some(16));
        assert_eq!(word("a\u{e4}\u{f6} = nope", "nope"), Some(6));
        assert_eq!(word("nothing", "not"), None);
    }

    #[test]
    fn what_has_no_line_is_told_without() {
        let problem = Problem::new("plugins/x/actions/a.lua", "the action `a` is also claimed by another");
        let told = Diagnosis::of(&problem, None).to_string();
        assert_eq!(
            told,
            "plugins/x/actions/a.lua: error: the action `a` is also claimed by another"
        );
    }
}
