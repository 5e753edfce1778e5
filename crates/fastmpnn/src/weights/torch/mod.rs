//! The files of `torch.save`: tensors and numbers in a pickle, the tensors' storages beside it.
//!
//! Two containers: a zip archive (PyTorch 1.6 and later, every published checkpoint), and before that a stream of pickles.
//! The pickle says which numbers of which storage a tensor is; only the storages of wanted tensors are read, one at a time.

mod archive;
mod stream;
mod tensors;

use std::collections::HashMap;

use self::archive::Archive;
use self::stream::Stream;
use self::tensors::Tensors;
use self::tensors::{NumberType, TorchObject, Value, View};
use super::number::{bf16_to_f32, f16_to_f32};
use super::{MOST_NUMBERS, Tensor};
use crate::pickle::Pickled;

/// The contents of a file.
pub(super) struct Contents {
    pub(super) tensors: HashMap<String, Tensor>,
    /// Numbers and short texts beside the tensors, such as `num_edges`.
    pub(super) scalars: HashMap<String, String>,
}

/// Whether `bytes` begin like a file of `torch.save`.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    Archive::looks_like(bytes) || Stream::looks_like(bytes)
}

/// Reads a file; the error is the end of a sentence.
pub(super) fn read(bytes: &[u8]) -> Result<Contents, String> {
    let most = MOST_NUMBERS.min(bytes.len().saturating_mul(MOST_A_BYTE));
    if Stream::looks_like(bytes) {
        let stream = Stream::open(bytes)?;
        contents(&stream.object, most, |key, length| stream.record(key, length))
    } else {
        let mut archive = Archive::open(bytes)?;
        let program = archive.pickle()?;
        let pickled = tensors::read(&program)?;
        contents(&pickled, most, |key, length| archive.record(key, length))
    }
}

/// The most numbers per byte of a file. f16 makes it 0.5, and tensors that share or repeat numbers a little more; a
/// file that unpacks to many times its size is meant to exhaust memory.
const MOST_A_BYTE: usize = 4;

/// The keys under which training programs put the tensors.
const STATE_KEYS: [&str; 2] = ["model_state_dict", "state_dict"];

/// What a model wrapped for several devices puts before each tensor's name.
const WRAPPER: &str = "module.";

/// The longest text that is kept.
const LONGEST_TEXT: usize = 200;

fn contents<'a>(
    pickled: &Pickled<'a, Tensors<'a>>,
    most: usize,
    mut record: impl FnMut(&str, usize) -> Result<Vec<u8>, String>,
) -> Result<Contents, String> {
    let Pickled { heap, objects, root, .. } = pickled;
    let entries = heap.dictionary(*root).ok_or("it holds no dictionary of tensors")?;
    let nested = STATE_KEYS.iter().find_map(|&wanted| {
        entries.iter().rev().find(|(key, _)| *key == Value::Text(wanted)).and_then(|&(_, value)| heap.dictionary(value))
    });
    let views: HashMap<&str, &View> = nested
        .unwrap_or(entries)
        .iter()
        .filter_map(|&(key, value)| match (key, value) {
            (Value::Text(name), Value::Object(TorchObject::Tensor(index))) => Some((name, &objects.views[index])),
            _ => None,
        })
        .collect();
    let mut scalars = HashMap::new();
    for &(key, value) in entries {
        let text = match value {
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => value.to_string(),
            Value::Text(value) if value.len() <= LONGEST_TEXT => value.to_owned(),
            _ => continue,
        };
        if let Value::Text(name) = key
            && name.len() <= LONGEST_TEXT
        {
            scalars.insert(name.to_owned(), text);
        }
    }
    let wrapped = views.keys().all(|name| name.starts_with(WRAPPER));
    let mut wanted: Vec<(&str, &View)> = views.into_iter().collect();
    // Sorted by storage, so that a shared storage is read once.
    wanted.sort_unstable_by_key(|(name, view)| (view.storage, *name));
    let mut tensors = HashMap::with_capacity(wanted.len());
    let mut total = 0_usize;
    let mut start = 0;
    while let Some((_, first)) = wanted.get(start) {
        let sharing = wanted[start..].iter().take_while(|(_, view)| view.storage == first.storage).count();
        let storage = &objects.storages[first.storage];
        let group = &wanted[start..start + sharing];
        start += sharing;
        if matches!(storage.numbers, NumberType::Whole(_)) {
            continue;
        }
        // Check sizes first: nothing is read or reserved for numbers that cannot be there.
        for (name, view) in group {
            let count = check(view, storage.length).map_err(|reason| format!("tensor {name} {reason}"))?;
            total = total.saturating_add(count);
        }
        if total > most || storage.length > most {
            return Err(format!("it asks for more than {most} numbers"));
        }
        let stored = numbers(storage.numbers, &record(storage.key, storage.length * storage.numbers.width())?);
        for (name, view) in group {
            let name = if wrapped { &name[WRAPPER.len()..] } else { name };
            let values = gather(view, &stored);
            tensors.insert(name.to_owned(), Tensor::new(view.shape.clone(), values));
        }
    }
    Ok(Contents { tensors, scalars })
}

/// The number of elements of a view, all of which must lie within a storage of `length` elements.
fn check(view: &View, length: usize) -> Result<usize, String> {
    let count = view.shape.iter().try_fold(1_usize, |count, &size| count.checked_mul(size));
    let count = count.filter(|&count| count <= MOST_NUMBERS).ok_or("is larger than any network here")?;
    if count == 0 {
        return Ok(0);
    }
    let last = view.shape.iter().zip(&view.stride).try_fold(view.offset, |place, (&size, &stride)| {
        (size - 1).checked_mul(stride).and_then(|reach| place.checked_add(reach))
    });
    if last.is_some_and(|last| last < length) { Ok(count) } else { Err("reaches beyond its storage".to_owned()) }
}

fn numbers(kind: NumberType, bytes: &[u8]) -> Vec<f32> {
    let two = |convert: fn(u16) -> f32| {
        bytes.as_chunks().0.iter().map(|&pair| convert(u16::from_le_bytes(pair))).collect::<Vec<f32>>()
    };
    match kind {
        NumberType::F32 => bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
        NumberType::F64 => bytes.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes) as f32).collect(),
        NumberType::F16 => two(f16_to_f32),
        NumberType::BF16 => two(bf16_to_f32),
        NumberType::Whole(_) => Vec::new(),
    }
}

/// The numbers of a view in row-major order.
fn gather(view: &View, numbers: &[f32]) -> Vec<f32> {
    let count = view.shape.iter().product();
    let mut values = Vec::with_capacity(count);
    let mut index = vec![0; view.shape.len()];
    let mut place = view.offset;
    while values.len() < count {
        values.push(numbers[place]);
        // The next index, the last dimension first.
        for dimension in (0..index.len()).rev() {
            index[dimension] += 1;
            place += view.stride[dimension];
            if index[dimension] < view.shape[dimension] {
                break;
            }
            place -= index[dimension] * view.stride[dimension];
            index[dimension] = 0;
        }
    }
    values
}
