//! A value that grows, with everything that limits say about it.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::plist::{Dictionary, Limits, Value};

/// From this many keys on they are looked up by hash.
const MANY: usize = 24;

/// An array or dictionary that is open.
struct Open<'a> {
    is_array: bool,
    /// Where its values begin among those of all that are open.
    start: usize,
    keys: Keys<'a>,
}

/// Keys that were there.
#[derive(Default)]
pub(super) struct Keys<'a> {
    /// A bit for each kind of them, so that most need no comparison.
    kinds: u64,
    /// All of them, once there are many.
    many: Option<HashSet<&'a str>>,
}

impl<'a> Keys<'a> {
    /// Takes one more; whether it was not among those `before`, which this has taken.
    #[inline]
    pub(super) fn is_new<I>(&mut self, key: &'a str, before: impl FnOnce() -> I) -> bool
    where
        I: ExactSizeIterator<Item = &'a str>,
    {
        let kind = 1 << (kind_of(key) & 63);
        let seen = self.kinds & kind != 0;
        self.kinds |= kind;
        if let Some(many) = &mut self.many {
            return many.insert(key);
        }
        let mut before = before();
        if before.len() < MANY {
            return !(seen && before.any(|known| known == key));
        }
        let many = self.many.insert(before.collect());
        many.insert(key)
    }
}

/// Values in the making. Every method gives `None` for what the other way has to decide.
pub(super) struct Tree<'a> {
    /// The values of all open arrays and dictionaries, the innermost last: each is moved once, into
    /// a vector of the right size.
    entries: Vec<(Cow<'a, str>, Value<'a>)>,
    values: Vec<Value<'a>>,
    /// The innermost one is not among them.
    outer: Vec<Open<'a>>,
    innermost: Option<Open<'a>>,
    key: Option<&'a str>,
    whole: Option<Value<'a>>,
    nodes: usize,
    bytes: usize,
    depth: usize,
}

impl<'a> Tree<'a> {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            entries: Vec::new(),
            values: Vec::new(),
            outer: Vec::new(),
            innermost: None,
            key: None,
            whole: None,
            nodes: limits.nodes,
            bytes: limits.expansion,
            depth: limits.deepest(),
        }
    }

    /// How many arrays and dictionaries are open.
    pub(super) fn depth(&self) -> usize {
        self.outer.len() + usize::from(self.innermost.is_some())
    }

    #[inline]
    fn spend(&mut self, bytes: usize) -> Option<()> {
        self.bytes = self.bytes.checked_sub(bytes)?;
        Some(())
    }

    #[inline]
    pub(super) fn key(&mut self, key: &'a str) -> Option<()> {
        self.spend(key.len())?;
        let open = self.innermost.as_mut()?;
        if open.is_array || self.key.is_some() {
            return None;
        }
        let before = self.entries.get(open.start..)?;
        // Borrowed keys only come in here.
        let texts = || {
            before.iter().map(|(known, _)| match known {
                Cow::Borrowed(known) => *known,
                Cow::Owned(_) => "",
            })
        };
        if !open.keys.is_new(key, texts) {
            return None;
        }
        self.key = Some(key);
        Some(())
    }

    #[inline]
    pub(super) fn text(&mut self, text: Cow<'a, str>) -> Option<()> {
        self.spend(text.len())?;
        self.put(Value::String(text))
    }

    #[inline]
    pub(super) fn data(&mut self, bytes: Cow<'a, [u8]>) -> Option<()> {
        self.spend(bytes.len())?;
        self.put(Value::Data(bytes))
    }

    #[inline]
    pub(super) fn put(&mut self, value: Value<'a>) -> Option<()> {
        self.count()?;
        self.place(value)
    }

    #[inline]
    fn count(&mut self) -> Option<()> {
        self.nodes = self.nodes.checked_sub(1)?;
        Some(())
    }

    #[inline]
    fn place(&mut self, value: Value<'a>) -> Option<()> {
        match &self.innermost {
            Some(Open { is_array: false, .. }) => {
                let key = self.key.take()?;
                self.entries.push((Cow::Borrowed(key), value));
            }
            Some(_) => self.values.push(value),
            None if self.whole.is_none() => self.whole = Some(value),
            None => return None,
        }
        Some(())
    }

    pub(super) fn open(&mut self, is_array: bool) -> Option<()> {
        self.count()?;
        if self.depth() >= self.depth {
            return None;
        }
        match &self.innermost {
            Some(Open { is_array: false, .. }) => {
                // The key waits for what is opened here.
                let key = self.key.take()?;
                self.entries.push((Cow::Borrowed(key), Value::Boolean(false)));
            }
            Some(_) => {}
            None if self.whole.is_some() => return None,
            None => {}
        }
        let start = if is_array { self.values.len() } else { self.entries.len() };
        let open = Open { is_array, start, keys: Keys::default() };
        self.outer.extend(self.innermost.replace(open));
        Some(())
    }

    pub(super) fn close(&mut self) -> Option<()> {
        let open = self.innermost.take()?;
        if self.key.is_some() {
            return None;
        }
        let value = if open.is_array {
            Value::Array(self.values.split_off(open.start))
        } else {
            Value::Dictionary(Dictionary(self.entries.split_off(open.start)))
        };
        self.innermost = self.outer.pop();
        match &self.innermost {
            Some(Open { is_array: false, .. }) => self.entries.last_mut()?.1 = value,
            Some(_) => self.values.push(value),
            None => self.whole = Some(value),
        }
        Some(())
    }

    /// Whether an array is innermost; `None` where nothing is open.
    #[inline]
    pub(super) fn in_array(&self) -> Option<bool> {
        self.innermost.as_ref().map(|open| open.is_array)
    }

    pub(super) fn finish(self) -> Option<Value<'a>> {
        self.innermost.is_none().then_some(self.whole)?
    }
}

/// A number that is another for most keys.
#[inline]
fn kind_of(key: &str) -> usize {
    let bytes = key.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return 0 };
    bytes.len() * 5 + usize::from(*first) * 3 + usize::from(*last)
}
