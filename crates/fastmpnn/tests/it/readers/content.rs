//! Archives, encodings, ends of lines, and kinds of files that are not read.

use std::io::Write as _;

use fastmpnn::structure::{ReadOptions, has_structure_ending, read_bytes};

use super::mmcif::CIF;
use super::{assert_says, letters, read, residue, warnings};

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn three_residues() -> String {
    residue("ATOM", " ALA A   1 ", 0) + &residue("ATOM", " GLY A   2 ", 1) + &residue("ATOM", " TRP A   3 ", 2)
}

#[test]
fn what_follows_a_gzip_archive_is_padding_or_left_out_with_a_word() {
    let text = three_residues();
    let archive = packed(text.as_bytes());
    let read_archive = |tail: &[u8]| {
        let bytes = [archive.as_slice(), tail].concat();
        read_bytes("x.pdb.gz", &bytes, &ReadOptions::default()).unwrap()
    };
    let padded = read_archive(&[0; 600]);
    assert_eq!((letters(&padded).as_str(), warnings(&padded).as_str()), ("AGW", ""));
    let followed = read_archive(b"\0\0trailer");
    assert_eq!(letters(&followed), "AGW");
    assert_says(&followed, "7 bytes after the end of the gzip archive were left out");
    let (first, second) = text.split_at(200);
    let members = [packed(first.as_bytes()), vec![0; 9], packed(second.as_bytes()), vec![0; 3]].concat();
    assert_eq!(letters(&read_bytes("x", &members, &ReadOptions::default()).unwrap()), "AGW");
}

#[test]
fn lines_may_end_in_carriage_returns_and_text_may_be_utf_16() {
    let text = three_residues() + "TER\nEND\n";
    for ending in ["\r", "\r\n", "\r\r\n"] {
        let structure = read(&text.replace('\n', ending));
        assert_eq!((letters(&structure).as_str(), structure.chains.len()), ("AGW", 1), "{ending:?}");
        assert_eq!(warnings(&structure), "", "{ending:?}");
        let cif = read_bytes("x.cif", CIF.replace('\n', ending).as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(letters(&cif), "AM", "{ending:?}");
    }
    let mixed = text.replacen('\n', "\r", 3);
    assert_eq!(letters(&read(&mixed)), "AGW");
    for source in [text.as_str(), CIF] {
        let expected = letters(&read(source));
        let little: Vec<u8> = source.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = source.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked_little = [b"\xff\xfe".as_slice(), &little].concat();
        let marked_big = [b"\xfe\xff".as_slice(), &big].concat();
        for bytes in [little, big, marked_little, marked_big] {
            assert_eq!(letters(&read_bytes("x", &bytes, &ReadOptions::default()).unwrap()), expected);
        }
    }
    assert_eq!(letters(&read(&format!("\u{feff}{text}"))), "AGW");
}

#[test]
fn other_formats_are_called_by_their_names() {
    let cases: [(&[u8], &str); 21] = [
        (b"\x1f\x9d\x90\x41\x00", "this is a .Z archive of compress; unpack it first"),
        (b"\xfd7zXZ\x00", "this is an xz archive; unpack it first"),
        (b"\x28\xb5\x2f\xfd\x00", "this is a zstd archive; unpack it first"),
        (b"7z\xbc\xaf\x27\x1c", "this is a 7z archive; unpack it first"),
        (b"PK\x03\x04", "this is a zip archive; unpack it first"),
        (b"BZh91AY", "this is a bzip2 archive; unpack it first"),
        (b"{\"data_1ABC\": {\"atom_site\": {}}}", "this is mmJSON; PDB and text mmCIF are read"),
        (b"{\n  \"data_1abc\":{}}", "this is mmJSON; PDB and text mmCIF are read"),
        (b"[{\"name\": \"x\"}]", "this is JSON; PDB and text mmCIF are read"),
        (b"<?xml version=\"1.0\"?>\n<PDBx:datablock>", "this is PDBML; PDB and text mmCIF are read"),
        (b"<?xml version=\"1.0\"?>\n<svg/>", "this is XML; PDB and text mmCIF are read"),
        (b"<!DOCTYPE html>\n<html>", "this is a web page, not a structure: the download went wrong"),
        (b"\xde\x00\x26\xabmmtfVersion\xa51.0.0", "this is MMTF; PDB and text mmCIF are read"),
        (b"\x8f\xabmmtfVersion\xa51.0.0", "this is MMTF; PDB and text mmCIF are read"),
        (b"\x83\xa7encoder\xa4test", "this is BinaryCIF; PDB and text mmCIF are read"),
        (b"\x83\xaadataBlocks\x91", "this is BinaryCIF; PDB and text mmCIF are read"),
        (b"lig\n  prog\n\n  2  1  0  0  0  0  0  0  0  0999 V2000\n", "this is an SDF or MOL file; PDB"),
        (b"lig\r\n  prog\r\n\r\n  0  0  0  0  0  0  0 999 V3000\r\n", "this is an SDF or MOL file; PDB"),
        (b"# made by hand\n@<TRIPOS>MOLECULE\nlig\n", "this is MOL2; PDB and text mmCIF are read"),
        (b">5L33\nACDEF\n", "this is FASTA, which has sequences but no atoms; PDB"),
        (b"\x80\x04\x95", "this is a Python pickle; PDB and text mmCIF are read"),
    ];
    for (bytes, sentence) in cases {
        for bytes in [bytes.to_vec(), packed(bytes)] {
            let error = read_bytes("x", &bytes, &ReadOptions::default()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("x: {sentence}")), "{error}\n{sentence}");
        }
    }
}

#[test]
fn structures_are_known_by_their_endings() {
    for name in ["a.pdb", "a.ENT.gz", "dir/dimer.pdb1", "a.pdb12.gz", "a.cif", "a.mmcif"] {
        assert!(has_structure_ending(name), "{name}");
    }
    for name in ["a.fa", "a.trb", ".pdb", "pdb1", "a.pdbx", "a.gz", "a.cif2", "a.pdb1.bak"] {
        assert!(!has_structure_ending(name), "{name}");
    }
    let structure = read_bytes("dimer.pdb1", three_residues().as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(structure.name, "dimer");
}

#[test]
fn what_stands_after_the_end_is_no_part_of_a_structure() {
    let table = "END\n# All scores below are weighted scores.\n#BEGIN_POSE_ENERGIES_TABLE x.pdb\n\
                 label fa_atr fa_rep total\nweights 1 0.55 NA\npose -1.0 2.0 -3.0\n\
                 MET:NtermProteinFull_1 -1 2 -3\nATOMS 12\nTERM 3\n#END_POSE_ENERGIES_TABLE x.pdb\n";
    let structure = read(&(three_residues() + "TER\n" + table));
    assert_eq!((letters(&structure).as_str(), structure.model_count), ("AGW", 1));
    assert_eq!(warnings(&structure), "");
}
