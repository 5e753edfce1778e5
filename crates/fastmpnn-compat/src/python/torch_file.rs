//! Statistics as `torch.save` writes them: a dictionary of tensors, arrays, numbers and texts in a pickle, and the tensors'
//! numbers beside it in a zip archive.
//!
//! `run.py` saves tensors, which `torch.load` reads by default; `score.py` saves NumPy's arrays and numbers, which
//! `torch.load` reads only with `weights_only=False`.
//!
//! Sources: the archive's layout in PyTorch's `torch/serialization.py` (`_save`) and `caffe2/serialize/inline_container.cc`;
//! opcodes in CPython's `Lib/pickletools.py`; what NumPy's arrays, dtypes and scalars reduce to, in its `__reduce__`.

use std::collections::HashMap;
use std::io::{self, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// A Python value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    /// A dictionary, with keys in the order of insertion.
    Dictionary(Vec<(Value, Value)>),
    /// `torch.Tensor` on the CPU.
    Tensor(NumberArray),
    /// `numpy.ndarray`.
    Array(NumberArray),
    /// `numpy.float32`.
    Scalar(f32),
}

/// An array of numbers.
#[derive(Clone, Debug)]
pub(crate) struct NumberArray {
    /// Its sizes, outermost first.
    pub(crate) shape: Vec<usize>,
    /// Row major; as many as the shape has elements.
    pub(crate) numbers: Numbers,
}

/// The numbers of an array, by their type.
#[derive(Clone, Debug)]
pub(crate) enum Numbers {
    Float32(Vec<f32>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
}

impl Value {
    /// A dictionary whose keys are texts.
    pub(crate) fn dictionary<'k>(pairs: impl IntoIterator<Item = (&'k str, Value)>) -> Value {
        Value::Dictionary(pairs.into_iter().map(|(key, value)| (Value::Text(key.to_owned()), value)).collect())
    }

    /// A list of texts.
    pub(crate) fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Value {
        Value::List(texts.into_iter().map(|text| Value::Text(text.to_owned())).collect())
    }
}

impl Numbers {
    fn len(&self) -> usize {
        match self {
            Numbers::Float32(numbers) => numbers.len(),
            Numbers::Int32(numbers) => numbers.len(),
            Numbers::Int64(numbers) => numbers.len(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Numbers::Float32(numbers) => numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
            Numbers::Int32(numbers) => numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
            Numbers::Int64(numbers) => numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
        }
    }

    /// Torch's type of storage.
    fn storage(&self) -> &'static str {
        match self {
            Numbers::Float32(_) => "torch\nFloatStorage\n",
            Numbers::Int32(_) => "torch\nIntStorage\n",
            Numbers::Int64(_) => "torch\nLongStorage\n",
        }
    }

    /// NumPy's type.
    fn dtype(&self) -> &'static str {
        match self {
            Numbers::Float32(_) => "f4",
            Numbers::Int32(_) => "i4",
            Numbers::Int64(_) => "i8",
        }
    }
}

/// Writes a value. The same value gives the same bytes.
///
/// An array whose numbers do not fill its shape is an error.
pub(crate) fn write(out: impl Write + Seek, value: &Value) -> io::Result<()> {
    let mut pickle = Pickle::default();
    pickle.program.extend([PROTO, 2]);
    pickle.value(value)?;
    pickle.program.push(STOP);
    let mut archive = ZipWriter::new(out);
    // Torch asks for aligned records when it maps a file into memory.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .with_alignment(64);
    let mut add = |name: &str, bytes: &[u8]| -> io::Result<()> {
        archive.start_file(format!("archive/{name}"), options)?;
        archive.write_all(bytes)
    };
    add("data.pkl", &pickle.program)?;
    add("byteorder", b"little")?;
    for (key, storage) in pickle.storages.iter().enumerate() {
        add(&format!("data/{key}"), storage)?;
    }
    add("version", b"3\n")?;
    archive.finish()?.flush()
}

const PROTO: u8 = 0x80;
const STOP: u8 = b'.';
const MARK: u8 = b'(';
const NONE: u8 = b'N';
const FALSE: u8 = 0x89;
const TRUE: u8 = 0x88;
const BININT: u8 = b'J';
const BININT1: u8 = b'K';
const LONG1: u8 = 0x8a;
const BINFLOAT: u8 = b'G';
const BINUNICODE: u8 = b'X';
const EMPTY_LIST: u8 = b']';
const APPENDS: u8 = b'e';
const EMPTY_DICT: u8 = b'}';
const SETITEMS: u8 = b'u';
const EMPTY_TUPLE: u8 = b')';
const TUPLE: u8 = b't';
const TUPLE1: u8 = 0x85;
const TUPLE2: u8 = 0x86;
const TUPLE3: u8 = 0x87;
const GLOBAL: u8 = b'c';
const REDUCE: u8 = b'R';
const BUILD: u8 = b'b';
const BINPUT: u8 = b'q';
const BINGET: u8 = b'h';
const BINPERSID: u8 = b'Q';

/// A pickle of protocol 2 that is being written, with the storages that it refers to.
#[derive(Default)]
struct Pickle {
    program: Vec<u8>,
    storages: Vec<Vec<u8>>,
    /// The memo places of names and dtypes that are used more than once, a dozen at most.
    memo: HashMap<&'static str, u8>,
}

impl Pickle {
    fn value(&mut self, value: &Value) -> io::Result<()> {
        match value {
            &Value::Int(number) => self.int(number),
            Value::Float(number) => {
                self.program.push(BINFLOAT);
                self.program.extend(number.to_be_bytes());
            }
            Value::Text(text) => self.text(text)?,
            Value::List(items) => {
                self.program.extend([EMPTY_LIST, MARK]);
                items.iter().try_for_each(|item| self.value(item))?;
                self.program.push(APPENDS);
            }
            Value::Dictionary(pairs) => {
                self.program.extend([EMPTY_DICT, MARK]);
                for (key, value) in pairs {
                    self.value(key)?;
                    self.value(value)?;
                }
                self.program.push(SETITEMS);
            }
            Value::Tensor(array) => self.tensor(array)?,
            Value::Array(array) => self.array(array)?,
            Value::Scalar(number) => {
                self.name("numpy.core.multiarray\nscalar\n");
                self.dtype("f4")?;
                self.bytes(&number.to_le_bytes())?;
                self.program.extend([TUPLE2, REDUCE]);
            }
        }
        Ok(())
    }

    fn int(&mut self, number: i64) {
        if let Ok(number) = u8::try_from(number) {
            self.program.extend([BININT1, number]);
        } else if let Ok(number) = i32::try_from(number) {
            self.program.push(BININT);
            self.program.extend(number.to_le_bytes());
        } else {
            self.program.extend([LONG1, 8]);
            self.program.extend(number.to_le_bytes());
        }
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let length = u32::try_from(text.len()).map_err(|_| invalid("a text of 4 GiB or more"))?;
        self.program.push(BINUNICODE);
        self.program.extend(length.to_le_bytes());
        self.program.extend(text.as_bytes());
        Ok(())
    }

    /// A function to call: `MODULE\nNAME\n`.
    fn name(&mut self, name: &'static str) {
        if !self.recall(name) {
            self.program.push(GLOBAL);
            self.program.extend(name.as_bytes());
            self.keep(name);
        }
    }

    /// Pushes the value kept under `name`, if any; returns whether there was one.
    fn recall(&mut self, name: &'static str) -> bool {
        let known = self.memo.get(name);
        self.program.extend(known.into_iter().flat_map(|&place| [BINGET, place]));
        known.is_some()
    }

    /// Keeps the top of the stack under `name`.
    fn keep(&mut self, name: &'static str) {
        let place = self.memo.len() as u8;
        self.memo.insert(name, place);
        self.program.extend([BINPUT, place]);
    }

    /// Bytes as in protocol 2: a text of the first 256 characters, to be encoded as Latin-1.
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.name("_codecs\nencode\n");
        self.text(&bytes.iter().map(|&byte| char::from(byte)).collect::<String>())?;
        self.text("latin1")?;
        self.program.extend([TUPLE2, REDUCE]);
        Ok(())
    }

    fn sizes(&mut self, sizes: &[usize]) {
        self.program.push(MARK);
        for &size in sizes {
            self.int(size as i64);
        }
        self.program.push(TUPLE);
    }

    fn tensor(&mut self, array: &NumberArray) -> io::Result<()> {
        let count = check(array)?;
        self.name("torch._utils\n_rebuild_tensor_v2\n");
        self.program.extend([MARK, MARK]);
        self.text("storage")?;
        self.name(array.numbers.storage());
        self.text(&self.storages.len().to_string())?;
        self.text("cpu")?;
        self.int(count as i64);
        self.program.extend([TUPLE, BINPERSID]);
        self.storages.push(array.numbers.bytes());
        self.int(0);
        self.sizes(&array.shape);
        let mut strides = vec![1; array.shape.len()];
        for dimension in (1..array.shape.len()).rev() {
            strides[dimension - 1] = strides[dimension] * array.shape[dimension].max(1);
        }
        self.sizes(&strides);
        // It requires no gradient and has no hooks.
        self.program.push(FALSE);
        self.name("collections\nOrderedDict\n");
        self.program.extend([EMPTY_TUPLE, REDUCE, TUPLE, REDUCE]);
        Ok(())
    }

    fn array(&mut self, array: &NumberArray) -> io::Result<()> {
        check(array)?;
        self.name("numpy.core.multiarray\n_reconstruct\n");
        self.name("numpy\nndarray\n");
        self.int(0);
        self.program.push(TUPLE1);
        self.bytes(b"b")?;
        self.program.extend([TUPLE3, REDUCE, MARK]);
        // The version of the state; its last item says that rows come first.
        self.int(1);
        self.sizes(&array.shape);
        self.dtype(array.numbers.dtype())?;
        self.program.push(FALSE);
        self.bytes(&array.numbers.bytes())?;
        self.program.extend([TUPLE, BUILD]);
        Ok(())
    }

    fn dtype(&mut self, dtype: &'static str) -> io::Result<()> {
        if self.recall(dtype) {
            return Ok(());
        }
        self.name("numpy\ndtype\n");
        self.text(dtype)?;
        self.program.extend([FALSE, TRUE, TUPLE3, REDUCE, MARK]);
        self.int(3);
        self.text("<")?;
        self.program.extend([NONE, NONE, NONE]);
        self.int(-1);
        self.int(-1);
        self.int(0);
        self.program.extend([TUPLE, BUILD]);
        self.keep(dtype);
        Ok(())
    }
}

/// The number of elements of the shape, which must be that of the numbers.
fn check(array: &NumberArray) -> io::Result<usize> {
    let count = array.shape.iter().product();
    if array.numbers.len() == count {
        Ok(count)
    } else {
        Err(invalid(&format!("{} numbers for the shape {:?}", array.numbers.len(), array.shape)))
    }
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, reason)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use fastmpnn::weights::Checkpoint;

    use super::*;

    fn written(value: &Value) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        write(&mut bytes, value).unwrap();
        bytes.into_inner()
    }

    fn record(file: &[u8], name: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut archive = zip::ZipArchive::new(Cursor::new(file)).unwrap();
        archive.by_name(&format!("archive/{name}")).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn tensor(shape: &[usize], numbers: Numbers) -> Value {
        Value::Tensor(NumberArray { shape: shape.to_vec(), numbers })
    }

    #[test]
    fn our_own_reader_finds_tensors_and_numbers() {
        let numbers: Vec<f32> = (0..24).map(|number| number as f32 / 8.0 - 1.5).collect();
        let file = written(&Value::dictionary([
            ("log_probs", tensor(&[2, 3, 4], Numbers::Float32(numbers.clone()))),
            ("S", tensor(&[2], Numbers::Int64(vec![-1, 1 << 40]))),
            ("empty", tensor(&[0, 21], Numbers::Float32(Vec::new()))),
            ("mask", tensor(&[1], Numbers::Int32(vec![1]))),
            ("array", Value::Array(NumberArray { shape: vec![1], numbers: Numbers::Float32(vec![f32::MIN_POSITIVE]) })),
            ("mean", Value::dictionary([("A", Value::Scalar(0.5))])),
            ("names", Value::Dictionary(vec![(Value::Int(0), Value::Text("C1".to_owned()))])),
            ("alphabet", Value::texts(["A", "C"])),
            ("temperature", Value::Float(0.1)),
            ("seed", Value::Int(111)),
            ("large", Value::Int(-5_000_000_000)),
            ("negative", Value::Int(-7)),
        ]));
        let read = Checkpoint::from_bytes("stats.pt", &file).unwrap();
        assert_eq!(read.tensor_names(), ["empty", "log_probs"], "whole numbers are no weights");
        assert_eq!(read.values("log_probs", &[2, 3, 4]).unwrap(), numbers);
        assert_eq!(read.values("empty", &[0, 21]).unwrap(), &[] as &[f32]);
        let said = [("seed", "111"), ("temperature", "0.1"), ("large", "-5000000000"), ("negative", "-7")];
        assert_eq!(said.map(|(key, _)| read.metadata(key)), said.map(|(_, value)| Some(value)));
        // Storages are in the order of the dictionary.
        assert_eq!(record(&file, "data/1"), [[0xff; 8], [0, 0, 0, 0, 0, 1, 0, 0]].concat());
        assert_eq!(record(&file, "data/3"), [1, 0, 0, 0]);
        assert_eq!((record(&file, "version"), record(&file, "byteorder")), (b"3\n".to_vec(), b"little".to_vec()));
    }

    #[test]
    fn the_pickle_is_the_one_that_torch_and_numpy_reduce_to() {
        let file = written(&tensor(&[1, 2], Numbers::Float32(vec![1.0, 2.0])));
        let expected = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\nq\x00\
            ((X\x07\0\0\0storagectorch\nFloatStorage\nq\x01X\x01\0\0\x000X\x03\0\0\0cpuK\x02tQ\
            K\x00(K\x01K\x02t(K\x02K\x01t\x89ccollections\nOrderedDict\nq\x02)RtR.";
        assert_eq!(record(&file, "data.pkl"), expected);
        let file = written(&Value::List(vec![Value::Scalar(-1.0), Value::Scalar(0.0)]));
        let expected = b"\x80\x02](cnumpy.core.multiarray\nscalar\nq\x00\
            cnumpy\ndtype\nq\x01X\x02\0\0\0f4\x89\x88\x87R(K\x03X\x01\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tbq\x02\
            c_codecs\nencode\nq\x03X\x06\0\0\0\x00\x00\xc2\x80\xc2\xbfX\x06\0\0\0latin1\x86R\x86R\
            h\x00h\x02h\x03X\x04\0\0\0\0\0\0\0X\x06\0\0\0latin1\x86R\x86Re.";
        assert_eq!(record(&file, "data.pkl"), expected);
    }

    #[test]
    fn numbers_that_do_not_fill_the_shape_are_refused() {
        for value in [
            tensor(&[3], Numbers::Int32(vec![1])),
            Value::Array(NumberArray { shape: vec![], numbers: Numbers::Int64(vec![]) }),
        ] {
            assert!(write(Cursor::new(Vec::new()), &value).is_err());
        }
    }
}
