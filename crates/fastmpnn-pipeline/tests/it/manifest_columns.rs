//! The columns of manifests, of every task: a row has the results of a run with its settings.

use std::fs;
use std::path::{Path, PathBuf};

use fastmpnn::model::StoredPrecision;
use fastmpnn_pipeline::error::PipelineError;
use fastmpnn_pipeline::request::{DesignRequest, PackRequest, ProbsRequest, Request, ScanRequest, ScoreRequest};
use fastmpnn_pipeline::run::{Encodings, Resources};
use fastmpnn_pipeline::{design, encode, pack, probs, scan, score};
use serde_json::{Map, Value, json};

use crate::collector::{Collector, example, with_resources};

type Heard = Result<Collector, PipelineError>;

/// A folder with two examples, sequences, labels, and a manifest.
struct Campaign(tempfile::TempDir);

impl Campaign {
    fn new(manifest: &str) -> Campaign {
        let folder = tempfile::tempdir().unwrap();
        for name in ["5L33.pdb", "6MRR.pdb"] {
            fs::copy(example(name), folder.path().join(name)).unwrap();
        }
        let campaign = Campaign(folder);
        campaign.write("glycines.fa", &format!(">glycines\n{}\n", "G".repeat(106)));
        let labels = "structure,chain,number,insertion,label\n5L33,A,3,,buried\n5L33,A,4,,interface\n";
        campaign.write("labels.csv", labels);
        campaign.write("m.csv", manifest);
        campaign
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// A request of the manifest, with further settings.
    fn of_manifest<R: Request>(&self, settings: Value) -> R {
        self.request(json!({ "manifest": self.path("m.csv") }), settings)
    }

    /// A request of one of the structures.
    fn alone<R: Request>(&self, name: &str, settings: Value) -> R {
        self.request(json!({ "inputs": [self.path(name)] }), settings)
    }

    fn request<R: Request>(&self, input: Value, settings: Value) -> R {
        let all: Map<String, Value> =
            [input, settings].into_iter().flat_map(|part| part.as_object().unwrap().clone()).collect();
        R::from_json(&Value::Object(all).to_string()).unwrap()
    }

    fn error<R: Request>(&self, settings: Value, run: impl Fn(&R) -> Heard) -> String {
        let error = run(&self.of_manifest(settings)).map(|_| ()).unwrap_err().to_string();
        error.replace(&format!("{}/", self.0.path().display()), "")
    }
}

macro_rules! runner {
    ($name:ident, $request:ty, $run:ident) => {
        fn $name(request: &$request) -> Heard {
            let mut heard = Collector::default();
            with_resources(|resources| $run(request, resources, &mut heard).map(|_| ()))?;
            Ok(heard)
        }
    };
}

runner!(designed, DesignRequest, design);
runner!(scored, ScoreRequest, score);
runner!(probabilities, ProbsRequest, probs);
runner!(packed, PackRequest, pack);
runner!(scanned, ScanRequest, scan);

fn fasta(heard: &Collector) -> String {
    String::from_utf8(heard.fasta.clone()).unwrap()
}

/// A small network for the tests.
fn tiny(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(name);
    json!({ "checkpoint": path })
}

fn with(settings: &Value, more: Value) -> Value {
    let mut all = settings.as_object().unwrap().clone();
    all.extend(more.as_object().unwrap().clone());
    Value::Object(all)
}

#[test]
fn rows_have_goals_of_their_own() {
    let campaign = Campaign::new(
        "path,name,charge,count,no_motif\n\
         5L33.pdb,,-9..-8,\"C=0,W=2\",\n\
         6MRR.pdb,,,,\"[\"\"GG\"\", \"\"[KR][KR]\"\"]\"\n\
         5L33.pdb,free,,,\n",
    );
    let settings = json!({ "num_seqs": 2, "out": campaign.path("out") });
    let heard = designed(&campaign.of_manifest(settings)).unwrap();
    assert_eq!(heard.failures, [""; 0]);
    let first = json!({ "num_seqs": 2, "charge": ["-9..-8"], "count": ["C=0,W=2"] });
    let second = json!({ "num_seqs": 2, "no_motif": ["GG", "[KR][KR]"] });
    let alone = ["5L33.pdb", "6MRR.pdb"].into_iter().zip([first, second]);
    let alone: String =
        alone.map(|(name, settings)| fasta(&designed(&campaign.alone(name, settings)).unwrap())).collect();
    assert!(fasta(&heard).starts_with(&alone), "{}\n{alone}", fasta(&heard));
    // The table has the columns of goals, empty in rows without.
    let table = fs::read_to_string(campaign.path("out/designs.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let place =
        |name: &str, rows: &mut csv::Reader<&[u8]>| rows.headers().unwrap().iter().position(|column| column == name);
    let (charge, cost) = (place("charge", &mut rows).unwrap(), place("constraint_cost", &mut rows).unwrap());
    let found: Vec<(bool, bool, bool)> = rows
        .records()
        .map(|row| {
            let row = row.unwrap();
            (&row[0] == "free", row[charge].is_empty(), row[cost].is_empty())
        })
        .collect();
    assert_eq!(found.len(), 6);
    assert!(found.iter().all(|&(free, charge, cost)| charge == free && cost == free), "{table}");
}

#[test]
fn rows_have_membrane_labels_of_their_own() {
    let campaign = Campaign::new(
        "path,name,membrane_global,membrane_buried,membrane_interface,membrane_labels\n\
         5L33.pdb,,transmembrane,,,\n\
         6MRR.pdb,,,A1-10,A11-14,\n\
         5L33.pdb,by_file,,,,labels.csv\n",
    );
    let network = tiny("tiny_membrane_2_2_32.safetensors");
    let heard = scored(&campaign.of_manifest(network.clone())).unwrap();
    // The labels of a file are by the name of the structure, which is another here.
    assert_eq!(heard.failures.len(), 1);
    assert!(heard.failures[0].contains("by_file"), "{:?}", heard.failures);
    let alone = |name, labels| scored(&campaign.alone(name, with(&network, labels))).unwrap().scores;
    let expected = [
        alone("5L33.pdb", json!({ "membrane_global": "transmembrane" })),
        alone("6MRR.pdb", json!({ "membrane_buried": ["A1-10"], "membrane_interface": ["A11-14"] })),
    ];
    assert_eq!(heard.scores, expected.concat());

    campaign.write("m.csv", "path,membrane_labels\n5L33.pdb,labels.csv\n");
    let by_file = scored(&campaign.of_manifest(network.clone())).unwrap().scores;
    assert_eq!(by_file, alone("5L33.pdb", json!({ "membrane_labels": campaign.path("labels.csv") })));
    let by_options = json!({ "membrane_buried": ["A3"], "membrane_interface": ["A4"] });
    assert_eq!(by_file, alone("5L33.pdb", by_options));

    // What the network does not take, or needs, is said before any work.
    campaign.write("m.csv", "path,membrane_global\n5L33.pdb,soluble\n6MRR.pdb,\n");
    let error = campaign.error(network.clone(), scored);
    assert!(error.starts_with("m.csv: row 3: ") && error.contains("needs membrane labels"), "{error}");
    let error = campaign.error(json!({}), scored);
    assert!(error.starts_with("m.csv: row 2: ") && error.contains("takes no membrane labels"), "{error}");
    campaign.write("m.csv", "path,membrane_global,membrane_labels\n5L33.pdb,soluble,labels.csv\n");
    let error = campaign.error(network, designed);
    assert!(error.starts_with("m.csv: row 2, column membrane_labels: membrane_labels takes the place of"), "{error}");
}

#[test]
fn labels_of_a_row_count_for_resuming() {
    let campaign = Campaign::new("path,membrane_labels\n5L33.pdb,labels.csv\n");
    let settings = with(
        &tiny("tiny_membrane_2_2_32.safetensors"),
        json!({ "out": campaign.path("out"), "table": "csv", "redesign": ["A1-4"] }),
    );
    let made = |settings: &Value| designed(&campaign.of_manifest(settings.clone())).unwrap().designs.len();
    assert_eq!((made(&settings), made(&settings)), (1, 0));
    campaign.write("labels.csv", "structure,chain,number,insertion,label\n5L33,A,9,,buried\n");
    assert_eq!(made(&settings), 1);
}

#[test]
fn rows_select_among_their_designs() {
    let campaign = Campaign::new(
        "path,name,top,filter\n\
         5L33.pdb,,1,\n\
         5L33.pdb,strict,,score < 0\n\
         5L33.pdb,all,,\n",
    );
    let heard = designed(&campaign.of_manifest(json!({ "num_seqs": 3 }))).unwrap();
    let names = fasta(&heard);
    let of = |name: &str| names.lines().filter(|line| line.contains(&format!(" {name}, sample="))).count();
    assert_eq!((of("5L33"), of("strict"), of("all")), (1, 0, 3), "{names}");
    campaign.write("m.csv", "path,filter\n5L33.pdb,score < 1\n5L33.pdb,scor < 1\n");
    let error = campaign.error(json!({}), designed);
    assert!(error.starts_with("m.csv: row 3: filter "), "{error}");
    campaign.write("m.csv", "path,by\n5L33.pdb,score\n");
    assert!(campaign.error(json!({}), designed).starts_with("m.csv: row 2, column by: by is of top"));
}

#[test]
fn rows_are_read_in_their_own_way() {
    let campaign = Campaign::new("path,ligand\n5L33.pdb,:A\n5L33.pdb,\n");
    let heard = scored(&campaign.of_manifest(json!({}))).unwrap();
    // The first row has no protein left.
    assert_eq!((heard.failures.len(), heard.scores.len()), (1, 1), "{:?}", heard.failures);
}

#[test]
fn rows_are_scored_with_their_settings() {
    let campaign = Campaign::new(
        "path,name,redesign,fasta,num_orders,seed\n\
         5L33.pdb,,A1-20,,2,\n\
         5L33.pdb,5L33_g,,glycines.fa,,5\n\
         6MRR.pdb,,,,,\n",
    );
    let heard = scored(&campaign.of_manifest(json!({}))).unwrap();
    fs::copy(campaign.path("5L33.pdb"), campaign.path("5L33_g.pdb")).unwrap();
    let alone = |name, settings| scored(&campaign.alone(name, settings)).unwrap().scores;
    let expected = [
        alone("5L33.pdb", json!({ "redesign": ["A1-20"], "num_orders": 2 })),
        alone("5L33_g.pdb", json!({ "fasta": campaign.path("glycines.fa"), "seed": 5 })),
        alone("6MRR.pdb", json!({})),
    ];
    assert_eq!(heard.scores, expected.concat());
    campaign.write("m.csv", "path,num_orders\n5L33.pdb,0\n");
    assert!(campaign.error(json!({}), scored).starts_with("m.csv: row 2, column num_orders: num_orders 0: "));
    campaign.write("m.csv", "path,num_seqs\n5L33.pdb,1\n");
    assert_eq!(
        campaign.error(json!({}), scored),
        "m.csv: a manifest has no column num_seqs; the nearest is num_orders"
    );
}

#[test]
fn rows_have_the_probabilities_of_their_settings() {
    let campaign = Campaign::new("path,fasta,seed\n5L33.pdb,glycines.fa,3\n6MRR.pdb,,\n");
    let mode = json!({ "mode": "conditional" });
    let heard = probabilities(&campaign.of_manifest(mode.clone())).unwrap();
    let settings = with(&mode, json!({ "fasta": campaign.path("glycines.fa"), "seed": 3 }));
    let first = probabilities(&campaign.alone("5L33.pdb", settings)).unwrap().probabilities;
    let second = probabilities(&campaign.alone("6MRR.pdb", mode)).unwrap().probabilities;
    assert_eq!(heard.probabilities, [first, second].concat());
    assert!(campaign.error(json!({}), probabilities).starts_with("m.csv: row 2, column fasta: fasta gives letters"));
}

#[test]
fn rows_are_scanned_with_their_settings() {
    let campaign = Campaign::new("path,redesign,num_orders\n5L33.pdb,A1-4,2\n6MRR.pdb,A2,\n");
    let heard = scanned(&campaign.of_manifest(json!({}))).unwrap();
    let first = json!({ "redesign": ["A1-4"], "num_orders": 2 });
    let first = scanned(&campaign.alone("5L33.pdb", first)).unwrap().scans;
    let second = scanned(&campaign.alone("6MRR.pdb", json!({ "redesign": ["A2"] }))).unwrap().scans;
    assert_eq!(heard.scans, [first, second].concat());

    campaign.write("m.csv", "path,mutations\n5L33.pdb,\"A5W,A6W+A7W\"\n6MRR.pdb,A9G\n");
    let table = campaign.path("scan.csv");
    let heard = scanned(&campaign.of_manifest(json!({ "table": table }))).unwrap();
    assert_eq!(heard.scans.iter().map(|scan| scan.mutants.len()).collect::<Vec<_>>(), [2, 1]);
    let table = fs::read_to_string(table).unwrap();
    assert!(table.starts_with("name,mutant,mutations,change") && table.lines().count() == 4, "{table}");
    campaign.write("m.csv", "path,mutations\n5L33.pdb,A5W\n6MRR.pdb,\n");
    assert!(campaign.error(json!({}), scanned).starts_with("m.csv: row 3: rows before have mutations or double"));
}

#[test]
fn rows_are_packed_with_their_settings() {
    if crate::published_checkpoint::published("ligandmpnn_sc_v_32_002_16").is_none() {
        return;
    }
    let campaign = Campaign::new("path,repack,num_packs\n5L33.pdb,A1-3,3\n6MRR.pdb,A4,\n6MRR.pdb,A5-,\n");
    let heard = packed(&campaign.of_manifest(json!({ "num_packs": 1, "denoising_steps": 1 }))).unwrap();
    assert_eq!((heard.packings, heard.failures.len()), (4, 1), "{:?}", heard.failures);
}

#[test]
fn rows_are_encoded_with_their_settings() {
    let campaign = Campaign::new("path,cyclic\n5L33.pdb,A\n5L33.pdb,\n");
    let cache = campaign.path("cache");
    let request: ProbsRequest = campaign.of_manifest(json!({}));
    let mut heard = Collector::default();
    let count = |resources: &mut Resources<'_>, heard: &mut Collector| {
        resources.encodings = Encodings::default().in_folder(&cache, StoredPrecision::F32).unwrap();
        encode(&request, resources, heard).unwrap().results
    };
    assert_eq!(with_resources(|resources| count(resources, &mut heard)), 2);
    // A cyclic chain is another encoding.
    let folders = fs::read_dir(&cache).unwrap().map(|folder| fs::read_dir(folder.unwrap().path()).unwrap().count());
    assert_eq!(folders.sum::<usize>(), 2);
}

#[test]
fn texts_about_letters_are_checked_with_the_manifest() {
    let campaign = Campaign::new(
        "path,charge,count,no_motif,omit,omit_at,bias,bias_at\n\
         5L33.pdb,a lot,,,,,,\n\
         5L33.pdb,,C,,,,,\n\
         5L33.pdb,,,N[,,,,\n\
         5L33.pdb,,,,B,,,\n\
         5L33.pdb,,,,,A1-5,,\n\
         5L33.pdb,,,,,,A,\n\
         5L33.pdb,,,,,,,A1:W=x\n\
         5L33.pdb,A:1..2,A:W>=1,N[^P],CM,A1-5:CM,A=1,A1:W=2\n",
    );
    let error = campaign.error(json!({}), designed);
    assert!(error.starts_with("m.csv: the manifest has 7 errors: row 2, column charge: "), "{error}");
    for (row, column) in [(3, "count"), (4, "no_motif"), (5, "omit"), (6, "omit_at"), (7, "bias"), (8, "bias_at")] {
        assert!(error.contains(&format!("; row {row}, column {column}: ")), "{error}");
    }
}
