//! The format of `torch.save` before PyTorch 1.6, still available on request: pickles one after the other (a magic
//! number, a protocol version, facts about the machine, the object, the storages' keys), then the storages themselves.

use std::collections::HashMap;
use std::ops::Range;

use super::tensors::{self, NumberType, Tensors, Value};
use crate::pickle::Pickled;

/// The pickled magic number, 0x1950a86a20f9469cfc6c, in protocol 2.
const MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

/// The version of the layout that follows.
const LAYOUT: i64 = 1001;

pub(super) struct Stream<'a> {
    bytes: &'a [u8],
    pub(super) object: Pickled<'a, Tensors<'a>>,
    /// Where each storage's numbers are.
    records: HashMap<&'a str, Range<usize>>,
}

impl<'a> Stream<'a> {
    pub(super) fn looks_like(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    pub(super) fn open(bytes: &'a [u8]) -> Result<Stream<'a>, String> {
        let mut at = MAGIC.len();
        let mut next = || {
            let pickled = tensors::read(&bytes[at..])?;
            at += pickled.length;
            Ok::<_, String>(pickled)
        };
        if next()?.root != Value::Int(LAYOUT) {
            return Err("its layout is of an unknown version".to_owned());
        }
        let machine = next()?;
        let facts = machine.heap.dictionary(machine.root).ok_or("it does not say what machine wrote it")?;
        if !facts.contains(&(Value::Text("little_endian"), Value::Bool(true))) {
            return Err("its numbers are big-endian".to_owned());
        }
        let object = next()?;
        let keys = next()?;
        let keys = keys.heap.sequence(keys.root).ok_or("it does not list its storages")?;
        let kinds: HashMap<&str, NumberType> =
            object.objects.storages.iter().map(|storage| (storage.key, storage.numbers)).collect();
        let mut records = HashMap::new();
        for key in keys {
            let Value::Text(key) = *key else { return Err("a storage's key is not text".to_owned()) };
            let kind = kinds.get(key).ok_or("a storage belongs to no tensor")?;
            let early = || "a storage ends early".to_owned();
            let length = bytes.get(at..at + 8).and_then(|length| length.try_into().ok()).ok_or_else(early)?;
            let numbers = usize::try_from(u64::from_le_bytes(length)).map_err(|_| early())?;
            let start = at + 8;
            let end = numbers.checked_mul(kind.width()).and_then(|length| start.checked_add(length));
            at = end.filter(|&end| end <= bytes.len()).ok_or_else(early)?;
            records.insert(key, start..at);
        }
        Ok(Stream { bytes, object, records })
    }

    /// The storage called `key`, which must have `length` bytes.
    pub(super) fn record(&self, key: &str, length: usize) -> Result<Vec<u8>, String> {
        match self.records.get(key) {
            Some(range) if range.len() == length => Ok(self.bytes[range.clone()].to_vec()),
            _ => Err(format!("a storage of {length} bytes is missing")),
        }
    }
}
