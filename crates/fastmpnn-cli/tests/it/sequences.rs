//! FASTA files in the forms that users have, as `score`, `probs` and `pack` read them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::GzEncoder};

use crate::program::{example, fastmpnn, fastmpnn_reading, records, rows};
use crate::published_checkpoint::published;

/// 4GYT's first 30 residues of each chain, chains in this order, without these residues of chain A.
fn dimer(folder: &Path, chains: [char; 2], missing: &[i32]) -> PathBuf {
    let text = fs::read_to_string(example("4GYT.pdb")).unwrap();
    let number = |line: &str| line[22..26].trim().parse::<i32>().unwrap();
    let mut cut = String::new();
    for chain in chains {
        let atoms: Vec<&str> =
            text.lines().filter(|line| line.starts_with("ATOM") && line[21..].starts_with(chain)).collect();
        let first = number(atoms[0]);
        let kept = atoms
            .iter()
            .filter(|line| number(line) < first + 30 && !(chain == 'A' && missing.contains(&(number(line) - first))));
        kept.for_each(|line| cut += &format!("{line}\n"));
        cut += "TER\n";
    }
    let path = folder.join("dimer.pdb");
    fs::write(&path, cut).unwrap();
    path
}

/// The letters of each residue that `score` reads from a FASTA file, or takes from the structure without one.
fn letters(structure: &Path, more: &[&str]) -> String {
    let table = fastmpnn(&[&["score", structure.to_str().unwrap(), "--per-residue", "-q"], more].concat()).success();
    rows(&table).iter().map(|row| row["letter"].clone()).collect()
}

/// Two sequences of 30 letters that are not the native ones.
const A: &str = "ACDEFGHIKLMNPQRSTVWYACDEFGHIKL";
const B: &str = "YWVTSRQPNMLKIHGFEDCAYWVTSRQPNM";

#[test]
fn separators_stops_and_line_ends_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let structure = dimer(folder.path(), ['A', 'B'], &[]);
    let path = folder.path().join("a.fa");
    let fasta = path.to_str().unwrap();
    let read = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        letters(&structure, &["--fasta", fasta])
    };
    let expected = format!("{A}{B}");
    for text in [
        format!(">a\n{A}:{B}\n"),
        format!(">a\n{A}/{B}\n"),
        format!(">a\n{A}{B}\n"),
        format!(">a\n{A}{B}*\n"),
        format!(">a\n{A}*\n/\n{B}*"),
        format!(">a\n{A}*\n{B}*\n"),
        format!(">a\n{A}**{B}"),
        format!("\u{feff}>a\r\n{A}:\r\n{B}\r\n"),
        format!(">a\r{A}\r{B}\r"),
        format!(">a\n{}:{B}\n", A.to_lowercase()),
    ] {
        assert_eq!(read(text.as_bytes()), expected, "{text:?}");
    }
    let utf_16: Vec<u8> = format!("\u{feff}>a\n{A}:{B}\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&utf_16), expected);
}

#[test]
fn gzipped_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let structure = dimer(folder.path(), ['A', 'B'], &[]);
    let path = folder.path().join("a.fa.gz");
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(format!(">a\n{A}:{B}\n").as_bytes()).unwrap();
    fs::write(&path, packed.finish().unwrap()).unwrap();
    assert_eq!(letters(&structure, &["--fasta", path.to_str().unwrap()]), format!("{A}{B}"));
}

#[test]
fn the_designed_chains_may_stand_alone() {
    let folder = tempfile::tempdir().unwrap();
    let structure = dimer(folder.path(), ['A', 'B'], &[]);
    let native = letters(&structure, &[]);
    let path = folder.path().join("a.fa");
    let fasta = path.to_str().unwrap();
    fs::write(&path, format!(">alone\n{B}*\n>all\n{A}:{B}\n")).unwrap();
    assert_eq!(letters(&structure, &["--fasta", fasta, "--chains", "B"]), format!("{}{B}{A}{B}", &native[..30]));
    let structure = structure.to_str().unwrap();
    let given = |text: &str, more: &[&str]| {
        fs::write(&path, text).unwrap();
        let probs = ["probs", structure, "--mode", "conditional", "--fasta", fasta, "--chains", "B", "-q"];
        fastmpnn(&[&probs[..], more].concat()).success()
    };
    let alone = given(&format!(">alone\n{B}\n"), &[]);
    assert_eq!(alone, given(&format!(">all\n{}:{B}\n", &native[..30]), &[]));
    assert_ne!(alone, given(&format!(">all\n{A}:{B}\n"), &[]));
    let refused = fastmpnn(&["probs", structure, "--chains", "B", "-q"]).failure(2);
    assert!(refused.contains("--chains has no effect with --mode unconditional"), "{refused}");
    fs::write(&path, ">a b\nACD\n").unwrap();
    let refused = fastmpnn(&["score", structure, "--fasta", fasta, "--chains", "B", "-q"]).failure(2);
    let sentence =
        "line 1: record 1 (a b): the sequence has 3 letters, and dimer 60 residues (of the designed chains B 30)";
    assert!(refused.contains(&format!("{fasta}: {sentence}")), "{refused}");
}

#[test]
fn side_chains_are_packed_for_the_designed_chains_alone() {
    if published("ligandmpnn_sc_v_32_002_16").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let structure = dimer(folder.path(), ['A', 'B'], &[]);
    let native = letters(&structure, &[]);
    let (fasta, out) = (folder.path().join("a.fa"), folder.path().join("packed"));
    fs::write(&fasta, format!(">b\n{B}\n")).unwrap();
    let paths = [&structure, &fasta, &out].map(|path| path.to_str().unwrap());
    let pack = ["pack", paths[0], "--fasta", paths[1], "-o", paths[2], "--chains", "B", "--num-packs", "1", "-q"];
    fastmpnn(&pack).success();
    let packs = rows(&fs::read_to_string(out.join("packs.csv")).unwrap());
    assert_eq!((packs[0]["sequence"].replace(['/', ':'], ""), packs.len()), (format!("{}{B}", &native[..30]), 1));
    assert_eq!(packs[0]["residues"], "30");
}

#[test]
fn what_design_writes_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let structure = dimer(folder.path(), ['B', 'A'], &[]);
    let structure = structure.to_str().unwrap();
    let designed = fastmpnn(&["design", structure, "-n", "2", "--chains", "A", "-q"]).success();
    let scored =
        fastmpnn_reading(&["score", structure, "--fasta", "-", "--per-residue", "-q"], designed.as_bytes()).success();
    let read: Vec<char> = rows(&scored).iter().map(|row| row["letter"].chars().next().unwrap()).collect();
    let written: Vec<char> =
        records(&designed).iter().flat_map(|(_, sequence)| sequence.chars()).filter(|code| *code != '/').collect();
    assert_eq!(read, written);
}

#[test]
fn what_the_published_scripts_write_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    // Chain B stands first, and a number is missing in chain A: the scripts put A first, ProteinMPNN an X for the number.
    let structure = dimer(folder.path(), ['B', 'A'], &[7]);
    let native = letters(&structure, &[]);
    let (b, a) = native.split_at(30);
    assert_ne!(a[..29], b[..29]);
    let read =
        |fasta: PathBuf, more: &[&str]| letters(&structure, &[&["--fasta", fasta.to_str().unwrap()], more].concat());
    let out = folder.path().join("out");
    let (file, out) = (structure.to_str().unwrap(), out.to_str().unwrap());
    let script = ["compat", "protein_mpnn_run.py", "--pdb_path", file, "--out_folder", out, "--seed", "1"];
    for chains in ["A B", "A"] {
        fastmpnn(&[&script[..], &["--pdb_path_chains", chains]].concat()).success();
        let path = Path::new(out).join("seqs/dimer.fa");
        let text = fs::read_to_string(&path).unwrap();
        let design = text.lines().nth(3).unwrap();
        let parts: Vec<String> = design.split('/').map(|part| part.replace('X', "")).collect();
        let expected = match &parts[..] {
            [a] => format!("{native}{b}{a}"),
            [a, b] => format!("{native}{b}{a}"),
            _ => panic!("{design}"),
        };
        assert!(design.contains('X'), "{design}");
        assert_eq!(read(path, &[]), expected, "{chains}");
    }
    // The header of LigandMPNN's first record.
    let path = folder.path().join("ligand.fa");
    let header = "dimer, T=0.1, seed=1, num_res=59, num_ligand_res=0, use_ligand_context=True, model_path=x.pt";
    fs::write(&path, format!(">{header}\n{a}:{b}\n>dimer, id=1, T=0.1\n{}:{B}", &A[1..])).unwrap();
    assert_eq!(read(path, &[]), format!("{native}{B}{}", &A[1..]));
}

#[test]
fn other_kinds_of_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let structure = dimer(folder.path(), ['A', 'B'], &[]);
    let path = folder.path().join("a.fa");
    let refused = |bytes: &[u8], sentence: &str| {
        fs::write(&path, bytes).unwrap();
        let arguments = ["score", structure.to_str().unwrap(), "--fasta", path.to_str().unwrap(), "-q"];
        let error = fastmpnn(&arguments).failure(2);
        assert!(error.contains(&format!("{}: {sentence}", path.display())), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    };
    refused(b"PK\x03\x04", "this is a zip archive");
    refused(b"\xfd7zXZ\0", "this is an xz archive");
    refused(b"\xff\xfe\0\0>\0\0\0", "is UTF-32 text");
    refused(b">a\nA\0C\n", "is not a text file");
    refused(&fs::read(&structure).unwrap(), "line 1: this is a PDB file, not FASTA");
    refused(b"name,sequence\n", "line 1: this is a table, not FASTA");
    refused(b"<html>\n", "line 1: this is an HTML or XML document, not FASTA");
    refused(b"\nACD\n", "line 2: a FASTA file begins with a header line, >NAME");
    refused(b">a\n\n>b\nACD\n", "line 1: record 1 (a): has no letters");
    refused(b">a\nACD//DEF\n", "line 1: record 1 (a): chain number 2 has no letters");
    refused(b">a\nACD\nA-D\n", "line 3: record 1 (a): `-` at position 5 is not one of ");
    let error =
        fastmpnn(&["score", structure.to_str().unwrap(), "--fasta", folder.path().to_str().unwrap()]).failure(2);
    assert!(error.contains("is a folder, not a FASTA file"), "{error}");
}

#[test]
fn a_folder_has_a_file_for_each_structure() {
    let folder = tempfile::tempdir().unwrap();
    let structure = dimer(folder.path(), ['A', 'B'], &[]);
    let other = folder.path().join("other.pdb");
    fs::copy(&structure, &other).unwrap();
    let (structure, other) = (structure.to_str().unwrap(), other.to_str().unwrap());
    let designs = folder.path().join("designs");
    fastmpnn(&["design", structure, other, "-n", "1", "-q", "-o", designs.to_str().unwrap()]).success();
    let seqs = designs.join("seqs");
    let score = |inputs: &[&str]| {
        fastmpnn(&[&["score", "--per-residue", "--fasta-dir", seqs.to_str().unwrap()], inputs].concat())
    };
    let run = score(&[structure, other]);
    assert!(!run.err.contains("belong"), "{}", run.err);
    let read: String = rows(&run.success()).iter().map(|row| row["letter"].clone()).collect();
    let written = ["dimer", "other"].map(|name| fs::read_to_string(seqs.join(format!("{name}.fa"))).unwrap());
    let written = written.iter().flat_map(|text| records(text)).map(|(_, sequence)| sequence.replace(['/', ':'], ""));
    assert_eq!(read, written.collect::<String>());
    let run = score(&[structure]);
    assert!(run.err.contains("other.fa belongs to none of the structures given"), "{}", run.err);
    run.success();
    let mut packed = GzEncoder::new(fs::File::create(seqs.join("dimer.FASTA.gz")).unwrap(), Compression::default());
    packed.write_all(&fs::read(seqs.join("dimer.fa")).unwrap()).unwrap();
    packed.finish().unwrap();
    fs::remove_file(seqs.join("dimer.fa")).unwrap();
    fs::remove_file(seqs.join("other.fa")).unwrap();
    let run = score(&[other, structure]);
    let sentence = format!("{other}: {} holds no FASTA file other.fa", seqs.display());
    assert!(run.err.contains(&sentence) && run.err.contains("1 of 2 inputs could not be used"), "{}", run.err);
    assert_eq!((run.code, rows(&run.out).len()), (2, 120));
    fs::write(seqs.join("dimer.fas"), "").unwrap();
    let error = score(&[structure]).failure(2);
    assert!(error.contains("holds two FASTA files for dimer, dimer.FASTA.gz and dimer.fas"), "{error}");
    let error = fastmpnn(&["score", structure, "--fasta-dir", structure]).failure(2);
    assert!(error.contains("is not a folder"), "{error}");
}
