//! Structures in archives and in parsed files give the designs of the same structures in files.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use fastmpnn_pipeline::design;
use fastmpnn_pipeline::fastmpnn::structure::{ReadOptions, read_path};
use fastmpnn_pipeline::input::{Naming, Sources, expand};
use fastmpnn_pipeline::request::{DesignRequest, Request};
use serde_json::{Map, Value, json};

use crate::collector::{Collector, example, with_resources};

const NAMES: [&str; 2] = ["5L33", "6MRR"];

fn tar_of(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, &bytes[..]).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip_of(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A line as `parse_multiple_chains.py` writes it, with NaN for what is missing.
pub(crate) fn parsed_line(path: &Path, name: &str, atoms: &[&str]) -> String {
    let structure = read_path(path, &ReadOptions::default()).unwrap();
    let mut object = Map::new();
    for chain in &structure.chains {
        let residues = &structure.residues[chain.residues.clone()];
        let first = residues[0].sequence_position;
        let length = residues.last().unwrap().sequence_position - first + 1;
        let at = |position: i32| residues.iter().find(|residue| residue.sequence_position - first == position);
        let letter = |position| at(position).map_or('-', |residue| residue.letter.to_char());
        let sequence: String = (0..length).map(letter).collect();
        let mut coordinates = Map::new();
        for atom in atoms {
            let place = |position| {
                let found = at(position).and_then(|residue| residue.atom(atom));
                let point = found.map_or(json!(["NaN", "NaN", "NaN"]), |atom| json!(atom.position.map(f64::from)));
                if atoms.len() == 1 { json!([point]) } else { point }
            };
            coordinates.insert(format!("{atom}_chain_{}", chain.id), (0..length).map(place).collect());
        }
        object.insert(format!("seq_chain_{}", chain.id), sequence.into());
        object.insert(format!("coords_chain_{}", chain.id), Value::Object(coordinates));
    }
    object.insert("name".to_owned(), name.into());
    object.insert("num_of_chains".to_owned(), structure.chains.len().into());
    object.insert("seq".to_owned(), "ignored".into());
    Value::Object(object).to_string().replace("\"NaN\"", "NaN")
}

/// The FASTA of two designs of each, and the failures.
fn designed(inputs: Vec<PathBuf>, text: &str) -> (String, Vec<String>) {
    let mut request = DesignRequest::from_json(text).unwrap();
    request.input.inputs = inputs;
    let mut heard = Collector::default();
    with_resources(|resources| design(&request, resources, &mut heard)).unwrap();
    (String::from_utf8(heard.fasta).unwrap(), heard.failures)
}

fn labels(folder: &Path, inputs: &[PathBuf]) -> Vec<(String, String)> {
    let found = expand(inputs, false, Naming::Distinct, &Sources::disk()).unwrap();
    let shown = |path: &Path| path.display().to_string().replace(&format!("{}/", folder.display()), "");
    found.list.iter().map(|input| (shown(&input.path), input.name)).collect()
}

#[test]
fn archives_give_the_designs_of_their_files() {
    let examples = NAMES.map(|name| example(&format!("{name}.pdb")));
    let (expected, failures) = designed(examples.to_vec(), r#"{ "num_seqs": 2 }"#);
    assert!(failures.is_empty() && expected.matches('>').count() == 6);
    let bytes = |name: &str| fs::read(example(name)).unwrap();
    let files = [
        ("5L33.pdb", bytes("5L33.pdb")),
        ("readme.txt", b"x".to_vec()),
        ("empty.pdb", Vec::new()),
        ("deep/6MRR.pdb.gz", gzipped(&bytes("6MRR.pdb"))),
    ];
    let folder = tempfile::tempdir().unwrap();
    let tar = tar_of(&files);
    for (kind, bytes) in [("a.tar", tar.clone()), ("a.tar.gz", gzipped(&tar)), ("a.zip", zip_of(&files))] {
        let path = folder.path().join(kind);
        fs::write(&path, bytes).unwrap();
        let (found, failures) = designed(vec![path.clone()], r#"{ "num_seqs": 2 }"#);
        assert_eq!(found, expected, "{kind}");
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert!(failures[0].contains(&format!("{}:empty.pdb: ", path.display())), "{failures:?}");
        // One of them, by its name in messages.
        let member = format!("{}:deep/6MRR.pdb.gz", path.display());
        let (found, failures) = designed(vec![member.into()], r#"{ "num_seqs": 2 }"#);
        assert!(failures.is_empty() && expected.ends_with(&found) && found.matches('>').count() == 3);
        let expansion = expand(std::slice::from_ref(&path), false, Naming::Distinct, &Sources::disk()).unwrap();
        assert_eq!(expansion.notes, [format!("{}: 1 other file was not read (1 .txt)", path.display())]);
    }
    let missing = folder.path().join("a.tar:nosuch.pdb");
    let error = expand(&[missing], false, Naming::Distinct, &Sources::disk()).unwrap_err().to_string();
    assert!(error.ends_with("a.tar: it has no nosuch.pdb"), "{error}");
}

#[test]
fn what_stands_beside_a_member_and_rows_that_name_one_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = fs::read(example("6MRR.pdb")).unwrap();
    let json = br#"{ "diffused_index_map": { "B7": "A5", "B8": "A6" } }"#;
    let files = [("deep/6MRR.json", json.to_vec()), ("deep/6MRR.pdb", bytes)];
    let tar = tar_of(&files);
    let (expected, _) = designed(vec![example("6MRR.pdb")], r#"{ "fix": ["A5,A6"] }"#);
    for (kind, bytes) in [("a.tar", tar.clone()), ("a.tgz", gzipped(&tar)), ("a.zip", zip_of(&files))] {
        fs::write(folder.path().join(kind), bytes).unwrap();
        let (found, failures) = designed(vec![folder.path().join(kind)], r#"{ "trb": true }"#);
        assert!(failures.is_empty(), "{failures:?}");
        assert_eq!(found, expected, "{kind}");
    }
    let rows = "path,fix,trb\na.tgz:deep/6MRR.pdb,\"A5,A6\",\na.zip:deep/6MRR.pdb,,yes\n";
    fs::write(folder.path().join("m.csv"), rows).unwrap();
    let manifest = format!(r#"{{ "manifest": {:?} }}"#, folder.path().join("m.csv").display().to_string());
    let (found, failures) = designed(Vec::new(), &manifest);
    assert!(failures.is_empty(), "{failures:?}");
    let sequences = |text: &str| text.lines().filter(|line| !line.starts_with('>')).count();
    assert_eq!(sequences(&found), 4, "{found}");
    assert!(found.starts_with(">6MRR_native ") && found.contains(">6MRR_2_native "), "{found}");
}

#[test]
fn members_of_one_name_are_named_by_archive_and_folder() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let files = [("m_1/x.pdb", Vec::new()), ("m_2/x.pdb", Vec::new())];
    fs::write(at("one.tar.gz"), gzipped(&tar_of(&files))).unwrap();
    fs::write(at("two.zip"), zip_of(&files[..1])).unwrap();
    let found = labels(folder.path(), &[at("one.tar.gz")]);
    let expected = [("one.tar.gz:m_1/x.pdb", "m_1_x"), ("one.tar.gz:m_2/x.pdb", "m_2_x")];
    assert_eq!(found, expected.map(|(path, name)| (path.to_owned(), name.to_owned())));
    let found = labels(folder.path(), &[at("one.tar.gz"), at("*.zip"), at("one.tar.gz")]);
    let names: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["one_m_1_x", "one_m_2_x", "two_m_1_x"]);
}

#[test]
fn parsed_structures_give_the_designs_of_the_files_that_were_parsed() {
    let (expected, _) = designed(NAMES.map(|name| example(&format!("{name}.pdb"))).to_vec(), r#"{ "num_seqs": 2 }"#);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("parsed_pdbs.jsonl");
    let lines = NAMES.map(|name| parsed_line(&example(&format!("{name}.pdb")), name, &["N", "CA", "C", "O"]));
    fs::write(&path, format!("\u{feff}{}\r\n\r\n{{\"name\": \"bad\"}}\nno JSON\n{}", lines[0], lines[1])).unwrap();
    let (found, failures) = designed(vec![path.clone()], r#"{ "num_seqs": 2 }"#);
    // Residues are numbered from 1, on which random numbers depend: those of 6MRR already are.
    let sequences = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with('>'));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let (found, expected) = (sequences(&found), sequences(&expected));
    assert_eq!((found.len(), &found[0], &found[3..]), (6, &expected[0], &expected[3..]));
    let shown = path.display();
    assert_eq!(failures.len(), 2, "{failures:?}");
    assert!(failures[0].starts_with(&format!("{shown}:3: this is no parsed structure of ProteinMPNN: it has no seq_")));
    assert!(
        failures[1].starts_with(&format!("{shown}:4: this is no parsed structure of ProteinMPNN: ")),
        "{failures:?}"
    );
    let names: Vec<String> =
        labels(folder.path(), std::slice::from_ref(&path)).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["5L33", "bad", "parsed_pdbs_4", "6MRR"]);

    // CA atoms alone, and the same name twice.
    let lines = NAMES.map(|name| parsed_line(&example(&format!("{name}.pdb")), "same", &["CA"]));
    fs::write(&path, lines.join("\n")).unwrap();
    let names: Vec<String> =
        labels(folder.path(), std::slice::from_ref(&path)).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["same", "same_2"]);
    fs::write(&path, "").unwrap();
    let error = expand(&[path], false, Naming::Distinct, &Sources::disk()).unwrap_err().to_string();
    assert!(error.ends_with("the file holds no parsed structures: it is empty"), "{error}");
}

#[test]
fn packed_structures_and_manifests_are_read_as_plain_ones() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let lines = NAMES.map(|name| parsed_line(&example(&format!("{name}.pdb")), name, &["N", "CA", "C", "O"]));
    let unnamed = lines[1].replace("\"name\":\"6MRR\"", "\"nothing\":1");
    let text = [&lines[0], "", &lines[1], "no JSON", &unnamed].join("\n");
    fs::write(at("parsed.jsonl"), &text).unwrap();
    fs::write(at("parsed.jsonl.gz"), gzipped(text.as_bytes())).unwrap();
    let plain = designed(vec![at("parsed.jsonl")], "{}");
    let packed = designed(vec![at("parsed.jsonl.gz")], "{}");
    assert_eq!(plain.0, packed.0);
    assert!(packed.0.contains(">parsed_5_native"), "{}", packed.0);
    assert_eq!((plain.1.len(), packed.1.len()), (1, 1));
    assert!(packed.1[0].starts_with(&format!("{}:4: ", at("parsed.jsonl.gz").display())), "{:?}", packed.1);
    // Out of their order, and one alone.
    let member = |name: &str, line: u32| PathBuf::from(format!("{}:{line}", at(name).display()));
    let places = |name| vec![member(name, 5), member(name, 1), member(name, 3)];
    assert_eq!(designed(places("parsed.jsonl"), "{}"), designed(places("parsed.jsonl.gz"), "{}"));
    // A file that is cut short ends the run before the work.
    let cut = gzipped(text.as_bytes());
    fs::write(at("cut.jsonl.gz"), &cut[..cut.len() / 2]).unwrap();
    let mut request = DesignRequest::default();
    request.input.inputs = vec![at("cut.jsonl.gz")];
    let error = with_resources(|resources| design(&request, resources, &mut Collector::default())).unwrap_err();
    assert!(error.to_string().contains("cut.jsonl.gz: the parsed structures cannot be read"), "{error}");

    fs::copy(example("5L33.pdb"), at("5L33.pdb")).unwrap();
    let csv = "path,fix,seed\n5L33.pdb,A1-10,3\nparsed.jsonl.gz:3,,\n";
    let jsonl = "{\"path\": \"5L33.pdb\", \"fix\": \"A1-10\", \"seed\": 3}\n{\"path\": \"parsed.jsonl.gz:3\"}\n";
    fs::write(at("plain.csv"), csv).unwrap();
    let of_manifest = |name: &str| {
        let text = json!({ "manifest": at(name) }).to_string();
        designed(Vec::new(), &text).0
    };
    let expected = of_manifest("plain.csv");
    for (name, text) in [("m.csv.gz", csv), ("m.jsonl.gz", jsonl), ("no_ending.gz", csv), ("misnamed.csv", csv)] {
        fs::write(at(name), gzipped(text.as_bytes())).unwrap();
        assert_eq!(of_manifest(name), expected, "{name}");
    }
}
