//! A second reader of JSON, for the tests: recursive descent over RFC 8259 without duplicate names,
//! with spans. It says where the first fault is and what was expected there, in its own way; the
//! crate's strict errors are compared with it.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::string_slice)]

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) start: usize,
    pub(crate) value: Json,
}

#[derive(Clone, Debug)]
pub(crate) enum Json {
    Null,
    Bool,
    Number(String),
    String(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Json {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

impl Node {
    /// The value at a JSON pointer.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Self> {
        pointer.split('/').skip(1).try_fold(self, |node, segment| {
            let name = segment.replace("~1", "/").replace("~0", "~");
            match &node.value {
                Json::Array(items) => items.get(name.parse::<usize>().ok()?),
                Json::Object(members) => {
                    members.iter().find(|(known, _)| *known == name).map(|(_, node)| node)
                }
                _ => None,
            }
        })
    }
}

/// The first place where a text is no JSON.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Fault {
    pub(crate) offset: usize,
    pub(crate) pointer: String,
    pub(crate) expected: &'static str,
    /// For a name that occurs twice: where its first member begins and the next one begins.
    pub(crate) first: Option<(usize, usize)>,
    /// The brackets that are open, by those that would close them.
    pub(crate) open: String,
}

/// Line and column of a byte, counted from 1 and in characters.
pub(crate) fn place(text: &str, offset: usize) -> (u32, u32) {
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    (line.try_into().unwrap(), column.try_into().unwrap())
}

/// What stands at a byte, as the crate's errors quote it.
pub(crate) fn found(text: &str, offset: usize) -> String {
    let rest = &text[offset..];
    let word: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    let word = if word.is_empty() { rest.chars().take(1).collect() } else { word };
    match word.chars().count() {
        0 => "the end of the text".to_owned(),
        1..=64 => format!("`{word}`"),
        _ => format!("`{}…`", word.chars().take(64).collect::<String>()),
    }
}

pub(crate) fn parse(text: &str) -> Result<Node, Fault> {
    let mut parser = Parser { text, at: 0, open: String::new() };
    parser.blanks();
    let node = parser.value("")?;
    parser.blanks();
    if parser.at < text.len() {
        return Err(parser.fault(parser.at, "", "the end of the text"));
    }
    Ok(node)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    open: String,
}

/// A name in a pointer; the crate cuts long ones.
fn segment(name: &str) -> String {
    let long = name.chars().count() > 128;
    let name: String = name.chars().take(128).collect();
    name.replace('~', "~0").replace('/', "~1") + if long { "…" } else { "" }
}

impl Parser<'_> {
    fn fault(&self, offset: usize, pointer: &str, expected: &'static str) -> Fault {
        let (pointer, open) = (pointer.to_owned(), self.open.chars().rev().collect());
        Fault { offset, pointer, expected, first: None, open }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, pointer: &str) -> Result<Node, Fault> {
        let start = self.at;
        let rest = &self.text[start..];
        let word = |word: &str| rest.starts_with(word);
        let value = match self.peek() {
            Some(b'{') => self.object(pointer)?,
            Some(b'[') => self.array(pointer)?,
            Some(b'"') => Json::String(self.string(pointer)?),
            Some(b'-' | b'0'..=b'9') => Json::Number(self.number(pointer)?),
            _ if word("null") => {
                self.at += 4;
                Json::Null
            }
            _ if word("true") || word("false") => {
                self.at += if word("true") { 4 } else { 5 };
                Json::Bool
            }
            _ => return Err(self.fault(start, pointer, "a value")),
        };
        Ok(Node { start, value })
    }

    fn array(&mut self, pointer: &str) -> Result<Json, Fault> {
        self.at += 1;
        self.open.push(']');
        let mut items: Vec<Node> = Vec::new();
        loop {
            self.blanks();
            // A fault at a bracket or at the end is the list's, any other that of the next element.
            let element = format!("{pointer}/{}", items.len());
            let at_end = matches!(self.peek(), Some(b']' | b'}') | None);
            let owner = if at_end { pointer } else { &element };
            match self.peek() {
                Some(b']') if items.is_empty() => break,
                Some(b'}') if items.is_empty() => return Err(self.fault(self.at, owner, "`]`")),
                None | Some(b']' | b'}') => return Err(self.fault(self.at, owner, "a value")),
                Some(_) => items.push(self.value(&element)?),
            }
            self.blanks();
            let element = format!("{pointer}/{}", items.len());
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                Some(b'}') => return Err(self.fault(self.at, pointer, "`]`")),
                None => return Err(self.fault(self.at, pointer, "`,` or `]`")),
                Some(_) => return Err(self.fault(self.at, &element, "`,` or `]`")),
            }
        }
        self.at += 1;
        self.open.pop();
        Ok(Json::Array(items))
    }

    fn object(&mut self, pointer: &str) -> Result<Json, Fault> {
        self.at += 1;
        self.open.push('}');
        let mut members: Vec<(String, Node)> = Vec::new();
        let mut starts = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                Some(b'}') if members.is_empty() => break,
                Some(b']') if members.is_empty() => {
                    return Err(self.fault(self.at, pointer, "`}`"));
                }
                Some(b'"') => {}
                _ => return Err(self.fault(self.at, pointer, "a name")),
            }
            let start = self.at;
            let name = self.string(pointer)?;
            let member = format!("{pointer}/{}", segment(&name));
            if let Some(first) = members.iter().position(|(known, _)| *known == name) {
                let owner = if name.is_empty() { pointer } else { &member };
                let next = starts.get(first + 1).copied().unwrap_or(start);
                let mut fault = self.fault(start, owner, "");
                fault.first = Some((starts[first], next));
                return Err(fault);
            }
            starts.push(start);
            self.blanks();
            if self.peek() != Some(b':') {
                let owner = if name.is_empty() { pointer } else { &member };
                return Err(self.fault(self.at, owner, "`:`"));
            }
            self.at += 1;
            self.blanks();
            let value = self.value(&member)?;
            members.push((name, value));
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                Some(b']') => return Err(self.fault(self.at, pointer, "`}`")),
                _ => return Err(self.fault(self.at, pointer, "`,` or `}`")),
            }
        }
        self.at += 1;
        self.open.pop();
        Ok(Json::Object(members))
    }

    fn number(&mut self, pointer: &str) -> Result<String, Fault> {
        let start = self.at;
        let digits = |parser: &mut Self| -> Result<usize, Fault> {
            let from = parser.at;
            while matches!(parser.peek(), Some(b'0'..=b'9')) {
                parser.at += 1;
            }
            if parser.at == from {
                return Err(parser.fault(parser.at, pointer, "a digit"));
            }
            Ok(parser.at - from)
        };
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let whole = self.at;
        if digits(self)? > 1 && self.text.as_bytes()[whole] == b'0' {
            return Err(self.fault(start, pointer, "a digit"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            digits(self)?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            digits(self)?;
        }
        Ok(self.text[start..self.at].to_owned())
    }

    fn string(&mut self, pointer: &str) -> Result<String, Fault> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(character) = rest.chars().next() else {
                return Err(self.fault(self.at, pointer, "`\"`"));
            };
            match character {
                '"' => {
                    self.at += 1;
                    return Ok(out);
                }
                '\\' => {
                    let Some((character, length)) = escape(rest) else {
                        return Err(self.fault(self.at, pointer, "an escape"));
                    };
                    out.push(character);
                    self.at += length;
                }
                '\0'..='\u{1f}' => return Err(self.fault(self.at, pointer, "an escape")),
                _ => {
                    out.push(character);
                    self.at += character.len_utf8();
                }
            }
        }
    }
}

/// The character that an escape stands for, and the escape's length.
fn escape(text: &str) -> Option<(char, usize)> {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u32::from_str_radix(digits, 16).ok().filter(|_| plain)
    };
    let simple = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let high = unit(text)?;
            if !(0xd800..0xdc00).contains(&high) {
                return Some((char::from_u32(high)?, 6));
            }
            let low = unit(text.get(6..)?).filter(|low| (0xdc00..0xe000).contains(low))?;
            return Some((char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?, 12));
        }
        _ => return None,
    };
    Some((simple, 2))
}
