//! Manifests: a structure a row, with settings of its own.

use std::fs;
use std::path::Path;

use fastmpnn_pipeline::design;
use fastmpnn_pipeline::request::{DesignRequest, Request};
use fastmpnn_pipeline::run::DesignSummary;

use crate::collector::{Collector, example, with_resources};

/// The file of an example, as a manifest of that folder names it.
fn copied(folder: &Path, name: &str) {
    fs::copy(example(name), folder.join(name)).unwrap();
}

/// A folder with two examples and a manifest.
fn folder(file: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    ["5L33.pdb", "6MRR.pdb"].iter().for_each(|name| copied(folder.path(), name));
    fs::write(folder.path().join(file), text).unwrap();
    folder
}

fn run(request: &DesignRequest) -> (DesignSummary, Collector) {
    let mut heard = Collector::default();
    let summary = with_resources(|resources| design(request, resources, &mut heard)).unwrap();
    (summary, heard)
}

fn of_manifest(folder: &Path, file: &str, text: &str) -> (DesignSummary, Collector) {
    let mut request = DesignRequest::from_json(text).unwrap();
    request.input.manifest = Some(folder.join(file));
    run(&request)
}

fn error(file: &str, text: &str) -> String {
    let folder = folder(file, text);
    let mut request = DesignRequest::default();
    request.input.manifest = Some(folder.path().join(file));
    let mut heard = Collector::default();
    let error = with_resources(|resources| design(&request, resources, &mut heard)).unwrap_err().to_string();
    error.replace(&format!("{}/", folder.path().display()), "")
}

/// The letters of all sequences, in order.
fn sequences(fasta: &[u8]) -> Vec<String> {
    let text = String::from_utf8(fasta.to_vec()).unwrap();
    text.lines().filter(|line| !line.starts_with('>')).map(str::to_owned).collect()
}

const CSV: &str = "\u{feff}path,name,fix,num-seqs,temperature,seed,homo_oligomer\r\n\
                   5L33.pdb,,\"A1-10,A20\",2,\"0.1,0.3\",5,\r\n\
                   6MRR.pdb,other,,,,,no\r\n\
                   nosuch.pdb,,,,,,\r\n";

#[test]
fn rows_have_the_designs_of_a_run_with_their_settings() {
    let folder = folder("m.csv", CSV);
    let (summary, heard) = of_manifest(folder.path(), "m.csv", r#"{ "num_seqs": 3 }"#);
    assert_eq!((summary.run.inputs, summary.wanted, summary.run.results, summary.structures), (3, 10, 7, 2));
    assert_eq!(heard.failures.len(), 1, "{:?}", heard.failures);
    assert!(heard.failures[0].contains("nosuch.pdb: cannot be read"), "{:?}", heard.failures);

    let text = r#"{ "fix": ["A1-10,A20"], "num_seqs": 2, "temperature": [0.1, 0.3], "seed": 5 }"#;
    let mut alone = DesignRequest::from_json(text).unwrap();
    alone.input.inputs = vec![example("5L33.pdb")];
    let (_, first) = run(&alone);
    // Under another name, a file gives other designs.
    fs::copy(example("6MRR.pdb"), folder.path().join("other.pdb")).unwrap();
    let mut alone = DesignRequest::from_json(r#"{ "num_seqs": 3 }"#).unwrap();
    alone.input.inputs = vec![folder.path().join("other.pdb")];
    let (_, second) = run(&alone);
    assert_eq!(sequences(&heard.fasta), [sequences(&first.fasta), sequences(&second.fasta)].concat());
    assert_eq!(heard.designs[2].design.temperature, 0.3);
}

#[test]
fn formats_of_tables_do_not_matter() {
    let csv = folder("m.csv", CSV);
    let lines = "{\"path\": \"5L33.pdb\", \"fix\": [\"A1-10\", \"A20\"], \"num_seqs\": 2, \"temperature\": [0.1, 0.3], \"seed\": 5}\n\
                 {\"path\": \"6MRR.pdb\", \"name\": \"other\", \"homo_oligomer\": false, \"num_seqs\": null}\n";
    fs::write(csv.path().join("m.jsonl"), lines).unwrap();
    let (_, of_csv) = of_manifest(csv.path(), "m.csv", "{}");
    let (_, of_jsonl) = of_manifest(csv.path(), "m.jsonl", "{}");
    assert_eq!(sequences(&of_csv.fasta), sequences(&of_jsonl.fasta));
    assert_eq!(of_jsonl.designs.len(), 5);
}

#[test]
fn errors_name_row_and_column_before_any_work() {
    for (text, expected) in [
        ("", "m.csv: "),
        ("path,fix\n", "m.csv: the manifest has no rows"),
        ("fix\nA1\n", "m.csv: the manifest has no column path, which names the structure of a row"),
        ("path,fixed\n", "m.csv: a manifest has no column fixed; the nearest is fix"),
        ("path,out\n", "m.csv: out is a setting of the whole run, and no column of a manifest"),
        ("path,num_seqs,num-seqs\n", "m.csv: two columns of the manifest say num_seqs"),
        ("path,seed\n5L33.pdb,x\n", "m.csv: row 2, column seed: `x` is not a whole number"),
        ("path,seed\n,1\n", "m.csv: row 2, column path: a row names a structure, and this one does not"),
        ("path,name\n5L33.pdb,a/b\n", "m.csv: row 2, column name: a/b cannot be the name of a file"),
        ("path,name\n5L33.pdb,a\n6MRR.pdb,a\n", "m.csv: row 3, column name: a is the name of row 2, too"),
        ("path\n-\n", "m.csv: row 2, column path: standard input (-) is no file of a manifest"),
        ("path,num_seqs\n5L33.pdb,0\n", "m.csv: row 2, column num_seqs: num_seqs 0: is not between 1 and 1000000000"),
        ("path,altloc\n5L33.pdb,first one\n", "m.csv: row 2, column altloc: altloc: an alternate location is first,"),
    ] {
        let found = error("m.csv", text);
        assert!(found.starts_with(expected), "{found}\n{expected}");
    }
    let several = error("m.csv", "path,seed,temperature\n5L33.pdb,x,0.1\n5L33.pdb,1,hot\n5L33.pdb,1,-1\n");
    let expected = "m.csv: the manifest has 3 errors: row 2, column seed: `x` is not a whole number; row 3, column \
                    temperature: `hot` is not a list of numbers, such as 0.1,0.2; row 4, column temperature: temperature -1";
    assert!(several.starts_with(expected), "{several}");
    let many: String = (0..30).map(|_| "5L33.pdb,x\n").collect();
    assert!(error("m.csv", &format!("path,seed\n{many}")).ends_with("; and 10 more errors"));
    let damaged = error("m.jsonl", "{\"path\": \"5L33.pdb\"}\n{\"path\"");
    assert!(damaged.starts_with("m.jsonl"), "{damaged}");
}

#[test]
fn rows_of_one_file_get_names_of_their_own() {
    let folder = folder("m.csv", "path,name,temperature\n5L33.pdb,,0.1\n5L33.pdb,,0.2\n6MRR.pdb,5L33_2,0.1\n");
    let mut request = DesignRequest::default();
    request.input.manifest = Some(folder.path().join("m.csv"));
    request.folder.out = Some(folder.path().join("out"));
    let (summary, _) = run(&request);
    assert_eq!(summary.structures, 3);
    let mut names: Vec<String> = fs::read_dir(folder.path().join("out/seqs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["5L33.fa", "5L33_2.fa", "5L33_3.fa"]);
}

#[test]
fn a_manifest_takes_the_place_of_inputs() {
    let mut request = DesignRequest::default();
    request.input.manifest = Some("m.csv".into());
    request.input.inputs = vec!["5L33.pdb".into()];
    let mut heard = Collector::default();
    let error = with_resources(|resources| design(&request, resources, &mut heard)).unwrap_err().to_string();
    assert!(error.starts_with("manifest names the structures, and inputs names others"), "{error}");
}
