//! `fastmpnn probs`.

use std::collections::HashMap;
use std::fs;

use crate::program::{example, fastmpnn, fastmpnn_reading, rows};

/// An array as its header describes it.
struct Array {
    kind: String,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Array {
    fn parse(bytes: &[u8]) -> Array {
        assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
        let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        assert_eq!((10 + length) % 64, 0);
        let header = std::str::from_utf8(&bytes[10..10 + length]).unwrap();
        let kind = header.split('\'').nth(3).unwrap().to_owned();
        assert!(header.contains("'fortran_order': False"));
        let shape = header.split(['(', ')']).nth(1).unwrap().split(',');
        let shape = shape.filter_map(|size| size.trim().parse().ok()).collect();
        Array { kind, shape, bytes: bytes[10 + length..].to_vec() }
    }

    fn floats(&self) -> Vec<f32> {
        assert_eq!(self.kind, "<f4");
        self.bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
    }

    fn integers(&self) -> Vec<i32> {
        assert_eq!(self.kind, "<i4");
        self.bytes.chunks_exact(4).map(|bytes| i32::from_le_bytes(bytes.try_into().unwrap())).collect()
    }

    fn texts(&self) -> Vec<String> {
        let width: usize = self.kind.strip_prefix("<U").unwrap().parse().unwrap();
        let letter = |bytes: &[u8]| char::from_u32(u32::from_le_bytes(bytes.try_into().unwrap())).unwrap();
        let text = |bytes: &[u8]| bytes.chunks_exact(4).map(letter).filter(|&letter| letter != '\0').collect();
        self.bytes.chunks_exact(4 * width).map(text).collect()
    }
}

/// The arrays of an archive whose files are stored, by way of its directory.
fn archive(bytes: &[u8]) -> HashMap<String, Array> {
    let two = |at: usize| usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()));
    let four = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let end = bytes.len() - 22;
    assert_eq!(four(end), 0x0605_4b50);
    let mut at = four(end + 16) as usize;
    let mut arrays = HashMap::new();
    for _ in 0..two(end + 10) {
        assert_eq!(four(at), 0x0201_4b50);
        let (method, sum, size, name_length) = (two(at + 10), four(at + 16), four(at + 24) as usize, two(at + 28));
        let local = four(at + 42) as usize;
        let name = std::str::from_utf8(&bytes[at + 46..at + 46 + name_length]).unwrap();
        assert_eq!((method, four(local)), (0, 0x0403_4b50));
        let start = local + 30 + two(local + 26) + two(local + 28);
        let content = &bytes[start..start + size];
        let mut check = flate2::Crc::new();
        check.update(content);
        assert_eq!(check.sum(), sum, "{name}");
        arrays.insert(name.strip_suffix(".npy").unwrap().to_owned(), Array::parse(content));
        at += 46 + name_length;
    }
    assert_eq!(at, end);
    arrays
}

#[test]
fn the_archive_holds_what_the_table_shows() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (file, npz, npy, csv) = (example("6MRR.pdb"), path("x.npz"), path("x.npy"), path("x.csv"));
    for out in [&npz, &npy, &csv] {
        assert_eq!(fastmpnn(&["probs", &file, "-q", "-o", out]).success(), "");
    }
    let table = fastmpnn(&["probs", &file, "-q"]).success();
    assert_eq!(fs::read_to_string(csv).unwrap(), table);
    let table = rows(&table);
    let arrays = archive(&fs::read(npz).unwrap());
    let values = arrays["log_probs"].floats();
    assert_eq!(arrays["log_probs"].shape, [68, 21]);
    assert_eq!(Array::parse(&fs::read(npy).unwrap()).floats(), values);
    let alphabet = arrays["alphabet"].texts();
    assert_eq!(alphabet.concat(), "ACDEFGHIKLMNPQRSTVWYX");
    assert_eq!((arrays["mask"].kind.as_str(), arrays["mask"].bytes.clone()), ("|b1", vec![1; 68]));
    let texts = |name: &str| arrays[name].texts();
    for (index, row) in table.iter().enumerate() {
        assert_eq!((&row["chain"], &row["native"]), (&texts("chain")[index], &texts("sequence")[index]));
        assert_eq!(
            (&row["number"], &row["insertion"]),
            (&arrays["number"].integers()[index].to_string(), &texts("insertion")[index])
        );
        for (letter, value) in alphabet.iter().zip(&values[21 * index..]) {
            assert_eq!(row[letter].parse::<f32>().unwrap(), *value);
        }
    }
    assert_eq!(table.len(), 68);
}

#[test]
fn every_mode_gives_distributions_of_its_own() {
    let file = example("6MRR.pdb");
    let mut seen: Vec<String> = Vec::new();
    for mode in ["unconditional", "conditional", "autoregressive"] {
        let out = fastmpnn(&["probs", &file, "-q", "--probabilities", "--mode", mode]).success();
        for row in rows(&out) {
            let total: f64 = "ACDEFGHIKLMNPQRSTVWYX".chars().map(|l| row[&l.to_string()].parse::<f64>().unwrap()).sum();
            assert!((total - 1.0).abs() < 1e-5, "{mode}: {total}");
        }
        assert!(!seen.contains(&out), "{mode}");
        seen.push(out);
    }
}

#[test]
fn the_letters_of_a_fasta_file_are_the_context() {
    let file = example("6MRR.pdb");
    let arguments = ["probs", &file, "-q", "--mode", "conditional"];
    let native = fastmpnn(&arguments).success();
    let with = |sequence: &str| {
        let text = format!(">x\n{sequence}\n");
        fastmpnn_reading(&[&arguments[..], &["--fasta", "-"]].concat(), text.as_bytes()).success()
    };
    let letters: String = rows(&native).iter().map(|row| row["native"].clone()).collect();
    assert_eq!(with(&letters), native);
    assert_ne!(with(&"A".repeat(68)), native);
}

#[test]
fn several_structures_share_a_table() {
    let out = fastmpnn(&["probs", &example("6MRR.pdb"), &example("5L33.pdb"), "-q"]).success();
    let table = rows(&out);
    assert_eq!(table.len(), 68 + 106);
    assert_eq!((&*table[0]["name"], &*table[68]["name"]), ("6MRR", "5L33"));
}
