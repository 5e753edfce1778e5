//! Files that were damaged, truncated, or written to do harm: an error each time, never a panic, never unlimited
//! memory.

use std::io::{Cursor, Read, Write};

use fastmpnn::weights::Checkpoint;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::golden;

const FILES: [&str; 8] = [
    "number_types.pt",
    "views.pt",
    "views_stream.pt",
    "views_protocol_4.pt",
    "training.pt",
    "training_stream.pt",
    "whole_model.pt",
    "torchscript.pt",
];

/// A small generator of pseudo-random numbers (xorshift64*), so that a failure can be repeated.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    /// Changes, removes, repeats or swaps some bytes.
    fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(4) {
            if bytes.is_empty() {
                return;
            }
            let (place, length) = (self.below(bytes.len()), 1 + self.below(16));
            let end = bytes.len().min(place + length);
            match self.below(6) {
                0 => bytes[place] = self.below(256) as u8,
                1 => bytes[place] ^= 1 << self.below(8),
                2 => drop(bytes.drain(place..end)),
                3 => bytes[place..end].fill([0, 0xff][self.below(2)]),
                4 => {
                    let again = bytes[place..end].to_vec();
                    bytes.splice(place..place, again);
                }
                _ => {
                    let other = self.below(bytes.len());
                    bytes.swap(place, other);
                }
            }
        }
    }
}

/// Reads any bytes. Numbers that are read must be finite and fill their shapes.
fn survive(bytes: &[u8]) -> bool {
    match Checkpoint::from_bytes("hostile", bytes) {
        Ok(checkpoint) => {
            for name in checkpoint.tensor_names() {
                let tensor = checkpoint.tensor(name).unwrap();
                assert_eq!(tensor.values().len(), tensor.shape.iter().product::<usize>(), "{name}");
                assert!(tensor.values().iter().all(|value| value.is_finite()), "{name}");
            }
            // None of these files is a network.
            assert!(checkpoint.family().is_err());
            true
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.starts_with("hostile: not a checkpoint, or a damaged one: "), "{message}");
            assert!(!message.contains('\n') && message.len() < 400, "{message}");
            false
        }
    }
}

fn entries(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(file)).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut entry = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (entry.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

fn archive(entries: &[(String, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(name.as_str(), SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An archive of that pickle, with the storages `0` of that many bytes.
fn of_pickle(pickle: &[u8], storage: usize) -> Vec<u8> {
    let entries = [("x/data.pkl".to_owned(), pickle.to_vec()), ("x/data/0".to_owned(), vec![0; storage])];
    archive(&entries, CompressionMethod::Deflated)
}

fn message(bytes: &[u8]) -> String {
    Checkpoint::from_bytes("hostile", bytes).expect_err("a hostile file").to_string()
}

#[test]
fn cut_off_anywhere() {
    for name in FILES {
        let bytes = golden(name);
        for length in 0..bytes.len() {
            // The last bytes of a zip archive say where everything is.
            assert!(!survive(&bytes[..length]), "{name} cut off at {length}");
        }
    }
}

#[test]
fn thousands_of_damaged_files() {
    let mut chance = Chance(0x5eed);
    let mut read = 0;
    for name in FILES {
        let whole = golden(name);
        for _ in 0..2000 {
            let mut bytes = whole.clone();
            chance.damage(&mut bytes);
            read += usize::from(survive(&bytes));
        }
    }
    // The bytes between records carry nothing, and some checksums are not verified.
    assert!(read > 0, "no damage was harmless");
}

#[test]
fn thousands_of_damaged_pickles() {
    let mut chance = Chance(0xacc1de);
    let mut read = 0;
    for name in FILES.into_iter().filter(|name| !name.contains("stream") && !name.contains("script")) {
        let whole = entries(&golden(name));
        let pickle = whole.iter().position(|(name, _)| name.ends_with("/data.pkl")).unwrap();
        for _ in 0..2000 {
            let mut damaged = whole.clone();
            // With the archive's checksums recomputed, the damage reaches the pickle machine.
            chance.damage(&mut damaged[pickle].1);
            read += usize::from(survive(&archive(&damaged, CompressionMethod::Stored)));
        }
    }
    assert!(read > 0, "no damage was harmless");
}

#[test]
fn damaged_safetensors() {
    use safetensors::tensor::{Dtype, TensorView};
    let numbers: Vec<u8> = (0..64_u8).collect();
    let view = |shape: &[usize]| TensorView::new(Dtype::F32, shape.to_vec(), &numbers).unwrap();
    let whole = safetensors::serialize([("a", view(&[4, 4])), ("b", view(&[16]))], None).unwrap();
    let mut chance = Chance(7);
    for length in 0..whole.len() {
        assert!(!survive(&whole[..length]), "cut off at {length}");
    }
    for _ in 0..5000 {
        let mut bytes = whole.clone();
        chance.damage(&mut bytes);
        survive(&bytes);
    }
    // A header that says it is longer than the file.
    let mut lying = whole.clone();
    lying[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(message(&lying).contains("safetensors container is damaged"));
}

#[test]
fn nothing_is_called() {
    for (pickle, named) in [
        (&b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00exit\x85R."[..], "os.system"),
        (b"\x80\x02cbuiltins\neval\nX\x01\x00\x00\x001\x85R.", "builtins.eval"),
        (b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x01x\x85R.", "posix.system"),
        (b"\x80\x02ctorch._utils\n__builtins__\n.", "torch._utils.__builtins__"),
        (b"\x80\x02c__main__\nModel\x1b[31m\n)\x81.", "__main__.Model\\u{1b}[31m"),
    ] {
        let error = message(&of_pickle(pickle, 0));
        assert!(error.contains(&format!("it names {named}, which")), "{error}");
    }
    // Extension codes and instances are other ways to name something.
    for pickle in [&b"\x80\x02\x82\x01)R."[..], b"\x80\x02(ios\nsystem\n."] {
        let error = message(&of_pickle(pickle, 0));
        assert!(error.contains("belongs to no checkpoint"), "{error}");
    }
}

/// `{"t": tensor}` with a storage of that length and that shape and stride, as opcodes.
fn tensor_pickle(length: &[u8], shape: &[u8], stride: &[u8]) -> Vec<u8> {
    let mut pickle = b"\x80\x02}X\x01\x00\x00\x00tctorch._utils\n_rebuild_tensor_v2\n((".to_vec();
    pickle.extend(b"X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu");
    pickle.extend(length);
    pickle.extend(b"tQK\x00");
    pickle.extend(shape);
    pickle.extend(stride);
    pickle.extend(b"\x89}tRs.");
    pickle
}

#[test]
fn lengths_that_lie() {
    let whole = of_pickle(&tensor_pickle(b"K\x04", b"K\x04\x85", b"K\x01\x85"), 16);
    assert_eq!(Checkpoint::from_bytes("x", &whole).unwrap().values("t", &[4]).unwrap()[..], [0.0; 4]);

    let huge = b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f";
    let with = |value: &[u8], after: &[u8]| [value, after].concat();
    for (length, shape, stride, expected) in [
        // Dimensions whose product overflows, or is larger than anything here.
        (&b"K\x04"[..], with(huge, b"\x85"), b"K\x01\x85".to_vec(), "larger than any network"),
        (b"K\x04", with(huge, b"K\x02\x86"), b"K\x01K\x01\x86".to_vec(), "larger than any network"),
        // A number repeated endlessly.
        (b"K\x04", with(b"J\xff\xff\xff\x03", b"\x85"), b"K\x00\x85".to_vec(), "asks for more than"),
        // Strides out of the storage, and so far that they overflow.
        (b"K\x04", b"K\x02\x85".to_vec(), b"K\x04\x85".to_vec(), "reaches beyond its storage"),
        (b"K\x04", b"K\x03\x85".to_vec(), with(huge, b"\x85"), "reaches beyond its storage"),
        // Storages that are longer than their record, or than anything.
        (b"K\x05", b"K\x04\x85".to_vec(), b"K\x01\x85".to_vec(), "has 16 bytes, not 20"),
        (b"K\x03", b"K\x03\x85".to_vec(), b"K\x01\x85".to_vec(), "is longer than 12 bytes"),
        (huge, b"K\x04\x85".to_vec(), b"K\x01\x85".to_vec(), "asks for more than"),
        // Negative numbers, texts, and a shape that is longer than its stride.
        (b"J\xff\xff\xff\xff", b"K\x04\x85".to_vec(), b"K\x01\x85".to_vec(), "a storage is described wrongly"),
        (b"K\x04", b"J\xff\xff\xff\xff\x85".to_vec(), b"K\x01\x85".to_vec(), "shape or stride makes no sense"),
        (b"K\x04", b"K\x04K\x01\x86".to_vec(), b"K\x01\x85".to_vec(), "shape or stride makes no sense"),
    ] {
        let error = message(&of_pickle(&tensor_pickle(length, &shape, &stride), 16));
        assert!(error.contains(expected), "{error}, not {expected}");
    }
}

#[test]
fn bombs_stay_small() {
    // 200 MB of zeros in 200 kB, as a storage and as a pickle.
    let length = [&b"J"[..], &50_000_000_i32.to_le_bytes()].concat();
    let shape = [&length[..], b"\x85"].concat();
    let zeros = of_pickle(&tensor_pickle(&length, &shape, b"K\x01\x85"), 200_000_000);
    assert!(zeros.len() < 1_000_000);
    assert!(message(&zeros).contains("asks for more than"));
    let error = message(&of_pickle(&vec![b'N'; 200_000_000], 0));
    assert!(error.contains("is longer than"), "{error}");

    // A pickle of nothing but nesting, and one that doubles a list again and again by appending it to itself.
    let mut nested = b"\x80\x02)".to_vec();
    nested.extend(vec![0x85; 4_000_000]);
    nested.push(b'.');
    assert!(message(&of_pickle(&nested, 0)).contains("no dictionary of tensors"));
    let mut doubled = b"\x80\x02]q\x00".to_vec();
    doubled.extend(b"h\x00h\x00a".repeat(100_000));
    doubled.push(b'.');
    assert!(message(&of_pickle(&doubled, 0)).contains("no dictionary of tensors"));
}
