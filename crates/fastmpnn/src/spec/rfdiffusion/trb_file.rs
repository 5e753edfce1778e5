//! NumPy's arrays, and NumPy's numbers, in a pickle: calls of NumPy's own constructors give an array's bytes, and a call of
//! any other name a value that says nothing.

use std::borrow::Cow;

use crate::pickle::{self, Objects, Pickled};

/// A value of such a pickle.
pub(super) type Value<'a> = pickle::Value<'a, NumpyObject<'a>>;

type Heap<'a> = pickle::Heap<'a, NumpyObject<'a>>;

/// What such a pickle has beside plain values. Byte strings and arrays are indices into [`Arrays`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum NumpyObject<'a> {
    /// Module and name of what could be called.
    Name(&'a str, &'a str),
    Bytes(usize),
    Number(NumberKind),
    Array(usize),
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

/// The arrays that a pickle built.
#[derive(Debug, Default)]
pub(super) struct Arrays<'a> {
    byte_strings: Vec<Cow<'a, [u8]>>,
    arrays: Vec<Array>,
    /// How many bytes of text may still be made byte strings: a file does so once with each of its own.
    to_decode: usize,
}

impl<'a> Arrays<'a> {
    /// The integer that a value is, or an array of one.
    fn integer(&self, value: Value<'a>) -> Option<i64> {
        match value {
            Value::Bool(value) => Some(i64::from(value)),
            Value::Int(value) => Some(value),
            Value::Object(NumpyObject::Array(index)) => {
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
        Value::Object(NumpyObject::Bytes(self.byte_strings.len() - 1))
    }

    fn array(&mut self, kind: Option<NumberKind>, bytes: Option<usize>) -> Value<'a> {
        self.arrays.push(Array { kind, bytes });
        Value::Object(NumpyObject::Array(self.arrays.len() - 1))
    }
}

impl<'a> Objects<'a> for Arrays<'a> {
    type Object = NumpyObject<'a>;

    const FILE: &'static str = ".trb file";

    const LONGEST: usize = usize::MAX;

    fn named(&mut self, module: &'a str, name: &'a str) -> Result<Value<'a>, String> {
        Ok(Value::Object(NumpyObject::Name(module, name)))
    }

    fn call(&mut self, heap: &mut Heap<'a>, called: Value<'a>, arguments: Value<'a>) -> Result<Value<'a>, String> {
        use NumpyObject::{Bytes, Number};
        let Value::Object(NumpyObject::Name(module, name)) = called else { return Ok(Value::Inert) };
        let of_numpy = module == "numpy" || module.starts_with("numpy.");
        Ok(match (name, heap.sequence(arguments).unwrap_or_default()) {
            ("dtype", [Value::Text(text), ..]) if of_numpy => {
                number_kind(text).map_or(Value::Inert, |kind| Value::Object(Number(kind)))
            }
            ("_reconstruct", _) if of_numpy => self.array(None, None),
            ("scalar", &[Value::Object(Number(kind)), Value::Object(Bytes(bytes))]) if of_numpy => {
                self.array(Some(kind), Some(bytes))
            }
            ("_frombuffer", &[Value::Object(Bytes(bytes)), Value::Object(Number(kind)), ..]) if of_numpy => {
                self.array(Some(kind), Some(bytes))
            }
            // How protocol 2 writes bytes.
            ("encode", [Value::Text(text), ..]) if module == "_codecs" && text.len() <= self.to_decode => {
                self.to_decode -= text.len();
                let bytes: Option<Vec<u8>> = text.chars().map(|code| u8::try_from(u32::from(code)).ok()).collect();
                bytes.map_or(Value::Inert, |bytes| self.bytes(Cow::Owned(bytes)))
            }
            _ => Value::Inert,
        })
    }

    /// Only arrays have a state that counts: version, shape, kind, order, bytes.
    fn build(&mut self, heap: &Heap<'a>, object: Value<'a>, state: Value<'a>) {
        use NumpyObject::{Bytes, Number};
        let Value::Object(NumpyObject::Array(index)) = object else { return };
        if let Some(&[_, _, Value::Object(Number(kind)), _, Value::Object(Bytes(bytes))]) = heap.sequence(state) {
            self.arrays[index] = Array { kind: Some(kind), bytes: Some(bytes) };
        }
    }

    fn byte_string(&mut self, bytes: &'a [u8]) -> Value<'a> {
        self.bytes(Cow::Borrowed(bytes))
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

/// A `.trb` file.
pub(super) struct TrbFile<'a>(Pickled<'a, Arrays<'a>>);

impl<'a> TrbFile<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<TrbFile<'a>, String> {
        if !matches!(bytes, [0x80, 2..=5, ..]) {
            return Err("it does not begin as a pickle of protocol 2 to 5 does".to_owned());
        }
        let arrays = Arrays { to_decode: bytes.len(), ..Arrays::default() };
        let read = pickle::read(bytes, arrays);
        read.map(TrbFile).map_err(|pickle::Damage { byte, reason }| format!("byte {byte}: {reason}"))
    }

    /// Its entries, in the order of their writing; of equal keys the last counts.
    pub(super) fn entries(&self) -> Option<&[(Value<'a>, Value<'a>)]> {
        self.0.heap.dictionary(self.0.root)
    }

    /// Truth values of an array or list.
    pub(super) fn flags(&self, value: Value<'a>) -> Option<Vec<bool>> {
        let Pickled { heap, objects, .. } = &self.0;
        let flag = |number: i64| number != 0;
        match value {
            Value::Object(NumpyObject::Array(index)) => Some(objects.numbers(index)?.into_iter().map(flag).collect()),
            _ => heap.sequence(value)?.iter().map(|item| objects.integer(*item).map(flag)).collect(),
        }
    }

    /// Chain and number of each residue of a list: `('A', 12)`.
    pub(super) fn places(&self, value: Value<'a>) -> Option<Vec<(String, i64)>> {
        let Pickled { heap, objects, .. } = &self.0;
        let place = |item: &Value<'a>| match *heap.sequence(*item)? {
            [Value::Text(chain), number] => Some((chain.to_owned(), objects.integer(number)?)),
            _ => None,
        };
        heap.sequence(value)?.iter().map(place).collect()
    }
}
