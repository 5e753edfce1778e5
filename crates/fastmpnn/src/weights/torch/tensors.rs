//! The tensors of a checkpoint's pickle: the names that it may use, and the values that they build.

use std::collections::HashMap;

use crate::pickle::{self, Objects};

/// A value of a checkpoint's pickle.
pub(super) type Value<'a> = pickle::Value<'a, TorchObject>;

/// Its containers.
pub(super) type Heap<'a> = pickle::Heap<'a, TorchObject>;

/// The values of a checkpoint's pickle beside plain ones. Storages and tensors are indices into the [`Tensors`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum TorchObject {
    Constructor(Constructor),
    Storage(usize),
    Tensor(usize),
}

/// A run of numbers that tensors are views of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Storage<'a> {
    pub(super) numbers: NumberType,
    /// The record's name in the container.
    pub(super) key: &'a str,
    /// The number of elements.
    pub(super) length: usize,
}

/// A tensor: a view of a storage.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// Index into the heap's storages.
    pub(super) storage: usize,
    /// The index of the first number in the storage.
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    /// The distance between neighbors along each dimension, in numbers.
    pub(super) stride: Vec<usize>,
}

/// The tensors that a pickle built.
#[derive(Debug, Default)]
pub(super) struct Tensors<'a> {
    pub(super) storages: Vec<Storage<'a>>,
    /// The index of each storage: tensors that share a storage describe it anew each time.
    known_storages: HashMap<Storage<'a>, usize>,
    pub(super) views: Vec<View>,
}

/// The meaning of a name in the pickle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Constructor {
    Dictionary,
    /// `torch._utils._rebuild_tensor_v2` and the older `_rebuild_tensor`.
    Tensor,
    /// `torch._utils._rebuild_parameter`: a tensor that is trained.
    Parameter,
    /// The type of a storage.
    Storage(NumberType),
    /// A value beside the weights that does not describe them; it is ignored.
    Inert,
}

/// The numbers of a storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum NumberType {
    F64,
    F32,
    F16,
    BF16,
    /// Integers, booleans or bytes of that width, in bytes; not weights, and skipped.
    Whole(usize),
}

impl NumberType {
    /// The width of a number, bytes.
    pub(super) fn width(self) -> usize {
        match self {
            NumberType::F64 => 8,
            NumberType::F32 => 4,
            NumberType::F16 | NumberType::BF16 => 2,
            NumberType::Whole(width) => width,
        }
    }

    fn of_storage(name: &str) -> Option<NumberType> {
        Some(match name {
            "FloatStorage" => NumberType::F32,
            "DoubleStorage" => NumberType::F64,
            "HalfStorage" => NumberType::F16,
            "BFloat16Storage" => NumberType::BF16,
            "LongStorage" => NumberType::Whole(8),
            "IntStorage" => NumberType::Whole(4),
            "ShortStorage" => NumberType::Whole(2),
            "CharStorage" | "ByteStorage" | "BoolStorage" | "UntypedStorage" => NumberType::Whole(1),
            _ => return None,
        })
    }
}

/// More dimensions than any tensor here has.
const MOST_DIMENSIONS: usize = 8;

impl Constructor {
    /// Looks up a name in the list of allowed names.
    pub(super) fn named(module: &str, name: &str) -> Result<Constructor, String> {
        let known = match (module, name) {
            ("collections", "OrderedDict" | "defaultdict") | ("builtins" | "__builtin__", "dict") => {
                Some(Constructor::Dictionary)
            }
            ("torch._utils", "_rebuild_tensor_v2" | "_rebuild_tensor") => Some(Constructor::Tensor),
            ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => Some(Constructor::Parameter),
            // Tensors of number types that no network here is stored in.
            ("torch._utils", "_rebuild_tensor_v3" | "_rebuild_sparse_tensor" | "_rebuild_qtensor")
            | ("torch", "Size" | "device" | "Generator")
            | ("builtins" | "__builtin__", "set" | "frozenset" | "slice" | "complex" | "list" | "tuple")
            | ("argparse", "Namespace")
            | ("pathlib" | "pathlib._local", "PosixPath" | "WindowsPath" | "Path" | "PurePosixPath")
            | ("numpy", "dtype" | "ndarray")
            | ("numpy.core.multiarray" | "numpy._core.multiarray", "scalar" | "_reconstruct")
            | ("_codecs", "encode")
            | ("datetime", "datetime" | "date" | "timedelta") => Some(Constructor::Inert),
            ("torch" | "torch.storage", name) => match NumberType::of_storage(name) {
                Some(numbers) => Some(Constructor::Storage(numbers)),
                None if DTYPES.contains(&name) => Some(Constructor::Inert),
                None => None,
            },
            _ => None,
        };
        known.ok_or_else(|| {
            let called = format!("{module}.{name}").escape_debug().take(120).collect::<String>();
            format!(
                "it names {called}, which a checkpoint of tensors does not need, so it was not loaded; save \
                 model.state_dict() instead of the model"
            )
        })
    }
}

/// `torch.float32` and the like, which newer files name beside tensors.
const DTYPES: [&str; 21] = [
    "float64",
    "float32",
    "float16",
    "bfloat16",
    "complex32",
    "complex64",
    "complex128",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint64",
    "uint32",
    "uint16",
    "uint8",
    "bool",
    "float8_e4m3fn",
    "float8_e5m2",
    "strided",
    "contiguous_format",
    "preserve_format",
];

/// `(storage, offset, shape, stride, …)`
fn tensor(heap: &Heap<'_>, arguments: &[Value<'_>]) -> Result<View, String> {
    let [Value::Object(TorchObject::Storage(storage)), Value::Int(offset), shape, stride, ..] = *arguments else {
        return Err("a tensor is not made of a storage, an offset, a shape and a stride".to_owned());
    };
    let sizes = |value| {
        let items = heap.sequence(value).filter(|items| items.len() <= MOST_DIMENSIONS)?;
        let sizes = items.iter().map(|item| match item {
            Value::Int(size) => usize::try_from(*size).ok(),
            _ => None,
        });
        sizes.collect::<Option<Vec<usize>>>()
    };
    let view = (|| {
        let (shape, stride) = (sizes(shape)?, sizes(stride)?);
        (shape.len() == stride.len()).then_some(View { storage, offset: usize::try_from(offset).ok()?, shape, stride })
    })();
    view.ok_or_else(|| "a tensor's shape or stride makes no sense".to_owned())
}

impl<'a> Objects<'a> for Tensors<'a> {
    type Object = TorchObject;

    const FILE: &'static str = "checkpoint";

    /// The published pickles take 33 kB; with an optimizer's state, three times that.
    const LONGEST: usize = 4 << 20;

    fn named(&mut self, module: &'a str, name: &'a str) -> Result<Value<'a>, String> {
        Constructor::named(module, name).map(|constructor| Value::Object(TorchObject::Constructor(constructor)))
    }

    fn call(&mut self, heap: &mut Heap<'a>, called: Value<'a>, arguments: Value<'a>) -> Result<Value<'a>, String> {
        let constructor = match called {
            Value::Object(TorchObject::Constructor(constructor)) => constructor,
            Value::Inert => return Ok(Value::Inert),
            _ => return Err("it calls something that has no name".to_owned()),
        };
        let given = heap.sequence(arguments).ok_or("the arguments of a call are not a tuple")?;
        match constructor {
            // Filled later, item by item. A file could ask to copy a list given here again and again.
            Constructor::Dictionary => Ok(heap.new_dictionary(Vec::new())),
            Constructor::Tensor => {
                self.views.push(tensor(heap, given)?);
                Ok(Value::Object(TorchObject::Tensor(self.views.len() - 1)))
            }
            Constructor::Parameter => match given.first() {
                Some(&value @ (Value::Object(TorchObject::Tensor(_)) | Value::Inert)) => Ok(value),
                _ => Err("a parameter is not made of a tensor".to_owned()),
            },
            Constructor::Storage(_) => Err("it makes a storage of its own".to_owned()),
            Constructor::Inert => Ok(Value::Inert),
        }
    }

    /// The storage that a persistent id names: `("storage", type, key, device, length, …)`.
    fn persistent(&mut self, heap: &Heap<'a>, identity: Value<'a>) -> Result<Value<'a>, String> {
        let described = match heap.sequence(identity) {
            Some(
                &[
                    Value::Text("storage"),
                    Value::Object(TorchObject::Constructor(Constructor::Storage(numbers))),
                    Value::Text(key),
                    _,
                    Value::Int(length),
                    ref rest @ ..,
                ],
            ) if matches!(rest, [] | [Value::None]) => {
                usize::try_from(length).ok().map(|length| Storage { numbers, key, length })
            }
            _ => None,
        };
        let storage = described.ok_or_else(|| "a storage is described wrongly".to_owned())?;
        let next = self.storages.len();
        let index = *self.known_storages.entry(storage.clone()).or_insert(next);
        if index == next {
            self.storages.push(storage);
        }
        Ok(Value::Object(TorchObject::Storage(index)))
    }

    /// Text of protocol 2 in Python 2, or numbers that another program packed.
    fn byte_string(&mut self, bytes: &'a [u8]) -> Value<'a> {
        std::str::from_utf8(bytes).map_or(Value::Inert, Value::Text)
    }
}

/// Runs the pickle at the beginning of `bytes`; the error is the end of a sentence.
pub(super) fn read(bytes: &[u8]) -> Result<pickle::Pickled<'_, Tensors<'_>>, String> {
    pickle::read(bytes, Tensors::default())
        .map_err(|pickle::Damage { byte, reason }| format!("byte {byte} of its pickle: {reason}"))
}
