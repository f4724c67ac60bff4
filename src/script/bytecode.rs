//! Which names outside itself a script uses, read from what the compiler made of it.
//!
//! The compiler has settled what is local, so nothing about Lua's scopes need be known here. Compiled without
//! optimisation, every use of a global is one instruction. Only our own compiler's output is read; anything else ends
//! the reading, as does a version of the format that is not known here (a test notices when Luau changes it).

use std::collections::BTreeMap;

use mlua::chunk::Compiler;

/// The versions of the format that this reads.
const VERSIONS: std::ops::RangeInclusive<u8> = 4..=10;

const GET_GLOBAL: u8 = 7;
const SET_GLOBAL: u8 = 8;
const GET_OUTER: u8 = 9;
const GET_IMPORT: u8 = 12;
const GET_FIELD: u8 = 15;
const SET_FIELD: u8 = 16;
const CALL_METHOD: u8 = 20;
const CALL: u8 = 21;
/// Instructions that are followed by a word of their own.
const LONG: &[u8] = &[
    GET_GLOBAL,
    SET_GLOBAL,
    GET_IMPORT,
    GET_FIELD,
    SET_FIELD,
    CALL_METHOD,
    27,
    28,
    29,
    30,
    31,
    32,
    53,
    55,
    58,
    60,
    66,
    74,
    75,
    77,
    78,
    79,
    80,
    83,
    84,
    85,
    86,
    87,
    88,
    90,
];

/// A name that a script uses and does not define itself: a global, or a field of the `ctx` that it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) line: u32,
    /// The name, then the fields that are read from it at once: `host`, `json`, `encode`.
    pub(super) path: Vec<String>,
    /// Whether it is assigned to.
    pub(super) is_set: bool,
    /// Whether the path begins at a parameter, and not at a global.
    pub(super) is_given: bool,
}

/// The parameter whose fields are looked at.
const GIVEN: &str = "ctx";

/// The globals in a script's text; none when it does not compile or the format is another one.
pub(super) fn globals(text: &str) -> Option<Vec<Use>> {
    let compiler = Compiler::new().set_optimization_level(0).set_debug_level(2); // with the locals' names
    let code = compiler.compile(text.as_bytes()).ok()?;
    Reader { code: &code, at: 0 }.read()
}

struct Reader<'a> {
    code: &'a [u8],
    at: usize,
}

/// What a function is made of, as far as it matters here.
struct Function {
    words: Vec<u32>,
    constants: Vec<Option<usize>>,
    lines: Vec<u32>,
    /// Where locals are: register, first and last instruction, and whether it is the parameter of interest.
    locals: Vec<(u8, usize, usize, bool)>,
    /// The names of what it takes from the functions around it.
    outer: Vec<usize>,
}

impl Reader<'_> {
    fn read(&mut self) -> Option<Vec<Use>> {
        let version = self.byte()?;
        if !VERSIONS.contains(&version) {
            return None;
        }
        let types = self.byte()?;
        let mut strings = Vec::new();
        for _ in 0..self.number()? {
            let length = self.number()?;
            strings.push(String::from_utf8_lossy(self.take(length)?).into_owned());
        }
        if types == 3 {
            while self.byte()? != 0 {
                self.number()?;
            }
        }
        let mut uses = Vec::new();
        for _ in 0..self.number()? {
            self.function(types, &strings)?.uses(&strings, &mut uses);
        }
        uses.sort_by_key(|one| one.line);
        Some(uses)
    }

    fn function(&mut self, types: u8, strings: &[String]) -> Option<Function> {
        let parameters = self.take(5)?[1]; // stack size, parameters, upvalues, is_vararg, flags
        if types > 0 {
            let length = self.number()?;
            self.take(length)?;
        }
        let words = (0..self.number()?).map(|_| self.word()).collect::<Option<Vec<_>>>()?;
        let constants = (0..self.number()?).map(|_| self.constant()).collect::<Option<_>>()?;
        for _ in 0..self.number()? {
            self.number()?; // functions in it
        }
        self.number()?; // the line where it begins
        self.number()?; // its name
        let lines = self.lines(words.len())?;
        let (mut locals, mut outer) = (Vec::new(), Vec::new());
        if self.byte()? != 0 {
            for _ in 0..self.number()? {
                let name = self.number()?.checked_sub(1);
                let (start, end, register) = (self.number()?, self.number()?, self.byte()?);
                let is_given = name
                    .and_then(|name| strings.get(name))
                    .is_some_and(|name| name == GIVEN);
                locals.push((register, start, end, is_given && register < parameters));
            }
            for _ in 0..self.number()? {
                outer.push(self.number()?.wrapping_sub(1));
            }
        }
        Some(Function {
            words,
            constants,
            lines,
            locals,
            outer,
        })
    }

    /// A constant's text by its number in the table, if it is one; the others are passed over.
    fn constant(&mut self) -> Option<Option<usize>> {
        match self.byte()? {
            0 => {}
            1 => drop(self.byte()?),
            2 => drop(self.take(8)?),
            3 => return Some(self.number()?.checked_sub(1)),
            4 => drop(self.take(4)?),
            5 => {
                for _ in 0..self.number()? {
                    self.number()?;
                }
            }
            6 => drop(self.number()?),
            7 => drop(self.take(16)?),
            8 => {
                for _ in 0..self.number()? {
                    self.number()?;
                    self.take(4)?;
                }
            }
            9 => {
                self.byte()?;
                self.number()?;
            }
            _ => return None,
        }
        Some(None)
    }

    fn lines(&mut self, count: usize) -> Option<Vec<u32>> {
        if self.byte()? == 0 {
            return Some(vec![0; count]);
        }
        let gap = self.byte()?;
        let mut offset = 0u8;
        let mut offsets = Vec::with_capacity(count);
        for _ in 0..count {
            offset = offset.wrapping_add(self.byte()?);
            offsets.push(offset);
        }
        let mut line = 0i32;
        let mut bases = Vec::new();
        for _ in 0..(count.checked_sub(1)? >> gap) + 1 {
            line = line.wrapping_add(self.word()?.cast_signed());
            bases.push(line);
        }
        let of = |(at, offset): (usize, &u8)| u32::try_from(bases[at >> gap] + i32::from(*offset)).unwrap_or_default();
        Some(offsets.iter().enumerate().map(of).collect())
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn word(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn take(&mut self, length: usize) -> Option<&[u8]> {
        let end = self.at.checked_add(length)?;
        let bytes = self.code.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }

    /// Seven bits a byte, the lowest first.
    fn number(&mut self) -> Option<usize> {
        let mut number = 0u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return usize::try_from(number).ok();
            }
        }
        None
    }
}

/// Goes through a function's instructions and notes what it uses.
struct Walk<'a> {
    function: &'a Function,
    strings: &'a [String],
    uses: &'a mut Vec<Use>,
    /// Which use each register holds the value of, until something else is written there.
    held: BTreeMap<u8, usize>,
    /// The register that holds what was given to a function around this one.
    loaded: Option<u8>,
}

/// One instruction, with the word behind it.
struct Step {
    code: u8,
    a: u8,
    b: u8,
    next: usize,
    line: u32,
    /// Whether its second register holds the parameter of interest.
    is_given: bool,
}

impl Walk<'_> {
    fn walk(&mut self) {
        let function = self.function;
        let mut at = 0;
        while let Some(word) = function.words.get(at) {
            let [code, a, b, _] = word.to_le_bytes();
            let step = Step {
                code,
                a,
                b,
                next: function.words.get(at + 1).copied().unwrap_or_default() as usize,
                line: function.lines.get(at).copied().unwrap_or_default(),
                is_given: self.loaded.take() == Some(b) || function.local(b, at) == Some(true),
            };
            at += if LONG.contains(&code) { 2 } else { 1 };
            let base = self.held.get(&b).copied();
            self.held.remove(&a);
            let now = self.take(&step, base);
            // What a local holds depends on the way that the script takes.
            if let Some(now) = now.filter(|_| function.local(a, at).is_none()) {
                self.held.insert(a, now);
            }
        }
    }

    /// Notes what an instruction uses; gives the use whose value its first register holds now.
    fn take(&mut self, step: &Step, base: Option<usize>) -> Option<usize> {
        let is_read = step.code == GET_FIELD;
        match step.code {
            GET_GLOBAL => Some(self.add(step, vec![self.text(step.next)?])),
            SET_GLOBAL => {
                self.add(step, vec![self.text(step.next)?]);
                None
            }
            GET_IMPORT => {
                let part = |n: usize| self.text((step.next >> (20 - 10 * n)) & 1023);
                let path = (0..step.next >> 30).map(part).collect::<Option<Vec<_>>>()?;
                Some(self.add(step, path))
            }
            GET_FIELD | CALL_METHOD if base.is_some() => {
                self.held.remove(&step.b);
                let (base, name) = base.zip(self.text(step.next))?;
                self.uses[base].path.push(name);
                is_read.then_some(base)
            }
            GET_FIELD | SET_FIELD | CALL_METHOD if step.is_given => {
                let path = vec![GIVEN.to_owned(), self.text(step.next)?];
                let added = self.add(step, path);
                is_read.then_some(added)
            }
            GET_OUTER => {
                let name = self
                    .function
                    .outer
                    .get(usize::from(step.b))
                    .and_then(|name| self.strings.get(*name));
                self.loaded = name.filter(|name| *name == GIVEN).map(|_| step.a);
                None
            }
            CALL => {
                self.held.retain(|register, _| *register < step.a);
                None
            }
            _ => None,
        }
    }

    fn add(&mut self, step: &Step, path: Vec<String>) -> usize {
        self.uses.push(Use {
            line: step.line,
            path,
            is_set: matches!(step.code, SET_GLOBAL | SET_FIELD),
            is_given: !matches!(step.code, GET_GLOBAL | SET_GLOBAL | GET_IMPORT),
        });
        self.uses.len() - 1
    }

    fn text(&self, constant: usize) -> Option<String> {
        let string = self.function.constants.get(constant).copied().flatten()?;
        self.strings.get(string).cloned()
    }
}

impl Function {
    fn uses(&self, strings: &[String], uses: &mut Vec<Use>) {
        let mut walk = Walk {
            function: self,
            strings,
            uses,
            held: BTreeMap::new(),
            loaded: None,
        };
        walk.walk();
    }

    /// Whether a register is a local there, and the parameter of interest.
    fn local(&self, register: u8, at: usize) -> Option<bool> {
        let mut locals = self.locals.iter();
        let found = locals.find(|(of, start, end, _)| *of == register && (*start..=*end).contains(&at));
        found.map(|(.., is_given)| *is_given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(u32, String, bool)> {
        let uses = globals(text).expect("the compiler's format is known");
        uses.into_iter()
            .filter(|one| !one.is_given)
            .map(|one| (one.line, one.path.join("."), one.is_set))
            .collect()
    }

    #[test]
    fn globals_are_found_with_their_lines_and_locals_are_not() {
        let text = "local a, b = 1, {}\nlocal function f(x, ...)\n  return x + a + select('#', ...)\nend\n\
            for i, v in ipairs(b) do print(i, v, nope) end\nwritten = f\nfunction also() return written end\n\
            return { run = function(ctx) local t = host.json.encode(ctx.page); return t, math.floor, b.nothing end }";
        let found = names(text);
        let expected = [
            (3, "select", false),
            (5, "ipairs", false),
            (5, "print", false),
            (5, "nope", false),
            (6, "written", true),
            (7, "written", false),
            (7, "also", true),
            (8, "host.json.encode", false),
            (8, "math.floor", false),
        ];
        let mut sorted: Vec<_> = expected.iter().map(|(l, n, s)| (*l, (*n).to_owned(), *s)).collect();
        let mut got = found.clone();
        sorted.sort();
        got.sort();
        assert_eq!(got, sorted);
    }

    #[test]
    fn fields_of_the_parameter_are_found_and_those_of_other_tables_are_not() {
        let text = "local function f(other, ctx)\n  local page = ctx.page\n  return ctx.page:url(), other.page:none(), ctx.log.info\nend\n\
            return { run = function(ctx, params)\n  ctx.mine = 1\n  local own = { page = 1 }\n  \
            return pcall(function() own.page = 2 return ctx.tabs:list(ctx.now()) end) end }";
        let uses = globals(text).expect("the compiler's format is known");
        let given = uses.iter().filter(|one| one.is_given);
        let found: Vec<_> = given.map(|one| (one.line, one.path.join("."), one.is_set)).collect();
        let expected = [
            (2, "ctx.page", false),
            (3, "ctx.page.url", false),
            (3, "ctx.log.info", false),
            (6, "ctx.mine", true),
            (8, "ctx.tabs.list", false),
            (8, "ctx.now", false),
        ];
        assert_eq!(
            found,
            expected.map(|(line, path, is_set)| (line, path.to_owned(), is_set))
        );
    }

    #[test]
    fn luaus_own_syntax_is_read_too() {
        let text = "--!strict\ntype P = { x: number }\nlocal function f<T>(a: T, p: P?): (T, string)\n  p = p :: any\n  \
            local n = 0 n += 1\n  while true do if n > 3 then break end continue end\n  return a, `{n} and {mystery}`\nend\n\
            return f, 1e300, -5, 12345678901, 'x', { 1, 2, a = nil, [3] = true }, if lost then 1 else 2";
        assert_eq!(
            names(text),
            [(7, "mystery".to_owned(), false), (9, "lost".to_owned(), false)]
        );
    }

    #[test]
    fn a_text_of_many_lines_keeps_its_numbers() {
        let mut text = String::new();
        for n in 1..=2000 {
            text.push_str(if n % 400 == 0 {
                "unknown()\n"
            } else {
                "local _ = 1 do end\n\n"
            });
            if n % 150 == 0 {
                text.push_str("do local x = 1 end\n");
            }
        }
        text = text.replace("local _ = 1 do end", "do local _ = 1 end");
        let lines: Vec<u32> = names(&text).into_iter().map(|(line, ..)| line).collect();
        let written: Vec<u32> = (1..)
            .zip(text.lines())
            .filter(|(_, l)| *l == "unknown()")
            .map(|(n, _)| n)
            .collect();
        assert_eq!(lines, written);
    }

    #[test]
    fn what_is_no_script_is_no_names() {
        assert_eq!(globals("return ("), None);
        let mut broken = Reader {
            code: &[9, 3, 1, 255],
            at: 0,
        };
        assert_eq!(broken.read(), None);
    }
}
