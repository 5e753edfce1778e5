//! The names that a checkpoint's pickle may use, and the plain values they build.

use super::pickle::{Heap, Storage, Value, View};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Constructor {
    Dictionary,
    /// `torch._utils._rebuild_tensor_v2` and the older `_rebuild_tensor`.
    Tensor,
    /// `torch._utils._rebuild_parameter`: a tensor that is trained.
    Parameter,
    /// The type of a storage.
    Storage(NumberType),
    /// What may stand beside weights and says nothing about them: it is read over.
    Inert,
}

/// The numbers of a storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum NumberType {
    F64,
    F32,
    F16,
    BF16,
    /// Integers, booleans or bytes of that width; no weights, and skipped.
    Whole(usize),
}

impl NumberType {
    /// Bytes a number.
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
    /// Looks a name up in the list of those allowed.
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

    /// The value that a call builds.
    pub(super) fn call<'a>(self, heap: &mut Heap<'a>, arguments: Value<'a>) -> Result<Value<'a>, String> {
        let given = heap.sequence(arguments).ok_or("the arguments of a call are no tuple")?;
        match self {
            // Filled later, item by item. Copying a list given here could be asked for without end.
            Constructor::Dictionary => Ok(heap.new_dictionary(Vec::new())),
            Constructor::Tensor => {
                let view = tensor(heap, given)?;
                Ok(heap.new_tensor(view))
            }
            Constructor::Parameter => match given.first() {
                Some(&value @ (Value::Tensor(_) | Value::Inert)) => Ok(value),
                _ => Err("a parameter is not made of a tensor".to_owned()),
            },
            Constructor::Storage(_) => Err("it makes a storage of its own".to_owned()),
            Constructor::Inert => Ok(Value::Inert),
        }
    }
}

/// `torch.float32` and its like, which newer files name beside tensors.
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
    let [Value::Storage(storage), Value::Int(offset), shape, stride, ..] = *arguments else {
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

/// The storage that a persistent identity names: `("storage", type, key, device, length, …)`.
pub(super) fn storage<'a>(heap: &mut Heap<'a>, identity: Value<'a>) -> Result<Value<'a>, String> {
    let described = match heap.sequence(identity) {
        Some(
            &[
                Value::Text("storage"),
                Value::Constructor(Constructor::Storage(numbers)),
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
    described.map(|storage| heap.new_storage(storage)).ok_or_else(|| "a storage is described wrongly".to_owned())
}
