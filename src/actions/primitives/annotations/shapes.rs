//! What `shapes.lua` says: the tables that nouns take and give, read so that other forms can be written from it.

/// Types that nouns take and give, and what an action's `run` gets.
pub(super) const SHAPES: &str = include_str!("shapes.lua");

/// A table with known fields, or a name for a choice.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    /// Its name, for instance `perilune.Point`.
    pub(super) name: String,
    /// Its fields, in order.
    pub(super) fields: Vec<Field>,
    /// What it may be, for the name of a choice; empty for a table.
    pub(super) choices: Vec<Type>,
    /// The global that has this shape.
    pub(super) global: Option<String>,
}

/// A field of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) is_optional: bool,
    pub(super) of: Type,
    /// What it means; empty where the name says it.
    pub(super) meaning: String,
}

/// A type, as Lua's language servers write it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    /// `string`, `perilune.Point`.
    Name(String),
    /// `'left'`.
    Text(String),
    /// `string[]`.
    List(Box<Type>),
    /// `table<string, any>`.
    Map(Box<Type>, Box<Type>),
    /// `string?`.
    Maybe(Box<Type>),
    /// `'a'|'b'`.
    Either(Vec<Type>),
    /// `{ a: string, b?: number }`.
    Table(Vec<Field>),
    /// `fun(self, a: string): number`.
    Function(Vec<Field>, Vec<Type>),
}

/// Every shape, in order.
pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes: Vec<Shape> = Vec::new();
    for line in SHAPES.lines() {
        let begins = line
            .strip_prefix("---@class ")
            .or_else(|| line.strip_prefix("---@alias "));
        if let Some(name) = begins {
            shapes.push(Shape {
                name: name.trim().to_owned(),
                fields: Vec::new(),
                choices: Vec::new(),
                global: None,
            });
        } else if let Some(field) = line.strip_prefix("---@field ") {
            let shape = shapes.last_mut().expect("a field stands behind its class");
            shape.fields.push(Field::read(field));
        } else if let Some(choice) = line.strip_prefix("---| ") {
            let shape = shapes.last_mut().expect("a choice stands behind its name");
            shape.choices.push(Type::read(choice));
        } else if let Some((name, "{}")) = line.split_once(" = ") {
            let shape = shapes.last_mut().expect("a global stands behind its class");
            shape.global = Some(name.to_owned());
        }
    }
    shapes
}

impl Field {
    /// `name? type what it means`.
    fn read(text: &str) -> Self {
        let (name, rest) = text.split_once(' ').unwrap_or((text, "any"));
        let mut reader = Reader(rest);
        let of = reader.union();
        Self {
            name: name.trim_end_matches('?').to_owned(),
            is_optional: name.ends_with('?'),
            of,
            meaning: reader.0.trim().to_owned(),
        }
    }
}

impl Type {
    /// The signature of a function.
    pub(super) fn read(text: &str) -> Self {
        Reader(text).union()
    }
}

/// What is left of a type's text.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn union(&mut self) -> Type {
        let mut all = vec![self.postfix()];
        while self.eat("|") {
            all.push(self.postfix());
        }
        if all.len() == 1 {
            all.remove(0)
        } else {
            Type::Either(all)
        }
    }

    fn postfix(&mut self) -> Type {
        let mut one = self.primary();
        loop {
            // What follows a space is the meaning.
            if self.0.starts_with("[]") {
                self.0 = &self.0[2..];
                one = Type::List(Box::new(one));
            } else if self.0.starts_with('?') {
                self.0 = &self.0[1..];
                one = Type::Maybe(Box::new(one));
            } else {
                return one;
            }
        }
    }

    fn primary(&mut self) -> Type {
        if self.eat("'") {
            let (text, rest) = self.0.split_once('\'').unwrap_or((self.0, ""));
            self.0 = rest;
            return Type::Text(text.to_owned());
        }
        if self.eat("{") {
            return Type::Table(self.fields('}'));
        }
        if self.eat("(") {
            let one = self.union();
            self.eat(")");
            return one;
        }
        let name = self.name();
        match name {
            "fun" if self.eat("(") => {
                let parameters = self.fields(')');
                let mut results = Vec::new();
                if self.eat(":") {
                    results.push(self.union());
                    while self.0.starts_with(", ") {
                        self.eat(",");
                        results.push(self.union());
                    }
                }
                Type::Function(parameters, results)
            }
            "table" if self.eat("<") => {
                let key = self.union();
                self.eat(",");
                let value = self.union();
                self.eat(">");
                Type::Map(Box::new(key), Box::new(value))
            }
            name => Type::Name(name.to_owned()),
        }
    }

    /// `name?: type, ...` up to the bracket.
    fn fields(&mut self, end: char) -> Vec<Field> {
        let mut fields = Vec::new();
        loop {
            self.0 = self.0.trim_start_matches([' ', ',']);
            if self.0.starts_with(end) || self.0.is_empty() {
                self.0 = self.0.strip_prefix(end).unwrap_or(self.0);
                return fields;
            }
            let name = self.name().to_owned();
            let is_optional = self.eat("?");
            let of = if self.eat(":") {
                self.union()
            } else {
                Type::Name("self".to_owned())
            };
            fields.push(Field {
                name,
                is_optional,
                of,
                meaning: String::new(),
            });
        }
    }

    fn name(&mut self) -> &'a str {
        let text = self.0.trim_start();
        let end = text
            .find(|c: char| !(c.is_alphanumeric() || "._".contains(c)))
            .unwrap_or(text.len());
        // A character that is no name would be read for ever.
        let end = end.max(text.chars().next().map_or(0, char::len_utf8));
        self.0 = &text[end..];
        &text[..end]
    }

    fn eat(&mut self, what: &str) -> bool {
        let Some(rest) = self.0.trim_start().strip_prefix(what) else {
            return false;
        };
        self.0 = rest;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_with_their_meaning() {
        let field = Field::read("backoff? { exponential: boolean, delay_ms?: number } what the caller asked for");
        assert!(field.is_optional);
        assert_eq!(
            (field.name.as_str(), field.meaning.as_str()),
            ("backoff", "what the caller asked for")
        );
        let Type::Table(fields) = field.of else {
            panic!("{field:?}")
        };
        assert_eq!(fields.iter().map(|f| f.is_optional).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn signatures_are_read() {
        let Type::Function(parameters, results) =
            Type::read("fun(self, a: 'x'|'y', b?: perilune.Point[]): string?, integer")
        else {
            panic!("no function")
        };
        assert_eq!(
            parameters[1].of,
            Type::Either(vec![Type::Text("x".into()), Type::Text("y".into())])
        );
        assert_eq!(
            parameters[2].of,
            Type::List(Box::new(Type::Name("perilune.Point".into())))
        );
        assert!(parameters[2].is_optional);
        assert_eq!(results[0], Type::Maybe(Box::new(Type::Name("string".into()))));
        assert_eq!(results[1], Type::Name("integer".into()));
    }

    #[test]
    fn every_line_of_the_file_is_understood() {
        let fields: usize = shapes().iter().map(|shape| shape.fields.len()).sum();
        assert_eq!(fields, SHAPES.matches("---@field ").count());
        let choices: usize = shapes().iter().map(|shape| shape.choices.len()).sum();
        assert_eq!(choices, SHAPES.matches("---| ").count());
        assert!(shapes().iter().any(|shape| shape.global.as_deref() == Some("host")));
    }
}
