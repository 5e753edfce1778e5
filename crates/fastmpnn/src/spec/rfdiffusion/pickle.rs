//! Plain values, and NumPy's arrays of them, out of a Python pickle, protocols 2 to 5.
//!
//! A pickle is a program for a stack machine, whose dangerous instructions call what a name stands for. Here a call
//! of NumPy's own constructors gives the array's bytes; a call of any other name gives [`Value::Opaque`], and nothing is
//! ever imported or run. Containers stand in tables and are named by index, so that a file can neither build a value too
//! deep for the stack nor multiply a large one by copying it; each instruction makes at most one value.

use std::borrow::Cow;
use std::collections::HashMap;

/// A value on the stack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    Text(&'a str),
    /// Index of a byte string.
    Bytes(usize),
    /// Index of a tuple or list.
    Sequence(usize),
    Dictionary(usize),
    /// A name that could be called.
    Name(&'a str, &'a str),
    Number(NumberKind),
    Array(usize),
    /// What says nothing of residues.
    Opaque,
}

/// How NumPy stores a number: `b1`, `<i8`, `|u1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NumberKind {
    /// `b`, `i` or `u`.
    letter: u8,
    size: usize,
}

/// A NumPy array of numbers, or of one.
#[derive(Clone, Copy, Debug, Default)]
struct Array {
    kind: Option<NumberKind>,
    /// Index of its byte string.
    bytes: Option<usize>,
}

/// Everything a pickle built.
#[derive(Debug, Default)]
pub(super) struct Heap<'a> {
    byte_strings: Vec<Cow<'a, [u8]>>,
    sequences: Vec<Vec<Value<'a>>>,
    dictionaries: Vec<Vec<(Value<'a>, Value<'a>)>>,
    arrays: Vec<Array>,
    /// How many bytes of text may still be made byte strings: a file does so once with each of its own.
    to_decode: usize,
}

impl<'a> Heap<'a> {
    /// The items of a tuple or list.
    pub(super) fn sequence(&self, value: Value<'a>) -> Option<&[Value<'a>]> {
        match value {
            Value::Sequence(index) => Some(&self.sequences[index]),
            _ => None,
        }
    }

    /// The pairs of a dictionary in the order of their writing.
    pub(super) fn dictionary(&self, value: Value<'a>) -> Option<&[(Value<'a>, Value<'a>)]> {
        match value {
            Value::Dictionary(index) => Some(&self.dictionaries[index]),
            _ => None,
        }
    }

    /// Truth values of an array or list.
    pub(super) fn flags(&self, value: Value<'a>) -> Option<Vec<bool>> {
        let flag = |number: i64| number != 0;
        match value {
            Value::Array(index) => Some(self.numbers(index)?.into_iter().map(flag).collect()),
            _ => self.sequence(value)?.iter().map(|item| self.integer(*item).map(flag)).collect(),
        }
    }

    /// Chain and number of a residue: `('A', 12)`.
    pub(super) fn place(&self, value: Value<'a>) -> Option<(String, i64)> {
        match *self.sequence(value)? {
            [Value::Text(chain), number] => Some((chain.to_owned(), self.integer(number)?)),
            _ => None,
        }
    }

    fn integer(&self, value: Value<'a>) -> Option<i64> {
        match value {
            Value::Bool(value) => Some(i64::from(value)),
            Value::Int(value) => Some(value),
            Value::Array(index) => {
                let Array { kind, bytes } = self.arrays[index];
                let one = self.byte_strings[bytes?].len() == kind?.size;
                if one { self.numbers(index)?.first().copied() } else { None }
            }
            _ => None,
        }
    }

    fn numbers(&self, index: usize) -> Option<Vec<i64>> {
        let Array { kind, bytes } = self.arrays[index];
        let (kind, bytes) = (kind?, &*self.byte_strings[bytes?]);
        let number = |bytes: &[u8]| {
            let negative = kind.letter == b'i' && bytes.last().is_some_and(|byte| byte & 0x80 != 0);
            let mut all = [if negative { 0xff } else { 0 }; 8];
            all[..bytes.len()].copy_from_slice(bytes);
            i64::from_le_bytes(all)
        };
        (bytes.len() % kind.size == 0).then(|| bytes.chunks_exact(kind.size).map(number).collect())
    }

    fn bytes(&mut self, bytes: Cow<'a, [u8]>) -> Value<'a> {
        self.byte_strings.push(bytes);
        Value::Bytes(self.byte_strings.len() - 1)
    }

    fn tuple(&mut self, items: Vec<Value<'a>>) -> Value<'a> {
        self.sequences.push(items);
        Value::Sequence(self.sequences.len() - 1)
    }

    fn array(&mut self, array: Array) -> Value<'a> {
        self.arrays.push(array);
        Value::Array(self.arrays.len() - 1)
    }

    /// What a name gives for its arguments.
    fn call(&mut self, called: Value<'a>, arguments: Value<'a>) -> Value<'a> {
        // No call that counts has more arguments.
        let arguments: Vec<Value<'a>> = self.sequence(arguments).unwrap_or_default().iter().take(4).copied().collect();
        let Value::Name(module, name) = called else { return Value::Opaque };
        let of_numpy = module == "numpy" || module.starts_with("numpy.");
        match (name, &arguments[..]) {
            ("dtype", [Value::Text(text), ..]) if of_numpy => number_kind(text).map_or(Value::Opaque, Value::Number),
            ("_reconstruct", _) if of_numpy => self.array(Array::default()),
            ("scalar", [Value::Number(kind), Value::Bytes(bytes)]) if of_numpy => {
                self.array(Array { kind: Some(*kind), bytes: Some(*bytes) })
            }
            ("_frombuffer", [Value::Bytes(bytes), Value::Number(kind), ..]) if of_numpy => {
                self.array(Array { kind: Some(*kind), bytes: Some(*bytes) })
            }
            // How protocol 2 writes bytes.
            ("encode", [Value::Text(text), ..]) if module == "_codecs" && text.len() <= self.to_decode => {
                self.to_decode -= text.len();
                let bytes: Option<Vec<u8>> = text.chars().map(|code| u8::try_from(u32::from(code)).ok()).collect();
                bytes.map_or(Value::Opaque, |bytes| self.bytes(Cow::Owned(bytes)))
            }
            _ => Value::Opaque,
        }
    }

    /// Gives an object its state; only arrays have one that counts: version, shape, kind, order, bytes.
    fn build(&mut self, object: Value<'a>, state: Value<'a>) {
        let Value::Array(index) = object else { return };
        if let Some(&[_, _, Value::Number(kind), _, Value::Bytes(bytes)]) = self.sequence(state) {
            self.arrays[index] = Array { kind: Some(kind), bytes: Some(bytes) };
        }
    }
}

fn number_kind(text: &str) -> Option<NumberKind> {
    let [letter @ (b'b' | b'i' | b'u'), size @ (b'1' | b'2' | b'4' | b'8')] =
        *text.trim_start_matches(['<', '|', '=']).as_bytes()
    else {
        return None;
    };
    Some(NumberKind { letter, size: usize::from(size - b'0') })
}

/// A pickle that was read.
#[derive(Debug)]
pub(super) struct Pickled<'a> {
    pub(super) heap: Heap<'a>,
    pub(super) root: Value<'a>,
}

/// Reads the pickle at the beginning of `bytes`.
pub(super) fn read(bytes: &[u8]) -> Result<Pickled<'_>, String> {
    if !matches!(bytes, [0x80, 2..=5, ..]) {
        return Err("it does not begin as a pickle of protocol 2 to 5 does".to_owned());
    }
    let heap = Heap { to_decode: bytes.len(), ..Heap::default() };
    let mut machine = Machine { bytes, at: 0, stack: Vec::new(), marks: Vec::new(), memo: HashMap::new(), heap };
    loop {
        let at = machine.at;
        match machine.step() {
            Ok(None) => {}
            Ok(Some(root)) => return Ok(Pickled { heap: machine.heap, root }),
            Err(reason) => return Err(format!("byte {at}: {reason}")),
        }
    }
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value<'a>>,
    marks: Vec<usize>,
    memo: HashMap<usize, Value<'a>>,
    heap: Heap<'a>,
}

impl<'a> Machine<'a> {
    /// One instruction; STOP gives the value.
    fn step(&mut self) -> Result<Option<Value<'a>>, String> {
        let operation = self.take(1)?[0];
        match operation {
            0x80 => drop(self.take(1)?),
            // FRAME
            0x95 => drop(self.take(8)?),
            b'.' => return self.pop().map(Some),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.above_mark()?),
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b'N' => self.stack.push(Value::None),
            0x88 => self.stack.push(Value::Bool(true)),
            0x89 => self.stack.push(Value::Bool(false)),
            b'K' | b'M' | b'J' | 0x8a => self.integer(operation)?,
            // LONG4
            0x8b => {
                let length = self.length(4)?;
                self.take(length)?;
                self.stack.push(Value::Opaque);
            }
            b'G' => {
                self.take(8)?;
                self.stack.push(Value::Opaque);
            }
            0x8c => self.text(1)?,
            b'X' => self.text(4)?,
            0x8d => self.text(8)?,
            b'U' | b'C' => self.byte_string(1)?,
            b'T' | b'B' => self.byte_string(4)?,
            0x8e | 0x96 => self.byte_string(8)?,
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.stack.push(Value::Name(module, name));
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                self.stack.push(match (module, name) {
                    (Value::Text(module), Value::Text(name)) => Value::Name(module, name),
                    _ => Value::Opaque,
                });
            }
            b')' => self.push_tuple(Vec::new()),
            b'\x85' | b'\x86' | b'\x87' => {
                let items = self.pop_many(usize::from(operation - 0x84))?;
                self.push_tuple(items);
            }
            b't' | b'l' => {
                let items = self.above_mark()?;
                self.push_tuple(items);
            }
            b']' => self.push_tuple(Vec::new()),
            b'}' => self.push_dictionary(&[]),
            b'd' => {
                let items = self.above_mark()?;
                self.push_dictionary(&items);
            }
            b'a' | b'e' => {
                let items = if operation == b'a' { self.pop_many(1)? } else { self.above_mark()? };
                if let Value::Sequence(index) = self.top()? {
                    self.heap.sequences[index].extend(items);
                }
            }
            b's' | b'u' => {
                let items = if operation == b's' { self.pop_many(2)? } else { self.above_mark()? };
                if let Value::Dictionary(index) = self.top()? {
                    self.heap.dictionaries[index].extend(pairs(&items));
                }
            }
            // Sets: EMPTY_SET, ADDITEMS, FROZENSET.
            0x8f => self.stack.push(Value::Opaque),
            0x90 => drop(self.above_mark()?),
            0x91 => {
                self.above_mark()?;
                self.stack.push(Value::Opaque);
            }
            b'q' => self.remember(1)?,
            b'r' => self.remember(4)?,
            0x94 => {
                let place = self.memo.len();
                let top = self.top()?;
                self.memo.insert(place, top);
            }
            b'h' => self.recall(1)?,
            b'j' => self.recall(4)?,
            b'R' => {
                let (arguments, called) = (self.pop()?, self.pop()?);
                let made = self.heap.call(called, arguments);
                self.stack.push(made);
            }
            // NEWOBJ and NEWOBJ_EX, which call a class.
            0x81 => {
                self.pop_many(2)?;
                self.stack.push(Value::Opaque);
            }
            0x92 => {
                self.pop_many(3)?;
                self.stack.push(Value::Opaque);
            }
            b'b' => {
                let (state, object) = (self.pop()?, self.top()?);
                self.heap.build(object, state);
            }
            // BINPERSID, and the buffers of protocol 5, which stand outside.
            b'Q' => {
                self.pop()?;
                self.stack.push(Value::Opaque);
            }
            0x97 => self.stack.push(Value::Opaque),
            0x98 => drop(self.top()?),
            other => return Err(format!("an instruction {other:#04x} that such files do not have")),
        }
        Ok(None)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or("the file ends too early")?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    /// A length of that many bytes.
    fn length(&mut self, size: usize) -> Result<usize, String> {
        let mut all = [0; 8];
        all[..size].copy_from_slice(self.take(size)?);
        usize::try_from(u64::from_le_bytes(all)).map_err(|_| "a length that no file has".to_owned())
    }

    fn line(&mut self) -> Result<&'a str, String> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&byte| byte == b'\n').ok_or("the file ends too early")?;
        self.at += length + 1;
        str::from_utf8(&rest[..length]).map_err(|_| "a name that is no text".to_owned())
    }

    fn integer(&mut self, operation: u8) -> Result<(), String> {
        let (size, signed) = match operation {
            b'K' => (1, false),
            b'M' => (2, false),
            b'J' => (4, true),
            _ => (self.length(1)?, true),
        };
        let bytes = self.take(size)?;
        let negative = signed && bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut all = [if negative { 0xff } else { 0 }; 8];
        self.stack.push(match all.get_mut(..size) {
            Some(low) => {
                low.copy_from_slice(bytes);
                Value::Int(i64::from_le_bytes(all))
            }
            None => Value::Opaque,
        });
        Ok(())
    }

    fn text(&mut self, size: usize) -> Result<(), String> {
        let length = self.length(size)?;
        let text = str::from_utf8(self.take(length)?);
        // Python writes lone surrogates, too, which no name of a chain has.
        self.stack.push(text.map_or(Value::Opaque, Value::Text));
        Ok(())
    }

    fn byte_string(&mut self, size: usize) -> Result<(), String> {
        let length = self.length(size)?;
        let bytes = self.take(length)?;
        let value = self.heap.bytes(Cow::Borrowed(bytes));
        self.stack.push(value);
        Ok(())
    }

    fn push_tuple(&mut self, items: Vec<Value<'a>>) {
        let value = self.heap.tuple(items);
        self.stack.push(value);
    }

    fn push_dictionary(&mut self, items: &[Value<'a>]) {
        self.heap.dictionaries.push(pairs(items).collect());
        self.stack.push(Value::Dictionary(self.heap.dictionaries.len() - 1));
    }

    /// What lies below the last mark belongs to whoever set it.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Result<Value<'a>, String> {
        self.stack[self.floor()..].last().copied().ok_or_else(underflow)
    }

    fn pop(&mut self) -> Result<Value<'a>, String> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Value<'a>>, String> {
        let from = self.stack.len().checked_sub(count).filter(|&from| from >= self.floor()).ok_or_else(underflow)?;
        Ok(self.stack.split_off(from))
    }

    fn above_mark(&mut self) -> Result<Vec<Value<'a>>, String> {
        let mark = self.marks.pop().ok_or_else(underflow)?;
        Ok(self.stack.split_off(mark))
    }

    fn remember(&mut self, size: usize) -> Result<(), String> {
        let (place, top) = (self.length(size)?, self.top()?);
        self.memo.insert(place, top);
        Ok(())
    }

    fn recall(&mut self, size: usize) -> Result<(), String> {
        let place = self.length(size)?;
        let value = self.memo.get(&place).copied().ok_or("it names a value that it did not keep")?;
        self.stack.push(value);
        Ok(())
    }
}

fn pairs<'i, 'a>(items: &'i [Value<'a>]) -> impl Iterator<Item = (Value<'a>, Value<'a>)> + 'i {
    items.chunks_exact(2).map(|pair| (pair[0], pair[1]))
}

fn underflow() -> String {
    "it takes more values than it has made".to_owned()
}
