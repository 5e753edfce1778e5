//! The stack machine.

use std::collections::HashMap;

use super::{Heap, Objects, Pairs, Value};

/// Why a pickle cannot be read.
#[derive(Debug)]
pub(crate) struct Damage {
    /// The byte offset of the instruction.
    pub(crate) byte: usize,
    /// The reason, as the end of a sentence.
    pub(crate) reason: String,
}

/// A pickle that was read.
#[derive(Debug)]
pub(crate) struct Pickled<'a, O: Objects<'a>> {
    pub(crate) heap: Heap<'a, O::Object>,
    /// Holds the values of the file's own kinds.
    pub(crate) objects: O,
    pub(crate) root: Value<'a, O::Object>,
    /// The number of bytes read, the final STOP included.
    pub(crate) length: usize,
}

/// Runs the pickle at the beginning of `bytes`. An error names the byte.
pub(crate) fn read<'a, O: Objects<'a>>(bytes: &'a [u8], objects: O) -> Result<Pickled<'a, O>, Damage> {
    let mut machine = Machine {
        bytes: &bytes[..bytes.len().min(O::LONGEST)],
        objects,
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
            Ok(Some(root)) => {
                let Machine { heap, objects, at: length, .. } = machine;
                return Ok(Pickled { heap, objects, root, length });
            }
            Err(reason) => return Err(Damage { byte: at, reason }),
        }
    }
}

struct Machine<'a, O: Objects<'a>> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value<'a, O::Object>>,
    marks: Vec<usize>,
    memo: HashMap<u32, Value<'a, O::Object>>,
    heap: Heap<'a, O::Object>,
    objects: O,
}

impl<'a, O: Objects<'a>> Machine<'a, O> {
    /// Carries out one instruction; the value is that of STOP.
    fn step(&mut self) -> Result<Option<Value<'a, O::Object>>, String> {
        let opcode = self.byte()?;
        match opcode {
            b'.' => return self.pop().map(Some), // STOP
            // PROTO
            0x80 => match self.byte()? {
                2..=5 => {}
                other => return Err(format!("pickle protocol {other} is not supported, only 2 to 5")),
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
                let list = self.top()?;
                self.heap.append(list, items)?;
            }
            b'e' | 0x90 => {
                let items = self.above_mark()?;
                let list = self.top()?;
                self.heap.append(list, items)?;
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
                let (dictionary, pairs) = (self.top()?, pairs(&items)?);
                self.heap.set_items(dictionary, pairs)?;
            }
            b'u' => {
                let items = self.above_mark()?;
                let (dictionary, pairs) = (self.top()?, pairs(&items)?);
                self.heap.set_items(dictionary, pairs)?;
            }
            // Names and calls
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                let value = self.objects.named(module, name)?;
                self.push(value);
            }
            0x93 => match self.pop_many(2)?[..] {
                [Value::Text(module), Value::Text(name)] => {
                    let value = self.objects.named(module, name)?;
                    self.push(value);
                }
                _ => return Err("a name is not text".to_owned()),
            },
            b'R' | 0x81 => {
                let [called, arguments] = self.pop_many(2)?[..] else { return Err(underflow()) };
                let value = self.objects.call(&mut self.heap, called, arguments)?;
                self.push(value);
            }
            0x92 => {
                let [called, arguments, _] = self.pop_many(3)?[..] else { return Err(underflow()) };
                let value = self.objects.call(&mut self.heap, called, arguments)?;
                self.push(value);
            }
            b'b' => {
                let (state, object) = (self.pop()?, self.top()?);
                self.objects.build(&self.heap, object, state);
            }
            b'Q' => {
                let identity = self.pop()?;
                let value = self.objects.persistent(&self.heap, identity)?;
                self.push(value);
            }
            // The out-of-band buffers of protocol 5.
            0x97 => self.push(Value::Inert),
            0x98 => drop(self.top()?),
            other => return Err(format!("instruction 0x{other:02x} belongs to no {}", O::FILE)),
        }
        Ok(None)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or_else(|| {
            if self.bytes.len() < O::LONGEST {
                "the pickle ends early".to_owned()
            } else {
                format!("the pickle is longer than that of any {}", O::FILE)
            }
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
        // Python also writes lone surrogates, which no name has.
        let value = std::str::from_utf8(self.take(length)?).map_or(Value::Inert, Value::Text);
        self.push(value);
        Ok(())
    }

    fn byte_string(&mut self, length: usize) -> Result<(), String> {
        let bytes = self.take(length)?;
        let value = self.objects.byte_string(bytes);
        self.push(value);
        Ok(())
    }

    /// A little-endian integer of `length` bytes; one wider than 64 bits is of no use to any reader.
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

    fn push(&mut self, value: Value<'a, O::Object>) {
        self.stack.push(value);
    }

    fn push_sequence(&mut self, items: Vec<Value<'a, O::Object>>) {
        let value = self.heap.new_sequence(items);
        self.push(value);
    }

    /// The values below the last mark cannot be popped until the mark is removed.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Result<Value<'a, O::Object>, String> {
        self.stack[self.floor()..].last().copied().ok_or_else(underflow)
    }

    fn pop(&mut self) -> Result<Value<'a, O::Object>, String> {
        let value = self.top()?;
        self.stack.pop();
        Ok(value)
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Value<'a, O::Object>>, String> {
        let start = self.stack.len().checked_sub(count).filter(|&start| start >= self.floor()).ok_or_else(underflow)?;
        Ok(self.stack.split_off(start))
    }

    fn above_mark(&mut self) -> Result<Vec<Value<'a, O::Object>>, String> {
        let mark = self.marks.pop().ok_or_else(|| "a mark is missing".to_owned())?;
        Ok(self.stack.split_off(mark))
    }

    fn remember(&mut self, place: u32) -> Result<(), String> {
        let value = self.top()?;
        self.memo.insert(place, value);
        Ok(())
    }

    fn recall(&mut self, place: u32) -> Result<(), String> {
        let value = self.memo.get(&place).copied().ok_or_else(|| format!("value {place} is not in the memo"))?;
        self.push(value);
        Ok(())
    }
}

fn pairs<'a, O: Copy>(items: &[Value<'a, O>]) -> Result<Pairs<'a, O>, String> {
    if items.len().is_multiple_of(2) {
        Ok(items.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
    } else {
        Err("a key has no value".to_owned())
    }
}

fn underflow() -> String {
    "a value is missing".to_owned()
}
