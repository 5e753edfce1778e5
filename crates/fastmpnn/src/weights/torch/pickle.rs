//! The pickle machine: protocols 2 to 5, as far as checkpoints use them.
//!
//! A pickle is a program for a stack machine. Its dangerous instruction is "call what this name stands for". Here a name
//! stands for nothing but an entry of [`Constructor`]'s list, each of which builds a plain value; any other name ends the
//! reading. Nothing is imported or called, whatever the file says.
//!
//! Lists, tuples and dictionaries live in the heap's tables and are named by index, so that a file can neither make a deep
//! value that overflows the stack nor multiply a large one by copying it. An instruction makes at most one value, and
//! a program's length is bounded.

use std::collections::HashMap;

use super::constructor::{Constructor, NumberType};

/// A pickle that is longer describes no checkpoint: those published take 33 kB, with an optimizer's state three times that.
pub(super) const LONGEST: usize = 4 << 20;

/// A value on the stack. Containers are indices into the [`Heap`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    /// A tuple or list.
    Sequence(usize),
    Dictionary(usize),
    Constructor(Constructor),
    Storage(usize),
    Tensor(usize),
    /// Something a checkpoint may hold that says nothing about its weights.
    Inert,
}

/// Numbers in a row that tensors are views of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Storage<'a> {
    pub(super) numbers: NumberType,
    /// The record's name in the container.
    pub(super) key: &'a str,
    /// How many numbers.
    pub(super) length: usize,
}

/// A tensor: a view of a storage.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// Index into the heap's storages.
    pub(super) storage: usize,
    /// The first number's place in the storage.
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    /// Numbers between neighbors along each dimension.
    pub(super) stride: Vec<usize>,
}

/// Everything a pickle built.
#[derive(Debug, Default)]
pub(super) struct Heap<'a> {
    sequences: Vec<Vec<Value<'a>>>,
    dictionaries: Vec<Vec<(Value<'a>, Value<'a>)>>,
    pub(super) storages: Vec<Storage<'a>>,
    /// Where each storage stands: tensors that share one name it anew each time.
    known_storages: HashMap<Storage<'a>, usize>,
    pub(super) views: Vec<View>,
}

impl<'a> Heap<'a> {
    /// The items of a tuple or list.
    pub(super) fn sequence(&self, value: Value<'a>) -> Option<&[Value<'a>]> {
        match value {
            Value::Sequence(index) => Some(&self.sequences[index]),
            _ => None,
        }
    }

    /// The pairs of a dictionary in the order of their writing; of equal keys the last counts.
    pub(super) fn dictionary(&self, value: Value<'a>) -> Option<&[(Value<'a>, Value<'a>)]> {
        match value {
            Value::Dictionary(index) => Some(&self.dictionaries[index]),
            _ => None,
        }
    }

    pub(super) fn new_sequence(&mut self, items: Vec<Value<'a>>) -> Value<'a> {
        self.sequences.push(items);
        Value::Sequence(self.sequences.len() - 1)
    }

    pub(super) fn new_dictionary(&mut self, pairs: Vec<(Value<'a>, Value<'a>)>) -> Value<'a> {
        self.dictionaries.push(pairs);
        Value::Dictionary(self.dictionaries.len() - 1)
    }

    pub(super) fn new_storage(&mut self, storage: Storage<'a>) -> Value<'a> {
        let next = self.storages.len();
        let index = *self.known_storages.entry(storage.clone()).or_insert(next);
        if index == next {
            self.storages.push(storage);
        }
        Value::Storage(index)
    }

    pub(super) fn new_tensor(&mut self, view: View) -> Value<'a> {
        self.views.push(view);
        Value::Tensor(self.views.len() - 1)
    }
}

/// A pickle that was read.
#[derive(Debug)]
pub(super) struct Pickled<'a> {
    pub(super) heap: Heap<'a>,
    pub(super) root: Value<'a>,
    /// Bytes taken, the final STOP included.
    pub(super) length: usize,
}

/// Runs the pickle at the beginning of `bytes`. An error names the byte.
pub(super) fn read(bytes: &[u8]) -> Result<Pickled<'_>, String> {
    let mut machine = Machine {
        bytes: &bytes[..bytes.len().min(LONGEST)],
        at: 0,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        heap: Heap::default(),
    };
    loop {
        let at = machine.at;
        match machine.step() {
            Ok(None) => {}
            Ok(Some(root)) => return Ok(Pickled { heap: machine.heap, root, length: machine.at }),
            Err(reason) => return Err(format!("byte {at} of its pickle: {reason}")),
        }
    }
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value<'a>>,
    marks: Vec<usize>,
    memo: HashMap<u32, Value<'a>>,
    heap: Heap<'a>,
}

impl<'a> Machine<'a> {
    /// Carries out one instruction; the value is that of STOP.
    fn step(&mut self) -> Result<Option<Value<'a>>, String> {
        let opcode = self.byte()?;
        match opcode {
            b'.' => return self.pop().map(Some), // STOP
            // PROTO
            0x80 => match self.byte()? {
                2..=5 => {}
                other => return Err(format!("pickle protocol {other} is not read, only 2 to 5")),
            },
            0x95 => drop(self.take(8)?), // FRAME
            // Constants
            b'N' => self.push(Value::None),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'K' => {
                let value = self.byte()?;
                self.push(Value::Int(value.into()));
            }
            b'M' => {
                let value = u16::from_le_bytes(self.array()?);
                self.push(Value::Int(value.into()));
            }
            b'J' => {
                let value = i32::from_le_bytes(self.array()?);
                self.push(Value::Int(value.into()));
            }
            0x8a => {
                let length = self.byte()?.into();
                self.long(length)?;
            }
            0x8b => {
                let length = self.length4()?;
                self.long(length)?;
            }
            b'G' => {
                let value = f64::from_be_bytes(self.array()?);
                self.push(Value::Float(value));
            }
            b'X' => {
                let length = self.length4()?;
                self.text(length)?;
            }
            0x8c => {
                let length = self.byte()?.into();
                self.text(length)?;
            }
            0x8d => {
                let length = self.length8()?;
                self.text(length)?;
            }
            // Byte strings: of protocol 2 in Python 2, or numbers that another program packed.
            b'U' | b'C' => {
                let length = self.byte()?.into();
                self.byte_string(length)?;
            }
            b'T' | b'B' => {
                let length = self.length4()?;
                self.byte_string(length)?;
            }
            0x8e | 0x96 => {
                let length = self.length8()?;
                self.byte_string(length)?;
            }
            // The stack
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.above_mark()?),
            b'2' => {
                let value = self.top()?;
                self.push(value);
            }
            // The memo
            b'q' => {
                let place = self.byte()?.into();
                self.remember(place)?;
            }
            b'r' => {
                let place = u32::from_le_bytes(self.array()?);
                self.remember(place)?;
            }
            0x94 => {
                let place = u32::try_from(self.memo.len()).map_err(|_| "too many values".to_owned())?;
                self.remember(place)?;
            }
            b'h' => {
                let place = self.byte()?.into();
                self.recall(place)?;
            }
            b'j' => {
                let place = u32::from_le_bytes(self.array()?);
                self.recall(place)?;
            }
            // Containers
            b')' | b']' | 0x8f => self.push_sequence(Vec::new()),
            b't' | b'l' | 0x91 => {
                let items = self.above_mark()?;
                self.push_sequence(items);
            }
            0x85..=0x87 => {
                let items = self.pop_many(usize::from(opcode - 0x84))?;
                self.push_sequence(items);
            }
            b'a' => {
                let items = self.pop_many(1)?;
                self.append(items)?;
            }
            b'e' | 0x90 => {
                let items = self.above_mark()?;
                self.append(items)?;
            }
            b'}' => {
                let value = self.heap.new_dictionary(Vec::new());
                self.push(value);
            }
            b'd' => {
                let pairs = pairs(&self.above_mark()?)?;
                let value = self.heap.new_dictionary(pairs);
                self.push(value);
            }
            b's' => {
                let items = self.pop_many(2)?;
                self.set_items(&items)?;
            }
            b'u' => {
                let items = self.above_mark()?;
                self.set_items(&items)?;
            }
            // Names and calls
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.push(Value::Constructor(Constructor::named(module, name)?));
            }
            0x93 => match self.pop_many(2)?[..] {
                [Value::Text(module), Value::Text(name)] => {
                    self.push(Value::Constructor(Constructor::named(module, name)?));
                }
                _ => return Err("a name is not text".to_owned()),
            },
            b'R' | 0x81 => {
                let [called, arguments] = self.pop_many(2)?[..] else { return Err(underflow()) };
                let value = self.call(called, arguments)?;
                self.push(value);
            }
            0x92 => {
                let [called, arguments, _] = self.pop_many(3)?[..] else { return Err(underflow()) };
                let value = self.call(called, arguments)?;
                self.push(value);
            }
            // BUILD sets attributes of what is below: an OrderedDict's `_metadata`, which only names versions of layers.
            b'b' => drop(self.pop()?),
            b'Q' => {
                let identity = self.pop()?;
                let value = super::constructor::storage(&mut self.heap, identity)?;
                self.push(value);
            }
            other => return Err(format!("instruction 0x{other:02x} belongs to no checkpoint")),
        }
        Ok(None)
    }

    fn call(&mut self, called: Value<'a>, arguments: Value<'a>) -> Result<Value<'a>, String> {
        match called {
            Value::Constructor(constructor) => constructor.call(&mut self.heap, arguments),
            Value::Inert => Ok(Value::Inert),
            _ => Err("it calls something that has no name".to_owned()),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or_else(|| {
            if self.bytes.len() < LONGEST {
                "the pickle ends early"
            } else {
                "the pickle is longer than any checkpoint's"
            }
            .to_owned()
        })?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    fn array<const COUNT: usize>(&mut self) -> Result<[u8; COUNT], String> {
        let mut bytes = [0; COUNT];
        bytes.copy_from_slice(self.take(COUNT)?);
        Ok(bytes)
    }

    fn length4(&mut self) -> Result<usize, String> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    fn length8(&mut self) -> Result<usize, String> {
        usize::try_from(u64::from_le_bytes(self.array()?)).map_err(|_| "the pickle ends early".to_owned())
    }

    /// The text up to the end of the line.
    fn line(&mut self) -> Result<&'a str, String> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&byte| byte == b'\n').ok_or("a name has no end")?;
        self.at += length + 1;
        std::str::from_utf8(&rest[..length]).map_err(|_| "a name is not UTF-8".to_owned())
    }

    fn text(&mut self, length: usize) -> Result<(), String> {
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| "a text is not UTF-8".to_owned())?;
        self.push(Value::Text(text));
        Ok(())
    }

    fn byte_string(&mut self, length: usize) -> Result<(), String> {
        let value = std::str::from_utf8(self.take(length)?).map_or(Value::Inert, Value::Text);
        self.push(value);
        Ok(())
    }

    /// A little-endian integer of that many bytes; one that is wider than 64 bits is no number of a checkpoint's.
    fn long(&mut self, length: usize) -> Result<(), String> {
        let bytes = self.take(length)?;
        let negative = bytes.last().is_some_and(|&byte| byte >= 0x80);
        let value = if bytes.len() > 8 {
            Value::Inert
        } else {
            let mut wide = [if negative { 0xff } else { 0 }; 8];
            wide[..bytes.len()].copy_from_slice(bytes);
            Value::Int(i64::from_le_bytes(wide))
        };
        self.push(value);
        Ok(())
    }

    fn push(&mut self, value: Value<'a>) {
        self.stack.push(value);
    }

    fn push_sequence(&mut self, items: Vec<Value<'a>>) {
        let value = self.heap.new_sequence(items);
        self.push(value);
    }

    /// The values below the last mark are out of reach until it is taken away.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Result<Value<'a>, String> {
        self.stack[self.floor()..].last().copied().ok_or_else(underflow)
    }

    fn pop(&mut self) -> Result<Value<'a>, String> {
        let value = self.top()?;
        self.stack.pop();
        Ok(value)
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Value<'a>>, String> {
        let start = self.stack.len().checked_sub(count).filter(|&start| start >= self.floor()).ok_or_else(underflow)?;
        Ok(self.stack.split_off(start))
    }

    fn above_mark(&mut self) -> Result<Vec<Value<'a>>, String> {
        let mark = self.marks.pop().ok_or_else(|| "a mark is missing".to_owned())?;
        Ok(self.stack.split_off(mark))
    }

    fn remember(&mut self, place: u32) -> Result<(), String> {
        let value = self.top()?;
        self.memo.insert(place, value);
        Ok(())
    }

    fn recall(&mut self, place: u32) -> Result<(), String> {
        let value = self.memo.get(&place).copied().ok_or_else(|| format!("value {place} was never remembered"))?;
        self.push(value);
        Ok(())
    }

    fn append(&mut self, items: Vec<Value<'a>>) -> Result<(), String> {
        match self.top()? {
            Value::Sequence(index) => self.heap.sequences[index].extend(items),
            Value::Inert => {}
            _ => return Err("it appends to something that is no list".to_owned()),
        }
        Ok(())
    }

    fn set_items(&mut self, items: &[Value<'a>]) -> Result<(), String> {
        let pairs = pairs(items)?;
        match self.top()? {
            Value::Dictionary(index) => self.heap.dictionaries[index].extend(pairs),
            Value::Inert => {}
            _ => return Err("it sets items of something that is no dictionary".to_owned()),
        }
        Ok(())
    }
}

fn pairs<'a>(items: &[Value<'a>]) -> Result<Vec<(Value<'a>, Value<'a>)>, String> {
    if items.len().is_multiple_of(2) {
        Ok(items.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
    } else {
        Err("a key has no value".to_owned())
    }
}

fn underflow() -> String {
    "a value is missing".to_owned()
}
